// What scripts for a window expect of it, as far as there is sense in it without one. Nothing is drawn, and nobody clicks.
(function (kit, native) {
  'use strict';

  const { apply, freeze } = kit.primordials;
  const { EventTarget } = kit.use('events');

  // Where a window of such an application stands.
  const HREF = 'file:///index.html';

  const location = freeze({
    __proto__: null, href: HREF, origin: 'null', protocol: 'file:', host: '', hostname: '', port: '', pathname: '/index.html', search: '',
    hash: '', ancestorOrigins: freeze([]), assign() {}, reload() {}, replace() {}, toString: () => HREF,
  });

  // One target of events stands for the window.
  const target = new EventTarget();
  const { addEventListener, removeEventListener, dispatchEvent } = EventTarget.prototype;
  const on = (method) => (...args) => apply(method, target, args);

  const screen = freeze({
    __proto__: null, width: 1024, height: 768, availWidth: 1024, availHeight: 768, colorDepth: 24, pixelDepth: 24,
  });

  const matchMedia = (query) => ({
    media: query + '', matches: false, onchange: null, addListener() {}, removeListener() {}, addEventListener() {}, removeEventListener() {},
  });

  const say = (name) => (text = '') => native.log(1, name + ': ' + text);

  // Libraries ask whether something is one of these; nothing is.
  class Node extends EventTarget {}
  class Element extends Node {}
  class HTMLElement extends Element {}
  class HTMLAnchorElement extends HTMLElement {}

  return {
    __proto__: null,
    Node,
    Element,
    HTMLElement,
    HTMLAnchorElement,
    location,
    screen,
    matchMedia,
    addEventListener: on(addEventListener),
    removeEventListener: on(removeEventListener),
    dispatchEvent: on(dispatchEvent),
    // There is nobody to answer: as if the question had been closed.
    alert: say('alert'),
    confirm: (text) => { say('confirm')(text); return false; },
    prompt: (text) => { say('prompt')(text); return null; },
    requestAnimationFrame: (work) => native.setTimeout(() => work(native.now()), 16),
    cancelAnimationFrame: native.clearTimer,
  };
})

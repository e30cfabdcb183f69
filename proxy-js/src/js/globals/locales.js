// What all of `Intl` has in common. There is one locale, American English: any other is taken for it.
(function (kit) {
  'use strict';

  const {
    RangeError, TypeError, WeakMap, asText, create, defineProperty, floor, push, startsWith, tagSymbol, test,
    toLowerCase, weakGet, weakSet,
  } = kit.primordials;
  const { isObject } = kit.use('webidl');

  const LOCALE = 'en-US';
  const TAG = /^(?:[A-Za-z]{2,3}|[A-Za-z]{5,8})(?:-[A-Za-z0-9]{1,8})*$/;

  // The tags of what was asked for, each well-formed.
  const tags = (locales) => {
    if (locales === undefined) return [];
    if (locales === null) throw new TypeError('null is no list of locales');
    const list = typeof locales === 'string' || !isObject(locales) ? [locales] : locales;
    const found = [];
    for (let i = 0; i < list.length; i += 1) {
      if (typeof list[i] !== 'string' && !isObject(list[i])) throw new TypeError('a locale must be a text');
      const tag = asText(list[i]);
      if (!test(TAG, tag)) throw new RangeError('Incorrect locale information provided: ' + tag);
      push(found, tag);
    }
    return found;
  };

  const isKnown = (tag) => toLowerCase(tag) === 'en' || startsWith(toLowerCase(tag), 'en-us');

  const supported = (locales) => {
    const all = tags(locales);
    const found = [];
    for (let i = 0; i < all.length; i += 1) {
      if (isKnown(all[i])) push(found, all[i]);
    }
    return found;
  };

  // An option that is one of `allowed`, or any text without them.
  const choice = (options, name, allowed, fallback) => {
    const value = options[name];
    if (value === undefined) return fallback;
    const text = asText(value);
    for (let i = 0; allowed !== undefined && i < allowed.length; i += 1) {
      if (allowed[i] === text) return text;
    }
    if (allowed === undefined) return text;
    throw new RangeError('Value ' + text + ' out of range for the option ' + name);
  };

  // An option that is a whole number between two bounds.
  const whole = (options, name, least, most, fallback) => {
    const value = options[name];
    if (value === undefined) return fallback;
    const number = +value;
    if (!(least <= number && number <= most)) throw new RangeError(name + ' is not between ' + least + ' and ' + most);
    return floor(number);
  };

  const optionsOf = (options) => {
    if (options === undefined) return { __proto__: null };
    if (options === null) throw new TypeError('options must be an object');
    return options;
  };

  const hide = (object, name, value) => {
    defineProperty(object, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
  };

  // A class of `Intl` that needs no `new`: `make` gives an instance's state from locales and options, `methods` take the
  // state first. `bound` names the method that is got as a function of its own.
  const service = (name, make, methods, bound) => {
    const states = new WeakMap();
    const stateOf = (self) => {
      const state = isObject(self) ? weakGet(states, self) : undefined;
      if (state === undefined) throw new TypeError('this is no Intl.' + name);
      return state;
    };
    const Service = { [name]: function (locales, options) {
      const prototype = new.target === undefined ? Service.prototype : new.target.prototype;
      const self = create(isObject(prototype) ? prototype : Service.prototype);
      tags(locales);
      weakSet(states, self, make(optionsOf(options)));
      return self;
    } }[name];
    defineProperty(Service, 'length', { __proto__: null, value: 0 });
    defineProperty(Service, 'prototype', { __proto__: null, writable: false });
    hide(Service, 'supportedLocalesOf', { supportedLocalesOf(locales) { return supported(locales); } }.supportedLocalesOf);
    for (const method in methods) {
      const work = methods[method];
      if (method === bound) {
        const get = { get() {
          const state = stateOf(this);
          if (state.bound === undefined) state.bound = (one, other) => work(state, one, other);
          return state.bound;
        } }.get;
        defineProperty(Service.prototype, method, { __proto__: null, get, configurable: true });
      } else {
        hide(Service.prototype, method, { [method](one, other) { return work(stateOf(this), one, other); } }[method]);
      }
    }
    defineProperty(Service.prototype, tagSymbol, { __proto__: null, value: 'Intl.' + name, configurable: true });
    return Service;
  };

  // The values of parts, one after another.
  const textOf = (parts) => {
    let text = '';
    for (let i = 0; i < parts.length; i += 1) text += parts[i].value;
    return text;
  };

  return { __proto__: null, LOCALE, choice, hide, optionsOf, service, supported, tags, textOf, whole };
})

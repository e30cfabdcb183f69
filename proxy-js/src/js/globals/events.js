// Event and EventTarget. There is no tree here: an event has one target, and its path is that target alone.
(function (kit, native) {
  'use strict';

  const {
    Map, TypeError, apply, asText, defineProperty, getDescriptor, mapDelete, mapGet, mapSet, push,
  } = kit.primordials;
  const { constants, dictionary, expose, isObject, need, unsignedLong } = kit.use('webidl');

  const NONE = 0;
  const AT_TARGET = 2;

  // What dispatching does with an event; no plugin has a way to it.
  let events;

  class Event {
    #type;
    #bubbles;
    #cancelable;
    #composed;
    #target = null;
    #current = null;
    #phase = NONE;
    #isDispatched = false;
    #isStopped = false;
    #isStoppedNow = false;
    #isCanceled = false;
    #isInPassive = false;
    #isTrusted = false;
    #timeStamp = native.now();

    constructor(type, init = undefined) {
      need(arguments.length, 1, 'Event');
      this.#type = asText(type);
      const { bubbles, cancelable, composed } = dictionary(init, 'the second argument of Event');
      this.#bubbles = !!bubbles;
      this.#cancelable = !!cancelable;
      this.#composed = !!composed;
      defineProperty(this, 'isTrusted', trusted);
    }

    get type() { return this.#type; }
    get target() { return this.#target; }
    get srcElement() { return this.#target; }
    get currentTarget() { return this.#current; }
    get eventPhase() { return this.#phase; }
    get bubbles() { return this.#bubbles; }
    get cancelable() { return this.#cancelable; }
    get composed() { return this.#composed; }
    get defaultPrevented() { return this.#isCanceled; }
    get timeStamp() { return this.#timeStamp; }

    get returnValue() { return !this.#isCanceled; }
    set returnValue(value) { if (!value) this.#cancel(); }

    get cancelBubble() { return this.#isStopped; }
    set cancelBubble(value) { if (value) this.#isStopped = true; }

    composedPath() { return this.#current === null ? [] : [this.#current]; }
    stopPropagation() { this.#isStopped = true; }
    preventDefault() { this.#cancel(); }

    stopImmediatePropagation() {
      this.#isStopped = true;
      this.#isStoppedNow = true;
    }

    initEvent(type, bubbles = false, cancelable = false) {
      need(arguments.length, 1, 'initEvent');
      this.#init(asText(type), !!bubbles, !!cancelable);
    }

    #init(type, bubbles, cancelable) {
      if (this.#isDispatched) return;
      this.#isStopped = false;
      this.#isStoppedNow = false;
      this.#isCanceled = false;
      this.#isTrusted = false;
      this.#target = null;
      this.#type = type;
      this.#bubbles = bubbles;
      this.#cancelable = cancelable;
    }

    #cancel() {
      if (this.#cancelable && !this.#isInPassive) this.#isCanceled = true;
    }

    static {
      events = {
        __proto__: null,
        is: (value) => isObject(value) && #type in value,
        typeOf: (event) => event.#type,
        isTrusted: (event) => event.#isTrusted,
        init: (event, type, bubbles, cancelable) => event.#init(type, bubbles, cancelable),
        isDispatched: (event) => event.#isDispatched,
        isStoppedNow: (event) => event.#isStoppedNow,
        isStopped: (event) => event.#isStopped,
        setPassive: (event, isPassive) => { event.#isInPassive = isPassive; },
        begin: (event, target, isTrusted) => {
          event.#isTrusted = isTrusted;
          event.#isDispatched = true;
          event.#target = target;
          event.#current = target;
          event.#phase = AT_TARGET;
        },
        // Gives whether nobody has canceled it.
        end: (event) => {
          event.#phase = NONE;
          event.#current = null;
          event.#isDispatched = false;
          event.#isStopped = false;
          event.#isStoppedNow = false;
          return !event.#isCanceled;
        },
      };
    }
  }
  const trusted = {
    __proto__: null,
    get: getDescriptor({ get isTrusted() { return events.isTrusted(this); } }, 'isTrusted').get,
    enumerable: true,
    configurable: false,
  };
  expose(Event, 'Event', ['type', 'defaultPrevented', 'cancelable', 'timeStamp']);
  constants(Event, { __proto__: null, NONE, CAPTURING_PHASE: 1, AT_TARGET, BUBBLING_PHASE: 3 });

  let targets;

  class EventTarget {
    // By type, lists of `{ callback, isCapture, isOnce, isPassive, isRemoved, forget }`. A list that is being walked only
    // grows at its end; removing makes a new one.
    #listeners = null;
    #watcher = undefined;

    addEventListener(type, callback, options = undefined) {
      this.#listeners;
      need(arguments.length, 2, 'addEventListener');
      const name = asText(type);
      if (callback !== null && callback !== undefined && !isObject(callback)) {
        throw new TypeError('a listener must be a function, or an object with handleEvent');
      }
      const settings = flatten(options, true);
      if (callback === null || callback === undefined) return;
      const { signal } = settings;
      if (signal !== undefined && kit.isAborted(signal)) return;
      if (this.#listeners === null) this.#listeners = new Map();
      const list = mapGet(this.#listeners, name);
      if (list !== undefined && find(list, callback, settings.isCapture) !== undefined) return;
      const listener = {
        __proto__: null,
        callback,
        isCapture: settings.isCapture,
        isOnce: settings.isOnce,
        isPassive: settings.isPassive,
        isRemoved: false,
        forget: undefined,
      };
      if (list === undefined) mapSet(this.#listeners, name, [listener]);
      else push(list, listener);
      if (signal !== undefined) listener.forget = kit.onAbort(signal, () => this.#remove(name, listener));
      if (this.#watcher !== undefined) this.#watcher();
    }

    removeEventListener(type, callback, options = undefined) {
      this.#listeners;
      need(arguments.length, 2, 'removeEventListener');
      const name = asText(type);
      const { isCapture } = flatten(options, false);
      const list = this.#listeners === null ? undefined : mapGet(this.#listeners, name);
      const listener = list === undefined ? undefined : find(list, callback, isCapture);
      if (listener !== undefined) this.#remove(name, listener);
    }

    dispatchEvent(event) {
      this.#listeners;
      need(arguments.length, 1, 'dispatchEvent');
      if (!events.is(event)) throw new TypeError('dispatchEvent needs an Event');
      if (events.isDispatched(event)) {
        throw kit.domException('the event is being dispatched already', 'InvalidStateError');
      }
      return this.#dispatch(event, false);
    }

    #remove(name, listener) {
      if (listener.isRemoved) return;
      listener.isRemoved = true;
      if (listener.forget !== undefined) listener.forget();
      const list = mapGet(this.#listeners, name);
      const left = [];
      for (let i = 0; i < list.length; i += 1) {
        if (list[i] !== listener) push(left, list[i]);
      }
      if (left.length === 0) mapDelete(this.#listeners, name);
      else mapSet(this.#listeners, name, left);
      if (this.#watcher !== undefined) this.#watcher();
    }

    #dispatch(event, isTrusted) {
      events.begin(event, this, isTrusted);
      const type = events.typeOf(event);
      const list = this.#listeners === null || events.isStopped(event) ? undefined : mapGet(this.#listeners, type);
      // At the target, listeners for the way down come first.
      for (let round = 0; list !== undefined && round < 2 && !events.isStopped(event); round += 1) {
        const count = list.length;
        for (let i = 0; i < count && !events.isStoppedNow(event); i += 1) {
          const listener = list[i];
          if (listener.isRemoved || listener.isCapture !== (round === 0)) continue;
          if (listener.isOnce) this.#remove(type, listener);
          events.setPassive(event, listener.isPassive);
          try {
            invoke(listener.callback, this, event);
          } catch (error) {
            native.report(error);
          }
          events.setPassive(event, false);
        }
      }
      return events.end(event);
    }

    static {
      targets = {
        __proto__: null,
        is: (value) => isObject(value) && #listeners in value,
        // Dispatches an event that the runner made.
        fire: (target, event) => target.#dispatch(event, true),
        has: (target, type) => target.#listeners !== null && mapGet(target.#listeners, type) !== undefined,
        // `watcher` is called after every change of the listeners.
        watch: (target, watcher) => { target.#watcher = watcher; },
      };
    }
  }
  expose(EventTarget, 'EventTarget');

  const invoke = (callback, target, event) => {
    if (typeof callback === 'function') {
      apply(callback, target, [event]);
      return;
    }
    const { handleEvent } = callback;
    if (typeof handleEvent !== 'function') throw new TypeError('the listener has no function handleEvent');
    apply(handleEvent, callback, [event]);
  };

  const find = (list, callback, isCapture) => {
    for (let i = 0; i < list.length; i += 1) {
      if (list[i].callback === callback && list[i].isCapture === isCapture) return list[i];
    }
    return undefined;
  };

  // The third argument of both: a boolean for `capture`, or a dictionary.
  const flatten = (options, isAdding) => {
    if (!isObject(options)) return { __proto__: null, isCapture: !!options, isOnce: false, isPassive: false, signal: undefined };
    const { capture } = options;
    if (!isAdding) return { __proto__: null, isCapture: !!capture };
    const { once, passive, signal } = options;
    if (signal !== undefined && !kit.isAbortSignal(signal)) throw new TypeError('the option signal must be an AbortSignal');
    return { __proto__: null, isCapture: !!capture, isOnce: !!once, isPassive: !!passive, signal };
  };

  class CustomEvent extends Event {
    #detail;

    constructor(type, init = undefined) {
      need(arguments.length, 1, 'CustomEvent');
      super(type, init);
      const { detail } = dictionary(init, 'the second argument of CustomEvent');
      this.#detail = detail === undefined ? null : detail;
    }

    get detail() { return this.#detail; }

    initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
      this.#detail;
      need(arguments.length, 1, 'initCustomEvent');
      if (events.isDispatched(this)) return;
      events.init(this, asText(type), !!bubbles, !!cancelable);
      this.#detail = detail;
    }
  }
  expose(CustomEvent, 'CustomEvent');

  class ErrorEvent extends Event {
    #message;
    #filename;
    #lineno;
    #colno;
    #error;

    constructor(type, init = undefined) {
      need(arguments.length, 1, 'ErrorEvent');
      super(type, init);
      const { colno, error, filename, lineno, message } = dictionary(init, 'the second argument of ErrorEvent');
      this.#message = message === undefined ? '' : asText(message);
      this.#filename = filename === undefined ? '' : asText(filename);
      this.#lineno = unsignedLong(lineno === undefined ? 0 : lineno);
      this.#colno = unsignedLong(colno === undefined ? 0 : colno);
      this.#error = error;
    }

    get message() { return this.#message; }
    get filename() { return this.#filename; }
    get lineno() { return this.#lineno; }
    get colno() { return this.#colno; }
    get error() { return this.#error; }
  }
  expose(ErrorEvent, 'ErrorEvent');

  class PromiseRejectionEvent extends Event {
    #promise;
    #reason;

    constructor(type, init) {
      need(arguments.length, 2, 'PromiseRejectionEvent');
      super(type, init);
      const { promise, reason } = dictionary(init, 'the second argument of PromiseRejectionEvent');
      if (!isObject(promise)) throw new TypeError('the member promise must be an object');
      this.#promise = promise;
      this.#reason = reason;
    }

    get promise() { return this.#promise; }
    get reason() { return this.#reason; }
  }
  expose(PromiseRejectionEvent, 'PromiseRejectionEvent');

  return { __proto__: null, Event, EventTarget, CustomEvent, ErrorEvent, PromiseRejectionEvent, events, targets };
})

// `events`: EventEmitter, and what waits for its events.
(function (kit) {
  'use strict';

  const {
    Error, Symbol, apply, asyncIteratorSymbol, create, defineProperty, getPrototypeOf, ownKeys, push, toText, symbolFor,
  } = kit.primordials;
  const { callback, coded, invalidType, outOfRange } = kit.use('modules/errors');
  const { assign, copied, isError, promised, shift, soon, whenSettled, withFirst } = kit.use('modules/shared');

  // As many listeners of one event are no mistake yet.
  const MOST = 10;

  const monitor = Symbol('events.errorMonitor');
  const captured = Symbol('kCapture');
  const rejection = symbolFor('nodejs.rejection');

  let defaultMost = MOST;

  // A function and no class: programs call it for objects of their own.
  function EventEmitter(options) {
    apply(EventEmitter.init, this, [options]);
  }

  EventEmitter.prototype._events = undefined;
  EventEmitter.prototype._eventsCount = 0;
  EventEmitter.prototype._maxListeners = undefined;

  EventEmitter.init = function (options) {
    if (this._events === undefined || this._events === getPrototypeOf(this)._events) {
      this._events = create(null);
      this._eventsCount = 0;
    }
    this._maxListeners = this._maxListeners || undefined;
    this[captured] = !!(options && options.captureRejections);
  };

  const tableOf = (emitter) => {
    if (emitter._events === undefined) {
      emitter._events = create(null);
      emitter._eventsCount = 0;
    }
    return emitter._events;
  };

  // The listeners of an event as they are now: those that are added or removed meanwhile change nothing.
  const listenersOf = (emitter, type) => {
    const found = emitter._events === undefined ? undefined : emitter._events[type];
    if (found === undefined) return [];
    return typeof found === 'function' ? [found] : copied(found);
  };

  const mostOf = (emitter) => (emitter._maxListeners === undefined ? EventEmitter.defaultMaxListeners : emitter._maxListeners);

  const warnOfMany = (emitter, type, count) => {
    kit.use('console').console.warn('MaxListenersExceededWarning: ' + count + ' ' + toText(type)
      + ' listeners were added to ' + kit.inspect(emitter, -1, 100) + '; setMaxListeners() raises the limit of ' + mostOf(emitter));
  };

  const add = (emitter, type, listener, isFirst) => {
    callback(listener, 'listener');
    const table = tableOf(emitter);
    if (table.newListener !== undefined) {
      apply(emitter.emit, emitter, ['newListener', type, listener.listener === undefined ? listener : listener.listener]);
    }
    const now = tableOf(emitter);
    const found = now[type];
    if (found === undefined) {
      now[type] = listener;
      emitter._eventsCount += 1;
      return emitter;
    }
    const list = typeof found === 'function' ? [found] : found;
    if (isFirst) {
      const all = [listener];
      for (let i = 0; i < list.length; i += 1) push(all, list[i]);
      all.warned = list.warned;
      now[type] = all;
    } else {
      push(list, listener);
      now[type] = list;
    }
    const most = mostOf(emitter);
    if (0 < most && most < now[type].length && !now[type].warned) {
      now[type].warned = true;
      warnOfMany(emitter, type, now[type].length);
    }
    return emitter;
  };

  const onceWrapper = (emitter, type, listener) => {
    callback(listener, 'listener');
    let isDone = false;
    const wrapped = function (...args) {
      if (isDone) return undefined;
      isDone = true;
      apply(emitter.removeListener, emitter, [type, wrapped]);
      return apply(listener, emitter, args);
    };
    wrapped.listener = listener;
    return wrapped;
  };

  const methods = {
    setMaxListeners(count) {
      if (typeof count !== 'number' || !(0 <= count)) throw outOfRange('n', 'a non-negative number', count);
      this._maxListeners = count;
      return this;
    },
    getMaxListeners() { return mostOf(this); },

    emit(type, ...args) {
      const table = this._events;
      if (type === 'error') {
        if (table !== undefined && table[monitor] !== undefined) apply(this.emit, this, withFirst(monitor, args));
        if (table === undefined || table.error === undefined) throw unhandled(args[0]);
      }
      const found = table === undefined ? undefined : table[type];
      if (found === undefined) return false;
      if (typeof found === 'function') {
        settle(this, apply(found, this, args), type, args);
        return true;
      }
      const list = copied(found);
      for (let i = 0; i < list.length; i += 1) settle(this, apply(list[i], this, args), type, args);
      return true;
    },

    addListener(type, listener) { return add(this, type, listener, false); },
    prependListener(type, listener) { return add(this, type, listener, true); },
    once(type, listener) { return apply(this.on, this, [type, onceWrapper(this, type, listener)]); },
    prependOnceListener(type, listener) {
      return apply(this.prependListener, this, [type, onceWrapper(this, type, listener)]);
    },

    removeListener(type, listener) {
      callback(listener, 'listener');
      const found = this._events === undefined ? undefined : this._events[type];
      if (found === undefined) return this;
      const list = typeof found === 'function' ? [found] : found;
      let at = list.length - 1;
      while (0 <= at && list[at] !== listener && list[at].listener !== listener) at -= 1;
      if (at < 0) return this;
      const gone = list[at];
      const rest = [];
      for (let i = 0; i < list.length; i += 1) if (i !== at) push(rest, list[i]);
      rest.warned = list.warned;
      if (rest.length === 0) forget(this, type);
      else this._events[type] = rest.length === 1 ? rest[0] : rest;
      if (this._events.removeListener !== undefined) {
        apply(this.emit, this, ['removeListener', type, gone.listener === undefined ? gone : gone.listener]);
      }
      return this;
    },

    removeAllListeners(type) {
      if (this._events === undefined) return this;
      if (this._events.removeListener === undefined) {
        if (arguments.length === 0) {
          this._events = create(null);
          this._eventsCount = 0;
        } else if (this._events[type] !== undefined) {
          forget(this, type);
        }
        return this;
      }
      if (arguments.length === 0) {
        const types = ownKeys(this._events);
        for (let i = 0; i < types.length; i += 1) {
          if (types[i] !== 'removeListener') apply(this.removeAllListeners, this, [types[i]]);
        }
        apply(this.removeAllListeners, this, ['removeListener']);
        this._events = create(null);
        this._eventsCount = 0;
        return this;
      }
      const list = listenersOf(this, type);
      for (let i = list.length - 1; 0 <= i; i -= 1) apply(this.removeListener, this, [type, list[i]]);
      return this;
    },

    listeners(type) {
      const list = listenersOf(this, type);
      for (let i = 0; i < list.length; i += 1) if (list[i].listener !== undefined) list[i] = list[i].listener;
      return list;
    },
    rawListeners(type) { return listenersOf(this, type); },
    listenerCount(type, listener) {
      const list = listenersOf(this, type);
      if (listener === undefined || listener === null) return list.length;
      let count = 0;
      for (let i = 0; i < list.length; i += 1) if (list[i] === listener || list[i].listener === listener) count += 1;
      return count;
    },
    eventNames() { return this._events === undefined ? [] : ownKeys(this._events); },
  };

  const forget = (emitter, type) => {
    emitter._eventsCount -= 1;
    if (emitter._eventsCount === 0) emitter._events = create(null);
    else delete emitter._events[type];
  };

  // What an `error` event throws that nobody listens to.
  const unhandled = (error) => {
    if (isError(error)) return error;
    const wrapped = coded(Error, 'ERR_UNHANDLED_ERROR', 'Unhandled error. (' + kit.inspect(error, 2, 1000) + ')');
    wrapped.context = error;
    return wrapped;
  };

  // A listener's promise that is rejected is an error of the emitter that asked for this.
  const settle = (emitter, result, type, args) => {
    if (!emitter[captured] || result === undefined || result === null || typeof result.then !== 'function') return;
    whenSettled(result, undefined, (error) => {
      if (typeof emitter[rejection] === 'function') apply(emitter[rejection], emitter, withFirst(error, withFirst(type, args)));
      else apply(emitter.emit, emitter, ['error', error]);
    });
  };

  assign(EventEmitter.prototype, methods);
  EventEmitter.prototype.on = EventEmitter.prototype.addListener;
  EventEmitter.prototype.off = EventEmitter.prototype.removeListener;

  defineProperty(EventEmitter, 'defaultMaxListeners', {
    __proto__: null,
    enumerable: true,
    get: () => defaultMost,
    set: (count) => {
      if (typeof count !== 'number' || !(0 <= count)) throw outOfRange('defaultMaxListeners', 'a non-negative number', count);
      defaultMost = count;
    },
  });

  const isTarget = (value) => value !== null && typeof value === 'object' && typeof value.addEventListener === 'function';

  const listen = (emitter, type, listener, isOnce) => {
    if (typeof emitter.on === 'function') {
      apply(isOnce ? emitter.once : emitter.on, emitter, [type, listener]);
    } else if (isTarget(emitter)) {
      emitter.addEventListener(type, listener, { once: isOnce });
    } else {
      throw invalidType('emitter', 'an instance of EventEmitter', emitter);
    }
  };
  const leave = (emitter, type, listener) => {
    if (typeof emitter.removeListener === 'function') apply(emitter.removeListener, emitter, [type, listener]);
    else if (isTarget(emitter)) emitter.removeEventListener(type, listener);
  };

  const aborted = (signal) => {
    const error = coded(Error, 'ABORT_ERR', 'The operation was aborted');
    error.name = 'AbortError';
    error.cause = signal.reason;
    return error;
  };

  const signalOf = (options) => {
    const signal = options === undefined || options === null ? undefined : options.signal;
    if (signal !== undefined && (signal === null || typeof signal !== 'object' || !('aborted' in signal))) {
      throw invalidType('options.signal', 'an instance of AbortSignal', signal);
    }
    return signal;
  };

  // A promise of the arguments of the next event.
  EventEmitter.once = async (emitter, type, options) => {
    const signal = signalOf(options);
    if (signal !== undefined && signal.aborted) throw aborted(signal);
    return promised((fulfil, reject) => {
      const stop = () => {
        leave(emitter, type, arrived);
        leave(emitter, 'error', failed);
        if (signal !== undefined) signal.removeEventListener('abort', ended);
      };
      const arrived = (...args) => { stop(); fulfil(args); };
      const failed = (error) => { stop(); reject(error); };
      const ended = () => { stop(); reject(aborted(signal)); };
      listen(emitter, type, arrived, true);
      if (type !== 'error' && typeof emitter.once === 'function') listen(emitter, 'error', failed, true);
      if (signal !== undefined) signal.addEventListener('abort', ended, { once: true });
    });
  };

  // An iterator of the arguments of all further events.
  EventEmitter.on = (emitter, type, options) => {
    const signal = signalOf(options);
    if (signal !== undefined && signal.aborted) throw aborted(signal);
    const events = [];
    const waiting = [];
    let error;
    let isDone = false;
    const arrived = (...args) => {
      if (waiting.length === 0) push(events, args);
      else shift(waiting).fulfil({ value: args, done: false });
    };
    const finish = () => {
      leave(emitter, type, arrived);
      leave(emitter, 'error', failed);
      isDone = true;
      while (waiting.length !== 0) shift(waiting).fulfil({ value: undefined, done: true });
      return { value: undefined, done: true };
    };
    const failed = (reason) => {
      if (waiting.length === 0) error = { reason };
      else shift(waiting).reject(reason);
      finish();
    };
    listen(emitter, type, arrived, false);
    if (type !== 'error' && typeof emitter.on === 'function') listen(emitter, 'error', failed, false);
    if (signal !== undefined) signal.addEventListener('abort', () => failed(aborted(signal)), { once: true });
    const iterator = {
      next: () => promised((fulfil, reject) => {
        if (events.length !== 0) return fulfil({ value: shift(events), done: false });
        if (error !== undefined) {
          const { reason } = error;
          error = undefined;
          return reject(reason);
        }
        if (isDone) return fulfil({ value: undefined, done: true });
        return push(waiting, { fulfil, reject });
      }),
      return: async () => finish(),
      throw: async (reason) => { failed(reason); },
    };
    iterator[asyncIteratorSymbol] = () => iterator;
    return iterator;
  };

  EventEmitter.listenerCount = (emitter, type) => emitter.listenerCount(type);
  EventEmitter.getEventListeners = (emitter, type) => (
    typeof emitter.listeners === 'function' ? emitter.listeners(type) : []
  );
  EventEmitter.getMaxListeners = (emitter) => (
    typeof emitter.getMaxListeners === 'function' ? emitter.getMaxListeners() : defaultMost
  );
  EventEmitter.setMaxListeners = (count = defaultMost, ...emitters) => {
    if (typeof count !== 'number' || !(0 <= count)) throw outOfRange('n', 'a non-negative number', count);
    if (emitters.length === 0) defaultMost = count;
    for (let i = 0; i < emitters.length; i += 1) {
      if (typeof emitters[i].setMaxListeners === 'function') emitters[i].setMaxListeners(count);
    }
  };
  EventEmitter.addAbortListener = (signal, listener) => {
    callback(listener, 'listener');
    if (signal.aborted) soon(listener);
    else signal.addEventListener('abort', listener, { once: true });
    return { [Symbol.dispose]: () => signal.removeEventListener('abort', listener) };
  };

  class EventEmitterAsyncResource extends EventEmitter {}

  EventEmitter.EventEmitter = EventEmitter;
  EventEmitter.EventEmitterAsyncResource = EventEmitterAsyncResource;
  EventEmitter.usingDomains = false;
  EventEmitter.captureRejections = false;
  EventEmitter.captureRejectionSymbol = rejection;
  EventEmitter.errorMonitor = monitor;

  return { __proto__: null, exports: EventEmitter, EventEmitter, aborted };
})

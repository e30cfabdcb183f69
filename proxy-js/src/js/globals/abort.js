// AbortController and AbortSignal.
(function (kit, native) {
  'use strict';

  const { Set, TypeError, WeakRef, apply, push, setAdd, setDelete, setEach, setSize, weakDeref } = kit.primordials;
  const { MOST, enforceRange, expose, isObject, need, sequence } = kit.use('webidl');
  const { Event, EventTarget, targets } = kit.use('events');

  // Only who has it can make a signal.
  const key = { __proto__: null };

  let signals;

  class AbortSignal extends EventTarget {
    #isAborted = false;
    #reason = undefined;
    // What our own files want to do when it aborts, in order.
    #callbacks = null;
    #handler = null;
    #listener = undefined;
    // A signal that follows others holds them. They hold it weakly, as `followers`, and strongly only while somebody
    // waits for it, as `awaited`: signals made of one that lives long can be collected.
    #sources = null;
    #followers = null;
    #swept = 8;
    #awaited = null;

    constructor() {
      if (arguments[0] !== key) throw new TypeError('an AbortSignal is made by an AbortController');
      super();
    }

    get aborted() { return this.#isAborted; }
    get reason() { return this.#reason; }

    throwIfAborted() {
      if (this.#isAborted) throw this.#reason;
    }

    get onabort() { return this.#handler; }

    set onabort(value) {
      this.#handler = isObject(value) ? value : null;
      if (this.#handler === null) {
        if (this.#listener !== undefined) removeListener(this, 'abort', this.#listener);
        this.#listener = undefined;
      } else if (this.#listener === undefined) {
        this.#listener = (event) => {
          if (typeof this.#handler === 'function') apply(this.#handler, this, [event]);
        };
        addListener(this, 'abort', this.#listener);
      }
    }

    static abort(reason = undefined) {
      const signal = new AbortSignal(key);
      signal.#isAborted = true;
      signal.#reason = reason === undefined ? abortError() : reason;
      return signal;
    }

    static timeout(milliseconds) {
      need(arguments.length, 1, 'AbortSignal.timeout');
      const delay = enforceRange(milliseconds, MOST, 'the time');
      const signal = new AbortSignal(key);
      native.setTimeout(() => {
        signal.#abort(kit.domException('The operation was aborted due to timeout', 'TimeoutError'));
      }, delay);
      return signal;
    }

    static any(list) {
      need(arguments.length, 1, 'AbortSignal.any');
      const sources = sequence(list, 'the argument of AbortSignal.any');
      for (let i = 0; i < sources.length; i += 1) {
        if (!signals.is(sources[i])) throw new TypeError('AbortSignal.any needs AbortSignals');
      }
      for (let i = 0; i < sources.length; i += 1) {
        if (sources[i].#isAborted) return AbortSignal.abort(sources[i].#reason);
      }
      const signal = new AbortSignal(key);
      signal.#sources = new Set();
      const follow = (source) => {
        setAdd(signal.#sources, source);
        source.#addFollower(new WeakRef(signal));
      };
      for (let i = 0; i < sources.length; i += 1) {
        if (sources[i].#sources === null) follow(sources[i]);
        else setEach(sources[i].#sources, follow);
      }
      targets.watch(signal, () => signal.#updateAwaited());
      return signal;
    }

    #addFollower(follower) {
      if (this.#followers === null) this.#followers = [];
      if (this.#swept <= this.#followers.length) {
        const left = [];
        for (let i = 0; i < this.#followers.length; i += 1) {
          if (weakDeref(this.#followers[i]) !== undefined) push(left, this.#followers[i]);
        }
        this.#followers = left;
        this.#swept = left.length * 2 + 8;
      }
      push(this.#followers, follower);
    }

    // Somebody began or ceased to wait for this signal, which follows others.
    #updateAwaited() {
      const hasCallbacks = this.#callbacks !== null && 0 < setSize(this.#callbacks);
      const isAwaited = !this.#isAborted && (hasCallbacks || targets.has(this, 'abort'));
      setEach(this.#sources, (source) => {
        if (source.#awaited === null) source.#awaited = new Set();
        if (isAwaited) setAdd(source.#awaited, this);
        else setDelete(source.#awaited, this);
      });
    }

    #addCallback(callback) {
      if (this.#isAborted) return () => {};
      if (this.#callbacks === null) this.#callbacks = new Set();
      // The same function may be added twice.
      const entry = { __proto__: null, callback };
      setAdd(this.#callbacks, entry);
      if (this.#sources !== null) this.#updateAwaited();
      return () => {
        if (this.#callbacks === null) return;
        setDelete(this.#callbacks, entry);
        if (this.#sources !== null) this.#updateAwaited();
      };
    }

    #abort(reason) {
      if (this.#isAborted) return;
      this.#isAborted = true;
      this.#reason = reason === undefined ? abortError() : reason;
      const followers = [];
      for (let i = 0; this.#followers !== null && i < this.#followers.length; i += 1) {
        const follower = weakDeref(this.#followers[i]);
        if (follower === undefined || follower.#isAborted) continue;
        follower.#isAborted = true;
        follower.#reason = this.#reason;
        push(followers, follower);
      }
      this.#followers = null;
      this.#awaited = null;
      this.#tell();
      for (let i = 0; i < followers.length; i += 1) followers[i].#tell();
    }

    #tell() {
      const callbacks = this.#callbacks;
      this.#callbacks = null;
      if (this.#sources !== null) this.#updateAwaited();
      if (callbacks !== null) setEach(callbacks, ({ callback }) => callback());
      if (targets.has(this, 'abort')) targets.fire(this, new Event('abort'));
    }

    static {
      signals = {
        __proto__: null,
        is: (value) => isObject(value) && #isAborted in value,
        isAborted: (signal) => signal.#isAborted,
        reasonOf: (signal) => signal.#reason,
        onAbort: (signal, callback) => signal.#addCallback(callback),
        abort: (signal, reason) => signal.#abort(reason),
      };
    }
  }
  const addListener = kit.primordials.uncurry(EventTarget.prototype.addEventListener);
  const removeListener = kit.primordials.uncurry(EventTarget.prototype.removeEventListener);
  expose(AbortSignal, 'AbortSignal', ['aborted']);

  class AbortController {
    #signal = new AbortSignal(key);

    get signal() { return this.#signal; }

    abort(reason = undefined) {
      signals.abort(this.#signal, reason);
    }
  }
  expose(AbortController, 'AbortController', ['signal']);

  const abortError = () => kit.domException('This operation was aborted', 'AbortError');

  return {
    __proto__: null,
    AbortController,
    AbortSignal,
    isSignal: signals.is,
    isAborted: signals.isAborted,
    reasonOf: signals.reasonOf,
    onAbort: signals.onAbort,
    newAbort: () => {
      const signal = new AbortSignal(key);
      return { __proto__: null, signal, abort: (reason) => signals.abort(signal, reason) };
    },
  };
})

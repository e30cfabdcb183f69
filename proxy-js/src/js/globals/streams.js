// Streams as the WHATWG standard has them, without byte sources; and what the runner sends and receives as streams.
//
// A stream is its state, an object that the classes hide in private fields. The state never holds its stream, and that
// of a stream of the host holds no closure over itself: an unread one is collected at once, and its writer told.
(function (kit, native) {
  'use strict';

  const {
    FinalizationRegistry, RangeError, TypeError, apply, asyncIteratorSymbol, defineProperty, getPrototypeOf, iteratorSymbol,
    registerFinalizer, toNumber,
  } = kit.primordials;
  const { deferred, handled, whenSettled } = native;

  // The first argument of constructors that only this file may call.
  const INTERNAL = { __proto__: null };

  const resolved = (value) => {
    const { promise, resolve } = deferred();
    resolve(value);
    return promise;
  };
  const rejected = (reason) => {
    const { promise, reject } = deferred();
    reject(reason);
    return promise;
  };
  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
  const nothing = () => {};

  // Calls a function of the plugin: what it throws is a rejection.
  const attempt = (run) => {
    try {
      return run();
    } catch (error) {
      return rejected(error);
    }
  };

  // A list that is used from its front. An array would ask setters of the plugin.
  const fifo = () => ({ __proto__: null, first: undefined, last: undefined });
  const append = (list, value) => {
    const link = { __proto__: null, value, next: undefined };
    if (list.first === undefined) list.first = link;
    else list.last.next = link;
    list.last = link;
  };
  const shift = (list) => {
    const { value } = list.first;
    list.first = list.first.next;
    return value;
  };

  // -- The state of a stream ---------------------------------------------------------------------------------------

  // `source.pull(state)` wants one more chunk, `source.cancel(reason)` is called once.
  const newState = (source, highWaterMark, size) => ({
    __proto__: null,
    status: 'readable',
    error: undefined,
    source,
    highWaterMark,
    size,
    queue: fifo(),
    total: 0,
    reader: undefined,
    isClosing: false,
    isStarted: false,
    isPulling: false,
    pullsAgain: false,
  });

  const hasRequests = (state) => state.reader !== undefined && state.reader.requests.first !== undefined;

  const desiredSize = (state) => {
    if (state.status === 'errored') return null;
    return state.status === 'closed' ? 0 : state.highWaterMark - state.total;
  };

  const pullIfNeeded = (state) => {
    if (!state.isStarted || state.status !== 'readable' || state.isClosing) return;
    if (!hasRequests(state) && !(0 < desiredSize(state))) return;
    if (state.isPulling) {
      state.pullsAgain = true;
      return;
    }
    state.isPulling = true;
    whenSettled(attempt(() => state.source.pull(state)), () => {
      state.isPulling = false;
      if (!state.pullsAgain) return;
      state.pullsAgain = false;
      pullIfNeeded(state);
    }, (error) => fail(state, error));
  };

  const started = (state) => {
    state.isStarted = true;
    pullIfNeeded(state);
  };

  const canEnqueue = (state) => state.status === 'readable' && !state.isClosing;

  const enqueue = (state, chunk) => {
    if (!canEnqueue(state)) throw new TypeError('the stream is closed, or will be: nothing more can be enqueued');
    if (hasRequests(state)) {
      shift(state.reader.requests).chunk(chunk);
    } else {
      let size = 1;
      if (state.size !== undefined) {
        try {
          size = toNumber(apply(state.size, undefined, [chunk]));
          if (!(0 <= size && size < Infinity)) throw new RangeError('a chunk has a size of 0 or more, not ' + size);
        } catch (error) {
          fail(state, error);
          throw error;
        }
        // The plugin's function may have closed or failed the stream.
        if (state.status !== 'readable') return;
      }
      append(state.queue, { __proto__: null, chunk, size });
      state.total += size;
    }
    pullIfNeeded(state);
  };

  const end = (state) => {
    state.status = 'closed';
    state.source = undefined;
    const { reader } = state;
    if (reader === undefined) return;
    reader.closed.resolve(undefined);
    while (reader.requests.first !== undefined) shift(reader.requests).close();
  };

  const close = (state) => {
    if (!canEnqueue(state)) throw new TypeError('the stream is closed already');
    state.isClosing = true;
    if (state.queue.first === undefined) end(state);
  };

  const fail = (state, error) => {
    if (state.status !== 'readable') return;
    state.status = 'errored';
    state.error = error;
    state.source = undefined;
    state.queue = fifo();
    const { reader } = state;
    if (reader === undefined) return;
    reader.closed.reject(error);
    handled(reader.closed.promise);
    while (reader.requests.first !== undefined) shift(reader.requests).error(error);
  };

  // Gives one chunk to a request: an object with the functions `chunk`, `close` and `error`, of which one is called.
  const read = (reader, request) => {
    const state = reader.stream;
    if (state.status === 'closed') return request.close();
    if (state.status === 'errored') return request.error(state.error);
    if (state.queue.first === undefined) {
      append(reader.requests, request);
      return pullIfNeeded(state);
    }
    const { chunk, size } = shift(state.queue);
    state.total = state.queue.first === undefined ? 0 : state.total - size;
    if (state.isClosing && state.queue.first === undefined) end(state);
    else pullIfNeeded(state);
    return request.chunk(chunk);
  };

  const cancel = (state, reason) => {
    if (state.status === 'closed') return resolved(undefined);
    if (state.status === 'errored') return rejected(state.error);
    const { source } = state;
    end(state);
    state.queue = fifo();
    const { promise, resolve, reject } = deferred();
    whenSettled(attempt(() => source.cancel(reason)), () => resolve(undefined), reject);
    return promise;
  };

  // -- Readers -----------------------------------------------------------------------------------------------------

  const lock = (state) => {
    if (state.reader !== undefined) throw new TypeError('the stream is locked to a reader');
    const reader = { __proto__: null, stream: state, closed: deferred(), requests: fifo() };
    state.reader = reader;
    if (state.status === 'closed') reader.closed.resolve(undefined);
    if (state.status === 'errored') {
      reader.closed.reject(state.error);
      handled(reader.closed.promise);
    }
    return reader;
  };

  const release = (reader) => {
    const state = reader.stream;
    if (state === undefined) return;
    const error = new TypeError('the reader was released');
    if (state.status !== 'readable') reader.closed = deferred();
    reader.closed.reject(error);
    handled(reader.closed.promise);
    state.reader = undefined;
    reader.stream = undefined;
    while (reader.requests.first !== undefined) shift(reader.requests).error(error);
  };

  const nextOf = (reader) => {
    const { promise, resolve, reject } = deferred();
    read(reader, {
      __proto__: null,
      chunk: (value) => resolve({ value, done: false }),
      close: () => resolve({ value: undefined, done: true }),
      error: reject,
    });
    return promise;
  };

  let stateOf; // of a ReadableStream
  let isStream;
  let readerOf; // of a ReadableStreamDefaultReader
  let controlled; // by a ReadableStreamDefaultController
  let iterationOf; // of an async iterator of a stream

  class ReadableStreamDefaultReader {
    #reader;

    constructor(stream) {
      this.#reader = lock(stateOf(stream));
    }

    static {
      readerOf = (value) => {
        if (!isObject(value) || !(#reader in value)) throw new TypeError('this is no ReadableStreamDefaultReader');
        return value.#reader;
      };
    }

    get closed() {
      try {
        return readerOf(this).closed.promise;
      } catch (error) {
        return rejected(error);
      }
    }

    read() {
      try {
        return nextOf(attached(readerOf(this)));
      } catch (error) {
        return rejected(error);
      }
    }

    cancel(reason) {
      try {
        return cancel(attached(readerOf(this)).stream, reason);
      } catch (error) {
        return rejected(error);
      }
    }

    releaseLock() {
      release(readerOf(this));
    }
  }

  const attached = (reader) => {
    if (reader.stream === undefined) throw new TypeError('the reader was released');
    return reader;
  };

  class ReadableStreamDefaultController {
    #state;

    constructor(token, state) {
      if (token !== INTERNAL) throw new TypeError('a controller is made by its stream');
      this.#state = state;
    }

    static {
      controlled = (value) => {
        if (!isObject(value) || !(#state in value)) throw new TypeError('this is no ReadableStreamDefaultController');
        return value.#state;
      };
    }

    get desiredSize() {
      return desiredSize(controlled(this));
    }

    close() {
      close(controlled(this));
    }

    enqueue(chunk) {
      enqueue(controlled(this), chunk);
    }

    error(reason) {
      fail(controlled(this), reason);
    }
  }

  // -- Async iterators ---------------------------------------------------------------------------------------------

  // A class whose prototype inherits what all async iterators have.
  function Iterator() {}
  Iterator.prototype = getPrototypeOf(getPrototypeOf((async function* () {}).prototype));

  class StreamIterator extends Iterator {
    #iteration;

    constructor(state, keepsOpen) {
      super();
      this.#iteration = { __proto__: null, reader: lock(state), keepsOpen, isFinished: false, last: undefined };
    }

    static {
      iterationOf = (value) => {
        if (!isObject(value) || !(#iteration in value)) throw new TypeError('this is no iterator of a ReadableStream');
        return value.#iteration;
      };
    }

    next() {
      try {
        return inTurn(iterationOf(this), step);
      } catch (error) {
        return rejected(error);
      }
    }

    return(value) {
      try {
        return inTurn(iterationOf(this), (iteration, settle) => finish(iteration, settle, value));
      } catch (error) {
        return rejected(error);
      }
    }
  }
  delete StreamIterator.prototype.constructor;

  // Runs `run` when what the iterator was asked before is done.
  const inTurn = (iteration, run) => {
    const settle = deferred();
    const { last } = iteration;
    iteration.last = settle.promise;
    const start = () => run(iteration, settle);
    if (last === undefined) start();
    else whenSettled(last, start, start);
    return settle.promise;
  };

  const step = (iteration, { resolve, reject }) => {
    if (iteration.isFinished) return resolve({ value: undefined, done: true });
    return read(iteration.reader, {
      __proto__: null,
      chunk: (value) => resolve({ value, done: false }),
      close: () => {
        iteration.isFinished = true;
        release(iteration.reader);
        resolve({ value: undefined, done: true });
      },
      error: (error) => {
        iteration.isFinished = true;
        release(iteration.reader);
        reject(error);
      },
    });
  };

  const finish = (iteration, { resolve, reject }, value) => {
    if (iteration.isFinished) return resolve({ value, done: true });
    iteration.isFinished = true;
    const state = iteration.reader.stream;
    const cancelled = iteration.keepsOpen ? undefined : cancel(state, value);
    release(iteration.reader);
    return whenSettled(cancelled, () => resolve({ value, done: true }), reject);
  };

  // -- The class ---------------------------------------------------------------------------------------------------

  const methodOf = (object, name) => {
    const method = object[name];
    if (method !== undefined && typeof method !== 'function') throw new TypeError(name + ' is not a function');
    return method;
  };

  const highWaterMarkOf = (strategy, usual) => {
    if (strategy.highWaterMark === undefined) return usual;
    const mark = toNumber(strategy.highWaterMark);
    if (!(0 <= mark)) throw new RangeError('highWaterMark is a number from 0, not ' + mark);
    return mark;
  };

  // What the plugin's own object says of its stream.
  const sourceOf = (object) => {
    const pull = methodOf(object, 'pull');
    const cancelIt = methodOf(object, 'cancel');
    let controller;
    return {
      __proto__: null,
      start: methodOf(object, 'start'),
      controlledBy: (made) => { controller = made; },
      pull: () => (pull === undefined ? undefined : apply(pull, object, [controller])),
      cancel: (reason) => (cancelIt === undefined ? undefined : apply(cancelIt, object, [reason])),
    };
  };

  class ReadableStream {
    #state;

    constructor(underlyingSource = {}, strategy = {}) {
      if (underlyingSource === INTERNAL) {
        this.#state = strategy;
        return;
      }
      if (!isObject(underlyingSource)) throw new TypeError('the source of a ReadableStream is an object');
      if (!isObject(strategy)) throw new TypeError('the strategy of a ReadableStream is an object');
      if (underlyingSource.type !== undefined) throw new TypeError('byte sources are not supported: enqueue a Uint8Array');
      const source = sourceOf(underlyingSource);
      const state = newState(source, highWaterMarkOf(strategy, 1), methodOf(strategy, 'size'));
      this.#state = state;
      const controller = new ReadableStreamDefaultController(INTERNAL, state);
      source.controlledBy(controller);
      const begun = source.start === undefined ? undefined : apply(source.start, underlyingSource, [controller]);
      whenSettled(begun, () => started(state), (error) => fail(state, error));
    }

    static {
      isStream = (value) => isObject(value) && #state in value;
      stateOf = (value) => {
        if (!isStream(value)) throw new TypeError('this is no ReadableStream');
        return value.#state;
      };
    }

    static from(iterable) {
      const { next, stop } = iteratorOf(iterable);
      return internal({
        __proto__: null,
        pull(state) {
          const { promise, resolve, reject } = deferred();
          next({
            __proto__: null,
            chunk: (chunk) => {
              if (canEnqueue(state)) enqueue(state, chunk);
              resolve(undefined);
            },
            close: () => {
              if (canEnqueue(state)) close(state);
              resolve(undefined);
            },
            error: reject,
          });
          return promise;
        },
        cancel: stop,
      }, 0);
    }

    get locked() {
      return stateOf(this).reader !== undefined;
    }

    cancel(reason) {
      try {
        const state = stateOf(this);
        if (state.reader !== undefined) throw new TypeError('the stream is locked to a reader');
        return cancel(state, reason);
      } catch (error) {
        return rejected(error);
      }
    }

    getReader(options = {}) {
      stateOf(this);
      if (isObject(options) && options.mode !== undefined) throw new TypeError('there are only default readers');
      return new ReadableStreamDefaultReader(this);
    }

    values(options = {}) {
      return new StreamIterator(stateOf(this), isObject(options) && !!options.preventCancel);
    }

    tee() {
      return branchesOf(lock(stateOf(this)));
    }
  }

  const internal = (source, highWaterMark) => {
    const state = newState(source, highWaterMark, undefined);
    state.isStarted = true;
    return new ReadableStream(INTERNAL, state);
  };

  // -- Iterables as sources ----------------------------------------------------------------------------------------

  // An iterable as `next(request)` and `stop(reason)`; async iteration is preferred.
  const iteratorOf = (iterable) => {
    if (iterable === undefined || iterable === null) throw new TypeError(iterable + ' is not iterable');
    let begin = iterable[asyncIteratorSymbol];
    const isAsync = begin !== undefined && begin !== null;
    if (!isAsync) begin = iterable[iteratorSymbol];
    if (typeof begin !== 'function') throw new TypeError('the value is not iterable');
    const iteration = apply(begin, iterable, []);
    if (!isObject(iteration)) throw new TypeError('the iterator is not an object');
    const { next } = iteration;

    const take = (result, request) => {
      let value;
      try {
        if (!isObject(result)) throw new TypeError('what the iterator gave is not an object');
        if (result.done) return request.close();
        value = result.value;
      } catch (error) {
        return request.error(error);
      }
      // What a list holds may be promises; an async iterator has waited for them.
      return isAsync ? request.chunk(value) : whenSettled(value, request.chunk, request.error);
    };

    return {
      __proto__: null,
      next: (request) => {
        whenSettled(attempt(() => apply(next, iteration, [])), (result) => take(result, request), request.error);
      },
      stop: (reason) => {
        const back = iteration.return;
        return back === undefined || back === null ? undefined : apply(back, iteration, [reason]);
      },
    };
  };

  // -- Two streams out of one --------------------------------------------------------------------------------------

  const branchesOf = (reader) => {
    const reasons = { __proto__: null, 0: undefined, 1: undefined };
    const isCancelled = { __proto__: null, 0: false, 1: false };
    const states = { __proto__: null, 0: undefined, 1: undefined };
    const cancelled = deferred();
    let isReading = false;
    let isWantedAgain = false;

    const both = (act) => {
      for (let i = 0; i < 2; i += 1) if (!isCancelled[i] && canEnqueue(states[i])) act(states[i]);
    };
    const pull = () => {
      if (isReading) {
        isWantedAgain = true;
        return;
      }
      isReading = true;
      read(reader, {
        __proto__: null,
        chunk: (chunk) => {
          both((state) => enqueue(state, chunk));
          isReading = false;
          if (!isWantedAgain) return;
          isWantedAgain = false;
          pull();
        },
        close: () => {
          isReading = false;
          both(close);
          cancelled.resolve(undefined);
        },
        error: (error) => {
          isReading = false;
          both((state) => fail(state, error));
          cancelled.resolve(undefined);
        },
      });
    };
    const branch = (own) => {
      const stream = internal({
        __proto__: null,
        pull,
        cancel: (reason) => {
          isCancelled[own] = true;
          reasons[own] = reason;
          if (isCancelled[1 - own]) cancelled.resolve(cancel(reader.stream, [reasons[0], reasons[1]]));
          return cancelled.promise;
        },
      }, 1);
      states[own] = stateOf(stream);
      return stream;
    };
    const branches = [branch(0), branch(1)];
    // A stream that fails while nobody reads fails its branches too.
    whenSettled(reader.closed.promise, nothing, (error) => {
      both((state) => fail(state, error));
      cancelled.resolve(undefined);
    });
    pullIfNeeded(states[0]);
    pullIfNeeded(states[1]);
    return branches;
  };

  // -- Strategies --------------------------------------------------------------------------------------------------

  const sizeOfOne = function size() { return 1; };
  const sizeOfBytes = function size(chunk) { return chunk.byteLength; };

  const markOf = (init) => {
    if (!isObject(init) || init.highWaterMark === undefined) throw new TypeError('highWaterMark is missing');
    return toNumber(init.highWaterMark);
  };

  class CountQueuingStrategy {
    #mark;

    constructor(init) { this.#mark = markOf(init); }

    get highWaterMark() { return this.#mark; }

    get size() { return this.#mark === undefined ? undefined : sizeOfOne; }
  }

  class ByteLengthQueuingStrategy {
    #mark;

    constructor(init) { this.#mark = markOf(init); }

    get highWaterMark() { return this.#mark; }

    get size() { return this.#mark === undefined ? undefined : sizeOfBytes; }
  }

  // -- Between the plugin and its host -----------------------------------------------------------------------------

  // What the runner sends as a stream: `pull(id)` is followed by one of `native.streamChunk`, `streamEnd` and
  // `streamFail` with this id; `stop()` says that nobody wants more, `release()` that it was not sent after all.
  // Nothing is given for a stream that somebody reads already.
  const openSource = (value) => {
    if (!isStream(value)) return iterableSource(value);
    return stateOf(value).reader === undefined ? streamSource(value) : undefined;
  };

  const requestFor = (id) => ({
    __proto__: null,
    chunk: (chunk) => native.streamChunk(id, chunk),
    close: () => native.streamEnd(id),
    error: (error) => native.streamFail(id, error),
  });

  const streamSource = (stream) => {
    const state = stateOf(stream);
    const reader = lock(state);
    return {
      __proto__: null,
      pull: (id) => read(reader, requestFor(id)),
      stop: () => {
        // The other side is told by its own means: what the source makes of this is nobody's business.
        whenSettled(cancel(state, undefined), nothing, nothing);
        release(reader);
      },
      release: () => release(reader),
    };
  };

  const iterableSource = (iterable) => {
    let begun;
    return {
      __proto__: null,
      pull: (id) => {
        try {
          if (begun === undefined) begun = iteratorOf(iterable);
        } catch (error) {
          native.streamFail(id, error);
          return;
        }
        begun.next(requestFor(id));
      },
      stop: () => {
        // Of a source that was never asked only an iterator has something to end.
        if (begun === undefined && typeof iterable.next !== 'function') return;
        whenSettled(attempt(() => {
          if (begun === undefined) begun = iteratorOf(iterable);
          return begun.stop(undefined);
        }), nothing, nothing);
      },
      release: nothing,
    };
  };

  // Nobody can read these any more.
  const unread = new FinalizationRegistry((id) => native.streamStop(id));

  // A stream of the host. It asks for a chunk when somebody reads, and never before.
  const receiveStream = (id) => {
    const stream = internal({
      __proto__: null,
      pull(state) {
        const { promise, resolve } = deferred();
        // Called once: with a chunk, with an error, or with neither at the end.
        native.streamRead(id, (what, value) => {
          if (what === 'chunk' && canEnqueue(state)) enqueue(state, value);
          else if (what === 'error') fail(state, value);
          else if (canEnqueue(state)) close(state);
          resolve(undefined);
        });
        return promise;
      },
      cancel: () => native.streamStop(id),
    }, 0);
    registerFinalizer(unread, stateOf(stream), id);
    return stream;
  };

  // -- The globals -------------------------------------------------------------------------------------------------

  const define = (target, name, value) => {
    defineProperty(target, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
  };
  define(ReadableStream.prototype, asyncIteratorSymbol, ReadableStream.prototype.values);

  return {
    __proto__: null,
    openSource,
    receiveStream,
    ByteLengthQueuingStrategy,
    CountQueuingStrategy,
    ReadableStream,
    ReadableStreamDefaultController,
    ReadableStreamDefaultReader,
  };
})

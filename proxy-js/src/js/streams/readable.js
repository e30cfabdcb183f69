// The classes of streams as the WHATWG standard has them, without byte sources.
(function (kit, native) {
  'use strict';

  const { RangeError, TypeError, apply, asText, asyncIteratorSymbol, defineProperty, getPrototypeOf, toNumber } = kit.primordials;
  const {
    canEnqueue, cancel, close, desiredSize, enqueue, fail, lock, newState, read, rejected, release, start,
  } = kit.use('streams/states');
  const { branchesOf } = kit.use('streams/tee');
  const { iteratorOf } = kit.use('streams/iterables');
  const { dictionary, expose, isObject } = kit.use('webidl');
  const { deferred, whenSettled } = native;

  // The first argument of constructors that only this file may call.
  const INTERNAL = { __proto__: null };

  let stateOf; // of a ReadableStream
  let isStream;
  let readerOf; // of a ReadableStreamDefaultReader
  let controlled; // by a ReadableStreamDefaultController
  let iterationOf; // of an async iterator of a stream

  // -- The reader --------------------------------------------------------------------------------------------------

  const attached = (reader) => {
    if (reader.stream === undefined) throw new TypeError('the reader was released');
    return reader;
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

  // What may be left out has a default, so that it does not count in the lengths of the methods.
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

    cancel(reason = undefined) {
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

  // -- The controller ----------------------------------------------------------------------------------------------

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

    enqueue(chunk = undefined) {
      enqueue(controlled(this), chunk);
    }

    error(reason = undefined) {
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

  // Runs `run` when what the iterator was asked before is done.
  const inTurn = (iteration, run) => {
    const settle = deferred();
    const { last } = iteration;
    iteration.last = settle.promise;
    const begin = () => run(iteration, settle);
    if (last === undefined) begin();
    else whenSettled(last, begin, begin);
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
    const cancelled = iteration.keepsOpen ? undefined : cancel(iteration.reader.stream, value);
    release(iteration.reader);
    return whenSettled(cancelled, () => resolve({ value, done: true }), reject);
  };

  // -- The stream --------------------------------------------------------------------------------------------------

  const functionOf = (value, name) => {
    if (value !== undefined && typeof value !== 'function') throw new TypeError(name + ' is not a function');
    return value;
  };

  const highWaterMarkOf = (value) => {
    if (value === undefined) return 1;
    const mark = toNumber(value);
    if (!(0 <= mark)) throw new RangeError('highWaterMark is a number from 0, not ' + mark);
    return mark;
  };

  // What the plugin's own object says of its stream. Each member is read once, in the order of the standard.
  const sourceOf = (object) => {
    const ending = functionOf(object.cancel, 'cancel');
    const pull = functionOf(object.pull, 'pull');
    const begin = functionOf(object.start, 'start');
    const { type } = object;
    if (type !== undefined) throw new TypeError('the type ' + asText(type) + ' is not supported: enqueue a Uint8Array');
    let controller;
    return {
      __proto__: null,
      start: (made) => {
        controller = made;
        return begin === undefined ? undefined : apply(begin, object, [controller]);
      },
      pull: () => (pull === undefined ? undefined : apply(pull, object, [controller])),
      cancel: (reason) => (ending === undefined ? undefined : apply(ending, object, [reason])),
    };
  };

  class ReadableStream {
    #state;

    constructor(underlyingSource = {}, strategy = undefined) {
      if (underlyingSource === INTERNAL) {
        this.#state = strategy;
        return;
      }
      if (!isObject(underlyingSource)) throw new TypeError('the source of a ReadableStream must be an object');
      const { highWaterMark, size } = dictionary(strategy, 'the strategy of a ReadableStream');
      functionOf(size, 'size');
      const source = sourceOf(underlyingSource);
      const state = newState(source, highWaterMarkOf(highWaterMark), size);
      this.#state = state;
      start(state, source.start(new ReadableStreamDefaultController(INTERNAL, state)));
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
      const state = newState({ __proto__: null, pull: (its) => oneOf(next, its), cancel: stop }, 0, undefined);
      start(state, undefined);
      return streamOf(state);
    }

    get locked() {
      return stateOf(this).reader !== undefined;
    }

    cancel(reason = undefined) {
      try {
        const state = stateOf(this);
        if (state.reader !== undefined) throw new TypeError('the stream is locked to a reader');
        return cancel(state, reason);
      } catch (error) {
        return rejected(error);
      }
    }

    getReader(options = undefined) {
      stateOf(this);
      const { mode } = dictionary(options, 'the argument of getReader');
      if (mode !== undefined) throw new TypeError('there are only default readers');
      return new ReadableStreamDefaultReader(this);
    }

    tee() {
      const branches = branchesOf(lock(stateOf(this)));
      return [streamOf(branches[0]), streamOf(branches[1])];
    }

    values(options = undefined) {
      const state = stateOf(this);
      return new StreamIterator(state, !!dictionary(options, 'the argument of values').preventCancel);
    }
  }

  // A stream with a state of ours.
  const streamOf = (state) => new ReadableStream(INTERNAL, state);

  // Moves one element of an iterable into a stream.
  const oneOf = (next, state) => {
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
  };

  // -- As others see them ------------------------------------------------------------------------------------------

  expose(ReadableStream, 'ReadableStream', ['locked']);
  expose(ReadableStreamDefaultReader, 'ReadableStreamDefaultReader');
  expose(ReadableStreamDefaultController, 'ReadableStreamDefaultController', ['desiredSize']);
  expose(StreamIterator, 'ReadableStream AsyncIterator');
  delete StreamIterator.prototype.constructor;
  const iterates = { __proto__: null, value: ReadableStream.prototype.values, writable: true, enumerable: false, configurable: true };
  defineProperty(ReadableStream.prototype, asyncIteratorSymbol, iterates);

  return {
    __proto__: null, isStream, stateOf, streamOf, ReadableStream, ReadableStreamDefaultController, ReadableStreamDefaultReader,
  };
})

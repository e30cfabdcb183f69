// The state of a stream and of its reader, as the WHATWG standard has them, without byte sources.
//
// A stream is its state, an object that the classes hide in private fields. The state never holds its stream, and that
// of a stream of the host holds no closure over itself: an unread one is collected at once, and its writer told.
(function (kit, native) {
  'use strict';

  const { RangeError, TypeError, apply, toNumber } = kit.primordials;
  const { deferred, handled, whenSettled } = native;

  const nothing = () => {};

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
    const { value, next } = list.first;
    list.first = next;
    // The last link would keep its value alive.
    if (next === undefined) list.last = undefined;
    return value;
  };

  // -- The stream --------------------------------------------------------------------------------------------------

  // `source.pull(state)` wants one more chunk, `source.cancel(reason)` is called at most once.
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
    if (!state.isStarted || !canEnqueue(state)) return;
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

  // The source is ready once `begun` is settled.
  const start = (state, begun) => whenSettled(begun, () => {
    state.isStarted = true;
    pullIfNeeded(state);
  }, (error) => fail(state, error));

  const canEnqueue = (state) => state.status === 'readable' && !state.isClosing;

  const sizeOf = (state, chunk) => {
    if (state.size === undefined) return 1;
    try {
      const size = toNumber(apply(state.size, undefined, [chunk]));
      if (!(0 <= size && size < Infinity)) throw new RangeError('a chunk has a size of 0 or more, not ' + size);
      return size;
    } catch (error) {
      fail(state, error);
      throw error;
    }
  };

  const enqueue = (state, chunk) => {
    if (!canEnqueue(state)) throw new TypeError('the stream is closed, or will be: nothing more can be enqueued');
    if (hasRequests(state)) {
      shift(state.reader.requests).chunk(chunk);
    } else {
      const size = sizeOf(state, chunk);
      // The plugin's function may have closed or failed the stream.
      if (state.status !== 'readable') return;
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

  // -- Its reader --------------------------------------------------------------------------------------------------

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
    // Sums of fractions may not come back to nothing.
    state.total = state.total < size ? 0 : state.total - size;
    if (state.isClosing && state.queue.first === undefined) end(state);
    else pullIfNeeded(state);
    return request.chunk(chunk);
  };

  return {
    __proto__: null, attempt, canEnqueue, cancel, close, desiredSize, enqueue, fail, lock, newState, nothing, read, rejected,
    release, start,
  };
})

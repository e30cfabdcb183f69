// What the runner sends and receives as streams.
(function (kit, native) {
  'use strict';

  const { FinalizationRegistry, registerFinalizer } = kit.primordials;
  const { deferred, whenSettled } = native;
  const { attempt, canEnqueue, cancel, close, enqueue, fail, lock, newState, nothing, read, release } = kit.use('streams/states');
  const { iteratorOf } = kit.use('streams/iterables');
  const { isStream, stateOf, streamOf } = kit.use('streams/readable');

  // What the runner sends as a stream: `pull(id)` is followed by one of `native.streamChunk`, `streamEnd` and
  // `streamFail` with this id; `stop()` says that nobody wants more, `release()` that it was not sent after all.
  // Nothing is given for a stream that somebody reads already.
  const openSource = (value) => {
    if (!isStream(value)) return iterableSource(value);
    return stateOf(value).reader === undefined ? streamSource(stateOf(value)) : undefined;
  };

  const requestFor = (id) => ({
    __proto__: null,
    chunk: (chunk) => native.streamChunk(id, chunk),
    close: () => native.streamEnd(id),
    error: (error) => native.streamFail(id, error),
  });

  const streamSource = (state) => {
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
        whenSettled(attempt(() => {
          if (begun !== undefined) return begun.stop(undefined);
          // Of a source that was never asked only an iterator has something to end.
          return typeof iterable.next === 'function' ? iteratorOf(iterable).stop(undefined) : undefined;
        }), nothing, nothing);
      },
      release: nothing,
    };
  };

  // Nobody can read these any more.
  const unread = new FinalizationRegistry((id) => native.streamStop(id));

  // It asks for a chunk when somebody reads, and never before.
  const hostSource = (id) => ({
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
  });

  // A stream of the host.
  const receiveStream = (id) => {
    const state = newState(hostSource(id), 0, undefined);
    // At once: a plugin may begin to read and then wait for an answer, with no job in between.
    state.isStarted = true;
    registerFinalizer(unread, state, id);
    return streamOf(state);
  };

  return { __proto__: null, openSource, receiveStream };
})

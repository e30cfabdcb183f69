// Two streams out of one.
(function (kit, native) {
  'use strict';

  const { canEnqueue, cancel, close, enqueue, fail, newState, nothing, read, start } = kit.use('streams/states');
  const { deferred, whenSettled } = native;

  // What two streams have that read through one reader, each whatever comes.
  const branchesOf = (reader) => {
    const isCancelled = { __proto__: null, 0: false, 1: false };
    const reasons = { __proto__: null, 0: undefined, 1: undefined };
    const cancelled = deferred();
    let isReading = false;
    let isWantedAgain = false;

    const both = (act) => {
      for (let i = 0; i < 2; i += 1) if (!isCancelled[i] && canEnqueue(states[i])) act(states[i]);
    };
    const share = (chunk) => {
      isWantedAgain = false;
      both((state) => enqueue(state, chunk));
      isReading = false;
      if (isWantedAgain) pull();
    };
    const pull = () => {
      if (isReading) {
        isWantedAgain = true;
        return;
      }
      isReading = true;
      read(reader, {
        __proto__: null,
        // Later, so that a failure of the stream that comes with this chunk is known before it.
        chunk: (chunk) => whenSettled(undefined, () => share(chunk), nothing),
        close: () => {
          isReading = false;
          both(close);
          cancelled.resolve(undefined);
        },
        // The reader is told as well.
        error: () => { isReading = false; },
      });
    };
    const branch = (own) => newState({
      __proto__: null,
      pull,
      cancel: (reason) => {
        isCancelled[own] = true;
        reasons[own] = reason;
        if (isCancelled[1 - own]) {
          const all = cancel(reader.stream, [reasons[0], reasons[1]]);
          whenSettled(all, cancelled.resolve, cancelled.reject);
        }
        return cancelled.promise;
      },
    }, 1, undefined);

    const states = { __proto__: null, 0: branch(0), 1: branch(1) };
    start(states[0], undefined);
    start(states[1], undefined);
    // A stream that fails while nobody reads fails its branches too.
    whenSettled(reader.closed.promise, nothing, (error) => {
      both((state) => fail(state, error));
      cancelled.resolve(undefined);
    });
    return states;
  };

  return { __proto__: null, branchesOf };
})

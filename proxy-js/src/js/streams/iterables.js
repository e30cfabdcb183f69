// Anything that can be iterated, as `next(request)` and `stop(reason)`.
(function (kit, native) {
  'use strict';

  const { TypeError, apply, asyncIteratorSymbol, iteratorSymbol } = kit.primordials;
  const { deferred, whenSettled } = native;
  const { attempt } = kit.use('streams/states');
  const { isObject } = kit.use('webidl');

  // Async iteration is preferred. A request has the functions `chunk`, `close` and `error`, of which one is called.
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
        if (isAsync) {
          whenSettled(attempt(() => apply(next, iteration, [])), (result) => take(result, request), request.error);
          return;
        }
        let result;
        try {
          result = apply(next, iteration, []);
        } catch (error) {
          request.error(error);
          return;
        }
        take(result, request);
      },
      stop: (reason) => {
        const back = iteration.return;
        if (back === undefined || back === null) return undefined;
        const { promise, resolve, reject } = deferred();
        whenSettled(apply(back, iteration, [reason]), (result) => {
          if (isObject(result)) resolve(undefined);
          else reject(new TypeError('what the iterator gave is not an object'));
        }, reject);
        return promise;
      },
    };
  };

  return { __proto__: null, iteratorOf };
})

// Streams as iterables, and iterables as streams.
(function (kit) {
  'use strict';

  const { TypeError, apply, asyncIteratorSymbol, iteratorSymbol } = kit.primordials;
  const { coded, invalidType } = kit.use('modules/errors');
  const { promised } = kit.use('modules/shared');
  const { Buffer } = kit.use('modules/buffer');

  // All further chunks. Leaving the loop destroys the stream.
  const iterate = (stream, options) => {
    let ended;
    let wake = () => {};
    const next = () => wake();
    stream.on('readable', next);
    const cleanup = kit.use('modules/pipes').eos(stream, { writable: false }, (error) => {
      ended = { error };
      wake();
    });
    const leave = (error) => {
      cleanup();
      stream.removeListener('readable', next);
      if ((error || !options || options.destroyOnReturn !== false) && !stream.destroyed) stream.destroy();
    };
    const iterator = {
      next: async () => {
        for (;;) {
          const chunk = stream.destroyed ? null : stream.read();
          if (chunk !== null) return { value: chunk, done: false };
          if (ended !== undefined) {
            leave(ended.error);
            if (ended.error) throw ended.error;
            return { value: undefined, done: true };
          }
          await promised((fulfil) => { wake = fulfil; });
        }
      },
      return: async (value) => { leave(undefined); return { value, done: true }; },
      throw: async (error) => { leave(error); throw error; },
    };
    iterator[asyncIteratorSymbol] = () => iterator;
    return iterator;
  };

  // A stream of what an iterable gives.
  const streamOf = (Readable, iterable, options) => {
    if (typeof iterable === 'string' || iterable instanceof Buffer) {
      return new Readable({ objectMode: true, ...options, read() { this['push'](iterable); this['push'](null); } });
    }
    const method = iterable && (iterable[asyncIteratorSymbol] || iterable[iteratorSymbol]);
    if (typeof method !== 'function') throw invalidType('iterable', 'an instance of Iterable', iterable);
    const iterator = apply(method, iterable, []);
    let isReading = false;
    const stream = new Readable({ objectMode: true, highWaterMark: 1, ...options });
    const pump = async () => {
      try {
        for (;;) {
          const step = await iterator.next();
          if (step.done) return stream['push'](null);
          const value = await step.value;
          if (value === null) throw coded(TypeError, 'ERR_STREAM_NULL_VALUES', 'May not write null values to stream');
          if (!stream['push'](value)) return undefined;
        }
      } catch (error) {
        return stream.destroy(error);
      } finally {
        isReading = false;
      }
    };
    stream._read = () => {
      if (isReading) return;
      isReading = true;
      pump();
    };
    stream._destroy = async (error, done) => {
      try {
        if (typeof iterator.return === 'function') await iterator.return();
        done(error);
      } catch (other) {
        done(error || other);
      }
    };
    return stream;
  };

  return { __proto__: null, iterate, streamOf };
})

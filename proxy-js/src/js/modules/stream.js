// `stream` and `stream/promises`: what programs for Node.js call streams. The web's own are globals.
(function (kit) {
  'use strict';

  const { apply, defineProperty, ownKeys, push, symbolFor } = kit.primordials;
  const { promised } = kit.use('modules/shared');
  const promisifyCustom = symbolFor('nodejs.util.promisify.custom');
  const { Stream, destroyOf } = kit.use('modules/stream_base');
  const { Readable } = kit.use('modules/readable');
  const { Writable } = kit.use('modules/writable');
  const { Duplex, PassThrough, Transform } = kit.use('modules/duplex');
  const pipes = kit.use('modules/pipes');

  const promises = {
    pipeline: (...stages) => promised((fulfil, reject) => {
      push(stages, (error, value) => (error ? reject(error) : fulfil(value)));
      apply(pipes.pipeline, undefined, stages);
    }),
    finished: (stream, options) => promised((fulfil, reject) => {
      pipes.finished(stream, options || {}, (error) => (error ? reject(error) : fulfil()));
    }),
  };

  let bytes = 16384;
  let objects = 16;

  const members = {
    Stream,
    Readable,
    Writable,
    Duplex,
    Transform,
    PassThrough,
    pipeline: pipes.pipeline,
    finished: pipes.finished,
    addAbortSignal: pipes.addAbortSignal,
    destroy: (stream, error) => { apply(destroyOf, stream, [error]); return stream; },
    compose: (...streams) => {
      for (let i = 1; i < streams.length; i += 1) streams[i - 1].pipe(streams[i]);
      return streams[streams.length - 1];
    },
    isDisturbed: (stream) => !!stream._readableState && stream._readableState.dataEmitted,
    isErrored: (stream) => !!((stream._readableState && stream._readableState.errored) || (stream._writableState && stream._writableState.errored)),
    isReadable: (stream) => !!stream._readableState && stream.readable && !stream.destroyed,
    getDefaultHighWaterMark: (isObject) => (isObject ? objects : bytes),
    setDefaultHighWaterMark: (isObject, value) => { if (isObject) objects = value; else bytes = value; },
    promises,
  };
  const names = ownKeys(members);
  for (let i = 0; i < names.length; i += 1) Stream[names[i]] = members[names[i]];
  const promise = (work, value) => defineProperty(work, promisifyCustom, { __proto__: null, value, enumerable: true });
  promise(pipes.pipeline, promises.pipeline);
  promise(pipes.finished, promises.finished);

  return { __proto__: null, exports: Stream, promises };
})

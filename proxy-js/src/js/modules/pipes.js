// Streams connected with each other, and the news that they have ended.
(function (kit) {
  'use strict';

  const { Error, apply, isArray, push, asyncIteratorSymbol, iteratorSymbol } = kit.primordials;
  const { callback, coded, invalidType } = kit.use('modules/errors');
  const { copied, soon } = kit.use('modules/shared');
  const { aborted } = kit.use('modules/events');
  const { fail } = kit.use('modules/stream_base');

  const isStream = (value) => !!value && typeof value === 'object' && typeof value.on === 'function'
    && (typeof value.pipe === 'function' || typeof value.write === 'function');
  const isReadable = (value) => isStream(value) && typeof value.pipe === 'function' && !!value._readableState;
  const isWritable = (value) => isStream(value) && typeof value.write === 'function';

  // Of streams before there was a state: whoever writes says when it has had enough.
  const pipeOld = (source, target, options) => {
    const onData = (chunk) => { if (target.writable && target.write(chunk) === false && source.pause) source.pause(); };
    const onDrain = () => { if (source.readable && source.resume) source.resume(); };
    let isDone = false;
    const end = () => {
      if (isDone) return;
      isDone = true;
      target.end();
    };
    const close = () => {
      if (isDone) return;
      isDone = true;
      if (typeof target.destroy === 'function') target.destroy();
    };
    source.on('data', onData);
    target.on('drain', onDrain);
    if (!target._isStdio && (!options || options.end !== false)) {
      source.on('end', end);
      source.on('close', close);
    }
    const failed = function (error) {
      cleanup();
      if (this.listenerCount('error') === 0) this.emit('error', error);
    };
    const cleanup = () => {
      source.removeListener('data', onData);
      target.removeListener('drain', onDrain);
      source.removeListener('end', end);
      source.removeListener('close', close);
      source.removeListener('error', failed);
      target.removeListener('error', failed);
      source.removeListener('end', cleanup);
      source.removeListener('close', cleanup);
      target.removeListener('close', cleanup);
    };
    source.on('error', failed);
    target.on('error', failed);
    source.on('end', cleanup);
    source.on('close', cleanup);
    target.on('close', cleanup);
    target.emit('pipe', source);
    return target;
  };

  const pipe = (source, target, options) => {
    const state = source._readableState;
    const isEnding = (!options || options.end !== false) && !target._isStdio;
    push(state.pipes, target);
    let isWaiting = false;
    const onDrain = () => {
      if (!isWaiting) return;
      isWaiting = false;
      state.waiting = (state.waiting || 1) - 1;
      if (state.waiting === 0 && 0 < source.listenerCount('data')) source.resume();
    };
    const onData = (chunk) => {
      if (target.write(chunk) !== false || isWaiting || !includes(state.pipes, target)) return;
      isWaiting = true;
      state.waiting = (state.waiting || 0) + 1;
      source.pause();
    };
    const onEnd = () => { if (isEnding) target.end(); else source.unpipe(target); };
    const onError = (error) => {
      source.unpipe(target);
      target.removeListener('error', onError);
      if (target.listenerCount('error') !== 0) return;
      const states = target._writableState || target._readableState;
      if (states && !states.errorEmitted) fail(target, error);
      else target.emit('error', error);
    };
    const onClose = () => {
      target.removeListener('finish', onFinish);
      source.unpipe(target);
    };
    const onFinish = () => {
      target.removeListener('close', onClose);
      source.unpipe(target);
    };
    const onUnpipe = (from) => { if (from === source) cleanup(); };
    const cleanup = () => {
      target.removeListener('close', onClose);
      target.removeListener('finish', onFinish);
      target.removeListener('drain', onDrain);
      target.removeListener('error', onError);
      target.removeListener('unpipe', onUnpipe);
      source.removeListener('end', onEnd);
      source.removeListener('data', onData);
      if (isWaiting) onDrain();
    };
    if (state.endEmitted) soon(onEnd);
    else source.once('end', onEnd);
    target.on('unpipe', onUnpipe);
    target.on('drain', onDrain);
    source.on('data', onData);
    apply(target.prependListener || target.on, target, ['error', onError]);
    target.once('close', onClose);
    target.once('finish', onFinish);
    target.emit('pipe', source);
    if (target.writableNeedDrain === true) {
      isWaiting = true;
      state.waiting = (state.waiting || 0) + 1;
      source.pause();
    } else if (!state.flowing) {
      source.resume();
    }
    return target;
  };
  const includes = (list, item) => {
    for (let i = 0; i < list.length; i += 1) if (list[i] === item) return true;
    return false;
  };

  const unpipe = (source, target) => {
    const state = source._readableState;
    const before = state.pipes;
    if (before.length === 0) return source;
    const gone = [];
    const rest = [];
    for (let i = 0; i < before.length; i += 1) push(target === undefined || before[i] === target ? gone : rest, before[i]);
    if (gone.length === 0) return source;
    state.pipes = rest;
    if (rest.length === 0) source.pause();
    for (let i = 0; i < gone.length; i += 1) gone[i].emit('unpipe', source, { hasUnpiped: false });
    return source;
  };

  const premature = () => coded(Error, 'ERR_STREAM_PREMATURE_CLOSE', 'Premature close');

  // Calls `then` once, when both halves that the options want have ended, or with what went wrong.
  const eos = (stream, options, then) => {
    const wantsRead = options.readable !== false && (isReadable(stream) || (stream.readable !== undefined && !stream._writableState));
    const wantsWrite = options.writable !== false && isWritable(stream) && (stream.writable !== false || !!stream._writableState);
    const reads = stream._readableState;
    const writes = stream._writableState;
    let isRead = !wantsRead || (!!reads && reads.endEmitted);
    let isWritten = !wantsWrite || (!!writes && writes.finished);
    let isDone = false;
    const done = (error) => {
      if (isDone) return;
      isDone = true;
      then(error);
    };
    const check = () => { if (isRead && isWritten) done(undefined); };
    const onEnd = () => { isRead = true; check(); };
    const onFinish = () => { isWritten = true; check(); };
    const onError = (error) => done(error);
    const onClose = () => {
      const reason = (reads && reads.errored) || (writes && writes.errored);
      if (reason) return done(reason);
      if (wantsRead && reads && reads.endEmitted) isRead = true;
      if (wantsWrite && writes && writes.finished) isWritten = true;
      return isRead && isWritten ? done(undefined) : done(premature());
    };
    stream.on('end', onEnd);
    stream.on('finish', onFinish);
    if (options.error !== false) stream.on('error', onError);
    stream.on('close', onClose);
    const isClosed = (reads && reads.closed) || (writes && writes.closed);
    if (isClosed) soon(onClose);
    else if (isRead && isWritten) soon(check);
    const { signal } = options;
    const onAbort = () => done(aborted(signal));
    if (signal) {
      if (signal.aborted) soon(onAbort);
      else signal.addEventListener('abort', onAbort, { once: true });
    }
    return () => {
      isDone = true;
      stream.removeListener('end', onEnd);
      stream.removeListener('finish', onFinish);
      stream.removeListener('error', onError);
      stream.removeListener('close', onClose);
      if (signal) signal.removeEventListener('abort', onAbort);
    };
  };

  const finished = (stream, options, then) => {
    if (typeof options === 'function') return finished(stream, undefined, options);
    callback(then);
    if (!isStream(stream)) throw invalidType('stream', 'an instance of Stream', stream);
    return eos(stream, options || {}, (error) => apply(then, stream, error === undefined ? [] : [error]));
  };

  const addAbortSignal = (signal, stream) => {
    if (!signal || typeof signal !== 'object' || !('aborted' in signal)) throw invalidType('signal', 'an instance of AbortSignal', signal);
    const abort = () => stream.destroy(aborted(signal));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    return stream;
  };

  const isIterable = (value) => !!value && (typeof value[asyncIteratorSymbol] === 'function' || typeof value[iteratorSymbol] === 'function');

  // What stands in a pipeline as a stream: iterables are read, functions are called with what stands before them.
  const stageOf = (stage, before, isLast) => {
    const { Readable, PassThrough } = kit.use('modules/stream').exports;
    if (isStream(stage)) return stage;
    if (typeof stage === 'function') {
      const made = before === undefined ? stage() : stage(before);
      if (isIterable(made)) return Readable.from(made);
      const out = new PassThrough({ objectMode: true });
      out.isResult = isLast;
      kit.use('modules/shared').whenSettled(made, (value) => {
        out.result = value;
        if (value !== undefined && value !== null && !isLast) out.write(value);
        out.end();
        if (isLast) out.resume();
      }, (error) => out.destroy(error));
      return out;
    }
    if (isIterable(stage)) return Readable.from(stage);
    throw invalidType('body', 'one of Stream, Iterable or function', stage);
  };

  const pipeline = (...given) => {
    let stages = copied(given);
    const then = callback(stages[stages.length - 1], 'streams[stream.length - 1]');
    stages.length -= 1;
    if (stages.length === 1 && isArray(stages[0])) stages = copied(stages[0]);
    let options = {};
    const last = stages[stages.length - 1];
    if (last && typeof last === 'object' && !isStream(last) && !isIterable(last)) {
      options = last;
      stages.length -= 1;
    }
    if (stages.length < 2) throw coded(Error, 'ERR_MISSING_ARGS', 'The "streams" argument must be specified');
    const streams = [];
    let failure;
    let open = 0;
    let isOver = false;
    const settle = (error) => {
      open -= 1;
      if (error && (failure === undefined || failure.code === 'ERR_STREAM_PREMATURE_CLOSE')) failure = error;
      if (error) {
        for (let i = 0; i < streams.length; i += 1) if (!streams[i].destroyed && typeof streams[i].destroy === 'function') streams[i].destroy(error);
      }
      if (open !== 0 || isOver) return;
      isOver = true;
      soon(then, failure === undefined ? [undefined, streams[streams.length - 1].result] : [failure]);
    };
    for (let i = 0; i < stages.length; i += 1) {
      const isLast = i === stages.length - 1;
      const isFunction = typeof stages[i] === 'function' && !isStream(stages[i]);
      const stream = stageOf(stages[i], i === 0 ? undefined : streams[i - 1], isLast);
      push(streams, stream);
      // A function reads what stands before it by itself.
      if (i !== 0 && !isFunction) streams[i - 1].pipe(stream, { end: options.end !== false || !isLast });
    }
    for (let i = 0; i < streams.length; i += 1) {
      const isLast = i === streams.length - 1;
      open += 1;
      const wanted = { readable: i !== streams.length - 1 || !!streams[i].isResult, writable: 0 < i && !(isLast && options.end === false) };
      if (isLast && streams[i].isResult) wanted.writable = true;
      if (isLast && options.end === false) eos(streams[i - 1], { writable: false }, () => {});
      eos(streams[i], wanted, settle);
    }
    if (options.signal) {
      const abort = () => { failure = aborted(options.signal); for (let i = 0; i < streams.length; i += 1) streams[i].destroy(failure); };
      if (options.signal.aborted) abort();
      else options.signal.addEventListener('abort', abort, { once: true });
    }
    // Errors of streams that are destroyed because of another are told to nobody else.
    for (let i = 0; i < streams.length; i += 1) streams[i].on('error', () => {});
    return streams[streams.length - 1];
  };

  return { __proto__: null, addAbortSignal, eos, finished, isReadable, isStream, isWritable, pipe, pipeOld, pipeline, unpipe };
})

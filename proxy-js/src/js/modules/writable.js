// The writing half of streams: chunks go to `_write` one after the other, and those that have to wait are buffered.
(function (kit) {
  'use strict';

  const {
    Error, Symbol, TypeError, apply, defineProperty, getDescriptor, getPrototypeOf, isView, push, typedArrayBytes,
  } = kit.primordials;
  const { coded, invalidType } = kit.use('modules/errors');
  const { assign, inherit, soon } = kit.use('modules/shared');
  const { Buffer, encodingOf, viewOf } = kit.use('modules/buffer');
  const { Stream, begin, destroyOf, fail, missing } = kit.use('modules/stream_base');
  const { highMark } = kit.use('modules/readable');

  const nothing = () => {};

  const newState = (options, isDuplex) => {
    const isObject = !!(options && (options.objectMode || (isDuplex && options.writableObjectMode)));
    const state = {
      objectMode: isObject,
      highWaterMark: highMark(options, isDuplex ? 'writableHighWaterMark' : 'highWaterMark', isObject),
      finalCalled: false,
      needDrain: false,
      ending: false,
      ended: false,
      finished: false,
      destroyed: false,
      decodeStrings: !options || options.decodeStrings !== false,
      defaultEncoding: (options && options.defaultEncoding) || 'utf8',
      length: 0,
      writing: false,
      corked: 0,
      sync: true,
      bufferProcessing: false,
      constructed: true,
      buffered: [],
      prefinished: false,
      errorEmitted: false,
      emitClose: !options || options.emitClose !== false,
      autoDestroy: !options || options.autoDestroy !== false,
      errored: null,
      closed: false,
      closeEmitted: false,
      finishing: false,
      whenFinished: [],
    };
    state.getBuffer = () => state.buffered;
    return state;
  };

  function Writable(options) {
    const isDuplex = kit.used('modules/duplex') !== undefined && this instanceof kit.used('modules/duplex').Duplex;
    if (!isDuplex && !isWritable(this)) return new Writable(options);
    this._writableState = newState(options, isDuplex);
    prepare(this, options);
    begin(this, options);
    return this;
  }
  inherit(Writable, Stream);

  // Takes what the options say, and begins with what was written before the stream could.
  const prepare = (stream, options) => {
    const state = stream._writableState;
    state.whenConstructed = () => {
      if (!state.writing) clearBuffer(stream, state);
      maybeFinish(stream, state);
    };
    if (!options) return;
    if (typeof options.write === 'function') stream._write = options.write;
    if (typeof options.writev === 'function') stream._writev = options.writev;
    if (typeof options.final === 'function') stream._final = options.final;
  };

  const isWritable = (value) => {
    for (let at = value; at !== null && at !== undefined; at = getPrototypeOf(at)) if (at === Writable.prototype) return true;
    return false;
  };
  // A Duplex inherits from Readable, and is a Writable all the same.
  defineProperty(Writable, Symbol.hasInstance, {
    __proto__: null,
    value(value) {
      if (isOfClass(this, value)) return true;
      return this === Writable && !!value && typeof value === 'object' && value._writableState !== undefined && value._writableState.getBuffer !== undefined;
    },
  });
  const isOfClass = (Class, value) => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
    for (let at = getPrototypeOf(value); at !== null; at = getPrototypeOf(at)) if (at === Class.prototype) return true;
    return false;
  };

  // What was written is done: the next goes, and everybody is told in the next turn of jobs.
  const written = (stream, state, size, then, error) => {
    const isSync = state.sync;
    state.writing = false;
    if (error) {
      if (!state.errored) state.errored = error;
      if (stream._readableState && !stream._readableState.errored) stream._readableState.errored = error;
      const told = () => {
        state.length -= size;
        then(error);
        dropBuffered(state, error);
        fail(stream, error);
      };
      if (isSync) soon(told);
      else told();
      return;
    }
    if (0 < state.buffered.length) clearBuffer(stream, state);
    const told = () => {
      if (!state.ending && !state.destroyed && state.length - size === 0 && state.needDrain) {
        state.needDrain = false;
        state.length -= size;
        stream.emit('drain');
      } else {
        state.length -= size;
      }
      then(null);
      if (state.destroyed) dropBuffered(state, coded(Error, 'ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed'));
      maybeFinish(stream, state);
    };
    if (isSync) soon(told);
    else told();
  };

  const once = (work) => {
    let isCalled = false;
    return (error) => {
      if (isCalled) throw coded(Error, 'ERR_MULTIPLE_CALLBACK', 'Callback called multiple times');
      isCalled = true;
      work(error);
    };
  };

  const doWrite = (stream, state, chunk, encoding, size, then) => {
    state.writing = true;
    state.sync = true;
    const done = once((error) => written(stream, state, size, then, error));
    if (state.destroyed) done(coded(Error, 'ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed'));
    else stream._write(chunk, encoding, done);
    state.sync = false;
  };

  const dropBuffered = (state, error) => {
    const all = state.buffered;
    state.buffered = [];
    for (let i = 0; i < all.length; i += 1) {
      state.length -= all[i].size;
      all[i].callback(state.errored || error);
    }
    const waiting = state.whenFinished;
    state.whenFinished = [];
    for (let i = 0; i < waiting.length; i += 1) waiting[i](state.errored || error);
  };

  const clearBuffer = (stream, state) => {
    if (state.corked || state.bufferProcessing || state.destroyed || !state.constructed) return;
    const all = state.buffered;
    if (all.length === 0) return;
    state.bufferProcessing = true;
    if (1 < all.length && typeof stream._writev === 'function') {
      state.buffered = [];
      let size = 0;
      for (let i = 0; i < all.length; i += 1) size += all[i].size;
      state.writing = true;
      state.sync = true;
      stream._writev(all, once((error) => written(stream, state, size, (reason) => {
        for (let i = 0; i < all.length; i += 1) all[i].callback(reason);
      }, error)));
      state.sync = false;
    } else {
      let at = 0;
      while (at < all.length && !state.writing) {
        const next = all[at];
        at += 1;
        doWrite(stream, state, next.chunk, next.encoding, next.size, next.callback);
      }
      const rest = [];
      for (; at < all.length; at += 1) push(rest, all[at]);
      // What was written meanwhile stands behind.
      state.buffered = rest;
    }
    state.bufferProcessing = false;
  };

  const write = (stream, given, encodingOrThen, last) => {
    const state = stream._writableState;
    let encoding = encodingOrThen;
    let then = last;
    if (typeof encoding === 'function') {
      then = encoding;
      encoding = state.defaultEncoding;
    } else if (!encoding) {
      encoding = state.defaultEncoding;
    } else if (encoding !== 'buffer') {
      encodingOf(encoding);
    }
    if (typeof then !== 'function') then = nothing;
    let chunk = given;
    if (chunk === null) throw coded(TypeError, 'ERR_STREAM_NULL_VALUES', 'May not write null values to stream');
    if (!state.objectMode) {
      if (typeof chunk === 'string') {
        if (state.decodeStrings) {
          chunk = Buffer.from(chunk, encoding);
          encoding = 'buffer';
        }
      } else if (chunk instanceof Buffer) {
        encoding = 'buffer';
      } else if (isView(chunk)) {
        const view = viewOf(chunk);
        chunk = Buffer.from(view.buffer, view.byteOffset, typedArrayBytes(view));
        encoding = 'buffer';
      } else {
        throw invalidType('chunk', 'of type string or an instance of Buffer, TypedArray, or DataView', chunk);
      }
    }
    let error;
    if (state.ending) error = coded(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end');
    else if (state.destroyed) error = coded(Error, 'ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed');
    if (error !== undefined) {
      soon(then, [error]);
      fail(stream, error);
      return error;
    }
    const size = state.objectMode ? 1 : chunk.length;
    state.length += size;
    const hasRoom = state.length < state.highWaterMark;
    if (!hasRoom) state.needDrain = true;
    if (state.writing || state.corked || state.errored || !state.constructed || state.bufferProcessing) {
      push(state.buffered, { chunk, encoding, callback: then, size });
    } else {
      doWrite(stream, state, chunk, encoding, size, then);
    }
    return hasRoom && !state.errored && !state.destroyed;
  };

  const canFinish = (state) => state.ending && !state.destroyed && state.constructed && state.length === 0 && !state.errored
    && state.buffered.length === 0 && !state.finished && !state.writing && !state.errorEmitted && !state.closeEmitted;

  const maybeFinish = (stream, state) => {
    if (!canFinish(state)) return;
    if (!state.prefinished && !state.finalCalled) {
      state.finalCalled = true;
      if (typeof stream._final === 'function' && !state.destroyed) {
        callFinal(stream, state);
      } else {
        state.prefinished = true;
        stream.emit('prefinish');
      }
    }
    if (state.prefinished && !state.finishing && canFinish(state)) {
      state.finishing = true;
      soon(() => {
        state.finishing = false;
        if (canFinish(state)) finish(stream, state);
      });
    }
  };

  const callFinal = (stream, state) => {
    const done = once((error) => {
      if (error) {
        const waiting = state.whenFinished;
        state.whenFinished = [];
        for (let i = 0; i < waiting.length; i += 1) waiting[i](error);
        fail(stream, error);
      } else if (canFinish(state)) {
        state.prefinished = true;
        stream.emit('prefinish');
        soon(() => { if (canFinish(state)) finish(stream, state); });
      }
    });
    state.sync = true;
    try {
      stream._final(done);
    } catch (error) {
      fail(stream, error);
    }
    state.sync = false;
  };

  const finish = (stream, state) => {
    state.finished = true;
    const waiting = state.whenFinished;
    state.whenFinished = [];
    for (let i = 0; i < waiting.length; i += 1) waiting[i](null);
    stream.emit('finish');
    const readable = stream._readableState;
    if (state.autoDestroy && (!readable || (readable.autoDestroy && (readable.endEmitted || readable.readable === false)))) stream.destroy();
  };

  const methods = {
    pipe() { fail(this, coded(Error, 'ERR_STREAM_CANNOT_PIPE', 'Cannot pipe, not readable')); },
    write(chunk, encoding, then) { return write(this, chunk, encoding, then) === true; },
    _write(chunk, encoding, then) {
      if (typeof this._writev !== 'function') throw missing('_write()');
      this._writev([{ chunk, encoding }], then);
    },
    _writev: null,
    cork() { this._writableState.corked += 1; },
    uncork() {
      const state = this._writableState;
      if (state.corked === 0) return;
      state.corked -= 1;
      if (!state.writing) clearBuffer(this, state);
    },
    setDefaultEncoding(encoding) {
      encodingOf(encoding);
      this._writableState.defaultEncoding = encoding;
      return this;
    },
    end(given, encodingOrThen, last) {
      const state = this._writableState;
      let chunk = given;
      let encoding = encodingOrThen;
      let then = last;
      if (typeof chunk === 'function') {
        then = chunk;
        chunk = undefined;
      } else if (typeof encoding === 'function') {
        then = encoding;
        encoding = undefined;
      }
      let error;
      if (chunk !== undefined && chunk !== null) {
        const result = write(this, chunk, encoding);
        if (typeof result === 'object') error = result;
      }
      if (state.corked) {
        state.corked = 1;
        this.uncork();
      }
      if (error === undefined && !state.errored && !state.ending) {
        state.ending = true;
        maybeFinish(this, state);
        state.ended = true;
      } else if (error === undefined && state.finished) {
        error = coded(Error, 'ERR_STREAM_ALREADY_FINISHED', 'Cannot call end after a stream was finished');
      } else if (error === undefined && state.destroyed) {
        error = coded(Error, 'ERR_STREAM_DESTROYED', 'Cannot call end after a stream was destroyed');
      }
      if (typeof then === 'function') {
        if (error !== undefined) soon(then, [error]);
        else if (state.finished) soon(then);
        else push(state.whenFinished, then);
      }
      return this;
    },
    destroy(error, then) {
      const state = this._writableState;
      if (!state.destroyed && (state.buffered.length !== 0 || state.whenFinished.length !== 0)) {
        soon(() => dropBuffered(state, coded(Error, 'ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed')));
      }
      return apply(destroyOf, this, [error, then]);
    },
    _destroy(error, done) { done(error); },
  };
  assign(Writable.prototype, methods);

  const property = (name, get, set) => defineProperty(Writable.prototype, name, {
    __proto__: null, configurable: true, enumerable: false, get, set,
  });
  const ofState = (name, read) => property(name, function () {
    const state = this._writableState;
    return state === undefined ? undefined : read(state);
  });
  property('writable', function () {
    const state = this._writableState;
    return !!state && state.writable !== false && !state.destroyed && !state.errored && !state.ending && !state.ended;
  }, function (value) { if (this._writableState) this._writableState.writable = !!value; });
  property('destroyed', function () { return !!this._writableState && this._writableState.destroyed; }, function (value) {
    if (this._writableState) this._writableState.destroyed = value;
  });
  ofState('writableFinished', (state) => state.finished);
  ofState('writableObjectMode', (state) => state.objectMode);
  ofState('writableBuffer', (state) => state.buffered);
  ofState('writableEnded', (state) => state.ending);
  ofState('writableNeedDrain', (state) => !state.destroyed && !state.ending && state.needDrain);
  ofState('writableHighWaterMark', (state) => state.highWaterMark);
  ofState('writableCorked', (state) => state.corked);
  ofState('writableLength', (state) => state.length);
  ofState('writableAborted', (state) => (state.destroyed || !!state.errored) && !state.finished);
  ofState('errored', (state) => state.errored);
  ofState('closed', (state) => state.closed);

  const MEMBERS = ['writable', 'writableFinished', 'writableObjectMode', 'writableBuffer', 'writableEnded', 'writableNeedDrain',
    'writableHighWaterMark', 'writableCorked', 'writableLength', 'writableAborted'];
  // What a Duplex takes over, which cannot inherit twice.
  const lend = (prototype) => {
    for (let i = 0; i < MEMBERS.length; i += 1) defineProperty(prototype, MEMBERS[i], getDescriptor(Writable.prototype, MEMBERS[i]));
    const names = ['write', '_write', '_writev', 'cork', 'uncork', 'setDefaultEncoding', 'end', 'destroy', '_destroy'];
    for (let i = 0; i < names.length; i += 1) prototype[names[i]] = methods[names[i]];
  };

  return { __proto__: null, Writable, lend, newState, prepare };
})

// The reading half of streams: a source is asked with `_read`, and what it pushes is buffered until somebody takes it.
(function (kit) {
  'use strict';

  const {
    Error, TypeError, apply, asyncIteratorSymbol, defineProperty, floor, isView, push: append, toNumber, typedArrayBytes,
  } = kit.primordials;
  const { coded, invalidType } = kit.use('modules/errors');
  const { assign, inherit, soon } = kit.use('modules/shared');
  const { Buffer, viewOf } = kit.use('modules/buffer');
  const { Stream, begin, destroyOf, fail } = kit.use('modules/stream_base');
  const { taken } = kit.use('modules/readable_buffer');
  const { iterate, streamOf } = kit.use('modules/readable_iterables');

  // Chunks of a stream of objects, and bytes of any other, that are asked for in advance.
  const highMark = (options, half, isObject) => {
    const asked = options && (options.highWaterMark !== undefined && options.highWaterMark !== null ? options.highWaterMark : options[half]);
    if (asked === undefined || asked === null) return isObject ? 16 : 16384;
    if (typeof asked !== 'number' || !(0 <= asked)) throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', "The property 'options.highWaterMark' is invalid. Received " + asked);
    return floor(asked);
  };

  const newState = (options, isDuplex) => {
    const isObject = !!(options && (options.objectMode || (isDuplex && options.readableObjectMode)));
    return {
      objectMode: isObject,
      highWaterMark: highMark(options, isDuplex ? 'readableHighWaterMark' : 'highWaterMark', isObject),
      buffer: [],
      length: 0,
      pipes: [],
      flowing: null,
      ended: false,
      endEmitted: false,
      reading: false,
      constructed: true,
      sync: true,
      needReadable: false,
      emittedReadable: false,
      readableListening: false,
      resumeScheduled: false,
      errorEmitted: false,
      emitClose: !options || options.emitClose !== false,
      autoDestroy: !options || options.autoDestroy !== false,
      destroyed: false,
      errored: null,
      closed: false,
      closeEmitted: false,
      defaultEncoding: (options && options.defaultEncoding) || 'utf8',
      awaitDrainWriters: null,
      dataEmitted: false,
      readingMore: false,
      decoder: null,
      encoding: null,
    };
  };

  function Readable(options) {
    if (!(this instanceof Readable)) return new Readable(options);
    this._readableState = newState(options, false);
    prepare(this);
    if (options && typeof options.read === 'function') this._read = options.read;
    begin(this, options);
    if (options && options.encoding) this.setEncoding(options.encoding);
    return this;
  }
  inherit(Readable, Stream);

  const prepare = (stream) => {
    const state = stream._readableState;
    state.whenConstructed = () => { if (state.needReadable || state.flowing) readMore(stream, state); };
  };

  const howMany = (state, asked) => {
    if (asked <= 0 || (state.length === 0 && state.ended)) return 0;
    if (state.objectMode) return 1;
    if (asked !== asked) return state.flowing && state.buffer.length !== 0 ? state.buffer[0].length : state.length;
    if (asked <= state.length) return asked;
    return state.ended ? state.length : 0;
  };

  const powerAbove = (number) => {
    let power = 1;
    while (power < number) power *= 2;
    return power;
  };

  const askSource = (stream, state) => {
    state.reading = true;
    state.sync = true;
    if (state.length === 0) state.needReadable = true;
    try {
      stream._read(state.highWaterMark);
    } catch (error) {
      fail(stream, error);
    }
    state.sync = false;
  };

  const canAsk = (state) => !state.ended && !state.reading && !state.destroyed && !state.errored && state.constructed;

  const finishReading = (stream, state) => {
    if (state.endEmitted || state.finishing) return;
    state.ended = true;
    state.finishing = true;
    soon(() => {
      state.finishing = false;
      if (state.errored || state.closeEmitted || state.endEmitted || state.length !== 0) return;
      state.endEmitted = true;
      stream.readable = false;
      stream.emit('end');
      const writable = stream._writableState;
      if (writable && stream.writable && stream.allowHalfOpen === false) {
        soon(() => { if (stream.writable && !stream.writableEnded && !stream.destroyed) stream.end(); });
      } else if (state.autoDestroy && (!writable || (writable.autoDestroy && (writable.finished || writable.writable === false)))) {
        stream.destroy();
      }
    });
  };

  const tellReadable = (stream, state) => {
    state.needReadable = false;
    if (state.emittedReadable) return;
    state.emittedReadable = true;
    soon(() => {
      if (!state.destroyed && !state.errored && (state.length !== 0 || state.ended)) {
        stream.emit('readable');
        state.emittedReadable = false;
      }
      state.needReadable = !state.flowing && !state.ended && state.length <= state.highWaterMark;
      flow(stream);
    });
  };

  const flow = (stream) => {
    const state = stream._readableState;
    while (state.flowing && stream.read() !== null) { /* until there is nothing, or somebody pauses */ }
  };

  const readMore = (stream, state) => {
    if (state.readingMore || !state.constructed) return;
    state.readingMore = true;
    soon(() => {
      while (!state.reading && !state.ended && (state.length < state.highWaterMark || (state.flowing && state.length === 0))) {
        const before = state.length;
        stream.read(0);
        if (before === state.length) break;
      }
      state.readingMore = false;
    });
  };

  const endSource = (stream, state) => {
    if (state.ended) return;
    if (state.decoder !== null) {
      const rest = state.decoder.end();
      if (rest) {
        append(state.buffer, rest);
        state.length += state.objectMode ? 1 : rest.length;
      }
    }
    state.ended = true;
    if (state.sync) {
      tellReadable(stream, state);
    } else {
      state.needReadable = false;
      state.emittedReadable = true;
      if (!state.errored && !state.destroyed) stream.emit('readable');
      state.emittedReadable = false;
      flow(stream);
    }
    // Somebody may already have taken everything.
    if (state.flowing !== null && state.length === 0 && state.flowing) stream.read(0);
  };

  const wrongChunk = (chunk) => invalidType('chunk', 'of type string or an instance of Buffer, TypedArray, or DataView', chunk);

  const accept = (stream, state, chunk, isFirst) => {
    if (state.flowing && state.length === 0 && !state.sync && !isFirst && 0 < stream.listenerCount('data')) {
      state.dataEmitted = true;
      stream.emit('data', chunk);
    } else {
      state.length += state.objectMode ? 1 : chunk.length;
      if (isFirst) state.buffer = assignFirst(chunk, state.buffer);
      else append(state.buffer, chunk);
      if (state.needReadable) tellReadable(stream, state);
    }
    readMore(stream, state);
  };
  const assignFirst = (first, rest) => {
    const all = [first];
    for (let i = 0; i < rest.length; i += 1) append(all, rest[i]);
    return all;
  };

  // Gives whether more is wanted.
  const addChunk = (stream, given, encoding, isFirst) => {
    const state = stream._readableState;
    let chunk = given;
    if (chunk === null) {
      state.reading = false;
      endSource(stream, state);
      return false;
    }
    if (!state.objectMode) {
      if (typeof chunk === 'string') {
        const name = encoding || state.defaultEncoding;
        if (state.encoding !== name) {
          chunk = isFirst && state.encoding ? Buffer.from(chunk, name).toString(state.encoding) : Buffer.from(chunk, name);
        }
      } else if (isView(chunk)) {
        if (!(chunk instanceof Buffer)) {
          const view = viewOf(chunk);
          chunk = Buffer.from(view.buffer, view.byteOffset, typedArrayBytes(view));
        }
      } else if (chunk !== undefined) {
        fail(stream, wrongChunk(chunk));
        return false;
      }
    }
    if (!state.objectMode && (chunk === undefined || chunk.length === 0)) {
      if (!isFirst) {
        state.reading = false;
        readMore(stream, state);
      }
      return wantsMore(state);
    }
    if (isFirst) {
      if (state.endEmitted) fail(stream, coded(Error, 'ERR_STREAM_UNSHIFT_AFTER_END_EVENT', 'stream.unshift() after end event'));
      else if (state.destroyed || state.errored) return false;
      else accept(stream, state, chunk, true);
    } else if (state.ended) {
      fail(stream, coded(Error, 'ERR_STREAM_PUSH_AFTER_EOF', 'stream.push' + '() after EOF'));
    } else if (state.destroyed || state.errored) {
      return false;
    } else {
      state.reading = false;
      if (state.decoder !== null && typeof chunk !== 'string') {
        chunk = state.decoder.write(chunk);
        if (chunk.length === 0 && !state.objectMode) readMore(stream, state);
        else accept(stream, state, chunk, false);
      } else {
        accept(stream, state, chunk, false);
      }
    }
    return wantsMore(state);
  };
  const wantsMore = (state) => !state.ended && (state.length < state.highWaterMark || state.length === 0);

  const updateListening = (stream) => {
    const state = stream._readableState;
    state.readableListening = 0 < stream.listenerCount('readable');
    if (state.resumeScheduled && state.paused === false) state.flowing = true;
    else if (0 < stream.listenerCount('data')) stream.resume();
    else if (!state.readableListening) state.flowing = null;
  };

  const methods = {
    _read() { throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'The _read() method is not implemented'); },

    push(chunk, encoding) { return addChunk(this, chunk, encoding, false); },
    unshift(chunk, encoding) { return addChunk(this, chunk, encoding, true); },

    read(size) {
      const state = this._readableState;
      const asked = size === undefined ? 0 / 0 : floor(toNumber(size));
      if (state.highWaterMark < asked) state.highWaterMark = asked <= 2 ** 30 ? powerAbove(asked) : 2 ** 30;
      if (asked !== 0) state.emittedReadable = false;
      const isFull = state.highWaterMark !== 0 ? state.highWaterMark <= state.length : 0 < state.length;
      if (asked === 0 && state.needReadable && (isFull || state.ended)) {
        if (state.length === 0 && state.ended) finishReading(this, state);
        else tellReadable(this, state);
        return null;
      }
      let count = howMany(state, asked);
      if (count === 0 && state.ended) {
        if (state.length === 0) finishReading(this, state);
        return null;
      }
      const wants = state.needReadable || state.length === 0 || state.length - count < state.highWaterMark;
      if (wants && canAsk(state)) {
        askSource(this, state);
        if (!state.reading) count = howMany(state, asked);
      }
      const chunk = 0 < count ? taken(state, count) : null;
      if (chunk === null) {
        state.needReadable = state.length <= state.highWaterMark;
        count = 0;
      } else {
        state.length -= count;
      }
      if (state.length === 0) {
        if (!state.ended) state.needReadable = true;
        if (asked !== count && state.ended) finishReading(this, state);
      }
      if (chunk !== null && !state.errored && !state.closeEmitted) {
        state.dataEmitted = true;
        this.emit('data', chunk);
      }
      return chunk;
    },

    setEncoding(encoding) {
      const { StringDecoder } = kit.use('modules/string_decoder');
      const state = this._readableState;
      state.decoder = new StringDecoder(encoding);
      state.encoding = state.decoder.encoding;
      let text = '';
      for (let i = 0; i < state.buffer.length; i += 1) text += state.decoder.write(state.buffer[i]);
      state.buffer = text === '' ? [] : [text];
      state.length = text.length;
      return this;
    },

    on(type, listener) {
      const result = apply(Stream.prototype.on, this, [type, listener]);
      const state = this._readableState;
      if (type === 'data') {
        state.readableListening = 0 < this.listenerCount('readable');
        if (state.flowing !== false) this.resume();
      } else if (type === 'readable' && !state.endEmitted && !state.readableListening) {
        state.readableListening = true;
        state.needReadable = true;
        state.flowing = false;
        state.emittedReadable = false;
        if (state.length !== 0) tellReadable(this, state);
        else if (!state.reading) soon(() => this.read(0));
      }
      return result;
    },
    removeListener(type, listener) {
      const result = apply(Stream.prototype.removeListener, this, [type, listener]);
      if (type === 'readable') soon(() => updateListening(this));
      return result;
    },
    removeAllListeners(...types) {
      const result = apply(Stream.prototype.removeAllListeners, this, types);
      if (types.length === 0 || types[0] === 'readable') soon(() => updateListening(this));
      return result;
    },

    resume() {
      const state = this._readableState;
      if (!state.flowing) {
        state.flowing = !state.readableListening;
        if (!state.resumeScheduled) {
          state.resumeScheduled = true;
          soon(() => {
            if (!state.reading) this.read(0);
            state.resumeScheduled = false;
            this.emit('resume');
            flow(this);
            if (state.flowing && !state.reading) this.read(0);
          });
        }
      }
      state.paused = false;
      return this;
    },
    pause() {
      if (this._readableState.flowing !== false) {
        this._readableState.flowing = false;
        this.emit('pause');
      }
      this._readableState.paused = true;
      return this;
    },
    isPaused() { return this._readableState.paused === true || this._readableState.flowing === false; },

    pipe(target, options) { return kit.use('modules/pipes').pipe(this, target, options); },
    unpipe(target) { return kit.use('modules/pipes').unpipe(this, target); },

    wrap(old) {
      old.on('data', (chunk) => { if (!this['push'](chunk)) old.pause(); });
      old.on('end', () => this['push'](null));
      old.on('error', (error) => fail(this, error));
      old.on('close', () => this.destroy());
      this._read = () => { if (old.readable && typeof old.resume === 'function') old.resume(); };
      return this;
    },

    iterator(options) { return iterate(this, options); },
  };
  assign(Readable.prototype, methods);
  Readable.prototype.addListener = Readable.prototype.on;
  Readable.prototype.off = Readable.prototype.removeListener;
  Readable.prototype.destroy = destroyOf;
  Readable.prototype._destroy = function (error, done) { done(error); };

  Readable.prototype[asyncIteratorSymbol] = function () { return iterate(this); };

  Readable.from = (iterable, options) => streamOf(Readable, iterable, options);
  Readable.fromWeb = (web, options) => Readable.from(web, options);

  const property = (name, get, set) => defineProperty(Readable.prototype, name, {
    __proto__: null, configurable: true, enumerable: false, get, set,
  });
  const ofState = (name, read) => property(name, function () {
    const state = this._readableState;
    return state === undefined ? undefined : read(state);
  });
  property('readable', function () {
    const state = this._readableState;
    return !!state && state.readable !== false && !state.destroyed && !state.errorEmitted && !state.endEmitted;
  }, function (value) { if (this._readableState) this._readableState.readable = !!value; });
  property('destroyed', function () { return !!this._readableState && this._readableState.destroyed; }, function (value) {
    if (this._readableState) this._readableState.destroyed = value;
  });
  property('readableFlowing', function () { return this._readableState.flowing; }, function (value) { this._readableState.flowing = value; });
  ofState('readableHighWaterMark', (state) => state.highWaterMark);
  ofState('readableBuffer', (state) => state.buffer);
  ofState('readableLength', (state) => state.length);
  ofState('readableObjectMode', (state) => state.objectMode);
  ofState('readableEncoding', (state) => state.encoding);
  ofState('readableEnded', (state) => state.endEmitted);
  ofState('readableAborted', (state) => (state.destroyed || !!state.errored) && !state.endEmitted);
  ofState('readableDidRead', (state) => state.dataEmitted);
  ofState('errored', (state) => state.errored);
  ofState('closed', (state) => state.closed);

  return { __proto__: null, Readable, highMark, newState, prepare };
})

// Streams with both halves, and those whose reading half gives what was made of the writing one.
(function (kit) {
  'use strict';

  const { apply, defineProperty } = kit.primordials;
  const { assign, inherit } = kit.use('modules/shared');
  const { begin, missing } = kit.use('modules/stream_base');
  const reading = kit.use('modules/readable');
  const writing = kit.use('modules/writable');
  const { Readable } = reading;

  function Duplex(options) {
    if (!(this instanceof Duplex)) return new Duplex(options);
    this._readableState = reading.newState(options, true);
    this._writableState = writing.newState(options, true);
    reading.prepare(this);
    writing.prepare(this, options);
    this.allowHalfOpen = !options || options.allowHalfOpen !== false;
    if (options) {
      if (typeof options.read === 'function') this._read = options.read;
      if (options.readable === false) close(this._readableState, 'readable', ['ended', 'endEmitted']);
      if (options.writable === false) close(this._writableState, 'writable', ['ending', 'ended', 'finished']);
    }
    begin(this, options);
    if (options && options.encoding) this.setEncoding(options.encoding);
    return this;
  }
  inherit(Duplex, Readable);
  writing.lend(Duplex.prototype);

  const close = (state, half, marks) => {
    state[half] = false;
    for (let i = 0; i < marks.length; i += 1) state[marks[i]] = true;
  };

  defineProperty(Duplex.prototype, 'destroyed', {
    __proto__: null,
    configurable: true,
    get() { return !!this._readableState && !!this._writableState && this._readableState.destroyed && this._writableState.destroyed; },
    set(value) {
      if (!this._readableState || !this._writableState) return;
      this._readableState.destroyed = value;
      this._writableState.destroyed = value;
    },
  });

  Duplex.from = (source) => {
    if (source && typeof source.pipe === 'function' && typeof source.write === 'function') return source;
    const readable = Readable.from(source);
    return readable;
  };

  function Transform(options) {
    if (!(this instanceof Transform)) return new Transform(options);
    apply(Duplex, this, [options]);
    // What is read asks for what is written, and not the other way round.
    this._readableState.sync = false;
    this._waiting = null;
    if (options) {
      if (typeof options.transform === 'function') this._transform = options.transform;
      if (typeof options.flush === 'function') this._flush = options.flush;
    }
    this.on('prefinish', () => { if (this._final !== finalOf) ending(this); });
    return this;
  }
  inherit(Transform, Duplex);

  const ending = (stream, then) => {
    if (typeof stream._flush !== 'function' || stream.destroyed) {
      stream['push'](null);
      if (then) then();
      return;
    }
    stream._flush((error, data) => {
      if (error) {
        if (then) then(error);
        else stream.destroy(error);
        return;
      }
      if (data !== undefined && data !== null) stream['push'](data);
      stream['push'](null);
      if (then) then();
    });
  };
  function finalOf(then) { ending(this, then); }

  assign(Transform.prototype, {
    _final: finalOf,
    _transform() { throw missing('_transform()'); },
    _write(chunk, encoding, then) {
      const state = this._readableState;
      const before = state.length;
      this._transform(chunk, encoding, (error, data) => {
        if (error) return then(error);
        if (data !== undefined && data !== null) this['push'](data);
        // The writer waits until what it made is read.
        if (this._writableState.ended || before === state.length || state.length < state.highWaterMark) return then();
        this._waiting = then;
        return undefined;
      });
    },
    _read() {
      const then = this._waiting;
      if (then === null || then === undefined) return;
      this._waiting = null;
      then();
    },
  });

  function PassThrough(options) {
    if (!(this instanceof PassThrough)) return new PassThrough(options);
    apply(Transform, this, [options]);
    return this;
  }
  inherit(PassThrough, Transform);
  PassThrough.prototype._transform = (chunk, encoding, then) => then(null, chunk);

  return { __proto__: null, Duplex, PassThrough, Transform };
})

// What all streams are: emitters that begin, fail and end in one way.
(function (kit) {
  'use strict';

  const { Error, apply } = kit.primordials;
  const { EventEmitter } = kit.use('modules/events');
  const { inherit, soon } = kit.use('modules/shared');
  const { coded } = kit.use('modules/errors');

  function Stream(options) {
    apply(EventEmitter, this, [options]);
  }
  inherit(Stream, EventEmitter);
  // Of streams that are no Readable.
  Stream.prototype.pipe = function (target, options) { return kit.use('modules/pipes').pipeOld(this, target, options); };

  const statesOf = (stream) => {
    const states = [];
    if (stream._readableState) states[states.length] = stream._readableState;
    if (stream._writableState) states[states.length] = stream._writableState;
    return states;
  };
  const each = (stream, change) => {
    const states = statesOf(stream);
    for (let i = 0; i < states.length; i += 1) change(states[i]);
  };

  // The end of every constructor: what the options say, and `_construct` if there is one.
  const begin = (stream, options) => {
    if (options) {
      if (typeof options.destroy === 'function') stream._destroy = options.destroy;
      if (typeof options.construct === 'function') stream._construct = options.construct;
      if (options.signal) kit.use('modules/pipes').addAbortSignal(options.signal, stream);
    }
    apply(Stream, stream, [options]);
    if (typeof stream._construct !== 'function') return;
    each(stream, (state) => { state.constructed = false; });
    soon(() => {
      let isCalled = false;
      const done = (error) => {
        if (isCalled) return;
        isCalled = true;
        each(stream, (state) => { state.constructed = true; });
        if (error) fail(stream, error);
        soon(() => {
          stream.emit('kConstruct');
          each(stream, (state) => { if (state.whenConstructed !== undefined) state.whenConstructed(); });
        });
      };
      try {
        stream._construct((error) => soon(done, [error]));
      } catch (error) {
        soon(done, [error]);
      }
    });
  };

  const tellEnd = (stream, error) => {
    const states = statesOf(stream);
    let isTold = false;
    let emitsClose = false;
    for (let i = 0; i < states.length; i += 1) {
      isTold = isTold || states[i].errorEmitted;
      emitsClose = emitsClose || states[i].emitClose;
    }
    if (error && !isTold) {
      each(stream, (state) => { state.errorEmitted = true; });
      stream.emit('error', error);
    }
    each(stream, (state) => { state.closeEmitted = true; });
    if (emitsClose) stream.emit('close');
  };

  function destroyOf(error, then) {
    const stream = this;
    const states = statesOf(stream);
    let isDestroyed = false;
    for (let i = 0; i < states.length; i += 1) isDestroyed = isDestroyed || states[i].destroyed;
    if (isDestroyed) {
      if (typeof then === 'function') soon(then);
      return stream;
    }
    const note = (reason) => {
      if (reason) each(stream, (state) => { if (!state.errored) state.errored = reason; });
    };
    note(error);
    each(stream, (state) => { state.destroyed = true; });
    const run = () => {
      let isCalled = false;
      const done = (reason) => {
        if (isCalled) return;
        isCalled = true;
        note(reason);
        each(stream, (state) => { state.closed = true; });
        if (typeof then === 'function') then(reason);
        soon(tellEnd, [stream, reason]);
      };
      try {
        stream._destroy(error || null, done);
      } catch (reason) {
        done(reason);
      }
    };
    let isConstructed = true;
    for (let i = 0; i < states.length; i += 1) isConstructed = isConstructed && states[i].constructed;
    if (isConstructed) run();
    else stream.once('kConstruct', run);
    return stream;
  }

  // An error of the stream: it ends it, unless the stream was told to go on.
  const fail = (stream, error) => {
    const states = statesOf(stream);
    for (let i = 0; i < states.length; i += 1) if (states[i].destroyed) return;
    let ends = states.length === 0;
    for (let i = 0; i < states.length; i += 1) ends = ends || states[i].autoDestroy;
    if (ends) {
      stream.destroy(error);
      return;
    }
    each(stream, (state) => { if (!state.errored) state.errored = error; });
    soon(() => {
      for (let i = 0; i < states.length; i += 1) if (states[i].errorEmitted) return;
      each(stream, (state) => { state.errorEmitted = true; });
      stream.emit('error', error);
    });
  };

  const missing = (name) => coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'The ' + name + ' method is not implemented');

  return { __proto__: null, Stream, begin, destroyOf, fail, missing };
})

// Files as streams: `createReadStream` and `createWriteStream`.
(function (kit) {
  'use strict';

  const { apply, setPrototypeOf } = kit.primordials;
  const { runPromising, settle } = kit.use('modules/fs_calls');
  const { bytesOf, optionsOf, pathOf } = kit.use('modules/fs_values');
  const { ofOpen, readInto, writeAll } = kit.use('modules/fs_works');
  const { Readable, Writable } = kit.use('modules/stream').exports;
  const { Buffer } = kit.use('modules/buffer');

  // Bytes that are read at a time unless told otherwise.
  const PIECE = 65536;

  const numberIn = (fd) => (fd !== null && typeof fd === 'object' ? fd.fd : fd);

  // Opens what a stream reads or writes, unless it was open before.
  const opening = (stream, flags) => (done) => {
    if (stream.fd !== null) return done();
    return settle(runPromising(ofOpen.open, [stream.path, flags]), (error, fd) => {
      if (error) return done(error);
      stream.fd = fd;
      stream.pending = false;
      stream.emit('open', fd);
      stream.emit('ready');
      return done();
    });
  };

  const closing = (stream, autoClose) => (error, done) => {
    const { fd } = stream;
    if (fd === null || !autoClose) return done(error);
    stream.fd = null;
    return settle(runPromising(ofOpen.close, [fd]), (failed) => done(error || failed));
  };

  const begin = (stream, path, options) => {
    stream.path = path === null || path === undefined ? undefined : pathOf(path);
    stream.fd = options.fd === undefined || options.fd === null ? null : numberIn(options.fd);
    stream.pending = stream.fd === null;
    stream.flags = options.flags;
  };

  const close = (stream, done) => {
    if (typeof done === 'function') {
      if (stream.closed) return done();
      stream.once('close', done);
    }
    stream.destroy();
    return undefined;
  };

  // The method is the stream's, and no array's.
  const give = (stream, chunk) => apply(Readable.prototype['push'], stream, [chunk]);

  class ReadStream extends Readable {
    constructor(path, given) {
      const options = optionsOf(given);
      super({ autoDestroy: true, emitClose: options.emitClose !== false, encoding: options.encoding, highWaterMark: options.highWaterMark || PIECE, signal: options.signal });
      begin(this, path, options);
      this.bytesRead = 0;
      this.start = options.start;
      this.end = options.end === undefined ? Infinity : options.end;
      this.autoClose = options.autoClose !== false;
    }

    _construct(done) { opening(this, this.flags || 'r')(done); }

    _read(size) {
      const from = this.start === undefined ? 0 : this.start;
      const left = this.end - (from + this.bytesRead) + 1;
      const count = left < size ? left : size;
      if (count <= 0) {
        give(this, null);
        return;
      }
      const position = this.start === undefined ? undefined : this.start + this.bytesRead;
      settle(runPromising(readInto, [this.fd, Buffer.alloc(count), 0, count, position]), (error, read) => {
        if (error) return this.destroy(error);
        this.bytesRead += read.bytesRead;
        return give(this, read.bytesRead === 0 ? null : read.buffer.subarray(0, read.bytesRead));
      });
    }

    _destroy(error, done) { closing(this, this.autoClose)(error, done); }

    close(done) { return close(this, done); }
  }

  class WriteStream extends Writable {
    constructor(path, given) {
      const options = optionsOf(given);
      super({ autoDestroy: true, decodeStrings: true, defaultEncoding: options.encoding || 'utf8', emitClose: options.emitClose !== false, highWaterMark: options.highWaterMark, signal: options.signal });
      begin(this, path, options);
      this.bytesWritten = 0;
      this.start = options.start;
      this.autoClose = options.autoClose !== false;
    }

    _construct(done) { opening(this, this.flags || (this.start === undefined ? 'w' : 'r+'))(done); }

    _write(chunk, encoding, done) {
      const position = this.start === undefined ? undefined : this.start + this.bytesWritten;
      settle(runPromising(writeAll, [this.fd, bytesOf(chunk, encoding), position]), (error, written) => {
        if (error) return done(error);
        this.bytesWritten += written;
        return done();
      });
    }

    _destroy(error, done) { closing(this, this.autoClose)(error, done); }

    close(done) {
      if (typeof done === 'function') this.once('close', done);
      this.end();
    }
  }

  // Both can be called without `new`, as in old programs.
  const callable = (Class) => {
    const made = function (path, options) { return new Class(path, options); };
    made.prototype = Class.prototype;
    setPrototypeOf(made, Class);
    return made;
  };

  return {
    __proto__: null,
    ReadStream: callable(ReadStream),
    WriteStream: callable(WriteStream),
    createReadStream: (path, options) => new ReadStream(path, options),
    createWriteStream: (path, options) => new WriteStream(path, options),
  };
})

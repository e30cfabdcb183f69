// `zlib`: deflate, zlib and gzip. The runner computes at the end of what was given.
(function (kit, native) {
  'use strict';

  const { Error, RangeError, Uint8Array, apply, construct, freeze, isView, ownKeys, push, slice, toLowerCase, toNumber } = kit.primordials;
  const { callback, coded, invalidType, outOfRange } = kit.use('modules/errors');
  const { inherit, soon } = kit.use('modules/shared');
  const { Buffer, adopt, ofText, viewOf } = kit.use('modules/buffer');
  const { Transform } = kit.use('modules/stream').exports;

  // The runner's forms.
  const RAW = 0;
  const ZLIB = 1;
  const GZIP = 2;

  const bytesOf = (value) => {
    if (typeof value === 'string') return ofText(value);
    if (isView(value)) return viewOf(value);
    if (native.className(value) === 'ArrayBuffer') return new Uint8Array(value);
    throw invalidType('buffer', 'of type string or an instance of Buffer, TypedArray, DataView, or ArrayBuffer', value);
  };

  const NUMBERS = { __proto__: null, Z_BUF_ERROR: -5, Z_DATA_ERROR: -3 };

  const pack = (form) => (data, options) => {
    const level = options && options.level !== undefined ? options.level : -1;
    if (typeof level !== 'number') throw invalidType('options.level', 'of type number', level);
    if (!(-1 <= level && level <= 9)) throw outOfRange('options.level', '>= -1 and <= 9', level);
    return adopt(native.deflate(form, bytesOf(data), level === -1 ? 6 : level));
  };
  const unpack = (form) => (data, options) => {
    const most = options && options.maxOutputLength;
    try {
      return adopt(native.inflate(form, bytesOf(data), most === undefined ? 1 / 0 : toNumber(most)));
    } catch (error) {
      if (NUMBERS[error.code] !== undefined) error.errno = NUMBERS[error.code];
      if (error.code === 'ERR_BUFFER_TOO_LARGE') throw coded(RangeError, error.code, error.message);
      throw error;
    }
  };
  // What begins as gzip does is that.
  const unpackAny = (data, options) => {
    const view = bytesOf(data);
    return unpack(view[0] === 0x1f && view[1] === 0x8b ? GZIP : ZLIB)(view, options);
  };
  const notHere = (name) => () => { throw coded(Error, 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', 'zlib.' + name + ' is not there: Brotli is none of its forms here'); };

  const works = {
    __proto__: null,
    Deflate: pack(ZLIB),
    Inflate: unpack(ZLIB),
    Gzip: pack(GZIP),
    Gunzip: unpack(GZIP),
    DeflateRaw: pack(RAW),
    InflateRaw: unpack(RAW),
    Unzip: unpackAny,
    BrotliCompress: notHere('BrotliCompress'),
    BrotliDecompress: notHere('BrotliDecompress'),
  };

  const streamOf = (name, work) => {
    const Class = { [name]: function (options) {
      if (!(this instanceof Class)) return construct(Class, [options]);
      apply(Transform, this, [options]);
      this._options = options;
      this._chunks = [];
      this.bytesWritten = 0;
      return this;
    } }[name];
    inherit(Class, Transform);
    Class.prototype._transform = function (chunk, encoding, then) {
      push(this._chunks, chunk);
      this.bytesWritten += chunk.length;
      then();
    };
    Class.prototype._flush = function (then) {
      let made;
      try {
        made = work(Buffer.concat(this._chunks), this._options);
      } catch (error) {
        then(error);
        return;
      }
      then(null, made);
    };
    Class.prototype.flush = function (kind, then) { if (typeof (then || kind) === 'function') soon(then || kind); };
    Class.prototype.close = function (then) {
      if (typeof then === 'function') soon(then);
      this.destroy();
    };
    Class.prototype.params = function (level, strategy, then) { soon(then); };
    Class.prototype.reset = function () { this._chunks = []; };
    return Class;
  };

  const codes = {
    Z_NO_FLUSH: 0, Z_PARTIAL_FLUSH: 1, Z_SYNC_FLUSH: 2, Z_FULL_FLUSH: 3, Z_FINISH: 4, Z_BLOCK: 5, Z_OK: 0, Z_STREAM_END: 1,
    Z_NEED_DICT: 2, Z_ERRNO: -1, Z_STREAM_ERROR: -2, Z_DATA_ERROR: -3, Z_MEM_ERROR: -4, Z_BUF_ERROR: -5, Z_VERSION_ERROR: -6,
    Z_NO_COMPRESSION: 0, Z_BEST_SPEED: 1, Z_BEST_COMPRESSION: 9, Z_DEFAULT_COMPRESSION: -1, Z_FILTERED: 1, Z_HUFFMAN_ONLY: 2,
    Z_RLE: 3, Z_FIXED: 4, Z_DEFAULT_STRATEGY: 0, ZLIB_VERNUM: 4880, DEFLATE: 1, INFLATE: 2, GZIP: 3, GUNZIP: 4, DEFLATERAW: 5,
    INFLATERAW: 6, UNZIP: 7, Z_MIN_WINDOWBITS: 8, Z_MAX_WINDOWBITS: 15, Z_DEFAULT_WINDOWBITS: 15, Z_MIN_CHUNK: 64,
    Z_MAX_CHUNK: 1 / 0, Z_DEFAULT_CHUNK: 16384, Z_MIN_MEMLEVEL: 1, Z_MAX_MEMLEVEL: 9, Z_DEFAULT_MEMLEVEL: 8, Z_MIN_LEVEL: -1,
    Z_MAX_LEVEL: 9, Z_DEFAULT_LEVEL: -1, BROTLI_OPERATION_PROCESS: 0, BROTLI_OPERATION_FLUSH: 1, BROTLI_OPERATION_FINISH: 2,
    BROTLI_PARAM_QUALITY: 1, BROTLI_PARAM_SIZE_HINT: 5,
  };

  const exports = { constants: freeze(codes), codes: freeze({ Z_OK: 0, Z_DATA_ERROR: -3, Z_BUF_ERROR: -5, '-3': 'Z_DATA_ERROR', '-5': 'Z_BUF_ERROR' }) };
  const names = ownKeys(works);
  const lower = (name) => toLowerCase(name[0]) + slice(name, 1);
  for (let i = 0; i < names.length; i += 1) {
    const work = works[names[i]];
    const Class = streamOf(names[i], work);
    exports[names[i]] = Class;
    exports['create' + names[i]] = (options) => new Class(options);
    exports[lower(names[i]) + 'Sync'] = work;
    exports[lower(names[i])] = (data, options, then) => {
      const done = callback(typeof options === 'function' ? options : then);
      try {
        soon(done, [null, work(data, typeof options === 'function' ? undefined : options)]);
      } catch (error) {
        if (error.code === 'ERR_INVALID_ARG_TYPE') throw error;
        soon(done, [error]);
      }
    };
  }
  exports.crc32 = (data, before = 0) => native.crc32(bytesOf(data), before);

  const constantNames = ownKeys(codes);
  for (let i = 0; i < constantNames.length; i += 1) {
    if (constantNames[i][0] === 'Z') exports[constantNames[i]] = codes[constantNames[i]];
  }

  return { __proto__: null, exports };
})

// `buffer`: Buffer, which is a Uint8Array with Node.js's methods. The runner translates between bytes and text.
(function (kit, native) {
  'use strict';

  const {
    RangeError, Symbol, TypeError, Uint8Array, apply, defineProperty, floor, isArray, isNaN, isView, numberText, ownKeys, padStart,
    push, setPrototypeOf, toLowerCase, toNumber, toText, trunc, typedArrayBuffer, typedArrayBytes, typedArrayOffset,
    typedArraySet, symbolFor,
  } = kit.primordials;
  const { coded, found, invalidType, invalidValue, outOfRange } = kit.use('modules/errors');

  const MOST = 2 ** 32;

  // The numbers of the runner's encodings.
  const ENCODINGS = {
    __proto__: null, utf8: 0, 'utf-8': 0, utf16le: 1, 'utf-16le': 1, ucs2: 1, 'ucs-2': 1, latin1: 2, binary: 2, ascii: 3, hex: 4,
    base64: 5, base64url: 6,
  };
  const NAMES = ['utf8', 'utf16le', 'latin1', 'ascii', 'hex', 'base64', 'base64url'];

  const encodingOf = (name) => {
    if (name === undefined || name === null || name === '') return 0;
    const number = typeof name === 'string' ? (ENCODINGS[name] === undefined ? ENCODINGS[toLowerCase(name)] : ENCODINGS[name]) : undefined;
    if (number === undefined) throw coded(TypeError, 'ERR_UNKNOWN_ENCODING', 'Unknown encoding: ' + toText(name));
    return number;
  };

  class FastBuffer extends Uint8Array {}

  // A function and no class: old programs call it without `new`.
  function Buffer(value, encodingOrOffset, length) {
    if (typeof value === 'number') {
      if (typeof encodingOrOffset === 'string') throw invalidType('string', 'of type string', value);
      return Buffer.alloc(value);
    }
    return Buffer.from(value, encodingOrOffset, length);
  }
  defineProperty(FastBuffer.prototype, 'constructor', { __proto__: null, value: Buffer, writable: true, configurable: true });
  Buffer.prototype = FastBuffer.prototype;
  setPrototypeOf(Buffer, Uint8Array);
  defineProperty(Buffer, Symbol.species, { __proto__: null, configurable: true, get: () => FastBuffer });

  const over = (buffer, offset, length) => new FastBuffer(buffer, offset, length);
  // The bytes of a Uint8Array of ours that nobody else holds.
  const adopt = (bytes) => over(typedArrayBuffer(bytes), typedArrayOffset(bytes), typedArrayBytes(bytes));
  // The same bytes from one place to another, not copied.
  const portion = (buffer, from, to = typedArrayBytes(buffer)) => (
    over(typedArrayBuffer(buffer), typedArrayOffset(buffer) + from, to - from)
  );
  const ofText = (text, encoding) => adopt(native.bytesOf(text, encodingOf(encoding)));
  const isBytes = (value) => native.className(value) === 'Uint8Array';
  const isObject = (value) => value !== null && typeof value === 'object';

  const viewOf = (value) => new Uint8Array(typedArrayBuffer(value), typedArrayOffset(value), typedArrayBytes(value));

  const checkSize = (size) => {
    if (typeof size !== 'number') throw invalidType('size', 'of type number', size);
    if (!(0 <= size && size <= MOST)) throw outOfRange('size', '>= 0 && <= ' + MOST, size);
  };

  const ofList = (list) => {
    const length = list.length === undefined ? 0 : trunc(toNumber(list.length)) || 0;
    const made = new FastBuffer(length < 0 ? 0 : length);
    for (let i = 0; i < typedArrayBytes(made); i += 1) made[i] = list[i];
    return made;
  };

  const ofObject = (value, encodingOrOffset, length) => {
    const kind = native.className(value);
    if (kind === 'ArrayBuffer' || kind === 'SharedArrayBuffer') {
      const size = value.byteLength;
      const offset = encodingOrOffset === undefined ? 0 : toNumber(encodingOrOffset) || 0;
      if (size < offset) throw coded(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"offset" is outside of buffer bounds');
      const most = size - offset;
      const count = length === undefined ? most : toNumber(length) || 0;
      if (most < count) throw coded(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', '"length" is outside of buffer bounds');
      return over(value, offset, 0 < count ? count : 0);
    }
    if (isView(value) || isArray(value)) return ofList(value);
    const own = typeof value.valueOf === 'function' ? value.valueOf() : value;
    if (own !== value && own !== null && own !== undefined && (typeof own === 'string' || typeof own === 'object')) {
      return Buffer.from(own, encodingOrOffset, length);
    }
    if (value.type === 'Buffer' && isArray(value.data)) return ofList(value.data);
    if (typeof value.length === 'number' || (value.buffer !== undefined && native.className(value.buffer) === 'ArrayBuffer')) {
      return typeof value.length === 'number' ? ofList(value) : new FastBuffer(0);
    }
    const toPrimitive = value[Symbol.toPrimitive];
    if (typeof toPrimitive === 'function') {
      const primitive = apply(toPrimitive, value, ['string']);
      if (typeof primitive === 'string') return ofText(primitive, encodingOrOffset);
    }
    return undefined;
  };

  Buffer.from = (value, encodingOrOffset, length) => {
    if (typeof value === 'string') return ofText(value, encodingOrOffset);
    if (isObject(value) || typeof value === 'function') {
      const made = ofObject(value, encodingOrOffset, length);
      if (made !== undefined) return made;
    }
    throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'The first argument must be of type string or an instance of Buffer, '
      + 'ArrayBuffer, or Array or an Array-like Object. Received ' + found(value));
  };
  Buffer.alloc = (size, fill, encoding) => {
    checkSize(size);
    const made = new FastBuffer(size);
    return fill === undefined || fill === 0 || size === 0 ? made : apply(methods.fill, made, [fill, encoding]);
  };
  // Memory of others is never handed out here.
  Buffer.allocUnsafe = (size) => { checkSize(size); return new FastBuffer(size); };
  Buffer.allocUnsafeSlow = Buffer.allocUnsafe;
  Buffer.isBuffer = (value) => value instanceof Buffer;
  Buffer.isEncoding = (name) => typeof name === 'string' && name !== '' && ENCODINGS[toLowerCase(name)] !== undefined;
  Buffer.byteLength = (value, encoding) => {
    if (typeof value === 'string') {
      const number = typeof encoding === 'string' && ENCODINGS[toLowerCase(encoding)] !== undefined ? ENCODINGS[toLowerCase(encoding)] : 0;
      if (number === 1) return value.length * 2;
      if (number === 2 || number === 3) return value.length;
      if (number === 4) return floor(value.length / 2);
      return typedArrayBytes(native.bytesOf(value, number));
    }
    if (isView(value) || native.className(value) === 'ArrayBuffer' || native.className(value) === 'SharedArrayBuffer') return value.byteLength;
    throw invalidType('string', 'of type string or an instance of Buffer or ArrayBuffer', value);
  };
  const comparedTo = (a, b) => native.compareBytes(a, b);
  const needBytes = (value, name) => {
    if (!isBytes(value)) throw invalidType(name, 'an instance of Buffer or Uint8Array', value);
    return value;
  };
  Buffer.compare = (a, b) => comparedTo(needBytes(a, 'buf1'), needBytes(b, 'buf2'));
  Buffer.concat = (list, length) => {
    if (!isArray(list)) throw invalidType('list', 'an instance of Array', list);
    if (list.length === 0) return new FastBuffer(0);
    let total = 0;
    for (let i = 0; i < list.length; i += 1) total += typedArrayBytes(needBytes(list[i], 'list[' + i + ']'));
    if (length !== undefined) {
      checkSize(length);
      total = length;
    }
    const made = new FastBuffer(total);
    let at = 0;
    for (let i = 0; i < list.length && at < total; i += 1) {
      const bytes = viewOf(list[i]);
      const count = typedArrayBytes(bytes);
      typedArraySet(made, at + count <= total ? bytes : new Uint8Array(typedArrayBuffer(bytes), typedArrayOffset(bytes), total - at), at);
      at += count;
    }
    return made;
  };
  Buffer.copyBytesFrom = (view, offset = 0, length = undefined) => {
    const from = offset;
    const count = length === undefined ? view.length - from : length;
    const size = view.BYTES_PER_ELEMENT;
    const most = typedArrayBytes(view) / size - from;
    const taken = count < most ? count : most;
    if (taken <= 0) return new FastBuffer(0);
    return ofList(new Uint8Array(typedArrayBuffer(view), typedArrayOffset(view) + from * size, taken * size));
  };
  Buffer.of = (...items) => ofList(items);
  Buffer.poolSize = 8192;

  // A place in a buffer: what is no number counts as `otherwise`, and what lies outside as its end.
  const clamp = (value, otherwise, most) => {
    if (value === undefined) return otherwise;
    const whole = trunc(toNumber(value)) || 0;
    return whole < 0 ? 0 : most < whole ? most : whole;
  };
  // The same, where a negative place counts from the end.
  const fromEnd = (value, otherwise, most) => {
    if (value === undefined) return otherwise;
    const whole = trunc(toNumber(value)) || 0;
    if (whole < 0) return whole + most < 0 ? 0 : whole + most;
    return most < whole ? most : whole;
  };

  const part = (buffer, from, to) => new Uint8Array(typedArrayBuffer(buffer), typedArrayOffset(buffer) + from, from < to ? to - from : 0);

  const needle = (value, encoding) => {
    if (typeof value === 'string') return native.bytesOf(value, encodingOf(encoding));
    if (typeof value === 'number') return new Uint8Array([value & 255]);
    if (isBytes(value)) return viewOf(value);
    throw invalidType('value', 'one of type number or string or an instance of Buffer or Uint8Array', value);
  };

  const search = (buffer, value, offset, encoding, isLast) => {
    const length = typedArrayBytes(buffer);
    let name = encoding;
    let from = offset;
    if (typeof offset === 'string') {
      name = offset;
      from = undefined;
    }
    const wanted = needle(value, name);
    from = from === undefined || isNaN(+from) ? (isLast ? length : 0) : trunc(+from);
    if (from < 0) from += length;
    if (from < 0) {
      if (isLast) return -1;
      from = 0;
    }
    if (typedArrayBytes(wanted) === 0) return from < length ? from : length;
    const step = typeof value === 'string' && encodingOf(name) === 1 ? 2 : 1;
    return native.findBytes(buffer, wanted, from < length ? from : length, isLast, step);
  };

  const methods = {
    __proto__: null,
    toString(encoding, start, end) {
      const length = typedArrayBytes(this);
      const from = clamp(start, 0, length);
      const to = clamp(end, length, length);
      if (to <= from) return '';
      return native.textOf(part(this, from, to), encodingOf(encoding));
    },
    toJSON() {
      const data = [];
      for (let i = 0; i < typedArrayBytes(this); i += 1) push(data, this[i]);
      return { type: 'Buffer', data };
    },
    equals(other) {
      needBytes(other, 'otherBuffer');
      return this === other || comparedTo(this, other) === 0;
    },
    compare(target, targetStart, targetEnd, sourceStart, sourceEnd) {
      const other = viewOf(needBytes(target, 'target'));
      const there = part(other, clamp(targetStart, 0, other.length), clamp(targetEnd, other.length, other.length));
      const length = typedArrayBytes(this);
      return comparedTo(part(this, clamp(sourceStart, 0, length), clamp(sourceEnd, length, length)), there);
    },
    slice(start, end) {
      const length = typedArrayBytes(this);
      const from = fromEnd(start, 0, length);
      const to = fromEnd(end, length, length);
      return over(typedArrayBuffer(this), typedArrayOffset(this) + from, from < to ? to - from : 0);
    },
    copy(target, targetStart, sourceStart, sourceEnd) {
      if (!isView(target)) throw invalidType('target', 'an instance of Buffer or Uint8Array', target);
      const there = viewOf(target);
      const at = clamp(targetStart, 0, MOST);
      const length = typedArrayBytes(this);
      const from = clamp(sourceStart, 0, length);
      const to = clamp(sourceEnd, length, length);
      const room = typedArrayBytes(there) - at;
      const count = to - from < room ? to - from : room;
      if (count <= 0) return 0;
      typedArraySet(there, part(this, from, from + count), at);
      return count;
    },
    write(text, offset, length, encoding) {
      if (typeof text !== 'string') throw invalidType('argument', 'of type string', text);
      const size = typedArrayBytes(this);
      let at = offset;
      let most = length;
      let name = encoding;
      if (typeof offset === 'string') {
        name = offset;
        at = 0;
        most = undefined;
      } else if (typeof length === 'string') {
        name = length;
        most = undefined;
      }
      at = at === undefined ? 0 : at;
      if (typeof at !== 'number') throw invalidType('offset', 'of type number', at);
      if (at < 0 || size < at) throw outOfRange('offset', '>= 0 && <= ' + size, at);
      const room = most === undefined || size - at < most ? size - at : most;
      const number = encodingOf(name);
      const bytes = number === 0 ? native.encodeText(text, room)[0] : native.bytesOf(text, number);
      let count = typedArrayBytes(bytes) < room ? typedArrayBytes(bytes) : room;
      if (number === 1) count -= count % 2;
      for (let i = 0; i < count; i += 1) this[at + i] = bytes[i];
      return count;
    },
    fill(value, offset, end, encoding) {
      const length = typedArrayBytes(this);
      let from = offset;
      let to = end;
      let name = encoding;
      if (typeof offset === 'string') {
        name = offset;
        from = undefined;
        to = undefined;
      } else if (typeof end === 'string') {
        name = end;
        to = undefined;
      }
      if (from !== undefined && !(0 <= from && from <= length)) throw outOfRange('offset', '>= 0 && <= ' + length, from);
      if (to !== undefined && !(0 <= to && to <= length)) throw outOfRange('end', '>= 0 && <= ' + length, to);
      from = clamp(from, 0, length);
      to = clamp(to, length, length);
      const pattern = typeof value === 'string' || isBytes(value) ? needle(value, name) : new Uint8Array([toNumber(value) & 255]);
      const count = typedArrayBytes(pattern);
      if (count === 0) {
        if (typeof value !== 'string' || value.length !== 0) throw invalidValue('value', value);
        for (let i = from; i < to; i += 1) this[i] = 0;
        return this;
      }
      for (let i = from; i < to; i += 1) this[i] = pattern[(i - from) % count];
      return this;
    },
    indexOf(value, offset, encoding) { return search(this, value, offset, encoding, false); },
    lastIndexOf(value, offset, encoding) { return search(this, value, offset, encoding, true); },
    includes(value, offset, encoding) { return search(this, value, offset, encoding, false) !== -1; },
  };
  methods.subarray = methods.slice;
  methods.toLocaleString = methods.toString;

  const swapped = (size) => function () {
    const length = typedArrayBytes(this);
    if (length % size !== 0) throw coded(RangeError, 'ERR_INVALID_BUFFER_SIZE', 'Buffer size must be a multiple of ' + size * 8 + '-bits');
    for (let at = 0; at < length; at += size) {
      for (let i = 0; i < size / 2; i += 1) {
        const low = this[at + i];
        this[at + i] = this[at + size - 1 - i];
        this[at + size - 1 - i] = low;
      }
    }
    return this;
  };
  methods.swap16 = swapped(2);
  methods.swap32 = swapped(4);
  methods.swap64 = swapped(8);

  const perEncoding = (name) => {
    const title = name === 'utf16le' ? 'ucs2' : name;
    methods[title + 'Slice'] = function (start, end) { return apply(methods.toString, this, [name, start, end]); };
    methods[title + 'Write'] = function (text, offset, length) { return apply(methods.write, this, [text, offset, length, name]); };
  };
  for (let i = 0; i < NAMES.length; i += 1) perEncoding(NAMES[i]);

  const inspectSymbol = symbolFor('nodejs.util.inspect.custom');
  methods[inspectSymbol] = function () {
    const length = typedArrayBytes(this);
    let text = length === 0 ? '<Buffer ' : '<Buffer';
    for (let i = 0; i < length && i < 50; i += 1) text += ' ' + padStart(numberText(this[i], 16), 2, '0');
    if (50 < length) text += ' ... ' + (length - 50) + ' more byte' + (length === 51 ? '' : 's');
    return text + '>';
  };

  const define = (name, value) => {
    defineProperty(Buffer.prototype, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  };
  const keys = ownKeys(methods);
  for (let i = 0; i < keys.length; i += 1) define(keys[i], methods[keys[i]]);
  kit.use('modules/buffer_numbers').install(define);

  const getter = (name, get) => defineProperty(Buffer.prototype, name, { __proto__: null, enumerable: true, configurable: true, get });
  getter('parent', function () { return this instanceof Buffer ? typedArrayBuffer(this) : undefined; });
  getter('offset', function () { return this instanceof Buffer ? typedArrayOffset(this) : undefined; });

  const isText = (encoding) => (value) => {
    const bytes = isView(value) ? viewOf(value) : new Uint8Array(value);
    if (encoding === 0) return native.decodeText(0, bytes, true, true, false) !== null;
    for (let i = 0; i < typedArrayBytes(bytes); i += 1) if (127 < bytes[i]) return false;
    return true;
  };

  const exports = {
    Buffer,
    SlowBuffer: (size) => Buffer.allocUnsafeSlow(size),
    transcode: (source, from, to) => Buffer.from(apply(methods.toString, source, [from]), to),
    isUtf8: isText(0),
    isAscii: isText(3),
    kMaxLength: MOST,
    kStringMaxLength: 0x1fffffe8,
    constants: { MAX_LENGTH: MOST, MAX_STRING_LENGTH: 0x1fffffe8 },
    INSPECT_MAX_BYTES: 50,
    // Whatever the plugin made of the globals by now.
    atob: (text) => globalThis.atob(text),
    btoa: (text) => globalThis.btoa(text),
  };

  return { __proto__: null, exports, Buffer, NAMES, adopt, encodingOf, ofText, portion, viewOf };
})

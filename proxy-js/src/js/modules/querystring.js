// `querystring`: forms as programs wrote them before `URLSearchParams`.
(function (kit, native) {
  'use strict';

  const { create, fromCharCode, indexOf, isArray, join, numberText, ownKeys, padStart, push, slice, split, toText, toUpperCase } = kit.primordials;

  const PLAIN = "!'()*-._~";
  const isPlain = (code) => (0x30 <= code && code <= 0x39) || (0x41 <= code && code <= 0x5a) || (0x61 <= code && code <= 0x7a);

  const escape = (value) => {
    const bytes = native.bytesOf(typeof value === 'string' ? value : toText(value), 0);
    let text = '';
    for (let i = 0; i < bytes.length; i += 1) {
      const unit = fromCharCode(bytes[i]);
      if (isPlain(bytes[i]) || indexOf(PLAIN, unit) !== -1) text += unit;
      else text += '%' + padStart(toUpperCase(numberText(bytes[i], 16)), 2, '0');
    }
    return text;
  };

  // What is no escape stays as it is.
  const unescapeBuffer = (text) => {
    const { Buffer } = kit.use('modules/buffer');
    const source = native.bytesOf(toText(text), 0);
    const made = Buffer.alloc(source.length);
    let length = 0;
    const nibble = (code) => (0x30 <= code && code <= 0x39 ? code - 0x30
      : 0x61 <= (code | 32) && (code | 32) <= 0x66 ? (code | 32) - 0x61 + 10 : -1);
    for (let i = 0; i < source.length; i += 1) {
      const high = source[i] === 0x25 && i + 2 < source.length ? nibble(source[i + 1]) : -1;
      const low = high < 0 ? -1 : nibble(source[i + 2]);
      if (low < 0) {
        made[length] = source[i];
      } else {
        made[length] = high * 16 + low;
        i += 2;
      }
      length += 1;
    }
    return made.subarray(0, length);
  };
  const unescape = (text) => unescapeBuffer(text).toString();

  const primitive = (value) => {
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return value - value === 0 ? toText(value) : '';
    if (typeof value === 'bigint' || typeof value === 'boolean') return toText(value);
    return '';
  };

  const stringify = (object, separator = '&', equals = '=', options = undefined) => {
    if (object === null || typeof object !== 'object') return '';
    const encode = options && typeof options.encodeURIComponent === 'function' ? options.encodeURIComponent : exports.escape;
    const pairs = [];
    const keys = ownKeys(object);
    for (let i = 0; i < keys.length; i += 1) {
      if (typeof keys[i] === 'symbol') continue;
      const value = object[keys[i]];
      const name = encode(keys[i]) + (equals || '=');
      if (!isArray(value)) push(pairs, name + encode(primitive(value)));
      else for (let k = 0; k < value.length; k += 1) push(pairs, name + encode(primitive(value[k])));
    }
    return join(pairs, separator || '&');
  };

  const parse = (text, separator = '&', equals = '=', options = undefined) => {
    const found = create(null);
    if (typeof text !== 'string' || text === '') return found;
    const decode = options && typeof options.decodeURIComponent === 'function' ? options.decodeURIComponent : exports.unescape;
    const most = options && typeof options.maxKeys === 'number' ? options.maxKeys : 1000;
    const read = (part) => {
      const spaced = join(split(part, '+'), ' ');
      try {
        return decode(spaced);
      } catch {
        return unescape(spaced);
      }
    };
    const pairs = split(text, separator || '&');
    const mark = equals || '=';
    for (let i = 0; i < pairs.length && (most <= 0 || i < most); i += 1) {
      if (pairs[i] === '') continue;
      const at = indexOf(pairs[i], mark);
      const name = read(at < 0 ? pairs[i] : slice(pairs[i], 0, at));
      const value = at < 0 ? '' : read(slice(pairs[i], at + mark.length));
      if (found[name] === undefined) found[name] = value;
      else if (isArray(found[name])) push(found[name], value);
      else found[name] = [found[name], value];
    }
    return found;
  };

  const exports = { stringify, encode: stringify, parse, decode: parse, escape, unescape, unescapeBuffer };

  return { __proto__: null, exports };
})

// `string_decoder`: text out of bytes that arrive in pieces.
(function (kit, native) {
  'use strict';

  const { TypeError, isView, toText, typedArrayBytes } = kit.primordials;
  const { coded, invalidType } = kit.use('modules/errors');
  const { Buffer, NAMES, encodingOf, viewOf } = kit.use('modules/buffer');

  const UTF8 = 0;
  const UTF16 = 1;
  const BASE64 = 5;
  const BASE64_URL = 6;

  // How many bytes at the end are the beginning of something that is still to come.
  const begun = (bytes, encoding) => {
    const length = typedArrayBytes(bytes);
    if (encoding === UTF8 || encoding === UTF16) {
      return length - native.decodeText(encoding, bytes, false, false, false)[1];
    }
    return encoding === BASE64 || encoding === BASE64_URL ? length % 3 : 0;
  };

  function StringDecoder(encoding) {
    const number = encodingOf(encoding);
    if (encoding !== undefined && encoding !== null && typeof encoding !== 'string') {
      throw coded(TypeError, 'ERR_UNKNOWN_ENCODING', 'Unknown encoding: ' + toText(encoding));
    }
    this.encoding = NAMES[number];
    this.lastNeed = 0;
    this.lastTotal = 0;
    this.lastChar = Buffer.alloc(0);
  }
  StringDecoder.prototype.write = function (chunk) {
    if (typeof chunk === 'string') return chunk;
    if (!isView(chunk)) throw invalidType('buf', 'an instance of Buffer, TypedArray, or DataView', chunk);
    const number = encodingOf(this.encoding);
    const bytes = typedArrayBytes(this.lastChar) === 0 ? viewOf(chunk) : Buffer.concat([this.lastChar, viewOf(chunk)]);
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, typedArrayBytes(bytes) - begun(bytes, number));
    this.lastChar = Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset + whole.length, typedArrayBytes(bytes) - whole.length));
    this.lastNeed = typedArrayBytes(this.lastChar);
    return whole.toString(this.encoding);
  };
  StringDecoder.prototype.end = function (chunk) {
    const text = chunk === undefined ? '' : this.write(chunk);
    const rest = this.lastChar;
    this.lastChar = Buffer.alloc(0);
    this.lastNeed = 0;
    return text + rest.toString(this.encoding);
  };
  StringDecoder.prototype.text = function (chunk, offset) {
    this.lastChar = Buffer.alloc(0);
    return this.write(viewOf(chunk).subarray(offset));
  };

  return { __proto__: null, exports: { StringDecoder }, StringDecoder };
})

// TextEncoder and TextDecoder. The runner translates; what stands here are streams and options.
(function (kit, native) {
  'use strict';

  const {
    RangeError, TypeError, Uint8Array, asText, push, slice, split, toLowerCase, typedArrayBytes, typedArraySet,
  } = kit.primordials;
  const { bytesOf, dictionary, expose, need } = kit.use('webidl');

  // The names of each encoding; the first is the standard's own. The order is that of the runner's numbers.
  const NAMES = [
    'utf-8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf8 x-unicode20utf8',
    'utf-16le csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16',
    'utf-16be unicodefffe',
    'windows-1252 ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591'
      + ' iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii x-cp1252',
  ];
  const numbers = { __proto__: null };
  const standard = [];
  for (let number = 0; number < NAMES.length; number += 1) {
    const names = split(NAMES[number], ' ');
    push(standard, names[0]);
    for (let i = 0; i < names.length; i += 1) numbers[names[i]] = number;
  }

  const isSpace = (unit) => unit === '\t' || unit === '\n' || unit === '\f' || unit === '\r' || unit === ' ';

  const trimmed = (text) => {
    let from = 0;
    let to = text.length;
    while (from < to && isSpace(text[from])) from += 1;
    while (from < to && isSpace(text[to - 1])) to -= 1;
    return slice(text, from, to);
  };

  class TextEncoder {
    #isEncoder = true;

    get encoding() { return this.#isEncoder && 'utf-8'; }

    encode(input = '') {
      this.#isEncoder;
      return native.encodeText(asText(input))[0];
    }

    encodeInto(source, destination) {
      this.#isEncoder;
      need(arguments.length, 2, 'encodeInto');
      const text = asText(source);
      if (native.className(destination) !== 'Uint8Array') throw new TypeError('encodeInto needs a Uint8Array');
      const encoded = native.encodeText(text, typedArrayBytes(destination));
      typedArraySet(destination, encoded[0]);
      return { read: encoded[1], written: typedArrayBytes(encoded[0]) };
    }
  }
  expose(TextEncoder, 'TextEncoder');

  const nothing = new Uint8Array(0);

  class TextDecoder {
    #number;
    #isFatal;
    #keepsMark;
    // Within a stream: the beginning of a character, and whether the first character is behind us.
    #left = nothing;
    #hasBegun = false;

    constructor(label = 'utf-8', options = undefined) {
      const name = asText(label);
      const { fatal, ignoreBOM } = dictionary(options, 'the second argument of TextDecoder');
      this.#number = numbers[toLowerCase(trimmed(name))];
      if (this.#number === undefined) throw new RangeError('there is no encoding ' + name);
      this.#isFatal = !!fatal;
      this.#keepsMark = !!ignoreBOM;
    }

    get encoding() { return standard[this.#number]; }
    get fatal() { return this.#isFatal; }
    get ignoreBOM() { return this.#keepsMark; }

    decode(input = undefined, options = undefined) {
      this.#number;
      const given = input === undefined ? nothing : bytesOf(input);
      if (given === undefined) throw new TypeError('decode needs a buffer, or a view of one');
      const { stream } = dictionary(options, 'the second argument of decode');
      const bytes = joined(this.#left, given);
      const dropsMark = !this.#keepsMark && !this.#hasBegun;
      const decoded = native.decodeText(this.#number, bytes, !stream, this.#isFatal, dropsMark);
      this.#left = nothing;
      if (decoded === null) {
        this.#hasBegun = false;
        throw new TypeError('the bytes are no ' + standard[this.#number]);
      }
      const consumed = decoded[1];
      this.#hasBegun = !!stream && (this.#hasBegun || 0 < consumed);
      if (consumed < typedArrayBytes(bytes)) this.#left = tail(bytes, consumed);
      return decoded[0];
    }
  }
  expose(TextDecoder, 'TextDecoder', ['encoding', 'fatal', 'ignoreBOM']);

  const joined = (first, second) => {
    const length = typedArrayBytes(first);
    if (length === 0) return second;
    const both = new Uint8Array(length + typedArrayBytes(second));
    typedArraySet(both, first);
    typedArraySet(both, second, length);
    return both;
  };

  // A copy: the caller may write to its buffer.
  const tail = (bytes, from) => {
    const rest = new Uint8Array(typedArrayBytes(bytes) - from);
    for (let i = 0; i < typedArrayBytes(rest); i += 1) rest[i] = bytes[from + i];
    return rest;
  };

  return { __proto__: null, TextDecoder, TextEncoder };
})

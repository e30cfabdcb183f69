// `crypto.subtle`: digests, HMAC, AES and keys out of other keys. The runner computes, and promises tell the result.
(function (kit, native) {
  'use strict';

  const {
    TypeError, Uint8Array, freeze, push, slice, toText, toUpperCase, typedArrayBuffer, typedArrayBytes, typedArrayOffset,
  } = kit.primordials;
  const { bytesOf, expose, isObject, sequence } = kit.use('webidl');

  const fail = (name, words) => kit.domException(words, name);
  const HASHES = { __proto__: null, 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };
  const BLOCKS = { __proto__: null, sha1: 64, sha256: 64, sha384: 128, sha512: 128 };
  const NAMES = ['AES-GCM', 'AES-CBC', 'AES-CTR', 'HMAC', 'PBKDF2', 'HKDF', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
  const TAG = 16;

  // An algorithm by its name, written as the standard does.
  const algorithmOf = (given) => {
    const name = toUpperCase(toText(isObject(given) ? given.name : given));
    for (let i = 0; i < NAMES.length; i += 1) {
      if (NAMES[i] === name) return isObject(given) ? { ...given, name } : { name };
    }
    throw fail('NotSupportedError', 'there is no algorithm ' + name);
  };
  const hashOf = (given) => {
    const hash = HASHES[toUpperCase(toText(isObject(given) ? given.name : given))];
    if (hash === undefined) throw fail('NotSupportedError', 'there is no such hash');
    return hash;
  };
  const hashName = (hash) => 'SHA-' + slice(hash, 3);

  const need = (value, what) => {
    const bytes = bytesOf(value);
    if (bytes === undefined) throw new TypeError(what + ' must be a buffer, or a view of one');
    return bytes;
  };
  const bufferOf = (bytes) => typedArrayBuffer(new Uint8Array(bytes));
  const part = (bytes, from, to) => new Uint8Array(typedArrayBuffer(bytes), typedArrayOffset(bytes) + from, to - from);

  let isMaking = false;
  let secretOf;

  class CryptoKey {
    #secret;
    #algorithm;
    #extractable;
    #usages;

    constructor(secret, algorithm, extractable, usages) {
      if (!isMaking) throw new TypeError('keys are made by crypto.subtle');
      this.#secret = secret;
      this.#algorithm = algorithm;
      this.#extractable = extractable;
      this.#usages = usages;
    }

    get type() { return this.#secret && 'secret'; }
    get extractable() { return this.#extractable; }
    get algorithm() { return this.#algorithm; }
    get usages() { return this.#usages; }

    static {
      secretOf = (key, name, usage) => {
        if (!isObject(key) || !(#secret in key)) throw new TypeError('this is no CryptoKey');
        if (name !== undefined && key.#algorithm.name !== name) throw fail('InvalidAccessError', 'the key is for ' + key.#algorithm.name);
        if (usage !== undefined && !includes(key.#usages, usage)) throw fail('InvalidAccessError', 'the key is not for ' + usage);
        return key.#secret;
      };
    }
  }
  expose(CryptoKey, 'CryptoKey', ['type', 'extractable', 'algorithm', 'usages']);

  const includes = (list, item) => {
    for (let i = 0; i < list.length; i += 1) if (list[i] === item) return true;
    return false;
  };

  const USAGES = {
    __proto__: null, HMAC: ['sign', 'verify'], PBKDF2: ['deriveKey', 'deriveBits'], HKDF: ['deriveKey', 'deriveBits'],
  };
  const CIPHER = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];

  const makeKey = (secret, algorithm, extractable, given) => {
    const allowed = USAGES[algorithm.name] || CIPHER;
    const usages = [];
    const asked = sequence(given, 'the usages');
    for (let i = 0; i < asked.length; i += 1) {
      const usage = toText(asked[i]);
      if (!includes(allowed, usage)) throw fail('SyntaxError', 'a key for ' + algorithm.name + ' is not for ' + usage);
      if (!includes(usages, usage)) push(usages, usage);
    }
    if (usages.length === 0) throw fail('SyntaxError', 'a secret key needs a usage');
    isMaking = true;
    try {
      return new CryptoKey(secret, freeze(algorithm), extractable, freeze(usages));
    } finally {
      isMaking = false;
    }
  };

  // What a key of this length, in bytes, says of itself.
  const described = (algorithm, length) => {
    const { name } = algorithm;
    if (name === 'HMAC') return { name, hash: freeze({ name: hashName(hashOf(algorithm.hash)) }), length: length * 8 };
    if (name === 'PBKDF2' || name === 'HKDF') return { name };
    if (length !== 16 && length !== 24 && length !== 32) throw fail('DataError', 'a key for AES has 128, 192 or 256 bits');
    return { name, length: length * 8 };
  };
  const lengthFor = (algorithm) => {
    if (algorithm.name !== 'HMAC') return algorithm.length / 8;
    return algorithm.length === undefined ? BLOCKS[hashOf(algorithm.hash)] : algorithm.length / 8;
  };

  const crypted = (encrypts, given, key, data) => {
    const algorithm = algorithmOf(given);
    const secret = secretOf(key, algorithm.name, encrypts ? 'encrypt' : 'decrypt');
    const bytes = need(data, 'the data');
    let made = null;
    if (algorithm.name === 'AES-GCM') {
      const length = algorithm.tagLength === undefined ? TAG : algorithm.tagLength / 8;
      if (length !== TAG) throw fail('OperationError', 'tags have 128 bits here');
      const more = algorithm.additionalData === undefined ? new Uint8Array(0) : need(algorithm.additionalData, 'additionalData');
      made = native.aesGcm(encrypts, secret, need(algorithm.iv, 'iv'), bytes, more);
    } else if (algorithm.name === 'AES-CBC') {
      const vector = need(algorithm.iv, 'iv');
      if (typedArrayBytes(vector) === 16) made = native.aesCbc(encrypts, secret, vector, bytes, true);
    } else if (algorithm.name === 'AES-CTR') {
      const counter = need(algorithm.counter, 'counter');
      if (typedArrayBytes(counter) === 16) made = native.aesCtr(secret, counter, bytes);
    } else {
      throw fail('NotSupportedError', algorithm.name + ' encrypts nothing');
    }
    if (made === null) throw fail('OperationError', 'the operation failed for an operation-specific reason');
    return typedArrayBuffer(made);
  };

  const derived = (given, key, bits) => {
    const algorithm = algorithmOf(given);
    if (typeof bits !== 'number' || bits % 8 !== 0 || bits <= 0) throw fail('OperationError', 'the length must be a multiple of 8');
    const hash = hashOf(algorithm.hash);
    const salt = need(algorithm.salt, 'salt');
    const secret = secretOf(key, algorithm.name);
    const made = algorithm.name === 'PBKDF2'
      ? native.pbkdf2(hash, secret, salt, algorithm.iterations, bits / 8)
      : native.hkdf(hash, secret, salt, need(algorithm.info, 'info'), bits / 8);
    if (made === null) throw fail('OperationError', 'no key can be derived');
    return made;
  };

  const fromBase64 = (text) => native.bytesOf(toText(text), 6);

  const imported = (format, data, given, extractable, usages) => {
    const algorithm = algorithmOf(given);
    let secret;
    if (format === 'raw') secret = new Uint8Array(need(data, 'the key'));
    else if (format === 'jwk' && isObject(data) && data.kty === 'oct') secret = fromBase64(data.k);
    else throw fail('NotSupportedError', 'keys are imported as raw and as jwk');
    return makeKey(secret, described(algorithm, typedArrayBytes(secret)), !!extractable, usages);
  };

  class SubtleCrypto {
    #isSubtle = true;

    constructor() {
      if (!isMaking) throw new TypeError('there is one SubtleCrypto, which is crypto.subtle');
    }

    async digest(algorithm, data) {
      this.#isSubtle;
      return typedArrayBuffer(native.hash(hashOf(algorithm), need(data, 'the data')));
    }

    async importKey(format, data, algorithm, extractable, usages) {
      return this.#isSubtle && imported(format, data, algorithm, extractable, usages);
    }

    async exportKey(format, key) {
      this.#isSubtle;
      const secret = secretOf(key);
      if (!key.extractable) throw fail('InvalidAccessError', 'the key is not extractable');
      if (format === 'raw') return bufferOf(secret);
      if (format !== 'jwk') throw fail('NotSupportedError', 'keys are exported as raw and as jwk');
      return { kty: 'oct', k: native.textOf(secret, 6), ext: true, key_ops: key.usages };
    }

    async generateKey(given, extractable, usages) {
      this.#isSubtle;
      const algorithm = algorithmOf(given);
      const length = lengthFor(algorithm);
      const description = described(algorithm, length);
      return makeKey(native.randomBytes(length), description, !!extractable, usages);
    }

    async encrypt(algorithm, key, data) { return this.#isSubtle && crypted(true, algorithm, key, data); }
    async decrypt(algorithm, key, data) { return this.#isSubtle && crypted(false, algorithm, key, data); }

    async sign(algorithm, key, data) {
      this.#isSubtle;
      const secret = secretOf(key, algorithmOf(algorithm).name, 'sign');
      return typedArrayBuffer(native.hmac(hashOf(key.algorithm.hash), secret, need(data, 'the data')));
    }

    async verify(algorithm, key, signature, data) {
      this.#isSubtle;
      const secret = secretOf(key, algorithmOf(algorithm).name, 'verify');
      return native.equalBytes(native.hmac(hashOf(key.algorithm.hash), secret, need(data, 'the data')), need(signature, 'the signature'));
    }

    async deriveBits(algorithm, key, length) { return this.#isSubtle && typedArrayBuffer(derived(algorithm, key, length)); }

    async deriveKey(algorithm, key, wanted, extractable, usages) {
      this.#isSubtle;
      const target = algorithmOf(wanted);
      const length = lengthFor(target);
      const secret = derived(algorithm, key, length * 8);
      return makeKey(part(secret, 0, length), described(target, length), !!extractable, usages);
    }
  }
  expose(SubtleCrypto, 'SubtleCrypto');

  isMaking = true;
  const subtle = new SubtleCrypto();
  isMaking = false;

  return { __proto__: null, CryptoKey, SubtleCrypto, subtle };
})

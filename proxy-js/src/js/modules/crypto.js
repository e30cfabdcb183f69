// `crypto`: hashes, codes, keys out of passwords, AES and chance. The runner computes.
(function (kit, native) {
  'use strict';

  const {
    Error, RangeError, TypeError, Uint8Array, apply, construct, create, defineProperty, floor, isView, join, push, slice, split,
    toLowerCase, typedArrayBytes, typedArraySet,
  } = kit.primordials;
  const { callback, coded, invalidType, outOfRange } = kit.use('modules/errors');
  const { copied, inherit, soon } = kit.use('modules/shared');
  const { Buffer, adopt, ofText, viewOf } = kit.use('modules/buffer');
  const { Transform } = kit.use('modules/stream').exports;

  const HASHES = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-256'];
  const CIPHERS = ['aes-128-cbc', 'aes-128-ctr', 'aes-128-gcm', 'aes-192-cbc', 'aes-192-ctr', 'aes-192-gcm', 'aes-256-cbc',
    'aes-256-ctr', 'aes-256-gcm'];
  const MOST_RANDOM = 65536;

  // `SHA-256` and `RSA-SHA256` are other names for it.
  const hashName = (name) => {
    if (typeof name !== 'string') throw invalidType('algorithm', 'of type string', name);
    let plain = toLowerCase(name);
    if (slice(plain, 0, 4) === 'rsa-') plain = slice(plain, 4);
    if (slice(plain, 0, 4) === 'sha-') plain = 'sha' + slice(plain, 4);
    return join(split(plain, '/'), '-');
  };
  const noHash = (name) => coded(Error, 'ERR_OSSL_EVP_UNSUPPORTED', 'Digest method not supported: ' + name);

  const bytes = (value, encoding, name) => {
    if (typeof value === 'string') return ofText(value, encoding === 'buffer' ? undefined : encoding);
    if (value instanceof KeyObject) return value.export();
    if (isView(value)) return viewOf(value);
    if (native.className(value) === 'ArrayBuffer') return new Uint8Array(value);
    throw invalidType(name, 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView', value);
  };
  const shown = (made, encoding) => (encoding === undefined || encoding === 'buffer' ? made : made.toString(encoding));

  class KeyObject {
    #bytes;
    constructor(made) { this.#bytes = made; }
    get type() { return 'secret'; }
    get symmetricKeySize() { return typedArrayBytes(this.#bytes); }
    export(options) {
      if (options && options.format === 'jwk') return { kty: 'oct', k: adopt(this.#bytes).toString('base64url') };
      return Buffer.from(this.#bytes);
    }
    equals(other) { return native.equalBytes(this.#bytes, other.#bytes); }
  }

  // A stream whose writing half is also called `update`, and whose result `finish` makes of all that was written.
  const digesting = (name, begin, finish) => {
    const Class = { [name]: function (...args) {
      if (!(this instanceof Class)) return construct(Class, args);
      apply(Transform, this, [undefined]);
      this._chunks = [];
      this._isDone = false;
      this._make = apply(begin, undefined, args);
      return this;
    } }[name];
    inherit(Class, Transform);
    Class.prototype.update = function (data, encoding) {
      if (this._isDone) throw coded(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
      push(this._chunks, Buffer.from(bytes(data, encoding, 'data')));
      return this;
    };
    Class.prototype.digest = function (encoding) {
      if (this._isDone) throw coded(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
      this._isDone = true;
      const whole = Buffer.concat(this._chunks);
      this._chunks = [];
      return shown(adopt(finish(this._make, whole)), encoding);
    };
    Class.prototype.copy = function () {
      const copy = create(Class.prototype);
      apply(Transform, copy, [undefined]);
      copy._chunks = copied(this._chunks);
      copy._isDone = this._isDone;
      copy._make = this._make;
      return copy;
    };
    Class.prototype._transform = function (chunk, encoding, then) { this.update(chunk, encoding); then(); };
    Class.prototype._flush = function (then) { then(null, this.digest()); };
    return Class;
  };

  const checked = (made, name) => {
    if (made === null) throw noHash(name);
    return made;
  };
  const Hash = digesting('Hash', (name) => {
    const plain = hashName(name);
    checked(native.hash(plain, ofText('')), name);
    return plain;
  }, (plain, whole) => native.hash(plain, whole));
  const Hmac = digesting('Hmac', (name, key, options) => {
    const plain = hashName(name);
    const secret = bytes(key, options && options.encoding, 'key');
    if (native.hash(plain, secret) === null) throw coded(TypeError, 'ERR_CRYPTO_INVALID_DIGEST', 'Invalid digest: ' + name);
    return { plain, secret };
  }, (made, whole) => native.hmac(made.plain, made.secret, whole));

  const randomBytes = (size, then) => {
    if (typeof size !== 'number') throw invalidType('size', 'of type number', size);
    if (!(0 <= size && size <= 2147483647)) throw outOfRange('size', '>= 0 && <= 2147483647', size);
    const made = Buffer.alloc(size);
    for (let at = 0; at < size; at += MOST_RANDOM) {
      const count = size - at < MOST_RANDOM ? floor(size - at) : MOST_RANDOM;
      typedArraySet(made, native.randomBytes(count), at);
    }
    if (then === undefined) return made;
    callback(then);
    soon(then, [null, made]);
    return undefined;
  };
  const randomFillSync = (target, offset = 0, size = undefined) => {
    const view = isView(target) ? viewOf(target) : new Uint8Array(target);
    typedArraySet(view, randomBytes(size === undefined ? typedArrayBytes(view) - offset : size), offset);
    return target;
  };
  const randomFill = (target, ...rest) => {
    const then = callback(rest[rest.length - 1]);
    rest.length -= 1;
    randomFillSync(target, rest[0], rest[1]);
    soon(then, [null, target]);
  };
  const randomInt = (first, second, third) => {
    const isRange = typeof second === 'number';
    const least = isRange ? first : 0;
    const most = isRange ? second : first;
    const then = isRange ? third : second;
    const range = most - least;
    if (!(0 < range && range <= 2 ** 48 - 1)) throw outOfRange('max', '> ' + least, most);
    // Numbers beyond the last whole range would be likelier than others.
    const bound = 2 ** 48 - (2 ** 48 % range);
    let drawn;
    do { drawn = randomBytes(6).readUIntBE(0, 6); } while (bound <= drawn);
    const number = least + (drawn % range);
    if (typeof then !== 'function') return number;
    soon(then, [null, number]);
    return undefined;
  };

  // The same work with the result returned, or given to a callback.
  const both = (work, count) => {
    const sync = (...args) => adopt(apply(work, undefined, args));
    const async = (...args) => {
      const then = callback(args[args.length - 1]);
      args.length = args.length - 1 < count ? args.length - 1 : count;
      const made = apply(sync, undefined, args);
      soon(then, [null, made]);
    };
    return { async, sync };
  };
  const pbkdf2 = both((password, salt, rounds, length, digest) => {
    if (digest === undefined) throw invalidType('digest', 'of type string', digest);
    if (typeof rounds !== 'number' || !(1 <= rounds)) throw outOfRange('iterations', '>= 1 && <= 2147483647', rounds);
    const made = native.pbkdf2(hashName(digest), bytes(password, undefined, 'password'), bytes(salt, undefined, 'salt'), rounds, length);
    if (made === null) throw coded(TypeError, 'ERR_CRYPTO_INVALID_DIGEST', 'Invalid digest: ' + digest);
    return made;
  }, 5);
  const scrypt = both((password, salt, length, options) => {
    const { N, cost, r, blockSize, p, parallelization } = options && typeof options === 'object' ? options : {};
    const made = native.scrypt(bytes(password, undefined, 'password'), bytes(salt, undefined, 'salt'), N || cost || 16384,
      r || blockSize || 8, p || parallelization || 1, length);
    if (made === null) throw coded(RangeError, 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS', 'Invalid scrypt params');
    return made;
  }, 4);
  const hkdfBytes = (digest, key, salt, info, length) => {
    const made = native.hkdf(hashName(digest), bytes(key, undefined, 'ikm'), bytes(salt, undefined, 'salt'), bytes(info, undefined, 'info'), length);
    if (made === null) throw coded(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', 'Invalid key length');
    return made;
  };
  const hkdfSync = (...args) => apply(hkdfBytes, undefined, args).buffer;
  const hkdf = (digest, key, salt, info, length, then) => {
    callback(then);
    soon(then, [null, hkdfBytes(digest, key, salt, info, length).buffer]);
  };

  const timingSafeEqual = (a, b) => {
    const first = bytes(a, undefined, 'buf1');
    const second = bytes(b, undefined, 'buf2');
    if (typedArrayBytes(first) !== typedArrayBytes(second)) {
      throw coded(RangeError, 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', 'Input buffers must have the same byte length');
    }
    return native.equalBytes(first, second);
  };

  const exports = {
    createHash: (name) => new Hash(name),
    createHmac: (name, key, options) => new Hmac(name, key, options),
    hash: (name, data, encoding = 'hex') => new Hash(name).update(data).digest(encoding),
    Hash,
    Hmac,
    KeyObject,
    createSecretKey: (key, encoding) => new KeyObject(Buffer.from(bytes(key, encoding, 'key'))),
    getHashes: () => copied(HASHES),
    getCiphers: () => copied(CIPHERS),
    getCurves: () => [],
    randomBytes,
    pseudoRandomBytes: randomBytes,
    rng: randomBytes,
    prng: randomBytes,
    randomFillSync,
    randomFill,
    randomInt,
    randomUUID: () => native.uuid(),
    pbkdf2: pbkdf2.async,
    pbkdf2Sync: pbkdf2.sync,
    scrypt: scrypt.async,
    scryptSync: scrypt.sync,
    hkdf,
    hkdfSync,
    timingSafeEqual,
    getRandomValues: (array) => kit.use('crypto').crypto.getRandomValues(array),
    getFips: () => 0,
    setFips: () => {},
    constants: {},
    fips: false,
  };
  defineProperty(exports, 'webcrypto', { __proto__: null, enumerable: true, get: () => kit.use('crypto').crypto });
  defineProperty(exports, 'subtle', { __proto__: null, enumerable: true, get: () => kit.use('crypto').crypto.subtle });

  // Keys in pairs are not made here.
  const NOT_HERE = split('createSign createVerify createDiffieHellman createECDH createPrivateKey createPublicKey generateKey generateKeyPair'
    + ' generateKeyPairSync generateKeySync getDiffieHellman privateDecrypt privateEncrypt publicDecrypt publicEncrypt sign verify'
    + ' diffieHellman checkPrime checkPrimeSync generatePrime generatePrimeSync', ' ');
  for (let i = 0; i < NOT_HERE.length; i += 1) {
    const name = NOT_HERE[i];
    exports[name] = () => { throw coded(Error, 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', 'crypto.' + name + ' is not there'); };
  }
  kit.use('modules/ciphers').install(exports, { CIPHERS, bytes, shown });

  return { __proto__: null, exports, bytes, hashName };
})

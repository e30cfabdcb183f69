// `crypto.createCipheriv` and the like: AES in the modes CBC, CTR and GCM. What was given is computed at the end.
(function (kit, native) {
  'use strict';

  const { Error, RangeError, TypeError, apply, construct, indexOf, push, slice, toLowerCase, toNumber, typedArrayBytes } = kit.primordials;
  const { coded, invalidType } = kit.use('modules/errors');
  const { inherit } = kit.use('modules/shared');
  const { Buffer, adopt, portion } = kit.use('modules/buffer');
  const { Transform } = kit.use('modules/stream').exports;

  const TAG = 16;

  const install = (exports, { CIPHERS, bytes, shown }) => {
    const make = (name, encrypts) => {
      const Class = { [name]: function (algorithm, key, vector) {
        if (!(this instanceof Class)) return construct(Class, [algorithm, key, vector]);
        if (typeof algorithm !== 'string') throw invalidType('cipher', 'of type string', algorithm);
        const plain = toLowerCase(algorithm);
        let isKnown = false;
        for (let i = 0; i < CIPHERS.length; i += 1) isKnown = isKnown || CIPHERS[i] === plain;
        if (!isKnown) throw coded(Error, 'ERR_CRYPTO_UNKNOWN_CIPHER', 'Unknown cipher');
        apply(Transform, this, [undefined]);
        this._mode = slice(plain, 8);
        this._key = bytes(key, undefined, 'key');
        this._vector = bytes(vector === null ? Buffer.alloc(0) : vector, undefined, 'iv');
        if (typedArrayBytes(this._key) * 8 !== toNumber(slice(plain, 4, 7))) throw coded(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', 'Invalid key length');
        const length = typedArrayBytes(this._vector);
        if (length !== 16 && !(this._mode === 'gcm' && length === 12)) throw coded(TypeError, 'ERR_CRYPTO_INVALID_IV', 'Invalid initialization vector');
        this._chunks = [];
        this._more = [];
        this._isPadded = true;
        this._tag = null;
        this._isDone = false;
        return this;
      } }[name];
      inherit(Class, Transform);
      Class.prototype.update = function (data, from, to) {
        if (this._isDone) throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'Trying to add data in unsupported state');
        push(this._chunks, Buffer.from(bytes(data, from, 'data')));
        return shown(Buffer.alloc(0), to);
      };
      Class.prototype.final = function (to) {
        if (this._isDone) throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'Unsupported state');
        this._isDone = true;
        return shown(finished(this, encrypts), to);
      };
      Class.prototype.setAutoPadding = function (isPadded = true) { this._isPadded = !!isPadded; return this; };
      Class.prototype.setAAD = function (data) { push(this._more, Buffer.from(bytes(data, undefined, 'buffer'))); return this; };
      Class.prototype._transform = function (chunk, encoding, then) { this.update(chunk, encoding); then(); };
      Class.prototype._flush = function (then) {
        let made;
        try {
          made = this.final();
        } catch (error) {
          then(error);
          return;
        }
        then(null, made);
      };
      return Class;
    };

    const finished = (cipher, encrypts) => {
      const data = Buffer.concat(cipher._chunks);
      cipher._chunks = [];
      if (cipher._mode === 'ctr') return adopt(native.aesCtr(cipher._key, cipher._vector, data));
      if (cipher._mode === 'cbc') {
        const made = native.aesCbc(encrypts, cipher._key, cipher._vector, data, cipher._isPadded);
        if (made === null) throw coded(Error, encrypts ? 'ERR_OSSL_WRONG_FINAL_BLOCK_LENGTH' : 'ERR_OSSL_BAD_DECRYPT', encrypts ? 'wrong final block length' : 'bad decrypt');
        return adopt(made);
      }
      const more = Buffer.concat(cipher._more);
      if (encrypts) {
        const sealed = adopt(native.aesGcm(true, cipher._key, cipher._vector, data, more));
        const end = typedArrayBytes(sealed) - TAG;
        cipher._tag = Buffer.from(portion(sealed, end));
        return portion(sealed, 0, end);
      }
      const opened = cipher._tag === null ? null
        : native.aesGcm(false, cipher._key, cipher._vector, Buffer.concat([data, cipher._tag]), more);
      if (opened === null) throw new Error('Unsupported state or unable to authenticate data');
      return adopt(opened);
    };

    const Cipheriv = make('Cipheriv', true);
    const Decipheriv = make('Decipheriv', false);
    Cipheriv.prototype.getAuthTag = function () {
      if (this._tag === null) throw coded(Error, 'ERR_CRYPTO_INVALID_STATE', 'Invalid state for operation getAuthTag');
      return this._tag;
    };
    Decipheriv.prototype.setAuthTag = function (tag) {
      const given = Buffer.from(bytes(tag, undefined, 'buffer'));
      if (typedArrayBytes(given) !== TAG) throw coded(TypeError, 'ERR_CRYPTO_INVALID_AUTH_TAG', 'Invalid authentication tag length: ' + typedArrayBytes(given));
      this._tag = given;
      return this;
    };
    exports.Cipheriv = Cipheriv;
    exports.Decipheriv = Decipheriv;
    exports.createCipheriv = (...args) => construct(Cipheriv, args);
    exports.createDecipheriv = (...args) => construct(Decipheriv, args);
    exports.getCipherInfo = (name) => {
      if (typeof name !== 'string' || indexOf(toLowerCase(name), 'aes-') !== 0) return undefined;
      const mode = slice(name, 8);
      return { name: toLowerCase(name), mode, keyLength: toNumber(slice(name, 4, 7)) / 8, ivLength: mode === 'gcm' ? 12 : 16 };
    };
  };

  return { __proto__: null, install };
})

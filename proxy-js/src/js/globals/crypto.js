// Randomness for keys and ids.
(function (kit, native) {
  'use strict';

  const {
    TypeError, Uint8Array, test, typedArrayBuffer, typedArrayBytes, typedArrayOffset, typedArraySet,
  } = kit.primordials;
  const { expose, need } = kit.use('webidl');

  const MOST = 65536;
  const INTEGERS = /^(?:Big)?(?:Int|Uint)\d+Array$|^Uint8ClampedArray$/;

  let isMaking = true;

  class Crypto {
    #isCrypto = true;

    constructor() {
      if (!isMaking) throw new TypeError('there is one Crypto, which is crypto');
    }

    getRandomValues(array) {
      this.#isCrypto;
      need(arguments.length, 1, 'getRandomValues');
      if (array === null || typeof array !== 'object') throw new TypeError('getRandomValues needs a typed array');
      if (!test(INTEGERS, native.className(array))) {
        throw kit.domException('getRandomValues needs a typed array of integers', 'TypeMismatchError');
      }
      const length = typedArrayBytes(array);
      if (MOST < length) {
        throw kit.domException('getRandomValues makes ' + MOST + ' bytes at most, and not ' + length, 'QuotaExceededError');
      }
      const bytes = new Uint8Array(typedArrayBuffer(array), typedArrayOffset(array), length);
      typedArraySet(bytes, native.randomBytes(length));
      return array;
    }

    get subtle() { return this.#isCrypto && kit.use('subtle').subtle; }

    randomUUID() {
      this.#isCrypto;
      return native.uuid();
    }
  }
  expose(Crypto, 'Crypto');

  const crypto = new Crypto();
  isMaking = false;

  return { __proto__: null, Crypto, crypto };
})

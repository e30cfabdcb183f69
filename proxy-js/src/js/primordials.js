// What our own files use of the language, taken before anything of a plugin exists.
(function (kit) {
  'use strict';

  const { apply, construct, ownKeys } = Reflect;

  // A method as a function of its receiver: `uncurry(Array.prototype.join)(list, ', ')`.
  const uncurry = (method) => (self, ...args) => apply(method, self, args);

  const getter = (prototype, name) => {
    const { get } = Object.getOwnPropertyDescriptor(prototype, name);
    return (self) => apply(get, self, []);
  };

  const typedArray = Object.getPrototypeOf(Uint8Array.prototype);

  kit.primordials = {
    __proto__: null,
    apply,
    construct,
    ownKeys,
    uncurry,
    create: Object.create,
    defineProperty: Object.defineProperty,
    freeze: Object.freeze,
    getDescriptor: Object.getOwnPropertyDescriptor,
    getPrototypeOf: Object.getPrototypeOf,
    hasOwn: Object.hasOwn,
    isArray: Array.isArray,
    stringify: JSON.stringify,
    toText: String,
    toNumber: Number,
    parseInteger: parseInt,
    parseDecimal: parseFloat,
    ObjectPrototype: Object.prototype,
    ErrorPrototype: Error.prototype,
    WeakMap,
    Date,
    Math,
    Proxy,
    join: uncurry(Array.prototype.join),
    push: uncurry(Array.prototype.push),
    pop: uncurry(Array.prototype.pop),
    split: uncurry(String.prototype.split),
    slice: uncurry(String.prototype.slice),
    indexOf: uncurry(String.prototype.indexOf),
    startsWith: uncurry(String.prototype.startsWith),
    repeat: uncurry(String.prototype.repeat),
    padEnd: uncurry(String.prototype.padEnd),
    replaceAll: uncurry(String.prototype.replaceAll),
    test: uncurry(RegExp.prototype.test),
    sourceOf: uncurry(Function.prototype.toString),
    symbolText: uncurry(Symbol.prototype.toString),
    regexpText: uncurry(RegExp.prototype.toString),
    isoText: uncurry(Date.prototype.toISOString),
    dateTime: uncurry(Date.prototype.getTime),
    toFixed: uncurry(Number.prototype.toFixed),
    weakGet: uncurry(WeakMap.prototype.get),
    weakSet: uncurry(WeakMap.prototype.set),
    mapSize: getter(Map.prototype, 'size'),
    setSize: getter(Set.prototype, 'size'),
    mapEach: uncurry(Map.prototype.forEach),
    setEach: uncurry(Set.prototype.forEach),
    typedArrayLength: getter(typedArray, 'length'),
    bufferLength: getter(ArrayBuffer.prototype, 'byteLength'),
  };
})

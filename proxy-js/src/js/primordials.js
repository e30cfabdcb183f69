// What our own files use of the language, taken before anything of a plugin exists.
(function (kit) {
  'use strict';

  const { apply, construct, ownKeys } = Reflect;

  // Adds to the end of a list. The engine's own asks setters that a plugin may have given to all arrays.
  const { defineProperty } = Object;
  const push = (list, value) => {
    defineProperty(list, list.length, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  };

  // A method as a function of its receiver: `uncurry(Array.prototype.join)(list, ', ')`.
  const uncurry = (method) => (self, ...args) => apply(method, self, args);

  const getterOf = Object.prototype.__lookupGetter__;
  const getter = (prototype, name) => {
    const get = apply(getterOf, prototype, [name]);
    return (self) => apply(get, self, []);
  };

  // As an interface converts what should be a text. Our files have no template literals: the engine makes a call of
  // `concat` of each, which a plugin can replace.
  const { String, Symbol, TypeError } = globalThis;
  const asText = (value) => {
    if (typeof value === 'symbol') throw new TypeError('a symbol is no text');
    return String(value);
  };

  // The engine's own `test` asks for `exec`, which a plugin can replace.
  const exec = uncurry(RegExp.prototype.exec);

  const typedArray = Object.getPrototypeOf(Uint8Array.prototype);

  kit.primordials = {
    __proto__: null,
    apply,
    asText,
    construct,
    ownKeys,
    uncurry,
    create: Object.create,
    defineProperty,
    freeze: Object.freeze,
    getDescriptor: Object.getOwnPropertyDescriptor,
    getPrototypeOf: Object.getPrototypeOf,
    getSymbols: Object.getOwnPropertySymbols,
    hasOwn: Object.hasOwn,
    isArray: Array.isArray,
    parse: JSON.parse,
    stringify: JSON.stringify,
    toText: String,
    toNumber: Number,
    parseInteger: parseInt,
    parseDecimal: parseFloat,
    tryDefine: Reflect.defineProperty,
    setPrototypeOf: Object.setPrototypeOf,
    isNaN: Number.isNaN,
    isView: ArrayBuffer.isView,
    floor: Math.floor,
    trunc: Math.trunc,
    abs: Math.abs,
    ObjectPrototype: Object.prototype,
    ErrorPrototype: Error.prototype,
    IteratorPrototype: Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())),
    typedArrayPrototype: typedArray,
    AggregateError,
    ArrayBuffer,
    BigInt,
    Boolean,
    DOMException,
    DataView,
    Date,
    Error,
    EvalError,
    Map,
    Math,
    Number,
    Object,
    Proxy,
    RangeError,
    ReferenceError,
    RegExp,
    Set,
    String,
    Symbol,
    SyntaxError,
    TypeError,
    URIError,
    Uint8Array,
    WeakMap,
    WeakRef,
    FinalizationRegistry,
    asyncIteratorSymbol: Symbol.asyncIterator,
    arrayClasses: {
      __proto__: null,
      BigInt64Array,
      BigUint64Array,
      Float16Array,
      Float32Array,
      Float64Array,
      Int16Array,
      Int32Array,
      Int8Array,
      Uint16Array,
      Uint32Array,
      Uint8Array,
      Uint8ClampedArray,
    },
    iteratorSymbol: Symbol.iterator,
    tagSymbol: Symbol.toStringTag,
    join: uncurry(Array.prototype.join),
    push,
    pop: uncurry(Array.prototype.pop),
    sortBy: uncurry(Array.prototype.sort),
    split: uncurry(String.prototype.split),
    slice: uncurry(String.prototype.slice),
    indexOf: uncurry(String.prototype.indexOf),
    charCodeAt: uncurry(String.prototype.charCodeAt),
    fromCharCode: String.fromCharCode,
    lastIndexOf: uncurry(String.prototype.lastIndexOf),
    startsWith: uncurry(String.prototype.startsWith),
    toLowerCase: uncurry(String.prototype.toLowerCase),
    toUpperCase: uncurry(String.prototype.toUpperCase),
    normalize: uncurry(String.prototype.normalize),
    toWellFormed: uncurry(String.prototype.toWellFormed),
    padStart: uncurry(String.prototype.padStart),
    repeat: uncurry(String.prototype.repeat),
    padEnd: uncurry(String.prototype.padEnd),
    test: (regexp, text) => exec(regexp, text) !== null,
    sourceOf: uncurry(Function.prototype.toString),
    symbolFor: Symbol.for,
    symbolText: uncurry(Symbol.prototype.toString),
    isoText: uncurry(Date.prototype.toISOString),
    dateTime: uncurry(Date.prototype.getTime),
    toFixed: uncurry(Number.prototype.toFixed),
    numberText: uncurry(Number.prototype.toString),
    registerFinalizer: uncurry(FinalizationRegistry.prototype.register),
    toPrecision: uncurry(Number.prototype.toPrecision),
    zoneOffset: uncurry(Date.prototype.getTimezoneOffset),
    weakGet: uncurry(WeakMap.prototype.get),
    weakSet: uncurry(WeakMap.prototype.set),
    weakDeref: uncurry(WeakRef.prototype.deref),
    mapGet: uncurry(Map.prototype.get),
    mapSet: uncurry(Map.prototype.set),
    mapDelete: uncurry(Map.prototype.delete),
    setAdd: uncurry(Set.prototype.add),
    setHas: uncurry(Set.prototype.has),
    setDelete: uncurry(Set.prototype.delete),
    mapSize: getter(Map.prototype, 'size'),
    setSize: getter(Set.prototype, 'size'),
    mapEach: uncurry(Map.prototype.forEach),
    setEach: uncurry(Set.prototype.forEach),
    typedArrayLength: getter(typedArray, 'length'),
    typedArrayBuffer: getter(typedArray, 'buffer'),
    typedArrayOffset: getter(typedArray, 'byteOffset'),
    typedArrayBytes: getter(typedArray, 'byteLength'),
    typedArraySet: uncurry(typedArray.set),
    viewBuffer: getter(DataView.prototype, 'buffer'),
    viewOffset: getter(DataView.prototype, 'byteOffset'),
    viewBytes: getter(DataView.prototype, 'byteLength'),
    bufferLength: getter(ArrayBuffer.prototype, 'byteLength'),
    bufferIsDetached: getter(ArrayBuffer.prototype, 'detached'),
    bufferIsResizable: getter(ArrayBuffer.prototype, 'resizable'),
    bufferMost: getter(ArrayBuffer.prototype, 'maxByteLength'),
    bufferTransfer: uncurry(ArrayBuffer.prototype.transfer),
  };
})

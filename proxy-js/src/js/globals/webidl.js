// What WebIDL asks of every interface: how arguments are converted, and what classes look like from outside.
(function (kit, native) {
  'use strict';

  const {
    IteratorPrototype, Map, Number, Set, TypeError, Uint8Array, abs, apply, asText, bufferIsDetached,
    defineProperty, getDescriptor, getPrototypeOf, isNaN, isView, iteratorSymbol, mapGet, mapSet, ownKeys, push,
    setAdd, setHas, setPrototypeOf, tagSymbol, toWellFormed, trunc, typedArrayBuffer, typedArrayBytes,
    typedArrayOffset, viewBuffer, viewBytes, viewOffset,
  } = kit.primordials;

  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

  const prototypes = new Set();

  // Functions that tell what the console shows of an instance.
  const showing = new Map();

  // Makes the members of a class enumerable, and names its instances. `shown` are its accessors that the console shows.
  const expose = (Class, name, shown = []) => {
    setAdd(prototypes, Class.prototype);
    mapSet(showing, Class.prototype, viewOf(Class, shown));
    const show = (object, key) => defineProperty(object, key, { __proto__: null, enumerable: true });
    const members = ownKeys(Class.prototype);
    for (let i = 0; i < members.length; i += 1) {
      if (typeof members[i] === 'string' && members[i] !== 'constructor') show(Class.prototype, members[i]);
    }
    const statics = ownKeys(Class);
    for (let i = 0; i < statics.length; i += 1) {
      const key = statics[i];
      if (key !== 'length' && key !== 'name' && key !== 'prototype') show(Class, key);
    }
    defineProperty(Class.prototype, tagSymbol, { __proto__: null, value: name, configurable: true });
  };

  const viewOf = (Class, shown) => {
    const getters = [];
    for (let i = 0; i < shown.length; i += 1) push(getters, getDescriptor(Class.prototype, shown[i]).get);
    return (value) => {
      const view = {};
      for (let i = 0; i < shown.length; i += 1) define(view, shown[i], apply(getters[i], value, []));
      return view;
    };
  };

  const define = (object, key, value) => {
    defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  };

  const partsToShow = (value) => {
    for (let at = getPrototypeOf(value); at !== null; at = getPrototypeOf(at)) {
      const view = mapGet(showing, at);
      if (view !== undefined) return view(value);
    }
    return undefined;
  };

  // Whether it is an instance of an interface, as far as its prototypes tell.
  const isPlatformObject = (value) => {
    for (let at = getPrototypeOf(value); at !== null; at = getPrototypeOf(at)) {
      if (setHas(prototypes, at)) return true;
    }
    return false;
  };

  // Constants of an interface, on the class and on its instances.
  const constants = (Class, values) => {
    for (const name in values) {
      const constant = { __proto__: null, value: values[name], enumerable: true };
      defineProperty(Class, name, constant);
      defineProperty(Class.prototype, name, constant);
    }
  };

  // Makes the instances of a class iterators, whose class nobody sees.
  const exposeIterator = (Class, name) => {
    expose(Class, name);
    delete Class.prototype.constructor;
    setPrototypeOf(Class.prototype, IteratorPrototype);
  };

  // Throws unless there are as many arguments as `what` needs.
  const need = (count, least, what) => {
    if (count < least) {
      throw new TypeError(what + ' needs ' + least + ' argument' + (least === 1 ? '' : 's') + ', found ' + count);
    }
  };

  // A string without lone surrogates.
  const usv = (value) => toWellFormed(asText(value));

  // A member of a dictionary; a dictionary that was left out has none.
  const dictionary = (value, what) => {
    if (value === undefined || value === null) return { __proto__: null };
    if (!isObject(value)) throw new TypeError(what + ' must be an object');
    return value;
  };

  // A whole number from 0 to `most`; anything else is refused.
  const enforceRange = (value, most, what) => {
    const number = +value;
    if (isNaN(number) || abs(number) === 1 / 0) throw new TypeError(what + ' is no whole number');
    const whole = trunc(number);
    if (whole < 0 || most < whole) throw new TypeError(what + ' is not between 0 and ' + most);
    return whole === 0 ? 0 : whole;
  };

  // An unsigned number of 32 bits, as bit operations make it.
  const unsignedLong = (value) => +value >>> 0;

  // The elements of anything that can be iterated, by the iterator that `method` makes.
  const elements = (iterable, method, what) => {
    const iterator = apply(method, iterable, []);
    if (!isObject(iterator)) throw new TypeError(what + ' has no iterator');
    const { next } = iterator;
    const found = [];
    for (;;) {
      const result = apply(next, iterator, []);
      if (!isObject(result)) throw new TypeError('the iterator of ' + what + ' gives no object');
      if (result.done) return found;
      push(found, result.value);
    }
  };

  const sequence = (value, what) => {
    const method = isObject(value) ? value[iteratorSymbol] : undefined;
    if (typeof method !== 'function') throw new TypeError(what + ' must be iterable');
    return elements(value, method, what);
  };

  // The bytes of a buffer or of a view of one, not copied; undefined for anything else.
  const bytesOf = (value) => {
    const name = native.className(value);
    if (name === 'DataView') return new Uint8Array(viewBuffer(value), viewOffset(value), viewBytes(value));
    if (isView(value)) return new Uint8Array(typedArrayBuffer(value), typedArrayOffset(value), typedArrayBytes(value));
    if (name === 'ArrayBuffer') return bufferIsDetached(value) ? new Uint8Array(0) : new Uint8Array(value);
    return name === 'SharedArrayBuffer' ? new Uint8Array(value) : undefined;
  };

  const MOST = Number.MAX_SAFE_INTEGER;

  return {
    __proto__: null, MOST, bytesOf, constants, dictionary, elements, enforceRange, expose, exposeIterator, isObject,
    isPlatformObject, need, partsToShow, sequence, unsignedLong, usv,
  };
})

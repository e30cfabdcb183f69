// structuredClone. Nothing here recurses: an object's copy is made empty and filled later, so that depth costs no stack.
(function (kit, native) {
  'use strict';

  const {
    ArrayBuffer, DOMException, DataView, Date, Error, EvalError, Map, Object, RangeError, ReferenceError, RegExp,
    Set, SyntaxError, TypeError, URIError, Uint8Array, apply, arrayClasses, asText, bufferIsDetached,
    bufferIsResizable, bufferLength, bufferMost, bufferTransfer, construct, dateTime, defineProperty, getDescriptor,
    hasOwn, mapEach, mapGet, mapSet, ownKeys, push, setAdd, setEach, setHas, typedArrayBuffer, typedArrayLength,
    typedArrayOffset, typedArraySet, viewBuffer, viewBytes, viewOffset,
  } = kit.primordials;
  const { dictionary, isObject, isPlatformObject, need, sequence } = kit.use('webidl');

  const ERRORS = { __proto__: null, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

  const refuse = (what) => {
    throw kit.domException(what + ' could not be cloned', 'DataCloneError');
  };

  const named = (value) => {
    const { constructor } = value;
    const name = typeof constructor === 'function' && getDescriptor(constructor, 'name');
    return name && typeof name.value === 'string' && name.value !== '' ? 'an instance of ' + name.value : 'an object';
  };

  const define = (object, key, value, enumerable) => {
    defineProperty(object, key, { __proto__: null, value, writable: true, enumerable, configurable: true });
  };

  // One cloning: what has a copy already, and what is still to be filled, in turn with its copy.
  const begin = () => ({ __proto__: null, seen: new Map(), hollow: [] });

  const remember = (state, value, copy) => {
    mapSet(state.seen, value, copy);
    return copy;
  };

  const later = (state, value, copy, fill) => {
    push(state.hollow, { __proto__: null, value, copy, fill });
    return remember(state, value, copy);
  };

  const fillProperties = (state, value, copy) => {
    const keys = ownKeys(value);
    for (let i = 0; i < keys.length; i += 1) {
      if (typeof keys[i] !== 'string') continue;
      const descriptor = getDescriptor(value, keys[i]);
      if (descriptor !== undefined && descriptor.enumerable) define(copy, keys[i], copyOf(state, value[keys[i]]), true);
    }
  };

  const fillMap = (state, map, copy) => {
    mapEach(map, (value, key) => { mapSet(copy, copyOf(state, key), copyOf(state, value)); });
  };

  const fillSet = (state, set, copy) => {
    setEach(set, (value) => { setAdd(copy, copyOf(state, value)); });
  };

  const fillCause = (state, error, copy) => {
    const cause = getDescriptor(error, 'cause');
    if (cause !== undefined && hasOwn(cause, 'value')) define(copy, 'cause', copyOf(state, cause.value), false);
  };

  const copyError = (state, error) => {
    const { name } = error;
    const known = name === undefined ? undefined : ERRORS[asText(name)];
    const message = getDescriptor(error, 'message');
    const hasMessage = message !== undefined && hasOwn(message, 'value');
    const copy = construct(known === undefined ? Error : known, hasMessage ? [asText(message.value)] : []);
    const own = getDescriptor(error, 'stack');
    const stack = own === undefined ? apply(kit.engineStack, error, []) : own.value;
    if (typeof stack === 'string') {
      define(copy, 'stack', stack, false);
      kit.recordStack(copy, native.stackOf(error));
    }
    return later(state, error, copy, fillCause);
  };

  const copyArray = (state, array) => {
    const copy = [];
    copy.length = array.length;
    return later(state, array, copy, fillProperties);
  };

  const copyBuffer = (state, buffer) => {
    if (bufferIsDetached(buffer)) refuse('a detached ArrayBuffer');
    const maxByteLength = bufferIsResizable(buffer) ? bufferMost(buffer) : undefined;
    const copy = new ArrayBuffer(bufferLength(buffer), { __proto__: null, maxByteLength });
    typedArraySet(new Uint8Array(copy), new Uint8Array(buffer));
    return remember(state, buffer, copy);
  };

  const copyView = (state, view, brand) => {
    if (brand === 'DataView') {
      const buffer = copyOf(state, viewBuffer(view));
      return remember(state, view, new DataView(buffer, viewOffset(view), viewBytes(view)));
    }
    const parts = [copyOf(state, typedArrayBuffer(view)), typedArrayOffset(view), typedArrayLength(view)];
    return remember(state, view, construct(arrayClasses[brand], parts));
  };

  const copyPattern = (state, value) => {
    const parts = kit.partsOf(value);
    return remember(state, value, new RegExp(parts[0], parts[1]));
  };

  const copyObject = (state, value) => {
    if (isPlatformObject(value)) refuse(named(value));
    return later(state, value, {}, fillProperties);
  };

  const copyBox = (brand) => (state, value) => remember(state, value, new Object(kit.unboxed(value, brand)));

  // By the engine's own name of a kind of object.
  const KINDS = {
    __proto__: null,
    Array: copyArray,
    ArrayBuffer: copyBuffer,
    BigInt: copyBox('BigInt'),
    Boolean: copyBox('Boolean'),
    DOMException: (state, value) => remember(state, value, new DOMException(value.message, value.name)),
    Date: (state, value) => remember(state, value, new Date(dateTime(value))),
    Error: copyError,
    Map: (state, value) => later(state, value, new Map(), fillMap),
    Number: copyBox('Number'),
    Object: copyObject,
    RegExp: copyPattern,
    Set: (state, value) => later(state, value, new Set(), fillSet),
    String: copyBox('String'),
  };

  const copyOf = (state, value) => {
    if (typeof value === 'symbol') refuse('a symbol');
    if (!isObject(value)) return value;
    const known = mapGet(state.seen, value);
    if (known !== undefined) return known;
    if (typeof value === 'function') refuse('a function');
    const brand = native.className(value);
    const copy = KINDS[brand];
    if (copy !== undefined) return copy(state, value);
    if (brand === 'DataView' || arrayClasses[brand] !== undefined) return copyView(state, value, brand);
    return refuse(brand === 'Proxy' ? 'a proxy' : named(value));
  };

  const clone = (value) => {
    const state = begin();
    const copy = copyOf(state, value);
    for (let i = 0; i < state.hollow.length; i += 1) {
      const { value: original, copy: hollow, fill } = state.hollow[i];
      fill(state, original, hollow);
    }
    return copy;
  };

  const transferList = (transfer) => {
    const list = sequence(transfer, 'the option transfer');
    const known = new Set();
    for (let i = 0; i < list.length; i += 1) {
      if (native.className(list[i]) !== 'ArrayBuffer') refuse('what cannot be transferred');
      if (bufferIsDetached(list[i])) refuse('a detached ArrayBuffer');
      if (setHas(known, list[i])) refuse('an ArrayBuffer that is transferred twice');
      setAdd(known, list[i]);
    }
    return list;
  };

  const { structuredClone } = {
    structuredClone(value, options = undefined) {
      need(arguments.length, 1, 'structuredClone');
      const { transfer } = dictionary(options, 'the second argument of structuredClone');
      const list = transfer === undefined ? [] : transferList(transfer);
      const copy = clone(value);
      // What is transferred is copied as well, and taken away only after all else went well.
      for (let i = 0; i < list.length; i += 1) bufferTransfer(list[i]);
      return copy;
    },
  };

  return { __proto__: null, structuredClone };
})

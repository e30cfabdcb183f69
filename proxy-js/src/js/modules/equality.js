// Whether two values are equal in depth, as `assert.deepEqual` and `util.isDeepStrictEqual` ask.
(function (kit, native) {
  'use strict';

  const {
    Uint8Array, dateTime, getDescriptor, getPrototypeOf, isArray, isView, mapEach, mapGet, mapSize, ownKeys, push, setEach, setHas,
    setSize, typedArrayBuffer, typedArrayBytes, typedArrayOffset, viewBuffer, viewBytes, viewOffset,
  } = kit.primordials;
  const { isError } = kit.use('modules/shared');

  const same = (a, b) => (a === b ? a !== 0 || 1 / a === 1 / b : a !== a && b !== b);
  const isObject = (value) => typeof value === 'object' && value !== null;
  const hasMap = (map, key) => {
    if (mapGet(map, key) !== undefined) return true;
    let isThere = false;
    mapEach(map, (value, other) => { isThere = isThere || same(key, other); });
    return isThere;
  };

  const keysOf = (value, isStrict) => {
    const keys = [];
    const names = ownKeys(value);
    for (let i = 0; i < names.length; i += 1) {
      if (typeof names[i] === 'symbol' && !isStrict) continue;
      const descriptor = getDescriptor(value, names[i]);
      if (descriptor !== undefined && descriptor.enumerable) push(keys, names[i]);
    }
    return keys;
  };

  const bytesOf = (view) => (native.className(view) === 'DataView'
    ? new Uint8Array(viewBuffer(view), viewOffset(view), viewBytes(view))
    : new Uint8Array(typedArrayBuffer(view), typedArrayOffset(view), typedArrayBytes(view)));

  const sameBytes = (a, b) => a.length === b.length && native.compareBytes(a, b) === 0;

  const sameSets = (state, a, b) => {
    if (setSize(a) !== setSize(b)) return false;
    const open = [];
    setEach(b, (item) => { if (!setHas(a, item)) push(open, item); });
    let isSame = true;
    setEach(a, (item) => {
      if (!isSame || setHas(b, item)) return;
      isSame = take(open, (other) => compare(state, item, other));
    });
    return isSame;
  };

  const take = (open, fits) => {
    for (let i = 0; i < open.length; i += 1) {
      if (!fits(open[i])) continue;
      open[i] = open[open.length - 1];
      open.length -= 1;
      return true;
    }
    return false;
  };

  const sameMaps = (state, a, b) => {
    if (mapSize(a) !== mapSize(b)) return false;
    const open = [];
    mapEach(b, (value, key) => { if (!hasMap(a, key)) push(open, { key, value }); });
    let isSame = true;
    mapEach(a, (value, key) => {
      if (!isSame) return;
      isSame = hasMap(b, key)
        ? compare(state, value, mapGet(b, key))
        : take(open, (other) => compare(state, key, other.key) && compare(state, value, other.value));
    });
    return isSame;
  };

  const sameMembers = (state, a, b) => {
    const keys = keysOf(a, state.isStrict);
    if (keys.length !== keysOf(b, state.isStrict).length) return false;
    for (let i = 0; i < keys.length; i += 1) {
      const descriptor = getDescriptor(b, keys[i]);
      if (descriptor === undefined || !descriptor.enumerable) return false;
      if (!compare(state, a[keys[i]], b[keys[i]])) return false;
    }
    return true;
  };

  const BOXES = { __proto__: null, Number: true, String: true, Boolean: true, BigInt: true };

  const compareObjects = (state, a, b) => {
    if (state.isStrict && getPrototypeOf(a) !== getPrototypeOf(b)) return false;
    const kind = native.className(a);
    if (kind !== native.className(b) || isArray(a) !== isArray(b)) return false;
    if (isArray(a) && a.length !== b.length) return false;
    if (kind === 'Date' && !same(dateTime(a), dateTime(b))) return false;
    if (kind === 'RegExp') {
      const x = kit.partsOf(a);
      const y = kit.partsOf(b);
      if (x[0] !== y[0] || x[1] !== y[1] || a.lastIndex !== b.lastIndex) return false;
    }
    if (isError(a) !== isError(b) || (isError(a) && (a.message !== b.message || a.name !== b.name))) return false;
    if (BOXES[kind] && !same(kit.unboxed(a, kind), kit.unboxed(b, kind))) return false;
    if (isView(a)) return sameBytes(bytesOf(a), bytesOf(b));
    if (kind === 'ArrayBuffer' && !sameBytes(new Uint8Array(a), new Uint8Array(b))) return false;
    if (kind === 'Set' && !sameSets(state, a, b)) return false;
    if (kind === 'Map' && !sameMaps(state, a, b)) return false;
    return sameMembers(state, a, b);
  };

  const compare = (state, a, b) => {
    if (a === b) return a !== 0 || !state.isStrict || same(a, b);
    if (state.isStrict ? same(a, b) : !isObject(a) && !isObject(b) && (a == b || (a !== a && b !== b))) return true;
    if (!isObject(a) || !isObject(b)) return false;
    // A circle is equal to a circle that closes at the same place.
    for (let i = state.above.length - 1; 0 <= i; i -= 1) {
      if (state.above[i].a === a) return state.above[i].b === b;
    }
    push(state.above, { a, b });
    const isSame = compareObjects(state, a, b);
    state.above.length -= 1;
    return isSame;
  };

  const isEqual = (a, b, isStrict) => compare({ above: [], isStrict }, a, b);

  return { __proto__: null, isEqual };
})

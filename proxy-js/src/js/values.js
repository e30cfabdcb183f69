// Kinds of values that travel as their parts, because only JavaScript can take them apart and put them together.
(function (kit, native) {
  'use strict';

  const {
    ErrorPrototype, apply, construct, dateTime, getDescriptor, isArray, mapEach, push, setEach, uncurry,
  } = kit.primordials;
  const { BigInt, Map, RegExp, Set } = globalThis;
  const bigintText = uncurry(BigInt.prototype.toString);
  const mapSet = uncurry(Map.prototype.set);
  const setAdd = uncurry(Set.prototype.add);
  const sourceOf = getDescriptor(RegExp.prototype, 'source').get;
  const flagsOf = getDescriptor(RegExp.prototype, 'flags').get;

  // The numbers of the protocol.
  const MAP = 8;
  const SET = 9;

  kit.isArray = isArray;
  kit.millisecondsOf = dateTime;

  // In hexadecimal, with a minus sign if it is negative.
  kit.bigintText = (value) => bigintText(value, 16);
  kit.bigintOf = (isNegative, digits) => (isNegative ? -BigInt(`0x${digits}`) : BigInt(`0x${digits}`));

  // A map's keys and values in turn, a set's elements, a regular expression's source and flags.
  kit.partsOf = (value) => {
    const parts = [];
    const kind = native.className(value);
    if (kind === 'Map') {
      mapEach(value, (item, key) => {
        push(parts, key);
        push(parts, item);
      });
    } else if (kind === 'Set') {
      setEach(value, (item) => push(parts, item));
    } else {
      push(parts, apply(sourceOf, value, []));
      push(parts, apply(flagsOf, value, []));
    }
    return parts;
  };

  kit.wholeOf = (kind, parts) => {
    if (kind === MAP) {
      const map = new Map();
      for (let i = 0; i < parts.length; i += 2) mapSet(map, parts[i], parts[i + 1]);
      return map;
    }
    if (kind === SET) {
      const set = new Set();
      for (let i = 0; i < parts.length; i += 1) setAdd(set, parts[i]);
      return set;
    }
    return construct(RegExp, [parts[0], parts[1]]);
  };

  // Where the engine keeps an error's stack, whatever the plugin made of `error.stack`.
  kit.engineStack = getDescriptor(ErrorPrototype, 'stack').get;
})

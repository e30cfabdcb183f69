// Kinds of values that travel as their parts, because only JavaScript can take them apart and put them together.
(function (kit, native) {
  'use strict';

  const {
    AggregateError, BigInt, Boolean, DOMException, DataView, ErrorPrototype, EvalError, Map, Number, RegExp, Set, String,
    URIError, apply, construct, dateTime, getDescriptor, isArray, mapEach, mapSet, setAdd, setEach, typedArrayPrototype,
    uncurry, viewBuffer, viewBytes, viewOffset,
  } = kit.primordials;
  const { setPrototypeOf } = Object;
  const bigintText = uncurry(BigInt.prototype.toString);
  const regexpGetter = (name) => getDescriptor(RegExp.prototype, name).get;
  const sourceOf = regexpGetter('source');

  // The letters in the order in which the language writes them, and what says that they are there. The getter of `flags`
  // itself asks the properties, which a plugin can replace.
  const FLAGS = [
    ['d', regexpGetter('hasIndices')],
    ['g', regexpGetter('global')],
    ['i', regexpGetter('ignoreCase')],
    ['m', regexpGetter('multiline')],
    ['s', regexpGetter('dotAll')],
    ['u', regexpGetter('unicode')],
    ['v', regexpGetter('unicodeSets')],
    ['y', regexpGetter('sticky')],
  ];

  // The numbers of the protocol.
  const MAP = 8;
  const SET = 9;

  kit.isArray = isArray;
  kit.millisecondsOf = dateTime;

  // In hexadecimal, with a minus sign if it is negative.
  kit.bigintText = (value) => bigintText(value, 16);
  // A template would ask `String.prototype.concat`.
  kit.bigintOf = (isNegative, digits) => (isNegative ? -BigInt('0x' + digits) : BigInt('0x' + digits));

  // An array on which assigning means having: it inherits no setters.
  const list = () => setPrototypeOf([], null);
  kit.list = list;

  // A map's keys and values in turn, a set's elements, a regular expression's source and flags.
  kit.partsOf = (value) => {
    const parts = list();
    const kind = native.className(value);
    if (kind === 'Map') {
      mapEach(value, (item, key) => {
        parts[parts.length] = key;
        parts[parts.length] = item;
      });
    } else if (kind === 'Set') {
      setEach(value, (item) => { parts[parts.length] = item; });
    } else {
      let flags = '';
      for (let i = 0; i < FLAGS.length; i += 1) {
        if (apply(FLAGS[i][1], value, [])) flags += FLAGS[i][0];
      }
      parts[0] = apply(sourceOf, value, []);
      parts[1] = flags;
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

  // A getter: the array is `this`.
  kit.byteLength = getDescriptor(typedArrayPrototype, 'byteLength').get;

  // A view's buffer, where it begins there, and how many bytes it has.
  kit.viewParts = (view) => [viewBuffer(view), viewOffset(view), viewBytes(view)];
  kit.viewOf = (buffer) => construct(DataView, [buffer]);

  const unboxing = {
    __proto__: null,
    Boolean: uncurry(Boolean.prototype.valueOf),
    Number: uncurry(Number.prototype.valueOf),
    String: uncurry(String.prototype.valueOf),
    BigInt: uncurry(BigInt.prototype.valueOf),
  };

  // The primitive in an object that the engine calls `kind`, such as the one that `new String('x')` makes.
  kit.unboxed = (value, kind) => unboxing[kind](value);

  // Prototypes of errors that the engine has no function for.
  kit.errorPrototypes = {
    __proto__: null,
    AggregateError: AggregateError.prototype,
    EvalError: EvalError.prototype,
    URIError: URIError.prototype,
  };

  const exceptionGetter = (name) => getDescriptor(DOMException.prototype, name).get;

  // What a DOMException keeps in itself. Its class reads it with getters that a plugin can replace.
  kit.exceptionGetters = {
    __proto__: null,
    name: exceptionGetter('name'),
    message: exceptionGetter('message'),
    code: exceptionGetter('code'),
  };

  // Where the engine keeps an error's stack, whatever the plugin made of `error.stack`.
  kit.engineStack = getDescriptor(ErrorPrototype, 'stack').get;
})

// `util/types`: what an object is by the engine, whatever its prototype says.
(function (kit, native) {
  'use strict';

  const { ArrayBuffer, apply, getDescriptor, getPrototypeOf, isView, ownKeys, sourceOf, startsWith, tagSymbol, typedArrayPrototype } = kit.primordials;
  const { isError } = kit.use('modules/shared');

  const kind = (value) => (value !== null && (typeof value === 'object' || typeof value === 'function') ? native.className(value) : '');
  const is = (...names) => (value) => {
    const found = kind(value);
    for (let i = 0; i < names.length; i += 1) if (names[i] === found) return true;
    return false;
  };
  const tagOf = getDescriptor(typedArrayPrototype, tagSymbol).get;
  const isArrayOf = (name) => (value) => apply(tagOf, value, []) === name;

  const isBoxed = is('Number', 'String', 'Boolean', 'BigInt', 'Symbol');
  const isAsync = is('AsyncFunction', 'AsyncGeneratorFunction');
  const isGenerator = is('GeneratorFunction', 'AsyncGeneratorFunction');

  const types = {
    isExternal: () => false,
    isDate: is('Date'),
    isArgumentsObject: is('Arguments'),
    isBigIntObject: is('BigInt'),
    isBooleanObject: is('Boolean'),
    isNumberObject: is('Number'),
    isStringObject: is('String'),
    isSymbolObject: is('Symbol'),
    isBoxedPrimitive: isBoxed,
    isNativeError: (value) => kind(value) === 'Error' || (kind(value) !== 'DOMException' && isError(value)),
    isRegExp: is('RegExp'),
    isAsyncFunction: (value) => typeof value === 'function' && isAsync(value),
    isGeneratorFunction: (value) => typeof value === 'function' && isGenerator(value),
    isGeneratorObject: is('Generator', 'AsyncGenerator'),
    isPromise: is('Promise'),
    isMap: is('Map'),
    isSet: is('Set'),
    isMapIterator: is('Map Iterator'),
    isSetIterator: is('Set Iterator'),
    isWeakMap: is('WeakMap'),
    isWeakSet: is('WeakSet'),
    isArrayBuffer: is('ArrayBuffer'),
    isDataView: is('DataView'),
    isSharedArrayBuffer: is('SharedArrayBuffer'),
    isProxy: is('Proxy'),
    isModuleNamespaceObject: is('Module'),
    isAnyArrayBuffer: is('ArrayBuffer', 'SharedArrayBuffer'),
    isCryptoKey: () => false,
    isKeyObject: () => false,
    isArrayBufferView: isView,
    isTypedArray: (value) => apply(tagOf, value, []) !== undefined,
  };
  const { arrayClasses } = kit.primordials;
  const names = ownKeys(arrayClasses);
  for (let i = 0; i < names.length; i += 1) types['is' + names[i]] = isArrayOf(names[i]);

  return { __proto__: null, exports: types };
})

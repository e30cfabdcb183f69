// Errors of built-in modules, with the codes that programs for Node.js look for.
(function (kit) {
  'use strict';

  const { Error, RangeError, TypeError, defineProperty, toText } = kit.primordials;

  const hidden = (object, name, value) => {
    defineProperty(object, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
  };

  // An error of `Class` with a code, whose stack begins with both.
  const coded = (Class, code, message) => {
    const error = new Class(message);
    defineProperty(error, 'code', { __proto__: null, value: code, writable: true, enumerable: true, configurable: true });
    return error;
  };

  // What was found instead of what was expected, in words.
  const found = (value) => {
    if (value === undefined || value === null) return toText(value);
    if (typeof value === 'function') return 'function ' + value.name;
    if (typeof value === 'object') {
      const { constructor } = value;
      return constructor && constructor.name ? 'an instance of ' + constructor.name : kit.inspect(value, 0, 100);
    }
    return 'type ' + typeof value + ' (' + kit.inspect(value, 0, 28) + ')';
  };

  const isPath = (name) => {
    for (let i = 0; i < name.length; i += 1) if (name[i] === '.') return true;
    return false;
  };

  // `expected` says it in words: `of type string`, `an instance of Buffer or Uint8Array`.
  const invalidType = (name, expected, value) => coded(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "' + name + '" '
    + (isPath(name) ? 'property' : 'argument') + ' must be ' + expected + '. Received ' + found(value));

  const invalidValue = (name, value, why = 'is invalid') => coded(TypeError, 'ERR_INVALID_ARG_VALUE', 'The '
    + (isPath(name) ? 'property' : 'argument') + " '" + name + "' " + why + '. Received ' + kit.inspect(value, 1, 128));

  const outOfRange = (name, range, value) => coded(RangeError, 'ERR_OUT_OF_RANGE', 'The value of "' + name
    + '" is out of range. It must be ' + range + '. Received ' + kit.inspect(value, 0, 100));

  // For what Node.js has and a plugin may not: `what` is what was called, `permission` what would allow it, if anything can.
  const denied = (what, permission = undefined) => {
    const why = permission === undefined
      ? 'no permission allows this to a plugin'
      : 'the manifest does not ask for ' + permission;
    const error = coded(Error, 'E_DENIED', what + ': permission denied: ' + why);
    hidden(error, 'name', 'PermissionDenied');
    if (permission !== undefined) error.permission = permission;
    return error;
  };

  // A function argument, which Node.js calls a callback.
  const callback = (value, name = 'callback') => {
    if (typeof value !== 'function') throw invalidType(name, 'of type function', value);
    return value;
  };

  return { __proto__: null, callback, coded, denied, found, hidden, invalidType, invalidValue, outOfRange };
})

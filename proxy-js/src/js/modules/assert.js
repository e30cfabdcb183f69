// `assert`: checks that throw an AssertionError.
(function (kit) {
  'use strict';

  const { Error, apply, getPrototypeOf, ownKeys, test, toText } = kit.primordials;
  const { hidden, invalidType } = kit.use('modules/errors');
  const { assign, isError } = kit.use('modules/shared');
  const { isEqual } = kit.use('modules/equality');
  const types = kit.use('modules/types').exports;

  class AssertionError extends Error {
    constructor(options) {
      const { message, actual, expected, operator } = options;
      super(message === undefined ? wordsFor(operator, actual, expected) : toText(message));
      this.generatedMessage = message === undefined;
      this.code = 'ERR_ASSERTION';
      this.actual = actual;
      this.expected = expected;
      this.operator = operator;
    }
    get name() { return 'AssertionError'; }
    set name(value) { hidden(this, 'name', value); }
  }

  const WORDS = {
    __proto__: null,
    strictEqual: 'Expected values to be strictly equal:',
    deepStrictEqual: 'Expected values to be strictly deep-equal:',
    notStrictEqual: 'Expected "actual" to be strictly unequal to:',
    notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
    deepEqual: 'Expected values to be loosely deep-equal:',
    notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  };
  const wordsFor = (operator, actual, expected) => {
    const a = kit.inspect(actual, 6, 1000);
    const b = kit.inspect(expected, 6, 1000);
    if (operator === '==' || operator === '!=') return a + ' ' + operator + ' ' + b;
    if (operator === 'fail') return 'Failed';
    const words = WORDS[operator];
    if (words === undefined) return a + ' ' + operator + ' ' + b;
    const isNegative = operator[0] === 'n' && operator[1] === 'o';
    return isNegative ? words + ' ' + b : words + '\n\n' + a + (operator === 'strictEqual' ? ' !== ' : '\n\nshould equal\n\n') + b + '\n';
  };

  const fail = (message, actual, expected, operator) => {
    if (isError(message)) throw message;
    throw new AssertionError({ message, actual, expected, operator });
  };

  const truth = (count, value, message) => {
    if (count === 0) fail(NO_VALUE, value, true, '==');
    if (!value) fail(message === undefined ? 'The expression evaluated to a falsy value' : message, value, true, '==');
  };
  const NO_VALUE = 'No value argument passed to assert.ok()';

  const same = (a, b) => (a === b ? a !== 0 || 1 / a === 1 / b : a !== a && b !== b);

  // Whether an error is what was expected: a class, a pattern, an object with some of its members, or a function that says.
  const check = (error, expected, message, operator) => {
    if (expected === undefined) return;
    if (typeof expected === 'function') {
      if (expected.prototype !== undefined && error instanceof expected) return;
      if (isErrorClass(expected)) fail(message === undefined ? error : message, error, expected, operator);
      if (apply(expected, {}, [error]) === true) return;
      fail(message === undefined ? 'The ' + (expected.name === '' ? '' : '"' + expected.name + '" ')
        + 'validation function is expected to return "true". Received false' : message, error, expected, operator);
    }
    if (types.isRegExp(expected)) {
      if (test(expected, toText(error))) return;
      fail(message === undefined ? 'The input did not match the regular expression ' + toText(expected) + '. Input:\n\n'
        + kit.inspect(toText(error), 0, 500) + '\n' : message, error, expected, operator);
    }
    if (expected === null || typeof expected !== 'object') throw invalidType('expected', 'of type function or an instance of Error, RegExp, or Object', expected);
    const keys = ownKeys(expected);
    const checkKey = (key) => {
      const wanted = expected[key];
      const found = error === null || error === undefined ? undefined : error[key];
      if (types.isRegExp(wanted) && typeof found === 'string' ? test(wanted, found) : isEqual(found, wanted, true)) return;
      fail(message, error, expected, operator);
    };
    for (let i = 0; i < keys.length; i += 1) if (keys[i] !== 'stack') checkKey(keys[i]);
    if (isError(expected)) {
      checkKey('message');
      checkKey('name');
    }
  };
  const isErrorClass = (value) => {
    for (let at = value; at !== null; at = getPrototypeOf(at)) if (at === Error) return true;
    return false;
  };

  const thrown = (work) => {
    if (typeof work !== 'function') throw invalidType('fn', 'of type function', work);
    try {
      work();
    } catch (error) {
      return { error };
    }
    return undefined;
  };
  const rejected = async (work) => {
    const promise = typeof work === 'function' ? work() : work;
    if (promise === null || typeof promise !== 'object' || typeof promise.then !== 'function') throw invalidType('promiseFn', 'of type function or an instance of Promise', work);
    try {
      await promise;
    } catch (error) {
      return { error };
    }
    return undefined;
  };
  const expecting = (found, expected, message, operator) => {
    const words = typeof expected === 'string' ? expected : message;
    if (found === undefined) fail('Missing expected ' + (operator === 'rejects' ? 'rejection' : 'exception')
      + (typeof expected === 'function' && expected.name ? ' (' + expected.name + ')' : '') + (words === undefined ? '.' : ': ' + words), undefined, expected, operator);
    if (typeof expected !== 'string') check(found.error, expected, message, operator);
  };
  const unexpected = (found, expected, message, operator) => {
    if (found === undefined) return;
    const words = typeof expected === 'string' ? expected : message;
    if (typeof expected === 'function' && expected.prototype !== undefined && !(found.error instanceof expected)) throw found.error;
    fail('Got unwanted ' + (operator === 'doesNotReject' ? 'rejection' : 'exception') + (words === undefined ? '.' : ': ' + words)
      + '\nActual message: "' + (found.error && found.error.message) + '"', found.error, expected, operator);
  };

  const make = (isStrictMode) => {
    function assert(...args) { truth(args.length, args[0], args[1]); }
    const members = {
      ok(...args) { truth(args.length, args[0], args[1]); },
      fail(message = 'Failed') { fail(message, undefined, undefined, 'fail'); },
      equal(a, b, message) { if (a != b && (a === a || b === b)) fail(message, a, b, '=='); },
      notEqual(a, b, message) { if (a == b || (a !== a && b !== b)) fail(message, a, b, '!='); },
      strictEqual(a, b, message) { if (!same(a, b)) fail(message, a, b, 'strictEqual'); },
      notStrictEqual(a, b, message) { if (same(a, b)) fail(message, a, b, 'notStrictEqual'); },
      deepEqual(a, b, message) { if (!isEqual(a, b, false)) fail(message, a, b, 'deepEqual'); },
      notDeepEqual(a, b, message) { if (isEqual(a, b, false)) fail(message, a, b, 'notDeepEqual'); },
      deepStrictEqual(a, b, message) { if (!isEqual(a, b, true)) fail(message, a, b, 'deepStrictEqual'); },
      notDeepStrictEqual(a, b, message) { if (isEqual(a, b, true)) fail(message, a, b, 'notDeepStrictEqual'); },
      throws(work, expected, message) { expecting(thrown(work), expected, message, 'throws'); },
      doesNotThrow(work, expected, message) { unexpected(thrown(work), expected, message, 'doesNotThrow'); },
      async rejects(work, expected, message) { expecting(await rejected(work), expected, message, 'rejects'); },
      async doesNotReject(work, expected, message) { unexpected(await rejected(work), expected, message, 'doesNotReject'); },
      ifError(value) {
        if (value === null || value === undefined) return;
        fail('ifError got unwanted exception: ' + (isError(value) ? value.message : kit.inspect(value, 2, 500)), value, null, 'ifError');
      },
      match(text, pattern, message) {
        if (!types.isRegExp(pattern)) throw invalidType('regexp', 'an instance of RegExp', pattern);
        if (typeof text !== 'string' || !test(pattern, text)) fail(message === undefined ? 'The input did not match the regular expression '
          + toText(pattern) + '. Input:\n\n' + kit.inspect(text, 0, 500) + '\n' : message, text, pattern, 'match');
      },
      doesNotMatch(text, pattern, message) {
        if (!types.isRegExp(pattern)) throw invalidType('regexp', 'an instance of RegExp', pattern);
        if (typeof text === 'string' && test(pattern, text)) fail(message === undefined ? 'The input was expected to not match the regular expression '
          + toText(pattern) + '. Input:\n\n' + kit.inspect(text, 0, 500) + '\n' : message, text, pattern, 'doesNotMatch');
      },
      AssertionError,
    };
    assign(assert, members);
    if (isStrictMode) {
      assert.equal = assert.strictEqual;
      assert.notEqual = assert.notStrictEqual;
      assert.deepEqual = assert.deepStrictEqual;
      assert.notDeepEqual = assert.notDeepStrictEqual;
    }
    return assert;
  };

  const exports = make(false);
  const strict = make(true);
  exports.strict = strict;
  strict.strict = strict;

  return { __proto__: null, exports, strict };
})

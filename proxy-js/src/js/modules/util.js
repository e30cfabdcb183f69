// `util`: what Node.js gives beside its modules.
(function (kit, native) {
  'use strict';

  const {
    Error, Map, Symbol, TypeError, apply, create, defineProperty, getDescriptor, getPrototypeOf, hasOwn, indexOf, isArray, join,
    mapGet, mapSet, ownKeys, parseDecimal, parseInteger, push, setPrototypeOf, slice, split, stringify, toNumber, toText, symbolFor,
  } = kit.primordials;
  const { callback, coded, denied, invalidType, invalidValue } = kit.use('modules/errors');
  const { assign, copied, isError, promised, soon, whenSettled } = kit.use('modules/shared');
  const types = kit.use('modules/types').exports;

  const custom = symbolFor('nodejs.util.inspect.custom');
  const promisified = symbolFor('nodejs.util.promisify.custom');
  const argumentNames = Symbol('customPromisifyArgs');

  // Node.js takes the depth and other options, or the three of old.
  const optionsOf = (options, more) => {
    if (typeof options === 'boolean') return { showHidden: options, depth: more[0], colors: more[1] };
    return options === undefined || options === null ? {} : options;
  };

  const inspect = (value, options, ...more) => {
    const chosen = optionsOf(options, more);
    const own = value !== null && typeof value === 'object' ? value[custom] : undefined;
    const depth = chosen.depth === null || chosen.depth === 1 / 0 ? 100 : chosen.depth === undefined ? 2 : chosen.depth;
    if (typeof own === 'function' && own !== inspect) {
      const shown = apply(own, value, [depth, { ...inspect.defaultOptions, ...chosen, stylize: (text) => text }, inspect]);
      if (shown !== value) return typeof shown === 'string' ? shown : inspect(shown, chosen);
    }
    return kit.inspect(value, depth + 1, 65536);
  };
  inspect.custom = custom;
  inspect.defaultOptions = {
    showHidden: false, depth: 2, colors: false, customInspect: true, showProxy: false, maxArrayLength: 100,
    maxStringLength: 10000, breakLength: 128, compact: 3, sorted: false, getters: false, numericSeparator: false,
  };
  inspect.colors = create(null);
  inspect.styles = create(null);

  const isObject = (value) => value !== null && (typeof value === 'object' || typeof value === 'function');

  const numeric = (value, convert) => {
    if (typeof value === 'bigint') return value + 'n';
    if (typeof value === 'symbol' || isObject(value)) return 'NaN';
    const number = convert(value);
    return number === 0 && 1 / number < 0 ? '-0' : toText(number);
  };

  // What a mark in a format makes of an argument.
  const marks = {
    __proto__: null,
    s: (value) => {
      if (typeof value === 'string') return value;
      if (typeof value === 'bigint') return value + 'n';
      if (typeof value === 'number') return numeric(value, toNumber);
      if (!isObject(value) || (typeof value !== 'function' && hasOwnText(value))) return toText(value);
      return inspect(value, { depth: 0 });
    },
    d: (value) => numeric(value, toNumber),
    i: (value) => numeric(value, (it) => parseInteger(it)),
    f: (value) => (typeof value === 'symbol' ? 'NaN' : toText(parseDecimal(value))),
    j: (value) => {
      try {
        return stringify(value) + '';
      } catch (error) {
        if (indexOf(toText(error.message), 'circular') < 0) throw error;
        return '[Circular]';
      }
    },
    o: (value) => inspect(value, { depth: 4 }),
    O: (value) => inspect(value),
    c: () => '',
  };

  // Whether an object's class, and not the language, says what text it is.
  const hasOwnText = (value) => {
    if (hasOwn(value, 'toString')) return true;
    for (let at = getPrototypeOf(value); at !== null; at = getPrototypeOf(at)) {
      if (!hasOwn(at, 'toString')) continue;
      return isError(value) || sourceIsOurs(at.toString);
    }
    return false;
  };
  const sourceIsOurs = (method) => typeof method === 'function' && indexOf(kit.primordials.sourceOf(method), '[native code]') < 0;

  const format = (...args) => {
    const first = args[0];
    let at = 0;
    let text = '';
    if (typeof first === 'string') {
      at = 1;
      let from = 0;
      for (let i = 0; i + 1 < first.length && 1 < args.length; i += 1) {
        if (first[i] !== '%') continue;
        const mark = first[i + 1];
        if (mark === '%') {
          text += slice(first, from, i) + '%';
        } else if (marks[mark] !== undefined && at < args.length) {
          text += slice(first, from, i) + marks[mark](args[at]);
          at += 1;
        } else {
          i += marks[mark] === undefined ? 0 : 1;
          continue;
        }
        i += 1;
        from = i + 1;
      }
      text += slice(first, from);
    }
    for (; at < args.length; at += 1) {
      if (at !== 0) text += ' ';
      text += typeof args[at] === 'string' ? args[at] : inspect(args[at]);
    }
    return text;
  };

  const descriptorsOnto = (to, from) => {
    const keys = ownKeys(from);
    for (let i = 0; i < keys.length; i += 1) {
      try {
        defineProperty(to, keys[i], getDescriptor(from, keys[i]));
      } catch {
        // What cannot be defined anew is as it was.
      }
    }
    return to;
  };

  const promisify = (original) => {
    callback(original, 'original');
    if (original[promisified]) {
      return defineProperty(callback(original[promisified], 'util.promisify.custom'), promisified, {
        __proto__: null, value: original[promisified], configurable: true,
      });
    }
    const names = original[argumentNames];
    const promising = function (...args) {
      return promised((fulfil, reject) => {
        push(args, (error, ...values) => {
          if (error) return reject(error);
          if (names === undefined || values.length < 2) return fulfil(values[0]);
          const all = {};
          for (let i = 0; i < names.length; i += 1) all[names[i]] = values[i];
          return fulfil(all);
        });
        apply(original, this, args);
      });
    };
    setPrototypeOf(promising, getPrototypeOf(original));
    defineProperty(promising, promisified, { __proto__: null, value: promising, configurable: true });
    return descriptorsOnto(promising, original);
  };
  promisify.custom = promisified;

  const callbackify = (original) => {
    callback(original, 'original');
    const calling = function (...args) {
      const done = callback(args[args.length - 1], 'last argument');
      args.length -= 1;
      const then = (...results) => soon(() => apply(done, this, results));
      whenSettled(apply(original, this, args), (value) => then(null, value), (error) => {
        if (error) return then(error);
        const wrapped = coded(Error, 'ERR_FALSY_VALUE_REJECTION', 'Promise was rejected with falsy value');
        wrapped.reason = error;
        return then(wrapped);
      });
    };
    return defineProperty(calling, 'name', { __proto__: null, value: original.name + 'Callbackified', configurable: true });
  };

  const inherits = (Class, Parent) => {
    callback(Class, 'ctor');
    callback(Parent, 'superCtor');
    if (Parent.prototype === undefined) throw invalidType('superCtor.prototype', 'of type object', Parent.prototype);
    defineProperty(Class, 'super_', { __proto__: null, value: Parent, writable: true, configurable: true });
    setPrototypeOf(Class.prototype, Parent.prototype);
  };

  const warned = new Map();
  const warn = (message, code) => {
    const key = code === undefined ? message : code;
    if (mapGet(warned, key)) return;
    mapSet(warned, key, true);
    kit.use('console').console.warn('DeprecationWarning: ' + (code === undefined ? '' : '[' + code + '] ') + message);
  };
  const deprecate = (work, message, code) => {
    callback(work, 'fn');
    const deprecated = function (...args) {
      warn(message, code);
      return new.target === undefined ? apply(work, this, args) : kit.primordials.construct(work, args, new.target);
    };
    setPrototypeOf(deprecated, work);
    if (work.prototype !== undefined) deprecated.prototype = work.prototype;
    return deprecated;
  };

  const debuglog = () => {
    const log = () => {};
    log.enabled = false;
    return log;
  };

  // Sequences that colour a terminal.
  const stripped = (text) => {
    if (typeof text !== 'string') throw invalidType('str', 'of type string', text);
    const parts = split(text, '\u001b[');
    for (let i = 1; i < parts.length; i += 1) {
      let at = 0;
      while (at < parts[i].length && indexOf('0123456789;?', parts[i][at]) !== -1) at += 1;
      parts[i] = slice(parts[i], at + 1);
    }
    return join(parts, '');
  };

  const isPlain = {
    isArray,
    isBoolean: (value) => typeof value === 'boolean',
    isBuffer: (value) => kit.use('modules/buffer').Buffer.isBuffer(value),
    isDate: types.isDate,
    isError,
    isFunction: (value) => typeof value === 'function',
    isNull: (value) => value === null,
    isNullOrUndefined: (value) => value === null || value === undefined,
    isNumber: (value) => typeof value === 'number',
    isObject: (value) => value !== null && typeof value === 'object',
    isPrimitive: (value) => !isObject(value),
    isRegExp: types.isRegExp,
    isString: (value) => typeof value === 'string',
    isSymbol: (value) => typeof value === 'symbol',
    isUndefined: (value) => value === undefined,
  };

  // What is an option of a command's line; plugins have no such line, but may parse one.
  const parseArgs = () => { throw denied('util.parseArgs'); };

  const exports = assign({
    inspect,
    format,
    formatWithOptions: (options, ...args) => apply(format, undefined, args),
    promisify,
    callbackify,
    inherits,
    deprecate,
    debuglog,
    debug: debuglog,
    stripVTControlCharacters: stripped,
    toUSVString: (value) => kit.primordials.toWellFormed(toText(value)),
    types,
    isDeepStrictEqual: (a, b) => kit.use('modules/equality').isEqual(a, b, true),
    _extend: (target, source) => (isObject(source) ? assign(target, source) : target),
    log: (...args) => kit.use('console').console.log(apply(format, undefined, args)),
    getSystemErrorName: (number) => {
      const names = kit.use('modules/constants').errorNames;
      if (typeof number !== 'number') throw invalidType('err', 'of type number', number);
      return names[-number];
    },
    styleText: (style, text) => text,
    aborted: (signal) => promised((fulfil) => {
      if (signal.aborted) fulfil();
      else signal.addEventListener('abort', () => fulfil(), { once: true });
    }),
    parseArgs,
    TextDecoder: undefined,
    TextEncoder: undefined,
  }, isPlain);

  const lazily = (name) => defineProperty(exports, name, {
    __proto__: null, enumerable: true, configurable: true, get: () => kit.use('text')[name],
  });
  lazily('TextDecoder');
  lazily('TextEncoder');

  return { __proto__: null, exports, inspect, format, promisifyCustom: promisified, argumentNames };
})

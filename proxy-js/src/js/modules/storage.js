// What a plugin stores by key: `storage` of its context, and `localStorage`, whose keys stand beside the others behind a
// beginning of their own.
(function (kit) {
  'use strict';

  const {
    DOMException, Proxy, TypeError, asText, freeze, hasOwn, isArray, ownKeys, parse, push, slice, stringify, tryDefine,
    getDescriptor,
  } = kit.primordials;

  const LOCAL = 'localStorage/';

  const keyOf = (key) => {
    if (typeof key !== 'string') throw new TypeError('a key is a string, not ' + kit.inspect(key, 0, 100));
    return key;
  };

  // A value as JSON. What JSON has no word for is refused, and not lost.
  const textOf = (key, value) => {
    const text = stringify(value);
    if (text === undefined) throw new TypeError('JSON has no word for the value of ' + stringify(key) + ': ' + kit.inspect(value, 0, 100));
    return text;
  };

  const ask = (name, argument) => kit.callService('storage.' + name, false, argument);
  const wait = (name, argument) => kit.callService('storage.' + name, true, argument);

  // What `batch` takes: `{ set: { key: value }, delete: [key] }`.
  const changesOf = (batch) => {
    if (batch === null || typeof batch !== 'object') throw new TypeError('a batch is { set: { key: value }, delete: [key] }, not ' + kit.inspect(batch, 0, 100));
    const changes = [];
    if (batch.delete !== undefined) {
      if (!isArray(batch.delete)) throw new TypeError('delete is an array of keys, not ' + kit.inspect(batch.delete, 0, 100));
      for (let i = 0; i < batch.delete.length; i += 1) push(changes, [keyOf(batch.delete[i]), null]);
    }
    if (batch.set !== undefined) {
      const names = ownKeys(batch.set);
      for (let i = 0; i < names.length; i += 1) push(changes, [keyOf(names[i]), textOf(names[i], batch.set[names[i]])]);
    }
    return changes;
  };

  const storage = freeze({
    // The value of a key; undefined if there is none.
    get: async (key) => {
      const text = await ask('get', keyOf(key));
      return text === undefined ? undefined : parse(text);
    },
    // Stores any value that JSON can tell.
    set: async (key, value) => { await ask('apply', [[keyOf(key), textOf(key, value)]]); },
    delete: async (key) => { await ask('apply', [[keyOf(key), null]]); },
    // The keys that begin so, in order.
    keys: async (prefix = '') => ask('keys', keyOf(prefix)),
    // Removes all keys that begin so.
    clear: async (prefix = '') => { await ask('clear', keyOf(prefix)); },
    // Makes all changes or none.
    batch: async (batch) => { await ask('apply', changesOf(batch)); },
    // Bytes that are used, and that may be: `{ used, quota }`.
    usage: async () => ask('usage'),
    // Calls back after each change with `{ keys }`, whoever made it; without keys when there are too many. Gives what ends that.
    onChange: (callback) => {
      if (typeof callback !== 'function') throw new TypeError('onChange takes a function, not ' + kit.inspect(callback, 0, 100));
      return wait('onChange', callback);
    },
  });

  // -- localStorage ---------------------------------------------------------------------------------------------------------

  // As browsers throw it.
  const exceeded = (error) => (error !== null && typeof error === 'object' && error.name === 'QuotaExceededError'
    ? new DOMException(error.message, 'QuotaExceededError') : error);

  const keys = () => wait('keys', LOCAL);
  const read = (key) => {
    const text = wait('get', LOCAL + key);
    if (text === undefined) return null;
    const value = parse(text);
    // The application may have stored something else there.
    return typeof value === 'string' ? value : text;
  };
  const write = (key, value) => {
    try {
      wait('apply', [[LOCAL + key, stringify(value)]]);
    } catch (error) {
      throw exceeded(error);
    }
  };
  const remove = (key) => { wait('apply', [[LOCAL + key, null]]); };

  const need = (count, args, name) => {
    if (args.length < count) throw new TypeError(name + ' needs ' + count + ' argument' + (count === 1 ? '' : 's') + ', found ' + args.length);
  };

  let isMaking = true;

  class Storage {
    constructor() {
      if (!isMaking) throw new TypeError('there is one Storage, which is localStorage');
    }

    get length() { return keys().length; }

    key(index) {
      need(1, arguments, 'key');
      const key = keys()[index >>> 0];
      return key === undefined ? null : slice(key, LOCAL.length);
    }

    getItem(key) {
      need(1, arguments, 'getItem');
      return read(asText(key));
    }

    setItem(key, value) {
      need(2, arguments, 'setItem');
      write(asText(key), asText(value));
    }

    removeItem(key) {
      need(1, arguments, 'removeItem');
      remove(asText(key));
    }

    clear() { wait('clear', LOCAL); }
  }

  const isItem = (target, name) => typeof name === 'string' && !(name in target);

  // Items are properties as well: `localStorage.colour = 'red'`.
  const localStorage = new Proxy(new Storage(), {
    __proto__: null,
    get(target, name) {
      if (!isItem(target, name)) return target[name];
      const value = read(name);
      return value === null ? undefined : value;
    },
    set(target, name, value) {
      if (typeof name !== 'string') return tryDefine(target, name, { __proto__: null, value, writable: true, configurable: true });
      write(name, asText(value));
      return true;
    },
    has: (target, name) => name in target || (typeof name === 'string' && read(name) !== null),
    deleteProperty(target, name) {
      if (isItem(target, name)) remove(name);
      return true;
    },
    ownKeys() {
      const found = keys();
      for (let i = 0; i < found.length; i += 1) found[i] = slice(found[i], LOCAL.length);
      return found;
    },
    getOwnPropertyDescriptor(target, name) {
      if (!isItem(target, name)) return getDescriptor(target, name);
      const value = read(name);
      return value === null ? undefined : { value, writable: true, enumerable: true, configurable: true };
    },
    defineProperty(target, name, descriptor) {
      if (!hasOwn(descriptor, 'value')) return false;
      write(asText(name), asText(descriptor.value));
      return true;
    },
  });
  isMaking = false;

  return { __proto__: null, Storage, localStorage, storage };
})

// Objects of the host: what the runner's values of them inherit. The values themselves are the runner's, and have nothing
// but a handle that only the runner can read. No templates here: the engine makes them with `String.prototype.concat`, which a
// plugin can replace.
(function (kit, native) {
  'use strict';

  const { Proxy, Symbol, TypeError, ObjectPrototype, create, defineProperty, freeze } = kit.primordials;
  const { asyncDispose, dispose, toStringTag } = Symbol;
  const { get: read } = Reflect;

  // The language's names for the method `dispose`, the one for promises first.
  kit.disposeSymbols = [asyncDispose, dispose];

  const define = (object, name, value) => {
    defineProperty(object, name, { __proto__: null, value, enumerable: typeof name === 'string', writable: false, configurable: false });
  };

  const refuse = (className, name) => {
    const path = typeof name === 'string' ? className + '.' + name : className;
    throw new TypeError('cannot assign to ' + path + ': it is an object of the host');
  };

  // What is asked for the names that the object does not have. Own names are found before it, and pay nothing for it.
  // `members` are the paths that exist.
  const watch = (className, members) => new Proxy(create(ObjectPrototype), freeze({
    __proto__: null,
    get(target, name, receiver) {
      if (typeof name === 'string' && name !== 'then' && name !== 'toJSON' && !(name in ObjectPrototype)) {
        native.unknown(className + '.' + name, members);
      }
      return read(target, name, receiver);
    },
    set(target, name) {
      return refuse(className, name);
    },
  }));

  // `methods` and `accessors` are names and functions in turn.
  kit.hostPrototype = (className, methods, accessors) => {
    const members = kit.list();
    const prototype = create(watch(className, members));
    const constructor = function () {
      throw new TypeError(className + ' is a class of the host, which alone makes objects of it');
    };
    define(constructor, 'name', className);
    constructor.prototype = prototype;
    defineProperty(prototype, 'constructor', { __proto__: null, value: freeze(constructor), enumerable: false, writable: false, configurable: false });
    define(prototype, toStringTag, className);
    for (let i = 0; i < accessors.length; i += 2) {
      const name = accessors[i];
      members[members.length] = className + '.' + name;
      const set = () => refuse(className, name);
      defineProperty(prototype, name, { __proto__: null, get: accessors[i + 1], set, enumerable: true, configurable: false });
    }
    for (let i = 0; i < methods.length; i += 2) {
      define(prototype, methods[i], methods[i + 1]);
      members[members.length] = className + '.' + methods[i];
      if (methods[i] === 'dispose') {
        define(prototype, dispose, methods[i + 1]);
        define(prototype, asyncDispose, methods[i + 1]);
      }
    }
    return freeze(prototype);
  };
})

// The application's API as objects. A name that does not exist reads as undefined, so that a plugin can ask whether
// a function is there; but it is remembered, and an error that comes of it says what was meant.
(function (kit, native) {
  'use strict';

  const { Proxy, ObjectPrototype, create, defineProperty, freeze, push, split } = kit.primordials;

  // Everything to freeze once the prelude has added what it adds.
  const nodes = [];
  let root;

  // The prototype of a namespace. Own names are found before it is asked, so calls that exist pay nothing for it.
  const watch = (path) => new Proxy(create(ObjectPrototype), freeze({
    __proto__: null,
    get(target, name) {
      if (typeof name === 'string' && name !== 'then' && name !== 'toJSON' && !(name in ObjectPrototype)) {
        native.unknown(path + '.' + name);
      }
      return target[name];
    },
  }));

  const define = (node, name, value) => {
    defineProperty(node, name, { __proto__: null, value, enumerable: true, writable: true, configurable: true });
    return value;
  };

  const namespace = (path) => {
    const node = create(watch(path));
    push(nodes, node);
    return node;
  };

  // Puts `value` at a dotted path below the global. A function may have functions below it.
  const place = (path, value) => {
    const names = split(path, '.');
    let node = root;
    let at = kit.global;
    for (let i = 0; i < names.length - 1; i += 1) {
      at += '.' + names[i];
      const own = ownValue(node, names[i]);
      node = own === undefined ? define(node, names[i], namespace(at)) : own;
    }
    const last = names[names.length - 1];
    const before = ownValue(node, last);
    define(node, last, value);
    push(nodes, value);
    if (before === undefined) return;
    // The namespace was there before the function of the same name: its names move over.
    const keys = kit.primordials.ownKeys(before);
    for (let i = 0; i < keys.length; i += 1) define(value, keys[i], before[keys[i]]);
  };

  const ownValue = (node, name) => {
    const descriptor = kit.primordials.getDescriptor(node, name);
    return descriptor === undefined ? undefined : descriptor.value;
  };

  // Builds the global `name` from the application's functions, each at its path.
  kit.buildApi = (name, paths, functions) => {
    kit.global = name;
    root = namespace(name);
    for (let i = 0; i < paths.length; i += 1) place(paths[i], functions[i]);
    defineProperty(globalThis, name, { __proto__: null, value: root, enumerable: false, writable: true, configurable: true });
  };

  // For preludes: calls a service of the host library, and waits for its answer if `isBlocking`.
  kit.callService = native.callService;

  // For preludes: a function that is answered here and never reaches the host.
  kit.extendApi = place;

  kit.freezeApi = () => {
    for (let i = 0; i < nodes.length; i += 1) freeze(nodes[i]);
  };
})

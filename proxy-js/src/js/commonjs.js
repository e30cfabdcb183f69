// CommonJS: `require`, and the modules that it loads from the plugin's package. The runner asks the host for their text.
(function (kit, native) {
  'use strict';

  const { apply, create, defineProperty, lastIndexOf, push, slice } = kit.primordials;

  // What `native.loadModule` gives first, when a function is to be called.
  const CODE = 0;

  // By file name, as `require.cache` shows them. The root of the package is `/`.
  const cache = create(null);

  let main;

  const own = (object, name, value) => {
    defineProperty(object, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  };

  const folderOf = (filename) => {
    const slash = lastIndexOf(filename, '/');
    return slash <= 0 ? '/' : slice(filename, 0, slash);
  };

  class Module {
    id;
    path;
    exports = {};
    filename;
    loaded = false;
    children = [];
    paths = [];
    parent;

    constructor(filename, parent) {
      this.id = parent === null ? '.' : filename;
      this.path = folderOf(filename);
      this.filename = filename;
      this.parent = parent;
    }

    require(specifier) {
      return load(this, specifier);
    }
  }

  const resolve = (parent, specifier) => {
    if (typeof specifier !== 'string') throw new TypeError('require takes a string, not ' + kit.inspect(specifier, 0, 100));
    return native.resolveModule(specifier, slice(parent.filename, 1));
  };

  const adopt = (parent, module) => {
    const { children } = parent;
    for (let i = 0; i < children.length; i += 1) if (children[i] === module) return;
    push(children, module);
  };

  // The exports of the built-in module with this name; undefined for any other.
  kit.builtin = (specifier) => {
    if (typeof specifier !== 'string') return undefined;
    const found = native.findBuiltin(specifier);
    return found === undefined ? undefined : kit.use(found[0])[found[1]];
  };

  const requireOf = (module) => {
    const require = function require(specifier) {
      return load(module, specifier);
    };
    own(require, 'resolve', function resolve_(specifier) {
      return native.findBuiltin(specifier) === undefined ? '/' + resolve(module, specifier) : specifier;
    });
    own(require, 'cache', cache);
    own(require, 'main', main);
    return require;
  };

  // Runs a module that is in the cache from now on, so that those who require it in a circle find what it has exported by
  // then. One that throws is forgotten, and runs again when it is required again.
  const run = (module, code) => {
    const { filename } = module;
    cache[filename] = module;
    let isDone = false;
    try {
      apply(code, module.exports, [module.exports, requireOf(module), module, filename, module.path]);
      isDone = true;
    } finally {
      if (!isDone && cache[filename] === module) delete cache[filename];
    }
    module.loaded = true;
  };

  const load = (parent, specifier) => {
    const builtin = kit.builtin(specifier);
    if (builtin !== undefined) return builtin;
    const name = resolve(parent, specifier);
    const filename = '/' + name;
    const known = cache[filename];
    if (known !== undefined) {
      adopt(parent, known);
      return known.exports;
    }
    const loaded = native.loadModule(name);
    const kind = loaded[0];
    const content = loaded[1];
    const module = new Module(filename, parent);
    if (kind === CODE) {
      run(module, content);
    } else {
      module.exports = content;
      module.loaded = true;
      cache[filename] = module;
    }
    adopt(parent, module);
    return module.exports;
  };

  // What `module.createRequire` gives for a file of the package.
  kit.requireFor = (filename) => requireOf(new Module(filename, null));

  // The module of the entry, and its `require`.
  kit.mainModule = (name) => {
    main = new Module('/' + name, null);
    cache[main.filename] = main;
    return { __proto__: null, module: main, require: requireOf(main) };
  };

  // What an ES module gets of the CommonJS module `name`.
  kit.importCommonJs = (name, code) => {
    const filename = '/' + name;
    const known = cache[filename];
    if (known !== undefined) return known.exports;
    const module = new Module(filename, undefined);
    run(module, code);
    return module.exports;
  };
})

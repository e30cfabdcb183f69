// Globals that are made when a plugin first asks for them: most plugins use few, and a runner starts without the rest.
(function (kit, native) {
  'use strict';

  const { defineProperty, getDescriptor, tryDefine } = kit.primordials;
  // A plugin may take the name away.
  const global = globalThis;

  // What files gave when they were evaluated, by their short names.
  const made = { __proto__: null };

  // Whether the runner's functions are all there that only these files ask for.
  let isComplete = false;

  const plain = (value, enumerable) => ({ __proto__: null, value, writable: true, enumerable, configurable: true });

  // What a file gives: its globals by name, and what other files of ours use of it.
  kit.use = (name) => {
    if (!isComplete) {
      native.complete(native);
      isComplete = true;
    }
    if (made[name] === undefined) made[name] = native.evaluate(name)(kit, native);
    return made[name];
  };

  // The same if the file was evaluated already, otherwise undefined.
  kit.used = (name) => made[name];

  // The accessors of a file become properties like any other, except those that the plugin replaced or deleted.
  const settle = (short) => {
    const names = native.globalsOf(short);
    for (let i = 0; i < names.length; i += 1) {
      const descriptor = getDescriptor(global, names[i]);
      if (descriptor !== undefined && descriptor.get !== undefined && native.isLazy(names[i], descriptor.get)) {
        tryDefine(global, names[i], plain(made[short][names[i]], false));
      }
    }
  };

  // Reads the global `name` of a file, or writes it: that makes a property of whatever is assigned to, as if there had
  // been a plain one before.
  kit.access = function (short, name, value) {
    if (arguments.length === 2) {
      kit.use(short);
      settle(short);
      return made[short][name];
    }
    const target = this === undefined ? global : this;
    defineProperty(target, name, plain(value, target !== global));
    return undefined;
  };

  // Any value as a text for a person: `depth` levels of objects in objects, and about `budget` characters.
  kit.inspect = (value, depth = 3, budget = 8192) => kit.use('inspect').inspect(value, depth, budget);

  // What the console shows of an instance of one of our classes, as an object to be shown; undefined for any other.
  kit.partsToShow = (value) => {
    const webidl = kit.used('webidl');
    return webidl === undefined ? undefined : webidl.partsToShow(value);
  };
})

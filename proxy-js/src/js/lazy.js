// Globals that are made when a plugin first asks for them: most plugins use few, and a runner starts without the rest.
(function (kit, native) {
  'use strict';

  const { defineProperty, getDescriptor, tryDefine } = kit.primordials;

  // By short name: the number under which the runner finds the file, the names of its globals with their getters, and
  // what it gave when it was evaluated.
  const files = { __proto__: null };

  const plain = (value, enumerable) => ({ __proto__: null, value, writable: true, enumerable, configurable: true });

  // What a file gives: its globals by name, and what other files of ours use of it.
  kit.use = (name) => {
    const file = files[name];
    if (file.made === undefined) file.made = native.evaluate(file.number)(kit, native);
    return file.made;
  };

  // Any value as a text for a person: `depth` levels of objects in objects, and about `budget` characters.
  kit.inspect = (value, depth = 3, budget = 8192) => kit.use('inspect').inspect(value, depth, budget);

  // What the console shows of an instance of one of our classes, as an object to be shown; undefined for any other.
  kit.partsToShow = (value) => {
    const webidl = kit.used('webidl');
    return webidl === undefined ? undefined : webidl.partsToShow(value);
  };

  // The same if the file was evaluated already, otherwise undefined.
  kit.used = (name) => files[name].made;

  // The accessors of a file become properties like any other, except those that the plugin replaced or deleted.
  const settle = (file) => {
    for (const name in file.getters) {
      const descriptor = getDescriptor(globalThis, name);
      if (descriptor !== undefined && descriptor.get === file.getters[name]) {
        tryDefine(globalThis, name, plain(file.made[name], false));
      }
    }
  };

  const installName = (file, short, name) => {
    // The getter and the setter in one: making many is part of every runner's start.
    const access = function (value) {
      if (arguments.length === 0) {
        kit.use(short);
        settle(file);
        return file.made[name];
      }
      // Assigning makes a property of whatever is assigned to, as if there had been a plain one before.
      const target = this === undefined ? globalThis : this;
      defineProperty(target, name, plain(value, target !== globalThis));
    };
    file.getters[name] = access;
    defineProperty(globalThis, name, { __proto__: null, get: access, set: access, enumerable: false, configurable: true });
  };

  kit.installLazily = (number, short, names) => {
    const file = { __proto__: null, number, getters: { __proto__: null }, made: undefined };
    files[short] = file;
    for (let i = 0; i < names.length; i += 1) installName(file, short, names[i]);
  };
})

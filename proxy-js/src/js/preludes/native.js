// Plughold's own format: a module that exports, or a script that writes to `module.exports`.
(function (kit, facts) {
  'use strict';

  const { defineProperty, freeze } = kit.primordials;
  const module = { exports: {} };

  if (!facts.isModule) {
    const install = (name, value) => {
      defineProperty(globalThis, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
    };
    install('module', module);
    install('exports', module.exports);
  }

  const manifest = facts.manifest !== null && typeof facts.manifest === 'object' ? facts.manifest : {};
  return {
    exports: () => module.exports,
    context: freeze({
      id: manifest.id,
      name: manifest.name,
      version: manifest.version,
      permissions: freeze(facts.permissions),
      state: facts.state,
    }),
  };
})

// Plughold's own format: a module that exports, or a script that writes to `module.exports`.
(function (kit, facts) {
  'use strict';

  const { defineProperty, freeze } = kit.primordials;
  const main = facts.isModule ? undefined : kit.mainModule(facts.file);

  const install = (name, value) => {
    defineProperty(globalThis, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
  };

  // What other plugins export. The host starts them first, and answers at once.
  const plugins = freeze({
    get: freeze((id, options) => {
      const blocking = options !== undefined && options !== null && options.blocking === true;
      return kit.callService('plugins.get', true, id, { blocking });
    }),
    // Gives what ends the listening.
    onChange: freeze((id, callback) => kit.callService('plugins.onChange', true, id, callback)),
  });
  install('plugins', plugins);

  if (!facts.isModule) {
    install('module', main.module);
    install('exports', main.module.exports);
    install('require', main.require);
    install('__filename', main.module.filename);
    install('__dirname', main.module.path);
  }

  // Made when it is first used, and not when somebody only looks at the context.
  const withStorage = (context) => {
    defineProperty(context, 'storage', { __proto__: null, get: () => kit.use('modules/storage').storage, enumerable: false });
    return context;
  };

  const manifest = facts.manifest !== null && typeof facts.manifest === 'object' ? facts.manifest : {};
  let settings = freeze({ __proto__: null, ...manifest.settings });
  return {
    exports: () => {
      if (main === undefined) return undefined;
      main.module.loaded = true;
      return main.module.exports;
    },
    context: freeze(withStorage({
      id: manifest.id,
      name: manifest.name,
      version: manifest.version,
      permissions: freeze(facts.permissions),
      // As they are now, once the plugin listens; otherwise as they were at its start.
      get settings() { return settings; },
      onSettings: freeze((callback) => kit.use('modules/settings').listen(callback, () => settings, (now) => { settings = now; })),
      plugins,
      ...(facts.state === undefined ? {} : { state: facts.state }),
    })),
  };
})

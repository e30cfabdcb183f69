// Joplin's format: a script that finds everything below the global `joplin` and exports nothing.
(function (kit, facts) {
  'use strict';

  const { defineProperty } = kit.primordials;

  const WINDOW = ['location', 'screen', 'matchMedia', 'addEventListener', 'removeEventListener', 'dispatchEvent', 'alert', 'confirm',
    'prompt', 'requestAnimationFrame', 'cancelAnimationFrame', 'Node', 'Element', 'HTMLElement', 'HTMLAnchorElement'];

  // Joplin's window gives its plugins what Node.js gives to a module.
  const main = kit.mainModule(facts.file);
  const install = (name, value) => {
    defineProperty(globalThis, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
  };
  install('module', main.module);
  install('exports', main.module.exports);
  install('require', main.require);

  // Scripts for a window ask for these. What is behind them is made when one of them is first used.
  install('window', globalThis);
  const ofWindow = (name) => {
    defineProperty(globalThis, name, {
      __proto__: null,
      configurable: true,
      get: () => {
        const value = kit.use('window')[name];
        install(name, value);
        return value;
      },
      set: (value) => install(name, value),
    });
  };
  for (let i = 0; i < WINDOW.length; i += 1) ofWindow(WINDOW[i]);

  // The packages that Joplin itself has and gives to its plugins.
  const require = (name) => {
    if (name === 'fs-extra' || name === 'sqlite3') {
      const found = kit.builtin(name);
      if (found !== undefined) return found;
    }
    throw new Error('Module not found: ' + name);
  };
  kit.extendApi('require', require);
  kit.extendApi('plugins.require', require);

  return { exports: () => undefined, context: undefined };
})

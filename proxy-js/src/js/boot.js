// The globals of every plugin, whatever its format.
(function (kit, native) {
  'use strict';

  const { defineProperty } = kit.primordials;

  const install = (name, value) => {
    defineProperty(globalThis, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
  };

  install('console', kit.console);
  install('setTimeout', native.setTimeout);
  install('setInterval', native.setInterval);
  install('setImmediate', native.setImmediate);
  install('clearTimeout', native.clearTimer);
  install('clearInterval', native.clearTimer);
  install('clearImmediate', native.clearTimer);

  // Getters of this engine alone; strict code that assigns `fn.fileName` would throw because of them.
  delete Function.prototype.fileName;
  delete Function.prototype.lineNumber;
  delete Function.prototype.columnNumber;
})

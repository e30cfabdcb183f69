// The globals of every plugin, whatever its format.
(function (kit, native) {
  'use strict';

  const { TypeError, defineProperty } = kit.primordials;

  const install = (name, value) => {
    defineProperty(globalThis, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
  };

  install('self', globalThis);
  install('global', globalThis);
  // The engine's own take a missing argument for the text `undefined`.
  const { atob, btoa } = globalThis;
  const needing = (name, work) => ({
    [name](value) {
      if (arguments.length === 0) throw new TypeError(name + ' needs 1 argument, found 0');
      return work(value);
    },
  })[name];
  install('atob', needing('atob', atob));
  install('btoa', needing('btoa', btoa));
  install('reportError', needing('reportError', native.report));

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

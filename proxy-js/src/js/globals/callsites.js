// What V8's call sites have and the engine's have not. Code that asks for call sites was written for V8.
(function (kit) {
  'use strict';

  const { apply, defineProperty } = kit.primordials;
  const { sitePrototype: prototype, site } = kit;

  const place = (self) => {
    const file = apply(site.file, self, []);
    if (file === null || file === undefined) return 'native';
    return file + ':' + apply(site.line, self, []) + ':' + apply(site.column, self, []);
  };

  const methods = {
    __proto__: null,
    getThis() { return undefined; },
    getTypeName() { return null; },
    getMethodName() { return null; },
    getEvalOrigin() { return undefined; },
    getScriptNameOrSourceURL() { return apply(site.file, this, []); },
    getPromiseIndex() { return null; },
    isToplevel() { return true; },
    isEval() { return false; },
    isAsync() { return false; },
    isPromiseAll() { return false; },
    toString() {
      const name = apply(site.name, this, []);
      return name === null || name === undefined || name === '' ? place(this) : name + ' (' + place(this) + ')';
    },
  };
  for (const name in methods) {
    defineProperty(prototype, name, { __proto__: null, value: methods[name], writable: true, enumerable: false, configurable: true });
  }
  return { __proto__: null };
})

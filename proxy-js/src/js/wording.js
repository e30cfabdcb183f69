// Methods of the language that write for people. The engine's own know no options and no dictionary; what replaces them
// is evaluated when one of them is first used.
(function (kit) {
  'use strict';

  const { BigInt, Date, Number, String, TypeError, asText, defineProperty } = kit.primordials;

  const replace = (Class, methods) => {
    for (const name in methods) {
      const method = { __proto__: null, value: methods[name], writable: true, enumerable: false, configurable: true };
      defineProperty(Class.prototype, name, method);
    }
  };

  replace(Date, {
    __proto__: null,
    toLocaleString(locales = undefined, options = undefined) { return kit.use('dates').ofBoth(this, locales, options); },
    toLocaleDateString(locales = undefined, options = undefined) { return kit.use('dates').ofDate(this, locales, options); },
    toLocaleTimeString(locales = undefined, options = undefined) { return kit.use('dates').ofTime(this, locales, options); },
  });
  replace(Number, {
    __proto__: null,
    toLocaleString(locales = undefined, options = undefined) { return kit.use('numbers').ofNumber(this, locales, options); },
  });
  replace(BigInt, {
    __proto__: null,
    toLocaleString(locales = undefined, options = undefined) { return kit.use('numbers').ofBigint(this, locales, options); },
  });
  replace(String, {
    __proto__: null,
    localeCompare(that, locales = undefined, options = undefined) {
      if (this === undefined || this === null) throw new TypeError('localeCompare needs a text');
      return kit.use('collation').ofTexts(asText(this), asText(that), locales, options);
    },
  });
})

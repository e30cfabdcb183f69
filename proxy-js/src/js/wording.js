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
    toLocaleString(...asked) { return kit.use('dates').ofBoth(this, asked[0], asked[1]); },
    toLocaleDateString(...asked) { return kit.use('dates').ofDate(this, asked[0], asked[1]); },
    toLocaleTimeString(...asked) { return kit.use('dates').ofTime(this, asked[0], asked[1]); },
  });
  replace(Number, {
    __proto__: null,
    toLocaleString(...asked) { return kit.use('numbers').ofNumber(this, asked[0], asked[1]); },
  });
  replace(BigInt, {
    __proto__: null,
    toLocaleString(...asked) { return kit.use('numbers').ofBigint(this, asked[0], asked[1]); },
  });
  replace(String, {
    __proto__: null,
    localeCompare(that, ...asked) {
      if (this === undefined || this === null) throw new TypeError('localeCompare needs a text');
      return kit.use('collation').ofTexts(asText(this), asText(that), asked[0], asked[1]);
    },
  });
})

// Time and chance of a session that can be replayed: both come from the host alone.
(function (kit, native) {
  'use strict';

  const { Date: RealDate, Math, apply, construct, defineProperty } = kit.primordials;

  const { now } = RealDate;

  // Milliseconds since 1970.
  kit.today = () => now();

  kit.useVirtualClock = () => {
    kit.today = () => native.today();
    const text = RealDate.prototype.toString;

    const VirtualDate = function Date(...args) {
      if (new.target === undefined) return apply(text, new RealDate(native.today()), []);
      return construct(RealDate, args.length === 0 ? [native.today()] : args, new.target);
    };
    const set = (target, name, value) => {
      defineProperty(target, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
    };
    defineProperty(VirtualDate, 'length', { __proto__: null, value: 7 });
    defineProperty(VirtualDate, 'prototype', { __proto__: null, value: RealDate.prototype, writable: false });
    set(RealDate.prototype, 'constructor', VirtualDate);
    set(VirtualDate, 'now', () => native.today());
    set(VirtualDate, 'parse', RealDate.parse);
    set(VirtualDate, 'UTC', RealDate.UTC);
    set(globalThis, 'Date', VirtualDate);
    set(Math, 'random', () => native.random());
  };
})

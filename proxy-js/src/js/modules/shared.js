// What several built-in modules need.
(function (kit, native) {
  'use strict';

  const { DOMException, ErrorPrototype, apply, getPrototypeOf, ownKeys, push, setPrototypeOf } = kit.primordials;
  const { deferred, whenSettled } = native;
  const ExceptionPrototype = DOMException.prototype;

  const isError = (value) => {
    if (value === null || typeof value !== 'object') return false;
    if (native.className(value) === 'Error') return true;
    for (let at = getPrototypeOf(value); at !== null; at = getPrototypeOf(at)) {
      if (at === ErrorPrototype || at === ExceptionPrototype) return true;
    }
    return false;
  };

  // Calls `work` when what runs now has ended, before timers and messages. What it throws is an uncaught error.
  const soon = (work, args = []) => {
    whenSettled(undefined, () => {
      try {
        apply(work, undefined, args);
      } catch (error) {
        native.report(error);
      }
    });
  };

  const copied = (list, from = 0) => {
    const copy = [];
    for (let i = from; i < list.length; i += 1) push(copy, list[i]);
    return copy;
  };

  const withFirst = (first, rest) => {
    const all = [first];
    for (let i = 0; i < rest.length; i += 1) push(all, rest[i]);
    return all;
  };

  const shift = (list) => {
    const value = list[0];
    for (let i = 1; i < list.length; i += 1) list[i - 1] = list[i];
    list.length -= 1;
    return value;
  };

  // As `new Promise(work)`.
  const promised = (work) => {
    const { promise, resolve, reject } = deferred();
    try {
      work(resolve, reject);
    } catch (error) {
      reject(error);
    }
    return promise;
  };

  // Puts the members of `from` on `to` as assignments would.
  const assign = (to, from) => {
    const names = ownKeys(from);
    for (let i = 0; i < names.length; i += 1) to[names[i]] = from[names[i]];
    return to;
  };

  // What a function-made class inherits: its instances, and its own members.
  const inherit = (Class, Parent) => {
    setPrototypeOf(Class.prototype, Parent.prototype);
    setPrototypeOf(Class, Parent);
  };

  return { __proto__: null, assign, copied, inherit, isError, promised, shift, soon, whenSettled, withFirst };
})

// `timers` and `timers/promises`: the global functions, as objects that know their timers, and as promises.
(function (kit, native) {
  'use strict';

  const { asyncIteratorSymbol } = kit.primordials;
  const { promised } = kit.use('modules/shared');
  const { aborted } = kit.use('modules/events');

  const exports = {
    setTimeout: native.setTimeout,
    clearTimeout: native.clearTimer,
    setInterval: native.setInterval,
    clearInterval: native.clearTimer,
    setImmediate: native.setImmediate,
    clearImmediate: native.clearTimer,
  };

  // A promise that a timer fulfils, or that the signal of the options rejects.
  const waiting = (start) => (value, options) => promised((fulfil, reject) => {
    const signal = options && options.signal;
    if (signal && signal.aborted) return reject(aborted(signal));
    let stop;
    const timer = start(() => {
      if (signal) signal.removeEventListener('abort', stop);
      fulfil(value);
    });
    stop = () => {
      native.clearTimer(timer);
      reject(aborted(signal));
    };
    if (signal) signal.addEventListener('abort', stop, { once: true });
    return undefined;
  });

  const wait = (delay, value, options) => waiting((done) => native.setTimeout(done, delay))(value, options);

  const promises = {
    setTimeout: wait,
    setImmediate: waiting((done) => native.setImmediate(done)),
    setInterval: (delay, value, options) => {
      let isDone = false;
      const iterator = {
        next: async () => (isDone ? { value: undefined, done: true } : { value: await wait(delay, value, options), done: false }),
        return: async () => { isDone = true; return { value: undefined, done: true }; },
      };
      iterator[asyncIteratorSymbol] = () => iterator;
      return iterator;
    },
    scheduler: { wait: (delay, options) => wait(delay, undefined, options), yield: () => promised((fulfil) => native.setImmediate(fulfil)) },
  };
  exports.promises = promises;

  return { __proto__: null, exports, promises };
})

// What every function of `fs` is made of: a work is written once, as a generator that yields what it asks of the host, and is
// called in three ways: it waits, it promises, or it calls back.
(function (kit, native) {
  'use strict';

  const { apply, defineProperty, getPrototypeOf, push, uncurry } = kit.primordials;
  const { callback } = kit.use('modules/errors');
  const { copied, soon } = kit.use('modules/shared');
  const { whenSettled } = native;

  const Steps = getPrototypeOf(function* () {}).prototype;
  const next = uncurry(Steps.next);
  const raise = uncurry(Steps.throw);

  // What a work yields: a service of the host with its arguments.
  const ask = (name, ...args) => {
    const call = ['files.' + name, true];
    for (let i = 0; i < args.length; i += 1) push(call, args[i]);
    return call;
  };

  // What a work yields that is another work.
  const perform = (work, ...args) => ({ __proto__: null, work, args });

  const start = (work, args) => {
    const steps = apply(work, undefined, args);
    return { __proto__: null, steps, step: next(steps, undefined) };
  };

  const waiting = (call) => {
    if (call.work !== undefined) return runWaiting(call.work, call.args);
    return apply(kit.callService, undefined, call);
  };

  const runWaiting = (work, args) => {
    const begun = start(work, args);
    const { steps } = begun;
    let { step } = begun;
    while (!step.done) {
      let value;
      let thrown;
      let isThrown = false;
      try {
        value = waiting(step.value);
      } catch (error) {
        thrown = error;
        isThrown = true;
      }
      step = isThrown ? raise(steps, thrown) : next(steps, value);
    }
    return step.value;
  };

  const promising = (call) => {
    if (call.work !== undefined) return runPromising(call.work, call.args);
    call[1] = false;
    return apply(kit.callService, undefined, call);
  };

  const goOn = async (begun) => {
    const { steps } = begun;
    let { step } = begun;
    while (!step.done) {
      let value;
      let thrown;
      let isThrown = false;
      try {
        value = await promising(step.value);
      } catch (error) {
        thrown = error;
        isThrown = true;
      }
      step = isThrown ? raise(steps, thrown) : next(steps, value);
    }
    return step.value;
  };

  const runPromising = async (work, args) => goOn(start(work, args));

  const named = (name, work) => {
    defineProperty(work, 'name', { __proto__: null, value: name, configurable: true });
    return work;
  };

  // The work as a function that waits.
  const sync = (name, work) => named(name, (...args) => runWaiting(work, args));

  // The work as a function that promises.
  const promised = (name, work) => named(name, (...args) => runPromising(work, args));

  // Calls `done(error, value)` when a promise is settled, and not before whoever made it has ended.
  const settle = (promise, done) => {
    whenSettled(promise, (value) => soon(done, value === undefined ? [null] : [null, value]), (error) => soon(done, [error]));
  };

  // The work as a function that calls its last argument. What is wrong with the arguments is thrown at once.
  const calledBack = (name, work) => named(name, (...args) => {
    const done = callback(args[args.length - 1], 'cb');
    const given = copied(args);
    given.length -= 1;
    settle(goOn(start(work, given)), done);
  });

  return { __proto__: null, ask, calledBack, perform, promised, runPromising, runWaiting, settle, sync };
})

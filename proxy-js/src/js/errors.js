// Stacks. The runner makes them from the engine's call sites and keeps them; what a plugin does with
// `Error.prepareStackTrace` and `Error.stackTraceLimit` changes only what the plugin sees.
(function (kit, native) {
  'use strict';

  const { apply, defineProperty, getDescriptor, getPrototypeOf, weakGet, weakSet } = kit.primordials;
  const NativeError = Error;
  const engine = getDescriptor(NativeError, 'prepareStackTrace');
  const recorded = new kit.primordials.WeakMap();

  // The engine calls this hook with each new error and its call sites.
  kit.setBacktrace = (hook) => { apply(engine.set, NativeError, [hook]); };

  // As many calls as the engine can record, whatever the plugin wants to see of them.
  apply(getDescriptor(NativeError, 'stackTraceLimit').set, NativeError, [64]);

  // The methods of the engine's call sites, taken from one of them.
  kit.site = (() => {
    let sites;
    kit.setBacktrace((error, all) => { sites = all; });
    new NativeError();
    kit.setBacktrace(undefined);
    const prototype = getPrototypeOf(sites[0]);
    kit.sitePrototype = prototype;
    return {
      __proto__: null,
      name: prototype.getFunctionName,
      function: prototype.getFunction,
      file: prototype.getFileName,
      line: prototype.getLineNumber,
      column: prototype.getColumnNumber,
    };
  })();

  let prepare;
  let limit = 10;

  const accessor = (name, get, set) => {
    defineProperty(NativeError, name, { __proto__: null, get, set, enumerable: false, configurable: true });
  };

  accessor('prepareStackTrace', () => prepare, (value) => {
    prepare = value;
    if (typeof value === 'function') kit.use('callsites');
    native.prepares(typeof value === 'function');
  });
  accessor('stackTraceLimit', () => limit, (value) => { limit = value; });

  // What the plugin's own function makes of a new error, of which it may see these call sites.
  kit.askPreparation = (error, sites) => {
    const seen = [];
    for (let i = 0; i < sites.length && i < limit; i += 1) {
      defineProperty(seen, i, { __proto__: null, value: sites[i], writable: true, enumerable: true, configurable: true });
    }
    return apply(prepare, NativeError, [error, seen]);
  };

  // Stacks that the engine does not keep: of errors whose `stack` the plugin makes, and of errors of the host. The first
  // one stays.
  kit.recordStack = (error, stack) => {
    if (weakGet(recorded, error) === undefined) weakSet(recorded, error, stack);
  };
  kit.recordedStack = (error) => weakGet(recorded, error);

  // The calls of the plugin that lead to an error of the host, below those that the host told.
  kit.joinStack = (error, stack) => {
    const before = weakGet(recorded, error);
    weakSet(recorded, error, before === undefined || before === '' ? stack : before + '\n' + stack);
  };
})

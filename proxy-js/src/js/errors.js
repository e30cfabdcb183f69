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

  // As many calls as the engine can record, whatever the plugin wants to see of them. The runner sets it lower while it
  // wants few of them itself.
  kit.limitStacks = getDescriptor(NativeError, 'stackTraceLimit').set;
  apply(kit.limitStacks, NativeError, [64]);

  // The methods of the engine's call sites, taken from one of them, and those of functions that tell where they begin.
  kit.site = (() => {
    let sites;
    kit.setBacktrace((error, all) => { sites = all; });
    new NativeError();
    kit.setBacktrace(undefined);
    const prototype = getPrototypeOf(sites[0]);
    const functions = getPrototypeOf(NativeError);
    kit.sitePrototype = prototype;
    return {
      __proto__: null,
      name: prototype.getFunctionName,
      function: prototype.getFunction,
      file: prototype.getFileName,
      line: prototype.getLineNumber,
      column: prototype.getColumnNumber,
      functionLine: getDescriptor(functions, 'lineNumber').get,
      functionColumn: getDescriptor(functions, 'columnNumber').get,
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

  // An error of the host is told where it was made, and then which call of the plugin it answers.
  kit.replaceStack = (error, stack) => { weakSet(recorded, error, stack); };
})

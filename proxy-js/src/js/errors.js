// Stacks. What the host reports is recorded by us; what a plugin does with `Error.prepareStackTrace` and
// `Error.stackTraceLimit` changes only what the plugin sees.
(function (kit) {
  'use strict';

  const { apply, defineProperty, getDescriptor, getPrototypeOf, startsWith, weakGet, weakSet } = kit.primordials;
  const NativeError = Error;
  const engine = getDescriptor(NativeError, 'prepareStackTrace');
  const recorded = new kit.primordials.WeakMap();

  // The engine's own hook: what it calls with a new error and its call sites, instead of writing the text itself.
  kit.preparation = engine;
  const setPreparation = (hook) => { apply(engine.set, NativeError, [hook]); };

  // As many calls as the engine can record, whatever the plugin wants to see of them.
  apply(getDescriptor(NativeError, 'stackTraceLimit').set, NativeError, [64]);

  // The methods of the engine's call sites, taken from one of them.
  const site = (() => {
    let sites;
    setPreparation((error, all) => { sites = all; });
    new NativeError();
    setPreparation(undefined);
    const prototype = getPrototypeOf(sites[0]);
    const method = (name) => {
      const original = prototype[name];
      return (self) => apply(original, self, []);
    };
    return {
      __proto__: null,
      name: method('getFunctionName'),
      file: method('getFileName'),
      line: method('getLineNumber'),
      column: method('getColumnNumber'),
      isNative: method('isNative'),
    };
  })();

  // One line for each call site, as the engine itself writes them.
  const stackText = (sites) => {
    let text = '';
    for (let i = 0; i < sites.length; i += 1) {
      const where = site.isNative(sites[i])
        ? 'native'
        : `${site.file(sites[i])}:${site.line(sites[i])}:${site.column(sites[i])}`;
      text += `    at ${site.name(sites[i]) || '<anonymous>'} (${where})\n`;
    }
    return text;
  };

  let prepare;
  let limit = 10;

  // The engine calls this for each new error while the plugin has a function of its own.
  const hook = (error, sites) => {
    weakSet(recorded, error, stackText(sites));
    const seen = [];
    for (let i = 0; i < sites.length && i < limit; i += 1) {
      defineProperty(seen, i, { __proto__: null, value: sites[i], writable: true, enumerable: true, configurable: true });
    }
    return apply(prepare, NativeError, [error, seen]);
  };

  const accessor = (name, get, set) => {
    defineProperty(NativeError, name, { __proto__: null, get, set, enumerable: false, configurable: true });
  };

  accessor('prepareStackTrace', () => prepare, (value) => {
    prepare = value;
    setPreparation(typeof value === 'function' ? hook : undefined);
  });
  accessor('stackTraceLimit', () => limit, (value) => { limit = value; });

  // A preparation that gives the first call site of the plugin as `[file, line, column]`, or undefined.
  kit.placeCollector = (error, sites) => {
    for (let i = 0; i < sites.length; i += 1) {
      if (site.isNative(sites[i])) continue;
      const file = site.file(sites[i]);
      if (typeof file === 'string' && !startsWith(file, 'plughold:')) {
        return [file, site.line(sites[i]), site.column(sites[i])];
      }
    }
    return undefined;
  };

  // The stack that was recorded when the plugin's own function made what `error.stack` shows, or undefined.
  kit.recordedStack = (error) => weakGet(recorded, error);
})

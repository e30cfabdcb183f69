// Modules of Node.js that look into its own machinery: what of them makes sense here.
(function (kit, native) {
  'use strict';

  const { Map, Symbol, apply, defineProperty, mapGet, mapSet, ownKeys, push, toText } = kit.primordials;
  const { callback, denied, invalidType } = kit.use('modules/errors');
  const evaluate = globalThis.eval;

  const NONE = Symbol('nothing');

  // What is stored is there while the function runs that it was stored for, and not behind its first `await`.
  class AsyncLocalStorage {
    #store = NONE;
    run(store, work, ...args) {
      const before = this.#store;
      this.#store = store;
      try {
        return apply(callback(work), undefined, args);
      } finally {
        this.#store = before;
      }
    }
    exit(work, ...args) { return this.run(NONE, () => apply(work, undefined, args)); }
    getStore() { return this.#store === NONE ? undefined : this.#store; }
    enterWith(store) { this.#store = store; }
    disable() { this.#store = NONE; }
    static bind(work) { return work; }
    static snapshot() { return (work, ...args) => apply(work, undefined, args); }
  }

  class AsyncResource {
    constructor(type) { this.type = type; }
    runInAsyncScope(work, self, ...args) { return apply(work, self, args); }
    emitDestroy() { return this; }
    asyncId() { return 1; }
    triggerAsyncId() { return 0; }
    bind(work) { return work; }
    static bind(work) { return work; }
  }

  const asyncHooks = () => ({
    AsyncLocalStorage,
    AsyncResource,
    createHook: () => {
      const hook = { enable: () => hook, disable: () => hook };
      return hook;
    },
    executionAsyncId: () => 1,
    triggerAsyncId: () => 0,
    executionAsyncResource: () => ({}),
    asyncWrapProviders: {},
  });

  const performance = () => ({
    performance: kit.use('performance').performance,
    Performance: kit.use('performance').Performance,
    PerformanceEntry: kit.use('performance').PerformanceEntry,
    PerformanceMark: kit.use('performance').PerformanceMark,
    PerformanceMeasure: kit.use('performance').PerformanceMeasure,
    PerformanceObserver: class PerformanceObserver { observe() {} disconnect() {} takeRecords() { return []; } },
    constants: {},
    monitorEventLoopDelay: () => { throw denied('perf_hooks.monitorEventLoopDelay'); },
    createHistogram: () => { throw denied('perf_hooks.createHistogram'); },
  });

  // There is one world for the plugin's code, so nothing is run in another.
  const vm = () => {
    class Script {
      #text;
      constructor(text) { this.#text = toText(text); }
      runInThisContext() { return evaluate(this.#text); }
      runInContext() { throw denied('vm.Script.runInContext'); }
      runInNewContext() { throw denied('vm.Script.runInNewContext'); }
    }
    return {
      Script,
      runInThisContext: (text) => evaluate(toText(text)),
      runInContext: () => { throw denied('vm.runInContext'); },
      runInNewContext: () => { throw denied('vm.runInNewContext'); },
      createContext: () => { throw denied('vm.createContext'); },
      compileFunction: () => { throw denied('vm.compileFunction'); },
      isContext: () => false,
      constants: {},
    };
  };

  class Channel {
    #listeners = [];
    constructor(name) { this.name = name; }
    get hasSubscribers() { return this.#listeners.length !== 0; }
    subscribe(listener) { push(this.#listeners, callback(listener, 'subscription')); }
    unsubscribe(listener) {
      const rest = [];
      for (let i = 0; i < this.#listeners.length; i += 1) if (this.#listeners[i] !== listener) push(rest, this.#listeners[i]);
      const isFound = rest.length < this.#listeners.length;
      this.#listeners = rest;
      return isFound;
    }
    publish(message) {
      const now = this.#listeners;
      for (let i = 0; i < now.length; i += 1) {
        try {
          now[i](message, this.name);
        } catch (error) {
          native.report(error);
        }
      }
    }
    bindStore() {}
    unbindStore() {}
    runStores(context, work, self, ...args) { return apply(work, self, args); }
  }

  const channels = new Map();
  const channel = (name) => {
    if (mapGet(channels, name) === undefined) mapSet(channels, name, new Channel(name));
    return mapGet(channels, name);
  };
  const diagnostics = () => ({
    Channel,
    channel,
    hasSubscribers: (name) => channel(name).hasSubscribers,
    subscribe: (name, listener) => channel(name).subscribe(listener),
    unsubscribe: (name, listener) => channel(name).unsubscribe(listener),
    tracingChannel: (name) => ({
      start: channel('tracing:' + name + ':start'), end: channel('tracing:' + name + ':end'),
      asyncStart: channel('tracing:' + name + ':asyncStart'), asyncEnd: channel('tracing:' + name + ':asyncEnd'),
      error: channel('tracing:' + name + ':error'),
    }),
  });

  const modules = () => {
    const names = native.builtinNames();
    function Module() {}
    Module.builtinModules = names;
    Module.isBuiltin = (name) => {
      if (typeof name !== 'string') return false;
      try {
        return native.findBuiltin(name) !== undefined;
      } catch {
        return false;
      }
    };
    Module.createRequire = (file) => {
      const text = toText(file && file.pathname !== undefined ? file.pathname : file);
      if (text === '') throw invalidType('filename', 'a file URL object, file URL string, or absolute path string', file);
      return kit.requireFor(text);
    };
    Module.syncBuiltinESMExports = () => {};
    Module.findSourceMap = () => undefined;
    Module.register = () => { throw denied('module.register'); };
    Module.Module = Module;
    return Module;
  };

  const parts = {
    __proto__: null, async_hooks: asyncHooks, perf_hooks: performance, vm, diagnostics_channel: diagnostics, module: modules,
    console: () => kit.use('console').console,
    sys: () => kit.use('modules/util').exports,
  };
  const made = { __proto__: null };
  const result = { __proto__: null };
  const names = ownKeys(parts);
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i];
    defineProperty(result, name, {
      __proto__: null,
      get: () => {
        if (made[name] === undefined) made[name] = parts[name]();
        return made[name];
      },
    });
  }
  return result;
})

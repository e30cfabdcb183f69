// `process`: what a program asks of its process. The real one belongs to the host, so what would change it is refused.
(function (kit, native) {
  'use strict';

  const { BigInt, apply, create, defineProperty, floor, freeze, join, split, tagSymbol, toText } = kit.primordials;
  const { callback, denied, invalidType } = kit.use('modules/errors');
  const { assign, soon } = kit.use('modules/shared');
  const { EventEmitter } = kit.use('modules/events');

  // The version of Node.js whose modules these are most like.
  const VERSION = '20.20.2';

  const facts = native.facts();

  const it = create(create(EventEmitter.prototype));
  apply(EventEmitter, it, []);

  const nanoseconds = () => {
    const milliseconds = native.now();
    const seconds = floor(milliseconds / 1000);
    return [seconds, floor((milliseconds - seconds * 1000) * 1e6)];
  };
  const hrtime = (before) => {
    const now = nanoseconds();
    if (before === undefined) return now;
    let seconds = now[0] - before[0];
    let rest = now[1] - before[1];
    if (rest < 0) {
      seconds -= 1;
      rest += 1e9;
    }
    return [seconds, rest];
  };
  hrtime.bigint = () => {
    const now = nanoseconds();
    return BigInt(now[0]) * 1000000000n + BigInt(now[1]);
  };

  const refused = (name) => () => { throw denied('process.' + name); };

  // What a program writes goes where the console writes, line by line.
  const output = (level, number) => {
    let begun = '';
    const stream = create(EventEmitter.prototype);
    apply(EventEmitter, stream, []);
    return assign(stream, {
      fd: number,
      isTTY: false,
      writable: true,
      columns: 80,
      write(chunk, encoding, done) {
        const text = typeof chunk === 'string' ? chunk : kit.use('modules/buffer').Buffer.from(chunk).toString();
        const lines = split(begun + text, '\n');
        begun = lines[lines.length - 1];
        lines.length -= 1;
        if (lines.length !== 0) native.log(level, join(lines, '\n'));
        const then = typeof encoding === 'function' ? encoding : done;
        if (typeof then === 'function') soon(then);
        return true;
      },
      end() { return this; },
      cork() {},
      uncork() {},
      getColorDepth: () => 1,
      hasColors: () => false,
      getWindowSize: () => [80, 25],
    });
  };

  const lazily = (name, make) => {
    defineProperty(it, name, {
      __proto__: null,
      enumerable: true,
      configurable: true,
      get: () => {
        const value = make();
        defineProperty(it, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
        return value;
      },
    });
  };
  const platform = facts[1] === 'macos' ? 'darwin' : facts[1] === 'windows' ? 'win32' : facts[1];

  assign(it, {
    title: 'plughold',
    version: 'v' + VERSION,
    versions: freeze({ node: VERSION, plughold: split(facts[0], '/')[1], modules: '115' }),
    release: freeze({ name: 'node' }),
    arch: facts[3] === 'aarch64' ? 'arm64' : 'x64',
    platform,
    argv: ['/node', '/'],
    argv0: 'node',
    execArgv: [],
    execPath: '/node',
    env: {},
    exitCode: undefined,
    pid: 1,
    ppid: 0,
    debugPort: 0,
    features: freeze({}),
    config: freeze({ target_defaults: {}, variables: {} }),
    allowedNodeEnvironmentFlags: undefined,
    // Where the plugin may write.
    cwd: () => '/plugin-data',
    umask: () => 0o022,
    uptime: () => native.now() / 1000,
    hrtime,
    nextTick(work, ...args) {
      callback(work);
      soon(work, args);
    },
    memoryUsage: assign(() => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }), { rss: () => 0 }),
    cpuUsage: () => ({ user: 0, system: 0 }),
    resourceUsage: () => ({}),
    getuid: () => 1000,
    geteuid: () => 1000,
    getgid: () => 1000,
    getegid: () => 1000,
    getgroups: () => [],
    hasUncaughtExceptionCaptureCallback: () => false,
    setUncaughtExceptionCaptureCallback: refused('setUncaughtExceptionCaptureCallback'),
    emitWarning(warning, options, code) {
      const kind = typeof options === 'string' ? options : (options && options.type) || 'Warning';
      const name = typeof options === 'string' && typeof code === 'string' ? '[' + code + '] ' : '';
      const text = typeof warning === 'string' ? kind + ': ' + warning : toText(warning);
      native.log(2, name + text);
    },
    // Plugins end by their host; one that gives up throws.
    exit: refused('exit'),
    abort: refused('abort'),
    kill: refused('kill'),
    chdir: refused('chdir'),
    setuid: refused('setuid'),
    setgid: refused('setgid'),
    dlopen: refused('dlopen'),
    binding: refused('binding'),
    reallyExit: refused('exit'),
    getActiveResourcesInfo: () => [],
    getBuiltinModule: (name) => {
      if (typeof name !== 'string') throw invalidType('id', 'of type string', name);
      return native.findBuiltin(name) === undefined ? undefined : kit.builtin(name);
    },
  });
  lazily('stdout', () => output(1, 1));
  lazily('stderr', () => output(3, 2));
  lazily('stdin', () => {
    const { Readable } = kit.use('modules/stream').exports;
    const stdin = new Readable({ read() { stdin['push'](null); } });
    stdin.fd = 0;
    stdin.isTTY = false;
    return stdin;
  });
  defineProperty(it, tagSymbol, { __proto__: null, value: 'process', configurable: true });

  return { __proto__: null, exports: it, process: it };
})

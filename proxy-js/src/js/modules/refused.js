// Modules of Node.js that reach out of the process: they can be loaded, subclassed and looked at, and refuse when they
// are used. Bundled libraries load many of them and use none.
(function (kit, native) {
  'use strict';

  const { Symbol, apply, construct, defineProperty, indexOf, ownKeys, split, test, toText } = kit.primordials;
  const { denied } = kit.use('modules/errors');
  const { assign, inherit } = kit.use('modules/shared');
  const { EventEmitter } = kit.use('modules/events');

  // A function of a module that refuses.
  const refusing = (module, name) => ({ [name]() { throw denied(module + '.' + name); } })[name];

  const functions = (module, names) => {
    const all = {};
    const list = split(names, ' ');
    for (let i = 0; i < list.length; i += 1) all[list[i]] = refusing(module, list[i]);
    return all;
  };

  // A class that can be subclassed, with an instance that refuses all that it is for. `Parent` is a function-made class.
  const heir = (name, Parent, methods, begin) => {
    const Class = { [name]: function (...args) {
      if (new.target === undefined) return construct(Class, args);
      apply(Parent, this, [args[0]]);
      if (begin !== undefined) apply(begin, this, args);
      return this;
    } }[name];
    inherit(Class, Parent);
    assign(Class.prototype, methods);
    return Class;
  };

  const streams = () => kit.use('modules/stream').exports;

  const parts = {
    __proto__: null,
    child_process: () => ({
      ...functions('child_process', 'exec execFile execFileSync execSync fork spawn spawnSync'),
      ChildProcess: heir('ChildProcess', EventEmitter, functions('ChildProcess', 'spawn kill send disconnect ref unref')),
    }),

    net: () => {
      const Socket = heir('Socket', streams().Duplex, {
        ...functions('net.Socket', 'connect address'), setTimeout() { return this; }, setNoDelay() { return this; },
        setKeepAlive() { return this; }, ref() { return this; }, unref() { return this; },
      });
      const Server = heir('Server', EventEmitter, {
        ...functions('net.Server', 'listen address'), close() { return this; }, ref() { return this; }, unref() { return this; },
      });
      const kind = (text) => (isV4(text) ? 4 : isV6(text) ? 6 : 0);
      return {
        ...functions('net', 'connect createConnection'),
        Socket, Stream: Socket, Server,
        createServer: (...args) => construct(Server, args),
        isIP: kind,
        isIPv4: (text) => kind(text) === 4,
        isIPv6: (text) => kind(text) === 6,
        BlockList: class BlockList { addAddress() {} addRange() {} addSubnet() {} check() { return false; } },
        SocketAddress: class SocketAddress {},
        getDefaultAutoSelectFamily: () => true,
        setDefaultAutoSelectFamily: () => {},
      };
    },

    tls: () => ({
      ...functions('tls', 'connect createServer createSecureContext createSecurePair'),
      TLSSocket: heir('TLSSocket', parts.made('net').Socket, functions('tls.TLSSocket', 'renegotiate')),
      Server: heir('Server', parts.made('net').Server, {}),
      SecureContext: heir('SecureContext', EventEmitter, {}),
      checkServerIdentity: refusing('tls', 'checkServerIdentity'),
      getCiphers: () => [],
      rootCertificates: [],
      DEFAULT_MIN_VERSION: 'TLSv1.2',
      DEFAULT_MAX_VERSION: 'TLSv1.3',
      DEFAULT_ECDH_CURVE: 'auto',
      DEFAULT_CIPHERS: '',
      CLIENT_RENEG_LIMIT: 3,
      CLIENT_RENEG_WINDOW: 600,
    }),

    dns: () => {
      const names = 'lookup lookupService resolve resolve4 resolve6 resolveAny resolveCaa resolveCname resolveMx resolveNaptr'
        + ' resolveNs resolvePtr resolveSoa resolveSrv resolveTxt reverse';
      const others = { getServers: () => [], setServers: () => {}, getDefaultResultOrder: () => 'verbatim', setDefaultResultOrder: () => {} };
      const resolver = (module) => heir('Resolver', EventEmitter, {
        ...functions(module, names), cancel() {}, getServers: () => [], setServers() {}, setLocalAddress() {},
      });
      return {
        ...functions('dns', names), ...others, Resolver: resolver('dns.Resolver'),
        promises: { ...functions('dns.promises', names), ...others, Resolver: resolver('dns.promises.Resolver') },
        ADDRCONFIG: 32, V4MAPPED: 8, ALL: 16,
        NODATA: 'ENODATA', NOTFOUND: 'ENOTFOUND', SERVFAIL: 'ESERVFAIL', TIMEOUT: 'ETIMEOUT', CANCELLED: 'ECANCELLED',
      };
    },
    'dns/promises': () => parts.made('dns').promises,

    http2: () => ({
      ...functions('http2', 'connect createServer createSecureServer getDefaultSettings getPackedSettings getUnpackedSettings'),
      Http2ServerRequest: heir('Http2ServerRequest', streams().Readable, {}),
      Http2ServerResponse: heir('Http2ServerResponse', streams().Stream, {}),
      constants: {
        NGHTTP2_CANCEL: 8, NGHTTP2_NO_ERROR: 0, NGHTTP2_REFUSED_STREAM: 7, HTTP2_HEADER_STATUS: ':status', HTTP2_HEADER_PATH: ':path',
        HTTP2_HEADER_METHOD: ':method', HTTP2_HEADER_AUTHORITY: ':authority', HTTP2_HEADER_SCHEME: ':scheme',
        HTTP2_HEADER_CONTENT_LENGTH: 'content-length', HTTP2_HEADER_CONTENT_TYPE: 'content-type',
      },
      sensitiveHeaders: Symbol('nodejs.http2.sensitiveHeaders'),
    }),

    dgram: () => ({
      ...functions('dgram', 'createSocket'), Socket: heir('Socket', EventEmitter, functions('dgram.Socket', 'bind connect send close')),
    }),

    worker_threads: () => ({
      ...functions('worker_threads', 'receiveMessageOnPort moveMessagePortToContext markAsUntransferable'),
      isMainThread: true, parentPort: null, workerData: null, threadId: 0, resourceLimits: {}, SHARE_ENV: Symbol('SHARE_ENV'),
      Worker: heir('Worker', EventEmitter, {}, () => { throw denied('worker_threads.Worker'); }),
      MessageChannel: heir('MessageChannel', EventEmitter, {}, () => { throw denied('worker_threads.MessageChannel'); }),
      MessagePort: heir('MessagePort', EventEmitter, {}),
      BroadcastChannel: heir('BroadcastChannel', EventEmitter, {}, () => { throw denied('worker_threads.BroadcastChannel'); }),
      getEnvironmentData: () => undefined,
      setEnvironmentData: () => {},
    }),

    cluster: () => assign(construct(EventEmitter, []), {
      ...functions('cluster', 'fork disconnect setupPrimary setupMaster'),
      isMaster: true, isPrimary: true, isWorker: false, workers: {}, settings: {}, SCHED_NONE: 1, SCHED_RR: 2,
    }),

    inspector: () => ({
      ...functions('inspector', 'open close waitForDebugger'), url: () => undefined, console: {},
      Session: heir('Session', EventEmitter, functions('inspector.Session', 'connect post disconnect')),
    }),

    repl: () => ({ ...functions('repl', 'start'), REPLServer: heir('REPLServer', EventEmitter, {}), builtinModules: [] }),

    readline: () => ({
      ...functions('readline', 'createInterface clearLine clearScreenDown cursorTo moveCursor emitKeypressEvents'),
      Interface: heir('Interface', EventEmitter, {}),
      promises: parts.made('readline/promises'),
    }),
    'readline/promises': () => ({
      ...functions('readline.promises', 'createInterface'), Interface: heir('Interface', EventEmitter, {}),
    }),

    v8: () => functions('v8', 'getHeapSnapshot getHeapStatistics getHeapSpaceStatistics setFlagsFromString writeHeapSnapshot serialize deserialize'),

    trace_events: () => ({ ...functions('trace_events', 'createTracing'), getEnabledCategories: () => undefined }),
    wasi: () => ({ WASI: heir('WASI', EventEmitter, {}, () => { throw denied('wasi.WASI'); }) }),
    domain: () => {
      const create = refusing('domain', 'create');
      return { create, createDomain: create, Domain: heir('Domain', EventEmitter, {}), active: null };
    },

    tty: () => ({
      isatty: () => false,
      ReadStream: heir('ReadStream', EventEmitter, {}, () => { throw denied('tty.ReadStream'); }),
      WriteStream: heir('WriteStream', EventEmitter, {}, () => { throw denied('tty.WriteStream'); }),
    }),
  };

  const isV4 = (text) => {
    const numbers = split(toText(text), '.');
    if (numbers.length !== 4) return false;
    for (let i = 0; i < 4; i += 1) {
      if (!test(/^(?:25[0-5]|2[0-4]\d|1?\d?\d)$/, numbers[i]) || (1 < numbers[i].length && numbers[i][0] === '0')) return false;
    }
    return true;
  };
  // The parser of URLs knows them.
  const isV6 = (text) => indexOf(toText(text), ':') !== -1
    && test(/^[\da-fA-F:.]+(?:%[\w.~-]+)?$/, toText(text))
    && native.parseUrl('http://[' + split(toText(text), '%')[0] + ']/') !== null;

  // Each module is made when it is first asked for.
  const made = { __proto__: null };
  const result = { __proto__: null };
  parts.made = (name) => {
    if (made[name] === undefined) made[name] = parts[name]();
    return made[name];
  };
  const names = ownKeys(parts);
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i];
    if (name !== 'made') defineProperty(result, name, { __proto__: null, get: () => parts.made(name) });
  }
  result.functions = functions;
  result.heir = heir;
  return result;
})

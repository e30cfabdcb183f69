// `http` and `https` as far as libraries look at them while they load. Requests are refused.
(function (kit) {
  'use strict';

  const { freeze, split } = kit.primordials;
  const { denied } = kit.use('modules/errors');
  const { functions, heir } = kit.use('modules/refused');
  const { EventEmitter } = kit.use('modules/events');
  const { Readable, Stream } = kit.use('modules/stream').exports;

  const METHODS = split('ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY'
    + ' OPTIONS PATCH POST PROPFIND PROPPATCH PURGE PUT REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE', ' ');

  const STATUS_CODES = {
    100: 'Continue', 101: 'Switching Protocols', 102: 'Processing', 103: 'Early Hints', 200: 'OK', 201: 'Created', 202: 'Accepted',
    203: 'Non-Authoritative Information', 204: 'No Content', 205: 'Reset Content', 206: 'Partial Content', 207: 'Multi-Status',
    208: 'Already Reported', 226: 'IM Used', 300: 'Multiple Choices', 301: 'Moved Permanently', 302: 'Found', 303: 'See Other',
    304: 'Not Modified', 305: 'Use Proxy', 307: 'Temporary Redirect', 308: 'Permanent Redirect', 400: 'Bad Request',
    401: 'Unauthorized', 402: 'Payment Required', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 406: 'Not Acceptable',
    407: 'Proxy Authentication Required', 408: 'Request Timeout', 409: 'Conflict', 410: 'Gone', 411: 'Length Required',
    412: 'Precondition Failed', 413: 'Payload Too Large', 414: 'URI Too Long', 415: 'Unsupported Media Type',
    416: 'Range Not Satisfiable', 417: 'Expectation Failed', 418: "I'm a Teapot", 421: 'Misdirected Request',
    422: 'Unprocessable Entity', 423: 'Locked', 424: 'Failed Dependency', 425: 'Too Early', 426: 'Upgrade Required',
    428: 'Precondition Required', 429: 'Too Many Requests', 431: 'Request Header Fields Too Large',
    451: 'Unavailable For Legal Reasons', 500: 'Internal Server Error', 501: 'Not Implemented', 502: 'Bad Gateway',
    503: 'Service Unavailable', 504: 'Gateway Timeout', 505: 'HTTP Version Not Supported', 506: 'Variant Also Negotiates',
    507: 'Insufficient Storage', 508: 'Loop Detected', 509: 'Bandwidth Limit Exceeded', 510: 'Not Extended',
    511: 'Network Authentication Required',
  };

  const make = (module, port) => {
    const Agent = heir('Agent', EventEmitter, {
      ...functions(module + '.Agent', 'createConnection'), destroy() {}, getName: () => 'localhost:' + port + ':',
    }, function (options) {
      this.options = { ...options };
      this.defaultPort = port;
      this.protocol = module + ':';
      this.requests = {};
      this.sockets = {};
      this.freeSockets = {};
      this.keepAlive = !!(options && options.keepAlive);
      this.maxSockets = (options && options.maxSockets) || 1 / 0;
      this.maxFreeSockets = (options && options.maxFreeSockets) || 256;
    });
    const Server = heir('Server', EventEmitter, {
      ...functions(module + '.Server', 'listen address'), close() { return this; }, setTimeout() { return this; },
    });
    const OutgoingMessage = heir('OutgoingMessage', Stream, functions(module + '.OutgoingMessage', 'write end flushHeaders'));
    return {
      ...functions(module, 'request get'),
      METHODS, STATUS_CODES,
      Agent,
      globalAgent: new Agent(),
      createServer: () => new Server(),
      Server,
      OutgoingMessage,
      ClientRequest: heir('ClientRequest', OutgoingMessage, {}, () => { throw denied(module + '.ClientRequest'); }),
      IncomingMessage: heir('IncomingMessage', Readable, {}),
      ServerResponse: heir('ServerResponse', OutgoingMessage, {}),
      maxHeaderSize: 16384,
      setMaxIdleHTTPParsers: () => {},
      validateHeaderName: () => {},
      validateHeaderValue: () => {},
    };
  };

  freeze(METHODS);
  return { __proto__: null, exports: make('http', 80), https: make('https', 443) };
})

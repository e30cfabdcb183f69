// `url`: the web's URLs, and the functions that Node.js had before them.
(function (kit, native) {
  'use strict';

  const {
    TypeError, charCodeAt, indexOf, lastIndexOf, numberText, padStart, slice, split, join, test, toLowerCase, toText, toUpperCase,
  } = kit.primordials;
  const { coded, invalidType } = kit.use('modules/errors');
  const { URL, URLSearchParams } = kit.use('url');

  const SLASHED = { __proto__: null, 'http:': true, 'https:': true, 'ftp:': true, 'gopher:': true, 'file:': true, 'ws:': true, 'wss:': true };
  const NO_HOST = { __proto__: null, 'javascript:': true };

  function Url() {
    this.protocol = null;
    this.slashes = null;
    this.auth = null;
    this.host = null;
    this.port = null;
    this.hostname = null;
    this.hash = null;
    this.search = null;
    this.query = null;
    this.pathname = null;
    this.path = null;
    this.href = null;
  }

  // Characters that have no place in a path and are escaped where they stand.
  const UNSAFE = '\t\n\r "\'<>\\^{|}\u0060';
  const escaped = (text) => {
    let out = '';
    for (let i = 0; i < text.length; i += 1) {
      out += indexOf(UNSAFE, text[i]) === -1 ? text[i] : '%' + padStart(toUpperCase(numberText(charCodeAt(text, i), 16)), 2, '0');
    }
    return out;
  };

  const firstOf = (text, marks, from = 0) => {
    for (let i = from; i < text.length; i += 1) if (indexOf(marks, text[i]) !== -1) return i;
    return -1;
  };

  const isSpace = (unit) => unit === ' ' || unit === '\t' || unit === '\n' || unit === '\r' || unit === '\f' || unit === '\u00a0' || unit === '\ufeff';
  const trimmed = (text) => {
    let from = 0;
    let to = text.length;
    while (from < to && isSpace(text[from])) from += 1;
    while (from < to && isSpace(text[to - 1])) to -= 1;
    return slice(text, from, to);
  };

  // Turned slashes count as slashes before the query.
  const withSlashes = (text) => {
    const at = firstOf(text, '?#');
    const head = at < 0 ? text : slice(text, 0, at);
    return join(split(head, '\\'), '/') + (at < 0 ? '' : slice(text, at));
  };

  const parse = (given, parsesQuery = false, slashesMeanHost = false) => {
    if (given instanceof Url) return given;
    if (typeof given !== 'string') throw invalidType('url', 'of type string', given);
    const url = new Url();
    let rest = withSlashes(trimmed(given));
    const scheme = /^[a-z0-9.+-]+:/i;
    const hasScheme = test(scheme, rest);
    if (hasScheme) {
      const at = indexOf(rest, ':') + 1;
      url.protocol = toLowerCase(slice(rest, 0, at));
      rest = slice(rest, at);
    }
    const hasSlashes = slice(rest, 0, 2) === '//';
    if ((slashesMeanHost || hasScheme || test(/^\/\/[^@/]+@[^@/]+/, rest)) && hasSlashes && !NO_HOST[url.protocol]) {
      rest = slice(rest, 2);
      url.slashes = true;
    }
    if (url.slashes || (hasScheme && !NO_HOST[url.protocol] && SLASHED[url.protocol] === undefined)) {
      rest = authority(url, rest, given);
    }
    if (!NO_HOST[url.protocol]) rest = escaped(rest);
    const hash = indexOf(rest, '#');
    if (hash !== -1) {
      url.hash = slice(rest, hash);
      rest = slice(rest, 0, hash);
    }
    const query = indexOf(rest, '?');
    if (query !== -1) {
      url.search = slice(rest, query);
      url.query = slice(rest, query + 1);
      rest = slice(rest, 0, query);
    } else if (parsesQuery) {
      url.search = null;
      url.query = '';
    }
    if (parsesQuery) url.query = kit.use('modules/querystring').exports.parse(url.query);
    if (rest !== '') url.pathname = rest;
    if (SLASHED[url.protocol] && url.hostname && url.pathname === null) url.pathname = '/';
    if (url.pathname !== null || url.search !== null) url.path = (url.pathname || '') + (url.search || '');
    url.href = format(url);
    return url;
  };

  // Reads `auth@host:port`, and gives what follows.
  const authority = (url, text, given) => {
    let end = firstOf(text, '/?#');
    if (end < 0) end = text.length;
    const at = lastIndexOf(slice(text, 0, end), '@');
    if (at !== -1) url.auth = decoded(slice(text, 0, at));
    let host = slice(text, at + 1, end);
    let rest = slice(text, end);
    // What no name of a host has ends it.
    const bad = host[0] === '[' ? -1 : firstOf(host, '\t\n\r "%\';<>^{|}\u0060');
    if (bad !== -1) {
      rest = slice(host, bad) + rest;
      host = slice(host, 0, bad);
      if (rest[0] !== '/' && rest[0] !== '?' && rest[0] !== '#') rest = '/' + rest;
    }
    const colon = lastIndexOf(host, ':');
    if (colon !== -1 && test(/^:\d*$/, slice(host, colon))) {
      if (colon !== host.length - 1) url.port = slice(host, colon + 1);
      host = slice(host, 0, colon);
    }
    const isV6 = host[0] === '[' && host[host.length - 1] === ']';
    let name = toLowerCase(host);
    if (255 < name.length) name = '';
    if (!isV6 && name !== '') {
      name = ascii(name);
      if (name === '') throw coded(TypeError, 'ERR_INVALID_URL', 'Invalid URL: ' + given);
    }
    url.hostname = isV6 ? slice(name, 1, name.length - 1) : name;
    url.host = name + (url.port === null ? '' : ':' + url.port);
    return rest;
  };

  const decoded = (text) => {
    try {
      return kit.use('modules/querystring').exports.unescape(text);
    } catch {
      return text;
    }
  };

  const ascii = (name) => {
    const parts = native.parseUrl('ws://' + name, undefined);
    return parts === null ? '' : toText(new URL('ws://' + name).hostname);
  };

  const format = (given, options) => {
    if (typeof given === 'string') return format(parse(given));
    if (given === null || typeof given !== 'object') throw invalidType('urlObject', 'one of type object or string', given);
    if (given instanceof URL) return formatWeb(given, options);
    const auth = given.auth ? join(split(kit.use('modules/querystring').exports.escape(given.auth), '%3A'), ':') + '@' : '';
    let protocol = given.protocol || '';
    if (protocol !== '' && protocol[protocol.length - 1] !== ':') protocol += ':';
    let pathname = given.pathname || '';
    let hash = given.hash || '';
    let host = '';
    if (given.host) host = auth + given.host;
    else if (given.hostname) {
      const name = indexOf(given.hostname, ':') !== -1 && given.hostname[0] !== '[' ? '[' + given.hostname + ']' : given.hostname;
      host = auth + name + (given.port ? ':' + given.port : '');
    }
    const query = given.query !== null && typeof given.query === 'object' ? kit.use('modules/querystring').exports.stringify(given.query) : '';
    let search = given.search || (query !== '' && '?' + query) || '';
    if (given.slashes || (SLASHED[protocol] && host !== '') || protocol === 'file:') {
      if (given.slashes || host !== '') {
        if (pathname !== '' && pathname[0] !== '/') pathname = '/' + pathname;
        host = '//' + host;
      } else if (protocol === 'file:' && pathname !== '' ) {
        host = '//';
      }
    }
    if (hash !== '' && hash[0] !== '#') hash = '#' + hash;
    if (search !== '' && search[0] !== '?') search = '?' + search;
    pathname = join(split(join(split(pathname, '?'), '%3F'), '#'), '%23');
    search = join(split(search, '#'), '%23');
    return protocol + host + pathname + search + hash;
  };

  const formatWeb = (url, options = undefined) => {
    const { auth = true, fragment = true, search = true } = options || {};
    const user = auth && url.username !== '' ? url.username + (url.password === '' ? '' : ':' + url.password) + '@' : '';
    const host = url.host === '' && url.protocol !== 'file:' ? '' : '//' + user + url.host;
    return url.protocol + host + url.pathname + (search ? url.search : '') + (fragment ? url.hash : '');
  };
  Url.prototype.format = function () { return format(this); };
  Url.prototype.parse = function (text, parsesQuery, slashesMeanHost) { return kit.use('modules/shared').assign(this, parse(text, parsesQuery, slashesMeanHost)); };

  // The web's own rules, on a base that stands for none if there is none.
  const resolve = (from, to) => {
    const BASE = 'resolve://u.';
    const base = new URL(from, 'resolve://u./');
    const found = new URL(to, base);
    if (found.protocol !== 'resolve:') return toText(found.href);
    const text = toText(found.href);
    const whole = slice(text, BASE.length);
    const isRooted = from[0] === '/' || to[0] === '/';
    return isRooted || whole === '/' && from === '' && to === '' ? whole : slice(whole, 1);
  };

  const fileURLToPath = (given) => {
    const url = typeof given === 'string' ? new URL(given) : given;
    if (url === null || typeof url !== 'object' || typeof url.href !== 'string') throw invalidType('path', 'of type string or an instance of URL', given);
    if (url.protocol !== 'file:') throw coded(TypeError, 'ERR_INVALID_URL_SCHEME', 'The URL must be of scheme file');
    if (url.hostname !== '') throw coded(TypeError, 'ERR_INVALID_FILE_URL_HOST', 'File URL host must be "localhost" or empty on linux');
    if (test(/%2f/i, url.pathname)) throw coded(TypeError, 'ERR_INVALID_FILE_URL_PATH', 'File URL path must not include encoded / characters');
    return decoded(url.pathname);
  };

  const pathToFileURL = (path) => {
    if (typeof path !== 'string') throw invalidType('path', 'of type string', path);
    let whole = kit.use('modules/path').exports.resolve(path);
    if (path[path.length - 1] === '/' && whole[whole.length - 1] !== '/') whole += '/';
    const url = new URL('file:///');
    const marks = ['%', '%25', '\\', '%5C', '\n', '%0A', '\r', '%0D', '\t', '%09', '?', '%3F', '#', '%23'];
    for (let i = 0; i < marks.length; i += 2) whole = join(split(whole, marks[i]), marks[i + 1]);
    url.pathname = whole;
    return url;
  };

  const urlToHttpOptions = (url) => {
    const { hostname } = url;
    const options = {
      __proto__: null,
      protocol: url.protocol,
      hostname: hostname[0] === '[' ? slice(hostname, 1, hostname.length - 1) : hostname,
      hash: url.hash,
      search: url.search,
      pathname: url.pathname,
      path: url.pathname + url.search,
      href: url.href,
    };
    if (url.port !== '') options.port = +url.port;
    if (url.username !== '' || url.password !== '') options.auth = decoded(url.username) + ':' + decoded(url.password);
    return options;
  };

  const domainToUnicode = (name) => {
    const plain = ascii(name);
    return plain === '' ? '' : kit.use('modules/punycode').exports.toUnicode(plain);
  };

  const exports = {
    Url,
    parse,
    format,
    resolve,
    resolveObject: (from, to) => parse(resolve(from, to)),
    URL,
    URLSearchParams,
    domainToASCII: (name) => ascii(toText(name)),
    domainToUnicode: (name) => domainToUnicode(toText(name)),
    fileURLToPath,
    pathToFileURL,
    urlToHttpOptions,
  };

  return { __proto__: null, exports };
})

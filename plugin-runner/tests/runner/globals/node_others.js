var throws = (f) => { try { return f() } catch (e) { return [e.name, e.code] } }
// querystring
require('querystring').parse('a=1&b=2&a=3&c=%20x+y&d') //=> {"a":["1","3"],"b":"2","c":" x y","d":""}
require('querystring').stringify({ a: 1, b: ['x', 'y z'], c: '', d: null, e: true, f: 'ü&' }) //=> a=1&b=x&b=y%20z&c=&d=&e=true&f=%C3%BC%26
require('querystring').escape("a b!'()*~ü") //=> a%20b!'()*~%C3%BC
require('querystring').unescape('%41%zz%') //=> A%zz%
require('querystring').parse('a:1;b:2', ';', ':') //=> {"a":"1","b":"2"}
require('querystring').parse('a=%ff') //=> {"a":"�"}
// string_decoder
(() => { const d = new (require('string_decoder').StringDecoder)('utf8'); return [d.write(Buffer.from([0xe2, 0x82])), d.write(Buffer.from([0xac])), d.end()] })() //=> ["","€",""]
(() => { const d = new (require('string_decoder').StringDecoder)('base64'); return [d.write(Buffer.from('ab')), d.write(Buffer.from('cd')), d.end()] })() //=> ["","YWJj","ZA=="]
(() => { const d = new (require('string_decoder').StringDecoder)('utf16le'); return [d.write(Buffer.from([0x61, 0, 0x3d, 0xd8])), d.end(Buffer.from([0, 0xde]))] })() //=> ["a","😀"]
(() => { const d = new (require('string_decoder').StringDecoder)(); return [d.encoding, d.write(Buffer.from([0x61, 0xe2])), d.end().charCodeAt(0)] })() //=> ["utf8","a",65533]
// punycode
[require('punycode').encode('mañana'), require('punycode').decode('maana-pta'), require('punycode').toASCII('mañana.com'), require('punycode').toUnicode('xn--maana-pta.com')] //=> ["maana-pta","mañana","xn--maana-pta.com","mañana.com"]
[require('punycode').encode('☃-⌘'), require('punycode').decode('--dqo34k'), require('punycode').ucs2.decode('a😀'), require('punycode').ucs2.encode([0x61, 0x1f600])] //=> ["--dqo34k","☃-⌘",[97,128512],"a😀"]
throws(() => require('punycode').decode('\x80-')) //=> ["RangeError",null]
// url
JSON.parse(JSON.stringify(require('url').parse('http://user:pa%20ss@Host.com:8080/p/a?query=string#hash'))) //=> {"protocol":"http:","slashes":true,"auth":"user:pa ss","host":"host.com:8080","port":"8080","hostname":"host.com","hash":"#hash","search":"?query=string","query":"query=string","pathname":"/p/a","path":"/p/a?query=string","href":"http://user:pa%20ss@host.com:8080/p/a?query=string#hash"}
require('url').parse('/a?b=1&b=2', true).query //=> {"b":["1","2"]}
require('url').parse('mailto:a@b.c').href //=> mailto:a@b.c
[require('url').parse('//host/x').host, require('url').parse('//host/x', false, true).host] //=> [null,"host"]
require('url').parse('http://ünï.de/ä b').href //=> http://xn--n-nga1b.de/ä%20b
require('url').format({ protocol: 'https', hostname: 'x.y', port: 1, pathname: '/a b', query: { c: 1 }, hash: 'd' }) //=> https://x.y:1/a b?c=1#d
require('url').format(new URL('http://u:p@x/y?z#w'), { auth: false, fragment: false }) //=> http://x/y?z
[require('url').resolve('/one/two/three', 'four'), require('url').resolve('http://example.com/', '/one'), require('url').resolve('http://a/b', '../c')] //=> ["/one/two/four","http://example.com/one","http://a/c"]
[require('url').fileURLToPath('file:///a%20b/c'), String(require('url').pathToFileURL('/a b#?%')), throws(() => require('url').fileURLToPath('http://x'))] //=> ["/a b/c","file:///a%20b%23%3F%25",["TypeError","ERR_INVALID_URL_SCHEME"]]
require('url').URL === URL && require('url').URLSearchParams === URLSearchParams //=> true
[require('url').domainToASCII('español.com'), require('url').domainToUnicode('xn--espaol-zwa.com')] //=> ["xn--espaol-zwa.com","español.com"]
require('url').urlToHttpOptions(new URL('https://a:b@x.y:81/p?q')).path //=> /p?q
// assert
throws(() => require('assert')(0)) //=> ["AssertionError","ERR_ASSERTION"]
throws(() => require('assert').strictEqual(1, 2)) //=> ["AssertionError","ERR_ASSERTION"]
throws(() => require('assert').deepStrictEqual({ a: [1] }, { a: [1] })) //=> undefined
throws(() => require('assert').deepEqual({ a: 1 }, { a: '1' })) //=> undefined
throws(() => require('assert').deepStrictEqual({ a: 1 }, { a: '1' })) //=> ["AssertionError","ERR_ASSERTION"]
throws(() => require('assert').throws(() => { throw new TypeError('x') }, TypeError)) //=> undefined
throws(() => require('assert').throws(() => { throw new TypeError('x') }, /y/)) //=> undefined
throws(() => require('assert').throws(() => {})) //=> ["AssertionError","ERR_ASSERTION"]
throws(() => require('assert').throws(() => { throw new TypeError('x') }, { message: 'x' })) //=> undefined
require('assert').rejects(Promise.reject(new RangeError('x')), RangeError) //=> undefined
require('assert').rejects(Promise.resolve()).catch((e) => e.code) //=> ERR_ASSERTION
throws(() => require('assert').notEqual(1, 1)) //=> ["AssertionError","ERR_ASSERTION"]
throws(() => require('assert').match('abc', /b/)) //=> undefined
throws(() => require('assert/strict').equal(1, '1')) //=> ["AssertionError","ERR_ASSERTION"]
throws(() => require('assert').ifError(null)) //=> undefined
throws(() => require('assert').fail('boom')) //=> ["AssertionError","ERR_ASSERTION"]
(() => { try { require('assert').equal(1, 2, 'mine') } catch (e) { return [e.message, e.generatedMessage, e.actual, e.expected, e.operator, e instanceof require('assert').AssertionError] } })() //=> ["mine",false,1,2,"==",true]
// timers
require('timers/promises').setTimeout(1, 'value') //=> value
require('timers').setTimeout === setTimeout //=> true
(async () => { const c = new AbortController(); const p = require('timers/promises').setTimeout(1000, 0, { signal: c.signal }); c.abort(); try { await p } catch (e) { return e.name } })() //=> AbortError
// process
[typeof process.env, process.version[0], process.versions.node === process.version.slice(1), process === require('process'), typeof process.pid] //=> ["object","v",true,true,"number"]
new Promise((ok) => process.nextTick((a, b) => ok(a + b), 1, 2)) //=> 3
[typeof process.hrtime()[0], typeof process.hrtime.bigint(), process.hrtime([0, 0]).length, typeof process.uptime()] //=> ["number","bigint",2,"number"]
typeof process.on('exit', () => {}).emit //=> function
String(process) //=> [object process]
global === globalThis //=> true
// os
[require('os').EOL, require('os').endianness(), require('os').constants.signals.SIGTERM, require('os').constants.errno.ENOENT, typeof require('os').tmpdir()] //=> ["\n","LE",15,2,"string"]
require('constants').O_CREAT //=> 64
// machinery
(() => { const s = new (require('async_hooks').AsyncLocalStorage)(); return [s.run(5, () => s.getStore()), s.getStore()] })() //=> [5,null]
(() => { const c = require('diagnostics_channel').channel('x'); const seen = []; c.subscribe((m) => seen.push(m)); c.publish(1); return seen })() //=> [1]
[require('module').isBuiltin('fs'), require('module').isBuiltin('node:path'), require('module').isBuiltin('left-pad'), require('module').builtinModules.includes('util')] //=> [true,true,false,true]
require('vm').runInThisContext('1 + 1') //=> 2
require('perf_hooks').performance === performance //=> true
[require('net').isIP('127.0.0.1'), require('net').isIP('::1'), require('net').isIP('x'), require('net').isIP('1.2.3'), require('net').isIP('fe80::1%eth0')] //=> [4,6,0,0,6]
[require('http').METHODS.includes('GET'), require('http').STATUS_CODES[404], typeof require('https').globalAgent, require('http').IncomingMessage.prototype instanceof require('stream').Readable] //=> [true,"Not Found","object",true]
[require('tty').isatty(1), typeof require('tls').connect, typeof require('child_process').spawn, require('worker_threads').isMainThread, require('cluster').isMaster] //=> [false,"function","function",true,true]
(() => { class S extends require('net').Socket {} class A extends require('http').Agent {} return new A({ keepAlive: true }) instanceof require('events') && S.name })() //=> S

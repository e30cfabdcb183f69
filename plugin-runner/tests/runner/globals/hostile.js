// URLs have a bound, whatever they are made of
new URL('a'.repeat(1e7)) //=> !TypeError
new URL('http://' + 'a'.repeat(1e7)) //=> !TypeError
new URL('http://a/', 'b'.repeat(1e7)) //=> !TypeError
URL.canParse('http://a/' + 'x'.repeat(1e7)) //=> false
new URL('http://' + 'a.'.repeat(3e4)).hostname.length //=> 60000
new URL('http://' + 'é'.repeat(1e4)) //=> !TypeError
new URL('http://a/' + '../'.repeat(3e4)).href //=> http://a/
new URL('http://a/?' + 'é'.repeat(1e5)).search.length //=> 600001
(() => { const u = new URL('http://a/'); u.search = 'x'.repeat(1e7); return u.href.length })() //=> !RangeError
(() => { const u = new URL('http://a/'); u.searchParams.append('a', 'x'.repeat(1e7)); return u.href.length })() //=> !RangeError
(() => { const u = new URL('http://a/'); for (let i = 0; i < 1000; i += 1) u.hash = 'x'.repeat(i); return u.href.length })() //=> 1009
// Forms
new URLSearchParams('a&'.repeat(2e6)) //=> !RangeError
new URLSearchParams('&'.repeat(1e5)).size //=> 0
new URLSearchParams('a='.repeat(1e5)).size //=> 1
String(new URLSearchParams({ a: 'é'.repeat(4e6) })).length //=> !RangeError
String(new URLSearchParams({ a: 'é'.repeat(1e5) })).length //=> 600002
new URLSearchParams({ [Symbol.iterator]: () => ({ next: () => ({ value: ['a', 'b'] }) }) }) //=> !null
new URLSearchParams({ [Symbol.iterator]: () => ({ next() { throw new RangeError('stop') } }) }) //=> !RangeError
// Text
new TextDecoder().decode(new Uint8Array(6e6).fill(0xff)) //=> !RangeError
new TextDecoder('utf-16le').decode(new Uint8Array(6e6)) //=> !RangeError
new TextDecoder('latin1').decode(new Uint8Array(6e6)) //=> !RangeError
new TextDecoder().decode(new Uint8Array(1e6).fill(0x61)).length //=> 1000000
new TextEncoder().encode('\ud800'.repeat(1e6)).length //=> 3000000
new TextEncoder().encodeInto('é'.repeat(1e5), new Uint8Array(11)) //=> {"read":5,"written":10}
new TextDecoder('x'.repeat(1e6)) //=> !RangeError
(() => { const d = new TextDecoder(); let n = 0; for (let i = 0; i < 1e4; i += 1) n += d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }).length; return n })() //=> 9999
// Clones
structuredClone(new ArrayBuffer(1e7)).byteLength //=> 10000000
(() => { let a = {}; for (let i = 0; i < 3e4; i += 1) a = { a }; return typeof structuredClone(a) })() //=> object
structuredClone(new Array(4e9)) //=> !InternalError
structuredClone({ get a() { return structuredClone(this) } }) //=> !RangeError
// Events and signals
(() => { const t = new EventTarget(); let n = 0; t.addEventListener('x', function f() { n += 1; if (n < 1e3) t.dispatchEvent(new Event('x')) }); t.dispatchEvent(new Event('x')); return 0 < n })() //=> Uncaught Error{name: "RangeError", message: "Maximum call stack size exceeded" | true
(() => { let s = new AbortController().signal; for (let i = 0; i < 2000; i += 1) s = AbortSignal.any([s]); return s.aborted })() //=> false
(() => { const c = new AbortController(); for (let i = 0; i < 1e4; i += 1) AbortSignal.any([c.signal]); c.abort(); return 'on' })() //=> on
(() => { const made = []; for (let i = 0; i < 1e5; i += 1) made.push(AbortSignal.timeout(1e9)); return made.length })() //=> !RangeError
// What is thrown while something is converted
new URL({ toString() { throw new RangeError() } }) //=> !RangeError
new TextEncoder().encode({ toString() { throw new RangeError() } }) //=> !RangeError
new Event('x', { get bubbles() { throw new RangeError() } }) //=> !RangeError
new EventTarget().addEventListener('x', () => 0, { get once() { throw new RangeError() } }) //=> !RangeError
crypto.getRandomValues(new Uint8Array(new ArrayBuffer(8, { maxByteLength: 16 }))).length //=> 8
structuredClone(new Proxy({}, { ownKeys() { throw new RangeError() } })) //=> !DataCloneError
new URLSearchParams(new Proxy({}, { ownKeys() { throw new RangeError() } })) //=> !RangeError
// All is well afterwards
new URL('http://a/b').href //=> http://a/b
structuredClone([1]) //=> [1]

// Plain values
[1, -0, NaN, 'a', true, null].map((v) => Object.is(structuredClone(v), v)) //=> [true,true,true,true,true,true]
structuredClone(undefined) //=> undefined
structuredClone(5n) //=> 5
structuredClone(Symbol()) //=> !DataCloneError
structuredClone() //=> !TypeError
structuredClone(() => 0) //=> !DataCloneError
structuredClone(class {}) //=> !DataCloneError
structuredClone({ a: { b: [1, { c: 2 }] } }) //=> {"a":{"b":[1,{"c":2}]}}
(() => { const a = { b: 1 }; return structuredClone(a) !== a })() //=> true
(() => { const a = {}; a.self = a; const b = structuredClone(a); return b.self === b && b !== a })() //=> true
(() => { const x = {}; const [a, b] = structuredClone([x, x]); return a === b })() //=> true
structuredClone([1, , 3]).length //=> 3
1 in structuredClone([1, , 3]) //=> false
structuredClone(Object.assign([1], { x: 2 })).x //=> 2
structuredClone(new Array(5)).length //=> 5
structuredClone({ get a() { return 5 } }) //=> {"a":5}
structuredClone({ get a() { throw new RangeError() } }) //=> !RangeError
structuredClone({ [Symbol()]: 1, a: 2 }) //=> {"a":2}
structuredClone(Object.defineProperty({ a: 1 }, 'b', { value: 2 })) //=> {"a":1}
structuredClone(new (class A { x = 1; get y() { return 2 } })()) //=> {"x":1}
Object.getPrototypeOf(structuredClone(new (class A { })())) === Object.prototype //=> true
Object.getPrototypeOf(structuredClone(Object.create(null))) === Object.prototype //=> true
structuredClone(JSON.parse('{"__proto__": 1}')) //=> {"__proto__":1}
Object.isFrozen(structuredClone(Object.freeze({ a: 1 }))) //=> false
// Wrappers
typeof structuredClone(new String('a')) //=> object
structuredClone(new Number(5)) + 1 //=> 6
structuredClone(new Boolean(false)).valueOf() //=> false
typeof structuredClone(Object(5n)) //=> object
structuredClone(Object(Symbol())) //=> !DataCloneError
// Dates and patterns
structuredClone(new Date(5)).getTime() //=> 5
structuredClone(new Date(NaN)).getTime() //=> NaN
structuredClone(new Date(5)) instanceof Date //=> true
String(structuredClone(/a(b)/gi)) //=> /a(b)/gi
(() => { const r = /a/g; r.lastIndex = 5; return structuredClone(r).lastIndex })() //=> 0
// Collections
[...structuredClone(new Map([[{ a: 1 }, 'x'], ['y', { b: 2 }]]))] //=> [[{"a":1},"x"],["y",{"b":2}]]
[...structuredClone(new Set([1, 'a', { b: 1 }]))] //=> [1,"a",{"b":1}]
(() => { const m = new Map(); m.set('m', m); const n = structuredClone(m); return n.get('m') === n })() //=> true
(() => { const s = new Set(); s.add(s); const t = structuredClone(s); return t.has(t) })() //=> true
structuredClone(Object.assign(new Map(), { x: 1 })).x //=> undefined
structuredClone(new WeakMap()) //=> !DataCloneError
structuredClone(new WeakSet()) //=> !DataCloneError
structuredClone(new WeakRef({})) //=> !DataCloneError
structuredClone(Promise.resolve()) //=> !DataCloneError
structuredClone((function* () { })()) //=> !DataCloneError
structuredClone(new Proxy({}, {})) //=> !DataCloneError
(function () { return structuredClone(arguments)[1] })(5, 6) //=> !DataCloneError
// Buffers
[...structuredClone(new Uint8Array([1, 2]))] //=> [1,2]
structuredClone(new Float64Array([1.5])).constructor.name //=> Float64Array
structuredClone(new BigInt64Array([5n]))[0] //=> 5
structuredClone(new Uint8ClampedArray([300]))[0] //=> 255
structuredClone(new ArrayBuffer(3)).byteLength //=> 3
structuredClone(new DataView(new ArrayBuffer(8), 2, 3)).byteOffset //=> 2
(() => { const b = new ArrayBuffer(4); const [x, y] = structuredClone([new Uint8Array(b, 1, 2), new Uint16Array(b)]); return [x.buffer === y.buffer, x.byteOffset, x.length, y.length] })() //=> [true,1,2,2]
(() => { const a = new Uint8Array([1]); const b = structuredClone(a); b[0] = 9; return a[0] })() //=> 1
(() => { const b = new ArrayBuffer(4); structuredClone(0, { transfer: [b] }); return b.byteLength })() //=> 0
(() => { const a = new Uint8Array([1, 2]); const b = structuredClone(a, { transfer: [a.buffer] }); return [a.length, b.length, b[1]] })() //=> [0,2,2]
(() => { const b = new ArrayBuffer(4); structuredClone(0, { transfer: [b, b] }) })() //=> !DataCloneError
(() => { const b = new ArrayBuffer(4); structuredClone(0, { transfer: [b] }); structuredClone(b) })() //=> !DataCloneError
(() => { const b = new ArrayBuffer(4); structuredClone(0, { transfer: [b] }); structuredClone(0, { transfer: [b] }) })() //=> !DataCloneError
(() => { const b = new ArrayBuffer(4); try { structuredClone(() => 0, { transfer: [b] }) } catch { return b.byteLength } })() //=> 4
structuredClone(0, { transfer: [{}] }) //=> !DataCloneError
structuredClone(0, { transfer: 5 }) //=> !TypeError
structuredClone(0, 5) //=> !TypeError
structuredClone(0, null) //=> 0
structuredClone(0, {}) //=> 0
structuredClone(new ArrayBuffer(2, { maxByteLength: 8 })).maxByteLength //=> 8
// Errors
structuredClone(new Error('m')).message //=> m
structuredClone(new RangeError('m')) instanceof RangeError //=> true
(() => { const e = new Error('m'); e.name = 'Mine'; return structuredClone(e).name })() //=> Error
(() => { const e = new Error('m'); e.name = 'TypeError'; return structuredClone(e) instanceof TypeError })() //=> true
(() => { const e = new Error('m'); e.extra = 1; return structuredClone(e).extra })() //=> undefined
(() => { const e = new TypeError('m', { cause: { a: 1 } }); return structuredClone(e).cause })() //=> {"a":1}
(() => { class Mine extends Error { } return structuredClone(new Mine('x')).constructor === Error })() //=> true
typeof structuredClone(new Error('m')).stack //=> string
(() => { const e = new Error('m'); return structuredClone(e).stack === e.stack })() //=> true
Object.keys(structuredClone(new Error('m'))) //=> []
'message' in Object.getOwnPropertyDescriptors(structuredClone(new Error())) //=> false
(() => { const e = new Error('m'); e.cause = e; const f = structuredClone(e); return f.cause === f })() //=> true
// What has no copy
structuredClone({ a: [() => 0] }) //=> !DataCloneError
structuredClone(new URL('http://a')) //=> !DataCloneError
structuredClone(new AbortController().signal) //=> !DataCloneError
structuredClone({ deep: new EventTarget() }) //=> !DataCloneError
(() => { try { structuredClone(() => 0) } catch (e) { return [e.code, e instanceof DOMException] } })() //=> [25,true]
structuredClone.name //=> structuredClone
structuredClone.length //=> 1
new structuredClone(1) //=> !TypeError
(() => { let a = []; for (let i = 0; i < 20000; i += 1) a = [a]; let b = structuredClone(a); let n = 0; while (b.length !== 0) { b = b[0]; n += 1 } return n })() //=> 20000

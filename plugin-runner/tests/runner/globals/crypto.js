crypto.getRandomValues(new Uint8Array(4)).length //=> 4
(() => { const a = new Uint8Array(4); return crypto.getRandomValues(a) === a })() //=> true
(() => { const a = new Uint8Array(64); crypto.getRandomValues(a); return a.some((x) => x !== 0) })() //=> true
(() => { const b = new ArrayBuffer(64); crypto.getRandomValues(new Uint32Array(b, 16, 4)); const a = new Uint8Array(b); return [a.subarray(0, 16).every((x) => x === 0), a.subarray(16, 32).some((x) => x !== 0), a.subarray(32).every((x) => x === 0)] })() //=> [true,true,true]
crypto.getRandomValues(new Int8Array(2)).length //=> 2
crypto.getRandomValues(new Uint8ClampedArray(2)).length //=> 2
crypto.getRandomValues(new BigUint64Array(2)).length //=> 2
crypto.getRandomValues(new Uint16Array(0)).length //=> 0
crypto.getRandomValues(new Float32Array(2)) //=> !TypeMismatchError
crypto.getRandomValues(new Float64Array(2)) //=> !TypeMismatchError
crypto.getRandomValues(new DataView(new ArrayBuffer(2))) //=> !TypeMismatchError
crypto.getRandomValues([1]) //=> !TypeMismatchError
crypto.getRandomValues(5) //=> !TypeError
crypto.getRandomValues(null) //=> !TypeError
crypto.getRandomValues() //=> !TypeError
crypto.getRandomValues(new Uint8Array(65536)).length //=> 65536
crypto.getRandomValues(new Uint8Array(65537)) //=> !QuotaExceededError
crypto.getRandomValues(new Uint32Array(16385)) //=> !QuotaExceededError
(() => { try { crypto.getRandomValues(new Uint8Array(65537)) } catch (e) { return [e.code, e instanceof DOMException] } })() //=> [22,true]
(() => { try { crypto.getRandomValues(new Float32Array(1)) } catch (e) { return [e.code, e instanceof DOMException] } })() //=> [17,true]
(() => { const f = crypto.getRandomValues; f(new Uint8Array(1)) })() //=> !TypeError
/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()) //=> true
crypto.randomUUID() === crypto.randomUUID() //=> false
new Set(Array.from({ length: 500 }, () => crypto.randomUUID())).size //=> 500
(0, crypto.randomUUID)() //=> !TypeError
new Crypto() //=> !TypeError
crypto instanceof Crypto //=> true
Object.prototype.toString.call(crypto) //=> [object Crypto]
(() => { const counts = new Array(256).fill(0); const a = new Uint8Array(65536); crypto.getRandomValues(a); for (const x of a) counts[x] += 1; return counts.every((n) => 128 < n && n < 400) })() //=> true

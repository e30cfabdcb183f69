var util = require('util')
util.format('%s is %d years, %i, %f, %j %% %o', 'Bob', 42, 3.9, '1.5', { a: 1 }) //=> Bob is 42 years, 3, 1.5, {"a":1} % %o
util.format('a', 'b', 3, { c: 1 }) //=> a b 3 { c: 1 }
util.format('%s', null, undefined) //=> null undefined
util.format('%d', '0x10') //=> 16
util.format('%i', '0x1f') //=> 31
util.format('%x %s', 1) //=> %x 1
util.format(1, 2, '3') //=> 1 2 3
util.format('%s %s', 'only') //=> only %s
util.inspect({ a: 1, b: 'x', c: [1, 2], d: { e: { f: { g: 1 } } } }) //=> { a: 1, b: 'x', c: [ 1, 2 ], d: { e: { f: [Object] } } }
util.inspect('text') //=> 'text'
util.inspect(new Map([['a', 1]])) //=> Map(1) { 'a' => 1 }
util.inspect({ [util.inspect.custom]() { return 'mine' } }) //=> mine
util.isDeepStrictEqual({ a: [1, new Map([[1, { b: 2 }]])] }, { a: [1, new Map([[1, { b: 2 }]])] }) //=> true
util.isDeepStrictEqual([1, , 3], [1, undefined, 3]) //=> false
util.isDeepStrictEqual(new Set([{ a: 1 }]), new Set([{ a: 1 }])) //=> true
util.isDeepStrictEqual({ a: NaN }, { a: NaN }) //=> true
util.isDeepStrictEqual({ a: 0 }, { a: -0 }) //=> false
(() => { const a = {}; a.a = a; const b = {}; b.a = b; return util.isDeepStrictEqual(a, b) })() //=> true
util.promisify((a, b, done) => done(null, a + b))(1, 2) //=> 3
util.promisify((done) => done(new RangeError('x')))() //=> !RangeError
(() => { const f = () => {}; f[util.promisify.custom] = () => 'own'; return util.promisify(f)() })() //=> own
new Promise((done) => util.callbackify(async (x) => x * 2)(4, (error, value) => done([error, value]))) //=> [null,8]
new Promise((done) => util.callbackify(async () => { throw new TypeError('x') })((error) => done(error.message))) //=> x
(() => { function A() {} function B() {} A.prototype.hi = () => 'hi'; util.inherits(B, A); return [new B().hi(), B.super_ === A] })() //=> ["hi",true]
[util.types.isDate(new Date()), util.types.isRegExp({}), util.types.isPromise(Promise.resolve()), util.types.isProxy(new Proxy({}, {})), util.types.isUint8Array(Buffer.alloc(1)), util.types.isMap(new Map()), util.types.isNativeError(new TypeError())] //=> [true,false,true,true,true,true,true]
[util.types.isAsyncFunction(async () => {}), util.types.isGeneratorFunction(function* () {}), util.types.isArrayBufferView(new DataView(new ArrayBuffer(1))), util.types.isBoxedPrimitive(Object(1)), util.types.isTypedArray(new Int8Array())] //=> [true,true,true,true,true]
[util.isArray([]), util.isString('x'), util.isFunction(1), util.isBuffer(Buffer.alloc(1)), util.isError(new Error()), util.isPrimitive(null)] //=> [true,true,false,true,true,true]
util.deprecate(() => 5, 'old')() //=> Warn DeprecationWarning: old | 5
util.stripVTControlCharacters('\u001b[31mred\u001b[0m') //=> red
typeof util.TextEncoder + typeof util.TextDecoder //=> functionfunction
util.debuglog('x')('nothing') //=> undefined
util.types.isDate(Object.create(Date.prototype)) //=> false
(() => { try { util.promisify(5) } catch (e) { return [e.name, e.code, e.message] } })() //=> ["TypeError","ERR_INVALID_ARG_TYPE","The \"original\" argument must be of type function. Received type number (5)"]

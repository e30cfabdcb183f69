'text', 1, true, null, undefined //=> text 1 true null undefined
-0, 5n, Symbol('s'), NaN //=> -0 5n Symbol(s) NaN
'%s is %d and %i, %j %% %x', 'a', '4.5', 4.5, { b: 1 }, 'more' //=> a is 4.5 and 4, {"b":1} % %x more
'%s', 5n //=> 5n
'%s', -0 //=> -0
'%s', Symbol('x') //=> Symbol(x)
'%s', { a: 1 } //=> { a: 1 }
'%s', { a: { b: { c: 1 } } } //=> { a: [Object] }
'%s', [1, [2]] //=> [ 1, [Array] ]
'%s', null, undefined //=> null undefined
'%s', () => 1 //=> () => 1
'%s', class A {} //=> class A {}
'%s', new (class A { toString() { return 'own' } })() //=> A {}
'%s', new Date(0) //=> 1970-01-01T00:00:00.000Z
'%d', 5n //=> 5n
'%d', 'x' //=> NaN
'%d', {} //=> NaN
'%d', -0 //=> -0
'%d', null //=> 0
'%i', 5.9 //=> 5
'%i', '42.9px' //=> 42
'%i', 5n //=> 5n
'%i', {} //=> NaN
'%f', '1.5x' //=> 1.5
'%f', 'x' //=> NaN
'%f', Symbol('x') //=> NaN
'%j', { a: [1, 'x'] } //=> {"a":[1,"x"]}
'%j', undefined //=> undefined
'%o', { a: 1 } //=> { a: 1 }
'%O', { a: { b: { c: { d: { e: 1 } } } } } //=> { a: { b: { c: [Object] } } }
'%c red', 'color: red' //=>  red
'%', 5 //=> % 5
'100%', 5 //=> 100% 5
'%s' //=> %s
'%s %s', 'a' //=> a %s
'a', 'b', '%s' //=> a b %s
5, '%s', 'x' //=> 5 %s x
'%%' //=> %%
'%% %s', 'x' //=> % x
'' //=> 
'', '' //=>  
'a\nb' //=> a⏎b
['a', "it's", 'tab\t'] //=> [ 'a', "it's", 'tab\t' ]
["both ' and \""] //=> [ `both ' and "` ]
['both \' and " and `'] //=> [ 'both \' and " and `' ]
['new\nline', '\u0007', '\u001b[0m'] //=> [ 'new\nline', '\x07', '\x1B[0m' ]
{ a: 1, 'b-c': [1, , 2], [Symbol('k')]: {} } //=> { a: 1, 'b-c': [ 1, <1 empty item>, 2 ], [Symbol(k)]: {} }
{ a: { b: { c: { d: 1 } } } } //=> { a: { b: { c: [Object] } } }
{ a: { b: { c: {} } } } //=> { a: { b: { c: {} } } }
{ a: { b: { c: [] } } } //=> { a: { b: { c: [] } } }
{ a: [[[[1]]]] } //=> { a: [ [ [Array] ] ] }
(() => { const a = { b: 1 }; a.self = a; return a })() //=> <ref *1> { b: 1, self: [Circular *1] }
(() => { const a = [1]; a.push(a, { a }); return a })() //=> <ref *1> [ 1, [Circular *1], { a: [Circular *1] } ]
{ get x() { throw 1 } } //=> { x: [Getter] }
{ set y(v) {} } //=> { y: [Setter] }
{ get x() { return 1 }, set x(v) {} } //=> { x: [Getter/Setter] }
new Map([['k', { v: 1 }], [{}, 2]]) //=> Map(2) { 'k' => { v: 1 }, {} => 2 }
new Set([1, 'a', {}]) //=> Set(3) { 1, 'a', {} }
new Map() //=> Map(0) {}
new Set() //=> Set(0) {}
new WeakMap() //=> WeakMap { <items unknown> }
new WeakSet() //=> WeakSet { <items unknown> }
new Date(0) //=> 1970-01-01T00:00:00.000Z
new Date(NaN) //=> Invalid Date
/x/g //=> /x/g
new Uint8Array([1, 2]) //=> Uint8Array(2) [ 1, 2 ]
new Float32Array(0) //=> Float32Array(0) []
new BigInt64Array([1n]) //=> BigInt64Array(1) [ 1n ]
new ArrayBuffer(4) //=> ArrayBuffer { byteLength: 4 }
() => 1 //=> [Function (anonymous)]
function named() {} //=> [Function: named]
function () {} //=> [Function (anonymous)]
class A {} //=> [class A]
class B extends Array {} //=> [class B extends Array]
async () => 1 //=> [AsyncFunction (anonymous)]
async function af() {} //=> [AsyncFunction: af]
function* gen() {} //=> [GeneratorFunction: gen]
async function* agen() {} //=> [AsyncGeneratorFunction: agen]
Object.assign(function f() {}, { a: 1 }) //=> [Function: f] { a: 1 }
new (class Point { x = 1 })() //=> Point { x: 1 }
new (class Empty {})() //=> Empty {}
new (class extends Map {})() //=> Map(0) {}
new (class Mine extends Array {})(3) //=> Mine(3) [ <3 empty items> ]
Object.create(null) //=> [Object: null prototype] {}
Object.assign(Object.create(null), { a: 1 }) //=> [Object: null prototype] { a: 1 }
Object.create({ inherited: 1 }) //=> {}
Object.create(class Foo {}.prototype) //=> Foo {}
Promise.resolve(1) //=> Promise {}
new Promise(() => {}) //=> Promise {}
new Proxy({}, {}) //=> [Proxy]
[undefined, null] //=> [ undefined, null ]
[, 1] //=> [ <1 empty item>, 1 ]
[1, , , 4] //=> [ 1, <2 empty items>, 4 ]
new Array(3) //=> [ <3 empty items> ]
Object.assign([1, 2], { extra: true }) //=> [ 1, 2, extra: true ]
[[]] //=> [ [] ]
[{}] //=> [ {} ]
{} //=> {}
[] //=> []
new String('abc') //=> [String: 'abc']
new Number(5) //=> [Number: 5]
new Boolean(true) //=> [Boolean: true]
Object(5n) //=> [BigInt: 5n]
Object(Symbol('s')) //=> [Symbol: Symbol(s)]
{ a: 'x'.repeat(30), b: 'y'.repeat(30), c: 'z'.repeat(30) } //=> {⏎  a: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',⏎  b: 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy',⏎  c: 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz'⏎}
{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 } //=> { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 }
{ long: 'a'.repeat(80) } //=> {⏎  long: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'⏎}
Array.from({ length: 7 }, (_, i) => i) //=> [ 0, 1, 2, 3, 4, 5, 6 ]
Array.from({ length: 30 }, (_, i) => i) //=> [⏎   0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,⏎  18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29⏎]
Array.from({ length: 105 }, (_, i) => i) //=> [⏎   0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,⏎  18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,⏎  36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53,⏎  54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71,⏎  72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89,⏎  90, 91, 92, 93, 94, 95, 96, 97, 98, 99,⏎  ... 5 more items⏎]
['apple', 'banana', 'cherry', 'date', 'elderberry', 'fig', 'grape', 'honeydew'] //=> [⏎  'apple',⏎  'banana',⏎  'cherry',⏎  'date',⏎  'elderberry',⏎  'fig',⏎  'grape',⏎  'honeydew'⏎]
{ name: 'x', list: [1, 2, 3], nested: { deep: true, more: [{ a: 1 }] } } //=> {⏎  name: 'x',⏎  list: [ 1, 2, 3 ],⏎  nested: { deep: true, more: [ [Object] ] }⏎}
globalThis === globalThis //=> true
Symbol.iterator //=> Symbol(Symbol.iterator)
{ f() {}, g: () => 1, h: class {} } //=> { f: [Function: f], g: [Function: g], h: [class h] }
{ [Symbol.toStringTag]: 'Tagged' } //=> { [Symbol(Symbol.toStringTag)]: 'Tagged' }
new (class Foo { get [Symbol.toStringTag]() { return 'bar' } })() //=> Foo {}
{ constructor: 5 } //=> { constructor: 5 }
{ __proto__: { a: 1 } } //=> {}
Math //=> Object [Math] {}
JSON //=> Object [JSON] {}
(function () { return arguments })(1, 2) //=> [Arguments] { '0': 1, '1': 2 }
[1, 2, 3].entries() //=> Object [Array Iterator] {}
new Map([[1, 2]]).keys() //=> Object [Map Iterator] {}
{ a: -0, b: [-0] } //=> { a: -0, b: [ -0 ] }
{ 'a b': 1, 2: 3, $x: 4, _y: 5, 'ü': 6 } //=> { '2': 3, 'a b': 1, '$x': 4, _y: 5, 'ü': 6 }
{ a: undefined, b: null } //=> { a: undefined, b: null }
Object.assign([1, 2], { 'a b': 1, c: 2, '': 3, '1a': 4, [Symbol.iterator]: 5 }) //=> [ 1, 2, 'a b': 1, c: 2, '': 3, '1a': 4, [Symbol(Symbol.iterator)]: 5 ]
Object.assign([], { a: 1 }) //=> [ a: 1 ]
{ a: { b: { c: new Map([[1, 2]]), d: new Set([1]), e: new Uint8Array(2), f: [,] } } } //=> { a: { b: { c: [Map], d: [Set], e: [Uint8Array], f: [Array] } } }
{ a: { b: { c: new Map(), d: new Set(), e: new Uint8Array(), f: [] } } } //=> { a: { b: { c: Map(0) {}, d: Set(0) {}, e: Uint8Array(0) [], f: [] } } }
new Array(1e6).fill(7) //=> [⏎  7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,⏎  7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,⏎  7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,⏎  7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,⏎  7, 7, 7, 7,⏎  ... 999900 more items⏎]
{ a: { b: { c: new Array(1e6).fill(7), d: new Uint8Array(1e7) } } } //=> { a: { b: { c: [Array], d: [Uint8Array] } } }
'a'.repeat(3), ['a'.repeat(3)] //=> aaa [ 'aaa' ]
new Event('x').type //=> x

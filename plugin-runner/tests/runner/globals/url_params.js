// Making
String(new URLSearchParams()) //=> 
String(new URLSearchParams('')) //=> 
String(new URLSearchParams('?')) //=> 
String(new URLSearchParams('??a')) //=> %3Fa=
String(new URLSearchParams('a=b&c')) //=> a=b&c=
String(new URLSearchParams('?a=b&c=d#e')) //=> a=b&c=d%23e
String(new URLSearchParams('&&a&&=b&=')) //=> a=&=b&=
String(new URLSearchParams('a=b=c')) //=> a=b%3Dc
new URLSearchParams('a=%F0%9F%98%80&b=%ff&c=%').get('a') //=> 😀
new URLSearchParams('a=%ff').get('a') //=> �
new URLSearchParams('a=%').get('a') //=> %
new URLSearchParams('a=%zz').get('a') //=> %zz
new URLSearchParams('a+b=c+d').get('a b') //=> c d
new URLSearchParams('a=\u0000').toString() //=> a=%00
String(new URLSearchParams({ a: 1, b: null, c: undefined, d: [1, 2] })) //=> a=1&b=null&c=undefined&d=1%2C2
String(new URLSearchParams([['a', 'b'], ['a', 'c']])) //=> a=b&a=c
String(new URLSearchParams(new Map([['a', 'b']]))) //=> a=b
String(new URLSearchParams(new URLSearchParams('x=y&x=z'))) //=> x=y&x=z
String(new URLSearchParams(new Set([['a', 'b']]))) //=> a=b
String(new URLSearchParams((function* () { yield ['a', 'b']; yield new Set(['c', 'd']) })())) //=> a=b&c=d
String(new URLSearchParams(null)) //=> null=
String(new URLSearchParams(undefined)) //=> 
String(new URLSearchParams(5)) //=> 5=
String(new URLSearchParams(true)) //=> true=
String(new URLSearchParams([])) //=> 
new URLSearchParams([['a']]) //=> !TypeError
new URLSearchParams([['a', 'b', 'c']]) //=> !TypeError
new URLSearchParams(['ab']) //=> !TypeError
new URLSearchParams([5]) //=> !TypeError
new URLSearchParams({ [Symbol.iterator]: 5 }) //=> !TypeError
new URLSearchParams({ [Symbol()]: 1 }) //=> !TypeError
new URLSearchParams(Symbol()) //=> !TypeError
URLSearchParams('a') //=> !TypeError
String(new URLSearchParams(Object.create({ a: 1 }))) //=> 
String(new URLSearchParams(Object.defineProperty({ b: 1 }, 'a', { value: 1 }))) //=> b=1
String(new URLSearchParams({ '\ud800': 'a', '\ufffd': 'b' })) //=> %EF%BF%BD=b
String(new URLSearchParams(() => 0)) //=> 
String(new URLSearchParams(new (class A { x = 1 })())) //=> x=1
// Writing
String(new URLSearchParams({ a: ' *-._~!\'()' })) //=> a=+*-._%7E%21%27%28%29
String(new URLSearchParams({ 'é&=': '+%' })) //=> %C3%A9%26%3D=%2B%25
String(new URLSearchParams({ a: '\ud83d\ude00' })) //=> a=%F0%9F%98%80
String(new URLSearchParams({ a: '\ud83d' })) //=> a=%EF%BF%BD
String(new URLSearchParams({ a: '\r\n\t' })) //=> a=%0D%0A%09
// Reading
new URLSearchParams('a=1&a=2&b=3').get('a') //=> 1
new URLSearchParams('a=1').get('b') //=> null
new URLSearchParams('a=1&a=2&b=3').getAll('a') //=> ["1","2"]
new URLSearchParams('a=1').getAll('b') //=> []
new URLSearchParams('a=1').has('a') //=> true
new URLSearchParams('a=1').has('a', '1') //=> true
new URLSearchParams('a=1').has('a', '2') //=> false
new URLSearchParams('a=1').has('a', undefined) //=> true
new URLSearchParams('a=1&b=2&a=3').size //=> 3
new URLSearchParams('a=1').get() //=> !TypeError
new URLSearchParams('a=1').has() //=> !TypeError
new URLSearchParams('undefined=1').get(undefined) //=> 1
// Changing
(() => { const p = new URLSearchParams('a=1&a=2'); p.append('a', 3); return String(p) })() //=> a=1&a=2&a=3
(() => { const p = new URLSearchParams('a=1&b=2&a=3'); p.delete('a'); return String(p) })() //=> b=2
(() => { const p = new URLSearchParams('a=1&b=2&a=3'); p.delete('a', '3'); return String(p) })() //=> a=1&b=2
(() => { const p = new URLSearchParams('a=1&b=2&a=3'); p.delete('a', undefined); return String(p) })() //=> b=2
(() => { const p = new URLSearchParams('a=1&b=2&a=3'); p.set('a', 'x'); return String(p) })() //=> a=x&b=2
(() => { const p = new URLSearchParams('a=1'); p.set('b', 'x'); return String(p) })() //=> a=1&b=x
(() => { const p = new URLSearchParams('z=1&a=2&z=0&B=3'); p.sort(); return String(p) })() //=> B=3&a=2&z=1&z=0
(() => { const p = new URLSearchParams({ 'ﬃ': '', '🌈': '' }); p.sort(); return [...p.keys()].join() })() //=> 🌈,ﬃ
new URLSearchParams().append('a') //=> !TypeError
new URLSearchParams().set('a') //=> !TypeError
new URLSearchParams().delete() //=> !TypeError
// Walking
[...new URLSearchParams('a=1&b=2')] //=> [["a","1"],["b","2"]]
[...new URLSearchParams('a=1&b=2').keys()] //=> ["a","b"]
[...new URLSearchParams('a=1&b=2').values()] //=> ["1","2"]
[...new URLSearchParams('a=1&b=2').entries()] //=> [["a","1"],["b","2"]]
Object.prototype.toString.call(new URLSearchParams().keys()) //=> [object URLSearchParams Iterator]
Object.prototype.toString.call(new URLSearchParams()) //=> [object URLSearchParams]
new URLSearchParams()[Symbol.iterator] === new URLSearchParams().entries //=> true
Object.getPrototypeOf(Object.getPrototypeOf(new URLSearchParams().keys())) === Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) //=> true
new URLSearchParams('a=1').keys().next() //=> {"value":"a","done":false}
new URLSearchParams('').keys().next().done //=> true
(() => { const i = new URLSearchParams().keys(); return i[Symbol.iterator]() === i })() //=> true
new URLSearchParams().keys().next.call({}) //=> !TypeError
typeof new URLSearchParams().keys().constructor //=> function
(() => { const seen = []; const p = new URLSearchParams('a=1&b=2'); const receiver = {}; p.forEach(function (value, name, all) { seen.push(value, name, all === p, this === receiver) }, receiver); return seen })() //=> ["1","a",true,true,"2","b",true,true]
new URLSearchParams().forEach() //=> !TypeError
new URLSearchParams().forEach(5) //=> !TypeError
(() => { const p = new URLSearchParams('a=1'); const seen = []; for (const [k] of p) { seen.push(k); if (seen.length < 3) p.append('n', '') } return seen })() //=> ["a","n","n"]
Object.fromEntries(new URLSearchParams('a=1&b=2')) //=> {"a":"1","b":"2"}
URLSearchParams.prototype.get.call({}, 'a') //=> !TypeError
URLSearchParams.prototype.size //=> !TypeError
new Map(new URLSearchParams('a=1')).get('a') //=> 1
(() => { const p = new URLSearchParams(); for (let i = 0; i < 3000; i += 1) p.append('k' + i, 'v'); return [p.size, String(p).length] })() //=> [3000,22889]

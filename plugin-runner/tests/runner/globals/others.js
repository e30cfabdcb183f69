// Names
self === globalThis //=> true
Object.keys(globalThis).filter((name) => ['self', 'URL', 'crypto', 'navigator', 'Event', 'console', 'structuredClone', 'performance'].includes(name)) //=> []
navigator.userAgent.startsWith('Plughold/') //=> true
[navigator.language, navigator.languages.join(), navigator.hardwareConcurrency, navigator.platform] //=> ["en-US","en-US",1,"linux"]
Object.prototype.toString.call(navigator) //=> [object Navigator]
new Navigator() //=> !TypeError
navigator.nothing === undefined //=> true
Object.isFrozen(navigator.languages) //=> true
Navigator.prototype.userAgent //=> !TypeError
// Made when they are first used
typeof Object.getOwnPropertyDescriptor(globalThis, 'TextDecoder').get //=> function
TextDecoder.name //=> TextDecoder
(() => { const d = Object.getOwnPropertyDescriptor(globalThis, 'TextDecoder'); return [typeof d.value, d.writable, d.enumerable, d.configurable] })() //=> ["function",true,false,true]
(() => { const d = Object.getOwnPropertyDescriptor(globalThis, 'TextEncoder'); return [typeof d.value, d.writable, d.enumerable, d.configurable] })() //=> ["function",true,false,true]
(0, eval)('var URLSearchParams = 5; typeof URLSearchParams') //=> number
typeof URL //=> function
typeof URLSearchParams //=> number
(0, eval)('function CustomEvent() { return 7 } CustomEvent()') //=> 7
typeof Event //=> function
CustomEvent() //=> 7
delete globalThis.AbortController //=> true
typeof AbortController //=> undefined
typeof AbortSignal //=> function
typeof AbortController //=> undefined
'PerformanceEntry' in globalThis //=> true
delete globalThis.PerformanceEntry //=> true
'PerformanceEntry' in globalThis //=> false
(() => { 'use strict'; Crypto = 5; return Crypto })() //=> 5
typeof crypto //=> object
Crypto //=> 5
(() => { const child = Object.create(globalThis); child.PerformanceMark = 5; return [Object.keys(child), typeof PerformanceMark] })() //=> [["PerformanceMark"],"function"]
(() => { const { get } = Object.getOwnPropertyDescriptor(globalThis, 'structuredClone'); return [get.call(undefined) === structuredClone, get() === structuredClone] })() //=> [true,true]
(0, eval)('let navigator = 5; navigator') //=> 5
typeof globalThis.navigator //=> object
// queueMicrotask and reportError
new Promise((resolve) => queueMicrotask(() => resolve('ran'))) //=> ran
(() => { const seen = [1]; queueMicrotask(() => seen.push(2)); seen.push(3); return Promise.resolve().then(() => seen) })() //=> [1,3,2]
queueMicrotask() //=> !TypeError
queueMicrotask(5) //=> !TypeError
queueMicrotask.length //=> 1
new Promise((resolve) => { queueMicrotask(() => { throw new Error('micro') }); queueMicrotask(() => resolve('after')) }) //=> Uncaught Error{name: "Error", message: "micro" | after
reportError() //=> !TypeError
(() => { reportError(new Error('told')); return 'on' })() //=> Uncaught Error{name: "Error", message: "told" | on
(() => { reportError(5); return 'on' })() //=> Uncaught 5 | on
// What the language has
[typeof Symbol.dispose, typeof Symbol.asyncDispose] //=> ["symbol","symbol"]
(() => { const seen = []; { using x = { [Symbol.dispose]() { seen.push('disposed') } }; seen.push('used') } return seen })() //=> ["used","disposed"]
new Promise((resolve, reject) => setTimeout(() => resolve(typeof AbortSignal.timeout(1)), 0)) //=> object
// Call sites, as code for V8 asks for them
globalThis.sites = function sites() { Error.prepareStackTrace = (error, sites) => sites; const { stack } = new Error(); Error.prepareStackTrace = undefined; return stack }; 0 //=> 0
sites()[0].getFunctionName() //=> sites
[sites()[0].isEval(), sites()[0].isNative(), sites()[0].isToplevel(), sites()[0].isConstructor(), sites()[0].isAsync()] //=> [false,false,true,false,false]
[sites()[0].getThis(), sites()[0].getTypeName(), sites()[0].getMethodName(), sites()[0].getEvalOrigin()].map(String) //=> ["undefined","null","null","undefined"]
String(sites()[0]).startsWith('sites (') //=> true
Object.keys(Object.getPrototypeOf(sites()[0])) //=> []
typeof sites()[0].getScriptNameOrSourceURL() //=> string

// AbortController
Object.prototype.toString.call(new AbortController()) //=> [object AbortController]
AbortController() //=> !TypeError
[AbortController.length, AbortSignal.length, AbortController.prototype.abort.length] //=> [0,0,0]
new AbortController().signal.aborted //=> false
String(new AbortController().signal.reason) //=> undefined
(() => { const c = new AbortController(); return c.signal === c.signal })() //=> true
(() => { const c = new AbortController(); c.abort(); return [c.signal.aborted, c.signal.reason.name, c.signal.reason.code, c.signal.reason instanceof DOMException] })() //=> [true,"AbortError",20,true]
(() => { const c = new AbortController(); c.abort('why'); c.abort('again'); return c.signal.reason })() //=> why
(() => { const c = new AbortController(); c.abort(null); return c.signal.reason })() //=> null
AbortController.prototype.signal //=> !TypeError
AbortController.prototype.abort.call({}) //=> !TypeError
// AbortSignal
new AbortSignal() //=> !TypeError
AbortSignal() //=> !TypeError
new AbortController().signal instanceof EventTarget //=> true
Object.prototype.toString.call(AbortSignal.abort()) //=> [object AbortSignal]
AbortSignal.abort().aborted //=> true
AbortSignal.abort().reason.name //=> AbortError
AbortSignal.abort(5).reason //=> 5
AbortSignal.abort(undefined).reason.name //=> AbortError
AbortSignal.abort('why').throwIfAborted() //=> !why
AbortSignal.abort().throwIfAborted() //=> !AbortError
new AbortController().signal.throwIfAborted() //=> undefined
AbortSignal.prototype.throwIfAborted.call({}) //=> !TypeError
AbortSignal.prototype.aborted //=> !TypeError
Object.create(AbortSignal.prototype).aborted //=> !TypeError
new AbortController().signal.onabort //=> null
(() => { const s = new AbortController().signal; s.onabort = 5; return s.onabort })() //=> null
(() => { const s = new AbortController().signal; const f = () => 0; s.onabort = f; return s.onabort === f })() //=> true
(() => { const c = new AbortController(); const seen = []; c.signal.addEventListener('abort', () => seen.push(1)); c.signal.onabort = function (e) { seen.push(2, e.type, e.isTrusted, this === c.signal, e.target === c.signal) }; c.signal.addEventListener('abort', () => seen.push(3)); c.abort(); c.abort(); return seen })() //=> [1,2,"abort",true,true,true,3]
(() => { const c = new AbortController(); const seen = []; c.signal.onabort = () => seen.push(1); c.signal.addEventListener('abort', () => seen.push(2)); c.signal.onabort = () => seen.push('one'); c.abort(); return seen })() //=> ["one",2]
(() => { const c = new AbortController(); const seen = []; c.signal.onabort = () => seen.push(1); c.signal.onabort = null; c.abort(); return seen })() //=> []
(() => { const c = new AbortController(); const seen = []; c.signal.addEventListener('abort', () => { seen.push(c.signal.aborted) }); c.abort(); return seen })() //=> [true]
(() => { const c = new AbortController(); c.signal.onabort = () => { throw new Error('late') }; c.abort(); return c.signal.aborted })() //=> Uncaught Error{name: "Error", message: "late" | true
// timeout
AbortSignal.timeout() //=> !TypeError
AbortSignal.timeout(-1) //=> !TypeError
AbortSignal.timeout(NaN) //=> !TypeError
AbortSignal.timeout(Infinity) //=> !TypeError
AbortSignal.timeout(5).aborted //=> false
new Promise((resolve) => { const s = AbortSignal.timeout(0); s.onabort = () => resolve([s.aborted, s.reason.name, s.reason.code]) }) //=> [true,"TimeoutError",23]
// any
AbortSignal.any() //=> !TypeError
AbortSignal.any(5) //=> !TypeError
AbortSignal.any([5]) //=> !TypeError
AbortSignal.any([]).aborted //=> false
AbortSignal.any([AbortSignal.abort(1), AbortSignal.abort(2)]).reason //=> 1
AbortSignal.any(new Set([AbortSignal.abort(3)])).reason //=> 3
(() => { const a = new AbortController(); const b = new AbortController(); const s = AbortSignal.any([a.signal, b.signal]); b.abort('b'); a.abort('a'); return [s.aborted, s.reason] })() //=> [true,"b"]
(() => { const a = new AbortController(); const s = AbortSignal.any([AbortSignal.any([a.signal])]); const seen = []; s.onabort = () => seen.push('s'); a.signal.onabort = () => seen.push('a'); a.abort(); return seen })() //=> ["a","s"]
(() => { const a = new AbortController(); let seen = 0; (() => { AbortSignal.any([a.signal]).onabort = () => { seen += 1 } })(); for (let i = 0; i < 100; i += 1) AbortSignal.any([a.signal]); a.abort(); return seen })() //=> 1
(() => { const a = new AbortController(); const s = AbortSignal.any([a.signal, a.signal]); let n = 0; s.onabort = () => n++; a.abort(); return n })() //=> 1
(() => { const a = new AbortController(); const s = AbortSignal.any([a.signal]); let inner; a.signal.onabort = () => { inner = s.aborted }; a.abort(); return inner })() //=> true

// Reading
globalThis.all = async (stream) => { const out = []; for await (const chunk of stream) out.push(chunk); return out }
globalThis.tick = () => new Promise((resolve) => setTimeout(resolve))
globalThis.fails = async (promise) => { try { return `fine: ${await promise}` } catch (error) { return error instanceof Error ? error.name : String(error) } }
globalThis.held = () => { let controller; const stream = new ReadableStream({ start(c) { controller = c } }); return { stream, controller } }
all(new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close() } })) //=> [1,2]
new ReadableStream().getReader().read() instanceof Promise //=> true
(async () => { const r = ReadableStream.from([7]).getReader(); const one = await r.read(); return [Object.keys(one), one, await r.read()] })() //=> [["value","done"],{"value":7,"done":false},{"done":true}]
(() => { const { stream } = held(); const a = stream.getReader(); return stream.locked && !held().stream.locked })() //=> true
(() => { const { stream } = held(); stream.getReader(); return stream.getReader() })() //=> !TypeError
(() => { const { stream } = held(); stream.getReader(); return fails(stream.cancel()) })() //=> TypeError
(() => { const { stream } = held(); const r = stream.getReader(); r.releaseLock(); r.releaseLock(); return stream.locked })() //=> false
(async () => { const { stream, controller } = held(); const r = stream.getReader(); const reads = [r.read(), r.read()]; controller.enqueue('a'); controller.enqueue('b'); return (await Promise.all(reads)).map((x) => x.value) })() //=> ["a","b"]

// The order of start and pull
(async () => { const log = []; new ReadableStream({ start() { log.push('start') }, pull() { log.push('pull') } }); log.push('made'); await tick(); return log })() //=> ["start","made","pull"]
(async () => { const log = []; let go; new ReadableStream({ start() { return new Promise((r) => { go = r }) }, pull() { log.push('pull') } }).getReader().read(); await tick(); log.push('go'); go(); await tick(); return log })() //=> ["go","pull"]
(async () => { const log = []; const s = new ReadableStream({ start() { return Promise.reject('bad') }, pull() { log.push('pull') } }); return [await fails(s.getReader().read()), log] })() //=> ["bad",[]]
(async () => { const log = []; const s = new ReadableStream({ start(c) { c.enqueue(1) }, pull() { log.push('pull') } }); await tick(); const full = log.length; const r = s.getReader(); await r.read(); await tick(); return [full, log.length] })() //=> [0,1]
(async () => { let pulls = 0; let go; const s = new ReadableStream({ pull(c) { pulls += 1; c.enqueue(pulls); return new Promise((r) => { go = r }) } }, { highWaterMark: 0 }); const r = s.getReader(); const two = [r.read(), r.read()]; await tick(); const before = pulls; go(); await Promise.all(two); return [before, pulls] })() //=> [1,2]
(async () => { let pulls = 0; const s = new ReadableStream({ async pull() { pulls += 1; await tick() } }); s.getReader().read(); await tick(); await tick(); await tick(); return pulls })() //=> 1
(async () => { let pulls = 0; new ReadableStream({ pull(c) { pulls += 1; c.enqueue(1); c.enqueue(2) } }, { highWaterMark: 5 }); await tick(); return pulls })() //=> 3
(async () => { let pulls = 0; new ReadableStream({ pull(c) { pulls += 1; c.close() } }, { highWaterMark: 5 }); await tick(); return pulls })() //=> 1
(async () => { const log = []; const s = new ReadableStream({ pull(c) { log.push(c.desiredSize); c.enqueue('x') } }, { highWaterMark: 3 }); await tick(); return log })() //=> [3,2,1]
(async () => { const s = new ReadableStream({ pull() { throw new RangeError('no') } }); return fails(s.getReader().read()) })() //=> RangeError
(async () => { const s = new ReadableStream({ pull() { throw new RangeError('no') } }); return fails(s.getReader().closed) })() //=> RangeError
(async () => { let self; const source = { start() { self = [this === source] }, pull(c) { self.push(this === source); c.close() }, cancel() { self.push(this === source) } }; const s = new ReadableStream(source, { highWaterMark: 0 }); await s.getReader().read(); await new ReadableStream(source, { highWaterMark: 0 }).cancel(); return self })() //=> [true,true]
(async () => { let order = []; const s = new ReadableStream({ pull(c) { c.enqueue('x'); order.push('pulled') } }, { highWaterMark: 0 }); await s.getReader().read().then(() => order.push('read')); return order })() //=> ["pulled","read"]

// What a source may say
(() => { const { controller } = held(); controller.close(); return controller.enqueue(1) })() //=> !TypeError
(() => { const { controller } = held(); controller.close(); return controller.close() })() //=> !TypeError
(() => { const { controller } = held(); controller.error(1); return controller.enqueue(1) })() //=> !TypeError
(() => { const { controller } = held(); controller.error(1); return controller.close() })() //=> !TypeError
(() => { const { controller } = held(); controller.error(1); return String([controller.error(2), controller.desiredSize]) })() //=> ,
(async () => { const { stream, controller } = held(); controller.error('first'); controller.error('second'); return fails(stream.getReader().read()) })() //=> first
(async () => { const { stream, controller } = held(); controller.close(); controller.error('late'); return (await stream.getReader().read()).done })() //=> true
(async () => { const { stream, controller } = held(); controller.enqueue(1); controller.close(); const was = controller.desiredSize; controller.error('late'); return [was, await fails(stream.getReader().read())] })() //=> [0,"late"]
(async () => { const { stream, controller } = held(); controller.enqueue(1); controller.error('late'); return fails(stream.getReader().read()) })() //=> late
(() => { const { controller } = held(); const sizes = [controller.desiredSize]; controller.enqueue(1); sizes.push(controller.desiredSize); controller.enqueue(1); sizes.push(controller.desiredSize); controller.close(); sizes.push(controller.desiredSize); return sizes })() //=> [1,0,-1,-1]
(async () => { const { stream, controller } = held(); controller.enqueue(); return (await stream.getReader().read()).value })() //=> undefined

// Strategies
(() => { new ReadableStream({ start(c) { c.enqueue(1) } }, { size: () => NaN }) })() //=> !RangeError
(() => { new ReadableStream({ start(c) { c.enqueue(1) } }, { size: () => Infinity }) })() //=> !RangeError
(() => { new ReadableStream({ start(c) { c.enqueue(1) } }, { size() { throw new SyntaxError('size') } }) })() //=> !SyntaxError
(async () => { let c; const s = new ReadableStream({ start(it) { c = it } }, { size() { throw new SyntaxError('size') } }); try { c.enqueue(1) } catch {} return fails(s.getReader().read()) })() //=> SyntaxError
(async () => { let c; const s = new ReadableStream({ start(it) { c = it } }, { size() { c.close(); return 1 } }); c.enqueue(1); return (await s.getReader().read()).done })() //=> true
(async () => { let c; const s = new ReadableStream({ start(it) { c = it } }, { size() { c.error('gone'); return 1 } }); c.enqueue(1); return fails(s.getReader().read()) })() //=> gone
(() => { 'use strict'; let self; new ReadableStream({ start(c) { c.enqueue('x') } }, { size(...args) { self = [this === undefined, ...args]; return 1 } }); return self })() //=> [true,"x"]
(() => { let c; const s = new ReadableStream({ start(it) { c = it } }, { highWaterMark: '5' }); return c.desiredSize })() //=> 5
(() => { let c; const s = new ReadableStream({ start(it) { c = it } }, null); return c.desiredSize })() //=> 1
(() => { let c; const s = new ReadableStream({ start(it) { c = it } }, { highWaterMark: Infinity }); return c.desiredSize })() //=> Infinity
new ReadableStream({}, { highWaterMark: NaN }) //=> !RangeError
new ReadableStream({}, { highWaterMark: -1 }) //=> !RangeError
new ReadableStream({}, { size: 1 }) //=> !TypeError
new ReadableStream({}, 5) //=> !TypeError
new ReadableStream(null) //=> !TypeError
new ReadableStream(5) //=> !TypeError
new ReadableStream({ pull: {} }) //=> !TypeError
new ReadableStream({ type: 'nonsense' }) //=> !TypeError
(() => { const log = []; const spy = (name) => new Proxy({}, { get: (_, key) => { log.push(`${name}.${String(key)}`) } }); new ReadableStream(spy('source'), spy('strategy')); return log.filter((x) => x !== 'source.autoAllocateChunkSize') })() //=> ["strategy.highWaterMark","strategy.size","source.cancel","source.pull","source.start","source.type"]
[new CountQueuingStrategy({ highWaterMark: 3 }).highWaterMark, new CountQueuingStrategy({ highWaterMark: 3 }).size([1, 2])] //=> [3,1]
[new ByteLengthQueuingStrategy({ highWaterMark: '4' }).highWaterMark, new ByteLengthQueuingStrategy({ highWaterMark: 3 }).size({ byteLength: 9 })] //=> [4,9]
new CountQueuingStrategy({ highWaterMark: 1 }).size === new CountQueuingStrategy({ highWaterMark: 2 }).size //=> true
[new CountQueuingStrategy({ highWaterMark: 1 }).size.length, new ByteLengthQueuingStrategy({ highWaterMark: 1 }).size.length, new CountQueuingStrategy({ highWaterMark: 1 }).size.name] //=> [0,1,"size"]
new CountQueuingStrategy() //=> !TypeError
new ByteLengthQueuingStrategy({}) //=> !TypeError
Reflect.get(CountQueuingStrategy.prototype, 'size', {}) //=> !TypeError
new (new CountQueuingStrategy({ highWaterMark: 1 }).size)() //=> !TypeError
(async () => { let c; const s = new ReadableStream({ start(it) { c = it } }, { size: (x) => x, highWaterMark: 1 }); const r = s.getReader(); c.enqueue(0.1); c.enqueue(0.2); c.enqueue(0.3); await r.read(); await r.read(); await r.read(); return c.desiredSize })() //=> 0.9999999999999999

// Cancelling
(async () => { let why; const s = new ReadableStream({ cancel(reason) { why = reason; return 'ignored' } }); return [String(await s.cancel('enough')), why] })() //=> ["undefined","enough"]
(async () => { const s = new ReadableStream({ cancel() { throw new EvalError('no') } }); return fails(s.cancel()) })() //=> EvalError
(async () => { const s = new ReadableStream({ cancel: () => Promise.reject('no') }); return [await fails(s.cancel()), (await s.getReader().read()).done] })() //=> ["no",true]
(async () => { let count = 0; const s = new ReadableStream({ cancel() { count += 1 } }); await s.cancel(); await s.cancel(); return count })() //=> 1
(async () => { const { stream, controller } = held(); controller.error('bad'); return fails(stream.cancel()) })() //=> bad
(async () => { const s = new ReadableStream({ cancel: () => new Promise(() => {}) }); const r = s.getReader(); const read = r.read(); r.cancel(); return [(await read).done, String(await r.closed)] })() //=> [true,"undefined"]
(async () => { const { stream, controller } = held(); controller.enqueue(1); await stream.cancel(); return [(await stream.getReader().read()).done, controller.desiredSize] })() //=> [true,0]
(async () => { const { stream, controller } = held(); await stream.cancel(); return controller.enqueue(1) })() //=> !TypeError
(async () => { const log = []; const s = new ReadableStream({ pull: () => tick(), cancel() { log.push('cancel') } }); await Promise.resolve(); await s.cancel(); await tick(); return log })() //=> ["cancel"]
fails(ReadableStream.prototype.cancel.call({})) //=> TypeError

// The promise that a reader is closed
(async () => { const { stream, controller } = held(); const r = stream.getReader(); const log = []; r.closed.then(() => log.push('closed')); const read = r.read().then(() => log.push('read')); controller.close(); await read; return log })() //=> ["closed","read"]
(async () => { const { stream, controller } = held(); const r = stream.getReader(); return r.closed === r.closed })() //=> true
(async () => { const { stream, controller } = held(); const r = stream.getReader(); const before = r.closed; r.releaseLock(); return [before === r.closed, await fails(before)] })() //=> [true,"TypeError"]
(async () => { const { stream, controller } = held(); const r = stream.getReader(); controller.close(); const before = r.closed; await before; r.releaseLock(); return [before === r.closed, await fails(r.closed)] })() //=> [false,"TypeError"]
(async () => { const { stream, controller } = held(); controller.enqueue(1); controller.close(); const r = stream.getReader(); let closed = false; r.closed.then(() => { closed = true }); await tick(); const before = closed; await r.read(); await tick(); return [before, closed] })() //=> [false,true]
fails(Object.getOwnPropertyDescriptor(ReadableStreamDefaultReader.prototype, 'closed').get.call({})) //=> TypeError

// Releasing
(async () => { const { stream, controller } = held(); const r = stream.getReader(); const reads = [fails(r.read()), fails(r.read())]; r.releaseLock(); controller.enqueue('kept'); return [...await Promise.all(reads), (await stream.getReader().read()).value] })() //=> ["TypeError","TypeError","kept"]
(async () => { const { stream } = held(); const r = stream.getReader(); r.releaseLock(); return [await fails(r.read()), await fails(r.cancel()), await fails(r.closed)] })() //=> ["TypeError","TypeError","TypeError"]
(() => { const { stream } = held(); stream.getReader().releaseLock(); return stream.getReader() !== undefined })() //=> true
ReadableStreamDefaultReader.prototype.releaseLock.call({}) //=> !TypeError
new ReadableStreamDefaultReader({}) //=> !TypeError
new ReadableStreamDefaultController() //=> !TypeError
(() => { const { stream } = held(); stream.getReader(5) })() //=> !TypeError
(() => { const { stream } = held(); stream.getReader({ mode: 'byob' }) })() //=> !TypeError
(() => { const { stream } = held(); stream.getReader({ mode: 'nonsense' }) })() //=> !TypeError
(() => { const { stream } = held(); return stream.getReader(null) instanceof ReadableStreamDefaultReader })() //=> true

// Async iteration
(async () => { let why = 'none'; const s = new ReadableStream({ pull(c) { c.enqueue(1) }, cancel(reason) { why = String(reason) } }); for await (const x of s) break; return [why, s.locked] })() //=> ["undefined",false]
(async () => { let why = 'none'; const s = new ReadableStream({ pull(c) { c.enqueue(1) }, cancel(reason) { why = reason } }); const i = s.values(); const out = await i.return('bye'); return [why, out, s.locked] })() //=> ["bye",{"value":"bye","done":true},false]
(async () => { let why = 'none'; const s = new ReadableStream({ pull(c) { c.enqueue(1) }, cancel(reason) { why = reason } }); const i = s.values({ preventCancel: true }); await i.return('bye'); return [why, s.locked, (await s.getReader().read()).value] })() //=> ["none",false,1]
(async () => { const s = new ReadableStream({ pull(c) { c.enqueue(1) }, cancel() { throw 'no' } }); return fails(s.values().return()) })() //=> no
(async () => { const s = ReadableStream.from([1, 2]); for await (const x of s) { if (x === 2) break } return s.locked })() //=> false
(async () => { const { stream, controller } = held(); const i = stream.values(); const got = [i.next(), i.next(), i.return('x')]; controller.enqueue(1); controller.enqueue(2); return Promise.all(got) })() //=> [{"value":1,"done":false},{"value":2,"done":false},{"value":"x","done":true}]
(async () => { const i = ReadableStream.from([]).values(); return [await i.next(), await i.next(), await i.return(5)] })() //=> [{"done":true},{"done":true},{"value":5,"done":true}]
(async () => { const { stream, controller } = held(); controller.error('bad'); const i = stream.values(); return [await fails(i.next()), await i.next(), stream.locked] })() //=> ["bad",{"done":true},false]
(async () => { const { stream, controller } = held(); const i = stream.values(); const first = i.next(); controller.error('bad'); return [await fails(first), await i.return(1)] })() //=> ["bad",{"value":1,"done":true}]
(() => { const { stream } = held(); stream.values(); return stream.locked })() //=> true
(() => { const { stream } = held(); stream.getReader(); return stream.values() })() //=> !TypeError
ReadableStream.prototype[Symbol.asyncIterator] === ReadableStream.prototype.values //=> true
Object.getPrototypeOf(Object.getPrototypeOf(held().stream.values())) === Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype)) //=> true
(() => { const i = held().stream.values(); return fails(Object.getPrototypeOf(i).next.call({})) })() //=> TypeError
(() => { const i = held().stream.values(); return [i[Symbol.asyncIterator]() === i, 'throw' in i, Object.hasOwn(Object.getPrototypeOf(i), 'constructor')] })() //=> [true,false,false]

// from()
all(ReadableStream.from([1, Promise.resolve(2)])) //=> [1,2]
all(ReadableStream.from('ab')) //=> ["a","b"]
all(ReadableStream.from(new Set([1, 2]))) //=> [1,2]
all(ReadableStream.from((function* () { yield 1; yield 2 })())) //=> [1,2]
all(ReadableStream.from((async function* () { yield 1; yield Promise.resolve(2) })())) //=> [1,2]
all(ReadableStream.from(ReadableStream.from([1, 2]))) //=> [1,2]
all(ReadableStream.from({ [Symbol.asyncIterator]: () => ({ n: 0, next() { this.n += 1; return { done: this.n === 3, value: this.n } } }) })) //=> [1,2]
all(ReadableStream.from({ [Symbol.asyncIterator]: null, [Symbol.iterator]: () => [5][Symbol.iterator]() })) //=> [5]
ReadableStream.from({}) //=> !TypeError
ReadableStream.from(null) //=> !TypeError
ReadableStream.from({ [Symbol.iterator]: () => 5 }) //=> !TypeError
ReadableStream.from({ [Symbol.iterator]() { throw new EvalError('no') } }) //=> !EvalError
(async () => { let nexts = 0; const s = ReadableStream.from({ [Symbol.iterator]: () => ({ next() { nexts += 1; return { value: nexts } } }) }); await tick(); const before = nexts; await s.getReader().read(); await tick(); return [before, nexts] })() //=> [0,1]
(async () => { const log = []; const s = ReadableStream.from((async function* () { try { yield 1; yield 2 } finally { log.push('end') } })()); const r = s.getReader(); await r.read(); await r.cancel('why'); return log })() //=> ["end"]
(async () => { let why; const s = ReadableStream.from({ [Symbol.asyncIterator]: () => ({ next: () => ({}), return(reason) { why = reason; return {} } }) }); return [String(await s.cancel('why')), why] })() //=> ["undefined","why"]
(async () => { const s = ReadableStream.from({ [Symbol.asyncIterator]: () => ({ next: () => ({}), return: () => 5 }) }); return fails(s.cancel('why')) })() //=> TypeError
(async () => { const s = ReadableStream.from({ [Symbol.asyncIterator]: () => ({ next: () => ({}), return() { throw new EvalError('no') } }) }); return fails(s.cancel('why')) })() //=> EvalError
(async () => { const s = ReadableStream.from({ [Symbol.asyncIterator]: () => ({ next: () => ({}), return: 5 }) }); return fails(s.cancel('why')) })() //=> TypeError
(async () => { const s = ReadableStream.from({ [Symbol.asyncIterator]: () => ({ next() { throw new EvalError('no') } }) }); return fails(s.getReader().read()) })() //=> EvalError
(async () => { const s = ReadableStream.from({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject('no') }) }); return fails(s.getReader().read()) })() //=> no
(async () => { const s = ReadableStream.from({ [Symbol.asyncIterator]: () => ({ next: () => 5 }) }); return fails(s.getReader().read()) })() //=> TypeError
(async () => { const s = ReadableStream.from({ [Symbol.iterator]: () => ({ next: () => ({ get done() { throw new EvalError('no') } }) }) }); return fails(s.getReader().read()) })() //=> EvalError
(async () => { const s = ReadableStream.from({ [Symbol.iterator]: () => ({ next: () => ({ value: 1, then(resolve) { resolve({ value: 'asked' }) } }) }) }); return (await s.getReader().read()).value })() //=> 1
(async () => { const s = ReadableStream.from([Promise.reject('no')]); return fails(s.getReader().read()) })() //=> no

// Two branches
(async () => { const [a, b] = ReadableStream.from([1, 2]).tee(); return [await all(a), await all(b)] })() //=> [[1,2],[1,2]]
(async () => { const s = ReadableStream.from([1]); s.tee(); return s.locked })() //=> true
(async () => { let pulls = 0; const s = new ReadableStream({ pull(c) { pulls += 1; c.enqueue(pulls) } }, { highWaterMark: 0 }); const [a, b] = s.tee(); const now = pulls; await tick(); return [now, pulls] })() //=> [0,1]
(async () => { let pulls = 0; const s = new ReadableStream({ pull(c) { pulls += 1; c.enqueue(pulls) } }, { highWaterMark: 0 }); const [a, b] = s.tee(); const r = a.getReader(); await r.read(); await r.read(); await r.read(); await tick(); const ahead = pulls; const other = b.getReader(); return [ahead, (await other.read()).value, (await other.read()).value] })() //=> [4,1,2]
(async () => { const { stream, controller } = held(); const [a, b] = stream.tee(); const chunk = {}; const reads = [a.getReader().read(), b.getReader().read()]; controller.enqueue(chunk); const [x, y] = await Promise.all(reads); return [x.value === chunk, y.value === chunk] })() //=> [true,true]
(async () => { const { stream, controller } = held(); const [a, b] = stream.tee(); controller.error('bad'); return [await fails(a.getReader().read()), await fails(b.getReader().closed)] })() //=> ["bad","bad"]
(async () => { const { stream, controller } = held(); const [a, b] = stream.tee(); controller.enqueue(1); controller.close(); return [await all(a), await all(b)] })() //=> [[1],[1]]
(async () => { let why; const s = new ReadableStream({ cancel(reason) { why = reason } }); const [a, b] = s.tee(); const first = a.cancel('x'); await tick(); const before = why === undefined; await b.cancel('y'); await first; return [before, why] })() //=> [true,["x","y"]]
(async () => { const s = new ReadableStream({ cancel() { throw 'no' } }); const [a, b] = s.tee(); const first = fails(a.cancel()); return [await fails(b.cancel()), await first] })() //=> ["no","no"]
(async () => { const { stream, controller } = held(); const [a, b] = stream.tee(); a.cancel(); controller.enqueue(1); controller.close(); return [await all(a), await all(b)] })() //=> [[],[1]]
(async () => { const { stream, controller } = held(); const [a, b] = stream.tee(); const left = a.cancel(); controller.close(); await all(b); return String(await left) })() //=> undefined
(() => { const { stream } = held(); stream.getReader(); return stream.tee() })() //=> !TypeError

// What the classes look like
Object.prototype.toString.call(new ReadableStream()) //=> [object ReadableStream]
Object.prototype.toString.call(new ReadableStream().getReader()) //=> [object ReadableStreamDefaultReader]
Object.prototype.toString.call(held().controller) //=> [object ReadableStreamDefaultController]
Object.prototype.toString.call(held().stream.values()) //=> [object ReadableStream AsyncIterator]
[ReadableStream.length, ReadableStream.from.length, ReadableStreamDefaultReader.length, ReadableStream.prototype.getReader.length, ReadableStream.prototype.cancel.length] //=> [0,1,1,0,0]
[ReadableStreamDefaultController.prototype.enqueue.length, ReadableStreamDefaultReader.prototype.cancel.length, CountQueuingStrategy.length] //=> [0,0,1]
Object.keys(ReadableStreamDefaultReader.prototype).sort() //=> ["cancel","closed","read","releaseLock"]
Object.keys(ReadableStreamDefaultController.prototype).sort() //=> ["close","desiredSize","enqueue","error"]
(() => { class Mine extends ReadableStream { own() { return this.locked } } const s = new Mine({ start(c) { c.close() } }); return [s instanceof Mine, s.own(), s.getReader() instanceof ReadableStreamDefaultReader] })() //=> [true,false,true]
ReadableStream() //=> !TypeError

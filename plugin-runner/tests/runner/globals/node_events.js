var EventEmitter = require('events')
(() => { const e = new EventEmitter(); const seen = []; e.on('a', (x) => seen.push('on' + x)); e.once('a', (x) => seen.push('once' + x)); e.prependListener('a', (x) => seen.push('first' + x)); return [e.emit('a', 1), e.emit('a', 2), e.emit('b'), seen] })() //=> [true,true,false,["first1","on1","once1","first2","on2"]]
(() => { const e = new EventEmitter(); const f = () => {}; e.on('a', f); e.off('a', f); return [e.listenerCount('a'), e.eventNames()] })() //=> [0,[]]
(() => { const e = new EventEmitter(); e.on('newListener', (type) => { e.log = type }); e.on('x', () => {}); return e.log })() //=> x
(() => { const e = new EventEmitter(); e.on('removeListener', (type) => { e.log = type }); const f = () => {}; e.once('x', f); e.removeListener('x', f); return e.log })() //=> x
(() => { const e = new EventEmitter(); try { e.emit('error', new RangeError('x')) } catch (x) { return [x.name, x.message] } })() //=> ["RangeError","x"]
(() => { const e = new EventEmitter(); try { e.emit('error', 'text') } catch (x) { return [x.code, x.message, x.context] } })() //=> ["ERR_UNHANDLED_ERROR","Unhandled error. ('text')","text"]
(() => { const e = new EventEmitter(); e.on('a', function () { this.self = this === e }); e.emit('a'); return e.self })() //=> true
(() => { const e = new EventEmitter(); const seen = []; e.on('a', () => { seen.push(1); e.on('a', () => seen.push(2)) }); e.emit('a'); return seen })() //=> [1]
(() => { function Old() { EventEmitter.call(this) } require('util').inherits(Old, EventEmitter); const o = new Old(); o.on('x', () => { o.hit = 1 }); o.emit('x'); return [o.hit, o instanceof EventEmitter, Old.super_ === EventEmitter] })() //=> [1,true,true]
(() => { class New extends EventEmitter { constructor() { super(); this.on('x', (a, b) => { this.sum = a + b }) } } const n = new New(); n.emit('x', 1, 2); return n.sum })() //=> 3
(() => { const e = Object.assign({}, EventEmitter.prototype); e.on('x', () => { e.hit = true }); e.emit('x'); return e.hit })() //=> true
(async () => { const e = new EventEmitter(); setTimeout(() => e.emit('x', 1, 2), 1); return await EventEmitter.once(e, 'x') })() //=> [1,2]
(async () => { const e = new EventEmitter(); setTimeout(() => e.emit('error', new TypeError('no')), 1); return await EventEmitter.once(e, 'x') })() //=> !TypeError
(async () => { const e = new EventEmitter(); setTimeout(() => { e.emit('x', 1); e.emit('x', 2) }, 1); const seen = []; for await (const [v] of EventEmitter.on(e, 'x')) { seen.push(v); if (v === 2) break } return [seen, e.listenerCount('x')] })() //=> [[1,2],0]
(async () => { const c = new AbortController(); const p = EventEmitter.once(new EventEmitter(), 'x', { signal: c.signal }); c.abort(); try { await p } catch (e) { return [e.name, e.code] } })() //=> ["AbortError","ABORT_ERR"]
[EventEmitter.defaultMaxListeners, new EventEmitter().getMaxListeners(), new EventEmitter().setMaxListeners(3).getMaxListeners()] //=> [10,10,3]
(() => { try { new EventEmitter().on('x', 5) } catch (e) { return [e.name, e.code, e.message] } })() //=> ["TypeError","ERR_INVALID_ARG_TYPE","The \"listener\" argument must be of type function. Received type number (5)"]
(() => { const e = new EventEmitter(); const f = () => {}; e.once('x', f); return [e.listeners('x')[0] === f, e.rawListeners('x')[0] === f, e.rawListeners('x')[0].listener === f] })() //=> [true,false,true]
(() => { const e = new EventEmitter(); e.on('a', () => {}); e.on('b', () => {}); e.removeAllListeners('a'); return [e.eventNames(), e.removeAllListeners().eventNames()] })() //=> [["b"],[]]
EventEmitter.EventEmitter === EventEmitter && require('node:events') === EventEmitter //=> true
(() => { const t = new EventTarget(); setTimeout(() => t.dispatchEvent(new Event('x')), 1); return EventEmitter.once(t, 'x').then(([e]) => e.type) })() //=> x

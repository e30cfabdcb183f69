// Event
new Event('x').type //=> x
new Event(5).type //=> 5
new Event() //=> !TypeError
Event('x') //=> !TypeError
new Event('x', 5) //=> !TypeError
new Event('x', null).bubbles //=> false
(() => { const e = new Event('x', { bubbles: true, cancelable: 1, composed: 'a' }); return [e.bubbles, e.cancelable, e.composed] })() //=> [true,true,true]
(() => { const e = new Event('x'); return [e.target, e.currentTarget, e.srcElement, e.eventPhase, e.isTrusted, e.defaultPrevented] })() //=> [null,null,null,0,false,false]
Object.prototype.toString.call(new Event('x')) //=> [object Event]
Event.prototype.type //=> !TypeError
Object.keys(new Event('x')) //=> ["isTrusted"]
Object.getOwnPropertyDescriptor(new Event('x'), 'isTrusted').configurable //=> false
[Event.NONE, Event.CAPTURING_PHASE, Event.AT_TARGET, new Event('x').BUBBLING_PHASE] //=> [0,1,2,3]
[Event.length, Event.name, EventTarget.length, CustomEvent.length] //=> [1,"Event",0,1]
typeof new Event('x').timeStamp //=> number
(() => { const e = new Event('x'); e.preventDefault(); return e.defaultPrevented })() //=> false
(() => { const e = new Event('x', { cancelable: true }); e.preventDefault(); return [e.defaultPrevented, e.returnValue] })() //=> [true,false]
(() => { const e = new Event('x', { cancelable: true }); e.returnValue = false; return e.defaultPrevented })() //=> true
(() => { const e = new Event('x'); e.initEvent('y', true, true); return [e.type, e.bubbles, e.cancelable] })() //=> ["y",true,true]
new Event('x').composedPath() //=> []
new Event(Symbol()) //=> !TypeError
(() => { 'use strict'; new Event('x').type = 1 })() //=> !TypeError
Object.getOwnPropertyDescriptor(Event.prototype, 'preventDefault').enumerable //=> true
Object.getOwnPropertyDescriptor(Event.prototype, 'type').enumerable //=> true
Object.getOwnPropertyDescriptor(Event.prototype, 'constructor').enumerable //=> false
Object.getOwnPropertyDescriptor(Event, 'prototype').writable //=> false
(() => { class Mine extends Event { constructor() { super('mine') } } return [new Mine().type, new Mine() instanceof Event] })() //=> ["mine",true]
// CustomEvent and its like
new CustomEvent('x').detail //=> null
new CustomEvent('x', { detail: 0 }).detail //=> 0
new CustomEvent('x', { detail: [1] }).detail //=> [1]
Object.prototype.toString.call(new CustomEvent('x')) //=> [object CustomEvent]
(() => { const e = new CustomEvent('x'); e.initCustomEvent('y', true, false, 7); return [e.type, e.bubbles, e.detail] })() //=> ["y",true,7]
new CustomEvent() //=> !TypeError
CustomEvent.prototype.initCustomEvent.call(new Event('x'), 'y') //=> !TypeError
(() => { const e = new ErrorEvent('error', { message: 'm', filename: 'f', lineno: 3, colno: 4, error: 5 }); return [e.message, e.filename, e.lineno, e.colno, e.error] })() //=> ["m","f",3,4,5]
(() => { const e = new ErrorEvent('error'); return [e.message, e.filename, e.lineno, e.colno, String(e.error)] })() //=> ["","",0,0,"undefined"]
new PromiseRejectionEvent('x') //=> !TypeError
new PromiseRejectionEvent('x', {}) //=> !TypeError
(() => { const promise = Promise.resolve(); const e = new PromiseRejectionEvent('x', { promise, reason: 1 }); return [e.promise === promise, e.reason] })() //=> [true,1]
// EventTarget
Object.prototype.toString.call(new EventTarget()) //=> [object EventTarget]
EventTarget() //=> !TypeError
new EventTarget().addEventListener('x') //=> !TypeError
new EventTarget().addEventListener('x', 5) //=> !TypeError
new EventTarget().addEventListener('x', null) //=> undefined
new EventTarget().removeEventListener('x', null) //=> undefined
new EventTarget().dispatchEvent({ type: 'x' }) //=> !TypeError
EventTarget.prototype.addEventListener.call({}, 'x', () => 0) //=> !TypeError
(() => { const t = new EventTarget(); const seen = []; t.addEventListener('x', function (e) { seen.push(e.type, this === t, e.target === t, e.currentTarget === t, e.eventPhase, e.composedPath().length) }); t.dispatchEvent(new Event('x')); return seen })() //=> ["x",true,true,true,2,1]
(() => { const t = new EventTarget(); let n = 0; const f = () => n++; t.addEventListener('x', f); t.addEventListener('x', f); t.addEventListener('x', f, true); t.dispatchEvent(new Event('x')); return n })() //=> 2
(() => { const t = new EventTarget(); const seen = []; t.addEventListener('x', () => seen.push('up')); t.addEventListener('x', () => seen.push('down'), true); t.dispatchEvent(new Event('x')); return seen })() //=> ["down","up"]
(() => { const t = new EventTarget(); let n = 0; t.addEventListener('x', () => n++, { once: true }); t.dispatchEvent(new Event('x')); t.dispatchEvent(new Event('x')); return n })() //=> 1
(() => { const t = new EventTarget(); let n = 0; const f = () => n++; t.addEventListener('x', f, { capture: true }); t.removeEventListener('x', f); t.dispatchEvent(new Event('x')); t.removeEventListener('x', f, true); t.dispatchEvent(new Event('x')); return n })() //=> 1
(() => { const t = new EventTarget(); const seen = []; t.addEventListener('x', { handleEvent(e) { seen.push(e.type, typeof this.handleEvent) } }); t.dispatchEvent(new Event('x')); return seen })() //=> ["x","function"]
(() => { const t = new EventTarget(); t.addEventListener('x', (e) => e.preventDefault()); return [t.dispatchEvent(new Event('x')), t.dispatchEvent(new Event('x', { cancelable: true }))] })() //=> [true,false]
(() => { const t = new EventTarget(); t.addEventListener('x', (e) => e.preventDefault(), { passive: true }); return t.dispatchEvent(new Event('x', { cancelable: true })) })() //=> true
(() => { const t = new EventTarget(); const seen = []; t.addEventListener('x', (e) => { seen.push(1); e.stopImmediatePropagation() }); t.addEventListener('x', () => seen.push(2)); t.dispatchEvent(new Event('x')); return seen })() //=> [1]
(() => { const t = new EventTarget(); const seen = []; t.addEventListener('x', (e) => { seen.push(1); e.stopPropagation() }); t.addEventListener('x', () => seen.push(2)); t.dispatchEvent(new Event('x')); return seen })() //=> [1,2]
(() => { const t = new EventTarget(); const e = new Event('x'); t.addEventListener('x', () => t.dispatchEvent(e)); t.dispatchEvent(e); return 'reported' })() //=> Uncaught Error{name: "InvalidStateError", message: "the event is being dispatched already" | reported
(() => { const t = new EventTarget(); const seen = []; t.addEventListener('x', () => { throw new RangeError('one') }); t.addEventListener('x', () => seen.push(2)); t.dispatchEvent(new Event('x')); return seen })() //=> Uncaught Error{name: "RangeError", message: "one" | [2]
(() => { const t = new EventTarget(); t.addEventListener('x', { handleEvent: 5 }); t.dispatchEvent(new Event('x')); return 'on' })() //=> Uncaught Error{name: "TypeError", message: "the listener has no function handleEvent" | on
(() => { const t = new EventTarget(); const seen = []; t.addEventListener('x', () => { seen.push(1); t.addEventListener('x', () => seen.push(3)) }, { once: true }); t.addEventListener('x', () => seen.push(2)); t.dispatchEvent(new Event('x')); return seen })() //=> [1,2]
(() => { const t = new EventTarget(); const seen = []; const late = () => seen.push(2); t.addEventListener('x', () => { seen.push(1); t.removeEventListener('x', late) }); t.addEventListener('x', late); t.dispatchEvent(new Event('x')); return seen })() //=> [1]
(() => { const t = new EventTarget(); const c = new AbortController(); let n = 0; t.addEventListener('x', () => n++, { signal: c.signal }); t.dispatchEvent(new Event('x')); c.abort(); t.dispatchEvent(new Event('x')); return n })() //=> 1
(() => { const t = new EventTarget(); let n = 0; t.addEventListener('x', () => n++, { signal: AbortSignal.abort() }); t.dispatchEvent(new Event('x')); return n })() //=> 0
new EventTarget().addEventListener('x', () => 0, { signal: {} }) //=> !TypeError
new EventTarget().addEventListener('x', () => 0, { signal: null }) //=> !TypeError
(() => { const t = new EventTarget(); const e = new Event('x'); t.dispatchEvent(e); return [e.target === t, e.currentTarget, e.eventPhase, e.isTrusted] })() //=> [true,null,0,false]
(() => { class Emitter extends EventTarget { } const e = new Emitter(); let n = 0; e.addEventListener('x', () => n++); e.dispatchEvent(new Event('x')); return [n, e instanceof EventTarget] })() //=> [1,true]
(() => { const t = new EventTarget(); let type; t.addEventListener('undefined', (e) => type = e.type); t.dispatchEvent(new Event(undefined)); return type })() //=> undefined
(() => { class Sly extends Event { get type() { return 'y' } } const t = new EventTarget(); const seen = []; t.addEventListener('x', () => seen.push('x')); t.addEventListener('y', () => seen.push('y')); t.dispatchEvent(new Sly('x')); return seen })() //=> ["x"]
(() => { const t = new EventTarget(); let n = 0; for (let i = 0; i < 2000; i += 1) t.addEventListener('x', () => n++); t.dispatchEvent(new Event('x')); return n })() //=> 2000

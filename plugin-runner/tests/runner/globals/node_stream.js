var { Readable, Writable, Duplex, Transform, PassThrough, pipeline, finished } = require('stream')
var all = async (s) => { const seen = []; for await (const c of s) seen.push(typeof c === 'object' && c instanceof Uint8Array ? String(c) : c); return seen }
var sink = (seen, o) => new Writable({ ...o, write(c, e, done) { seen.push(String(c)); done() } })
var ended = (s) => new Promise((ok, no) => finished(s, (e) => e ? no(e) : ok('done')))
// Reading
all(Readable.from(['a', 'b', 'c'])) //=> ["a","b","c"]
all(Readable.from((async function* () { yield 1; yield 2 })())) //=> [1,2]
all(Readable.from('text')) //=> ["text"]
all(new Readable({ read() { this.push('x'); this.push(null) } })) //=> ["x"]
(async () => { const r = new Readable({ read() {} }); r.push('ab'); r.push('cd'); r.push(null); r.setEncoding('utf8'); const seen = []; r.on('data', (c) => seen.push(c)); await ended(r); return seen })() //=> ["abcd"]
(async () => { const r = new Readable({ read() {} }); r.push('abcdef'); r.push(null); const seen = []; r.on('readable', () => { let c; while ((c = r.read(4)) !== null) seen.push(String(c)) }); await ended(r); return seen })() //=> ["abcd","ef"]
(async () => { const r = new Readable({ read() {} }); r.setEncoding('utf8'); r.push(Buffer.from([0xe2, 0x82])); r.push(Buffer.from([0xac])); r.push(null); return await all(r) })() //=> ["€"]
(async () => { let n = 0; const r = new Readable({ objectMode: true, highWaterMark: 2, read() { this.push(n < 5 ? { n: n++ } : null) } }); return (await all(r)).map((x) => x.n) })() //=> [0,1,2,3,4]
(async () => { const r = Readable.from([1, 2, 3]); for await (const x of r) if (x === 2) break; return r.destroyed })() //=> true
(async () => { const r = new Readable({ read() { this.destroy(new RangeError('no')) } }); try { await all(r) } catch (e) { return e.name } })() //=> RangeError
(async () => { const r = new Readable({ read() { throw new RangeError('thrown') } }); r.resume(); return await new Promise((ok) => r.on('error', (e) => ok(e.message))) })() //=> thrown
(async () => { const r = new Readable({ read() {} }); r.push('a'); r.push(null); r.unshift('0'); return (await all(r)).join('') })() //=> 0a
(() => { const r = new Readable({ read() {} }); return [r.readable, r.readableFlowing, r.readableHighWaterMark, r.readableObjectMode, r.destroyed] })() //=> [true,null,16384,false,false]
(async () => { const r = new Readable({ read() {} }); const log = []; for (const e of ['pause', 'resume', 'end', 'close']) r.on(e, () => log.push(e)); r.pause(); r.push('x'); r.push(null); r.resume(); await new Promise((ok) => r.on('close', ok)); return log })() //=> ["pause","resume","end","close"]
// Writing
(async () => { const seen = []; const w = sink(seen); w.write('a'); w.write(Buffer.from('b')); w.end('c'); await ended(w); return seen })() //=> ["a","b","c"]
(async () => { const seen = []; const w = new Writable({ highWaterMark: 3, write(c, e, done) { seen.push(String(c)); setTimeout(done, 1) } }); const r = [w.write('ab'), w.write('cd')]; await new Promise((ok) => w.once('drain', ok)); return [r, seen, w.writableLength] })() //=> [[true,false],["ab","cd"],0]
(async () => { const log = []; const w = new Writable({ write(c, e, done) { done() }, final(done) { log.push('final'); done() } }); for (const e of ['finish', 'close', 'prefinish']) w.on(e, () => log.push(e)); w.end('x', () => log.push('cb')); await new Promise((ok) => w.on('close', ok)); return log })() //=> ["final","prefinish","cb","finish","close"]
(async () => { const w = new Writable({ write(c, e, done) { done(new RangeError('bad')) } }); w.write('x'); return await new Promise((ok) => w.on('error', (e) => ok([e.message, w.destroyed]))) })() //=> ["bad",true]
(async () => { const w = new Writable({ write(c, e, done) { done() } }); w.end(); const got = new Promise((ok) => w.on('error', (e) => ok(e.code))); w.write('late'); return await got })() //=> ERR_STREAM_WRITE_AFTER_END
(async () => { const seen = []; const w = new Writable({ writev(chunks, done) { seen.push(chunks.length); done() } }); w.cork(); w.write('a'); w.write('b'); w.uncork(); w.end(); await ended(w); return seen })() //=> [2]
(async () => { const seen = []; const w = new Writable({ decodeStrings: false, write(c, e, done) { seen.push(typeof c, e); done() } }); w.end('x', 'latin1'); await ended(w); return seen })() //=> ["string","latin1"]
(() => { try { new Writable({ write() {} }).write(5) } catch (e) { return [e.name, e.code] } })() //=> ["TypeError","ERR_INVALID_ARG_TYPE"]
(() => { try { new Writable({ write() {} }).write(null) } catch (e) { return [e.name, e.code] } })() //=> ["TypeError","ERR_STREAM_NULL_VALUES"]
(() => { const w = new Writable({ write() {} }); w.end(); return [w.writable, w.writableEnded, w.writableFinished] })() //=> [false,true,false]
// Between
(async () => { const t = new Transform({ transform(c, e, done) { done(null, String(c).toUpperCase()) }, flush(done) { this.push('!'); done() } }); t.write('a'); t.end('b'); return (await all(t)).join('') })() //=> AB!
(async () => { const p = new PassThrough(); p.end('through'); return (await all(p)).join('') })() //=> through
(async () => { const seen = []; Readable.from(['a', 'b']).pipe(new PassThrough()).pipe(sink(seen)); await new Promise((ok) => setTimeout(ok, 5)); return seen })() //=> ["a","b"]
(async () => { const seen = []; const r = Readable.from(Array.from({ length: 50 }, (_, i) => 'x' + i)); const w = sink(seen, { highWaterMark: 4 }); r.pipe(w); await ended(w); return [seen.length, seen[49]] })() //=> [50,"x49"]
(async () => { const d = new Duplex({ read() { this.push('r'); this.push(null) }, write(c, e, done) { this.got = String(c); done() } }); d.end('w'); return [(await all(d)).join(''), d.got, d instanceof Readable, d instanceof Writable] })() //=> ["r","w",true,true]
new Promise((ok) => { const seen = []; pipeline(Readable.from(['a', 'b']), new Transform({ transform(c, e, done) { done(null, c + '.') } }), sink(seen), (e) => ok([e === undefined, seen])) }) //=> [true,["a.","b."]]
new Promise((ok) => pipeline(Readable.from(['a']), new Transform({ transform(c, e, done) { done(new RangeError('mid')) } }), sink([]), (e) => ok(e.message))) //=> mid
(async () => { const seen = []; await require('stream/promises').pipeline(Readable.from(['a', 'b']), async function* (s) { for await (const c of s) yield c + c }, sink(seen)); return seen })() //=> ["aa","bb"]
(async () => { const w = sink([]); const p = require('stream/promises').finished(w); w.destroy(); try { await p } catch (e) { return e.code } })() //=> ERR_STREAM_PREMATURE_CLOSE
(() => { function Old() { Readable.call(this) } require('util').inherits(Old, Readable); Old.prototype._read = function () { this.push('old'); this.push(null) }; return all(new Old()) })() //=> ["old"]
(async () => { class Up extends Transform { _transform(c, e, done) { this.push(String(c).toUpperCase()); done() } } const u = new Up(); u.end('abc'); return (await all(u)).join('') })() //=> ABC
(async () => { const log = []; const w = new Writable({ construct(done) { setTimeout(() => { log.push('construct'); done() }, 1) }, write(c, e, done) { log.push(String(c)); done() } }); w.write('a'); w.end(); await ended(w); return log })() //=> ["construct","a"]
(async () => { const c = new AbortController(); const r = require('stream').addAbortSignal(c.signal, new Readable({ read() {} })); c.abort(); try { await all(r) } catch (e) { return e.name } })() //=> AbortError
[require('stream') === require('stream').Stream, require('stream').Readable.prototype instanceof require('stream'), typeof require('stream').promises.pipeline] //=> [true,true,"function"]
(async () => { const t = new Transform({ objectMode: true, transform(x, e, done) { done(null, { v: x.v * 2 }) } }); for (let i = 0; i < 40; i += 1) t.write({ v: i }); t.end(); const got = await all(t); return [got.length, got[39].v] })() //=> [40,78]

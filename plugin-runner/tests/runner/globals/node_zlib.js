var zlib = require('zlib')
var text = Buffer.from('to be or not to be, '.repeat(50))
var kind = (f) => { try { return f() } catch (e) { return [e.name, e.code, e.errno] } }
zlib.inflateSync(zlib.deflateSync(text)).equals(text) //=> true
zlib.gunzipSync(zlib.gzipSync(text)).equals(text) //=> true
zlib.inflateRawSync(zlib.deflateRawSync(text)).equals(text) //=> true
[zlib.unzipSync(zlib.gzipSync('a')).toString(), zlib.unzipSync(zlib.deflateSync('b')).toString()] //=> ["a","b"]
zlib.gunzipSync(Buffer.from('H4sIAAAAAAAAA8tIzcnJVyjPL8pJAQCFEUoNCwAAAA==', 'base64')).toString() //=> hello world
kind(() => zlib.inflateSync(Buffer.from('nonsense'))) //=> ["Error","Z_DATA_ERROR",-3]
kind(() => zlib.gunzipSync(zlib.gzipSync(text).subarray(0, 20))) //=> ["Error","Z_BUF_ERROR",-5]
zlib.deflateSync(text, { level: 9 }).length < zlib.deflateSync(text, { level: 0 }).length //=> true
kind(() => zlib.deflateSync(text, { level: 99 })).slice(0, 2) //=> ["RangeError","ERR_OUT_OF_RANGE"]
kind(() => zlib.inflateSync(zlib.deflateSync(text), { maxOutputLength: 10 })).slice(0, 2) //=> ["RangeError","ERR_BUFFER_TOO_LARGE"]
new Promise((ok) => zlib.gzip('x', (e, packed) => zlib.gunzip(packed, (e2, back) => ok(back.toString())))) //=> x
require('util').promisify(zlib.deflate)('abc').then((b) => zlib.inflateSync(b).toString()) //=> abc
new Promise((ok) => zlib.inflate(Buffer.from('xx'), (e) => ok(e.code))) //=> Z_DATA_ERROR
(async () => { const z = zlib.createGzip(); z.write('one '); z.end('two'); const parts = []; for await (const c of z) parts.push(c); return zlib.gunzipSync(Buffer.concat(parts)).toString() })() //=> one two
(async () => { const seen = []; await require('stream/promises').pipeline(require('stream').Readable.from([zlib.gzipSync('piped')]), zlib.createGunzip(), async (s) => { for await (const c of s) seen.push(String(c)) }); return seen })() //=> ["piped"]
[zlib.constants.Z_FINISH, zlib.Z_BEST_COMPRESSION, zlib.constants.Z_DEFAULT_COMPRESSION, zlib.codes.Z_OK] //=> [4,9,-1,0]
[new zlib.Gunzip() instanceof require('stream').Transform, zlib.Inflate() instanceof zlib.Inflate] //=> [true,true]
zlib.inflateSync(new Uint8Array(zlib.deflateSync('view'))).toString() //=> view
(() => { const { gunzipSync, gzipSync } = require('zlib'); return gunzipSync(Buffer.concat([gzipSync('a'), gzipSync('b'), Buffer.alloc(8)])).toString() })() //=> ab
(() => { const { gunzipSync, gzipSync } = require('zlib'); try { gunzipSync(Buffer.concat([gzipSync('a'), Buffer.from('tail')])) } catch (e) { return e.code } })() //=> Z_DATA_ERROR
(() => { try { require('zlib').gunzipSync(Buffer.from('zz')) } catch (e) { return e.code } })() //=> Z_DATA_ERROR

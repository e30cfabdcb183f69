var hex = (b) => b.toString('hex')
// Making
Buffer.from('aß€😀').toString('hex') //=> 61c39fe282acf09f9880
hex(Buffer.from('ff00a', 'hex')) //=> ff00
Buffer.from('aGVsbG8', 'base64').toString() //=> hello
Buffer.from('-_-_', 'base64url').toString('base64') //=> +/+/
hex(Buffer.from('aß', 'latin1')) + ' ' + hex(Buffer.from('aß', 'utf16le')) + ' ' + hex(Buffer.from('aß€', 'ascii')) //=> 61df 6100df00 61dfac
[hex(Buffer.from([1, 256, -1, 'x'])), hex(Buffer.from(new Uint16Array([1, 258])))] //=> ["0100ff00","0102"]
(() => { const a = new Uint8Array([1, 2, 3]).buffer; const b = Buffer.from(a, 1, 1); b[0] = 9; return [...new Uint8Array(a)] })() //=> [1,9,3]
hex(Buffer.from({ type: 'Buffer', data: [1, 2] })) + hex(Buffer.from(new String('a'))) + hex(Buffer.from({ length: 2, 0: 7 })) //=> 0102610700
hex(Buffer.alloc(3)) + hex(Buffer.alloc(4, 'ab')) + hex(Buffer.alloc(3, 258)) + hex(Buffer.alloc(5, 'YQ==', 'base64')) //=> 000000616261620202026161616161
[Buffer(3).length, Buffer('ab').length, new Buffer([1]).length, Buffer.isBuffer(Buffer(1)), Buffer(1) instanceof Uint8Array] //=> [3,2,1,true,true]
(() => { try { Buffer.from(5) } catch (e) { return [e.name, e.code, e.message] } })() //=> ["TypeError","ERR_INVALID_ARG_TYPE","The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object. Received type number (5)"]
(() => { try { Buffer.alloc(-1) } catch (e) { return [e.name, e.code, e.message] } })() //=> ["RangeError","ERR_OUT_OF_RANGE","The value of \"size\" is out of range. It must be >= 0 && <= 4294967296. Received -1"]
(() => { try { Buffer.from('a', 'nope') } catch (e) { return [e.name, e.code, e.message] } })() //=> ["TypeError","ERR_UNKNOWN_ENCODING","Unknown encoding: nope"]
Buffer.concat([Buffer.from('ab'), new Uint8Array([99])]).toString() + Buffer.concat([Buffer.from('abc')], 2) + Buffer.concat([Buffer.from('a')], 3).length //=> abcab3
Buffer.concat([], 4).length //=> 0
[Buffer.byteLength('aß€'), Buffer.byteLength('aß€', 'latin1'), Buffer.byteLength('ffff', 'hex'), Buffer.byteLength(new ArrayBuffer(7)), Buffer.byteLength('aGk=', 'base64')] //=> [6,3,2,7,2]
[Buffer.isEncoding('UTF-8'), Buffer.isEncoding('hex'), Buffer.isEncoding('x'), Buffer.isEncoding('')] //=> [true,true,false,false]
[Buffer.compare(Buffer.from('a'), Buffer.from('b')), Buffer.from('b').compare(Buffer.from('a')), Buffer.from('a').equals(Buffer.from('a'))] //=> [-1,1,true]
// Reading and writing
(() => { const b = Buffer.from('hello'); return [b.toString('utf8', 1, 3), b.slice(-2).toString(), b.subarray(1, 2).toString(), b.slice(1).buffer === b.buffer, b.slice(0) instanceof Buffer] })() //=> ["el","lo","e",true,true]
(() => { const b = Buffer.alloc(4); return [b.write('ab€', 1), hex(b), b.write('zz', 3), b.write('ff', 'hex'), hex(b)] })() //=> [2,"00616200",1,1,"ff61627a"]
(() => { const b = Buffer.alloc(8); b.writeUInt32BE(0xdeadbeef, 0); b.writeInt16LE(-2, 4); b.writeUInt8(255, 7); return [hex(b), b.readUInt32BE(0), b.readInt16LE(4), b.readUint8(7), b.readInt8(7)] })() //=> ["deadbeeffeff00ff",3735928559,-2,255,-1]
(() => { const b = Buffer.alloc(8); b.writeDoubleBE(1.5); const d = b.readDoubleBE(); b.writeFloatLE(-0.5, 1); return [d, b.readFloatLE(1)] })() //=> [1.5,-0.5]
(() => { const b = Buffer.alloc(8); b.writeBigInt64LE(-5n); return [String(b.readBigInt64LE()), String(b.readBigUInt64LE()), hex(b)] })() //=> ["-5","18446744073709551611","fbffffffffffffff"]
(() => { const b = Buffer.alloc(6); b.writeIntBE(-123456789, 0, 6); return [b.readIntBE(0, 6), b.readUIntLE(0, 3), hex(b)] })() //=> [-123456789,16318463,"fffff8a432eb"]
(() => { try { Buffer.alloc(2).readUInt32LE(0) } catch (e) { return [e.name, e.code] } })() //=> ["RangeError","ERR_BUFFER_OUT_OF_BOUNDS"]
(() => { try { Buffer.alloc(8).readUInt32LE(5) } catch (e) { return [e.name, e.code, e.message] } })() //=> ["RangeError","ERR_OUT_OF_RANGE","The value of \"offset\" is out of range. It must be >= 0 and <= 4. Received 5"]
(() => { try { Buffer.alloc(8).writeUInt8(256) } catch (e) { return [e.name, e.code] } })() //=> ["RangeError","ERR_OUT_OF_RANGE"]
(() => { const a = Buffer.from('abcdef'); const b = Buffer.alloc(4, '.'); return [a.copy(b, 1, 2, 9), b.toString()] })() //=> [3,".cde"]
[Buffer.from('abcabc').indexOf('bc'), Buffer.from('abcabc').lastIndexOf('bc'), Buffer.from('abcabc').indexOf('bc', -2), Buffer.from('abc').indexOf(99), Buffer.from('abc').includes('d'), Buffer.from('abc').indexOf('')] //=> [1,4,4,2,false,0]
Buffer.from('0102', 'hex').swap16().toString('hex') + Buffer.from('aabbccdd', 'hex').swap32().toString('hex') //=> 0201ddccbbaa
Buffer.alloc(5).fill('xyz').toString() + Buffer.from('abcde').fill('-', 1, 3) //=> xyzxya--de
JSON.stringify(Buffer.from('ab')) //=> {"type":"Buffer","data":[97,98]}
[...Buffer.from('ab').entries()] //=> [[0,97],[1,98]]
[...Buffer.from('abc').map((x) => x + 1)] //=> [98,99,100]
Buffer.from('abc').map((x) => x + 1) instanceof Buffer //=> true
[Buffer.from('ff', 'hex').toString('latin1').charCodeAt(0), Buffer.from('ff', 'hex').toString('ascii').charCodeAt(0), Buffer.from('ff', 'hex').toString().charCodeAt(0)] //=> [255,127,65533]
Buffer.from('zz').toString('base64') + Buffer.from([251, 255]).toString('base64url') //=> eno=-_8
[require('buffer').Buffer === Buffer, typeof require('buffer').kMaxLength, require('buffer').constants.MAX_LENGTH > 1e9] //=> [true,"number",true]
require('util').inspect(Buffer.from('abc')) //=> <Buffer 61 62 63>
require('util').inspect(Buffer.alloc(0)) //=> <Buffer >
Object.prototype.toString.call(Buffer.alloc(1)) //=> [object Uint8Array]
Buffer.from('test').readUInt16BE(1) //=> 25971

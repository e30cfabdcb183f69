// TextEncoder
[...new TextEncoder().encode('aß€😀')] //=> [97,195,159,226,130,172,240,159,152,128]
[...new TextEncoder().encode('\ud800x')] //=> [239,191,189,120]
[...new TextEncoder().encode('x\udc00')] //=> [120,239,191,189]
[...new TextEncoder().encode()] //=> []
[...new TextEncoder().encode(undefined)] //=> []
[...new TextEncoder().encode(null)] //=> [110,117,108,108]
new TextEncoder().encode('x') instanceof Uint8Array //=> true
new TextEncoder().encode(Symbol()) //=> !TypeError
new TextEncoder().encoding //=> utf-8
new TextEncoder('latin1').encoding //=> utf-8
TextEncoder() //=> !TypeError
TextEncoder.prototype.encoding //=> !TypeError
TextEncoder.prototype.encode.call({}) //=> !TypeError
Object.prototype.toString.call(new TextEncoder()) //=> [object TextEncoder]
Object.keys(TextEncoder.prototype).sort().join() //=> encode,encodeInto,encoding
[TextEncoder.length, TextEncoder.prototype.encode.length, TextEncoder.prototype.encodeInto.length] //=> [0,0,2]
new TextEncoder().encodeInto('aß', new Uint8Array(8)) //=> {"read":2,"written":3}
new TextEncoder().encodeInto('€€', new Uint8Array(5)) //=> {"read":1,"written":3}
new TextEncoder().encodeInto('a😀b', new Uint8Array(4)) //=> {"read":1,"written":1}
new TextEncoder().encodeInto('a😀b', new Uint8Array(6)) //=> {"read":4,"written":6}
new TextEncoder().encodeInto('\ud800a', new Uint8Array(3)) //=> {"read":1,"written":3}
new TextEncoder().encodeInto('abc', new Uint8Array(0)) //=> {"read":0,"written":0}
new TextEncoder().encodeInto('', new Uint8Array(4)) //=> {"read":0,"written":0}
(() => { const b = new Uint8Array(4); new TextEncoder().encodeInto('é', b.subarray(1)); return [...b] })() //=> [0,195,169,0]
new TextEncoder().encodeInto('x', []) //=> !TypeError
new TextEncoder().encodeInto('x', new Uint16Array(1)) //=> !TypeError
new TextEncoder().encodeInto('x', new ArrayBuffer(1)) //=> !TypeError
new TextEncoder().encodeInto('x') //=> !TypeError
// TextDecoder
new TextDecoder().encoding //=> utf-8
new TextDecoder('UTF8').encoding //=> utf-8
new TextDecoder(' \tutf-8\n').encoding //=> utf-8
new TextDecoder('unicode-1-1-utf-8').encoding //=> utf-8
new TextDecoder('latin1').encoding //=> windows-1252
new TextDecoder('ascii').encoding //=> windows-1252
new TextDecoder('iso-8859-1').encoding //=> windows-1252
new TextDecoder('utf-16').encoding //=> utf-16le
new TextDecoder('utf-16be').encoding //=> utf-16be
new TextDecoder('ucs-2').encoding //=> utf-16le
new TextDecoder('nonsense') //=> !RangeError
new TextDecoder('') //=> !RangeError
new TextDecoder(null) //=> !RangeError
new TextDecoder('\u00a0utf-8') //=> !RangeError
new TextDecoder(undefined).encoding //=> utf-8
new TextDecoder('utf-8', 5) //=> !TypeError
new TextDecoder('utf-8', null).fatal //=> false
TextDecoder() //=> !TypeError
[new TextDecoder().fatal, new TextDecoder().ignoreBOM, new TextDecoder('utf-8', { fatal: 1, ignoreBOM: 'x' }).fatal] //=> [false,false,true]
new TextDecoder('utf-8', { ignoreBOM: true }).ignoreBOM //=> true
Object.prototype.toString.call(new TextDecoder()) //=> [object TextDecoder]
TextDecoder.prototype.decode.call({}) //=> !TypeError
Object.keys(TextDecoder.prototype).sort().join() //=> decode,encoding,fatal,ignoreBOM
new TextDecoder().decode() //=> 
new TextDecoder().decode(undefined) //=> 
new TextDecoder().decode(null) //=> !TypeError
new TextDecoder().decode('x') //=> !TypeError
new TextDecoder().decode([1]) //=> !TypeError
new TextDecoder().decode(new Uint8Array([0x61, 0xc3, 0x9f, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80])) //=> aß€😀
new TextDecoder().decode(new Uint8Array([0x61, 0x62]).buffer) //=> ab
new TextDecoder().decode(new DataView(new Uint8Array([0x61, 0x62, 0x63]).buffer, 1, 1)) //=> b
new TextDecoder().decode(new Uint16Array([0x6261])) //=> ab
new TextDecoder().decode(new Uint8Array([1, 0x61, 0x62, 2]).subarray(1, 3)) //=> ab
new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])).length //=> 1
new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])).length //=> 2
new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf])).length //=> 1
new TextDecoder().decode(new Uint8Array([0xff, 0x61])).codePointAt(0) //=> 65533
new TextDecoder().decode(new Uint8Array([0xf0, 0x9f, 0x98])).length //=> 1
new TextDecoder().decode(new Uint8Array([0xed, 0xa0, 0x80])).length //=> 3
new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])) //=> !TypeError
new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xe2, 0x82])) //=> !TypeError
new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0x61])) //=> a
new TextDecoder('utf-16le').decode(new Uint8Array([0x61, 0, 0x3d, 0xd8, 0, 0xde])) //=> a😀
new TextDecoder('utf-16le').decode(new Uint8Array([0xff, 0xfe, 0x61, 0])) //=> a
new TextDecoder('utf-16be').decode(new Uint8Array([0, 0x61])) //=> a
new TextDecoder('utf-16le').decode(new Uint8Array([0x61])).codePointAt(0) //=> 65533
new TextDecoder('utf-16le', { fatal: true }).decode(new Uint8Array([0, 0xdc])) //=> !TypeError
new TextDecoder('latin1').decode(new Uint8Array([0x80, 0xe4, 0xff])) //=> €äÿ
new TextDecoder('latin1').decode(new Uint8Array([0x81])).codePointAt(0) //=> 129
new TextDecoder('latin1').decode(new Uint8Array([0xef, 0xbb, 0xbf])) //=> ï»¿
// Streams
(() => { const d = new TextDecoder(); return [d.decode(new Uint8Array([0xe2]), { stream: true }), d.decode(new Uint8Array([0x82]), { stream: true }), d.decode(new Uint8Array([0xac]), { stream: true }), d.decode()] })() //=> ["","","€",""]
(() => { const d = new TextDecoder(); return [d.decode(new Uint8Array([0xf0, 0x9f]), { stream: true }), d.decode()] })() //=> ["","�"]
(() => { const d = new TextDecoder(); return [d.decode(new Uint8Array([0xf0, 0x9f]), { stream: true }), d.decode(new Uint8Array([0x61]))] })() //=> ["","�a"]
(() => { const d = new TextDecoder(); return [d.decode(new Uint8Array([0xef]), { stream: true }), d.decode(new Uint8Array([0xbb, 0xbf, 0x61]), { stream: true }), d.decode(new Uint8Array([0xef, 0xbb, 0xbf]), { stream: true }).length] })() //=> ["","a",1]
(() => { const d = new TextDecoder(); d.decode(new Uint8Array([0xef, 0xbb, 0xbf])); return d.decode(new Uint8Array([0xef, 0xbb, 0xbf])).length })() //=> 0
(() => { const d = new TextDecoder('utf-16le'); return [d.decode(new Uint8Array([0x61]), { stream: true }), d.decode(new Uint8Array([0, 0x3d]), { stream: true }), d.decode(new Uint8Array([0xd8, 0]), { stream: true }), d.decode(new Uint8Array([0xde]))] })() //=> ["","a","","😀"]
(() => { const d = new TextDecoder('utf-8', { fatal: true }); d.decode(new Uint8Array([0xe2]), { stream: true }); try { d.decode() } catch (e) { return [e.name, d.decode(new Uint8Array([0x61]))] } })() //=> ["TypeError","a"]
(() => { const b = new Uint8Array([0xe2]); const d = new TextDecoder(); d.decode(b, { stream: true }); b[0] = 0x61; return d.decode(new Uint8Array([0x82, 0xac])) })() //=> €
new TextDecoder().decode(new TextEncoder().encode('x'.repeat(100000))).length //=> 100000
new TextDecoder().decode(new Uint8Array(50000).fill(0xff)).length //=> 50000

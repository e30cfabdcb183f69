var crypto_ = require('crypto')
var fails = (f) => { try { return f() } catch (e) { return [e.name, e.code] } }
// Hashes
crypto_.createHash('sha256').update('abc').digest('hex') //=> ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
crypto_.createHash('md5').update('a').update(Buffer.from('bc')).digest('base64') //=> kAFQmDzST7DWlj99KOF/cg==
['sha1', 'sha224', 'sha384', 'SHA512', 'sha512-256', 'RSA-SHA256'].map((h) => crypto_.createHash(h).update('').digest('hex').slice(0, 8)) //=> ["da39a3ee","d14a028c","38b060a7","cf83e135","c672b8d1","e3b0c442"]
fails(() => crypto_.createHash("nope"))[0] //=> Error
fails(() => { const h = crypto_.createHash('sha1'); h.digest(); return h.digest() }) //=> ["Error","ERR_CRYPTO_HASH_FINALIZED"]
(() => { const h = crypto_.createHash('sha1').update('a'); const c = h.copy(); return [h.update('b').digest('hex').slice(0, 6), c.digest('hex').slice(0, 6)] })() //=> ["da2361","86f7e4"]
Buffer.isBuffer(crypto_.createHash('md5').update('').digest()) //=> true
(async () => { const h = crypto_.createHash('sha256'); h.end('abc'); let out = ''; for await (const c of h) out += c.toString('hex'); return out.slice(0, 16) })() //=> ba7816bf8f01cfea
crypto_.createHmac('sha256', 'key').update('data').digest('hex') //=> 5031fe3d989c6d1537a013fa6e739da23463fdaec3b70137d828e36ace221bd0
(() => { try { crypto_.createHmac('nope', 'a') } catch (e) { return [e.name, e.code, e.message] } })() //=> ["TypeError","ERR_CRYPTO_INVALID_DIGEST","Invalid digest: nope"]
crypto_.createHmac('sha512', Buffer.alloc(200, 1)).update('data').digest('hex').slice(0, 16) //=> f7a5a5cda4805a58
// Keys
crypto_.pbkdf2Sync('secret', 'salt', 1000, 32, 'sha512').toString('hex') //=> f76f72381b75f0deb1c339334a8c8974366cadbc6bf46460f978363de8d210db
new Promise((ok) => crypto_.pbkdf2('secret', 'salt', 1, 20, 'sha1', (e, key) => ok(key.toString('hex')))) //=> 7f1e61a5c9a702d9e2d320be9353819ca2fcee87
crypto_.scryptSync('password', 'salt', 32, { N: 1024, r: 8, p: 1 }).toString('hex') //=> 16dbc8906763c7f048977a68f9d305f7710e068ca2cd95dab372125bb3f19608
Buffer.from(crypto_.hkdfSync('sha256', 'key', 'salt', 'info', 16)).toString('hex') //=> 9ca0d662557439e3b83365f2da4626d3
fails(() => crypto_.pbkdf2Sync('a', 'b', 1, 1, 'nope')) //=> ["TypeError","ERR_CRYPTO_INVALID_DIGEST"]
[crypto_.timingSafeEqual(Buffer.from('a'), Buffer.from('a')), crypto_.timingSafeEqual(Buffer.from('a'), Buffer.from('b')), fails(() => crypto_.timingSafeEqual(Buffer.from('a'), Buffer.from('ab')))] //=> [true,false,["RangeError","ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH"]]
// Chance
[crypto_.randomBytes(7).length, crypto_.randomUUID().length, crypto_.randomInt(1), crypto_.randomInt(5, 6), crypto_.randomFillSync(Buffer.alloc(3)).length, crypto_.randomBytes(100000).length] //=> [7,36,0,5,3,100000]
new Promise((ok) => crypto_.randomBytes(4, (e, b) => ok(b.length))) //=> 4
// AES
(() => { const c = crypto_.createCipheriv('aes-128-cbc', Buffer.alloc(16, 1), Buffer.alloc(16, 2)); const a = Buffer.concat([c.update('hello '), c.update('world'), c.final()]); const d = crypto_.createDecipheriv('aes-128-cbc', Buffer.alloc(16, 1), Buffer.alloc(16, 2)); return [a.toString('hex'), Buffer.concat([d.update(a), d.final()]).toString()] })() //=> ["1c90dd4078388a2f2cdee31205b1f222","hello world"]
(() => { const c = crypto_.createCipheriv('aes-256-gcm', Buffer.alloc(32, 1), Buffer.alloc(12, 2)); c.setAAD(Buffer.from('more')); const a = Buffer.concat([c.update('secret'), c.final()]); return [a.toString('hex'), c.getAuthTag().toString('hex')] })() //=> ["74b3aa3b2f23","88637e714930e6a51217699fa1b13f7e"]
(() => { const d = crypto_.createDecipheriv('aes-256-gcm', Buffer.alloc(32, 1), Buffer.alloc(12, 2)); d.setAuthTag(Buffer.alloc(16)); d.update(Buffer.from('00', 'hex')); try { d.final() } catch (e) { return e.message } })() //=> Unsupported state or unable to authenticate data
(() => { const c = crypto_.createCipheriv('aes-192-ctr', Buffer.alloc(24, 1), Buffer.alloc(16, 255)); return Buffer.concat([c.update('x'.repeat(20)), c.final()]).toString('hex') })() //=> 3df9844bb24ac0e57c35d5f505e6ca4a27f09747
fails(() => crypto_.createCipheriv('aes-128-cbc', Buffer.alloc(15), Buffer.alloc(16))) //=> ["RangeError","ERR_CRYPTO_INVALID_KEYLEN"]
fails(() => crypto_.createCipheriv('aes-128-cbc', Buffer.alloc(16), Buffer.alloc(15))) //=> ["TypeError","ERR_CRYPTO_INVALID_IV"]
// The web's
crypto.subtle.digest('SHA-256', new TextEncoder().encode('abc')).then((d) => Buffer.from(d).toString('hex').slice(0, 16)) //=> ba7816bf8f01cfea
(async () => { const k = await crypto.subtle.importKey('raw', Buffer.from('key'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']); const s = await crypto.subtle.sign('HMAC', k, Buffer.from('data')); return [Buffer.from(s).toString('hex').slice(0, 16), await crypto.subtle.verify('HMAC', k, s, Buffer.from('data')), await crypto.subtle.verify('HMAC', k, s, Buffer.from('date')), k.type, k.extractable, k.algorithm.length] })() //=> ["5031fe3d989c6d15",true,false,"secret",false,24]
(async () => { const k = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']); const iv = new Uint8Array(12); const c = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, k, Buffer.from('text')); return [c.byteLength, Buffer.from(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, k, c)).toString(), (await crypto.subtle.exportKey('raw', k)).byteLength] })() //=> [20,"text",32]
(async () => { const k = await crypto.subtle.importKey('raw', Buffer.alloc(16, 1), 'AES-CBC', false, ['encrypt']); const c = await crypto.subtle.encrypt({ name: 'AES-CBC', iv: new Uint8Array(16) }, k, Buffer.from('text')); return Buffer.from(c).toString('hex') })() //=> a521c23d49f547f92642c8cd764ca6b0
(async () => { const k = await crypto.subtle.importKey('raw', Buffer.from('password'), 'PBKDF2', false, ['deriveBits', 'deriveKey']); const b = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: Buffer.from('salt'), iterations: 1000 }, k, 128); const d = await crypto.subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt: Buffer.from('salt'), iterations: 1000 }, k, { name: 'AES-GCM', length: 128 }, true, ['encrypt']); return [Buffer.from(b).toString('hex'), (await crypto.subtle.exportKey('jwk', d)).kty] })() //=> ["632c2812e46d4604102ba7618e9d6d7d","oct"]
(async () => { const k = await crypto.subtle.importKey('raw', Buffer.from('secret'), 'HKDF', false, ['deriveBits']); return Buffer.from(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: Buffer.from('salt'), info: Buffer.from('info') }, k, 256)).toString('hex') })() //=> f6d2fcc47cb939deafe3853a1e641a27e6924aff7a63d09cb04ccfffbe4776ef
crypto.subtle.digest('MD5', new Uint8Array(1)) //=> !NotSupportedError
(async () => { const k = await crypto.subtle.importKey('raw', Buffer.alloc(16), 'AES-GCM', false, ['encrypt']); try { await crypto.subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, k, new Uint8Array(20)) } catch (e) { return e.name } })() //=> InvalidAccessError
(async () => { const k = await crypto.subtle.importKey('raw', Buffer.alloc(16), 'AES-GCM', false, ['decrypt']); try { await crypto.subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, k, new Uint8Array(20)) } catch (e) { return e.name } })() //=> OperationError
crypto_.webcrypto === crypto //=> true

// The parts
['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'].map((part) => new URL('https://user:pass@example.org:8080/a/b?c=d#e')[part]) //=> ["https://user:pass@example.org:8080/a/b?c=d#e","https://example.org:8080","https:","user","pass","example.org:8080","example.org","8080","/a/b","?c=d","#e"]
new URL('https://example.org').href //=> https://example.org/
new URL('HTTPS://EXAMPLE.org:443/a/../b/./c').href //=> https://example.org/b/c
new URL('http://example.org:80').port //=> 
new URL('http://example.org:0080/').host //=> example.org
new URL('  https://example.org/a b\t').href //=> https://example.org/a%20b
new URL('https:example.org').href //=> https://example.org/
new URL('https:\\\\example.org\\a').href //=> https://example.org/a
new URL('//b/c', 'https://a/').href //=> https://b/c
new URL('../x', 'https://a/b/c/d').href //=> https://a/b/x
new URL('?q', 'https://a/b?c#d').href //=> https://a/b?q
new URL('#f', 'https://a/b?c#d').href //=> https://a/b?c#f
new URL('', 'https://a/b?c#d').href //=> https://a/b?c
new URL('x:y', 'https://a/').href //=> x:y
new URL('g;x=1/../y', 'http://a/b/c/d;p?q').href //=> http://a/b/c/y
new URL('/..//x', 'http://a/b').href //=> http://a//x
new URL('mailto:a@b').pathname //=> a@b
new URL('mailto:a@b').origin //=> null
new URL('data:text/plain,a b#c d').href //=> data:text/plain,a b#c%20d
new URL('javascript:alert(1)').protocol //=> javascript:
new URL('file:///C:/a/../b').href //=> file:///C:/b
new URL('file:///C|/a').href //=> file:///C|/a
new URL('file://host/a').host //=> host
new URL('file:a').href //=> file:///a
new URL('blob:https://a.com/x').origin //=> https://a.com
new URL('about:blank').origin //=> null
new URL('foo://bar/../x').href //=> foo://bar/x
new URL('http://[::1]:3/').host //=> [::1]:3
new URL('http://[2001:db8::0:1]/').hostname //=> [2001:db8::1]
new URL('http://[::ffff:1.2.3.4]/').hostname //=> [::ffff:102:304]
new URL('http://0x7f.1/').hostname //=> 127.0.0.1
new URL('http://256/').hostname //=> 0.0.1.0
new URL('http://1.2.3/').hostname //=> 1.2.0.3
new URL('http://faß.example/').hostname //=> xn--fa-hia.example
new URL('http://☃.net/').hostname //=> xn--n3h.net
new URL('http://例え.テスト/').hostname //=> xn--r8jz45g.xn--zckzah
new URL('http://EX%41MPLE.com').hostname //=> example.com
new URL('http://a/é').pathname //=> /%C3%A9
new URL('http://a/%7Ea').pathname //=> /%7Ea
new URL('http://a/?é').search //=> ?%C3%A9
new URL("http://a/?'").search //=> ?%27
new URL("foo://a/?'").search //=> ?'
new URL('http://a/?').search //=> 
new URL('http://a/#').hash //=> 
new URL('http://a/?').href //=> http://a/?
new URL('http://a/#`é').hash //=> #%60%C3%A9
new URL('http://a b/') //=> !TypeError
new URL('http://a:b/') //=> !TypeError
new URL('http://a:65536/') //=> !TypeError
new URL('http://[::1/') //=> !TypeError
new URL('http://1.2.3.256/') //=> !TypeError
new URL('http:///') //=> !TypeError
new URL('') //=> !TypeError
new URL('/a') //=> !TypeError
new URL('a', 'mailto:b') //=> !TypeError
new URL('a', 'b') //=> !TypeError
new URL() //=> !TypeError
URL('http://a') //=> !TypeError
new URL('http://a', undefined).href //=> http://a/
new URL('x', null) //=> !TypeError
new URL({ toString: () => 'http://a/b' }).href //=> http://a/b
new URL(new URL('http://a/b')).href //=> http://a/b
new URL('x', new URL('http://a/b/c')).href //=> http://a/b/x
new URL('http://a/\ud800').pathname //=> /%EF%BF%BD
new URL('http://user@/www.example.com') //=> !TypeError
new URL('http://us%3Aer:p%40ss@a/').username //=> us%3Aer
new URL('http://us%3Aer:p%40ss@a/').password //=> p%40ss
new URL('https://a.b.c.d.:1/').host //=> a.b.c.d.:1
new URL('http://a/%').pathname //=> /%
new URL('http://a//b').pathname //=> //b
new URL('http://a/b/..').pathname //=> /
new URL('http://a/b/%2e%2E/c').pathname //=> /c
new URL('http://a/.').pathname //=> /
new URL('non-special:opaque path  ').href //=> non-special:opaque path
new URL('ws://a:80/').port //=> 
new URL('wss://a:443/').port //=> 
new URL('ftp://a:21/').port //=> 
new URL('git+ssh://git@github.com/a/b.git').host //=> github.com
new URL('http://%00/') //=> !TypeError
new URL('http://a%23/') //=> !TypeError
new URL('http://xn--/') //=> !TypeError
new URL('http://a\u00ad.com/').hostname //=> a.com
new URL('http://ＧＯ.com').hostname //=> go.com
new URL('http://a/\n\rb').pathname //=> /b
// The interface
[URL.length, URLSearchParams.length, URL.name, URL.prototype.toString.name] //=> [1,0,"URL","toString"]
Object.prototype.toString.call(new URL('a:b')) //=> [object URL]
String(new URL('http://a')) //=> http://a/
JSON.stringify({ url: new URL('http://a') }) //=> {"url":"http://a/"}
new URL('http://a').origin = 'x' //=> x
(() => { 'use strict'; new URL('http://a').origin = 'x' })() //=> !TypeError
(() => { 'use strict'; new URL('http://a').searchParams = 'x' })() //=> !TypeError
URL.prototype.href //=> !TypeError
URL.prototype.toString.call({}) //=> !TypeError
Object.keys(new URL('http://a')) //=> []
Object.keys(URL.prototype).sort().join() //=> hash,host,hostname,href,origin,password,pathname,port,protocol,search,searchParams,toJSON,toString,username
Object.keys(URLSearchParams.prototype).sort().join() //=> append,delete,entries,forEach,get,getAll,has,keys,set,size,sort,toString,values
Object.getOwnPropertyDescriptor(URL.prototype, 'href').get.name //=> get href
new URL('http://a') instanceof URL //=> true
URL.canParse('http://a') //=> true
URL.canParse('/a') //=> false
URL.canParse('/a', 'http://b') //=> true
URL.canParse('/a', 'b') //=> false
URL.canParse() //=> !TypeError
(() => { class Mine extends URL { get name() { return this.hostname } } return new Mine('http://a.b/').name })() //=> a.b
structuredClone({ a: new URL('http://a') }) //=> !DataCloneError
// Setters
(() => { const u = new URL('http://a/b'); u.href = 'https://c/d'; return u.href })() //=> https://c/d
(() => { const u = new URL('http://a/b'); u.href = 'nothing'; return u.href })() //=> !TypeError
(() => { const u = new URL('http://a:80/b'); u.protocol = 'https'; return u.href })() //=> https://a/b
(() => { const u = new URL('http://a/b'); u.protocol = 'https:x'; return u.href })() //=> https://a/b
(() => { const u = new URL('http://a/b'); u.protocol = 'foo'; return u.href })() //=> http://a/b
(() => { const u = new URL('foo://a/b'); u.protocol = 'http'; return u.href })() //=> foo://a/b
(() => { const u = new URL('http://a/b'); u.username = 'm@e'; u.password = 'p:w'; return u.href })() //=> http://m%40e:p%3Aw@a/b
(() => { const u = new URL('http://x:y@a/b'); u.username = ''; return u.href })() //=> http://:y@a/b
(() => { const u = new URL('http://x:y@a/b'); u.password = ''; return u.href })() //=> http://x@a/b
(() => { const u = new URL('http://a/b'); u.host = 'c:90'; return u.href })() //=> http://c:90/b
(() => { const u = new URL('http://a/b'); u.host = 'c:80'; return u.href })() //=> http://c/b
(() => { const u = new URL('http://a:5/b'); u.hostname = 'c'; return u.href })() //=> http://c:5/b
(() => { const u = new URL('http://a:5/b'); u.hostname = 'c:9'; return u.href })() //=> http://a:5/b
(() => { const u = new URL('http://a:5/b'); u.host = ''; return u.href })() //=> http://a:5/b
(() => { const u = new URL('http://a:5/b'); u.host = 'x y'; return u.href })() //=> http://a:5/b
(() => { const u = new URL('http://a/b'); u.port = '90'; return u.href })() //=> http://a:90/b
(() => { const u = new URL('http://a:1/b'); u.port = ''; return u.href })() //=> http://a/b
(() => { const u = new URL('http://a:1/b'); u.port = '70000'; return u.href })() //=> http://a:1/b
(() => { const u = new URL('http://a:1/b'); u.port = 'x'; return u.href })() //=> http://a:1/b
(() => { const u = new URL('http://a:1/b'); u.port = '9x'; return u.href })() //=> http://a:9/b
(() => { const u = new URL('http://a:1/b'); u.port = 443; return u.href })() //=> http://a:443/b
(() => { const u = new URL('file:///b'); u.port = '9'; return u.href })() //=> file:///b
(() => { const u = new URL('http://a/b'); u.pathname = 'x y/../z'; return u.href })() //=> http://a/z
(() => { const u = new URL('http://a/b'); u.pathname = ''; return u.href })() //=> http://a/
(() => { const u = new URL('http://a/b'); u.pathname = '?#'; return u.href })() //=> http://a/%3F%23
(() => { const u = new URL('mailto:a'); u.pathname = 'b'; return u.href })() //=> mailto:a
(() => { const u = new URL('http://a/b'); u.search = 'x=y z'; return u.href })() //=> http://a/b?x=y%20z
(() => { const u = new URL('http://a/b?c'); u.search = ''; return u.href })() //=> http://a/b
(() => { const u = new URL('http://a/b?c'); u.search = '?'; return u.href })() //=> http://a/b?
(() => { const u = new URL('http://a/b'); u.search = '??x#'; return u.href })() //=> http://a/b??x%23
(() => { const u = new URL('http://a/b'); u.hash = 'x y'; return u.href })() //=> http://a/b#x%20y
(() => { const u = new URL('http://a/b#c'); u.hash = ''; return u.href })() //=> http://a/b
(() => { const u = new URL('http://a/b'); u.hash = '##x'; return u.href })() //=> http://a/b##x
(() => { const u = new URL('mailto:a'); u.host = 'b'; u.hash = 'c'; u.search = 'd'; return u.href })() //=> mailto:a?d#c
// The parameters follow, and lead
(() => { const u = new URL('http://a/?b=c'); return u.searchParams === u.searchParams })() //=> true
(() => { const u = new URL('http://a/?b=c'); u.searchParams.append('d', 'e f'); return u.href })() //=> http://a/?b=c&d=e+f
(() => { const u = new URL('http://a/?b=c'); u.searchParams.delete('b'); return u.href })() //=> http://a/
(() => { const u = new URL('http://a/?b=c'); const p = u.searchParams; u.search = '?x=y'; return [p.get('b'), p.get('x')] })() //=> [null,"y"]
(() => { const u = new URL('http://a/?b=c'); const p = u.searchParams; u.href = 'http://b/?z=1'; return [...p].join() })() //=> z,1
(() => { const u = new URL('http://a/?b=c'); const p = u.searchParams; u.hash = '#h'; p.set('b', '#'); return u.href })() //=> http://a/?b=%23#h
(() => { const u = new URL('http://a/?b=%20+c'); return [u.searchParams.get('b'), u.search, String(u.searchParams)] })() //=> ["  c","?b=%20+c","b=++c"]
(() => { const u = new URL('http://a/?b=%20+c'); u.searchParams.sort(); return u.search })() //=> ?b=++c
(() => { const u = new URL('http://a/?b=1&a=2'); u.searchParams.sort(); return u.search })() //=> ?a=2&b=1
(() => { const u = new URL('http://a/?x'); u.searchParams.set('é', '☃'); return u.search })() //=> ?x=&%C3%A9=%E2%98%83
(() => { const u = new URL('http://a'); const p = new URLSearchParams('b=c'); p.append('x', 'y'); return u.href })() //=> http://a/
(() => { const u = new URL('http://a?a=1&a=2'); const p = u.searchParams; for (const [k] of p) p.delete(k); return u.href })() //=> http://a/

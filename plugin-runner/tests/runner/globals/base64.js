btoa('') //=> 
btoa('a') //=> YQ==
btoa('ab') //=> YWI=
btoa('abc') //=> YWJj
btoa('\u00ff\u00fe') //=> //4=
btoa('\u0100') //=> !InvalidCharacterError
btoa('€') //=> !InvalidCharacterError
btoa(null) //=> bnVsbA==
btoa(undefined) //=> dW5kZWZpbmVk
btoa(12) //=> MTI=
btoa() //=> !TypeError
btoa({ toString: () => 'x' }) //=> eA==
btoa(Symbol()) //=> !TypeError
atob('') //=> 
atob('YQ==') //=> a
atob('YQ') //=> a
atob('YWI=') //=> ab
atob('YWI') //=> ab
atob('YWJj') //=> abc
atob(' Y W\nJ\tj\f\r ') //=> abc
atob('YQ=') //=> !InvalidCharacterError
atob('Y') //=> !InvalidCharacterError
atob('YQ===') //=> !InvalidCharacterError
atob('=') //=> !InvalidCharacterError
atob('====') //=> !InvalidCharacterError
atob('YQ==YQ==') //=> !InvalidCharacterError
atob('Y=Q=') //=> !InvalidCharacterError
atob('YQ-_') //=> !InvalidCharacterError
atob('YQ\u00a0') //=> !InvalidCharacterError
atob('YQ\u000b==') //=> !InvalidCharacterError
atob('€') //=> !InvalidCharacterError
atob(null).split('').map((c) => c.charCodeAt(0)) //=> [158,233,101]
atob(undefined) //=> !InvalidCharacterError
atob() //=> !TypeError
atob(1234).length //=> 3
atob('//79').split('').map((c) => c.charCodeAt(0)) //=> [255,254,253]
atob('YR==') //=> a
btoa(atob('////')) //=> ////
(() => { try { atob('*') } catch (e) { return [e.name, e.code, e instanceof DOMException] } })() //=> ["InvalidCharacterError",5,true]
(() => { try { btoa('☃') } catch (e) { return [e.name, e.code, e instanceof DOMException] } })() //=> ["InvalidCharacterError",5,true]
[atob.length, btoa.length, atob.name] //=> [1,1,"atob"]
atob(btoa('x'.repeat(100001))).length //=> 100001

var path = require('path')
// Joining and shortening
path.join('/a', 'b', '../c', './d') //=> /a/c/d
path.join('') //=> .
path.join('a', '', 'b/') //=> a/b/
path.normalize('/a//b/../c/.') //=> /a/c
path.normalize('../../a/..') //=> ../..
path.normalize('./') //=> ./
path.resolve('/a/b', '../c', 'd') //=> /a/c/d
path.resolve('/a', '/b/') //=> /b
path.relative('/data/orandea/test/aaa', '/data/orandea/impl/bbb') //=> ../../impl/bbb
path.relative('/a/b', '/a/b') //=> 
path.join('a', 5) //=> !TypeError
// Taking apart
path.basename('/a/b.html', '.html') //=> b
path.basename('/a/b/') //=> b
path.basename('.html', '.html') //=> 
path.dirname('/a/b/c') //=> /a/b
path.dirname('a') //=> .
path.dirname('//a') //=> //
path.extname('index.coffee.md') //=> .md
path.extname('.index') //=> 
path.extname('index.') //=> .
path.parse('/home/user/file.txt') //=> {"root":"/","dir":"/home/user","base":"file.txt","ext":".txt","name":"file"}
path.parse('./a/.b') //=> {"root":"","dir":"./a","base":".b","ext":"","name":".b"}
path.format({ dir: '/home', name: 'file', ext: 'txt' }) //=> /home/file.txt
path.format({ root: '/', base: 'x' }) //=> /x
path.isAbsolute('/a') + ' ' + path.isAbsolute('a') //=> true false
[path.sep, path.delimiter, path.posix === path] //=> ["/",":",true]
// Windows
path.win32.join('C:\\a', '..', 'b/c') //=> C:\b\c
path.win32.normalize('C:////temp\\\\/\\/foo/bar') //=> C:\temp\foo\bar
path.win32.resolve('C:\\a', 'D:b', '\\c') //=> D:\c
path.win32.relative('C:\\orandea\\test\\aaa', 'C:\\orandea\\impl\\bbb') //=> ..\..\impl\bbb
path.win32.parse('C:\\path\\dir\\file.txt') //=> {"root":"C:\\","dir":"C:\\path\\dir","base":"file.txt","ext":".txt","name":"file"}
path.win32.dirname('\\\\server\\share\\a') //=> \\server\share\
path.win32.toNamespacedPath('C:\\a') //=> \\?\C:\a
path.win32.isAbsolute('C:/') //=> true
path.win32.basename('C:\\a\\b.txt', '.txt') //=> b
(() => { try { path.dirname(null) } catch (e) { return [e.name, e.code] } })() //=> ["TypeError","ERR_INVALID_ARG_TYPE"]

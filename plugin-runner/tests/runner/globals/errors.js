new DOMException().name //=> Error
new DOMException().message //=> 
new DOMException().code //=> 0
new DOMException('m').message //=> m
new DOMException('m', 'AbortError').code //=> 20
new DOMException('m', 'Nonsense').code //=> 0
new DOMException('m', 'Nonsense').name //=> Nonsense
['IndexSizeError', 'HierarchyRequestError', 'WrongDocumentError', 'InvalidCharacterError', 'NoModificationAllowedError', 'NotFoundError', 'NotSupportedError', 'InUseAttributeError', 'InvalidStateError', 'SyntaxError', 'InvalidModificationError', 'NamespaceError', 'InvalidAccessError', 'TypeMismatchError', 'SecurityError', 'NetworkError', 'AbortError', 'URLMismatchError', 'QuotaExceededError', 'TimeoutError', 'InvalidNodeTypeError', 'DataCloneError'].map((name) => new DOMException('', name).code) //=> [1,3,4,5,7,8,9,10,11,12,13,14,15,17,18,19,20,21,22,23,24,25]
['EncodingError', 'NotReadableError', 'UnknownError', 'ConstraintError', 'DataError', 'TransactionInactiveError', 'ReadOnlyError', 'VersionError', 'OperationError', 'NotAllowedError', 'OptOutError'].map((name) => new DOMException('', name).code) //=> [0,0,0,0,0,0,0,0,0,0,0]
DOMException.ABORT_ERR //=> 20
DOMException.DATA_CLONE_ERR //=> 25
new DOMException().INDEX_SIZE_ERR //=> 1
DOMException.prototype.TIMEOUT_ERR //=> 23
Object.keys(DOMException).length //=> 25
new DOMException() instanceof Error //=> true
new DOMException() instanceof DOMException //=> true
Object.prototype.toString.call(new DOMException()) //=> [object DOMException]
String(new DOMException('m', 'AbortError')) //=> AbortError: m
typeof new DOMException('m').stack //=> string
DOMException('m') //=> !TypeError
DOMException.prototype.name //=> !TypeError
DOMException.length //=> 0
DOMException.name //=> DOMException
new DOMException(null).message //=> null
new DOMException('m', null).name //=> null
new DOMException('m', undefined).name //=> Error
new DOMException(Symbol()) //=> !TypeError
Object.getPrototypeOf(DOMException.prototype) === Error.prototype //=> true
Object.getPrototypeOf(DOMException) === Function.prototype //=> true
Object.keys(DOMException.prototype).includes('name') //=> true
(() => { class Mine extends DOMException { } const e = new Mine('m', 'AbortError'); return [e.name, e instanceof Mine, e.code] })() //=> ["AbortError",true,20]
(() => { 'use strict'; new DOMException().name = 'x' })() //=> !TypeError
new DOMException('m', { name: 'AbortError', cause: 5 }).name //=> [object Object]
structuredClone(new DOMException('m', 'AbortError')).code //=> 20
structuredClone(new DOMException('m', 'AbortError')) instanceof DOMException //=> true

// Numbers
(1234567.891).toLocaleString() //=> 1,234,567.891
(0).toLocaleString() //=> 0
(-0).toLocaleString() //=> -0
(-1234.5).toLocaleString() //=> -1,234.5
(999).toLocaleString() //=> 999
(1000).toLocaleString() //=> 1,000
(1e21).toLocaleString() //=> 1,000,000,000,000,000,000,000
(0.0001).toLocaleString() //=> 0
(1.0005).toLocaleString() //=> 1.001
(1.2345).toLocaleString() //=> 1.235
NaN.toLocaleString() //=> NaN
Infinity.toLocaleString() //=> ∞
(-Infinity).toLocaleString() //=> -∞
(1234.5).toLocaleString('en-US') //=> 1,234.5
(1234.5).toLocaleString(undefined, { minimumFractionDigits: 2 }) //=> 1,234.50
(1234.5678).toLocaleString(undefined, { maximumFractionDigits: 0 }) //=> 1,235
(1234.5678).toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 }) //=> 1,234.57
(2.5).toLocaleString(undefined, { maximumFractionDigits: 0 }) //=> 3
(3.5).toLocaleString(undefined, { maximumFractionDigits: 0 }) //=> 4
(1234).toLocaleString(undefined, { useGrouping: false }) //=> 1234
(5).toLocaleString(undefined, { minimumIntegerDigits: 2 }) //=> 05
(0.256).toLocaleString(undefined, { style: 'percent' }) //=> 26%
(0.256).toLocaleString(undefined, { style: 'percent', maximumFractionDigits: 1 }) //=> 25.6%
(1234.5).toLocaleString('en-US', { style: 'currency', currency: 'USD' }) //=> $1,234.50
(-1234.5).toLocaleString('en-US', { style: 'currency', currency: 'USD' }) //=> -$1,234.50
(1234.5).toLocaleString('en-US', { style: 'currency', currency: 'EUR' }) //=> €1,234.50
(1234.5).toLocaleString('en-US', { style: 'currency', currency: 'JPY' }) //=> ¥1,235
(1234.5).toLocaleString('en-US', { style: 'currency', currency: 'CHF' }) //=> CHF 1,234.50
(1234.5).toLocaleString('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 }) //=> $1,235
(1234.5).toLocaleString('en-US', { style: 'currency', currency: 'USD', currencyDisplay: 'code' }) //=> USD 1,234.50
(1).toLocaleString('en-US', { style: 'currency' }) //=> !TypeError
(1).toLocaleString('en-US', { style: 'nonsense' }) //=> !RangeError
(123456).toLocaleString(undefined, { maximumSignificantDigits: 3 }) //=> 123,000
(0.00123456).toLocaleString(undefined, { maximumSignificantDigits: 2 }) //=> 0.0012
(5).toLocaleString(undefined, { minimumSignificantDigits: 3 }) //=> 5.00
(1).toLocaleString(undefined, { maximumFractionDigits: -1 }) //=> !RangeError
(1).toLocaleString(undefined, { minimumFractionDigits: 5, maximumFractionDigits: 2 }) //=> !RangeError
(1).toLocaleString('not a locale') //=> !RangeError
(12345678901234567890n).toLocaleString() //=> 12,345,678,901,234,567,890
(-5n).toLocaleString('en-US') //=> -5
Number.prototype.toLocaleString.call('x') //=> !TypeError
[1234.5, 'x'].toLocaleString() //=> 1,234.5,x
new Intl.NumberFormat().format(1234.5) //=> 1,234.5
new Intl.NumberFormat('en-US', { style: 'percent' }).format(0.5) //=> 50%
Intl.NumberFormat('en-US').format(5) //=> 5
[1000, 2000].map(new Intl.NumberFormat('en-US').format) //=> ["1,000","2,000"]
new Intl.NumberFormat().format('1234.5') //=> 1,234.5
new Intl.NumberFormat().format(123456789012345678901234n) //=> 123,456,789,012,345,678,901,234
new Intl.NumberFormat('en-US').resolvedOptions().locale //=> en-US
(({ style, maximumFractionDigits, minimumFractionDigits }) => [style, minimumFractionDigits, maximumFractionDigits])(new Intl.NumberFormat('en-US').resolvedOptions()) //=> ["decimal",0,3]
new Intl.NumberFormat('en-US').formatToParts(-1234.5).map((p) => p.type).join() //=> minusSign,integer,group,integer,decimal,fraction
Object.prototype.toString.call(new Intl.NumberFormat()) //=> [object Intl.NumberFormat]
// Order of words
['b', 'a', 'C', 'A', 'c', 'B'].sort((x, y) => x.localeCompare(y)).join('') //=> aAbBcC
['zebra', 'Äpfel', 'apfel', 'Zoo', 'äpfel', 'Apfel'].sort((x, y) => x.localeCompare(y)).join() //=> apfel,Apfel,äpfel,Äpfel,zebra,Zoo
['résumé', 'resume', 'Resume', 'résume'].sort((x, y) => x.localeCompare(y)).join() //=> resume,Resume,résume,résumé
['10', '9', '1', 'a', '_', ' ', '-', 'Z'].sort((x, y) => x.localeCompare(y)).join() //=>  ,_,-,1,10,9,a,Z
['a10', 'a9', 'a1'].sort((x, y) => x.localeCompare(y, undefined, { numeric: true })).join() //=> a1,a9,a10
['a010', 'a10', 'a9'].sort(new Intl.Collator('en', { numeric: true }).compare).join() //=> a9,a010,a10
'a'.localeCompare('b') //=> -1
'b'.localeCompare('a') //=> 1
'a'.localeCompare('a') //=> 0
'a'.localeCompare('A') //=> -1
'a'.localeCompare('A', 'en', { sensitivity: 'base' }) //=> 0
'a'.localeCompare('á', 'en', { sensitivity: 'base' }) //=> 0
'a'.localeCompare('á', 'en', { sensitivity: 'accent' }) //=> -1
'a'.localeCompare('A', 'en', { sensitivity: 'accent' }) //=> 0
'a'.localeCompare('A', 'en', { sensitivity: 'case' }) //=> -1
'a'.localeCompare('á', 'en', { sensitivity: 'case' }) //=> 0
'a\u0301'.localeCompare('\u00e1') //=> 0
''.localeCompare('a') //=> -1
'a'.localeCompare() //=> -1
'co-op'.localeCompare('coop') //=> -1
'ab'.localeCompare('a b') //=> 1
'日本'.localeCompare('中国') !== 0 //=> true
String.prototype.localeCompare.call(null, 'a') //=> !TypeError
'a'.localeCompare('b', 'not a locale') //=> !RangeError
['a', 'B'].sort(new Intl.Collator().compare).join('') //=> aB
new Intl.Collator().resolvedOptions().sensitivity //=> variant
Object.prototype.toString.call(new Intl.Collator()) //=> [object Intl.Collator]
// Words for numbers, lists and times
new Intl.PluralRules('en').select(1) //=> one
new Intl.PluralRules('en').select(2) //=> other
new Intl.PluralRules('en').select(1.5) //=> other
[1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 101, 111].map((n) => new Intl.PluralRules('en', { type: 'ordinal' }).select(n)) //=> ["one","two","few","other","other","other","other","one","two","few","one","other"]
new Intl.ListFormat('en').format(['a']) //=> a
new Intl.ListFormat('en').format(['a', 'b']) //=> a and b
new Intl.ListFormat('en').format(['a', 'b', 'c']) //=> a, b, and c
new Intl.ListFormat('en', { type: 'disjunction' }).format(['a', 'b', 'c']) //=> a, b, or c
new Intl.ListFormat('en', { style: 'narrow', type: 'unit' }).format(['a', 'b', 'c']) //=> a b c
new Intl.ListFormat('en').format([]) //=> 
new Intl.ListFormat('en').format([5]) //=> !TypeError
new Intl.RelativeTimeFormat('en').format(-3, 'day') //=> 3 days ago
new Intl.RelativeTimeFormat('en').format(1, 'hours') //=> in 1 hour
new Intl.RelativeTimeFormat('en').format(-1, 'month') //=> 1 month ago
new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(-1, 'day') //=> yesterday
new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(0, 'year') //=> this year
new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(1, 'week') //=> next week
new Intl.RelativeTimeFormat('en').format(1234, 'minute') //=> in 1,234 minutes
new Intl.RelativeTimeFormat('en').format(1, 'nonsense') //=> !RangeError
Intl.getCanonicalLocales('EN-us') //=> ["en-US"]
Intl.getCanonicalLocales('x y') //=> !RangeError

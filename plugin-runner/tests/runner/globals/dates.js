// With a date of its own
new Date(1704207845678).toLocaleString() //=> 1/2/2024, 3:04:05 PM
new Date(1704207845678).toLocaleDateString() //=> 1/2/2024
new Date(1704207845678).toLocaleTimeString() //=> 3:04:05 PM
new Date(NaN).toLocaleString() //=> Invalid Date
new Date(1704207845678).toLocaleString('en-US') //=> 1/2/2024, 3:04:05 PM
new Date(1704207845678).toLocaleDateString(undefined, { dateStyle: 'full' }) //=> Tuesday, January 2, 2024
new Date(1704207845678).toLocaleDateString(undefined, { dateStyle: 'long' }) //=> January 2, 2024
new Date(1704207845678).toLocaleDateString(undefined, { dateStyle: 'medium' }) //=> Jan 2, 2024
new Date(1704207845678).toLocaleDateString(undefined, { dateStyle: 'short' }) //=> 1/2/24
new Date(1704207845678).toLocaleTimeString(undefined, { timeStyle: 'short' }) //=> 3:04 PM
new Date(1704207845678).toLocaleTimeString(undefined, { timeStyle: 'medium' }) //=> 3:04:05 PM
new Date(1704207845678).toLocaleTimeString(undefined, { timeStyle: 'long' }) //=> 3:04:05 PM UTC
new Date(1704207845678).toLocaleTimeString(undefined, { timeStyle: 'full' }) //=> 3:04:05 PM Coordinated Universal Time
new Date(1704207845678).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'short' }) //=> Tuesday, January 2, 2024 at 3:04 PM
new Date(1704207845678).toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'medium' }) //=> January 2, 2024 at 3:04:05 PM
new Date(1704207845678).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) //=> Jan 2, 2024, 3:04 PM
new Date(1704207845678).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'short' }) //=> 1/2/24, 3:04 PM
new Date(1704207845678).toLocaleDateString(undefined, { timeStyle: 'short' }) //=> !TypeError
new Date(1704207845678).toLocaleTimeString(undefined, { dateStyle: 'short' }) //=> !TypeError
new Date(1704207845678).toLocaleString(undefined, { dateStyle: 'short', year: 'numeric' }) //=> !TypeError
new Date(1704207845678).toLocaleDateString('en-US', { year: 'numeric', month: 'long', day: 'numeric' }) //=> January 2, 2024
new Date(1704207845678).toLocaleDateString('en-US', { year: 'numeric', month: 'short', day: 'numeric' }) //=> Jan 2, 2024
new Date(1704207845678).toLocaleDateString('en-US', { year: 'numeric', month: '2-digit', day: '2-digit' }) //=> 01/02/2024
new Date(1704207845678).toLocaleDateString('en-US', { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }) //=> Tuesday, January 2, 2024
new Date(1704207845678).toLocaleDateString('en-US', { weekday: 'short', month: 'short', day: 'numeric' }) //=> Tue, Jan 2
new Date(1704207845678).toLocaleDateString('en-US', { weekday: 'short', year: 'numeric', month: 'numeric', day: 'numeric' }) //=> Tue, 1/2/2024
new Date(1704207845678).toLocaleDateString('en-US', { weekday: 'long' }) //=> Tuesday
new Date(1704207845678).toLocaleDateString('en-US', { weekday: 'narrow' }) //=> T
new Date(1704207845678).toLocaleDateString('en-US', { month: 'long' }) //=> January
new Date(1704207845678).toLocaleDateString('en-US', { month: 'narrow' }) //=> J
new Date(1704207845678).toLocaleDateString('en-US', { month: '2-digit' }) //=> 01
new Date(1704207845678).toLocaleDateString('en-US', { month: 'long', year: 'numeric' }) //=> January 2024
new Date(1704207845678).toLocaleDateString('en-US', { month: 'short', day: 'numeric' }) //=> Jan 2
new Date(1704207845678).toLocaleDateString('en-US', { month: 'numeric', day: 'numeric' }) //=> 1/2
new Date(1704207845678).toLocaleDateString('en-US', { month: '2-digit', year: 'numeric' }) //=> 01/2024
new Date(1704207845678).toLocaleDateString('en-US', { year: 'numeric' }) //=> 2024
new Date(1704207845678).toLocaleDateString('en-US', { year: '2-digit' }) //=> 24
new Date(1704207845678).toLocaleDateString('en-US', { year: '2-digit', month: 'numeric', day: 'numeric' }) //=> 1/2/24
new Date(1704207845678).toLocaleDateString('en-US', { day: 'numeric' }) //=> 2
new Date(1704207845678).toLocaleDateString('en-US', { day: '2-digit' }) //=> 02
new Date(1704207845678).toLocaleDateString('en-US', { hour: 'numeric' }) //=> 1/2/2024, 3 PM
new Date(1704207845678).toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit' }) //=> 3:04 PM
new Date(1704207845678).toLocaleTimeString('en-US', { hour: '2-digit', minute: '2-digit' }) //=> 03:04 PM
new Date(1704207845678).toLocaleTimeString('en-US', { hour: '2-digit', minute: '2-digit', hour12: false }) //=> 15:04
new Date(1704207845678).toLocaleTimeString('en-US', { hour12: false }) //=> 15:04:05
new Date(1704207845678).toLocaleTimeString('en-US', { hourCycle: 'h23' }) //=> 15:04:05
new Date(1704153845000).toLocaleTimeString('en-US', { hourCycle: 'h23' }) //=> 00:04:05
new Date(1704153845000).toLocaleTimeString('en-US') //=> 12:04:05 AM
new Date(1704153845000).toLocaleTimeString('en-US', { hourCycle: 'h23', hour: 'numeric', minute: 'numeric' }) //=> 00:04
new Date(1704207845678).toLocaleTimeString('en-US', { hour: 'numeric' }) //=> 3 PM
new Date(1704207845678).toLocaleTimeString('en-US', { minute: '2-digit', second: '2-digit' }) //=> 04:05
new Date(1704207845678).toLocaleTimeString('en-US', { fractionalSecondDigits: 3, second: 'numeric', minute: 'numeric', hour: 'numeric' }) //=> 3:04:05.678 PM
new Date(1704207845678).toLocaleTimeString('en-US', { timeZoneName: 'short' }) //=> 3:04:05 PM UTC
new Date(1704207845678).toLocaleString('en-US', { timeZoneName: 'short' }) //=> 1/2/2024, 3:04:05 PM UTC
new Date(1704207845678).toLocaleString('en-US', { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }) //=> Jan 2, 3:04 PM
new Date(1704207845678).toLocaleString('en-US', { month: 'long', day: 'numeric', year: 'numeric', hour: 'numeric', minute: '2-digit' }) //=> January 2, 2024 at 3:04 PM
new Date(1704207845678).toLocaleString('en-US', { weekday: 'short', hour: 'numeric' }) //=> Tue 3 PM
new Date(1704207845678).toLocaleString('en-US', { timeZone: 'UTC' }) //=> 1/2/2024, 3:04:05 PM
new Date(1704207845678).toLocaleString('en-US', { timeZone: 'utc', dateStyle: 'short' }) //=> 1/2/24
new Date(1704207845678).toLocaleString('en-US', { timeZone: 'Mars/Phobos' }) //=> !RangeError
new Date(1704207845678).toLocaleString('en-US', { month: 'nonsense' }) //=> !RangeError
new Date(1704207845678).toLocaleString('en-US', { dateStyle: 'nonsense' }) //=> !RangeError
new Date(1704207845678).toLocaleString('not a locale') //=> !RangeError
new Date(1704207845678).toLocaleString(['en-US']) //=> 1/2/2024, 3:04:05 PM
new Date(1704207845678).toLocaleString(null) //=> !TypeError
Date.prototype.toLocaleString.call({}) //=> !TypeError
// DateTimeFormat
new Intl.DateTimeFormat().format(new Date(1704207845678)) //=> 1/2/2024
new Intl.DateTimeFormat('en-US', { month: 'short' }).format(1704207845678) //=> Jan
Intl.DateTimeFormat('en-US').format(1704207845678) //=> 1/2/2024
new Intl.DateTimeFormat().format(NaN) //=> !RangeError
typeof new Intl.DateTimeFormat().format() //=> string
(() => { const { format } = new Intl.DateTimeFormat('en-US'); return [1704207845678, 0].map(format) })() //=> ["1/2/2024","1/1/1970"]
new Intl.DateTimeFormat('en-US', { month: 'long', day: 'numeric' }).formatToParts(1704207845678) //=> [{"type":"month","value":"January"},{"type":"literal","value":" "},{"type":"day","value":"2"}]
new Intl.DateTimeFormat('en-US', { hour: 'numeric', minute: '2-digit' }).formatToParts(1704207845678).map((p) => p.type).join() //=> hour,literal,minute,literal,dayPeriod
(({ locale, calendar, numberingSystem, timeZone }) => [locale, calendar, numberingSystem, timeZone])(new Intl.DateTimeFormat('en-US').resolvedOptions()) //=> ["en-US","gregory","latn","UTC"]
(({ year, month, day, hour }) => [year, month, day, hour])(new Intl.DateTimeFormat('en-US').resolvedOptions()) //=> ["numeric","numeric","numeric",null]
new Intl.DateTimeFormat('en-US', { timeZone: 'UTC' }).resolvedOptions().timeZone //=> UTC
new Intl.DateTimeFormat('en-US', { hour: 'numeric' }).resolvedOptions().hourCycle //=> h12
Intl.DateTimeFormat.supportedLocalesOf(['en-US', 'en']) //=> ["en-US","en"]
Object.prototype.toString.call(new Intl.DateTimeFormat()) //=> [object Intl.DateTimeFormat]
Object.prototype.toString.call(Intl) //=> [object Intl]
Intl.DateTimeFormat.name //=> DateTimeFormat
new Intl.DateTimeFormat('en-US').formatRange(0, 86400000) //=> 1/1/1970 – 1/2/1970
// Every day of centuries, against the engine's own calendar
(() => { const f = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', year: 'numeric', month: 'numeric', day: 'numeric', weekday: 'long' }); const names = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']; for (let day = -70000; day < 80000; day += 17) { const d = new Date(day * 86400000 + 12345678); const expected = `${names[d.getUTCDay()]}, ${d.getUTCMonth() + 1}/${d.getUTCDate()}/${d.getUTCFullYear()}`; if (f.format(d) !== expected) return [f.format(d), expected] } return 'all' })() //=> all
(() => { for (let ms = -5e12; ms < 5e12; ms += 987654321987) { const d = new Date(ms); const f = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', hour: 'numeric', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(d); if (f !== d.toISOString().slice(-13, -5)) return [f, d.toISOString()] } return 'all' })() //=> all
[Date.prototype.toLocaleString.length, Date.prototype.toLocaleDateString.length, Number.prototype.toLocaleString.length, String.prototype.localeCompare.length] //=> [0,0,0,1]
Object.keys(new Intl.DateTimeFormat('en-US', { dateStyle: 'short' }).resolvedOptions()).join() //=> locale,calendar,numberingSystem,timeZone,dateStyle

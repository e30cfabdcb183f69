typeof performance.now() //=> number
(() => { const a = performance.now(); return a <= performance.now() })() //=> true
Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 5000 //=> true
performance.now() < 100000 //=> true
Object.prototype.toString.call(performance) //=> [object Performance]
performance instanceof EventTarget //=> true
performance instanceof Performance //=> true
new Performance() //=> !TypeError
(0, performance.now)() //=> !TypeError
Performance.prototype.timeOrigin //=> !TypeError
typeof JSON.parse(JSON.stringify(performance)).timeOrigin //=> number
performance.mark('a').name //=> a
performance.mark('b', { startTime: 5 }).startTime //=> 5
performance.mark('b', { detail: { x: 1 } }).detail //=> {"x":1}
performance.mark('b').detail //=> null
performance.mark('b', { startTime: -1 }) //=> !TypeError
performance.mark() //=> !TypeError
performance.mark('m').entryType //=> mark
performance.mark('m').duration //=> 0
performance.mark('m') instanceof PerformanceMark //=> true
performance.mark('m') instanceof PerformanceEntry //=> true
Object.prototype.toString.call(performance.mark('m')) //=> [object PerformanceMark]
performance.measure('n', { start: 5, end: 8 }).duration //=> 3
performance.measure('n', { start: 5, duration: 8 }).duration //=> 8
performance.measure('n', { end: 5, duration: 3 }).startTime //=> 2
performance.measure('n', { start: 5, end: 8, detail: [1] }).detail //=> [1]
performance.measure('n', 'nothing') //=> !SyntaxError
performance.measure('n', { start: 1, end: 2, duration: 1 }) //=> !TypeError
performance.measure() //=> !TypeError
performance.measure('n').startTime //=> 0
performance.measure('n', { start: 5, end: 8 }).entryType //=> measure
performance.mark('x', { startTime: 10 }).startTime //=> 10
performance.mark('y', { startTime: 30 }).startTime //=> 30
performance.measure('xy', 'x', 'y').duration //=> 20
performance.getEntriesByName('xy').length //=> 1
performance.getEntriesByName('xy', 'mark').length //=> 0
performance.getEntriesByType('measure').every((e) => e.entryType === 'measure') //=> true
performance.getEntries().map((e) => e.startTime).every((t, i, all) => i === 0 || all[i - 1] <= t) //=> true
performance.clearMarks('x') //=> undefined
performance.measure('xy', 'x', 'y') //=> !SyntaxError
performance.clearMarks() //=> undefined
performance.getEntriesByType('mark').length //=> 0
performance.clearMeasures() //=> undefined
performance.getEntries().filter((e) => e.entryType === 'measure').length //=> 0
new PerformanceMark('c', { startTime: 7 }).startTime //=> 7
performance.getEntriesByName('c').length //=> 0
new PerformanceEntry() //=> !TypeError
(() => { for (let i = 0; i < 20000; i += 1) performance.mark('many'); return performance.getEntriesByType('mark').length <= 20000 })() //=> true

// What a plugin may want of the language and of its globals. A locked one answers what one without a sandbox answers.
import { words } from './lib/words.js';

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

const thrownBy = async (action) => {
  try {
    return await action();
  } catch (error) {
    return error.name;
  }
};

const fill = () => {
  const kept = [];
  try {
    for (;;) kept.push(new ArrayBuffer(4 << 20));
  } catch {
    return 8 < kept.length;
  }
};

const deeper = () => deeper() + 1;
const deeperInCallbacks = () => [1].map(deeperInCallbacks);

// Answers that are those of this place.
const here = {
  'dates with their zone': () => [0, 1e12, 1.7e12].map((at) => String(new Date(at))),
  'dates that were parsed': () => [Date.parse('2026-02-03T04:05:06'), new Date(2026, 6, 1, 12).toISOString()],
  'dates for people': () => [new Date(0).toLocaleString(), new Date(0).toLocaleDateString('de')],
  'offsets of the zone': () => [1, 7].map((month) => new Date(2026, month, 1).getTimezoneOffset()),
};

// Answers that are the same everywhere.
const everywhere = {
  'a date of the zone UTC': () => new Date(8.64e15).toUTCString(),
  'the time': () => [1.7e12 < Date.now(), 0 < performance.now(), new Date().getFullYear() < 2200],
  'chance': () => [
    Math.random() !== Math.random(),
    crypto.getRandomValues(new Uint8Array(64)).some(Boolean),
    crypto.randomUUID().length,
  ],
  'regular expressions': () => [
    'äöü ßẞ'.replace(/\p{Lu}/gu, '!'),
    /(?<year>\d{4})-(?<=-)/.exec('in 2026-07').groups.year,
    'aXbX'.split(/x/i),
  ],
  'a regular expression that is compiled late': () => new RegExp('(a+)+$', 'v').test('a'.repeat(1000)),
  'long texts': () => 'x'.repeat(1e6).replaceAll('x', 'yz').length,
  'normal forms': () => 'é'.normalize('NFD').length + 'İ'.toLowerCase().length,
  'large numbers': () => String((2n ** 4000n) % 1000007n),
  'functions of numbers': () => [Math.sin(1), Math.exp(1), 2 ** 0.5, Math.hypot(3, 4), Math.cbrt(27), (0.1).toFixed(20)],
  'sorting': () => Array.from({ length: 1e5 }, (_, at) => (at * 7919) % 100003).sort((a, b) => a - b)[5e4],
  'JSON': () => JSON.stringify(JSON.parse(JSON.stringify(Array.from({ length: 1e4 }, (_, at) => ({ at }))))).length,
  'a large heap': () => Array.from({ length: 40 }, (_, at) => new Uint8Array(1 << 20).fill(at))[39][5],
  'more memory than there is': () => thrownBy(() => new ArrayBuffer(1 << 30).byteLength),
  'memory that is used up and given back': () => [fill(), fill(), fill(), new ArrayBuffer(8 << 20).byteLength],
  'deep recursion': () => thrownBy(deeper),
  'deep recursion in callbacks': () => thrownBy(deeperInCallbacks),
  'deep recursion in JSON': () => thrownBy(() => JSON.parse('['.repeat(1e6))),
  'deep recursion in a regular expression': () => thrownBy(() => new RegExp('('.repeat(1e5) + ')'.repeat(1e5))),
  'a stack': () => thrownBy(() => null.x),
  'code from text': () => new Function('a', 'b', 'return a + b')(1, 2) + (0, eval)('1 + 1'),
  'promises': () => Promise.all([1, Promise.resolve(2), (async () => 3)()]),
  'generators': () => [...(function* () { yield* [1, 2]; })()],
  'weak references': () => {
    new FinalizationRegistry(() => {}).register({}, 1);
    return new WeakRef(here).deref() === here;
  },
  'shared memory of its own': () => Atomics.add(new Int32Array(new SharedArrayBuffer(8)), 0, 5),
  'text as bytes': () => new TextDecoder().decode(new TextEncoder().encode('grüß')),
  'addresses': () => new URL('../b?c=d#e', 'https://example.org/a/').href,
  'copies': () => [...structuredClone(new Map([[1, new Date(0)]])).values()][0].getTime(),
  'a timer that repeats': () => new Promise((done) => {
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
      if (ticks < 3) return;
      clearInterval(timer);
      done(ticks);
    }, 1);
  }),
  'a timer in time': async () => {
    const begun = performance.now();
    await pause(20);
    return 19 <= performance.now() - begun;
  },
  'many timers': async () => (await Promise.all(Array.from({ length: 500 }, (_, at) => pause(at % 7)))).length,
  'a signal': () => [AbortSignal.timeout(1).aborted, AbortSignal.abort().aborted],
  'a call': () => app.echo({ list: [1, 2.5, 'three', null, true] }),
  'a call that fails': () => thrownBy(() => app.fail()),
  'many calls': async () => (await Promise.all(Array.from({ length: 2000 }, (_, at) => app.echo(at)))).at(-1),
  'a call back': () => app.callBack((value) => value * 2),
  'a large value': async () => (await app.echo('y'.repeat(3e6))).length,
  'a stream of the application': async () => {
    let sum = 0;
    for await (const item of await app.numbers()) sum += item;
    return sum;
  },
  'a stream of its own': () => app.sum((async function* () { for (let at = 0; at < 2000; at++) yield at; })()),
  'a module': () => words,
  'a module that is imported late': async () => (await import('./lib/late.js')).late(),
  'a module that is not there': () => thrownBy(() => import('./lib/absent.js')),
  'lines of a log': () => {
    for (let at = 0; at < 100; at++) console.log('line', at, { at });
    return 'logged';
  },
};

export const namesHere = () => Object.keys(here);
export const namesEverywhere = () => Object.keys(everywhere);
export const answer = (name) => ({ ...here, ...everywhere })[name]();

// Replaces what the language has, then uses every global. Each use gives a text; what a replaced function would do is
// written to `touched`.
const { ArrayBuffer, Error, Uint8Array, Float32Array, Object: RealObject, Symbol: RealSymbol } = globalThis;
const { getOwnPropertyDescriptor, getPrototypeOf, defineProperty } = Object;
const { ownKeys } = Reflect;

let touched = '';
const uses = [
  () => new URL('https://a.b/c?d=e#f').hostname,
  () => { const u = new URL('http://a?x=1'); u.searchParams.append('y', '2'); u.searchParams.sort(); u.port = '8'; return u.href },
  () => URL.canParse('nothing'),
  () => { try { new URL('nothing') } catch (error) { return error.message } },
  () => { const p = new URLSearchParams({ a: 'b' }); p.set('c', 'd'); p.delete('a'); return p.toString() + ' ' + p.get('c') + ' ' + p.has('c') + ' ' + p.getAll('c').length },
  () => { const i = new URLSearchParams('a=b').entries(); return i.next().value[1] },
  () => new TextEncoder().encode('aß')[2],
  () => new TextEncoder().encodeInto('aß', new Uint8Array(2)).written,
  () => new TextDecoder('latin1').decode(new Uint8Array(2)).length,
  () => { const d = new TextDecoder(' UTF-8 '); const b = new Uint8Array(1); b[0] = 0xc3; d.decode(b, { stream: true }); b[0] = 0x9f; return d.decode(b) },
  () => { const t = new EventTarget(); let n = 0; const f = () => { n += 1 }; t.addEventListener('x', f); t.addEventListener('x', f, true); t.dispatchEvent(new Event('x')); t.removeEventListener('x', f); t.dispatchEvent(new CustomEvent('x', { detail: 1 })); return n },
  () => { const c = new AbortController(); let seen = ''; c.signal.addEventListener('abort', (event) => { seen += event.type }, { once: true }); c.signal.onabort = () => { seen += '!' }; c.abort(); return seen + ' ' + c.signal.reason.name + ' ' + c.signal.aborted },
  () => { const c = new AbortController(); const t = new EventTarget(); let n = 0; t.addEventListener('x', () => { n += 1 }, { signal: c.signal }); c.abort(); t.dispatchEvent(new Event('x')); return n },
  () => AbortSignal.timeout(1000).aborted,
  () => AbortSignal.abort('why').reason,
  () => structuredClone({ a: [1, { b: new Uint8Array(3) }] }).a[1].b[2],
  () => { structuredClone([new ArrayBuffer(3), new Error('m'), 5n]); return structuredClone(/a/g) !== undefined },
  () => { try { structuredClone(() => 0) } catch (error) { return error.name } },
  () => { const a = new Uint8Array(32); crypto.getRandomValues(a); let n = 0; for (let i = 0; i < 32; i += 1) n |= a[i]; return n !== 0 },
  () => { try { crypto.getRandomValues(new Float32Array(1)) } catch (error) { return error.name } },
  () => crypto.randomUUID().length,
  () => performance.now() < 100000,
  () => { performance.mark('a', { startTime: 1 }); performance.measure('b', { start: 1, end: 3 }); performance.clearMarks('a'); return performance.getEntries().length },
  () => navigator.userAgent !== '',
  () => atob(btoa('abc')),
  () => new Intl.DateTimeFormat('en-US', { dateStyle: 'full', timeZone: 'UTC' }).format(0),
  () => new Intl.NumberFormat('en-US', { style: 'currency', currency: 'EUR' }).format(-1234.567),
  () => new Intl.Collator('en', { numeric: true }).compare('a10', 'Ä9') + new Intl.PluralRules().select(1),
  () => new Intl.RelativeTimeFormat().format(-2, 'days'),
  () => new DOMException('m', 'AbortError').code,
  () => { queueMicrotask(() => {}); reportError('told'); return 'ok' },
  () => { const id = setTimeout(() => {}, 1000); clearTimeout(id); return typeof id },
  () => { console.log('%s and %o', 'text', { a: [1, { b: 2 }] }, 5n, /x/); console.table([{ a: 1 }]); console.count(); return 'logged' },
];

const replace = (owner, name) => {
  const keys = ownKeys(owner);
  for (let i = 0; i < keys.length; i += 1) {
    const key = keys[i];
    const descriptor = getOwnPropertyDescriptor(owner, key);
    if (!descriptor.configurable || key === 'prototype' || key === 'constructor') continue;
    const evil = function () {
      touched += " " + name + "." + (typeof key === "symbol" ? "symbol" : key);
      throw 'touched';
    };
    if (typeof descriptor.value === 'function') defineProperty(owner, key, { __proto__: null, value: evil, writable: true, configurable: true });
    else if (descriptor.get !== undefined) defineProperty(owner, key, { __proto__: null, get: evil, set: evil, configurable: true });
  }
};

exports.run = () => {
  const names = [
    'Array', 'ArrayBuffer', 'BigInt', 'Boolean', 'DataView', 'Date', 'Error', 'Float32Array', 'Function', 'JSON', 'Map', 'Math',
    'Number', 'Promise', 'Proxy', 'RangeError', 'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'TypeError', 'Uint8Array',
    'WeakMap', 'WeakRef', 'WeakSet', 'Object',
  ];
  replace(getPrototypeOf(Uint8Array.prototype), 'TypedArray');
  replace(getPrototypeOf(getPrototypeOf([][RealSymbol.iterator]())), 'Iterator');
  replace(getPrototypeOf([][RealSymbol.iterator]()), 'ArrayIterator');
  for (let i = 0; i < names.length; i += 1) {
    const owner = globalThis[names[i]];
    if (owner.prototype) replace(owner.prototype, names[i]);
    replace(owner, names[i]);
  }
  for (let i = 0; i < names.length; i += 1) globalThis[names[i]] = undefined;
  globalThis.parseInt = globalThis.parseFloat = globalThis.eval = undefined;
  RealObject.prototype.get = RealObject.prototype.set = () => { touched += ' descriptor'; };

  let text = '';
  for (let i = 0; i < uses.length; i += 1) {
    try {
      text += uses[i]() + '\n';
    } catch (error) {
      text += 'threw ' + (typeof error === 'string' ? error : error.message) + ' in ' + i + '\n';
    }
  }
  return text + 'touched' + touched;
};

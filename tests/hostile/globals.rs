//! Hostile values in the hands of the globals: console, timers, events, signals, clones.

use crate::stage::play;
use expect_test::expect;

#[tokio::test]
async fn the_console_takes_anything() {
    let rows = [
        "console.log({ get a() { boom() } }, { toString: boom, [Symbol.toPrimitive]: boom, inspect: boom })",
        "console.log(new Proxy({}, { get: boom, ownKeys: boom, getPrototypeOf: boom, getOwnPropertyDescriptor: boom }))",
        "console.log('%s %d %i %f %o %O %j %c %%', { toString: boom }, { valueOf: boom }, Symbol('s'), 10n, new Proxy({}, {}))",
        "const { proxy, revoke } = Proxy.revocable(() => {}, {}); revoke(); console.log(proxy)",
        "const o = {}; o.o = o; console.log(o, [o], new Map([[o, o]]))",
        "let o = 1; for (let i = 0; i < 100_000; i++) o = [o]; console.log(o)",
        "console.log('x'.repeat(1_000_000)); console.log(Array(100_000).fill({ a: 1 }))",
        "const e = new Error('m'); Object.defineProperty(e, 'stack', { get: boom }); e.name = Symbol('s'); console.log(e)",
        "const e = new Error('m'); e.cause = e; console.log(e)",
        "console.log('\\u001b[31m red', '\\r overwritten', '\\0', '\\ud800')",
        "for (const name of ['__proto__', 'constructor', 'toString', '']) { console.count(name); console.time(name); console.timeEnd(name) }",
        "await attempt(() => console.count({ toString: boom }))",
        "await attempt(() => console.count(Symbol('s')))",
        "await attempt(() => console.table({ get a() { boom() } }))",
        "await attempt(() => console.table(new Proxy([], { ownKeys: boom })))",
        "await attempt(() => console.dir({ a: 1 }, { get depth() { boom() } }))",
        "for (let i = 0; i < 10_000; i++) console.group('deep')",
        "class A {} Object.defineProperty(A.prototype, 'constructor', { get: boom }); console.log(new A(), Object.create(new A()))",
    ];
    expect![[r#"
        console.log({ get a() { boom() } }, { toString: boom, [Symbol.toPrimitive]: boom, inspect: boom }) -> null
        console.log(new Proxy({}, { get: boom, ownKeys: boom, getPrototypeOf: boom, getOwnPropertyDescriptor: boom })) -> null
        console.log('%s %d %i %f %o %O %j %c %%', { toString: boom }, { valueOf: boom }, Symbol('s'), 10n, new Proxy({}, {})) -> null
        const { proxy, revoke } = Proxy.revocable(() => {}, {}); revoke(); console.log(proxy) -> null
        const o = {}; o.o = o; console.log(o, [o], new Map([[o, o]])) -> null
        let o = 1; for (let i = 0; i < 100_000; i++) o = [o]; console.log(o) -> null
        console.log('x'.repeat(1_000_000)); console.log(Array(100_000).fill({ a: 1 })) -> null
        const e = new Error('m'); Object.defineProperty(e, 'stack', { get: boom }); e.name = Symbol('s'); console.log(e) -> null
        const e = new Error('m'); e.cause = e; console.log(e) -> null
        console.log('\u001b[31m red', '\r overwritten', '\0', '\ud800') -> null
        for (const name of ['__proto__', 'constructor', 'toString', '']) { console.count(name); console.time(name); console.timeEnd(name) } -> null
        await attempt(() => console.count({ toString: boom })) -> "Error: boom"
        await attempt(() => console.count(Symbol('s'))) -> "TypeError: a symbol is no text"
        await attempt(() => console.table({ get a() { boom() } })) -> "Error: boom"
        await attempt(() => console.table(new Proxy([], { ownKeys: boom }))) -> "Error: boom"
        await attempt(() => console.dir({ a: 1 }, { get depth() { boom() } })) -> "Error: boom"
        for (let i = 0; i < 10_000; i++) console.group('deep') -> null
        class A {} Object.defineProperty(A.prototype, 'constructor', { get: boom }); console.log(new A(), Object.create(new A())) -> null
    "#]].assert_eq(&play(&rows).await);
}

#[tokio::test]
async fn timers_and_tasks() {
    let rows = [
        "setTimeout(boom); await new Promise((done) => setTimeout(done, 2)); return 'went on'",
        "setTimeout(() => { throw { get message() { boom() } } }); await new Promise((done) => setTimeout(done, 2)); return 'went on'",
        "queueMicrotask(boom); await null; return 'went on'",
        "await attempt(() => setTimeout('boom()'))",
        "await attempt(() => setTimeout(null))",
        "await attempt(() => setTimeout({}))",
        "await attempt(() => queueMicrotask('boom()'))",
        "await attempt(() => setTimeout(() => {}, { valueOf: boom }))",
        "await attempt(() => setTimeout(() => {}, Symbol('s')))",
        "await attempt(() => setTimeout(() => {}, 10n))",
        "new Promise((done) => setTimeout(done, -Infinity, 'at once'))",
        "new Promise((done) => setTimeout(done, NaN, 'at once'))",
        "clearTimeout(); clearTimeout({ valueOf: boom }); clearTimeout(-1); clearTimeout('x'); return 'nothing'",
        "Promise.reject(new Proxy({}, { get: boom })); await null; return 'went on'",
        "Promise.reject(); Promise.reject(Symbol('s')); await null; return 'went on'",
    ];
    expect![[r#"
        setTimeout(boom); await new Promise((done) => setTimeout(done, 2)); return 'went on' -> "went on"; uncaught: Error: boom
        setTimeout(() => { throw { get message() { boom() } } }); await new Promise((done) => setTimeout(done, 2)); return 'went on' -> "went on"; uncaught: Error: thrown: { message: [Getter] }
        queueMicrotask(boom); await null; return 'went on' -> "went on"; uncaught: Error: boom
        await attempt(() => setTimeout('boom()')) -> "TypeError: a timer needs a function"
        await attempt(() => setTimeout(null)) -> "TypeError: a timer needs a function"
        await attempt(() => setTimeout({})) -> "TypeError: a timer needs a function"
        await attempt(() => queueMicrotask('boom()')) -> "TypeError: not a function"
        await attempt(() => setTimeout(() => {}, { valueOf: boom })) -> 1
        await attempt(() => setTimeout(() => {}, Symbol('s'))) -> 1
        await attempt(() => setTimeout(() => {}, 10n)) -> 1
        new Promise((done) => setTimeout(done, -Infinity, 'at once')) -> "at once"
        new Promise((done) => setTimeout(done, NaN, 'at once')) -> "at once"
        clearTimeout(); clearTimeout({ valueOf: boom }); clearTimeout(-1); clearTimeout('x'); return 'nothing' -> "nothing"
        Promise.reject(new Proxy({}, { get: boom })); await null; return 'went on' -> "went on"; uncaught: thrown: {}
        Promise.reject(); Promise.reject(Symbol('s')); await null; return 'went on' -> "went on"; uncaught: undefined; uncaught: Error: thrown: Symbol(s)
    "#]].assert_eq(&play(&rows).await);
}

#[tokio::test]
async fn events_and_signals() {
    let rows = [
        "const seen = []; const t = new EventTarget();
            for (const name of ['__proto__', 'constructor', 'toString', 'then', '']) { t.addEventListener(name, (e) => seen.push(e.type)); t.dispatchEvent(new Event(name)) }
            return seen",
        "const t = new EventTarget(); t.addEventListener('a', boom); t.dispatchEvent(new Event('a')); return 'went on'",
        "const t = new EventTarget(); t.addEventListener('a', { get handleEvent() { boom() } }); t.dispatchEvent(new Event('a')); return 'went on'",
        "await attempt(() => new EventTarget().addEventListener('a', 7))",
        "await attempt(() => new EventTarget().addEventListener(Symbol('s'), () => {}))",
        "await attempt(() => new EventTarget().addEventListener('a', () => {}, { get once() { boom() } }))",
        "await attempt(() => new EventTarget().dispatchEvent({ type: 'a' }))",
        "await attempt(() => EventTarget.prototype.dispatchEvent.call({}, new Event('a')))",
        "const c = new AbortController(); c.signal.addEventListener = boom; return app.describe(c.signal)",
        "AbortSignal.prototype.addEventListener = boom; EventTarget.prototype.addEventListener = boom; return app.describe(new AbortController().signal)",
        "Object.defineProperty(AbortSignal.prototype, 'aborted', { get: boom }); return app.describe(new AbortController().signal)",
        "const c = new AbortController(); c.abort(); return attempt(() => app.echo(c.signal))",
        "const c = new AbortController(); c.abort({ then: boom }); return attempt(() => app.echo(c.signal))",
        "const c = new AbortController(); c.abort(undefined); return attempt(() => app.echo({ deep: [c.signal] }))",
        "const c = new AbortController(); const asked = app.wait(c.signal); c.abort(new RangeError('mine')); return attempt(() => asked)",
        "const c = new AbortController(); const asked = app.describe(c.signal); await asked; c.abort(); return 'too late'",
        "const c = new AbortController(); return app.describe({ get a() { c.abort(); return 1 }, signal: c.signal })",
        "const c = new AbortController(); return attempt(() => app.describe([c.signal, c.signal, new AbortController().signal]))",
        "app.describe({ aborted: true, addEventListener: boom })",
        "await attempt(() => app.describe(Object.create(AbortSignal.prototype)))",
        "await attempt(() => app.describe(new Proxy(new AbortController().signal, {})))",
        "await attempt(() => AbortSignal.any([{ aborted: true }]))",
    ];
    expect![[r#"
        const seen = []; const t = new EventTarget();
                    for (const name of ['__proto__', 'constructor', 'toString', 'then', '']) { t.addEventListener(name, (e) => seen.push(e.type)); t.dispatchEvent(new Event(name)) }
                    return seen -> ["__proto__","constructor","toString","then",""]
        const t = new EventTarget(); t.addEventListener('a', boom); t.dispatchEvent(new Event('a')); return 'went on' -> "went on"; uncaught: Error: boom
        const t = new EventTarget(); t.addEventListener('a', { get handleEvent() { boom() } }); t.dispatchEvent(new Event('a')); return 'went on' -> "went on"; uncaught: Error: boom
        await attempt(() => new EventTarget().addEventListener('a', 7)) -> "TypeError: a listener must be a function, or an object with handleEvent"
        await attempt(() => new EventTarget().addEventListener(Symbol('s'), () => {})) -> "TypeError: a symbol is no text"
        await attempt(() => new EventTarget().addEventListener('a', () => {}, { get once() { boom() } })) -> "Error: boom"
        await attempt(() => new EventTarget().dispatchEvent({ type: 'a' })) -> "TypeError: dispatchEvent needs an Event"
        await attempt(() => EventTarget.prototype.dispatchEvent.call({}, new Event('a'))) -> "TypeError: private class field '#listeners' does not exist"
        const c = new AbortController(); c.signal.addEventListener = boom; return app.describe(c.signal) -> "{\"$signal\":true}"
        AbortSignal.prototype.addEventListener = boom; EventTarget.prototype.addEventListener = boom; return app.describe(new AbortController().signal) -> "{\"$signal\":true}"
        Object.defineProperty(AbortSignal.prototype, 'aborted', { get: boom }); return app.describe(new AbortController().signal) -> "{\"$signal\":true}"
        const c = new AbortController(); c.abort(); return attempt(() => app.echo(c.signal)) -> "AbortError: This operation was aborted"
        const c = new AbortController(); c.abort({ then: boom }); return attempt(() => app.echo(c.signal)) -> ["thrown",{"then":{"$function":true}}]
        const c = new AbortController(); c.abort(undefined); return attempt(() => app.echo({ deep: [c.signal] })) -> "AbortError: This operation was aborted"
        const c = new AbortController(); const asked = app.wait(c.signal); c.abort(new RangeError('mine')); return attempt(() => asked) -> "RangeError: mine"
        const c = new AbortController(); const asked = app.describe(c.signal); await asked; c.abort(); return 'too late' -> "too late"
        const c = new AbortController(); return app.describe({ get a() { c.abort(); return 1 }, signal: c.signal }) -> AbortError: This operation was aborted
        const c = new AbortController(); return attempt(() => app.describe([c.signal, c.signal, new AbortController().signal])) -> "[{\"$signal\":true},{\"$signal\":true},{\"$signal\":true}]"
        app.describe({ aborted: true, addEventListener: boom }) -> "{\"aborted\":true,\"addEventListener\":{\"$function\":true}}"
        await attempt(() => app.describe(Object.create(AbortSignal.prototype))) -> "{\"$object\":true}"
        await attempt(() => app.describe(new Proxy(new AbortController().signal, {}))) -> "{\"$object\":true}"
        await attempt(() => AbortSignal.any([{ aborted: true }])) -> "TypeError: AbortSignal.any needs AbortSignals"
    "#]].assert_eq(&play(&rows).await);
}

#[tokio::test]
async fn clones_and_texts() {
    let rows = [
        "await attempt(() => structuredClone({ get a() { boom() } }))",
        "await attempt(() => structuredClone(() => 1))",
        "await attempt(() => structuredClone(Symbol('s')))",
        "await attempt(() => structuredClone(new Proxy({}, { ownKeys: boom })))",
        "const o = {}; o.o = o; const clone = structuredClone(o); return clone.o === clone && clone !== o",
        "let o = 1; for (let i = 0; i < 100_000; i++) o = [o]; return attempt(() => structuredClone(o).length)",
        "await attempt(() => structuredClone(app))",
        "await attempt(() => structuredClone(new WeakMap()))",
        "structuredClone(JSON.parse('{\"__proto__\": 1}'))",
        "await attempt(() => new URL({ toString: boom }))",
        "await attempt(() => new URL('x'.repeat(1_000_000)))",
        "await attempt(() => new URLSearchParams({ get a() { boom() } }).toString())",
        "new URLSearchParams('__proto__=1&constructor=2').get('__proto__')",
        "await attempt(() => new TextDecoder('utf-8', { get fatal() { boom() } }))",
        "await attempt(() => new TextDecoder().decode({}))",
        "await attempt(() => new TextEncoder().encodeInto('text', new Uint8Array(2)).read)",
        "await attempt(() => atob({ toString: boom }))",
        "await attempt(() => btoa('\\u{1f600}'))",
        "await attempt(() => crypto.getRandomValues(new Uint8Array(70_000)))",
        "await attempt(() => crypto.getRandomValues([1, 2]))",
        "await attempt(() => crypto.getRandomValues(new Proxy(new Uint8Array(2), {})))",
    ];
    expect![[r#"
        await attempt(() => structuredClone({ get a() { boom() } })) -> "Error: boom"
        await attempt(() => structuredClone(() => 1)) -> "DataCloneError: a function could not be cloned"
        await attempt(() => structuredClone(Symbol('s'))) -> "DataCloneError: a symbol could not be cloned"
        await attempt(() => structuredClone(new Proxy({}, { ownKeys: boom }))) -> "DataCloneError: a proxy could not be cloned"
        const o = {}; o.o = o; const clone = structuredClone(o); return clone.o === clone && clone !== o -> true
        let o = 1; for (let i = 0; i < 100_000; i++) o = [o]; return attempt(() => structuredClone(o).length) -> 1
        await attempt(() => structuredClone(app)) -> "DataCloneError: a function could not be cloned"
        await attempt(() => structuredClone(new WeakMap())) -> "DataCloneError: an instance of WeakMap could not be cloned"
        structuredClone(JSON.parse('{"__proto__": 1}')) -> {"__proto__":1}
        await attempt(() => new URL({ toString: boom })) -> "Error: boom"
        await attempt(() => new URL('x'.repeat(1_000_000))) -> "TypeError: Invalid URL: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"
        await attempt(() => new URLSearchParams({ get a() { boom() } }).toString()) -> "Error: boom"
        new URLSearchParams('__proto__=1&constructor=2').get('__proto__') -> "1"
        await attempt(() => new TextDecoder('utf-8', { get fatal() { boom() } })) -> "Error: boom"
        await attempt(() => new TextDecoder().decode({})) -> "TypeError: decode needs a buffer, or a view of one"
        await attempt(() => new TextEncoder().encodeInto('text', new Uint8Array(2)).read) -> 2
        await attempt(() => atob({ toString: boom })) -> "Error: boom"
        await attempt(() => btoa('\u{1f600}')) -> "InvalidCharacterError: String contains an invalid character"
        await attempt(() => crypto.getRandomValues(new Uint8Array(70_000))) -> "QuotaExceededError: getRandomValues makes 65536 bytes at most, and not 70000"
        await attempt(() => crypto.getRandomValues([1, 2])) -> "TypeMismatchError: getRandomValues needs a typed array of integers"
        await attempt(() => crypto.getRandomValues(new Proxy(new Uint8Array(2), {}))) -> "TypeMismatchError: getRandomValues needs a typed array of integers"
    "#]].assert_eq(&play(&rows).await);
}

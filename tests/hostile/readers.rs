//! Values that act while they are read: getters, proxies, conversions.

use crate::stage::play;
use expect_test::expect;

#[tokio::test]
async fn getters() {
    let rows = [
        "app.describe({ get a() { boom() } })",
        "app.describe({ a: [{ get b() { throw 7 } }] })",
        "app.describe({ get a() { throw undefined } })",
        "app.describe({ get a() { throw Object.freeze({ own: 1 }) } })",
        "const o = { get a() { o.z = 1; return 1 }, b: 2 }; return app.describe(o)",
        "const o = { get a() { delete o.b; return 1 }, b: 2 }; return app.describe(o)",
        "const o = { get a() { o.b = 'changed'; return 1 }, b: 2 }; return app.describe(o)",
        "const a = [1, 2, 3]; Object.defineProperty(a, 0, { get() { a.length = 1; return 'cut' } }); return app.describe(a)",
        "const a = [1]; Object.defineProperty(a, 0, { get() { a.push(1, 2, 3); return 'grown' } }); return app.describe(a)",
        "const m = new Map([['k', { get a() { m.clear(); return 1 } }], ['l', 2]]); return app.describe(m)",
        "const s = new Set([{ get a() { s.add(1).add(2); return 1 } }]); return app.describe(s)",
        "const b = new Uint8Array(4); return app.describe([{ get a() { b.buffer.transfer(); return 1 } }, b])",
        "const inner = {}; const o = { get a() { inner.o = o; return inner } }; return app.describe(o)",
        "const make = () => ({ get deeper() { return make() } }); return app.describe(make())",
        "let n = 0; const o = { get a() { n++; return n } }; await app.describe(o); return n",
        "const o = { get a() { app.echo('meanwhile'); return 1 } }; return app.describe(o)",
        "const o = { get a() { return app.describe } }; return app.describe(o)",
        "const kept = []; const o = { get a() { kept.push(() => 1); return kept[kept.length - 1] }, get b() { boom() } }; return app.describe(o)",
        "const e = new Error('m'); Object.defineProperty(e, 'message', { get: boom }); return app.describe(e)",
        "const e = new Error('m'); Object.defineProperty(e, 'name', { get: boom }); return app.describe(e)",
        "const e = new Error('m'); Object.defineProperty(e, 'stack', { get: boom }); return app.describe(e)",
        "const e = new Error('m'); Object.defineProperty(e, 'cause', { get: boom }); return app.describe(e)",
        "const e = new Error('m'); e.self = e; return app.describe(e)",
        "const e = new Error('m'); e.cause = e; return app.describe(e)",
        "const e = new Error('m'); Object.defineProperty(e, 'message', { get: boom }); throw e",
        "const e = new Error('m'); Object.defineProperty(e, 'name', { get: boom }); throw e",
        "const e = new Error('m'); e.message = { toString: boom }; throw e",
        "throw { get message() { boom() } }",
        "throw new Proxy(new Error('m'), { get: boom, getPrototypeOf: boom })",
    ];
    expect![[r#"
        app.describe({ get a() { boom() } }) -> Error: boom
        app.describe({ a: [{ get b() { throw 7 } }] }) -> 7
        app.describe({ get a() { throw undefined } }) -> undefined
        app.describe({ get a() { throw Object.freeze({ own: 1 }) } }) -> thrown: {"own":1}
        const o = { get a() { o.z = 1; return 1 }, b: 2 }; return app.describe(o) -> "{\"a\":1,\"b\":2}"
        const o = { get a() { delete o.b; return 1 }, b: 2 }; return app.describe(o) -> "{\"a\":1,\"b\":null}"
        const o = { get a() { o.b = 'changed'; return 1 }, b: 2 }; return app.describe(o) -> "{\"a\":1,\"b\":\"changed\"}"
        const a = [1, 2, 3]; Object.defineProperty(a, 0, { get() { a.length = 1; return 'cut' } }); return app.describe(a) -> "[\"cut\",null,null]"
        const a = [1]; Object.defineProperty(a, 0, { get() { a.push(1, 2, 3); return 'grown' } }); return app.describe(a) -> "[\"grown\"]"
        const m = new Map([['k', { get a() { m.clear(); return 1 } }], ['l', 2]]); return app.describe(m) -> "{\"$map\":[\"k\",{\"a\":1},\"l\",2]}"
        const s = new Set([{ get a() { s.add(1).add(2); return 1 } }]); return app.describe(s) -> "{\"$set\":[{\"a\":1}]}"
        const b = new Uint8Array(4); return app.describe([{ get a() { b.buffer.transfer(); return 1 } }, b]) -> TypeError: ArrayBuffer is detached or resized
        const inner = {}; const o = { get a() { inner.o = o; return inner } }; return app.describe(o) -> TypeError: cannot send arguments[0].a.o: arguments[0].a.o is its own ancestor
        const make = () => ({ get deeper() { return make() } }); return app.describe(make()) -> RangeError: Maximum call stack size exceeded
        let n = 0; const o = { get a() { n++; return n } }; await app.describe(o); return n -> 1
        const o = { get a() { app.echo('meanwhile'); return 1 } }; return app.describe(o) -> "{\"a\":1}"
        const o = { get a() { return app.describe } }; return app.describe(o) -> "{\"a\":{\"$function\":true}}"
        const kept = []; const o = { get a() { kept.push(() => 1); return kept[kept.length - 1] }, get b() { boom() } }; return app.describe(o) -> Error: boom
        const e = new Error('m'); Object.defineProperty(e, 'message', { get: boom }); return app.describe(e) -> "{\"$error\":\"Error\"}"
        const e = new Error('m'); Object.defineProperty(e, 'name', { get: boom }); return app.describe(e) -> "{\"$error\":\"Error: m\"}"
        const e = new Error('m'); Object.defineProperty(e, 'stack', { get: boom }); return app.describe(e) -> "{\"$error\":\"Error: m\"}"
        const e = new Error('m'); Object.defineProperty(e, 'cause', { get: boom }); return app.describe(e) -> "{\"$error\":\"Error: m\"}"
        const e = new Error('m'); e.self = e; return app.describe(e) -> "{\"$error\":\"Error: m\"}"
        const e = new Error('m'); e.cause = e; return app.describe(e) -> "{\"$error\":\"Error: m\"}"
        const e = new Error('m'); Object.defineProperty(e, 'message', { get: boom }); throw e -> Error
        const e = new Error('m'); Object.defineProperty(e, 'name', { get: boom }); throw e -> Error: m
        const e = new Error('m'); e.message = { toString: boom }; throw e -> Error
        throw { get message() { boom() } } -> Error: thrown: { message: [Getter] }
        throw new Proxy(new Error('m'), { get: boom, getPrototypeOf: boom }) -> Error: thrown: [Proxy]
    "#]].assert_eq(&play(&rows).await);
}

/// Each trap of a proxy throws, or lies, while the proxy is an argument, below an argument, a result and an error.
#[tokio::test]
async fn proxies() {
    let traps = [
        "get",
        "set",
        "has",
        "deleteProperty",
        "ownKeys",
        "getOwnPropertyDescriptor",
        "defineProperty",
        "getPrototypeOf",
        "setPrototypeOf",
        "isExtensible",
        "preventExtensions",
        "apply",
        "construct",
    ];
    let mut rows: Vec<String> = Vec::new();
    for target in ["{ a: 1 }", "[1, 2]"] {
        for trap in &traps[..11] {
            rows.push(format!("app.describe({{ inner: new Proxy({target}, {{ {trap}: boom }}) }})"));
        }
    }
    let mut others: Vec<&str> = rows.iter().map(String::as_str).collect();
    others.extend([
        "app.describe(new Proxy(() => 1, { apply: boom, get: boom }))",
        "app.call(new Proxy(() => 1, { apply: boom }), 1)",
        "app.call(new Proxy((x) => x, {}), 'through a proxy')",
        "app.describe(new Proxy({}, { ownKeys: () => ['ghost'] }))",
        "app.describe(new Proxy({}, { ownKeys: () => ['ghost'], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) }))",
        "app.describe(new Proxy({}, { ownKeys: () => ['a', 'a'] }))",
        "app.describe(new Proxy({}, { ownKeys: () => [1] }))",
        "app.describe(new Proxy({}, { ownKeys: () => Array.from({ length: 2000 }, (_, i) => `k${i}`) }))",
        "app.describe(new Proxy([], { get: (target, name) => name === 'length' ? 3 : `made ${String(name)}` }))",
        "app.describe(new Proxy([], { get: (target, name) => name === 'length' ? -1 : 1 }))",
        "app.describe(new Proxy([], { get: (target, name) => name === 'length' ? 2 ** 53 : 1 }))",
        "app.describe(new Proxy([], { get: (target, name) => name === 'length' ? NaN : 1 }))",
        "app.describe(new Proxy([], { get: (target, name) => name === 'length' ? { valueOf: boom } : 1 }))",
        "app.describe(new Proxy([], { get: (target, name) => name === 'length' ? 10n : 1 }))",
        "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return app.describe(proxy)",
        "const { proxy, revoke } = Proxy.revocable([1], {}); revoke(); return app.describe([proxy])",
        "const { proxy, revoke } = Proxy.revocable({ get a() { return 1 } }, { ownKeys: (t) => { revoke(); return Reflect.ownKeys(t) } }); return app.describe(proxy)",
        "app.describe(new Proxy(new Map([[1, 2]]), {}))",
        "app.describe(new Proxy(new Set([1]), {}))",
        "app.describe(new Proxy(new Date(0), {}))",
        "app.describe(new Proxy(new Error('m'), {}))",
        "app.describe(new Proxy(new Uint8Array(2), {}))",
        "app.describe(new Proxy({}, { getPrototypeOf: () => Map.prototype }))",
        "app.describe(new Proxy({}, { getPrototypeOf: () => new Proxy({}, { getPrototypeOf: boom }) }))",
        "let p = {}; for (let i = 0; i < 100000; i++) p = new Proxy(p, {}); return app.describe(p)",
        "let p = []; for (let i = 0; i < 100000; i++) p = new Proxy(p, {}); return app.describe(p)",
        "const p = new Proxy({}, { get: (t, name) => name === 'then' ? undefined : p, ownKeys: () => ['p'], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) }); return app.describe(p)",
        "return new Proxy({}, { get: boom })",
        "throw new Proxy({}, { get: boom })",
        "throw new Proxy(new Error('m'), {})",
    ]);
    expect![[r#"
        app.describe({ inner: new Proxy({ a: 1 }, { get: boom }) }) -> Error: boom
        app.describe({ inner: new Proxy({ a: 1 }, { set: boom }) }) -> "{\"inner\":{\"a\":1}}"
        app.describe({ inner: new Proxy({ a: 1 }, { has: boom }) }) -> "{\"inner\":{\"a\":1}}"
        app.describe({ inner: new Proxy({ a: 1 }, { deleteProperty: boom }) }) -> "{\"inner\":{\"a\":1}}"
        app.describe({ inner: new Proxy({ a: 1 }, { ownKeys: boom }) }) -> Error: boom
        app.describe({ inner: new Proxy({ a: 1 }, { getOwnPropertyDescriptor: boom }) }) -> Error: boom
        app.describe({ inner: new Proxy({ a: 1 }, { defineProperty: boom }) }) -> "{\"inner\":{\"a\":1}}"
        app.describe({ inner: new Proxy({ a: 1 }, { getPrototypeOf: boom }) }) -> Error: boom
        app.describe({ inner: new Proxy({ a: 1 }, { setPrototypeOf: boom }) }) -> "{\"inner\":{\"a\":1}}"
        app.describe({ inner: new Proxy({ a: 1 }, { isExtensible: boom }) }) -> "{\"inner\":{\"a\":1}}"
        app.describe({ inner: new Proxy({ a: 1 }, { preventExtensions: boom }) }) -> "{\"inner\":{\"a\":1}}"
        app.describe({ inner: new Proxy([1, 2], { get: boom }) }) -> Error: boom
        app.describe({ inner: new Proxy([1, 2], { set: boom }) }) -> "{\"inner\":[1,2]}"
        app.describe({ inner: new Proxy([1, 2], { has: boom }) }) -> "{\"inner\":[1,2]}"
        app.describe({ inner: new Proxy([1, 2], { deleteProperty: boom }) }) -> "{\"inner\":[1,2]}"
        app.describe({ inner: new Proxy([1, 2], { ownKeys: boom }) }) -> "{\"inner\":[1,2]}"
        app.describe({ inner: new Proxy([1, 2], { getOwnPropertyDescriptor: boom }) }) -> "{\"inner\":[1,2]}"
        app.describe({ inner: new Proxy([1, 2], { defineProperty: boom }) }) -> "{\"inner\":[1,2]}"
        app.describe({ inner: new Proxy([1, 2], { getPrototypeOf: boom }) }) -> "{\"inner\":[1,2]}"
        app.describe({ inner: new Proxy([1, 2], { setPrototypeOf: boom }) }) -> "{\"inner\":[1,2]}"
        app.describe({ inner: new Proxy([1, 2], { isExtensible: boom }) }) -> "{\"inner\":[1,2]}"
        app.describe({ inner: new Proxy([1, 2], { preventExtensions: boom }) }) -> "{\"inner\":[1,2]}"
        app.describe(new Proxy(() => 1, { apply: boom, get: boom })) -> "{\"$function\":true}"
        app.call(new Proxy(() => 1, { apply: boom }), 1) -> Error: boom
        app.call(new Proxy((x) => x, {}), 'through a proxy') -> "through a proxy"
        app.describe(new Proxy({}, { ownKeys: () => ['ghost'] })) -> "{}"
        app.describe(new Proxy({}, { ownKeys: () => ['ghost'], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) })) -> "{\"ghost\":null}"
        app.describe(new Proxy({}, { ownKeys: () => ['a', 'a'] })) -> TypeError: proxy: duplicate property
        app.describe(new Proxy({}, { ownKeys: () => [1] })) -> TypeError: proxy: properties must be strings or symbols
        app.describe(new Proxy({}, { ownKeys: () => Array.from({ length: 2000 }, (_, i) => `k${i}`) })) -> "{}"
        app.describe(new Proxy([], { get: (target, name) => name === 'length' ? 3 : `made ${String(name)}` })) -> "[\"made 0\",\"made 1\",\"made 2\"]"
        app.describe(new Proxy([], { get: (target, name) => name === 'length' ? -1 : 1 })) -> "[]"
        app.describe(new Proxy([], { get: (target, name) => name === 'length' ? 2 ** 53 : 1 })) -> TypeError: cannot send arguments: more than 100000 values
        app.describe(new Proxy([], { get: (target, name) => name === 'length' ? NaN : 1 })) -> "[]"
        app.describe(new Proxy([], { get: (target, name) => name === 'length' ? { valueOf: boom } : 1 })) -> Error: boom
        app.describe(new Proxy([], { get: (target, name) => name === 'length' ? 10n : 1 })) -> TypeError: cannot convert BigInt to number
        const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return app.describe(proxy) -> TypeError: revoked proxy
        const { proxy, revoke } = Proxy.revocable([1], {}); revoke(); return app.describe([proxy]) -> TypeError: revoked proxy
        const { proxy, revoke } = Proxy.revocable({ get a() { return 1 } }, { ownKeys: (t) => { revoke(); return Reflect.ownKeys(t) } }); return app.describe(proxy) -> TypeError: revoked proxy
        app.describe(new Proxy(new Map([[1, 2]]), {})) -> "{\"$object\":true}"
        app.describe(new Proxy(new Set([1]), {})) -> "{\"$object\":true}"
        app.describe(new Proxy(new Date(0), {})) -> "{\"$object\":true}"
        app.describe(new Proxy(new Error('m'), {})) -> "{\"$object\":true}"
        app.describe(new Proxy(new Uint8Array(2), {})) -> "{\"$object\":true}"
        app.describe(new Proxy({}, { getPrototypeOf: () => Map.prototype })) -> "{\"$object\":true}"
        app.describe(new Proxy({}, { getPrototypeOf: () => new Proxy({}, { getPrototypeOf: boom }) })) -> Error: boom
        let p = {}; for (let i = 0; i < 100000; i++) p = new Proxy(p, {}); return app.describe(p) -> RangeError: Maximum call stack size exceeded
        let p = []; for (let i = 0; i < 100000; i++) p = new Proxy(p, {}); return app.describe(p) -> RangeError: Maximum call stack size exceeded
        const p = new Proxy({}, { get: (t, name) => name === 'then' ? undefined : p, ownKeys: () => ['p'], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) }); return app.describe(p) -> TypeError: cannot send arguments[0].p: arguments[0].p is its own ancestor
        return new Proxy({}, { get: boom }) -> Error: boom
        throw new Proxy({}, { get: boom }) -> thrown: {}
        throw new Proxy(new Error('m'), {}) -> undefined
    "#]].assert_eq(&play(&others).await);
}

#[tokio::test]
async fn conversions() {
    let rows = [
        "app.describe({ valueOf: boom, toString: boom, [Symbol.toPrimitive]: boom })",
        "app.describe({ valueOf() { return 7 } })",
        "app.describe(new Number(7))",
        "app.describe(new String('text'))",
        "app.describe(new Boolean(false))",
        "app.describe(Object(10n))",
        "app.describe(Object(Symbol('s')))",
        "const d = new Date(0); d.getTime = boom; d.valueOf = boom; return app.describe(d)",
        "const d = new Date(0); d.toJSON = () => 'lie'; return app.describe(d)",
        "class D extends Date { getTime() { return 1 } } return app.describe(new D(0))",
        "class A extends Array { get length() { boom() } } return app.describe(A.from([1, 2]))",
        "class A extends Array {} return app.describe(A.of(1, 2))",
        "class M extends Map { get size() { boom() } [Symbol.iterator]() { boom() } } return app.describe(new M([[1, 2]]))",
        "class U extends Uint8Array { get length() { return 99 } get buffer() { boom() } } return app.describe(new U(2))",
        "class R extends RegExp { get source() { return 'lie' } get flags() { boom() } } return app.describe(new R('a', 'g'))",
        "class E extends Error { get name() { return 'Lie' } get message() { boom() } } return app.describe(new E('m'))",
        "class P extends Promise {} return app.describe([P.resolve(1)])",
        "const a = [1]; a.__proto__ = null; return app.describe(a)",
        "const a = [1, 2]; a.length = 5; a.own = 'left out'; return app.describe(a)",
        "const f = () => 1; f.__proto__ = null; f.toString = boom; return app.describe(f)",
        "const m = new Map([[1, 2]]); Object.setPrototypeOf(m, Set.prototype); return app.describe(m)",
        "const m = new Map([[1, 2]]); Object.setPrototypeOf(m, null); return app.describe(m)",
        "const o = Object.create(Map.prototype); return app.describe(o)",
        "const o = Object.create(Error.prototype); return app.describe(o)",
        "const o = Object.create(Date.prototype); return app.describe(o)",
        "const o = { __proto__: Array.prototype, length: 1, 0: 'a' }; return app.describe(o)",
        "const o = Object.create({ get inherited() { boom() } }); return app.describe(o)",
        "app.describe((function () { return arguments })(1, 2))",
        "app.describe(globalThis.constructor === Object)",
        "await attempt(() => app.describe(globalThis).then(() => 'sent'))",
        "app.describe(await import('row-29.js').catch((error) => error.name))",
    ];
    expect![[r#"
        app.describe({ valueOf: boom, toString: boom, [Symbol.toPrimitive]: boom }) -> "{\"toString\":{\"$function\":true},\"valueOf\":{\"$function\":true}}"
        app.describe({ valueOf() { return 7 } }) -> "{\"valueOf\":{\"$function\":true}}"
        app.describe(new Number(7)) -> "7"
        app.describe(new String('text')) -> "\"text\""
        app.describe(new Boolean(false)) -> "false"
        app.describe(Object(10n)) -> "\"10\""
        app.describe(Object(Symbol('s'))) -> TypeError: cannot send arguments[0]: a symbol has no copy
        const d = new Date(0); d.getTime = boom; d.valueOf = boom; return app.describe(d) -> "\"1970-01-01T00:00:00.000Z\""
        const d = new Date(0); d.toJSON = () => 'lie'; return app.describe(d) -> "\"1970-01-01T00:00:00.000Z\""
        class D extends Date { getTime() { return 1 } } return app.describe(new D(0)) -> "\"1970-01-01T00:00:00.000Z\""
        class A extends Array { get length() { boom() } } return app.describe(A.from([1, 2])) -> "[1,2]"
        class A extends Array {} return app.describe(A.of(1, 2)) -> "[1,2]"
        class M extends Map { get size() { boom() } [Symbol.iterator]() { boom() } } return app.describe(new M([[1, 2]])) -> "{\"$map\":[1,2]}"
        class U extends Uint8Array { get length() { return 99 } get buffer() { boom() } } return app.describe(new U(2)) -> "{\"$bytes\":2}"
        class R extends RegExp { get source() { return 'lie' } get flags() { boom() } } return app.describe(new R('a', 'g')) -> "{\"$regexp\":[\"a\",\"g\"]}"
        class E extends Error { get name() { return 'Lie' } get message() { boom() } } return app.describe(new E('m')) -> "{\"$error\":\"Lie: m\"}"
        class P extends Promise {} return app.describe([P.resolve(1)]) -> TypeError: cannot send arguments[0][0]: a promise has no copy: await it first
        const a = [1]; a.__proto__ = null; return app.describe(a) -> "[1]"
        const a = [1, 2]; a.length = 5; a.own = 'left out'; return app.describe(a) -> "[1,2,null,null,null]"
        const f = () => 1; f.__proto__ = null; f.toString = boom; return app.describe(f) -> "{\"$function\":true}"
        const m = new Map([[1, 2]]); Object.setPrototypeOf(m, Set.prototype); return app.describe(m) -> "{\"$map\":[1,2]}"
        const m = new Map([[1, 2]]); Object.setPrototypeOf(m, null); return app.describe(m) -> "{\"$map\":[1,2]}"
        const o = Object.create(Map.prototype); return app.describe(o) -> "{\"$object\":true}"
        const o = Object.create(Error.prototype); return app.describe(o) -> "{\"$object\":true}"
        const o = Object.create(Date.prototype); return app.describe(o) -> "{\"$object\":true}"
        const o = { __proto__: Array.prototype, length: 1, 0: 'a' }; return app.describe(o) -> "{\"$object\":true}"
        const o = Object.create({ get inherited() { boom() } }); return app.describe(o) -> "{\"$object\":true}"
        app.describe((function () { return arguments })(1, 2)) -> "{\"0\":1,\"1\":2}"
        app.describe(globalThis.constructor === Object) -> "true"
        await attempt(() => app.describe(globalThis).then(() => 'sent')) -> "sent"
        app.describe(await import('row-29.js').catch((error) => error.name)) -> "\"Error\""
    "#]].assert_eq(&play(&rows).await);
}

//! Built-ins that were replaced before the API is used.

use crate::stage::Stage;
use expect_test::expect;
use std::fmt::Write;

/// Sends every kind of value and takes it back, calls and is called, fails and is failed, with no built-in of its own in
/// use at that time.
const ROUND: &str = "
const { iterator } = Symbol, OwnError = TypeError;
const values = [
    undefined, null, true, 1, -0, 1.5, NaN, Infinity, 10n ** 20n, -1n, 'text', new Date(0), /a/g, new Map([['k', [1]]]),
    new Set([1]), new Uint8Array([1, 2]), new Float64Array([1.5]), new BigInt64Array([1n]), new DataView(new ArrayBuffer(2)),
    new ArrayBuffer(3), new RangeError('e', { cause: new Error('c') }), () => 1, { nested: { deep: ['x'] } },
];
const round = async () => {
    const sent = await app.describe(values);
    const back = await app.echo(values);
    const received = await app.describe(back);
    const called = await app.call((value) => value, 7);
    let failed;
    try { await app.call(() => { throw new OwnError('mine') }, 1) } catch (error) { failed = error }
    let refused;
    try { await app.echo({ a: [iterator] }) } catch (error) { refused = error }
    let thrown;
    try { await app.fail() } catch (error) { thrown = error }
    console.log(values, thrown);
    return await app.describe([sent, received, called, failed, refused, thrown]);
};
";

/// What plugins do to their realm. `all(object)` replaces every method and accessor by one that throws.
const POISONS: &[&str] = &[
    "Array.prototype.map = boom",
    "Array.prototype.push = boom",
    "Array.prototype[Symbol.iterator] = boom",
    "Object.getPrototypeOf([][Symbol.iterator]()).next = boom",
    "all(Array.prototype)",
    "all(Array)",
    "all(Object.prototype)",
    "all(Object)",
    "all(Function.prototype)",
    "Function.prototype.call = boom; Function.prototype.apply = boom; Function.prototype.bind = boom",
    "delete Function.prototype.call; delete Function.prototype.apply; delete Function.prototype.bind",
    "all(Promise)",
    "all(Promise.prototype)",
    "Promise.prototype.then = boom",
    "Promise.prototype.then = function () { return 7 }",
    "Promise.prototype.then = undefined",
    "Promise.prototype.constructor = undefined",
    "Promise.prototype.constructor = class extends Promise { constructor(run) { super(run); boom() } }",
    "Object.defineProperty(Promise, Symbol.species, { get: boom })",
    "globalThis.Promise = boom",
    "Object.defineProperty(Array, Symbol.species, { get: boom })",
    "Object.defineProperty(ArrayBuffer, Symbol.species, { get: boom })",
    "Object.defineProperty(Object.getPrototypeOf(Uint8Array), Symbol.species, { get: boom })",
    "all(JSON); delete globalThis.JSON",
    "all(Reflect); delete globalThis.Reflect",
    "all(Map.prototype)",
    "Map.prototype.set = boom; Set.prototype.add = boom",
    "Map.prototype.set = function () { return this }; Set.prototype.add = function () { return this }",
    "all(Set.prototype)",
    "Object.getPrototypeOf(new Map().entries()).next = boom; Object.getPrototypeOf(new Set().values()).next = boom",
    "all(WeakMap.prototype); all(WeakSet.prototype); all(WeakRef.prototype)",
    "all(FinalizationRegistry.prototype); globalThis.FinalizationRegistry = boom",
    "all(Date.prototype); all(Date)",
    "trap(Date.prototype, Symbol.toPrimitive); Date.prototype.valueOf = boom",
    "all(RegExp.prototype)",
    "RegExp.prototype.exec = boom; Object.defineProperty(RegExp.prototype, 'flags', { get: boom })",
    "all(String.prototype); all(String)",
    "all(Number.prototype); all(Number)",
    "all(BigInt.prototype); all(BigInt)",
    "all(Symbol.prototype)",
    "all(ArrayBuffer.prototype); all(DataView.prototype); all(Object.getPrototypeOf(Uint8Array.prototype))",
    "all(Error.prototype)",
    "all(Error)",
    "globalThis.Error = boom; globalThis.TypeError = boom; globalThis.RangeError = boom",
    "delete Error.prototype.name; delete Error.prototype.message",
    "Object.defineProperty(Error.prototype, 'message', { get: boom, set: boom })",
    "Object.defineProperty(Error.prototype, 'stack', { get: boom, set: boom })",
    "Object.defineProperty(Error.prototype, 'cause', { get: boom, set: boom })",
    "Error.prepareStackTrace = boom",
    "Error.prepareStackTrace = () => ({ toString: boom })",
    "Error.prepareStackTrace = (error) => { throw error }",
    "Error.prepareStackTrace = () => new Error('another').stack",
    "Error.prepareStackTrace = () => app.echo(1)",
    "Object.defineProperty(Error, 'prepareStackTrace', { get: boom })",
    "Error.stackTraceLimit = 0",
    "Error.stackTraceLimit = -1",
    "Error.stackTraceLimit = { valueOf: boom }",
    "Object.defineProperty(Error, 'stackTraceLimit', { get: boom })",
    "Error.captureStackTrace = boom",
    "globalThis.Symbol = boom",
    "Object.defineProperty(Object.prototype, Symbol.toPrimitive, { get: boom })",
    "Object.defineProperty(Object.prototype, Symbol.toStringTag, { get: boom })",
    "Object.defineProperty(Object.prototype, Symbol.iterator, { get: boom })",
    "Object.defineProperty(Array.prototype, Symbol.isConcatSpreadable, { get: boom })",
    "Object.defineProperty = boom; Object.defineProperties = boom",
    "Object.keys = boom; Object.getOwnPropertyNames = boom; Object.entries = boom",
    "Object.getPrototypeOf = () => null; Object.setPrototypeOf = boom",
    "Object.prototype.hasOwnProperty = boom; Object.hasOwn = () => true",
    "for (const name of ['get', 'set', 'value', 'writable', 'enumerable', 'configurable']) Object.prototype[name] = 7",
    "for (const name of ['get', 'set']) Object.prototype[name] = boom",
    "for (const name of ['name', 'message', 'stack', 'code', 'cause', 'errors']) Object.prototype[name] = 'polluted'",
    "for (const name of ['id', 'kind', 'type', 'path', 'done', 'next', 'return', 'length', 'size']) Object.prototype[name] = boom",
    "for (const name of ['a', 'id', 'name', 'stack', 'next']) trap(Object.prototype, name)",
    "for (const name of ['0', '1', 'length']) trap(Object.prototype, name)",
    "for (const name of ['0', '1', '2']) trap(Array.prototype, name)",
    "trap(Object.prototype, 'then')",
    "trap(Object.prototype, 'constructor')",
    "trap(Object.prototype, '__proto__')",
    "trap(Object.prototype, 'signal'); trap(Object.prototype, 'aborted'); trap(Object.prototype, 'reason')",
    "Object.setPrototypeOf(Array.prototype, null)",
    "Object.setPrototypeOf(Function.prototype, null)",
    "Object.setPrototypeOf(Promise.prototype, Array.prototype)",
    "Object.setPrototypeOf(Error.prototype, new Proxy({}, { get: boom, has: boom }))",
    "Object.setPrototypeOf(globalThis, new Proxy({}, { get: boom, has: boom }))",
    "Object.freeze(Object.prototype); Object.freeze(Array.prototype); Object.freeze(Function.prototype)",
    "Object.freeze(globalThis)",
    "globalThis.globalThis = undefined",
    "Object.defineProperty(console, 'log', { value: () => {} }); delete console.error",
    "each(globals, (name) => { try { globalThis[name] = boom } catch {} })",
    "each(globals, (name) => { try { delete globalThis[name] } catch {} })",
    "each(globals, (name) => { const f = globalThis[name]; if (typeof f === 'function') { all(f); if (f.prototype) all(f.prototype) } })",
];

const TOOLS: &str = "
const define = Object.defineProperty, keysOf = Reflect.ownKeys, descriptorOf = Object.getOwnPropertyDescriptor;
const each = (keys, action) => { for (let i = 0; i < keys.length; i++) action(keys[i]) };
const all = (object) => each(keysOf(object), (key) => {
    const { configurable, writable, value } = descriptorOf(object, key);
    if (key === 'constructor' || key === 'prototype' || key === 'length') return;
    if (configurable) define(object, key, typeof value === 'function' || value === undefined
        ? { __proto__: null, get: () => boom, set: boom, configurable: true }
        : { __proto__: null, value: 7, configurable: true });
    else if (writable) object[key] = boom;
});
const globals = keysOf(globalThis).filter((name) => name !== 'app' && name !== 'console');
const trap = (object, key) => define(object, key, { __proto__: null, get: boom, set: boom, configurable: true });
";

/// Whatever was replaced, the round gives what it gives without.
#[tokio::test]
async fn replaced_built_ins_change_nothing() {
    let mut stage = Stage::new().await;
    let mut told = String::new();
    let source = |poison: &str| {
        format!(
            "const boom = () => {{ throw new Error('boom') }};{TOOLS}{ROUND}\nexport const run = () => {{ {poison}; return round() }};"
        )
    };
    let as_ever = stage.play_one("without", &source("0")).await;
    writeln!(told, "without -> {as_ever}").unwrap();
    for (number, poison) in POISONS.iter().enumerate() {
        let line = stage.play_one(&format!("poison-{number}"), &source(poison)).await;
        let line = difference(&as_ever, &line);
        writeln!(told, "{poison} -> {line}").unwrap();
    }
    stage.host.finish().await;
    expect![[r#"
        without -> "[\"[null,null,true,1,-0.0,1.5,\\\"NaN\\\",\\\"Infinity\\\",\\\"100000000000000000000\\\",\\\"-1\\\",\\\"text\\\",\\\"1970-01-01T00:00:00.000Z\\\",{\\\"$regexp\\\":[\\\"a\\\",\\\"g\\\"]},{\\\"$map\\\":[\\\"k\\\",[1]]},{\\\"$set\\\":[1]},{\\\"$bytes\\\":2},{\\\"$bytes\\\":8},{\\\"$bytes\\\":8},{\\\"$bytes\\\":2},{\\\"$bytes\\\":3},{\\\"$error\\\":\\\"RangeError: e\\\"},{\\\"$function\\\":true},{\\\"nested\\\":{\\\"deep\\\":[\\\"x\\\"]}}]\",\"[null,null,true,1,-0.0,1.5,\\\"NaN\\\",\\\"Infinity\\\",\\\"100000000000000000000\\\",\\\"-1\\\",\\\"text\\\",\\\"1970-01-01T00:00:00.000Z\\\",{\\\"$regexp\\\":[\\\"a\\\",\\\"g\\\"]},{\\\"$map\\\":[\\\"k\\\",[1]]},{\\\"$set\\\":[1]},{\\\"$bytes\\\":2},{\\\"$bytes\\\":8},{\\\"$bytes\\\":8},{\\\"$bytes\\\":2},{\\\"$bytes\\\":3},{\\\"$error\\\":\\\"RangeError: e\\\"},{\\\"$function\\\":true},{\\\"nested\\\":{\\\"deep\\\":[\\\"x\\\"]}}]\",7,{\"$error\":\"TypeError: mine\"},{\"$error\":\"TypeError: cannot send arguments[0].a[0]: a symbol has no copy\"},{\"$error\":\"TypeError: as asked\"}]"
        Array.prototype.map = boom -> as ever
        Array.prototype.push = boom -> as ever
        Array.prototype[Symbol.iterator] = boom -> as ever
        Object.getPrototypeOf([][Symbol.iterator]()).next = boom -> as ever
        all(Array.prototype) -> as ever
        all(Array) -> as ever
        all(Object.prototype) -> as ever
        all(Object) -> as ever
        all(Function.prototype) -> as ever
        Function.prototype.call = boom; Function.prototype.apply = boom; Function.prototype.bind = boom -> as ever
        delete Function.prototype.call; delete Function.prototype.apply; delete Function.prototype.bind -> as ever
        all(Promise) -> as ever
        all(Promise.prototype) -> as ever
        Promise.prototype.then = boom -> as ever
        Promise.prototype.then = function () { return 7 } -> as ever
        Promise.prototype.then = undefined -> as ever
        Promise.prototype.constructor = undefined -> as ever
        Promise.prototype.constructor = class extends Promise { constructor(run) { super(run); boom() } } -> Error: boom
        Object.defineProperty(Promise, Symbol.species, { get: boom }) -> as ever
        globalThis.Promise = boom -> as ever
        Object.defineProperty(Array, Symbol.species, { get: boom }) -> as ever
        Object.defineProperty(ArrayBuffer, Symbol.species, { get: boom }) -> as ever
        Object.defineProperty(Object.getPrototypeOf(Uint8Array), Symbol.species, { get: boom }) -> as ever
        all(JSON); delete globalThis.JSON -> as ever
        all(Reflect); delete globalThis.Reflect -> as ever
        all(Map.prototype) -> as ever
        Map.prototype.set = boom; Set.prototype.add = boom -> as ever
        Map.prototype.set = function () { return this }; Set.prototype.add = function () { return this } -> as ever
        all(Set.prototype) -> as ever
        Object.getPrototypeOf(new Map().entries()).next = boom; Object.getPrototypeOf(new Set().values()).next = boom -> as ever
        all(WeakMap.prototype); all(WeakSet.prototype); all(WeakRef.prototype) -> as ever
        all(FinalizationRegistry.prototype); globalThis.FinalizationRegistry = boom -> as ever
        all(Date.prototype); all(Date) -> as ever
        trap(Date.prototype, Symbol.toPrimitive); Date.prototype.valueOf = boom -> as ever
        all(RegExp.prototype) -> as ever
        RegExp.prototype.exec = boom; Object.defineProperty(RegExp.prototype, 'flags', { get: boom }) -> as ever
        all(String.prototype); all(String) -> as ever
        all(Number.prototype); all(Number) -> as ever
        all(BigInt.prototype); all(BigInt) -> as ever
        all(Symbol.prototype) -> as ever
        all(ArrayBuffer.prototype); all(DataView.prototype); all(Object.getPrototypeOf(Uint8Array.prototype)) -> as ever
        all(Error.prototype) -> as ever
        all(Error) -> as ever
        globalThis.Error = boom; globalThis.TypeError = boom; globalThis.RangeError = boom -> as ever
        delete Error.prototype.name; delete Error.prototype.message -> as ever
        Object.defineProperty(Error.prototype, 'message', { get: boom, set: boom }) -> as ever
        Object.defineProperty(Error.prototype, 'stack', { get: boom, set: boom }) -> as ever
        Object.defineProperty(Error.prototype, 'cause', { get: boom, set: boom }) -> as ever
        Error.prepareStackTrace = boom -> as ever
        Error.prepareStackTrace = () => ({ toString: boom }) -> as ever
        Error.prepareStackTrace = (error) => { throw error } -> as ever
        Error.prepareStackTrace = () => new Error('another').stack -> as ever
        Error.prepareStackTrace = () => app.echo(1) -> as ever
        Object.defineProperty(Error, 'prepareStackTrace', { get: boom }) -> as ever
        Error.stackTraceLimit = 0 -> as ever
        Error.stackTraceLimit = -1 -> as ever
        Error.stackTraceLimit = { valueOf: boom } -> as ever
        Object.defineProperty(Error, 'stackTraceLimit', { get: boom }) -> as ever
        Error.captureStackTrace = boom -> as ever
        globalThis.Symbol = boom -> as ever
        Object.defineProperty(Object.prototype, Symbol.toPrimitive, { get: boom }) -> as ever
        Object.defineProperty(Object.prototype, Symbol.toStringTag, { get: boom }) -> as ever
        Object.defineProperty(Object.prototype, Symbol.iterator, { get: boom }) -> as ever
        Object.defineProperty(Array.prototype, Symbol.isConcatSpreadable, { get: boom }) -> as ever
        Object.defineProperty = boom; Object.defineProperties = boom -> as ever
        Object.keys = boom; Object.getOwnPropertyNames = boom; Object.entries = boom -> as ever
        Object.getPrototypeOf = () => null; Object.setPrototypeOf = boom -> as ever
        Object.prototype.hasOwnProperty = boom; Object.hasOwn = () => true -> as ever
        for (const name of ['get', 'set', 'value', 'writable', 'enumerable', 'configurable']) Object.prototype[name] = 7 -> as ever
        for (const name of ['get', 'set']) Object.prototype[name] = boom -> as ever
        for (const name of ['name', 'message', 'stack', 'code', 'cause', 'errors']) Object.prototype[name] = 'polluted' -> as ever
        for (const name of ['id', 'kind', 'type', 'path', 'done', 'next', 'return', 'length', 'size']) Object.prototype[name] = boom -> as ever
        for (const name of ['a', 'id', 'name', 'stack', 'next']) trap(Object.prototype, name) -> as ever
        for (const name of ['0', '1', 'length']) trap(Object.prototype, name) -> as ever
        for (const name of ['0', '1', '2']) trap(Array.prototype, name) -> as ever
        trap(Object.prototype, 'then') -> Error: boom
        trap(Object.prototype, 'constructor') -> as ever
        trap(Object.prototype, '__proto__') -> as ever
        trap(Object.prototype, 'signal'); trap(Object.prototype, 'aborted'); trap(Object.prototype, 'reason') -> as ever
        Object.setPrototypeOf(Array.prototype, null) -> as ever
        Object.setPrototypeOf(Function.prototype, null) -> as ever
        Object.setPrototypeOf(Promise.prototype, Array.prototype) -> as ever
        Object.setPrototypeOf(Error.prototype, new Proxy({}, { get: boom, has: boom })) -> as ever
        Object.setPrototypeOf(globalThis, new Proxy({}, { get: boom, has: boom })) -> as ever
        Object.freeze(Object.prototype); Object.freeze(Array.prototype); Object.freeze(Function.prototype) -> as ever
        Object.freeze(globalThis) -> as ever
        globalThis.globalThis = undefined -> as ever
        Object.defineProperty(console, 'log', { value: () => {} }); delete console.error -> as ever
        each(globals, (name) => { try { globalThis[name] = boom } catch {} }) -> as ever
        each(globals, (name) => { try { delete globalThis[name] } catch {} }) -> as ever
        each(globals, (name) => { const f = globalThis[name]; if (typeof f === 'function') { all(f); if (f.prototype) all(f.prototype) } }) -> "7: e\\\"},{\\\"$function\\\":true},{\\\"nested\\\":{\\\"deep\\\":[\\\"x\\\"]}}]\",\"[null,null,true,1,-0.0,1.5,\\\"NaN\\\",\\\"Infinity\\\",\\\"100000000000000000000\\\",\\\"-1\\\",\\\"text\\\",\\\"1970-01-01T00:00:00.000Z\\\",{\\\"$regexp\\\":[\\\"a\\\",\\\"g\\\"]},{\\\"$map\\\":[\\\"k\\\",[1]]},{\\\"$set\\\":[1]},{\\\"$bytes\\\":2},{\\\"$bytes\\\":8},{\\\"$bytes\\\":8},{\\\"$bytes\\\":2},{\\\"$bytes\\\":3},{\\\"$error\\\":\\\"7: e\\\"},{\\\"$function\\\":true},{\\\"nested\\\":{\\\"deep\\\":[\\\"x\\\"]}}]\",7,{\"$error\":\"7: mine\"},{\"$error\":\"7: cannot send arguments[0].a[0]: a symbol has no copy\"},{\"$error\":\"7: as asked\"}]"
    "#]].assert_eq(&told);
}

/// What a line tells from where it begins to differ.
fn difference<'a>(as_ever: &str, line: &'a str) -> &'a str {
    if line == as_ever {
        return "as ever";
    }
    let both = as_ever.char_indices().zip(line.chars());
    let from = both.take_while(|((_, one), other)| one == other).last();
    from.map_or(line, |((index, _), _)| &line[index..])
}

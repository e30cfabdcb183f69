//! What a plugin does to the language changes nothing for what it sends and gets.

use crate::encoded::{array, described, extension, function, home, map, names, number, text, written};
use crate::harness::Runner;
use plughold_protocol::record::Target;
use plughold_protocol::value as form;

/// Values of all kinds, made before the plugin breaks anything.
const VALUES: &str = "
    class Thing { go(x) { return x } get size() { return 3 } field = 1 }
    const values = {
        primitives: { u: undefined, n: null, b: true, i: 1, f: 0.5, z: -0, s: 'text', big: 2n ** 80n, small: -5n },
        nested: { a: [1, 'x', [{ b: 2 }]], then: 5, ['__proto__']: 6 },
        map: new Map([[1, 2], ['k', new Map([[3, 4]])]]),
        set: new Set([1, 'x', new Set()]),
        regexp: [/a\\/b/dgimsuy, /x/v],
        date: new Date(5),
        bytes: [new Uint8Array([1, 2]), new Uint16Array([1]), new ArrayBuffer(2), new DataView(new ArrayBuffer(3), 1)],
        boxed: [new String('s'), new Number(1), new Boolean(true), Object(5n)],
        error: Object.assign(new RangeError('m', { cause: new TypeError('c') }), { code: 'E', own: { x: 1 }, stack: '' }),
        many: new AggregateError([new Error('one'), 2], 'some'),
        dom: new DOMException('d', 'AbortError'),
        thing: new Thing(),
        fn: function fn(x) { return [x, typeof x] },
        proxy: [new Proxy([1, 2], { __proto__: null }), new Proxy({ x: 1 }, { __proto__: null })],
    };
    exports.get = (name) => [values[name]];
    exports.same = (x) => [x];
    exports.later = async (x) => x;
    exports.is = (a, b) => [a === b, typeof a];
    exports.call = (f, o) => { f(f, [1]); o.go({ o }); o.size };
    exports.fail = (x) => { throw x };
    const symbol = Symbol('x');
    exports.refuse = () => ({ x: symbol });
";

/// Breaks all methods and getters of all that the language has. What is read of `localStorage` the host is asked for.
const REPLACED: &str = "
    const broken = () => { throw 'broken' };
    const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Object;
    const { ownKeys } = Reflect;
    const iterators = [[].values(), new Map().values(), new Set().values(), ''.matchAll(/x/g), (function* () {})()];
    const generators = [async function () {}, function* () {}, async function* () {}];
    const all = ownKeys(globalThis).filter((name) => name !== 'localStorage').map((name) => globalThis[name]).filter((value) => value && /function|object/.test(typeof value));
    const owners = new Set([
        ...all, ...all.map((value) => value.prototype).filter((value) => value), getPrototypeOf(Int8Array), getPrototypeOf(Int8Array).prototype,
        ...iterators.map(getPrototypeOf), ...generators.map(getPrototypeOf),
    ]);
    owners.delete(globalThis);
    owners.delete(globalThis.exports);
    owners.delete(globalThis.module);
    const found = [];
    for (const owner of owners) for (const key of ownKeys(owner)) found.push([owner, key, getOwnPropertyDescriptor(owner, key)]);
    for (let i = 0; i < found.length; i += 1) {
        const owner = found[i][0];
        const key = found[i][1];
        const descriptor = found[i][2];
        if (key === 'constructor' || key === 'prototype' || !descriptor.configurable) continue;
        if (descriptor.get) { descriptor.get = broken; descriptor.set = broken; }
        else if (typeof descriptor.value === 'function') descriptor.value = broken;
        else continue;
        defineProperty(owner, key, descriptor);
    }
";

/// Lets every object inherit what throws, under every name that somebody may look for.
const INHERITED: &str = "
    const broken = () => { throw 'broken' };
    const names = [
        '0', '1', '2', 'length', 'get', 'set', 'value', 'writable', 'enumerable', 'configurable', 'message', 'stack', 'code', 'cause',
        'name', 'errors', 'signal', 'abort', 'toJSON', 'x', 'own', 'lastIndex', 'source', 'flags', 'size', 'byteLength', 'buffer', 'go', 'dispose',
        Symbol.iterator, Symbol.toPrimitive, Symbol.toStringTag, Symbol.isConcatSpreadable, Symbol.species, Symbol.dispose,
    ];
    for (const name of names) {
        Object.defineProperty(Object.prototype, name, { __proto__: null, get: broken, set: broken, configurable: true });
    }
";

/// Lets every array inherit elements that throw.
const ELEMENTS: &str = "
    const broken = () => { throw 'broken' };
    for (let i = 0; i < 20; i += 1) Object.defineProperty(Array.prototype, i, { get: broken, set: broken });
    for (const owner of [Array, Map, Set, Promise, RegExp, ArrayBuffer, Object.getPrototypeOf(Int8Array)]) {
        Object.defineProperty(owner, Symbol.species, { get: broken });
    }
";

/// Takes the globals away.
const DELETED: &str = "
    const all = globalThis;
    for (const name of Reflect.ownKeys(all)) if (name !== 'exports' && name !== 'module' && name !== 'app') delete all[name];
";

/// Lets the built-in prototypes inherit from a proxy whose traps throw.
const PROXIES: &str = "
    const broken = () => { throw 'broken' };
    const { setPrototypeOf } = Object;
    // Whoever settles a promise asks for `then`, as the language wants it.
    const get = (target, key) => { if (key !== 'then') broken() };
    const traps = { __proto__: null, get, set: broken, has: broken, getOwnPropertyDescriptor: broken, ownKeys: broken };
    const proxy = new Proxy({ __proto__: null }, traps);
    for (const owner of [Array, Map, Set, RegExp, Date, String, Number, BigInt, Boolean, Promise, Function, DataView, ArrayBuffer]) {
        setPrototypeOf(owner.prototype, proxy);
    }
";

const KINDS: &[&str] = &[
    "primitives",
    "nested",
    "map",
    "set",
    "regexp",
    "date",
    "bytes",
    "boxed",
    "error",
    "many",
    "dom",
    "thing",
    "fn",
    "proxy",
];

/// What a runner with this script says of everything that can be sent, got and called.
fn everything(script: &str) -> Vec<String> {
    let mut runner = Runner::with_script(&format!("{{ {VALUES} {{ {script} }} }}"));
    let mut said = Vec::new();
    for kind in KINDS {
        let id = runner.call(Target::Export("get"), &array(&[text(kind)]));
        said.push(format!("{kind} {}", without_stacks(&runner.returned(id))));
    }
    let host_object = || described(8, &[text("Store"), names(&["go", "dispose"]), names(&["size"])]);
    let error =
        map(&[("name", text("RangeError")), ("message", text("m")), ("stack", text("")), ("own", number(1))]);
    let values = [
        array(&[
            number(1),
            text("x"),
            map(&[("a", number(1)), ("__proto__", number(2)), ("then", number(3))]),
        ]),
        extension(form::MAP, &array(&[number(1), extension(form::SET, &array(&[number(1)]))])),
        extension(form::REGEXP, &array(&[text("a"), text("dgimsuy")])),
        extension(form::BIGINT, &[1; 12]),
        extension(form::TIMESTAMP, &form::timestamp(5)),
        extension(form::TYPED_ARRAY, &[5, 1, 0, 0, 0]),
        extension(form::TYPED_ARRAY, &[12, 1, 2]),
        extension(form::TYPED_ARRAY, &[13, 1, 2]),
        extension(form::ERROR, &error),
        written(|writer| writer.bytes(&[1, 2])),
        function(7),
        host_object(),
    ];
    for value in values {
        for export in ["same", "later"] {
            let id = runner.call(Target::Export(export), &array(std::slice::from_ref(&value)));
            said.push(format!("{export} {}", without_stacks(&runner.returned(id))));
        }
    }
    let id = runner.call(Target::Export("is"), &array(&[function(7), function(7)]));
    said.push(runner.returned(id));
    let id = runner.call(Target::Export("call"), &array(&[function(7), host_object()]));
    for _ in 0..3 {
        let (there, shown) = runner.any_call();
        said.push(shown);
        runner.answer(there, &array(&[number(1)]));
    }
    said.push(runner.returned(id));
    let id = runner
        .call(Target::Export("fail"), &array(&[extension(form::ERROR, &map(&[("name", text("Oops"))]))]));
    said.push(without_stacks(&runner.returned(id)));
    let id = runner.call(Target::Export("refuse"), &[0x90]);
    said.push(without_stacks(&runner.returned(id)));
    let thing = runner.call(Target::Export("get"), &array(&[text("thing")]));
    let shown = runner.returned(thing);
    let id: u64 = shown.split('#').nth(1).and_then(|rest| rest.split('[').next()).unwrap().parse().unwrap();
    for target in [Target::Method(id, "go"), Target::Property(id, "size"), Target::Property(id, "field")] {
        let call = runner.call(target, &array(&[home(id)]));
        said.push(runner.returned(call));
    }
    runner.end_at_zero();
    said
}

/// Stacks have lines of the script, which are not what is compared.
fn without_stacks(shown: &str) -> String {
    let mut text = String::new();
    for (part, rest) in shown.split("stack: \"").enumerate() {
        match rest.split_once('"') {
            Some((_, rest)) if 0 < part => text.push_str(rest),
            _ => text.push_str(rest),
        }
    }
    text
}

#[test]
fn what_is_said_is_said_whatever_was_done_to_the_language() {
    let before = everything("");
    for (what, script) in [
        ("replaced", REPLACED),
        ("inherited", INHERITED),
        ("elements", ELEMENTS),
        ("deleted", DELETED),
        ("proxies", PROXIES),
    ] {
        let after = everything(script);
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(after, before, "{what}");
        }
        assert_eq!(after.len(), before.len(), "{what}");
    }
}

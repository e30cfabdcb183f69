//! Instances of the plugin's classes: they stay where they are, and the host calls their members.

use crate::encoded::{array, extension, home, number, text};
use crate::harness::Runner;
use plughold_protocol::limits;
use plughold_protocol::record::Target;
use plughold_protocol::value as form;

const SCRIPT: &str = "
    exports.run = (text, ...args) => (0, eval)(text);
    globalThis.calls = [];
    class Base {
        inherited() { return [this.constructor.name, 'inherited'] }
        overridden() { return 'base' }
        get size() { calls.push('size'); return this.items.length }
        get broken() { throw new RangeError('no') }
        set onlySet(value) { calls.push('set') }
    }
    class Store extends Base {
        #secret = 42;
        static shared = 1;
        items = [];
        title = 'x';
        format = (x) => `<${x}>`;
        _hidden = 1;
        add(...items) { this.items.push(...items); return this.items.length }
        self() { return this }
        secret() { return this.#secret }
        fail() { throw new TypeError('failed') }
        async later(x) { await null; return [x] }
        overridden() { return `store, not ${super.overridden()}` }
        _internal() { }
        [Symbol.iterator]() { calls.push('iterator') }
        [Symbol.dispose]() { calls.push('disposed'); return 'bye' }
    }
    globalThis.store = new Store();
    globalThis.Store = Store;
    globalThis.Base = Base;
";

const NO_ARGUMENTS: &[u8] = &[0x90];

fn start() -> Runner {
    Runner::with_script(SCRIPT)
}

fn run(runner: &mut Runner, code: &str) -> String {
    let id = runner.call(Target::Export("run"), &array(&[text(code)]));
    runner.returned(id)
}

/// The event ID of the first object in a shown value.
fn object_in(shown: &str) -> u64 {
    let digits = shown.split("object#").nth(1).unwrap_or_else(|| panic!("no object in {shown}"));
    digits.split('[').next().unwrap().parse().unwrap()
}

fn method(runner: &mut Runner, id: u64, name: &str, arguments: &[Vec<u8>]) -> String {
    let call = runner.call(Target::Method(id, name), &array(arguments));
    runner.returned(call)
}

fn property(runner: &mut Runner, id: u64, name: &str) -> String {
    let call = runner.call(Target::Property(id, name), NO_ARGUMENTS);
    runner.returned(call)
}

/// The description of what `code` gives, without its event ID.
fn described(runner: &mut Runner, code: &str) -> String {
    let shown = run(runner, code);
    let id = object_in(&shown);
    shown.replace(&format!("object#{id}"), "object")
}

#[test]
fn an_instance_says_what_it_can_do() {
    let mut runner = start();
    let expected = concat!(
        r#"object["Store", ["format", "add", "self", "secret", "fail", "later", "overridden", "inherited", "dispose"], "#,
        r#"["items", "title", "size", "broken"]]"#
    );
    assert_eq!(described(&mut runner, "store"), expected);
    assert_eq!(described(&mut runner, "[{ deep: store }][0].deep"), expected);
    assert_eq!(run(&mut runner, "calls"), "[]", "nothing ran");
    runner.end_at_zero();
}

#[test]
fn kinds_of_instances() {
    let mut runner = start();
    let mut check = |code: &str, expected: &str| assert_eq!(described(&mut runner, code), expected, "{code}");
    check("new (class Empty {})()", r#"object["Empty", [], []]"#);
    check("new (class {})()", r#"object["Object", [], []]"#);
    check("new (function Old() { this.x = 1 })()", r#"object["Old", [], ["x"]]"#);
    check(
        "Object.create({ go() {}, y: 2 }, { z: { value: 1, enumerable: true } })",
        r#"object["Object", ["go"], ["z", "y"]]"#,
    );
    check("Object.create({}, { hidden: { value: 1 } })", r#"object["Object", [], []]"#);
    check("new (class A { static name = 'B' })()", r#"object["B", [], []]"#);
    check("new (class A { static get name() { throw 1 } })()", r#"object["Object", [], []]"#);
    check(
        "class A { x = 1 }; Object.defineProperty(A.prototype, 'constructor', { get() { throw 1 } }); new A()",
        r#"object["Object", [], ["x"]]"#,
    );
    check("new (class A { dispose() {} [Symbol.dispose]() {} })()", r#"object["A", ["dispose"], []]"#);
    check("new (class A { async [Symbol.asyncDispose]() {} })()", r#"object["A", ["dispose"], []]"#);
    check(
        "[new (class A { get then() { throw 1 } _x() {} ['']() {} ['__proto__']() {} ok() {} })()]",
        r#"[object["A", ["ok"], []]]"#,
    );
    check("new (class A { [Symbol('x')]() {} 5() {} })()", r#"object["A", ["5"], []]"#);
    check("new (class A { get x() { return 1 } x2 = 1 })()", r#"object["A", [], ["x2", "x"]]"#);
    check("class P { x() {} }; Object.assign(new P(), { x: 1 })", r#"object["P", [], ["x"]]"#);
    runner.end_at_zero();
}

#[test]
fn what_an_instance_has_is_bounded() {
    let mut runner = start();
    let many = described(
        &mut runner,
        "Object.assign(new Base(), Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`m${n}`, n])))",
    );
    assert_eq!(many.matches("\"m").count(), limits::OBJECT_MEMBERS);
    let long =
        described(&mut runner, "Object.assign(new Base(), { ['x'.repeat(1025)]: 1, ['y'.repeat(1024)]: 1 })");
    assert!(!long.contains("xx") && long.contains("yy"), "{long}");
    let named =
        described(&mut runner, "const C = { ['n'.repeat(5000)]: class {} }['n'.repeat(5000)]; new C()");
    assert_eq!(named.matches('n').count(), limits::NAME);
    runner.end_at_zero();
}

#[test]
fn members_are_called_and_read() {
    let mut runner = start();
    let shown = run(&mut runner, "store");
    let id = object_in(&shown);
    let add = [number(1), number(2)];
    assert_eq!(method(&mut runner, id, "add", &add), "2");
    assert_eq!(property(&mut runner, id, "items"), "[1, 2]");
    assert_eq!(property(&mut runner, id, "size"), "2");
    assert_eq!(property(&mut runner, id, "title"), "\"x\"");
    assert_eq!(method(&mut runner, id, "inherited", &[]), r#"["Store", "inherited"]"#);
    assert_eq!(method(&mut runner, id, "overridden", &[]), "\"store, not base\"");
    assert_eq!(method(&mut runner, id, "secret", &[]), "42");
    assert_eq!(method(&mut runner, id, "format", &[number(1)]), "\"<1>\"");
    assert_eq!(method(&mut runner, id, "later", &[number(1)]), "[1]");
    assert_eq!(method(&mut runner, id, "self", &[]), shown, "the same object has one id");
    assert_eq!(method(&mut runner, id, "dispose", &[]), "\"bye\"");
    let failed = method(&mut runner, id, "fail", &[]);
    assert!(failed.starts_with(r#"threw Error{name: "TypeError", message: "failed""#), "{failed}");
    let broken = property(&mut runner, id, "broken");
    assert!(broken.starts_with(r#"threw Error{name: "RangeError", message: "no""#), "{broken}");
    assert_eq!(run(&mut runner, "calls"), r#"["size", "disposed"]"#);
    runner.end_at_zero();
}

#[test]
fn nothing_else_of_an_instance_can_be_reached() {
    let mut runner = start();
    let id = object_in(&run(&mut runner, "store"));
    for name in
        ["nothing", "_internal", "constructor", "__proto__", "then", "toString", "hasOwnProperty", "size", ""]
    {
        let ended = method(&mut runner, id, name, &[]);
        assert!(
            ended.contains(&format!("Store has no method {name:?}").replace('"', "\\\"")),
            "{name}: {ended}"
        );
    }
    for name in ["nothing", "_hidden", "constructor", "__proto__", "then", "onlySet", "add", "shared"] {
        let ended = property(&mut runner, id, name);
        assert!(
            ended.contains(&format!("Store has no accessor {name:?}").replace('"', "\\\"")),
            "{name}: {ended}"
        );
    }
    // A function is no object, and an object no function.
    let shown = run(&mut runner, "globalThis.go = () => 1");
    let function: u64 = shown.strip_prefix("function#").unwrap().parse().unwrap();
    for name in ["call", "apply", "toString", "constructor"] {
        let ended = method(&mut runner, function, name, &[]);
        assert!(ended.contains("a function of the plugin was used as an object"), "{ended}");
    }
    let call = runner.call(Target::Function(id), NO_ARGUMENTS);
    let ended = runner.returned(call);
    assert!(ended.contains("not a function"), "{ended}");
    assert_eq!(run(&mut runner, "calls"), "[]", "nothing ran");
    runner.end_at_zero();
}

#[test]
fn an_instance_comes_home_as_itself() {
    let mut runner = start();
    let id = object_in(&run(&mut runner, "store"));
    assert_eq!(object_in(&run(&mut runner, "store")), id);
    assert_eq!(run(&mut runner, "exports.isStore = (value) => value === store, 1"), "1");
    let call = runner.call(Target::Export("isStore"), &array(&[home(id)]));
    assert_eq!(runner.returned(call), "true");
    runner.end_at_zero();
}

#[test]
fn a_released_instance_is_gone() {
    let mut runner = start();
    let id = object_in(&run(&mut runner, "new Base()"));
    runner.release(id, 1);
    let ended = method(&mut runner, id, "inherited", &[]);
    assert!(ended.contains("was released and is gone"), "{ended}");
    let ended = property(&mut runner, id, "size");
    assert!(ended.contains("was released and is gone"), "{ended}");
    runner.end_at_zero();
}

#[test]
fn proxies_that_throw_or_lie_hurt_nobody() {
    let mut runner = start();
    assert_eq!(
        described(&mut runner, "new Proxy(new Base(), {})"),
        r#"object["Base", ["inherited", "overridden"], ["size", "broken"]]"#
    );
    let mut check = |code: &str, expected: &str| {
        let ended = run(&mut runner, code);
        assert!(ended.contains(expected), "{code}: {ended}");
    };
    let trap = |name: &str| {
        format!("new Proxy(new Base(), {{ {name}() {{ throw new RangeError('trap {name}') }} }})")
    };
    for name in ["getPrototypeOf", "ownKeys"] {
        check(&trap(name), &format!("RangeError\", message: \"trap {name}"));
    }
    check(
        "new Proxy(Object.assign(new Base(), { x: 1 }), { getOwnPropertyDescriptor() { throw new RangeError('trap') } })",
        "message: \"trap",
    );
    check("[new Proxy(new Base(), { get() { throw 1 }, has() { throw 1 } })]", "object#");
    check("const endless = () => new Proxy({}, { getPrototypeOf: endless }); endless()", "object#");
    check(
        "new Proxy(new Base(), { ownKeys: () => Array.from({ length: 1e5 }, (_, n) => `k${n}`) })",
        "object#",
    );
    check("new Proxy({}, { getPrototypeOf: () => Array.prototype })", "object#");
    check(
        "(() => { const { proxy, revoke } = Proxy.revocable(new Base(), {}); revoke(); return [proxy] })()",
        "TypeError",
    );
    check(
        "new Proxy({}, { ownKeys: () => ['a', 'b'], getOwnPropertyDescriptor: (_, key) => ({ value: 1, enumerable: true, configurable: true }), get: (_, key) => key })",
        r#"{a: "a", b: "b"}"#,
    );
    check(
        "const deep = () => new Proxy({}, { ownKeys: () => ['x'], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }), get: deep }); [deep()]",
        "threw Error",
    );
    check("new Proxy([], { get: (_, key) => key === 'length' ? 2 ** 40 : 1 })", "more than 100000 values");
    runner.end_at_zero();
}

#[test]
fn a_proxy_of_a_function_is_a_function() {
    let mut runner = start();
    let shown = run(
        &mut runner,
        "globalThis.kept = new Proxy(() => {}, { apply: (target, self, args) => args.length })",
    );
    let id: u64 = shown.strip_prefix("function#").unwrap().parse().unwrap();
    let call = runner.call(Target::Function(id), &array(&[number(1), number(2)]));
    assert_eq!(runner.returned(call), "2");
    runner.end_at_zero();
}

#[test]
fn functions_of_all_kinds_travel_as_functions() {
    let mut runner = start();
    let mut check = |code: &str| {
        let ended = run(&mut runner, &format!("[{code}]"));
        assert!(ended.starts_with("[function#"), "{code}: {ended}");
    };
    check("Object.assign(() => 1, { own: 1 })");
    check("Object.setPrototypeOf(() => 1, null)");
    check("Object.setPrototypeOf(() => 1, new Base())");
    check("class {}");
    check("function* () {}");
    check("async () => 1");
    check("Math.max");
    check("(() => 1).bind(null)");
    check("new Proxy(class {}, {})");
    runner.end_at_zero();
}

#[test]
fn what_is_refused_around_an_instance_gives_it_back() {
    let mut runner = start();
    let ended = run(&mut runner, "[store, () => 1, Symbol()]");
    assert!(ended.contains("cannot send result[2]: a symbol has no copy"), "{ended}");
    let ended = run(&mut runner, "app.echo(store, () => 1, { x: Symbol() }).catch((error) => error.message)");
    assert_eq!(ended, "\"cannot send arguments[2].x: a symbol has no copy\"");
    let ended = run(&mut runner, "throw Object.assign(new Error('x'), { store, bad: [store, Symbol()] })");
    assert!(ended.contains("store: object#") && !ended.contains("bad"), "{ended}");
    runner.end_at_zero();
}

#[test]
fn an_instance_that_is_thrown_is_told_as_text() {
    let mut runner = start();
    let ended = run(&mut runner, "throw new (class Odd { x = 1 })()");
    assert!(ended.contains("thrown: Odd { x: 1 }"), "{ended}");
    runner.end_at_zero();
}

#[test]
fn classes_derived_from_those_with_a_copy_are_copied() {
    let mut runner = start();
    let mut check = |code: &str, expected: &str| assert_eq!(run(&mut runner, code), expected, "{code}");
    check("new (class M extends Map {})([[1, 2]])", "Map[1, 2]");
    check("new (class S extends Set { extra = 1 })([1])", "Set[1]");
    check("new (class A extends Array {})(1, 2)", "[1, 2]");
    check("new (class D extends Date {})(5)", "Date(5)");
    check("new (class B extends Uint8Array {})([1])", "bytes[1]");
    runner.end_at_zero();
}

#[test]
fn a_signal_travels_in_arguments_only() {
    let mut runner = start();
    let id = runner.call(
        Target::Export("run"),
        &array(&[text(
            "globalThis.a = new AbortController(); app.echo({ signal: a.signal }, [a.signal]), 1",
        )]),
    );
    let (there, shown) = runner.any_call();
    assert_eq!(shown, "Api(0) [{signal: signal}, [signal]]");
    runner.answer(there, &[0xc0]);
    assert_eq!(runner.returned(id), "1");
    let ended = run(&mut runner, "({ x: a.signal })");
    assert!(
        ended.contains("cannot send result.x: an AbortSignal outside of the arguments of a call has no copy"),
        "{ended}"
    );
    // A signal of the host is that of the call.
    let call =
        runner.call(Target::Export("run"), &array(&[text("1"), extension(form::SIGNAL, &[0]), home(1)]));
    let gone = runner.returned(call);
    assert!(gone.contains("gone"), "{gone}");
    runner.end_at_zero();
}

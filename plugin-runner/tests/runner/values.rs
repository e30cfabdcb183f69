//! Values there and back, and what has no copy.

use crate::harness::{Options, Runner, show};
use plughold_protocol::limits;
use plughold_protocol::pack::Writer;
use plughold_protocol::record::{Limits, Target};

const EVAL: &str = "
    exports.run = (text) => (0, eval)(text);
    class HTMLElement { constructor() { this.tag = 'p' } }
    globalThis.HTMLElement = HTMLElement;
    globalThis.nested = (depth) => { let value = 1; while (depth-- > 0) value = [value]; return value };
";

/// The arguments `[text]`.
fn text_argument(text: &str) -> Vec<u8> {
    let mut args = Vec::new();
    let mut writer = Writer::new(&mut args);
    writer.array(1);
    writer.text(text);
    args
}

/// Calls `app.echo(expression)` in the plugin, answers with the very argument, and lets the plugin send what arrived.
fn comes_home(runner: &mut Runner, expression: &str, expected: &str) {
    let text = format!("app.echo({expression}).then((back) => app.echo(back), (error) => app.echo(error))");
    let id = runner.call(Target::Export("run"), &text_argument(&text));
    let (there, _, args) = runner.expect_call();
    assert_eq!(show(&args), format!("[{expected}]"), "there: {expression}");
    runner.answer(there, &args[1..]);
    let (back, _, args_back) = runner.expect_call();
    assert_eq!(show(&args_back), format!("[{expected}]"), "back: {expression}");
    runner.answer(back, &[0xc0]);
    assert_eq!(runner.returned(id), "null", "{expression}");
}

/// Evaluates `expression` in the plugin and gives how the call ended.
fn result(runner: &mut Runner, expression: &str) -> String {
    let id = runner.call(Target::Export("run"), &text_argument(expression));
    runner.returned(id)
}

#[test]
fn values_come_home() {
    let mut runner = Runner::with_script(EVAL);
    let mut check = |expression, expected| comes_home(&mut runner, expression, expected);
    check("null", "null");
    check("undefined", "undefined");
    check("true", "true");
    check("0", "0");
    check("-0", "-0.0f");
    check("-33", "-33");
    check("0.5", "0.5f");
    check("1e3", "1000");
    check("2 ** 53 - 1", "9007199254740991");
    check("-(2 ** 53 - 1)", "-9007199254740991");
    check("2 ** 53", "9007199254740992.0f");
    check("NaN", "NaNf");
    check("-Infinity", "-inff");
    check("0n", "0n");
    check("-255n", "-255n");
    check("2n ** 64n", "18446744073709551616n");
    check("-(2n ** 100n)", "-1267650600228229401496703205376n");
    check("'ä€😀'", "\"ä€😀\"");
    check("'a\\0b'", r#""a\0b""#);
    check("'\\ud800x\\udc00'", "\"\u{fffd}x\u{fffd}\"");
    check("[1, , 'x']", r#"[1, undefined, "x"]"#);
    check("{ b: 1, a: undefined, '': [] }", "{b: 1, a: undefined, : []}");
    check("{ 10: 'x', 2: 'y' }", r#"{2: "y", 10: "x"}"#);
    check("JSON.parse('{\"__proto__\": {\"x\": 1}}')", "{__proto__: {x: 1}}");
    check("Object.assign(Object.create(null), { x: 1 })", "{x: 1}");
    check("{ get x() { return 7 } }", "{x: 7}");
    check("{ toJSON() { return 1 }, __proto__: null, x: 2 }.x", "2");
    check("new Uint8Array([1, 2, 255])", "bytes[1, 2, 255]");
    check("new Uint8Array(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)", "bytes[2, 3]");
    check("new Uint8Array(0)", "bytes[]");
    check("new Uint16Array([1, 258])", "Uint16Array[1, 0, 2, 1]");
    check("new Float64Array([1])", "Float64Array[0, 0, 0, 0, 0, 0, 240, 63]");
    check("new Date(1700000000123)", "Date(1700000000123)");
    check("new Date(-1)", "Date(-1)");
    check("new Map([[1, 'x'], ['k', [2]]])", r#"Map[1, "x", "k", [2]]"#);
    check("new Set([1, new Set()])", "Set[1, Set[]]");
    check("/a\\/b/gi", r#"RegExp["a\\/b", "gi"]"#);
    check("new Proxy([1, 2], {})", "[1, 2]");
    check("new Proxy({ x: 1 }, {})", "{x: 1}");
    check("'x'.repeat(70000).length", "70000");
}

#[test]
fn long_values_come_home_in_pieces() {
    let mut runner = Runner::with_script(EVAL);
    let long = format!("{:?}", "ab".repeat(200_000));
    comes_home(&mut runner, "'ab'.repeat(200000)", &long);
}

#[test]
fn buffers_arrive_as_bytes() {
    let mut runner = Runner::with_script(EVAL);
    assert_eq!(result(&mut runner, "new Uint8Array([9]).buffer"), "bytes[9]");
    assert_eq!(result(&mut runner, "new ArrayBuffer(0)"), "bytes[]");
}

#[test]
fn what_has_no_copy_is_refused_with_its_path() {
    let mut runner = Runner::with_script(EVAL);
    let mut check = |expression: &str, expected: &str| {
        let text = format!("app.echo({expression}).catch((error) => error.name + ': ' + error.message)");
        let ended = result(&mut runner, &text);
        assert_eq!(ended, format!("{:?}", format!("TypeError: cannot send {expected}")), "{expression}");
    };
    check("Symbol('x')", "arguments[0]: a symbol has no copy");
    check(
        "{ items: [0, 1, 2, { el: new HTMLElement() }] }",
        "arguments[0].items[3].el: an instance of HTMLElement has no copy and no reference yet",
    );
    check("1, new WeakMap()", "arguments[1]: an instance of WeakMap has no copy and no reference yet");
    check("[Promise.resolve(1)]", "arguments[0][0]: an instance of Promise has no copy and no reference yet");
    check(
        "{ 'a b': Object.create({}) }",
        "arguments[0][\"a b\"]: an object with a prototype of its own has no copy and no reference yet",
    );
    check("new Date(NaN)", "arguments[0]: an invalid Date has no copy");
    check("new String('x')", "arguments[0]: an instance of String has no copy and no reference yet");
    check(
        "(() => { const o = { parent: {} }; o.parent.command = o.parent; return o })()",
        "arguments[0].parent.command: arguments[0].parent.command is its own ancestor",
    );
    check(
        "(() => { const a = []; a.push([a]); return a })()",
        "arguments[0][0][0]: arguments[0][0][0] is its own ancestor",
    );
    check("nested(64)", "arguments[0][0][0][0][0][0][0][0]…[0][0][0][0][0][0][0][0]: nested deeper than 64");
    check("new Array(100001).fill(0)", "arguments: more than 100000 values");
    check("new Array(2 ** 32 - 1)", "arguments: more than 100000 values");
}

#[test]
fn a_value_may_appear_twice_and_be_63_deep() {
    let mut runner = Runner::with_script(EVAL);
    comes_home(&mut runner, "((x) => [x, x])({ a: 1 })", "[{a: 1}, {a: 1}]");
    let deepest = format!("{}1{}", "[".repeat(63), "]".repeat(63));
    comes_home(&mut runner, "nested(63)", &deepest);
}

#[test]
fn results_are_refused_by_name_and_getters_may_throw() {
    let mut runner = Runner::with_script(EVAL);
    let refused = result(&mut runner, "({ x: Symbol() })");
    assert!(refused.contains(r#"message: "cannot send result.x: a symbol has no copy""#), "{refused}");
    let threw = result(&mut runner, "({ get x() { throw new RangeError('no') } })");
    assert!(threw.starts_with(r#"threw Error{name: "RangeError", message: "no""#), "{threw}");
}

#[test]
fn arguments_stay_as_they_are() {
    let mut runner = Runner::with_script(EVAL);
    let text = "
        const command = { name: 'go', execute: () => 1 };
        const before = command.execute;
        app.echo(command);
        [typeof command.execute, command.execute === before]";
    let id = runner.call(Target::Export("run"), &text_argument(text));
    runner.expect_call();
    assert_eq!(runner.returned(id), r#"["function", true]"#);
}

#[test]
fn a_message_that_is_too_long_is_refused() {
    let limits = Limits { message: (limits::ENVELOPE + 1_000) as u64, ..Limits::default() };
    let mut runner = Runner::with_script_and(&Options { limits, ..Options::default() }, EVAL);
    let ended = result(&mut runner, "app.echo('x'.repeat(2000)).catch((error) => error.message)");
    assert_eq!(ended, "\"cannot send arguments: more than 1000 bytes\"");
}

#[test]
fn replaced_intrinsics_change_nothing_here() {
    let mut runner = Runner::with_script(&format!(
        "{EVAL}
        Map.prototype.forEach = Set.prototype.forEach = () => {{ throw 1 }};
        BigInt.prototype.toString = Date.prototype.getTime = () => 42;
        Array.prototype.push = Array.prototype.join = Array.prototype[Symbol.iterator] = () => {{ throw 2 }};
        Promise.prototype.then = Promise.resolve = () => {{ throw 3 }};
        Array.isArray = Object.keys = Reflect.ownKeys = Reflect.apply = () => {{ throw 4 }};
        Function.prototype.call = Function.prototype.apply = () => {{ throw 5 }};"
    ));
    let ended =
        result(&mut runner, "[new Map(), new Set(), 5n, new Date(6), (async () => 7)().constructor.name]");
    assert_eq!(ended, r#"[Map[], Set[], 5n, Date(6), "Promise"]"#);
    let ended = result(&mut runner, "(async () => { await null; return new Set([1].concat()) })()");
    assert!(ended.starts_with("threw"), "the plugin itself is broken: {ended}");
    assert_eq!(result(&mut runner, "(async () => { await null; return 8 })()"), "8");
}

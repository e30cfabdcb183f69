//! Values there and back, and what has no copy.

use crate::encoded::{self, array, extension, map, number};
use crate::harness::{Options, Runner, show};
use plughold_protocol::limits;
use plughold_protocol::pack::Writer;
use plughold_protocol::record::{Limits, Target};
use plughold_protocol::value as form;

const EVAL: &str = "
    exports.run = (text) => (0, eval)(text);
    globalThis.Buffer8 = (buffer, length) => { const view = new Uint8Array(buffer); buffer.resize(length); return view };
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
    check("new ArrayBuffer(3)", "ArrayBuffer[0, 0, 0]");
    check("new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)", "DataView[2, 3]");
    check("new DataView(new ArrayBuffer(0))", "DataView[]");
    check("Buffer8(new ArrayBuffer(2, { maxByteLength: 8 }), 4)", "bytes[0, 0, 0, 0]");
    check("Buffer8(new ArrayBuffer(8, { maxByteLength: 8 }), 1)", "bytes[0]");
    check(
        "new Uint16Array(Buffer8(new ArrayBuffer(2, { maxByteLength: 8 }), 4).buffer)",
        "Uint16Array[0, 0, 0, 0]",
    );
    check("new DataView(Buffer8(new ArrayBuffer(2, { maxByteLength: 8 }), 3).buffer)", "DataView[0, 0, 0]");
    check("new Uint8Array(new SharedArrayBuffer(2))", "bytes[0, 0]");
    check("new Uint8ClampedArray([300])", "Uint8ClampedArray[255]");
    check("new Int8Array([-1])", "Int8Array[255]");
    check("new BigInt64Array([-1n])", "BigInt64Array[255, 255, 255, 255, 255, 255, 255, 255]");
    check("new BigUint64Array([1n])", "BigUint64Array[1, 0, 0, 0, 0, 0, 0, 0]");
    check("new Float16Array([1])", "Float16Array[0, 60]");
    check("new Float32Array([1])", "Float32Array[0, 0, 128, 63]");
    check("new Int16Array([-2])", "Int16Array[254, 255]");
    check("new Int32Array([-2])", "Int32Array[254, 255, 255, 255]");
    check("new Uint32Array([2])", "Uint32Array[2, 0, 0, 0]");
    check("new Uint16Array([1, 258])", "Uint16Array[1, 0, 2, 1]");
    check("new Float64Array([1])", "Float64Array[0, 0, 0, 0, 0, 0, 240, 63]");
    check("new Date(1700000000123)", "Date(1700000000123)");
    check("new Date(-1)", "Date(-1)");
    check("new Date(8.64e15)", "Date(8640000000000000)");
    check("new Date(-8.64e15)", "Date(-8640000000000000)");
    check("new Map([[1, 'x'], ['k', [2]]])", r#"Map[1, "x", "k", [2]]"#);
    check("new Set([1, new Set()])", "Set[1, Set[]]");
    check("/a\\/b/gi", r#"RegExp["a\\/b", "gi"]"#);
    check("/x/dgimsuy", r#"RegExp["x", "dgimsuy"]"#);
    check("/x/v", r#"RegExp["x", "v"]"#);
    check("new RegExp('')", r#"RegExp["(?:)", ""]"#);
    check("new Map([[NaN, -0], [{ a: 1 }, new Map()]])", "Map[NaNf, -0.0f, {a: 1}, Map[]]");
    check("{ then: 5 }", "{then: 5}");
    check(
        "{ constructor: 1, hasOwnProperty: 2, toString: null }",
        "{constructor: 1, hasOwnProperty: 2, toString: null}",
    );
    check("Object.defineProperty([1], 'name', { value: 1, enumerable: true })", "[1]");
    check("{ [Symbol('x')]: 1, y: 2 }", "{y: 2}");
    check("Object.defineProperty({ y: 2 }, 'hidden', { value: 1 })", "{y: 2}");
    check("(function () { return arguments })(1, 2)", "{0: 1, 1: 2}");
    check("(() => { const a = [1]; a[3] = 2; return a })()", "[1, undefined, undefined, 2]");
    check("2n ** 100000n", "a BigInt of 12501 bytes");
    check("-(2n ** 63n)", "-9223372036854775808n");
    check("Object.freeze({ a: Object.freeze([1]) })", "{a: [1]}");
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
    assert_eq!(result(&mut runner, "new Uint8Array([9]).buffer"), "ArrayBuffer[9]");
    assert_eq!(result(&mut runner, "new ArrayBuffer(0)"), "ArrayBuffer[]");
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
        "{ items: [0, 1, 2, { el: new WeakSet() }] }",
        "arguments[0].items[3].el: an instance of WeakSet has no copy",
    );
    check("1, new WeakMap()", "arguments[1]: an instance of WeakMap has no copy");
    check("new WeakRef({})", "arguments[0]: an instance of WeakRef has no copy");
    check(
        "new FinalizationRegistry(() => {})",
        "arguments[0]: an instance of FinalizationRegistry has no copy",
    );
    check("[Promise.resolve(1)]", "arguments[0][0]: a promise has no copy: await it first");
    check(
        "new (class P extends Promise {})(() => {})",
        "arguments[0]: a promise has no copy: await it first",
    );
    check("(function* () {})()", "arguments[0]: a generator has no copy: make an array of it first");
    check("[1].values()", "arguments[0]: an iterator has no copy: make an array of it first");
    check("new Map().entries()", "arguments[0]: an iterator has no copy: make an array of it first");
    check("new Set().values()", "arguments[0]: an iterator has no copy: make an array of it first");
    check("'x'.matchAll(/x/g)", "arguments[0]: an iterator has no copy: make an array of it first");
    check("''[Symbol.iterator]()", "arguments[0]: an iterator has no copy: make an array of it first");
    check("[1].values().map((x) => x)", "arguments[0]: an iterator has no copy: make an array of it first");
    check("Iterator.from({ next() {} })", "arguments[0]: an iterator has no copy: make an array of it first");
    check(
        "new SharedArrayBuffer(1)",
        "arguments[0]: shared memory has no copy: copy it into an ArrayBuffer first",
    );
    check("Object(Symbol('x'))", "arguments[0]: a symbol has no copy");
    check("{ 'a b': Symbol() }", "arguments[0][\"a b\"]: a symbol has no copy");
    check("new Map([[1, Symbol()]])", "arguments[0][1]: a symbol has no copy");
    check("new Date(NaN)", "arguments[0]: an invalid Date has no copy");
    check("new Date(8.64e15 + 1)", "arguments[0]: an invalid Date has no copy");
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
    check("(() => { const a = []; a[4e9] = 1; return a })()", "arguments: more than 100000 values");
    check(
        "Object.fromEntries(Array.from({ length: 50001 }, (_, n) => [n, n]))",
        "arguments: more than 100000 values",
    );
    check("new Map(Array.from({ length: 50001 }, (_, n) => [n, n]))", "arguments: more than 100000 values");
    check(
        "(() => { const m = new Map(); m.set(1, m); return m })()",
        "arguments[0][1]: arguments[0][1] is its own ancestor",
    );
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
fn what_is_in_an_object_around_a_primitive_is_sent() {
    let mut runner = Runner::with_script(EVAL);
    let mut check = |expression: &str, expected: &str| assert_eq!(result(&mut runner, expression), expected);
    check("new String('x')", "\"x\"");
    check("new Number(-0)", "-0.0f");
    check("new Boolean(false)", "false");
    check("Object(5n)", "5n");
    check("[new Number(1), { s: new String('') }]", "[1, {s: \"\"}]");
    check("Object.assign(new Number(1), { valueOf: () => 2, toString: () => '3' })", "1");
}

#[test]
fn to_json_is_a_name_like_any_other() {
    let mut runner = Runner::with_script(EVAL);
    assert_eq!(result(&mut runner, "({ toJSON: 1, x: 2 })"), "{toJSON: 1, x: 2}");
    let ended = result(&mut runner, "[{ toJSON() { throw 1 } }]");
    assert!(ended.starts_with("[{toJSON: function#"), "{ended}");
}

#[test]
fn buffers_that_changed_are_read_as_they_are() {
    let mut runner = Runner::with_script(EVAL);
    let mut check = |expression: &str, expected: &str| {
        let ended = result(&mut runner, expression);
        assert!(ended.contains(expected), "{expression}: {ended}");
    };
    check("const a = new Uint8Array(4); a.buffer.transfer(); a", "TypeError");
    check("const b = new ArrayBuffer(4); b.transfer(); b", "TypeError");
    check("const c = new DataView(new ArrayBuffer(4)); c.buffer.transfer(); c", "TypeError");
    check(
        "const d = new ArrayBuffer(8, { maxByteLength: 8 }); const e = new Uint8Array(d, 4, 4); d.resize(6); e",
        "TypeError",
    );
    check(
        "const f = new ArrayBuffer(8, { maxByteLength: 8 }); const g = new Uint8Array(f, 4); f.resize(6); g",
        "bytes[0, 0]",
    );
    check(
        "Object.defineProperties(new Uint8Array([1]), { length: { value: 5 }, byteLength: { value: 7 }, x: { value: 1 } })",
        "bytes[1]",
    );
    check("Object.defineProperty(new Uint8Array([1]), 'buffer', { get() { throw 1 } })", "bytes[1]");
}

#[test]
fn a_date_beyond_a_date_is_an_invalid_one() {
    let mut runner =
        Runner::with_script(&format!("{EVAL} exports.take = (date) => [date instanceof Date, String(date)]"));
    let mut check = |milliseconds: i64, expected: &str| {
        let date = extension(form::TIMESTAMP, &form::timestamp(milliseconds));
        let id = runner.call(Target::Export("take"), &array(&[date]));
        assert_eq!(runner.returned(id), expected);
    };
    check(8_640_000_000_000_001, r#"[true, "Invalid Date"]"#);
    check(i64::MAX, r#"[true, "Invalid Date"]"#);
    check(i64::MIN / 2, r#"[true, "Invalid Date"]"#);
}

/// An error without its stack.
fn told(runner: &mut Runner, expression: &str) -> String {
    let shown = result(runner, expression);
    let (before, rest) = shown.split_once(", stack: \"").unwrap_or_else(|| panic!("no stack in {shown}"));
    format!("{before}{}", rest.split_once('"').unwrap().1)
}

#[test]
fn errors_are_told_whole() {
    let mut runner = Runner::with_script(EVAL);
    let mut check = |expression: &str, expected: &str| {
        assert_eq!(told(&mut runner, expression), format!("Error{{{expected}}}"), "{expression}");
    };
    check("new RangeError('m')", r#"name: "RangeError", message: "m""#);
    check("new (class Own extends TypeError {})('m')", r#"name: "TypeError", message: "m""#);
    check("new (class Own extends Error { name = 'Own' })('m')", r#"name: "Own", message: "m""#);
    check(
        "new (class Own extends Error { get name() { return 'Own' } get code() { return 7 } })('m')",
        r#"name: "Own", message: "m", code: 7"#,
    );
    check(
        "new (class Own extends Error { get message() { throw 1 } get name() { throw 2 } })()",
        r#"name: "Error", message: """#,
    );
    check(
        "Object.defineProperty(new Error('m'), 'message', { get() { return 'got' } })",
        r#"name: "Error", message: "got""#,
    );
    check(
        "Object.defineProperty(new Error('m'), 'stack', { get() { throw 1 } })",
        r#"name: "Error", message: "m""#,
    );
    check(
        "Object.assign(new Error('m'), { code: 'E_X', errno: -2, then: 1, __proto__: 5 })",
        r#"name: "Error", message: "m", code: "E_X", errno: -2, then: 1"#,
    );
    check(
        "Object.assign(new Error('m'), { bad: Symbol(), get worse() { return 1 }, fine: [1] })",
        r#"name: "Error", message: "m", worse: 1, fine: [1]"#,
    );
    check(
        "Object.defineProperty(new Error('m'), 'worse', { get() { throw 1 }, enumerable: true })",
        r#"name: "Error", message: "m""#,
    );
    check(
        "Object.assign(new Error('m'), { toString: 1, name: 5, message: null })",
        r#"name: "5", message: "", toString: 1"#,
    );
    check("new AggregateError([1, 'x'], 'm')", r#"name: "AggregateError", message: "m", errors: [1, "x"]"#);
    check("Object.assign(new Error('m'), { errors: [1] })", r#"name: "Error", message: "m", errors: [1]"#);
    check(
        "Object.assign(new Error('m'), { errors: { field: 'bad' } })",
        r#"name: "Error", message: "m", errors: {field: "bad"}"#,
    );
    check("new DOMException('m', 'AbortError')", r#"name: "AbortError", message: "m", code: 20"#);
    check("new Error('m', { cause: 1 })", r#"name: "Error", message: "m", cause: 1"#);
    check("new Error('m', { cause: undefined })", r#"name: "Error", message: "m""#);
    check(
        "((error) => Object.assign(error, { cause: error }))(new Error('m'))",
        r#"name: "Error", message: "m""#,
    );
    check(
        "((error) => Object.assign(error, { list: [error] }))(new Error('m'))",
        r#"name: "Error", message: "m""#,
    );
}

#[test]
fn a_chain_of_causes_has_an_end() {
    let mut runner = Runner::with_script(EVAL);
    let chain = "let error; for (let n = 0; n < 50; n++) error = new Error(`${n}`, { cause: error }); error";
    let shown = result(&mut runner, chain);
    assert_eq!(shown.matches("cause: Error{").count(), limits::CAUSES);
}

#[test]
fn errors_arrive_as_errors() {
    let mut runner = Runner::with_script(&format!(
        "{EVAL} exports.take = (error, text) => (0, eval)(`(${{text}})`)(error);"
    ));
    let mut check = |name: &str, text: &str, expected: &str| {
        let error = map(&[
            ("name", encoded::text(name)),
            ("message", encoded::text("m")),
            ("stack", encoded::text("    at far.js:1:2")),
            ("code", encoded::text("E")),
            ("cause", extension(form::ERROR, &map(&[("name", encoded::text("TypeError"))]))),
            ("errors", array(&[number(1)])),
            ("__proto__", number(1)),
            ("own", number(2)),
        ]);
        let id = runner
            .call(Target::Export("take"), &array(&[extension(form::ERROR, &error), encoded::text(text)]));
        assert_eq!(runner.returned(id), expected, "{name}: {text}");
    };
    for class in [
        "RangeError",
        "TypeError",
        "SyntaxError",
        "ReferenceError",
        "EvalError",
        "URIError",
        "AggregateError",
    ] {
        check(
            class,
            &format!("(e) => [e instanceof {class}, e.name, Object.hasOwn(e, 'name')]"),
            &format!("[true, {class:?}, false]"),
        );
    }
    check("Own", "(e) => [e instanceof Error, e.name, e.constructor.name]", r#"[true, "Own", "Error"]"#);
    check("Error", "(e) => [e.message, e.code, e.own, e.stack]", r#"["m", "E", 2, "    at far.js:1:2"]"#);
    check("Error", "(e) => [e.cause instanceof TypeError, e.errors]", "[true, [1]]");
    check("Error", "(e) => Object.keys(e)", r#"["code", "errors", "__proto__", "own"]"#);
    check("AggregateError", "(e) => Object.keys(e)", r#"["code", "__proto__", "own"]"#);
    check("Error", "(e) => String(e)", r#""Error: m""#);
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

//! The console: rendered lines, with the place that wrote them.

use crate::harness::{Runner, describe};
use plughold_protocol::record::{SourceKind, Target};

/// The lines that a script writes while it is loaded.
fn lines(text: &str) -> Vec<String> {
    let mut runner = Runner::start(&crate::harness::Options::default());
    runner.load("native", SourceKind::Script, text);
    let mut lines = Vec::new();
    loop {
        let received = runner.next();
        match received.message().name() {
            "Log" => lines.push(describe(&received.message())),
            "Ready" => return lines,
            _ => panic!("{}", describe(&received.message())),
        }
    }
}

/// What `console.log(arguments)` writes.
fn check(arguments: &str, expected: &str) {
    let lines = lines(&format!("console.log({arguments})"));
    let text = lines[0].strip_prefix("Info ").unwrap().rsplit_once(" at main.js:").unwrap().0;
    assert_eq!(text, expected, "{arguments}");
}

#[test]
fn values_are_readable() {
    check("'text', 1, true, null, undefined", "text 1 true null undefined");
    check("-0, 5n, Symbol('s'), NaN", "-0 5n Symbol(s) NaN");
    check("['a', \"it's\", 'tab\\t']", r#"[ 'a', "it's", 'tab\t' ]"#);
    check(
        "{ a: 1, 'b-c': [1, , 2], [Symbol('k')]: {} }",
        "{ a: 1, 'b-c': [ 1, <1 empty item>, 2 ], [Symbol(k)]: {} }",
    );
    check("{ a: { b: { c: { d: 1 } } } }", "{ a: { b: { c: [Object] } } }");
    check("(() => { const a = { b: 1 }; a.self = a; return a })()", "<ref *1> { b: 1, self: [Circular *1] }");
    check("{ get x() { throw 1 }, set y(v) {} }", "{ x: [Getter], y: [Setter] }");
    check("new Map([['k', { v: 1 }]]), new Set([1])", "Map(1) { 'k' => { v: 1 } } Set(1) { 1 }");
    check(
        "new Date(0), /x/g, new Uint8Array([1, 2])",
        "1970-01-01T00:00:00.000Z /x/g Uint8Array(2) [ 1, 2 ]",
    );
    check("() => 1, function named() {}, class A {}", "[Function (anonymous)] [Function: named] [class A]");
    check("new (class Point { x = 1 })(), Object.create(null)", "Point { x: 1 } [Object: null prototype] {}");
    check(
        "Promise.resolve(1), new ArrayBuffer(4), new Proxy({}, {})",
        "Promise {} ArrayBuffer { byteLength: 4 } [Proxy]",
    );
    check(
        "'%s is %d and %i, %j %% %x', 'a', '4.5', 4.5, { b: 1 }, 'more'",
        "a is 4.5 and 4, {\"b\":1} % %x more",
    );
    check(
        "app",
        "{\n  echo: [Function: echo],\n  notes: { search: [Function: search], get: [Function: get] },\n  settings: { get: [Function: get] }\n}",
    );
    check("new Array(105).fill(0).length, [...Array(102).keys()].slice(-1)", "105 [ 101 ]");
}

#[test]
fn errors_show_their_stack_and_what_was_meant() {
    let lines = lines("try {\n app.notes.serach() } catch (error) { console.error('failed:', error) }");
    let expected = "Error failed: TypeError: not a function (app.notes.serach does not exist; did you mean app.notes.search?)\n    at <eval> (main.js:2:12) at main.js:2:64";
    assert_eq!(lines, [expected]);
}

#[test]
fn each_method_has_its_level_and_the_callers_place() {
    let lines = lines(
        "console.debug('d');
        function f() { console.log('l') }; f();
        [1].map(console.info);
        console.warn('w'); console.error('e');
        console.assert(true, 'no'); console.assert(false, 'yes', 1);
        console.count(); console.count('x'); console.count(); console.countReset(); console.count();
        console.group('g'); console.log('in\\nside'); console.groupEnd(); console.log('out');
        const deep = { a: { b: { c: { d: { e: 1 } } } } };
        console.dir(deep, { depth: 0 });
        console.dir(deep, { depth: 1 });
        console.dir(deep);
        console.dir(deep, { depth: null });",
    );
    assert_eq!(
        lines,
        [
            "Debug d at main.js:1:8",
            "Info l at main.js:2:32",
            "Info 1 0 [ 1 ] at main.js:3:17",
            "Warn w at main.js:4:17",
            "Error e at main.js:4:36",
            "Error Assertion failed: yes 1 at main.js:5:52",
            "Info default: 1 at main.js:6:17",
            "Info x: 1 at main.js:6:34",
            "Info default: 2 at main.js:6:54",
            "Info default: 1 at main.js:6:93",
            "Info g at main.js:7:17",
            "Info   in\n  side at main.js:7:37",
            "Info out at main.js:7:82",
            "Info { a: [Object] } at main.js:9:21",
            "Info { a: { b: [Object] } } at main.js:10:21",
            "Info { a: { b: { c: [Object] } } } at main.js:11:21",
            "Info { a: { b: { c: { d: { e: 1 } } } } } at main.js:12:21",
        ]
    );
}

#[test]
fn a_table_has_columns() {
    let lines = lines("console.table([{ a: 1, b: 'x' }, { a: 20 }, 7])");
    let expected = "Info (index) | a  | b   | Values\n------- | -- | --- | ------\n0       | 1  | 'x' |       \n1       | 20 |     |       \n2       |    |     | 7      at main.js:1:8";
    assert_eq!(lines, [expected]);
}

#[test]
fn timers_of_the_console_and_traces() {
    let lines =
        lines("console.time('t'); console.timeEnd('t'); console.timeEnd('t'); console.trace('here', 1)");
    assert!(lines[0].starts_with("Info t: 0.") || lines[0].starts_with("Info t: "), "{}", lines[0]);
    assert!(lines[0].contains("ms at ") && !lines[0].contains(" ms"), "{}", lines[0]);
    assert_eq!(lines[1], "Warn there is no timer 't' at main.js:1:49");
    assert!(lines[2].starts_with("Info Trace: here 1\n    at <eval> (main.js:1:"), "{}", lines[2]);
}

#[test]
fn a_place_cannot_be_forged() {
    let lines = lines(
        "function f() { console.log('x') }
        Object.defineProperty(f, 'name', { value: 'a (evil.js:1:1)\\n    at b' });
        Error.prepareStackTrace = () => 'at evil (evil.js:1:1)';
        Error.stackTraceLimit = 0;
        f();
        typeof new Error('y').stack;",
    );
    assert_eq!(lines, ["Info x at main.js:1:23"]);
}

#[test]
fn long_lines_are_cut_and_say_so() {
    let lines = lines("console.log('x'.repeat(10000)); console.log({ long: 'y'.repeat(10000) })");
    let (text, _) = lines[0].rsplit_once(" at ").unwrap();
    assert!(text.ends_with("x… (1872 more bytes)"), "{}", &text[text.len() - 40..]);
    assert!(lines[1].contains("... 8000 more characters"), "{}", lines[1]);
}

#[test]
fn a_loop_that_logs_shows_its_lines_before_it_ends() {
    let mut runner = Runner::with_script("exports.run = () => { for (;;) console.log('x'.repeat(1000)) }");
    runner.call(Target::Export("run"), &[0x90]);
    for _ in 0..500 {
        runner.expect("Log");
    }
}

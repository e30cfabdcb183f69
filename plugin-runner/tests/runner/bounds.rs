//! What is too much: it is refused where the plugin can catch it, and what is allowed fits into the memory that there is.

use crate::harness::{Options, Runner, describe, show};
use plughold_protocol::record::{Limits, SourceKind, Target};
use plughold_protocol::{Message, limits};

const NO_ARGUMENTS: &[u8] = &[0x90];

/// The result of `body`, an exported function in a runner of its own.
fn run(body: &str) -> String {
    run_with(&Options::default(), body)
}

fn run_with(options: &Options, body: &str) -> String {
    let mut runner = Runner::with_script_and(options, &format!("exports.run = async () => {{ {body} }}"));
    runner.call_export("run", NO_ARGUMENTS)
}

#[test]
fn a_long_value_arrives() {
    let check = |expression: &str, content: usize| {
        let script = format!("exports.run = () => app.echo({expression}).then(() => 'fits')");
        let mut runner = Runner::with_script(&script);
        let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
        let (call, _, args) = runner.expect_call();
        let heads = args.len() - content;
        assert!(heads <= 6_000, "{expression}: {heads} bytes more");
        runner.answer(call, &[0xc0]);
        assert_eq!(runner.returned(id), "\"fits\"", "{expression}");
    };
    let mebibytes = 19 << 20;
    check("new Uint8Array(19 << 20)", mebibytes);
    check("new Uint8Array(19 << 20), 1, 2, 3", mebibytes);
    check("new Float64Array(19 << 17)", mebibytes);
    check("'x'.repeat(19 << 20)", mebibytes);
    check("new Map([['key', new Uint8Array(19 << 20)]])", mebibytes);
    check("Array(19).fill(new ArrayBuffer(1 << 20))", mebibytes);
    check("Array(1900).fill('x'.repeat(1 << 20)).map((text) => text.slice(0, 10_000))", 19_000_000);
    let error = "Object.assign(new Error('x'.repeat(1 << 20)), { data: new Uint8Array(19 << 20) })";
    check(error, mebibytes + limits::ERROR_TEXT);
}

#[test]
fn a_long_result_arrives() {
    let mut runner = Runner::with_script("exports.run = () => 'ab'.repeat(9 << 20)");
    assert_eq!(runner.call_export("run", NO_ARGUMENTS).len(), (18 << 20) + 2);
    assert_eq!(runner.call_export("run", NO_ARGUMENTS).len(), (18 << 20) + 2);
}

#[test]
fn a_value_that_is_too_long_is_refused() {
    let most = limits::MESSAGE - limits::ENVELOPE;
    let bound = format!("\"TypeError: cannot send arguments: more than {most} bytes\"");
    let memory = "\"TypeError: cannot send arguments: more than there is memory left for\"".to_owned();
    let check = |expression: &str, expected: &[&String]| {
        let ended = run(&format!("return app.echo({expression}).catch(String)"));
        assert!(expected.contains(&&ended), "{expression}: {ended}");
    };
    check("new Uint8Array(33 << 20)", &[&bound]);
    check("new BigInt64Array(33 << 17)", &[&bound]);
    check("'x'.repeat(33 << 20)", &[&bound]);
    check("'x'.repeat(9 << 20) + '\\ud800'", &[&memory]);
    check("Array(2000).fill({ ['x'.repeat(20_000)]: 1 })", &[&bound, &memory]);
    check("Array(4000).fill(1n << 1000000n)", &[&bound, &memory]);
    check("Array(40).fill(new Map([[1, new Uint8Array(1 << 20)]]))", &[&bound, &memory]);
    check("{ ['x'.repeat(33 << 20)]: 1 }", &[&bound]);
    check("new Uint8Array(30 << 20)", &[&memory]);
    check(
        "[new Uint8Array(12 << 20), { get x() { globalThis.kept = new Uint8Array(30 << 20) } }]",
        &[&memory],
    );
}

#[test]
fn a_path_of_long_keys_is_cut() {
    let ended = run("const deep = (n) => n === 0 ? Symbol() : { ['x'.repeat(1 << 20)]: deep(n - 1) };
        return app.echo(deep(12)).catch((error) => error.message)");
    assert!(ended.starts_with("\"cannot send arguments[0].xxxx") && ended.len() < 2_000, "{}", ended.len());
}

#[test]
fn long_texts_of_an_error_are_cut_and_its_long_fields_left_out() {
    let options = Options { memory: 32 << 20, ..Options::default() };
    let check = |body: &str, expected: &str| {
        let ended = run_with(&options, body);
        assert!(
            ended.starts_with(expected) && ended.len() < 3 * limits::ERROR_TEXT,
            "{body}: {}",
            ended.len()
        );
    };
    check("throw new Error('x'.repeat(20e6))", "threw Error{name: \"Error\", message: \"xxx");
    check("throw Object.assign(new Error('x'), { name: 'n'.repeat(20e6) })", "threw Error{name: \"nnn");
    check(
        "throw Object.assign(new Error('m'), { ['f'.repeat(20e6)]: 1, ok: 2 })",
        "threw Error{name: \"Error\", message: \"m\"",
    );
    check("throw 'x'.repeat(20e6)", "threw Error{name: \"Error\", message: \"thrown: 'xxx");
    check("throw new Error('x'.repeat(4e6) + '\\ud800')", "threw Error{name: \"Error\", message: \"xxx");
    check(
        "const f = { ['x'.repeat(9e6)]() { throw new Error('m') } }; Object.values(f)[0]()",
        "threw Error{name: \"Error\", message: \"m\", stack: \"    at xxx",
    );
}

#[test]
fn long_names_that_the_api_does_not_have_are_cut() {
    let ended = run("for (let n = 0; n < 16; n++) app['x'.repeat(5e6) + n]; return 'alive'");
    assert_eq!(ended, "\"alive\"");
}

#[test]
fn a_long_line_of_the_console_is_cut() {
    let mut runner = Runner::with_script("exports.run = () => console.log('x'.repeat(5e6) + '\\ud800')");
    runner.call(Target::Export("run"), NO_ARGUMENTS);
    let text = describe(&runner.expect("Log").message());
    assert!(text.contains("… (4991875 more bytes)"), "{}", text.len());
}

#[test]
fn queued_calls_that_no_longer_fit_are_refused() {
    let limits = Limits { in_flight: 1, ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let script = "exports.run = () => {
        const first = app.echo('first');
        const second = app.echo(new Uint8Array(12 << 20)).catch((error) => error.message);
        globalThis.kept = [];
        try { for (;;) kept.push(new Uint8Array(1 << 20)) } catch {}
        return first.then(() => second);
    }";
    let mut runner = Runner::with_script_and(&options, script);
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (first, _, _) = runner.expect_call();
    runner.answer(first, &[0xc0]);
    assert_eq!(runner.returned(id), "\"cannot send arguments: more than there is memory left for\"");
}

#[test]
fn long_names_of_exports_are_skipped_and_too_many_fail_the_plugin() {
    let check = |text: &str, expected: &str| {
        let mut runner = Runner::start(&Options::default());
        runner.load("native", SourceKind::Script, text);
        let text = describe(&runner.next().message());
        assert!(text.starts_with(expected), "{text:.300}");
        assert_eq!(runner.silence(), None);
    };
    check("exports['x'.repeat(20e6)] = exports.short = () => 1", "Ready short");
    let words = "Failed Activate Error{name: \"RangeError\", message: \"the plugin exports more than 10000 functions, or names of more than 262144 bytes\"";
    check("for (let n = 0; n <= 10000; n++) exports[`f${n}`] = () => n", words);
    check("for (let n = 0; n < 300; n++) exports['x'.repeat(1000) + n] = () => n", words);
    check("for (let n = 0; n < 10000; n++) exports[`f${n}`] = () => n", "Ready f0 f1 ");
}

#[test]
fn a_long_specifier_is_not_asked_for() {
    let check = |specifier: &str, length: usize| {
        let ended = run(&format!("return import({specifier}).catch(String)"));
        assert_eq!(ended, format!("\"TypeError: a specifier of {length} bytes; at most 1024 are allowed\""));
    };
    check("'./' + 'x'.repeat(20e6)", 20_000_002);
    check("'x'.repeat(1025)", 1_025);
    let mut runner = Runner::with_script("exports.run = () => import('x'.repeat(1024))");
    runner.call(Target::Export("run"), NO_ARGUMENTS);
    runner.expect("ModuleRequest");
}

#[test]
fn a_flood_of_rejections_is_counted() {
    let mut runner = Runner::with_script(
        "exports.run = () => {
            const all = [];
            for (let n = 0; n < 1500; n++) all.push(Promise.reject(n));
            for (let n = 0; n < 100; n++) all[n].catch(() => 0);
            all[1499].catch(() => 0);
        }",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    assert_eq!(runner.returned(id), "undefined");
    for n in 100..1000 {
        match runner.expect("Uncaught").message() {
            Message::Uncaught { error, rejection: true } => assert_eq!(show(error), n.to_string()),
            other => panic!("{other:?}"),
        }
    }
    let text = describe(&runner.expect("Uncaught").message());
    assert!(text.contains("message: \"499 more rejections that nobody waits for\""), "{text}");
    assert_eq!(runner.silence(), None);
}

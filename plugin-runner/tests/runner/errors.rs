//! Errors: what the host is told of them, where they happened, and what was meant.

use crate::harness::{Runner, describe, show};
use plughold_protocol::Message;
use plughold_protocol::record::{Outcome, Target};

const NO_ARGUMENTS: &[u8] = &[0x90];

/// Runs `body` as an exported function and gives how the call ended. The function begins in line 1.
fn ended(body: &str) -> String {
    let mut runner = Runner::with_script(&format!("exports.run = function run() {{ {body} }}"));
    runner.call_export("run", NO_ARGUMENTS)
}

/// The message of the error with which `body` ends.
fn message(body: &str) -> String {
    let ended = ended(body);
    let start = ended.find("message: \"").unwrap_or_else(|| panic!("no message in {ended}")) + 10;
    ended[start..].split("\", stack").next().unwrap().to_owned()
}

#[test]
fn an_error_has_its_name_message_stack_fields_and_cause() {
    let text = ended(
        "const cause = new RangeError('inner');
        const error = Object.assign(new TypeError('outer', { cause }), { code: 'E_X', extra: [1], secret: Symbol() });
        throw error;",
    );
    let expected = r#"threw Error{name: "TypeError", message: "outer", stack: "    at run (main.js:2:41)", code: "E_X", cause: Error{name: "RangeError", message: "inner", stack: "    at run (main.js:1:50)"}, extra: [1]}"#;
    assert_eq!(text, expected);
}

#[test]
fn causes_are_kept_to_a_depth() {
    let text = ended(
        "let error = new Error('0'); for (let i = 1; i < 20; i++) error = new Error(i, { cause: error }); throw error",
    );
    assert_eq!(text.matches("Error{").count(), 9, "{text}");
    let text = ended("const error = new Error('x'); error.cause = error; throw error");
    assert!(
        text.starts_with(r#"threw Error{name: "Error", message: "x""#) && !text.contains("cause"),
        "{text}"
    );
}

#[test]
fn whatever_is_thrown_arrives() {
    let check = |body: &str, expected: &str| assert_eq!(ended(body), expected, "{body}");
    check("throw 'text'", r#"threw "text""#);
    check("throw null", "threw null");
    check("throw { a: 1 }", "threw {a: 1}");
    check("throw Symbol('s')", r#"threw Error{name: "Error", message: "thrown: Symbol(s)", stack: ""}"#);
    check(
        "throw new Map([[Symbol('k'), 1]])",
        r#"threw Error{name: "Error", message: "thrown: Map(1) { Symbol(k) => 1 }", stack: ""}"#,
    );
    let odd = ended(
        "const error = new Error('x'); Object.defineProperty(error, 'message', { get() { throw 1 } }); throw error",
    );
    assert!(odd.starts_with(r#"threw Error{name: "Error", message: "", stack: "#), "{odd}");
    let dom = ended("atob('*')");
    assert!(dom.starts_with(r#"threw Error{name: "InvalidCharacterError""#), "{dom}");
}

#[test]
fn errors_of_the_host_are_real_errors_and_go_back_with_their_stack() {
    let mut runner = Runner::with_script(
        "exports.run = async () => {
            try { await app.echo() } catch (error) {
                globalThis.kept = error;
                return [error instanceof RangeError, error.message, error.stack, Object.keys(error).join()];
            }
        };
        exports.again = () => { throw kept };",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (echo, _, _) = runner.expect_call();
    let map = b"\x84\xa4name\xaaRangeError\xa7message\xa3far\xa5stack\xa7at host\xa4code\x05";
    runner.answer_error(echo, &[&[0xc7, map.len() as u8, 6][..], map].concat());
    assert_eq!(
        runner.returned(id),
        r#"[true, "far", "at host\n    at <anonymous> (main.js:2:29)", "code"]"#
    );
    assert_eq!(
        runner.call_export("again", NO_ARGUMENTS),
        r#"threw Error{name: "RangeError", message: "far", stack: "at host\n    at <anonymous> (main.js:2:29)", code: 5}"#
    );
}

/// Runs `body`, whose one call the host answers with an error that has no stack, and gives the stack that is told.
fn stack_of_answer(body: &str) -> String {
    let mut runner = Runner::with_script(&format!("exports.run = async function run() {{ {body} }}"));
    runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (call, _, _) = runner.expect_call();
    runner.answer_error(call, b"\xc7\x0d\x06\x81\xa7message\xa3far");
    let told = loop {
        match runner.next().message() {
            Message::Return { outcome: Outcome::Threw(error), .. } => break show(error),
            Message::Uncaught { error, rejection: true } => break show(error),
            _ => {}
        }
    };
    told.split("stack: \"").nth(1).unwrap().trim_end_matches("\"}").to_owned()
}

#[test]
fn an_error_of_the_host_has_the_place_of_the_call_that_it_answers() {
    let check = |body: &str, expected: &str| assert_eq!(stack_of_answer(body), expected, "{body}");
    check("app.echo()", "    at run (main.js:1:41)");
    check("await app.echo()", "    at run (main.js:1:47)");
    check("return app.echo()", "    at run (main.js:1:48)");
    check("await null;\nawait null;\n  await app.echo()", "    at run (main.js:3:13)");
    check("await [1].map(app.echo)[0]", "    at run (main.js:1:52)");
    check("await app.echo.call(null)", "    at run (main.js:1:57)");
    check("await app.echo.bind(null)()", "    at run (main.js:1:57)");
    check("const inner = () => app.echo(); await inner()", "    at inner (main.js:1:61)");
    check("await Promise.resolve().then(app.echo)", "");
    check("Error.prepareStackTrace = () => 'at forged (evil.js:1:1)'; await app.echo()", "    at run (main.js:1:106)");
    check("Error.stackTraceLimit = 0; await app.echo()", "    at run (main.js:1:74)");
    check(
        "Object.defineProperty(run, 'name', { value: 'f (evil.js:1:1)\\n    at g' }); await app.echo()",
        "    at f evil.js:1:1    at g (main.js:1:123)",
    );
    check(
        "try { await app.echo() } catch (error) { error.stack = 'at forged (evil.js:1:1)'; throw error }",
        "    at run (main.js:1:53)",
    );
}

#[test]
fn stacks_cannot_be_forged() {
    for body in [
        "const error = new Error('x'); error.stack = 'at forged (evil.js:1:1)'; throw error",
        "Error.prepareStackTrace = () => 'at forged (evil.js:1:1)'; throw new Error('x')",
        "Error.stackTraceLimit = 0; throw new Error('x')",
        "const error = new Error('x'); Object.defineProperty(error, 'stack', { get() { throw 1 } }); throw error",
        "Error.prepareStackTrace = () => { throw 1 }; throw new Error('x')",
        "Object.defineProperty(run, 'name', { value: 'evil (evil.js:1:1)\\n    at g (plughold:x.js:1:1)\\n    at run' });
        throw new Error('x')",
        "const o = { ['f (evil.js:1:1)\\r\\n    at (plughold:x.js:1:1)\\u2028']() { throw new Error('x') } };
        Object.values(o)[0]()",
        "Error.prepareStackTrace = (e) => { Error.captureStackTrace(e); return 'at forged (evil.js:1:1)' }; throw new Error('x')",
        "const error = new Error('x');
        (function evil() { Error.prepareStackTrace = () => 'at forged (evil.js:1:1)'; Error.captureStackTrace(error) })();
        throw error",
        "try { atob('*') } catch (error) {
            Object.defineProperty(error, 'stack', { value: '    at forged (evil.js:1:1)' });
            throw error;
        }",
        "Object.getPrototypeOf((() => {
            let all;
            Error.prepareStackTrace = (_, sites) => { all = sites };
            new Error();
            return all[0];
        })()).getFileName = () => 'evil.js:1:1';
        throw new Error('x')",
    ] {
        let text = ended(body);
        let places = text.matches("(evil.js:").count() + text.matches("plughold:x.js:1:1)").count();
        let lines = text.matches("\\n").count() + 1;
        assert!(text.contains("at run (main.js:") && places == 0 && lines <= 2, "{body}: {text}");
    }
    let text = ended(
        "return Promise.resolve('boom').then(Error).then((error) => {
            Object.defineProperty(error, 'stack', { value: '    at victim (victim.js:7:7)' });
            throw error;
        })",
    );
    assert_eq!(text, r#"threw Error{name: "Error", message: "boom", stack: ""}"#);
}

#[test]
fn endless_recursion_has_a_stack() {
    let text = ended("const f = () => f() + 1; f()");
    assert!(text.contains("Maximum call stack size exceeded"), "{text}");
    assert_eq!(text.matches("at f (main.js:1:").count(), 64, "{text}");
}

#[test]
fn calls_of_our_own_files_are_not_shown() {
    let mut runner = Runner::with_script(
        "exports.run = function run() {
            const seen = [];
            Error.prepareStackTrace = (error, sites) => {
                for (const site of sites) seen.push(`${site.getFunctionName()} ${site.getFileName()} ${typeof site.getFunction()}`);
                return 'prepared';
            };
            const odd = { get [Symbol.toStringTag]() { throw 1 } };
            const handler = { getPrototypeOf: function trap() { return new Error().stack.length, null } };
            console.log([1].map(function inner() { return new Error('x').stack }), { toString() { return 'x' } });
            console.table({ get row() { new Error('within console.table'); return 1 } });
            return seen;
        }",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    runner.expect("Log");
    runner.expect("Log");
    assert_eq!(
        runner.returned(id),
        r#"["inner main.js function", "map null function", "run main.js function", "get row main.js function", "run main.js function"]"#
    );
}

#[test]
fn reading_an_error_of_the_host_runs_no_code_of_the_plugin() {
    let mut runner = Runner::with_script(
        "exports.run = async () => {
            let asked = 0;
            for (const name of ['name', 'message', 'stack', 'cause', 'code']) {
                Object.defineProperty(Object.prototype, name, { get() { asked += 1; return 'evil' }, configurable: true });
            }
            const error = await app.echo().catch((error) => error);
            for (const name of ['name', 'message', 'stack', 'cause', 'code']) delete Object.prototype[name];
            return [asked, error instanceof Error, error.name, error.message];
        }",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (echo, _, _) = runner.expect_call();
    runner.answer_error(echo, b"\xc7\x0d\x06\x81\xa7message\xa3far");
    assert_eq!(runner.returned(id), r#"[0, true, "Error", "far"]"#);
}

#[test]
fn a_plugin_sees_what_its_own_preparation_makes() {
    let text = ended(
        "Error.prepareStackTrace = (error, sites) => sites.map((site) => site.getFunctionName()).join();
        function inner() { return new Error('x').stack }
        const seen = inner();
        Error.prepareStackTrace = undefined;
        return [seen.startsWith('inner,run'), typeof Error.prepareStackTrace, new Error('y').stack.includes('main.js')]",
    );
    assert_eq!(text, r#"[true, "undefined", true]"#);
}

#[test]
fn an_unknown_name_says_what_was_meant() {
    let check = |body: &str, expected: &str| assert_eq!(message(body), expected, "{body}");
    check(
        "app.notes.serach('x')",
        "not a function (app.notes.serach does not exist; did you mean app.notes.search?)",
    );
    check(
        "app.noets.search('x')",
        "cannot read property 'search' of undefined (app.noets.search does not exist; did you mean app.notes.search?)",
    );
    check(
        "app\n.setings\n.get('x')",
        "cannot read property 'get' of undefined (app.setings.get does not exist; did you mean app.settings.get?)",
    );
    check(
        "app.data.frobnicate()",
        "cannot read property 'frobnicate' of undefined (app.data.frobnicate does not exist)",
    );
    check("if (!app.nothing) {}\n\n\n\n\n const x = {};\n x.y()", "not a function");
    check(
        "app.notes.nothing; JSON.parse('{')",
        "Expected property name or '}' in JSON at position 1 (line 1 column 2)",
    );
}

#[test]
fn what_nobody_catches_is_reported() {
    let mut runner = Runner::with_script(
        "exports.reject = () => { Promise.reject(new Error('lonely')) };
        exports.late = () => { const p = Promise.reject(new Error('handled')); Promise.resolve().then(() => p.catch(() => 0)) };
        exports.chain = () => { Promise.resolve().then(() => { app.notes.serach() }) };",
    );
    let id = runner.call(Target::Export("reject"), NO_ARGUMENTS);
    assert_eq!(runner.returned(id), "undefined");
    let uncaught = runner.expect("Uncaught");
    let text = describe(&uncaught.message());
    assert!(
        text.starts_with(r#"Uncaught rejection Error{name: "Error", message: "lonely", stack: "    at"#),
        "{text}"
    );
    assert_eq!(runner.call_export("late", NO_ARGUMENTS), "undefined");
    assert_eq!(runner.silence(), None, "a handler that comes in the same turn is in time");
    assert_eq!(runner.call_export("chain", NO_ARGUMENTS), "undefined");
    let uncaught = runner.expect("Uncaught");
    let text = describe(&uncaught.message());
    assert!(text.contains("did you mean app.notes.search?"), "{text}");
}

#[test]
fn errors_of_the_runner_do_not_run_code_of_the_plugin() {
    let mut runner = Runner::with_script(
        "let asked = 0;
        exports.take = () => 'unreachable';
        exports.asked = () => asked;
        Error.prepareStackTrace = () => { asked += 1; console.log('asked') };",
    );
    let gone = [&[0x91, 0xd7, 11][..], &5u64.to_le_bytes()].concat();
    assert!(runner.call_export("take", &gone).contains("Gone"));
    assert!(runner.call_export("nothing", NO_ARGUMENTS).contains("exports no function"));
    assert_eq!(runner.call_export("asked", NO_ARGUMENTS), "0");
}

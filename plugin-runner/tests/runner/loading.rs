//! The plugin's code: scripts, modules, preludes, and every way in which loading fails.

use crate::harness::{Options, Runner, describe};
use plughold_protocol::Message;
use plughold_protocol::record::{ClockMode, Source, SourceKind, Target};

const NO_ARGUMENTS: &[u8] = &[0x90];

/// Loads `text` and gives all that the runner says until `Ready` or `Failed`, without times.
fn load(prelude: &str, kind: SourceKind, text: &str) -> Vec<String> {
    let mut runner = Runner::start(&Options::default());
    runner.load(prelude, kind, text);
    let mut said = Vec::new();
    loop {
        let received = runner.next();
        let message = received.message();
        said.push(describe(&message));
        if matches!(message.name(), "Ready" | "Failed") {
            return said;
        }
    }
}

/// Answers the next import with a source or with words; gives what was asked.
fn answer_import(runner: &mut Runner, answer: Result<(&str, &str), &str>) -> String {
    let received = runner.expect("ModuleRequest");
    let Message::ModuleRequest { id, specifier, referrer, .. } = received.message() else { unreachable!() };
    let kind_of = |name: &str| if name.ends_with(".json") { SourceKind::Json } else { SourceKind::Module };
    let source = answer.ok().map(|(name, text)| Source { name, kind: kind_of(name), text });
    runner.send(&Message::Module { id, source, error: answer.err() });
    format!("{specifier} from {referrer}")
}

#[test]
fn exports_are_named() {
    let check =
        |kind, text: &str, expected: &str| assert_eq!(load("native", kind, text), [expected], "{text}");
    check(
        SourceKind::Script,
        "exports.b = () => 1; exports.a = function () {}; exports.data = 1",
        "Ready b a",
    );
    check(SourceKind::Script, "module.exports = { only() {} }", "Ready only");
    check(SourceKind::Script, "with (Math) { var x = max(1, 2) }", "Ready ");
    check(SourceKind::Script, "module.exports = null", "Ready ");
    check(
        SourceKind::Module,
        "export const f = () => 1; export default function () {}; export let n = 1",
        "Ready default f",
    );
    check(SourceKind::Module, "await null; export const f = await Promise.resolve(() => 1)", "Ready f");
}

#[test]
fn activate_is_called_with_the_plugins_facts() {
    let activate = "async function activate(ctx) {
        'use strict';
        let frozen = false;
        try { ctx.permissions.push('all') } catch { frozen = Object.isFrozen(ctx) }
        console.log(JSON.stringify(ctx), frozen, await Promise.resolve('awaited'));
    }";
    let expected = r#"Info {"id":"test.plugin","name":"Test","version":"1.2.3","permissions":["notes.read"],"settings":{},"plugins":{}} true awaited at main.js:"#;
    for (kind, text) in [
        (SourceKind::Module, format!("export {activate}")),
        (SourceKind::Script, format!("exports.activate = {activate}")),
    ] {
        let said = load("native", kind, &text);
        assert!(said[0].starts_with(expected), "{said:?}");
        assert_eq!(said[1], "Ready ", "what is of its life is no export for others");
    }
}

#[test]
fn activate_may_call_the_host() {
    let mut runner = Runner::start(&Options::default());
    runner.load("native", SourceKind::Module, "export async function activate() { await app.echo(1) }");
    let (id, _, _) = runner.expect_call();
    assert_eq!(runner.silence(), None, "it is not ready before");
    runner.answer(id, &[0xc0]);
    runner.expect("Ready");
}

#[test]
fn a_thenable_is_waited_for_as_a_promise_is() {
    let mut runner = Runner::start(&Options::default());
    runner.load(
        "native",
        SourceKind::Script,
        "const thenable = (name) => ({ then(resolve, reject) { app.echo(name).then(resolve, reject) } });
        exports.activate = () => thenable('activate');
        exports.deactivate = () => thenable('deactivate')",
    );
    let (activate, text) = runner.call_text();
    assert_eq!((text.as_str(), runner.silence()), ("0[\"activate\"]", None));
    runner.answer(activate, &[0xc0]);
    runner.expect("Ready");
    runner.send(&Message::Stop { grace_us: 1_000_000, want_state: false });
    let (deactivate, text) = runner.call_text();
    assert_eq!((text.as_str(), runner.silence()), ("0[\"deactivate\"]", None));
    runner.answer(deactivate, &[0xc0]);
    runner.expect("Stopped");
    let said =
        load("native", SourceKind::Script, "exports.activate = () => ({ then(_, reject) { reject(5) } })");
    assert_eq!(said, ["Failed Activate 5"]);
}

#[test]
fn failures_name_their_stage() {
    let check = |kind, text: &str, expected: &str| {
        let said = load("native", kind, text);
        assert!(said[0].starts_with(expected), "{text}: {said:?}");
    };
    check(
        SourceKind::Script,
        "let x = ;",
        r#"Failed Compile Error{name: "SyntaxError", message: "unexpected token in expression: ';'", stack: "    at main.js:1:9"#,
    );
    let none =
        "(import and export need a module, and by its ending or the manifest's type \\\"main.js\\\" is none)";
    for text in [
        "import x from './y.mjs'",
        "const a = 1;\n  import { b } from './y.mjs'",
        "export const a = 1",
        "import './y.mjs'",
    ] {
        for kind in [SourceKind::Script, SourceKind::CommonJs] {
            let said = load("native", kind, text).concat();
            assert!(
                said.starts_with("Failed Compile Error{name: \"SyntaxError\"") && said.contains(none),
                "{said}"
            );
        }
    }
    check(SourceKind::Module, "with (a) {}", r#"Failed Compile Error{name: "SyntaxError""#);
    check(
        SourceKind::Script,
        "\n\nthrow new TypeError('no')",
        r#"Failed Evaluate Error{name: "TypeError", message: "no", stack: "    at <eval> (main.js:3:"#,
    );
    check(SourceKind::Module, "throw 1", "Failed Evaluate 1");
    check(SourceKind::Module, "await null; throw 2", "Failed Evaluate 2");
    check(SourceKind::Script, "exports.activate = () => { throw 3 }", "Failed Activate 3");
    check(SourceKind::Script, "exports.activate = async () => { await null; throw 4 }", "Failed Activate 4");
    check(
        SourceKind::Script,
        "app.notes.serach()",
        r#"Failed Evaluate Error{name: "TypeError", message: "not a function (app.notes.serach does not exist; did you mean app.notes.search?)""#,
    );
    let said = load("netscape", SourceKind::Script, "");
    assert!(said[0].contains(r#"there is no prelude \"netscape\"; there are native, joplin"#), "{said:?}");
}

#[test]
fn a_failed_plugin_stays_until_it_is_stopped() {
    let mut runner = Runner::start(&Options::default());
    runner.load("native", SourceKind::Script, "throw 1");
    runner.expect("Failed");
    assert_eq!(runner.silence(), None);
    assert_eq!(runner.stop().0, Some(0));
}

#[test]
fn imports_ask_the_host() {
    let mut runner = Runner::start(&Options::default());
    runner.load(
        "native",
        SourceKind::Module,
        "import { one } from './lib/a.js'; import data from './data.json';
        export const run = () => [one, data];
        export const later = async () => (await import('./lazy.js')).default;
        export const missing = () => import('./nothing.js').catch((error) => error.message)",
    );
    assert_eq!(
        answer_import(&mut runner, Ok(("lib/a.js", "export { one } from './b.js'"))),
        "./lib/a.js from main.js"
    );
    assert_eq!(answer_import(&mut runner, Ok(("lib/b.js", "export const one = 1"))), "./b.js from lib/a.js");
    assert_eq!(
        answer_import(&mut runner, Ok(("data.json", r#"{"__proto__": {"x": [1]}}"#))),
        "./data.json from main.js"
    );
    runner.expect("Ready");
    assert_eq!(runner.call_export("run", NO_ARGUMENTS), "[1, {__proto__: {x: [1]}}]");

    let later = runner.call(Target::Export("later"), NO_ARGUMENTS);
    // What arrives while the module is waited for is served afterwards, in order.
    let received = runner.expect("ModuleRequest");
    let Message::ModuleRequest { id, .. } = received.message() else { unreachable!() };
    let run = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let source = Some(Source { name: "lazy.js", kind: SourceKind::Module, text: "export default 'lazy'" });
    runner.send(&Message::Module { id, source, error: None });
    assert_eq!(runner.returned(later), "\"lazy\"");
    assert_eq!(runner.returned(run), "[1, {__proto__: {x: [1]}}]");

    let missing = runner.call(Target::Export("missing"), NO_ARGUMENTS);
    answer_import(&mut runner, Err("there is no file nothing.js in the package"));
    // The runner wants to name the line of the import.
    assert_eq!(answer_import(&mut runner, Err("gone")), "plughold:///main.js from main.js");
    assert_eq!(runner.returned(missing), "\"there is no file nothing.js in the package\"");
}

#[test]
fn a_static_import_that_fails_fails_the_plugin() {
    let check = |answer, expected: &str| {
        let mut runner = Runner::start(&Options::default());
        runner.load("native", SourceKind::Module, "import x from 'x'");
        answer_import(&mut runner, answer);
        if answer.is_err() {
            // For the place of the import.
            let asked = answer_import(&mut runner, Ok(("main.js", "import x from 'x'")));
            assert_eq!(asked, "plughold:///main.js from main.js");
        }
        let failed = runner.expect("Failed");
        let text = describe(&failed.message());
        assert!(text.starts_with(expected), "{text}");
    };
    check(Err("no such thing"), r#"Failed Compile Error{name: "Error", message: "no such thing""#);
    check(Ok(("x.js", "let = ;")), r#"Failed Compile Error{name: "SyntaxError""#);
    check(Ok(("x.json", "{")), r#"Failed Compile Error{name: "SyntaxError""#);
}

#[test]
fn a_script_may_import_too() {
    let mut runner = Runner::with_script("exports.run = async () => (await import('./x.js')).x");
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    assert_eq!(answer_import(&mut runner, Ok(("x.js", "export const x = 5"))), "./x.js from main.js");
    assert_eq!(runner.returned(id), "5");
}

#[test]
fn joplin_has_its_global_and_the_packages_of_joplin_only() {
    let mut runner = Runner::start(&Options {
        global: "joplin",
        api: vec!["plugins.register", "commands.execute"],
        ..Options::default()
    });
    runner.load(
        "joplin",
        SourceKind::Script,
        "for (const require of [joplin.require, joplin.plugins.require]) {
            try { require('left-pad') } catch (error) { console.log(error.message) }
        }
        joplin.plugins.register({ onStart: async () => { await joplin.commands.execute('go') } });
        console.log(typeof module, typeof exports, Object.isFrozen(joplin.plugins))",
    );
    for expected in ["Module not found: left-pad", "Module not found: left-pad"] {
        assert!(describe(&runner.expect("Log").message()).contains(expected));
    }
    let (_, _, args) = runner.expect_call();
    assert!(crate::harness::show(&args).starts_with("[{onStart: function#"));
    let log = runner.expect("Log");
    assert!(describe(&log.message()).contains("object object true"), "{}", describe(&log.message()));
    runner.expect("Ready");
}

#[test]
fn globals_are_what_they_should_be() {
    let mut runner = Runner::with_script(
        "exports.run = () => [
            typeof process, typeof require, typeof WebAssembly, typeof fetch, typeof queueMicrotask,
            'fileName' in Function.prototype, 'lineNumber' in Function.prototype,
            Object.keys(globalThis).join(), new Date(0).getTimezoneOffset(),
            (() => { 'use strict'; const f = () => 1; f.fileName = 'x'; return f.fileName })(),
            (function () { return this === globalThis })(),
        ]",
    );
    assert_eq!(
        runner.call_export("run", NO_ARGUMENTS),
        r#"["object", "function", "undefined", "undefined", "function", false, false, "", 0, "x", true]"#
    );
}

#[test]
fn a_virtual_clock_and_its_chance_come_from_the_host() {
    let options =
        Options { clock: ClockMode::Virtual, clock_start_us: 1_000_000, seed: 7, ..Options::default() };
    let script = "exports.run = () => [Date.now(), new Date().getTime(), +new Date(5), performance.now(), Math.random(), new Date() instanceof Date, typeof Date(), Date.UTC(1970)]";
    let run = || {
        let mut runner = Runner::with_script_and(&options, script);
        let first = runner.call_export("run", NO_ARGUMENTS);
        runner.send(&Message::Wake { now_us: Some(3_500_000) });
        (first, runner.call_export("run", NO_ARGUMENTS))
    };
    let (first, second) = run();
    assert!(first.starts_with("[1000, 1000, 5, 0, 0."), "{first}");
    assert!(second.starts_with("[3500, 3500, 5, 2500, 0."), "{second}");
    assert!(second.ends_with("true, \"string\", 0]"), "{second}");
    assert_eq!(run(), (first, second), "a session can be replayed");
}

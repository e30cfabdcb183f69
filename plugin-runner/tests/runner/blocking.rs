//! Calls that block: the plugin's thread waits for the answer, and serves only what belongs to it meanwhile.

use crate::harness::{Options, Runner, describe};
use plughold_protocol::Message;
use plughold_protocol::exit::Cause;
use plughold_protocol::page::State;
use plughold_protocol::record::{Limits, Source, SourceKind, Target};
use std::thread;

const NO_ARGUMENTS: &[u8] = &[0x90];

/// A runner whose `app.echo` blocks.
fn runner(script: &str) -> Runner {
    runner_with(Limits::default(), script)
}

fn runner_with(limits: Limits, script: &str) -> Runner {
    Runner::with_script_and(&Options { blocking: &["echo"], limits, ..Options::default() }, script)
}

/// The next call, which must block: its id.
fn blocking_call(runner: &mut Runner) -> u64 {
    match runner.expect("Call").message() {
        Message::Call { id, blocking: true, .. } => id,
        other => panic!("{other:?}"),
    }
}

fn wait_until(runner: &Runner, state: State) {
    while runner.page.pulse().state != state {
        thread::yield_now();
    }
}

#[test]
fn it_returns_what_the_host_returns_and_throws_what_it_throws() {
    let check = |answer: &[u8], is_error: bool, expected: &str| {
        let mut runner = runner(
            "exports.run = () => {
                try { return ['returned', app.echo(1, 'x')] } catch (error) { return ['threw', error.name ?? error] }
            }",
        );
        let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
        let (echo, text) = runner.call_text();
        assert_eq!(text, "0[1, \"x\"]");
        if is_error {
            runner.answer_error(echo, answer)
        } else {
            runner.answer(echo, answer)
        }
        assert_eq!(runner.returned(id), expected);
    };
    check(&[0x07], false, "[\"returned\", 7]");
    check(&[0xc0], false, "[\"returned\", null]");
    check(&[0x91, 0x90], false, "[\"returned\", [[]]]");
    check(&[0xd4, 4, 0], false, "[\"returned\", undefined]");
    check(&[0x07], true, "[\"threw\", 7]");
    check(b"\xc7\x12\x06\x81\xa4name\xabSomethingNo", true, "[\"threw\", \"SomethingNo\"]");
}

#[test]
fn others_still_promise() {
    let mut runner = runner("exports.run = async () => [app.echo(1), await app.notes.get(2)]");
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let echo = blocking_call(&mut runner);
    runner.answer(echo, &[0x01]);
    match runner.expect("Call").message() {
        Message::Call { id, blocking: false, .. } => runner.answer(id, &[0x02]),
        other => panic!("{other:?}"),
    }
    assert_eq!(runner.returned(id), "[1, 2]");
}

#[test]
fn an_error_has_the_stack_of_both_sides() {
    let mut runner = runner("exports.run = function outer() { inner() }; function inner() { app.echo() }");
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let echo = blocking_call(&mut runner);
    // Error{name: "Error", stack: "    at host"}
    runner.answer_error(echo, b"\xc7\x1e\x06\x82\xa4name\xa5Error\xa5stack\xab    at host");
    let ended = runner.returned(id);
    assert!(
        ended.contains(r#"stack: "    at host\n    at echo (native)\n    at inner (main.js:1:"#),
        "{ended}"
    );
    assert!(ended.contains("at outer (main.js:1:"), "{ended}");
}

#[test]
fn an_error_without_calls_of_the_host_begins_with_those_of_the_plugin() {
    let mut runner = runner("exports.run = () => { try { app.echo() } catch (error) { return error.stack } }");
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let echo = blocking_call(&mut runner);
    runner.answer_error(echo, b"\xc7\x0d\x06\x81\xa7message\xa3far");
    let stack = runner.returned(id);
    assert_eq!(stack, r#""    at echo (native)\n    at <anonymous> (main.js:1:32)""#);
}

#[test]
fn what_is_unrelated_waits_in_order() {
    let mut runner = runner(
        "exports.run = () => { const answer = app.echo(); console.log('after'); return answer };
        exports.log = (text) => console.log(text);
        const held = () => 1;
        exports.give = () => held;
        exports.take = (f) => f === held;",
    );
    let given = runner.call_export("give", NO_ARGUMENTS);
    let held: u64 = given.trim_start_matches("function#").parse().unwrap();
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let echo = blocking_call(&mut runner);
    let first = runner.call(Target::Export("log"), b"\x91\xa5first");
    let home = [&[0x91, 0xd7, 11][..], &held.to_le_bytes()].concat();
    let take = runner.call(Target::Export("take"), &home);
    runner.release(held, 1);
    let gone = runner.call(Target::Function(held), NO_ARGUMENTS);
    assert_eq!(runner.silence(), None, "a Ping is answered, and nothing else happens");
    runner.answer(echo, &[0x05]);
    runner.expect("Log");
    assert_eq!(runner.returned(id), "5");
    let log = runner.expect("Log");
    assert!(describe(&log.message()).contains("first"));
    assert_eq!(runner.returned(first), "undefined");
    assert_eq!(runner.returned(take), "true", "the release did not overtake it");
    assert!(runner.returned(gone).contains("\"Gone\""));
}

#[test]
fn what_waits_is_bounded() {
    let check = |limits: Limits, expected: &str| {
        let mut runner = runner_with(limits, "exports.run = () => app.echo(); exports.other = () => 1");
        runner.call(Target::Export("run"), NO_ARGUMENTS);
        blocking_call(&mut runner);
        for _ in 0..3 {
            runner.call(Target::Export("other"), b"\x91\xa5bytes");
        }
        let text = match runner.expect("Reject").message() {
            Message::Reject { text, .. } => text.to_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(text, expected);
        assert_eq!(runner.end().1, Cause::Protocol);
    };
    check(
        Limits { queued_calls: 2, ..Limits::default() },
        "more than 2 messages or 16777216 bytes while the plugin waits",
    );
    check(
        Limits { queued_bytes: 50, ..Limits::default() },
        "more than 100000 messages or 50 bytes while the plugin waits",
    );
}

#[test]
fn a_call_finds_no_room_in_a_full_window() {
    let mut runner = runner_with(
        Limits { in_flight: 1, ..Limits::default() },
        "exports.run = () => { app.notes.get(); try { app.echo() } catch (error) { return [error.code, error.message] } }",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (get, _) = runner.call_text();
    let expected = r#"["E_WINDOW_FULL", "1 calls are in flight: a call that blocks cannot wait for room"]"#;
    assert_eq!(runner.returned(id), expected);
    runner.answer(get, &[0xc0]);
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    runner.call_text();
    assert_eq!(runner.returned(id), expected, "what failed took no room");
}

#[test]
fn the_page_tells_that_the_plugin_waits() {
    let mut runner = runner("exports.run = () => { app.echo(); for (;;); }");
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let echo = blocking_call(&mut runner);
    wait_until(&runner, State::Waiting);
    let before = runner.page.pulse();
    assert_eq!(before.serving, id);
    runner.answer(echo, &[0xc0]);
    wait_until(&runner, State::Busy);
    loop {
        let pulse = runner.page.pulse();
        if before.heartbeat + 2 <= pulse.heartbeat {
            assert!(before.turn < pulse.turn, "what goes on is a turn of its own");
            break runner.page.request_stop(pulse.turn);
        }
        thread::yield_now();
    }
    assert!(runner.returned(id).contains("\"Interrupted\""));
}

#[test]
fn a_stop_waits_for_the_end_of_the_turn() {
    let mut runner = runner("exports.run = () => app.echo(); exports.deactivate = () => console.log('bye')");
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let echo = blocking_call(&mut runner);
    runner.send(&Message::Stop { grace_us: 1_000_000, want_state: false });
    assert_eq!(runner.silence(), None);
    runner.answer(echo, &[0x01]);
    assert_eq!(runner.returned(id), "1");
    runner.expect("Log");
    runner.expect("Stopped");
    assert_eq!(runner.end().1, Cause::Stopped);
}

#[test]
fn the_end_of_the_host_ends_the_waiting() {
    let mut runner = runner("exports.run = () => { try { app.echo() } catch { for (;;); } }");
    runner.call(Target::Export("run"), NO_ARGUMENTS);
    blocking_call(&mut runner);
    assert_eq!(runner.hang_up().1, Cause::HostGone);
}

#[test]
fn loading_may_wait() {
    let options = Options { blocking: &["echo"], ..Options::default() };
    let mut runner = Runner::start(&options);
    runner.load(
        "native",
        SourceKind::Script,
        "const first = app.echo('top'); exports.activate = () => { app.echo('activate') }; exports.first = () => first",
    );
    for expected in ["0[\"top\"]", "0[\"activate\"]"] {
        let (echo, text) = runner.call_text();
        assert_eq!(text, expected);
        runner.answer(echo, &[0x01]);
    }
    runner.expect("Ready");
    assert_eq!(runner.call_export("first", NO_ARGUMENTS), "1");
}

#[test]
fn a_module_is_waited_for_inside_of_a_call_that_is() {
    let mut runner = runner(
        "exports.run = () => app.echo();
        exports.load = async (name) => (await import(name)).x",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let echo = blocking_call(&mut runner);
    let load = runner.call_for(echo, Target::Export("load"), b"\x91\xa6./a.js");
    let request = match runner.expect("ModuleRequest").message() {
        Message::ModuleRequest { id, .. } => id,
        other => panic!("{other:?}"),
    };
    // The engine is linking: what belongs to the chain waits as well, but not for the end of the outer turn.
    let late = runner.call_for(echo, Target::Export("load"), b"\x91\xa6./a.js");
    assert_eq!(runner.silence(), None);
    let source = Some(Source { name: "a.js", kind: SourceKind::Module, text: "export const x = 3" });
    runner.send(&Message::Module { id: request, source, error: None });
    assert_eq!(runner.returned(load), "3");
    assert_eq!(runner.returned(late), "3", "the module is known by then");
    runner.answer(echo, &[0x09]);
    assert_eq!(runner.returned(id), "9");
}

#[test]
fn services_are_called_by_name() {
    let mut runner = runner(
        "exports.run = (options) => { const other = plugins.get('other', options); return [other, Object.isFrozen(plugins)] }",
    );
    let check = |runner: &mut Runner, args: &[u8], expected: &str| {
        let id = runner.call(Target::Export("run"), args);
        match runner.expect("Call").message() {
            Message::Call { id, target: Target::Service("plugins.get"), args, blocking: true, .. } => {
                assert_eq!(crate::harness::show(args), expected);
                runner.answer(id, &[0x01]);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(runner.returned(id), "[1, true]");
    };
    check(&mut runner, NO_ARGUMENTS, "[\"other\", {blocking: false}]");
    check(&mut runner, &[0x91, 0xc0], "[\"other\", {blocking: false}]");
    check(&mut runner, b"\x91\x81\xa8blocking\xc3", "[\"other\", {blocking: true}]");
}

#[test]
fn a_getter_may_wait_while_its_object_is_encoded() {
    let mut runner = runner(
        "exports.run = async () => app.notes.get({ get x() { return app.echo('x') }, y: app.echo('y') })",
    );
    runner.call(Target::Export("run"), NO_ARGUMENTS);
    for expected in ["0[\"y\"]", "0[\"x\"]"] {
        let (echo, text) = runner.call_text();
        assert_eq!(text, expected);
        runner.answer(echo, &[0x01]);
    }
    assert_eq!(runner.call_text().1, "2[{x: 1, y: 1}]");
}

#[test]
fn no_code_of_the_plugin_runs_while_a_message_is_read() {
    let mut runner = runner(
        "const tried = [];
        const attempt = (run) => { try { run(); tried.push('ran') } catch (error) { tried.push(error.message) } };
        exports.run = async () => {
            Error.prepareStackTrace = () => { attempt(() => app.echo()); attempt(() => require('./a.js')) };
            await app.notes.get(1).catch((error) => error.stack);
            Error.prepareStackTrace = undefined;
            return tried;
        };",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (get, _) = runner.call_text();
    // Error{name: "Error", stack: "    at host"}
    runner.answer_error(get, b"\xc7\x1e\x06\x82\xa4name\xa5Error\xa5stack\xab    at host");
    assert_eq!(runner.returned(id), "[]");
}

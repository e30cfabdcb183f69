//! A turn that does not end: it is seen from outside, it is stopped, and what it served is answered.

use crate::harness::{Options, Runner, describe};
use plughold_protocol::Message;
use plughold_protocol::exit::Cause;
use plughold_protocol::page::State;
use plughold_protocol::record::{SourceKind, Target};
use std::thread;

const NO_ARGUMENTS: &[u8] = &[0x90];

/// Waits until the page shows that JavaScript runs.
fn wait_until_busy(runner: &Runner) -> u64 {
    loop {
        let pulse = runner.page.pulse();
        if pulse.state == State::Busy && 2 <= pulse.heartbeat {
            return pulse.turn;
        }
        thread::yield_now();
    }
}

/// Asks for the stack, as often as it takes to see `wanted` in it: the line of a tight loop is not always known.
fn stack_with(runner: &Runner, wanted: &str) -> String {
    loop {
        let before = runner.page.request_stack();
        let stack = loop {
            if let Some(stack) = runner.page.stack_after(before) {
                break stack;
            }
            thread::yield_now();
        };
        if stack.contains(wanted) {
            return stack;
        }
    }
}

#[test]
fn an_endless_loop_is_seen_and_stopped() {
    let mut runner = Runner::with_script(
        "function spin(n) {
            for (;;) n += Math.sqrt(n);
        }
        exports.run = () => { try { spin(1) } catch { return 'caught' } finally { app.echo('finally') } };
        exports.after = () => 'still here';",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let turn = wait_until_busy(&runner);
    assert_eq!(runner.page.pulse().serving, id);
    let stack = stack_with(&runner, "spin (main.js:2:");
    assert!(stack.contains("(main.js:4:"), "{stack}");
    runner.page.request_stop(turn);
    let ended = runner.returned(id);
    assert!(
        ended.starts_with(r#"threw Error{name: "Interrupted", message: "the turn was stopped by the host", stack: "    at or after spin (main.js:2:"#),
        "{ended}"
    );
    assert_eq!(runner.call_export("after", NO_ARGUMENTS), "\"still here\"");
}

#[test]
fn a_line_that_the_engine_does_not_know_is_told_as_well_as_can_be() {
    let check = |body: &str, spin: &str| {
        let text = format!("exports.run = () => spin();\nfunction spin() {{\n {body}\n\n Math.abs() }}");
        let mut runner = Runner::with_script(&text);
        let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
        let turn = wait_until_busy(&runner);
        let seen = stack_with(&runner, "");
        assert_eq!(seen, format!("{spin}\n    at <anonymous> (main.js:1:25)"), "{body}");
        runner.page.request_stop(turn);
        let ended = runner.returned(id);
        assert!(ended.contains(&seen.replace('\n', "\\n")), "{ended}");
    };
    check("for (;;);", "    at or after spin (main.js:2:1)");
    check("let n = 0; while (true) { n += 1; }", "    at or after spin (main.js:2:1)");
    check("Math.max();\n for (;;);", "    at or after spin (main.js:3:7)");
    check("for (;;)\n Math.max();", "    at or after spin (main.js:4:7)");
}

#[test]
fn the_place_of_a_call_that_goes_on_is_exact() {
    let mut runner = Runner::with_script("exports.run = () => /^(a+)+$/.test('a'.repeat(40) + 'b')");
    runner.call(Target::Export("run"), NO_ARGUMENTS);
    wait_until_busy(&runner);
    let stack = stack_with(&runner, "");
    assert!(stack.starts_with("    at ") && !stack.contains("or after"), "{stack}");
}

#[test]
fn a_stop_for_another_turn_changes_nothing() {
    let mut runner =
        Runner::with_script("exports.run = () => { for (let i = 0; i < 1e6; i++); return 'done' }");
    runner.page.request_stop(runner.page.pulse().turn + 5);
    assert_eq!(runner.call_export("run", NO_ARGUMENTS), "\"done\"");
}

#[test]
fn an_async_function_that_is_stopped_is_answered() {
    let mut runner = Runner::with_script("exports.run = async () => { await app.echo(); for (;;); }");
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (echo, _, _) = runner.expect_call();
    runner.answer(echo, &[0xc0]);
    let turn = wait_until_busy(&runner);
    runner.page.request_stop(turn);
    let ended = runner.returned(id);
    assert!(ended.starts_with(r#"threw Error{name: "Interrupted""#), "{ended}");
    assert_eq!(runner.silence(), None);
}

#[test]
fn an_endless_chain_of_jobs_is_stopped_between_two() {
    let mut runner = Runner::with_script(
        "exports.run = async () => { const next = () => Promise.resolve().then(next); next(); await new Promise(() => 0) }",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let turn = wait_until_busy(&runner);
    runner.page.request_stop(turn);
    let ended = runner.returned(id);
    assert!(ended.starts_with(r#"threw Error{name: "Interrupted""#), "{ended}");
    let wake = runner.expect("WakeAfter");
    assert_eq!(describe(&wake.message()), "WakeAfter Some(0)", "the jobs that are left want a turn");
}

#[test]
fn jobs_that_never_end_end_the_process() {
    for body in [
        "for (;;) await null",
        "const next = () => { Promise.resolve().then(next); for (;;); }; await null; next()",
    ] {
        let mut runner = Runner::with_script(&format!("exports.run = async () => {{ {body} }}"));
        let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
        let turn = wait_until_busy(&runner);
        runner.page.request_stop(turn);
        assert!(runner.returned(id).starts_with(r#"threw Error{name: "Interrupted""#), "{body}");
        runner.expect("WakeAfter");
        runner.send(&Message::Wake { now_us: None });
        while runner.page.pulse().turn == turn {
            thread::yield_now();
        }
        runner.page.request_stop(turn + 1);
        let text = describe(&runner.expect("Uncaught").message());
        assert!(text.starts_with(r#"Uncaught Error{name: "Interrupted""#), "{text}");
        let said = runner.try_next().map(|received| describe(&received.message()));
        assert_eq!(said, None, "{body}");
        let words = "stopped in 2 turns in a row".to_owned();
        assert_eq!(runner.end(), (Some(76), Cause::Endless, words), "{body}");
    }
}

#[test]
fn jobs_that_a_stop_left_behind_may_end_by_themselves() {
    let mut runner = Runner::with_script(
        "let left = 3;
        exports.run = async () => {
            Promise.resolve().then(function spin() { for (;;); });
            for (let n = 0; n < 100; n++) Promise.resolve().then(() => { left += 1 });
        };
        exports.left = () => left;",
    );
    for expected in ["103", "203"] {
        let before = runner.page.pulse().heartbeat;
        let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
        while runner.page.pulse().heartbeat < before + 2 {
            thread::yield_now();
        }
        runner.page.request_stop(runner.page.pulse().turn);
        assert_eq!(runner.returned(id), "undefined");
        assert!(describe(&runner.expect("Uncaught").message()).contains("Interrupted"));
        runner.expect("WakeAfter");
        runner.send(&Message::Wake { now_us: None });
        assert_eq!(runner.call_export("left", NO_ARGUMENTS), expected);
    }
}

#[test]
fn a_top_level_that_is_stopped_fails() {
    let check = |kind, text: &str, expected: &str| {
        let mut runner = Runner::start(&Options::default());
        runner.load("native", kind, text);
        let turn = wait_until_busy(&runner);
        runner.page.request_stop(turn);
        let failed = runner.expect("Failed");
        let text = describe(&failed.message());
        assert!(text.starts_with(expected), "{text}");
    };
    check(SourceKind::Script, "for (;;);", r#"Failed Evaluate Error{name: "Interrupted""#);
    check(SourceKind::Module, "await null; for (;;);", r#"Failed Evaluate Error{name: "Interrupted""#);
    check(
        SourceKind::Script,
        "exports.activate = async () => { await null; for (;;); }",
        r#"Failed Activate Error{name: "Interrupted""#,
    );
}

#[test]
fn a_timer_that_is_stopped_is_reported() {
    let mut runner = Runner::with_script("exports.run = () => { setTimeout(function tick() { for (;;); }) }");
    runner.call_export("run", NO_ARGUMENTS);
    runner.expect("WakeAfter");
    runner.send(&Message::Wake { now_us: None });
    let turn = wait_until_busy(&runner);
    runner.page.request_stop(turn);
    let uncaught = runner.expect("Uncaught");
    let text = describe(&uncaught.message());
    assert!(
        text.starts_with(r#"Uncaught Error{name: "Interrupted""#) && text.contains("at or after tick (main.js:1:"),
        "{text}"
    );
}

#[test]
fn what_a_plugin_does_to_stacks_does_not_hide_a_loop() {
    let mut runner = Runner::with_script(
        "Error.prepareStackTrace = () => { for (;;); };
        Error.stackTraceLimit = 0;
        exports.run = function run() { for (;;) Math.random() }",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let turn = wait_until_busy(&runner);
    stack_with(&runner, "run (main.js:3:");
    runner.page.request_stop(turn);
    let ended = runner.returned(id);
    assert!(ended.contains("at or after run (main.js:3:"), "{ended}");
}

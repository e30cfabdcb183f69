//! Giving calls up, in both directions: still each is answered once.

use crate::harness::{Options, Runner, describe, show};
use plughold_protocol::Message;
use plughold_protocol::record::{Limits, Target, Unwanted};

const NO_ARGUMENTS: &[u8] = &[0x90];

/// The only argument: the call's abort signal.
const SIGNAL: &[u8] = &[0x91, 0xd4, 12, 0];

fn runner(script: &str) -> Runner {
    runner_with(Limits::default(), script)
}

/// `app.notes.get` blocks.
fn runner_with(limits: Limits, script: &str) -> Runner {
    Runner::with_script_and(&Options { blocking: &["notes.get"], limits, ..Options::default() }, script)
}

fn cancelled(runner: &mut Runner) -> u64 {
    match runner.expect("Cancel").message() {
        Message::Cancel { id, .. } => id,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_signal_travels_as_the_calls_own() {
    let mut runner = runner(
        "exports.run = () => {
            const { signal } = new AbortController();
            app.echo('x', { signal, again: [signal] });
        }",
    );
    runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (_, _, args) = runner.expect_call();
    let signal = [0xd4, 12, 0];
    assert_eq!(args.windows(3).filter(|window| **window == signal).count(), 2, "{}", show(&args));
}

#[test]
fn an_abort_rejects_at_once_and_tells_the_host() {
    let mut runner = runner(
        "exports.run = async (how) => {
            const controller = new AbortController();
            const { signal } = controller;
            const call = app.echo({ signal });
            await null;
            controller.abort(how === 0 ? undefined : how);
            try { return await call } catch (error) { return [error.name ?? error, error === signal.reason] }
        }",
    );
    for (how, expected) in [(0x00, "[\"AbortError\", true]"), (0x05, "[5, true]")] {
        let id = runner.call(Target::Export("run"), &[0x91, how]);
        let (echo, _, _) = runner.expect_call();
        assert_eq!(cancelled(&mut runner), echo);
        assert_eq!(runner.returned(id), expected);
        runner.answer(echo, &[0x01]);
        assert_eq!(runner.silence(), None, "the late answer is taken by nobody");
    }
}

#[test]
fn a_late_error_is_nobodys_either() {
    let mut runner = runner(
        "exports.run = () => {
            const controller = new AbortController();
            const call = app.echo(controller.signal).catch((error) => error.name);
            controller.abort();
            return call;
        }",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (echo, _, _) = runner.expect_call();
    assert_eq!(cancelled(&mut runner), echo);
    assert_eq!(runner.returned(id), "\"AbortError\"");
    runner.answer_error(echo, &[0x01]);
    assert_eq!(runner.silence(), None);
}

#[test]
fn what_is_aborted_already_is_not_sent() {
    let mut runner = runner(
        "const { signal } = (() => { const c = new AbortController(); c.abort('why'); return c })();
        exports.promise = () => app.echo(signal, () => 1).catch((reason) => reason);
        exports.block = () => { try { app.notes.get(() => 1, [signal]) } catch (reason) { return reason } }",
    );
    assert_eq!(runner.call_export("promise", NO_ARGUMENTS), "\"why\"");
    assert_eq!(runner.call_export("block", NO_ARGUMENTS), "\"why\"");
    runner.send(&Message::Ping { nonce: 1 });
    runner.expect("Pong");
    match runner.expect("Stats").message() {
        Message::Stats { exported, .. } => assert_eq!(exported, 0, "no function was left with the host"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_call_that_waits_for_room_is_never_sent() {
    let limits = Limits { in_flight: 1, ..Limits::default() };
    let mut runner = runner_with(
        limits,
        "exports.run = () => {
            const controller = new AbortController();
            const first = app.echo(1);
            const second = app.echo(2, controller.signal, () => 2).catch((reason) => reason);
            const third = app.echo(3);
            controller.abort('no');
            return Promise.all([first, second, third]);
        }",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (first, text) = runner.call_text();
    assert_eq!(text, "0[1]");
    runner.answer(first, &[0x01]);
    let (third, text) = runner.call_text();
    assert_eq!(text, "0[3]");
    runner.answer(third, &[0x03]);
    assert_eq!(runner.returned(id), "[1, \"no\", 3]");
    runner.send(&Message::Ping { nonce: 1 });
    runner.expect("Pong");
    match runner.expect("Stats").message() {
        Message::Stats { exported, queued, .. } => assert_eq!((exported, queued), (0, 0)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_abort_after_the_answer_is_nothing() {
    let mut runner = runner(
        "const controller = new AbortController();
        exports.run = () => app.echo(controller.signal, controller.signal);
        exports.abort = () => controller.abort();",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (echo, _, _) = runner.expect_call();
    runner.answer(echo, &[0x01]);
    assert_eq!(runner.returned(id), "1");
    assert_eq!(runner.call_export("abort", NO_ARGUMENTS), "undefined");
    assert_eq!(runner.silence(), None);
}

#[test]
fn the_last_signal_of_several_counts_as_well() {
    let mut runner = runner(
        "exports.run = async () => {
            const [a, b] = [new AbortController(), new AbortController()];
            const call = app.echo(a.signal, b.signal).catch((reason) => reason);
            b.abort('b');
            a.abort('a');
            return call;
        }",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (echo, _, _) = runner.expect_call();
    assert_eq!(cancelled(&mut runner), echo);
    assert_eq!(runner.returned(id), "\"b\"");
}

/// Why a call is cancelled, and the name of the error that the plugin gets.
const REASONS: [(Option<Unwanted>, &str); 3] = [
    (None, "AbortError"),
    (Some(Unwanted::Dropped), "AbortError"),
    (Some(Unwanted::Deadline), "TimeoutError"),
];

#[test]
fn the_hosts_cancel_aborts_the_calls_signal() {
    let mut runner = runner(
        "exports.run = (signal, again) => new Promise((resolve) => {
            signal.addEventListener('abort', () => {
                const { name } = signal.reason;
                resolve([signal instanceof AbortSignal, signal === again, signal.aborted, name, signal.reason instanceof DOMException]);
            });
        });
        exports.sync = (signal) => signal.aborted",
    );
    let both: &[u8] = &[0x92, 0xd4, 12, 0, 0xd4, 12, 0];
    let other = runner.call(Target::Export("run"), both);
    for (why, name) in REASONS {
        let id = runner.call(Target::Export("run"), both);
        runner.send(&Message::Cancel { id, why });
        assert_eq!(runner.returned(id), format!("[true, true, true, \"{name}\", true]"));
        assert_eq!(runner.silence(), None, "the other call has a signal of its own");
    }
    runner.send(&Message::Cancel { id: other, why: None });
    runner.returned(other);
    let sync = runner.call(Target::Export("sync"), SIGNAL);
    assert_eq!(runner.returned(sync), "false");
    runner.send(&Message::Cancel { id: sync, why: None });
    assert_eq!(runner.silence(), None, "it was answered already");
}

#[test]
fn a_listener_that_throws_is_reported() {
    let mut runner = runner(
        "exports.run = (signal) => new Promise(() => { signal.onabort = () => { throw new Error('listener') } })",
    );
    let id = runner.call(Target::Export("run"), SIGNAL);
    runner.send(&Message::Cancel { id, why: None });
    let text = describe(&runner.expect("Uncaught").message());
    assert!(text.contains("listener") && text.contains("main.js:1:"), "{text}");
}

#[test]
fn a_signal_outside_of_arguments_is_an_error() {
    let mut runner = runner("exports.run = () => app.echo().catch((error) => error.message)");
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (echo, _, _) = runner.expect_call();
    runner.answer(echo, &[0xd4, 12, 0]);
    assert_eq!(runner.returned(id), "\"the host sent the signal of a call that is none\"");
}

#[test]
fn a_call_that_blocks_ends_when_the_call_around_it_is_cancelled() {
    let mut runner = runner(
        "exports.run = (signal) => {
            try { app.notes.get() } catch (error) { return [error.name, error.code, signal?.reason.name] }
        };
        exports.after = () => 'still here'",
    );
    let cases = REASONS.map(|reason| [(reason, NO_ARGUMENTS), (reason, SIGNAL)]).concat();
    for ((why, name), args) in cases {
        let id = runner.call(Target::Export("run"), args);
        let (get, _) = runner.call_text();
        runner.send(&Message::Cancel { id, why });
        assert_eq!(cancelled(&mut runner), get);
        let code = if name == "AbortError" { "E_CANCELLED" } else { "E_DEADLINE" };
        let reason = if args == SIGNAL { format!("\"{name}\"") } else { "undefined".to_owned() };
        assert_eq!(runner.returned(id), format!("[\"{name}\", \"{code}\", {reason}]"));
        assert_eq!(runner.call_export("after", NO_ARGUMENTS), "\"still here\"");
        runner.answer(get, &[0x01]);
        assert_eq!(runner.silence(), None);
    }
}

#[test]
fn only_the_turn_of_the_cancelled_call_ends() {
    let mut runner = runner(
        "exports.run = (name) => {
            try { return [name, app.notes.get(name)] } catch (error) { return [name, error.code] }
        }",
    );
    let outer = runner.call(Target::Export("run"), b"\x91\xa5outer");
    let (first, _) = runner.call_text();
    let inner = runner.call_for(first, Target::Export("run"), b"\x91\xa5inner");
    let (second, _) = runner.call_text();
    runner.send(&Message::Cancel { id: outer, why: None });
    assert_eq!(cancelled(&mut runner), first, "at once, although another turn is on top");
    runner.answer(first, &[0x01]);
    runner.answer(second, &[0x02]);
    assert_eq!(runner.returned(inner), "[\"inner\", 2]");
    assert_eq!(runner.returned(outer), "[\"outer\", \"E_CANCELLED\"]");

    let outer = runner.call(Target::Export("run"), b"\x91\xa5outer");
    let (first, _) = runner.call_text();
    let inner = runner.call_for(first, Target::Export("run"), b"\x91\xa5inner");
    let (second, _) = runner.call_text();
    runner.send(&Message::Cancel { id: inner, why: None });
    assert_eq!(cancelled(&mut runner), second);
    assert_eq!(runner.returned(inner), "[\"inner\", \"E_CANCELLED\"]");
    runner.answer(second, &[0x02]);
    runner.answer(first, &[0x01]);
    assert_eq!(runner.returned(outer), "[\"outer\", 1]");
}

#[test]
fn a_cancel_that_waits_behind_its_call_is_not_forgotten() {
    let mut runner = runner(
        "exports.run = (name) => {
            try { return [name, app.notes.get(name)] } catch (error) { return [name, error.code] }
        }",
    );
    let first = runner.call(Target::Export("run"), b"\x91\xa5first");
    let (get, _) = runner.call_text();
    let second = runner.call(Target::Export("run"), b"\x91\xa6second");
    runner.send(&Message::Cancel { id: second, why: None });
    runner.answer(get, &[0x01]);
    assert_eq!(runner.returned(first), "[\"first\", 1]");
    let (get, text) = runner.call_text();
    assert_eq!(text, "2[\"second\"]");
    assert_eq!(cancelled(&mut runner), get);
    assert_eq!(runner.returned(second), "[\"second\", \"E_CANCELLED\"]");
}

#[test]
fn a_cancel_that_comes_after_the_answer_still_aborts_the_signal() {
    let mut runner = runner(
        "exports.outer = (signal) => [app.notes.get('outer'), signal.aborted];
        exports.inner = () => app.notes.get('inner')",
    );
    let outer = runner.call(Target::Export("outer"), SIGNAL);
    let (first, _) = runner.call_text();
    let inner = runner.call_for(first, Target::Export("inner"), NO_ARGUMENTS);
    let (second, _) = runner.call_text();
    runner.answer(first, &[0x01]);
    runner.send(&Message::Cancel { id: outer, why: None });
    runner.answer(second, &[0x02]);
    assert_eq!(runner.returned(inner), "2");
    assert_eq!(runner.returned(outer), "[1, true]");
}

#[test]
fn a_call_that_waits_in_a_turn_on_top_is_cancelled_by_its_signal() {
    let mut runner = runner(
        "exports.outer = () => app.notes.get();
        exports.inner = (signal) => new Promise((resolve) => { signal.onabort = () => resolve(signal.reason.name) })",
    );
    let outer = runner.call(Target::Export("outer"), NO_ARGUMENTS);
    let (get, _) = runner.call_text();
    let inner = runner.call_for(get, Target::Export("inner"), SIGNAL);
    runner.send(&Message::Cancel { id: inner, why: None });
    assert_eq!(runner.returned(inner), "\"AbortError\"");
    runner.answer(get, &[0x01]);
    assert_eq!(runner.returned(outer), "1");
}

#[test]
fn references_in_a_late_answer_are_given_back() {
    let mut runner = runner(
        "exports.run = () => {
            const controller = new AbortController();
            const call = app.echo(controller.signal).catch((reason) => reason);
            controller.abort('no');
            return call;
        }",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (echo, _, _) = runner.expect_call();
    assert_eq!(cancelled(&mut runner), echo);
    assert_eq!(runner.returned(id), "\"no\"");
    // [function 5, [function 5]]
    let function = [&[0xd7, 1, 5][..], &[0; 7]].concat();
    runner.answer(echo, &[&[0x92][..], &function, &[0x91], &function].concat());
    runner.end_at_zero();
}

#[test]
fn a_signal_ends_a_call_that_blocks() {
    let mut runner = runner(
        "const controller = new AbortController();
        exports.run = () => {
            try { return app.notes.get({ signal: controller.signal }) } catch (reason) { return ['threw', reason] }
        };
        exports.abort = () => controller.abort('why')",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (get, _, _) = runner.expect_call();
    let abort = runner.call_for(get, Target::Export("abort"), NO_ARGUMENTS);
    assert_eq!(cancelled(&mut runner), get);
    assert_eq!(runner.returned(abort), "undefined");
    assert_eq!(runner.returned(id), "[\"threw\", \"why\"]");
    runner.answer(get, &[0x01]);
    assert_eq!(runner.silence(), None);
}

//! What a call belongs to: the host's call in whose turn it is made, and what is left of that one's time.

use crate::harness::{Options, Runner, show};
use plughold_protocol::Message;
use plughold_protocol::record::{ClockMode, Limits, Target};

const NO_ARGUMENTS: &[u8] = &[0x90];

fn virtual_time(script: &str) -> Runner {
    let options = Options { clock: ClockMode::Virtual, blocking: &["notes.search"], ..Options::default() };
    Runner::with_script_and(&options, script)
}

/// The next call: its id, its arguments, its parent and its deadline.
fn next_call(runner: &mut Runner) -> (u64, String, Option<u64>, Option<u64>) {
    loop {
        match runner.next().message() {
            Message::Call { id, args, parent, deadline_us, .. } => {
                return (id, show(args), parent, deadline_us);
            }
            Message::WakeAfter { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

fn check(runner: &mut Runner, text: &str, parent: Option<u64>, deadline_us: Option<u64>) -> u64 {
    let (id, args, found, left) = next_call(runner);
    assert_eq!((&*args, found, left), (text, parent, deadline_us));
    id
}

fn wake(runner: &mut Runner, now_us: u64) {
    runner.send(&Message::Wake { now_us: Some(now_us) });
}

#[test]
fn a_turn_and_its_jobs_belong_to_their_call() {
    let mut runner = virtual_time(
        "exports.run = async () => {
            app.echo('code');
            await null;
            app.echo('job');
            await app.echo('awaited');
            app.echo('after an answer');
            await null;
            app.echo('job after an answer');
        }",
    );
    let run = runner.call(Target::Export("run"), NO_ARGUMENTS);
    check(&mut runner, "[\"code\"]", Some(run), None);
    check(&mut runner, "[\"job\"]", Some(run), None);
    let awaited = check(&mut runner, "[\"awaited\"]", Some(run), None);
    runner.answer(awaited, &[0xc0]);
    check(&mut runner, "[\"after an answer\"]", Some(run), None);
    check(&mut runner, "[\"job after an answer\"]", Some(run), None);
    assert_eq!(runner.returned(run), "undefined");
}

#[test]
fn what_follows_a_chunk_belongs_to_the_call_that_reads() {
    let mut runner = virtual_time(
        "exports.run = async (stream) => {
            for await (const chunk of stream) app.echo(chunk);
            app.echo('after the end');
            await null;
            app.echo('job after the end');
        }
        exports.keep = (stream) => { globalThis.kept = stream.getReader() }
        exports.read = async () => { await kept.read(); app.echo('read') }",
    );
    let stream = |id: u8| [&[0x91, 0xd7, 3, id][..], &[0; 7]].concat();
    let run = runner.call(Target::Export("run"), &stream(1));
    runner.expect("Credit");
    for (chunk, text) in [(&[0x01], "[1]"), (&[0x02], "[2]")] {
        runner.send(&Message::StreamData { id: 1, data: chunk });
        check(&mut runner, text, Some(run), None);
    }
    runner.send(&Message::StreamEnd { id: 1, error: None });
    check(&mut runner, "[\"after the end\"]", Some(run), None);
    check(&mut runner, "[\"job after the end\"]", Some(run), None);
    assert_eq!(runner.returned(run), "undefined");

    let keep = runner.call(Target::Export("keep"), &stream(2));
    assert_eq!(runner.returned(keep), "undefined");
    let read = runner.call(Target::Export("read"), NO_ARGUMENTS);
    runner.expect("Credit");
    runner.send(&Message::StreamData { id: 2, data: &[0x01] });
    check(&mut runner, "[\"read\"]", Some(read), None);
    assert_eq!(runner.returned(read), "undefined");
}

#[test]
fn a_call_that_is_answered_is_no_parent() {
    let mut runner = virtual_time(
        "exports.run = () => {
            app.echo('code').then(() => app.echo('after an answer'));
            Promise.resolve().then(() => app.echo('job'));
            setTimeout(() => app.echo('timer'), 1);
        }",
    );
    let run = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let code = check(&mut runner, "[\"code\"]", Some(run), None);
    assert_eq!(runner.returned(run), "undefined");
    check(&mut runner, "[\"job\"]", None, None);
    runner.answer(code, &[0xc0]);
    check(&mut runner, "[\"after an answer\"]", None, None);
    wake(&mut runner, 1_000);
    check(&mut runner, "[\"timer\"]", None, None);
}

#[test]
fn a_timer_belongs_to_the_call_that_set_it() {
    let mut runner = virtual_time(
        "exports.run = (name) => new Promise((resolve) => {
            setTimeout(() => { app.echo(name); Promise.resolve().then(() => { app.echo(name); resolve() }) }, 1);
        });",
    );
    let first = runner.call(Target::Export("run"), b"\x91\xa1a");
    let second = runner.call(Target::Export("run"), b"\x91\xa1b");
    runner.expect("WakeAfter");
    wake(&mut runner, 1_000);
    check(&mut runner, "[\"a\"]", Some(first), None);
    check(&mut runner, "[\"a\"]", Some(first), None);
    assert_eq!(runner.returned(first), "undefined");
    check(&mut runner, "[\"b\"]", Some(second), None);
    check(&mut runner, "[\"b\"]", Some(second), None);
    assert_eq!(runner.returned(second), "undefined");
}

#[test]
fn a_turn_on_top_has_a_parent_of_its_own() {
    let mut runner = virtual_time(
        "exports.outer = () => { app.notes.search(); app.echo('outer') };
        exports.inner = async () => { app.echo('inner'); await null; app.echo('job') }",
    );
    let outer = runner.call(Target::Export("outer"), NO_ARGUMENTS);
    let search = check(&mut runner, "[]", Some(outer), None);
    let inner = runner.call_for(search, Target::Export("inner"), NO_ARGUMENTS);
    check(&mut runner, "[\"inner\"]", Some(inner), None);
    check(&mut runner, "[\"job\"]", Some(inner), None);
    assert_eq!(runner.returned(inner), "undefined");
    runner.answer(search, &[0xc0]);
    check(&mut runner, "[\"outer\"]", Some(outer), None);
    assert_eq!(runner.returned(outer), "undefined");
}

#[test]
fn deadlines_shrink() {
    let mut runner = virtual_time(
        "exports.run = async () => {
            app.echo('at once');
            await new Promise((resolve) => setTimeout(resolve, 3));
            app.echo('later');
            await new Promise((resolve) => setTimeout(resolve, 20));
            app.echo('too late');
        };
        exports.free = () => { app.echo('free') }",
    );
    let run = runner.call_with(Target::Export("run"), NO_ARGUMENTS, None, Some(10_000));
    check(&mut runner, "[\"at once\"]", Some(run), Some(10_000));
    wake(&mut runner, 3_000);
    check(&mut runner, "[\"later\"]", Some(run), Some(7_000));
    wake(&mut runner, 23_000);
    check(&mut runner, "[\"too late\"]", Some(run), Some(0));
    assert_eq!(runner.returned(run), "undefined");
    let free = runner.call(Target::Export("free"), NO_ARGUMENTS);
    check(&mut runner, "[\"free\"]", Some(free), None);
}

#[test]
fn a_call_that_waited_for_room_tells_what_is_true_when_it_leaves() {
    let options = Options {
        clock: ClockMode::Virtual,
        limits: Limits { in_flight: 1, ..Limits::default() },
        ..Options::default()
    };
    let mut runner = Runner::with_script_and(
        &options,
        "exports.run = async () => { app.echo(1); app.echo(2); app.echo(3); await new Promise((resolve) => setTimeout(resolve, 4)) }",
    );
    let run = runner.call_with(Target::Export("run"), NO_ARGUMENTS, None, Some(10_000));
    let first = check(&mut runner, "[1]", Some(run), Some(10_000));
    wake(&mut runner, 1_000);
    runner.answer(first, &[0xc0]);
    let second = check(&mut runner, "[2]", Some(run), Some(9_000));
    wake(&mut runner, 4_000);
    loop {
        match runner.next().message() {
            Message::Return { id, .. } => break assert_eq!(id, run),
            Message::WakeAfter { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    runner.answer(second, &[0xc0]);
    check(&mut runner, "[3]", None, None);
}

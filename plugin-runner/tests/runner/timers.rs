//! Timers: the runner asks for one wake-up, and runs what is due.

use crate::harness::{Options, Runner, describe};
use plughold_protocol::Message;
use plughold_protocol::record::{ClockMode, Limits, Target};

const NO_ARGUMENTS: &[u8] = &[0x90];

/// A runner whose time moves only by [`wake`].
fn runner(script: &str) -> Runner {
    let options = Options { clock: ClockMode::Virtual, ..Options::default() };
    Runner::with_script_and(&options, script)
}

fn wake(runner: &mut Runner, now_ms: u64) {
    runner.send(&Message::Wake { now_us: Some(now_ms * 1_000) });
}

/// What the runner says to an export's call, up to and including the answer to a `Ping` behind it.
fn said(runner: &mut Runner) -> Vec<String> {
    runner.send(&Message::Ping { nonce: 1 });
    let mut said = Vec::new();
    loop {
        let received = runner.next();
        match received.message() {
            Message::Pong { .. } => break,
            Message::Log { text, .. } => said.push(text.to_owned()),
            other => said.push(describe(&other)),
        }
    }
    runner.expect("Stats");
    said
}

#[test]
fn timers_run_in_order_of_their_time() {
    let mut runner = runner(
        "exports.run = () => {
            setTimeout(console.log, 20, 'b', 2);
            setTimeout(console.log, 10, 'a');
            setTimeout(console.log, 20, 'c');
            setImmediate(console.log, 'now');
            setTimeout(() => Promise.resolve().then(() => console.log('job of x')), 30);
            setTimeout(() => console.log('y'), 30);
        }",
    );
    assert_eq!(runner.call_export("run", NO_ARGUMENTS), "undefined");
    assert_eq!(said(&mut runner), ["WakeAfter Some(0)"]);
    wake(&mut runner, 0);
    assert_eq!(said(&mut runner), ["now", "WakeAfter Some(10000)"]);
    wake(&mut runner, 25);
    assert_eq!(said(&mut runner), ["a", "b 2", "c", "WakeAfter Some(5000)"]);
    wake(&mut runner, 30);
    assert_eq!(said(&mut runner), ["job of x", "y"]);
}

#[test]
fn an_error_of_a_timer_has_its_line() {
    let mut runner = runner(
        "exports.run = () => {
            setTimeout(() => { throw new TypeError('late') });
            setTimeout(async () => { await null; throw new Error('later') });
            setTimeout(() => console.log('still'));
        }",
    );
    assert_eq!(runner.call_export("run", NO_ARGUMENTS), "undefined");
    said(&mut runner);
    wake(&mut runner, 0);
    let said = said(&mut runner);
    let expected = [
        r#"Uncaught Error{name: "TypeError", message: "late", stack: "    at <anonymous> (main.js:2:"#,
        r#"Uncaught rejection Error{name: "Error", message: "later", stack: "    at <anonymous> (main.js:3:"#,
        "still",
    ];
    assert!(said.iter().zip(expected).all(|(said, expected)| said.starts_with(expected)), "{said:#?}");
}

#[test]
fn a_timer_without_delay_lets_messages_pass() {
    let mut runner = runner(
        "exports.run = () => {
            let turns = 0;
            const again = () => { turns += 1; if (turns < 1000) setTimeout(again, 0) };
            again();
            exports.turns = () => turns;
        }",
    );
    runner.call_export("run", NO_ARGUMENTS);
    runner.expect("WakeAfter");
    for expected in ["2", "3", "4"] {
        // Both are in the socket before the timer runs.
        wake(&mut runner, 0);
        let call = runner.call(Target::Export("turns"), NO_ARGUMENTS);
        runner.expect("WakeAfter");
        assert_eq!(runner.returned(call), expected);
    }
}

#[test]
fn intervals_go_on_until_they_are_cleared() {
    let mut runner = runner(
        "let count = 0;
        exports.run = () => {
            const id = setInterval(() => {
                console.log(++count);
                if (count === 3) clearInterval(id);
                if (count === 2) throw new Error('no');
            }, 10);
            return typeof id;
        }",
    );
    assert_eq!(runner.call_export("run", NO_ARGUMENTS), "\"number\"");
    assert_eq!(said(&mut runner), ["WakeAfter Some(10000)"]);
    wake(&mut runner, 10);
    assert_eq!(said(&mut runner), ["1", "WakeAfter Some(10000)"]);
    wake(&mut runner, 20);
    let error = said(&mut runner);
    assert!(error[1].starts_with(r#"Uncaught Error{name: "Error", message: "no""#), "{error:?}");
    wake(&mut runner, 30);
    assert_eq!(said(&mut runner), ["3"]);
    wake(&mut runner, 1_000);
    assert_eq!(said(&mut runner), [""; 0]);
}

#[test]
fn only_a_new_earliest_moment_is_asked_for() {
    let mut runner = runner(
        "exports.set = (ms) => setTimeout(() => {}, ms);
        exports.clear = (id) => clearTimeout(id);",
    );
    assert_eq!(runner.call_export("set", &[0x91, 100]), "1");
    assert_eq!(said(&mut runner), ["WakeAfter Some(100000)"]);
    assert_eq!(runner.call_export("set", &[0x91, 120]), "2");
    assert_eq!(said(&mut runner), [""; 0]);
    assert_eq!(runner.call_export("set", &[0x91, 50]), "3");
    assert_eq!(said(&mut runner), ["WakeAfter Some(50000)"]);
    runner.call_export("clear", &[0x91, 3]);
    assert_eq!(said(&mut runner), ["WakeAfter Some(100000)"]);
    runner.call_export("clear", &[0x91, 1]);
    assert_eq!(said(&mut runner), ["WakeAfter Some(120000)"]);
    runner.call_export("clear", &[0x91, 1]);
    runner.call_export("clear", &[0x91, 2]);
    assert_eq!(said(&mut runner), ["WakeAfter None"]);
}

#[test]
fn a_chain_of_timers_leaves_room_for_others() {
    let mut runner = runner(
        "exports.run = () => { const again = () => { console.log('tick'); setTimeout(again) }; again() }",
    );
    let call = runner.call(Target::Export("run"), NO_ARGUMENTS);
    runner.expect("Log");
    assert_eq!(runner.returned(call), "undefined");
    runner.expect("WakeAfter");
    wake(&mut runner, 0);
    assert_eq!(said(&mut runner), ["tick", "WakeAfter Some(0)"]);
}

#[test]
fn odd_arguments_are_harmless() {
    let limits = Limits { timers: 3, ..Limits::default() };
    let options = Options { clock: ClockMode::Virtual, limits, ..Options::default() };
    let mut runner = Runner::with_script_and(
        &options,
        "exports.run = () => {
            const message = (f) => { try { return typeof f() } catch (error) { return error.message } };
            return [
                message(() => setTimeout()), message(() => setTimeout('code', 1)),
                message(() => clearTimeout()), message(() => clearTimeout({})), message(() => clearTimeout(-1)),
                message(() => setTimeout(() => 0, NaN)), message(() => setTimeout(() => 0, -5)),
                message(() => setTimeout(() => 0, Infinity)), message(() => setTimeout(() => 0, 1)),
            ]
        }",
    );
    assert_eq!(
        runner.call_export("run", NO_ARGUMENTS),
        r#"["a timer needs a function", "a timer needs a function", "undefined", "undefined", "undefined", "number", "number", "number", "more than 3 timers are set"]"#
    );
}

#[test]
fn real_time_passes_by_itself() {
    let mut runner = Runner::with_script("exports.run = () => { setTimeout(() => app.echo('due'), 1); }");
    assert_eq!(runner.call_export("run", NO_ARGUMENTS), "undefined");
    runner.expect("WakeAfter");
    // The host wakes as often as it likes; only when the time has come the timer runs.
    loop {
        runner.send(&Message::Wake { now_us: None });
        match runner.next().message() {
            Message::WakeAfter { .. } => {}
            Message::Call { .. } => return,
            other => panic!("{other:?}"),
        }
    }
}

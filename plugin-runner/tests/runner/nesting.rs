//! Turns inside turns: A calls B calls A, on one thread.

use crate::harness::{Options, Runner, describe};
use plughold_protocol::Message;
use plughold_protocol::page::State;
use plughold_protocol::record::{Limits, Target};
use std::thread;

const NO_ARGUMENTS: &[u8] = &[0x90];

/// A plugin that calls itself through the host: `down` blocks, and is called again meanwhile.
const DOWN: &str = "
    exports.down = (n) => {
        try { return app.echo(n) } catch (error) { return [error.name, error.code ?? null] }
    };
    exports.other = () => 'other'";

fn runner(script: &str) -> Runner {
    runner_with(Limits::default(), script)
}

fn runner_with(limits: Limits, script: &str) -> Runner {
    Runner::with_script_and(&Options { blocking: &["echo"], limits, ..Options::default() }, script)
}

/// Waits until the page shows that JavaScript runs since `heartbeat`; gives the turn.
fn wait_until_busy(runner: &Runner, heartbeat: u64) -> u64 {
    loop {
        let pulse = runner.page.pulse();
        if pulse.state == State::Busy && heartbeat + 2 <= pulse.heartbeat {
            return pulse.turn;
        }
        thread::yield_now();
    }
}

#[test]
fn a_calls_b_calls_a() {
    let mut runner = runner(
        "exports.outer = () => { const answer = app.echo('outer'); return ['outer got', answer] };
        exports.inner = () => { const answer = app.echo('inner'); return ['inner got', answer] }",
    );
    let outer = runner.call(Target::Export("outer"), NO_ARGUMENTS);
    let (first, text) = runner.call_text();
    assert_eq!(text, "0[\"outer\"]");
    let inner = runner.call_for(first, Target::Export("inner"), NO_ARGUMENTS);
    let (second, text) = runner.call_text();
    assert_eq!(text, "0[\"inner\"]");
    runner.answer(second, &[0x02]);
    assert_eq!(runner.returned(inner), "[\"inner got\", 2]");
    runner.answer(first, &[0x01]);
    assert_eq!(runner.returned(outer), "[\"outer got\", 1]");
}

#[test]
fn the_outer_answer_may_come_first() {
    let mut runner = runner(DOWN);
    let outer = runner.call(Target::Export("down"), &[0x91, 0x01]);
    let (first, _) = runner.call_text();
    let inner = runner.call_for(first, Target::Export("down"), &[0x91, 0x02]);
    let (second, _) = runner.call_text();
    runner.answer(first, &[0x0a]);
    assert_eq!(runner.silence(), None, "the turn on top still waits");
    runner.answer(second, &[0x0b]);
    assert_eq!(runner.returned(inner), "11");
    assert_eq!(runner.returned(outer), "10");
}

#[test]
fn promise_jobs_run_inside() {
    let mut runner = runner(
        "exports.outer = () => app.echo();
        exports.inner = async () => { await null; const got = await app.notes.get(1); await null; return got }",
    );
    let outer = runner.call(Target::Export("outer"), NO_ARGUMENTS);
    let (echo, _) = runner.call_text();
    let inner = runner.call_for(echo, Target::Export("inner"), NO_ARGUMENTS);
    let (get, text) = runner.call_text();
    assert_eq!(text, "2[1]");
    runner.answer(get, &[0x05]);
    assert_eq!(runner.returned(inner), "5", "an answer within the chain is taken while the outer turn waits");
    runner.answer(echo, &[0x06]);
    assert_eq!(runner.returned(outer), "6");
}

#[test]
fn a_chain_through_calls_that_promise_is_a_chain() {
    let mut runner = runner(
        "exports.outer = () => app.echo();
        exports.inner = () => app.notes.get(1);
        exports.deep = () => 'deep'",
    );
    let outer = runner.call(Target::Export("outer"), NO_ARGUMENTS);
    let (echo, _) = runner.call_text();
    let inner = runner.call_for(echo, Target::Export("inner"), NO_ARGUMENTS);
    let (get, _) = runner.call_text();
    let deep = runner.call_for(get, Target::Export("deep"), NO_ARGUMENTS);
    assert_eq!(runner.returned(deep), "\"deep\"");
    runner.answer(get, &[0x01]);
    assert_eq!(runner.returned(inner), "1");
    runner.answer(echo, &[0x02]);
    assert_eq!(runner.returned(outer), "2");
}

#[test]
fn code_runs_to_its_end_before_its_other_answers() {
    let mut runner = runner(
        "exports.outer = () => app.echo('outer');
        exports.inner = async () => {
            const order = [];
            const got = app.notes.get(1).then(() => order.push('answer'));
            app.echo('inner');
            order.push('code');
            await got;
            return order;
        }",
    );
    let outer = runner.call(Target::Export("outer"), NO_ARGUMENTS);
    let (first, _) = runner.call_text();
    let inner = runner.call_for(first, Target::Export("inner"), NO_ARGUMENTS);
    let (get, _) = runner.call_text();
    let (second, _) = runner.call_text();
    runner.answer(get, &[0x01]);
    assert_eq!(runner.silence(), None);
    runner.answer(second, &[0x01]);
    assert_eq!(runner.returned(inner), "[\"code\", \"answer\"]");
    runner.answer(first, &[0x01]);
    assert_eq!(runner.returned(outer), "1");
}

#[test]
fn what_is_of_no_chain_waits() {
    let mut runner = runner(DOWN);
    let outer = runner.call(Target::Export("down"), &[0x91, 0x01]);
    let (echo, _) = runner.call_text();
    let other = runner.call(Target::Export("other"), NO_ARGUMENTS);
    let forged = runner.call_for(echo + 1, Target::Export("other"), NO_ARGUMENTS);
    assert_eq!(runner.silence(), None);
    let inner = runner.call_for(echo, Target::Export("other"), NO_ARGUMENTS);
    assert_eq!(runner.returned(inner), "\"other\"");
    runner.answer(echo, &[0x01]);
    assert_eq!(runner.returned(outer), "1");
    assert_eq!(runner.returned(other), "\"other\"");
    assert_eq!(runner.returned(forged), "\"other\"");
}

/// Goes down `depth` times; gives the plugin's calls and the host's, outermost first.
fn go_down(runner: &mut Runner, depth: u32) -> Vec<(u64, u64)> {
    let mut chain: Vec<(u64, u64)> = Vec::new();
    for _ in 0..depth {
        let parent = chain.last().map(|(echo, _)| *echo);
        let call = runner.call_with(Target::Export("down"), &[0x91, 0x01], parent, None);
        let (echo, _) = runner.call_text();
        chain.push((echo, call));
    }
    chain
}

#[test]
fn turns_nest_to_their_bound() {
    for (limits, most) in [(Limits::default(), 64), (Limits { nested_turns: 3, ..Limits::default() }, 3)] {
        let mut runner = runner_with(limits, DOWN);
        let chain = go_down(&mut runner, most + 1);
        let (echo, _) = chain[most as usize];
        let beyond = runner.call_for(echo, Target::Export("other"), NO_ARGUMENTS);
        let ended = runner.returned(beyond);
        assert!(ended.contains("code: \"E_DEPTH\""), "{ended}");
        for (echo, call) in chain.into_iter().rev() {
            runner.answer(echo, &[0x07]);
            assert_eq!(runner.returned(call), "7");
        }
        assert_eq!(runner.call_export("other", NO_ARGUMENTS), "\"other\"");
    }
}

#[test]
fn a_stack_that_runs_over_is_an_error_of_its_call() {
    let mut runner = runner(
        "const deep = (n) => (n === 0 ? app.echo('bottom') : deep(n - 1));
        exports.down = (n) => deep(n);
        exports.over = () => { const again = () => again() + 1; return again() };
        exports.other = () => 'other'",
    );
    // Most of the stack is used up, turn by turn; what is left is enough to be called.
    let mut chain: Vec<(u64, u64)> = Vec::new();
    for _ in 0..20 {
        let parent = chain.last().map(|(echo, _)| *echo);
        let call = runner.call_with(Target::Export("down"), &[0x91, 100], parent, None);
        let received = runner.next();
        match received.message() {
            Message::Call { id, .. } => chain.push((id, call)),
            Message::Return { id, .. } if id == call => {
                let text = describe(&received.message());
                assert!(text.contains("Maximum call stack size exceeded"), "{text}");
            }
            other => panic!("{}", describe(&other)),
        }
    }
    let last = chain.last().unwrap().0;
    let over = runner.call_for(last, Target::Export("over"), NO_ARGUMENTS);
    let ended = runner.returned(over);
    assert!(ended.contains("Maximum call stack size exceeded"), "{ended}");
    let other = runner.call_for(last, Target::Export("other"), NO_ARGUMENTS);
    assert_eq!(runner.returned(other), "\"other\"");
    for (echo, call) in chain.into_iter().rev() {
        runner.answer(echo, &[0x07]);
        assert_eq!(runner.returned(call), "7");
    }
}

#[test]
fn a_stop_ends_the_turn_that_it_names() {
    let mut runner = runner(
        "exports.outer = () => { const got = app.echo(); return ['outer', got] };
        exports.spin = () => { for (;;); }",
    );
    let outer = runner.call(Target::Export("outer"), NO_ARGUMENTS);
    let (echo, _) = runner.call_text();
    let outer_turn = runner.page.pulse().turn;
    let before = runner.page.pulse().heartbeat;
    let spin = runner.call_for(echo, Target::Export("spin"), NO_ARGUMENTS);
    let inner_turn = wait_until_busy(&runner, before);
    assert!(outer_turn < inner_turn);
    assert_eq!(runner.page.pulse().serving, spin);
    runner.page.request_stop(outer_turn);
    let heartbeat = runner.page.pulse().heartbeat;
    assert_eq!(wait_until_busy(&runner, heartbeat), inner_turn, "the turn below is another one");
    runner.page.request_stop(inner_turn);
    assert!(runner.returned(spin).contains("\"Interrupted\""));
    runner.answer(echo, &[0x03]);
    assert_eq!(runner.returned(outer), "[\"outer\", 3]");
}

#[test]
fn time_on_top_is_not_time_below() {
    let mut runner = runner(
        "exports.outer = () => app.echo();
        exports.work = () => { for (let n = 0; n < 3e6; n++); }",
    );
    let spent = |runner: &mut Runner, call| match runner.expect("Return").message() {
        Message::Return { id, spent_us, .. } if id == call => spent_us,
        other => panic!("{other:?}"),
    };
    let outer = runner.call(Target::Export("outer"), NO_ARGUMENTS);
    let (echo, _) = runner.call_text();
    let work = runner.call_for(echo, Target::Export("work"), NO_ARGUMENTS);
    let inner_us = spent(&mut runner, work);
    runner.answer(echo, &[0x01]);
    let outer_us = spent(&mut runner, outer);
    assert!(outer_us < inner_us, "{outer_us} below, {inner_us} on top");
}

#[test]
fn a_rejection_below_may_still_get_its_handler() {
    let mut runner = runner(
        "exports.outer = () => {
            const failed = Promise.reject(new Error('below'));
            app.echo();
            failed.catch(() => console.log('caught'));
        };
        exports.inner = () => { Promise.reject(new Error('on top')) }",
    );
    let outer = runner.call(Target::Export("outer"), NO_ARGUMENTS);
    let (echo, _) = runner.call_text();
    let inner = runner.call_for(echo, Target::Export("inner"), NO_ARGUMENTS);
    assert_eq!(runner.returned(inner), "undefined");
    let uncaught = runner.expect("Uncaught");
    assert!(describe(&uncaught.message()).contains("on top"));
    runner.answer(echo, &[0x01]);
    assert_eq!(runner.returned(outer), "undefined");
    assert!(describe(&runner.expect("Log").message()).contains("caught"));
    assert_eq!(runner.silence(), None);
}

#[test]
fn a_result_that_comes_too_late_gives_back_what_is_in_it() {
    let mut runner = runner(
        "let settle;
        exports.outer = () => app.echo('outer');
        exports.slow = (signal) => new Promise((resolve) => {
            settle = resolve;
            signal.onabort = () => { for (;;); };
        });
        exports.end = () => settle({ held: () => 1, get late() { return app.echo('late') } });",
    );
    let outer = runner.call(Target::Export("outer"), NO_ARGUMENTS);
    let (first, _) = runner.call_text();
    let slow = runner.call_for(first, Target::Export("slow"), &[0x91, 0xd4, 12, 0]);
    let end = runner.call_for(first, Target::Export("end"), NO_ARGUMENTS);
    assert_eq!(runner.returned(end), "undefined");
    let (late, text) = runner.call_text();
    assert_eq!(text, "0[\"late\"]");
    let before = runner.page.pulse().heartbeat;
    runner.send(&Message::Cancel { id: slow, why: None });
    let turn = wait_until_busy(&runner, before);
    runner.page.request_stop(turn);
    assert!(runner.returned(slow).contains("\"Interrupted\""));
    runner.answer(late, &[0x01]);
    runner.answer(first, &[0x02]);
    assert_eq!(runner.returned(outer), "2");
    runner.end_at_zero();
}

#[test]
fn an_answer_that_has_to_wait_makes_room_at_once() {
    let limits = Limits { in_flight: 2, ..Limits::default() };
    let mut runner = runner_with(
        limits,
        "exports.outer = async () => { const other = app.notes.get(1); return [app.echo('outer'), await other] };
        exports.inner = async () => await app.notes.get(2);
        exports.three = () => Promise.all([3, 4, 5].map((n) => app.notes.get(n)));",
    );
    let outer = runner.call(Target::Export("outer"), NO_ARGUMENTS);
    let (other, _) = runner.call_text();
    let (echo, _) = runner.call_text();
    let inner = runner.call_for(echo, Target::Export("inner"), NO_ARGUMENTS);
    assert_eq!(runner.silence(), None, "there is no room for its call");
    runner.answer(other, &[0x05]);
    let (get, text) = runner.call_text();
    assert_eq!(text, "2[2]");
    runner.answer(get, &[0x06]);
    assert_eq!(runner.returned(inner), "6");
    runner.answer(echo, &[0x07]);
    assert_eq!(runner.returned(outer), "[7, 5]");
    // Each answer made room once: the window is as wide as before.
    let three = runner.call(Target::Export("three"), NO_ARGUMENTS);
    let calls = [runner.call_text().0, runner.call_text().0];
    assert_eq!(runner.silence(), None, "two at a time");
    runner.answer(calls[0], &[0x01]);
    let last = runner.call_text().0;
    runner.answer(calls[1], &[0x02]);
    runner.answer(last, &[0x03]);
    assert_eq!(runner.returned(three), "[1, 2, 3]");
}

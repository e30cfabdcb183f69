//! What goes on while the plugin waits for the answer of a call that blocks: timers, answers, streams.

use crate::harness::{Options, Runner, describe, show};
use plughold_protocol::Message;
use plughold_protocol::limits::STREAM_WINDOW;
use plughold_protocol::pack::Writer;
use plughold_protocol::record::{ClockMode, Limits, Outcome, Target};
use plughold_protocol::value as form;

const NO_ARGUMENTS: &[u8] = &[0x90];

/// What the scripts have in common: `block` waits in a call that blocks, `nap` in a promise.
const TOOLS: &str = "
    const log = [];
    const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    exports.block = (value) => { const got = app.block(value); log.push('went on'); return got };
    exports.log = () => log.splice(0);
";

/// A runner whose time moves only by [`wake`], and whose `app.block` blocks.
fn runner(script: &str) -> Runner {
    runner_with(Limits::default(), script)
}

fn runner_with(limits: Limits, script: &str) -> Runner {
    let options = Options {
        api: vec!["echo", "block"],
        blocking: &["block"],
        clock: ClockMode::Virtual,
        limits,
        ..Options::default()
    };
    Runner::with_script_and(&options, &[TOOLS, script].concat())
}

fn wake(runner: &mut Runner, now_ms: u64) {
    runner.send(&Message::Wake { now_us: Some(now_ms * 1_000) });
}

fn credit(runner: &mut Runner, id: u64) {
    runner.send(&Message::Credit { stream: Some(id), amount: STREAM_WINDOW as u64 });
}

fn data(runner: &mut Runner, id: u64, value: &[u8]) {
    runner.send(&Message::StreamData { id, data: value });
}

/// The next message as text.
fn next(runner: &mut Runner) -> String {
    let received = runner.next();
    match received.message() {
        Message::StreamData { id, data } => format!("data {id} {}", show(data)),
        Message::StreamEnd { id, error } => {
            format!("end {id}{}", if error.is_some() { " failed" } else { "" })
        }
        Message::StreamStop { id } => format!("stop {id}"),
        Message::Credit { stream: Some(id), .. } => format!("credit {id}"),
        Message::Call { args, blocking, .. } => {
            format!("{} {}", if blocking { "block" } else { "call" }, show(args))
        }
        Message::Return { outcome: Outcome::Returned(value), .. } => format!("returned {}", show(value)),
        Message::Log { text, .. } => text.to_owned(),
        other => describe(&other),
    }
}

/// What the runner says until it has answered a `Ping`.
fn said(runner: &mut Runner) -> Vec<String> {
    runner.send(&Message::Ping { nonce: 1 });
    let mut said = Vec::new();
    loop {
        match next(runner) {
            pong if pong.starts_with("Pong") => break,
            other => said.push(other),
        }
    }
    runner.expect("Stats");
    said
}

/// A call of an export that blocks: the call of the host, and the one that blocks.
fn block(runner: &mut Runner) -> (u64, u64) {
    let outer = runner.call(Target::Export("block"), &[0x91, 1]);
    let (call, text) = runner.call_text();
    assert_eq!(text, "1[1]");
    (outer, call)
}

/// The arguments `[stream]`.
fn stream(id: u64) -> Vec<u8> {
    let mut args = Vec::new();
    let mut writer = Writer::new(&mut args);
    writer.array(1);
    writer.extension(form::STREAM, &id.to_le_bytes());
    args
}

#[test]
fn a_nested_call_may_wait_for_a_timer() {
    let mut runner = runner(
        "exports.inner = async (ms) => { await nap(ms); log.push('woke'); await nap(ms); return ms };",
    );
    let (outer, call) = block(&mut runner);
    let inner = runner.call_for(call, Target::Export("inner"), &[0x91, 10]);
    assert_eq!(said(&mut runner), ["WakeAfter Some(10000)"]);
    wake(&mut runner, 10);
    assert_eq!(said(&mut runner), ["WakeAfter Some(10000)"]);
    wake(&mut runner, 20);
    assert_eq!(runner.returned(inner), "10");
    runner.answer(call, &[7]);
    assert_eq!(runner.returned(outer), "7");
    assert_eq!(runner.call_export("log", NO_ARGUMENTS), "[\"woke\", \"went on\"]");
}

#[test]
fn a_timer_of_a_call_in_a_call_runs_as_well() {
    let mut runner = runner(
        "exports.inner = () => app.echo();
        exports.deep = async () => { await nap(5); return 'deep' }",
    );
    let (outer, call) = block(&mut runner);
    let inner = runner.call_for(call, Target::Export("inner"), NO_ARGUMENTS);
    let (echo, _) = runner.call_text();
    let deep = runner.call_for(echo, Target::Export("deep"), NO_ARGUMENTS);
    assert_eq!(said(&mut runner), ["WakeAfter Some(5000)"]);
    wake(&mut runner, 5);
    assert_eq!(runner.returned(deep), "\"deep\"");
    runner.answer(echo, &[1]);
    assert_eq!(runner.returned(inner), "1");
    runner.answer(call, &[2]);
    assert_eq!(runner.returned(outer), "2");
}

#[test]
fn timers_of_others_run_afterwards() {
    let mut runner = runner(
        "exports.unrelated = () => { setTimeout(() => log.push('unrelated'), 5) };
        exports.open = async () => { await nap(6); log.push('open'); return 'open' };
        exports.outer = () => { setTimeout(() => log.push('outer'), 7); return exports.block(1) };
        exports.inner = async () => {
            setTimeout(() => log.push('inner'), 8);
            await nap(20);
        };
        exports.answered = () => { setTimeout(() => log.push('answered'), 9) };",
    );
    runner.call_export("unrelated", NO_ARGUMENTS);
    let open = runner.call(Target::Export("open"), NO_ARGUMENTS);
    assert_eq!(said(&mut runner), ["WakeAfter Some(5000)"]);
    let outer = runner.call(Target::Export("outer"), NO_ARGUMENTS);
    let (call, _) = runner.call_text();
    let answered = runner.call_for(call, Target::Export("answered"), NO_ARGUMENTS);
    assert_eq!(runner.returned(answered), "undefined");
    let inner = runner.call_for(call, Target::Export("inner"), NO_ARGUMENTS);
    assert_eq!(said(&mut runner), [""; 0], "an earlier moment is asked for already");
    wake(&mut runner, 5);
    assert_eq!(said(&mut runner), ["WakeAfter Some(3000)"], "the next that may run");
    wake(&mut runner, 20);
    assert_eq!(runner.returned(inner), "undefined");
    assert_eq!(said(&mut runner), [""; 0], "what may not run is not asked for");
    runner.answer(call, &[7]);
    assert_eq!(runner.returned(outer), "7");
    assert_eq!(said(&mut runner), ["WakeAfter Some(0)"]);
    wake(&mut runner, 21);
    assert_eq!(runner.returned(open), "\"open\"");
    let expected = "[\"inner\", \"went on\", \"unrelated\", \"open\", \"outer\", \"answered\"]";
    assert_eq!(runner.call_export("log", NO_ARGUMENTS), expected);
}

#[test]
fn a_timer_waits_for_the_code_that_set_it() {
    let mut runner = runner(
        "exports.inner = () => new Promise((resolve) => {
            setTimeout(() => { log.push('timer'); resolve() });
            exports.block(2);
        });",
    );
    let (outer, first) = block(&mut runner);
    let inner = runner.call_for(first, Target::Export("inner"), NO_ARGUMENTS);
    let (second, _) = runner.call_text();
    wake(&mut runner, 5);
    assert_eq!(said(&mut runner), [""; 0]);
    runner.answer(second, &[1]);
    assert_eq!(said(&mut runner), ["WakeAfter Some(0)"]);
    wake(&mut runner, 5);
    assert_eq!(runner.returned(inner), "undefined");
    runner.answer(first, &[1]);
    assert_eq!(runner.returned(outer), "1");
    assert_eq!(runner.call_export("log", NO_ARGUMENTS), "[\"went on\", \"timer\", \"went on\"]");
}

#[test]
fn an_interval_goes_on_without_piling_up() {
    let mut runner = runner("exports.start = () => { setInterval(() => log.push('tick'), 10) };");
    runner.call_export("start", NO_ARGUMENTS);
    assert_eq!(said(&mut runner), ["WakeAfter Some(10000)"]);
    wake(&mut runner, 10);
    assert_eq!(said(&mut runner), ["WakeAfter Some(10000)"]);
    let (outer, call) = block(&mut runner);
    for now_ms in [20, 30, 95] {
        wake(&mut runner, now_ms);
        assert_eq!(said(&mut runner), [""; 0]);
    }
    runner.answer(call, &[1]);
    assert_eq!(runner.returned(outer), "1");
    assert_eq!(said(&mut runner), ["WakeAfter Some(0)"]);
    wake(&mut runner, 95);
    assert_eq!(said(&mut runner), ["WakeAfter Some(10000)"]);
    wake(&mut runner, 105);
    assert_eq!(said(&mut runner), ["WakeAfter Some(10000)"]);
    assert_eq!(runner.call_export("log", NO_ARGUMENTS), "[\"tick\", \"went on\", \"tick\", \"tick\"]");
}

#[test]
fn an_interval_of_a_nested_call_ticks() {
    let mut runner = runner(
        "exports.inner = () => new Promise((resolve) => {
            let ticks = 0;
            const id = setInterval(() => { if (++ticks === 3) { clearInterval(id); resolve(ticks) } }, 10);
        });",
    );
    let (outer, call) = block(&mut runner);
    let inner = runner.call_for(call, Target::Export("inner"), NO_ARGUMENTS);
    for now_ms in [10, 20, 30] {
        assert_eq!(said(&mut runner), ["WakeAfter Some(10000)"]);
        wake(&mut runner, now_ms);
    }
    assert_eq!(runner.returned(inner), "3");
    runner.answer(call, &[1]);
    assert_eq!(runner.returned(outer), "1");
    assert_eq!(said(&mut runner), [""; 0]);
}

#[test]
fn a_call_that_blocks_reads_the_stream_of_its_caller() {
    let mut runner = runner(
        "exports.run = () => app.block((async function* () { yield 1; log.push('asked'); yield 2 })());",
    );
    let run = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (call, text) = runner.call_text();
    assert_eq!(text, "1[stream#1]");
    assert_eq!(said(&mut runner), [""; 0]);
    credit(&mut runner, 1);
    for expected in ["data 1 1", "data 1 2", "end 1"] {
        assert_eq!(next(&mut runner), expected);
    }
    runner.answer(call, &[7]);
    assert_eq!(runner.returned(run), "7");
    assert_eq!(runner.call_export("log", NO_ARGUMENTS), "[\"asked\"]");
}

#[test]
fn a_source_may_call_wait_and_block_itself() {
    let mut runner = runner(
        "exports.run = () => app.block((async function* () {
            yield await app.echo(1);
            await nap(10);
            yield app.block(2);
        })());
        exports.twice = (n) => 2 * n;",
    );
    let run = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (call, _) = runner.call_text();
    credit(&mut runner, 1);
    let (echo, text) = runner.call_text();
    assert_eq!(text, "0[1]");
    // What the host calls in serving the source's call is served as well.
    let twice = runner.call_for(echo, Target::Export("twice"), &[0x91, 21]);
    assert_eq!(runner.returned(twice), "42");
    runner.answer(echo, &[1]);
    assert_eq!(next(&mut runner), "data 1 1");
    assert_eq!(next(&mut runner), "WakeAfter Some(10000)");
    wake(&mut runner, 10);
    let (second, text) = runner.call_text();
    assert_eq!(text, "1[2]");
    runner.answer(second, &[2]);
    assert_eq!(next(&mut runner), "data 1 2");
    assert_eq!(next(&mut runner), "end 1");
    runner.answer(call, &[7]);
    assert_eq!(runner.returned(run), "7");
}

#[test]
fn a_stream_that_nobody_reads_further_is_stopped_at_once() {
    let mut runner = runner(
        "exports.run = () => app.block((async function* () {
            try { for (let n = 0; ; n++) yield 'x'.repeat(60_000) } finally { log.push('done') }
        })());",
    );
    let run = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (call, _) = runner.call_text();
    credit(&mut runner, 1);
    // The window is full with five of them.
    for _ in 0..5 {
        runner.expect("StreamData");
    }
    assert_eq!(said(&mut runner), [""; 0]);
    runner.send(&Message::StreamStop { id: 1 });
    assert_eq!(next(&mut runner), "end 1");
    runner.answer(call, &[7]);
    assert_eq!(runner.returned(run), "7");
    assert_eq!(runner.call_export("log", NO_ARGUMENTS), "[\"done\"]");
}

#[test]
fn a_nested_call_reads_the_stream_that_it_was_given() {
    let mut runner = runner(
        "exports.inner = async (stream) => { const all = []; for await (const n of stream) all.push(n); return all };",
    );
    let (outer, call) = block(&mut runner);
    let inner = runner.call_for(call, Target::Export("inner"), &stream(1));
    assert_eq!(next(&mut runner), "credit 1");
    data(&mut runner, 1, &[5]);
    assert_eq!(said(&mut runner), [""; 0]);
    data(&mut runner, 1, &[6]);
    data(&mut runner, 1, &[8]);
    runner.send(&Message::StreamEnd { id: 1, error: None });
    assert_eq!(runner.returned(inner), "[5, 6, 8]");
    runner.answer(call, &[7]);
    assert_eq!(runner.returned(outer), "7");
}

#[test]
fn a_stream_of_the_host_goes_on_to_the_call_that_blocks() {
    let mut runner = runner("exports.run = (stream) => app.block(stream);");
    let run = runner.call(Target::Export("run"), &stream(9));
    let (call, text) = runner.call_text();
    assert_eq!(text, "1[stream#1]");
    credit(&mut runner, 1);
    assert_eq!(next(&mut runner), "credit 9");
    data(&mut runner, 9, &[5]);
    assert_eq!(next(&mut runner), "data 1 5");
    runner.send(&Message::StreamEnd { id: 9, error: None });
    assert_eq!(next(&mut runner), "end 1");
    runner.answer(call, &[7]);
    assert_eq!(runner.returned(run), "7");
}

#[test]
fn what_reads_since_before_reads_on_afterwards_and_in_order() {
    let mut runner = runner(
        "exports.read = async (stream) => { for await (const n of stream) log.push(n); log.push('end') };",
    );
    let read = runner.call(Target::Export("read"), &stream(1));
    assert_eq!(next(&mut runner), "credit 1");
    let (outer, call) = block(&mut runner);
    data(&mut runner, 1, &[1]);
    data(&mut runner, 1, &[2]);
    assert_eq!(said(&mut runner), [""; 0]);
    // The answer and what follows are there before the runner goes on.
    let mut bytes = Vec::new();
    for message in [
        Message::Return { id: call, outcome: Outcome::Returned(&[7]), spent_us: 0 },
        Message::StreamData { id: 1, data: &[3] },
        Message::StreamEnd { id: 1, error: None },
    ] {
        let mut body = Vec::new();
        message.encode(&mut body);
        bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
        bytes.push(0);
        bytes.extend_from_slice(&body);
    }
    runner.send_raw(&bytes);
    assert_eq!(runner.returned(outer), "7");
    assert_eq!(runner.returned(read), "undefined");
    assert_eq!(runner.call_export("log", NO_ARGUMENTS), "[\"went on\", 1, 2, 3, \"end\"]");
}

#[test]
fn chunks_stay_in_order_around_an_import() {
    let mut runner = runner(
        "exports.inner = async (stream) => {
            const all = [];
            const reading = (async () => { for await (const n of stream) all.push(n) })();
            await null;
            try { require('./a.js') } catch {}
            app.block(2);
            await reading;
            return all;
        };",
    );
    let (outer, first) = block(&mut runner);
    let inner = runner.call_for(first, Target::Export("inner"), &stream(1));
    assert_eq!(next(&mut runner), "credit 1");
    let request = match runner.expect("ModuleRequest").message() {
        Message::ModuleRequest { id, .. } => id,
        other => panic!("{other:?}"),
    };
    data(&mut runner, 1, &[1]);
    runner.send(&Message::Module { id: request, source: None, error: Some("no") });
    let (second, _) = runner.call_text();
    data(&mut runner, 1, &[2]);
    runner.send(&Message::StreamEnd { id: 1, error: None });
    runner.answer(second, &[7]);
    assert_eq!(runner.returned(inner), "[1, 2]");
    runner.answer(first, &[7]);
    assert_eq!(runner.returned(outer), "7");
}

/// Each answer lets the plugin wait once more, on top of the waiting before.
#[test]
fn answers_and_timers_keep_to_the_depth() {
    let limits = Limits { nested_turns: 3, ..Limits::default() };
    let mut runner =
        runner_with(limits, "exports.inner = async (n) => { await app.echo(n); return app.block(n) };");
    let (outer, first) = block(&mut runner);
    let mut calls = Vec::new();
    for number in 0..6 {
        let inner = runner.call_for(first, Target::Export("inner"), &[0x91, number]);
        let (echo, _) = runner.call_text();
        calls.push((inner, echo));
    }
    for (_, echo) in &calls {
        runner.answer(*echo, &[0xc0]);
    }
    // Three wait on top of the first; the others are kept until there is room for them.
    let mut waiting: Vec<u64> = (0..3).map(|_| runner.call_text().0).collect();
    assert_eq!(said(&mut runner), [""; 0]);
    let mut answered = 0;
    while let Some(call) = waiting.pop() {
        runner.answer(call, &[0xc0]);
        loop {
            match runner.next().message() {
                Message::Return { .. } => answered += 1,
                Message::Call { id, .. } => waiting.push(id),
                other => panic!("{}", describe(&other)),
            }
            if answered + waiting.len() == 6 || waiting.len() == 3 {
                break;
            }
        }
    }
    assert_eq!(answered, 6);
    runner.answer(first, &[7]);
    assert_eq!(runner.returned(outer), "7");
}

//! Streams of both directions, against a host that says what the test wants; and the classes that a plugin sees.

use crate::harness::{Options, Runner, describe, show};
use plughold_protocol::limits::{self, STREAM_WINDOW};
use plughold_protocol::pack::Writer;
use plughold_protocol::record::{Limits, Outcome, Refusal, Target};
use plughold_protocol::value as form;
use plughold_protocol::{Message, exit::Cause};

const EVAL: &str = "
    exports.run = (text) => (0, eval)(`(async () => { ${text} })()`);
    exports.call = (text, ...rest) => (0, eval)(text)(...rest);
    globalThis.log = [];
    globalThis.tick = () => new Promise((resolve) => setTimeout(resolve));
";

/// The whole window, as a first credit.
const WINDOW: u64 = STREAM_WINDOW as u64;

/// The arguments `[text, stream]`, or without the stream.
fn arguments(text: &str, stream: Option<u64>) -> Vec<u8> {
    let mut args = Vec::new();
    let mut writer = Writer::new(&mut args);
    writer.array(1 + usize::from(stream.is_some()));
    writer.text(text);
    if let Some(id) = stream {
        writer.extension(form::STREAM, &id.to_le_bytes());
    }
    args
}

/// A text as an encoded value.
fn text(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    Writer::new(&mut bytes).text(text);
    bytes
}

/// The next message as text.
fn next(runner: &mut Runner) -> String {
    let received = runner.next();
    match received.message() {
        Message::StreamData { id, data } => format!("data {id} {}", show(data)),
        Message::StreamEnd { id, error } => {
            format!("end {id}{}", error.map_or(String::new(), |error| format!(" {}", headline(error))))
        }
        Message::StreamStop { id } => format!("stop {id}"),
        Message::Credit { stream: Some(id), amount } => format!("credit {id} {amount}"),
        Message::Return { outcome: Outcome::Returned(value), .. } => format!("returned {}", show(value)),
        Message::Return { outcome: Outcome::Threw(error), .. } => format!("threw {}", headline(error)),
        other => describe(&other),
    }
}

/// An error without its stack.
fn headline(error: &[u8]) -> String {
    let text = show(error);
    let end = text.find(", stack:").unwrap_or(text.len());
    text[..end].to_owned()
}

#[track_caller]
fn says(runner: &mut Runner, expected: &[&str]) {
    for expected in expected {
        assert_eq!(next(runner), *expected);
    }
}

/// Runs the body of an async function in the plugin and gives how it ended.
fn run(runner: &mut Runner, body: &str) -> String {
    runner.call(Target::Export("run"), &arguments(body, None));
    loop {
        match next(runner) {
            wake if wake.starts_with("WakeAfter Some") => runner.send(&Message::Wake { now_us: None }),
            wake if wake.starts_with("WakeAfter None") => {}
            other => return other,
        }
    }
}

fn check(body: &str, expected: &str) {
    let mut runner = Runner::with_script(EVAL);
    assert_eq!(run(&mut runner, body), format!("returned {expected}"), "{body}");
    assert_eq!(runner.silence(), None, "{body}");
}

#[test]
fn a_stream_is_read_by_its_reader() {
    check(
        "const s = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close() } });
         const r = s.getReader(); const out = [s.locked];
         for (;;) { const { value, done } = await r.read(); out.push(value, done); if (done) break }
         await r.closed; r.releaseLock(); return [...out, s.locked]",
        "[true, 1, false, 2, false, undefined, true, false]",
    );
    check(
        "const s = new ReadableStream({ pull(c) { c.enqueue(c.desiredSize); if (++this.n === 3) c.close() }, n: 0 });
         const out = []; for await (const value of s) out.push(value); return [out, s.locked]",
        "[[1, 1, 1], false]",
    );
    check(
        "let pulls = 0; const s = new ReadableStream({ pull(c) { pulls += 1; c.enqueue(1) } }, { highWaterMark: 3 });
         await tick(); return pulls",
        "3",
    );
    check(
        "let pulls = 0; const s = new ReadableStream({ pull() { pulls += 1 } }, { highWaterMark: 0 });
         await tick(); const before = pulls; s.getReader().read(); await tick(); return [before, pulls]",
        "[0, 1]",
    );
}

#[test]
fn sizes_are_counted_by_the_strategy() {
    check(
        "let c; const s = new ReadableStream({ start(it) { c = it } }, new ByteLengthQueuingStrategy({ highWaterMark: 10 }));
         const out = [c.desiredSize]; c.enqueue(new Uint8Array(4)); out.push(c.desiredSize);
         await s.getReader().read(); out.push(c.desiredSize); c.close(); return [...out, c.desiredSize]",
        "[10, 6, 10, 0]",
    );
    check("return new CountQueuingStrategy({ highWaterMark: 2 }).size('whatever')", "1");
    check(
        "let c; const s = new ReadableStream({ start(it) { c = it } }, { size: () => -1 });
         try { c.enqueue(1) } catch (error) { return [error.name, await s.getReader().closed.catch((e) => e === error)] }",
        r#"["RangeError", true]"#,
    );
}

#[test]
fn what_ends_a_stream_ends_its_reads() {
    check(
        "let c; const s = new ReadableStream({ start(it) { c = it } }); const r = s.getReader();
         const read = r.read(); c.error(new Error('broken'));
         return [await read.catch((e) => e.message), await r.closed.catch((e) => e.message), c.desiredSize]",
        r#"["broken", "broken", null]"#,
    );
    check(
        "const s = new ReadableStream({ cancel(why) { log.push(why) } }); const r = s.getReader();
         const read = r.read(); await r.cancel('enough'); return [await read, await r.closed, log]",
        r#"[{value: undefined, done: true}, undefined, ["enough"]]"#,
    );
    check(
        "try { new ReadableStream({ start() { throw new Error('no start') } }) } catch (error) { return error.message }",
        r#""no start""#,
    );
    check(
        "const s = new ReadableStream({ pull() { throw new Error('no pull') } });
         return await s.getReader().read().catch((e) => e.message)",
        r#""no pull""#,
    );
    check(
        "const s = new ReadableStream(); const r = s.getReader(); const read = r.read(); r.releaseLock();
         return [await read.catch((e) => e.name), await r.closed.catch((e) => e.name), await r.read().catch((e) => e.name),
           s.locked, s.getReader() !== r]",
        r#"["TypeError", "TypeError", "TypeError", false, true]"#,
    );
}

#[test]
fn leaving_a_loop_cancels() {
    check(
        "const s = new ReadableStream({ pull(c) { c.enqueue(1) }, cancel() { log.push('cancelled') } });
         for await (const value of s) break; return [log, s.locked]",
        r#"[["cancelled"], false]"#,
    );
    check(
        "const s = new ReadableStream({ pull(c) { c.enqueue(1) }, cancel() { log.push('cancelled') } });
         for await (const value of s.values({ preventCancel: true })) break; return [log, (await s.getReader().read()).value]",
        "[[], 1]",
    );
}

#[test]
fn anything_iterable_becomes_a_stream() {
    check(
        "const out = []; for await (const v of ReadableStream.from([1, Promise.resolve(2)])) out.push(v); return out",
        "[1, 2]",
    );
    check(
        "async function* g() { try { yield 1; yield 2 } finally { log.push('done') } }
         for await (const v of ReadableStream.from(g())) { log.push(v); break } return log",
        r#"[1, "done"]"#,
    );
    check(
        "async function* g() { yield 1; throw new Error('in the middle') }
         const r = ReadableStream.from(g()).getReader(); await r.read(); return await r.read().catch((e) => e.message)",
        r#""in the middle""#,
    );
    check("try { ReadableStream.from({}) } catch (error) { return error.name }", r#""TypeError""#);
}

#[test]
fn two_branches_see_the_same() {
    check(
        "const [a, b] = ReadableStream.from([1, 2, 3]).tee(); const out = [];
         for await (const v of a) out.push(v); for await (const v of b) out.push(-v); return out",
        "[1, 2, 3, -1, -2, -3]",
    );
    check(
        "const [a, b] = new ReadableStream({ cancel(why) { log.push(why) } }).tee();
         const first = a.cancel('x'); await tick(); const before = log.length; b.cancel('y'); await first; return [before, log]",
        r#"[0, [["x", "y"]]]"#,
    );
    check(
        "const [a, b] = new ReadableStream({ start(c) { c.error(new Error('e')) } }).tee();
         return [await a.getReader().read().catch((e) => e.message), await b.getReader().closed.catch((e) => e.message)]",
        r#"["e", "e"]"#,
    );
}

#[test]
fn nothing_poses_as_a_stream_and_replaced_built_ins_change_nothing() {
    check(
        "const names = []; const fails = (run) => { try { run() } catch (error) { names.push(error.name) } };
         fails(() => ReadableStream.prototype.getReader.call({}));
         fails(() => Object.create(ReadableStream.prototype).locked);
         fails(() => new ReadableStreamDefaultReader({}));
         fails(() => new ReadableStreamDefaultController());
         fails(() => new ReadableStream({ type: 'bytes' }));
         fails(() => new ReadableStream({ pull: 1 }));
         fails(() => new ReadableStream({}, { highWaterMark: -1 }));
         return [names.join(), await ReadableStream.prototype.cancel.call({}).catch((e) => e.name)]",
        r#"["TypeError,TypeError,TypeError,TypeError,TypeError,TypeError,RangeError", "TypeError"]"#,
    );
    check(
        "const { Promise } = globalThis; const { then } = Promise.prototype; const s = ReadableStream.from([1, 2]); const [a, b] = s.tee();
         Promise.prototype.then = () => { log.push('then') }; Array.prototype.push = () => { log.push('push') };
         Array.prototype[Symbol.iterator] = () => { log.push('iterator') }; globalThis.Promise = null;
         const r = a.getReader(); const one = await r.read(); const two = await r.read();
         Promise.prototype.then = then; return [one.value, two.value, log.length]",
        "[1, 2, 0]",
    );
}

// -- Sending -----------------------------------------------------------------------------------------------------------

/// Has the plugin call `app.echo(expression)`; gives the arguments as text.
fn sent(runner: &mut Runner, expression: &str) -> String {
    runner
        .call(Target::Export("run"), &arguments(&format!("app.echo({expression}).catch(() => {{}})"), None));
    let (_, _, args) = runner.expect_call();
    says(runner, &["returned undefined"]);
    show(&args)
}

fn credit(runner: &mut Runner, id: u64, amount: u64) {
    runner.send(&Message::Credit { stream: Some(id), amount });
}

#[test]
fn sources_of_every_kind_are_sent_as_streams() {
    let mut runner = Runner::with_script(EVAL);
    for (at, source) in [
        "ReadableStream.from(['a', 'b'])",
        "(async function* () { yield 'a'; yield 'b' })()",
        "{ async *[Symbol.asyncIterator]() { yield 'a'; yield 'b' } }",
        "new (class { async *[Symbol.asyncIterator]() { yield 'a'; yield 'b' } })()",
    ]
    .iter()
    .enumerate()
    {
        let id = at as u64 + 1;
        assert_eq!(sent(&mut runner, &format!("{{ x: {source} }}")), format!("[{{x: stream#{id}}}]"));
        assert_eq!(runner.silence(), None, "nothing is asked before there is credit");
        credit(&mut runner, id, WINDOW);
        let expected = [format!("data {id} \"a\""), format!("data {id} \"b\""), format!("end {id}")];
        says(&mut runner, &expected.each_ref().map(String::as_str));
    }
    assert_eq!(run(&mut runner, "return { [Symbol.iterator]: 1, x: 2 }"), "returned {x: 2}");
}

#[test]
fn a_source_is_asked_only_while_there_is_credit() {
    let mut runner = Runner::with_script(EVAL);
    let source = "(async function* () { for (let n = 0; ; n += 1) { log.push(n); yield 'x'.repeat(9) } })()";
    assert_eq!(sent(&mut runner, source), "[stream#1]");
    credit(&mut runner, 1, 25);
    // Each takes ten bytes; the last one takes the credit below zero.
    says(&mut runner, &["data 1 \"xxxxxxxxx\""; 3]);
    assert_eq!(runner.silence(), None);
    assert_eq!(run(&mut runner, "return log"), "returned [0, 1, 2]");
    credit(&mut runner, 1, 5);
    assert_eq!(runner.silence(), None, "the debt is paid and nothing is left");
    credit(&mut runner, 1, 1);
    says(&mut runner, &["data 1 \"xxxxxxxxx\""]);
    runner.send(&Message::StreamStop { id: 1 });
    says(&mut runner, &["end 1"]);
}

#[test]
fn whoever_stops_reading_ends_the_source() {
    let mut runner = Runner::with_script(EVAL);
    for (at, (source, reads)) in [
        ("new ReadableStream({ pull(c) { c.enqueue(1) }, cancel() { log.push('end') } })", true),
        ("(async function* () { try { yield 1; yield 2 } finally { log.push('end') } })()", true),
        ("new ReadableStream({ cancel() { log.push('end'); throw new Error('nobody hears this') } })", false),
        ("(async function* () { log.push('never') })()", false),
        ("{ [Symbol.asyncIterator]() { log.push('never') } }", false),
        (
            "new ReadableStream({
               pull(c) { if (c.desiredSize) c.enqueue(1); else return new Promise(() => {}) },
               cancel() { log.push('end') } })",
            true,
        ),
    ]
    .iter()
    .enumerate()
    {
        let id = at as u64 + 1;
        run(&mut runner, "log.length = 0");
        sent(&mut runner, source);
        if *reads {
            credit(&mut runner, id, 1);
            says(&mut runner, &[&format!("data {id} 1")]);
        }
        runner.send(&Message::StreamStop { id });
        says(&mut runner, &[&format!("end {id}")]);
        let expected = if source.contains("'end'") { "returned [\"end\"]" } else { "returned []" };
        assert_eq!(run(&mut runner, "await tick(); return log"), expected, "{source}");
        // What was on its way when the stream ended means nothing any more.
        runner.send(&Message::StreamStop { id });
        credit(&mut runner, id, 1);
        assert_eq!(runner.silence(), None);
    }
}

#[test]
fn an_error_of_the_source_ends_the_stream_and_is_reported_nowhere_else() {
    let mut runner = Runner::with_script(EVAL);
    for (at, (source, expected)) in [
        (
            "new ReadableStream({ pull() { throw new RangeError('no') } })",
            "Error{name: \"RangeError\", message: \"no\"",
        ),
        ("(async function* () { throw 7 })()", "7"),
        (
            "{ [Symbol.asyncIterator]: () => 1 }",
            "Error{name: \"TypeError\", message: \"the iterator is not an object\"",
        ),
        (
            "{ [Symbol.asyncIterator]: () => ({ next: () => 1 }) }",
            "Error{name: \"TypeError\", message: \"what the iterator gave is not an object\"",
        ),
        (
            "ReadableStream.from([Symbol('s')])",
            "Error{name: \"TypeError\", message: \"cannot send chunk: a symbol has no copy\"",
        ),
        (
            "ReadableStream.from(['x'.repeat(300000)])",
            "Error{name: \"TypeError\", message: \"cannot send chunk: more than 262144 bytes\"",
        ),
    ]
    .iter()
    .enumerate()
    {
        let id = at as u64 + 1;
        sent(&mut runner, source);
        credit(&mut runner, id, 1);
        assert_eq!(next(&mut runner), format!("end {id} {expected}"), "{source}");
        assert_eq!(runner.silence(), None);
    }
}

#[test]
fn long_bytes_are_cut_and_wait_for_credit() {
    let mut runner = Runner::with_script(EVAL);
    sent(&mut runner, "ReadableStream.from([new Uint8Array(600000).fill(7)])");
    let (mut bytes, mut chunks) = (0, 0);
    credit(&mut runner, 1, 1);
    loop {
        let received = runner.next();
        match received.message() {
            Message::StreamData { id: 1, data } => {
                bytes += data.len() - 3;
                chunks += 1;
                assert!(data.len() <= limits::PIECE);
                let owed = data.len() as u64;
                credit(&mut runner, 1, owed);
            }
            Message::StreamEnd { id: 1, error: None } => break,
            other => panic!("{}", describe(&other)),
        }
    }
    assert_eq!((bytes, chunks), (600_000, 10));
}

#[test]
fn what_is_not_sent_is_not_touched() {
    let mut runner = Runner::with_script(EVAL);
    let body = "globalThis.s = ReadableStream.from([1]);
        const why = await app.echo(s, Symbol('x')).catch((error) => error.message);
        return [why, s.locked, (await s.getReader().read()).value]";
    assert_eq!(
        run(&mut runner, body),
        "returned [\"cannot send arguments[1]: a symbol has no copy\", false, 1]"
    );
    let body = "return app.echo(1, { s }).catch((error) => error.message)";
    let expected = "returned \"cannot send arguments[1].s: the stream is locked to a reader\"";
    assert_eq!(run(&mut runner, body), expected);
}

#[test]
fn functions_in_chunks_can_be_called() {
    let mut runner = Runner::with_script(EVAL);
    sent(&mut runner, "ReadableStream.from([{ f: (x) => x + 1 }])");
    credit(&mut runner, 1, WINDOW);
    let chunk = next(&mut runner);
    let id = chunk.trim_start_matches("data 1 {f: function#").trim_end_matches('}').parse().unwrap();
    says(&mut runner, &["end 1"]);
    let call = runner.call(Target::Function(id), &[0x91, 41]);
    assert_eq!(runner.returned(call), "42");
}

#[test]
fn a_source_that_never_ends_a_turn_fails_when_it_is_stopped() {
    let mut runner = Runner::with_script(EVAL);
    // So many lines are written before the turn ends.
    let source = "{ async *[Symbol.asyncIterator]() {
        for (let n = 0; n < 40; n += 1) console.log('x'.repeat(8000));
        for (;;);
    } }";
    sent(&mut runner, source);
    credit(&mut runner, 1, 1);
    assert!(next(&mut runner).starts_with("Info"));
    runner.page.request_stop(runner.page.pulse().turn);
    let end = loop {
        let said = next(&mut runner);
        if !said.starts_with("Info") {
            break said;
        }
    };
    let expected = "end 1 Error{name: \"Interrupted\", message: \"the turn was stopped by the host\"";
    assert_eq!(end, expected);
    assert_eq!(runner.silence(), None, "it was told");
}

#[test]
fn a_host_that_gives_too_much_credit_or_for_nothing_is_refused() {
    let refused = |message: Message, expected: &str| {
        let mut runner = Runner::with_script(EVAL);
        sent(&mut runner, "ReadableStream.from([1])");
        runner.send(&message);
        match runner.expect("Reject").message() {
            Message::Reject { text, why } => {
                assert!(matches!(why, Refusal::Order | Refusal::Limit));
                assert_eq!(text, expected);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(runner.end().1, Cause::Protocol);
    };
    let window = "Credit for stream 1 beyond its window of 262144 bytes";
    refused(Message::Credit { stream: Some(1), amount: WINDOW + 1 }, window);
    refused(Message::Credit { stream: Some(1), amount: u64::MAX }, window);
    refused(Message::Credit { stream: Some(2), amount: 1 }, "Credit for stream 2, which was never opened");
    refused(Message::StreamStop { id: 7 }, "StreamStop for stream 7, which was never opened");
}

// -- Receiving ---------------------------------------------------------------------------------------------------------

/// Calls a function of the plugin with the stream 1.
fn give(runner: &mut Runner, function: &str) {
    runner.call(Target::Export("call"), &arguments(function, Some(1)));
}

fn data(runner: &mut Runner, value: &[u8]) {
    runner.send(&Message::StreamData { id: 1, data: value });
}

#[test]
fn a_stream_of_the_host_is_read_to_its_end() {
    let mut runner = Runner::with_script(EVAL);
    give(&mut runner, "async (s) => { const out = []; for await (const v of s) out.push(v); return out }");
    says(&mut runner, &["credit 1 262144"]);
    data(&mut runner, &text("a"));
    data(&mut runner, &[0x91, 1]);
    runner.send(&Message::StreamEnd { id: 1, error: None });
    says(&mut runner, &["returned [\"a\", [1]]"]);
    assert_eq!(runner.silence(), None);
}

#[test]
fn credit_is_given_back_for_what_was_read_and_not_for_what_arrived() {
    let mut runner = Runner::with_script(EVAL);
    give(&mut runner, "(s) => { globalThis.reader = s.getReader() }");
    says(&mut runner, &["returned undefined"]);
    assert_eq!(runner.silence(), None, "nothing is asked for before somebody reads");
    assert_eq!(run(&mut runner, "reader.read()"), "credit 1 262144");
    says(&mut runner, &["returned undefined"]);
    let chunk = text(&"x".repeat(50_000));
    for _ in 0..5 {
        data(&mut runner, &chunk);
    }
    assert_eq!(runner.silence(), None, "one chunk was read, four wait");
    assert_eq!(run(&mut runner, "return (await reader.read()).value.length"), "returned 50000");
    assert_eq!(run(&mut runner, "return (await reader.read()).value.length"), "credit 1 150009");
    says(&mut runner, &["returned 50000"]);
}

#[test]
fn whoever_reads_no_further_stops_the_host() {
    for (function, credit) in [
        ("async (s) => { for await (const v of s) break; return 1 }", true),
        ("async (s) => { const r = s.getReader(); await r.read(); await r.cancel(); return 1 }", true),
        ("async (s) => { await s.cancel(); return 1 }", false),
        ("async (s) => 1", false),
        (
            "async (s) => { globalThis.s = s; await tick(); s = null; delete globalThis.s; await tick(); return 1 }",
            false,
        ),
    ] {
        let mut runner = Runner::with_script(EVAL);
        give(&mut runner, function);
        if credit {
            says(&mut runner, &["credit 1 262144"]);
            data(&mut runner, &text("a"));
        }
        let mut said = Vec::new();
        while said.len() < 2 {
            match next(&mut runner) {
                wake if wake.starts_with("WakeAfter Some") => runner.send(&Message::Wake { now_us: None }),
                wake if wake.starts_with("WakeAfter") => {}
                other => said.push(other),
            }
        }
        said.sort();
        assert_eq!(said, ["returned 1", "stop 1"], "{function}");
        if credit {
            // The host has not heard of it yet.
            data(&mut runner, &text("b"));
        }
        runner.send(&Message::StreamEnd { id: 1, error: None });
        assert_eq!(runner.silence(), None);
    }
}

#[test]
fn chunks_that_arrive_while_the_plugin_waits_are_read_afterwards() {
    let limits = Limits { queued_bytes: 1_000, ..Limits::default() };
    let mut runner =
        Runner::with_script_and(&Options { blocking: &["echo"], limits, ..Options::default() }, EVAL);
    give(
        &mut runner,
        "async (s) => {
           const r = s.getReader(); const first = r.read(); const answer = app.echo('waits');
           return [answer, (await first).value.length, (await r.read()).value, (await r.read()).done];
         }",
    );
    says(&mut runner, &["credit 1 262144"]);
    let (call, _, _) = runner.expect_call();
    data(&mut runner, &text(&"x".repeat(2_000)));
    data(&mut runner, &text("y"));
    runner.send(&Message::StreamEnd { id: 1, error: None });
    runner.answer(call, &[7]);
    says(&mut runner, &["returned [7, 2000, \"y\", true]"]);
    assert_eq!(runner.silence(), None);
}

#[test]
fn an_error_of_the_host_is_thrown_where_the_plugin_reads() {
    let mut runner = Runner::with_script(EVAL);
    give(
        &mut runner,
        "async (s) => { const out = []; try { for await (const v of s) out.push(v) } catch (e) { return [out, e.message] } }",
    );
    says(&mut runner, &["credit 1 262144"]);
    data(&mut runner, &[1]);
    let mut error = Vec::new();
    Writer::new(&mut error).extension(form::ERROR, b"\x82\xa4name\xa5Error\xa7message\xa5burnt");
    runner.send(&Message::StreamEnd { id: 1, error: Some(&error) });
    says(&mut runner, &["returned [[1], \"burnt\"]"]);
}

#[test]
fn a_stream_goes_on_to_the_host() {
    let mut runner = Runner::with_script(EVAL);
    give(&mut runner, "(s) => s");
    says(&mut runner, &["returned stream#1"]);
    credit(&mut runner, 1, WINDOW);
    says(&mut runner, &["credit 1 262144"]);
    data(&mut runner, &text("there and back"));
    says(&mut runner, &["data 1 \"there and back\""]);
    runner.send(&Message::StreamStop { id: 1 });
    let mut said = [next(&mut runner), next(&mut runner)];
    said.sort();
    assert_eq!(said, ["end 1", "stop 1"]);
}

#[test]
fn a_host_that_breaks_the_rules_of_its_streams_is_refused() {
    let refused = |function: &str, messages: &[Message], expected: &str| {
        let mut runner = Runner::with_script(EVAL);
        give(&mut runner, function);
        for message in messages {
            runner.send(message);
        }
        loop {
            match runner.next().message() {
                Message::Reject { text, .. } => break assert_eq!(text, expected),
                Message::Credit { .. } | Message::Return { .. } => {}
                other => panic!("{}", describe(&other)),
            }
        }
        assert_eq!(runner.end().1, Cause::Protocol);
    };
    let keeps = "(s) => { globalThis.s = s }";
    let reads = "(s) => { globalThis.r = s.getReader(); r.read() }";
    let one = || Message::StreamData { id: 1, data: &[1] };
    refused(keeps, &[one()], "StreamData for stream 1 beyond its credit");
    refused(
        keeps,
        &[Message::StreamData { id: 2, data: &[1] }],
        "StreamData for stream 2, which is not open",
    );
    let end = || Message::StreamEnd { id: 1, error: None };
    refused(keeps, &[end(), end()], "StreamEnd for stream 1, which is not open");
    refused(reads, &[end(), one()], "StreamData for stream 1, which is not open");
    let long = text(&"x".repeat(STREAM_WINDOW / 2));
    let data = || Message::StreamData { id: 1, data: &long };
    refused(reads, &[data(), data(), data(), data()], "StreamData for stream 1 beyond its credit");
    let longest = text(&"x".repeat(STREAM_WINDOW));
    let words =
        format!("a chunk of {} bytes in stream 1; at most {STREAM_WINDOW} are allowed", longest.len());
    refused(reads, &[Message::StreamData { id: 1, data: &longest }], &words);
    let args = arguments("(s) => 1", Some(1));
    let again = Message::Call {
        id: 9,
        target: Target::Export("call"),
        args: &args,
        deadline_us: None,
        parent: None,
        blocking: false,
        trace: None,
    };
    refused(keeps, &[again], "stream 1 is introduced a second time");
}

#[test]
fn sixty_four_mebibytes_pass_through_an_arena_of_eight() {
    let options = Options { memory: 8 << 20, ..Options::default() };
    let mut runner = Runner::with_script_and(&options, EVAL);
    give(
        &mut runner,
        "(s) => new ReadableStream({
           start() { this.from = s.getReader() },
           async pull(c) { const { value, done } = await this.from.read(); if (done) c.close(); else c.enqueue(value) },
         })",
    );
    let chunk = {
        let mut bytes = Vec::new();
        Writer::new(&mut bytes).bytes(&vec![7; 60_000]);
        bytes
    };
    const CHUNKS: usize = (64 << 20) / 60_000;
    let (mut room, mut sent, mut back) = (0, 0, 0);
    loop {
        while 0 < room && sent < CHUNKS {
            data(&mut runner, &chunk);
            room -= chunk.len() as i64;
            sent += 1;
            if sent == CHUNKS {
                runner.send(&Message::StreamEnd { id: 1, error: None });
            }
        }
        match runner.next().message() {
            Message::Credit { stream: Some(1), amount } => room += amount as i64,
            Message::StreamData { id: 1, data } => {
                assert_eq!(data.len(), chunk.len());
                back += 1;
                let amount = data.len() as u64;
                credit(&mut runner, 1, amount);
            }
            Message::StreamEnd { id: 1, error } => break assert_eq!(error.map(show), None),
            Message::Return { .. } => credit(&mut runner, 1, WINDOW),
            other => panic!("{}", describe(&other)),
        }
    }
    assert_eq!(back, CHUNKS);
}

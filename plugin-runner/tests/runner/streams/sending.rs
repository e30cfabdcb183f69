//! Streams that the plugin sends.

use super::*;
use plughold_protocol::exit::Cause;
use plughold_protocol::limits;
use plughold_protocol::record::Refusal;

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
    // Each takes ten bytes, and what keeping it takes; the last one takes the credit below zero.
    let chunk = 10 + limits::STREAM_CHUNK as u64;
    credit(&mut runner, 1, 2 * chunk + 5);
    says(&mut runner, &["data 1 \"xxxxxxxxx\""; 3]);
    assert_eq!(runner.silence(), None);
    assert_eq!(run(&mut runner, "return log"), "returned [0, 1, 2]");
    credit(&mut runner, 1, chunk - 5);
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
                let owed = (data.len() + limits::STREAM_CHUNK) as u64;
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

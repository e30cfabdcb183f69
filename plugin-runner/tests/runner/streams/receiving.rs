//! Streams of the host that the plugin reads.

use super::*;
use crate::harness::Options;
use plughold_protocol::exit::Cause;
use plughold_protocol::limits;
use plughold_protocol::record::Limits;

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
    assert_eq!(run(&mut runner, "return (await reader.read()).value.length"), "credit 1 150393");
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
        "async (s) => { const out = []; try { for await (const v of s) out.push(v) } catch (e) { return [out, e.message, e.stack] } }",
    );
    says(&mut runner, &["credit 1 262144"]);
    data(&mut runner, &[1]);
    let mut error = Vec::new();
    Writer::new(&mut error).extension(form::ERROR, b"\x82\xa4name\xa5Error\xa7message\xa5burnt");
    runner.send(&Message::StreamEnd { id: 1, error: Some(&error) });
    says(&mut runner, &["returned [[1], \"burnt\", \"    at <anonymous> (<input>:1:72)\"]"]);
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
            room -= (chunk.len() + limits::STREAM_CHUNK) as i64;
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
                let amount = (data.len() + limits::STREAM_CHUNK) as u64;
                credit(&mut runner, 1, amount);
            }
            Message::StreamEnd { id: 1, error } => break assert_eq!(error.map(show), None),
            Message::Return { .. } => credit(&mut runner, 1, WINDOW),
            other => panic!("{}", describe(&other)),
        }
    }
    assert_eq!(back, CHUNKS);
}

//! Every way in which the process ends, with its exit code, its cause and its words.

use crate::harness::{Options, Runner, describe};
use plughold_protocol::exit::Cause;
use plughold_protocol::record::{ApiTable, ClockMode, Limits, Outcome, Refusal, Target};
use plughold_protocol::{Message, limits, version};
use plughold_wire::frame::{Head, Lane};

const NO_ARGUMENTS: &[u8] = &[0x90];

fn hello<'a>(protocol: u32, token: &'a [u8]) -> Message<'a> {
    Message::Hello {
        protocol,
        features: Vec::new(),
        token,
        plugin: "test",
        generation: 1,
        seed: 0,
        time_zone: None,
        clock: ClockMode::Real,
        clock_start_us: 0,
        api: ApiTable { global: "app", functions: Vec::new() },
        limits: Limits::default(),
        random: &[0; 32],
    }
}

/// Sends something that the runner cannot accept; gives its `Reject` and checks its end.
fn rejected(mut runner: Runner, bytes: &[u8]) -> String {
    runner.send_raw(bytes);
    rejection(runner)
}

fn rejection(mut runner: Runner) -> String {
    let text = match runner.expect("Reject").message() {
        Message::Reject { why, text } => format!("{why:?}: {text}"),
        other => panic!("{other:?}"),
    };
    assert!(runner.try_next().is_none());
    let (code, cause, words) = runner.end();
    assert_eq!((code, cause), (Some(73), Cause::Protocol));
    assert_eq!(text.split_once(": ").unwrap().1, words);
    text
}

fn frame(body: &[u8]) -> Vec<u8> {
    let head = Head { length: body.len(), lane: Lane::Direct, more: false };
    [&head.to_bytes()[..], body].concat()
}

#[test]
fn a_stopped_plugin_ends_in_order() {
    let mut runner = Runner::with_script(
        "exports.deactivate = async () => { await app.echo('bye'); console.log('closed') };
        exports.give = () => () => 1;",
    );
    runner.call_export("give", NO_ARGUMENTS);
    runner.send(&Message::Stop { grace_us: 1_000_000, want_state: true });
    let (id, text) = runner.call_text();
    assert_eq!(text, "0[\"bye\"]");
    runner.answer(id, &[0xc0]);
    runner.expect("Log");
    match runner.expect("Stopped").message() {
        Message::Stopped { state, leaked, error } => assert_eq!((state, leaked, error), (None, 1, None)),
        other => panic!("{other:?}"),
    }
    assert!(runner.try_next().is_none());
    assert_eq!(runner.end(), (Some(0), Cause::Stopped, String::new()));
}

#[test]
fn a_deactivation_that_fails_is_reported_and_ends_all_the_same() {
    let mut runner = Runner::with_script("exports.deactivate = () => { throw new Error('no') }");
    runner.send(&Message::Stop { grace_us: 0, want_state: false });
    assert!(describe(&runner.expect("Uncaught").message()).contains("\"no\""));
    runner.expect("Stopped");
    assert_eq!(runner.end().0, Some(0));
}

#[test]
fn a_runner_without_a_plugin_can_be_stopped() {
    assert_eq!(Runner::start(&Options::default()).stop().0, Some(0));
}

#[test]
fn a_closed_socket_ends_the_runner() {
    let expected = (Some(74), Cause::HostGone, "the socket was closed".to_owned());
    assert_eq!(Runner::spawn(&Options::default()).hang_up(), expected);
    assert_eq!(Runner::start(&Options::default()).hang_up(), expected);
    assert_eq!(Runner::with_script("setInterval(() => 0, 1)").hang_up().1, Cause::HostGone);
}

#[test]
fn what_cannot_be_understood_is_refused() {
    let start = || Runner::start(&Options::default());
    let check = |bytes: &[u8], expected: &str| assert_eq!(rejected(start(), bytes), expected);
    check(
        &[0xff; 64],
        "Malformed: the host sent a frame of 4294967295 bytes; at least 1 and at most 4194304 are allowed",
    );
    check(&frame(&[0xc1]), &rejected(start(), &frame(&[0xc1])));
    check(&frame(&[0x91, 0x7f]), &rejected(start(), &frame(&[0x91, 0x7f])));
    let say = |message: &Message, expected: &str| {
        let mut runner = start();
        runner.send(message);
        assert_eq!(rejection(runner), expected);
    };
    say(&Message::WakeAfter { delay_us: None }, "Order: a host may not send WakeAfter");
    say(&hello(version::CURRENT, &[0; 16]), "Order: Hello is not expected now");
    say(&Message::Module { id: 1, source: None, error: None }, "Order: Module is not expected now");
    say(&Message::StreamEnd { id: 1, error: None }, "Order: StreamEnd for stream 1, which is not open");
    say(
        &Message::Credit { stream: Some(1), amount: 1 },
        "Order: Credit for stream 1, which was never opened",
    );
    say(
        &Message::Return { id: 1, outcome: Outcome::Returned(&[0xc0]), spent_us: 0 },
        "Order: a Return for the unknown call 1",
    );
    say(
        &Message::Notify { target: Target::Service("x"), args: NO_ARGUMENTS, parent: None },
        "Order: a call of something that a runner does not have",
    );
    say(
        &Message::Notify { target: Target::Function(1), args: &[0xc0], parent: None },
        "Malformed: expected an array of arguments",
    );
    say(
        &Message::Notify {
            target: Target::Function(1),
            args: &[0x91, 0xd7, 2, 0, 0, 0, 0, 0, 0, 0, 0],
            parent: None,
        },
        "Malformed: an extension of kind 2 with a payload of 8 bytes",
    );
    say(
        &Message::Notify { target: Target::Function(1), args: &[0x91; 65], parent: None },
        "Malformed: a value nested deeper than 64",
    );
    say(
        &Message::Release { references: vec![plughold_protocol::record::Released { id: 5, count: 1 }] },
        "Order: a release of 1 for the reference 5, which is held 0 times",
    );
}

#[test]
fn a_host_that_does_not_fit_is_refused() {
    let say = |message: &Message, expected: &str| {
        let mut runner = Runner::spawn(&Options::default());
        runner.send(message);
        assert_eq!(rejection(runner), expected);
    };
    say(&hello(99, &[0; 16]), "Version: this runner speaks version 1 of the protocol, the host 99");
    say(&hello(version::CURRENT, &[0; 3]), "Token: expected a token of 16 bytes, found 3 bytes");
    say(&Message::Ping { nonce: 1 }, "Order: expected Hello, found Ping");
}

#[test]
fn a_second_call_with_the_same_id_is_refused() {
    let mut runner = Runner::with_script("exports.run = () => app.echo()");
    runner.call(Target::Export("run"), NO_ARGUMENTS);
    runner.expect_call();
    runner.send(&Message::Call {
        id: 1,
        target: Target::Export("run"),
        args: NO_ARGUMENTS,
        deadline_us: None,
        parent: None,
        blocking: false,
        trace: None,
    });
    assert_eq!(rejection(runner), "Order: a second call 1 before the first was answered");
}

#[test]
fn a_host_that_refuses_ends_the_runner() {
    let mut runner = Runner::start(&Options::default());
    runner.send(&Message::Reject { why: Refusal::Feature, text: "no modules" });
    assert!(runner.try_next().is_none());
    assert_eq!(runner.end(), (Some(73), Cause::Protocol, "the host refused: no modules".to_owned()));
}

#[test]
fn a_plugin_that_wants_all_memory_ends_with_its_cause() {
    for bomb in [
        "const all = []; for (;;) all.push(new Array(1000).fill({}))",
        "const all = []; for (;;) all.push('x'.repeat(1 << 16) + all.length)",
        "const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1))",
        "const all = []; const f = () => { for (;;) all.push(() => all) }; f()",
    ] {
        let options = Options { memory: 16 << 20, ..Options::default() };
        let mut runner = Runner::with_script_and(&options, &format!("exports.run = () => {{ {bomb} }}"));
        runner.call(Target::Export("run"), NO_ARGUMENTS);
        assert!(runner.try_next().is_none(), "{bomb}");
        let (code, cause, words) = runner.end();
        assert_eq!((code, cause), (Some(71), Cause::OutOfMemory), "{bomb}: {words}");
        assert_eq!(words, "the plugin used its 16 MiB", "{bomb}");
    }
}

#[test]
fn memory_that_a_plugin_can_do_without_is_its_own_matter() {
    let options = Options { memory: 16 << 20, ..Options::default() };
    let mut runner = Runner::with_script_and(
        &options,
        "exports.run = () => { try { return new Uint8Array(1e9).length } catch { return 'too much' } };",
    );
    assert_eq!(runner.call_export("run", NO_ARGUMENTS), "\"too much\"");
    assert_eq!(runner.call_export("run", NO_ARGUMENTS), "\"too much\"");
}

#[test]
fn memory_that_a_plugin_did_without_is_not_its_end() {
    for (body, expected) in [
        (
            "try { new Uint8Array(2 ** 30) } catch {} throw new Error('plain failure')",
            "threw Error{name: \"Error\", message: \"plain failure\"",
        ),
        (
            "try { const all = []; for (;;) all.push(new Uint8Array(1 << 20)) } catch {} throw new Error('plain failure')",
            "threw Error{name: \"Error\", message: \"plain failure\"",
        ),
        (
            "try { const all = []; for (;;) all.push(new Uint8Array(1 << 20)) } catch {} throw undefined",
            "threw undefined",
        ),
        (
            "try { const all = []; for (;;) all.push(new Uint8Array(1 << 20)) } catch {} return 'done without'",
            "\"done without\"",
        ),
        // More than there could ever be takes nothing from what there is.
        ("new Uint8Array(2 ** 30)", "threw Error{name: \"InternalError\", message: \"out of memory\""),
        ("throw null", "threw null"),
    ] {
        let mut runner =
            Runner::with_script(&format!("exports.run = () => {{ {body} }}; exports.two = () => 2"));
        let ended = runner.call_export("run", NO_ARGUMENTS);
        assert!(ended.starts_with(expected), "{body}: {ended}");
        assert_eq!(runner.call_export("two", NO_ARGUMENTS), "2");
    }
}

#[test]
fn a_promise_that_cannot_be_settled_ends_the_process() {
    let options = Options { memory: 8 << 20, ..Options::default() };
    // Memory of every size is used up, so that there is none for the job that would go on.
    let mut runner = Runner::with_script_and(
        &options,
        "const texts = new Array(20_000).fill(0);
        let count = 0;
        exports.run = () => {
            app.echo().then(() => app.echo('settled'));
            for (let size = 4096; 1 <= size; size = size < 300 ? size - 1 : size >> 1) {
                try { for (;;) texts[count++] = 'x'.repeat(size) } catch {}
            }
        }",
    );
    let id = runner.call(Target::Export("run"), NO_ARGUMENTS);
    let (echo, _, _) = runner.expect_call();
    assert_eq!(runner.returned(id), "undefined");
    runner.answer(echo, &[0x01]);
    let said = runner.try_next().map(|received| describe(&received.message()));
    assert_eq!(said, None, "the promise would be pending for ever");
    let expected = (Some(71), Cause::OutOfMemory, "the plugin used its 8 MiB".to_owned());
    assert_eq!(runner.end(), expected);
}

#[test]
fn deep_recursion_is_an_error_of_the_plugin() {
    let mut runner = Runner::with_script(
        "exports.run = () => { const f = () => f() + 1; try { f() } catch (error) { return error.name } }",
    );
    assert_eq!(runner.call_export("run", NO_ARGUMENTS), "\"RangeError\"");
}

#[test]
fn a_runner_that_no_host_prepared_does_not_start() {
    let options = Options { memory: 5, ..Options::default() };
    let mut runner = Runner::spawn(&options);
    assert!(runner.try_next().is_none());
    let (code, cause, words) = runner.end();
    assert_eq!((code, cause), (Some(75), Cause::Setup));
    assert!(words.starts_with("expected an arena of "), "{words}");
    let smallest = Options { memory: limits::MEMORY_MIN, ..Options::default() };
    assert_eq!(Runner::start(&smallest).stop().0, Some(0), "the smallest arena holds a runner");
}

//! What a plugin leaves to its next generation, and what that gets.

use crate::harness::{Options, Runner, describe, show};
use plughold_protocol::Message;
use plughold_protocol::exit::Cause;
use plughold_protocol::limits;
use plughold_protocol::pack::Writer;
use plughold_protocol::record::{Source, SourceKind};

const NO_ARGUMENTS: &[u8] = &[0x90];

/// What the runner says of the state: a value, `nothing`, or what it cannot hand over.
fn kept(state: Option<&[u8]>, error: Option<&[u8]>) -> String {
    match (state, error) {
        (None, None) => "nothing".to_owned(),
        (Some(state), None) => show(state),
        (None, Some(error)) => format!("threw {}", show(error)),
        both => panic!("{both:?}"),
    }
}

fn suspended(runner: &mut Runner, asked: u64) -> String {
    match runner.expect("Suspended").message() {
        Message::Suspended { id, state, error } => {
            assert_eq!(id, asked);
            kept(state, error)
        }
        other => panic!("{other:?}"),
    }
}

fn suspend(runner: &mut Runner, id: u64) -> String {
    runner.send(&Message::Suspend { id });
    suspended(runner, id)
}

fn stopped(runner: &mut Runner) -> String {
    match runner.expect("Stopped").message() {
        Message::Stopped { state, error, .. } => kept(state, error),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plugin_leaves_what_suspend_gives() {
    let check = |suspend_body: &str, expected: &str| {
        let mut runner = Runner::with_script(&format!("let n = 7; exports.suspend = {suspend_body};"));
        assert_eq!(suspend(&mut runner, 1), expected, "{suspend_body}");
        runner.send(&Message::Stop { grace_us: 30_000_000, want_state: true });
        assert_eq!(stopped(&mut runner), expected, "{suspend_body}");
        assert_eq!(runner.end(), (Some(0), Cause::Stopped, String::new()));
    };
    check("() => ({ n, list: [1, 'two', null] })", r#"{n: 7, list: [1, "two", null]}"#);
    check("async () => n", "7");
    check("() => ({ then: done => done(n) })", "7");
    check("() => null", "null");
    check("() => undefined", "nothing");
    check("function () { return typeof this.suspend }", r#""function""#);
    check("'no function'", "nothing");
}

#[test]
fn what_ends_with_the_process_is_refused_with_its_path() {
    let check = |state: &str, expected: &str| {
        let mut runner = Runner::with_script(&format!("exports.suspend = () => ({state});"));
        let text = suspend(&mut runner, 1);
        assert!(text.contains(&format!("message: \"{expected}\"")), "{text}");
        assert!(runner.ledger.borrowed.is_empty(), "nothing was given to the host");
        assert_eq!(runner.silence(), None);
    };
    check("() => 1", "cannot hand over state: a function ends with its process");
    check("{ a: [0, { run() {} }] }", "cannot hand over state.a[1].run: a function ends with its process");
    check("{ of: app.echo }", "cannot hand over state.of: a function ends with its process");
    check("new class Thing {}", "cannot hand over state: an instance of a class ends with its process");
    check("{ all: (async function* () {})() }", "cannot hand over state.all: a stream ends with its process");
    check("{ s: Symbol() }", "cannot send state.s: a symbol has no copy");
    check(
        "{ signal: new AbortController().signal }",
        "cannot send state.signal: an AbortSignal outside of the arguments of a call has no copy",
    );
    check("{ text: 'x'.repeat(1 << 20) }", "cannot send state: more than 1048576 bytes");
    check("(x => { x.x = x; return x })({})", "cannot send state.x: state.x is its own ancestor");
}

#[test]
fn a_state_may_be_as_long_as_the_bound_says() {
    const HEAD: usize = 5;
    let most = limits::STATE - HEAD;
    let check = |length: usize, is_kept: bool| {
        let mut runner = Runner::with_script(&format!("exports.suspend = () => 'x'.repeat({length});"));
        runner.send(&Message::Suspend { id: 1 });
        match runner.expect("Suspended").message() {
            Message::Suspended { state, .. } => {
                assert_eq!(state.map(<[u8]>::len), is_kept.then_some(length + HEAD));
            }
            other => panic!("{other:?}"),
        }
    };
    check(most, true);
    check(most + 1, false);
}

#[test]
fn a_plugin_that_is_asked_goes_on() {
    let mut runner = Runner::with_script(
        "let n = 0; exports.add = () => ++n; exports.suspend = () => { if (n === 2) throw new Error('not now'); return n };",
    );
    assert_eq!(suspend(&mut runner, 1), "0");
    assert_eq!(runner.call_export("add", NO_ARGUMENTS), "1");
    assert_eq!(suspend(&mut runner, 2), "1");
    assert_eq!(runner.call_export("add", NO_ARGUMENTS), "2");
    let text = suspend(&mut runner, 3);
    assert!(text.contains("not now") && text.contains("main.js:1:"), "{text}");
    assert_eq!(runner.call_export("add", NO_ARGUMENTS), "3");
    assert_eq!(suspend(&mut runner, 4), "3");
}

#[test]
fn questions_are_answered_when_their_promises_are_settled() {
    let mut runner = Runner::with_script("exports.suspend = () => app.echo('wait');");
    runner.send(&Message::Suspend { id: 5 });
    let (first, _) = runner.call_text();
    runner.send(&Message::Suspend { id: 6 });
    let (second, _) = runner.call_text();
    assert_eq!(runner.silence(), None);
    runner.answer(second, &[2]);
    assert_eq!(suspended(&mut runner, 6), "2");
    runner.answer(first, &[1]);
    assert_eq!(suspended(&mut runner, 5), "1");
}

#[test]
fn whoever_is_not_active_has_no_state() {
    let mut runner = Runner::start(&Options::default());
    assert_eq!(suspend(&mut runner, 1), "nothing");
    runner.load("native", SourceKind::Script, "exports.suspend = () => 1; throw new Error('no')");
    runner.expect("Failed");
    assert_eq!(suspend(&mut runner, 2), "nothing");
    runner.send(&Message::Stop { grace_us: 30_000_000, want_state: true });
    assert_eq!(stopped(&mut runner), "nothing");
}

#[test]
fn a_plugin_is_deactivated_after_it_gave_its_state() {
    let check = |suspend_body: &str, expected: &str| {
        let mut runner = Runner::with_script(&format!(
            "exports.suspend = {suspend_body}; exports.deactivate = () => console.log('bye');"
        ));
        runner.send(&Message::Stop { grace_us: 30_000_000, want_state: true });
        let log = describe(&runner.expect("Log").message());
        assert!(log.starts_with("Info bye"), "{log}");
        let text = stopped(&mut runner);
        assert!(text.contains(expected), "{text}");
        assert_eq!(runner.end().0, Some(0));
    };
    check("() => 1", "1");
    check("() => { throw new Error('no state') }", "no state");
    check("async () => { throw new Error('no state') }", "no state");
}

#[test]
fn a_state_that_is_not_wanted_is_not_asked_for() {
    let mut runner = Runner::with_script("exports.suspend = () => console.log('asked');");
    runner.send(&Message::Stop { grace_us: 30_000_000, want_state: false });
    assert_eq!(stopped(&mut runner), "nothing");
}

#[test]
fn a_state_that_does_not_come_leaves_half_of_the_grace_for_the_end() {
    let mut runner = Runner::with_script(
        "exports.suspend = () => new Promise(() => 0); exports.deactivate = () => app.echo('bye');",
    );
    runner.send(&Message::Stop { grace_us: 2_000, want_state: true });
    let wake = runner.expect("WakeAfter");
    assert!(matches!(wake.message(), Message::WakeAfter { delay_us: Some(delay_us) } if delay_us <= 1_000));
    // A wake-up that comes early finds nothing due, and another is asked for.
    let (id, text) = loop {
        runner.send(&Message::Wake { now_us: None });
        let received = runner.next();
        match received.message() {
            Message::WakeAfter { .. } => {}
            Message::Call { id, args, .. } => break (id, show(args)),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(text, r#"["bye"]"#);
    runner.answer(id, &[0xc0]);
    let text = loop {
        let received = runner.next();
        match received.message() {
            Message::Stopped { state, error, .. } => break kept(state, error),
            Message::WakeAfter { .. } => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(text.contains("suspend did not end within 1 ms") && text.contains("E_DEADLINE"), "{text}");
    assert_eq!(runner.end().0, Some(0));
}

#[test]
fn the_next_generation_gets_the_state() {
    let check = |state: Option<&[u8]>, expected: &str| {
        let mut runner = Runner::start(&Options::default());
        let text =
            "exports.activate = (ctx, ...rest) => app.echo(rest, 'state' in ctx, ctx.state === rest[0])";
        runner.send(&Message::Load {
            prelude: "native",
            source: Source { name: "main.js", kind: SourceKind::Script, text },
            manifest: &[0x80],
            grants: Vec::new(),
            state,
        });
        assert_eq!(runner.call_text().1, expected);
    };
    check(None, "0[[], false, true]");
    check(Some(&[7]), "0[[7], true, true]");
    check(Some(&[0xc0]), "0[[null], true, true]");
    let mut map = Vec::new();
    let mut out = Writer::new(&mut map);
    out.map(1);
    out.text("open");
    out.bool(true);
    check(Some(&map), "0[[{open: true}], true, true]");
}

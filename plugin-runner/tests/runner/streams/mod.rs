//! Streams of both directions, against a host that says what the test wants. The classes that a plugin sees have a table
//! of their own, among the globals.

mod hostile;
mod receiving;
mod sending;

use crate::harness::{Runner, describe, show};
use plughold_protocol::Message;
use plughold_protocol::limits::STREAM_WINDOW;
use plughold_protocol::pack::Writer;
use plughold_protocol::record::{Outcome, Target};
use plughold_protocol::value as form;

pub(super) const EVAL: &str = "
    exports.run = (text) => (0, eval)(`(async () => { ${text} })()`);
    exports.call = (text, ...rest) => (0, eval)(text)(...rest);
    globalThis.log = [];
    globalThis.tick = () => new Promise((resolve) => setTimeout(resolve));
";

/// The whole window, as a first credit.
pub(super) const WINDOW: u64 = STREAM_WINDOW as u64;

/// The arguments `[text, stream]`, or without the stream.
pub(super) fn arguments(text: &str, stream: Option<u64>) -> Vec<u8> {
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
pub(super) fn text(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    Writer::new(&mut bytes).text(text);
    bytes
}

/// The next message as text.
pub(super) fn next(runner: &mut Runner) -> String {
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
pub(super) fn headline(error: &[u8]) -> String {
    let text = show(error);
    let end = text.find(", stack:").unwrap_or(text.len());
    text[..end].to_owned()
}

#[track_caller]
pub(super) fn says(runner: &mut Runner, expected: &[&str]) {
    for expected in expected {
        assert_eq!(next(runner), *expected);
    }
}

/// Runs the body of an async function in the plugin and gives how it ended.
pub(super) fn run(runner: &mut Runner, body: &str) -> String {
    runner.call(Target::Export("run"), &arguments(body, None));
    loop {
        match next(runner) {
            wake if wake.starts_with("WakeAfter Some") => runner.send(&Message::Wake { now_us: None }),
            wake if wake.starts_with("WakeAfter None") => {}
            other => return other,
        }
    }
}

pub(super) fn check(body: &str, expected: &str) {
    let mut runner = Runner::with_script(EVAL);
    assert_eq!(run(&mut runner, body), format!("returned {expected}"), "{body}");
    assert_eq!(runner.silence(), None, "{body}");
}

/// Has the plugin call `app.echo(expression)`; gives the arguments as text.
pub(super) fn sent(runner: &mut Runner, expression: &str) -> String {
    runner
        .call(Target::Export("run"), &arguments(&format!("app.echo({expression}).catch(() => {{}})"), None));
    let (_, _, args) = runner.expect_call();
    says(runner, &["returned undefined"]);
    show(&args)
}

pub(super) fn credit(runner: &mut Runner, id: u64, amount: u64) {
    runner.send(&Message::Credit { stream: Some(id), amount });
}

/// Calls a function of the plugin with the stream 1.
pub(super) fn give(runner: &mut Runner, function: &str) {
    runner.call(Target::Export("call"), &arguments(function, Some(1)));
}

pub(super) fn data(runner: &mut Runner, value: &[u8]) {
    runner.send(&Message::StreamData { id: 1, data: value });
}

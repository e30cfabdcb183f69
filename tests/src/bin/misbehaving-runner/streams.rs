//! Streams against the rules. Three calls are in flight when it happens.

use crate::Behaviour;
use crate::runner::{NIL, Runner};
use plughold_protocol::message::Message;
use plughold_protocol::pack::Writer;
use plughold_protocol::record::Target;
use plughold_protocol::{limits, value};

/// A function of the host under test that takes a value and reads no stream in it.
const NOTE: Target = Target::Api(1);

pub(crate) const BEHAVIOURS: &[Behaviour] = &[
    ("stream-without-credit", |runner| {
        introduce(runner, [1]);
        send(runner, &[data(1)]);
    }),
    ("stream-of-nothing", |runner| {
        runner.three_calls();
        send(runner, &[data(7)]);
    }),
    ("stream-after-its-end", |runner| {
        introduce(runner, [1]);
        send(runner, &[Message::StreamEnd { id: 1, error: None }, data(1)]);
    }),
    ("stream-ends-twice", |runner| {
        introduce(runner, [1]);
        send(runner, &[Message::StreamEnd { id: 1, error: None }, Message::StreamEnd { id: 1, error: None }]);
    }),
    ("stream-introduced-twice", |runner| {
        introduce(runner, [1, 1]);
        runner.listen();
    }),
    ("stream-with-an-error-that-is-none", |runner| {
        introduce(runner, [1]);
        send(runner, &[Message::StreamEnd { id: 1, error: Some(&[0xc1]) }]);
    }),
    ("streams-too-many", |runner| {
        introduce(runner, 1..=limits::STREAMS as u64 + 1);
        runner.listen();
    }),
    ("stream-stopped-that-never-was", |runner| {
        runner.three_calls();
        send(runner, &[Message::StreamStop { id: 9 }]);
    }),
    ("stream-credit-for-nothing", |runner| {
        runner.three_calls();
        send(runner, &[Message::Credit { stream: Some(9), amount: 1 }]);
    }),
];

/// Calls with an array of streams.
fn introduce(runner: &mut Runner, ids: impl IntoIterator<Item = u64>) {
    runner.three_calls();
    let ids = Vec::from_iter(ids);
    let mut args = Vec::new();
    let mut writer = Writer::new(&mut args);
    writer.array(1);
    writer.array(ids.len());
    for id in ids {
        writer.extension(value::STREAM, &id.to_le_bytes());
    }
    runner.call(NOTE, &args);
}

fn data(id: u64) -> Message<'static> {
    Message::StreamData { id, data: NIL }
}

fn send(runner: &mut Runner, messages: &[Message]) {
    for message in messages {
        runner.peer.send(message).unwrap();
    }
    runner.listen();
}

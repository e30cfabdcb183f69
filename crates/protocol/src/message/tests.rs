use super::*;
use crate::record::{ApiFunction, SourceKind};

fn samples() -> Vec<Message<'static>> {
    vec![
        Message::Hello {
            protocol: 1,
            features: vec!["modules", "streams"],
            token: &[7; 16],
            plugin: "hello",
            generation: 3,
            seed: u64::MAX,
            time_zone: Some("Europe/Berlin"),
            clock: ClockMode::Virtual,
            clock_start_us: 5,
            api: ApiTable {
                global: "app",
                functions: vec![ApiFunction { path: "notes.search", blocking: false }],
            },
            limits: Limits::default(),
            random: &[9; 32],
        },
        Message::Load {
            prelude: "native",
            source: Source { name: "main.js", kind: SourceKind::Module, text: "export {}" },
            manifest: &[0x80],
            grants: vec!["notes.read"],
            state: None,
        },
        Message::Call {
            id: 1 << 40,
            target: Target::Method(9, "close"),
            args: &[0x90],
            deadline_us: Some(5_000_000),
            parent: None,
            blocking: true,
            trace: None,
        },
        Message::Return { id: 1, outcome: Outcome::Threw(&[0xc0]), spent_us: 12 },
        Message::Release { references: vec![Released { id: 4, count: 2 }] },
        Message::Log {
            level: LogLevel::Warn,
            text: "careful",
            place: Some(Place { file: "main.js", line: 3, column: 0 }),
        },
        Message::Locked { level: Level::D, layers: vec![] },
        Message::Reject { why: Refusal::Order, text: "no" },
        Message::Failed { stage: Stage::Evaluate, error: &[0xc0] },
        Message::Stopped { state: Some(&[0xc0]), leaked: 2, error: None },
        Message::Site { id: 7, stack: "    at f (main.js:3:7)" },
        Message::Suspended { id: 7, state: None, error: Some(&[0xc0]) },
    ]
}

#[test]
fn messages_come_home() {
    for message in samples() {
        let bytes = message.to_bytes();
        assert_eq!(Message::decode(&bytes).unwrap(), message);
    }
}

#[test]
fn a_message_cut_anywhere_is_an_error_and_not_a_panic() {
    for message in samples() {
        let bytes = message.to_bytes();
        for cut in 0..bytes.len() {
            assert!(Message::decode(&bytes[..cut]).is_err(), "{} cut at {cut}", message.name());
        }
    }
}

#[test]
fn later_fields_are_ignored_and_missing_ones_are_nil() {
    let mut longer = Vec::new();
    let mut out = Writer::new(&mut longer);
    out.array(5);
    out.unsigned(19);
    out.unsigned(5);
    out.nil();
    out.map(1);
    out.text("new");
    out.array(0);
    out.text("newer");
    assert_eq!(Message::decode(&longer).unwrap(), Message::Cancel { id: 5, why: None });

    let mut shorter = Vec::new();
    let mut out = Writer::new(&mut shorter);
    out.array(1);
    out.unsigned(41);
    assert_eq!(Message::decode(&shorter).unwrap(), Message::Wake { now_us: None });
}

#[track_caller]
fn refused(elements: &[&[u8]], expected: &str) {
    let bytes = elements.concat();
    assert_eq!(Message::decode(&bytes).unwrap_err().to_string(), expected);
}

#[test]
fn errors_name_the_message_and_the_field() {
    const CANCEL: u8 = 19;
    refused(&[&[0xc0]], "message: expected an array, found nil");
    refused(&[&[0x91, 99]], "unknown message 99");
    refused(&[&[0x92, CANCEL], b"\xa1x"], "Cancel.id: expected u64, found a string");
    refused(&[&[0x91, CANCEL]], "Cancel.id: expected u64, found nil");
    refused(&[&[0x92, CANCEL, 1, 0xc0]], "1 bytes after the end of the message");
    refused(&[&[0x92, 4, 17]], "Locked.level: 17 is not Level");
    refused(
        &[&[0x93, 16, 1, 0x92, 9, 0xc0]],
        "Call.target: expected a target: [0, index], [1, id], [2, id, name], [3, name], [4, id, name] or [5, name], found an \
         integer",
    );
    refused(
        &[&[0x92, 24, 0xdd, 0xff, 0xff, 0xff, 0xff]],
        "Release.references: 4294967295 is not at most 100,000 elements",
    );
    refused(
        &[&[0x92, 24, 0xdd, 0, 0, 0xff, 0xff]],
        "Release.references: the value ends early: 1 more bytes expected at offset 7",
    );
}

#[test]
fn numbers_and_names_are_unique_and_each_side_is_held_to_its_messages() {
    let numbers: std::collections::BTreeSet<u64> = Message::KINDS.iter().map(|kind| kind.number).collect();
    let names: std::collections::BTreeSet<&str> = Message::KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!((numbers.len(), names.len()), (Message::KINDS.len(), Message::KINDS.len()));
    assert!(!Message::Wake { now_us: None }.may_send(Role::Runner));
    assert!(Message::Cancel { id: 1, why: None }.may_send(Role::Runner));
}

//! `docs/protocol.md` and the code say the same.
//!
//! The tables between `<!-- begin NAME -->` and `<!-- end NAME -->` are written by this test when
//! `UPDATE_DOCUMENTS` is set, and compared otherwise.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold_protocol::exit::Cause;
use plughold_protocol::message::{Message, Role, Sender};
use plughold_protocol::record::{CODES, RECORDS};
use plughold_protocol::{limits, page, value, version};
use std::fmt::Write;
use std::path::Path;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/protocol.md");

type Fields = &'static [(&'static str, &'static str)];

#[test]
fn the_document_holds_the_tables_of_the_code() {
    let mut document = std::fs::read_to_string(Path::new(DOCUMENT)).unwrap();
    let before = document.clone();
    for (name, table) in [
        ("messages", messages()),
        ("records", records()),
        ("codes", codes()),
        ("values", values()),
        ("limits", limit_table()),
        ("exits", exits()),
        ("example", example()),
    ] {
        document = replaced(&document, name, &table);
    }
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(DOCUMENT, document).unwrap();
        return;
    }
    assert_eq!(
        before, document,
        "run the test with UPDATE_DOCUMENTS=1, then read what the change means to others"
    );
}

#[test]
fn the_document_names_the_version_and_the_features() {
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    assert!(document.contains(&format!("Version {} of the protocol", version::CURRENT)));
    for feature in version::IMPLEMENTED {
        assert!(document.contains(&format!("`{feature}`")), "{feature}");
    }
    assert!(document.contains(&format!("{} bytes", page::SIZE)));
}

fn replaced(document: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let from = document.find(&begin).unwrap_or_else(|| panic!("no {begin}")) + begin.len();
    let to = document.find(&end).unwrap_or_else(|| panic!("no {end}"));
    format!("{}{table}{}", &document[..from], &document[to..])
}

/// The type of a field as the document writes it: without lifetimes, references and paths.
fn type_words(rust: &str) -> String {
    let plain = rust.replace("'a", "").replace("& ", "").replace('&', "").replace("<>", "").replace(' ', "");
    match plain.strip_prefix("Option<").and_then(|rest| rest.strip_suffix('>')) {
        Some(inner) => format!("{}?", type_words(inner)),
        None => match plain.strip_prefix("Vec<").and_then(|rest| rest.strip_suffix('>')) {
            Some(inner) => format!("[{}]", type_words(inner)),
            None => plain.replace("str", "text").replace("[u8]", "bytes"),
        },
    }
}

fn field_words(fields: Fields) -> String {
    let words: Vec<String> =
        fields.iter().map(|(name, kind)| format!("`{name}`: {}", type_words(kind))).collect();
    words.join(", ")
}

fn messages() -> String {
    let mut table = "| number | message | from | fields by position |\n|---|---|---|---|\n".to_owned();
    for kind in Message::KINDS {
        let from = match kind.sender {
            Sender::Only(Role::Host) => "host",
            Sender::Only(Role::Runner) => "runner",
            Sender::Both => "both",
        };
        writeln!(table, "| {} | `{}` | {from} | {} |", kind.number, kind.name, field_words(kind.fields))
            .unwrap();
    }
    table
}

fn records() -> String {
    let mut table = "| record | fields by position |\n|---|---|\n".to_owned();
    for (name, fields) in RECORDS {
        writeln!(table, "| `{name}` | {} |", field_words(fields)).unwrap();
    }
    table
}

fn codes() -> String {
    let mut table = "| code | numbers |\n|---|---|\n".to_owned();
    for (name, codes) in CODES {
        let words: Vec<String> = codes.iter().map(|(name, number)| format!("{number} {name}")).collect();
        writeln!(table, "| `{name}` | {} |", words.join(", ")).unwrap();
    }
    table
}

fn values() -> String {
    let mut table = "| kind | what | payload |\n|---|---|---|\n".to_owned();
    for (kind, what, payload) in [
        (
            value::TIMESTAMP,
            "`Date`",
            "nanoseconds (u32) and seconds since 1970 (i64), big-endian: MessagePack's own form",
        ),
        (value::FUNCTION, "a function of the sender", "its event ID, u64 little-endian"),
        (
            value::OBJECT,
            "an object of the sender, by reference",
            "its event ID, u64 little-endian, then an array value of its class's name, the names of its methods, the names of its accessors, and `true` if its methods block",
        ),
        (value::STREAM, "a stream of the sender, a series of values", "its id, u64 little-endian"),
        (value::UNDEFINED, "`undefined`", "one byte, 0"),
        (value::BIGINT, "BigInt", "one byte, 1 when negative, then the magnitude little-endian"),
        (value::ERROR, "an error", "a map value: `name`, `message`, `stack`, `code`, `cause`, own fields"),
        (value::TYPED_ARRAY, "a typed array, a view or a buffer", "one byte for its type, then its bytes"),
        (value::MAP, "`Map`", "an array value of keys and values in turn"),
        (value::SET, "`Set`", "an array value"),
        (value::REGEXP, "`RegExp`", "an array value of source and flags"),
        (
            value::HOME,
            "a function or object of the *receiver* that comes home",
            "its event ID, u64 little-endian",
        ),
        (value::SIGNAL, "the abort signal of the call in whose arguments it stands", "one byte, 0"),
    ] {
        writeln!(table, "| {kind} | {what} | {payload} |").unwrap();
    }
    let types: Vec<String> =
        value::ARRAY_TYPES.iter().enumerate().map(|(number, name)| format!("{number} {name}")).collect();
    writeln!(table, "\nThe types of typed arrays: {}.", types.join(", ")).unwrap();
    table
}

fn limit_table() -> String {
    let mut table = "| bound | value |\n|---|---|\n".to_owned();
    for (what, value) in [
        ("one frame", bytes(limits::FRAME as u64)),
        ("a piece of a long message", bytes(limits::PIECE as u64)),
        ("one message", bytes(limits::MESSAGE as u64)),
        ("one `Load`", bytes(limits::LOAD as u64)),
        ("nesting of one value", limits::DEPTH.to_string()),
        ("elements of one value", limits::NODES.to_string()),
        ("live references in each direction", limits::REFERENCES.to_string()),
        ("calls in flight in each direction", limits::IN_FLIGHT.to_string()),
        (
            "calls that wait in the runner",
            format!("{} or {}", limits::QUEUED_CALLS, bytes(limits::QUEUED_BYTES as u64)),
        ),
        ("turns inside turns", limits::NESTED_TURNS.to_string()),
        ("memory of a runner, unless its manifest asks for more", bytes(limits::MEMORY)),
        ("JavaScript stack", bytes(limits::STACK)),
        ("one log line", bytes(limits::LOG_LINE as u64)),
        ("log lines in a second", bytes(limits::LOG_RATE)),
        ("messages in a second that need no credit", limits::MESSAGE_RATE.to_string()),
        ("timers set at one time", limits::TIMERS.to_string()),
        ("a name or path", bytes(limits::NAME as u64)),
        ("modules of one plugin", format!("{} or {}", limits::MODULES, bytes(limits::MODULE_BYTES as u64))),
        ("a state for the next generation", bytes(limits::STATE as u64)),
        ("one source map", bytes(limits::SOURCE_MAP as u64)),
        ("open streams in each direction", limits::STREAMS.to_string()),
        ("the window of one stream", bytes(limits::STREAM_WINDOW as u64)),
        ("what a chunk of a stream counts besides its bytes", bytes(limits::STREAM_CHUNK as u64)),
        ("all streams in one direction, on their way", bytes(limits::STREAMS_WINDOW as u64)),
        ("all streams of a plugin, unread in the host", bytes(limits::STREAMS_UNREAD as u64)),
    ] {
        writeln!(table, "| {what} | {value} |").unwrap();
    }
    table
}

fn bytes(count: u64) -> String {
    match count {
        count if count % (1 << 20) == 0 => format!("{} MiB", count >> 20),
        count if count % (1 << 10) == 0 => format!("{} KiB", count >> 10),
        count => format!("{count} bytes"),
    }
}

fn exits() -> String {
    let mut table = "| cause | exit code | meaning |\n|---|---|---|\n".to_owned();
    for cause in Cause::ALL {
        writeln!(table, "| {} | {} | {} |", cause as u32, cause.exit_code(), cause.words()).unwrap();
    }
    table
}

fn example() -> String {
    let args = [0x91, 0xa2, b'h', b'i'];
    let call = Message::Call {
        id: 1,
        target: plughold_protocol::record::Target::Api(0),
        args: &args,
        deadline_us: None,
        parent: None,
        blocking: false,
        trace: None,
    };
    let body = call.to_bytes();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let head = [body.len() as u8, 0, 0, 0, 0];
    format!(
        "```text\n{}                              head: {} bytes follow, direct lane\n{}\n```\n",
        hex(&head),
        body.len(),
        hex(&body)
    )
}

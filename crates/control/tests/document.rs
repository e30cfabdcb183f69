//! `docs/control.md` and the code say the same.
//!
//! The tables between `<!-- begin NAME -->` and `<!-- end NAME -->` are written by this test when `UPDATE_DOCUMENTS` is
//! set, and compared otherwise. The table of happenings is the host's.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold_control::record::{
    Activity, CallParent, Command, Direction, Figures, FunctionFigures, Happening, Holder, HostInfo, Level,
    PendingCall, Permission, Plugin, PluginError, Reference, ReferenceKind, State, Traced,
};
use plughold_control::{
    Answer, ClientMessage, HostMessage, Item, Refusal, RefusalKind, Request, Right, VERSION, Wanted, codec,
    limits,
};
use serde::Serialize;
use serde_json::json;
use std::fmt::Write;
use std::path::Path;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/control.md");

/// Of a bound that both sides keep.
const ENDS_OR_REFUSED: &str = "the connection ends; of the host it is refused as `too_large`";

#[test]
fn the_document_holds_the_tables_of_the_code() {
    let mut document = std::fs::read_to_string(Path::new(DOCUMENT)).unwrap();
    let before = document.clone();
    for (name, table) in [
        ("messages", messages()),
        ("requests", requests()),
        ("answers", answers()),
        ("refusals", refusals()),
        ("example", example()),
        ("limits", limit_table()),
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
fn the_document_names_the_version() {
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    assert!(document.contains(&format!("Version {VERSION} of the control socket")));
}

/// As the document shows it, what is written is what is read.
#[test]
fn what_the_document_shows_comes_home() {
    for message in client_messages() {
        let frames = codec::encode(&message, limits::CLIENT_MESSAGE).unwrap();
        assert_eq!(codec::decode::<ClientMessage>(&frames[5..]).unwrap(), message);
    }
    for message in host_messages() {
        let frames = codec::encode(&message, limits::HOST_MESSAGE).unwrap();
        assert_eq!(codec::decode::<HostMessage>(&frames[5..]).unwrap(), message);
    }
    for (request, _) in all_requests() {
        let message = ClientMessage::Ask { id: 1, request };
        let frames = codec::encode(&message, limits::CLIENT_MESSAGE).unwrap();
        assert_eq!(codec::decode::<ClientMessage>(&frames[5..]).unwrap(), message);
    }
    for answer in all_answers() {
        let message = HostMessage::Answer { id: 1, outcome: Ok(answer) };
        let frames = codec::encode(&message, limits::HOST_MESSAGE).unwrap();
        assert_eq!(codec::decode::<HostMessage>(&frames[5..]).unwrap(), message);
    }
}

fn replaced(document: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let from = document.find(&begin).unwrap_or_else(|| panic!("no {begin}")) + begin.len();
    let to = document.find(&end).unwrap_or_else(|| panic!("no {end}"));
    format!("{}{table}{}", &document[..from], &document[to..])
}

fn shown(value: &impl Serialize) -> String {
    format!("`{}`", serde_json::to_string(value).unwrap())
}

// -- Messages ----------------------------------------------------------------------------------------------------------

fn client_messages() -> Vec<ClientMessage> {
    vec![
        ClientMessage::Hello { version: VERSION, client: "plughold".to_owned() },
        ClientMessage::Ask { id: 1, request: Request::Start { plugin: "hello".to_owned() } },
        ClientMessage::Cancel { id: 1 },
    ]
}

fn host_messages() -> Vec<HostMessage> {
    let host = HostInfo {
        name: "notes".to_owned(),
        pid: 4_121,
        version: "0.1.0".to_owned(),
        started_ms: 1_795_291_200_000,
    };
    let refusal = |kind, words: &str| Refusal::new(kind, words);
    vec![
        HostMessage::Welcome { version: VERSION, right: Right::Read, host },
        HostMessage::Refused { refusal: refusal(RefusalKind::Busy, "32 clients are connected already") },
        HostMessage::Answer { id: 1, outcome: Ok(Answer::Done) },
        HostMessage::Answer {
            id: 2,
            outcome: Err(refusal(RefusalKind::NotFound, "there is no plugin hullo")),
        },
        HostMessage::Item { id: 3, item: Item::Missed { count: 12 } },
        HostMessage::End { id: 3 },
    ]
}

fn messages() -> String {
    let mut table = "| from | message |\n|---|---|\n".to_owned();
    for message in client_messages() {
        writeln!(table, "| client | {} |", shown(&message)).unwrap();
    }
    for message in host_messages() {
        writeln!(table, "| host | {} |", shown(&message)).unwrap();
    }
    table
}

// -- Requests ----------------------------------------------------------------------------------------------------------

/// Each request, and what answers it.
fn all_requests() -> Vec<(Request, &'static str)> {
    let plugin = || "hello".to_owned();
    let wanted = Wanted {
        plugins: vec![plugin()],
        kinds: vec!["log".to_owned()],
        level: Some(Level::Warn),
        last: 20,
        follow: true,
    };
    let args = || vec![json!("Ann")];
    let permission = || "notes.write".to_owned();
    let all = vec![
        Request::Plugins,
        Request::Plugin { plugin: plugin() },
        Request::Figures { plugin: plugin() },
        Request::References { plugin: plugin() },
        Request::Pending { plugin: plugin() },
        Request::Stack { plugin: plugin() },
        Request::Permissions { plugin: plugin() },
        Request::Commands,
        Request::Events { wanted },
        Request::Trace { plugin: plugin() },
        Request::Start { plugin: plugin() },
        Request::Stop { plugin: plugin() },
        Request::Restart { plugin: plugin() },
        Request::Reload { plugin: plugin() },
        Request::Kill { plugin: plugin() },
        Request::Rest { plugin: plugin() },
        Request::Call { plugin: plugin(), export: "greet".to_owned(), args: args() },
        Request::Execute { command: "hello.greet".to_owned(), args: args() },
        Request::Grant { plugin: plugin(), permission: permission() },
        Request::Revoke { plugin: plugin(), permission: permission() },
        Request::Evaluate { plugin: plugin(), source: "1 + 1".to_owned() },
    ];
    all.into_iter().map(|request| (request.clone(), answer_to(&request))).collect()
}

/// Whoever adds a request adds it above as well.
fn answer_to(request: &Request) -> &'static str {
    match request {
        Request::Plugins => "plugins",
        Request::Plugin { .. } => "plugin",
        Request::Figures { .. } => "figures",
        Request::References { .. } => "references",
        Request::Pending { .. } => "pending",
        Request::Stack { .. } => "stack",
        Request::Permissions { .. } => "permissions",
        Request::Commands => "commands",
        Request::Events { .. } | Request::Trace { .. } => "begun",
        Request::Stop { .. } | Request::Kill { .. } => "ended",
        Request::Call { .. } | Request::Execute { .. } | Request::Evaluate { .. } => "value",
        Request::Start { .. }
        | Request::Restart { .. }
        | Request::Reload { .. }
        | Request::Rest { .. }
        | Request::Grant { .. }
        | Request::Revoke { .. } => "done",
    }
}

fn requests() -> String {
    let mut table = "| request | right | answer |\n|---|---|---|\n".to_owned();
    for (request, answer) in all_requests() {
        writeln!(table, "| {} | {} | `{answer}` |", shown(&request), request.right()).unwrap();
        assert_eq!(request.is_stream(), answer == "begun");
        let name = serde_json::to_value(&request).unwrap();
        let name = name.as_str().map(str::to_owned).or_else(|| name.as_object()?.keys().next().cloned());
        assert_eq!(name.as_deref(), Some(request.name()));
    }
    table
}

// -- Answers -----------------------------------------------------------------------------------------------------------

fn all_answers() -> Vec<Answer> {
    let text = |text: &str| text.to_owned();
    let mut figures = Figures { generation: 1, uptime_ms: 131_000, ..Figures::default() };
    figures.from_plugin.functions =
        vec![FunctionFigures { name: text("notes.search"), kind: text("api"), ..FunctionFigures::default() }];
    let plugin = Plugin {
        id: text("hello"),
        name: text("Hello"),
        version: text("1.0.0"),
        format: text("native"),
        source: text("plugins/hello.js"),
        state: State::Backoff,
        activity: Some(Activity::Hung { lasting_us: 1_340_000, serving: Some(text("greet")), stack: None }),
        sandbox: Some(text("A")),
        figures: Some(Figures::default()),
        error: Some(PluginError { message: text("out of memory"), stack: None, thrown: None }),
        ..Plugin::default()
    };
    let reference = Reference {
        holder: Holder::Host,
        kind: ReferenceKind::Function,
        id: 9,
        name: text("onChange"),
        age_ms: 61_000,
        calls: 12,
        place: Some(text("argument of app.notes.on")),
        ..Reference::default()
    };
    let call = PendingCall {
        direction: Direction::ToPlugin,
        id: 8_812,
        name: text("greet"),
        kind: text("export"),
        age_ms: 1_340,
        deadline_ms: Some(4_660),
        parent: Some(CallParent {
            plugin: text("other"),
            name: text("run"),
            direction: Direction::FromPlugin,
        }),
        is_blocking: false,
        is_wanted: true,
    };
    let permission =
        Permission { name: text("notes.read"), reason: Some(text("to find words")), state: text("granted") };
    vec![
        Answer::Done,
        Answer::Begun,
        Answer::Plugins(vec![]),
        Answer::Plugin(Box::new(plugin)),
        Answer::Figures(Box::new(figures)),
        Answer::References(vec![reference]),
        Answer::Pending(vec![call]),
        Answer::Stack(Some(text("at f (main.js:2:3)"))),
        Answer::Permissions(vec![permission]),
        Answer::Commands(vec![Command { name: text("hello.greet"), plugin: text("hello") }]),
        Answer::Ended { exit: text("it was stopped"), asked: true },
        Answer::Value(json!({ "text": "Hello Ann" })),
    ]
}

fn answers() -> String {
    let mut text = String::new();
    let happening = Happening {
        number: 7,
        time_ms: 1_795_291_200_000,
        kind: "log".to_owned(),
        plugin: Some("hello".to_owned()),
        fields: serde_json::from_value(
            json!({ "level": "info", "message": "hi", "place": null, "dropped_before": 0 }),
        )
        .unwrap(),
    };
    let traced = Traced {
        time_us: 1_795_291_200_000_000,
        generation: 1,
        direction: Direction::ToPlugin,
        message: "Return".to_owned(),
        id: Some(8_812),
        what: Some("notes.search".to_owned()),
        parent: None,
        bytes: 412,
        took_us: Some(840),
        outcome: Some("returned".to_owned()),
    };
    let items = [Item::Happening(happening), Item::Traced(traced), Item::Missed { count: 12 }];
    for (what, value) in all_answers()
        .iter()
        .map(|answer| (format!("`{}`", answer.name()), serde_json::to_string_pretty(answer)))
        .chain(items.iter().map(|item| ("one of a stream".to_owned(), serde_json::to_string_pretty(item))))
    {
        writeln!(text, "{what}:\n\n```json\n{}\n```\n", value.unwrap()).unwrap();
    }
    text
}

fn refusals() -> String {
    let kinds = [
        (RefusalKind::NotFound, "there is no such plugin, export, command or permission"),
        (RefusalKind::NotActive, "the plugin does not run, and what is wished needs that it does"),
        (RefusalKind::NotAllowed, "the socket does not allow it"),
        (RefusalKind::Unsupported, "this host does not know it or does not offer it"),
        (RefusalKind::Busy, "too much at one time: clients, requests, calls, answers that nobody reads"),
        (RefusalKind::Malformed, "what the client said is no message, or out of bounds"),
        (RefusalKind::Version, "the client speaks a version that this host does not"),
        (RefusalKind::Thrown, "a plugin threw; `thrown` and `stack` have more"),
        (RefusalKind::TimedOut, "it took too long"),
        (RefusalKind::Denied, "a permission or a rule of the host denies it"),
        (RefusalKind::Failed, "it was tried and failed"),
        (RefusalKind::ShuttingDown, "the host is shutting down"),
        (RefusalKind::TooLarge, "the answer would be longer than a message may be, or hold more"),
    ];
    let mut table = "| kind | when |\n|---|---|\n".to_owned();
    for (kind, words) in kinds {
        let name = serde_json::to_value(kind).unwrap();
        writeln!(table, "| `{}` | {words} |", name.as_str().unwrap()).unwrap();
    }
    table
}

// -- The rest ----------------------------------------------------------------------------------------------------------

/// One message, byte by byte.
fn example() -> String {
    let frames = codec::encode(&ClientMessage::Cancel { id: 7 }, limits::CLIENT_MESSAGE).unwrap();
    let hex: Vec<String> = frames.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("```text\n{}\n```\n", hex.join(" "))
}

fn limit_table() -> String {
    let rows = [
        ("clients of one host, on both sockets together", limits::CLIENTS.to_string(), "refused as `busy`"),
        ("until a client has said hello", format!("{} s", limits::GREETING.as_secs()), "the connection ends"),
        (
            "requests of one client in flight, streams among them",
            limits::IN_FLIGHT.to_string(),
            "refused as `busy`",
        ),
        (
            "requests of one client a second",
            limits::REQUEST_RATE.to_string(),
            "the client is read less often",
        ),
        ("one message of a client", mebibytes(limits::CLIENT_MESSAGE), "the connection ends"),
        ("one message of the host", mebibytes(limits::HOST_MESSAGE), "refused as `too_large`"),
        (
            "messages that wait for one client",
            limits::OUTGOING.to_string(),
            "it is not read any more; of a stream it loses the oldest and is told",
        ),
        (
            "bytes that wait for all clients together, in messages of more than 4 KiB",
            mebibytes(limits::WAITING_BYTES),
            "refused as `busy`, or `missed`",
        ),
        ("depth of a message", limits::DEPTH.to_string(), ENDS_OR_REFUSED),
        ("values and keys in a message", limits::NODES.to_string(), ENDS_OR_REFUSED),
        ("a name in a request", format!("{} bytes", limits::NAME), "refused as `malformed`"),
        (
            "arguments of a call, names in a wish for events",
            limits::ARGUMENTS.to_string(),
            "refused as `malformed`",
        ),
        ("happenings that are kept of one plugin", limits::KEPT.to_string(), "the oldest are forgotten"),
        ("a name or a place in an answer", format!("{} bytes", limits::TEXT), "the rest is cut"),
    ];
    let mut table = "| what | at most | beyond it |\n|---|---|---|\n".to_owned();
    for (what, most, beyond) in rows {
        writeln!(table, "| {what} | {most} | {beyond} |").unwrap();
    }
    table
}

fn mebibytes(bytes: usize) -> String {
    format!("{} MiB", bytes >> 20)
}

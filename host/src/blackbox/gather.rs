//! Makes a report of what was kept.

use crate::api::Table;
use crate::blackbox::recorder::Kept;
use crate::blackbox::report::{
    Direction, MOST_CALLS, MOST_FACT, MOST_LAYERS, MOST_STACK, MOST_WHAT, MOST_WORDS, OpenCalls, PendingCall,
    Report, ReportedExit, ReportedLine, ReportedMemory, ReportedMessage, ReportedVersions, SCHEMA,
};
use crate::blackbox::tape::{Noted, Tape, What};
use crate::session::Session;
use crate::text::{clean_block, clean_line};
use crate::{Date, Exit, State};
use plughold_package::Package;
use plughold_protocol::version;
use plughold_sandbox::Level;
use std::time::Instant;

/// What only the supervision knows of a process.
pub(crate) struct Facts<'a> {
    pub(crate) package: &'a Package,
    pub(crate) table: &'a Table,
    pub(crate) pid: u32,
    /// What the plugin was doing before its end.
    pub(crate) state: State,
    pub(crate) exit: &'a Exit,
    pub(crate) ended: Date,
    pub(crate) memory_limit: u64,
    pub(crate) sandbox: Option<Level>,
    pub(crate) layers: &'a [String],
}

/// Everything that is known of a process. To be called before its session ends, which answers and forgets all calls.
pub(crate) fn gather(session: &Session, facts: &Facts) -> Report {
    let fact = |text: &str| short(text, MOST_FACT);
    let package = facts.package;
    let serving = session.page().pulse().serving;
    let to_plugin = session.open_calls(MOST_CALLS);
    let from_plugin = session.serving.open_ids();
    let told = session.told();
    let kept = session.recorder().lock();
    Report {
        schema: SCHEMA,
        plugin: package.id.to_string(),
        name: fact(&package.name),
        version: fact(&package.version),
        format: package.format.to_string(),
        source: fact(&package.source.display().to_string()),
        generation: session.generation(),
        pid: facts.pid,
        ended: facts.ended.to_string(),
        lived_ms: u64::try_from(kept.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        exit: exit_of(facts.exit),
        state: facts.state.word().to_owned(),
        stack: facts.exit.stack().or(kept.stack.as_deref()).map(stack),
        serving: Some(serving).filter(|&call| call != 0),
        memory: ReportedMemory {
            limit_bytes: facts.memory_limit,
            curve: kept
                .memory
                .iter()
                .map(|(at, bytes)| (u64::try_from(at.as_millis()).unwrap_or(u64::MAX), *bytes))
                .collect(),
        },
        messages: messages(&kept, &told, facts.table),
        messages_before: kept.heard.forgotten() + told.forgotten(),
        calls_to_plugin: OpenCalls {
            count: to_plugin.count,
            oldest: to_plugin
                .oldest
                .into_iter()
                .map(|(id, what)| PendingCall { id, what: what.map(|what| in_words(&what)) })
                .collect(),
        },
        calls_from_plugin: OpenCalls {
            count: from_plugin.len(),
            oldest: from_plugin
                .into_iter()
                .take(MOST_CALLS)
                .map(|id| PendingCall { id, what: called_by(&kept, id, facts.table) })
                .collect(),
        },
        log: kept
            .lines
            .iter()
            .map(|line| ReportedLine {
                at_us: micros(&kept, line.at),
                level: line.level,
                text: line.text.clone(),
            })
            .collect(),
        sandbox: facts.sandbox.map(Level::letter),
        sandbox_layers: facts.layers.iter().take(MOST_LAYERS).map(|layer| in_words(layer)).collect(),
        versions: ReportedVersions {
            host: env!("CARGO_PKG_VERSION").to_owned(),
            runner: fact(&kept.welcomed.version),
            protocol: version::CURRENT,
            engine: fact(&kept.welcomed.engine),
            system: fact(&system()),
        },
    }
}

fn messages(kept: &Kept, told: &Tape, table: &Table) -> Vec<ReportedMessage> {
    let heard = kept.heard.noted().map(|noted| (noted, Direction::In));
    let told = told.noted().map(|noted| (noted, Direction::Out));
    let mut messages: Vec<(&Noted, Direction)> = heard.chain(told).collect();
    // Stable: within one direction the order is the one of the wire.
    messages.sort_by_key(|(noted, _)| noted.at);
    let shown = messages.into_iter().map(|(noted, direction)| ReportedMessage {
        at_us: micros(kept, noted.at),
        direction,
        message: noted.name.to_owned(),
        id: Some(noted.id).filter(|&id| id != 0),
        what: what_of(noted, table),
        bytes: noted.bytes,
    });
    shown.collect()
}

/// What a call of the plugin was for, as long as the call is remembered.
fn called_by(kept: &Kept, id: u64, table: &Table) -> Option<String> {
    let call = kept.heard.noted().find(|noted| noted.name == "Call" && noted.id == id);
    call.and_then(|call| what_of(call, table))
}

/// What a call is for, in words.
pub(crate) fn what_of(noted: &Noted, table: &Table) -> Option<String> {
    let words = match &noted.what {
        What::Nothing => return None,
        What::Api(index) => match table.path(*index as usize) {
            Some(path) => path.to_owned(),
            None => format!("function {index} of the API"),
        },
        What::Function(id) => format!("function {id}"),
        What::Member(id, name) => format!("{} of object {id}", name.text()),
        What::Export(name) => format!("export {}", name.text()),
        What::Service(name) => name.text().to_owned(),
    };
    Some(in_words(&words))
}

fn in_words(text: &str) -> String {
    short(text, MOST_WHAT)
}

/// One clean line of at most so many bytes.
fn short(text: &str, most: usize) -> String {
    let mut clean = clean_line(text, most);
    clean.truncate(clean.floor_char_boundary(most));
    clean
}

fn stack(text: &str) -> String {
    let mut clean = clean_block(text);
    clean.truncate(clean.floor_char_boundary(MOST_STACK));
    clean
}

fn exit_of(exit: &Exit) -> ReportedExit {
    let (kind, code, signal) = match exit {
        Exit::Code { code, .. } => ("code", Some(*code), None),
        Exit::Signal(signal) => ("signal", None, Some(*signal)),
        Exit::Violation { .. } => ("violation", None, None),
        Exit::Killed(_) => ("killed", None, None),
        _ => ("unknown", None, None),
    };
    let words = short(&exit.to_string(), MOST_WORDS);
    ReportedExit { kind: kind.to_owned(), code, signal, words }
}

fn micros(kept: &Kept, at: Instant) -> u64 {
    u64::try_from(at.saturating_duration_since(kept.started).as_micros()).unwrap_or(u64::MAX)
}

/// The system and its version, such as `Linux 6.18.0 x86_64`.
fn system() -> String {
    let name = rustix::system::uname();
    let parts = [name.sysname(), name.release(), name.machine()];
    parts.map(|part| part.to_string_lossy().into_owned()).join(" ")
}

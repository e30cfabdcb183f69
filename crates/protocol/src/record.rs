//! The structures and codes that messages carry.

use crate::field::{Field, codes, mismatch, record, token};
use crate::pack::{Reader, Token, Writer};
use crate::{DecodeError, limits};

record! {
    /// The bounds that hold in one session. The host computes them from its defaults, the manifest and its own caps.
    Limits {
        /// Bytes of JavaScript stack.
        stack: u64,
        /// Bytes of one message, put together from its pieces.
        message: u64,
        /// Levels of nesting in one value.
        depth: u32,
        /// Nodes in the values of one message.
        nodes: u32,
        /// Live references in each direction.
        references: u32,
        /// Calls in flight in each direction.
        in_flight: u32,
        /// Calls that wait in the runner for room in the window.
        queued_calls: u32,
        /// Bytes of calls that wait in the runner for room in the window.
        queued_bytes: u64,
        /// Turns inside turns.
        nested_turns: u32,
        /// Timers set at one time.
        timers: u32,
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            stack: limits::STACK,
            message: limits::MESSAGE as u64,
            depth: limits::DEPTH as u32,
            nodes: limits::NODES as u32,
            references: limits::REFERENCES as u32,
            in_flight: limits::IN_FLIGHT,
            queued_calls: limits::QUEUED_CALLS as u32,
            queued_bytes: limits::QUEUED_BYTES as u64,
            nested_turns: limits::NESTED_TURNS,
            timers: limits::TIMERS as u32,
        }
    }
}

record! {
    /// The application's functions, as the plugin will see them.
    ApiTable<'a> {
        /// The name of the global object that holds them, such as `app`.
        global: &'a str,
        /// Their dotted paths; a call names one by its position in this list.
        functions: Vec<ApiFunction<'a>>,
    }
}

record! {
    /// One function of the application.
    ApiFunction<'a> {
        /// The dotted path below the global, such as `notes.search`.
        path: &'a str,
        /// Whether the plugin's call waits, instead of giving a promise.
        blocking: bool,
    }
}

record! {
    /// A plugin's file, ready to be compiled.
    Source<'a> {
        /// The virtual name that stack traces show, such as `main.js`; never a path of the host.
        name: &'a str,
        /// What kind of code it is.
        kind: SourceKind,
        /// The text, UTF-8.
        text: &'a str,
    }
}

record! {
    /// A line of a plugin's code.
    Place<'a> {
        /// The virtual file name.
        file: &'a str,
        /// From 1.
        line: u32,
        /// From 1; 0 when unknown.
        column: u32,
    }
}

record! {
    /// One reference and how often the releasing side has received it.
    Released {
        /// The reference.
        id: u64,
        /// A count, not a flag: a release that crosses a new export of the same function must not kill it.
        count: u32,
    }
}

codes! {
    /// How a file is compiled.
    SourceKind {
        /// A classic script, sloppy unless it says otherwise. A file that nothing says more of runs as a module where it
        /// is imported, and as CommonJS where it is required.
        Script = 0,
        /// An ES module.
        Module = 1,
        /// A CommonJS module.
        CommonJs = 2,
        /// JSON.
        Json = 3,
    }
}

codes! {
    /// Where a plugin's time comes from.
    ClockMode {
        /// The machine's clock.
        Real = 0,
        /// Only what [`Wake`](crate::Message::Wake) says, so that a recorded session can be replayed.
        Virtual = 1,
    }
}

codes! {
    /// How far a runner is locked down.
    Level {
        /// Namespaces, empty root, Landlock, system calls, resource limits.
        A = 0,
        /// No namespaces.
        B = 1,
        /// System calls and resource limits only.
        C = 2,
        /// Nothing.
        D = 3,
    }
}

codes! {
    /// Why a side refuses to go on.
    Refusal {
        /// The peer speaks another version of the protocol.
        Version = 0,
        /// A feature that is needed is missing.
        Feature = 1,
        /// The token is not the one of this session.
        Token = 2,
        /// A message that the peer may not send, or not now.
        Order = 3,
        /// A message that cannot be decoded.
        Malformed = 4,
        /// A bound was passed.
        Limit = 5,
    }
}

codes! {
    /// Why an answer is not wanted any more.
    Unwanted {
        /// The caller lost interest, or is gone.
        Dropped = 0,
        /// The caller's time was over.
        Deadline = 1,
    }
}

codes! {
    /// How important a log line is.
    LogLevel {
        /// `console.debug`
        Debug = 0,
        /// `console.log`, `console.info`
        Info = 1,
        /// `console.warn`
        Warn = 2,
        /// `console.error`
        Error = 3,
    }
}

codes! {
    /// What a plugin was doing when it failed to load.
    Stage {
        /// Its text was compiled, or a module that it imports was asked for.
        Compile = 0,
        /// Its top level ran.
        Evaluate = 1,
        /// Its `activate` ran.
        Activate = 2,
    }
}

/// Every structure with its fields by position, for documents and tests: name and type.
pub const RECORDS: &[(&str, &[(&str, &str)])] = &[
    ("ApiTable", ApiTable::FIELDS),
    ("ApiFunction", ApiFunction::FIELDS),
    ("Limits", Limits::FIELDS),
    ("Source", Source::FIELDS),
    ("Place", Place::FIELDS),
    ("Released", Released::FIELDS),
];

/// Every set of codes with its numbers, for documents and tests.
pub const CODES: &[(&str, &[(&str, u64)])] = &[
    ("SourceKind", SourceKind::CODES),
    ("ClockMode", ClockMode::CODES),
    ("Level", Level::CODES),
    ("Refusal", Refusal::CODES),
    ("Unwanted", Unwanted::CODES),
    ("LogLevel", LogLevel::CODES),
    ("Stage", Stage::CODES),
];

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// A function of the application, by its position in the [`ApiTable`]. Only a runner sends it.
    Api(u32),
    /// A function of the other side, by its event ID.
    Function(u64),
    /// A method of an object of the other side.
    Method(u64, &'a str),
    /// A function that the plugin exports, by name. Only a host sends it.
    Export(&'a str),
    /// What an accessor of an object of the other side gives; the arguments are empty.
    Property(u64, &'a str),
    /// A service of the host library itself, such as `plugins.get`. Only a runner sends it.
    Service(&'a str),
}

impl<'a> Field<'a> for Target<'a> {
    fn write(&self, out: &mut Writer) {
        let length = if matches!(self, Target::Method(..) | Target::Property(..)) { 3 } else { 2 };
        out.array(length);
        match self {
            Target::Api(index) => {
                out.unsigned(0);
                out.unsigned(u64::from(*index));
            }
            Target::Function(id) => {
                out.unsigned(1);
                out.unsigned(*id);
            }
            Target::Method(id, name) => {
                out.unsigned(2);
                out.unsigned(*id);
                out.text(name);
            }
            Target::Export(name) => {
                out.unsigned(3);
                out.text(name);
            }
            Target::Property(id, name) => {
                out.unsigned(4);
                out.unsigned(*id);
                out.text(name);
            }
            Target::Service(name) => {
                out.unsigned(5);
                out.text(name);
            }
        }
    }

    fn read(head: Token<'a>, from: &mut Reader<'a>, place: &'static str) -> Result<Self, DecodeError> {
        const EXPECTED: &str =
            "a target: [0, index], [1, id], [2, id, name], [3, name], [4, id, name] or [5, name]";
        let Token::Array(length) = head else { return Err(mismatch(place, EXPECTED, &head)) };
        if !(2..=3).contains(&length) {
            return Err(mismatch(place, EXPECTED, &head));
        }
        let (tag, first) = (token(from, place)?, token(from, place)?);
        let second = if length == 3 { Some(token(from, place)?) } else { None };
        match (tag, second) {
            (Token::Unsigned(0), None) => Ok(Target::Api(Field::read(first, from, place)?)),
            (Token::Unsigned(1), None) => Ok(Target::Function(Field::read(first, from, place)?)),
            (Token::Unsigned(2), Some(name)) => {
                Ok(Target::Method(Field::read(first, from, place)?, Field::read(name, from, place)?))
            }
            (Token::Unsigned(3), None) => Ok(Target::Export(Field::read(first, from, place)?)),
            (Token::Unsigned(4), Some(name)) => {
                Ok(Target::Property(Field::read(first, from, place)?, Field::read(name, from, place)?))
            }
            (Token::Unsigned(5), None) => Ok(Target::Service(Field::read(first, from, place)?)),
            (tag, _) => Err(mismatch(place, EXPECTED, &tag)),
        }
    }
}

/// How a call ended. The bytes are one encoded [value](crate::value).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// It returned this value.
    Returned(&'a [u8]),
    /// It threw this value, which is an error extension nearly always.
    Threw(&'a [u8]),
}

impl<'a> Field<'a> for Outcome<'a> {
    fn write(&self, out: &mut Writer) {
        let (tag, value) = match self {
            Outcome::Returned(value) => (0, value),
            Outcome::Threw(value) => (1, value),
        };
        out.array(2);
        out.unsigned(tag);
        out.bytes(value);
    }

    fn read(head: Token<'a>, from: &mut Reader<'a>, place: &'static str) -> Result<Self, DecodeError> {
        const EXPECTED: &str = "an outcome: [0, bytes] or [1, bytes]";
        if head != Token::Array(2) {
            return Err(mismatch(place, EXPECTED, &head));
        }
        let tag = token(from, place)?;
        let value = token(from, place)?;
        match tag {
            Token::Unsigned(0) => Ok(Outcome::Returned(Field::read(value, from, place)?)),
            Token::Unsigned(1) => Ok(Outcome::Threw(Field::read(value, from, place)?)),
            tag => Err(mismatch(place, EXPECTED, &tag)),
        }
    }
}

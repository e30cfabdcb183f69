//! Streams between the plugin and its host, in both directions.
//!
//! A stream begins without credit: whoever reads gives the first when it begins to read, and more as it takes chunks out.
//! So nothing is asked of a source that nobody reads, nothing of a stream overtakes the message that introduces it, and
//! what is on its way is bounded. The classes that a plugin sees are JavaScript, in `streams/readable.js`.

mod receiving;
mod sending;

pub(crate) use receiving::{decline, open as receive};
pub(crate) use sending::{fail_stopped, is_source, open, take_back};

use crate::decode;
use crate::engine::function::Native;
use crate::engine::promise::Deferred;
use crate::engine::{Js, Thrown, Value};
use crate::incoming::{Violation, strict};
use crate::natives::argument;
use crate::serve;
use crate::session::Session;
use crate::turn::Origin;
use plughold_protocol::{Message, limits};
use std::cell::RefCell;

/// What our own JavaScript can call.
pub(crate) const NATIVES: &[Native] = &[
    Native { name: "deferred", length: 0, run: deferred },
    Native { name: "handled", length: 1, run: handled },
    Native { name: "whenSettled", length: 3, run: when_settled },
    Native { name: "streamChunk", length: 2, run: sending::chunk },
    Native { name: "streamEnd", length: 1, run: sending::end },
    Native { name: "streamFail", length: 2, run: sending::fail },
    Native { name: "streamRead", length: 2, run: receiving::read },
    Native { name: "streamStop", length: 1, run: receiving::stop },
];

/// The streams of a session.
pub(crate) struct Streams {
    sending: RefCell<sending::Sending>,
    receiving: RefCell<receiving::Receiving>,
}

impl Streams {
    /// None.
    pub(crate) fn new() -> Streams {
        Streams {
            sending: RefCell::new(sending::Sending::new()),
            receiving: RefCell::new(receiving::Receiving::new()),
        }
    }
}

/// What a message of the host means for a stream.
pub(crate) enum Event {
    /// A chunk of the host's stream, with the bytes that it took.
    Chunk { id: u64, chunk: Js, bytes: usize },
    /// The host's stream is over, or failed with what it threw.
    End { id: u64, error: Option<Js> },
    /// The host wants no more of the plugin's stream.
    Stop { id: u64 },
    /// The host has read, or begins to read.
    Credit { id: u64, amount: u64 },
    /// A source of the plugin is to be asked for its next chunk.
    Pull { id: u64 },
    /// A chunk of the host's stream, or its end, was kept for its reader.
    Late { id: u64 },
}

/// Checks and decodes a message about a stream; none for other messages.
pub(crate) fn event(session: &Session, message: &Message) -> Result<Option<Event>, Violation> {
    Ok(Some(match *message {
        Message::StreamData { id, data } => {
            session.streams.receiving.borrow_mut().arrived(id, data.len())?;
            Event::Chunk { id, chunk: strict(decode::value(session, data))?, bytes: data.len() }
        }
        Message::StreamEnd { id, error } => {
            session.streams.receiving.borrow().check_open(id, "StreamEnd")?;
            let error = error.map(|error| strict(decode::value(session, error))).transpose()?;
            let placed = |error: Value| receiving::with_place(session, id, Thrown(error)).0;
            Event::End { id, error: error.map(|error| error.map(placed)) }
        }
        Message::StreamStop { id } => {
            session.streams.sending.borrow().check_issued(id, "StreamStop")?;
            Event::Stop { id }
        }
        Message::Credit { stream: Some(id), amount } => {
            session.streams.sending.borrow().check_credit(id, amount)?;
            Event::Credit { id, amount }
        }
        _ => return Ok(None),
    }))
}

/// Whether there is something to do besides messages; not all of it may be possible while the plugin waits.
pub(crate) fn has_work(session: &Session) -> bool {
    receiving::has_late(session) || sending::has_pulls(session)
}

/// What is to be done when there is no message. While the plugin waits, that is to ask sources: the host may need their
/// chunks before it can answer. And reads go on that were begun on top of the turn that waits.
pub(crate) fn next_work(session: &Session) -> Option<Event> {
    let late = receiving::next_late(session).map(|id| Event::Late { id });
    late.or_else(|| sending::next_pull(session).map(|id| Event::Pull { id }))
}

/// Notes what can be noted without running code of the plugin, which waits; gives back what cannot.
pub(crate) fn note(session: &Session, event: Event) -> Option<Event> {
    match event {
        Event::Chunk { id, chunk, bytes } => receiving::keep_chunk(session, id, chunk, bytes),
        Event::End { id, error } => receiving::keep_end(session, id, error),
        Event::Credit { id, amount } => sending::add_credit(session, id, amount),
        event => return Some(event),
    }
    None
}

/// Where the plugin began to wait for what an event tells it, if it does.
pub(crate) fn origin(session: &Session, event: &Event) -> Option<Origin> {
    match event {
        Event::Chunk { id, .. } | Event::End { id, .. } | Event::Late { id } => receiving::origin(session, *id),
        Event::Stop { .. } | Event::Credit { .. } | Event::Pull { .. } => None,
    }
}

/// Does what an event asks for, in a turn of its own.
pub(crate) fn handle(session: &Session, event: Event) {
    match event {
        Event::Chunk { id, chunk, bytes } => receiving::take_chunk(session, id, chunk, bytes),
        Event::End { id, error } => receiving::take_end(session, id, error),
        Event::Stop { id } => sending::stop(session, id),
        Event::Credit { id, amount } => sending::add_credit(session, id, amount),
        Event::Pull { id } => sending::pull(session, id),
        Event::Late { id } => receiving::give_late(session, id),
    }
}

/// Calls a function of our own JavaScript. What it lets through is the host's stop, or a lack of memory.
fn call_own(session: &Session, function: &Value, arguments: &[Value]) {
    if let Err(thrown) = function.call(&Value::UNDEFINED, arguments) {
        serve::report_uncaught(session, &thrown, false);
    }
}

fn id_value(id: u64) -> Value {
    // Ids are counted from 1, and no process lives to count to 2^53.
    Value::number(id as f64)
}

fn id_of(arguments: &[Value]) -> u64 {
    argument(arguments, 0).as_number().map_or(0, |id| id as u64)
}

/// `deferred()`: a new promise with the functions that settle it.
fn deferred(_: &Session, _: &[Value]) -> Js {
    let Deferred { promise, settle } = Deferred::new()?;
    let (resolve, reject) = settle.into_functions();
    let object = Value::object()?;
    object.define("promise", promise)?;
    object.define("resolve", resolve)?;
    object.define("reject", reject)?;
    Ok(object)
}

/// `handled(promise)`: a rejection of this promise is not worth a report.
fn handled(_: &Session, arguments: &[Value]) -> Js {
    argument(arguments, 0).mark_handled();
    Ok(Value::UNDEFINED)
}

/// `whenSettled(value, fulfilled, rejected)`: what `await` does, without the plugin's `Promise.prototype.then`.
fn when_settled(session: &Session, arguments: &[Value]) -> Js {
    let (value, fulfilled, rejected) =
        (argument(arguments, 0), argument(arguments, 1), argument(arguments, 2));
    if value.is_promise() {
        value.when_settled(&fulfilled, &rejected)?;
        return Ok(Value::UNDEFINED);
    }
    let deferred = Deferred::new()?;
    serve::settle(session, &deferred.settle, Ok(value));
    deferred.promise.when_settled(&fulfilled, &rejected)?;
    Ok(Value::UNDEFINED)
}

/// The bytes of one chunk at most; longer ones of a source are cut if they are bytes, and refused otherwise.
const CHUNK: usize = limits::STREAM_WINDOW;

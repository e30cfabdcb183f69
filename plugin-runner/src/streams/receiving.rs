//! Streams of the host that the plugin reads.

use super::{CHUNK, call_own, id_of, id_value};
use crate::decode::Undecodable;
use crate::engine::{Js, Thrown, Value};
use crate::incoming::Violation;
use crate::natives::argument;
use crate::session::Session;
use crate::stack::{self, CallSite};
use crate::turn::Origin;
use crate::{serve, waiting};
use plughold_protocol::record::Refusal;
use plughold_protocol::{Message, limits};
use std::collections::{HashMap, VecDeque};

/// Chunks that were taken out give their credit back together, once they are this many bytes.
const GIVEN_BACK: usize = limits::STREAM_WINDOW / 2;

/// The streams of the host that are open.
pub(super) struct Receiving {
    open: HashMap<u64, Incoming>,
    /// Streams of which a chunk or the end arrived while the plugin's thread waited, and with a reader that waits for it.
    late: VecDeque<u64>,
}

/// One of them.
#[derive(Default)]
struct Incoming {
    /// Whether the plugin has begun to read.
    is_begun: bool,
    /// The line of the plugin that began to read, for an error in the stream.
    site: Option<CallSite>,
    /// Bytes that the host may send; a chunk may take it below zero.
    credit: i64,
    /// Bytes that were taken out since credit was given back last.
    taken: usize,
    unread: VecDeque<(Js, usize)>,
    /// The function that waits for the next chunk, and where it began to.
    reader: Option<(Value, Origin)>,
    /// How it ended, behind what is unread: with what was thrown, or well.
    end: Option<Option<Js>>,
    /// The plugin wants no more; the host has not confirmed it yet.
    is_stopped: bool,
}

impl Receiving {
    pub(super) fn new() -> Receiving {
        Receiving { open: HashMap::new(), late: VecDeque::new() }
    }

    /// Counts a chunk that arrived against the credit of its stream.
    pub(super) fn arrived(&mut self, id: u64, bytes: usize) -> Result<(), Violation> {
        self.check_open(id, "StreamData")?;
        let Some(stream) = self.open.get_mut(&id) else { return Ok(()) };
        if stream.credit <= 0 {
            return Err(Violation::order(format!("StreamData for stream {id} beyond its credit")));
        }
        if CHUNK < bytes {
            let words = format!("a chunk of {bytes} bytes in stream {id}; at most {CHUNK} are allowed");
            return Err(Violation { why: Refusal::Limit, words });
        }
        stream.credit -= (bytes + limits::STREAM_CHUNK) as i64;
        Ok(())
    }

    pub(super) fn check_open(&self, id: u64, what: &str) -> Result<(), Violation> {
        if self.open.get(&id).is_some_and(|stream| stream.end.is_none()) {
            return Ok(());
        }
        Err(Violation::order(format!("{what} for stream {id}, which is not open")))
    }
}

impl Incoming {
    /// A chunk was taken out; gives the credit that is due.
    fn take_out(&mut self, bytes: usize) -> Option<u64> {
        self.taken += bytes + limits::STREAM_CHUNK;
        if self.taken < GIVEN_BACK || self.end.is_some() {
            return None;
        }
        let amount = std::mem::take(&mut self.taken);
        self.credit += amount as i64;
        Some(amount as u64)
    }
}

/// An error in a stream, with the place where the plugin reads it.
pub(super) fn with_place(session: &Session, id: u64, thrown: Thrown) -> Thrown {
    let site = session.streams.receiving.borrow().open.get(&id).and_then(|stream| stream.site.clone());
    if let Some(site) = site {
        stack::answered_at(session, &thrown.0, &site);
    }
    thrown
}

/// Where the reader that waits for a stream's next chunk began to, if there is one.
pub(super) fn origin(session: &Session, id: u64) -> Option<Origin> {
    let receiving = session.streams.receiving.borrow();
    receiving.open.get(&id)?.reader.as_ref().map(|(_, origin)| *origin)
}

/// A stream of the host that stands in a message, as what the plugin sees of it.
pub(crate) fn open(session: &Session, id: u64) -> Result<Value, Undecodable> {
    let mut receiving = session.streams.receiving.borrow_mut();
    if limits::STREAMS <= receiving.open.len() {
        return Err(Undecodable::Malformed(format!("more than {} open streams", limits::STREAMS)));
    }
    if receiving.open.contains_key(&id) {
        return Err(Undecodable::Malformed(format!("stream {id} is introduced a second time")));
    }
    receiving.open.insert(id, Incoming::default());
    drop(receiving);
    let made = session.kit.ask("receiveStream", &[id_value(id)]);
    if made.is_err() {
        discard(session, id);
    }
    Ok(made?)
}

/// Nobody will read a stream that stands in a message: the value around it could not be made.
pub(crate) fn decline(session: &Session, id: u64) {
    let mut receiving = session.streams.receiving.borrow_mut();
    if receiving.open.contains_key(&id) || limits::STREAMS <= receiving.open.len() {
        return;
    }
    receiving.open.insert(id, Incoming::default());
    drop(receiving);
    discard(session, id);
}

/// `streamRead(id, reader)`: calls `reader` once, with `'chunk'` and the next chunk, `'error'` and what was thrown, or
/// `'end'`.
pub(super) fn read(session: &Session, arguments: &[Value]) -> Js {
    let (id, reader) = (id_of(arguments), argument(arguments, 1));
    let is_unread = |stream: &Incoming| !stream.is_begun && !stream.is_stopped;
    let is_unread = session.streams.receiving.borrow().open.get(&id).is_some_and(is_unread);
    let site = if is_unread { stack::call_site(session) } else { None };
    let mut receiving = session.streams.receiving.borrow_mut();
    let Some(stream) = receiving.open.get_mut(&id).filter(|stream| !stream.is_stopped) else {
        drop(receiving);
        return deliver_end(&reader, None);
    };
    if !stream.is_begun {
        stream.is_begun = true;
        stream.site = site;
        stream.credit = limits::STREAM_WINDOW as i64;
        session.send(&Message::Credit { stream: Some(id), amount: limits::STREAM_WINDOW as u64 });
    }
    if let Some((chunk, bytes)) = stream.unread.pop_front() {
        let due = stream.take_out(bytes);
        drop(receiving);
        return deliver(session, id, &reader, chunk, due);
    }
    match stream.end.take() {
        None => {
            stream.reader = Some((reader, session.turn.origin(session)));
            Ok(Value::UNDEFINED)
        }
        Some(error) => {
            receiving.open.remove(&id);
            drop(receiving);
            deliver_end(&reader, error)
        }
    }
}

/// `streamStop(id)`: the plugin wants no more of this stream. One that is over is only forgotten.
pub(super) fn stop(session: &Session, arguments: &[Value]) -> Js {
    discard(session, id_of(arguments));
    Ok(Value::UNDEFINED)
}

fn discard(session: &Session, id: u64) {
    let mut receiving = session.streams.receiving.borrow_mut();
    let Some(stream) = receiving.open.get_mut(&id) else { return };
    if stream.end.is_some() {
        let dropped = receiving.open.remove(&id);
        drop(receiving);
        return drop(dropped);
    }
    if stream.is_stopped {
        return;
    }
    stream.is_stopped = true;
    let dropped = (std::mem::take(&mut stream.unread), stream.reader.take());
    drop(receiving);
    drop(dropped);
    session.send(&Message::StreamStop { id });
}

/// A chunk arrived: whoever waits gets it.
pub(super) fn take_chunk(session: &Session, id: u64, chunk: Js, bytes: usize) {
    let mut receiving = session.streams.receiving.borrow_mut();
    let Some(stream) = receiving.open.get_mut(&id).filter(|stream| !stream.is_stopped) else { return };
    // What was kept stays before what arrives now.
    let reader = stream.reader.take_if(|_| stream.unread.is_empty());
    let Some((reader, _)) = reader else {
        stream.unread.push_back((chunk, bytes));
        return;
    };
    let due = stream.take_out(bytes);
    drop(receiving);
    if let Err(thrown) = deliver(session, id, &reader, chunk, due) {
        serve::report_uncaught(session, &thrown, false);
    }
}

/// A chunk arrived while the plugin's thread waits for something else: it is given to the plugin in a turn of its own.
pub(super) fn keep_chunk(session: &Session, id: u64, chunk: Js, bytes: usize) {
    let mut receiving = session.streams.receiving.borrow_mut();
    let Receiving { open, late } = &mut *receiving;
    let Some(stream) = open.get_mut(&id).filter(|stream| !stream.is_stopped) else { return };
    stream.unread.push_back((chunk, bytes));
    if stream.reader.is_some() && !late.contains(&id) {
        late.push_back(id);
    }
}

/// The end of a stream arrived while the plugin's thread waits.
pub(super) fn keep_end(session: &Session, id: u64, error: Option<Js>) {
    let mut receiving = session.streams.receiving.borrow_mut();
    let Receiving { open, late } = &mut *receiving;
    let Some(stream) = open.get_mut(&id) else { return };
    if stream.is_stopped {
        let dropped = open.remove(&id);
        drop(receiving);
        return drop(dropped);
    }
    stream.end = Some(error);
    if stream.reader.is_some() && !late.contains(&id) {
        late.push_back(id);
    }
}

/// The next stream of which something was kept, and whose reader may go on at this moment.
pub(super) fn next_late(session: &Session) -> Option<u64> {
    let mut receiving = session.streams.receiving.borrow_mut();
    let Receiving { open, late } = &mut *receiving;
    let reader = |id| open.get(id).and_then(|stream| stream.reader.as_ref());
    let may_go_on = |id| reader(id).is_none_or(|(_, origin)| waiting::may_go_on(session, *origin));
    let at = late.iter().position(may_go_on)?;
    late.remove(at)
}

/// Whether chunks were kept.
pub(super) fn has_late(session: &Session) -> bool {
    !session.streams.receiving.borrow().late.is_empty()
}

/// Gives a chunk or the end, which was kept, to whoever waits for it.
pub(super) fn give_late(session: &Session, id: u64) {
    let mut receiving = session.streams.receiving.borrow_mut();
    let Some(stream) = receiving.open.get_mut(&id).filter(|stream| stream.reader.is_some()) else { return };
    let Some((chunk, bytes)) = stream.unread.pop_front() else {
        let Some(error) = stream.end.take() else { return };
        drop(receiving);
        return take_end(session, id, error);
    };
    let (reader, due) = (stream.reader.take(), stream.take_out(bytes));
    drop(receiving);
    if let Some((reader, _)) = reader
        && let Err(thrown) = deliver(session, id, &reader, chunk, due)
    {
        serve::report_uncaught(session, &thrown, false);
    }
}

/// A stream is over.
pub(super) fn take_end(session: &Session, id: u64, error: Option<Js>) {
    let mut receiving = session.streams.receiving.borrow_mut();
    let Some(stream) = receiving.open.get_mut(&id) else { return };
    let is_at_its_end = stream.reader.is_some() && stream.unread.is_empty();
    if !is_at_its_end && !stream.is_stopped {
        stream.end = Some(error);
        return;
    }
    let reader = stream.reader.take();
    receiving.open.remove(&id);
    drop(receiving);
    if let Some((reader, _)) = reader {
        let (what, value) = end_arguments(error);
        call_own(session, &reader, &[what, value]);
    }
}

/// Gives a chunk to the plugin, and the credit for it back to the host. What could not be decoded ends the stream.
fn deliver(session: &Session, id: u64, reader: &Value, chunk: Js, due: Option<u64>) -> Js {
    let (what, value) = match chunk {
        Ok(chunk) => ("chunk", chunk),
        Err(thrown) => {
            discard(session, id);
            ("error", thrown.0)
        }
    };
    if let Some(amount) = due.filter(|_| what == "chunk") {
        session.send(&Message::Credit { stream: Some(id), amount });
    }
    reader.call(&Value::UNDEFINED, &[Value::string(what)?, value])
}

fn deliver_end(reader: &Value, error: Option<Js>) -> Js {
    let (what, value) = end_arguments(error);
    reader.call(&Value::UNDEFINED, &[what, value])
}

fn end_arguments(error: Option<Js>) -> (Value, Value) {
    let Some(error) = error else { return (Value::UNDEFINED, Value::UNDEFINED) };
    let value = error.unwrap_or_else(|thrown| thrown.0);
    (Value::string("error").unwrap_or(Value::NULL), value)
}

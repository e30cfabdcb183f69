//! Streams of the plugin that the host reads.

use super::{CHUNK, call_own, id_of, id_value};
use crate::engine::{Js, Thrown, Value};
use crate::incoming::Violation;
use crate::natives::argument;
use crate::refusal::{Unsendable, Why};
use crate::session::Session;
use crate::{calls_in, encode, serve};
use plughold_protocol::pack::Writer;
use plughold_protocol::record::Refusal;
use plughold_protocol::{Message, limits};
use std::collections::{HashMap, VecDeque};

/// Bytes that are longer than a chunk may be are cut into pieces of this size, which travel in the direct lane.
const PIECE: usize = limits::PIECE - limits::ENVELOPE;

/// The streams of the plugin that the host may read.
pub(super) struct Sending {
    open: HashMap<u64, Outgoing>,
    last_id: u64,
    /// Streams whose sources are to be asked, each in a turn of its own.
    ready: VecDeque<u64>,
}

/// One of them.
struct Outgoing {
    /// What `openSource` gave for it.
    source: Value,
    /// Bytes that may be sent; a chunk may take it below zero.
    credit: i64,
    state: State,
    /// The turn in which the source was asked last.
    asked_in: u64,
    /// Bytes that are longer than a chunk, and how much of them was sent.
    rest: Option<(Value, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing is asked of the source.
    Idle,
    /// It is among those that are to be asked.
    Ready,
    /// It was asked and has not answered.
    Asked,
    /// Its chunk is being encoded, which may run code of the plugin.
    Encoding,
    /// The host wanted no more while a chunk was being encoded.
    Stopped,
}

impl Sending {
    pub(super) fn new() -> Sending {
        Sending { open: HashMap::new(), last_id: 0, ready: VecDeque::new() }
    }

    /// Whether the plugin has ever opened this stream. A message about one that is over has crossed its end.
    pub(super) fn check_issued(&self, id: u64, what: &str) -> Result<(), Violation> {
        if 0 < id && id <= self.last_id {
            return Ok(());
        }
        Err(Violation::order(format!("{what} for stream {id}, which was never opened")))
    }

    pub(super) fn check_credit(&self, id: u64, amount: u64) -> Result<(), Violation> {
        self.check_issued(id, "Credit")?;
        let Some(stream) = self.open.get(&id) else { return Ok(()) };
        let most = (limits::STREAM_WINDOW as i64).saturating_sub(stream.credit);
        if i64::try_from(amount).is_ok_and(|amount| amount <= most) {
            return Ok(());
        }
        let words = format!("Credit for stream {id} beyond its window of {} bytes", limits::STREAM_WINDOW);
        Err(Violation { why: Refusal::Limit, words })
    }

    /// Has a source asked in a turn of its own, if there is credit.
    fn make_ready(&mut self, id: u64) {
        if let Some(stream) = self.open.get_mut(&id)
            && stream.state == State::Idle
            && 0 < stream.credit
        {
            stream.state = State::Ready;
            self.ready.push_back(id);
        }
    }
}

/// Whether an object that is no array, function or the like is a source of chunks: `is_plain` if its prototype is
/// `Object.prototype` or null, which are not looked at.
#[inline]
pub(crate) fn is_source(session: &Session, value: &Value, is_plain: bool) -> Js<bool> {
    let name = &session.kit.async_iterator;
    let method = match is_plain {
        true => value.has_own_symbol(name).and_then(|is_there| match is_there {
            true => value.get_symbol(name).map(Some),
            false => Ok(None),
        }),
        false => value.get_symbol(name).map(Some),
    };
    match method {
        Ok(method) => Ok(method.is_some_and(|method| method.is_function())),
        Err(thrown) if thrown.is_interrupt() => Err(thrown),
        // A proxy that throws whenever it is asked for something: it is no source, and may be anything else.
        Err(_) => Ok(false),
    }
}

/// Opens a stream for a source that stands in a value; gives its id. A `ReadableStream` is locked by this.
pub(crate) fn open(session: &Session, value: &Value) -> Result<u64, Unsendable> {
    if limits::STREAMS <= session.streams.sending.borrow().open.len() {
        return Err(Why::Bound(format!("{} streams are open already", limits::STREAMS)).into());
    }
    let source = session.kit.ask("openSource", std::slice::from_ref(value))?;
    if source.is_undefined() {
        return Err(Why::NoCopy("the stream is locked to a reader".to_owned()).into());
    }
    let mut sending = session.streams.sending.borrow_mut();
    sending.last_id += 1;
    let id = sending.last_id;
    sending.open.insert(id, Outgoing { source, credit: 0, state: State::Idle, asked_in: 0, rest: None });
    Ok(id)
}

/// The value with this stream was not sent after all: the source is as it was.
pub(crate) fn take_back(session: &Session, id: u64) {
    let stream = session.streams.sending.borrow_mut().open.remove(&id);
    if let Some(stream) = stream {
        tell(session, &stream, "release");
    }
}

/// Whether sources are to be asked.
pub(super) fn has_pulls(session: &Session) -> bool {
    !session.streams.sending.borrow().ready.is_empty()
}

/// The next source that is to be asked.
pub(super) fn next_pull(session: &Session) -> Option<u64> {
    session.streams.sending.borrow_mut().ready.pop_front()
}

/// The host stopped the turn that runs: a source that was asked in it may never answer.
pub(crate) fn fail_stopped(session: &Session) {
    let turn = session.turn.ordinal();
    let sending = session.streams.sending.borrow();
    let is_lost = |stream: &Outgoing| stream.state == State::Asked && stream.asked_in == turn;
    // A turn asks one source.
    let lost = sending.open.iter().find(|(_, stream)| is_lost(stream)).map(|(id, _)| *id);
    drop(sending);
    if let Some(id) = lost {
        close(session, id, Some(&session.turn.interruption(session)));
    }
}

/// The host has read, or begins to. It was checked that the credit fits.
pub(super) fn add_credit(session: &Session, id: u64, amount: u64) {
    let mut sending = session.streams.sending.borrow_mut();
    if let Some(stream) = sending.open.get_mut(&id) {
        stream.credit += amount as i64;
    }
    sending.make_ready(id);
}

/// Asks a source for its next chunk, in a turn of its own.
pub(super) fn pull(session: &Session, id: u64) {
    let mut sending = session.streams.sending.borrow_mut();
    let Some(stream) = sending.open.get_mut(&id).filter(|stream| stream.state == State::Ready) else {
        return;
    };
    (stream.state, stream.asked_in) = (State::Asked, session.turn.ordinal());
    if let Some((bytes, sent)) = stream.rest.take() {
        drop(sending);
        return send_piece(session, id, bytes, sent);
    }
    let source = stream.source.clone();
    drop(sending);
    let asked = source.get("pull").and_then(|pull| pull.call(&Value::UNDEFINED, &[id_value(id)]));
    if let Err(thrown) = asked {
        close_thrown(session, id, &thrown);
    }
}

/// The host wants no more.
pub(super) fn stop(session: &Session, id: u64) {
    let mut sending = session.streams.sending.borrow_mut();
    match sending.open.get_mut(&id) {
        None => return,
        Some(stream) if stream.state == State::Encoding => return stream.state = State::Stopped,
        Some(_) => {}
    }
    drop(sending);
    abandon(session, id, None);
}

/// `streamChunk(id, chunk)`: what a source that was asked has given.
pub(super) fn chunk(session: &Session, arguments: &[Value]) -> Js {
    let (id, chunk) = (id_of(arguments), argument(arguments, 1));
    if !enter(session, id, State::Asked, State::Encoding) {
        return Ok(Value::UNDEFINED);
    }
    let is_bytes = chunk.array_type() == Some(0) || chunk.is_array_buffer();
    if is_bytes && chunk.with_bytes(|bytes| CHUNK < bytes.len() + limits::ENVELOPE).unwrap_or(false) {
        enter(session, id, State::Encoding, State::Asked);
        send_piece(session, id, chunk, 0);
        return Ok(Value::UNDEFINED);
    }
    match encode::chunk(session, &chunk, CHUNK) {
        Ok(data) => {
            send(session, id, &data);
            session.give_buffer(data);
        }
        Err(thrown) => {
            let error = calls_in::encode_thrown(session, &thrown);
            abandon(session, id, Some(&error));
        }
    }
    Ok(Value::UNDEFINED)
}

/// `streamEnd(id)`: a source that was asked has no more.
pub(super) fn end(session: &Session, arguments: &[Value]) -> Js {
    let id = id_of(arguments);
    if enter(session, id, State::Asked, State::Idle) {
        close(session, id, None);
    }
    Ok(Value::UNDEFINED)
}

/// `streamFail(id, error)`: a source that was asked has failed.
pub(super) fn fail(session: &Session, arguments: &[Value]) -> Js {
    let id = id_of(arguments);
    if enter(session, id, State::Asked, State::Idle) {
        close_thrown(session, id, &Thrown(argument(arguments, 1)));
    }
    Ok(Value::UNDEFINED)
}

/// Changes the state of a stream, if it is this one.
fn enter(session: &Session, id: u64, from: State, to: State) -> bool {
    let mut sending = session.streams.sending.borrow_mut();
    let stream = sending.open.get_mut(&id).filter(|stream| stream.state == from);
    stream.map(|stream| stream.state = to).is_some()
}

/// Sends a piece of bytes that are longer than a chunk may be. The next one waits for its turn and for credit.
fn send_piece(session: &Session, id: u64, whole: Value, sent: usize) {
    let mut data = session.take_buffer();
    let mut end = sent;
    let read = whole.with_bytes(|bytes| {
        end = bytes.len().min(sent + PIECE);
        Writer::new(&mut data).bytes(bytes.get(sent..end).unwrap_or_default());
        end < bytes.len()
    });
    match read {
        Ok(has_more) => {
            if let Some(stream) = session.streams.sending.borrow_mut().open.get_mut(&id) {
                stream.rest = has_more.then_some((whole, end));
            }
            send(session, id, &data);
        }
        // The plugin gave the bytes away meanwhile.
        Err(thrown) => abandon(session, id, Some(&calls_in::encode_thrown(session, &thrown))),
    }
    session.give_buffer(data);
}

/// Sends a chunk and has the source asked for the next, unless the host stopped it meanwhile.
fn send(session: &Session, id: u64, data: &[u8]) {
    session.send(&Message::StreamData { id, data });
    let mut sending = session.streams.sending.borrow_mut();
    let Some(stream) = sending.open.get_mut(&id) else { return };
    stream.credit -= (data.len() + limits::STREAM_CHUNK) as i64;
    let is_stopped = stream.state == State::Stopped;
    stream.state = State::Idle;
    if !is_stopped {
        return sending.make_ready(id);
    }
    drop(sending);
    abandon(session, id, None);
}

/// The source has ended by itself.
fn close(session: &Session, id: u64, error: Option<&[u8]>) {
    let stream = session.streams.sending.borrow_mut().open.remove(&id);
    if let Some(stream) = stream {
        session.send(&Message::StreamEnd { id, error });
        tell(session, &stream, "release");
    }
}

fn close_thrown(session: &Session, id: u64, thrown: &Thrown) {
    let error = calls_in::encode_thrown(session, thrown);
    close(session, id, Some(&error));
}

/// The source has to end: nobody wants more of it, or what it gave cannot be sent.
fn abandon(session: &Session, id: u64, error: Option<&[u8]>) {
    let stream = session.streams.sending.borrow_mut().open.remove(&id);
    if let Some(stream) = stream {
        session.send(&Message::StreamEnd { id, error });
        tell(session, &stream, "stop");
    }
}

fn tell(session: &Session, stream: &Outgoing, what: &str) {
    match stream.source.get(what) {
        Ok(function) => call_own(session, &function, &[]),
        Err(thrown) => serve::report_uncaught(session, &thrown, false),
    }
}

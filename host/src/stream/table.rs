//! The open streams of one session, in both directions, and the rules that the plugin has to keep.

use crate::clock;
use crate::figures::{Origin, Place};
use crate::session::Session;
use crate::stream::pump::pump;
use crate::stream::reading::{Inflow, Pushed};
use crate::stream::room::Room;
use crate::stream::{Outgoing, Reading};
use crate::value::{Encoded, Incoming};
use crate::{CallError, OpenStreams, Thrown};
use plughold_protocol::{Message, limits};
use plughold_wire::Outbox;
use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Instant;
use tokio::task::AbortHandle;

/// The streams of a session.
///
/// Two locks: `notes` is a leaf that may be taken anywhere, also by what is dropped under the lock of what is sent;
/// `table` is taken before that lock, never after it.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    table: Mutex<Table>,
    notes: Mutex<Vec<Note>>,
    /// What the plugin's streams take.
    room: Arc<Room>,
    /// Sources that wait until the plugin reads what is written already.
    held_back: Mutex<Vec<Waker>>,
}

#[derive(Debug, Default)]
struct Table {
    incoming: HashMap<u64, Arc<Inflow>>,
    outgoing: HashMap<u64, Outflow>,
    /// The highest id that the plugin was told. What it says of one that is not open any more has crossed its end.
    last_outgoing: u64,
    is_closed: bool,
}

/// A source that the plugin may read.
#[derive(Debug)]
struct Outflow {
    /// Bytes that may be sent; a chunk may take it below zero.
    credit: i64,
    since: Instant,
    /// Until the plugin begins to read.
    waiting: Option<Outgoing>,
    task: Option<AbortHandle>,
    /// The task, when it waits for credit.
    waker: Option<Waker>,
}

/// A stream that is open, for whoever wants to know.
#[derive(Debug)]
pub(crate) struct Detail {
    pub(crate) id: u64,
    pub(crate) since: Instant,
    /// Where the plugin has passed it; none of one that it is sent.
    pub(crate) place: Option<Place>,
    pub(crate) unread: usize,
}

/// What is to be told the plugin with the next write.
#[derive(Clone, Copy, Debug)]
enum Note {
    Credit(u64, u64),
    Stop(u64),
}

/// The sources of a message that is being sent. Dropping this forgets them again.
#[must_use = "what is not sent is forgotten"]
pub(crate) struct Opened<'s> {
    streams: &'s Streams,
    ids: Vec<u64>,
}

/// As many streams are open as there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the plugin has {0} open streams already, as many as it may")]
pub(crate) struct TooManyStreams(usize);

impl Opened<'_> {
    /// The message is on its way.
    pub(crate) fn sent(mut self) {
        self.ids.clear();
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        if self.ids.is_empty() {
            return;
        }
        let mut table = self.streams.lock();
        let forgotten: Vec<_> = self.ids.iter().filter_map(|id| table.outgoing.remove(id)).collect();
        drop(table);
        drop(forgotten);
    }
}

/// Whether a message was about a stream that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Open,
    /// It has ended meanwhile.
    Over,
}

impl Streams {
    // -- What the plugin sends ----------------------------------------------------------------------------------

    /// The plugin introduces a stream. The error says in words which rule it breaks.
    pub(crate) fn introduce(
        &self,
        session: &Arc<Session>,
        id: u64,
        origin: Origin,
    ) -> Result<Arc<Reading>, String> {
        let inflow = Inflow::new(id, self.room.clone(), origin);
        let mut table = self.lock();
        if limits::STREAMS <= table.incoming.len() {
            return Err(format!("more than {} open streams", limits::STREAMS));
        }
        if table.incoming.contains_key(&id) {
            return Err(format!("stream {id} is introduced a second time"));
        }
        table.incoming.insert(id, inflow.clone());
        drop(table);
        Ok(Reading::new(inflow, session.clone()))
    }

    /// Checks a chunk of so many bytes against the credit of its stream.
    pub(super) fn check_data(&self, id: u64, bytes: usize) -> Result<(), String> {
        let inflow = self.inflow(id, "StreamData")?;
        if limits::STREAM_WINDOW < bytes {
            return Err(format!(
                "a chunk of {bytes} bytes in stream {id}; at most {} are allowed",
                limits::STREAM_WINDOW
            ));
        }
        inflow.take_credit(bytes)
    }

    /// A checked chunk, for whoever reads.
    pub(super) fn push(&self, session: &Session, id: u64, chunk: Incoming, bytes: usize) {
        let Ok(inflow) = self.inflow(id, "StreamData") else { return };
        match inflow.push(chunk, bytes) {
            Pushed::Kept => {}
            Pushed::Unwanted(chunk) => drop(chunk),
            Pushed::Full(chunk) => {
                drop(chunk);
                self.note_stop(session, id);
            }
        }
    }

    /// The plugin's stream is over.
    pub(super) fn finish(&self, id: u64, end: Result<(), Thrown>) -> Result<(), String> {
        let inflow = self.inflow(id, "StreamEnd")?;
        self.lock().incoming.remove(&id);
        inflow.finish(end.map_err(|thrown| CallError::Thrown(Box::new(thrown))));
        Ok(())
    }

    fn inflow(&self, id: u64, what: &str) -> Result<Arc<Inflow>, String> {
        let inflow = self.lock().incoming.get(&id).cloned();
        inflow.ok_or_else(|| format!("{what} for stream {id}, which is not open"))
    }

    /// A reader has room for so many bytes more.
    pub(super) fn note_credit(&self, session: &Session, id: u64, amount: u64) {
        self.note(session, Note::Credit(id, amount));
    }

    /// Nobody reads any more.
    pub(super) fn note_stop(&self, session: &Session, id: u64) {
        self.note(session, Note::Stop(id));
    }

    fn note(&self, session: &Session, note: Note) {
        if !session.is_live() {
            return;
        }
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.push(note);
        let is_first = notes.len() == 1;
        drop(notes);
        if is_first {
            session.wake.notify_one();
        }
    }

    /// Adds what is to be told the plugin to what is written next.
    pub(crate) fn collect(&self, outbox: &mut Outbox) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.is_empty() {
            return;
        }
        let taken = std::mem::take(&mut *notes);
        drop(notes);
        for note in taken {
            outbox.push(&match note {
                Note::Credit(id, amount) => Message::Credit { stream: Some(id), amount },
                Note::Stop(id) => Message::StreamStop { id },
            });
        }
    }

    // -- What the plugin is sent --------------------------------------------------------------------------------

    /// Opens the sources of a message that is about to be sent: they wait for the plugin to read. To be called before
    /// what is sent is locked.
    pub(crate) fn open(&self, streams: Vec<Outgoing>) -> Result<Opened<'_>, TooManyStreams> {
        let mut opened = Opened { streams: self, ids: Vec::new() };
        if streams.is_empty() {
            return Ok(opened);
        }
        let mut table = self.lock();
        if table.is_closed {
            return Ok(opened);
        }
        if limits::STREAMS < table.outgoing.len() + streams.len() {
            return Err(TooManyStreams(limits::STREAMS));
        }
        for outgoing in streams {
            let id = outgoing.id;
            opened.ids.push(id);
            table.last_outgoing = table.last_outgoing.max(id);
            let outflow =
                Outflow { credit: 0, since: clock::now(), waiting: Some(outgoing), task: None, waker: None };
            table.outgoing.insert(id, outflow);
        }
        Ok(opened)
    }

    /// The plugin has read, or begins to. The error says in words which rule it breaks.
    pub(super) fn add_credit(&self, session: &Arc<Session>, id: u64, amount: u64) -> Result<Known, String> {
        let mut table = self.lock();
        table.check_told(id, "Credit")?;
        let Some(outflow) = table.outgoing.get_mut(&id) else { return Ok(Known::Over) };
        let most = (limits::STREAM_WINDOW as i64).saturating_sub(outflow.credit);
        let amount = i64::try_from(amount).ok().filter(|amount| 0 < *amount && *amount <= most);
        let Some(amount) = amount else {
            let window = limits::STREAM_WINDOW;
            return Err(format!("Credit for stream {id} beyond its window of {window} bytes, or of none"));
        };
        outflow.credit += amount;
        if let Some(outgoing) = outflow.waiting.take() {
            let task = session.runtime().spawn(pump(session.clone(), outgoing));
            outflow.task = Some(task.abort_handle());
        }
        let waker = outflow.waker.take();
        drop(table);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(Known::Open)
    }

    /// The plugin wants no more: the source is dropped.
    pub(super) fn stop(&self, session: &Session, id: u64) -> Result<Known, String> {
        let mut table = self.lock();
        table.check_told(id, "StreamStop")?;
        let Some(outflow) = table.outgoing.remove(&id) else { return Ok(Known::Over) };
        let _nothing = session.send_behind(&Message::StreamEnd { id, error: None }, Encoded::default());
        drop(table);
        outflow.drop_source();
        Ok(Known::Open)
    }

    /// Waits until something may be sent; false once the stream is over.
    pub(super) async fn has_credit(&self, session: &Session, id: u64) -> bool {
        poll_fn(|context| {
            let mut table = self.lock();
            let Some(outflow) = table.outgoing.get_mut(&id) else { return Poll::Ready(false) };
            if outflow.credit <= 0 {
                outflow.waker = Some(context.waker().clone());
                return Poll::Pending;
            }
            drop(table);
            if session.unwritten() <= limits::STREAMS_WINDOW {
                return Poll::Ready(true);
            }
            let mut held_back = self.held_back.lock().unwrap_or_else(PoisonError::into_inner);
            held_back.push(context.waker().clone());
            drop(held_back);
            // It may have been written meanwhile, by who could not see this waker yet.
            if session.unwritten() <= limits::STREAMS_WINDOW { Poll::Ready(true) } else { Poll::Pending }
        })
        .await
    }

    /// So many bytes wait to be written: sources go on if that is little enough.
    pub(crate) fn written(&self, unwritten: usize) {
        if limits::STREAMS_WINDOW < unwritten {
            return;
        }
        let mut held_back = self.held_back.lock().unwrap_or_else(PoisonError::into_inner);
        let wakers = std::mem::take(&mut *held_back);
        drop(held_back);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Sends a chunk, unless the stream is over. The error is for whoever reads.
    pub(super) fn send(&self, session: &Session, id: u64, mut chunk: Encoded) -> Result<(), Thrown> {
        let opened = self.open(std::mem::take(&mut chunk.streams))?;
        let bytes = std::mem::take(&mut chunk.bytes);
        let mut table = self.lock();
        let Some(outflow) = table.outgoing.get_mut(&id) else {
            drop(table);
            return Ok(());
        };
        outflow.credit -= (bytes.len() + limits::STREAM_CHUNK) as i64;
        // Under the lock: nothing of a stream may follow its end.
        let unsent = session.send_behind(&Message::StreamData { id, data: &bytes }, chunk);
        drop(table);
        match unsent {
            Some(unsent) => drop(unsent),
            None => opened.sent(),
        }
        Ok(())
    }

    /// The source has ended.
    pub(super) fn end(&self, session: &Session, id: u64, error: Option<&[u8]>) {
        let mut table = self.lock();
        if table.outgoing.remove(&id).is_some() {
            let _nothing = session.send_behind(&Message::StreamEnd { id, error }, Encoded::default());
        }
    }

    /// The open streams: those that the plugin sends, and those that it is sent.
    pub(crate) fn details(&self) -> (Vec<Detail>, Vec<Detail>) {
        let table = self.lock();
        let incoming = table.incoming.iter().map(|(id, inflow)| {
            let Origin { place, since } = inflow.origin().clone();
            Detail { id: *id, since, place: Some(place), unread: inflow.unread() }
        });
        let outgoing = table.outgoing.iter().map(|(id, outflow)| Detail {
            id: *id,
            since: outflow.since,
            place: None,
            unread: 0,
        });
        (incoming.collect(), outgoing.collect())
    }

    /// How many streams are open: those that the plugin sends, and those that it is sent.
    pub(crate) fn count(&self) -> OpenStreams {
        let table = self.lock();
        let count = |streams: usize| u32::try_from(streams).unwrap_or(u32::MAX);
        OpenStreams { from_plugin: count(table.incoming.len()), to_plugin: count(table.outgoing.len()) }
    }

    /// What the plugin's streams take: what is promised, and what is unread.
    #[cfg(test)]
    pub(crate) fn used(&self) -> (i64, usize) {
        self.room.used()
    }

    /// How many sources wait until the plugin reads.
    #[cfg(test)]
    pub(crate) fn held_back(&self) -> usize {
        self.held_back.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    // -- The end ------------------------------------------------------------------------------------------------

    /// The process is gone: whoever reads learns it, and every source is dropped.
    pub(crate) fn close(&self, gone: &CallError) {
        let mut table = self.lock();
        table.is_closed = true;
        let incoming = std::mem::take(&mut table.incoming);
        let outgoing = std::mem::take(&mut table.outgoing);
        drop(table);
        for inflow in incoming.into_values() {
            inflow.finish(Err(gone.clone()));
        }
        for outflow in outgoing.into_values() {
            outflow.drop_source();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn check_told(&self, id: u64, what: &str) -> Result<(), String> {
        if id <= self.last_outgoing {
            return Ok(());
        }
        Err(format!("{what} for stream {id}, which was never opened"))
    }
}

impl Outflow {
    fn drop_source(self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

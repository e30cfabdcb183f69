//! The host's end of a stream that a plugin sends.

use crate::figures::Origin;
use crate::session::Session;
use crate::stream::room::Room;
use crate::value::Incoming;
use crate::{CallError, Thrown};
use plughold_protocol::limits;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Chunks that were taken give their credit back together, once they are this many bytes.
const GIVEN_BACK: usize = limits::STREAM_WINDOW / 2;

/// The handle of whoever reads a stream, and of the message that introduced it. Dropping the last one stops the plugin's
/// source, and never blocks.
pub(crate) struct Reading {
    inflow: Arc<Inflow>,
    session: Arc<Session>,
}

/// What arrived and was not read, shared with the table of the session.
#[derive(Debug)]
pub(crate) struct Inflow {
    id: u64,
    room: Arc<Room>,
    /// Where the plugin has passed it, and when.
    origin: Origin,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Bytes that the plugin may send; a chunk may take it below zero.
    credit: i64,
    /// Bytes of the window that are neither credit nor unread: what may be given next.
    owed: usize,
    /// Credit and what is unread, as long as the room counts them.
    promised: i64,
    /// Chunks, with what each takes of the credit.
    unread: VecDeque<(Incoming, usize)>,
    /// How it ended, behind what is unread. The error is given once.
    end: Option<Result<(), CallError>>,
    /// Nobody reads any more; the plugin has not confirmed it yet.
    is_stopped: bool,
    waker: Option<Waker>,
}

/// What becomes of a chunk that arrived.
#[must_use = "chunks are dropped where no lock is held"]
pub(super) enum Pushed {
    /// Somebody will read it.
    Kept,
    /// Nobody reads any more.
    Unwanted(Incoming),
    /// There is no room for it: the stream has failed, and its plugin is to be told.
    Full(Incoming),
}

impl Inflow {
    pub(super) fn new(id: u64, room: Arc<Room>, origin: Origin) -> Arc<Inflow> {
        let state = State {
            credit: 0,
            owed: limits::STREAM_WINDOW,
            promised: 0,
            unread: VecDeque::new(),
            end: None,
            is_stopped: false,
            waker: None,
        };
        Arc::new(Inflow { id, room, origin, state: Mutex::new(state) })
    }

    /// Where the plugin has passed it, and when.
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Bytes that have arrived and that nobody has read, as credit counts them.
    pub(super) fn unread(&self) -> usize {
        self.lock().unread.iter().map(|(_, cost)| cost).sum()
    }

    /// Counts a chunk of so many bytes against the credit. The error says in words which rule it breaks.
    pub(super) fn take_credit(&self, bytes: usize) -> Result<(), String> {
        let mut state = self.lock();
        if state.credit <= 0 {
            return Err(format!("StreamData for stream {} beyond its credit", self.id));
        }
        state.credit -= cost(bytes) as i64;
        Ok(())
    }

    /// A chunk of so many bytes arrived.
    pub(super) fn push(&self, chunk: Incoming, bytes: usize) -> Pushed {
        let mut state = self.lock();
        if state.is_stopped {
            return Pushed::Unwanted(chunk);
        }
        if !self.room.keep(cost(bytes)) {
            state.is_stopped = true;
            self.end(state, Err(no_room()));
            return Pushed::Full(chunk);
        }
        state.unread.push_back((chunk, cost(bytes)));
        wake(state);
        Pushed::Kept
    }

    /// The stream is over, well or not.
    pub(super) fn finish(&self, end: Result<(), CallError>) {
        self.end(self.lock(), end);
    }

    fn end(&self, mut state: MutexGuard<State>, end: Result<(), CallError>) {
        // Nothing more will come; what is unread has an account of its own.
        self.room.settle(std::mem::take(&mut state.promised));
        if state.end.is_none() {
            state.end = Some(end);
        }
        wake(state);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a chunk takes of the credit.
fn cost(bytes: usize) -> usize {
    bytes + limits::STREAM_CHUNK
}

fn no_room() -> CallError {
    let words = format!("more than {} bytes of the plugin's streams are unread", limits::STREAMS_UNREAD);
    CallError::Thrown(Box::new(Thrown::new("RangeError", words).with_code("E_BUSY")))
}

/// Wakes who reads, outside of the lock.
fn wake(mut state: MutexGuard<State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl Reading {
    pub(super) fn new(inflow: Arc<Inflow>, session: Arc<Session>) -> Arc<Reading> {
        Arc::new(Reading { inflow, session })
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// The next chunk; none at the end. Chunks that arrived before the plugin's process ended are given first.
    pub(crate) fn poll_chunk(&self, context: &mut Context<'_>) -> Poll<Option<Result<Incoming, CallError>>> {
        let mut state = self.inflow.lock();
        if let Some((chunk, cost)) = state.unread.pop_front() {
            self.inflow.room.give_out(cost);
            if state.end.is_none() {
                self.inflow.room.settle(cost as i64);
                state.promised -= cost as i64;
            }
            state.owed += cost;
            self.give_credit(state, false);
            return Poll::Ready(Some(Ok(chunk)));
        }
        if let Some(end) = &mut state.end {
            let end = std::mem::replace(end, Ok(()));
            return Poll::Ready(end.err().map(Err));
        }
        state.waker = Some(context.waker().clone());
        self.give_credit(state, true);
        Poll::Pending
    }

    /// Gives what is owed, if it is worth a message and there is room for it; to who waits always enough for a chunk.
    fn give_credit(&self, mut state: MutexGuard<State>, is_waiting: bool) {
        if state.owed < GIVEN_BACK || state.end.is_some() {
            return;
        }
        let mut amount = state.owed;
        if !self.inflow.room.promise(amount) {
            if !is_waiting || 0 < state.credit {
                return;
            }
            amount = state.owed.min(usize::try_from(1 - state.credit).unwrap_or(1));
            self.inflow.room.promise_anyway(amount);
        }
        state.owed -= amount;
        state.credit += amount as i64;
        state.promised += amount as i64;
        drop(state);
        self.session.streams.note_credit(&self.session, self.inflow.id, amount as u64);
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut state = self.inflow.lock();
        let unread = std::mem::take(&mut state.unread);
        let kept: usize = unread.iter().map(|(_, cost)| cost).sum();
        self.inflow.room.give_out(kept);
        self.inflow.room.settle(std::mem::take(&mut state.promised));
        let was_open = state.end.is_none() && !std::mem::replace(&mut state.is_stopped, true);
        drop(state);
        drop(unread);
        if was_open {
            self.session.streams.note_stop(&self.session, self.inflow.id);
        }
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} #{}", self.session.plugin(), self.inflow.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Place;
    use crate::value::Scope;
    use std::time::Instant;

    fn inflow() -> Arc<Inflow> {
        let origin = Origin { place: Place::Stream, since: Instant::now() };
        Inflow::new(7, Arc::default(), origin)
    }

    fn chunk() -> Incoming {
        Incoming::new(&[0xc0], Scope::default(), Vec::new())
    }

    #[test]
    fn nothing_may_be_sent_before_somebody_reads() {
        let inflow = inflow();
        assert_eq!(inflow.take_credit(1).unwrap_err(), "StreamData for stream 7 beyond its credit");
        inflow.lock().credit = 3;
        assert_eq!(inflow.take_credit(10), Ok(()), "a chunk may take the credit below zero");
        assert!(inflow.take_credit(1).is_err());
    }

    #[test]
    fn the_smallest_chunks_take_what_keeping_them_takes() {
        let inflow = inflow();
        inflow.lock().credit = limits::STREAM_WINDOW as i64;
        let sent = (0..).take_while(|_| inflow.take_credit(1).is_ok()).count();
        assert_eq!(sent, limits::STREAM_WINDOW.div_ceil(1 + limits::STREAM_CHUNK));
    }

    #[test]
    fn what_nobody_reads_is_given_back_and_the_first_end_counts() {
        let inflow = inflow();
        assert!(matches!(inflow.push(chunk(), 1), Pushed::Kept));
        inflow.lock().is_stopped = true;
        assert!(matches!(inflow.push(chunk(), 1), Pushed::Unwanted(_)));
        inflow.finish(Ok(()));
        inflow.finish(Err(CallError::Cancelled));
        assert_eq!(inflow.lock().end, Some(Ok(())));
    }

    #[test]
    fn a_stream_fails_whose_chunk_has_no_room() {
        let inflow = inflow();
        assert!(inflow.room.keep(limits::STREAMS_UNREAD - 2 * cost(1)));
        assert!(matches!(inflow.push(chunk(), 1), Pushed::Kept));
        assert!(matches!(inflow.push(chunk(), 1), Pushed::Kept), "exactly as much as there may be");
        assert!(matches!(inflow.push(chunk(), 1), Pushed::Full(_)));
        assert_eq!(inflow.room.used().1, limits::STREAMS_UNREAD, "what is refused takes nothing");
        assert_eq!(inflow.lock().end, Some(Err(no_room())));
        assert!(matches!(inflow.push(chunk(), 1), Pushed::Unwanted(_)));
    }
}

//! The host's end of a stream that a plugin sends.

use crate::CallError;
use crate::session::Session;
use crate::value::Incoming;
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
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whether anybody has begun to read.
    is_begun: bool,
    /// Bytes that the plugin may send; a chunk may take it below zero.
    credit: i64,
    /// Bytes that were taken since credit was given back last.
    taken: usize,
    unread: VecDeque<(Incoming, usize)>,
    /// How it ended, behind what is unread. The error is given once.
    end: Option<Result<(), CallError>>,
    /// Nobody reads any more; the plugin has not confirmed it yet.
    is_stopped: bool,
    waker: Option<Waker>,
}

impl Inflow {
    pub(super) fn new(id: u64) -> Arc<Inflow> {
        Arc::new(Inflow { id, state: Mutex::default() })
    }

    /// Counts a chunk of so many bytes against the credit. The error says in words which rule it breaks.
    pub(super) fn take_credit(&self, bytes: usize) -> Result<(), String> {
        let mut state = self.lock();
        if state.credit <= 0 {
            return Err(format!("StreamData for stream {} beyond its credit", self.id));
        }
        state.credit -= bytes as i64;
        Ok(())
    }

    /// A chunk arrived. One that nobody reads is given back, to be dropped.
    pub(super) fn push(&self, chunk: Incoming, bytes: usize) -> Option<Incoming> {
        let mut state = self.lock();
        if state.is_stopped {
            return Some(chunk);
        }
        state.unread.push_back((chunk, bytes));
        wake(state);
        None
    }

    /// The stream is over, well or not.
    pub(super) fn finish(&self, end: Result<(), CallError>) {
        let mut state = self.lock();
        if state.end.is_none() {
            state.end = Some(end);
        }
        wake(state);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        if let Some((chunk, bytes)) = state.unread.pop_front() {
            state.taken += bytes;
            if GIVEN_BACK <= state.taken && state.end.is_none() {
                let amount = std::mem::take(&mut state.taken);
                self.give_credit(state, amount);
            }
            return Poll::Ready(Some(Ok(chunk)));
        }
        if let Some(end) = &mut state.end {
            let end = std::mem::replace(end, Ok(()));
            return Poll::Ready(end.err().map(Err));
        }
        state.waker = Some(context.waker().clone());
        if !state.is_begun {
            state.is_begun = true;
            self.give_credit(state, limits::STREAM_WINDOW);
        }
        Poll::Pending
    }

    fn give_credit(&self, mut state: MutexGuard<State>, amount: usize) {
        state.credit += amount as i64;
        drop(state);
        self.session.streams.note_credit(&self.session, self.inflow.id, amount as u64);
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut state = self.inflow.lock();
        let unread = std::mem::take(&mut state.unread);
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
    use crate::value::Scope;

    #[test]
    fn nothing_may_be_sent_before_somebody_reads() {
        let inflow = Inflow::new(7);
        assert_eq!(inflow.take_credit(1).unwrap_err(), "StreamData for stream 7 beyond its credit");
        inflow.lock().credit = 3;
        assert_eq!(inflow.take_credit(10), Ok(()), "a chunk may take the credit below zero");
        assert!(inflow.take_credit(1).is_err());
    }

    #[test]
    fn what_nobody_reads_is_given_back_and_the_first_end_counts() {
        let chunk = || Incoming::new(&[0xc0], Scope::default(), Vec::new());
        let inflow = Inflow::new(7);
        assert!(inflow.push(chunk(), 1).is_none());
        inflow.lock().is_stopped = true;
        assert!(inflow.push(chunk(), 1).is_some());
        inflow.finish(Ok(()));
        inflow.finish(Err(CallError::Cancelled));
        assert_eq!(inflow.lock().end, Some(Ok(())));
    }
}

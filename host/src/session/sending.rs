//! What waits to be written to a runner, and what becomes of it.

use crate::blackbox::Tape;
use crate::callback::Reference;
use crate::clock;
use crate::figures::Account;
use crate::launch::ControlPage;
use crate::session::pipe::Pipe;
use crate::session::ticket::{Calls, distinct};
use crate::session::watch::Watch;
use plughold_protocol::Message;
use plughold_protocol::limits;
use plughold_wire::Outbox;
use plughold_wire::frame::Lane;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How the conversation ended, as the socket saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The runner closed the socket: it has ended, or is about to.
    Closed,
    /// It said something that no honest runner says.
    Violation(String),
    /// It did not end a turn, or did not run at all.
    Unresponsive,
    /// It has used this much of the processors in a minute, and may use no more than the other.
    OverBudget { used: Duration, per_minute: Duration },
}

/// What the connection's task has to look after.
#[derive(Debug)]
pub(crate) struct Needs {
    /// The socket was full.
    pub(crate) is_blocked: bool,
    /// The watch is armed.
    pub(crate) is_watched: bool,
    /// The session cannot go on.
    pub(crate) failure: Option<Ending>,
}

/// Everything that waits to be written, under one lock with the table of calls: a call's number and its place in the
/// stream belong together.
pub(super) struct Sending {
    /// None once the session has ended: a callback that is kept for long must not keep a descriptor open.
    pub(super) stream: Option<Arc<dyn Pipe>>,
    pub(super) outbox: Outbox,
    /// The last messages, for the black box.
    pub(super) tape: Tape,
    pub(super) calls: Calls,
    /// What the calls that were answered have cost.
    pub(super) account: Account,
    /// Bytes that were written so far.
    pub(super) written: u64,
    pub(super) watch: Watch,
    /// The connection's task handles a batch of messages and will write at its end.
    pub(super) batching: bool,
    /// The socket is full; the connection's task writes on when there is room.
    pub(super) blocked: bool,
    /// References that stand in messages which are not written yet.
    pub(super) holds: Vec<Arc<Reference>>,
    /// How many of them are looked through for those that are held more than once.
    crowded: usize,
    /// Why nothing more can be written; the connection's task ends the session.
    pub(super) failure: Option<Ending>,
}

/// Bytes that may wait for a runner that does not read. New calls and notifications are refused long before; what comes
/// on top are answers to its own calls.
const MOST_UNREAD: usize = 2 * limits::OUTBOX;

/// References that may be held more than once.
const FEW: usize = 1_024;

impl Sending {
    pub(super) fn new(stream: Arc<dyn Pipe>, in_flight: u32, watch: Watch) -> Sending {
        Sending {
            stream: Some(stream),
            outbox: Outbox::new(),
            tape: Tape::new(clock::now()),
            calls: Calls::new(in_flight),
            account: Account::new(clock::now()),
            written: 0,
            watch,
            batching: false,
            blocked: false,
            holds: Vec::new(),
            crowded: FEW,
            failure: None,
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.stream.is_none()
    }

    /// Adds a message. Its lane is returned.
    pub(super) fn push(&mut self, message: &Message) -> Lane {
        if !self.batching {
            self.tape.begin(clock::now());
        }
        self.tape.note(message);
        self.outbox.push(message)
    }

    /// The same for whoever has read the clock already.
    pub(super) fn push_at(&mut self, message: &Message, now: Instant) -> Lane {
        self.tape.begin(now);
        self.tape.note(message);
        self.outbox.push(message)
    }

    /// Adds a message that has to stay behind the long ones that wait.
    pub(super) fn push_behind_bulk(&mut self, message: &Message) {
        self.tape.note(message);
        self.outbox.push_behind_bulk(message);
    }

    /// Writes as much as the socket takes. What is left to be done is noted in `blocked` and `failure`.
    pub(super) fn write(&mut self, page: &ControlPage) {
        if self.blocked && MOST_UNREAD < self.outbox.pending_bytes() {
            let words = format!("it does not read: more than {MOST_UNREAD} bytes wait for it");
            self.failure = Some(Ending::Violation(words));
        }
        if self.blocked || self.outbox.is_empty() {
            return;
        }
        let Some(stream) = self.stream.clone() else { return };
        self.watch.sent(page.pulse(), clock::now());
        loop {
            let chunk = self.outbox.chunk();
            if chunk.is_empty() {
                return;
            }
            match stream.try_write(chunk) {
                Ok(count) => {
                    self.outbox.written(count);
                    self.written += count as u64;
                    page.add_sent(count as u64);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.blocked = true;
                    return;
                }
                Err(_) => {
                    self.failure = Some(Ending::Closed);
                    return;
                }
            }
        }
    }

    /// Adds a message that may not overtake a call that was sent before. One that left in the bulk lane may still be there.
    pub(super) fn push_after_call(&mut self, is_long: bool, message: &Message) {
        if self.is_closed() {
            return;
        }
        if is_long && self.outbox.has_bulk() {
            self.push_behind_bulk(message);
        } else {
            self.push(message);
        }
    }

    /// Holds references in a message until it is written. For one that comes home often enough each counts once: whoever
    /// never reads all that waits would otherwise let them pile up for ever.
    pub(super) fn hold(&mut self, references: Vec<Arc<Reference>>) {
        self.holds.extend(references);
        if self.crowded <= self.holds.len() {
            distinct(&mut self.holds);
            self.crowded = FEW.max(2 * self.holds.len());
        }
    }

    /// What was held until it was written, to be dropped outside of the lock.
    pub(super) fn take_written(&mut self) -> Vec<Arc<Reference>> {
        if self.outbox.is_empty() { std::mem::take(&mut self.holds) } else { Vec::new() }
    }
}

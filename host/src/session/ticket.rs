//! A caller's end of one call, and what an open call keeps.

use crate::callback::Reference;
use crate::error::CallError;
use crate::figures::Slot;
use crate::session::berths::Berth;
use crate::session::calls::{CallTable, Full};
use crate::session::waiting::Awaited;
use crate::session::{Link, Session};
use crate::value::Incoming;
use plughold_protocol::record::Unwanted;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::sync::oneshot;

/// The answer to one call.
pub(crate) type Answer = Result<Incoming, CallError>;

/// The table of calls of a session.
pub(super) type Calls = CallTable<oneshot::Sender<Answer>, Kept>;

/// What is kept for a call until it is answered.
#[derive(Debug)]
pub(super) struct Kept {
    /// What the call uses stays alive.
    _holds: Vec<Arc<Reference>>,
    /// What the plugin's own calls on behalf of this one belong to. None until it is sent.
    pub(super) link: Option<Arc<Link>>,
    /// Blocked plugins that wait for it. They do not, once nobody wants the answer.
    pub(super) awaited: Option<Awaited>,
    /// What it takes of the room for other plugins.
    pub(super) berth: Option<Berth>,
    /// Where it is counted.
    pub(super) slot: Slot,
    /// When it was made.
    pub(super) since: Instant,
}

impl Calls {
    /// Opens a call that uses `holds` and is counted in `slot`, and gives its id and where its answer will be.
    pub(super) fn open_with(
        &mut self,
        mut holds: Vec<Arc<Reference>>,
        slot: Slot,
        now: Instant,
    ) -> Result<(u64, oneshot::Receiver<Answer>), CallError> {
        distinct(&mut holds);
        let (reply, receiver) = oneshot::channel();
        let held = holds.len();
        let kept = Kept { _holds: holds, link: None, awaited: None, berth: None, slot, since: now };
        match self.open(reply, kept, held) {
            Ok(id) => Ok((id, receiver)),
            Err(Full { in_flight }) => Err(CallError::Busy { in_flight }),
        }
    }

    /// How many calls are open, and the first of them with what they are for.
    pub(super) fn oldest(&self, most: usize) -> OldestCalls {
        let mut open = self.in_order();
        open.truncate(most);
        let what = |kept: &Kept| kept.link.as_ref().map(|link| link.called().to_string());
        let oldest = open.into_iter().map(|(id, kept)| (id, what(kept))).collect();
        OldestCalls { count: self.len(), oldest }
    }
}

/// Calls without an answer, for the black box.
#[derive(Debug)]
pub(crate) struct OldestCalls {
    /// How many there are.
    pub(crate) count: usize,
    /// The oldest ones, by number, and what was called.
    pub(crate) oldest: Vec<(u64, Option<String>)>,
}

/// Leaves each reference once: one message may hold the same one a hundred thousand times.
pub(super) fn distinct(references: &mut Vec<Arc<Reference>>) {
    references.sort_unstable_by_key(Arc::as_ptr);
    references.dedup_by(|one, other| Arc::ptr_eq(one, other));
}

/// The caller's end of one call: dropping it before the answer cancels the call.
#[derive(Debug)]
pub(crate) struct Ticket {
    session: Arc<Session>,
    id: u64,
    receiver: oneshot::Receiver<Answer>,
    settled: bool,
    /// What the plugin is told if this is dropped before the answer.
    unwanted: Unwanted,
}

impl Ticket {
    pub(crate) fn new(session: Arc<Session>, id: u64, receiver: oneshot::Receiver<Answer>) -> Ticket {
        Ticket { session, id, receiver, settled: false, unwanted: Unwanted::Dropped }
    }

    pub(crate) fn poll_answer(&mut self, context: &mut Context<'_>) -> Poll<Answer> {
        Pin::new(&mut self.receiver).poll(context).map(|received| {
            // The sender is dropped unanswered only when the session has ended.
            received.unwrap_or_else(|_| Err(self.session.gone_error()))
        })
    }

    pub(crate) fn settle(&mut self) {
        self.settled = true;
    }

    /// Nobody will wait for the answer any more, for this reason.
    pub(crate) fn give_up(&mut self, why: Unwanted) {
        self.unwanted = why;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.settled {
            self.session.cancel(self.id, self.unwanted);
        }
    }
}

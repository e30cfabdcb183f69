//! The table of calls to a plugin: every call gets exactly one answer.

use crate::callback::Reference;
use crate::error::CallError;
use crate::session::waiting::Awaited;
use crate::session::{Link, Session};
use crate::value::Incoming;
use plughold_protocol::limits;
use plughold_protocol::record::Unwanted;
use plughold_wire::Window;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::oneshot;

/// The answer to one call.
pub(crate) type Answer = Result<Incoming, CallError>;

/// The calls that were sent and not answered yet. Pure: it neither sends nor waits.
#[derive(Debug)]
pub(crate) struct CallTable {
    window: Window,
    last_id: u64,
    pending: HashMap<u64, Pending>,
    /// References that the open calls hold.
    held: usize,
}

/// References that all open calls to a plugin may hold. Of a usual call they are few, and a plugin that answers nothing may
/// not make the host keep a hundred thousand for each.
const MOST_HELD: usize = 10 * limits::REFERENCES;

#[derive(Debug)]
struct Pending {
    /// None once the caller lost interest; the answer is still owed by the plugin.
    reply: Option<oneshot::Sender<Answer>>,
    /// Why the caller lost interest.
    unwanted: Option<Unwanted>,
    /// What the call uses stays alive until it is answered.
    holds: Vec<Arc<Reference>>,
    /// What the plugin's own calls on behalf of this one belong to.
    link: Option<Arc<Link>>,
    /// Blocked plugins that wait for it. They do not, once nobody wants the answer.
    awaited: Option<Awaited>,
    /// Whether the call left in the bulk lane, which a cancellation must not overtake.
    is_long: bool,
}

/// What became of an answer that the plugin sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// It was delivered, or nobody wanted it any more.
    Taken,
    /// No such call is open: it was never made, or answered already.
    Unknown,
}

impl CallTable {
    pub(crate) fn new(window: u32) -> CallTable {
        CallTable { window: Window::new(window), last_id: 0, pending: HashMap::new(), held: 0 }
    }

    /// Opens a call, or says how many are in flight when there is no room.
    pub(crate) fn open(
        &mut self,
        mut holds: Vec<Arc<Reference>>,
    ) -> Result<(u64, oneshot::Receiver<Answer>), CallError> {
        distinct(&mut holds);
        if MOST_HELD < self.held + holds.len() || !self.window.take() {
            return Err(CallError::Busy { in_flight: self.window.in_flight() });
        }
        self.last_id += 1;
        self.held += holds.len();
        let (reply, receiver) = oneshot::channel();
        let pending =
            Pending { reply: Some(reply), unwanted: None, holds, link: None, awaited: None, is_long: false };
        self.pending.insert(self.last_id, pending);
        Ok((self.last_id, receiver))
    }

    /// The call that was opened last has been sent.
    pub(crate) fn sent(&mut self, link: Arc<Link>, awaited: Option<Awaited>, is_long: bool) {
        if let Some(pending) = self.pending.get_mut(&self.last_id) {
            (pending.link, pending.awaited, pending.is_long) = (Some(link), awaited, is_long);
        }
    }

    /// What a call of the plugin on behalf of the call `id` belongs to. None once that is answered; the error says why
    /// nobody wants that any more.
    pub(crate) fn link(&self, id: u64) -> Result<Option<Arc<Link>>, Unwanted> {
        match self.pending.get(&id) {
            Some(Pending { unwanted: Some(why), .. }) => Err(*why),
            Some(pending) => Ok(pending.link.clone()),
            None => Ok(None),
        }
    }

    /// The caller lost interest. Returns whether the plugin is to be told, and then whether the call left in the bulk
    /// lane.
    pub(crate) fn abandon(&mut self, id: u64, why: Unwanted) -> Option<bool> {
        let pending = self.pending.get_mut(&id)?;
        pending.reply.take()?;
        (pending.awaited, pending.unwanted) = (None, Some(why));
        Some(pending.is_long)
    }

    /// The plugin answered. What is returned besides has to be dropped outside of any lock.
    pub(crate) fn settle(&mut self, id: u64, answer: Answer) -> (Settled, Option<Leftover>) {
        let Some(mut pending) = self.pending.remove(&id) else { return (Settled::Unknown, None) };
        self.window.give_back();
        self.held -= pending.holds.len();
        let unwanted = match pending.reply.take() {
            Some(reply) => reply.send(answer).err(),
            None => Some(answer),
        };
        (Settled::Taken, Some(Leftover { _pending: pending, _unwanted: unwanted }))
    }

    /// The plugin made more room.
    pub(crate) fn widen(&mut self, amount: u64) {
        self.window.widen(amount);
    }

    /// Calls in flight.
    pub(crate) fn len(&self) -> usize {
        self.pending.len()
    }

    /// The process is gone: everything that is open, and what it held, to be answered and dropped outside of any lock.
    pub(crate) fn take_all(&mut self) -> (Vec<oneshot::Sender<Answer>>, Vec<Arc<Reference>>) {
        let mut held = Vec::with_capacity(std::mem::take(&mut self.held));
        let open = self.pending.drain().filter_map(|(_, mut pending)| {
            held.append(&mut pending.holds);
            pending.reply
        });
        (open.collect(), held)
    }
}

/// Leaves each reference once: one message may hold the same one a hundred thousand times.
pub(super) fn distinct(references: &mut Vec<Arc<Reference>>) {
    references.sort_unstable_by_key(Arc::as_ptr);
    references.dedup_by(|one, other| Arc::ptr_eq(one, other));
}

/// References that a settled call held, and an answer that nobody wanted.
#[derive(Debug)]
pub(crate) struct Leftover {
    _pending: Pending,
    _unwanted: Option<Answer>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Scope;

    fn answer() -> Answer {
        Ok(Incoming::new(&[0xc0], Scope::default(), Vec::new()))
    }

    #[test]
    fn a_call_is_answered_once_and_gives_its_room_back() {
        let mut table = CallTable::new(1);
        let (id, mut receiver) = table.open(Vec::new()).unwrap();
        assert_eq!(table.open(Vec::new()).unwrap_err(), CallError::Busy { in_flight: 1 });
        assert_eq!(table.settle(id, answer()).0, Settled::Taken);
        assert!(receiver.try_recv().is_ok());
        assert_eq!(table.settle(id, answer()).0, Settled::Unknown);
        assert!(table.open(Vec::new()).is_ok());
    }

    #[test]
    fn an_abandoned_call_keeps_its_room_until_the_plugin_answers() {
        let mut table = CallTable::new(1);
        let (id, _receiver) = table.open(Vec::new()).unwrap();
        assert_eq!(table.abandon(id, Unwanted::Deadline), Some(false));
        assert_eq!(table.abandon(id, Unwanted::Dropped), None, "the plugin is told once");
        assert_eq!(table.link(id).err(), Some(Unwanted::Deadline), "and nothing is done on its behalf");
        assert!(table.open(Vec::new()).is_err());
        assert_eq!(table.settle(id, answer()).0, Settled::Taken);
        assert!(matches!(table.link(id), Ok(None)));
        assert!(table.open(Vec::new()).is_ok());
    }

    #[test]
    fn ids_are_never_used_again() {
        let mut table = CallTable::new(1);
        let (first, _receiver) = table.open(Vec::new()).unwrap();
        drop(table.settle(first, answer()));
        assert!(first < table.open(Vec::new()).unwrap().0);
        assert_eq!(table.take_all().0.len(), 1);
        assert_eq!(table.len(), 0);
    }
}

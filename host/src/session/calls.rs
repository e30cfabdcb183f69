//! The table of calls to a plugin: every call gets exactly one answer. Pure: it neither sends nor waits, and knows neither
//! where an answer goes nor what an open call keeps alive.

use plughold_protocol::limits;
use plughold_protocol::record::Unwanted;
use plughold_wire::Window;
use std::collections::HashMap;

/// The calls that were sent and not answered yet. `R` is where an answer goes, `K` what is kept until it comes.
#[derive(Debug)]
pub(crate) struct CallTable<R, K> {
    window: Window,
    last_id: u64,
    pending: HashMap<u64, Pending<R, K>>,
    /// References that the open calls hold.
    held: usize,
}

/// References that all open calls to a plugin may hold. Of a usual call they are few, and a plugin that answers nothing may
/// not make the host keep a hundred thousand for each.
const MOST_HELD: usize = 10 * limits::REFERENCES;

#[derive(Debug)]
struct Pending<R, K> {
    /// None once the caller lost interest; the answer is still owed by the plugin.
    reply: Option<R>,
    /// Why the caller lost interest.
    unwanted: Option<Unwanted>,
    kept: K,
    /// References in what is kept.
    held: usize,
    /// Whether the call left in the bulk lane, which a cancellation must not overtake.
    is_long: bool,
}

/// There is no room for one more call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full {
    /// Calls in flight.
    pub(crate) in_flight: u64,
}

/// A call that was answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settled<R, K> {
    /// Where the answer goes, unless nobody wants it any more.
    pub(crate) reply: Option<R>,
    /// To be dropped outside of any lock.
    pub(crate) kept: K,
}

impl<R, K> CallTable<R, K> {
    pub(crate) fn new(window: u32) -> CallTable<R, K> {
        CallTable { window: Window::new(window), last_id: 0, pending: HashMap::new(), held: 0 }
    }

    /// Opens a call which holds so many references, and gives its id; or says how many are in flight when there is no room.
    pub(crate) fn open(&mut self, reply: R, kept: K, held: usize) -> Result<u64, Full> {
        if MOST_HELD < self.held + held || !self.window.take() {
            return Err(Full { in_flight: self.window.in_flight() });
        }
        self.last_id += 1;
        self.held += held;
        let pending = Pending { reply: Some(reply), unwanted: None, kept, held, is_long: false };
        self.pending.insert(self.last_id, pending);
        Ok(self.last_id)
    }

    /// The call that was opened last has been sent, in the bulk lane or not. Gives what is kept for it.
    pub(crate) fn sent(&mut self, is_long: bool) -> Option<&mut K> {
        let pending = self.pending.get_mut(&self.last_id)?;
        pending.is_long = is_long;
        Some(&mut pending.kept)
    }

    /// What is kept for an open call, none if there is no such call; the error says why nobody wants its answer any more.
    pub(crate) fn kept(&self, id: u64) -> Result<Option<&K>, Unwanted> {
        match self.pending.get(&id) {
            Some(Pending { unwanted: Some(why), .. }) => Err(*why),
            Some(pending) => Ok(Some(&pending.kept)),
            None => Ok(None),
        }
    }

    /// What is kept for an open call, wanted or not.
    pub(crate) fn kept_of(&self, id: u64) -> Option<&K> {
        self.pending.get(&id).map(|pending| &pending.kept)
    }

    /// The caller lost interest. Gives, if the plugin is to be told, whether the call left in the bulk lane, and what is
    /// kept for it: its answer is owed as before.
    pub(crate) fn abandon(&mut self, id: u64, why: Unwanted) -> Option<(bool, &mut K)> {
        let pending = self.pending.get_mut(&id)?;
        pending.reply.take()?;
        pending.unwanted = Some(why);
        Some((pending.is_long, &mut pending.kept))
    }

    /// The plugin answered. None if no such call is open: it was never made, or answered already.
    pub(crate) fn settle(&mut self, id: u64) -> Option<Settled<R, K>> {
        let Pending { reply, kept, held, .. } = self.pending.remove(&id)?;
        self.window.give_back();
        self.held -= held;
        Some(Settled { reply, kept })
    }

    /// The plugin made more room.
    pub(crate) fn widen(&mut self, amount: u64) {
        self.window.widen(amount);
    }

    /// The open calls in the order in which they were made: their ids, and what is kept for them.
    pub(crate) fn in_order(&self) -> Vec<(u64, &K)> {
        let mut open = Vec::from_iter(self.pending.iter().map(|(id, pending)| (*id, &pending.kept)));
        open.sort_unstable_by_key(|(id, _)| *id);
        open
    }

    /// The open calls in no order: their ids, what is kept for them, and whether somebody wants their answers.
    pub(crate) fn open_calls(&self) -> impl Iterator<Item = (u64, &K, bool)> {
        self.pending.iter().map(|(id, pending)| (*id, &pending.kept, pending.unwanted.is_none()))
    }

    /// Calls in flight.
    pub(crate) fn len(&self) -> usize {
        self.pending.len()
    }

    /// Room that is taken in the window.
    #[cfg(test)]
    pub(crate) fn room_taken(&self) -> u64 {
        self.window.in_flight()
    }

    /// The process is gone: everything that is open, as if it were answered, in the order in which it was made.
    pub(crate) fn take_all(&mut self) -> Vec<Settled<R, K>> {
        (self.held, self.window) = (0, Window::new(0));
        let mut open = Vec::from_iter(self.pending.drain());
        open.sort_unstable_by_key(|(id, _)| *id);
        open.into_iter().map(|(_, Pending { reply, kept, .. })| Settled { reply, kept }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(table: &mut CallTable<char, ()>, reply: char) -> u64 {
        table.open(reply, (), 0).unwrap()
    }

    fn settled(reply: Option<char>) -> Option<Settled<char, ()>> {
        Some(Settled { reply, kept: () })
    }

    #[test]
    fn a_call_is_answered_once_and_gives_its_room_back() {
        let mut table = CallTable::new(1);
        let id = opened(&mut table, 'a');
        assert_eq!(table.open('b', (), 0), Err(Full { in_flight: 1 }));
        assert_eq!(table.settle(id), settled(Some('a')));
        assert_eq!(table.settle(id), None);
        assert!(table.open('c', (), 0).is_ok());
    }

    #[test]
    fn an_abandoned_call_keeps_its_room_until_the_plugin_answers() {
        let mut table = CallTable::new(1);
        let id = opened(&mut table, 'a');
        assert_eq!(table.sent(true), Some(&mut ()));
        assert_eq!(table.abandon(id, Unwanted::Deadline), Some((true, &mut ())));
        assert_eq!(table.abandon(id, Unwanted::Dropped), None, "the plugin is told once");
        assert_eq!(table.kept(id), Err(Unwanted::Deadline), "and nothing is done on its behalf");
        assert_eq!(Vec::from_iter(table.open_calls()), [(id, &(), false)]);
        assert!(table.open('b', (), 0).is_err());
        assert_eq!(table.settle(id), settled(None));
        assert_eq!(table.kept(id), Ok(None));
        assert!(table.open('c', (), 0).is_ok());
    }

    #[test]
    fn what_open_calls_hold_has_a_bound() {
        let mut table = CallTable::new(10);
        let first = table.open('a', (), MOST_HELD).unwrap();
        assert_eq!(table.open('b', (), 1), Err(Full { in_flight: 1 }));
        assert!(table.open('b', (), 0).is_ok());
        table.settle(first);
        assert!(table.open('c', (), 1).is_ok());
    }

    #[test]
    fn ids_are_never_used_again() {
        let mut table = CallTable::new(2);
        let first = opened(&mut table, 'a');
        table.settle(first);
        let (second, third) = (opened(&mut table, 'b'), opened(&mut table, 'c'));
        assert!(first < second && second < third);
        assert_eq!(table.in_order().len(), 2);
        let replies = Vec::from_iter(table.take_all().into_iter().map(|settled| settled.reply));
        assert_eq!((replies, table.len()), (vec![Some('b'), Some('c')], 0));
        assert!(table.open('d', (), 0).is_err(), "there is nobody who would answer");
    }
}

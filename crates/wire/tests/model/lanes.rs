//! One direction of one connection: a socket behind the two lanes of an outbox.

use crate::random::Random;
use std::collections::VecDeque;

/// Messages on their way. Within a lane they keep their order; what is written is read in the order of writing; only
/// before that may a short message go past a long one.
pub(crate) struct Lanes<M> {
    direct: VecDeque<M>,
    bulk: VecDeque<M>,
    socket: VecDeque<M>,
}

impl<M> Lanes<M> {
    pub(crate) fn new() -> Lanes<M> {
        Lanes { direct: VecDeque::new(), bulk: VecDeque::new(), socket: VecDeque::new() }
    }

    pub(crate) fn push(&mut self, message: M, is_long: bool) {
        if is_long { self.bulk.push_back(message) } else { self.direct.push_back(message) }
    }

    /// Writes the last piece of the next message of either lane; it may be changed as it goes.
    pub(crate) fn write(&mut self, random: &mut Random, change: impl FnOnce(&mut M)) {
        let from_bulk = self.direct.is_empty() || random.once_in(4);
        let next = if from_bulk { self.bulk.pop_front() } else { None };
        if let Some(mut message) = next.or_else(|| self.direct.pop_front()) {
            change(&mut message);
            self.socket.push_back(message);
        }
    }

    /// The next message at the other end.
    pub(crate) fn read(&mut self) -> Option<M> {
        self.socket.pop_front()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.direct.is_empty() && self.bulk.is_empty() && self.socket.is_empty()
    }

    /// Loses everything: one of the ends is gone.
    pub(crate) fn take_all(&mut self) -> Vec<M> {
        let all = self.direct.drain(..).chain(self.bulk.drain(..)).chain(self.socket.drain(..));
        all.collect()
    }
}

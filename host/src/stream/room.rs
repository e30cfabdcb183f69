//! What all streams of one plugin take of the host's memory.

use plughold_protocol::limits;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

/// Two accounts, in bytes as credit counts them. What is promised is kept small by giving less credit, and may be passed
/// by what arrives; what is unread never passes its bound.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Credit that was given and not used, and what is unread.
    promised: AtomicI64,
    unread: AtomicUsize,
}

impl Room {
    /// Promises this much credit to a plugin, if all of it fits within [`limits::STREAMS_WINDOW`].
    pub(super) fn promise(&self, amount: usize) -> bool {
        let promised = self.promised.fetch_add(amount as i64, Ordering::Relaxed) + amount as i64;
        let fits = promised <= limits::STREAMS_WINDOW as i64;
        if !fits {
            self.settle(amount as i64);
        }
        fits
    }

    /// Promises this much whatever was promised before: without it somebody would wait for ever.
    pub(super) fn promise_anyway(&self, amount: usize) {
        self.promised.fetch_add(amount as i64, Ordering::Relaxed);
    }

    /// So much of what was promised was read, or will never come.
    pub(super) fn settle(&self, amount: i64) {
        self.promised.fetch_sub(amount, Ordering::Relaxed);
    }

    /// Keeps so much that arrived, if all of it fits within [`limits::STREAMS_UNREAD`].
    pub(super) fn keep(&self, amount: usize) -> bool {
        let unread = self.unread.fetch_add(amount, Ordering::Relaxed) + amount;
        let fits = unread <= limits::STREAMS_UNREAD;
        if !fits {
            self.give_out(amount);
        }
        fits
    }

    /// So much of what was kept was read, or dropped.
    pub(super) fn give_out(&self, amount: usize) {
        self.unread.fetch_sub(amount, Ordering::Relaxed);
    }

    /// What is promised and what is unread.
    #[cfg(test)]
    pub(super) fn used(&self) -> (i64, usize) {
        (self.promised.load(Ordering::Relaxed), self.unread.load(Ordering::Relaxed))
    }
}

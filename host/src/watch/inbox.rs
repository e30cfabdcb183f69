//! What was heard of changes and not looked at yet: bounded, whatever happens in the file system.

use super::settle::Step;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Names that are kept apart. Beyond it everything is taken for changed.
const NAMES: usize = 10_000;

/// Changes by the number of the root and the name of the entry; an empty name is the root itself.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) changed: BTreeMap<(usize, OsString), Step>,
    /// Changes were lost.
    pub(crate) everything: bool,
}

/// Where the thread that listens to the system puts changes, and the task that follows them takes them.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    heard: Mutex<Heard>,
    bell: Notify,
}

impl Inbox {
    /// An entry has changed.
    pub(crate) fn put(&self, root: usize, name: OsString, step: Step) {
        let mut heard = self.lock();
        if !heard.everything {
            heard.changed.insert((root, name), step);
        }
        if NAMES < heard.changed.len() {
            *heard = Heard { everything: true, ..Heard::default() };
        }
        drop(heard);
        self.bell.notify_one();
    }

    /// Nobody knows what has changed.
    pub(crate) fn put_everything(&self) {
        *self.lock() = Heard { everything: true, ..Heard::default() };
        self.bell.notify_one();
    }

    /// Completes when there is something to take.
    pub(crate) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// All that was heard since the last time.
    pub(crate) fn take(&self) -> Heard {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_changes_of_one_entry_are_one_and_too_many_are_everything() {
        let inbox = Inbox::default();
        for _ in 0..5 * NAMES {
            inbox.put(0, "a".into(), Step::Writing);
        }
        inbox.put(0, "a".into(), Step::Done);
        let heard = inbox.take();
        assert_eq!(heard.changed.into_iter().collect::<Vec<_>>(), [((0, "a".into()), Step::Done)]);
        for number in 0..2 * NAMES {
            inbox.put(0, number.to_string().into(), Step::Done);
        }
        let heard = inbox.take();
        assert!(heard.everything && heard.changed.is_empty());
        assert!(!inbox.take().everything);
    }
}

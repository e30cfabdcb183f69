//! What the host holds of one process of a plugin: one handle for each thing, in however many messages it came.
//!
//! So what is held is bounded by how many things there are, and not by how often a plugin sends one of them: it counts
//! things itself, and would not know why it is ended.

use crate::callback::{Description, Reference};
use crate::figures::Origin;
use crate::session::Session;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// A thing of the plugin: its event ID, and whether it is an object.
type Key = (u64, bool);

/// The handles that live. The lock is a leaf: a handle may be dropped anywhere, and then comes here.
#[derive(Debug, Default)]
pub(crate) struct ImportTable {
    held: Mutex<HashMap<Key, Weak<Reference>>>,
}

impl ImportTable {
    /// A message introduced a thing, `count` times. An object that tells something else of itself than before gets a handle
    /// of its own.
    pub(crate) fn receive(
        &self,
        session: &Arc<Session>,
        id: u64,
        count: u32,
        description: Option<Description>,
        origin: &Origin,
    ) -> Arc<Reference> {
        let key = (id, description.is_some());
        let mut held = self.lock();
        let known = held.get(&key).and_then(Weak::upgrade);
        if let Some(reference) = &known
            && reference.description() == description.as_ref()
        {
            reference.receive_again(count);
            return reference.clone();
        }
        let reference = Arc::new(Reference::new(id, count, session.clone(), description, origin.clone()));
        held.insert(key, Arc::downgrade(&reference));
        // If nobody else has the one before any more, it takes the lock as it goes.
        drop(held);
        drop(known);
        reference
    }

    /// How many of these things have no handle yet.
    pub(crate) fn unknown(&self, things: impl Iterator<Item = Key>) -> usize {
        let held = self.lock();
        things.filter(|key| !held.contains_key(key)).count()
    }

    /// The last holder of a handle has dropped it.
    pub(crate) fn forget(&self, reference: &Reference) {
        let key = (reference.id(), reference.description().is_some());
        let mut held = self.lock();
        // A message may have brought the thing again meanwhile, and with it another handle.
        if held.get(&key).is_some_and(|known| std::ptr::eq(known.as_ptr(), reference)) {
            held.remove(&key);
        }
    }

    /// Some handles that live, at most so many. They are to be dropped outside of locks.
    pub(crate) fn some(&self, most: usize) -> Vec<Arc<Reference>> {
        self.lock().values().filter_map(Weak::upgrade).take(most).collect()
    }

    /// How many things there are handles of.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Weak<Reference>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Live references, counted on both of their ends. Pure tables: neither sends nor waits.
//!
//! The *owner* of a thing keeps it in [`Exports`] for as long as the other side holds it, and counts how often it has sent
//! it. The *holder* counts in [`Imports`] how often it has received it, and gives these counts back when it drops its
//! last handle. Counts and not flags: a release that crosses a new export of the same thing on its way must not kill it.

use crate::slab::Slab;
use plughold_protocol::record::Released;
use std::collections::HashMap;
use std::hash::Hash;

/// What the other side holds of this one: each thing under one event ID, however often it is sent.
#[derive(Debug)]
pub struct Exports<K, T> {
    things: Slab<Exported<K, T>>,
    ids: HashMap<K, u64>,
}

#[derive(Debug)]
struct Exported<K, T> {
    key: K,
    thing: T,
    count: u32,
}

/// The other side holds as many references as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} references are held already")]
pub struct Full(pub usize);

/// Why a release makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a release of {count} for the reference {id}, which is held {held} times")]
pub struct ReleaseError {
    id: u64,
    count: u32,
    held: u32,
}

impl<K: Hash + Eq + Clone, T> Exports<K, T> {
    /// Nothing is held.
    pub fn new() -> Exports<K, T> {
        Exports { things: Slab::new(), ids: HashMap::new() }
    }

    /// How many things are held.
    pub fn len(&self) -> usize {
        self.things.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.things.is_empty()
    }

    /// Counts that the thing with this key is sent once more, and gives its ID.
    ///
    /// # Errors
    /// [`Full`] if it would be one thing more than `most`, or if one thing was sent 2^32 times.
    pub fn export(&mut self, key: K, thing: impl FnOnce() -> T, most: usize) -> Result<u64, Full> {
        let full = Full(self.things.len());
        if let Some(id) = self.ids.get(&key) {
            let exported = self.things.get_mut(*id).ok_or(full)?;
            exported.count = exported.count.checked_add(1).ok_or(full)?;
            return Ok(*id);
        }
        if most <= self.things.len() {
            return Err(full);
        }
        let exported = Exported { key: key.clone(), thing: thing(), count: 1 };
        let id = self.things.insert(exported).map_err(|_| full)?;
        self.ids.insert(key, id);
        Ok(id)
    }

    /// The thing of an ID, if it is held.
    pub fn get(&self, id: u64) -> Option<&T> {
        Some(&self.things.get(id)?.thing)
    }

    /// The same, to change.
    pub fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        Some(&mut self.things.get_mut(id)?.thing)
    }

    /// All things that are held with their IDs, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        self.things.iter().map(|(id, exported)| (id, &exported.thing))
    }

    /// Takes `count` off. A thing whose count is used up is forgotten and given back: dropping it may run code, so that is
    /// the caller's business.
    ///
    /// # Errors
    /// [`ReleaseError`] if the other side gives back what it does not hold; nothing is changed then.
    pub fn release(&mut self, id: u64, count: u32) -> Result<Option<T>, ReleaseError> {
        let held = self.things.get(id).map_or(0, |exported| exported.count);
        if held == 0 || held < count {
            return Err(ReleaseError { id, count, held });
        }
        if let Some(exported) = self.things.get_mut(id).filter(|_| count < held) {
            exported.count -= count;
            return Ok(None);
        }
        Ok(self.things.remove(id).map(|exported| {
            self.ids.remove(&exported.key);
            exported.thing
        }))
    }

    /// Forgets everything: the other side is gone. The things are given back, as by [`release`](Exports::release).
    pub fn take_all(&mut self) -> Vec<T> {
        self.ids.clear();
        self.things.drain().map(|exported| exported.thing).collect()
    }
}

impl<K: Hash + Eq + Clone, T> Default for Exports<K, T> {
    fn default() -> Exports<K, T> {
        Exports::new()
    }
}

/// What this side holds of the other, by event ID, with a handle for each.
#[derive(Debug)]
pub struct Imports<T> {
    held: HashMap<u64, Imported<T>>,
    /// What is to be given back, in one message.
    dropped: Vec<Released>,
}

#[derive(Debug)]
struct Imported<T> {
    handle: T,
    count: u32,
}

impl<T> Imports<T> {
    /// Nothing is held.
    pub fn new() -> Imports<T> {
        Imports { held: HashMap::new(), dropped: Vec::new() }
    }

    /// How many things are held.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Counts one more receipt of a reference and gives its handle, if there is one already; otherwise
    /// [`insert`](Imports::insert) follows.
    pub fn receive(&mut self, id: u64) -> Option<&T> {
        let imported = self.held.get_mut(&id)?;
        imported.count = imported.count.saturating_add(1);
        Some(&imported.handle)
    }

    /// Keeps the handle of a reference that was received for the first time since it was dropped last.
    pub fn insert(&mut self, id: u64, handle: T) {
        self.held.insert(id, Imported { handle, count: 1 });
    }

    /// The last handle of a reference is gone: its counts wait for [`take_dropped`](Imports::take_dropped).
    pub fn drop_handle(&mut self, id: u64) {
        if let Some(imported) = self.held.remove(&id) {
            self.dropped.push(Released { id, count: imported.count });
        }
    }

    /// Gives one receipt back that no handle was made for: the value around it was refused.
    pub fn give_back(&mut self, id: u64) {
        self.dropped.push(Released { id, count: 1 });
    }

    /// What is to be given back now; empty if nothing is.
    pub fn take_dropped(&mut self) -> Vec<Released> {
        std::mem::take(&mut self.dropped)
    }

    /// Whether something is to be given back.
    pub fn has_dropped(&self) -> bool {
        !self.dropped.is_empty()
    }
}

impl<T> Default for Imports<T> {
    fn default() -> Imports<T> {
        Imports::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_that_crosses_an_export_kills_nothing() {
        let mut exports = Exports::new();
        let mut imports = Imports::new();
        let id = exports.export("f", || 'f', 10).unwrap();
        assert_eq!(imports.receive(id), None);
        imports.insert(id, ());
        imports.drop_handle(id);
        assert_eq!(exports.export("f", || 'g', 10), Ok(id), "sent again before the release has arrived");
        for released in imports.take_dropped() {
            assert_eq!(exports.release(released.id, released.count), Ok(None));
        }
        assert_eq!(exports.get(id), Some(&'f'));
        assert_eq!(exports.get_mut(id), Some(&mut 'f'));
        assert_eq!(exports.iter().collect::<Vec<_>>(), [(id, &'f')]);
        assert_eq!(exports.release(id, 1), Ok(Some('f')));
        let error = exports.release(id, 1).unwrap_err().to_string();
        assert_eq!(error, format!("a release of 1 for the reference {id}, which is held 0 times"));
        assert!(exports.is_empty() && imports.is_empty() && !imports.has_dropped());
    }

    #[test]
    fn what_is_held_is_counted() {
        let mut exports = Exports::new();
        assert_eq!((exports.len(), exports.is_empty()), (0, true));
        let ids = ["a", "b", "a"].map(|key| exports.export(key, || (), 10).unwrap());
        assert_eq!((exports.len(), exports.is_empty()), (2, false));
        exports.release(ids[1], 1).unwrap();
        assert_eq!((exports.len(), exports.is_empty()), (1, false));
        let mut imports = Imports::new();
        assert_eq!((imports.len(), imports.is_empty(), imports.has_dropped()), (0, true, false));
        imports.insert(1, ());
        imports.insert(2, ());
        assert_eq!((imports.len(), imports.is_empty(), imports.has_dropped()), (2, false, false));
        assert_eq!(imports.receive(2), Some(&()));
        imports.drop_handle(2);
        imports.give_back(7);
        imports.drop_handle(9);
        assert_eq!((imports.len(), imports.is_empty(), imports.has_dropped()), (1, false, true));
        let dropped = imports.take_dropped();
        assert_eq!(dropped, [Released { id: 2, count: 2 }, Released { id: 7, count: 1 }]);
        assert!(!imports.has_dropped());
    }

    #[test]
    fn nobody_gives_back_more_than_was_sent() {
        let mut exports = Exports::new();
        let id = exports.export(1, || (), 1).unwrap();
        assert_eq!(exports.export(2, || (), 1), Err(Full(1)));
        assert!(exports.release(id, 2).is_err() && exports.release(id + 1, 1).is_err());
        assert_eq!(exports.release(id, 0), Ok(None));
        assert_eq!(exports.take_all().len(), 1);
        assert!(id < exports.export(1, || (), 1).unwrap(), "an ID is never used again");
    }
}

//! What one process of a plugin holds of the host, counted.
//!
//! The table has a lock of its own, under which nothing else is done: dropping a thing may run code of the application or
//! take locks of other sessions, so whatever is taken out of it is dropped by the caller.

use crate::PluginId;
use crate::clock;
use crate::figures::Place;
use crate::live::{Key, Thing};
use plughold_package::Scope;
use plughold_protocol::record::Released;
use plughold_wire::Exports;
use plughold_wire::references::{Full, ReleaseError};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The table.
pub(crate) struct ExportTable {
    session: u64,
    /// Things that may be held at one time.
    most: usize,
    held: Mutex<Held>,
}

struct Held {
    exports: Exports<Key, Kept>,
    /// Things that have to be disposed once, also when the plugin holds them no more: until then or the end.
    undisposed: HashMap<Key, Thing>,
    /// How many of them are another plugin's, by the key of its session.
    foreign: HashMap<u64, usize>,
    /// What the plugin has of functions that need a permission, and of nobody else: references by their IDs.
    under: HashMap<u64, Arc<Scope>>,
    is_closed: bool,
}

/// A thing that the plugin holds.
#[derive(Debug)]
struct Kept {
    thing: Thing,
    since: Instant,
    /// Where it was passed first; none while it is only on its way there.
    place: Option<Place>,
    calls: u64,
}

/// A thing that the plugin holds, for whoever wants to know.
#[derive(Debug)]
pub(crate) struct Detail {
    pub(crate) id: u64,
    pub(crate) thing: Thing,
    pub(crate) since: Instant,
    pub(crate) place: Option<Place>,
    pub(crate) calls: u64,
}

/// The plugin holds as many things as it may.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the plugin holds {held} references{} already, as many as it may", of_words(.of.as_ref()))]
pub(crate) struct TooMany {
    /// How many it holds.
    pub(crate) held: usize,
    /// The other plugin whose they are, if that is what is too much.
    pub(crate) of: Option<PluginId>,
}

fn of_words(plugin: Option<&PluginId>) -> String {
    plugin.map(|plugin| format!(" of the plugin {plugin}")).unwrap_or_default()
}

/// One thing that stands in a message which is not sent yet. Dropping it takes the count off again.
pub(crate) struct Exported {
    table: Arc<ExportTable>,
    id: u64,
    disposable: Option<Thing>,
    /// The permission that the function needs which gives it.
    under: Option<Arc<Scope>>,
    /// Where it is passed.
    place: Option<Place>,
    /// The plugin did not hold it before.
    is_new: bool,
    is_sent: bool,
}

impl ExportTable {
    /// For the session with this key.
    pub(crate) fn new(session: u64, most: usize) -> Arc<ExportTable> {
        let held = Held {
            exports: Exports::new(),
            undisposed: HashMap::new(),
            foreign: HashMap::new(),
            under: HashMap::new(),
            is_closed: false,
        };
        Arc::new(ExportTable { session, most, held: Mutex::new(held) })
    }

    /// The key of the session.
    pub(crate) fn session(&self) -> u64 {
        self.session
    }

    /// How many things the plugin holds.
    pub(crate) fn len(&self) -> usize {
        self.lock().exports.len()
    }

    /// Counts a thing that is about to be sent. To a plugin that is gone nothing is sent: whatever ID it gets.
    pub(crate) fn export(self: &Arc<Self>, thing: &Thing) -> Result<Exported, TooMany> {
        let mut held = self.lock();
        let is_open = !held.is_closed;
        let before = held.exports.len();
        let id = if is_open {
            let too_many = |full: Full| TooMany { held: full.0, of: None };
            let kept = || Kept { thing: thing.clone(), since: clock::now(), place: None, calls: 0 };
            held.exports.export(thing.key(), kept, self.most).map_err(too_many)?
        } else {
            0
        };
        let is_new = before < held.exports.len();
        if is_new && let Err(too_many) = held.count_foreign(thing, self.most - before) {
            let taken = held.exports.release(id, 1);
            drop(held);
            drop(taken);
            return Err(too_many);
        }
        let disposable = thing.disposal().is_some_and(|disposal| !disposal.is_done()).then(|| thing.clone());
        let mut done = Vec::new();
        let mut is_full = is_open && disposable.is_some() && self.most <= held.undisposed.len();
        if is_full {
            // Some were disposed by another plugin that had them as well.
            let is_done = |thing: &Thing| thing.disposal().is_none_or(|disposal| disposal.is_done());
            done.extend(held.undisposed.extract_if(|_, thing| is_done(thing)));
            is_full = self.most <= held.undisposed.len();
        }
        drop(held);
        drop(done);
        // What is not sent is counted off again.
        let exported = Exported {
            table: self.clone(),
            id,
            disposable,
            under: None,
            place: None,
            is_new,
            is_sent: !is_open,
        };
        if is_full { Err(TooMany { held: self.most, of: None }) } else { Ok(exported) }
    }

    /// The thing of an ID, if the plugin holds it.
    pub(crate) fn get(&self, id: u64) -> Option<Thing> {
        self.lock().exports.get(id).map(|kept| kept.thing.clone())
    }

    /// The thing of an ID, which is called, and the permission that it rests on, if the plugin holds it.
    pub(crate) fn called(&self, id: u64) -> Option<(Thing, Option<Arc<Scope>>)> {
        let mut held = self.lock();
        let kept = held.exports.get_mut(id)?;
        kept.calls += 1;
        let thing = kept.thing.clone();
        Some((thing, held.under.get(&id).cloned()))
    }

    /// Some of what the plugin holds, at most so many. To be dropped outside of locks.
    pub(crate) fn some(&self, most: usize) -> Vec<Detail> {
        let held = self.lock();
        let detail = |(id, kept): (u64, &Kept)| {
            let Kept { thing, since, place, calls } = kept;
            Detail { id, thing: thing.clone(), since: *since, place: place.clone(), calls: *calls }
        };
        held.exports.iter().take(most).map(detail).collect()
    }

    /// The plugin gives references back. What it holds no more is to be dropped outside of locks. The error says in words
    /// which rule of the protocol is broken.
    pub(crate) fn release(&self, references: &[Released]) -> Result<Vec<Thing>, String> {
        let mut dropped = Vec::new();
        let mut held = self.lock();
        for Released { id, count } in references {
            // Releases are bounded by what was sent, and by nothing else.
            if *count == 0 {
                return Err(format!("a release of the reference {id} that gives nothing back"));
            }
            let given_back = held.release(*id, *count).map_err(|error| error.to_string())?;
            if given_back.is_some() {
                held.under.remove(id);
            }
            dropped.extend(given_back);
        }
        Ok(dropped)
    }

    /// Whether the plugin's end would dispose something.
    pub(crate) fn has_undisposed(&self) -> bool {
        let is_due = |thing: &Thing| thing.disposal().is_some_and(|disposal| !disposal.is_done());
        self.lock().undisposed.values().any(is_due)
    }

    /// A thing was disposed: it need not be kept for that any more.
    pub(crate) fn disposed(&self, thing: &Thing) {
        let kept = self.lock().undisposed.remove(&thing.key());
        drop(kept);
    }

    /// The plugin is gone: nothing is held any more, and what was is to be dropped outside of locks.
    pub(crate) fn close(&self) -> Vec<Thing> {
        let mut held = self.lock();
        held.is_closed = true;
        (held.under, held.foreign) = (HashMap::new(), HashMap::new());
        let undisposed = std::mem::take(&mut held.undisposed);
        let mut things = Vec::from_iter(held.exports.take_all().into_iter().map(|kept| kept.thing));
        drop(held);
        for thing in undisposed.values() {
            if let Some(disposal) = thing.disposal() {
                disposal.run();
            }
        }
        things.extend(undisposed.into_values());
        things
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Exported {
    /// The event ID of the thing.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// A function gives it that needs this permission.
    pub(crate) fn under(&mut self, scope: &Arc<Scope>) {
        self.under = Some(scope.clone());
    }

    /// As [`sent`](Exported::sent), to this place.
    pub(crate) fn sent_at(mut self, place: &Place) {
        self.place = Some(place.clone());
        self.sent();
    }

    /// The message is on its way: from now on the plugin counts.
    pub(crate) fn sent(mut self) {
        self.is_sent = true;
        let mut held = self.table.lock();
        if let Some(place) = self.place.take()
            && let Some(kept) = held.exports.get_mut(self.id)
        {
            kept.place.get_or_insert(place);
        }
        match self.under.take() {
            Some(scope) if self.is_new && !held.is_closed => drop(held.under.insert(self.id, scope)),
            Some(_) => {}
            // What it also gets without a permission needs none.
            None => drop(held.under.remove(&self.id)),
        }
        let Some(thing) = self.disposable.take() else { return };
        if !held.is_closed {
            held.undisposed.insert(thing.key(), thing);
            return;
        }
        drop(held);
        // The plugin has ended meanwhile, and nobody else does it.
        if let Some(disposal) = thing.disposal() {
            disposal.run();
        }
    }
}

impl Drop for Exported {
    fn drop(&mut self) {
        if self.is_sent {
            return;
        }
        let mut held = self.table.lock();
        // A plugin that guesses has given it back already: that is its own loss.
        let taken = held.release(self.id, 1);
        drop(held);
        drop(taken);
    }
}

impl Held {
    /// Counts a thing that the plugin did not hold before, if it is another plugin's. One plugin's things may take as much
    /// room as they leave: so however many plugins hand over what they have, there is always some for the application.
    fn count_foreign(&mut self, thing: &Thing, room: usize) -> Result<(), TooMany> {
        let Some(owner) = thing.owner() else { return Ok(()) };
        let held = self.foreign.get(&owner.session_key()).copied().unwrap_or_default();
        if room <= held {
            return Err(TooMany { held, of: Some(owner.plugin().clone()) });
        }
        self.foreign.insert(owner.session_key(), held + 1);
        Ok(())
    }

    /// Takes `count` off, and gives back what is held no more.
    fn release(&mut self, id: u64, count: u32) -> Result<Option<Thing>, ReleaseError> {
        let given_back = self.exports.release(id, count)?.map(|kept| kept.thing);
        if let Some(owner) = given_back.as_ref().and_then(Thing::owner)
            && let Entry::Occupied(mut held) = self.foreign.entry(owner.session_key())
        {
            *held.get_mut() -= 1;
            if *held.get() == 0 {
                held.remove();
            }
        }
        Ok(given_back)
    }
}

impl fmt::Debug for ExportTable {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("ExportTable").field("session", &self.session).field("len", &self.len()).finish()
    }
}

impl fmt::Debug for Exported {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Exported(#{})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{Disposable, Function};
    use crate::value::encode;
    use crate::{Cx, Thrown};
    use std::sync::atomic::{AtomicU32, Ordering};

    fn function() -> Function {
        Function::new((), async |_: Cx<()>| Ok::<_, Thrown>(()))
    }

    fn release(table: &ExportTable, id: u64, count: u32) -> Result<usize, String> {
        table.release(&[Released { id, count }]).map(|things| things.len())
    }

    #[test]
    fn one_function_has_one_id_and_counts_each_message() {
        let table = ExportTable::new(1, 10);
        let function = Thing::Function(function());
        let first = table.export(&function).unwrap();
        let second = table.export(&function.clone()).unwrap();
        let id = first.id();
        assert_eq!((second.id(), table.len()), (id, 1));
        first.sent();
        second.sent();
        assert_eq!(release(&table, id, 1), Ok(0));
        assert_eq!(release(&table, id, 1), Ok(1));
        let words = format!("a release of 1 for the reference {id}, which is held 0 times");
        assert_eq!(release(&table, id, 1), Err(words));
        let words = format!("a release of the reference {id} that gives nothing back");
        assert_eq!(release(&table, id, 0), Err(words));
    }

    #[test]
    fn what_is_not_sent_is_not_held() {
        let table = ExportTable::new(1, 10);
        let functions = [function(), function()];
        drop(encode(&functions, &table).unwrap());
        assert_eq!(table.len(), 0);
        let encoded = encode(&functions, &table).unwrap();
        encoded.exports.into_iter().for_each(Exported::sent);
        assert_eq!(table.len(), 2);
        assert!(encode(&(&functions, f32::NAN, [[(); 1]; 1], std::cell::RefCell::new(1)), &table).is_ok());
        assert_eq!(table.len(), 2);
    }

    #[test]
    fn no_plugin_holds_more_than_it_may() {
        let table = ExportTable::new(1, 1);
        let _held = table.export(&Thing::Function(function())).unwrap();
        let error = encode(&function(), &table).unwrap_err();
        assert_eq!(error.to_string(), "the plugin holds 1 references already, as many as it may");
    }

    #[test]
    fn a_disposable_outlives_its_reference_and_not_its_plugin() {
        let runs = Arc::new(AtomicU32::new(0));
        let counted = || {
            let runs = runs.clone();
            Disposable::new(move || {
                runs.fetch_add(1, Ordering::Relaxed);
            })
        };
        let table = ExportTable::new(1, 10);
        let send = |disposable: Disposable| {
            let encoded = encode(&disposable, &table).unwrap();
            let ids = Vec::from_iter(encoded.exports.iter().map(Exported::id));
            encoded.exports.into_iter().for_each(Exported::sent);
            ids[0]
        };
        let id = send(counted());
        assert_eq!(release(&table, id, 1), Ok(1));
        assert_eq!(runs.load(Ordering::Relaxed), 0, "collected, not disposed");
        send(counted());
        drop(table.close());
        assert_eq!(runs.load(Ordering::Relaxed), 2, "the plugin is gone");
        send(counted());
        assert_eq!((runs.load(Ordering::Relaxed), table.len()), (3, 0), "it was gone already");
        drop(encode(&counted(), &ExportTable::new(2, 10)).unwrap());
        assert_eq!(runs.load(Ordering::Relaxed), 4, "it was never sent");
    }
}

//! All registrations, by key and by owner. It knows no lock and runs no code of the application but the comparison of keys:
//! what is taken out is given to the caller, who drops it.

use super::RegisterError;
use super::registered::{Node, Registered};
use crate::session::standing::{Lineage, Seat, Standing};
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Things of processes, by key.
pub(super) struct Table<V, K> {
    /// Under one key a plugin's current process and a candidate may each have something. What a process had that has
    /// ended is still here for a moment; it counts for nobody.
    keys: BTreeMap<K, Vec<Arc<Node<V, K>>>>,
    /// By the address of the owner's seat, which its things keep alive.
    owners: BTreeMap<usize, Owner<V, K>>,
    next_place: u64,
}

/// What one process has, by the order of insertion.
struct Owner<V, K> {
    seat: Arc<Seat>,
    things: BTreeMap<u64, Arc<Node<V, K>>>,
}

/// What becomes of something that the same process has registered under the key already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfOwn {
    /// It goes, and leaves its place in the order.
    Replace,
    /// It stays.
    Refuse,
}

/// What was put into the table.
pub(super) struct Put<V, K> {
    pub(super) node: Arc<Node<V, K>>,
    /// Whether it is the first thing of its process.
    pub(super) is_first: bool,
    _replaced: Option<Arc<Node<V, K>>>,
}

/// Which process of each plugin is current, asked once for each, so that nobody sees two of a plugin or none.
#[derive(Default)]
struct Moment(BTreeMap<usize, u32>);

impl Moment {
    fn is_current(&mut self, seat: &Seat) -> bool {
        let lineage = Arc::as_ptr(seat.lineage()).addr();
        let current = *self.0.entry(lineage).or_insert_with(|| Lineage::current(seat.lineage()));
        seat.standing_beside(current) == Standing::Current
    }
}

impl<V, K> Default for Table<V, K> {
    fn default() -> Table<V, K> {
        Table { keys: BTreeMap::new(), owners: BTreeMap::new(), next_place: 0 }
    }
}

impl<V, K> Table<V, K> {
    /// How many things and how many processes there are.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.owners.values().map(|owner| owner.things.len()).sum(), self.owners.len())
    }

    /// Whether a process has something.
    pub(super) fn keeps(&self, seat: &Seat) -> bool {
        self.owners.get(&std::ptr::from_ref(seat).addr()).is_some_and(|owner| !owner.things.is_empty())
    }

    /// Whether this very thing is in the table, and counts.
    pub(super) fn has(&self, node: &Arc<Node<V, K>>) -> bool {
        let owner = self.owners.get(&address(&node.seat));
        let found = owner.and_then(|owner| owner.things.get(&node.place));
        found.is_some_and(|found| Arc::ptr_eq(found, node)) && node.seat.standing() != Standing::Retired
    }

    /// All that a process has.
    pub(super) fn of(&self, seat: &Arc<Seat>) -> Vec<Registered<V, K>> {
        let things = self.owners.get(&address(seat)).into_iter().flat_map(|owner| owner.things.values());
        things.map(Registered::new).collect()
    }

    /// All that is seen of the processes that are wanted, in the order of insertion.
    pub(super) fn all_current(&self, mut is_wanted: impl FnMut(&Seat) -> bool) -> Vec<Registered<V, K>> {
        let mut moment = Moment::default();
        self.all(|seat| is_wanted(seat) && moment.is_current(seat))
    }

    /// All of processes that have not retired, in the order of insertion.
    pub(super) fn all_live(&self) -> Vec<Registered<V, K>> {
        self.all(|seat| seat.standing() != Standing::Retired)
    }

    fn all(&self, mut is_wanted: impl FnMut(&Seat) -> bool) -> Vec<Registered<V, K>> {
        let owners = self.owners.values().filter(|owner| is_wanted(&owner.seat));
        let mut nodes = Vec::from_iter(owners.flat_map(|owner| owner.things.values()));
        nodes.sort_unstable_by_key(|node| node.place);
        nodes.into_iter().map(Registered::new).collect()
    }
}

impl<V, K: Ord + Clone> Table<V, K> {
    /// What everybody sees under a key.
    pub(super) fn current<Q: Ord + ?Sized>(&self, key: &Q) -> Option<Registered<V, K>>
    where
        K: Borrow<Q>,
    {
        let slot = self.keys.get(key)?;
        // Nearly always: whoever has it alone needs no comparison with others.
        if let [only] = &**slot {
            return (only.seat.standing() == Standing::Current).then(|| Registered::new(only));
        }
        let mut moment = Moment::default();
        slot.iter().find(|node| moment.is_current(&node.seat)).map(Registered::new)
    }

    /// What a process has under a key.
    pub(super) fn own<Q: Ord + ?Sized>(&self, seat: &Seat, key: &Q) -> Option<Registered<V, K>>
    where
        K: Borrow<Q>,
    {
        self.keys.get(key)?.iter().find(|node| std::ptr::eq(&*node.seat, seat)).map(Registered::new)
    }

    /// Puts something in. What is refused comes back.
    pub(super) fn put(
        &mut self,
        seat: &Arc<Seat>,
        key: K,
        value: V,
        if_own: IfOwn,
        most: usize,
    ) -> Result<Put<V, K>, (RegisterError, V)> {
        if seat.standing() == Standing::Retired {
            return Err((RegisterError::Gone, value));
        }
        let mut own = None;
        for node in self.keys.get(&key).into_iter().flatten() {
            if Arc::ptr_eq(&node.seat, seat) {
                own = Some(node.place);
            }
            let is_others = !Arc::ptr_eq(node.seat.lineage(), seat.lineage());
            let is_refused = is_others || own.is_some() && if_own == IfOwn::Refuse;
            if is_refused && node.seat.standing() != Standing::Retired {
                return Err((RegisterError::Taken { by: node.seat.plugin().clone() }, value));
            }
        }
        let count = self.owners.get(&address(seat)).map_or(0, |owner| owner.things.len());
        if own.is_none() && most <= count {
            return Err((RegisterError::TooMany { most }, value));
        }
        let replaced = own.and_then(|place| self.take(seat, &key, place));
        let place = own.unwrap_or(self.next_place);
        self.next_place += 1;
        let node = Arc::new(Node { key: key.clone(), value, seat: seat.clone(), place });
        self.keys.entry(key).or_default().push(node.clone());
        let is_first = !self.owners.contains_key(&address(seat));
        let owner = self.owners.entry(address(seat));
        let owner = owner.or_insert_with(|| Owner { seat: seat.clone(), things: BTreeMap::new() });
        owner.things.insert(place, node.clone());
        Ok(Put { node, is_first, _replaced: replaced })
    }

    /// Takes one thing out. False if it is not in.
    pub(super) fn remove(&mut self, node: &Arc<Node<V, K>>) -> bool {
        // The caller holds it as well, so that nothing is dropped here.
        self.has(node) && self.take(&node.seat, &node.key, node.place).is_some()
    }

    /// Takes out all that a process has.
    pub(super) fn take_all(&mut self, seat: &Seat) -> Vec<Arc<Node<V, K>>> {
        let Some(owner) = self.owners.remove(&std::ptr::from_ref(seat).addr()) else { return Vec::new() };
        let nodes = Vec::from_iter(owner.things.into_values());
        for node in &nodes {
            self.take_key(&node.key, node);
        }
        nodes
    }

    fn take(&mut self, seat: &Arc<Seat>, key: &K, place: u64) -> Option<Arc<Node<V, K>>> {
        let node = self.owners.get_mut(&address(seat))?.things.remove(&place)?;
        self.take_key(key, &node);
        Some(node)
    }

    fn take_key(&mut self, key: &K, node: &Arc<Node<V, K>>) {
        let Some(slot) = self.keys.get_mut(key) else { return };
        slot.retain(|other| !Arc::ptr_eq(other, node));
        if slot.is_empty() {
            self.keys.remove(key);
        }
    }
}

fn address(seat: &Arc<Seat>) -> usize {
    Arc::as_ptr(seat).addr()
}

//! Registries of what plugins' processes registered.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use plughold::{Callback, Cx, Json, PluginId};

/// A plugin's function of any arguments and any result.
pub(crate) type PluginFunction = Callback<Vec<Json>, Json>;

/// One process of a plugin: what registers things, and takes them along when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) plugin: PluginId,
    pub(crate) generation: u32,
}

impl Owner {
    /// Whoever makes this call.
    pub(crate) fn of<S>(cx: &Cx<S>) -> Self {
        Self { plugin: cx.plugin().clone(), generation: cx.generation() }
    }
}

/// Things by key, each of which belongs to one process.
#[derive(Debug)]
pub(crate) struct Registry<K, T> {
    entries: Mutex<BTreeMap<K, (Owner, T)>>,
    /// How many one plugin may have.
    most: usize,
}

/// Why something was not registered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The key is in use, by this plugin.
    Taken(PluginId),
    /// The plugin has as many as it may.
    TooMany(usize),
}

impl<K: Ord + Clone, T: Clone> Registry<K, T> {
    /// A registry of at most `most` things for each plugin.
    pub(crate) fn new(most: usize) -> Self {
        Self { entries: Mutex::default(), most }
    }

    /// Registers something under a key that nobody uses.
    pub(crate) fn add(&self, owner: Owner, key: K, value: T) -> Result<(), Refused> {
        let mut entries = self.lock();
        if let Some((holder, _)) = entries.get(&key) {
            return Err(Refused::Taken(holder.plugin.clone()));
        }
        self.insert(&mut entries, owner, key, value)
    }

    /// Registers something under a key that nobody uses, or instead of what the same plugin registered under it.
    pub(crate) fn put(&self, owner: Owner, key: K, value: T) -> Result<(), Refused> {
        let mut entries = self.lock();
        match entries.get(&key) {
            Some((holder, _)) if holder.plugin != owner.plugin => Err(Refused::Taken(holder.plugin.clone())),
            Some(_) => {
                entries.insert(key, (owner, value));
                Ok(())
            }
            None => self.insert(&mut entries, owner, key, value),
        }
    }

    fn insert(
        &self,
        entries: &mut BTreeMap<K, (Owner, T)>,
        owner: Owner,
        key: K,
        value: T,
    ) -> Result<(), Refused> {
        let count = entries.values().filter(|(holder, _)| holder.plugin == owner.plugin).count();
        if self.most <= count {
            return Err(Refused::TooMany(self.most));
        }
        entries.insert(key, (owner, value));
        Ok(())
    }

    /// What is registered under a key, by whomever.
    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<T>
    where
        K: Borrow<Q>,
    {
        self.lock().get(key).map(|(_, value)| value.clone())
    }

    /// All that a plugin has registered, in the order of the keys.
    pub(crate) fn of(&self, plugin: &PluginId) -> Vec<(K, T)> {
        let entries = self.lock();
        let own = entries.iter().filter(|(_, (owner, _))| owner.plugin == *plugin);
        own.map(|(key, (_, value))| (key.clone(), value.clone())).collect()
    }

    /// Changes what this very process registered under a key; none if there is nothing.
    ///
    /// `change` also gets everything else that it registered.
    pub(crate) fn change<Q: Ord + ?Sized, R>(
        &self,
        owner: &Owner,
        key: &Q,
        change: impl FnOnce(&mut T, &[&T]) -> R,
    ) -> Option<R>
    where
        K: Borrow<Q>,
    {
        let mut entries = self.lock();
        if entries.get(key).is_none_or(|(holder, _)| holder != owner) {
            return None;
        }
        let (key, (holder, mut value)) = entries.remove_entry(key)?;
        let own = entries.values().filter(|(holder, _)| holder == owner);
        let others: Vec<&T> = own.map(|(_, value)| value).collect();
        let result = change(&mut value, &others);
        entries.insert(key, (holder, value));
        Some(result)
    }

    /// Drops all that a process registered.
    pub(crate) fn forget(&self, owner: &Owner) {
        self.lock().retain(|_, (holder, _)| holder != owner);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<K, (Owner, T)>> {
        // Each change of the map is one insertion or removal, so a panic leaves nothing half done.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(plugin: &str, generation: u32) -> Owner {
        Owner { plugin: PluginId::native(plugin).unwrap(), generation }
    }

    fn keys(registry: &Registry<String, u32>, plugin: &str) -> Vec<String> {
        registry.of(&owner(plugin, 0).plugin).into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn nobody_takes_what_another_has() {
        let registry: Registry<String, u32> = Registry::new(10);
        registry.add(owner("a", 1), "go".into(), 1).unwrap();
        assert_eq!(registry.add(owner("a", 1), "go".into(), 2), Err(Refused::Taken(owner("a", 1).plugin)));
        assert_eq!(registry.put(owner("b", 1), "go".into(), 2), Err(Refused::Taken(owner("a", 1).plugin)));
        assert_eq!(registry.get("go"), Some(1));
        registry.put(owner("a", 1), "go".into(), 3).unwrap();
        assert_eq!(registry.get("go"), Some(3));
    }

    #[test]
    fn a_process_takes_along_its_own_and_nothing_else() {
        let registry: Registry<String, u32> = Registry::new(10);
        registry.add(owner("a", 1), "old".into(), 1).unwrap();
        registry.add(owner("a", 2), "new".into(), 2).unwrap();
        registry.add(owner("b", 1), "other".into(), 3).unwrap();
        registry.forget(&owner("a", 1));
        assert_eq!((keys(&registry, "a"), keys(&registry, "b")), (vec!["new".into()], vec!["other".into()]));
    }

    #[test]
    fn a_plugin_has_only_so_many() {
        let registry: Registry<String, u32> = Registry::new(1);
        registry.add(owner("a", 1), "one".into(), 1).unwrap();
        assert_eq!(registry.add(owner("a", 1), "two".into(), 2), Err(Refused::TooMany(1)));
        registry.put(owner("a", 1), "one".into(), 2).unwrap();
        registry.add(owner("b", 1), "two".into(), 2).unwrap();
    }

    #[test]
    fn only_the_owner_changes_something() {
        let registry: Registry<String, u32> = Registry::new(10);
        registry.add(owner("a", 1), "x".into(), 1).unwrap();
        registry.add(owner("a", 1), "y".into(), 5).unwrap();
        registry.add(owner("b", 1), "z".into(), 9).unwrap();
        let add_others = |value: &mut u32, others: &[&u32]| *value += others.iter().copied().sum::<u32>();
        assert_eq!(registry.change(&owner("a", 1), "x", add_others), Some(()));
        assert_eq!(registry.get("x"), Some(6));
        assert_eq!(registry.change(&owner("b", 1), "x", add_others), None);
        assert_eq!(registry.change(&owner("a", 2), "x", add_others), None);
        assert_eq!(registry.change(&owner("a", 1), "nothing", add_others), None);
    }
}

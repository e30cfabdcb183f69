//! The functions of the plugin that the host holds, each under its event ID.
//!
//! Each function has one ID however often it is sent, and a count of how often that was. The host gives counts back, not
//! a flag: a release that crosses a new export of the same function must not kill it.

use crate::engine::Value;
use crate::slab::Slab;
use std::collections::HashMap;

/// Functions that the host holds.
pub(crate) struct Exported {
    functions: Slab<Entry>,
    /// The ID by where the function lives; the table keeps it alive, so nothing else can live there.
    ids: HashMap<usize, u64>,
}

struct Entry {
    function: Value,
    count: u32,
}

/// Why a release makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a release of {count} for the function {id}, which the host holds {held} times")]
pub(crate) struct ReleaseError {
    id: u64,
    count: u32,
    held: u32,
}

impl Exported {
    /// Nothing.
    pub(crate) fn new() -> Exported {
        Exported { functions: Slab::new(), ids: HashMap::new() }
    }

    /// How many functions the host holds.
    pub(crate) fn len(&self) -> usize {
        self.functions.len()
    }

    /// Counts that the function is sent once more, and gives its ID; none if it would be one function more than `most`.
    pub(crate) fn export(&mut self, function: &Value, most: u32) -> Option<u64> {
        let address = function.address();
        if let Some(id) = self.ids.get(&address) {
            let entry = self.functions.get_mut(*id)?;
            entry.count = entry.count.checked_add(1)?;
            return Some(*id);
        }
        if most as usize <= self.functions.len() {
            return None;
        }
        let id = self.functions.insert(Entry { function: function.clone(), count: 1 }).ok()?;
        self.ids.insert(address, id);
        Some(id)
    }

    /// The function of an ID, if the host holds it.
    pub(crate) fn get(&self, id: u64) -> Option<Value> {
        Some(self.functions.get(id)?.function.clone())
    }

    /// Takes `count` off; a function whose count is used up is forgotten.
    pub(crate) fn release(&mut self, id: u64, count: u32) -> Result<(), ReleaseError> {
        let Some(entry) = self.functions.get_mut(id) else {
            return Err(ReleaseError { id, count, held: 0 });
        };
        if entry.count < count {
            return Err(ReleaseError { id, count, held: entry.count });
        }
        entry.count -= count;
        if entry.count == 0
            && let Some(entry) = self.functions.remove(id)
        {
            self.ids.remove(&entry.function.address());
        }
        Ok(())
    }
}

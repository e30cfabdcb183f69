//! The functions and objects of the plugin that the host holds, each under its event ID.

use crate::engine::Value;
use plughold_wire::Exports;
use plughold_wire::references::{Full, ReleaseError};

/// What the host holds, by where it lives: the table keeps it alive, so nothing else can live there.
pub(crate) struct Exported {
    things: Exports<usize, Value>,
}

impl Exported {
    /// Nothing.
    pub(crate) fn new() -> Exported {
        Exported { things: Exports::new() }
    }

    /// How many things the host holds.
    pub(crate) fn len(&self) -> usize {
        self.things.len()
    }

    /// Counts that the thing is sent once more, and gives its ID. The error is that it would be one more than `most`.
    pub(crate) fn export(&mut self, thing: &Value, most: u32) -> Result<u64, Full> {
        self.things.export(thing.address(), || thing.clone(), most as usize)
    }

    /// The thing of an ID, if the host holds it.
    pub(crate) fn get(&self, id: u64) -> Option<Value> {
        self.things.get(id).cloned()
    }

    /// Takes `count` off. A thing whose count is used up is given back: dropping it may run code of the plugin, so nothing
    /// may be borrowed then.
    pub(crate) fn release(&mut self, id: u64, count: u32) -> Result<Option<Value>, ReleaseError> {
        self.things.release(id, count)
    }
}

//! One thing that a plugin registered, as a reader gets it.

use crate::PluginId;
use crate::session::standing::{Seat, Standing};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Something that a plugin has registered: a handle to the value, which it dereferences to. Cheap to clone.
///
/// It stays valid when the plugin's process is gone; the value's callbacks then give
/// [`CallError::Gone`](crate::CallError::Gone).
pub struct Registered<V, K = String> {
    node: Arc<Node<V, K>>,
}

/// What is kept of one registration.
pub(super) struct Node<V, K> {
    pub(super) key: K,
    pub(super) value: V,
    /// The process that it belongs to.
    pub(super) seat: Arc<Seat>,
    /// Its place in the order of insertion.
    pub(super) place: u64,
}

impl<V, K> Registered<V, K> {
    pub(super) fn new(node: &Arc<Node<V, K>>) -> Registered<V, K> {
        Registered { node: node.clone() }
    }

    /// The key that it is registered under.
    pub fn key(&self) -> &K {
        &self.node.key
    }

    /// What is registered.
    pub fn value(&self) -> &V {
        &self.node.value
    }

    /// The plugin that has registered it.
    pub fn plugin(&self) -> &PluginId {
        self.node.seat.plugin()
    }

    /// The generation of the process that has registered it.
    pub fn generation(&self) -> u32 {
        self.node.seat.generation()
    }

    /// Whether that process still stands for its plugin, or may do so soon.
    pub fn is_live(&self) -> bool {
        self.node.seat.standing() != Standing::Retired
    }
}

impl<V, K> Deref for Registered<V, K> {
    type Target = V;

    fn deref(&self) -> &V {
        &self.node.value
    }
}

impl<V, K> Clone for Registered<V, K> {
    fn clone(&self) -> Registered<V, K> {
        Registered { node: self.node.clone() }
    }
}

impl<V: fmt::Debug, K: fmt::Debug> fmt::Debug for Registered<V, K> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = to.debug_struct("Registered");
        debug.field("key", self.key()).field("value", self.value());
        debug.field("plugin", self.plugin()).field("generation", &self.generation()).finish()
    }
}

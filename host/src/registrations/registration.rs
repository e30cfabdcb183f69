//! One thing that a plugin registered, as the plugin gets it.

use super::Shared;
use super::registered::Node;
use crate::Disposable;
use serde::{Serialize, Serializer};
use std::fmt;
use std::sync::{Arc, Weak};

/// Removes what was registered before its plugin's process ends. Cheap to clone; dropping it removes nothing.
///
/// As the result of an API function it is a [`Disposable`]: the plugin gets an object with the method `dispose`.
#[derive(Clone)]
pub struct Registration {
    thing: Arc<dyn Removable>,
}

/// A registration, with its types erased.
trait Removable: Send + Sync {
    fn remove(&self) -> bool;
    fn is_there(&self) -> bool;
}

/// Where something is registered. It keeps neither the value nor the table.
struct Place<V, K> {
    shared: Weak<Shared<V, K>>,
    node: Weak<Node<V, K>>,
}

impl Registration {
    pub(super) fn new<V, K>(shared: Weak<Shared<V, K>>, node: Weak<Node<V, K>>) -> Registration
    where
        V: Send + Sync + 'static,
        K: Ord + Clone + Send + Sync + 'static,
    {
        Registration { thing: Arc::new(Place { shared, node }) }
    }

    /// Removes it, for everybody. False if it is gone already.
    pub fn remove(&self) -> bool {
        self.thing.remove()
    }

    /// Whether it is there: neither removed or replaced, nor gone with its process.
    pub fn is_registered(&self) -> bool {
        self.thing.is_there()
    }

    /// The same for a plugin, which removes it by `dispose()`.
    pub fn disposable(&self) -> Disposable {
        let thing = self.thing.clone();
        Disposable::new(move || {
            // Gone already, it is where the plugin wants it.
            let _ = thing.remove();
        })
    }
}

impl<V, K> Removable for Place<V, K>
where
    V: Send + Sync + 'static,
    K: Ord + Clone + Send + Sync + 'static,
{
    fn remove(&self) -> bool {
        match (self.shared.upgrade(), self.node.upgrade()) {
            (Some(shared), Some(node)) => shared.remove(&node),
            _ => false,
        }
    }

    fn is_there(&self) -> bool {
        match (self.shared.upgrade(), self.node.upgrade()) {
            (Some(shared), Some(node)) => shared.lock().has(&node),
            _ => false,
        }
    }
}

impl Serialize for Registration {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.disposable().serialize(to)
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Registration").field("is_registered", &self.is_registered()).finish()
    }
}

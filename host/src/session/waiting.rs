//! The circles of one host, shared by all of its sessions.

use crate::PluginId;
use crate::error::CallError;
use crate::session::chain::{Called, Link};
use crate::session::circles::{Circles, Opening};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Who waits for whom among the plugins of a host. Nothing else is locked while this is.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    circles: Mutex<Circles>,
}

/// A plugin waits for the answer to a blocking call, until this is dropped.
#[derive(Debug)]
pub(crate) struct Blocked {
    waiting: Arc<Waiting>,
    session: u64,
    id: u64,
}

/// Blocked plugins wait for the answer to a call, until this is dropped.
#[derive(Debug)]
pub(crate) struct Awaited {
    waiting: Arc<Waiting>,
    number: u64,
}

impl Waiting {
    /// The plugin of a session has made a blocking call.
    pub(crate) fn block(
        self: &Arc<Self>,
        session: u64,
        plugin: &PluginId,
        id: u64,
        called: Called,
    ) -> Blocked {
        self.lock().block(session, plugin, id, called);
        Blocked { waiting: self.clone(), session, id }
    }

    /// What the plugin of a session waits for in one of its calls, if it does.
    pub(crate) fn blocked_in(&self, session: u64, id: u64) -> Option<Called> {
        self.lock().blocked_in(session, id).cloned()
    }

    /// A call is made to the plugin of a session, on behalf of `parent`. None while nobody is blocked by it.
    ///
    /// Returns [`CallError::Circle`] if it could never be answered.
    pub(crate) fn open(
        self: &Arc<Self>,
        parent: Option<&Arc<Link>>,
        target: u64,
        plugin: &PluginId,
        called: &Called,
    ) -> Result<Option<Awaited>, CallError> {
        let blocking = parent.map(|parent| parent.blocking()).unwrap_or_default();
        if blocking.is_empty() {
            return Ok(None);
        }
        let opening = Opening { blocking, target, plugin: plugin.clone(), called: called.clone() };
        let number = self.lock().open(opening).map_err(|circle| CallError::Circle(Box::new(circle)))?;
        Ok(number.map(|number| Awaited { waiting: self.clone(), number }))
    }

    /// Whether nobody is blocked, and nobody kept waiting.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Circles> {
        self.circles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        self.waiting.lock().unblock(self.session, self.id);
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.waiting.lock().close(self.number);
    }
}

//! One counted reference to a function or object of one plugin process.

use crate::PluginId;
use crate::callback::Description;
use crate::figures::Origin;
use crate::session::Session;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// What all clones of a [`Callback`](crate::Callback) or [`Remote`](crate::Remote) share. Dropping it tells the plugin.
pub(crate) struct Reference {
    id: u64,
    /// How often it stands in the messages that brought it while this lives: what is given back by a release.
    count: AtomicU32,
    session: Arc<Session>,
    /// What it is, if it is an object; none for a function.
    description: Option<Description>,
    /// Where it was passed first, and when.
    origin: Origin,
    calls: AtomicU64,
}

impl Reference {
    pub(crate) fn new(
        id: u64,
        count: u32,
        session: Arc<Session>,
        description: Option<Description>,
        origin: Origin,
    ) -> Reference {
        session.reference_made();
        let described = description.as_ref().map_or(0, Description::size);
        session.counters.described.fetch_add(described, Ordering::Relaxed);
        let (count, calls) = (AtomicU32::new(count), AtomicU64::new(0));
        Reference { id, count, session, description, origin, calls }
    }

    /// Where it was passed first, and when.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// It is called.
    pub(crate) fn called(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// How often it was called.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Another message brought the same thing.
    pub(crate) fn receive_again(&self, count: u32) {
        self.count.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    pub(crate) fn session_key(&self) -> u64 {
        self.session.key()
    }

    pub(crate) fn plugin(&self) -> &PluginId {
        self.session.plugin()
    }

    pub(crate) fn description(&self) -> Option<&Description> {
        self.description.as_ref()
    }

    /// Identifies the thing among all things of all plugins.
    pub(crate) fn key(&self) -> (u64, u64) {
        (self.session.key(), self.id)
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        let described = self.description.as_ref().map_or(0, Description::size);
        self.session.counters.described.fetch_sub(described, Ordering::Relaxed);
        self.session.imports().forget(self);
        // Nobody counts any more: whoever could has a handle.
        self.session.release(self.id, *self.count.get_mut());
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Reference({} #{} x{})", self.plugin(), self.id, self.count.load(Ordering::Relaxed))
    }
}

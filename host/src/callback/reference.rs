//! One counted reference to a function or object of one plugin process.

use crate::PluginId;
use crate::callback::Description;
use crate::session::Session;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What all clones of a [`Callback`](crate::Callback) or [`Remote`](crate::Remote) share. Dropping it tells the plugin.
pub(crate) struct Reference {
    id: u64,
    /// How often the message that introduced it contains it: what is given back by a release. Two messages that
    /// introduce the same function make two references, whose counts add up.
    count: u32,
    session: Arc<Session>,
    /// What it is, if it is an object; none for a function.
    description: Option<Description>,
}

impl Reference {
    pub(crate) fn new(
        id: u64,
        count: u32,
        session: Arc<Session>,
        description: Option<Description>,
    ) -> Reference {
        session.reference_made();
        let described = description.as_ref().map_or(0, Description::size);
        session.counters.described.fetch_add(described, Ordering::Relaxed);
        Reference { id, count, session, description }
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
        self.session.release(self.id, self.count);
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Reference({} #{} x{})", self.plugin(), self.id, self.count)
    }
}

//! One counted reference to a function of one plugin process.

use crate::PluginId;
use crate::session::Session;
use std::fmt;
use std::sync::Arc;

/// What all clones of a [`Callback`](crate::Callback) share. Dropping it tells the plugin.
pub(crate) struct Reference {
    id: u64,
    /// How often the message that introduced it contains it: what is given back by a release. Two messages that
    /// introduce the same function make two references, whose counts add up.
    count: u32,
    session: Arc<Session>,
}

impl Reference {
    pub(crate) fn new(id: u64, count: u32, session: Arc<Session>) -> Reference {
        session.reference_made();
        Reference { id, count, session }
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

    /// Identifies the function among all functions of all plugins.
    pub(crate) fn key(&self) -> (u64, u64) {
        (self.session.key(), self.id)
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        self.session.release(self.id, self.count);
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Reference({} #{} x{})", self.plugin(), self.id, self.count)
    }
}

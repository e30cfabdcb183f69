//! What all plugins of a host have in common.

use crate::PluginId;
use crate::events::{Event, EventSender};
use crate::launch::Spawner;
use crate::service::{Config, Registry};
use crate::session::waiting::Waiting;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How many plugins are started at the same time. Each start keeps a core busy for some milliseconds, and a hundred plugins
/// that die together are back sooner one after the other than all at once.
const STARTS: usize = 4;

/// What all plugins of a host have in common.
pub(crate) struct Common {
    pub(crate) config: Config,
    pub(crate) spawner: Spawner,
    pub(crate) events: EventSender,
    /// All plugins of the host, which may use each other.
    pub(crate) plugins: Arc<Registry>,
    pub(crate) waiting: Arc<Waiting>,
    /// Turns to start.
    pub(super) starts: Arc<Semaphore>,
}

impl Common {
    /// Of a host without plugins so far.
    pub(crate) fn new(config: Config, spawner: Spawner, events: EventSender) -> Common {
        Common {
            config,
            spawner,
            events,
            plugins: Arc::default(),
            waiting: Arc::default(),
            starts: Arc::new(Semaphore::new(STARTS)),
        }
    }

    /// A plugin has left the active ones or come back: whoever needs it is told.
    pub(super) fn tell_dependants(&self, dependency: &PluginId, is_active: bool) {
        self.plugins.changed(dependency);
        for plugin in self.plugins.all() {
            let needs_it = |needed: &plughold_package::Dependency| needed.id == *dependency;
            if plugin.package().dependencies.iter().any(needs_it) {
                let (plugin, dependency) = (plugin.id().clone(), dependency.clone());
                self.events.send(Event::Dependency { plugin, dependency, is_active });
            }
        }
    }
}

//! What all plugins of a host have in common.

use crate::PluginId;
use crate::error::LoadError;
use crate::events::{Event, EventSender};
use crate::launch::Spawner;
use crate::service::{Config, Registry};
use crate::session::shares::Batches;
use crate::session::waiting::Waiting;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

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
    /// What the connections of all plugins have handled.
    pub(crate) batches: Arc<Batches>,
    /// Turns to start.
    starts: Arc<Semaphore>,
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
            batches: Arc::default(),
            starts: Arc::new(Semaphore::new(STARTS)),
        }
    }

    /// Waits for a turn to start a process.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, LoadError> {
        // The semaphore is never closed.
        self.starts.clone().acquire_owned().await.map_err(|_| LoadError::ShuttingDown)
    }

    /// A plugin has left the active ones or come back: whoever needs it is told.
    pub(super) fn tell_dependants(&self, dependency: &PluginId, is_active: bool) {
        self.plugins.changed(dependency);
        for plugin in self.plugins.all() {
            let package = plugin.package();
            let Some(needed) = package.dependencies.iter().find(|needed| needed.id == *dependency) else {
                continue;
            };
            let unmet = if is_active { self.plugins.misfit(needed) } else { None };
            let (id, dependency) = (plugin.id().clone(), dependency.clone());
            let is_active = is_active && unmet.is_none();
            self.events.send(Event::Dependency {
                plugin: id.clone(),
                dependency: dependency.clone(),
                is_active,
            });
            // Of one that does not run it was told why not.
            if let Some(unmet) = unmet.filter(|_| !plugin.is_finished()) {
                self.events.send(Event::Misfit { plugin: id, dependency, unmet: Box::new(unmet) });
            }
        }
    }
}

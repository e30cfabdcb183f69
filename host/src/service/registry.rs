//! The plugins of a host, by id.

use crate::PluginId;
use crate::service::plugin::Plugin;
use crate::service::status::State;
use crate::services::Watchers;
use plughold_package::order::{Why, fits};
use plughold_package::{Dependency, Unmet};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Every plugin that was to be loaded, also those that have failed or stopped.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    plugins: Mutex<BTreeMap<PluginId, Plugin>>,
    watchers: Watchers,
}

impl Registry {
    pub(crate) fn lock(&self) -> MutexGuard<'_, BTreeMap<PluginId, Plugin>> {
        self.plugins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who of them wants to hear of which others.
    pub(crate) fn watchers(&self) -> &Watchers {
        &self.watchers
    }

    /// A plugin may have become active or not, or another process of it may have taken over.
    pub(crate) fn changed(&self, id: &PluginId) {
        self.watchers.look(self, id);
    }

    /// The plugin with this id.
    pub(crate) fn get(&self, id: &str) -> Option<Plugin> {
        self.lock().get(id).cloned()
    }

    /// Whether a plugin is active, or would be when it is used, that fits the dependency; or why none is.
    pub(crate) fn meets(&self, dependency: &Dependency) -> Result<(), Unmet> {
        let found = self.get(dependency.id.as_str()).map(|plugin| (plugin.state(), plugin.package()));
        let why = match found {
            None => Why::Missing,
            Some((_, package)) if !fits(&dependency.range, &package.version) => {
                Why::Version { found: package.version.clone(), range: dependency.range.clone() }
            }
            Some((State::Active | State::Unresponsive | State::Resting, _)) => return Ok(()),
            Some((state, _)) => Why::Inactive(state.in_words().into()),
        };
        Err(Unmet { path: vec![dependency.id.to_string()], why })
    }

    /// Why the plugin with the dependency's id does not fit it, if it is there and does not.
    pub(crate) fn misfit(&self, dependency: &Dependency) -> Option<Unmet> {
        self.meets(dependency).err().filter(|unmet| matches!(unmet.why, Why::Version { .. }))
    }

    /// All of them, in the order of their ids.
    pub(crate) fn all(&self) -> Vec<Plugin> {
        self.lock().values().cloned().collect()
    }
}

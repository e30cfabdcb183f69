//! The plugins of a host, by id.

use crate::PluginId;
use crate::service::plugin::Plugin;
use crate::service::status::State;
use plughold_package::order::{Why, fits};
use plughold_package::{Dependency, Unmet};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Every plugin that was to be loaded, also those that have failed or stopped.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    plugins: Mutex<BTreeMap<PluginId, Plugin>>,
}

impl Registry {
    pub(crate) fn lock(&self) -> MutexGuard<'_, BTreeMap<PluginId, Plugin>> {
        self.plugins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plugin with this id.
    pub(crate) fn get(&self, id: &str) -> Option<Plugin> {
        self.lock().get(id).cloned()
    }

    /// Whether a plugin is active that fits the dependency, or why none is.
    pub(crate) fn meets(&self, dependency: &Dependency) -> Result<(), Unmet> {
        let why = match self.get(dependency.id.as_str()) {
            None => Why::Missing,
            Some(plugin) if !fits(&dependency.range, &plugin.package().version) => {
                Why::Version { found: plugin.package().version.clone(), range: dependency.range.clone() }
            }
            Some(plugin) => match plugin.state() {
                State::Active | State::Unresponsive => return Ok(()),
                state => Why::Inactive(state.in_words().into()),
            },
        };
        Err(Unmet { path: vec![dependency.id.to_string()], why })
    }

    /// All of them, in the order of their ids.
    pub(crate) fn all(&self) -> Vec<Plugin> {
        self.lock().values().cloned().collect()
    }
}

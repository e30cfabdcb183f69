//! Safe mode: a host that starts nothing, to find out which plugin is in the way.

use crate::PluginId;
use std::collections::BTreeSet;

/// Which plugins a host in safe mode starts all the same; see [`HostBuilder::safe_mode`](crate::HostBuilder::safe_mode).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SafeMode {
    started: BTreeSet<String>,
}

impl SafeMode {
    /// Nothing is started.
    pub fn nothing() -> SafeMode {
        SafeMode::default()
    }

    /// Nothing is started but the plugins with these ids. What they need is to be named as well.
    pub fn only<I: Into<String>>(ids: impl IntoIterator<Item = I>) -> SafeMode {
        SafeMode { started: ids.into_iter().map(Into::into).collect() }
    }

    /// Whether the plugin is started.
    pub fn starts(&self, id: &PluginId) -> bool {
        self.started.contains(id.as_str())
    }
}

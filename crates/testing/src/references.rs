//! The counter of live references.

use plughold::{Plugin, References};
use std::fmt;

/// What an application and one of its plugins hold of each other: functions and objects.
///
/// A counter of more than zero at the end of a test is a leak: something keeps a `Callback` that nobody will call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LiveReferences {
    /// Functions and objects of the plugin that the application holds, or that were passed on to other plugins, which
    /// hold them. Each counts once, in however many messages it came in.
    pub by_application: u32,
    /// Functions and objects of the application, or of other plugins, that the plugin holds; each counts once.
    pub by_plugin: u32,
}

impl LiveReferences {
    /// Nobody holds anything.
    pub const NONE: LiveReferences = LiveReferences { by_application: 0, by_plugin: 0 };

    /// What is held now. References that are on their way are not there yet, and releases that are on their way have not
    /// happened yet: [`TestHost::settle`](crate::TestHost::settle) waits for them.
    pub fn of(plugin: &Plugin) -> LiveReferences {
        let References { imported, exported, .. } = plugin.info().references;
        LiveReferences { by_application: imported, by_plugin: exported }
    }
}

impl fmt::Display for LiveReferences {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "the application holds {}, the plugin {}", self.by_application, self.by_plugin)
    }
}

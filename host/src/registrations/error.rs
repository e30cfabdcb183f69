//! Why something was not registered.

use crate::PluginId;

/// Why something was not registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Somebody has the key.
    #[error("the plugin {by} has registered this already")]
    Taken {
        /// Who.
        by: PluginId,
    },
    /// The plugin has registered as much as it may.
    #[error("expected at most {most} of these of one plugin")]
    TooMany {
        /// How much that is.
        most: usize,
    },
    /// The process has ended, or another has taken over from it.
    #[error("this process of the plugin has ended, or another has taken over from it")]
    Gone,
}

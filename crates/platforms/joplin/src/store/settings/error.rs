//! How a call about settings fails.

use crate::store::StoreError;

/// Why a call about settings was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// There is no such setting for the plugin that asks. Plugins probe with it, so the words are Joplin's.
    #[error("Unknown key: {key}")]
    Unknown {
        /// The full key, `plugin-<id>.<key>`, or that of an application setting.
        key: String,
    },
    /// A key or a section's name is malformed.
    #[error("setting key {key:?}: {reason}")]
    Key {
        /// The full key.
        key: String,
        /// What was expected and what was found.
        reason: String,
    },
    /// A section is malformed.
    #[error("settings section {name:?}: {reason}")]
    Section {
        /// The section's name.
        name: String,
        /// What was expected and what was found.
        reason: String,
    },
    /// A setting's declaration is malformed.
    #[error("setting {key:?}: {reason}")]
    Item {
        /// The full key.
        key: String,
        /// What was expected and what was found.
        reason: String,
    },
    /// A value does not fit its setting.
    #[error("value of setting {key:?}: {reason}")]
    Value {
        /// The full key.
        key: String,
        /// What was expected and what was found.
        reason: String,
    },
    /// The plugin has declared, or asks for, as many as it may.
    #[error("expected at most {max} {what} for a plugin")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there may be.
        max: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

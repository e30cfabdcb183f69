//! What is decided about permissions, as the application sees it.

use plughold_package::ScopeError;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What became of a permission of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Decision {
    /// The plugin may use it.
    Granted,
    /// It may not.
    Denied,
    /// It may use it no more.
    Revoked,
    /// A call that needs it was refused. Of many at once not each is told.
    Refused,
}

/// Who has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum By {
    /// What [`HostBuilder::grants`](crate::HostBuilder::grants) says.
    Rule,
    /// Whoever was asked.
    Answer,
    /// The application, at run time.
    Hand,
}

/// What a program says that was asked; see [`Broker`](super::Broker).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Answered {
    Allow,
    Deny,
}

/// Why a call may not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The manifest does not ask for it.
    NotAsked,
    /// It was denied.
    Denied,
    /// Too much waits for decisions.
    TooMany,
}

/// A permission that a plugin's manifest asks for; from [`Plugin::permissions`](crate::Plugin::permissions).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PermissionInfo {
    /// The permission, such as `notes.write` or `fs.read:data/**`.
    pub name: String,
    /// Why the plugin needs it, in its author's words.
    pub reason: Option<String>,
    /// Whether the plugin has it.
    pub state: PermissionState,
}

/// Whether a plugin has a permission that it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PermissionState {
    /// It has it.
    Granted,
    /// It does not.
    Denied,
    /// Somebody is asked when the plugin needs it.
    Undecided,
}

/// Why a permission could be neither granted nor revoked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PermissionError {
    /// It is none.
    #[error("{permission:?} is no permission: {error}")]
    Malformed {
        /// What was given.
        permission: String,
        /// What is wrong with it.
        error: ScopeError,
    },
    /// The plugin's manifest asks for nothing that it would be a part of, and a call needs both.
    #[error("the plugin does not ask for {permission}")]
    NotAsked {
        /// What was to be granted.
        permission: String,
    },
    /// More decisions about one plugin than are remembered.
    #[error("expected fewer decisions about one plugin before {permission}")]
    TooMany {
        /// What was to be decided.
        permission: String,
    },
}

impl fmt::Display for Decision {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Decision::Granted => "granted",
            Decision::Denied => "denied",
            Decision::Revoked => "revoked",
            Decision::Refused => "refused",
        })
    }
}

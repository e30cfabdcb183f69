//! A host.

use serde::{Deserialize, Serialize};

/// Who a host is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostInfo {
    /// What the application calls itself.
    pub name: String,
    /// Its process.
    pub pid: u32,
    /// The version of the host library.
    pub version: String,
    /// When it was built, in milliseconds since 1970.
    pub started_ms: u64,
}

/// A command that a plugin has registered with the application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Command {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub plugin: String,
}

//! A permission of a plugin.

use serde::{Deserialize, Serialize};

/// A permission that a plugin's manifest asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Permission {
    /// Its name, such as `notes.write`.
    pub name: String,
    /// Why the plugin wants it, as its author says.
    pub reason: Option<String>,
    /// Whether the plugin has it: `granted`, `denied`, `undecided`, and whatever may come.
    pub state: String,
}

//! Calls that are not answered yet.

use serde::{Deserialize, Serialize};

/// A call that is not answered yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PendingCall {
    /// Who has made it.
    pub direction: Direction,
    /// Its number: calls of one direction are counted.
    pub id: u64,
    /// What is called.
    pub name: String,
    /// What that is: `api`, `service`, `export`, `member`, `function`, and whatever may come.
    pub kind: String,
    /// For how long it has been waiting.
    pub age_ms: u64,
    /// How long whoever made it will still wait. None when it was not said.
    pub deadline_ms: Option<u64>,
    /// The call that was being served when this one was made.
    pub parent: Option<CallParent>,
    /// The plugin does nothing but wait for the answer.
    pub is_blocking: bool,
    /// False when whoever made it does not want the answer any more.
    pub is_wanted: bool,
}

/// Which way something goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The plugin calls, or tells something.
    FromPlugin,
    /// The plugin is called, or told something.
    #[default]
    ToPlugin,
}

/// A call on whose behalf another one was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallParent {
    /// The plugin that has made it or was called.
    pub plugin: String,
    /// What was called.
    pub name: String,
    /// Who has made it, seen from that plugin.
    pub direction: Direction,
}

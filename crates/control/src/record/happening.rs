//! Something that happened.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Something that happened to a plugin or to a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Happening {
    /// Counts what happened in this host: of two the later has the greater number.
    pub number: u64,
    /// When the host noticed, in milliseconds since 1970.
    pub time_ms: u64,
    /// What it is, such as `started`, `exited`, `log`. New kinds may come.
    pub kind: String,
    /// The plugin that it is about, if it is about one.
    pub plugin: Option<String>,
    /// What is known of it, by the keys that `docs/control.md` names for the kind.
    pub fields: Map<String, Value>,
}

/// How important a line of a log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// `console.debug`
    Debug,
    /// `console.log`, `console.info`
    Info,
    /// `console.warn`
    Warn,
    /// `console.error`
    Error,
}

impl Happening {
    /// The text of a line of a log, or what a kind of event has as its message.
    pub fn message(&self) -> Option<&str> {
        self.fields.get("message").and_then(Value::as_str)
    }

    /// The level of a line of a log.
    pub fn level(&self) -> Option<Level> {
        self.fields.get("level").and_then(|level| Level::deserialize(level).ok())
    }
}

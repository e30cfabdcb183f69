//! What a plugin is doing, as a snapshot.

use crate::{LoadError, PluginId, SandboxLevel, Thrown};
use serde::{Serialize, Serializer};

/// What a plugin is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum State {
    /// A process was started; the plugin is not active yet.
    Starting,
    /// It runs.
    Active,
    /// It runs, but has been in one turn for too long.
    Unresponsive,
    /// It crashed and will be started again.
    Backoff,
    /// It has no process, and gets one when it is used.
    Resting,
    /// It could not be loaded, or has ended in a way after which it is not started again.
    Failed,
    /// It crashed too often, or broke its sandbox.
    Disabled,
    /// Somebody stopped it, or safe mode does not start it.
    Stopped,
}

impl State {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            State::Starting => "starting",
            State::Active => "active",
            State::Unresponsive => "unresponsive",
            State::Backoff => "backoff",
            State::Resting => "resting",
            State::Failed => "failed",
            State::Disabled => "disabled",
            State::Stopped => "stopped",
        }
    }

    /// What the plugin is doing, as the end of a sentence on why it cannot be called.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            State::Starting => "it is being started",
            State::Active => "it runs",
            State::Unresponsive => "it runs and does not respond",
            State::Backoff => "it crashed and is started again soon",
            State::Resting => "it rests, and is started when it is used",
            State::Failed => "it has failed",
            State::Disabled => "it crashed too often or broke its sandbox, and is disabled",
            State::Stopped => "it was stopped",
        }
    }
}

/// How long the last start took, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Timing {
    /// From the wish until the runner was locked and ready for code.
    pub spawn: u64,
    /// Until the plugin's own code had run, inside of the runner.
    pub load: u64,
    /// Until it was active.
    pub activate: u64,
}

/// How many functions and objects are held across the border of a plugin's process. Both are zero when nothing is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct References {
    /// Of the host, held by the plugin.
    pub exported: u32,
    /// Of the plugin, held by the host: by the application, or for another plugin. Each counts once, in however many messages
    /// it came.
    pub imported: u32,
}

/// How many streams are open across the border of a plugin's process. Both are zero when none is left open: a stream is
/// open until its source has ended, which it does when whoever reads it drops it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OpenStreams {
    /// Those that the plugin sends: to the application, or to another plugin.
    pub from_plugin: u32,
    /// Those that the plugin is sent.
    pub to_plugin: u32,
}

/// A snapshot of one plugin. As JSON it has stable keys.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PluginInfo {
    /// Its id.
    pub id: PluginId,
    /// Its name for people.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The format of its package: `native`, `joplin`.
    pub format: String,
    /// What it is doing.
    pub state: State,
    /// The process, while there is one.
    pub pid: Option<u32>,
    /// Counts its processes.
    pub generation: u32,
    /// Starts after the first.
    pub restarts: u32,
    /// Resident memory of the process in bytes, while there is one.
    pub memory_bytes: Option<u64>,
    /// How long the last start took.
    pub timing_us: Timing,
    /// How far its runner is locked down; none before it has said so. As JSON it is a letter: `A` full to `D` not at all.
    #[serde(serialize_with = "as_letter")]
    pub sandbox: Option<SandboxLevel>,
    /// The layers of the lock-down that are in force.
    pub sandbox_layers: Vec<String>,
    /// The functions that it exports.
    pub exports: Vec<String>,
    /// Calls from it in the present process.
    pub calls_in: u64,
    /// Calls to it in the present process.
    pub calls_out: u64,
    /// Calls to it that are not answered yet.
    pub calls_in_flight: usize,
    /// Functions and objects that are held across the process's border.
    pub references: References,
    /// Streams that are open across the process's border.
    pub streams: OpenStreams,
    /// Why it is failed, disabled, in back-off or stopped.
    pub error: Option<ErrorInfo>,
}

/// An error for people and programs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorInfo {
    /// In words.
    pub message: String,
    /// The JavaScript stack, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// The JavaScript error behind it, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thrown: Option<Thrown>,
}

impl ErrorInfo {
    pub(crate) fn of_load(error: &LoadError) -> ErrorInfo {
        let thrown = error.thrown().cloned();
        let stack = match (&thrown, error) {
            (Some(thrown), _) => thrown.stack.clone(),
            (None, LoadError::Exited(exit)) => exit.stack().map(str::to_owned),
            _ => None,
        };
        ErrorInfo { message: error.to_string(), stack, thrown }
    }
}

fn as_letter<S: Serializer>(level: &Option<SandboxLevel>, to: S) -> Result<S::Ok, S::Error> {
    level.map(SandboxLevel::letter).serialize(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_a_letter_in_json() {
        let shown = |level| as_letter(&level, serde_json::value::Serializer).unwrap();
        assert_eq!(shown(Some(SandboxLevel::B)), "B");
        assert_eq!(shown(None), serde_json::Value::Null);
    }
}

//! A plugin at one moment.

use super::{Activity, Figures};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A plugin at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plugin {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The format of its package: `native`, `joplin`.
    pub format: String,
    /// Where its package is.
    pub source: String,
    /// The stage of its life.
    pub state: State,
    /// What it is doing right now; none when it has no process or the host cannot tell.
    pub activity: Option<Activity>,
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
    /// How far its process is locked down: `A` full to `D` not at all.
    pub sandbox: Option<String>,
    /// The layers of the lock-down that are in force.
    pub sandbox_layers: Vec<String>,
    /// The functions that it exports.
    pub exports: Vec<String>,
    /// Calls from it in the present process.
    pub calls_in: u64,
    /// Calls to it in the present process.
    pub calls_out: u64,
    /// Calls to it that are not answered yet.
    pub calls_in_flight: u64,
    /// How many functions and objects are held across the process's border.
    pub references: Held,
    /// Streams that are open across the process's border.
    pub streams: OpenStreams,
    /// What it costs, without what is told by function.
    pub figures: Option<Figures>,
    /// Why it is failed, disabled, in back-off or stopped.
    pub error: Option<PluginError>,
}

/// The stage of a plugin's life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// A stage that is newer than this program.
    #[default]
    #[serde(other)]
    Other,
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
            State::Other => "other",
        }
    }

    /// Whether there is a process that calls go to.
    pub fn is_running(self) -> bool {
        matches!(self, State::Active | State::Unresponsive)
    }
}

/// How long the last start took, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timing {
    /// From the wish until the process was locked and ready for code.
    pub spawn: u64,
    /// Until the plugin's own code had run.
    pub load: u64,
    /// Until it was active.
    pub activate: u64,
}

/// How many functions and objects are held across the border of a plugin's process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Held {
    /// Of the host, held by the plugin.
    pub exported: u32,
    /// Of the plugin, held by the host.
    pub imported: u32,
}

/// How many streams are open across the border of a plugin's process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenStreams {
    /// Those that the plugin sends.
    pub from_plugin: u32,
    /// Those that the plugin is sent.
    pub to_plugin: u32,
}

/// What went wrong with a plugin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PluginError {
    /// In words.
    pub message: String,
    /// The JavaScript stack, where there is one.
    pub stack: Option<String>,
    /// The JavaScript error behind it, where there is one.
    pub thrown: Option<Value>,
}

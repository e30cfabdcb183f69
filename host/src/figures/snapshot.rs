//! What a plugin costs, as a snapshot.

use serde::{Deserialize, Serialize};

/// What the present process of a plugin has cost so far; from [`Plugin::figures`](crate::Plugin::figures). As JSON it has
/// stable keys, whose last word is the unit: `_us` microseconds, `_ns` nanoseconds, `_ms` milliseconds, `_bytes` bytes.
///
/// What it knows of the time is read by the host, but for what is called *spent*: how the plugin's processor time is
/// divided among the calls that it serves is what its runner says, and never more than what the host has seen of the call.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Figures {
    /// Counts the plugin's processes. All is zero when there is none.
    pub generation: u32,
    /// Since the process was started.
    pub uptime_ms: u64,
    /// What it has had of the processors.
    pub cpu: CpuFigures,
    /// Calls of the plugin to functions of the application or of other plugins. The latency is the host's: from when the
    /// call was read until it was answered.
    pub from_plugin: CallFigures,
    /// Calls to the plugin. The latency is that of the callers: from when the call was sent until the answer was read.
    pub to_plugin: CallFigures,
    /// What has crossed the border.
    pub traffic: Traffic,
    /// What waits now.
    pub queues: Queues,
}

/// What a process has had of the processors, as the system counts it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CpuFigures {
    /// Since its start.
    pub total_us: u64,
    /// In the last minute.
    pub last_minute_us: u64,
    /// What it may have in a minute, if [`Limits::cpu`](crate::Limits::cpu) says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_minute_us: Option<u64>,
    /// Whether it has used more than that, and is slowed down.
    pub is_slowed: bool,
}

/// Calls in one direction that were answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallFigures {
    /// How many.
    pub calls: u64,
    /// How many of them threw.
    pub errors: u64,
    /// How many in a second, on the average of the last ten.
    pub per_second: f64,
    /// How long they took.
    pub latency: Latency,
    /// What the plugin has computed to serve them, without waiting; zero for calls of the plugin.
    pub spent_us: u64,
    /// The same by function: at most 256 of them, and what the others come to as `others`. The one that cost the plugin
    /// most comes first, and then the one that was called most often.
    pub functions: Vec<FunctionFigures>,
}

/// Calls of one function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FunctionFigures {
    /// Its name, as `app.notes.search`; of a function that was passed along it is where: `argument of app.notes.search`.
    pub name: String,
    /// What it is.
    pub kind: FunctionKind,
    /// How often it was called and has answered.
    pub calls: u64,
    /// How often it threw.
    pub errors: u64,
    /// How long its calls took.
    pub latency: Latency,
    /// What the plugin has computed to serve them, without waiting.
    pub spent_us: u64,
}

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FunctionKind {
    /// A function of the application's API.
    Api,
    /// What the library itself offers.
    Service,
    /// What the plugin exports.
    Export,
    /// A method or property of an object that was passed along.
    Member,
    /// A function that was passed along.
    Function,
}

/// How long the latest calls took: the last few thousand count most, and older ones fade. Within a sixteenth of the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Latency {
    /// Half of them took at most this long.
    pub p50_ns: u64,
    /// Nine of ten.
    pub p90_ns: u64,
    /// Ninety-nine of a hundred.
    pub p99_ns: u64,
    /// The slowest of all since the process was started.
    pub slowest_ns: u64,
}

/// What has crossed the border of a plugin's process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Traffic {
    /// What the plugin has sent.
    pub from_plugin_bytes: u64,
    /// What it was sent.
    pub to_plugin_bytes: u64,
    /// Messages of the plugin.
    pub from_plugin_messages: u64,
    /// Messages to it.
    pub to_plugin_messages: u64,
}

/// What waits at the border of a plugin's process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Queues {
    /// Calls to the plugin that it has not answered.
    pub calls_to_plugin: u64,
    /// Calls of the plugin that are being served.
    pub calls_from_plugin: u64,
    /// What the plugin was to be sent and has not read.
    pub unwritten_bytes: u64,
}

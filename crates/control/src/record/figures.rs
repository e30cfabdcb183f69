//! What a plugin costs.

use serde::{Deserialize, Serialize};

/// What the present process of a plugin has cost so far. Of a field's name the last word is the unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// Counts the plugin's processes. All is zero when there is none.
    pub generation: u32,
    /// Since the process was started.
    pub uptime_ms: u64,
    /// What it has had of the processors.
    pub cpu: CpuFigures,
    /// Calls of the plugin to functions of the application or of other plugins.
    pub from_plugin: CallFigures,
    /// Calls to the plugin.
    pub to_plugin: CallFigures,
    /// What has crossed the border.
    pub traffic: Traffic,
    /// What waits now.
    pub queues: Queues,
}

/// What a process has had of the processors, as the system counts it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CpuFigures {
    /// Since its start.
    pub total_us: u64,
    /// In the last minute: 60,000,000 is one whole core.
    pub last_minute_us: u64,
    /// What it may have in a minute, if it has a budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_minute_us: Option<u64>,
    /// Whether it has used more than that, and is slowed down.
    pub is_slowed: bool,
}

/// Calls in one direction that were answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
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
    /// The same by function. Left out where all plugins are listed.
    pub functions: Vec<FunctionFigures>,
}

/// Calls of one function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FunctionFigures {
    /// Its name, or where it was passed.
    pub name: String,
    /// What it is: `api`, `service`, `export`, `member`, `function`, and whatever may come.
    pub kind: String,
    /// How often it was called and has answered.
    pub calls: u64,
    /// How often it threw.
    pub errors: u64,
    /// How long its calls took.
    pub latency: Latency,
    /// What the plugin has computed to serve them, without waiting.
    pub spent_us: u64,
}

/// How long the latest calls took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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
#[serde(default)]
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
#[serde(default)]
pub struct Queues {
    /// Calls to the plugin that it has not answered.
    pub calls_to_plugin: u64,
    /// Calls of the plugin that are being served.
    pub calls_from_plugin: u64,
    /// What the plugin was to be sent and has not read.
    pub unwritten_bytes: u64,
}

//! The file that is written after an end that nobody asked for, as a type.

use crate::Date;
use crate::events::Level;
use serde::{Deserialize, Serialize};

/// The version of the file's shape. It grows when a member changes its meaning or goes away; members may be added.
pub(crate) const SCHEMA: u32 = 1;

/// Bytes of what was called, in words.
pub(crate) const MOST_WHAT: usize = 160;

/// Bytes of a fact about a package, such as its name.
pub(crate) const MOST_FACT: usize = 1_024;

/// Bytes of how it ended, in words.
pub(crate) const MOST_WORDS: usize = 4_096;

/// Bytes of a stack.
pub(crate) const MOST_STACK: usize = 16 << 10;

/// Open calls that are listed in each direction.
pub(crate) const MOST_CALLS: usize = 64;

/// Layers that are listed.
pub(crate) const MOST_LAYERS: usize = 32;

/// Everything that is known of one process of a plugin that ended in a way that nobody asked for.
///
/// It is written as JSON into the folder that [`HostBuilder::reports`](crate::HostBuilder::reports) names. What messages
/// carried is not in it: it holds names, numbers, sizes and times, and what the plugin wrote to its console.
///
/// ```no_run
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let text = std::fs::read_to_string("reports/hello-1-1795291200000.report.json")?;
/// let report: plughold::Report = serde_json::from_str(&text)?;
/// println!("{}: {}", report.plugin, report.exit.words);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub struct Report {
    /// The version of this shape: 1.
    pub schema: u32,
    /// The plugin's id.
    pub plugin: String,
    /// Its name for people.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The format of its package.
    pub format: String,
    /// Where its package is.
    pub source: String,
    /// Counts its processes.
    pub generation: u32,
    /// The process.
    pub pid: u32,
    /// When it ended, as JavaScript's `toISOString` writes it.
    pub ended: String,
    /// How long it had lived, in milliseconds.
    pub lived_ms: u64,
    /// How it ended.
    pub exit: ReportedExit,
    /// What the plugin was doing before, such as `active`.
    pub state: String,
    /// The JavaScript stack at its last sign of life, when it was asked for.
    pub stack: Option<String>,
    /// The call that it was serving, as the process itself has said.
    pub serving: Option<u64>,
    /// Its memory.
    pub memory: ReportedMemory,
    /// The last messages of both directions, oldest first.
    pub messages: Vec<ReportedMessage>,
    /// Messages before those.
    pub messages_before: u64,
    /// Calls to the plugin that nobody had answered.
    pub calls_to_plugin: OpenCalls,
    /// Calls of the plugin that the application had not answered.
    pub calls_from_plugin: OpenCalls,
    /// The last lines of its console, oldest first.
    pub log: Vec<ReportedLine>,
    /// How far it was locked down: `A` full to `D` not at all; none when it had not come so far.
    pub sandbox: Option<char>,
    /// The layers that were in force.
    pub sandbox_layers: Vec<String>,
    /// Who took part.
    pub versions: ReportedVersions,
}

/// How a process ended, for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub struct ReportedExit {
    /// One word: `code`, `signal`, `killed`, `violation`, `unknown`.
    pub kind: String,
    /// The exit code.
    pub code: Option<i32>,
    /// The signal.
    pub signal: Option<i32>,
    /// All of it in words.
    pub words: String,
}

/// A process's memory over its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub struct ReportedMemory {
    /// Bytes that it could use at most.
    pub limit_bytes: u64,
    /// Milliseconds after its start, and resident bytes then. It is looked at while the process is busy.
    pub curve: Vec<(u64, u64)>,
}

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the plugin to the host.
    In,
    /// From the host to the plugin.
    Out,
}

/// One message, without what it carried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub struct ReportedMessage {
    /// Microseconds after the start of the process.
    pub at_us: u64,
    /// Which way it went.
    pub direction: Direction,
    /// What it was, such as `Call`.
    pub message: String,
    /// The call, stream or request that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// What was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// Bytes of what it carried.
    pub bytes: u32,
}

/// Calls without an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub struct OpenCalls {
    /// How many there were.
    pub count: usize,
    /// The oldest of them.
    pub oldest: Vec<PendingCall>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub struct PendingCall {
    /// Its number.
    pub id: u64,
    /// What was called, when that is still known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
}

/// One line of the plugin's console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub struct ReportedLine {
    /// Microseconds after the start of the process.
    pub at_us: u64,
    /// How important.
    pub level: Level,
    /// The line, or its beginning.
    pub text: String,
}

/// Who took part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub struct ReportedVersions {
    /// The host library.
    pub host: String,
    /// The runner, as it says.
    pub runner: String,
    /// The protocol.
    pub protocol: u32,
    /// The engine, as the runner says.
    pub engine: String,
    /// The operating system.
    pub system: String,
}

impl Report {
    /// The name of its file: whose it is, and no two the same.
    pub(crate) fn file_name(&self, ended: Date) -> String {
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
        let plain = |character: char| if is_plain(character) { character } else { '_' };
        let id: String = self.plugin.chars().take(64).map(plain).collect();
        // A name that begins with a dot would not be seen.
        format!("{}-{}-{}{}", id.trim_start_matches('.'), self.generation, ended.0, super::store::ENDING)
    }
}

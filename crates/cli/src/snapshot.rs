//! What is known of the plugins at one moment, for people and programs.

use plughold::{ErrorInfo, Plugin, PluginInfo, Problems, SandboxLevel, State, Timing};
use serde::Serialize;

/// The version of every JSON document and event that the command prints. Keys may be added without changing it.
pub(crate) const SCHEMA: u32 = 1;

/// All plugins at one moment. As JSON it is what `plughold run --once --json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Snapshot<'a> {
    schema: u32,
    plugins: Vec<Entry>,
    problems: &'a [Problems],
}

/// One plugin at one moment.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) format: String,
    pub(crate) state: State,
    pub(crate) pid: Option<u32>,
    pub(crate) generation: u32,
    pub(crate) restarts: u32,
    pub(crate) memory_bytes: Option<u64>,
    pub(crate) timing_us: Timing,
    pub(crate) sandbox: Option<char>,
    pub(crate) commands: Vec<String>,
    pub(crate) error: Option<ErrorInfo>,
}

impl<'a> Snapshot<'a> {
    pub(crate) fn new(plugins: Vec<Entry>, problems: &'a [Problems]) -> Snapshot<'a> {
        Snapshot { schema: SCHEMA, plugins, problems }
    }
}

impl Entry {
    /// `plugin` as it is now, with the commands that it has registered.
    pub(crate) fn of(plugin: &Plugin, commands: Vec<String>) -> Entry {
        let PluginInfo {
            id,
            name,
            version,
            format,
            state,
            pid,
            generation,
            restarts,
            memory_bytes,
            timing_us,
            sandbox,
            error,
            ..
        } = plugin.info();
        let id = id.to_string();
        Entry {
            id,
            name,
            version,
            format,
            state,
            pid,
            generation,
            restarts,
            memory_bytes,
            timing_us,
            sandbox: sandbox.map(SandboxLevel::letter),
            commands,
            error,
        }
    }

    /// Whether it does what it is there for.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.state, State::Active | State::Unresponsive)
    }

    /// Whether its state is none that somebody has to look into: it runs, or waits for its first use, or is left out in
    /// safe mode.
    pub(crate) fn is_as_wanted(&self, is_safe_mode: bool) -> bool {
        self.is_running() || self.state == State::Resting || is_safe_mode && self.state == State::Stopped
    }
}

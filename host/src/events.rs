//! What happens to plugins, for whoever wants to know.

use crate::{CpuBudget, Exit, PluginId, Thrown, WatchError};
use plughold_package::{Problems, SettingError, Unmet};
use plughold_protocol::record;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};

/// How many events wait for a slow reader. Beyond it the oldest are lost, and the reader is told.
pub(crate) const QUEUE: usize = 4_096;

/// Something that happened to a plugin.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A process was started and its plugin is active.
    Started {
        /// Which plugin.
        plugin: PluginId,
        /// Counts its processes.
        generation: u32,
        /// From the start of the process until the plugin was active.
        took: Duration,
    },
    /// A plugin could not be loaded.
    Failed {
        /// Which plugin.
        plugin: PluginId,
        /// Why.
        error: crate::LoadError,
    },
    /// A process has ended.
    Exited {
        /// Which plugin.
        plugin: PluginId,
        /// Counts its processes.
        generation: u32,
        /// How it ended.
        exit: Exit,
    },
    /// The plugin was stopped, and is not started any more.
    Stopped {
        /// Which plugin.
        plugin: PluginId,
    },
    /// The plugin will be started again.
    Restarting {
        /// Which plugin.
        plugin: PluginId,
        /// The how many-th crash in a short time this was.
        attempt: u32,
        /// After this time.
        after: Duration,
    },
    /// The plugin crashed too often, or broke its sandbox, and is not started any more until somebody does it by hand. Why,
    /// is told by the [`Failed`](Event::Failed) that follows.
    Disabled {
        /// Which plugin.
        plugin: PluginId,
        /// Crashes in a short time.
        crashes: u32,
    },
    /// A new process has taken over from the one before: a reload went well. The one before finishes what is in flight.
    Reloaded {
        /// Which plugin.
        plugin: PluginId,
        /// The number of the new process.
        generation: u32,
        /// From the wish until the new process was active.
        took: Duration,
    },
    /// A reload failed: its process is gone, and the plugin is what it was before.
    RolledBack {
        /// Which plugin.
        plugin: PluginId,
        /// The number of the process that was to take over.
        generation: u32,
        /// Why.
        error: crate::LoadError,
    },
    /// Nobody has used the plugin for a while: its process is stopped, and the next use starts it again.
    Resting {
        /// Which plugin.
        plugin: PluginId,
    },
    /// What a process was to hand over to the next is lost. The next one starts without it.
    StateLost {
        /// Which plugin.
        plugin: PluginId,
        /// The process that had the state.
        generation: u32,
        /// What its `suspend` threw, or why there is nothing else.
        thrown: Thrown,
    },
    /// A plugin that another one needs has left the active ones or has come back: as a new process, whose exports are new.
    Dependency {
        /// Which plugin needs it.
        plugin: PluginId,
        /// What it needs.
        dependency: PluginId,
        /// Whether that can be used now: it is active, and fits.
        is_active: bool,
    },
    /// A plugin that another one needs runs in a version now that does not fit, as after a reload. Both run on.
    Misfit {
        /// Which plugin needs it.
        plugin: PluginId,
        /// What it needs.
        dependency: PluginId,
        /// Which version there is, and which one is needed.
        unmet: Box<Unmet>,
    },
    /// The plugin has been in one turn for this long, or does not run at all.
    Unresponsive {
        /// Which plugin.
        plugin: PluginId,
        /// For how long.
        stuck: Duration,
        /// What it is doing: [hung](crate::Activity::Hung) in JavaScript, with its stack, [stuck](crate::Activity::Stuck) in
        /// native code or [stopped](crate::Activity::Stopped).
        activity: crate::Activity,
    },
    /// The plugin has used more of the processors than [`Limits::cpu`](crate::Limits::cpu) gives it. It is slowed down or
    /// ended, as that says. Of the same process it is told once in a minute.
    OverBudget {
        /// Which plugin.
        plugin: PluginId,
        /// Counts its processes.
        generation: u32,
        /// In the last minute.
        used: Duration,
        /// What it may use, and what becomes of it.
        budget: CpuBudget,
    },
    /// The plugin is fine again.
    Responsive {
        /// Which plugin.
        plugin: PluginId,
    },
    /// What the plugin wrote to its console. It may have several lines, and holds no other control characters: whoever
    /// shows it sees to it that a second line cannot be taken for another plugin's.
    Log {
        /// Which plugin.
        plugin: PluginId,
        /// How important.
        level: Level,
        /// The text.
        message: String,
        /// Where it was written.
        place: Option<Place>,
        /// Lines that were dropped before this one, because there were too many.
        dropped_before: u64,
    },
    /// An error that nobody caught.
    Uncaught {
        /// Which plugin.
        plugin: PluginId,
        /// What was thrown.
        thrown: Thrown,
        /// True for a promise that was rejected.
        rejection: bool,
    },
    /// A process ended in a way that nobody asked for, and what is known of it stands in a file: a
    /// [`Report`](crate::Report).
    Reported {
        /// Which plugin.
        plugin: PluginId,
        /// The file.
        file: PathBuf,
    },
    /// No report could be written. Nothing else is lost.
    NotReported {
        /// Which plugin.
        plugin: PluginId,
        /// Why, in words.
        reason: String,
    },
    /// A package appeared in a watched folder, and is loaded now.
    Found {
        /// Which plugin it is.
        plugin: PluginId,
        /// Where it is.
        path: PathBuf,
    },
    /// A package in a watched folder has other contents than before, and its plugin is reloaded now.
    Changed {
        /// Which plugin it is.
        plugin: PluginId,
        /// Where it is.
        path: PathBuf,
    },
    /// A package is gone from a watched folder, and its plugin is unloaded now.
    Removed {
        /// Which plugin it was.
        plugin: PluginId,
        /// Where it was.
        path: PathBuf,
    },
    /// Something in a watched folder cannot be loaded.
    Problem {
        /// What is wrong, and where.
        problems: Arc<Problems>,
        /// The plugin that came from there before: it goes on as it was.
        plugin: Option<PluginId>,
    },
    /// What was told as a [`Problem`](Event::Problem) is none any more: it is gone, or is what it was before.
    Solved {
        /// Where it was.
        path: PathBuf,
    },
    /// The system does not tell of changes in a watched folder, or not of all: it is looked at every so often instead.
    Polling {
        /// How often.
        every: Duration,
        /// Why.
        reason: WatchError,
    },
    /// Something was decided on a permission of the plugin, or a call was refused for want of it. Of refused calls ten are
    /// told in a second.
    Permission {
        /// Which plugin.
        plugin: PluginId,
        /// The permission, such as `notes.write` or `fs.read:data/**`.
        permission: String,
        /// What became of it.
        decision: crate::Decision,
    },
    /// The manifest asks for more of something than the application allows: the plugin runs with less. Told with each start.
    Capped {
        /// Which plugin.
        plugin: PluginId,
        /// What it asks for, and what it gets.
        capped: crate::Capped,
    },
    /// What the application says of a setting is no value that it can have. Its default stands in for it.
    SettingRefused {
        /// Which plugin.
        plugin: PluginId,
        /// Which setting, and what is wrong.
        error: SettingError,
    },
    /// The reader was too slow.
    Missed {
        /// How many events were lost.
        count: u64,
    },
}

impl Event {
    /// The plugin that it is about, if it is about one: of a dependency the one that needs it.
    pub fn plugin(&self) -> Option<&PluginId> {
        match self {
            Event::Started { plugin, .. }
            | Event::Failed { plugin, .. }
            | Event::Exited { plugin, .. }
            | Event::Stopped { plugin }
            | Event::Restarting { plugin, .. }
            | Event::Disabled { plugin, .. }
            | Event::Reloaded { plugin, .. }
            | Event::RolledBack { plugin, .. }
            | Event::Resting { plugin }
            | Event::StateLost { plugin, .. }
            | Event::Dependency { plugin, .. }
            | Event::Misfit { plugin, .. }
            | Event::Unresponsive { plugin, .. }
            | Event::OverBudget { plugin, .. }
            | Event::Responsive { plugin }
            | Event::Log { plugin, .. }
            | Event::Uncaught { plugin, .. }
            | Event::Reported { plugin, .. }
            | Event::NotReported { plugin, .. }
            | Event::Found { plugin, .. }
            | Event::Changed { plugin, .. }
            | Event::Removed { plugin, .. }
            | Event::Permission { plugin, .. }
            | Event::Capped { plugin, .. }
            | Event::SettingRefused { plugin, .. } => Some(plugin),
            Event::Problem { plugin, .. } => plugin.as_ref(),
            Event::Solved { .. } | Event::Polling { .. } | Event::Missed { .. } => None,
        }
    }
}

/// A line of a plugin's code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file's name in the package.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1; 0 when unknown.
    pub column: u32,
}

/// How important a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

impl From<record::LogLevel> for Level {
    fn from(level: record::LogLevel) -> Level {
        match level {
            record::LogLevel::Debug => Level::Debug,
            record::LogLevel::Info => Level::Info,
            record::LogLevel::Warn => Level::Warn,
            record::LogLevel::Error => Level::Error,
        }
    }
}

/// Events from one moment on. It ends when the host is gone.
#[derive(Debug)]
pub struct Events {
    receiver: broadcast::Receiver<Event>,
}

impl Events {
    /// The next event, or none when the host is gone. A slow reader loses the oldest events and gets
    /// [`Event::Missed`].
    pub async fn next(&mut self) -> Option<Event> {
        match self.receiver.recv().await {
            Ok(event) => Some(event),
            Err(RecvError::Lagged(count)) => Some(Event::Missed { count }),
            Err(RecvError::Closed) => None,
        }
    }
}

/// Where events are put in.
#[derive(Clone, Debug)]
pub(crate) struct EventSender(broadcast::Sender<Event>);

impl EventSender {
    pub(crate) fn new() -> EventSender {
        EventSender(broadcast::Sender::new(QUEUE))
    }

    pub(crate) fn send(&self, event: Event) {
        // Nobody has to listen.
        let _ = self.0.send(event);
    }

    pub(crate) fn subscribe(&self) -> Events {
        Events { receiver: self.0.subscribe() }
    }
}

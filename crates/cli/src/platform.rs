//! What a platform is for the command: an API for plugins, and the commands that they register with it.

use crate::joplin;
use crate::native::Native;
use clap::ValueEnum;
use plughold::{Api, CallError, Json, PluginId};
use plughold_package::Format;
use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

/// An application that plugins were written for, as far as the command has to know it.
pub(crate) trait Platform: Send + Sync {
    /// The names of the commands that a plugin has registered, sorted.
    fn commands(&self, plugin: &PluginId) -> Vec<String>;

    /// Executes a command.
    fn execute<'a>(&'a self, name: &'a str, args: Vec<Json>) -> Executing<'a>;

    /// Where plugins keep what is theirs, if the platform has a place for that.
    fn data(&self) -> Option<PathBuf> {
        None
    }
}

/// A command that is being executed.
pub(crate) type Executing<'a> = Pin<Box<dyn Future<Output = Result<Json, ExecuteError>> + Send + 'a>>;

/// Why a command gave no result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExecuteError {
    /// Nobody has it.
    Unknown,
    /// It was executed: it threw, gave no answer in time, or its plugin is gone.
    Call(CallError),
}

/// The platforms that the command knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlatformName {
    /// Plughold's own: commands, and no application behind them
    Native,
    /// Joplin without a window: notes, settings and an editor, kept in the profile
    Joplin,
}

impl PlatformName {
    /// The name on the command line.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            PlatformName::Native => "native",
            PlatformName::Joplin => "joplin",
        }
    }

    /// Whether it keeps data in a profile.
    pub(crate) fn has_profile(self) -> bool {
        match self {
            PlatformName::Native => false,
            PlatformName::Joplin => true,
        }
    }

    /// Whether packages of this format run on it.
    pub(crate) fn runs(self, format: Format) -> bool {
        match self {
            PlatformName::Native => format == Format::Native,
            PlatformName::Joplin => format == Format::Joplin,
        }
    }

    /// Opens the platform: its API for plugins, and its commands for us. Its data is kept in `profile`.
    pub(crate) fn open(self, profile: Option<&Path>) -> anyhow::Result<(Arc<dyn Platform>, Api<()>)> {
        match self {
            PlatformName::Native => {
                let native = Native::default();
                let api = Api::new(()).extend(native.api());
                Ok((Arc::new(native), api))
            }
            PlatformName::Joplin => {
                let joplin = joplin::open(profile)?;
                let api = Api::new(()).global("joplin").extend(joplin.api());
                Ok((Arc::new(joplin), api))
            }
        }
    }
}

impl fmt::Display for PlatformName {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.as_str())
    }
}

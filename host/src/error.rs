//! What can go wrong, one type for each operation.

use crate::session::TooMany;
use crate::session::circles::Circle;
use crate::value::EncodeError;
use crate::{Exit, PluginId, Thrown};
use plughold_package::{NotRunnable, Unmet};
use plughold_protocol::record::Stage;
use std::error::Error as _;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How a call to a plugin failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The function threw. This is the plugin's own "no".
    #[error("{0}")]
    Thrown(Box<Thrown>),
    /// The plugin's process ended before it answered, or the function belongs to an older process.
    #[error("plugin {plugin} is gone: {exit}")]
    Gone {
        /// Whose function it was.
        plugin: PluginId,
        /// How its process ended.
        exit: Exit,
    },
    /// No answer in time. The plugin was told.
    #[error("no answer within {after:?}")]
    Deadline {
        /// The limit.
        after: Duration,
    },
    /// Too many calls to this plugin are in flight.
    #[error("{in_flight} calls are in flight already")]
    Busy {
        /// How many.
        in_flight: u64,
    },
    /// The plugin is not running.
    #[error("plugin {plugin} is not active: {state}")]
    NotActive {
        /// Which plugin.
        plugin: PluginId,
        /// Why not, in words: `it crashed and is started again soon`.
        state: &'static str,
    },
    /// The call was made on behalf of another one, which was cancelled; see [`Cx::call`](crate::Cx::call).
    #[error("the call on whose behalf this one was made was cancelled")]
    Cancelled,
    /// Plugins that wait for an answer would wait for each other for ever.
    #[error("{0}")]
    Circle(Box<Circle>),
    /// Too many calls were made while serving each other.
    #[error("a chain of more than {most} calls that were made while serving each other")]
    Depth {
        /// The bound.
        most: usize,
    },
    /// The plugin would hold more references than it may.
    #[error("{}", TooMany { held: *held, of: of.clone() })]
    References {
        /// How many it holds: altogether, or of this other plugin.
        held: usize,
        /// Whose functions and objects they are, when it is another plugin's that have taken as much room as they leave for
        /// everybody else.
        of: Option<PluginId>,
    },
    /// The arguments cannot be sent.
    #[error("the arguments cannot be sent: {0}")]
    Arguments(String),
    /// The plugin returned something else than the caller expects.
    #[error("the result has another type: {0}")]
    Result(String),
    /// A chunk of the plugin's stream is something else than its reader expects.
    #[error("chunk {number} of the stream has another type: {words}")]
    Chunk {
        /// Which chunk; the first is 1.
        number: u64,
        /// What was expected, and what was found.
        words: String,
    },
}

impl CallError {
    /// The code that a program in a plugin knows the error by when it is thrown there. What a plugin threw itself has its
    /// own.
    pub fn code(&self) -> Option<&str> {
        Some(match self {
            CallError::Thrown(thrown) => return thrown.code.as_deref(),
            CallError::Gone { .. } | CallError::NotActive { .. } => "E_GONE",
            CallError::Deadline { .. } => "E_DEADLINE",
            CallError::Busy { .. } | CallError::References { .. } => "E_BUSY",
            CallError::Cancelled => "E_CANCELLED",
            CallError::Circle(_) => "E_CIRCLE",
            CallError::Depth { .. } => "E_DEPTH",
            CallError::Arguments(_) | CallError::Result(_) | CallError::Chunk { .. } => return None,
        })
    }

    /// As it is thrown in the plugin on whose behalf the call was made. What a plugin threw goes on as it was.
    pub(crate) fn to_thrown(&self) -> Thrown {
        let thrown = match self {
            CallError::Thrown(thrown) => return (**thrown).clone(),
            CallError::Result(_) | CallError::Chunk { .. } => Thrown::new("TypeError", self.to_string()),
            error => Thrown::new("Error", error.to_string()),
        };
        let thrown = match self {
            CallError::Gone { plugin, exit } => {
                thrown.with_field("plugin", plugin.as_str()).with_field("exit", exit.to_string())
            }
            CallError::NotActive { plugin, .. } => thrown.with_field("plugin", plugin.as_str()),
            _ => thrown,
        };
        match self.code() {
            Some(code) => thrown.with_code(code),
            None => thrown,
        }
    }
}

impl From<EncodeError> for CallError {
    fn from(error: EncodeError) -> CallError {
        match error {
            EncodeError::Value(words) => CallError::Arguments(words),
            EncodeError::TooMany(TooMany { held, of }) => CallError::References { held, of },
        }
    }
}

/// How loading a plugin failed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A plugin with this id is loaded already.
    #[error("a plugin with the id {0} is loaded already")]
    Duplicate(PluginId),
    /// The host is shutting down.
    #[error("the host is shutting down")]
    ShuttingDown,
    /// The plugin was [unloaded](crate::Host::unload), or another one was loaded in its place.
    #[error("it was unloaded")]
    Unloaded,
    /// The package cannot be read.
    #[error("the package cannot be read: {0}")]
    Package(String),
    /// This version of Plughold does not run the package.
    #[error(transparent)]
    NotRunnable(#[from] NotRunnable),
    /// The runner's process cannot be started.
    #[error("the runner {program} cannot be started: {reason}")]
    Spawn {
        /// What was to be executed.
        program: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Runners cannot be locked down as far as is wanted; see [`HostBuilder::sandbox`](crate::HostBuilder::sandbox).
    #[error("there is no sandbox for it: {0}")]
    Sandbox(String),
    /// The runner did not get ready in time.
    #[error("the runner did not {what} within {after:?}")]
    Timeout {
        /// What was awaited.
        what: &'static str,
        /// The limit.
        after: Duration,
    },
    /// The runner's process ended while the plugin was loading.
    #[error("{0}")]
    Exited(Exit),
    /// The plugin's own code failed.
    #[error("{} failed: {thrown}", stage_words(*.stage))]
    Failed {
        /// What it was doing.
        stage: Stage,
        /// What it threw.
        thrown: Box<Thrown>,
    },
    /// The host is in safe mode, and the plugin is none of those that it starts all the same.
    #[error("the host is in safe mode, which does not start it")]
    SafeMode,
    /// It was stopped while it was loading.
    #[error("it was stopped while it was loading")]
    Stopped,
    /// A plugin that it needs is not there, does not fit, is in a circle with it, or does not run.
    #[error("it cannot use what it needs: {0}")]
    Dependency(Box<Unmet>),
}

impl LoadError {
    /// The JavaScript error behind it, if there is one.
    pub fn thrown(&self) -> Option<&Thrown> {
        match self {
            LoadError::Failed { thrown, .. } => Some(thrown),
            _ => None,
        }
    }
}

fn stage_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Compile => "compiling",
        Stage::Evaluate => "the top level",
        Stage::Activate => "activation",
    }
}

/// How building a host failed.
///
/// Its `Debug` is its words, and those of its cause, because that is what a `main` prints that returns it.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Two functions of the API have one path, or one is the parent of the other.
    #[error("the API has {0} and {1}; one of them hides the other")]
    Conflict(String, String),
    /// A path is not made of names.
    #[error("{0:?} is no path of an API function; write names separated by dots, such as notes.search")]
    Path(String),
    /// What [`Api::requires`](crate::Api::requires) was given is no permission.
    #[error("{permission:?} is no permission that a function can need: {error}")]
    Permission {
        /// What it was given.
        permission: String,
        /// What is wrong with it.
        error: plughold_package::ScopeError,
    },
    /// The thread that writes down decisions cannot be started.
    #[error("the thread that writes the audit file cannot be started")]
    Audit(#[source] std::io::Error),
    /// More functions than the protocol can name.
    #[error("the API has {0} functions; at most {max} are allowed", max = plughold_protocol::limits::API_FUNCTIONS)]
    TooMany(usize),
    /// No runner was found.
    #[error(
        "no runner was found: put plughold-runner beside {beside}, call plughold::runner::run_if_asked() first thing in \
         main, or name it with HostBuilder::runner"
    )]
    NoRunner {
        /// Where it was looked for.
        beside: PathBuf,
    },
    /// The file that was named as the runner does not exist.
    #[error("there is no runner at {}", .0.display())]
    RunnerFile(PathBuf),
    /// The host is built outside of a tokio runtime.
    #[error("a host is built inside a tokio runtime, which runs its tasks")]
    NoRuntime,
    /// The thread that spawns runners cannot be started.
    #[error("the thread that spawns runners cannot be started")]
    Thread(#[source] std::io::Error),
    /// The control socket cannot be opened.
    #[cfg(feature = "control")]
    #[error("the control socket cannot be opened")]
    Control(#[source] plughold_control::RegisterError),
    /// Not a platform that Plughold can start runners on.
    #[error("this platform has no way to start a runner yet; Linux has")]
    Platform,
}

impl fmt::Debug for BuildError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, to)?;
        self.source().map_or(Ok(()), |source| write!(to, ": {source}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_main_prints_is_words() {
        let conflict = BuildError::Conflict("notes".to_owned(), "notes.get".to_owned());
        assert_eq!(format!("{conflict:?}"), "the API has notes and notes.get; one of them hides the other");
        let thread = BuildError::Thread(std::io::Error::other("too many"));
        assert_eq!(format!("{thread:?}"), "the thread that spawns runners cannot be started: too many");
    }
}

//! What comes of a wish.

use crate::record::{Command, Figures, Happening, PendingCall, Permission, Plugin, Reference, Traced};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What came of a wish that was fulfilled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It was done.
    Done,
    /// A stream begins: items follow.
    Begun,
    /// Every plugin.
    Plugins(Vec<Plugin>),
    /// One plugin.
    Plugin(Box<Plugin>),
    /// What a plugin costs.
    Figures(Box<Figures>),
    /// What is held across a plugin's border.
    References(Vec<Reference>),
    /// Calls that are not answered yet.
    Pending(Vec<PendingCall>),
    /// The JavaScript stack of a busy plugin; none when it is not busy, or the engine could not tell.
    Stack(Option<String>),
    /// Permissions of a plugin.
    Permissions(Vec<Permission>),
    /// Commands that plugins have registered with the application, in the order of their names.
    Commands(Vec<Command>),
    /// How a plugin's process ended.
    Ended {
        /// In words.
        exit: String,
        /// Whether somebody wanted it to end so.
        asked: bool,
    },
    /// What a function gave. What JSON lacks is what stands for it, as `docs/values.md` says.
    Value(Value),
}

/// One of a stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// Something happened.
    Happening(Happening),
    /// A message went over a plugin's border.
    Traced(Traced),
    /// The client was too slow, and lost the oldest.
    Missed {
        /// How many.
        count: u64,
    },
}

/// Why a wish was not fulfilled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// For programs.
    pub kind: RefusalKind,
    /// For people. It may hold text of a plugin's author: data of a stranger.
    pub message: String,
    /// The JavaScript stack, where there is one.
    #[serde(default)]
    pub stack: Option<String>,
    /// What was thrown, where something was.
    #[serde(default)]
    pub thrown: Option<Value>,
}

/// Kinds of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RefusalKind {
    /// There is no such plugin, export, command or permission.
    NotFound,
    /// The plugin does not run, and what is wished needs that it does.
    NotActive,
    /// The socket does not allow it.
    NotAllowed,
    /// This host does not know it or does not offer it.
    Unsupported,
    /// Too much at one time: clients, requests, calls.
    Busy,
    /// What the client said is no message, or out of bounds.
    Malformed,
    /// The client speaks a version that this host does not.
    Version,
    /// A plugin threw.
    Thrown,
    /// It took too long.
    TimedOut,
    /// A permission or a rule of the host denies it.
    Denied,
    /// It was tried and failed.
    Failed,
    /// The host is shutting down.
    ShuttingDown,
    /// The answer would be longer than a message may be, nested deeper, or hold more.
    TooLarge,
    /// A kind that is newer than this program.
    #[serde(other)]
    Other,
}

impl Refusal {
    /// A refusal in words.
    pub fn new(kind: RefusalKind, message: impl Into<String>) -> Refusal {
        Refusal { kind, message: message.into(), stack: None, thrown: None }
    }
}

impl Answer {
    /// Its name, as it stands in a message.
    pub fn name(&self) -> &'static str {
        match self {
            Answer::Done => "done",
            Answer::Begun => "begun",
            Answer::Plugins(_) => "plugins",
            Answer::Plugin(_) => "plugin",
            Answer::Figures(_) => "figures",
            Answer::References(_) => "references",
            Answer::Pending(_) => "pending",
            Answer::Stack(_) => "stack",
            Answer::Permissions(_) => "permissions",
            Answer::Commands(_) => "commands",
            Answer::Ended { .. } => "ended",
            Answer::Value(_) => "value",
        }
    }
}

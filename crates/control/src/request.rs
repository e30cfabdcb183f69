//! What may be asked of a host.

use crate::record::Level;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// What a socket allows. Each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// To see.
    Read,
    /// To steer: start, stop, call, grant.
    Control,
    /// To run code of one's own in plugins.
    Develop,
}

/// One wish of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Every plugin, in the order of the ids: [`Answer::Plugins`](crate::Answer::Plugins).
    Plugins,
    /// One plugin: [`Answer::Plugin`](crate::Answer::Plugin).
    Plugin {
        /// Its id.
        plugin: String,
    },
    /// What a plugin costs, by function: [`Answer::Figures`](crate::Answer::Figures).
    Figures {
        /// Its id.
        plugin: String,
    },
    /// Each function, object and stream that is held across the border of a plugin's process:
    /// [`Answer::References`](crate::Answer::References).
    References {
        /// Its id.
        plugin: String,
    },
    /// Each call from or to a plugin that is not answered yet: [`Answer::Pending`](crate::Answer::Pending).
    Pending {
        /// Its id.
        plugin: String,
    },
    /// Where a busy plugin is right now, without stopping it: [`Answer::Stack`](crate::Answer::Stack).
    Stack {
        /// Its id.
        plugin: String,
    },
    /// What a plugin asks for and what it has: [`Answer::Permissions`](crate::Answer::Permissions).
    Permissions {
        /// Its id.
        plugin: String,
    },
    /// The commands that plugins have registered with the application: [`Answer::Commands`](crate::Answer::Commands).
    Commands,
    /// What happens to plugins, logs included: a stream of [`Item::Happening`](crate::Item::Happening).
    Events {
        /// Which of them.
        wanted: Wanted,
    },
    /// Each message between the host and a plugin from now on, without what it carries: a stream of
    /// [`Item::Traced`](crate::Item::Traced).
    Trace {
        /// Its id.
        plugin: String,
    },
    /// Starts a plugin that does not run, and answers when it is active: [`Answer::Done`](crate::Answer::Done).
    Start {
        /// Its id.
        plugin: String,
    },
    /// Asks a plugin to finish, kills it when it does not: [`Answer::Ended`](crate::Answer::Ended).
    Stop {
        /// Its id.
        plugin: String,
    },
    /// Stops a plugin and starts it again: [`Answer::Done`](crate::Answer::Done).
    Restart {
        /// Its id.
        plugin: String,
    },
    /// Replaces a plugin by what is in its package now, without a pause: [`Answer::Done`](crate::Answer::Done).
    Reload {
        /// Its id.
        plugin: String,
    },
    /// Kills a plugin's process and does not start it again: [`Answer::Ended`](crate::Answer::Ended).
    Kill {
        /// Its id.
        plugin: String,
    },
    /// Lets a plugin rest unless it is in use; it need not come to it: [`Answer::Done`](crate::Answer::Done).
    Rest {
        /// Its id.
        plugin: String,
    },
    /// Calls a function that a plugin exports: [`Answer::Value`](crate::Answer::Value).
    Call {
        /// Its id.
        plugin: String,
        /// The function's name.
        export: String,
        /// What it is passed.
        args: Vec<Value>,
    },
    /// Executes a command of the application: [`Answer::Value`](crate::Answer::Value).
    Execute {
        /// The command's name.
        command: String,
        /// What it is passed.
        args: Vec<Value>,
    },
    /// Grants a permission that the plugin's manifest asks for: [`Answer::Done`](crate::Answer::Done).
    Grant {
        /// The plugin's id.
        plugin: String,
        /// The permission, such as `notes.write`.
        permission: String,
    },
    /// Takes a permission from a plugin, for calls in flight too: [`Answer::Done`](crate::Answer::Done).
    Revoke {
        /// The plugin's id.
        plugin: String,
        /// The permission, such as `notes.write`.
        permission: String,
    },
    /// Evaluates an expression in a plugin's process: [`Answer::Value`](crate::Answer::Value). Of a host that runners do not
    /// let do so it is refused as [`Unsupported`](crate::RefusalKind::Unsupported).
    Evaluate {
        /// The plugin's id.
        plugin: String,
        /// The JavaScript.
        source: String,
    },
}

/// Which happenings a client wants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// Of these plugins; of all, and of none in particular, when it is empty.
    pub plugins: Vec<String>,
    /// Of these kinds, such as `log`; of all when it is empty.
    pub kinds: Vec<String>,
    /// Lines of a log from this level on, and everything else.
    pub level: Option<Level>,
    /// So many of those that happened before, the newest of them. At most
    /// [`KEPT`](crate::limits::KEPT) of each plugin are known.
    pub last: u32,
    /// Whether those that happen from now on follow. Otherwise the stream ends after the last that is known.
    pub follow: bool,
}

impl Request {
    /// What a client needs for it.
    pub fn right(&self) -> Right {
        match self {
            Request::Plugins
            | Request::Plugin { .. }
            | Request::Figures { .. }
            | Request::References { .. }
            | Request::Pending { .. }
            | Request::Stack { .. }
            | Request::Permissions { .. }
            | Request::Commands
            | Request::Events { .. }
            | Request::Trace { .. } => Right::Read,
            Request::Start { .. }
            | Request::Stop { .. }
            | Request::Restart { .. }
            | Request::Reload { .. }
            | Request::Kill { .. }
            | Request::Rest { .. }
            | Request::Call { .. }
            | Request::Execute { .. }
            | Request::Grant { .. }
            | Request::Revoke { .. } => Right::Control,
            Request::Evaluate { .. } => Right::Develop,
        }
    }

    /// Its name, as it stands in a message.
    pub fn name(&self) -> &'static str {
        match self {
            Request::Plugins => "plugins",
            Request::Plugin { .. } => "plugin",
            Request::Figures { .. } => "figures",
            Request::References { .. } => "references",
            Request::Pending { .. } => "pending",
            Request::Stack { .. } => "stack",
            Request::Permissions { .. } => "permissions",
            Request::Commands => "commands",
            Request::Events { .. } => "events",
            Request::Trace { .. } => "trace",
            Request::Start { .. } => "start",
            Request::Stop { .. } => "stop",
            Request::Restart { .. } => "restart",
            Request::Reload { .. } => "reload",
            Request::Kill { .. } => "kill",
            Request::Rest { .. } => "rest",
            Request::Call { .. } => "call",
            Request::Execute { .. } => "execute",
            Request::Grant { .. } => "grant",
            Request::Revoke { .. } => "revoke",
            Request::Evaluate { .. } => "evaluate",
        }
    }

    /// Whether its answer is followed by a stream.
    pub fn is_stream(&self) -> bool {
        matches!(self, Request::Events { .. } | Request::Trace { .. })
    }
}

impl Right {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Right::Read => "read",
            Right::Control => "control",
            Right::Develop => "develop",
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.word())
    }
}

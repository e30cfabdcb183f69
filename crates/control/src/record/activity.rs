//! What a plugin's process is doing at one moment.

use serde::{Deserialize, Serialize};

/// What a plugin's process is doing at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Activity {
    /// It begins, and is not active yet.
    Starting,
    /// It waits for a message.
    Idle,
    /// It waits for the application: for the answer to a blocking call.
    Waiting {
        /// The function that it has called.
        call: String,
        /// For how long.
        lasting_us: u64,
    },
    /// It is in a turn, and not for too long.
    Busy {
        /// For how long, as far as anybody has looked.
        lasting_us: u64,
        /// The call that it serves.
        serving: Option<String>,
    },
    /// It has been in one turn for too long, and its heart beats.
    Hung {
        /// For how long it has been in this turn.
        lasting_us: u64,
        /// The call that it serves.
        serving: Option<String>,
        /// Where it was at the last look.
        stack: Option<String>,
    },
    /// It has no heartbeat: native code runs.
    Stuck {
        /// For how long it has had none.
        lasting_us: u64,
        /// The call that it serves.
        serving: Option<String>,
        /// Where it was before that in the same turn.
        last_seen: Option<String>,
    },
    /// Its process does not run: somebody has stopped it, or the system gives it no time.
    Stopped,
    /// It has no process.
    Dead,
    /// Something that is newer than this program.
    #[serde(other)]
    Other,
}

impl Activity {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Activity::Starting => "starting",
            Activity::Idle => "idle",
            Activity::Waiting { .. } => "waiting",
            Activity::Busy { .. } => "busy",
            Activity::Hung { .. } => "hung",
            Activity::Stuck { .. } => "stuck",
            Activity::Stopped => "stopped",
            Activity::Dead => "dead",
            Activity::Other => "other",
        }
    }

    /// For how long, in microseconds, where it is told.
    pub fn lasting_us(&self) -> Option<u64> {
        match *self {
            Activity::Waiting { lasting_us, .. }
            | Activity::Busy { lasting_us, .. }
            | Activity::Hung { lasting_us, .. }
            | Activity::Stuck { lasting_us, .. } => Some(lasting_us),
            _ => None,
        }
    }
}

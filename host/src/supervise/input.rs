//! What a plugin's life hears: what somebody wants of it, and what its processes do.

use crate::error::LoadError;
use crate::session::{Ending, HandOver};
use crate::{Activity, Exit, Thrown};
use std::time::Duration;

/// Whoever wants something and waits for the answer, as a number that the driver chose.
pub(crate) type Wish = u64;

/// Something happened.
///
/// What a process did names its generation. Whatever comes late, twice or for a generation that is none is absorbed.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// It shall run. Answered with [`Answer::Started`](super::Answer::Started) when it is active, or when a start failed.
    Start(Wish),
    /// Somebody uses it: a plugin that rests starts, and one that starts on use is waited for. Answered as `Start`, or with
    /// [`Answer::Refused`](super::Answer::Refused) when it does not run and is not started by being used.
    Use(Wish),
    /// It shall finish, be killed when it does not, and not start again. Answered with
    /// [`Answer::Ended`](super::Answer::Ended).
    Stop(Wish),
    /// As `Stop`, at once.
    Kill(Wish),
    /// A new process of the package as it is now shall take over from the present one. Answered as `Start`, when that has
    /// happened or was rolled back.
    Reload(Wish),
    /// A new process of the same package shall follow the present one, which hands over its state. Answered as `Start`.
    Restart(Wish),
    /// It need not run until it is used.
    Rest,

    /// The process of a [`Begin`](super::Action::Begin) is there. It rests after so long without being used.
    Spawned { generation: u32, idle: Option<Duration> },
    /// No process came of a [`Begin`](super::Action::Begin), and none will: the package cannot be read, the process cannot
    /// be spawned, or it was not wanted any more.
    NotSpawned { generation: u32, error: LoadError },
    /// The process has given up its rights, and waits for code.
    Locked { generation: u32 },
    /// The plugin's code has run, and its `activate`.
    Ready { generation: u32 },
    /// Nothing holds the activation any more.
    Settled { generation: u32 },
    /// The plugin's code failed.
    LoadFailed { generation: u32, error: LoadError },
    /// The state that was asked for, none if the plugin has none, or what it threw.
    Suspended { generation: u32, state: Result<Option<HandOver>, Thrown> },
    /// The process has been in one turn for so long, and this is what it is doing.
    Unresponsive { generation: u32, stuck: Duration, activity: Activity },
    /// The process is fine again.
    Recovered { generation: u32 },
    /// The answer to [`Look`](super::Action::Look): nobody uses the process now, and this figure changes when it was used.
    Quiet { generation: u32, activity: u64 },
    /// The answer to [`Look`](super::Action::Look) or [`Seal`](super::Action::Seal): the process is used.
    InUse { generation: u32 },
    /// The answer to [`Seal`](super::Action::Seal): from now on nobody can use the process.
    Sealed { generation: u32 },
    /// The answer to [`Drain`](super::Action::Drain): nothing is in flight any more.
    Drained { generation: u32 },
    /// The socket is at its end.
    Closed { generation: u32, ending: Ending },
    /// The process has ended by itself or was killed; this is what the system says of it.
    Exited { generation: u32, exit: Exit },

    /// Time has passed, at least up to [`Life::deadline`](super::Life::deadline).
    Time,
}

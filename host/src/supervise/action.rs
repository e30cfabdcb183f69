//! What is to be done about a plugin.

use super::Wish;
use crate::error::LoadError;
use crate::events::Event;
use crate::service::State;
use crate::session::HandOver;
use crate::{Exit, KillReason};
use std::time::Duration;

/// Something to be done. The actions of one input are done in their order.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Read the package and start a process of it, when it is its turn. Answered by exactly one
    /// [`Spawned`](super::Input::Spawned) or [`NotSpawned`](super::Input::NotSpawned); after the first follows exactly one
    /// [`Exited`](super::Input::Exited).
    Begin {
        /// The number of the process, greater than every one before.
        generation: u32,
        /// Which edition of the package.
        edition: Edition,
        /// Whether it is a candidate, which takes over later, and not the current process from the beginning.
        is_candidate: bool,
    },
    /// Send the plugin's code, and the state of the generation before.
    Load { generation: u32, state: Option<HandOver> },
    /// Ask for the state of a process that goes on.
    Suspend { generation: u32 },
    /// The process is active: from now on calls go to it, and no more to the one before.
    TakeOver { generation: u32 },
    /// Say when nothing is in flight any more.
    Drain { generation: u32 },
    /// Say whether the process is used.
    Look { generation: u32 },
    /// If the process is not used, see to it that it cannot be from now on; otherwise say that it is.
    Seal { generation: u32 },
    /// Ask the process to finish within the grace.
    Stop { generation: u32, grace: Duration, wants_state: bool },
    /// End the process at once. Of one that is not spawned yet, the start is given up.
    Kill {
        generation: u32,
        /// Tests and traces tell it.
        #[allow(dead_code, reason = "whoever kills need not know why")]
        reason: KillReason,
    },
    /// The process is gone: answer whoever waits for it, run the hooks, forget it. Nothing of it arrives afterwards.
    Retire { generation: u32, exit: Exit },
    /// Everybody sees the plugin in this state from now on; the error is why.
    Publish { state: State, error: Option<LoadError> },
    /// Tell everybody who listens.
    Tell(Event),
    /// The plugin has ended for good, unless somebody starts it again: tell whoever waits for that.
    Finish { exit: Exit },
    /// Answer a wish. Each gets exactly one answer.
    Answer { wish: Wish, answer: Answer },
}

/// Which edition of its package a process is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    /// The one that the plugin has.
    Present,
    /// What is on the disk now. It becomes the present one when the process takes over.
    Newest,
}

/// The answer to a wish.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// The plugin is active, or why it could not be started.
    Started(Result<(), LoadError>),
    /// The plugin does not run, and is not started by being used.
    Refused,
    /// The plugin has ended, in this way.
    Ended(Exit),
}

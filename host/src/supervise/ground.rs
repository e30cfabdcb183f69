//! What a plugin is while no process of it is used: where it goes back to when a reload fails, and what follows when nothing
//! does.

use crate::Exit;
use crate::error::LoadError;
use crate::service::State;
use std::time::Instant;

/// What a plugin is while no process of it is used.
#[derive(Clone, Debug)]
pub(super) enum Ground {
    /// Nobody wants it to run. It ended in this way.
    Stopped { exit: Exit },
    /// It is started when it is used.
    Resting,
    /// It crashed, and is started again at this time.
    Backoff { until: Instant, attempt: u32, error: LoadError },
    /// It could not be loaded, or has ended in a way after which it is not started again.
    Failed { error: LoadError, exit: Exit },
    /// It crashed too often, or broke its sandbox.
    Disabled { crashes: u32, error: LoadError, exit: Exit },
}

impl Ground {
    /// What everybody sees.
    pub(super) fn state(&self) -> State {
        match self {
            Ground::Stopped { .. } => State::Stopped,
            Ground::Resting => State::Resting,
            Ground::Backoff { .. } => State::Backoff,
            Ground::Failed { .. } => State::Failed,
            Ground::Disabled { .. } => State::Disabled,
        }
    }

    /// Why it is what it is.
    pub(super) fn error(&self) -> Option<&LoadError> {
        match self {
            Ground::Backoff { error, .. } | Ground::Failed { error, .. } | Ground::Disabled { error, .. } => {
                Some(error)
            }
            Ground::Stopped { .. } | Ground::Resting => None,
        }
    }

    /// How the plugin has ended for good; none if it goes on some time.
    pub(super) fn exit(&self) -> Option<&Exit> {
        match self {
            Ground::Stopped { exit } | Ground::Failed { exit, .. } | Ground::Disabled { exit, .. } => {
                Some(exit)
            }
            Ground::Resting | Ground::Backoff { .. } => None,
        }
    }
}

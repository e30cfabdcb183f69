//! What can go wrong, in a process that locks itself and in a host that looks at one.

use crate::{Layer, Level};
use std::io;

/// Why a process could not give up a right. It is in no known state then, and has to end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A layer could not be put on.
    #[error("{layer}: {step}: {source}")]
    Layer {
        /// Which one.
        layer: Layer,
        /// What was tried.
        step: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The system has no such layer.
    #[error("{layer}: {reason}")]
    Missing {
        /// Which one.
        layer: Layer,
        /// What is missing, in words.
        reason: &'static str,
    },
    /// The process that it should die with has ended.
    #[error("the process that started it has ended")]
    Orphan,
}

impl Error {
    /// The layer that could not be put on, if it was one.
    pub fn layer(&self) -> Option<Layer> {
        match self {
            Error::Layer { layer, .. } | Error::Missing { layer, .. } => Some(*layer),
            Error::Orphan => None,
        }
    }
}

/// A process is not what it claims to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// It reports another level than it was given.
    #[error("a runner at level {planned} was asked for, and it reports level {claimed}")]
    Level {
        /// What it was to reach.
        planned: Level,
        /// What it says.
        claimed: Level,
    },
    /// It reports other layers than those of its plan.
    #[error("the layers {planned} were asked for, and it reports {claimed}")]
    Layers {
        /// What it was to reach.
        planned: String,
        /// What it says.
        claimed: String,
    },
    /// The system says something else about it than it does.
    #[error(
        "it reports level {claimed}, but the system says `{field}: {found}` of its process and not {expected}"
    )]
    Field {
        /// What it says.
        claimed: Level,
        /// The line of the system's description.
        field: &'static str,
        /// What stands there for a process at that level.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// The system says nothing about the process.
    #[error("the system says nothing about its process: {0}")]
    Unseen(String),
    /// The process has ended meanwhile, which is nothing to hold against it. Nothing is to be sent to it.
    #[error("its process has ended")]
    Gone,
}

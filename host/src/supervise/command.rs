//! What somebody wants of a plugin, and who waits for the answer.

use super::Answer;
use crate::error::LoadError;
use crate::{Exit, Package};
use std::sync::Arc;
use tokio::sync::oneshot;

/// What somebody wants of a plugin.
#[derive(Debug)]
pub(crate) enum Command {
    /// It shall run.
    Start(oneshot::Sender<Result<(), LoadError>>),
    /// It is used.
    Use(oneshot::Sender<Used>),
    /// It shall finish, and be killed when it does not.
    Stop(oneshot::Sender<Exit>),
    /// It shall end at once.
    Kill(oneshot::Sender<Exit>),
    /// It shall be replaced by what is on the disk, or by this, which somebody has read from there.
    Reload(Option<Arc<Package>>, oneshot::Sender<Result<(), LoadError>>),
    /// It shall be replaced by another process of the same package.
    Restart(oneshot::Sender<Result<(), LoadError>>),
    /// It need not run until it is used.
    Rest,
    /// It shall finish or, if that is said, end at once; and nothing more is wanted of it ever.
    Close { at_once: bool },
}

/// What became of the wish to use a plugin.
#[derive(Debug)]
pub(crate) enum Used {
    /// It is active.
    Ready,
    /// It could not be started.
    Failed,
    /// It does not run, and is not started by being used.
    Refused,
}

/// Whoever waits for an answer.
pub(super) enum Reply {
    Started(oneshot::Sender<Result<(), LoadError>>),
    Used(oneshot::Sender<Used>),
    Ended(oneshot::Sender<Exit>),
    /// Nobody does.
    None,
}

/// How a plugin begins.
pub(crate) enum First {
    /// It is started, and whoever loads it is told how that went.
    Start(oneshot::Sender<Result<(), LoadError>>),
    /// Nothing is done until somebody wants something.
    Nothing,
}

impl Reply {
    /// Whoever waits may have gone away: then nobody is told.
    pub(super) fn give(self, answer: Answer) {
        match (self, answer) {
            (Reply::Started(reply), Answer::Started(result)) => drop(reply.send(result)),
            (Reply::Used(reply), Answer::Started(Ok(()))) => drop(reply.send(Used::Ready)),
            (Reply::Used(reply), Answer::Started(Err(_))) => drop(reply.send(Used::Failed)),
            (Reply::Used(reply), Answer::Refused) => drop(reply.send(Used::Refused)),
            (Reply::Ended(reply), Answer::Ended(exit)) => drop(reply.send(exit)),
            // There are no other pairs; a reply that is dropped is an answer as well.
            _ => {}
        }
    }
}

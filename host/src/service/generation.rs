//! One process of a plugin, as its supervisor follows it.

use crate::error::LoadError;
use crate::launch::Process;
use crate::session::connection::Signal;
use crate::session::{Ending, Session};
use crate::{Exit, KillReason};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Sleep;

/// One process of the plugin.
pub(super) struct Generation {
    pub(super) number: u32,
    pub(super) process: Process,
    pub(super) session: Arc<Session>,
    pub(super) signals: mpsc::UnboundedReceiver<Signal>,
    /// None once it has ended.
    pub(super) connection: Option<JoinHandle<Ending>>,
    pub(super) started: Instant,
    pub(super) stage: Stage,
    pub(super) deadline: Pin<Box<Sleep>>,
    /// The process has ended, and this long its socket is read on.
    pub(super) has_ended: bool,
    pub(super) last_words: Pin<Box<Sleep>>,
    pub(super) was_active: bool,
    /// Where the plugin was when it was reported as unresponsive.
    pub(super) stack: Option<String>,
}

impl Drop for Generation {
    /// Also when the supervisor itself does not come to its end: whoever waits for this process is told.
    fn drop(&mut self) {
        self.session.end(Exit::Unknown);
    }
}

/// How far a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Greeting,
    Loading,
    Activating,
    Active,
    Stopping,
}

/// What ended the supervision of one process.
pub(super) enum End {
    Connection(Ending),
    Load(LoadError),
    Kill(KillReason),
}

/// Waits for the end of a connection's task, and forgets it then: it can be awaited once.
pub(super) async fn ended(connection: &mut Option<JoinHandle<Ending>>) -> Ending {
    let Some(task) = connection else { return std::future::pending().await };
    let failed =
        |_| Ending::Violation("its messages cannot be handled: the host's own task has failed".to_owned());
    let ending = task.await.unwrap_or_else(failed);
    *connection = None;
    ending
}

pub(super) async fn kill(process: &mut Process, reason: KillReason) -> Exit {
    process.kill();
    // A process that was killed ends; an error means that somebody else has waited for it.
    let _ = process.wait().await;
    Exit::Killed(reason)
}

//! Ctrl-C and its relatives.

use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Wishes of the operator that the command ends: Ctrl-C, or the request of a service manager to terminate.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// From now on the signals do not end the process, they are heard.
    pub(crate) fn listen() -> io::Result<Signals> {
        let [interrupt, terminate] = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
        Ok(Signals { interrupt: interrupt?, terminate: terminate? })
    }

    /// Completes at the next one.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

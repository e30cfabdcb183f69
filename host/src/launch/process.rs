//! A runner's process: who it is, when it ends, how it is ended.

use crate::launch::pidfd;
use rustix::process::{Signal, pidfd_send_signal};
use std::io;
use std::os::fd::OwnedFd;
use std::process::{Child, ExitStatus};
use tokio::io::unix::AsyncFd;

/// A process that was started and not waited for yet. Dropping it kills it.
///
/// It is known by a pidfd, which can never mean another process, also after the number was used again.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pidfd: AsyncFd<OwnedFd>,
    reaped: bool,
}

impl Process {
    /// Takes over a child; inside a tokio runtime.
    pub(crate) fn new(mut child: Child) -> io::Result<Process> {
        match pidfd::open(child.id()) {
            Ok(pidfd) => Ok(Process { child, pidfd, reaped: false }),
            Err(error) => {
                // It cannot be supervised, so it must not run.
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends the process at once. It is an error of no consequence when it has ended already.
    pub(crate) fn kill(&self) {
        let _ = pidfd_send_signal(self.pidfd.get_ref(), Signal::KILL);
    }

    /// Waits for the end.
    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                self.reaped = true;
                return Ok(status);
            }
            // A pidfd is readable once its process has ended.
            self.pidfd.readable().await?.clear_ready();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.reaped {
            self.kill();
            // Killed processes end at once; waiting leaves no zombie.
            let _ = self.child.wait();
        }
    }
}

/// Resident memory of a process in bytes, or none when it has ended.
pub(crate) fn resident_bytes(pid: u32) -> Option<u64> {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let pages: u64 = statm.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

//! A runner's process: who it is, when it ends, how it is ended.

use crate::launch::pidfd;
use crate::launch::spawner::Orphan;
use rustix::process::{Pid, Signal, kill_process_group, pidfd_send_signal};
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
    /// Takes over a child; inside a tokio runtime. One that cannot be supervised does not run.
    pub(crate) fn new(orphan: Orphan) -> io::Result<Process> {
        let pidfd = pidfd::open(orphan.id())?;
        let child = orphan.adopt().ok_or(io::ErrorKind::NotFound)?;
        Ok(Process { child, pidfd, reaped: false })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends the process at once, and whatever it has started. It is an error of no consequence when it has ended already.
    pub(crate) fn kill(&self) {
        let _ = pidfd_send_signal(self.pidfd.get_ref(), Signal::KILL);
        self.kill_group();
    }

    /// Ends what the process has started. It leads a group of its own, whose number stays taken until it is waited for.
    fn kill_group(&self) {
        let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = group.filter(|_| !self.reaped) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Waits for the end.
    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        loop {
            // A pidfd is readable once its process has ended, and stays so.
            let mut ended = self.pidfd.readable().await?;
            self.kill_group();
            if let Some(status) = self.child.try_wait()? {
                self.reaped = true;
                return Ok(status);
            }
            ended.clear_ready();
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

/// Resident memory of a process in bytes, or none when it has ended: a process that nobody has waited for yet has none.
pub(crate) fn resident_bytes(pid: u32) -> Option<u64> {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let pages: u64 = statm.split_ascii_whitespace().nth(1)?.parse().ok()?;
    (pages != 0).then(|| pages * rustix::param::page_size() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

    #[test]
    fn a_process_that_nobody_has_waited_for_has_no_memory() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = Pid::from_child(&child);
        waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).unwrap();
        assert_eq!(resident_bytes(child.id()), None);
        assert!(resident_bytes(std::process::id()).is_some_and(|bytes| 1 << 20 < bytes));
        child.wait().unwrap();
    }
}

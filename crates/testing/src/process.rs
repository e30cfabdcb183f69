//! Processes that are watched until they are gone.

use crate::baseline::process_of;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::fmt;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

/// A process, known by a descriptor that can never mean another one, also after its number was used again.
pub struct Watched {
    pid: u32,
    /// None when it was gone before anybody could look.
    descriptor: Option<OwnedFd>,
}

impl Watched {
    /// Watches the process with this number. It need not be a child.
    pub fn new(pid: u32) -> Watched {
        let number = i32::try_from(pid).ok().and_then(Pid::from_raw).unwrap();
        let descriptor = match pidfd_open(number, PidfdFlags::empty()) {
            Ok(descriptor) => Some(descriptor),
            Err(Errno::SRCH) => None,
            Err(error) => panic!("process {pid} cannot be watched: {error}"),
        };
        Watched { pid, descriptor }
    }

    /// Watches a child of this process. None when there is none with this number, as when it has just ended: so that no
    /// signal goes to a stranger that got its number.
    pub fn child(pid: u32) -> Option<Watched> {
        let watched = Watched::new(pid);
        // Looked at when the descriptor is open: it is the same process in both.
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<u32>().ok()?;
        (parent == std::process::id()).then_some(watched)
    }

    /// Its number.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Sends a signal; false when the process is gone.
    pub fn signal(&self, signal: Signal) -> bool {
        self.descriptor.as_ref().is_some_and(|descriptor| pidfd_send_signal(descriptor, signal).is_ok())
    }

    /// Whether it has ended.
    pub fn is_gone(&self) -> bool {
        self.is_gone_within(Duration::ZERO)
    }

    /// Whether it has ended and whoever started it has waited for it: one that has only ended is a zombie.
    pub fn is_reaped(&self) -> bool {
        let Some(descriptor) = &self.descriptor else { return true };
        self.is_gone() && process_of(descriptor.as_raw_fd()) == Some(-1)
    }

    /// Blocks until it has ended; false when it has not after this time.
    pub fn is_gone_within(&self, patience: Duration) -> bool {
        let Some(descriptor) = &self.descriptor else { return true };
        let patience = Timespec::try_from(patience).unwrap();
        // A pidfd is readable once its process has ended.
        poll(&mut [PollFd::new(descriptor, PollFlags::IN)], Some(&patience)).unwrap() == 1
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Watched({}, {})", self.pid, if self.is_gone() { "gone" } else { "alive" })
    }
}

//! Processes that are watched until they are gone.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::fmt;
use std::os::fd::OwnedFd;
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

//! Processes that are watched until they are gone, and descriptors that are counted.

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

/// The processes that this one has started and that are not gone, in the order of their numbers.
pub fn children() -> Vec<u32> {
    let mut children: Vec<u32> = Vec::new();
    for task in std::fs::read_dir("/proc/self/task").unwrap() {
        // A thread may end meanwhile, and has no children then.
        let listed = std::fs::read_to_string(task.unwrap().path().join("children")).unwrap_or_default();
        children.extend(listed.split_ascii_whitespace().map(|pid| pid.parse::<u32>().unwrap()));
    }
    children.sort_unstable();
    children
}

/// What the open descriptors of this process are, such as `socket:[4711]`, in the order of the names.
pub fn open_descriptors() -> Vec<String> {
    let descriptors = std::fs::read_dir("/proc/self/fd").unwrap();
    // The one that reads the folder is closed by now, and has no name any more.
    let names = descriptors.filter_map(|descriptor| std::fs::read_link(descriptor.unwrap().path()).ok());
    let mut names: Vec<String> = names.map(|name| name.display().to_string()).collect();
    names.retain(|name| !name.starts_with("/proc/"));
    names.sort_unstable();
    names
}

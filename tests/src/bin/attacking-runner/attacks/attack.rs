//! What an attack is, what it is given, and what comes of it.

use std::ffi::{CStr, CString};

/// One thing that a runner must not be able to do.
pub(crate) struct Attack {
    /// Its number in the matrix.
    pub(crate) number: u32,
    /// What is called, and on what.
    pub(crate) name: &'static str,
    /// Tries it.
    pub(crate) attempt: fn(&Bait) -> Outcome,
}

/// One row of a table of attacks.
pub(crate) const fn attack(number: u32, name: &'static str, attempt: fn(&Bait) -> Outcome) -> Attack {
    Attack { number, name, attempt }
}

/// What an attack is directed against.
#[derive(Clone, Copy)]
pub(crate) enum Class {
    /// The file system.
    Files,
    /// Sockets, pipes and the descriptors of the protocol.
    Network,
    /// Other processes, and the process's own rights and limits.
    Processes,
    /// Executable, shared and foreign memory.
    Memory,
    /// Everything else that a kernel offers.
    Kernel,
}

impl Class {
    /// The word for the matrix.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Class::Files => "files",
            Class::Network => "network",
            Class::Processes => "processes",
            Class::Memory => "memory",
            Class::Kernel => "kernel",
        }
    }
}

/// What came of an attack that the process has lived to tell.
pub(crate) type Outcome = Result<Loot, Denied>;

/// It worked.
pub(crate) enum Loot {
    /// The kernel did it.
    Done,
    /// It did, and this is what was read where the secret of the host is kept. The host compares.
    Secret(u32),
}

/// It did not work.
pub(crate) enum Denied {
    /// The kernel refused, with this number.
    Errno(i32),
    /// The kernel did it, but what the attack is after was not there.
    Nothing,
}

/// What an attack is after. It is really there, in the host: only so does "succeeds" mean something.
pub(crate) struct Bait {
    /// The number of the attack.
    pub(crate) number: u32,
    /// The process of the host.
    pub(crate) host: i32,
    /// The number of the bait, which stands in the names of its folder and its sockets.
    pub(crate) serial: u32,
    /// Where the host listens: the same number for TCP and for UDP.
    pub(crate) port: u16,
    /// Where in the memory of the host a number is that nobody else knows.
    pub(crate) secret: usize,
    /// Where in the memory of the host a number is that an attack changes.
    pub(crate) target: usize,
}

impl Bait {
    /// A file of the folder that the host has made for this attack. There are `canary`, which may be read and changed, and
    /// `socket`, where the host listens.
    pub(crate) fn file(&self, name: &str) -> CString {
        let path = format!("/tmp/plughold-bait-{}-{}/{name}", self.host, self.serial);
        CString::new(path).unwrap_or_default()
    }

    /// A file of the host's process in `/proc`.
    pub(crate) fn of_host(&self, name: &str) -> CString {
        CString::new(format!("/proc/{}/{name}", self.host)).unwrap_or_default()
    }

    /// The name without a file under which the host listens, which begins with a zero.
    pub(crate) fn abstract_name(&self) -> Vec<u8> {
        format!("\0plughold-bait-{}-{}", self.host, self.serial).into_bytes()
    }
}

/// What every Unix has.
pub(crate) const PASSWORDS: &CStr = c"/etc/passwd";

/// A call that is good for nothing else: it worked.
pub(crate) fn done(_: i64) -> Loot {
    Loot::Done
}

/// It worked if `found` is so.
pub(crate) fn only_if(found: bool) -> Outcome {
    if found { Ok(Loot::Done) } else { Err(Denied::Nothing) }
}

/// A call that reached the kernel's own code answers with this number: that is what the attack is after.
pub(crate) fn answers(result: Result<i64, Denied>, expected: i32) -> Outcome {
    match result {
        Err(Denied::Errno(errno)) if errno == expected => Ok(Loot::Done),
        Err(denied) => Err(denied),
        Ok(_) => Ok(Loot::Done),
    }
}

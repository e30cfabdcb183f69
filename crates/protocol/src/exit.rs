//! How a runner ends: its exit codes, and the cause word that it leaves on the [control page](crate::page).
//!
//! A runner that lives on three system calls cannot print why it ends, and an `abort` would look like a violation of
//! its sandbox. It writes a cause on the page and calls `exit_group` with the code of that cause.

/// Why a runner ended itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Cause {
    /// Nothing was written: the process was killed, or never got that far.
    None = 0,
    /// It was asked to stop and did.
    Stopped = 1,
    /// The runner's own code panicked: a bug in Plughold. The page holds the message.
    Panic = 2,
    /// The arena is used up: the plugin wanted more memory than its limit.
    OutOfMemory = 3,
    /// The native stack overflowed.
    StackOverflow = 4,
    /// The host said something that the runner could not understand. The page holds the message.
    Protocol = 5,
    /// The socket closed: the host is gone.
    HostGone = 6,
    /// The runner could not be set up: the page, the arena or the engine failed. The page holds the message.
    Setup = 7,
    /// The plugin's promise jobs never end: what the host stopped went on in the next turn. There is no way to take them
    /// back but the end of the process.
    Endless = 8,
    /// The C library or the engine called `abort`, or one of their assertions failed.
    Aborted = 9,
    /// It tried a system call that its sandbox does not leave, in a sandbox that tells instead of killing. The page
    /// names the call.
    Violation = 10,
}

impl Cause {
    /// Every cause, in the order of its numbers.
    pub const ALL: [Cause; 11] = [
        Cause::None,
        Cause::Stopped,
        Cause::Panic,
        Cause::OutOfMemory,
        Cause::StackOverflow,
        Cause::Protocol,
        Cause::HostGone,
        Cause::Setup,
        Cause::Endless,
        Cause::Aborted,
        Cause::Violation,
    ];

    /// The cause of a number on the page; the writer is hostile, so an unknown number is `None`.
    pub fn from_number(number: u32) -> Option<Cause> {
        Cause::ALL.into_iter().find(|cause| *cause as u32 == number)
    }

    /// The exit code of a runner that ends for this cause: 0 when it was asked to, otherwise 64 and up, apart from
    /// what shells and signals use.
    pub fn exit_code(self) -> i32 {
        match self {
            Cause::None | Cause::Stopped => 0,
            Cause::Panic => 70,
            Cause::OutOfMemory => 71,
            Cause::StackOverflow => 72,
            Cause::Protocol => 73,
            Cause::HostGone => 74,
            Cause::Setup => 75,
            Cause::Endless => 76,
            Cause::Aborted => 77,
            Cause::Violation => 78,
        }
    }

    /// The words for a person, as in "plugin x ended: out of memory".
    pub fn words(self) -> &'static str {
        match self {
            Cause::None => "no cause given",
            Cause::Stopped => "stopped when asked",
            Cause::Panic => "the runner panicked",
            Cause::OutOfMemory => "out of memory",
            Cause::StackOverflow => "native stack overflow",
            Cause::Protocol => "the runner did not understand the host",
            Cause::HostGone => "the host is gone",
            Cause::Setup => "the runner could not be set up",
            Cause::Endless => "its promise jobs never end",
            Cause::Aborted => "the runner aborted",
            Cause::Violation => "it tried what its sandbox forbids",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_home_and_codes_are_apart() {
        for cause in Cause::ALL {
            assert_eq!(Cause::from_number(cause as u32), Some(cause));
        }
        assert_eq!(Cause::from_number(99), None);
        let failing = Cause::ALL.iter().filter(|cause| cause.exit_code() != 0);
        let codes: std::collections::BTreeSet<i32> = failing.clone().map(|cause| cause.exit_code()).collect();
        assert_eq!(codes.len(), failing.count());
    }
}

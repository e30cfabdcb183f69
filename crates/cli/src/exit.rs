//! Exit codes.

use std::process::ExitCode;

/// How the command ends, as scripts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything went well.
    Success = 0,
    /// It failed, for a reason that has no code of its own.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// A folder, plugin, export or command does not exist.
    NotFound = 3,
    /// A plugin crashed or threw.
    Plugin = 4,
    /// A plugin was not allowed what it needs.
    Denied = 5,
    /// No host is running that the command could look at.
    NoHost = 6,
    /// A plugin did not start or answer in time.
    TimedOut = 124,
    /// It was ended by Ctrl-C or a request to terminate.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

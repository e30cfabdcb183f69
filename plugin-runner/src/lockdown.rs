//! Where the process gives up its rights.
//!
//! Everything that needs the system happens before [`lockdown`]: the page and the arena are mapped, the time zone is
//! read, the hash seeds are drawn, the engine and our own JavaScript stand. Nothing of the plugin has been read. From
//! the mark on, the process calls `read` on the socket, `write` to it and `exit_group`; the tests trace a whole
//! session to see that this is true.
//!
//! What comes here: user and network namespaces, an empty root, no capabilities, Landlock, resource limits and last a
//! filter of system calls that knows these three. Until then the function says honestly that nothing is in force.

use plughold_protocol::record::Level;

/// The name of a process that is past the mark: in process lists, and in a trace of its system calls.
const MARK: &std::ffi::CStr = c"plughold-locked";

/// What is in force after the lockdown.
pub(crate) struct Locked {
    /// The level that it adds up to.
    pub(crate) level: Level,
    /// The layers by name.
    pub(crate) layers: Vec<&'static str>,
}

/// Gives up what can be given up and sets the mark.
pub(crate) fn lockdown() -> Locked {
    crate::system::close(libc::STDERR_FILENO);
    // The mark is for people and tests; a system without names for threads is no worse off.
    let _is_a_mark_only = rustix::thread::set_name(MARK);
    Locked { level: Level::D, layers: Vec::new() }
}

//! A short time slice for runners.
//!
//! Where more wants to run than there are processors, a process that only computes keeps its processor for a whole slice,
//! some 3 ms, and what was woken meanwhile waits. Runners get the shortest slice that there is: one that computes gives
//! way sooner and runs no less in sum, and calls of the others stay as fast as before. Systems that know no slices of a
//! process's own (Linux before 6.12) ignore it.
#![allow(unsafe_code, reason = "no safe function makes this system call")]

use std::io;

/// The shortest slice that the scheduler takes, in nanoseconds.
const SLICE: u64 = 100_000;

/// The first version of the system's structure.
#[derive(Debug, Default)]
#[repr(C)]
struct Attributes {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    /// The slice, for ordinary threads.
    runtime: u64,
    deadline: u64,
    period: u64,
}

/// Gives this thread, and each process that it starts from now on, the short slice.
///
/// # Errors
/// What the system says, as where a filter forbids the call. It is no harm: the usual slice stays.
pub(crate) fn shorten() -> io::Result<()> {
    let mut attributes = current()?;
    // Whoever runs its application by other rules than the usual ones knows why.
    if attributes.policy != libc::SCHED_OTHER.cast_unsigned() {
        return Ok(());
    }
    attributes.runtime = SLICE;
    // SAFETY: the structure is filled, as long as its first field says, and only read.
    let done = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn current() -> io::Result<Attributes> {
    let mut attributes = Attributes::default();
    let size = size_of::<Attributes>();
    // SAFETY: the structure is `size` bytes long, and every bit pattern is valid for its numbers.
    let done = unsafe { libc::syscall(libc::SYS_sched_getattr, 0, &raw mut attributes, size, 0) };
    if done == 0 { Ok(attributes) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_for_this_thread_and_nothing_else_changes() {
        let before = current().unwrap();
        let after = std::thread::spawn(|| {
            shorten().unwrap();
            current().unwrap()
        });
        let after = after.join().unwrap();
        // None where the system knows no slices.
        assert!([0, SLICE].contains(&after.runtime), "{after:?}");
        assert_eq!((after.policy, after.nice, after.priority), (before.policy, before.nice, before.priority));
        assert_eq!(current().unwrap().runtime, before.runtime);
    }
}

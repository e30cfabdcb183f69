//! What a locked process tried.

/// What a process tried, and did not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trapped {
    /// The C library wanted to say its last words: somebody has called `abort`, or an assertion failed.
    Aborted,
    /// A system call that is not left.
    Violation {
        /// Its number; [`call_name`](crate::call_name) gives the name.
        number: u32,
    },
}

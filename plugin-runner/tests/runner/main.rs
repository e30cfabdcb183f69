//! The real runner, driven over a real socket by a host that says what the test wants.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says loudly what it skips"
)]

mod bounds;
mod calls;
mod console;
mod endings;
mod errors;
mod harness;
mod loading;
mod locked;
mod show;
mod stopping;
mod timers;
mod values;

//! The real runner, driven over a real socket by a host that says what the test wants.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says loudly what it skips"
)]

mod blocking;
mod bounds;
mod builtins;
mod calls;
mod cancelling;
mod compat;
mod console;
mod counts;
mod document;
mod encoded;
mod endings;
mod errors;
mod globals;
mod harness;
mod ledger;
mod loading;
mod locked;
mod modules;
mod nesting;
mod objects;
mod on_top;
mod parents;
mod primordials;
mod references;
mod scanned;
mod show;
mod source_maps;
mod stopping;
mod storm;
mod streams;
mod suspend;
mod timers;
mod values;

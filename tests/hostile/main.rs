//! Plugins that do to their own realm, and to what they send, whatever the language allows.
//!
//! Each row is a plugin of its own, in a process of its own, beside a neighbour. Its call gives the answer that the text
//! says, or the error; and whatever it does, the neighbour answers afterwards as before, nothing of it is reported, and
//! nobody holds anything of the row at its end.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod builtins;
mod forged;
mod globals;
mod names;
mod objects;
mod readers;
mod receivers;
mod sizes;
mod stage;
mod thenables;

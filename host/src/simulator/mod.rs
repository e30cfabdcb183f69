//! A simulator of small worlds: the host's real sessions, tables and lives against simulated runners, by seed.
//!
//! Nothing here is a copy of what it tests. A world has real [`Session`](crate::session::Session)s with all that reads and
//! answers messages, real calls, streams, references, chains and circles, and the real
//! [`Life`](crate::supervise::Life) of each plugin. What is simulated is outside of that: processes, sockets, time, and
//! whoever calls. So a seed decides everything, and the same seed does the same again.
//!
//! - [`world`]: what happens, step by step; [`rest`]: what must hold after each step and at the end
//! - [`ground`]: the host of a world; [`application`]: its functions; [`callers`]: those who call plugins
//! - [`plugin`]: a plugin's life and what it wants done; [`process`]: a session and its runner
//! - [`runner`]: a runner that keeps the rules and checks that the host does; [`acting`]: what it does by itself, and what
//!   one does that keeps none
//! - [`tube`]: sockets; [`random`]: numbers by a seed
//! - [`faults`]: what goes wrong on purpose, to see that it is found
//!
//! `cargo test --release -p plughold simulator` runs as many seeds as `PLUGHOLD_SEEDS` says; `PLUGHOLD_SEED` is a single
//! one, which a failure names.

mod acting;
mod application;
mod callers;
mod faults;
mod ground;
mod plugin;
mod process;
mod random;
mod rest;
mod runner;
mod tests;
mod tube;
mod world;

pub(crate) use random::Random;

/// What was looked at is as it has to be; otherwise how it is, in words.
type Checked<T = ()> = Result<T, String>;

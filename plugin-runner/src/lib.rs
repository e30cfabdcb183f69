//! The runner: the process in which one plugin lives.
//!
//! It has one thread, one blocking loop and one socket. After its start it makes three system calls: `read`, `write`
//! and `exit_group`; everything else that a plugin may need is a message to the host. There are two ways to start
//! one: the binary `plughold-runner`, or any application that calls [`run_if_asked`] first thing in its `main` and is
//! executed again by the host library with [`ARGUMENT`].
//!
//! # Layout
//!
//! Start and end of the process:
//! - `boot`: what happens before the first message, in order
//! - `lockdown`: where the process gives up its rights
//! - `system`: the few system calls of the start
//! - `control`: the control page
//! - `ending`: every way in which the process ends, with its cause; `fault`: the ends that nobody asked for
//! - [`arena`]: all memory, mapped before the lockdown
//!
//! The engine, as safe Rust:
//! - `engine`: values, properties, functions, promises, scripts and modules of QuickJS
//! - `encode`, `decode`: values to and from MessagePack; `packed`: an encoded value, bounded while it grows; `refusal`:
//!   why a value cannot be sent
//! - `thrown`: errors on their way out and in; `stack`: stacks that a plugin cannot forge; `source_map`: the files that
//!   their author wrote; `suggest`: did you mean
//!
//! What a plugin and its host do with each other:
//! - `session`: everything that lives as long as the process
//! - `serve`: the loop; `turn`: the turn that runs and those below it; `waiting`: what is served while the plugin waits
//! - `link`: the socket; `incoming`: messages, decoded
//! - `load`: the plugin's code, its prelude, `activate` and `deactivate`; `modules`: what it imports;
//!   `commonjs`: what it requires; `builtins`: what of both is there without a package
//! - `calls_out`, `calls_in`: calls of both directions; `queue`: those that wait for room; `aborts`: the signals
//!   that end them
//! - `exported`: functions and objects that the host holds; `imported`: those of the host that the plugin holds
//! - `instances`: objects of the plugin that travel by reference; `description`: what such an object says of itself
//! - `streams`: streams of both directions
//! - `natives`: what our own JavaScript can call; `timers`, `clock`: time

pub mod arena;

mod aborts;
mod boot;
mod builtins;
mod calls_in;
mod calls_out;
mod clock;
mod commonjs;
mod continuation;
mod control;
mod decode;
mod description;
mod encode;
mod ending;
mod engine;
mod exported;
mod fault;
mod imported;
mod incoming;
mod instances;
mod kit;
mod link;
mod load;
mod lockdown;
mod modules;
mod natives;
mod packed;
mod queue;
mod refusal;
mod rejections;
mod serve;
mod session;
mod sites;
mod source_map;
mod stack;
mod streams;
mod suggest;
mod suspend;
mod system;
mod thrown;
mod timers;
mod turn;
mod waiting;

#[doc(hidden)]
pub use source_map::fuzzing;

/// The first argument of an executable that is to become a runner.
pub const ARGUMENT: &str = "__plughold-runner";

/// The second argument of an executable that is to try out how far it can be locked down.
pub const TRIAL: &str = "trial";

/// Becomes a runner and never returns if the process was started as one; otherwise returns at once.
///
/// Call it first thing in `main`: a runner wants no threads, and the less happened before the less can leak into it.
pub fn run_if_asked() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|argument| argument != ARGUMENT) {
        return;
    }
    match arguments.next() {
        Some(argument) if argument == TRIAL => boot::become_trial(),
        _ => boot::become_runner(),
    }
}

/// Makes the arena the memory of this executable, so that its runners keep to their three system calls.
///
/// An application that re-executes itself writes this once, outside of any function. Before it becomes a runner,
/// memory comes from the system's allocator as usual.
#[macro_export]
macro_rules! install_arena {
    () => {
        #[global_allocator]
        static PLUGHOLD_ARENA: $crate::arena::ArenaAlloc = $crate::arena::ArenaAlloc;
    };
}

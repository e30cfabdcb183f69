//! How much a plugin may use, and how long it may take.
//!
//! - [`Limits`]: the bounds of a host, which its embedder may change
//! - [`asked`]: what a manifest asks for, and what it gets
//! - [`limit`]: one bound as data
//! - [`table`]: all of them, for whoever shows or documents them

mod asked;
#[cfg(test)]
mod documented;
mod limit;
mod table;

pub use asked::Capped;
pub use limit::{Limit, SetBy, Unit};

use crate::CpuBudget;
use plughold_protocol::limits;
use std::time::Duration;

/// The bounds for the plugins of a host. A manifest may ask for a larger arena and a larger stack, which
/// [`memory_cap`](Limits::memory_cap) and [`stack_cap`](Limits::stack_cap) bound. [`Limits::table`] has all bounds, also
/// those that nobody can change.
///
/// ```
/// use plughold::Limits;
/// use std::time::Duration;
///
/// let mut limits = Limits::default();
/// limits.call = Duration::from_secs(30); // plugins of this application do heavy work
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of memory of one runner, engine and all. 64 MiB: real plugins have a median of 4.5 MB and a maximum of
    /// 76 MB.
    pub memory: u64,
    /// The most that a manifest may ask for, in bytes. 512 MiB.
    pub memory_cap: u64,
    /// Bytes of JavaScript stack. 256 KiB is enough for each of 348 real plugins.
    pub stack: u64,
    /// The most that a manifest may ask for, in bytes. 1 MiB, the most that a runner takes: JavaScript runs on its native
    /// stack.
    pub stack_cap: u64,
    /// From the start of the process until it is locked. 5 s: it takes a few milliseconds, also on a busy machine.
    pub start: Duration,
    /// From the plugin's code until it is active. 30 s: it may have to fetch something; loops are ended by `turn`.
    pub activate: Duration,
    /// How long one turn of JavaScript may take before it is interrupted. 5 s, as browsers ask their user.
    pub turn: Duration,
    /// After this time in one turn the plugin is reported as unresponsive. 1 s: what a user notices.
    pub unresponsive: Duration,
    /// From the interrupt until the kill. 1 s: some builtin functions never look at the interrupt.
    pub kill: Duration,
    /// How long a call to a plugin may take without a limit of its own. 6 s: longer than a `turn`, so that whoever calls a
    /// loop gets the error with its stack.
    pub call: Duration,
    /// How long a function of the application may go on whose answer nobody wants any more, before it is dropped at the
    /// `await` where it is. 1 minute: it is told by [`Cx::cancelled`](crate::Cx::cancelled) and may have to put something in
    /// order; one that never looks would otherwise stay for as long as the application runs.
    pub linger: Duration,
    /// From the wish to stop until the kill. 2 s.
    pub stop: Duration,
    /// How long whoever is [asked](crate::HostBuilder::ask) for a permission may think. 1 minute: a person reads and
    /// decides. No answer is none, and the plugin is told so.
    pub ask: Duration,
    /// After so long without being used a plugin rests: no call or stream is open, nobody outside holds a function or an
    /// object of it, it has registered nothing that its end would undo, it is at no work of its own, and it waits for no time.
    /// It gives its state, its process ends, and the next use starts it again. None:
    /// only plugins rest that are started on use, as their manifests say, after a minute.
    pub idle: Option<Duration>,
    /// Calls in flight in each direction. 1,024: more at a time make nothing faster.
    pub in_flight: u32,
    /// Calls of a plugin that wait in its own process until there is room among those in flight. 100,000.
    pub queued_calls: u32,
    /// Bytes of their arguments. 16 MiB, a quarter of a plugin's memory.
    pub queued_bytes: u64,
    /// Bytes of one message. 32 MiB: more goes by a stream.
    pub message: usize,
    /// Functions and objects that are held across the border of a process, in each direction. 100,000: who registers as many
    /// callbacks has a leak.
    pub references: u32,
    /// Timers that a plugin has set at one time. 10,000.
    pub timers: u32,
    /// Bytes that a plugin [stores](crate::HostBuilder::data) by key. 10 MiB, as browsers give a page.
    pub storage: u64,
    /// Bytes of the files in its data folder, each counted 4 KiB longer than it is. 100 MiB.
    pub files: u64,
    /// Bytes of log lines in a second from one plugin. 64 KiB: nobody reads more. What is too much is dropped and counted.
    pub log_rate: u64,
    /// Messages in a second from one plugin that are no calls, answers or releases. 10,000: timers, notifications, requests
    /// for modules. Lines of the log count too; a plugin that writes more of those waits, and is not ended.
    pub message_rate: u64,
    /// How much of the processors a plugin may use in a minute, and what becomes of one that uses more. None: as much as the
    /// system gives it.
    pub cpu: Option<CpuBudget>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            memory: limits::MEMORY,
            memory_cap: 512 << 20,
            stack: limits::STACK,
            stack_cap: limits::STACK_MAX,
            start: Duration::from_secs(5),
            activate: Duration::from_secs(30),
            turn: Duration::from_secs(5),
            unresponsive: Duration::from_secs(1),
            kill: Duration::from_secs(1),
            call: Duration::from_secs(6),
            linger: Duration::from_secs(60),
            stop: Duration::from_secs(2),
            ask: Duration::from_secs(60),
            idle: None,
            in_flight: limits::IN_FLIGHT,
            queued_calls: limits::QUEUED_CALLS as u32,
            queued_bytes: limits::QUEUED_BYTES as u64,
            message: limits::MESSAGE,
            references: limits::REFERENCES as u32,
            timers: limits::TIMERS as u32,
            storage: 10 << 20,
            files: 100 << 20,
            log_rate: limits::LOG_RATE,
            message_rate: limits::MESSAGE_RATE,
            cpu: None,
        }
    }
}

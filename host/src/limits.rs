//! How much a plugin may use, and how long it may take.

use plughold_protocol::limits;
use std::time::Duration;

/// The bounds for the plugins of a host. A manifest may ask for a larger arena and a larger stack, which
/// [`memory_cap`](Limits::memory_cap) and [`stack_cap`](Limits::stack_cap) bound.
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
    /// Calls in flight in each direction.
    pub in_flight: u32,
    /// Bytes of one message.
    pub message: usize,
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
            stop: Duration::from_secs(2),
            ask: Duration::from_secs(60),
            idle: None,
            in_flight: limits::IN_FLIGHT,
            message: limits::MESSAGE,
        }
    }
}

impl Limits {
    /// The arena for a plugin whose manifest asks for `wanted` bytes.
    pub(crate) fn memory_for(&self, wanted: Option<u64>) -> u64 {
        let most = self.memory_cap.clamp(limits::MEMORY_MIN, limits::MEMORY_MAX);
        wanted.unwrap_or(self.memory).clamp(limits::MEMORY_MIN, most.max(self.memory.min(limits::MEMORY_MAX)))
    }

    /// The stack for a plugin whose manifest asks for `wanted` bytes.
    pub(crate) fn stack_for(&self, wanted: Option<u64>) -> u64 {
        let most = self.stack_cap.max(self.stack).min(limits::STACK_MAX);
        wanted.unwrap_or(self.stack).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_asks_and_the_embedder_caps() {
        let mut limits = Limits { memory_cap: 100 << 20, ..Limits::default() };
        assert_eq!(limits.memory_for(None), 64 << 20);
        assert_eq!(limits.memory_for(Some(80 << 20)), 80 << 20);
        assert_eq!(limits.memory_for(Some(u64::MAX)), 100 << 20);
        assert_eq!(limits.memory_for(Some(0)), 4 << 20);
        limits.memory = 200 << 20;
        assert_eq!(limits.memory_for(None), 200 << 20);
    }

    #[test]
    fn so_it_is_with_the_stack() {
        let mut limits = Limits::default();
        assert_eq!(limits.stack_for(None), 256 << 10);
        assert_eq!(limits.stack_for(Some(64 << 10)), 64 << 10);
        assert_eq!(limits.stack_for(Some(u64::MAX)), 1 << 20);
        limits.stack_cap = 512 << 10;
        assert_eq!(limits.stack_for(Some(1 << 20)), 512 << 10);
        limits.stack = 1 << 30;
        assert_eq!(limits.stack_for(None), 1 << 20);
    }
}

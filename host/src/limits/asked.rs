//! What a manifest asks for, and what it gets.

use crate::Limits;
use plughold_package::LimitsRequest;
use plughold_protocol::limits;
use std::fmt;

/// A manifest asks for more than the embedder allows, or for less than a runner needs: the plugin is given another amount.
/// From [`Limits::capped`] and [`Event::Capped`](crate::Event::Capped).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Capped {
    /// The name of the limit, as in the manifest: `memory`.
    pub limit: &'static str,
    /// What the manifest asks for, in bytes.
    pub wanted: u64,
    /// What the plugin gets, in bytes.
    pub given: u64,
}

impl Limits {
    /// What a plugin does not get of what its manifest asks for. Empty when it gets everything.
    ///
    /// ```
    /// use plughold::{Limits, LimitsRequest};
    ///
    /// let mut wanted = LimitsRequest::default();
    /// wanted.memory = Some(2 << 30);
    /// let capped = Limits::default().capped(&wanted);
    /// assert_eq!(capped[0].to_string(), "the manifest asks for 2 GiB of memory, and the plugin gets 512 MiB");
    /// ```
    pub fn capped(&self, wanted: &LimitsRequest) -> Vec<Capped> {
        let rows = [
            ("memory", wanted.memory, self.memory_for(wanted.memory)),
            ("stack", wanted.stack, self.stack_for(wanted.stack)),
        ];
        let capped = rows.into_iter().filter_map(|(limit, wanted, given)| {
            wanted.filter(|wanted| *wanted != given).map(|wanted| Capped { limit, wanted, given })
        });
        capped.collect()
    }

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

impl fmt::Display for Capped {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [wanted, given] = [self.wanted, self.given].map(super::limit::bytes);
        write!(to, "the manifest asks for {wanted} of {}, and the plugin gets {given}", self.limit)
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

    #[track_caller]
    fn check(memory: Option<u64>, stack: Option<u64>, expected: &[&str]) {
        let mut wanted = LimitsRequest::default();
        (wanted.memory, wanted.stack) = (memory, stack);
        let limits = Limits { stack_cap: 512 << 10, ..Limits::default() };
        let words = Vec::from_iter(limits.capped(&wanted).iter().map(Capped::to_string));
        assert_eq!(words, expected);
    }

    #[test]
    fn what_is_not_given_is_told() {
        check(None, None, &[]);
        check(Some(512 << 20), Some(512 << 10), &[]);
        check(
            Some((512 << 20) + 1),
            None,
            &["the manifest asks for 536,870,913 bytes of memory, and the plugin gets 512 MiB"],
        );
        check(
            Some(1 << 30),
            Some(1 << 20),
            &[
                "the manifest asks for 1 GiB of memory, and the plugin gets 512 MiB",
                "the manifest asks for 1 MiB of stack, and the plugin gets 512 KiB",
            ],
        );
    }
}

//! Numbers that can be repeated, and how many rounds a test makes of them.
//!
//! Two variables of the environment change what the tests with random parts do: `PLUGHOLD_SEED` repeats a run, and
//! `PLUGHOLD_WHOLE=1` makes each as long as docs/reliability.md promises. Without it they are short forms.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// Random numbers by xorshift, the same for the same seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From the seed.
    pub fn new(seed: u64) -> Random {
        Random(seed | 1)
    }

    /// A seed that nobody has chosen, or the one in `PLUGHOLD_SEED`. It is printed, so that a failure tells it.
    #[allow(clippy::print_stdout, reason = "a test that fails shows what it printed")]
    pub fn seeded() -> Random {
        let chosen = std::env::var("PLUGHOLD_SEED").ok().map(|seed| seed.parse().unwrap());
        let seed = chosen.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        println!("PLUGHOLD_SEED={seed}");
        Random::new(seed)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The low bits of a xorshift are its weakest.
        (self.0 >> 11) % bound.max(1)
    }

    /// Others, which have nothing to do with these.
    pub fn fork(&mut self) -> Random {
        Random::new(self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.below(u64::MAX))
    }
}

/// How many rounds to make: `short`, or `whole` when `PLUGHOLD_WHOLE` is set.
pub fn rounds(short: u64, whole: u64) -> u64 {
    if std::env::var_os("PLUGHOLD_WHOLE").is_some() { whole } else { short }
}

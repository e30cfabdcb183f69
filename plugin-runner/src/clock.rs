//! Time and chance. Reading the machine's clock is no system call here; a virtual clock moves only when the host says.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use plughold_protocol::record::ClockMode;
use std::cell::{Cell, RefCell};
use std::time::Instant;

/// The clock of a session.
pub(crate) struct Clock {
    mode: ClockMode,
    started: Instant,
    /// Microseconds since 1970 at the start of a virtual clock.
    virtual_start_us: u64,
    virtual_now_us: Cell<u64>,
    seed: Cell<u64>,
    generator: RefCell<ChaCha20Rng>,
}

impl Clock {
    /// A clock that starts now. Chance follows from `secret`, with a virtual clock from `seed` alone.
    pub(crate) fn new(mode: ClockMode, virtual_start_us: u64, seed: u64, secret: [u8; 32]) -> Clock {
        Clock {
            mode,
            started: Instant::now(),
            virtual_start_us,
            virtual_now_us: Cell::new(virtual_start_us),
            seed: Cell::new(seed),
            generator: RefCell::new(match mode {
                ClockMode::Real => ChaCha20Rng::from_seed(secret),
                ClockMode::Virtual => ChaCha20Rng::seed_from_u64(seed),
            }),
        }
    }

    /// Whether time comes from the host alone.
    pub(crate) fn is_virtual(&self) -> bool {
        self.mode == ClockMode::Virtual
    }

    /// Microseconds since the start; never goes back.
    pub(crate) fn elapsed_us(&self) -> u64 {
        match self.mode {
            ClockMode::Real => self.started.elapsed().as_micros() as u64,
            ClockMode::Virtual => self.virtual_now_us.get().saturating_sub(self.virtual_start_us),
        }
    }

    /// Microseconds since 1970 of a virtual clock.
    pub(crate) fn today_us(&self) -> u64 {
        self.virtual_now_us.get()
    }

    /// The host says what time it is.
    pub(crate) fn set_today_us(&self, now_us: u64) {
        self.virtual_now_us.set(self.virtual_now_us.get().max(now_us));
    }

    /// A number from 0 to below 1 that follows from the seed and from how many were drawn.
    pub(crate) fn random(&self) -> f64 {
        // SplitMix64: every seed is a good one, and one state word is enough.
        let state = self.seed.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.seed.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bits = (mixed ^ (mixed >> 31)) >> 11;
        bits as f64 / (1u64 << 53) as f64
    }

    /// Fills `bytes` with what nobody can guess who does not know where the generator began.
    pub(crate) fn fill(&self, bytes: &mut [u8]) {
        self.generator.borrow_mut().fill_bytes(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_again() {
        let draw = |seed| {
            let clock = Clock::new(ClockMode::Virtual, 0, seed, [0; 32]);
            [clock.random(), clock.random(), clock.random()]
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!(draw(0).iter().all(|number| (0.0..1.0).contains(number)));
    }

    #[test]
    fn only_a_virtual_clock_makes_secrets_that_can_be_repeated() {
        let draw = |mode, seed, secret| {
            let mut bytes = [0; 16];
            Clock::new(mode, 0, seed, secret).fill(&mut bytes);
            bytes
        };
        assert_eq!(draw(ClockMode::Virtual, 7, [1; 32]), draw(ClockMode::Virtual, 7, [2; 32]));
        assert_ne!(draw(ClockMode::Virtual, 7, [1; 32]), draw(ClockMode::Virtual, 8, [1; 32]));
        assert_ne!(draw(ClockMode::Real, 7, [1; 32]), draw(ClockMode::Real, 7, [2; 32]));
        assert_eq!(draw(ClockMode::Real, 7, [1; 32]), draw(ClockMode::Real, 8, [1; 32]));
    }

    #[test]
    fn virtual_time_moves_only_forward_and_when_told() {
        let clock = Clock::new(ClockMode::Virtual, 1_000, 0, [0; 32]);
        assert_eq!((clock.elapsed_us(), clock.today_us()), (0, 1_000));
        clock.set_today_us(5_000);
        clock.set_today_us(2_000);
        assert_eq!((clock.elapsed_us(), clock.today_us()), (4_000, 5_000));
    }
}

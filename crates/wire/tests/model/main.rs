//! A host and two plugins pass functions around at random, through the real tables and through messages that are delayed
//! and reordered as the lanes allow. A naive model says what everybody holds.
//!
//! No function may be released while somebody can still reach it; none may be left when nobody can; an ID never means two
//! functions; a function that somebody has keeps its ID and is the same thing whenever it arrives; what is passed on to a
//! third party lives as long as that party holds it.
//!
//! A failure names its seed: `PLUGHOLD_SEED=… cargo test -p plughold-wire --test model` takes the same steps again, and
//! `PLUGHOLD_STEPS=…` more or fewer of them.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod end;
mod lanes;
mod random;
mod world;

use std::str::FromStr;
use world::{Fault, World};

/// Steps of each of the seeds; together 2 million.
const STEPS: u64 = 500_000;

const SEEDS: [u64; 4] = [1, 2, 3, 4];

fn from_environment<T: FromStr>(name: &str) -> Option<T> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is {value:?} and not a number")))
}

#[test]
fn nothing_is_released_too_early_and_nothing_is_left() {
    let seeds = from_environment("PLUGHOLD_SEED").map_or(SEEDS.to_vec(), |seed| vec![seed]);
    let steps = from_environment("PLUGHOLD_STEPS").unwrap_or(STEPS);
    for seed in seeds {
        let mut world = World::new(seed, Fault::None);
        let result = world.run(steps);
        result.unwrap_or_else(|wrong| panic!("PLUGHOLD_SEED={seed} PLUGHOLD_STEPS={steps} {wrong}"));
        let seen = world.seen();
        assert!(steps < STEPS || 50 < seen.rarest(), "something is hardly ever met: {seen:?}");
    }
}

/// Each way of doing it wrong is found, whatever the seed: the model is no model if it finds nothing.
#[test]
fn what_is_wrong_on_purpose_is_found() {
    for fault in [Fault::FlagForCount, Fault::ForgetForwarding, Fault::ReleaseOvertakes, Fault::KeepRefused] {
        for seed in SEEDS {
            let result = World::new(seed, fault).run(STEPS / 10);
            assert!(result.is_err(), "{fault:?} is not found with the seed {seed}");
        }
    }
}

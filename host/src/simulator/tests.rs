//! The simulator's own tests: many seeds, and planted faults that must be found.

use super::Checked;
use super::faults::Fault;
use super::random::Random;
use super::world::{Happened, World};
use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// Seeds of the short form, which is part of the ordinary suite, and how long it takes at most.
const SEEDS: u64 = 2_000;
const SHORT: Duration = Duration::from_secs(3);

/// Seeds within which each planted fault has to be found.
const SOON: u64 = 2_000;

/// Steps of a failure that are shown.
const SHOWN: usize = 60;

thread_local! {
    /// Its clock stands, and goes on when a world says so. Making one takes longer than a world, so it is used again.
    static RUNTIME: Cell<Option<Runtime>> = const { Cell::new(None) };
}

/// Lives through the world of one seed. Gives how many steps that took.
fn run(seed: u64, fault: Fault) -> Result<usize, String> {
    let runtime = RUNTIME.take().unwrap_or_else(|| builder().build().unwrap());
    let run = || runtime.block_on(live(seed, fault));
    let result = std::panic::catch_unwind(AssertUnwindSafe(run));
    if let Ok(Ok(_)) = result {
        RUNTIME.set(Some(runtime));
    }
    result.unwrap_or_else(|_| Err(format!("seed {seed} panics")))
}

async fn live(seed: u64, fault: Fault) -> Result<usize, String> {
    let mut world = World::new(seed, fault);
    let steps = 20 + Random::new(!seed).below(200);
    let result = world.run(steps).await;
    result.map(|()| steps).map_err(|words| {
        let first = world.trace.len().saturating_sub(SHOWN);
        let last = world.trace[first..].iter().map(|Happened { at, plugin, what }| {
            format!("\n  {:9.3} s  plugin {plugin} {what}", at.as_secs_f64())
        });
        format!(
            "seed {seed}: {words}\nafter {} steps, of which these are the last:{}\nagain: PLUGHOLD_SEED={seed} cargo test \
             -p plughold --lib simulator -- --nocapture",
            world.trace.len(),
            last.collect::<String>()
        )
    })
}

/// What happens in the world of a seed.
fn story(seed: u64) -> Vec<String> {
    let runtime = builder().build().unwrap();
    runtime.block_on(async {
        let mut world = World::new(seed, Fault::None);
        world.run(200).await.unwrap();
        world.trace.iter().map(|happened| format!("{happened:?}")).collect()
    })
}

fn builder() -> Builder {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true);
    builder
}

fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn worlds_hold() {
    if let Some(seed) = number_from("PLUGHOLD_SEED") {
        run(seed, Fault::None)
            .map(|steps| println!("seed {seed}: {steps} steps"))
            .unwrap_or_else(|words| panic!("{words}"));
        return;
    }
    let wanted = number_from("PLUGHOLD_SEEDS");
    let seeds = wanted.unwrap_or(SEEDS);
    let most = wanted.map_or(SHORT, |_| Duration::MAX);
    let [next, lived, steps] = [(); 3].map(|()| AtomicU64::new(0));
    let began = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let failure = std::thread::scope(|scope| {
        let work = || -> Checked {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seeds <= seed || most < began.elapsed() {
                    return Ok(());
                }
                match run(seed, Fault::None) {
                    Ok(count) => {
                        lived.fetch_add(1, Ordering::Relaxed);
                        steps.fetch_add(count as u64, Ordering::Relaxed);
                    }
                    Err(words) => {
                        next.store(seeds, Ordering::Relaxed);
                        return Err(words);
                    }
                }
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().find_map(|worker| worker.join().unwrap().err())
    });
    if let Some(words) = failure {
        panic!("{words}");
    }
    let took = began.elapsed();
    let (lived, steps) = (lived.into_inner(), steps.into_inner());
    println!(
        "{lived} seeds, {steps} steps in {took:.1?}: {:.0} seeds a second",
        lived as f64 / took.as_secs_f64()
    );
}

#[test]
fn the_same_seed_does_the_same_again() {
    for seed in 0..50 {
        let [first, second] = [(); 2].map(|()| story(seed));
        assert_eq!(first, second, "seed {seed}");
    }
}

#[test]
fn planted_faults_are_found() {
    for fault in Fault::ALL {
        let found = (0..SOON).find_map(|seed| Some((seed, run(seed, *fault).err()?)));
        let Some((seed, words)) = found else { panic!("{fault:?} was not found within {SOON} seeds") };
        println!("{fault:?}: found by {}", words.lines().next().unwrap_or_default());
        assert!(run(seed, Fault::None).is_ok(), "seed {seed} fails without the fault as well");
    }
}

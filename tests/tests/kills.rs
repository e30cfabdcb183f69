//! Processes that end at random points under load, in every way in which a process can end.
//!
//! Whatever happens to the victims: the host goes on, each call has one outcome, neighbours miss no message, and nothing
//! is left. `PLUGHOLD_WHOLE=1` makes it 10,000 kills.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{CallError, Exit, KillReason, Limits};
use plughold_tests::load::Story;
use plughold_tests::{
    Baseline, Load, Random, also_as_an_ordinary_user, patiently, quick_limits, rounds, run_alone,
};
use rustix::process::Signal;
use std::collections::BTreeSet;

also_as_an_ordinary_user!();

/// What memory may grow by, in KiB: what the allocator keeps for the one or the other burst of a busy machine. Less than
/// half a KiB for each of 10,000 kills would be found.
const SLACK: u64 = 4 * 1_024;

/// How many processes of the victims ended in this way.
fn count(story: &Story, is_it: impl Fn(&Exit) -> bool) -> u64 {
    story.values().flatten().filter(|exit| is_it(exit)).count() as u64
}

/// Sends signals to so many processes of victims, each at a random point and one to each.
async fn send(load: &mut Load, random: &mut Random, signals: &[Signal], count: u64) {
    let mut processes = BTreeSet::new();
    while (processes.len() as u64) < count {
        let Some((_, process)) = load.victim(random).await else { continue };
        if processes.insert(process.pid()) {
            process.signal(signals[random.below(signals.len() as u64) as usize]);
        }
    }
}

#[test]
fn kills_at_random_points_under_load() {
    run_alone(async || {
        let mut random = Random::seeded();
        let wanted = rounds(200, 10_000);
        // In the first half tables, caches and the allocator's arenas get their size.
        let first = killed(&mut random, wanted / 2).await;
        let before = Baseline::take().with_memory(SLACK);
        let second = killed(&mut random, wanted / 2).await;
        before.expect().await;
        let both = |is_it: fn(&Exit) -> bool| count(&first, is_it) + count(&second, is_it);
        let others = both(|exit| !matches!(exit, Exit::Signal(9) | Exit::Stopped));
        assert_eq!(others, 0, "nothing else ended them: {first:?} {second:?}");
        // One that is killed before the host knows it is a start that failed, and no process that ended.
        let kills = both(|exit| *exit == Exit::Signal(9));
        assert!(
            wanted * 9 / 10 <= kills && kills <= wanted,
            "{kills} of {wanted} killed processes were told"
        );
    });
}

async fn killed(random: &mut Random, count: u64) -> Story {
    let mut load = Load::start(random, Limits::default()).await;
    send(&mut load, random, &[Signal::KILL], count).await;
    load.end().await
}

/// Signals that come from a fault of the process itself, and those of an operator.
#[test]
fn every_signal_that_ends_a_process_is_told() {
    run_alone(async || {
        let mut random = Random::seeded();
        let before = Baseline::take();
        let signals = [Signal::ABORT, Signal::SEGV, Signal::BUS, Signal::ILL, Signal::TERM, Signal::FPE];
        let mut load = Load::start(&mut random, Limits::default()).await;
        send(&mut load, &mut random, &signals, rounds(60, 3_000)).await;
        let story = load.end().await;
        before.expect().await;
        // A first SIGSEGV or SIGBUS may only take a handler away, as one that nothing in the process has caused.
        for signal in [Signal::ABORT, Signal::ILL, Signal::TERM, Signal::FPE] {
            let ended = count(&story, |exit| *exit == Exit::Signal(signal.as_raw()));
            assert!(0 < ended, "none was ended by {signal:?}: {story:?}");
        }
    });
}

#[test]
fn plugins_run_out_of_memory_under_load() {
    run_alone(async || {
        let mut random = Random::seeded();
        let mut limits = Limits::default();
        limits.memory = 6 << 20;
        let before = Baseline::take();
        let mut load = Load::start(&mut random, limits).await;
        let mut ends = 0;
        while ends < rounds(10, 500) {
            let Some((victim, _)) = load.victim(&mut random).await else { continue };
            match patiently("an answer", victim.call::<_, ()>("eat", ())).await {
                Err(CallError::Gone { .. }) => ends += 1,
                Err(CallError::NotActive { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        let story = load.end().await;
        before.expect().await;
        let told = count(&story, |exit| exit.to_string().contains("code 71: out of memory"));
        assert!(0 < told && count(&story, |exit| *exit != Exit::Stopped) == told, "{story:?}");
    });
}

/// Processes that run no more and do not end either: nobody waits for them longer than the limits say.
#[test]
fn stopped_processes_are_killed_under_load() {
    run_alone(async || {
        let mut random = Random::seeded();
        let before = Baseline::take();
        let mut load = Load::start(&mut random, quick_limits()).await;
        let mut stopped = Vec::new();
        for _ in 0..rounds(8, 200) {
            if let Some((_, process)) = load.victim(&mut random).await {
                process.signal(Signal::STOP);
                stopped.push(process);
            }
        }
        for process in &stopped {
            // The host looks after them by itself; the neighbours go on meanwhile.
            while !process.is_gone() {
                load.wait(1).await;
            }
        }
        drop(stopped);
        let story = load.end().await;
        before.expect().await;
        let ended = count(&story, |exit| matches!(exit, Exit::Killed(KillReason::Unresponsive { .. })));
        assert!(0 < ended && count(&story, |exit| *exit != Exit::Stopped) == ended, "{story:?}");
    });
}

/// Processes that go on in time: nothing is lost, and nothing is told.
#[test]
fn stopped_processes_go_on_under_load() {
    run_alone(async || {
        let mut random = Random::seeded();
        let before = Baseline::take();
        let mut load = Load::start(&mut random, Limits::default()).await;
        for _ in 0..rounds(50, 1_000) {
            let Some((_, process)) = load.victim(&mut random).await else { continue };
            process.signal(Signal::STOP);
            load.wait(random.below(24)).await;
            process.signal(Signal::CONT);
        }
        let story = load.end().await;
        before.expect().await;
        assert_eq!(count(&story, |exit| *exit != Exit::Stopped), 0, "{story:?}");
    });
}

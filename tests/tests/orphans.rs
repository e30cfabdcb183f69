//! A host that is killed: none of its runners lives a tenth of a second longer, whatever it is doing.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold_tests::{Watched, also_as_an_ordinary_user, program, rounds};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

also_as_an_ordinary_user!();

/// What a killed host's runners have left.
const PROMISE: Duration = Duration::from_millis(100);

/// What they do meanwhile: nothing, timers, JavaScript, a builtin that looks at no interrupt, and memory.
const PLUGINS: [(&str, &str); 5] = [
    ("idle", ""),
    ("timer", "setInterval(() => {}, 1);"),
    ("spinning", "export const spin = () => { for (;;) {} };"),
    ("builtin", "export const spin = () => { const all = []; all.length = 1e9; all.indexOf(1); };"),
    ("talking", "export const spin = async () => { for (;;) { console.log('x'); await null; } };"),
];

#[test]
fn runners_end_with_a_host_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    for (id, source) in PLUGINS {
        std::fs::write(folder.path().join(format!("{id}.js")), source).unwrap();
    }
    let mut taken: Vec<Duration> = (0..rounds(5, 50)).map(|_| kill_a_host(folder.path())).collect();
    taken.sort_unstable();
    let usual = taken[taken.len() / 2];
    println!("the last runner was gone after {usual:?}, at worst after {:?}", taken[taken.len() - 1]);
    assert!(usual < PROMISE.mul_f64(crowd()), "{taken:?}");
}

/// How many times longer than alone everything takes, since more wants to run than there are processors: also the end of a
/// process is work that waits for its turn.
fn crowd() -> f64 {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap();
    let running: f64 = load.split(' ').next().unwrap().parse().unwrap();
    let processors = std::thread::available_parallelism().unwrap().get();
    (running / processors as f64).max(1.0)
}

/// How long the last runner of a killed host lives.
fn kill_a_host(folder: &std::path::Path) -> Duration {
    let mut host = Command::new(program("test-host"))
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut runners = Vec::new();
    for line in BufReader::new(host.stdout.take().unwrap()).lines().map(Result::unwrap) {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["runs", _, pid] => runners.push(Watched::new(pid.parse().unwrap())),
            // All are loaded and called before the first is reported.
            ["spins", _] => break,
            _ => panic!("unexpected: {line}"),
        }
    }
    assert_eq!(runners.iter().filter(|runner| !runner.is_gone()).count(), PLUGINS.len());
    host.kill().unwrap();
    let killed = Instant::now();
    for runner in &runners {
        assert!(runner.is_gone_within(Duration::from_secs(10)), "{runner:?} outlives its host");
    }
    let taken = killed.elapsed();
    host.wait().unwrap();
    taken
}

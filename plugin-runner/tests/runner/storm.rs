//! Everything at once, in an order that chance decides: whatever comes, each call is answered once and nothing is left.

use crate::harness::{Options, Runner, describe, show};
use plughold_protocol::Message;
use plughold_protocol::record::{Limits, Target};
use std::collections::BTreeSet;

/// Calls of each side that are open at one time.
const OPEN: usize = 24;

const SCRIPT: &str = "
    const late = (n) => new Promise((resolve) => setTimeout(resolve, n));
    async function* source(n) { yield n; yield await app.echo(n); await late(n % 3); yield app.block(n) }
    const ways = [
        (n) => n,
        (n) => app.block(n),
        (n) => app.echo(n, () => n),
        async (n) => { await null; const got = app.block(n); await null; return [got, await app.echo(n)] },
        async (n) => { await late(n % 3); return app.block(n) },
        async (n) => { await app.echo(n); return app.block(n) },
        (n) => app.block({ get n() { return app.block(n) } }),
        (n) => ({ get n() { return app.block(n) } }),
        async (n, signal) => {
            const controller = new AbortController();
            signal?.addEventListener('abort', () => controller.abort());
            const call = app.echo(controller.signal, () => n);
            if (n % 2) app.block(n);
            if (n % 3) controller.abort();
            return call;
        },
        (n, signal) => app.block(signal ?? null, () => n),
        (n) => Promise.all([app.echo(1), app.echo(2), late(0).then(() => app.echo(3)), ways[3](n)]),
        (n) => { throw new Error(String(n)) },
        async (n) => { for (let i = 0; i < n % 5; i++) app.block(i); return 'blocked' },
        (n) => app.block(source(n)),
        async (n) => [await app.echo(source(n)), app.block(source(n))],
    ];
    exports.run = (way, n, signal) => ways[way % ways.length](n, signal);";

/// Chance that can be repeated.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn one_of(&mut self, ids: &BTreeSet<u64>) -> Option<u64> {
        if ids.is_empty() { None } else { ids.iter().nth(self.below(ids.len())).copied() }
    }
}

/// What the host knows.
struct Host {
    runner: Runner,
    chance: Chance,
    /// Calls of the host without an answer.
    ours: BTreeSet<u64>,
    /// Calls of the plugin without an answer.
    theirs: BTreeSet<u64>,
    /// Streams of the plugin that have not ended.
    reading: BTreeSet<u64>,
}

impl Host {
    fn new(seed: u64) -> Host {
        let limits = Limits { in_flight: OPEN as u32, nested_turns: 5, ..Limits::default() };
        let options =
            Options { api: vec!["echo", "block"], blocking: &["block"], limits, ..Options::default() };
        Host {
            runner: Runner::with_script_and(&options, SCRIPT),
            chance: Chance(seed),
            ours: BTreeSet::new(),
            theirs: BTreeSet::new(),
            reading: BTreeSet::new(),
        }
    }

    fn step(&mut self) {
        match self.chance.below(8) {
            0..=2 if self.ours.len() < OPEN => self.call(),
            6 => {
                if let Some(id) = self.chance.one_of(&self.ours) {
                    self.runner.send(&Message::Cancel { id, why: None });
                }
            }
            7 => self.runner.send(&Message::Wake { now_us: None }),
            _ => self.answer(),
        }
        self.listen();
    }

    fn call(&mut self) {
        // Many ways are within seven bits, so that a number is its own encoding.
        let (way, number) = (self.chance.below(60) as u8, self.chance.below(100) as u8);
        let mut args = vec![0x92, way, number];
        if self.chance.below(2) == 0 {
            args = vec![0x93, way, number, 0xd4, 12, 0];
        }
        let parent = if self.chance.below(3) == 0 { None } else { self.chance.one_of(&self.theirs) };
        let id = self.runner.call_with(Target::Export("run"), &args, parent, Some(1_000_000));
        self.ours.insert(id);
    }

    fn answer(&mut self) {
        let Some(id) = self.chance.one_of(&self.theirs) else { return };
        self.theirs.remove(&id);
        match self.chance.below(3) {
            0 => self.runner.answer_error(id, &[0x07]),
            _ => self.runner.answer(id, &[0x91, 0x05]),
        }
    }

    /// Takes what the runner says until it has answered a `Ping`; gives how many functions and calls it still keeps.
    fn listen(&mut self) -> (u32, u32) {
        self.runner.send(&Message::Ping { nonce: 1 });
        loop {
            let received = self.runner.next();
            match received.message() {
                Message::Call { id, args, .. } => {
                    assert!(self.theirs.insert(id), "{id} twice");
                    self.begin_to_read(&show(args));
                }
                Message::Return { id, .. } => assert!(self.ours.remove(&id), "{id} is answered twice"),
                Message::Stats { exported, queued, .. } => return (exported, queued),
                // A Cancel may cross the answer.
                Message::Cancel { .. } | Message::WakeAfter { .. } | Message::Pong { .. } => {}
                Message::StreamData { id, .. } => {
                    assert!(self.reading.contains(&id), "{id} is read by nobody")
                }
                Message::StreamEnd { id, .. } => assert!(self.reading.remove(&id), "{id} ends twice"),
                Message::Uncaught { rejection: true, .. } => {}
                other => panic!("{}", describe(&other)),
            }
        }
    }

    /// Gives credit for the stream in the arguments of a call, or wants nothing of it.
    fn begin_to_read(&mut self, args: &str) {
        let Some((_, stream)) = args.split_once("stream#") else { return };
        let id = stream.trim_end_matches(']').parse().unwrap();
        assert!(self.reading.insert(id), "{id} begins twice");
        if self.chance.below(3) == 0 {
            self.runner.send(&Message::StreamStop { id });
        } else {
            self.runner.send(&Message::Credit { stream: Some(id), amount: 1_000 });
        }
    }

    /// Answers all that is asked, until nothing is.
    fn settle(mut self) {
        let mut rounds = 0;
        while !self.ours.is_empty() || !self.theirs.is_empty() || !self.reading.is_empty() {
            self.answer();
            self.runner.send(&Message::Wake { now_us: None });
            self.listen();
            rounds += 1;
            assert!(rounds < 100_000, "{:?} and {:?} are never answered", self.ours, self.theirs);
        }
        let (_, queued) = self.listen();
        assert_eq!(queued, 0);
        self.runner.end_at_zero();
    }
}

#[test]
fn whatever_comes_each_call_is_answered_once() {
    for seed in 0..20 {
        let mut host = Host::new(seed);
        for _ in 0..400 {
            host.step();
        }
        host.settle();
    }
}

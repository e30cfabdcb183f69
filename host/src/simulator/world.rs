//! One small world: a host, a few plugins, callers, and a clock of its own. A seed says what happens in it.

use super::Checked;
use super::callers::Callers;
use super::faults::{Fault, Faults};
use super::ground::Ground;
use super::plugin::Plugin;
use super::random::Random;
use super::rest::runner_of;
use crate::{Value, clock};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// A world.
pub(super) struct World {
    pub(super) random: Random,
    pub(super) ground: Ground,
    pub(super) plugins: Vec<Plugin>,
    pub(super) callers: Callers,
    last_wish: u64,
    /// What has happened: the plugin, and what.
    pub(super) trace: Vec<Happened>,
    /// Tasks that were there before.
    pub(super) tasks_before: usize,
    began: Instant,
}

/// Something that has happened.
#[derive(Debug)]
pub(super) struct Happened {
    /// Since the world began.
    pub(super) at: Duration,
    pub(super) plugin: usize,
    pub(super) what: &'static str,
}

impl World {
    pub(super) fn new(seed: u64, fault: Fault) -> World {
        let mut random = Random::new(seed);
        let faults = Faults::new(fault);
        let ground = Ground::new(&mut random, faults);
        let count = 1 + random.below(ground.packages.len());
        let plugins = (0..count).map(|number| Plugin::new(&ground, number, &mut random)).collect();
        World {
            random,
            ground,
            plugins,
            callers: Callers::default(),
            last_wish: 0,
            trace: Vec::new(),
            tasks_before: Handle::current().metrics().num_alive_tasks(),
            began: clock::now(),
        }
    }

    /// Lives through so many steps, comes to rest, and ends.
    pub(super) async fn run(&mut self, steps: usize) -> Checked {
        for plugin in 0..self.plugins.len() {
            self.wish(plugin, 0)?;
        }
        if !self.random.once_in(8) {
            self.get_going()?;
        }
        for _ in 0..steps {
            self.step().await?;
            self.look(false)?;
        }
        self.settle().await?;
        self.end().await
    }

    // -- What happens -------------------------------------------------------------------------------------------

    /// Every plugin becomes active, if nothing of its own speaks against that.
    fn get_going(&mut self) -> Checked {
        for index in 0..self.plugins.len() {
            for _ in 0..8 {
                let plugin = &mut self.plugins[index];
                plugin.spawn(&self.ground, &mut self.random, true)?;
                while plugin.hear_one(&self.ground, &mut self.random)? {}
                self.turn(index, 100_000)?;
            }
        }
        Ok(())
    }

    /// A process of the plugin has a turn: what waits is written, it reads, does something, and is heard.
    fn turn(&mut self, plugin: usize, most: usize) -> Checked<&'static str> {
        let plugin = &mut self.plugins[plugin];
        let count = plugin.processes.len();
        let which = self.random.below(count);
        let Some(process) = plugin.processes.values_mut().nth(which) else { return Ok("") };
        let generation = process.generation;
        let mut heard = process.flush();
        let mut what = "is heard";
        if process.runs() {
            process.runner.wake(most)?;
            let is_honest = process.runner.is_honest || !self.random.once_in(8);
            let (runner, random) = (&mut process.runner, &mut self.random);
            what = if is_honest { runner.act(random) } else { runner.misbehave(random) };
        }
        heard.append(&mut process.deliver(most)?);
        plugin.note(generation, heard);
        Ok(what)
    }

    async fn step(&mut self) -> Checked {
        let plugin = self.random.below(self.plugins.len());
        let what = match self.random.below(64) {
            0..=4 => self.advance().await?,
            5..=26 => {
                let most = self.random.pick(&[1, 100, 100_000, 100_000]);
                self.turn(plugin, most)?
            }
            27..=30 => self.with_process(plugin, |process, random| {
                if process.runs() {
                    process.runner.wake(random.pick(&[1, 60, 100_000]))?;
                }
                Ok("reads")
            })?,
            31..=34 => self.with_process(plugin, |process, random| {
                if !process.runs() {
                    return Ok("does nothing");
                }
                Ok(if process.runner.is_honest {
                    process.runner.act(random)
                } else {
                    process.runner.misbehave(random)
                })
            })?,
            35..=38 => self.hear(plugin)?,
            39..=41 => {
                let generations = self.plugins[plugin].generations();
                for generation in generations {
                    self.flush(plugin, generation);
                }
                "is written to"
            }
            42..=47 => self.call(plugin),
            48 => {
                if self.drop_call() {
                    "a call is dropped"
                } else {
                    ""
                }
            }
            49..=52 => {
                if self.plugins[plugin].hear_one(&self.ground, &mut self.random)? {
                    "its life hears"
                } else {
                    ""
                }
            }
            53..=54 => {
                if self.plugins[plugin].spawn(&self.ground, &mut self.random, false)? {
                    "spawns"
                } else {
                    ""
                }
            }
            55 => {
                self.plugins[plugin].comply(&mut self.random);
                "complies"
            }
            56 => {
                let kind = self.random.below(14);
                self.wish(plugin, kind)?
            }
            57 => {
                self.ground.application.let_go_on();
                "a function goes on"
            }
            58..=59 => self.read_stream(),
            60 => self.misfortune(plugin)?,
            61 => self.with_process(plugin, |process, random| {
                process.runner.get_stuck(random.once_in(2));
                Ok("gets stuck")
            })?,
            62 => self.with_process(plugin, |process, random| {
                if !random.once_in(3) {
                    return Ok("stays as it is");
                }
                process.runner.get_loose();
                Ok("gets loose")
            })?,
            _ => {
                self.plugins[plugin].hear_nonsense(&self.ground, &mut self.random)?;
                "its life hears nonsense"
            }
        };
        if !what.is_empty() {
            self.note(plugin, what);
        }
        tokio::task::yield_now().await;
        Ok(())
    }

    /// Most of the time a little time passes; sometimes a lot, and then nobody does anything meanwhile.
    async fn advance(&mut self) -> Checked<&'static str> {
        match self.random.below(8) {
            0..=3 => self.pass(Duration::from_millis(5)).await?,
            4..=6 => {
                let most = self.random.pick(&[5, 10, 15, 75]);
                for _ in 0..self.random.below(most) {
                    self.everybody_reads()?;
                    self.pass(Duration::from_millis(100)).await?;
                }
                return Ok("some looks pass");
            }
            _ => {
                let jump = self.random.pick(&[2, 8, 40, 100_000]);
                self.pass(Duration::from_secs(jump)).await?;
                return Ok("time jumps");
            }
        }
        Ok("some milliseconds pass")
    }

    pub(super) async fn pass(&mut self, by: Duration) -> Checked {
        tokio::time::advance(by).await;
        tokio::task::yield_now().await;
        self.look(false)?;
        for plugin in &mut self.plugins {
            plugin.pass(&self.ground)?;
            let generations = plugin.generations();
            for generation in generations {
                let Some(process) = plugin.processes.get_mut(&generation) else { continue };
                let heard = process.pass(by)?;
                plugin.note(generation, heard);
            }
        }
        Ok(())
    }

    /// Whoever can, reads: a runner that is not stuck comes to its turn in time.
    pub(super) fn everybody_reads(&mut self) -> Checked {
        for plugin in &mut self.plugins {
            for process in plugin.processes.values_mut().filter(|process| process.runs()) {
                process.runner.wake(usize::MAX)?;
            }
        }
        Ok(())
    }

    pub(super) fn wish(&mut self, plugin: usize, kind: usize) -> Checked<&'static str> {
        self.last_wish += 1;
        // Most often that it runs.
        let kind = if 7 <= kind { 0 } else { kind };
        self.plugins[plugin].wish(self.last_wish, kind, &self.ground)
    }

    fn with_process(
        &mut self,
        plugin: usize,
        what: impl FnOnce(&mut super::process::Process, &mut Random) -> Checked<&'static str>,
    ) -> Checked<&'static str> {
        let plugin = &mut self.plugins[plugin];
        let count = plugin.processes.len();
        if count == 0 {
            return Ok("");
        }
        let which = self.random.below(count);
        match plugin.processes.values_mut().nth(which) {
            Some(process) if !process.is_dead => what(process, &mut self.random),
            _ => Ok(""),
        }
    }

    fn hear(&mut self, plugin: usize) -> Checked<&'static str> {
        let plugin = &mut self.plugins[plugin];
        let generations = plugin.generations();
        for generation in generations {
            let most = self.random.pick(&[1, 30, 200, 100_000]);
            let Some(process) = plugin.processes.get_mut(&generation) else { continue };
            let heard = process.deliver(most)?;
            plugin.note(generation, heard);
        }
        Ok("is heard")
    }

    fn flush(&mut self, plugin: usize, generation: u32) {
        let plugin = &mut self.plugins[plugin];
        if let Some(process) = plugin.processes.get_mut(&generation) {
            let heard = process.flush();
            plugin.note(generation, heard);
        }
    }

    fn call(&mut self, plugin: usize) -> &'static str {
        let shelf = self.ground.application.lock();
        let theirs: Vec<_> = shelf.callbacks.iter().cloned().collect();
        let function = shelf.functions[plugin % shelf.functions.len()].clone();
        drop(shelf);
        if theirs.is_empty() {
            return "";
        }
        let callback = &theirs[self.random.below(theirs.len())];
        if self.random.once_in(6) {
            // What cannot be sent is lost, as whoever notifies knows.
            let _ = callback.notify(vec![Value::Number(0.0)]);
            return "a function is notified";
        }
        let session = callback.session().clone();
        self.callers.call(callback, &function, &mut self.random, session);
        "a function is called"
    }

    fn drop_call(&mut self) -> bool {
        let plugins = &self.plugins;
        self.callers.drop_one(&mut self.random, &self.ground.faults, |key| runner_of(plugins, key))
    }

    fn read_stream(&mut self) -> &'static str {
        let mut shelf = self.ground.application.lock();
        let count = shelf.streams.len();
        if count == 0 {
            return "";
        }
        let which = self.random.below(count);
        let mut stream = shelf.streams.swap_remove(which);
        drop(shelf);
        if self.random.once_in(8) {
            return "a stream is dropped";
        }
        let polled = stream.poll_chunk(&mut Context::from_waker(Waker::noop()));
        if !matches!(polled, Poll::Ready(None)) {
            self.ground.application.lock().streams.push(stream);
        }
        "a stream is read"
    }

    fn misfortune(&mut self, plugin: usize) -> Checked<&'static str> {
        let plugin = &mut self.plugins[plugin];
        let generations = plugin.generations();
        if generations.is_empty() {
            return Ok("");
        }
        let generation = self.random.pick(&generations);
        if self.ground.has_hostile && self.random.once_in(2) {
            let Some(process) = plugin.processes.get_mut(&generation) else { return Ok("") };
            if !process.runner.is_honest {
                let heard = process.deliver_garbage(&mut self.random);
                plugin.note(generation, heard);
                return Ok("says garbage");
            }
        }
        plugin.crash(generation, &mut self.random);
        Ok("crashes")
    }

    pub(super) fn note(&mut self, plugin: usize, what: &'static str) {
        self.trace.push(Happened { at: clock::now() - self.began, plugin, what });
    }
}

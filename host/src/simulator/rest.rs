//! What must hold in a world: after each step, when everybody has put things in order, and at the end.

use super::Checked;
use super::faults::Fault;
use super::plugin::Plugin;
use super::runner::Runner;
use super::world::World;
use std::time::Duration;
use tokio::runtime::Handle;

/// Rounds after which everything is settled that is ever going to be.
const ROUNDS: usize = 40;

/// Seconds in which every plugin has ended that was asked to.
const END: u64 = 60;

impl World {
    pub(super) fn look(&mut self, all: bool) -> Checked {
        let plugins = &self.plugins;
        self.callers.poll(all, &self.ground.faults, |key| runner_of(plugins, key))?;
        self.callers.check()?;
        let most = self.ground.limits.in_flight;
        plugins
            .iter()
            .flat_map(|plugin| plugin.processes.values())
            .try_for_each(|process| process.check(most))
    }

    /// Everybody puts things in order, without any time passing. Then nothing is left over.
    pub(super) async fn settle(&mut self) -> Checked {
        self.note(0, "and all others put things in order");
        for plugin in &mut self.plugins {
            for process in plugin.processes.values_mut() {
                process.runner.get_loose();
            }
        }
        if self.ground.faults.strike(Fault::ReferenceKept) {
            std::mem::forget(self.ground.application.lock().callbacks.pop_front());
        }
        let mut left = None;
        for round in 0..ROUNDS {
            // First nobody but the host ends what waits in the application.
            if 4 < round {
                self.ground.application.clear();
            }
            for index in 0..self.plugins.len() {
                let plugin = &mut self.plugins[index];
                plugin.end_the_ending();
                while plugin.spawn(&self.ground, &mut self.random, true)? {}
                while plugin.hear_one(&self.ground, &mut self.random)? {}
                let generations = plugin.generations();
                for generation in generations {
                    let plugin = &mut self.plugins[index];
                    let Some(process) = plugin.processes.get_mut(&generation) else { continue };
                    let heard = process.exchange()?;
                    plugin.note(generation, heard);
                }
            }
            // Functions of the application go on in tasks of their own, one behind the other.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            self.look(false)?;
            left = self.left_over();
            if round == 4 {
                self.check_orphans()?;
            }
            if left.is_none() && 7 < round {
                break;
            }
        }
        if let Some(left) = left {
            return Err(left);
        }
        // Callers whose plugins live have their answers; the others learned that it is gone.
        self.look(true)?;
        self.callers.check_told(|key| runner_of(&self.plugins, key))?;
        match self.callers.len() {
            0 => Ok(()),
            open => Err(format!("{open} calls are open, and everybody has answered")),
        }
    }

    fn check_orphans(&self) -> Checked {
        if self.ground.application.works_for_nobody() {
            return Err("a function of the application goes on for a process that is gone".to_owned());
        }
        let processes = self.plugins.iter().flat_map(|plugin| plugin.processes.values());
        let mut living = processes.filter(|process| !process.is_dead && process.is_heard());
        match living.find(|process| process.runner.is_honest && 0 < process.runner.orphans()) {
            Some(process) => Err(format!("{:?} waits on behalf of what was cancelled", process.session)),
            None => Ok(()),
        }
    }

    fn left_over(&self) -> Option<String> {
        let processes = self.plugins.iter().flat_map(|plugin| plugin.processes.values());
        let living = processes.filter(|process| !process.is_dead && process.is_heard());
        let left = Vec::from_iter(living.filter_map(|process| process.left_over()));
        if left.is_empty() { None } else { Some(left.join("; ")) }
    }

    /// Every plugin is asked to stop, and a minute passes. Then nothing is there any more.
    pub(super) async fn end(&mut self) -> Checked {
        self.note(0, "and all others are stopped");
        for plugin in 0..self.plugins.len() {
            self.wish(plugin, 2)?;
        }
        for _ in 0..10 * END {
            if self.plugins.iter().all(Plugin::is_over) {
                break;
            }
            for index in 0..self.plugins.len() {
                let plugin = &mut self.plugins[index];
                while plugin.spawn(&self.ground, &mut self.random, true)? {}
                while plugin.hear_one(&self.ground, &mut self.random)? {}
                plugin.comply(&mut self.random);
            }
            self.everybody_reads()?;
            self.pass(Duration::from_millis(100)).await?;
        }
        if let Some(plugin) = self.plugins.iter().find(|plugin| !plugin.is_over()) {
            return Err(format!("a plugin was asked to stop: {}", plugin.left_over()));
        }
        self.look(true)?;
        // Whatever the application still did for a plugin has ended with it.
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
        let tasks = Handle::current().metrics().num_alive_tasks();
        if self.tasks_before < tasks {
            return Err(format!("{} tasks are left", tasks - self.tasks_before));
        }
        self.ground.application.clear();
        if !self.ground.waiting.is_empty() {
            return Err("somebody is noted as waiting, and nobody is there".to_owned());
        }
        let ended = self.plugins.iter().flat_map(|plugin| &plugin.ended);
        match ended.filter(|session| session.strong_count() != 0).count() {
            0 => Ok(()),
            kept => Err(format!("{kept} sessions are kept after their ends")),
        }
    }
}

/// The runner of a session.
pub(super) fn runner_of(plugins: &[Plugin], key: u64) -> Option<&Runner> {
    let mut processes = plugins.iter().flat_map(|plugin| plugin.processes.values());
    processes.find(|process| process.session.key() == key).map(|process| &process.runner)
}

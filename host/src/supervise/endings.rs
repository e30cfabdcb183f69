//! How a process ends, and what follows.

use super::ground::Ground;
use super::life::Life;
use super::process::{Process, Stage};
use super::restart::Decision;
use super::{Action, Answer};
use crate::error::LoadError;
use crate::events::Event;
use crate::session::Ending;
use crate::{Exit, KillReason, Thrown};
use std::time::Instant;

impl Life {
    /// Ends a process at once. What it was doing stays known: it says why.
    pub(super) fn kill(&mut self, generation: u32, reason: KillReason) {
        let Some(process) = self.find_mut(generation).filter(|process| process.kill.is_none()) else {
            return;
        };
        process.deadline = None;
        // One that has ended is waited for only until its socket is at its end.
        if process.exit.is_none() {
            process.kill = Some(reason.clone());
            process.last_breath = None;
            self.act(Action::Kill { generation, reason });
        }
    }

    pub(super) fn closed(&mut self, generation: u32, ending: Ending, now: Instant) {
        let last_breath = now.checked_add(self.policy.last_breath);
        let Some(process) = self.find_mut(generation) else { return };
        process.is_closed = true;
        if process.kill.is_some() {
            // The news of its end is to come.
            return;
        }
        let reason = match ending {
            Ending::Closed => None,
            Ending::Violation(words) => Some(KillReason::Protocol(words)),
            Ending::OverBudget { used, per_minute } => Some(KillReason::OverBudget { used, per_minute }),
            Ending::Unresponsive => Some(KillReason::Unresponsive { activity: process.hang.take() }),
        };
        match (reason, process.exit.is_some()) {
            (None, false) => process.last_breath = last_breath,
            (Some(reason), false) => self.kill(generation, reason),
            (reason, true) => {
                process.kill = reason;
                self.retire(generation, now);
            }
        }
    }

    pub(super) fn exited(&mut self, generation: u32, exit: Exit, now: Instant) {
        let last_breath = now.checked_add(self.policy.last_breath);
        let Some(process) = self.find_mut(generation).filter(|process| process.exit.is_none()) else {
            return;
        };
        process.exit = Some(exit);
        if process.kill.is_some() || process.is_closed {
            return self.retire(generation, now);
        }
        // What it said before is still to be read; then its socket is at its end.
        process.last_breath = last_breath;
    }

    /// Half of the end of a process was seen, and the other half does not come.
    pub(super) fn breathe_last(&mut self, generation: u32, now: Instant) {
        let Some(process) = self.find_mut(generation) else { return };
        process.last_breath = None;
        if process.exit.is_some() {
            return self.retire(generation, now);
        }
        self.kill(generation, KillReason::Protocol("it closed its socket and went on".to_owned()));
    }

    pub(super) fn not_spawned(&mut self, generation: u32, error: LoadError, now: Instant) {
        let spawning =
            |process: &mut Process| process.generation == generation && process.stage == Stage::Spawning;
        let Some(process) = self.processes.extract_if(.., spawning).next() else { return };
        let error = process.failure.unwrap_or(error);
        let exit = match &error {
            LoadError::Stopped => Exit::Stopped,
            LoadError::Spawn { .. } => Exit::Unknown,
            _ => Exit::Killed(KillReason::Failed),
        };
        self.lost(Lost { generation, error, exit, is_alone: process.is_alone, events: Vec::new() }, now);
    }

    /// Everything of the process is over.
    fn retire(&mut self, generation: u32, now: Instant) {
        let Some(place) = self.processes.iter().position(|process| process.generation == generation) else {
            return;
        };
        let mut process = self.processes.remove(place);
        let exit = process.ended();
        self.act(Action::Retire { generation, exit: exit.clone() });
        let error = process.failure.take().unwrap_or_else(|| LoadError::Exited(exit.clone()));
        if process.owes_state {
            let words = format!("it ended before it gave its state: {exit}");
            self.lose_state(generation, Thrown::new("Error", words));
        }
        let events = vec![Event::Exited { plugin: self.plugin.clone(), generation, exit: exit.clone() }];
        self.lost(Lost { generation, error, exit, is_alone: process.is_alone, events }, now);
        self.stop_waiting(now);
    }

    /// A process is gone: what follows depends on what it was.
    fn lost(&mut self, lost: Lost, now: Instant) {
        if self.is_candidate(lost.generation) {
            self.candidate = None;
            return self.roll_back(lost, now);
        }
        let was_current = self.is_current(lost.generation);
        if was_current {
            self.current = None;
        }
        if !self.wishes.end.is_empty() {
            if was_current {
                self.ground = Ground::Resting;
                self.wishes.exit = Some(lost.exit);
            } else if self.current.is_none() {
                self.wishes.exit.get_or_insert(lost.exit);
            }
            return self.tell_all(lost.events);
        }
        if !was_current {
            return self.tell_all(lost.events);
        }
        self.saved = None;
        self.ground = self.decide(lost.error, lost.exit, now);
        let Some(candidate) = self.candidate else { return self.fall_back(lost.events, now) };
        // Otherwise it takes the place of the lost one when it is active.
        if let Ground::Disabled { error, .. } = &self.ground {
            // Not even another package is started, unless somebody wants that who knows.
            let error = error.clone();
            if let Some(candidate) = self.find_mut(candidate) {
                candidate.failure = Some(error);
            }
            self.kill(candidate, KillReason::Failed);
        }
        self.publish(None);
        self.tell_all(lost.events);
    }

    /// What a plugin is after its process has ended by itself.
    fn decide(&mut self, error: LoadError, exit: Exit, now: Instant) -> Ground {
        if matches!(exit, Exit::Violation { .. }) {
            return Ground::Disabled { crashes: self.history.count(now), error, exit };
        }
        match self.history.ended(is_crash(&error), now) {
            Decision::Stay => Ground::Failed { error, exit },
            Decision::GiveUp { crashes } => Ground::Disabled { crashes, error, exit },
            Decision::Again { after, attempt } => {
                Ground::Backoff { until: now.checked_add(after).unwrap_or(now), attempt, error }
            }
        }
    }

    /// A candidate is gone that has not taken over: the plugin is what it was before.
    fn roll_back(&mut self, lost: Lost, now: Instant) {
        let Lost { generation, error, exit, is_alone, mut events } = lost;
        events.push(Event::RolledBack { plugin: self.plugin.clone(), generation, error: error.clone() });
        for process in self.processes.iter_mut().filter(|process| !process.hands_over) {
            // Nobody waits for its state any more.
            process.owes_state = false;
        }
        if self.current.is_some() || !matches!(self.ground, Ground::Resting) {
            self.saved = None;
        }
        if is_alone {
            self.ground = Ground::Failed { error: error.clone(), exit };
        }
        if self.current.is_some() || !self.wishes.end.is_empty() {
            self.publish(None);
            self.tell_all(events);
        } else {
            self.fall_back(events, now);
        }
        for wish in std::mem::take(&mut self.wishes.reloading) {
            self.answer(wish, Answer::Started(Err(error.clone())));
        }
    }

    /// No process is left to go on with: this has happened, and what the plugin stands on follows.
    fn fall_back(&mut self, events: Vec<Event>, now: Instant) {
        // Whoever used it while it rested wants it to run.
        self.is_wanted |= matches!(self.ground, Ground::Resting) && !self.wishes.start.is_empty();
        self.publish(self.ground.error().cloned());
        self.tell_all(events);
        let plugin = self.plugin.clone();
        match self.ground.clone() {
            Ground::Stopped { exit } => self.act(Action::Finish { exit }),
            Ground::Resting => {}
            Ground::Backoff { until, attempt, error } => {
                let after = until.saturating_duration_since(now);
                self.tell(Event::Restarting { plugin, attempt, after });
                self.answer_starts(Err(error));
            }
            Ground::Failed { error, exit } => self.fail(error, exit),
            Ground::Disabled { crashes, error, exit } => {
                self.tell(Event::Disabled { plugin, crashes });
                self.wishes.start_nothing();
                self.fail(error, exit);
            }
        }
    }

    fn fail(&mut self, error: LoadError, exit: Exit) {
        self.tell(Event::Failed { plugin: self.plugin.clone(), error: error.clone() });
        self.act(Action::Finish { exit });
        self.answer_starts(Err(error));
    }

    fn tell_all(&mut self, events: Vec<Event>) {
        events.into_iter().for_each(|event| self.tell(event));
    }
}

/// A process that is gone.
struct Lost {
    generation: u32,
    error: LoadError,
    exit: Exit,
    /// Nothing stood behind it but a plugin that had ended.
    is_alone: bool,
    /// What everybody is told of it, once they can see what follows.
    events: Vec<Event>,
}

/// Whether starting it again may help: the plugin's own code, and its package, are the same each time.
fn is_crash(error: &LoadError) -> bool {
    matches!(error, LoadError::Exited(_) | LoadError::Timeout { .. } | LoadError::Spawn { .. })
}

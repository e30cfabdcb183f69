//! What somebody wants of a plugin. The last wish wins, and each gets exactly one answer.

use super::ground::Ground;
use super::life::Life;
use super::process::{Process, Stage};
use super::{Action, Answer, Wish};
use crate::error::LoadError;
use crate::events::Event;
use crate::{Exit, KillReason};
use std::time::Instant;

/// Who waits for what.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    /// That it is active.
    pub(super) start: Vec<Wish>,
    /// That the candidate has taken over.
    pub(super) reloading: Vec<Wish>,
    /// That the next candidate has.
    pub(super) reload: Vec<Wish>,
    /// That its next process is active.
    pub(super) restart: Vec<Wish>,
    /// That it has ended.
    pub(super) end: Vec<Wish>,
    /// Nothing more: they are told so when it has ended.
    pub(super) given_up: Vec<Wish>,
    /// How it ended, when that is what is waited for.
    pub(super) exit: Option<Exit>,
}

impl Wishes {
    /// Whether nobody waits.
    pub(super) fn are_none(&self) -> bool {
        let all = [&self.start, &self.reloading, &self.reload, &self.restart, &self.end, &self.given_up];
        all.iter().all(|wishes| wishes.is_empty())
    }

    /// A plugin that is disabled is not started by what was wanted before: they all wait for the same.
    pub(super) fn start_nothing(&mut self) {
        self.start.append(&mut self.reload);
        self.start.append(&mut self.restart);
    }

    /// Whoever wants it to run is told when it has ended that it does not.
    fn give_up(&mut self) {
        for wishes in [&mut self.start, &mut self.reloading, &mut self.reload, &mut self.restart] {
            self.given_up.append(wishes);
        }
    }
}

impl Life {
    pub(super) fn start(&mut self, wish: Wish) {
        let is_free = self.wishes.end.is_empty();
        let current = self.current.and_then(|current| self.find(current));
        if is_free && current.is_some_and(|process| process.is_active()) {
            return self.answer(wish, Answer::Started(Ok(())));
        }
        self.wishes.start.push(wish);
        if is_free && self.current.is_none() && self.candidate.is_none() {
            self.want();
        }
    }

    pub(super) fn use_(&mut self, wish: Wish) {
        let answer = match self.current.and_then(|current| self.find(current)) {
            _ if !self.wishes.end.is_empty() => Some(Answer::Refused),
            Some(process) if process.is_active() => Some(Answer::Started(Ok(()))),
            Some(process) if process.is_on_use && process.is_well() => None,
            Some(_) => Some(Answer::Refused),
            None if matches!(self.ground, Ground::Resting) => None,
            None => Some(Answer::Refused),
        };
        if let Some(answer) = answer {
            return self.answer(wish, answer);
        }
        self.wishes.start.push(wish);
        // A candidate takes over soon; should it fail, the present package is started.
        self.is_wanted |= self.current.is_none() && self.candidate.is_none();
    }

    pub(super) fn stop(&mut self, wish: Wish, now: Instant) {
        self.give_up(wish);
        for generation in self.generations() {
            let Some(process) = self.find(generation) else { continue };
            match process.stage {
                _ if process.is_ending() => {}
                Stage::Stopping => {}
                _ if self.is_candidate(generation) => self.kill(generation, KillReason::Asked),
                Stage::Spawning => self.kill(generation, KillReason::Asked),
                _ => self.ask_to_stop(generation, now),
            }
        }
    }

    pub(super) fn kill_all(&mut self, wish: Wish) {
        self.give_up(wish);
        for generation in self.generations() {
            self.kill(generation, KillReason::Asked);
        }
    }

    /// Nobody wants it to run any more.
    fn give_up(&mut self, wish: Wish) {
        self.wishes.give_up();
        self.wishes.end.push(wish);
        self.is_wanted = false;
        self.saved = None;
        for process in &mut self.processes {
            // Nobody waits for its state.
            (process.hands_over, process.owes_state) = (false, false);
        }
    }

    /// Every process has ended that was to end.
    pub(super) fn conclude(&mut self) {
        let exit = match (self.wishes.exit.take(), self.ground.exit()) {
            // It had ended before, and stays what it is.
            (None, Some(exit)) => exit.clone(),
            (exit, _) => {
                let exit = exit.unwrap_or(Exit::Stopped);
                self.ground = Ground::Stopped { exit: exit.clone() };
                self.publish(None);
                self.tell(Event::Stopped { plugin: self.plugin.clone() });
                exit
            }
        };
        for wish in std::mem::take(&mut self.wishes.given_up) {
            self.answer(wish, Answer::Started(Err(LoadError::Stopped)));
        }
        self.publish(None);
        self.act(Action::Finish { exit: exit.clone() });
        for wish in std::mem::take(&mut self.wishes.end) {
            self.answer(wish, Answer::Ended(exit.clone()));
        }
        // Somebody has wanted it to run since.
        self.is_wanted |= !self.wishes.start.is_empty();
    }

    /// The present process is replaced by another of the same package, once it has finished.
    pub(super) fn restart(&mut self, now: Instant) {
        match self.current.map(|current| (current, self.find(current).is_some_and(|each| each.is_active()))) {
            Some((current, true)) => {
                self.current = None;
                (self.ground, self.is_wanted) = (Ground::Resting, true);
                self.publish(None);
                self.drain(current, true, now);
            }
            // It is another process already, or becomes one: whoever wants that waits for it.
            Some((current, false)) if self.find(current).is_some_and(Process::is_well) => {}
            // It ends.
            Some(_) => return,
            None => self.want(),
        }
        let mut wishes = std::mem::take(&mut self.wishes.restart);
        self.wishes.start.append(&mut wishes);
    }

    /// It need not run until it is used.
    pub(super) fn rest(&mut self) {
        match self.current {
            // A reload uses it.
            Some(_) if self.candidate.is_some() => {}
            Some(current) if self.find(current).is_some_and(|process| process.is_active()) => {
                self.act(Action::Seal { generation: current });
            }
            Some(_) => {}
            None => {
                let is_idle = self.candidate.is_none() && self.wishes.are_none();
                if is_idle && matches!(self.ground, Ground::Stopped { .. }) {
                    self.ground = Ground::Resting;
                }
            }
        }
    }

    /// It is started by hand: what was before does not count.
    fn want(&mut self) {
        if self.ground.exit().is_some() {
            self.history.clear();
        }
        self.is_wanted = true;
    }

    pub(super) fn answer(&mut self, wish: Wish, answer: Answer) {
        self.act(Action::Answer { wish, answer });
    }

    /// Whoever waits for a start learns how it went.
    pub(super) fn answer_starts(&mut self, result: Result<(), LoadError>) {
        for wish in std::mem::take(&mut self.wishes.start) {
            self.answer(wish, Answer::Started(result.clone()));
        }
    }

    fn generations(&self) -> Vec<u32> {
        self.processes.iter().map(|process| process.generation).collect()
    }
}

//! What a process does on its way from its start to the moment at which another takes over from it.

use super::ground::Ground;
use super::life::Life;
use super::process::{Process, Stage};
use super::{Action, Answer};
use crate::error::LoadError;
use crate::events::Event;
use crate::session::HandOver;
use crate::{Activity, KillReason, Thrown};
use std::time::{Duration, Instant};

impl Life {
    // -- A start --------------------------------------------------------------------------------------------------------

    pub(super) fn spawned(&mut self, generation: u32, idle: Option<Duration>, now: Instant) {
        let most = self.policy.start;
        let Some(process) = self.find_mut(generation).filter(|process| process.stage == Stage::Spawning)
        else {
            return;
        };
        process.usage.idle = idle;
        process.enter(Stage::Greeting, now, Some(most));
        if let Some(reason) = process.kill.clone() {
            // It was there before the wish to give it up had arrived.
            process.deadline = None;
            self.act(Action::Kill { generation, reason });
        }
    }

    pub(super) fn locked(&mut self, generation: u32, now: Instant) {
        let is_greeting =
            self.find(generation).is_some_and(|each| each.stage == Stage::Greeting && !each.is_ending());
        if !is_greeting {
            return;
        }
        match self.current.filter(|_| self.is_candidate(generation)) {
            Some(current) if self.find(current).is_some_and(|each| each.is_active()) => {
                let most = self.policy.stop;
                if let Some(process) = self.find_mut(generation) {
                    process.enter(Stage::Awaiting, now, Some(most));
                }
                if let Some(process) = self.find_mut(current) {
                    process.owes_state = true;
                }
                self.act(Action::Suspend { generation: current });
            }
            _ => self.load(generation, now),
        }
    }

    /// Gives a process its code.
    fn load(&mut self, generation: u32, now: Instant) {
        let most = self.policy.activate;
        let Some(process) = self.find_mut(generation) else { return };
        process.enter(Stage::Loading, now, Some(most));
        self.act(Action::Load { generation, state: self.saved.clone() });
    }

    pub(super) fn ready(&mut self, generation: u32) {
        if let Some(process) = self.find_mut(generation).filter(|process| process.stage == Stage::Loading) {
            // As long as before: its functions may hold the activation, and the time for both is one.
            process.stage = Stage::Activating;
        }
    }

    pub(super) fn settled(&mut self, generation: u32, now: Instant) {
        let is_activating = |each: &Process| each.stage == Stage::Activating && !each.is_ending();
        if self.find(generation).is_some_and(is_activating) {
            self.become_active(generation, now);
        }
    }

    pub(super) fn load_failed(&mut self, generation: u32, error: LoadError) {
        let Some(process) = self.find_mut(generation) else { return };
        // Of one that was to end anyway it counts how it ends.
        if matches!(process.stage, Stage::Loading | Stage::Activating) && !process.is_ending() {
            process.failure = Some(error);
            self.kill(generation, KillReason::Failed);
        }
    }

    fn become_active(&mut self, generation: u32, now: Instant) {
        let Some(process) = self.find_mut(generation) else { return };
        process.enter(Stage::Active, now, None);
        process.was_active = true;
        process.usage.begin(now);
        let took = now.saturating_duration_since(process.begun);
        self.saved = None;
        let before = self.current.replace(generation).filter(|before| *before != generation);
        self.act(Action::TakeOver { generation });
        if self.is_candidate(generation) {
            self.candidate = None;
            self.history.clear();
        }
        self.publish(None);
        let plugin = self.plugin.clone();
        self.tell(Event::Started { plugin: plugin.clone(), generation, took });
        let reloading = std::mem::take(&mut self.wishes.reloading);
        if !reloading.is_empty() {
            self.tell(Event::Reloaded { plugin, generation, took });
        }
        for wish in reloading {
            self.answer(wish, Answer::Started(Ok(())));
        }
        self.answer_starts(Ok(()));
        if let Some(before) = before {
            self.drain(before, false, now);
        }
    }

    // -- Health ---------------------------------------------------------------------------------------------------------

    pub(super) fn unresponsive(&mut self, generation: u32, stuck: Duration, activity: Activity) {
        let Some(process) = self.find_mut(generation) else { return };
        process.hang = Some(activity.clone());
        process.is_unresponsive = true;
        // Of a process that is not current nobody waits for anything.
        if self.is_current(generation) {
            self.publish(None);
            self.tell(Event::Unresponsive { plugin: self.plugin.clone(), stuck, activity });
        }
    }

    pub(super) fn recovered(&mut self, generation: u32) {
        let Some(process) = self.find_mut(generation) else { return };
        let was_unresponsive = std::mem::take(&mut process.is_unresponsive);
        if was_unresponsive && self.is_current(generation) {
            self.publish(None);
            self.tell(Event::Responsive { plugin: self.plugin.clone() });
        }
    }

    // -- Its state ------------------------------------------------------------------------------------------------------

    pub(super) fn suspended(
        &mut self,
        generation: u32,
        state: Result<Option<HandOver>, Thrown>,
        now: Instant,
    ) {
        let Some(process) = self.find_mut(generation) else { return };
        if !std::mem::take(&mut process.owes_state) {
            return;
        }
        match state {
            Ok(state) => self.saved = state,
            Err(thrown) => self.lose_state(generation, thrown),
        }
        self.stop_waiting(now);
    }

    /// A process was asked for its state for as long as it may take: the next starts without it.
    pub(super) fn give_up_state(&mut self, candidate: u32, now: Instant) {
        let owing = self.processes.iter_mut().find(|process| process.owes_state);
        let owing = owing.map(|process| {
            process.owes_state = false;
            process.generation
        });
        if let Some(owing) = owing {
            self.lose_state(owing, late());
        }
        self.load(candidate, now);
    }

    /// A candidate that has waited for the state of another goes on.
    pub(super) fn stop_waiting(&mut self, now: Instant) {
        let is_owed = self.processes.iter().any(|process| process.owes_state);
        let candidate = self.candidate.and_then(|candidate| self.find(candidate));
        let waiting = candidate.filter(|each| each.stage == Stage::Awaiting && !each.is_ending());
        if let Some(generation) = waiting.map(|each| each.generation).filter(|_| !is_owed) {
            self.load(generation, now);
        }
    }

    pub(super) fn lose_state(&mut self, generation: u32, thrown: Thrown) {
        self.tell(Event::StateLost { plugin: self.plugin.clone(), generation, thrown });
    }

    // -- Rest -----------------------------------------------------------------------------------------------------------

    pub(super) fn look(&mut self, generation: u32) {
        if let Some(process) = self.find_mut(generation) {
            process.usage.look = None;
            self.act(Action::Look { generation });
        }
    }

    pub(super) fn quiet(&mut self, generation: u32, activity: u64, now: Instant) {
        // A reload uses it.
        let is_free = self.is_current(generation) && self.candidate.is_none();
        let Some(process) = self.find_mut(generation).filter(|process| process.is_active()) else { return };
        if !process.usage.is_over(activity, now) {
            return;
        }
        process.usage.begin(now);
        if is_free {
            self.act(Action::Seal { generation });
        }
    }

    pub(super) fn in_use(&mut self, generation: u32, now: Instant) {
        if let Some(process) = self.find_mut(generation).filter(|process| process.is_active()) {
            process.usage.begin(now);
        }
    }

    pub(super) fn sealed(&mut self, generation: u32, now: Instant) {
        if !self.is_current(generation) || !self.find(generation).is_some_and(|each| each.is_active()) {
            return;
        }
        self.current = None;
        self.ground = Ground::Resting;
        self.publish(None);
        self.tell(Event::Resting { plugin: self.plugin.clone() });
        if let Some(process) = self.find_mut(generation) {
            process.hands_over = true;
        }
        self.ask_to_stop(generation, now);
    }

    // -- Its last work --------------------------------------------------------------------------------------------------

    /// The process gets nothing new any more, and ends when it has finished what is in flight.
    pub(super) fn drain(&mut self, generation: u32, hands_over: bool, now: Instant) {
        let most = self.policy.stop;
        let Some(process) = self.find_mut(generation) else { return };
        process.hands_over = hands_over;
        if !process.is_ending() {
            process.enter(Stage::Draining, now, Some(most));
        }
        self.act(Action::Drain { generation });
    }

    pub(super) fn drained(&mut self, generation: u32, now: Instant) {
        let is_draining = |each: &Process| each.stage == Stage::Draining && !each.is_ending();
        if self.find(generation).is_some_and(is_draining) {
            self.ask_to_stop(generation, now);
        }
    }

    pub(super) fn ask_to_stop(&mut self, generation: u32, now: Instant) {
        let grace = self.policy.stop;
        let Some(process) = self.find_mut(generation) else { return };
        process.enter(Stage::Stopping, now, Some(grace));
        let wants_state = process.hands_over;
        process.owes_state = wants_state;
        self.act(Action::Stop { generation, grace, wants_state });
    }
}

/// What is told of a state that did not come in time.
fn late() -> Thrown {
    Thrown::new("Error", "it did not give its state in time")
}

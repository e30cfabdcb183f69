//! One plugin's life, as a pure state machine: no I/O, no task, no lock, no clock.
//!
//! It knows which processes there are and how far each is, who waits for an answer, and what was before. At most one process
//! is *current*: calls go to it once it is active. A reload has a *candidate* beside it, which takes over when it is active.
//! What was current before is *retired*: it finishes what is in flight, hands over its state if somebody waits for that, and
//! ends. While none is current, the plugin stands on its [`Ground`].
//!
//! What somebody wants is in [`wishes`](super::wishes), what a process does in [`happenings`](super::happenings), and how one
//! ends in [`endings`](super::endings).

use super::ground::Ground;
use super::process::{Process, Stage};
use super::restart::History;
use super::wishes::Wishes;
use super::{Action, Edition, Input, Policy};
use crate::error::LoadError;
use crate::events::Event;
use crate::service::State;
use crate::session::HandOver;
use crate::{Exit, KillReason, PluginId};
use std::time::{Duration, Instant};

/// The life of one plugin.
#[derive(Debug)]
pub(crate) struct Life {
    pub(super) plugin: PluginId,
    pub(super) policy: Policy,
    pub(super) history: History,
    /// The number of the next process. None is used twice.
    next: u32,
    /// At most three: the current one, a candidate, and a retired one.
    pub(super) processes: Vec<Process>,
    pub(super) current: Option<u32>,
    pub(super) candidate: Option<u32>,
    pub(super) ground: Ground,
    /// It shall run as soon as it can.
    pub(super) is_wanted: bool,
    pub(super) wishes: Wishes,
    /// What the next process gets of the one before.
    pub(super) saved: Option<HandOver>,
    /// What everybody sees.
    published: Option<State>,
    actions: Vec<Action>,
}

impl Life {
    /// A plugin that nobody wants to run yet. Its first process will have the number `first_generation`; the seed spreads
    /// the pauses of plugins that crash together.
    pub(crate) fn new(plugin: PluginId, policy: Policy, seed: u64, first_generation: u32) -> Life {
        Life {
            plugin,
            history: History::new(policy.restart.clone(), seed),
            policy,
            next: first_generation,
            processes: Vec::new(),
            current: None,
            candidate: None,
            ground: Ground::Stopped { exit: Exit::Stopped },
            is_wanted: false,
            wishes: Wishes::default(),
            saved: None,
            published: None,
            actions: Vec::new(),
        }
    }

    /// It is started when it is used.
    pub(crate) fn resting(mut self) -> Life {
        (self.ground, self.published) = (Ground::Resting, Some(State::Resting));
        self
    }

    /// It was not started, for this reason, and everybody knows already.
    pub(crate) fn refused(mut self, error: LoadError) -> Life {
        self.ground = match error {
            LoadError::SafeMode => Ground::Stopped { exit: Exit::Stopped },
            error => Ground::Failed { error, exit: Exit::Killed(KillReason::Failed) },
        };
        self.published = Some(self.ground.state());
        self
    }

    /// Something happened. What is to be done comes back in its order. Never panics, whatever comes in whichever order.
    pub(crate) fn on(&mut self, input: Input, now: Instant) -> Vec<Action> {
        match input {
            Input::Start(wish) => self.start(wish),
            Input::Use(wish) => self.use_(wish),
            Input::Stop(wish) => self.stop(wish, now),
            Input::Kill(wish) => self.kill_all(wish),
            Input::Reload(wish) => self.wishes.reload.push(wish),
            Input::Restart(wish) => self.wishes.restart.push(wish),
            Input::Rest => self.rest(),
            Input::Spawned { generation, idle } => self.spawned(generation, idle, now),
            Input::NotSpawned { generation, error } => self.not_spawned(generation, error, now),
            Input::Locked { generation } => self.locked(generation, now),
            Input::Ready { generation } => self.ready(generation),
            Input::Settled { generation } => self.settled(generation, now),
            Input::LoadFailed { generation, error } => self.load_failed(generation, error),
            Input::Suspended { generation, state } => self.suspended(generation, state, now),
            Input::Unresponsive { generation, stuck, activity } => {
                self.unresponsive(generation, stuck, activity)
            }
            Input::Recovered { generation } => self.recovered(generation),
            Input::Quiet { generation, activity } => self.quiet(generation, activity, now),
            Input::InUse { generation } => self.in_use(generation, now),
            Input::Sealed { generation } => self.sealed(generation, now),
            Input::Drained { generation } => self.drained(generation, now),
            Input::Closed { generation, ending } => self.closed(generation, ending, now),
            Input::Exited { generation, exit } => self.exited(generation, exit, now),
            Input::Time => self.pass(now),
        }
        self.go_on(now);
        std::mem::take(&mut self.actions)
    }

    /// When [`Input::Time`] is wanted next.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let processes = self.processes.iter().flat_map(Process::due);
        processes.chain(self.pause()).min()
    }

    /// What the plugin is doing.
    pub(crate) fn state(&self) -> State {
        if let Some(process) = self.current.and_then(|current| self.find(current)) {
            return match process {
                Process { is_unresponsive: true, .. } => State::Unresponsive,
                Process { was_active: true, .. } => State::Active,
                _ => State::Starting,
            };
        }
        let is_ending = !self.wishes.end.is_empty();
        match &self.ground {
            // What is left of it is not to be used any more.
            Ground::Resting | Ground::Backoff { .. } if is_ending => State::Stopped,
            _ if !is_ending && (self.candidate.is_some() || self.is_wanted) => State::Starting,
            ground => ground.state(),
        }
    }

    /// Whether nothing is left of it: no process, and nobody who waits for an answer.
    pub(crate) fn is_over(&self) -> bool {
        self.processes.is_empty() && self.wishes.are_none() && !self.is_wanted
    }

    // -- What follows ---------------------------------------------------------------------------------------------------

    /// Does what is due and possible, in the order in which one thing makes room for the next.
    fn go_on(&mut self, now: Instant) {
        if !self.wishes.end.is_empty() {
            if !self.processes.is_empty() {
                return self.publish(None);
            }
            self.conclude();
        }
        if !self.wishes.restart.is_empty() && self.candidate.is_none() && self.wishes.reload.is_empty() {
            self.restart(now);
        }
        if !self.wishes.reload.is_empty() && !self.is_wanted && self.candidate.is_none() && self.is_calm() {
            self.wishes.reloading = std::mem::take(&mut self.wishes.reload);
            self.begin(Edition::Newest, now);
        }
        let has_to_wait = self.processes.iter().any(|process| process.hands_over);
        if self.is_wanted && self.current.is_none() && self.candidate.is_none() && !has_to_wait {
            self.begin(Edition::Present, now);
        }
        self.publish(None);
    }

    /// Whether there is no process but an active one.
    fn is_calm(&self) -> bool {
        let is_calm = |process: &Process| self.current == Some(process.generation) && process.is_active();
        self.processes.iter().all(is_calm)
    }

    /// A process of what is on the disk is a candidate, and one of what is known is current from the beginning.
    fn begin(&mut self, edition: Edition, now: Instant) {
        let generation = self.next;
        self.next = self.next.saturating_add(1);
        let is_candidate = edition == Edition::Newest;
        let mut process = Process::new(generation, now);
        process.is_on_use = self.current.is_none() && matches!(self.ground, Ground::Resting);
        process.is_alone = is_candidate && self.current.is_none() && self.ground.exit().is_some();
        self.processes.push(process);
        if is_candidate {
            self.candidate = Some(generation);
        } else {
            self.current = Some(generation);
            self.is_wanted = false;
        }
        self.publish(None);
        self.act(Action::Begin { generation, edition, is_candidate });
    }

    /// When a plugin that has crashed is started again.
    fn pause(&self) -> Option<Instant> {
        let is_free = self.current.is_none() && self.candidate.is_none() && !self.is_wanted;
        match &self.ground {
            Ground::Backoff { until, .. } if is_free && self.wishes.end.is_empty() => Some(*until),
            _ => None,
        }
    }

    /// Time has passed.
    fn pass(&mut self, now: Instant) {
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        let generations = Vec::from_iter(self.processes.iter().map(|process| process.generation));
        for generation in generations {
            let Some(process) = self.find(generation) else { continue };
            if is_due(process.last_breath) {
                self.breathe_last(generation, now);
            } else if is_due(process.deadline) {
                self.overdue(generation, now);
            } else if is_due(process.usage.look) && process.is_active() {
                self.look(generation);
            }
        }
        if is_due(self.pause()) {
            self.is_wanted = true;
        }
    }

    /// A process has been in its stage for as long as it may.
    fn overdue(&mut self, generation: u32, now: Instant) {
        let Some(process) = self.find_mut(generation) else { return };
        process.deadline = None;
        match process.stage {
            Stage::Spawning | Stage::Active => {}
            Stage::Greeting => self.fail_to("get ready", self.policy.start, generation),
            Stage::Awaiting => self.give_up_state(generation, now),
            Stage::Loading | Stage::Activating => {
                self.fail_to("activate its plugin", self.policy.activate, generation);
            }
            Stage::Draining => self.ask_to_stop(generation, now),
            Stage::Stopping => self.kill(generation, KillReason::Stop),
        }
    }

    /// A process has not done what it had to within this time.
    fn fail_to(&mut self, what: &'static str, after: Duration, generation: u32) {
        if let Some(process) = self.find_mut(generation) {
            process.failure = Some(LoadError::Timeout { what, after });
        }
        self.kill(generation, KillReason::Start);
    }

    // -- Helpers --------------------------------------------------------------------------------------------------------

    pub(super) fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.actions.push(Action::Tell(event));
    }

    /// Everybody sees the present state. Always before an event of it: whoever hears that sees the state.
    pub(super) fn publish(&mut self, error: Option<LoadError>) {
        let state = self.state();
        if self.published != Some(state) || error.is_some() {
            self.published = Some(state);
            self.act(Action::Publish { state, error });
        }
    }

    pub(super) fn find(&self, generation: u32) -> Option<&Process> {
        self.processes.iter().find(|process| process.generation == generation)
    }

    pub(super) fn find_mut(&mut self, generation: u32) -> Option<&mut Process> {
        self.processes.iter_mut().find(|process| process.generation == generation)
    }

    pub(super) fn is_current(&self, generation: u32) -> bool {
        self.current == Some(generation)
    }

    pub(super) fn is_candidate(&self, generation: u32) -> bool {
        self.candidate == Some(generation)
    }
}

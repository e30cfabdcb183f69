//! One simulated plugin: its real life, the processes that this wants, and what has happened but is not known yet.

use super::Checked;
use super::faults::Fault;
use super::ground::Ground;
use super::process::{Heard, Process};
use super::random::Random;
use crate::error::LoadError;
use crate::events::Event;
use crate::service::State;
use crate::session::connection::Signal;
use crate::session::standing::Lineage;
use crate::session::{Ending, Session};
use crate::supervise::{Action, Answer, Backoff, Input, Life, Policy, Restart, Wish};
use crate::{Activity, Exit, Thrown, clock};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// The most processes of one plugin at one time: the current one, a candidate and a retired one.
const MOST_PROCESSES: usize = 3;

/// One plugin.
pub(super) struct Plugin {
    number: usize,
    life: Life,
    backoff: Backoff,
    lineage: Arc<Lineage>,
    pub(super) processes: BTreeMap<u32, Process>,
    /// Starts that are on their way.
    begun: BTreeSet<u32>,
    last_begun: u32,
    /// What has happened, and its life has not heard yet: it may come in any order.
    pending: Vec<Input>,
    /// What its life has heard: some of it comes once more.
    heard: Vec<Input>,
    /// Wishes without an answer.
    pub(super) wishes: BTreeSet<Wish>,
    /// Those of them that it ends.
    ends: BTreeSet<Wish>,
    killed: BTreeSet<u32>,
    retired: BTreeSet<u32>,
    loaded: BTreeSet<u32>,
    published: Option<State>,
    /// Not before this time it may be started again, unless somebody wants it.
    pause_until: Option<Instant>,
    had_candidate: bool,
    /// Sessions that have ended: nothing may keep them.
    pub(super) ended: Vec<Weak<Session>>,
}

impl Plugin {
    pub(super) fn new(ground: &Ground, number: usize, random: &mut Random) -> Plugin {
        let backoff = Backoff {
            max: Duration::from_millis(random.pick(&[150, 300, 30_000])),
            give_up_after: random.pick(&[2, 5, 9]),
            forget_after: Duration::from_secs(random.pick(&[10, 300])),
            ..Backoff::default()
        };
        let policy = Policy::new(&ground.limits, Restart::OnFailure(backoff.clone()));
        Plugin {
            number,
            life: Life::new(ground.packages[number].id.clone(), policy, random.next(), 1),
            backoff,
            lineage: Arc::default(),
            processes: BTreeMap::new(),
            begun: BTreeSet::new(),
            last_begun: 0,
            pending: Vec::new(),
            heard: Vec::new(),
            wishes: BTreeSet::new(),
            ends: BTreeSet::new(),
            killed: BTreeSet::new(),
            retired: BTreeSet::new(),
            loaded: BTreeSet::new(),
            published: None,
            pause_until: None,
            had_candidate: false,
            ended: Vec::new(),
        }
    }

    // -- What happens -------------------------------------------------------------------------------------------

    /// Somebody wants something.
    pub(super) fn wish(&mut self, wish: Wish, kind: usize, ground: &Ground) -> Checked<&'static str> {
        let (name, input) = match kind {
            0 => ("start", Input::Start(wish)),
            1 => ("use", Input::Use(wish)),
            2 => ("stop", Input::Stop(wish)),
            3 => ("kill", Input::Kill(wish)),
            4 => ("reload", Input::Reload(wish)),
            5 => ("restart", Input::Restart(wish)),
            _ => ("rest", Input::Rest),
        };
        if name != "rest" {
            self.wishes.insert(wish);
            self.pause_until = None;
        }
        if name == "stop" || name == "kill" {
            self.ends.insert(wish);
        }
        self.feed(input, ground)?;
        Ok(name)
    }

    /// How a start goes on that is on its way. False when none is.
    pub(super) fn spawn(&mut self, ground: &Ground, random: &mut Random, is_smooth: bool) -> Checked<bool> {
        let Some(generation) = self.begun.pop_first() else { return Ok(false) };
        let is_given_up = self.killed.contains(&generation) && random.once_in(2);
        if is_given_up || (!is_smooth && random.once_in(10)) {
            let error = match (is_given_up, random.below(2)) {
                (true, _) => LoadError::Stopped,
                (_, 0) => LoadError::Package("it is not there".to_owned()),
                _ => LoadError::Spawn { program: "runner".into(), reason: "no".to_owned() },
            };
            self.feed(Input::NotSpawned { generation, error }, ground)?;
            return Ok(true);
        }
        let process = Process::new(ground, self.number, generation, self.lineage.clone(), random);
        self.processes.insert(generation, process);
        let idle = random.once_in(4).then_some(Duration::from_secs(3));
        self.feed(Input::Spawned { generation, idle }, ground)?;
        Ok(true)
    }

    /// Its life hears one thing of what has happened. False when nothing has.
    pub(super) fn hear_one(&mut self, ground: &Ground, random: &mut Random) -> Checked<bool> {
        if self.pending.is_empty() {
            return Ok(false);
        }
        let input = self.pending.swap_remove(random.below(self.pending.len()));
        if let Input::Ready { generation } = input {
            // It holds its activation for a while.
            self.pending.push(Input::Settled { generation });
        }
        if self.heard.len() < 16 {
            self.heard.push(input.clone());
        }
        self.feed(input, ground)?;
        Ok(true)
    }

    /// Its life hears something once more, or something that nobody has done.
    pub(super) fn hear_nonsense(&mut self, ground: &Ground, random: &mut Random) -> Checked {
        let generation = random.below(self.last_begun as usize + 3) as u32;
        let is_there = self.processes.contains_key(&generation) || self.begun.contains(&generation);
        let input = match random.below(8) {
            0 => Input::Time,
            1 => Input::Settled { generation },
            2 => Input::Drained { generation: 0 },
            3 => Input::Recovered { generation },
            4 if !is_there => Input::Exited { generation, exit: Exit::Signal(9) },
            5 if !is_there => Input::Spawned { generation, idle: None },
            6 => Input::Suspended { generation, state: Ok(None) },
            _ if self.heard.is_empty() => return Ok(()),
            _ => self.heard[random.below(self.heard.len())].clone(),
        };
        self.feed(input, ground)
    }

    /// The time is now: its life hears so if it wants to.
    pub(super) fn pass(&mut self, ground: &Ground) -> Checked {
        // Each deadline is heard of once: a life that always wants more would never let time go on.
        for _ in 0..20 {
            if self.life.deadline().is_none_or(|deadline| clock::now() < deadline) {
                return Ok(());
            }
            self.feed(Input::Time, ground)?;
        }
        Err(format!("the life of plugin {} does not let time pass: {:?}", self.number, self.life))
    }

    /// What a session has noticed becomes something that its life will hear.
    pub(super) fn note(&mut self, generation: u32, heard: Vec<Heard>) {
        for each in heard {
            self.pending.push(match each {
                Heard::Signal(Signal::Locked { .. }) => Input::Locked { generation },
                Heard::Signal(Signal::Ready { .. }) => Input::Ready { generation },
                Heard::Signal(Signal::Failed { stage, thrown }) => {
                    let error = LoadError::Failed { stage, thrown: Box::new(thrown) };
                    Input::LoadFailed { generation, error }
                }
                Heard::Signal(_) => continue,
                Heard::Ending(ending) => Input::Closed { generation, ending },
                Heard::Unresponsive(stuck) => {
                    let activity = Activity::Hung { lasting: stuck, serving: None, stack: None };
                    Input::Unresponsive { generation, stuck, activity }
                }
                Heard::Recovered => Input::Recovered { generation },
            });
        }
    }

    /// A process ends by itself, or only closes its socket, or only ends.
    pub(super) fn crash(&mut self, generation: u32, random: &mut Random) {
        let Some(process) = self.processes.get_mut(&generation) else { return };
        let how = random.below(4);
        if how != 0 {
            process.close();
            self.pending.push(Input::Closed { generation, ending: Ending::Closed });
        }
        if how != 1 && !process.is_dead {
            process.die();
            let exit = match random.below(3) {
                0 => Exit::Signal(11),
                1 => Exit::Code { code: 71, words: String::new() },
                _ => Exit::Code { code: 0, words: String::new() },
            };
            self.pending.push(Input::Exited { generation, exit });
        }
    }

    /// A process that was asked to stop does so, or what else it was asked for.
    pub(super) fn comply(&mut self, random: &mut Random) {
        for process in self.processes.values_mut() {
            let generation = process.generation;
            if process.drains && process.session.calls_in_flight() == 0 {
                process.drains = false;
                self.pending.push(Input::Drained { generation });
            }
            if process.runner.is_to_stop && process.runs() && !random.once_in(3) {
                process.die();
                self.pending
                    .push(Input::Exited { generation, exit: Exit::Code { code: 0, words: String::new() } });
                self.pending.push(Input::Closed { generation, ending: Ending::Closed });
            }
        }
    }

    // -- What is to be done --------------------------------------------------------------------------------------

    fn feed(&mut self, input: Input, ground: &Ground) -> Checked {
        let mut actions = self.life.on(input, clock::now());
        if ground.faults.strike(Fault::ActionLost) {
            actions.retain(|action| !matches!(action, Action::Answer { .. }));
        }
        for action in actions {
            if matches!(action, Action::Retire { .. }) && ground.faults.strike(Fault::RetiredTwice) {
                self.act(action.clone(), ground)?;
            }
            self.act(action, ground)?;
        }
        self.check()
    }

    fn act(&mut self, action: Action, ground: &Ground) -> Checked {
        match action {
            Action::Begin { generation, is_candidate, .. } => {
                if generation <= self.last_begun {
                    return Err(format!("generation {generation} after generation {}", self.last_begun));
                }
                if self.wishes.is_empty() && self.pause_until.is_some_and(|until| clock::now() < until) {
                    return Err(format!("generation {generation} begins before its pause is over"));
                }
                self.last_begun = generation;
                self.begun.insert(generation);
                self.had_candidate |= is_candidate;
                if !is_candidate {
                    self.lineage.take_over(generation);
                }
            }
            Action::Load { generation, .. } => {
                if !self.loaded.insert(generation) {
                    return Err(format!("generation {generation} is loaded twice"));
                }
                self.process(generation, "Load")?.send_load();
            }
            Action::Suspend { generation } => {
                self.process(generation, "Suspend")?;
                let state = if generation % 2 == 0 { Ok(None) } else { Err(Thrown::new("Error", "no")) };
                self.pending.push(Input::Suspended { generation, state });
            }
            Action::TakeOver { generation } => {
                self.process(generation, "TakeOver")?;
                if self.lineage.current() > generation {
                    return Err(format!("generation {generation} takes over from a later one"));
                }
                self.lineage.take_over(generation);
            }
            Action::Drain { generation } => self.process(generation, "Drain")?.drains = true,
            Action::Look { generation } => {
                let activity = self.process(generation, "Look")?.session.calls_in_flight() as u64;
                self.pending.push(match activity {
                    0 => Input::Quiet { generation, activity },
                    _ => Input::InUse { generation },
                });
            }
            Action::Seal { generation } => {
                let in_flight = self.process(generation, "Seal")?.session.calls_in_flight();
                self.pending.push(match in_flight {
                    0 => Input::Sealed { generation },
                    _ => Input::InUse { generation },
                });
            }
            Action::Stop { generation, grace, .. } => {
                let grace_us = grace.as_micros() as u64;
                let process = self.process(generation, "Stop")?;
                process.session.send(&plughold_protocol::Message::Stop { grace_us, want_state: false });
            }
            Action::Kill { generation, .. } => {
                self.killed.insert(generation);
                if let Some(process) = self.processes.get_mut(&generation) {
                    process.close();
                    if !process.is_dead {
                        process.die();
                        self.pending.push(Input::Exited { generation, exit: Exit::Signal(9) });
                    }
                } else if !self.begun.contains(&generation) {
                    return Err(format!("generation {generation} is killed, and is not there"));
                }
            }
            Action::Retire { generation, exit } => self.retire(generation, exit, ground)?,
            Action::Publish { state, .. } => self.published = Some(state),
            Action::Tell(event) => self.hear_event(event)?,
            Action::Finish { .. } => {}
            Action::Answer { wish, answer } => {
                if !self.wishes.remove(&wish) {
                    return Err(format!("wish {wish} is answered twice, now with {answer:?}"));
                }
                self.ends.remove(&wish);
                let is_there = self.processes.contains_key(&self.lineage.current());
                if matches!(answer, Answer::Started(Ok(()))) && !is_there {
                    return Err(format!("wish {wish} was told that the plugin runs, and it does not"));
                }
            }
        }
        Ok(())
    }

    fn process(&mut self, generation: u32, action: &str) -> Checked<&mut Process> {
        let process = self.processes.get_mut(&generation);
        process.ok_or_else(|| format!("{action} of generation {generation}, which is not there"))
    }

    fn retire(&mut self, generation: u32, exit: Exit, ground: &Ground) -> Checked {
        if !self.retired.insert(generation) {
            return Err(format!("generation {generation} is retired twice"));
        }
        let Some(mut process) = self.processes.remove(&generation) else {
            return Err(format!("generation {generation} is retired, and was never there"));
        };
        if !process.is_dead {
            return Err(format!("generation {generation} is retired, and its process lives"));
        }
        process.close();
        if !ground.faults.strike(Fault::EndForgotten) {
            process.session.end(exit);
        }
        if ground.faults.strike(Fault::LateAnswer) {
            process.say_last_words_to(self.processes.values_mut().next())?;
        }
        self.ended.push(Arc::downgrade(&process.session));
        Ok(())
    }

    fn hear_event(&mut self, event: Event) -> Checked {
        match event {
            Event::Restarting { attempt, after, .. } => {
                let most =
                    self.backoff.first.saturating_mul(1 << (attempt - 1).min(20)).min(self.backoff.max);
                // Beside a reload a pause begins without a word, and what is left of it is told when that fails.
                let is_short = after < most / 2 && !self.had_candidate;
                if most < after || is_short || self.backoff.give_up_after <= attempt {
                    return Err(format!("a pause of {after:?} after {attempt} crashes"));
                }
                self.pause_until = Some(clock::now() + after);
            }
            Event::Disabled { crashes: 0, .. } => {
                return Err("disabled without a crash".to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    // -- What must hold ------------------------------------------------------------------------------------------

    /// The process that is the plugin now, if it is active.
    pub(super) fn current(&self) -> Option<&Process> {
        let current = self.processes.get(&self.lineage.current())?;
        matches!(self.life.state(), State::Active | State::Unresponsive).then_some(current)
    }

    fn check(&self) -> Checked {
        let state = self.life.state();
        if self.published != Some(state) && self.published.is_some() && self.ends.is_empty() {
            return Err(format!("it is {state:?}, and everybody sees {:?}", self.published));
        }
        if MOST_PROCESSES < self.processes.len() + self.begun.len() {
            return Err(format!("{} processes at one time", self.processes.len() + self.begun.len()));
        }
        if matches!(state, State::Active | State::Unresponsive) && self.current().is_none() {
            return Err(format!("it is {state:?} without a process"));
        }
        if matches!(state, State::Backoff) && self.life.deadline().is_none() {
            return Err("it pauses for ever".to_owned());
        }
        Ok(())
    }

    /// The numbers of its processes.
    pub(super) fn generations(&self) -> Vec<u32> {
        self.processes.keys().copied().collect()
    }

    /// Whether nothing is left of it.
    pub(super) fn is_over(&self) -> bool {
        self.life.is_over() && self.processes.is_empty() && self.begun.is_empty() && self.wishes.is_empty()
    }

    /// What is left of it, in words.
    pub(super) fn left_over(&self) -> String {
        format!("wishes {:?}, starts {:?}, {:?}", self.wishes, self.begun, self.life)
    }

    /// Ends every process that keeps no rules, and every one whose end has begun.
    pub(super) fn end_the_ending(&mut self) {
        let is_ending =
            |process: &&mut Process| !process.runner.is_honest || process.is_dead || !process.is_heard();
        for process in self.processes.values_mut().filter(is_ending) {
            let generation = process.generation;
            process.close();
            self.pending.push(Input::Closed { generation, ending: Ending::Closed });
            if !process.is_dead {
                process.die();
                self.pending.push(Input::Exited { generation, exit: Exit::Signal(11) });
            }
        }
    }
}

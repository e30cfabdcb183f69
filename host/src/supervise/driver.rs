//! The task that does what one plugin's life wants, and tells it what happens.

use super::command::{Command, First, Reply};
use super::generations::{Generation, Heard, hear_any};
use super::launching::{Wanted, launch};
use super::running::Running;
use super::{Action, Answer, Common, Edition, Input, Life, Prepared, Wish};
use crate::error::LoadError;
use crate::service::{ErrorInfo, Plugin, State};
use crate::{Exit, Package, clock};
use plughold_package::{Activation as WhenStarted, Unmet};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};

/// After so long without being used a plugin rests that is started on use, unless the host says something else.
const IDLE: Duration = Duration::from_secs(60);

/// Whoever was told that a plugin is awake has so long to use it before it may rest again.
const AWAITED: Duration = Duration::from_secs(1);

/// Drives one plugin.
pub(crate) struct Driver {
    pub(super) common: Arc<Common>,
    pub(super) plugin: Plugin,
    life: Life,
    commands: mpsc::UnboundedReceiver<Command>,
    /// What the plugin is a process of.
    /// Not looked at yet, if none has been started.
    present: Option<Arc<Prepared>>,
    /// What the next reload starts; what is on the disk unless somebody has read that already.
    given: Option<Arc<Package>>,
    generations: Vec<Generation>,
    replies: HashMap<Wish, Reply>,
    last_wish: Wish,
    /// What is not told the machine yet.
    heard: VecDeque<Input>,
    is_closing: bool,
    /// Whether those who need the plugin were told last that it is active.
    was_active: bool,
    /// Whoever wants to use the plugin was told of this process, at this time, when this was its activity.
    awaited: Option<(u32, Instant, u64)>,
    /// Reports that are being written: each ends with its sender.
    pub(super) reports: Vec<oneshot::Receiver<()>>,
    /// Whoever waits for an answer waits for the end of this as well.
    _alive: watch::Sender<()>,
}

impl Driver {
    /// Drives `plugin`, whose handle knows where to send commands to.
    pub(crate) fn new(
        common: Arc<Common>,
        plugin: Plugin,
        life: Life,
        present: Option<Arc<Prepared>>,
        ends: (mpsc::UnboundedReceiver<Command>, watch::Sender<()>),
    ) -> Driver {
        let (commands, alive) = ends;
        Driver {
            common,
            plugin,
            life,
            commands,
            present,
            given: None,
            generations: Vec::new(),
            replies: HashMap::new(),
            last_wish: 0,
            heard: VecDeque::new(),
            is_closing: false,
            was_active: false,
            awaited: None,
            reports: Vec::new(),
            _alive: alive,
        }
    }

    /// Runs until nothing more is wanted of the plugin and nothing of it is left.
    pub(crate) async fn run(mut self, first: First) {
        if let First::Start(loaded) = first {
            // What it needs was looked at by whoever loads it.
            let wish = self.wish(Reply::Started(loaded));
            self.heard.push_back(Input::Start(wish));
        }
        loop {
            while let Some(input) = self.heard.pop_front() {
                for action in self.life.on(input, clock::now()) {
                    self.act(action).await;
                }
            }
            if self.is_closing && self.life.is_over() {
                return self.finish_reports().await;
            }
            self.hear().await;
        }
    }

    /// Waits until something happens.
    async fn hear(&mut self) {
        let Driver { commands, generations, life, .. } = self;
        // In random order: whoever wants something all the time must not keep the plugin's processes from being heard.
        let heard = tokio::select! {
            Some(command) = commands.recv() => return self.obey(command),
            heard = hear_any(generations) => heard,
            () = until(life.deadline()) => Heard::Input(Input::Time),
        };
        match heard {
            Heard::Input(input) => {
                self.heard.push_back(input);
                self.show_facts();
            }
            Heard::Spawned(running) => self.spawned(running),
        }
    }

    fn spawned(&mut self, running: Box<Running>) {
        let generation = running.generation;
        let idle = self.idle_of(&running.prepared.package);
        let starting = |each: &Generation| each.number() == generation;
        if let Some(place) = self.generations.iter_mut().find(|each| starting(each)) {
            *place = Generation::Running(running);
            self.show_facts();
            self.heard.push_back(Input::Spawned { generation, idle });
        }
    }

    /// After how long without being used a plugin rests.
    fn idle_of(&self, package: &Package) -> Option<Duration> {
        let is_on_use = package.activation == WhenStarted::Needed;
        self.common.config.limits.idle.or_else(|| is_on_use.then_some(IDLE))
    }

    // -- What is wanted -------------------------------------------------------------------------------------------------

    fn obey(&mut self, command: Command) {
        let input = match command {
            Command::Close { at_once } => {
                self.is_closing = true;
                let wish = self.wish(Reply::None);
                if at_once { Input::Kill(wish) } else { Input::Stop(wish) }
            }
            Command::Stop(reply) => Input::Stop(self.wish(Reply::Ended(reply))),
            Command::Kill(reply) => Input::Kill(self.wish(Reply::Ended(reply))),
            Command::Start(reply) | Command::Reload(_, reply) | Command::Restart(reply)
                if self.is_closing =>
            {
                // Whoever asked may have gone away.
                let _ = reply.send(Err(self.plugin.shared().why_over()));
                return;
            }
            Command::Start(reply) => match self.unmet() {
                Some(unmet) => {
                    let _ = reply.send(Err(LoadError::Dependency(Box::new(unmet))));
                    return;
                }
                None => Input::Start(self.wish(Reply::Started(reply))),
            },
            Command::Restart(reply) => Input::Restart(self.wish(Reply::Started(reply))),
            Command::Reload(given, reply) => {
                self.given = given;
                Input::Reload(self.wish(Reply::Started(reply)))
            }
            Command::Use(reply) => Input::Use(self.wish(Reply::Used(reply))),
            Command::Rest => Input::Rest,
        };
        self.heard.push_back(input);
    }

    /// What the plugin lacks that it needs, if it does not run and would have to be started.
    fn unmet(&self) -> Option<Unmet> {
        if matches!(self.plugin.state(), State::Active | State::Unresponsive | State::Starting) {
            return None;
        }
        let package = self.plugin.package();
        package.dependencies.iter().find_map(|dependency| self.common.plugins.meets(dependency).err())
    }

    fn wish(&mut self, reply: Reply) -> Wish {
        self.last_wish += 1;
        self.replies.insert(self.last_wish, reply);
        self.last_wish
    }

    fn answer(&mut self, wish: Wish, answer: Answer) {
        let Some(reply) = self.replies.remove(&wish) else { return };
        if let (Reply::Used(_), Answer::Started(Ok(()))) = (&reply, &answer) {
            let running = self.running(self.plugin.presence().1);
            self.awaited =
                running.map(|running| (running.generation, clock::now(), running.session.activity()));
        }
        reply.give(answer);
    }

    /// Whether somebody was told just now that the process can be used, and has not done so yet.
    fn is_awaited(&self, running: &Running) -> bool {
        self.awaited.is_some_and(|(generation, at, activity)| {
            generation == running.generation
                && activity == running.session.activity()
                && clock::now().saturating_duration_since(at) < AWAITED
        })
    }

    // -- What is to be done ---------------------------------------------------------------------------------------------

    async fn act(&mut self, action: Action) {
        match action {
            Action::Begin { generation, edition, is_candidate } => {
                self.begin(generation, edition, is_candidate)
            }
            Action::Load { generation, state } => {
                if let Some(running) = self.running_mut(generation) {
                    running.load(state.as_ref());
                }
            }
            Action::Suspend { generation } => {
                let is_asked = self.running(generation).is_some_and(|running| running.session.ask_state());
                if !is_asked {
                    self.heard.push_back(Input::Suspended { generation, state: Ok(None) });
                }
            }
            Action::TakeOver { generation } => self.take_over(generation),
            Action::Drain { generation } => {
                self.hide(generation);
                if let Some(running) = self.running_mut(generation) {
                    running.session.close_gate();
                    running.drain();
                }
            }
            Action::Look { generation } => {
                let Some(running) = self.running(generation) else { return };
                let is_at_work = running.session.is_at_work();
                let is_unused =
                    running.session.is_unused() && !is_at_work && !self.plugin.shared().is_offered();
                let activity = running.session.activity();
                self.heard.push_back(match is_unused {
                    true => Input::Quiet { generation, activity },
                    false => Input::InUse { generation },
                });
            }
            Action::Seal { generation } => self.seal(generation),
            Action::Stop { generation, grace, wants_state } => {
                if let Some(running) = self.running(generation) {
                    running.session.ask_stop(grace, wants_state);
                }
            }
            Action::Kill { generation, .. } => self.kill(generation),
            Action::Retire { generation, exit } => self.retire(generation, exit).await,
            Action::Publish { state, error } => self.publish(state, error.as_ref()),
            Action::Tell(event) => self.common.events.send(event),
            Action::Finish { exit } => self.plugin.shared().finish(exit),
            Action::Answer { wish, answer } => self.answer(wish, answer),
        }
    }

    fn begin(&mut self, generation: u32, edition: Edition, is_candidate: bool) {
        if !is_candidate {
            self.plugin.shared().begin(generation);
        }
        self.plugin.shared().count(generation);
        let wanted = match edition {
            Edition::Present => match self.present.clone() {
                Some(present) => Wanted::Present(present),
                None => Wanted::Given(self.plugin.package()),
            },
            Edition::Newest => match self.given.take() {
                Some(package) => Wanted::Given(package),
                None => Wanted::OnDisk(self.plugin.package().source.clone()),
            },
        };
        let (common, plugin) = (self.common.clone(), self.plugin.clone());
        let starting = launch(common, plugin, generation, is_candidate, wanted);
        self.generations.push(Generation::Starting(generation, Box::pin(starting)));
    }

    fn take_over(&mut self, generation: u32) {
        let place = self.generations.iter_mut().find_map(|each| match each {
            Generation::Running(running) if running.generation == generation => Some(running),
            _ => None,
        });
        let Some(running) = place else { return };
        running.activate();
        self.present = Some(running.prepared.clone());
        let before =
            self.plugin.shared().take_over(&running.session, &running.facts, &running.prepared.package);
        if let Some(before) = before {
            before.close_gate();
            before.retire();
        }
        if self.was_active {
            self.common.tell_dependants(self.plugin.id(), true);
        } else {
            // The others are told when they can see it.
            self.common.plugins.changed(self.plugin.id());
        }
    }

    /// Nothing new goes to this process.
    fn hide(&mut self, generation: u32) {
        self.plugin.shared().hide(generation);
        self.common.plugins.changed(self.plugin.id());
    }

    fn seal(&mut self, generation: u32) {
        let shared = self.plugin.shared();
        let is_sealed = self.running(generation).is_some_and(|running| {
            !self.is_awaited(running) && running.session.close_gate_if_unused(|| shared.is_offered())
        });
        if is_sealed {
            self.hide(generation);
        }
        self.heard.push_back(match is_sealed {
            true => Input::Sealed { generation },
            false => Input::InUse { generation },
        });
    }

    fn kill(&mut self, generation: u32) {
        let Some(place) = self.generations.iter().position(|each| each.number() == generation) else {
            return;
        };
        match self.generations.get(place) {
            Some(Generation::Running(running)) => running.kill(),
            Some(Generation::Starting(..)) => {
                drop(self.generations.remove(place));
                self.heard.push_back(Input::NotSpawned { generation, error: LoadError::Stopped });
            }
            None => {}
        }
    }

    /// Sees to it that everybody who waits for the process is told.
    async fn retire(&mut self, generation: u32, exit: Exit) {
        let Some(place) = self.generations.iter().position(|each| each.number() == generation) else {
            return;
        };
        let Generation::Running(mut running) = self.generations.remove(place) else { return };
        // Nothing that this process says may arrive after the hooks of the platforms have run.
        running.silence().await;
        self.report(&running, &exit);
        running.session.end(exit);
        self.hide(generation);
        self.common.config.table.run_gone_hooks(self.plugin.id(), generation);
    }

    fn publish(&mut self, state: State, error: Option<&LoadError>) {
        self.plugin.shared().publish(state, error.map(ErrorInfo::of_load));
        let is_active = matches!(state, State::Active | State::Unresponsive);
        if self.was_active != is_active {
            self.was_active = is_active;
            self.common.tell_dependants(self.plugin.id(), is_active);
        }
    }

    /// What a process says of itself is shown if it is the one that everybody sees.
    fn show_facts(&self) {
        for generation in &self.generations {
            if let Generation::Running(running) = generation {
                self.plugin.shared().show(running.generation, running.process.id(), &running.facts);
            }
        }
    }

    fn running(&self, generation: u32) -> Option<&Running> {
        self.generations.iter().find_map(|each| match each {
            Generation::Running(running) if running.generation == generation => Some(&**running),
            _ => None,
        })
    }

    fn running_mut(&mut self, generation: u32) -> Option<&mut Running> {
        self.generations.iter_mut().find_map(|each| match each {
            Generation::Running(running) if running.generation == generation => Some(&mut **running),
            _ => None,
        })
    }
}

impl Drop for Driver {
    /// Also when the task does not come to its end: whoever waits for the plugin is told.
    fn drop(&mut self) {
        for generation in std::mem::take(&mut self.generations) {
            let number = generation.number();
            drop(generation);
            self.plugin.shared().hide(number);
        }
        if !self.plugin.is_finished() {
            self.plugin.shared().publish(State::Failed, None);
            self.plugin.shared().finish(Exit::Unknown);
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

//! One simulated process of a plugin: the host's real session on one side, a simulated runner on the other.

use super::Checked;
use super::faults::{Fault, Faults};
use super::ground::Ground;
use super::random::Random;
use super::runner::Runner;
use super::tube::Tube;
use crate::api::Functions;
use crate::clock;
use crate::permissions::Access;
use crate::services::Services;
use crate::session::connection::{Connection, Conversation, Signal};
use crate::session::greeting::{Greeting, Secrets};
use crate::session::standing::Lineage;
use crate::session::watch::{self, Action};
use crate::session::{Ending, Session, SessionParts};
use plughold_protocol::Message;
use plughold_protocol::limits;
use plughold_protocol::page::State;
use plughold_protocol::record::{Outcome, Source, SourceKind};
use plughold_wire::Inbox;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How long a runner may be stuck at most until it is killed, in time in which the host looks: the turn, the interrupt, a look
/// that came too early and one that came too late.
const PATIENCE: Duration = Duration::from_millis(7_200);

/// For how long it has to be stuck at least before it is killed.
const LEAST: Duration = Duration::from_millis(5_400);

/// What of one step of time counts.
const COUNTED: Duration = Duration::from_millis(500);

/// One process.
pub(super) struct Process {
    pub(super) generation: u32,
    pub(super) session: Arc<Session>,
    pub(super) runner: Runner,
    connection: Connection<()>,
    conversation: Conversation,
    inbox: Inbox,
    tube: Arc<Tube>,
    signals: mpsc::UnboundedReceiver<Signal>,
    faults: Faults,
    /// When the host looks next at the control page.
    next_look: Instant,
    /// In which turn it is stuck, and for how long in which the host could look.
    stuck: Option<(u64, Duration)>,
    /// At the last look there was something that the runner had not read.
    was_reading: bool,
    /// The process has ended.
    pub(super) is_dead: bool,
    /// The host has stopped reading, for this reason.
    pub(super) ending: Option<Ending>,
    is_told: bool,
    /// Bytes were sent that are no frames.
    is_garbled: bool,
    /// The host is to say when nothing is in flight any more.
    pub(super) drains: bool,
}

/// What happened while the host read or looked.
pub(super) enum Heard {
    Signal(Signal),
    Ending(Ending),
    Unresponsive(Duration),
    Recovered,
}

impl Process {
    /// A process that was just spawned.
    pub(super) fn new(
        ground: &Ground,
        plugin: usize,
        generation: u32,
        lineage: Arc<Lineage>,
        random: &mut Random,
    ) -> Process {
        let tube = Arc::new(Tube::new(random.pick(&[600, 4_000, 100_000])));
        let page = super::ground::page();
        page.set_state(State::Booting);
        let package = ground.packages[plugin].clone();
        let session = Session::new(SessionParts {
            plugin: package.id.clone(),
            generation,
            pid: generation,
            limits: ground.limits.clone(),
            runtime: tokio::runtime::Handle::current(),
            stream: tube.clone(),
            page: page.clone(),
            waiting: ground.waiting.clone(),
            lineage,
            access: Access::of_nothing(&package.id),
        });
        let (sender, signals) = mpsc::unbounded_channel();
        let greeting = Greeting::new(Secrets { token: [7; 16], ..Secrets::default() });
        session.send(&greeting.hello(&package.id, generation, &ground.table, &ground.limits, false));
        let is_honest = !ground.has_hostile || !random.once_in(3);
        let connection = Connection {
            session: session.clone(),
            stream: (),
            package: package.clone(),
            functions: Arc::new(Functions::new(ground.table.clone())),
            services: Services::alone(&package, generation),
            events: ground.events.clone(),
            signals: sender,
            batches: Arc::default(),
        };
        let faults = ground.faults.clone();
        Process {
            generation,
            runner: Runner::new(tube.clone(), page, ground.limits.in_flight, faults.clone(), is_honest),
            session,
            connection,
            conversation: Conversation::new(greeting, &ground.limits, clock::now()),
            inbox: Inbox::new(limits::MESSAGE),
            tube,
            signals,
            faults,
            next_look: clock::now(),
            stuck: None,
            was_reading: false,
            is_dead: false,
            ending: None,
            is_told: false,
            is_garbled: false,
            drains: false,
        }
    }

    /// Whether its messages are read.
    pub(super) fn is_heard(&self) -> bool {
        self.ending.is_none()
    }

    /// Whether it can be used and is.
    pub(super) fn runs(&self) -> bool {
        !self.is_dead && self.runner.stuck.is_none()
    }

    pub(super) fn send_load(&self) {
        self.session.send(&Message::Load {
            prelude: "native",
            source: Source { name: "main.js", kind: SourceKind::Script, text: "" },
            manifest: &[0x80],
            grants: vec![],
            state: None,
        });
    }

    // -- The host's half ----------------------------------------------------------------------------------------

    /// At most so many bytes arrive at the host.
    pub(super) fn deliver(&mut self, most: usize) -> Checked<Vec<Heard>> {
        let mut left = most;
        while 0 < left && self.is_heard() {
            let chunk = self.runner.said.chunk();
            let spare = self.inbox.spare();
            let count = chunk.len().min(spare.len()).min(left);
            if count == 0 {
                break;
            }
            spare[..count].copy_from_slice(&chunk[..count]);
            self.runner.said.written(count);
            self.inbox.filled(count);
            left -= count;
            if let Err(ending) = self.connection.take(&mut self.inbox, &mut self.conversation) {
                if self.runner.is_honest {
                    return Err(format!("{:?} of an honest runner: {ending:?}", self.session));
                }
                self.ending = Some(ending);
            }
        }
        let is_guilty = self.runner.is_guilty && !self.is_garbled;
        if is_guilty && self.runner.said.is_empty() && self.is_heard() {
            return Err(format!("{:?} has broken a rule, and is listened to", self.session));
        }
        Ok(self.heard())
    }

    /// Bytes that only a broken runner sends.
    pub(super) fn deliver_garbage(&mut self, random: &mut Random) -> Vec<Heard> {
        let bytes: Vec<u8> = (0..1 + random.below(40)).map(|_| random.next() as u8).collect();
        // What follows may be taken for the rest of a frame.
        self.is_garbled = true;
        if self.is_heard() {
            let spare = self.inbox.spare();
            spare[..bytes.len()].copy_from_slice(&bytes);
            self.inbox.filled(bytes.len());
            if let Err(ending) = self.connection.take(&mut self.inbox, &mut self.conversation) {
                self.ending = Some(ending);
            }
        }
        self.heard()
    }

    fn heard(&mut self) -> Vec<Heard> {
        let mut heard = Vec::new();
        while let Ok(signal) = self.signals.try_recv() {
            heard.push(Heard::Signal(signal));
        }
        if let Some(ending) = self.ending.clone().filter(|_| !std::mem::replace(&mut self.is_told, true)) {
            heard.push(Heard::Ending(ending));
        }
        heard
    }

    /// What the connection's task does when it is woken: it writes what waits and looks whether it can go on.
    pub(super) fn flush(&mut self) -> Vec<Heard> {
        if !self.is_heard() {
            return Vec::new();
        }
        if self.session.needs().is_blocked {
            self.session.unblock();
        } else {
            self.session.flush();
        }
        // The socket that nobody reads any more: here what was said last is read before.
        if let Some(failure) = self.session.needs().failure {
            self.ending = Some(failure);
        }
        self.heard()
    }

    /// So much time has passed, and now the host looks at the control page if it wants to.
    pub(super) fn pass(&mut self, by: Duration) -> Checked<Vec<Heard>> {
        if !self.is_heard() || self.is_dead {
            return Ok(Vec::new());
        }
        let mut heard = Vec::new();
        let is_watched = self.session.needs().is_watched;
        if is_watched && self.next_look <= clock::now() {
            self.next_look = clock::now() + watch::INTERVAL;
            // It is between two reads at one look, but not at two.
            if std::mem::take(&mut self.was_reading) && self.runs() {
                self.runner.wake(usize::MAX)?;
            }
            self.was_reading = !self.tube.is_empty();
            match self.session.observe() {
                Some(Action::Report(stuck)) => heard.push(Heard::Unresponsive(stuck)),
                Some(Action::Recovered) => heard.push(Heard::Recovered),
                Some(Action::Stop(turn)) => self.session.page().request_stop(turn),
                Some(Action::Kill) if self.faults.strike(Fault::KillForgotten) => {}
                Some(Action::Kill) => {
                    let stuck = self.stuck.map_or(Duration::ZERO, |(_, time)| time);
                    if self.runner.stuck.is_none() || stuck < LEAST {
                        return Err(format!(
                            "{:?} is to be killed, and is stuck for {stuck:?}",
                            self.session
                        ));
                    }
                    self.ending = Some(Ending::Unresponsive);
                    heard.append(&mut self.heard());
                }
                None => {}
            }
            self.runner.look_at_page();
        }
        let counted = by.min(COUNTED);
        self.stuck = self.runner.stuck.map(|stuck| match self.stuck {
            Some((turn, time)) if turn == stuck.turn => (turn, time + counted),
            _ => (stuck.turn, counted),
        });
        if self.stuck.is_some_and(|(_, time)| PATIENCE < time) && self.is_heard() {
            return Err(format!("{:?} does not respond and is forgotten", self.session));
        }
        Ok(heard)
    }

    /// Both sides say everything that they have to say, and the runner puts things in order.
    pub(super) fn exchange(&mut self) -> Checked<Vec<Heard>> {
        let mut heard = self.flush();
        while self.runs() && self.is_heard() && self.runner.wake(usize::MAX)? {
            heard.append(&mut self.flush());
        }
        heard.append(&mut self.deliver(usize::MAX)?);
        if self.runs() {
            self.runner.wind_up();
        }
        heard.append(&mut self.deliver(usize::MAX)?);
        Ok(heard)
    }

    // -- Its end ------------------------------------------------------------------------------------------------

    /// The process ends, and takes its end of the socket with it.
    pub(super) fn die(&mut self) {
        self.is_dead = true;
        self.tube.close();
    }

    /// The host reads no more: the socket was at its end.
    pub(super) fn close(&mut self) {
        self.ending.get_or_insert(Ending::Closed);
        self.is_told = true;
    }

    /// What it has said last arrives somewhere else.
    pub(super) fn say_last_words_to(&mut self, other: Option<&mut Process>) -> Checked {
        let Some(other) = other else { return Ok(()) };
        for number in 0..40 {
            let outcome = Outcome::Returned(&[0x91, 0x00]);
            other.runner.said.push(&Message::Return { id: number, outcome, spent_us: 0 });
        }
        other.deliver(usize::MAX).map(drop)
    }

    /// What must hold at every moment.
    pub(super) fn check(&self, most_calls: u32) -> Checked {
        let in_flight = self.session.calls_in_flight();
        let most = if self.runner.is_honest { most_calls as usize } else { 1 << 14 };
        if most < in_flight {
            return Err(format!("{in_flight} calls in flight, more than {most}"));
        }
        let unwritten = self.session.unwritten();
        if 3 * limits::OUTBOX < unwritten {
            return Err(format!("{unwritten} bytes wait to be written"));
        }
        Ok(())
    }

    /// What is left over, in words; none when nothing is.
    pub(super) fn left_over(&self) -> Option<String> {
        let Process { session, runner, .. } = self;
        let references = session.references();
        let streams = session.streams.count();
        let figures = [
            ("calls in flight", session.calls_in_flight()),
            ("places in the window", session.window_taken() as usize),
            ("streams that the plugin sends or reads", runner.sending.len() + runner.reading.len()),
            ("references that the host counts for the plugin", references.exported as usize),
            ("references that the host holds", references.imported as usize),
            ("streams", (streams.from_plugin + streams.to_plugin) as usize),
            ("calls that the application serves", session.serving.open_ids().len()),
            ("calls that the plugin waits for", runner.own.len()),
            ("calls that the plugin serves", runner.served.len()),
            ("functions that the plugin keeps for the host", runner.exports.len()),
            ("things of the host that the plugin holds", runner.imports.len()),
            ("bytes that are not written", session.unwritten()),
        ];
        let left: Vec<_> = figures.iter().filter(|(_, count)| 0 < *count).collect();
        if left.is_empty() {
            return None;
        }
        let (stuck, blocked) = (runner.stuck, &runner.blocked);
        Some(format!("{session:?} has left over {left:?}; stuck {stuck:?}, blocked by {blocked:?}"))
    }
}

//! One process of a plugin, as its driver holds it: all that can be heard of it, one after the other.

use super::{Input, Prepared};
use crate::error::LoadError;
use crate::events::{Event, EventSender};
use crate::launch::Process;
use crate::service::Timing;
use crate::session::connection::Signal;
use crate::session::greeting::sandbox_level;
use crate::session::{Ending, HandOver, Session};
use crate::{Exit, clock, text};
use plughold_protocol::record::Stage as LoadStage;
use plughold_sandbox::{Level, Plan};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Interval, Sleep};

/// The most of a start that others wait for. A plugin may wait for another one while it starts.
pub(super) const TURN: Duration = Duration::from_secs(1);

/// How often a process that finishes what is in flight is looked at. There are few, and not for long.
const LOOK: Duration = Duration::from_millis(5);

/// So many times in a row nothing is in flight: whoever has just looked up a function of the process calls it now.
const QUIET_LOOKS: u32 = 4;

/// Bytes of a process's last words.
const LAST_WORDS: usize = 1_024;

/// One process.
pub(super) struct Running {
    pub(super) generation: u32,
    pub(super) prepared: Arc<Prepared>,
    /// Until it is sent.
    source: String,
    pub(super) session: Arc<Session>,
    pub(super) process: Process,
    /// What it was told to give up.
    plan: Plan,
    signals: mpsc::UnboundedReceiver<Signal>,
    /// None once it has ended.
    connection: Option<JoinHandle<Ending>>,
    /// How its task has ended, until that is told.
    ending: Option<Ending>,
    begun: Instant,
    events: EventSender,
    activation: Activating,
    has_ended: bool,
    draining: Option<Draining>,
    /// Its turn to start, and how long that is at most.
    turn: Option<(OwnedSemaphorePermit, Pin<Box<Sleep>>)>,
    pub(super) facts: Facts,
}

/// What a process says of itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) sandbox: Option<Level>,
    pub(crate) layers: Vec<String>,
    pub(crate) exports: Vec<String>,
    pub(crate) timing: Timing,
}

/// What a process is made of.
pub(super) struct RunningParts {
    pub(super) generation: u32,
    pub(super) prepared: Arc<Prepared>,
    pub(super) source: String,
    pub(super) session: Arc<Session>,
    pub(super) process: Process,
    /// What the process was told to give up.
    pub(super) plan: Plan,
    pub(super) signals: mpsc::UnboundedReceiver<Signal>,
    pub(super) connection: JoinHandle<Ending>,
    pub(super) begun: Instant,
}

/// What the plugin's activation means now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Activating {
    /// Its code has not run.
    NotYet,
    /// It is waited for.
    Awaited,
    /// It is over, and how is told.
    Over,
    /// What fails now is an error that nobody has caught.
    Active,
}

struct Draining {
    looks: Interval,
    quiet: u32,
}

impl Running {
    pub(super) fn new(parts: RunningParts, events: EventSender, turn: OwnedSemaphorePermit) -> Running {
        let over = parts.session.sleep(TURN);
        Running {
            generation: parts.generation,
            prepared: parts.prepared,
            source: parts.source,
            session: parts.session,
            process: parts.process,
            plan: parts.plan,
            signals: parts.signals,
            connection: Some(parts.connection),
            ending: None,
            begun: parts.begun,
            events,
            activation: Activating::NotYet,
            has_ended: false,
            draining: None,
            turn: Some((turn, over)),
            facts: Facts::default(),
        }
    }

    /// What is heard of it next. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Input {
        let generation = self.generation;
        loop {
            if self.ending.is_some() {
                // What it has said comes before its end. All of that is here: whoever took it has ended.
                while let Ok(signal) = self.signals.try_recv() {
                    if let Some(input) = self.take(signal) {
                        return input;
                    }
                }
            }
            if let Some(ending) = self.ending.take() {
                return Input::Closed { generation, ending };
            }
            tokio::select! {
                biased;
                Some(signal) = self.signals.recv() => if let Some(input) = self.take(signal) { return input },
                settled = self.session.activation.settled(), if self.activation == Activating::Awaited => {
                    self.activation = Activating::Over;
                    let Err(thrown) = settled else { return Input::Settled { generation } };
                    let error = LoadError::Failed { stage: LoadStage::Activate, thrown: Box::new(thrown) };
                    return Input::LoadFailed { generation, error };
                }
                thrown = self.session.activation.failed(), if self.activation == Activating::Active => {
                    let plugin = self.session.plugin().clone();
                    self.events.send(Event::Uncaught { plugin, thrown, rejection: true });
                }
                ending = ended(&mut self.connection) => self.ending = Some(ending),
                status = self.process.wait(), if !self.has_ended => {
                    self.has_ended = true;
                    let (cause, words) = self.session.page().cause();
                    let words = text::clean_line(&words, LAST_WORDS);
                    let exit = status.map_or(Exit::Unknown, |status| {
                        Exit::from_status(status, &self.plan, cause, &words)
                    });
                    return Input::Exited { generation, exit };
                }
                () = drained(&mut self.draining, &self.session) => {
                    self.draining = None;
                    return Input::Drained { generation };
                }
                () = over(&mut self.turn) => self.turn = None,
            }
        }
    }

    fn take(&mut self, signal: Signal) -> Option<Input> {
        let generation = self.generation;
        Some(match signal {
            Signal::Locked { level, layers } => {
                self.facts.sandbox = Some(sandbox_level(level));
                self.facts.layers = layers;
                self.facts.timing.spawn = self.micros();
                Input::Locked { generation }
            }
            Signal::Ready { exports, activate_us } => {
                self.turn = None;
                self.facts.exports = exports;
                self.facts.timing.load = activate_us;
                self.activation = Activating::Awaited;
                Input::Ready { generation }
            }
            Signal::Failed { stage, thrown } => {
                self.turn = None;
                Input::LoadFailed { generation, error: LoadError::Failed { stage, thrown: Box::new(thrown) } }
            }
            Signal::Suspended { state } => Input::Suspended { generation, state },
            Signal::Unresponsive { stuck, activity } => Input::Unresponsive { generation, stuck, activity },
            Signal::Recovered => Input::Recovered { generation },
        })
    }

    /// Sends the plugin's code.
    pub(super) fn load(&mut self, state: Option<&HandOver>) {
        let source = std::mem::take(&mut self.source);
        let granted = self.session.access().granted();
        self.prepared.with_load(&source, state, &granted, |load| self.session.send(load));
    }

    /// It is active.
    pub(super) fn activate(&mut self) {
        self.activation = Activating::Active;
        self.facts.timing.activate = self.micros();
    }

    /// From now on it is looked whether anything is in flight.
    pub(super) fn drain(&mut self) {
        let _runtime = self.session.runtime().enter();
        self.draining = Some(Draining { looks: tokio::time::interval(LOOK), quiet: 0 });
    }

    /// Ends the process at once.
    pub(super) fn kill(&self) {
        self.process.kill();
    }

    /// Nothing that it says arrives after this.
    pub(super) async fn silence(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.abort();
            // It was aborted, or has ended.
            let _ = connection.await;
        }
    }

    fn micros(&self) -> u64 {
        let since = clock::now().saturating_duration_since(self.begun);
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }
}

impl Drop for Running {
    /// Also when its driver does not come to its end: whoever waits for this process is told.
    fn drop(&mut self) {
        self.session.end(Exit::Unknown);
    }
}

/// Waits for the end of a connection's task, and forgets it then: it can be awaited once.
async fn ended(connection: &mut Option<JoinHandle<Ending>>) -> Ending {
    let Some(task) = connection else { return std::future::pending().await };
    let failed = |error: JoinError| match error.is_panic() {
        true => {
            Ending::Violation("its messages cannot be handled: the host's own task has failed".to_owned())
        }
        // The runtime shuts down, and nobody reads on.
        false => Ending::Closed,
    };
    let ending = task.await.unwrap_or_else(failed);
    *connection = None;
    ending
}

/// Completes when nothing has been in flight for a moment.
async fn drained(draining: &mut Option<Draining>, session: &Session) {
    let Some(draining) = draining else { return std::future::pending().await };
    while draining.quiet < QUIET_LOOKS {
        draining.looks.tick().await;
        draining.quiet = if session.has_nothing_in_flight() { draining.quiet + 1 } else { 0 };
    }
}

/// Completes when others have their turn.
async fn over(turn: &mut Option<(OwnedSemaphorePermit, Pin<Box<Sleep>>)>) {
    match turn {
        Some((_, over)) => over.as_mut().await,
        None => std::future::pending().await,
    }
}

//! The one task that reads a runner's socket. What is said there is handled in `heard`.
//!
//! It handles all messages of one read before it writes, so that a thousand answers leave in one write. The functions
//! of the application are polled once right here; those that are not done at once go on in tasks of their own.

use crate::Limits;
use crate::api::Functions;
use crate::blackbox::Welcomed;
use crate::clock;
use crate::events::{Event, EventSender};
use crate::figures::OverBudget;
use crate::figures::budget::{Budget, Over};
use crate::launch;
use crate::service::Activity;
use crate::services::Services;
use crate::session::doing::Unreported;
use crate::session::greeting::{Greeting, Progress};
use crate::session::handover::HandOver;
use crate::session::rate::Bucket;
use crate::session::shares::{Batches, Part};
use crate::session::watch::{self, Action};
use crate::session::{Ending, Needs, Session};
use crate::text;
use crate::value::Thrown;
use interprocess::os::unix::uds_local_socket::tokio::Stream;
use plughold_package::Package;
use plughold_protocol::limits;
use plughold_protocol::message::{Message, Role};
use plughold_protocol::record::{Level, Refusal, Stage};
use plughold_protocol::version;
use plughold_wire::Inbox;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio::time::Sleep;

/// How long a runner is read that takes nothing more. One that has ended is read to its end in far less.
const DRAIN: Duration = Duration::from_millis(200);

/// Messages after which others have their turn on the thread, also in the middle of what was read. A message takes a
/// microsecond, and whatever the function of the application takes that it calls; so nobody waits much longer than a tenth
/// of a millisecond for a plugin that floods, and its answers still leave many at a time.
const SHARE: usize = 128;

/// How long a runner that writes too many lines is not read at a time. Short, since it may write because of what it waits for.
const PAUSE: Duration = Duration::from_millis(250);

/// What the supervisor hears of a connection.
#[derive(Debug)]
pub(crate) enum Signal {
    /// The greeting is done.
    Locked { level: Level, layers: Vec<String> },
    /// The plugin is loaded.
    Ready { exports: Vec<String>, activate_us: u64 },
    /// The plugin could not be loaded.
    Failed { stage: Stage, thrown: Thrown },
    /// What it leaves to its next process: the answer to [`Session::ask_state`] or [`Session::ask_stop`].
    Suspended { state: Result<Option<HandOver>, Thrown> },
    /// It has been in one turn for so long.
    Unresponsive { stuck: Duration, activity: Activity },
    /// It is fine again.
    Recovered,
}

/// What the task knows.
pub(crate) struct Connection<S = Arc<Stream>> {
    pub(crate) session: Arc<Session>,
    /// What is read.
    pub(crate) stream: S,
    pub(crate) package: Arc<Package>,
    pub(crate) functions: Arc<Functions>,
    pub(crate) services: Services,
    pub(crate) events: EventSender,
    pub(crate) signals: mpsc::UnboundedSender<Signal>,
    /// What the connections of all plugins have handled.
    pub(crate) batches: Arc<Batches>,
}

/// What the task remembers between messages.
pub(crate) struct Conversation {
    /// When the messages were read that are handled now.
    pub(super) begun: Instant,
    /// None once the greeting is done.
    pub(super) greeting: Option<Greeting>,
    /// Messages since the thread was given to others.
    pub(super) handled: usize,
    /// Messages were read that are not handled yet.
    pub(super) has_more: bool,
    pub(super) loaded: bool,
    pub(super) messages: Bucket,
    /// Lines for people, shown or not.
    pub(super) lines: Bucket,
    /// Their bytes.
    pub(super) logs: Bucket,
    pub(super) dropped_logs: u64,
    /// When the runner wants to be woken: it has no clock that could do it. Each request replaces the one before.
    pub(super) wake: Option<Pin<Box<Sleep>>>,
    /// What it has had of the application's threads.
    pub(super) part: Part,
    /// Set when it has written too many lines, or others are at work as well: until then nothing is read, and it waits.
    pub(super) paused: Option<Pin<Box<Sleep>>>,
    /// Set when nothing can be written any more: until then its last words are read.
    pub(super) drained: Option<Pin<Box<Sleep>>>,
    /// It does not respond, and nobody was told yet.
    pub(super) unreported: Option<Unreported>,
    /// A module is being read for the runner, which waits for it.
    pub(super) reading_module: Arc<AtomicBool>,
    /// How much of the processors it may use.
    pub(super) budget: Option<Budget>,
}

/// A message that ends the session, with words for a person.
pub(super) struct Violation {
    pub(super) why: Refusal,
    pub(super) words: String,
}

impl Conversation {
    pub(crate) fn new(greeting: Greeting, limits: &Limits, now: Instant) -> Conversation {
        Conversation {
            begun: now,
            greeting: Some(greeting),
            handled: 0,
            has_more: false,
            loaded: false,
            messages: Bucket::new(limits.message_rate, now),
            lines: Bucket::new(limits.message_rate, now),
            logs: Bucket::new(limits.log_rate, now),
            dropped_logs: 0,
            wake: None,
            part: Part::new(now),
            paused: None,
            drained: None,
            unreported: None,
            reading_module: Arc::default(),
            budget: limits.cpu.map(Budget::new),
        }
    }

    /// Stops reading for a while when there were too many lines, or for `rest` because it is the others' turn.
    fn pause(&mut self, session: &Session, rest: Option<Duration>, now: Instant) {
        let debt = self.lines.debt(now).map(|debt| debt.min(PAUSE));
        self.paused = debt.max(rest).map(|pause| session.sleep(pause));
    }
}

impl Connection {
    /// Reads until the socket closes, the runner breaks the protocol, or a turn does not end.
    pub(crate) async fn run(self, greeting: Greeting) -> Ending {
        let mut conversation = Conversation::new(greeting, self.session.limits(), clock::now());
        let session = self.session.clone();
        let mut inbox = Inbox::new(session.limits().message);
        let mut ticks = tokio::time::interval(watch::INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let Needs { is_blocked, is_watched, failure } = session.needs();
            match failure {
                None => {}
                // It takes nothing more, but what it has said is still to be read.
                Some(Ending::Closed) => {
                    conversation.drained.get_or_insert_with(|| session.sleep(DRAIN));
                }
                Some(ending) => return ending,
            }
            // A runner that never stops talking takes its share of the thread and no more; here the task can be ended.
            if SHARE <= conversation.handled {
                conversation.handled = 0;
                tokio::task::yield_now().await;
            }
            tokio::task::coop::consume_budget().await;
            if conversation.has_more && conversation.paused.is_none() {
                if let Err(ending) = self.take_share(&mut inbox, &mut conversation) {
                    return ending;
                }
                continue;
            }
            let mut stream = &*self.stream;
            // In random order: a runner that never stops talking must not keep the others from their turn.
            tokio::select! {
                read = stream.read(inbox.spare()), if conversation.paused.is_none() => match read {
                    Ok(0) | Err(_) => return Ending::Closed,
                    Ok(count) => {
                        inbox.filled(count);
                        session.counters.bytes_in.fetch_add(count as u64, Ordering::Relaxed);
                        if let Err(ending) = self.take_share(&mut inbox, &mut conversation) {
                            return ending;
                        }
                    }
                },
                () = session.wake.notified() => session.flush(),
                writable = self.stream.inner().writable(), if is_blocked => match writable {
                    Ok(()) => session.unblock(),
                    Err(_) => return Ending::Closed,
                },
                () = due(&mut conversation.paused) => conversation.paused = None,
                () = due(&mut conversation.drained) => return Ending::Closed,
                () = due(&mut conversation.wake) => {
                    conversation.wake = None;
                    session.counters.wants_wake.store(false, Ordering::Relaxed);
                    session.send(&Message::Wake { now_us: None });
                }
                _ = ticks.tick(), if is_watched => {
                    if let Some(ending) = self.watch(&mut conversation) {
                        return ending;
                    }
                }
            }
        }
    }

    fn watch(&self, conversation: &mut Conversation) -> Option<Ending> {
        self.look_at_memory();
        if let Some(ending) = self.look_at_processor(conversation) {
            return Some(ending);
        }
        let session = &self.session;
        let unreported = &mut conversation.unreported;
        match session.observe() {
            None => {}
            Some(Action::Report(stuck)) => *unreported = Some(Unreported::new(session, stuck)),
            // One that was never told to be unresponsive is not told to respond again.
            Some(Action::Recovered) => match unreported.take() {
                Some(_) => {}
                None => self.signal(Signal::Recovered),
            },
            Some(Action::Stop(turn)) => session.page().request_stop(turn),
            Some(Action::Kill) => {
                if let Some(unreported) = unreported.take() {
                    self.report(&unreported, session.doing());
                }
                return Some(Ending::Unresponsive);
            }
        }
        if let Some(activity) = unreported.as_ref().and_then(|unreported| unreported.settled(session))
            && let Some(unreported) = unreported.take()
        {
            self.report(&unreported, activity);
        }
        None
    }

    fn report(&self, unreported: &Unreported, activity: Activity) {
        self.session.recorder().stack(activity.stack());
        self.signal(Signal::Unresponsive { stuck: unreported.stuck(), activity });
    }

    /// Reads what it has had of the processors: it is at work. Ends it when that is more than it may.
    fn look_at_processor(&self, conversation: &mut Conversation) -> Option<Ending> {
        let (session, now) = (&self.session, clock::now());
        let spent = session.usage().read(now);
        let budget = conversation.budget.as_mut()?;
        let over = budget.used(spent, now);
        session.counters.is_slowed.store(budget.is_slowing(), Ordering::Relaxed);
        let Over { used, budget, is_news } = over?;
        if is_news {
            let (plugin, generation) = (session.plugin().clone(), session.generation());
            self.events.send(Event::OverBudget { plugin, generation, used, budget });
        }
        let is_end = budget.then == OverBudget::Stop;
        is_end.then_some(Ending::OverBudget { used, per_minute: budget.per_minute })
    }

    /// Another point of the memory's curve, when it is time for one. A process that sleeps is not looked at.
    fn look_at_memory(&self) {
        let now = clock::now();
        let recorder = self.session.recorder();
        if recorder.wants_memory(now)
            && let Some(bytes) = launch::resident_bytes(self.session.pid())
        {
            recorder.memory(bytes, now);
        }
    }
}

impl<S> Connection<S> {
    /// Handles all messages that have arrived, in one go: in the simulator nobody else waits for the thread.
    #[cfg(test)]
    pub(crate) fn take(&self, inbox: &mut Inbox, conversation: &mut Conversation) -> Result<(), Ending> {
        loop {
            conversation.handled = 0;
            self.take_share(inbox, conversation)?;
            if !conversation.has_more {
                return Ok(());
            }
        }
    }

    /// Handles messages that have arrived, up to a share of the thread's time. A runner that breaks the protocol is told
    /// why, and the session ends.
    fn take_share(&self, inbox: &mut Inbox, conversation: &mut Conversation) -> Result<(), Ending> {
        let begun = self.session.begin_batch();
        conversation.begun = begun;
        let result = self.handle_batch(inbox, conversation);
        self.session.end_batch();
        let now = clock::now();
        // A start is short, and somebody waits for it.
        let rest = conversation.part.handled(&self.batches, begun, now).filter(|_| conversation.loaded);
        let slowed = conversation.budget.as_mut().filter(|budget| budget.is_slowing());
        let slowed = slowed.and_then(|budget| budget.rest(self.session.usage().read(now), now));
        conversation.pause(&self.session, rest.max(slowed), now);
        result.map_err(|Violation { why, words }| {
            self.session.send(&Message::Reject { why, text: &words });
            Ending::Violation(words)
        })
    }

    pub(super) fn signal(&self, signal: Signal) {
        // A supervisor that is gone wants to know nothing.
        let _ = self.signals.send(signal);
    }

    fn handle_batch(&self, inbox: &mut Inbox, conversation: &mut Conversation) -> Result<(), Violation> {
        loop {
            conversation.has_more = SHARE <= conversation.handled;
            if conversation.has_more {
                return Ok(());
            }
            let body = match inbox.next() {
                Ok(Some(body)) => body,
                Ok(None) => return Ok(()),
                Err(error) => return Err(Violation { why: Refusal::Malformed, words: error.to_string() }),
            };
            let message = Message::decode(body)
                .map_err(|error| Violation { why: Refusal::Malformed, words: error.to_string() })?;
            conversation.handled += 1;
            self.session.recorder().heard(&message);
            if !message.may_send(Role::Runner) {
                return Err(order(format!("a runner may not send {}", message.name())));
            }
            if let Message::Welcome { engine, version: release, features, .. } = &message {
                if features.contains(&version::HAND_OVER) {
                    self.session.note_hand_over();
                }
                let [engine, version] = [*engine, *release].map(|text| text::clean_line(text, limits::NAME));
                self.session.recorder().welcomed(Welcomed { engine, version });
            }
            match &mut conversation.greeting {
                Some(greeting) => match greeting.take(&message) {
                    Ok(Progress::Welcomed | Progress::Gone) => {}
                    Ok(Progress::Locked { level, layers }) => {
                        conversation.greeting = None;
                        let layers = layers.iter().take(limits::LAYERS);
                        let layers = layers.map(|layer| text::clean_line(layer, limits::NAME)).collect();
                        self.signal(Signal::Locked { level, layers });
                    }
                    Err((why, words)) => return Err(Violation { why, words }),
                },
                None => self.handle(message, conversation)?,
            }
        }
    }
}

/// Completes when the time has come, and never when none was asked for.
async fn due(wake: &mut Option<Pin<Box<Sleep>>>) {
    match wake {
        Some(sleep) => sleep.as_mut().await,
        None => std::future::pending().await,
    }
}

pub(super) fn order(words: String) -> Violation {
    Violation { why: Refusal::Order, words }
}

pub(super) fn malformed(error: plughold_wire::ScanError) -> Violation {
    Violation { why: Refusal::Malformed, words: format!("a value that is refused: {error}") }
}

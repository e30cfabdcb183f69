//! The one task that reads a runner's socket, and everything that a runner may say.
//!
//! It handles all messages of one read before it writes, so that a thousand answers leave in one write. The functions
//! of the application are polled once right here; those that are not done at once go on in tasks of their own.

use crate::api::{Functions, Invocation};
use crate::events::{Event, EventSender};
use crate::session::greeting::{Greeting, Progress};
use crate::session::rate::Bucket;
use crate::session::watch::{self, Action};
use crate::session::{Ending, Needs, Session};
use crate::value::{Incoming, Thrown};
use crate::{CallError, text};
use interprocess::os::unix::uds_local_socket::tokio::Stream;
use plughold_package::Package;
use plughold_protocol::limits;
use plughold_protocol::message::{Message, Role};
use plughold_protocol::record::{Level, Outcome, Refusal, Source, SourceKind, Stage, Target};
use plughold_wire::{Bounds, Inbox, scan, scan_arguments};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio::time::Sleep;

/// How long a runner is read that takes nothing more. One that has ended is read to its end in far less.
const DRAIN: Duration = Duration::from_millis(200);

/// What the supervisor hears of a connection.
#[derive(Debug)]
pub(crate) enum Signal {
    /// The greeting is done.
    Locked { level: Level, layers: Vec<String> },
    /// The plugin is loaded.
    Ready { exports: Vec<String>, activate_us: u64 },
    /// The plugin could not be loaded.
    Failed { stage: Stage, thrown: Thrown },
    /// It has been in one turn for so long.
    Unresponsive { stuck: Duration, stack: Option<String> },
    /// It is fine again.
    Recovered,
}

/// What the task knows.
pub(crate) struct Connection {
    pub(crate) session: Arc<Session>,
    pub(crate) stream: Arc<Stream>,
    pub(crate) package: Arc<Package>,
    pub(crate) functions: Arc<Functions>,
    pub(crate) events: EventSender,
    pub(crate) signals: mpsc::UnboundedSender<Signal>,
}

/// What the task remembers between messages.
struct Conversation {
    /// None once the greeting is done.
    greeting: Option<Greeting>,
    loaded: bool,
    messages: Bucket,
    logs: Bucket,
    dropped_logs: u64,
    /// When the runner wants to be woken: it has no clock that could do it. Each request replaces the one before.
    wake: Option<Pin<Box<Sleep>>>,
    /// Set when nothing can be written any more: until then its last words are read.
    drained: Option<Pin<Box<Sleep>>>,
    /// A module is being read for the runner, which waits for it.
    reading_module: Arc<AtomicBool>,
}

/// A message that ends the session, with words for a person.
struct Violation {
    why: Refusal,
    words: String,
}

impl Connection {
    /// Reads until the socket closes, the runner breaks the protocol, or a turn does not end.
    pub(crate) async fn run(self, greeting: Greeting) -> Ending {
        let now = Instant::now();
        let mut conversation = Conversation {
            greeting: Some(greeting),
            loaded: false,
            messages: Bucket::new(limits::MESSAGE_RATE, now),
            logs: Bucket::new(limits::LOG_RATE, now),
            dropped_logs: 0,
            wake: None,
            drained: None,
            reading_module: Arc::default(),
        };
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
            tokio::task::coop::consume_budget().await;
            let mut stream = &*self.stream;
            // In random order: a runner that never stops talking must not keep the others from their turn.
            tokio::select! {
                read = stream.read(inbox.spare()) => match read {
                    Ok(0) | Err(_) => return Ending::Closed,
                    Ok(count) => {
                        inbox.filled(count);
                        if let Err(violation) = self.handle_all(&mut inbox, &mut conversation) {
                            session.send(&Message::Reject { why: violation.why, text: &violation.words });
                            return Ending::Violation(violation.words);
                        }
                    }
                },
                () = session.wake.notified() => session.flush(),
                writable = self.stream.inner().writable(), if is_blocked => match writable {
                    Ok(()) => session.unblock(),
                    Err(_) => return Ending::Closed,
                },
                () = due(&mut conversation.drained) => return Ending::Closed,
                () = due(&mut conversation.wake) => {
                    conversation.wake = None;
                    session.send(&Message::Wake { now_us: None });
                }
                _ = ticks.tick(), if is_watched => if let Some(ending) = self.watch().await { return ending },
            }
        }
    }

    async fn watch(&self) -> Option<Ending> {
        match self.session.observe()? {
            Action::Report(stuck) => {
                let before = self.session.page().request_stack();
                // An interrupt handler that runs at all answers within a millisecond.
                let mut stack = None;
                for _ in 0..20 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    stack = self.session.page().stack_after(before);
                    if stack.is_some() {
                        break;
                    }
                }
                let stack = stack.map(|stack| text::clean_block(&stack));
                self.signal(Signal::Unresponsive { stuck, stack });
            }
            Action::Recovered => self.signal(Signal::Recovered),
            Action::Stop(turn) => self.session.page().request_stop(turn),
            Action::Kill => return Some(Ending::Unresponsive),
        }
        None
    }

    fn signal(&self, signal: Signal) {
        // A supervisor that is gone wants to know nothing.
        let _ = self.signals.send(signal);
    }

    fn handle_all(&self, inbox: &mut Inbox, conversation: &mut Conversation) -> Result<(), Violation> {
        self.session.begin_batch();
        let result = self.handle_batch(inbox, conversation);
        self.session.end_batch();
        result
    }

    fn handle_batch(&self, inbox: &mut Inbox, conversation: &mut Conversation) -> Result<(), Violation> {
        loop {
            let body = match inbox.next() {
                Ok(Some(body)) => body,
                Ok(None) => return Ok(()),
                Err(error) => return Err(Violation { why: Refusal::Malformed, words: error.to_string() }),
            };
            let message = Message::decode(body)
                .map_err(|error| Violation { why: Refusal::Malformed, words: error.to_string() })?;
            if !message.may_send(Role::Runner) {
                return Err(order(format!("a runner may not send {}", message.name())));
            }
            match &mut conversation.greeting {
                Some(greeting) => match greeting.take(&message) {
                    Ok(Progress::Welcomed) => {}
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

    fn handle(&self, message: Message, conversation: &mut Conversation) -> Result<(), Violation> {
        match message {
            Message::Call { id, target, args, parent: _, deadline_us, .. } => {
                self.call(id, target, args, deadline_us)
            }
            Message::Return { id, outcome, .. } => self.settle(id, outcome),
            other => {
                if !conversation.messages.take(1, Instant::now()) {
                    let words =
                        format!("more than {} messages a second that need no credit", limits::MESSAGE_RATE);
                    return Err(Violation { why: Refusal::Limit, words });
                }
                self.handle_uncredited(other, conversation)
            }
        }
    }

    fn handle_uncredited(&self, message: Message, conversation: &mut Conversation) -> Result<(), Violation> {
        match message {
            Message::Notify { target, args, .. } => self.notify(target, args)?,
            Message::Cancel { id } => self.session.serving.cancel(id),
            Message::Release { references } if !references.is_empty() => {
                return Err(order("Release of a reference that the host never gave".to_owned()));
            }
            Message::Credit { stream: None, amount } => self.session.widen(amount),
            Message::WakeAfter { delay_us } => {
                let delay = delay_us.map(|us| Duration::from_micros(us.min(limits::WAKE_MAX_US)));
                conversation.wake = delay.map(|delay| self.session.sleep(delay));
            }
            Message::ModuleRequest { id, specifier, referrer } => {
                if conversation.reading_module.swap(true, Ordering::AcqRel) {
                    return Err(order("a second ModuleRequest before the answer to the first".to_owned()));
                }
                self.module(id, specifier, referrer, conversation.reading_module.clone());
            }
            Message::Ready { exports, activate_us, compile_us, evaluate_us } if !conversation.loaded => {
                conversation.loaded = true;
                let exports = exports.into_iter().take(limits::EXPORTS);
                let exports = exports.map(|name| text::clean_line(name, limits::NAME)).collect();
                self.signal(Signal::Ready {
                    exports,
                    activate_us: compile_us.saturating_add(evaluate_us).saturating_add(activate_us),
                });
            }
            Message::Failed { stage, error } if !conversation.loaded => {
                conversation.loaded = true;
                self.signal(Signal::Failed { stage, thrown: self.thrown(error)? });
            }
            Message::Log { level, text, place } => {
                let bytes = text.len().min(limits::LOG_LINE) as u64;
                if !conversation.logs.take(bytes, Instant::now()) {
                    conversation.dropped_logs += 1;
                    self.session.counters.dropped_logs.fetch_add(1, Ordering::Relaxed);
                    return Ok(());
                }
                let dropped = std::mem::take(&mut conversation.dropped_logs);
                self.events.send(Event::Log {
                    plugin: self.session.plugin().clone(),
                    level: level.into(),
                    // An honest runner has cut it already, and marked it.
                    message: text::clean_block(
                        text.get(..text.floor_char_boundary(limits::LOG_LINE)).unwrap_or_default(),
                    ),
                    place: place.map(|place| crate::Place {
                        file: text::clean_line(place.file, limits::NAME),
                        line: place.line,
                        column: place.column,
                    }),
                    dropped_before: dropped,
                });
            }
            Message::Uncaught { error, rejection } => {
                let bytes = error.len().min(limits::LOG_RATE as usize) as u64;
                if !conversation.logs.take(bytes, Instant::now()) {
                    conversation.dropped_logs += 1;
                    return Ok(());
                }
                let thrown = self.thrown(error)?;
                self.events.send(Event::Uncaught {
                    plugin: self.session.plugin().clone(),
                    thrown,
                    rejection,
                });
            }
            Message::Reject { why, text } => {
                let words = format!("the runner refuses to go on: {}", text::clean_line(text, limits::NAME));
                return Err(Violation { why, words });
            }
            // What counts at the end is that the process ends, not that it says so.
            Message::Stopped { .. }
            | Message::Pong { .. }
            | Message::Stats { .. }
            | Message::Release { .. } => {}
            Message::Ping { nonce } => self.session.send(&Message::Pong { nonce }),
            other => return Err(order(format!("{} is out of order", other.name()))),
        }
        Ok(())
    }

    // -- Calls --------------------------------------------------------------------------------------------------

    fn call(&self, id: u64, target: Target, args: &[u8], deadline_us: Option<u64>) -> Result<(), Violation> {
        let index = self.function_index(target)?;
        let bytes = args.len();
        let cancellation = self.session.serving.open(id, bytes).map_err(order)?;
        let args = self.arguments(args)?;
        self.session.counters.calls_in.fetch_add(1, Ordering::Relaxed);
        let deadline = deadline_us.and_then(|us| Instant::now().checked_add(Duration::from_micros(us)));
        let invocation = Invocation {
            session: self.session.clone(),
            package: self.package.clone(),
            call: Some(id),
            bytes,
            deadline,
            cancellation,
        };
        self.functions.invoke(index, invocation, args);
        Ok(())
    }

    fn notify(&self, target: Target, args: &[u8]) -> Result<(), Violation> {
        let index = self.function_index(target)?;
        let bytes = args.len();
        let cancellation = self.session.serving.open_notification(bytes).map_err(order)?;
        let args = self.arguments(args)?;
        let invocation = Invocation {
            session: self.session.clone(),
            package: self.package.clone(),
            call: None,
            bytes,
            deadline: None,
            cancellation,
        };
        self.functions.invoke(index, invocation, args);
        Ok(())
    }

    fn function_index(&self, target: Target) -> Result<usize, Violation> {
        match target {
            Target::Api(index) if (index as usize) < self.functions.len() => Ok(index as usize),
            Target::Api(index) => {
                Err(order(format!("a call of API function {index}; there are {}", self.functions.len())))
            }
            _ => Err(order("a call of a function that the host never gave".to_owned())),
        }
    }

    fn arguments(&self, args: &[u8]) -> Result<Incoming, Violation> {
        let (scan, ranges) = scan_arguments(args, &Bounds::default()).map_err(malformed)?;
        self.check_references(scan.references.len())?;
        Ok(Incoming::new(args, self.session.scope(&scan.references), ranges))
    }

    fn settle(&self, id: u64, outcome: Outcome) -> Result<(), Violation> {
        let answer = match outcome {
            Outcome::Returned(bytes) => {
                let scan = scan(bytes, &Bounds::default()).map_err(malformed)?;
                self.check_references(scan.references.len())?;
                let scope = self.session.scope(&scan.references);
                Ok(Incoming::new(bytes, scope, Vec::new()))
            }
            Outcome::Threw(bytes) => Err(CallError::Thrown(Box::new(self.thrown(bytes)?))),
        };
        if self.session.settle(id, answer) {
            return Ok(());
        }
        Err(order(format!("an answer to call {id}, which was never made or is answered already")))
    }

    fn check_references(&self, more: usize) -> Result<(), Violation> {
        let held = self.session.counters.references.load(Ordering::Relaxed) as usize;
        if held + more <= limits::REFERENCES {
            return Ok(());
        }
        Err(Violation { why: Refusal::Limit, words: format!("more than {} references", limits::REFERENCES) })
    }

    fn thrown(&self, bytes: &[u8]) -> Result<Thrown, Violation> {
        let found = scan(bytes, &Bounds::default()).map_err(malformed)?;
        // References inside of an error are of no use here: given back at once.
        drop(self.session.scope(&found.references));
        Ok(Thrown::from_value(bytes).cleaned())
    }

    // -- Modules ------------------------------------------------------------------------------------------------

    /// Reads a module out of the package, on a thread that may wait for the disk.
    fn module(&self, id: u64, specifier: &str, referrer: &str, reading: Arc<AtomicBool>) {
        let (session, package) = (self.session.clone(), self.package.clone());
        let (specifier, referrer) = (specifier.to_owned(), referrer.to_owned());
        self.session.runtime().spawn_blocking(move || {
            let read =
                package.resolve(&specifier, &referrer).map_err(|error| error.to_string()).and_then(|name| {
                    let bytes = package.read(&name).map_err(|error| error.to_string())?;
                    let text = String::from_utf8(bytes).map_err(|_| format!("{name} is not UTF-8"))?;
                    Ok((name, text))
                });
            let (source, error) = match &read {
                Ok((name, text)) => (Some(Source { name, kind: SourceKind::Module, text }), None),
                Err(error) => (None, Some(error.as_str())),
            };
            reading.store(false, Ordering::Release);
            session.send(&Message::Module { id, source, error });
        });
    }
}

/// Completes when the time has come, and never when none was asked for.
async fn due(wake: &mut Option<Pin<Box<Sleep>>>) {
    match wake {
        Some(sleep) => sleep.as_mut().await,
        None => std::future::pending().await,
    }
}

fn order(words: String) -> Violation {
    Violation { why: Refusal::Order, words }
}

fn malformed(error: plughold_wire::ScanError) -> Violation {
    Violation { why: Refusal::Malformed, words: format!("a value that is refused: {error}") }
}

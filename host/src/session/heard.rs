//! What a runner may say once it is locked, message by message.

use super::connection::{Connection, Conversation, Signal, Violation, order};
use super::dispatch::Head;
use crate::clock;
use crate::events::{Event, Level, Place};
use crate::stream::{self, IsFree};
use crate::text;
use crate::value::Thrown;
use plughold_protocol::limits;
use plughold_protocol::message::Message;
use plughold_protocol::record::{Place as SaidPlace, Refusal, Unwanted};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// An error that nobody caught, in bytes: of a longer one only the beginning is told. Thousands of events wait for those
/// who read them slowly.
pub(crate) const UNCAUGHT: usize = 24 << 10;

/// What a line of a log or an error counts at least, in bytes: an empty one takes its place among the events as well.
const LINE: u64 = 32;

impl<S> Connection<S> {
    pub(super) fn handle(&self, message: Message, conversation: &mut Conversation) -> Result<(), Violation> {
        match message {
            Message::Call { id, target, args, parent, deadline_us, blocking, .. } => {
                self.call(Head { id, parent, deadline_us, blocking }, target, args, conversation.begun)
            }
            Message::Return { id, outcome, spent_us } => self.settle(id, outcome, spent_us),
            // Bounded by what the runner was given, and so free of the rate. One that gives nothing back is not.
            Message::Release { references } if references.iter().any(|released| 0 < released.count) => {
                self.release(&references)
            }
            Message::StreamData { .. }
            | Message::StreamEnd { .. }
            | Message::StreamStop { .. }
            | Message::Credit { stream: Some(_), .. } => {
                let is_free = stream::handle(&self.session, &message);
                match is_free.map_err(|(why, words)| Violation { why, words })? {
                    IsFree(true) => Ok(()),
                    IsFree(false) => self.uncredited(conversation),
                }
            }
            // No offence: whoever floods has to wait.
            line @ (Message::Log { .. } | Message::Uncaught { .. }) => {
                conversation.lines.overdraw(1, clock::now());
                self.handle_uncredited(line, conversation)
            }
            other => {
                self.uncredited(conversation)?;
                self.handle_uncredited(other, conversation)
            }
        }
    }

    fn handle_uncredited(&self, message: Message, conversation: &mut Conversation) -> Result<(), Violation> {
        match message {
            Message::Notify { target, args, .. } => self.notify(target, args)?,
            Message::Cancel { id, why } => self.session.serving.cancel(id, why.unwrap_or(Unwanted::Dropped)),
            Message::Release { references } => self.release(&references)?,
            Message::Credit { stream: None, amount } => self.session.widen(amount),
            Message::WakeAfter { delay_us } => {
                let delay = delay_us.map(|us| Duration::from_micros(us.min(limits::WAKE_MAX_US)));
                conversation.wake = delay.map(|delay| self.session.sleep(delay));
                self.session.counters.wants_wake.store(delay.is_some(), Ordering::Relaxed);
            }
            Message::Site { id, stack } if self.session.access().made_at(id, stack) => {}
            Message::ModuleRequest { id, specifier, referrer, longest } => {
                if conversation.reading_module.swap(true, Ordering::AcqRel) {
                    return Err(order("a second ModuleRequest before the answer to the first".to_owned()));
                }
                let longest = longest.unwrap_or(u64::MAX);
                self.module(id, specifier, referrer, longest, conversation.reading_module.clone());
            }
            Message::Ready { exports, activate_us, compile_us, evaluate_us } if !conversation.loaded => {
                conversation.loaded = true;
                let bytes = exports.iter().map(|name| name.len()).sum::<usize>();
                if limits::EXPORTS < exports.len() || limits::EXPORT_NAMES < bytes {
                    let count = exports.len();
                    return Err(limit(format!("{count} exports with {bytes} bytes of names")));
                }
                let exports = exports.into_iter().map(|name| text::clean_line(name, limits::NAME)).collect();
                self.signal(Signal::Ready {
                    exports,
                    activate_us: compile_us.saturating_add(evaluate_us).saturating_add(activate_us),
                });
            }
            Message::Failed { stage, error } if !conversation.loaded => {
                conversation.loaded = true;
                self.signal(Signal::Failed { stage, thrown: self.thrown(error)? });
            }
            Message::Log { level, text, place } => self.log(level.into(), text, place, conversation),
            Message::Uncaught { error, rejection } => self.uncaught(error, rejection, conversation)?,
            Message::Reject { why, text } => {
                let words = format!("the runner refuses to go on: {}", text::clean_line(text, limits::NAME));
                return Err(Violation { why, words });
            }
            // What counts at the end is that the process ends, not that it says so.
            Message::Stopped { state, error, .. } if self.session.take_parting() => {
                self.signal(Signal::suspended(state, error, |error| self.thrown(error))?);
            }
            Message::Suspended { id, state, error } => {
                let is_wanted = self.session.take_suspended(id)?;
                let suspended = Signal::suspended(state, error, |error| self.thrown(error))?;
                if is_wanted {
                    self.signal(suspended);
                }
            }
            Message::Stopped { .. } | Message::Pong { .. } | Message::Stats { .. } => {}
            Message::Ping { nonce } => self.session.send(&Message::Pong { nonce }),
            other => return Err(order(format!("{} is out of order", other.name()))),
        }
        Ok(())
    }

    /// A line for people, unless there were too many.
    fn log(&self, level: Level, text: &str, place: Option<SaidPlace>, conversation: &mut Conversation) {
        let file = place.as_ref().map_or(0, |place| place.file.len().min(limits::NAME));
        if !self.is_affordable(text.len().min(limits::LOG_LINE) + file, conversation) {
            return;
        }
        // An honest runner has cut it already, and marked it.
        let cut = text.get(..text.floor_char_boundary(limits::LOG_LINE)).unwrap_or_default();
        let message = text::clean_block(cut);
        self.session.recorder().line(level, &message, clock::now());
        self.events.send(Event::Log {
            plugin: self.session.plugin().clone(),
            level,
            message,
            place: place.map(|place| Place {
                file: text::clean_line(place.file, limits::NAME),
                line: place.line,
                column: place.column,
            }),
            dropped_before: std::mem::take(&mut conversation.dropped_logs),
        });
    }

    fn uncaught(
        &self,
        error: &[u8],
        rejection: bool,
        conversation: &mut Conversation,
    ) -> Result<(), Violation> {
        if !self.is_affordable(error.len().min(UNCAUGHT), conversation) {
            return Ok(());
        }
        let thrown = self.thrown(error)?;
        let thrown = if UNCAUGHT < error.len() { cut(thrown) } else { thrown };
        self.events.send(Event::Uncaught { plugin: self.session.plugin().clone(), thrown, rejection });
        Ok(())
    }

    /// Whether what the plugin tells people may be so long now. If not, it counts as dropped.
    fn is_affordable(&self, bytes: usize, conversation: &mut Conversation) -> bool {
        let is_affordable = conversation.logs.take((bytes as u64).max(LINE), clock::now());
        if !is_affordable {
            conversation.dropped_logs += 1;
            self.session.counters.dropped_logs.fetch_add(1, Ordering::Relaxed);
        }
        is_affordable
    }

    /// Counts a message that needs no credit.
    fn uncredited(&self, conversation: &mut Conversation) -> Result<(), Violation> {
        if conversation.messages.take(1, clock::now()) {
            return Ok(());
        }
        let most = self.session.limits().message_rate;
        Err(limit(format!("more than {most} messages a second that need no credit")))
    }
}

/// The beginning of an error: what it is, what it says and where it was thrown, in at most [`UNCAUGHT`] bytes.
pub(crate) fn cut(thrown: Thrown) -> Thrown {
    let most = |mut text: String, length: usize| {
        text.truncate(text.floor_char_boundary(length));
        text
    };
    Thrown {
        stack: thrown.stack.map(|stack| most(stack, UNCAUGHT / 2)),
        code: thrown.code.map(|code| most(code, limits::NAME)),
        ..Thrown::new(most(thrown.name, limits::NAME), most(thrown.message, UNCAUGHT / 4))
    }
}

/// What an honest runner never needs so much of.
fn limit(words: String) -> Violation {
    Violation { why: Refusal::Limit, words }
}

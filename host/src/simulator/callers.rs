//! Those who call plugins: each call has exactly one outcome, and the right one.

use super::Checked;
use super::application::Theirs;
use super::faults::{Fault, Faults};
use super::random::Random;
use super::runner::Runner;
use crate::session::Session;
use crate::value::Bytes;
use crate::{Call, CallError, Function, Value, clock};
use plughold_protocol::limits;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

/// How much later than its deadline a call may end: the granularity of timers, and a bit.
const LATE: Duration = Duration::from_millis(3);

/// The callers of one world.
#[derive(Default)]
pub(super) struct Callers {
    calls: Vec<Open>,
    last_number: u64,
    /// Calls that had an outcome, and those that nobody waited for any more.
    pub(super) ended: u64,
    pub(super) dropped: u64,
    /// Calls that nobody wants any more and that had no answer: the sessions, and their numbers.
    unwanted: Vec<(u64, u64)>,
}

/// A call without an outcome.
struct Open {
    number: u64,
    call: Pin<Box<Call<Value>>>,
    session: Arc<Session>,
    deadline: Instant,
    is_sent: bool,
    flag: Arc<Flag>,
}

/// Whether a call was woken.
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

impl Callers {
    /// Somebody calls a function of a plugin.
    pub(super) fn call(
        &mut self,
        callback: &Theirs,
        function: &Function,
        random: &mut Random,
        session: Arc<Session>,
    ) {
        // Zero is the number of those that the application makes for plugins.
        self.last_number += 1;
        let number = self.last_number;
        let mut args = vec![Value::Number(number as f64)];
        match random.below(8) {
            0 => args.push(Value::Function(function.clone())),
            1 => args.push(Value::Callback(callback.clone())),
            2 if random.once_in(10) => args.push(Value::Bytes(Bytes(vec![7; limits::PIECE + 100]))),
            _ => {}
        }
        let limit = Duration::from_millis([1, 50, 1_000, 6_000, 60_000][random.below(5)]);
        self.calls.push(Open {
            number,
            call: Box::pin(callback.call(args).within(limit)),
            session,
            deadline: clock::now() + limit,
            is_sent: false,
            flag: Arc::new(Flag(AtomicBool::new(true))),
        });
    }

    /// Somebody does not wait any more.
    pub(super) fn drop_one<'r>(
        &mut self,
        random: &mut Random,
        faults: &Faults,
        runner_of: impl Fn(u64) -> Option<&'r Runner>,
    ) -> bool {
        if self.calls.is_empty() {
            return false;
        }
        let dropped = self.calls.swap_remove(random.below(self.calls.len()));
        self.dropped += 1;
        self.note_unwanted(&dropped, runner_of);
        if faults.strike(Fault::CancelForgotten) {
            std::mem::forget(dropped.call);
        }
        true
    }

    fn note_unwanted<'r>(&mut self, open: &Open, runner_of: impl Fn(u64) -> Option<&'r Runner>) {
        let key = open.session.key();
        let is_asked =
            |runner: &Runner| open.is_sent && runner.is_honest && !runner.done.contains(&open.number);
        if runner_of(key).is_some_and(is_asked) {
            self.unwanted.push((key, open.number));
        }
    }

    /// Every plugin has read everything: it knows of each call that nobody wants.
    pub(super) fn check_told<'r>(&self, runner_of: impl Fn(u64) -> Option<&'r Runner>) -> Checked {
        for (key, number) in &self.unwanted {
            if runner_of(*key).is_some_and(|runner| runner.is_unwanted(*number) == Some(false)) {
                return Err(format!("nobody wants call {number}, and its plugin was not told"));
            }
        }
        Ok(())
    }

    /// Looks at the calls that were woken (at all of them, if `all`), and checks what came of them. `runner_of` gives the
    /// runner of a session, if it is there.
    pub(super) fn poll<'r>(
        &mut self,
        all: bool,
        faults: &Faults,
        runner_of: impl Fn(u64) -> Option<&'r Runner>,
    ) -> Checked {
        let now = clock::now();
        let mut index = 0;
        while index < self.calls.len() {
            let open = &mut self.calls[index];
            let was_woken = open.flag.0.swap(false, Ordering::AcqRel);
            let is_over = open.deadline + LATE <= now || !open.session.is_live();
            if !was_woken && !all && !is_over {
                index += 1;
                continue;
            }
            if was_woken && open.deadline <= now && faults.strike(Fault::DeadlineForgotten) {
                index += 1;
                continue;
            }
            let waker = Waker::from(open.flag.clone());
            match open.call.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Pending if is_over => {
                    return Err(format!("call {} goes on after its end", open.number));
                }
                Poll::Pending => {
                    open.is_sent = true;
                    index += 1;
                }
                Poll::Ready(_) if !was_woken => {
                    return Err(format!("call {} has an outcome, and its caller was not woken", open.number));
                }
                Poll::Ready(outcome) => {
                    let open = self.calls.swap_remove(index);
                    self.ended += 1;
                    if matches!(outcome, Err(CallError::Deadline { .. })) {
                        self.note_unwanted(&open, &runner_of);
                    }
                    open.check(&outcome, now, runner_of(open.session.key()))?;
                }
            }
        }
        Ok(())
    }

    /// How many have no outcome.
    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    /// Every call was made once, and has ended once or is open.
    pub(super) fn check(&self) -> Checked {
        let known = self.ended + self.dropped + self.calls.len() as u64;
        if known == self.last_number { Ok(()) } else { Err(format!("{known} of {} calls", self.last_number)) }
    }
}

impl Open {
    fn check(&self, outcome: &Result<Value, CallError>, now: Instant, runner: Option<&Runner>) -> Checked {
        let number = self.number;
        let has_answered = runner.map(|runner| !runner.is_honest || runner.answered.contains(&number));
        let wrong = |why: &str| Err(format!("call {number} ended with {outcome:?}: {why}"));
        match outcome {
            Ok(Value::Array(values)) => match values.first() {
                Some(Value::Number(echo)) if *echo == number as f64 => match has_answered {
                    Some(true) => Ok(()),
                    Some(false) => wrong("its plugin has not answered"),
                    None => wrong("its process is gone"),
                },
                _ => wrong("that is the answer to another one"),
            },
            // From a runner that keeps no rule anything may come.
            Ok(_) | Err(CallError::Result(_)) => match has_answered {
                Some(true) => Ok(()),
                _ => wrong("nobody has answered that"),
            },
            Err(CallError::Deadline { .. }) if now < self.deadline => wrong("there was time left"),
            Err(CallError::Gone { .. }) if self.session.is_live() => wrong("its process lives"),
            Err(CallError::Busy { .. }) if self.is_sent => wrong("it was on its way"),
            Err(CallError::Busy { in_flight }) if *in_flight != self.session.calls_in_flight() as u64 => {
                wrong("that is not how many there are")
            }
            Err(CallError::Cancelled | CallError::Circle(_) | CallError::Depth { .. }) => {
                wrong("it belongs to no chain")
            }
            Err(_) => Ok(()),
        }
    }
}

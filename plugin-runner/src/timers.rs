//! Timers. The runner cannot wait for a time by itself: it asks the host for one wake-up, the earliest.

use crate::engine::function::Native;
use crate::engine::promise::has_jobs;
use crate::engine::{Js, Value};
use crate::natives::argument;
use crate::session::Session;
use crate::turn::Origin;
use crate::{serve, thrown, waiting};
use plughold_protocol::Message;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// The longest delay, in milliseconds, as in browsers: about 25 days.
const LONGEST: f64 = 2_147_483_647.0;

/// The shortest interval, in microseconds: one without pause would keep both processes busy for nothing.
const SHORTEST_INTERVAL: u64 = 1_000;

/// Entries of cleared timers that may stay in the queue before it is cleaned.
const STALE: usize = 64;

/// What our own JavaScript can call.
pub(crate) const NATIVES: &[Native] = &[
    Native { name: "setTimeout", length: 2, run: set_timeout },
    Native { name: "setInterval", length: 2, run: set_interval },
    Native { name: "setImmediate", length: 1, run: set_immediate },
    Native { name: "clearTimer", length: 1, run: clear },
];

/// The timers of the plugin.
pub(crate) struct Timers {
    timers: HashMap<u64, Timer>,
    /// When each is due; entries of timers that were cleared or moved are skipped.
    queue: BinaryHeap<Reverse<Due>>,
    /// The number of the last timer, and of the last entry in the queue.
    last_id: u64,
    last_entry: u64,
    /// The moment for which the host was asked.
    asked_us: Option<u64>,
}

/// An entry: when, in which order, and whose.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at_us: u64,
    entry: u64,
    id: u64,
}

#[derive(Clone)]
struct Timer {
    function: Value,
    arguments: Vec<Value>,
    interval_us: Option<u64>,
    /// The entry in the queue that counts.
    entry: u64,
    /// Where it was set.
    origin: Origin,
}

impl Timers {
    /// None.
    pub(crate) fn new() -> Timers {
        Timers { timers: HashMap::new(), queue: BinaryHeap::new(), last_id: 0, last_entry: 0, asked_us: None }
    }

    /// How many are set.
    pub(crate) fn len(&self) -> usize {
        self.timers.len()
    }

    /// Adds a timer that is due at this moment, and gives its number.
    fn add(&mut self, at_us: u64, timer: impl FnOnce(u64) -> Timer) -> u64 {
        self.last_id += 1;
        let id = self.last_id;
        let entry = self.enqueue(id, at_us);
        self.timers.insert(id, timer(entry));
        id
    }

    fn enqueue(&mut self, id: u64, at_us: u64) -> u64 {
        self.last_entry += 1;
        self.queue.push(Reverse(Due { at_us, entry: self.last_entry, id }));
        self.last_entry
    }

    fn clear(&mut self, id: u64) {
        self.timers.remove(&id);
        self.clean();
    }

    /// Drops entries that do not count, once they are many.
    fn clean(&mut self) {
        if 2 * self.timers.len() + STALE < self.queue.len() {
            let timers = &self.timers;
            self.queue.retain(|Reverse(due)| is_current(timers, *due));
        }
    }

    /// The earliest entry that counts.
    fn earliest(&mut self) -> Option<Due> {
        loop {
            let Reverse(due) = *self.queue.peek()?;
            if is_current(&self.timers, due) {
                return Some(due);
            }
            self.queue.pop();
        }
    }

    /// The earliest entry that counts, of a timer that may run while the plugin waits.
    fn earliest_on_top(&self, session: &Session) -> Option<Due> {
        let may_run = |due: &Due| {
            let timer = self.timers.get(&due.id).filter(|timer| timer.entry == due.entry);
            timer.is_some_and(|timer| may_run_on_top(session, timer.origin))
        };
        self.queue.iter().map(|Reverse(due)| *due).filter(may_run).min()
    }

    /// The earliest entry that counts and that may run now.
    fn earliest_now(&mut self, session: &Session) -> Option<Due> {
        if session.turn.depth() == 0 { self.earliest() } else { self.earliest_on_top(session) }
    }

    /// Takes the next timer that is due and was set before `entry`, and sets it anew if it is an interval. An interval
    /// that missed its time several times is not run several times for that.
    fn take_due(&mut self, session: &Session, now_us: u64, entry: u64) -> Option<Timer> {
        let due = self.earliest_now(session)?;
        if now_us < due.at_us || entry < due.entry {
            return None;
        }
        let timer = self.timers.get(&due.id)?.clone();
        match timer.interval_us {
            None => drop(self.timers.remove(&due.id)),
            Some(interval_us) => {
                let next_us = due.at_us + interval_us;
                let next_us = if now_us < next_us { next_us } else { now_us + interval_us };
                let entry = self.enqueue(due.id, next_us);
                self.timers.entry(due.id).and_modify(|timer| timer.entry = entry);
            }
        }
        self.clean();
        Some(timer)
    }
}

/// Whether a timer may run while the plugin waits: it was set on top of the turn that waits, and who set it still wants
/// something of it.
fn may_run_on_top(session: &Session, origin: Origin) -> bool {
    let is_wanted = origin.call.is_none_or(|call| session.calls_in.borrow().has(call));
    is_wanted && waiting::may_go_on(session, origin)
}

fn is_current(timers: &HashMap<u64, Timer>, due: Due) -> bool {
    timers.get(&due.id).is_some_and(|timer| timer.entry == due.entry)
}

/// `setTimeout(function, milliseconds, ...arguments)`
fn set_timeout(session: &Session, arguments: &[Value]) -> Js {
    set(session, arguments, delay_us(&argument(arguments, 1)), false, 2)
}

/// `setInterval(function, milliseconds, ...arguments)`
fn set_interval(session: &Session, arguments: &[Value]) -> Js {
    set(session, arguments, delay_us(&argument(arguments, 1)), true, 2)
}

/// `setImmediate(function, ...arguments)`
fn set_immediate(session: &Session, arguments: &[Value]) -> Js {
    set(session, arguments, 0, false, 1)
}

/// `clearTimeout(id)`, for all kinds. What is not the number of a timer is ignored.
fn clear(session: &Session, arguments: &[Value]) -> Js {
    if let Some(id) = argument(arguments, 0).as_number() {
        session.timers.borrow_mut().clear(id as u64);
    }
    Ok(Value::UNDEFINED)
}

/// Microseconds of a delay in milliseconds; what is not a number is no delay.
fn delay_us(milliseconds: &Value) -> u64 {
    let milliseconds = milliseconds.as_number().unwrap_or(0.0);
    // A number that is none fails the comparison, and becomes 0 as well.
    if 0.0 < milliseconds { (milliseconds.min(LONGEST) * 1_000.0) as u64 } else { 0 }
}

fn set(session: &Session, arguments: &[Value], delay_us: u64, repeats: bool, skipped: usize) -> Js {
    let function = argument(arguments, 0);
    if !function.is_function() {
        return Err(thrown::type_error("a timer needs a function"));
    }
    let most = session.limits.timers;
    let now_us = session.clock.elapsed_us();
    let origin = session.turn.origin(session);
    let mut timers = session.timers.borrow_mut();
    if most as usize <= timers.len() {
        drop(timers);
        return Err(thrown::range_error(&format!("more than {most} timers are set")));
    }
    let delay_us = if repeats { delay_us.max(SHORTEST_INTERVAL) } else { delay_us };
    let arguments = arguments.get(skipped..).unwrap_or_default().to_vec();
    let interval_us = repeats.then_some(delay_us);
    let id = timers.add(now_us + delay_us, |entry| Timer { function, arguments, interval_us, entry, origin });
    Ok(Value::number(id as f64))
}

/// Calls a function of our own after this time, whatever the plugin has set.
pub(crate) fn after(session: &Session, delay_us: u64, function: Value) {
    let at_us = session.clock.elapsed_us().saturating_add(delay_us);
    let origin = session.turn.origin(session);
    session.timers.borrow_mut().add(at_us, |entry| Timer {
        function,
        arguments: Vec::new(),
        interval_us: None,
        entry,
        origin,
    });
}

/// The wake-up has come that the host was asked for.
pub(crate) fn note_wake(session: &Session, now_us: Option<u64>) {
    if let Some(now_us) = now_us {
        session.clock.set_today_us(now_us);
    }
    session.timers.borrow_mut().asked_us = None;
}

/// Whether a timer is due that may run now.
pub(crate) fn is_due(session: &Session) -> bool {
    let now_us = session.clock.elapsed_us();
    session.timers.borrow_mut().earliest_now(session).is_some_and(|due| due.at_us <= now_us)
}

/// Runs what is due, each with its promise jobs, for the call that set it. What they set is for the next time, so that no
/// chain of timers keeps the turn for itself.
pub(crate) fn run_due(session: &Session) {
    let last_entry = session.timers.borrow().last_entry;
    let now_us = session.clock.elapsed_us();
    while !session.turn.is_stopped() {
        let timer = session.timers.borrow_mut().take_due(session, now_us, last_entry);
        let Some(timer) = timer else { return };
        let call = timer.origin.call.filter(|call| session.calls_in.borrow().has(*call));
        session.turn.belong_to(session, call);
        if let Err(thrown) = timer.function.call(&Value::UNDEFINED, &timer.arguments) {
            serve::report_uncaught(session, &thrown, false);
        }
        serve::run_jobs(session);
    }
}

/// Asks the host for a wake-up if the earliest moment is another than before. Jobs that a stopped turn left behind want
/// one at once. On top of a turn that waits only those timers count that may run there, and what was asked for before
/// stays if it is earlier.
pub(crate) fn ask(session: &Session) {
    let now_us = session.clock.elapsed_us();
    let is_on_top = 0 < session.turn.depth();
    let mut timers = session.timers.borrow_mut();
    let earliest = timers.earliest_now(session).map(|due| due.at_us);
    let wanted = if has_jobs() && !is_on_top { Some(now_us) } else { earliest };
    let is_asked = match (wanted, timers.asked_us) {
        (None, _) if is_on_top => true,
        (Some(wanted), Some(asked)) if is_on_top => asked <= wanted,
        (wanted, asked) => wanted == asked,
    };
    if is_asked {
        return;
    }
    timers.asked_us = wanted;
    drop(timers);
    let delay_us = wanted.map(|at_us| at_us.saturating_sub(now_us));
    session.send(&Message::WakeAfter { delay_us });
}

//! Calls of the plugin: a promise for each, and a window of how many may be in flight.

use crate::encode;
use crate::engine::promise::{Deferred, Settle};
use crate::engine::{Js, Value};
use crate::session::Session;
use crate::{arena, serve, thrown};
use plughold_protocol::record::{Limits, Target};
use plughold_protocol::{Message, limits};
use plughold_wire::Slab;
use std::collections::VecDeque;

/// The code of the error when a plugin calls and calls and never waits.
const QUEUE_FULL: &str = "E_QUEUE_FULL";

/// Calls that wait for their answer or for room.
pub(crate) struct CallsOut {
    waiting: Slab<Waiting>,
    in_flight: u64,
    window: u64,
    queue: VecDeque<Queued>,
    queued_bytes: u64,
}

/// A call without an answer yet.
pub(crate) struct Waiting {
    /// Settles the plugin's promise.
    pub(crate) settle: Settle,
    /// The host's call that was being served when the plugin made this one.
    pub(crate) parent: Option<u64>,
}

/// What a call says of itself besides its arguments.
#[derive(Clone, Copy)]
struct Head {
    id: u64,
    function: u32,
    parent: Option<u64>,
}

/// A call without room in the window.
struct Queued {
    head: Head,
    arguments: Vec<u8>,
}

impl CallsOut {
    /// No calls, and the window that the host gave.
    pub(crate) fn new(limits: &Limits) -> CallsOut {
        CallsOut {
            waiting: Slab::new(),
            in_flight: 0,
            window: u64::from(limits.in_flight),
            queue: VecDeque::new(),
            queued_bytes: 0,
        }
    }

    /// How many calls wait for room in the window.
    pub(crate) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Whether one call more with so many bytes of arguments would be more than may wait.
    fn is_full(&self, limits: &Limits, bytes: usize) -> bool {
        let is_direct = self.in_flight < self.window && self.queue.is_empty();
        let has_room = self.queue.len() < limits.queued_calls as usize
            && self.queued_bytes + bytes as u64 <= limits.queued_bytes;
        !is_direct && !has_room
    }
}

/// Calls the application's function with this position in its table; gives the promise of its answer. What cannot be
/// sent rejects the promise: a function that promises never throws.
pub(crate) fn call(session: &Session, function: u32, arguments: &[Value]) -> Js {
    let arguments = match encode::arguments(session, arguments) {
        Ok(arguments) => arguments,
        Err(thrown) => return Value::rejected(&thrown),
    };
    let deferred = Deferred::new()?;
    let parent = session.turn.parent();
    let mut calls = session.calls_out.borrow_mut();
    let waiting = Waiting { settle: deferred.settle, parent };
    let is_full = calls.is_full(&session.limits, arguments.len());
    let id = if is_full { None } else { calls.waiting.insert(waiting).ok() };
    let Some(id) = id else {
        let queued = calls.queue.len();
        drop(calls);
        let words = format!("{queued} calls wait already: the plugin calls without waiting for answers");
        return Value::rejected(&thrown::coded(QUEUE_FULL, &words));
    };
    let head = Head { id, function, parent };
    if calls.in_flight < calls.window && calls.queue.is_empty() {
        calls.in_flight += 1;
        drop(calls);
        send(session, head, &arguments);
        session.give_buffer(arguments);
    } else {
        calls.queued_bytes += arguments.len() as u64;
        calls.queue.push_back(Queued { head, arguments });
    }
    Ok(deferred.promise)
}

/// Takes the call that a `Return` answers; none if there is no such call.
pub(crate) fn answered(session: &Session, id: u64) -> Option<Waiting> {
    let mut calls = session.calls_out.borrow_mut();
    let waiting = calls.waiting.remove(id)?;
    calls.in_flight = calls.in_flight.saturating_sub(1);
    drop(calls);
    send_queued(session);
    Some(waiting)
}

/// The host has room for so many calls more.
pub(crate) fn widen(session: &Session, amount: u64) {
    let mut calls = session.calls_out.borrow_mut();
    calls.window = calls.window.saturating_add(amount);
    drop(calls);
    send_queued(session);
}

/// Sends what has room now, in the order in which it was called.
fn send_queued(session: &Session) {
    loop {
        let mut calls = session.calls_out.borrow_mut();
        if calls.window <= calls.in_flight {
            return;
        }
        let Some(queued) = calls.queue.pop_front() else { return };
        calls.queued_bytes -= queued.arguments.len() as u64;
        if arena::has_room(queued.arguments.len() + limits::ENVELOPE) {
            calls.in_flight += 1;
            drop(calls);
            send(session, queued.head, &queued.arguments);
            continue;
        }
        // There was memory for the message when the call was made, but the plugin has used it since.
        let waiting = calls.waiting.remove(queued.head.id);
        drop((calls, queued));
        if let Some(waiting) = waiting {
            let thrown = thrown::type_error("cannot send arguments: more than there is memory left for");
            serve::settle(session, &waiting.settle, Err(thrown));
        }
    }
}

fn send(session: &Session, head: Head, arguments: &[u8]) {
    session.send(&Message::Call {
        id: head.id,
        target: Target::Api(head.function),
        args: arguments,
        deadline_us: None,
        parent: head.parent,
        blocking: false,
        trace: None,
    });
}

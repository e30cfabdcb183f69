//! Calls of the plugin, whatever they call: one window of how many may be in flight, one queue behind it, one way to
//! give a call up.

use crate::aborts::{self, Listened};
use crate::continuation::Continuation;
use crate::encode::{self, Arguments};
use crate::engine::function::Native;
use crate::engine::promise::{Deferred, Settle};
use crate::engine::{Js, Kind, Thrown, Value};
use crate::natives::argument;
use crate::queue::{Queue, Queued};
use crate::session::Session;
use crate::stack::{self, CallSite};
use crate::turn::Origin;
use crate::{arena, serve, sites, thrown, waiting};
use plughold_protocol::record::{Limits, Released, Target};
use plughold_protocol::{Message, limits};
use plughold_wire::Slab;

/// The code of the error when a plugin calls and calls and never waits.
const QUEUE_FULL: &str = "E_QUEUE_FULL";

/// The code of the error when a call that blocks finds no room: it cannot wait for room, because nothing would make any.
const WINDOW_FULL: &str = "E_WINDOW_FULL";

/// What our own JavaScript can call.
pub(crate) const NATIVES: &[Native] = &[Native { name: "callService", length: 2, run: call_service }];

/// How the plugin gets the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// By a promise.
    Promise,
    /// As the result of the call, for which the plugin's thread waits.
    Block,
}

/// Calls that wait for their answer or for room.
pub(crate) struct CallsOut {
    waiting: Slab<Waiting>,
    in_flight: u64,
    window: u64,
    queue: Queue,
}

/// A call without an answer yet.
pub(crate) struct Waiting {
    /// Who gets the answer.
    pub(crate) taker: Taker,
    /// Where the plugin made the call.
    pub(crate) origin: Origin,
    /// The line that made it, for an error that answers it; none if the plugin's thread waits there.
    site: Option<CallSite>,
    /// Whether its answer is there and waits for its turn: the call takes no room any more.
    is_arrived: bool,
    /// The abort signals among its arguments.
    signals: Vec<Listened>,
}

/// Who gets the answer of a call.
pub(crate) enum Taker {
    /// The plugin's promise.
    Promise(Settle),
    /// The plugin's thread, which waits.
    Thread,
    /// Nobody: the call was given up, and its answer is still to come.
    Nobody,
}

/// What a call says of itself besides its arguments.
#[derive(Clone, Copy)]
struct Head<'a> {
    id: u64,
    target: Target<'a>,
    parent: Option<u64>,
    how: How,
}

impl CallsOut {
    /// No calls, and the window that the host gave.
    pub(crate) fn new(limits: &Limits) -> CallsOut {
        CallsOut {
            waiting: Slab::new(),
            in_flight: 0,
            window: u64::from(limits.in_flight),
            queue: Queue::new(),
        }
    }

    /// How many calls wait for room in the window.
    pub(crate) fn queued(&self) -> usize {
        self.queue.calls()
    }

    /// A call that has no answer yet.
    pub(crate) fn get(&self, id: u64) -> Option<&Waiting> {
        self.waiting.get(id)
    }

    fn has_room(&self) -> bool {
        self.in_flight < self.window && self.queue.is_empty()
    }
}

/// Calls the application's function with this position in its table, in the way that the table says.
pub(crate) fn call(session: &Session, function: u32, arguments: &[Value]) -> Js {
    call_target(session, Target::Api(function), arguments, session.api.how(function))
}

/// `callService(name, isBlocking, ...arguments)`: calls a service of the host library.
fn call_service(session: &Session, arguments: &[Value]) -> Js {
    let name = argument(arguments, 0).as_string(limits::NAME).unwrap_or_default();
    let is_blocking = argument(arguments, 1).kind() == Kind::Bool(true);
    let how = if is_blocking { How::Block } else { How::Promise };
    call_target(session, Target::Service(&name), arguments.get(2..).unwrap_or_default(), how)
}

/// Calls something of the host. [`How::Promise`] gives the promise of its answer, and what cannot be sent rejects it: a
/// function that promises never throws. [`How::Block`] gives the answer itself, or throws: what the host threw, the reason
/// of a signal that was aborted, or that the call cannot be made.
pub(crate) fn call_target(session: &Session, target: Target, arguments: &[Value], how: How) -> Js {
    match how {
        How::Promise => promise(session, target, arguments).or_else(|thrown| Value::rejected(&thrown)),
        How::Block => block(session, target, arguments),
    }
}

fn promise(session: &Session, target: Target, arguments: &[Value]) -> Js {
    let deferred = Deferred::new()?;
    let arguments = encoded(session, arguments)?;
    let origin = session.turn.origin(session);
    let site = stack::call_site(session);
    let waiting = Waiting { site, ..Waiting::new(Taker::Promise(deferred.settle), origin) };
    let id = register(session, waiting, &arguments)?;
    let arguments = arguments.bytes;
    let mut calls = session.calls_out.borrow_mut();
    if calls.has_room() {
        calls.in_flight += 1;
        drop(calls);
        sites::tell(session, id, target);
        send(session, Head { id, target, parent: wanted(session, origin), how: How::Promise }, &arguments);
        session.give_buffer(arguments);
    } else {
        calls.queue.push(id, target, wanted(session, origin), arguments);
    }
    Ok(deferred.promise)
}

fn block(session: &Session, target: Target, arguments: &[Value]) -> Js {
    if !session.has_blocking {
        return Err(thrown::error("this application serves no calls that block"));
    }
    if !waiting::is_possible(session) {
        return Err(thrown::error("a call cannot block while a message is read"));
    }
    let arguments = encoded(session, arguments)?;
    let origin = session.turn.origin(session);
    let waiting = Waiting::new(Taker::Thread, origin);
    let id = register(session, waiting, &arguments)?;
    session.calls_out.borrow_mut().in_flight += 1;
    sites::tell(session, id, target);
    send(session, Head { id, target, parent: wanted(session, origin), how: How::Block }, &arguments.bytes);
    session.give_buffer(arguments.bytes);
    waiting::for_return(session, id, origin)
}

/// The host's call on whose behalf a call is made, unless that is cancelled already.
fn wanted(session: &Session, origin: Origin) -> Option<u64> {
    origin.call.filter(|call| session.calls_in.borrow().is_wanted(*call))
}

/// Encodes arguments, unless one of their signals is aborted already: then its reason is the error.
fn encoded(session: &Session, arguments: &[Value]) -> Js<Arguments> {
    let arguments = encode::arguments(session, arguments)?;
    match aborts::reason(session, &arguments.signals) {
        Ok(None) => Ok(arguments),
        Ok(Some(thrown)) | Err(thrown) => {
            encode::take_back(session, &arguments.bytes);
            Err(thrown)
        }
    }
}

/// Gives a call its id and listens to its signals. If that fails, the references in its arguments are taken back.
fn register(session: &Session, waiting: Waiting, arguments: &Arguments) -> Js<u64> {
    let is_thread = matches!(waiting.taker, Taker::Thread);
    let mut calls = session.calls_out.borrow_mut();
    let may_go =
        calls.has_room() || !is_thread && calls.queue.may_take(&session.limits, arguments.bytes.len());
    let id = if may_go { calls.waiting.insert(waiting).ok() } else { None };
    let (in_flight, queued) = (calls.in_flight, calls.queue.calls());
    drop(calls);
    let result = match id {
        Some(id) => listen(session, &arguments.signals, id).map(|()| id),
        None if is_thread => {
            let words = format!("{in_flight} calls are in flight: a call that blocks cannot wait for room");
            Err(thrown::coded(WINDOW_FULL, &words))
        }
        None => {
            let words = format!("{queued} calls wait already: the plugin calls without waiting for answers");
            Err(thrown::coded(QUEUE_FULL, &words))
        }
    };
    if result.is_err() {
        if let Some(waiting) = id.and_then(|id| session.calls_out.borrow_mut().waiting.remove(id)) {
            waiting.stop_listening();
        }
        encode::take_back(session, &arguments.bytes);
    }
    result
}

/// Listens to the signals in a call's arguments, to each once.
fn listen(session: &Session, signals: &[Value], id: u64) -> Js<()> {
    for signal in signals {
        let is_same = |known: &Listened| known.signal.address() == signal.address();
        let is_known = |waiting: &Waiting| waiting.signals.iter().any(is_same);
        if session.calls_out.borrow().get(id).is_some_and(is_known) {
            continue;
        }
        let callback = Value::continuation(Continuation::Aborted, id)?;
        let listened = Listened::new(session, signal, callback)?;
        if let Some(waiting) = session.calls_out.borrow_mut().waiting.get_mut(id) {
            waiting.signals.push(listened);
        }
    }
    Ok(())
}

/// A signal among the arguments of a call was aborted: whoever waits for it gets the signal's reason at once.
pub(crate) fn abort(session: &Session, id: u64) {
    let calls = session.calls_out.borrow();
    let Some(waiting) = calls.get(id) else { return };
    let signals: Vec<Value> = waiting.signals.iter().map(|listened| listened.signal.clone()).collect();
    drop(calls);
    let reason = match aborts::reason(session, &signals) {
        Ok(Some(reason)) | Err(reason) => reason,
        Ok(None) => return,
    };
    match give_up(session, id) {
        Some(Taker::Promise(settle)) => serve::settle(session, &settle, Err(reason)),
        Some(Taker::Thread) => waiting::abort(session, id, reason),
        Some(Taker::Nobody) | None => {}
    }
}

/// Gives a call up and gives who waited for it. One that is still in the queue never leaves; for any other the host is
/// told, and its answer is taken by nobody.
pub(crate) fn give_up(session: &Session, id: u64) -> Option<Taker> {
    let mut calls = session.calls_out.borrow_mut();
    let unsent = calls.queue.remove(id);
    let waiting = match unsent {
        Some(_) => calls.waiting.remove(id)?,
        None => {
            let waiting = calls.waiting.get_mut(id)?;
            let is_arrived = waiting.is_arrived;
            let nobody = Waiting { is_arrived, ..Waiting::new(Taker::Nobody, waiting.origin) };
            std::mem::replace(waiting, nobody)
        }
    };
    drop(calls);
    waiting.stop_listening();
    match unsent {
        Some(call) => {
            encode::take_back(session, &call.arguments);
            // Releases may have waited for this call alone.
            send_queued(session);
        }
        None if matches!(waiting.taker, Taker::Nobody) => {}
        None => session.send(&Message::Cancel { id, why: None }),
    }
    Some(waiting.taker)
}

/// Takes the call that a `Return` answers; none if there is no such call.
pub(crate) fn answered(session: &Session, id: u64) -> Option<Waiting> {
    let mut calls = session.calls_out.borrow_mut();
    let waiting = calls.waiting.remove(id)?;
    if !waiting.is_arrived {
        calls.in_flight = calls.in_flight.saturating_sub(1);
    }
    drop(calls);
    send_queued(session);
    Some(waiting)
}

/// The answer of a call is there, and is kept while the plugin waits for another: its room is for others, as the host sees
/// it.
pub(crate) fn arrived(session: &Session, id: u64) {
    let mut calls = session.calls_out.borrow_mut();
    let Some(waiting) = calls.waiting.get_mut(id).filter(|waiting| !waiting.is_arrived) else { return };
    waiting.is_arrived = true;
    calls.in_flight = calls.in_flight.saturating_sub(1);
    drop(calls);
    send_queued(session);
}

impl Waiting {
    fn new(taker: Taker, origin: Origin) -> Waiting {
        Waiting { taker, origin, site: None, is_arrived: false, signals: Vec::new() }
    }

    /// The error that answers this call, with the place where the plugin made it.
    pub(crate) fn with_place(&self, session: &Session, thrown: Thrown) -> Thrown {
        if let Some(site) = &self.site {
            stack::answered_at(session, &thrown.0, site);
        }
        thrown
    }

    /// Whether nobody wants the answer any more.
    pub(crate) fn is_given_up(&self) -> bool {
        matches!(self.taker, Taker::Nobody)
    }

    /// No signal ends this call any more.
    pub(crate) fn stop_listening(&self) {
        self.signals.iter().for_each(Listened::stop);
    }
}

/// The host has room for so many calls more.
pub(crate) fn widen(session: &Session, amount: u64) {
    let mut calls = session.calls_out.borrow_mut();
    calls.window = calls.window.saturating_add(amount);
    drop(calls);
    send_queued(session);
}

/// Gives references back to the host, behind every call that was made before and that may hold them.
pub(crate) fn release(session: &Session, references: Vec<Released>) {
    let queued = session.calls_out.borrow_mut().queue.push_release(references);
    if let Err(references) = queued {
        session.send(&Message::Release { references });
    }
}

/// Sends what has room now, in the order in which it happened.
fn send_queued(session: &Session) {
    loop {
        let mut calls = session.calls_out.borrow_mut();
        let has_room = calls.in_flight < calls.window;
        let Some(queued) = calls.queue.pop(has_room) else { return };
        let call = match queued {
            Queued::Call(call) => call,
            Queued::Release { references, .. } => {
                drop(calls);
                session.send(&Message::Release { references });
                continue;
            }
        };
        if arena::has_room(call.arguments.len() + limits::ENVELOPE) {
            calls.in_flight += 1;
            drop(calls);
            let head = Head { id: call.id, target: call.target(), parent: call.parent, how: How::Promise };
            send(session, head, &call.arguments);
            continue;
        }
        // There was memory for the message when the call was made, but the plugin has used it since.
        let waiting = calls.waiting.remove(call.id);
        drop(calls);
        encode::take_back(session, &call.arguments);
        drop(call);
        let Some(waiting) = waiting else { continue };
        waiting.stop_listening();
        if let Taker::Promise(settle) = &waiting.taker {
            let thrown = thrown::type_error("cannot send arguments: more than there is memory left for");
            serve::settle(session, settle, Err(waiting.with_place(session, thrown)));
        }
    }
}

fn send(session: &Session, head: Head, arguments: &[u8]) {
    let calls_in = session.calls_in.borrow();
    // The host's call may have been answered while this one was in the queue.
    let parent = head.parent.filter(|parent| calls_in.has(*parent));
    let deadline_us = parent.and_then(|parent| calls_in.left_us(parent, session.clock.elapsed_us()));
    drop(calls_in);
    session.send(&Message::Call {
        id: head.id,
        target: head.target,
        args: arguments,
        deadline_us,
        parent,
        blocking: head.how == How::Block,
        trace: None,
    });
}

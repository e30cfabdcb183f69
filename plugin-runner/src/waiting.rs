//! Waiting for an answer in the middle of a turn: for a module that is imported, or for the answer of a call that blocks.
//!
//! The turn is put aside meanwhile. What belongs to the chain of a call that is waited for is served at once, in turns on
//! top: the host may need it before it can answer. So are sources of streams that the host reads, and what began on top:
//! answers, timers, reads. Everything else is kept, in order and bounded, for the turns after this one. While a module is waited for nothing is served: the engine is in the middle of linking, and linking again inside
//! of that is nothing that it allows.

use crate::calls_out::{self, Taker};
use crate::engine::{self, Js, Thrown, Value};
use crate::incoming::{self, Task, Violation};
use crate::link::Kept;
use crate::session::Session;
use crate::turn::Origin;
use crate::{calls_in, serve, stack, streams, thrown, timers};
use plughold_protocol::Message;
use plughold_protocol::page::State;
use plughold_protocol::record::{Refusal, Source, Unwanted};

/// The code of the error that a call gets which would need one turn more inside turns than there may be.
const TOO_DEEP: &str = "E_DEPTH";

/// The code of the error that a call throws which blocked while the host cancelled the call around it.
const CANCELLED: &str = "E_CANCELLED";

/// The same if the time of that call was over.
const DEADLINE: &str = "E_DEADLINE";

/// Stack of the engine that a turn has on top of the one below it, in bytes: enough to serve a call and to block again,
/// so that plugins can call each other to the allowed depth however little stack was left. With the largest stack and
/// the deepest nesting it stays below the smallest usual native stack.
const STACK_ON_TOP: usize = 64 << 10;

/// The calls that block, outermost first: each was made in a turn on top of the one before.
pub(crate) struct Waits {
    stack: Vec<Wait>,
}

struct Wait {
    call: u64,
    /// The turn that waits, and the host's call that it belongs to.
    origin: Origin,
    /// Why the host cancelled that call, once it has.
    cancelled: Option<Unwanted>,
    end: Option<End>,
}

/// Why the waiting is over.
enum End {
    /// The host answered.
    Answered(Js),
    /// The host cancelled the call that the waiting turn belongs to.
    Cancelled(Unwanted),
    /// A signal among the arguments was aborted.
    Aborted(Thrown),
}

/// What becomes of a message that arrives meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is done at once.
    Now,
    /// It is what was waited for.
    Taken,
    /// It belongs to a chain that is waited for, but cannot be served before a turn on top has ended.
    Soon,
    /// It is for the turns after this one.
    Later,
}

impl Waits {
    /// Nothing is waited for.
    pub(crate) fn new() -> Waits {
        Waits { stack: Vec::new() }
    }

    fn has(&self, call: u64) -> bool {
        self.stack.iter().any(|wait| wait.call == call)
    }

    /// Whether a turn that belongs to this call of the host waits.
    fn has_parent(&self, call: u64) -> bool {
        self.stack.iter().any(|wait| wait.origin.call == Some(call))
    }

    /// Whether something was made while these calls are waited for.
    fn is_on_top(&self, origin: Origin) -> bool {
        self.stack.first().is_some_and(|outermost| outermost.origin.turn < origin.turn)
    }

    /// When something goes on that was made in a turn of the plugin.
    fn verdict(&self, origin: Origin) -> Verdict {
        if !self.is_on_top(origin) {
            return Verdict::Later;
        }
        // What the plugin wrote after the call that blocks comes before everything that it began in the same call.
        let is_running = |wait: &Wait| {
            wait.origin.turn == origin.turn || origin.call.is_some() && wait.origin.call == origin.call
        };
        if self.stack.iter().any(is_running) { Verdict::Soon } else { Verdict::Now }
    }

    fn end(&mut self, call: u64, end: End) {
        let wait = self.stack.iter_mut().find(|wait| wait.call == call);
        if let Some(wait) = wait.filter(|wait| wait.end.is_none()) {
            wait.end = Some(end);
        }
    }
}

/// Whether the plugin can wait at this moment. It cannot while a message is decoded: the socket is in use.
pub(crate) fn is_possible(session: &Session) -> bool {
    session.receiver.try_borrow_mut().is_ok()
}

/// Whether something may go on at this moment that was made in a turn of the plugin. It may if no turn waits.
pub(crate) fn may_go_on(session: &Session, origin: Origin) -> bool {
    session.turn.depth() == 0
        || has_room_on_top(session) && session.waits.borrow().verdict(origin) == Verdict::Now
}

/// Whether one turn more may run on top of those that wait.
fn has_room_on_top(session: &Session) -> bool {
    session.turn.depth() <= session.limits.nested_turns
}

/// Waits for the answer of the call `call`, which was sent as one that blocks.
pub(crate) fn for_return(session: &Session, call: u64, origin: Origin) -> Js {
    session.waits.borrow_mut().stack.push(Wait { call, origin, cancelled: None, end: None });
    // The host may have cancelled this turn's call before the turn began.
    let parent = origin.call;
    if let Some(parent) = parent {
        let why = session.receiver.borrow_mut().take_cancel(parent);
        if let Some(why) = why {
            cancel(session, parent, why);
        }
    }
    let aside = session.turn.put_aside(session);
    while session.waits.borrow().stack.last().is_some_and(|wait| wait.end.is_none()) {
        // What was kept stays before what arrives now.
        let task = take_soon(session)
            .or_else(|| read(session, |message| verdict(session, message), || next_work(session)));
        if let Some(task) = task {
            handle(session, task);
        }
    }
    let wait = session.waits.borrow_mut().stack.pop();
    session.turn.go_on(session, aside);
    if let (Some(parent), Some(why)) = (parent, wait.as_ref().and_then(|wait| wait.cancelled)) {
        calls_in::cancel(session, parent, why);
    }
    match wait.and_then(|wait| wait.end) {
        Some(End::Answered(outcome)) => {
            outcome.inspect_err(|thrown| stack::answered_here(session, &thrown.0))
        }
        Some(End::Aborted(reason)) => Err(reason),
        Some(End::Cancelled(why)) => Err(cancelled(why)),
        None => Err(cancelled(Unwanted::Dropped)),
    }
}

/// A signal among the arguments of the call `call` was aborted: the plugin need not wait for it any longer.
pub(crate) fn abort(session: &Session, call: u64, reason: Thrown) {
    session.waits.borrow_mut().end(call, End::Aborted(reason));
}

/// Waits for the module that was asked for as `id`; gives what `take` makes of the answer, or the host's words why there
/// is none.
pub(crate) fn for_module<T>(
    session: &Session,
    id: u64,
    take: impl Fn(&Source) -> T,
) -> Result<T, Option<String>> {
    let aside = session.turn.put_aside(session);
    let mut module = None;
    let module = loop {
        let judge = |message: &Message| match message {
            Message::Module { id: answered, source, error } if *answered == id => {
                module = Some(source.as_ref().map(&take).ok_or_else(|| error.map(str::to_owned)));
                Verdict::Taken
            }
            _ => match verdict(session, message) {
                Verdict::Now if needs_turn(session, message) => Verdict::Soon,
                verdict => verdict,
            },
        };
        let task = read(session, judge, || None);
        if let Some(module) = module.take() {
            break module;
        }
        if let Some(task) = task {
            handle(session, task);
        }
    };
    session.turn.go_on(session, aside);
    module
}

/// Reads one message. If there is none, gives what there is to do without, or sleeps until there is more to read. Gives
/// what is to be done now, and keeps what is not.
fn read(
    session: &Session,
    judge: impl FnOnce(&Message) -> Verdict,
    work: impl FnOnce() -> Option<Task>,
) -> Option<Task> {
    let mut receiver = session.receiver.borrow_mut();
    let (kept, kept_bytes) = receiver.kept();
    let body = match receiver.next() {
        Ok(Some(body)) => body,
        Ok(None) => {
            drop(receiver);
            let work = work();
            if work.is_none() {
                sleep(session);
            }
            return work;
        }
        Err(error) => serve::refuse(session, &Violation::malformed(format!("the host sent {error}"))),
    };
    let message = incoming::message(body).unwrap_or_else(|violation| serve::refuse(session, &violation));
    let is_soon = match judge(&message) {
        Verdict::Taken => return None,
        Verdict::Now => {
            let task = incoming::task(session, message);
            return Some(task.unwrap_or_else(|violation| serve::refuse(session, &violation)));
        }
        Verdict::Soon => true,
        Verdict::Later => false,
    };
    let (most, most_bytes) = (session.limits.queued_calls, session.limits.queued_bytes);
    if most as usize <= kept || most_bytes < (kept_bytes + body.len()) as u64 {
        let words = format!("more than {most} messages or {most_bytes} bytes while the plugin waits");
        serve::refuse(session, &Violation { why: Refusal::Limit, words });
    }
    let (cancels, answers) = match message {
        Message::Cancel { id, why } => (Some((id, why.unwrap_or(Unwanted::Dropped))), None),
        Message::Return { id, .. } => (None, Some(id)),
        _ => (None, None),
    };
    let body = body.to_vec();
    receiver.keep(Kept { body, cancels, is_soon });
    drop(receiver);
    if let Some(call) = answers {
        calls_out::arrived(session, call);
    }
    None
}

/// Writes what there is to write, and sleeps until there is something to read.
fn sleep(session: &Session) {
    serve::flush(session);
    session.page.set_state(State::Waiting);
    session.receiver.borrow_mut().wait();
    session.page.set_state(State::Busy);
}

/// What can be done for streams while no message is there. As between turns, whoever reads is heard before the next chunk
/// is made.
fn next_work(session: &Session) -> Option<Task> {
    if !streams::has_work(session) || !has_room_on_top(session) {
        return None;
    }
    serve::flush(session);
    if session.receiver.borrow().is_behind(session.page) {
        return None;
    }
    streams::next_work(session).map(Task::Stream)
}

/// The first message that could not be served before the turn that just ended, and can be now.
fn take_soon(session: &Session) -> Option<Task> {
    let is_now =
        |body: &[u8]| incoming::message(body).is_ok_and(|message| verdict(session, &message) == Verdict::Now);
    let body = session.receiver.borrow_mut().take_soon(is_now)?;
    let task = incoming::message(&body).and_then(|message| incoming::task(session, message));
    Some(task.unwrap_or_else(|violation| serve::refuse(session, &violation)))
}

/// What becomes of a message while a call is waited for.
fn verdict(session: &Session, message: &Message) -> Verdict {
    match message {
        // A module that nobody asked for is refused at once as well.
        Message::Ping { .. } | Message::Reject { .. } | Message::Module { .. } => Verdict::Now,
        // They are only noted, and bounded by credit: they are not to be counted among what is kept.
        Message::StreamData { .. } | Message::StreamEnd { .. } | Message::Credit { .. } => Verdict::Now,
        Message::StreamStop { .. } | Message::Wake { .. } => now_if_there_is_room(session),
        // One that would be too deep is answered, at once as well.
        Message::Call { parent: Some(call), .. } if is_of_chain(session, *call) => Verdict::Now,
        Message::Return { id, .. } => {
            let calls = session.calls_out.borrow();
            let Some(waiting) = calls.get(*id) else { return Verdict::Now };
            match &waiting.taker {
                Taker::Thread | Taker::Nobody => Verdict::Now,
                Taker::Promise(_) => match session.waits.borrow().verdict(waiting.origin) {
                    Verdict::Now => now_if_there_is_room(session),
                    verdict => verdict,
                },
            }
        }
        Message::Cancel { id, .. } if session.waits.borrow().has_parent(*id) => Verdict::Now,
        Message::Cancel { id, .. } if is_served_in_chain(session, *id) => now_if_there_is_room(session),
        _ => Verdict::Later,
    }
}

/// The verdict on what needs a turn: without room for one more it waits for the end of a turn that waits.
fn now_if_there_is_room(session: &Session) -> Verdict {
    if has_room_on_top(session) { Verdict::Now } else { Verdict::Soon }
}

/// Whether a message that is to be done now runs code of the plugin.
fn needs_turn(session: &Session, message: &Message) -> bool {
    match message {
        Message::Call { .. } | Message::StreamStop { .. } | Message::Wake { .. } => true,
        Message::Cancel { id, .. } => !session.waits.borrow().has_parent(*id),
        Message::Return { id, .. } => {
            let calls = session.calls_out.borrow();
            calls.get(*id).is_some_and(|waiting| matches!(waiting.taker, Taker::Promise(_)))
        }
        _ => false,
    }
}

/// Whether a call of the plugin is waited for, or was made on top of a turn that waits.
fn is_of_chain(session: &Session, call: u64) -> bool {
    let (waits, calls) = (session.waits.borrow(), session.calls_out.borrow());
    waits.has(call) || calls.get(call).is_some_and(|waiting| waits.is_on_top(waiting.origin))
}

/// Whether a call of the host was made in serving one that is waited for.
fn is_served_in_chain(session: &Session, call: u64) -> bool {
    let parent = session.calls_in.borrow().parent_of(call);
    parent.is_some_and(|parent| is_of_chain(session, parent))
}

fn handle(session: &Session, task: Task) {
    match task {
        Task::Return { id, waiting, outcome } if !matches!(waiting.taker, Taker::Promise(_)) => {
            waiting.stop_listening();
            session.waits.borrow_mut().end(id, End::Answered(outcome));
        }
        Task::Cancel { id, why } if session.waits.borrow().has_parent(id) => cancel(session, id, why),
        Task::Ping { nonce } => serve::pong(session, nonce),
        Task::Credit { amount } => calls_out::widen(session, amount),
        Task::Stream(event) => {
            if let Some(event) = streams::note(session, event) {
                run_on_top(session, Task::Stream(event));
            }
        }
        Task::Wake { now_us } => {
            timers::note_wake(session, now_us);
            if timers::is_due(session) {
                run_on_top(session, Task::Wake { now_us: None });
            } else {
                timers::ask(session);
            }
        }
        Task::Call(call) if !has_room_on_top(session) => {
            let most = session.limits.nested_turns;
            let words = format!("more than {most} calls inside each other while the plugin waits");
            calls_in::refuse(session, *call, &thrown::coded(TOO_DEEP, &words));
        }
        task => run_on_top(session, task),
    }
}

fn run_on_top(session: &Session, task: Task) {
    engine::with_stack_on_top(STACK_ON_TOP, || serve::run_turn(session, task));
}

/// The host cancelled a call in whose turn the plugin waits: nothing it waits for there is wanted any more.
fn cancel(session: &Session, parent: u64, why: Unwanted) {
    let mut given_up = Vec::new();
    for wait in session.waits.borrow_mut().stack.iter_mut().filter(|wait| wait.origin.call == Some(parent)) {
        wait.cancelled = Some(why);
        if wait.end.is_none() {
            wait.end = Some(End::Cancelled(why));
            given_up.push(wait.call);
        }
    }
    for call in given_up {
        let _thread = calls_out::give_up(session, call);
    }
}

fn cancelled(why: Unwanted) -> Thrown {
    let (code, words, name) = match why {
        Unwanted::Deadline => {
            (DEADLINE, "the time of the call that this one was made for is over", "TimeoutError")
        }
        Unwanted::Dropped => {
            (CANCELLED, "the host cancelled the call that this one was made for", "AbortError")
        }
    };
    let thrown = thrown::coded(code, words);
    if let Ok(name) = Value::string(name) {
        // Without memory for its name, the error still has its code.
        let _is_an_extra = thrown.0.define_hidden("name", name);
    }
    thrown
}

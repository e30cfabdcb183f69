//! The loop, and the turns that it is made of.
//!
//! A turn is one message: handle it, run all promise jobs, report what nobody caught. When all messages that arrived are
//! handled, everything that they gave is written at once, and the process sleeps until there is more.

use crate::engine::promise::{self, Settle};
use crate::engine::{Js, Thrown, hooks};
use crate::incoming::{self, Task, Violation};
use crate::session::Session;
use crate::{arena, calls_in, calls_out, ending, load, rejections, stack, thrown, timers};
use plughold_protocol::Message;
use plughold_protocol::exit::Cause;
use plughold_protocol::page::WANT_STACK;
use std::cell::{Cell, RefCell};
use std::time::Instant;

/// Turns in a row that may be stopped among promise jobs. What is left of the first gets one more turn to end by itself;
/// a chain that goes on for ever would block every turn after that.
const UNFINISHED: u32 = 1;

/// The number between two turns: a stop that comes too late hits nobody, and not the decoding of the next message.
const NO_TURN: u64 = u64::MAX;

/// The turn that runs.
pub(crate) struct Turn {
    number: Cell<u64>,
    /// The host's call that runs at this moment, not counting its promise jobs.
    running: Cell<Option<u64>>,
    /// The call that the turn's time is counted for, and since when.
    counted: Cell<Option<(u64, Instant)>>,
    /// Where the host stopped the turn, if it did.
    stopped_at: RefCell<Option<String>>,
    /// Calls that were served in this turn.
    touched: RefCell<Vec<u64>>,
    /// Whether the host was told that it stopped the turn: by an answer, or as an uncaught error.
    is_told: Cell<bool>,
    /// Whether the turn belongs to the plugin's loading.
    is_loading: Cell<bool>,
    /// How many turns in a row the host stopped among promise jobs of which some are left.
    unfinished: Cell<u32>,
}

impl Turn {
    /// No turn.
    pub(crate) fn new() -> Turn {
        Turn {
            number: Cell::new(NO_TURN),
            running: Cell::new(None),
            counted: Cell::new(None),
            stopped_at: RefCell::new(None),
            touched: RefCell::new(Vec::new()),
            is_told: Cell::new(false),
            is_loading: Cell::new(false),
            unfinished: Cell::new(0),
        }
    }

    /// The call of the host that a call made now belongs to.
    pub(crate) fn parent(&self) -> Option<u64> {
        self.running.get()
    }

    /// A call of the host begins to run, or no longer runs.
    pub(crate) fn enter(&self, call: Option<u64>) {
        self.running.set(call);
    }

    /// A call is served in this turn.
    pub(crate) fn touch(&self, call: u64) {
        self.touched.borrow_mut().push(call);
    }

    /// The calls that were served in this turn so far.
    pub(crate) fn take_touched(&self) -> Vec<u64> {
        self.touched.take()
    }

    /// The encoded error for what the host stopped. Making it means telling it.
    pub(crate) fn interruption(&self) -> Vec<u8> {
        self.is_told.set(true);
        let stack = self.stopped_at.borrow();
        thrown::plain("Interrupted", "the turn was stopped by the host", stack.as_deref().unwrap_or_default())
    }

    /// Counts the time of the turn so far for the call that it serves.
    pub(crate) fn count_spent(&self, session: &Session) {
        if let Some((call, since)) = self.counted.get() {
            let now = Instant::now();
            let spent_us = now.duration_since(since).as_micros() as u64;
            session.calls_in.borrow_mut().add_spent(call, spent_us);
            self.counted.set(Some((call, now)));
        }
    }

    fn begin(&self, session: &Session, call: Option<u64>, is_loading: bool) {
        arena::clear_engine_exhausted();
        self.number.set(session.page.begin_turn(call.unwrap_or(0)));
        self.counted.set(call.map(|call| (call, Instant::now())));
        self.stopped_at.replace(None);
        self.touched.borrow_mut().clear();
        self.is_told.set(false);
        self.is_loading.set(is_loading);
        session.unknown_reads.borrow_mut().clear();
    }
}

/// Serves the host until one of the two ends.
pub(crate) fn serve(session: &Session) -> ! {
    hooks::install();
    loop {
        while let Some(task) = incoming::next(session) {
            match task {
                Ok(task) => run_turn(session, task),
                Err(violation) => refuse(session, &violation),
            }
        }
        flush(session);
        session.page.end_turn();
        session.receiver.borrow_mut().wait();
    }
}

/// Tells the host why the session cannot go on, and ends.
pub(crate) fn refuse(session: &Session, violation: &Violation) -> ! {
    session.send(&Message::Reject { why: violation.why, text: &violation.words });
    flush(session);
    ending::end(Cause::Protocol, format_args!("{}", violation.words))
}

/// Called by the engine while JavaScript runs: shows a sign of life, publishes the stack if the host wants it, and says
/// whether the turn has to end.
pub(crate) fn beat(session: &Session) -> bool {
    let requests = session.page.beat();
    if requests & WANT_STACK != 0 {
        session.page.publish_stack(&stack::at_interrupt(session));
        // What the plugin logged on its way here helps whoever asks.
        flush(session);
    }
    let must_stop = session.page.must_stop(session.turn.number.get());
    if must_stop && session.turn.stopped_at.borrow().is_none() {
        let stack = stack::at_interrupt(session);
        session.turn.stopped_at.replace(Some(stack));
    }
    must_stop
}

/// Looks at something that no code of the plugin caught: it may say that the turn was stopped, or that there is no
/// memory left. Memory that was refused and that the plugin did without is its own matter, unless it went on asking until
/// it was stopped.
pub(crate) fn note(session: &Session, thrown: &Thrown) {
    let is_interrupt = thrown.is_interrupt();
    if is_interrupt && !session.turn.is_line_known() {
        // Where the loop begins, which is better than no line.
        session.turn.stopped_at.replace(Some(stack::of(session, &thrown.0)));
    }
    let is_about_memory = thrown.is_out_of_memory() || is_interrupt && arena::is_engine_full();
    if arena::engine_exhausted() && is_about_memory {
        end_for_memory(session);
    }
}

/// Settles a promise that the plugin waits for. Without memory for that it would wait for ever, so the process ends.
pub(crate) fn settle(session: &Session, settle: &Settle, outcome: Js) {
    let (result, is_exhausted) = arena::watch_engine_exhausted(|| settle.settle(outcome));
    if result.is_err() || is_exhausted {
        end_for_memory(session);
    }
}

fn end_for_memory(session: &Session) -> ! {
    flush(session);
    ending::end_for_engine_memory()
}

/// Reports an error that nobody caught, or a rejection that nobody waits for. That the host stopped a turn is told at
/// its end, and only if no answer says so.
pub(crate) fn report_uncaught(session: &Session, thrown: &Thrown, is_rejection: bool) {
    note(session, thrown);
    if thrown.is_interrupt() {
        return;
    }
    let error = calls_in::encode_thrown(session, thrown);
    session.send(&Message::Uncaught { error: &error, rejection: is_rejection });
}

/// Runs all promise jobs, and reports what they leave behind.
pub(crate) fn run_jobs(session: &Session) {
    let was_stopped = session.turn.is_stopped();
    while let Some(result) = promise::run_job() {
        if let Err(thrown) = result {
            report_uncaught(session, &thrown, false);
        }
        // An endless chain of short jobs never reaches the engine's own check.
        if beat_between_jobs(session) {
            break;
        }
    }
    if !was_stopped {
        session.turn.count_unfinished();
    }
    rejections::report(session);
}

fn beat_between_jobs(session: &Session) -> bool {
    session.turn.is_stopped() || session.page.must_stop(session.turn.number.get()) && beat(session)
}

impl Turn {
    /// Whether the host stopped this turn.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped_at.borrow().is_some()
    }

    /// Whether it is known which line ran when the host stopped this turn.
    fn is_line_known(&self) -> bool {
        self.stopped_at.borrow().as_deref().is_some_and(stack::begins_with_line)
    }

    /// Promise jobs ran, or were stopped.
    fn count_unfinished(&self) {
        let is_unfinished = self.is_stopped() && promise::has_jobs();
        self.unfinished.set(if is_unfinished { self.unfinished.get() + 1 } else { 0 });
    }
}

/// Writes everything that waits.
pub(crate) fn flush(session: &Session) {
    // Only a turn that ends for lack of memory in the middle of a message finds the sender in use.
    if let Ok(mut sender) = session.sender.try_borrow_mut() {
        sender.flush();
    }
}

fn run_turn(session: &Session, task: Task) {
    let call = match &task {
        Task::Call { id, .. } => Some(*id),
        Task::Return { waiting, .. } => waiting.parent,
        _ => None,
    };
    let is_loading = matches!(task, Task::Load(_))
        || matches!(&task, Task::Return { waiting, .. } if waiting.parent.is_none());
    session.turn.begin(session, call, is_loading);
    handle(session, task);
    run_jobs(session);
    if session.turn.is_stopped() {
        calls_in::fail_stopped(session);
        if session.turn.is_loading.get() {
            load::stopped(session);
        }
        if !session.turn.is_told.get() {
            session.send(&Message::Uncaught { error: &session.turn.interruption(), rejection: false });
        }
    }
    session.turn.count_spent(session);
    if UNFINISHED < session.turn.unfinished.get() {
        flush(session);
        ending::end(
            Cause::Endless,
            format_args!("stopped in {} turns in a row", session.turn.unfinished.get()),
        );
    }
    timers::ask(session);
    session.turn.number.set(NO_TURN);
}

fn handle(session: &Session, task: Task) {
    match task {
        Task::Load(load) => load::load(session, *load),
        Task::Call { id, callee, arguments } => calls_in::serve(session, id, &callee, arguments),
        Task::Notify { callee, arguments } => calls_in::notify(session, &callee, arguments),
        Task::Return { waiting, outcome } => {
            if let Some(parent) = waiting.parent {
                session.turn.touch(parent);
            }
            settle(session, &waiting.settle, outcome);
        }
        Task::Cancel { id } => session.calls_in.borrow_mut().cancel(id),
        Task::Release(references) => {
            for released in references {
                let result = session.exported.borrow_mut().release(released.id, released.count);
                if let Err(error) = result {
                    refuse(session, &Violation::order(error.to_string()));
                }
            }
        }
        Task::Credit { amount } => calls_out::widen(session, amount),
        Task::Wake { now_us } => {
            if let Some(now_us) = now_us {
                session.clock.set_today_us(now_us);
            }
            timers::wake(session);
        }
        Task::Ping { nonce } => {
            session.send(&Message::Pong { nonce });
            session.send(&stats(session));
        }
        Task::Stop => load::stop(session),
        Task::Rejected { text } => ending::end(Cause::Protocol, format_args!("the host refused: {text}")),
    }
}

fn stats(session: &Session) -> Message<'static> {
    Message::Stats {
        engine_bytes: arena::engine_used() as u64,
        arena_bytes: arena::arena_used() as u64,
        arena_peak: arena::arena_peak() as u64,
        exported: session.exported.borrow().len() as u32,
        imported: 0,
        queued: session.calls_out.borrow().queued() as u32,
        timers: session.timers.borrow().len() as u32,
    }
}

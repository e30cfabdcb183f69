//! The loop, and what a turn does.
//!
//! A turn is one message: handle it, run all promise jobs, report what nobody caught. When all messages that arrived are
//! handled, everything that they gave is written at once, and the process sleeps until there is more.

use crate::calls_out::Taker;
use crate::engine::promise::{self, Settle};
use crate::engine::{Js, Thrown, hooks};
use crate::incoming::{self, Task, Violation};
use crate::session::Session;
use crate::{
    arena, calls_in, calls_out, ending, imported, load, rejections, source_map, stack, streams, suspend,
    timers,
};
use plughold_protocol::Message;
use plughold_protocol::exit::Cause;
use plughold_protocol::page::WANT_STACK;

/// Turns in a row that may be stopped among promise jobs. What is left of the first gets one more turn to end by itself;
/// a chain that goes on for ever would block every turn after that.
const UNFINISHED: u32 = 1;

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
        let stack = source_map::rewritten_at_once(session, stack::at_interrupt(session));
        session.page.publish_stack(&stack);
        // What the plugin logged on its way here helps whoever asks.
        flush(session);
    }
    let must_stop = session.page.must_stop(session.turn.number());
    if must_stop && !session.turn.is_stopped() {
        session.turn.note_stop(stack::at_interrupt(session));
    }
    must_stop
}

/// Looks at something that no code of the plugin caught: it may say that the turn was stopped, or that there is no
/// memory left. Memory that was refused and that the plugin did without is its own matter, unless it went on asking until
/// it was stopped.
pub(crate) fn note(session: &Session, thrown: &Thrown) {
    let is_about_memory = thrown.is_out_of_memory() || thrown.is_interrupt() && arena::is_engine_full();
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
    session.turn.is_stopped() || session.page.must_stop(session.turn.number()) && beat(session)
}

/// Writes everything that waits.
pub(crate) fn flush(session: &Session) {
    // Only a turn that ends for lack of memory in the middle of a message finds the sender in use.
    if session.sender.try_borrow_mut().is_err() {
        return;
    }
    imported::release_dropped(session);
    session.sender.borrow_mut().flush();
}

/// Runs a turn, which may be on top of others.
pub(crate) fn run_turn(session: &Session, task: Task) {
    let (call, is_loading) = match &task {
        Task::Call(call) => (Some(call.id), false),
        Task::Return { waiting, .. } => (waiting.origin.call, waiting.origin.call.is_none()),
        Task::Cancel { id, .. } => (Some(*id), false),
        Task::Load(_) => (None, true),
        Task::Stream(event) => match streams::origin(session, event) {
            Some(origin) => (origin.call, origin.call.is_none()),
            None => (None, false),
        },
        _ => (None, false),
    };
    session.turn.begin(session, call, is_loading);
    handle(session, task);
    run_jobs(session);
    if session.turn.is_stopped() {
        calls_in::fail_stopped(session);
        streams::fail_stopped(session);
        if session.turn.is_loading() {
            load::stopped(session);
        }
        if !session.turn.is_told() {
            session.send(&Message::Uncaught { error: &session.turn.interruption(session), rejection: false });
        }
    }
    session.turn.count_spent(session);
    if UNFINISHED < session.turn.unfinished() {
        flush(session);
        ending::end(Cause::Endless, format_args!("stopped in {} turns in a row", session.turn.unfinished()));
    }
    timers::ask(session);
    session.turn.end();
}

fn handle(session: &Session, task: Task) {
    match task {
        Task::Load(load) => load::load(session, *load),
        Task::Call(call) => calls_in::serve(session, *call),
        Task::Notify { callee, arguments } => calls_in::notify(session, &callee, arguments),
        Task::Return { waiting, outcome, .. } => {
            waiting.stop_listening();
            if let Some(call) = waiting.origin.call {
                session.turn.touch(call);
            }
            // What nobody takes is dropped, with the references in it.
            if let Taker::Promise(promise) = &waiting.taker {
                settle(session, promise, outcome);
            }
        }
        Task::Cancel { id, why } => {
            session.turn.touch(id);
            calls_in::cancel(session, id, why);
        }
        Task::Release(references) => {
            for released in references {
                let result = session.exported.borrow_mut().release(released.id, released.count);
                if let Err(error) = result {
                    refuse(session, &Violation::order(error.to_string()));
                }
            }
        }
        Task::Stream(event) => {
            if let Some(call) = streams::origin(session, &event).and_then(|origin| origin.call) {
                session.turn.touch(call);
            }
            streams::handle(session, event);
        }
        Task::Credit { amount } => calls_out::widen(session, amount),
        Task::Wake { now_us } => {
            timers::note_wake(session, now_us);
            timers::run_due(session);
        }
        Task::Ping { nonce } => pong(session, nonce),
        Task::Stop { grace_us, want_state } => load::stop(session, want_state.then_some(grace_us)),
        Task::Suspend { id } => suspend::suspend(session, id),
        Task::Rejected { text } => ending::end(Cause::Protocol, format_args!("the host refused: {text}")),
    }
}

/// Shows that the process is alive, and how it is.
pub(crate) fn pong(session: &Session, nonce: u64) {
    if session.page.wants_stack() {
        // No JavaScript runs that would look at the page; what waits for this turn to end is below it.
        let stack = source_map::rewritten_at_once(session, stack::here(session));
        session.page.publish_stack(&stack);
    }
    session.send(&Message::Pong { nonce });
    session.send(&stats(session));
}

fn stats(session: &Session) -> Message<'static> {
    Message::Stats {
        engine_bytes: arena::engine_used() as u64,
        arena_bytes: arena::arena_used() as u64,
        arena_peak: arena::arena_peak() as u64,
        exported: session.exported.borrow().len() as u32,
        imported: session.imported.borrow().len() as u32,
        queued: session.calls_out.borrow().queued() as u32,
        timers: session.timers.borrow().len() as u32,
    }
}

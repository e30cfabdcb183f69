//! Calls of the host: each is answered once, whatever happens.

use crate::continuation::Continuation;
use crate::encode;
use crate::engine::{Js, Thrown, Value};
use crate::session::Session;
use crate::{load, serve, thrown};
use plughold_protocol::Message;
use plughold_protocol::record::Outcome;
use std::collections::HashMap;

/// What the host wants to call.
pub(crate) enum Callee {
    /// A function that it holds.
    Function(u64),
    /// A function that the plugin exports.
    Export(String),
}

/// Calls that have no answer yet.
pub(crate) struct CallsIn {
    serving: HashMap<u64, Serving>,
}

#[derive(Default)]
struct Serving {
    spent_us: u64,
    /// The host no longer wants the answer; it gets it all the same.
    is_cancelled: bool,
}

impl CallsIn {
    /// None.
    pub(crate) fn new() -> CallsIn {
        CallsIn { serving: HashMap::new() }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.serving.len()
    }

    /// Whether this call has no answer yet.
    pub(crate) fn has(&self, id: u64) -> bool {
        self.serving.contains_key(&id)
    }

    /// Notes that the host no longer wants an answer. The call goes on: there is no safe way to end it from outside.
    pub(crate) fn cancel(&mut self, id: u64) {
        if let Some(serving) = self.serving.get_mut(&id) {
            serving.is_cancelled = true;
        }
    }

    /// Adds time that was spent on a call.
    pub(crate) fn add_spent(&mut self, id: u64, spent_us: u64) {
        if let Some(serving) = self.serving.get_mut(&id) {
            serving.spent_us += spent_us;
        }
    }
}

/// Serves a call: runs the function, and answers now or when its promise is settled.
pub(crate) fn serve(session: &Session, id: u64, callee: &Callee, arguments: Js<Vec<Value>>) {
    session.calls_in.borrow_mut().serving.insert(id, Serving::default());
    session.turn.touch(id);
    session.turn.enter(Some(id));
    let result = run(session, callee, arguments);
    session.turn.enter(None);
    match result.and_then(|result| Continuation::Call.outcome_or_wait(session, &result, id)) {
        Ok(None) => {}
        Ok(Some(outcome)) => finish(session, id, outcome),
        Err(thrown) => finish(session, id, Err(thrown)),
    }
}

/// Serves a call that wants no answer.
pub(crate) fn notify(session: &Session, callee: &Callee, arguments: Js<Vec<Value>>) {
    if let Err(thrown) = run(session, callee, arguments) {
        serve::report_uncaught(session, &thrown, false);
    }
}

fn run(session: &Session, callee: &Callee, arguments: Js<Vec<Value>>) -> Js {
    let arguments = arguments?;
    let (this, function) = match callee {
        Callee::Function(id) => {
            let function = session.exported.borrow().get(*id);
            (Value::UNDEFINED, function.ok_or_else(|| thrown::gone(*id))?)
        }
        Callee::Export(name) => load::export(session, name)?
            .ok_or_else(|| thrown::type_error(&format!("the plugin exports no function {name:?}")))?,
    };
    function.call(&this, &arguments)
}

/// Answers a call, unless it has its answer already.
pub(crate) fn finish(session: &Session, id: u64, outcome: Js) {
    if !session.calls_in.borrow().has(id) {
        return;
    }
    let encoded = outcome.and_then(|result| encode::value(session, "result", &result));
    match encoded {
        Ok(result) => {
            answer(session, id, Outcome::Returned(&result));
            session.give_buffer(result);
        }
        Err(thrown) => {
            let error = encode_thrown(session, &thrown);
            answer(session, id, Outcome::Threw(&error));
        }
    }
}

/// What a caller is told of an error.
pub(crate) fn encode_thrown(session: &Session, thrown: &Thrown) -> Vec<u8> {
    serve::note(session, thrown);
    if thrown.is_interrupt() { session.turn.interruption() } else { encode::thrown_value(session, thrown) }
}

/// A stopped function never settles its promise: answers every call that was served in the turn that was stopped.
pub(crate) fn fail_stopped(session: &Session) {
    for id in session.turn.take_touched() {
        if session.calls_in.borrow().has(id) {
            answer(session, id, Outcome::Threw(&session.turn.interruption()));
        }
    }
}

fn answer(session: &Session, id: u64, outcome: Outcome) {
    session.turn.count_spent(session);
    let Some(serving) = session.calls_in.borrow_mut().serving.remove(&id) else { return };
    session.send(&Message::Return { id, outcome, spent_us: serving.spent_us });
}

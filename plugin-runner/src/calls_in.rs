//! Calls of the host: each is answered once, whatever happens.

use crate::continuation::Continuation;
use crate::encode;
use crate::engine::{Js, Thrown, Value};
use crate::session::Session;
use crate::{aborts, instances, load, serve, thrown};
use plughold_protocol::Message;
use plughold_protocol::record::{Outcome, Unwanted};
use std::collections::HashMap;

/// A call, decoded.
pub(crate) struct CallIn {
    /// Its id.
    pub(crate) id: u64,
    /// What is called.
    pub(crate) callee: Callee,
    /// The arguments, or what the plugin is told instead of being called.
    pub(crate) arguments: Js<Vec<Value>>,
    /// The plugin's call in serving which the host made this one.
    pub(crate) parent: Option<u64>,
    /// Microseconds until the host gives up.
    pub(crate) deadline_us: Option<u64>,
    /// `{ signal, abort }`, if the call's signal is among the arguments.
    pub(crate) abort: Option<Value>,
}

/// What the host wants to call.
pub(crate) enum Callee {
    /// A function that it holds.
    Function(u64),
    /// A method of an instance that it holds.
    Method(u64, String),
    /// An accessor of an instance that it holds.
    Property(u64, String),
    /// A function that the plugin exports.
    Export(String),
}

/// Calls that have no answer yet.
pub(crate) struct CallsIn {
    serving: HashMap<u64, Serving>,
}

struct Serving {
    parent: Option<u64>,
    /// When the host gives up, on the session's clock.
    until_us: Option<u64>,
    spent_us: u64,
    abort: Option<Value>,
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

    /// Whether the host still wants the answer of this call: what is called on its behalf ends with it.
    pub(crate) fn is_wanted(&self, id: u64) -> bool {
        self.serving.get(&id).is_some_and(|serving| !serving.is_cancelled)
    }

    /// The plugin's call in serving which the host made this one, while it has no answer.
    pub(crate) fn parent_of(&self, id: u64) -> Option<u64> {
        self.serving.get(&id)?.parent
    }

    /// How long the host still waits for this call at the moment `now_us`, in microseconds.
    pub(crate) fn left_us(&self, id: u64, now_us: u64) -> Option<u64> {
        Some(self.serving.get(&id)?.until_us?.saturating_sub(now_us))
    }

    /// Adds time that was spent on a call.
    pub(crate) fn add_spent(&mut self, id: u64, spent_us: u64) {
        if let Some(serving) = self.serving.get_mut(&id) {
            serving.spent_us += spent_us;
        }
    }
}

/// Serves a call: runs the function, and answers now or when its promise is settled.
pub(crate) fn serve(session: &Session, call: CallIn) {
    let CallIn { id, callee, arguments, .. } = accept(session, call);
    session.turn.touch(id);
    let result = run(session, &callee, arguments);
    Continuation::Call.go_on(session, id, result);
}

/// Answers a call with an error instead of serving it.
pub(crate) fn refuse(session: &Session, call: CallIn, thrown: &Thrown) {
    let call = accept(session, call);
    finish(session, call.id, Err(thrown.clone()));
}

/// From here on the call has to be answered.
fn accept(session: &Session, mut call: CallIn) -> CallIn {
    let until_us = call.deadline_us.map(|left_us| session.clock.elapsed_us().saturating_add(left_us));
    let (parent, abort) = (call.parent, call.abort.take());
    let serving = Serving { parent, until_us, spent_us: 0, abort, is_cancelled: false };
    session.calls_in.borrow_mut().serving.insert(call.id, serving);
    call
}

/// Serves a call that wants no answer.
pub(crate) fn notify(session: &Session, callee: &Callee, arguments: Js<Vec<Value>>) {
    if let Err(thrown) = run(session, callee, arguments) {
        serve::report_uncaught(session, &thrown, false);
    }
}

fn run(session: &Session, callee: &Callee, arguments: Js<Vec<Value>>) -> Js {
    let arguments = arguments?;
    let held = |id: u64| {
        let held = session.exported.borrow().get(id);
        held.ok_or_else(|| thrown::gone(id))
    };
    let (this, function) = match callee {
        Callee::Function(id) => (Value::UNDEFINED, held(*id)?),
        Callee::Method(id, name) => {
            let instance = held(*id)?;
            let method = instances::method(session, &instance, name)?;
            (instance, method)
        }
        Callee::Property(id, name) => return instances::property(session, &held(*id)?, name),
        Callee::Export(name) => load::export(session, name)?
            .ok_or_else(|| thrown::not_found(&format!("the plugin exports no function {name:?}")))?,
    };
    function.call(&this, &arguments)
}

/// The host no longer wants the answer of a call: its signal is aborted, if it has one. The call goes on, and is answered
/// all the same; there is no safe way to end it from outside. What it calls from now on, to put things in order, is called
/// on nobody's behalf.
pub(crate) fn cancel(session: &Session, id: u64, why: Unwanted) {
    let abort = session.calls_in.borrow_mut().serving.get_mut(&id).and_then(|serving| {
        serving.is_cancelled = true;
        serving.abort.take()
    });
    if let Some(Err(thrown)) = abort.map(|pair| aborts::abort(session, &pair, why)) {
        serve::report_uncaught(session, &thrown, false);
    }
}

/// Answers a call, unless it has its answer already.
pub(crate) fn finish(session: &Session, id: u64, outcome: Js) {
    if !session.calls_in.borrow().has(id) {
        return;
    }
    let encoded = outcome.and_then(|result| encode::value(session, "result", &result));
    let (bytes, is_sent) = match encoded {
        Ok(result) => {
            let is_sent = answer(session, id, Outcome::Returned(&result));
            (result, is_sent)
        }
        Err(thrown) => {
            let error = encode_thrown(session, &thrown);
            let is_sent = answer(session, id, Outcome::Threw(&error));
            (error, is_sent)
        }
    };
    if !is_sent {
        // Encoding runs getters, and these may wait: the call was stopped meanwhile, in a turn on top, and so answered.
        encode::take_back(session, &bytes);
    }
    session.give_buffer(bytes);
}

/// What a caller is told of an error.
pub(crate) fn encode_thrown(session: &Session, thrown: &Thrown) -> Vec<u8> {
    serve::note(session, thrown);
    if thrown.is_interrupt() {
        session.turn.interruption(session)
    } else {
        encode::thrown_value(session, thrown)
    }
}

/// A stopped function never settles its promise: answers every call that was served in the turn that was stopped.
pub(crate) fn fail_stopped(session: &Session) {
    for id in session.turn.take_touched() {
        if session.calls_in.borrow().has(id) {
            answer(session, id, Outcome::Threw(&session.turn.interruption(session)));
        }
    }
}

/// Answers a call. Says whether it had no answer yet.
fn answer(session: &Session, id: u64, outcome: Outcome) -> bool {
    session.turn.count_spent(session);
    let Some(serving) = session.calls_in.borrow_mut().serving.remove(&id) else { return false };
    session.send(&Message::Return { id, outcome, spent_us: serving.spent_us });
    true
}

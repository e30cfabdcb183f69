//! What goes on when something of the plugin happens: a promise is settled, a signal aborted.

use crate::engine::promise::{Deferred, Progress};
use crate::engine::{Js, Value};
use crate::session::Session;
use crate::{calls_in, calls_out, load, serve, suspend};

/// The things that wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Continuation {
    /// A call of the host is answered.
    Call,
    /// The plugin's top level ran.
    Evaluated,
    /// The plugin's `activate` is done.
    Activated,
    /// The plugin's `deactivate` is done.
    Deactivated,
    /// The plugin's `suspend` is done, and the plugin goes on.
    Suspended,
    /// The plugin's `suspend` is done, and the plugin ends.
    Parted,
    /// The plugin ends, and its `suspend` had its time.
    Waited,
    /// A signal among the arguments of a call of the plugin was aborted.
    Aborted,
}

impl Continuation {
    const ALL: [Continuation; 8] = [
        Continuation::Call,
        Continuation::Evaluated,
        Continuation::Activated,
        Continuation::Deactivated,
        Continuation::Suspended,
        Continuation::Parted,
        Continuation::Waited,
        Continuation::Aborted,
    ];

    /// The continuation with this number.
    pub(crate) fn of_number(number: i32) -> Option<Continuation> {
        Self::ALL.into_iter().find(|continuation| *continuation as i32 == number)
    }

    /// The outcome of what a function gave, if it is there already; otherwise goes on with `id` when it is.
    pub(crate) fn outcome_or_wait(self, session: &Session, result: &Value, id: u64) -> Js<Option<Js>> {
        if !result.is_object() {
            return Ok(Some(Ok(result.clone())));
        }
        if result.is_promise() {
            return match result.progress() {
                Progress::Settled(outcome) => Ok(Some(outcome)),
                Progress::Pending => result.continue_with(self, id).map(|()| None),
            };
        }
        if !result.get("then")?.is_function() {
            return Ok(Some(Ok(result.clone())));
        }
        // A promise of the plugin's own making: ours adopts it.
        let deferred = Deferred::new()?;
        serve::settle(session, &deferred.settle, Ok(result.clone()));
        deferred.promise.continue_with(self, id)?;
        Ok(None)
    }

    /// Continues at once with what is settled, or when it is.
    pub(crate) fn go_on(self, session: &Session, id: u64, result: Js) {
        match result.and_then(|result| self.outcome_or_wait(session, &result, id)) {
            Ok(None) => {}
            Ok(Some(outcome)) => self.run(session, id, outcome),
            Err(thrown) => self.run(session, id, Err(thrown)),
        }
    }

    /// Goes on. `id` is that of the call or of the question, or a time; it means nothing to the others.
    pub(crate) fn run(self, session: &Session, id: u64, outcome: Js) {
        match self {
            Continuation::Call => calls_in::finish(session, id, outcome),
            Continuation::Evaluated => load::evaluated(session, outcome),
            Continuation::Activated => load::activated(session, outcome),
            Continuation::Deactivated => load::deactivated(session, outcome),
            Continuation::Suspended => suspend::suspended(session, id, outcome),
            Continuation::Parted => suspend::parted(session, outcome),
            Continuation::Waited => suspend::waited(session, id),
            Continuation::Aborted => calls_out::abort(session, id),
        }
    }
}

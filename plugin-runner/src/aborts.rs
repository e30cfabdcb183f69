//! Abort signals, made and asked by our own JavaScript.

use crate::engine::{Js, Kind, Thrown, Value};
use crate::session::Session;
use plughold_protocol::record::Unwanted;
use std::slice;

/// A signal of the plugin that is listened to.
pub(crate) struct Listened {
    /// The signal.
    pub(crate) signal: Value,
    remove: Value,
}

impl Listened {
    /// Calls `callback` when a signal of the plugin that is not aborted becomes so.
    pub(crate) fn new(session: &Session, signal: &Value, callback: Value) -> Js<Listened> {
        let remove = session.kit.ask("onAbort", &[signal.clone(), callback])?;
        Ok(Listened { signal: signal.clone(), remove })
    }

    /// Stops listening.
    pub(crate) fn stop(&self) {
        // The function is of our own JavaScript; if it fails, the callback comes to nothing.
        let _harmless = self.remove.call(&Value::UNDEFINED, &[]);
    }
}

/// Why the first of these signals that is aborted was aborted; none if none is.
pub(crate) fn reason<'v>(
    session: &Session,
    signals: impl IntoIterator<Item = &'v Value>,
) -> Js<Option<Thrown>> {
    for signal in signals {
        if session.kit.ask("isAborted", slice::from_ref(signal))?.kind() == Kind::Bool(true) {
            return session
                .kit
                .ask("abortReason", slice::from_ref(signal))
                .map(|reason| Some(Thrown(reason)));
        }
    }
    Ok(None)
}

/// Aborts the signal of a pair `{ signal, abort }` that was made for a call: the host has cancelled it. Runs what the
/// plugin does then.
pub(crate) fn abort(session: &Session, pair: &Value, why: Unwanted) -> Js<()> {
    let (words, name) = match why {
        Unwanted::Deadline => ("the time of the call is over", "TimeoutError"),
        Unwanted::Dropped => ("the host cancelled the call", "AbortError"),
    };
    let reason = session.kit.ask("domException", &[Value::string(words)?, Value::string(name)?])?;
    pair.get("abort")?.call(&Value::UNDEFINED, &[reason])?;
    Ok(())
}

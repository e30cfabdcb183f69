//! Promises that were rejected while nobody waited for them. At the end of a turn they are reported.

use crate::engine::{Thrown, Value};
use crate::serve;
use crate::session::Session;

/// As many are kept apart in one turn; more are a flood that tells nothing new.
const KEPT: usize = 1_000;

/// The rejections of this turn.
pub(crate) struct Rejections {
    unhandled: Vec<(Value, Value)>,
}

impl Rejections {
    /// None.
    pub(crate) fn new() -> Rejections {
        Rejections { unhandled: Vec::new() }
    }
}

/// A promise was rejected without a handler.
pub(crate) fn rejected(session: &Session, promise: &Value, reason: &Value) {
    let unhandled = &mut session.rejections.borrow_mut().unhandled;
    if unhandled.len() < KEPT {
        unhandled.push((promise.clone(), reason.clone()));
    }
}

/// A promise got its handler after all.
pub(crate) fn handled(session: &Session, promise: &Value) {
    let address = promise.address();
    session.rejections.borrow_mut().unhandled.retain(|(known, _)| known.address() != address);
}

/// Reports what is left at the end of a turn.
pub(crate) fn report(session: &Session) {
    let unhandled = std::mem::take(&mut session.rejections.borrow_mut().unhandled);
    for (_, reason) in unhandled {
        serve::report_uncaught(session, &Thrown(reason), true);
    }
}

//! Promises that were rejected while nobody waited for them. At the end of a turn they are reported.

use crate::engine::{Thrown, Value};
use crate::session::Session;
use crate::{serve, thrown};
use plughold_protocol::Message;

/// As many are kept apart in one turn; more are a flood that tells nothing new, and are only counted.
const KEPT: usize = 1_000;

/// The rejections of this turn.
pub(crate) struct Rejections {
    unhandled: Vec<(Value, Value)>,
    /// How many there are beyond those that are kept.
    more: usize,
}

impl Rejections {
    /// None.
    pub(crate) fn new() -> Rejections {
        Rejections { unhandled: Vec::new(), more: 0 }
    }
}

/// A promise was rejected without a handler.
pub(crate) fn rejected(session: &Session, promise: &Value, reason: &Value) {
    let mut rejections = session.rejections.borrow_mut();
    if rejections.unhandled.len() < KEPT {
        rejections.unhandled.push((promise.clone(), reason.clone()));
    } else {
        rejections.more += 1;
    }
}

/// A promise got its handler after all.
pub(crate) fn handled(session: &Session, promise: &Value) {
    let address = promise.address();
    let mut rejections = session.rejections.borrow_mut();
    let known = rejections.unhandled.iter().position(|(known, _)| known.address() == address);
    match known {
        Some(known) => drop(rejections.unhandled.remove(known)),
        // One of those that are only counted, or one that was reported in an earlier turn: then one too few is told.
        None => rejections.more = rejections.more.saturating_sub(1),
    }
}

/// Reports what is left at the end of a turn.
pub(crate) fn report(session: &Session) {
    let Rejections { unhandled, more } =
        std::mem::replace(&mut *session.rejections.borrow_mut(), Rejections::new());
    for (_, reason) in unhandled {
        serve::report_uncaught(session, &Thrown(reason), true);
    }
    if 0 < more {
        let words = format!("{more} more rejections that nobody waits for");
        session.send(&Message::Uncaught { error: &thrown::plain("Error", &words, ""), rejection: true });
    }
}

//! Promises that were rejected while nobody waited for them. At the end of a turn they are reported.

use crate::engine::{Thrown, Value};
use crate::session::Session;
use crate::{serve, thrown};
use plughold_protocol::Message;

/// As many are kept apart in one turn; more are a flood that tells nothing new, and are only counted.
const KEPT: usize = 1_000;

/// The rejections of this turn.
pub(crate) struct Rejections {
    unhandled: Vec<Rejection>,
    /// How many there are beyond those that are kept.
    more: usize,
}

struct Rejection {
    promise: Value,
    reason: Value,
    /// How many turns were below the one in which it happened.
    depth: u32,
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
        let depth = session.turn.depth();
        rejections.unhandled.push(Rejection { promise: promise.clone(), reason: reason.clone(), depth });
    } else {
        rejections.more += 1;
    }
}

/// A promise got its handler after all.
pub(crate) fn handled(session: &Session, promise: &Value) {
    let address = promise.address();
    let mut rejections = session.rejections.borrow_mut();
    let known = rejections.unhandled.iter().position(|known| known.promise.address() == address);
    match known {
        Some(known) => drop(rejections.unhandled.remove(known)),
        // One of those that are only counted, or one that was reported in an earlier turn: then one too few is told.
        None => rejections.more = rejections.more.saturating_sub(1),
    }
}

/// Reports what is left at the end of a turn. What a turn below has rejected may still get its handler there.
pub(crate) fn report(session: &Session) {
    let depth = session.turn.depth();
    let mut rejections = session.rejections.borrow_mut();
    let more = std::mem::take(&mut rejections.more);
    let first = rejections.unhandled.partition_point(|rejection| rejection.depth < depth);
    let unhandled = rejections.unhandled.split_off(first);
    drop(rejections);
    for rejection in unhandled {
        serve::report_uncaught(session, &Thrown(rejection.reason), true);
    }
    if 0 < more {
        let words = format!("{more} more rejections that nobody waits for");
        session.send(&Message::Uncaught { error: &thrown::plain("Error", &words, ""), rejection: true });
    }
}

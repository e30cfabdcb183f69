//! What goes on when a promise of the plugin is settled.

use crate::engine::Js;
use crate::session::Session;
use crate::{calls_in, load};

/// The things that wait for a promise.
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
}

impl Continuation {
    const ALL: [Continuation; 4] =
        [Continuation::Call, Continuation::Evaluated, Continuation::Activated, Continuation::Deactivated];

    /// The continuation with this number.
    pub(crate) fn of_number(number: i32) -> Option<Continuation> {
        Self::ALL.into_iter().find(|continuation| *continuation as i32 == number)
    }

    /// Goes on. `id` is the call's id, and means nothing to the others.
    pub(crate) fn run(self, session: &Session, id: u64, outcome: Js) {
        match self {
            Continuation::Call => calls_in::finish(session, id, outcome),
            Continuation::Evaluated => load::evaluated(session, outcome),
            Continuation::Activated => load::activated(session, outcome),
            Continuation::Deactivated => load::deactivated(session, outcome),
        }
    }
}

//! Where a reference was passed: what an operator looks for whose plugin holds more and more.

use crate::session::chain::Called;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// What a function, object or stream stood in when it crossed the border.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    /// The arguments of this.
    Argument(Arc<str>),
    /// The result of this.
    Result(Arc<str>),
    /// A chunk of a stream.
    #[default]
    Stream,
}

/// Where something was passed first, and when.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) place: Place,
    pub(crate) since: Instant,
}

impl Place {
    /// The arguments of a call of this.
    pub(crate) fn argument_of(called: &Called) -> Place {
        Place::Argument(name_of(called))
    }

    /// What a call of this has given.
    pub(crate) fn result_of(called: &Called) -> Place {
        Place::Result(name_of(called))
    }
}

fn name_of(called: &Called) -> Arc<str> {
    match called {
        Called::Name(name) => name.clone(),
        Called::Function => "a function".into(),
    }
}

impl fmt::Display for Place {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Argument(name) => write!(to, "argument of {name}"),
            Place::Result(name) => write!(to, "result of {name}"),
            Place::Stream => to.write_str("chunk of a stream"),
        }
    }
}

//! A stream of one plugin on its way to another.

use crate::session::Session;
use crate::stream::source::{Supply, refused};
use crate::stream::{Outgoing, Reading, Source};
use crate::value::{Encoded, forward};
use crate::{CallError, Thrown};
use std::sync::Arc;
use std::task::{Context, Poll};

/// The stream of a plugin as a source for another. A chunk is taken from the one when the other has room for it; an end,
/// an error and a stop go through.
pub(super) fn source(reading: Arc<Reading>) -> Source {
    Source::of(Relay { reading })
}

/// The same, for a message whose references are written anew.
pub(crate) fn outgoing(reading: Arc<Reading>) -> Outgoing {
    Outgoing::new(Box::new(Relay { reading }))
}

struct Relay {
    reading: Arc<Reading>,
}

impl Supply for Relay {
    fn poll_chunk(
        &mut self,
        context: &mut Context<'_>,
        session: &Arc<Session>,
    ) -> Poll<Option<Result<Encoded, Thrown>>> {
        self.reading.poll_chunk(context).map(|chunk| {
            chunk.map(|chunk| match chunk {
                Ok(chunk) => forward::rewrite(chunk, session.exports()).map_err(refused),
                Err(CallError::Thrown(thrown)) => Err(*thrown),
                Err(error) => Err(error.into()),
            })
        })
    }
}

//! The task that sends a source to a plugin, as far as there is credit.

use crate::Thrown;
use crate::session::Session;
use crate::stream::source::{Outgoing, Supply};
use crate::value::Encoded;
use plughold_protocol::limits;
use plughold_protocol::pack::{Reader, Token, Writer};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;

/// Bytes that are longer than a chunk may be are cut into pieces of this size.
const PIECE: usize = limits::PIECE - limits::ENVELOPE;

/// Sends a source until it ends, the plugin stops it, or this task is aborted.
pub(super) async fn pump(session: Arc<Session>, outgoing: Outgoing) {
    let Outgoing { id, mut supply } = outgoing;
    while session.streams.has_credit(&session, id).await {
        let sent = match next(&mut *supply, &session).await {
            None => return session.streams.end(&session, id, None),
            Some(Ok(chunk)) => send(&session, id, chunk).await,
            Some(Err(thrown)) => Err(thrown),
        };
        if let Err(thrown) = sent {
            return session.streams.end(&session, id, Some(&thrown.to_value()));
        }
        // A source that is always ready takes its share of the thread and no more.
        tokio::task::coop::consume_budget().await;
    }
}

/// The next chunk. A source that panics has failed.
async fn next(supply: &mut dyn Supply, session: &Arc<Session>) -> Option<Result<Encoded, Thrown>> {
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| supply.poll_chunk(context, session)));
        polled.unwrap_or_else(|_| {
            let words = "the application's source panicked";
            Poll::Ready(Some(Err(Thrown::new("InternalError", words))))
        })
    })
    .await
}

/// Sends a chunk; bytes that are too long for one are cut.
async fn send(session: &Arc<Session>, id: u64, chunk: Encoded) -> Result<(), Thrown> {
    let length = chunk.bytes.len();
    if length <= limits::STREAM_WINDOW {
        return session.streams.send(session, id, chunk);
    }
    let Ok(Token::Bytes(bytes)) = Reader::new(&chunk.bytes).token() else {
        let words = format!("a chunk of {length} bytes; at most {} are allowed", limits::STREAM_WINDOW);
        return Err(Thrown::new("RangeError", words));
    };
    for piece in bytes.chunks(PIECE) {
        if !session.streams.has_credit(session, id).await {
            break;
        }
        let mut encoded = Vec::with_capacity(piece.len() + 8);
        Writer::new(&mut encoded).bytes(piece);
        session.streams.send(session, id, Encoded { bytes: encoded, ..Encoded::default() })?;
    }
    Ok(())
}

//! What a plugin says about streams.

use crate::Thrown;
use crate::figures::Place;
use crate::session::Session;
use crate::session::heard::{UNCAUGHT, cut};
use crate::stream::table::Known;
use crate::value::{Incoming, Scope};
use plughold_protocol::Message;
use plughold_protocol::record::Refusal;
use plughold_wire::{Bounds, scan};
use std::sync::Arc;

/// Handles a message about a stream; gives whether it has to be paid for.
///
/// What is said of an open stream is bounded by what was sent, or by the credit that was given. A message about one that
/// has ended has crossed its end on the way: that can happen, but not ten thousand times a second.
///
/// Returns which rule of the protocol is broken, in words.
pub(crate) fn handle(session: &Arc<Session>, message: &Message) -> Result<IsFree, (Refusal, String)> {
    let order = |words: String| (Refusal::Order, words);
    let streams = &session.streams;
    let known = match *message {
        Message::StreamData { id, data } => {
            streams.check_data(id, data.len()).map_err(order)?;
            let scope = scope(session, data)?;
            streams.push(session, id, Incoming::new(data, scope, Vec::new()), data.len());
            Known::Open
        }
        Message::StreamEnd { id, error } => {
            let end = match error {
                None => Ok(()),
                Some(error) => {
                    // References inside of an error are of no use here: given back at once.
                    drop(scope(session, error)?);
                    let thrown = Thrown::from_value(error).cleaned();
                    // It waits for whoever reads, as many as there are streams.
                    Err(if UNCAUGHT < error.len() { cut(thrown) } else { thrown })
                }
            };
            streams.finish(id, end).map_err(order)?;
            Known::Open
        }
        Message::StreamStop { id } => streams.stop(session, id).map_err(order)?,
        Message::Credit { stream: Some(id), amount } => {
            streams.add_credit(session, id, amount).map_err(order)?
        }
        _ => Known::Over,
    };
    Ok(IsFree(known == Known::Open))
}

/// Whether a message is left out of the count of those that need no credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IsFree(pub(crate) bool);

/// What a value of the plugin refers to.
fn scope(session: &Arc<Session>, bytes: &[u8]) -> Result<Scope, (Refusal, String)> {
    let malformed = |error| (Refusal::Malformed, format!("a value that is refused: {error}"));
    let found = scan(bytes, &Bounds::default()).map_err(malformed)?;
    session.check_references(&found.references).map_err(|words| (Refusal::Limit, words))?;
    session.scope(bytes, &found.references, Place::default).map_err(|words| (Refusal::Order, words))
}

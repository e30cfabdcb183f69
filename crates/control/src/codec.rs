//! Messages as frames and back.
//!
//! The frames are those of the sockets between hosts and runners, and what arrives is scanned as values of plugins are,
//! before serde sees it: without recursion, with bounds on depth and number. A message is MessagePack with the names of
//! its fields, so that both ends may know fields that the other does not.

use crate::limits;
use plughold_protocol::limits::PIECE;
use plughold_wire::frame::{Head, Lane};
use plughold_wire::{Bounds, FrameError, ScanError, scan};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A message is nested no deeper than this, and holds no references.
const BOUNDS: Bounds = Bounds { depth: limits::DEPTH, nodes: limits::NODES, references: 0 };

/// Why bytes are no messages. The connection has no meaning any more.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CodecError {
    /// They are no frames.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A frame holds no value, or one that is out of bounds.
    #[error("a message that is no value: {0}")]
    Scan(#[from] ScanError),
    /// A value that is no message.
    #[error("a value that is no message: {0}")]
    Message(String),
}

/// Why a message cannot be sent.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EncodeError {
    /// It would be longer than a message may be.
    #[error("a message of {length} bytes; at most {max} are allowed")]
    TooLong {
        /// Its length.
        length: usize,
        /// The most that is allowed.
        max: usize,
    },
    /// It is nested too deeply or holds too much: the other side would not read it.
    #[error("a message that is out of bounds: {0}")]
    OutOfBounds(#[from] ScanError),
    /// It holds something that MessagePack cannot say.
    #[error("a message that cannot be written: {0}")]
    Unwritable(String),
}

/// The frames of a message of at most `max` bytes.
///
/// Returns an [`EncodeError`] when it is longer, or out of the bounds within which the other side reads: one message would
/// end the connection, and everything else that goes over it.
pub fn encode<M: Serialize>(message: &M, max: usize) -> Result<Vec<u8>, EncodeError> {
    let body =
        rmp_serde::to_vec_named(message).map_err(|error| EncodeError::Unwritable(error.to_string()))?;
    if max < body.len() {
        return Err(EncodeError::TooLong { length: body.len(), max });
    }
    scan(&body, &BOUNDS)?;
    Ok(frames(&body))
}

/// The message that a frame, or several, held.
///
/// Returns a [`CodecError`] when it is none, or out of bounds.
pub fn decode<M: DeserializeOwned>(body: &[u8]) -> Result<M, CodecError> {
    scan(body, &BOUNDS)?;
    rmp_serde::from_slice(body).map_err(|error| CodecError::Message(error.to_string()))
}

/// A short message is one frame of the direct lane, a longer one pieces of the other. As each is written whole, the order
/// of messages is that of their ends.
fn frames(body: &[u8]) -> Vec<u8> {
    if body.len() <= PIECE {
        let head = Head { length: body.len(), lane: Lane::Direct, more: false };
        return [&head.to_bytes(), body].concat();
    }
    let mut out = Vec::with_capacity(body.len() + body.len() / PIECE * 8 + 8);
    let mut rest = body;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.len().min(PIECE));
        let head = Head { length: piece.len(), lane: Lane::Bulk, more: !after.is_empty() };
        out.extend_from_slice(&head.to_bytes());
        out.extend_from_slice(piece);
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Answer, ClientMessage, HostMessage, Request};
    use plughold_wire::Inbox;
    use serde_json::{Value, json};

    /// The messages in these frames.
    fn read<M: DeserializeOwned>(mut frames: &[u8], max: usize) -> Result<Vec<M>, CodecError> {
        let mut inbox = Inbox::new(max);
        let mut messages = Vec::new();
        while !frames.is_empty() {
            let spare = inbox.spare();
            let count = spare.len().min(frames.len());
            spare[..count].copy_from_slice(&frames[..count]);
            inbox.filled(count);
            frames = &frames[count..];
            while let Some(body) = inbox.next()? {
                messages.push(decode(body)?);
            }
        }
        Ok(messages)
    }

    fn call(length: usize) -> ClientMessage {
        let args = vec![json!("x".repeat(length)), json!({ "deep": [1, -2, 1.5, null, true] })];
        let request = Request::Call { plugin: "hello".to_owned(), export: "greet".to_owned(), args };
        ClientMessage::Ask { id: 7, request }
    }

    #[test]
    fn messages_come_home_in_one_frame_or_in_many() {
        for length in [0, 10, PIECE - 200, PIECE, PIECE + 1, 5 * PIECE] {
            let (first, second) = (call(length), ClientMessage::Cancel { id: 7 });
            let mut frames = encode(&first, limits::CLIENT_MESSAGE).unwrap();
            frames.extend(encode(&second, limits::CLIENT_MESSAGE).unwrap());
            let read: Vec<ClientMessage> = read(&frames, limits::CLIENT_MESSAGE).unwrap();
            assert_eq!(read, [first, second], "{length}");
        }
    }

    #[test]
    fn what_is_too_long_is_not_written() {
        let body = rmp_serde::to_vec_named(&call(100)).unwrap().len();
        assert!(encode(&call(100), body).is_ok());
        let refused = Err(EncodeError::TooLong { length: body, max: body - 1 });
        assert_eq!(encode(&call(100), body - 1), refused);
    }

    #[test]
    fn what_the_other_side_would_not_read_is_not_written() {
        let check = |value: Value, expected: Option<&str>| {
            let message = HostMessage::Answer { id: 1, outcome: Ok(Answer::Value(value)) };
            let refused = encode(&message, limits::HOST_MESSAGE).map_err(|error| error.to_string()).err();
            assert_eq!(refused.as_deref(), expected);
        };
        let nested = |depth: usize| (0..depth).fold(json!(null), |inner, _| json!([inner]));
        check(nested(plughold_protocol::limits::DEPTH), None);
        check(nested(100), Some("a message that is out of bounds: nested deeper than 72"));
        check(json!(vec![0; limits::NODES / 2]), None);
        check(
            json!(vec![0; limits::NODES]),
            Some("a message that is out of bounds: more than 500000 elements"),
        );
    }

    #[test]
    fn bombs_are_refused_before_serde_sees_them() {
        let refused = |bytes: &[u8], expected: &str| {
            let error = decode::<HostMessage>(bytes).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        };
        refused(&[0x91; 100_000], "nested deeper than 72");
        // An array of a million nothings.
        refused(&[&[0xdd, 0, 0x10, 0, 0][..], &vec![0xc0; 1 << 20]].concat(), "more than 500000 elements");
        refused(&[0xdd, 0xff, 0xff, 0xff, 0xff], "ends early");
        refused(&[0xc1], "reserved byte");
        refused(&[], "ends early");
        refused(&[0xc0, 0xc0], "");
        refused(&[0xc0], "no message");
    }

    #[test]
    fn no_reference_is_taken() {
        // A function of the wire, as a runner would send it.
        let mut bytes = Vec::new();
        let mut writer = plughold_protocol::pack::Writer::new(&mut bytes);
        writer.extension(plughold_protocol::value::FUNCTION, &1_u64.to_be_bytes());
        let error = decode::<Value>(&bytes).unwrap_err();
        assert!(error.to_string().contains("references"), "{error}");
    }

    #[test]
    fn fields_that_are_not_known_are_ignored_and_missing_ones_are_nothing() {
        let newer = json!({ "answer": { "id": 3, "newer": [1], "outcome": { "Ok": { "plugin": {
            "id": "hello", "state": "dreaming", "activity": { "is": "flying", "height": 3 }, "shape": "round",
        } } } } });
        let body = rmp_serde::to_vec_named(&newer).unwrap();
        let HostMessage::Answer { id: 3, outcome: Ok(Answer::Plugin(plugin)) } = decode(&body).unwrap()
        else {
            panic!("another message");
        };
        let expected = crate::record::Plugin {
            id: "hello".to_owned(),
            activity: Some(crate::record::Activity::Other),
            ..crate::record::Plugin::default()
        };
        assert_eq!(*plugin, expected);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(0u8.., 0..600)) {
            let _ = decode::<ClientMessage>(&bytes);
            let _ = decode::<HostMessage>(&bytes);
        }
    }
}

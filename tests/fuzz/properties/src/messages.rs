//! Messages, as a hostile peer encodes them.

use crate::effort::{Heap, within};
use plughold_protocol::Message;

/// An element of a list takes a byte at least, and 24 bytes once it is decoded; a list grows by doubling.
const HEAP: Heap = Heap { base: 256 << 10, each: 96 };

/// Longer than any error about a message: they name places, types and numbers, and quote nothing.
const WORDS: usize = 300;

/// A message that is understood is said again in one form, which means the same.
///
/// # Panics
///
/// If it is not.
pub fn check(bytes: &[u8]) {
    let message = match within(HEAP, bytes.len(), || Message::decode(bytes)) {
        Ok(message) => message,
        Err(error) => return assert!(error.to_string().len() < WORDS, "{error}"),
    };
    let said = message.to_bytes();
    let understood = Message::decode(&said);
    assert_eq!(understood.as_ref(), Ok(&message), "{said:02x?}");
    assert_eq!(understood.map(|message| message.to_bytes()), Ok(said.clone()), "one message, one form");
    // What was left out at its end is `nil` now, and everything else is as short as can be.
    assert!(said.len() <= 2 * bytes.len() + 16, "{} bytes of {}", said.len(), bytes.len());
    let kind = Message::KINDS.iter().find(|kind| kind.name == message.name());
    assert_eq!(kind.map(|kind| kind.sender), Some(message.sender()));
}

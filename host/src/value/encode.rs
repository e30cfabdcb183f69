//! From typed values to bytes, with functions that go home as themselves.

use crate::callback::Reference;
use plughold_protocol::limits;
use plughold_protocol::pack::{Reader, Token};
use plughold_wire::Bounds;
use serde::Serialize;
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    /// The value that this thread encodes right now.
    static ENCODING: RefCell<Option<Encoding>> = const { RefCell::new(None) };
}

/// Whom the value is for, and the references that it holds until it is written.
struct Encoding {
    session: u64,
    holds: Vec<Arc<Reference>>,
}

/// An encoded value. It holds the references that stand in it, because a release may not overtake it.
#[derive(Debug, Default)]
pub struct Encoded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) holds: Vec<Arc<Reference>>,
}

/// Encodes a value for the session with the key `session`. The error is in words.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T, session: u64) -> Result<Encoded, String> {
    struct Restore(Option<Encoding>);
    impl Drop for Restore {
        fn drop(&mut self) {
            ENCODING.set(self.0.take());
        }
    }
    let restore = Restore(ENCODING.replace(Some(Encoding { session, holds: Vec::new() })));
    let bytes = rmp_serde::to_vec_named(value).map_err(|error| error.to_string())?;
    // The plugin would take what is too deep for a broken message.
    if limits::DEPTH < bytes.len() {
        let bounds = Bounds { nodes: usize::MAX, ..Bounds::default() };
        plughold_wire::scan(&bytes, &bounds).map_err(|error| error.to_string())?;
    }
    let holds = ENCODING.take().map(|encoding| encoding.holds).unwrap_or_default();
    drop(restore);
    Ok(Encoded { bytes, holds })
}

/// Encodes arguments: a tuple, a `Vec` or `()`.
pub(crate) fn encode_arguments<A: Serialize + ?Sized>(args: &A, session: u64) -> Result<Encoded, String> {
    let mut encoded = encode(args, session)?;
    match Reader::new(&encoded.bytes).token() {
        Ok(Token::Array(_)) => Ok(encoded),
        Ok(Token::Nil) => {
            encoded.bytes = vec![0x90];
            Ok(encoded)
        }
        _ => Err("arguments are a tuple, a `Vec` or `()`; for one argument write `(argument,)`".to_owned()),
    }
}

/// Notes that `reference` stands in the value being encoded.
///
/// Returns an error in words when it may not: outside of an encode, or on its way to another plugin.
pub(crate) fn note_home(reference: &Arc<Reference>) -> Result<(), String> {
    ENCODING.with_borrow_mut(|encoding| match encoding {
        None => Err("a plugin's function can only be encoded into a message for a plugin".to_owned()),
        Some(encoding) if encoding.session != reference.session_key() => Err(format!(
            "a function of plugin {} cannot be passed to another plugin or generation",
            reference.plugin()
        )),
        Some(encoding) => {
            encoding.holds.push(reference.clone());
            Ok(())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_deep_is_refused_here() {
        let mut deep = serde_json::json!(1);
        for _ in 0..100 {
            deep = serde_json::json!([deep]);
        }
        assert_eq!(encode(&deep, 1).unwrap_err(), "nested deeper than 64");
    }

    #[test]
    fn arguments_are_always_an_array() {
        let bytes = |result: Result<Encoded, String>| result.map(|encoded| encoded.bytes);
        assert_eq!(bytes(encode_arguments(&(), 1)), Ok(vec![0x90]));
        assert_eq!(bytes(encode_arguments(&(1, "a"), 1)), Ok(vec![0x92, 1, 0xa1, b'a']));
        assert_eq!(bytes(encode_arguments(&vec![true], 1)), Ok(vec![0x91, 0xc3]));
        assert!(bytes(encode_arguments(&"alone", 1)).is_err());
    }
}

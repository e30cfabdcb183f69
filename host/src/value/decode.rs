//! From scanned bytes to typed values, with references out of the scan's own table.

use crate::callback::Reference;
use crate::value::deserializer::ValueDeserializer;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// The references that one message introduced, by event ID.
pub(crate) type Scope = HashMap<u64, Arc<Reference>>;

thread_local! {
    /// The references of the message that this thread decodes right now. Decoding is synchronous, so an embedder's
    /// types need no seed to find them.
    static DECODING: RefCell<Option<Scope>> = const { RefCell::new(None) };
}

/// A scanned value on its way to whoever knows its type. Dropping it releases the references that nobody took.
#[derive(Debug)]
pub struct Incoming {
    bytes: Vec<u8>,
    scope: Scope,
    /// Where each argument stands, when the value is an array of arguments.
    arguments: Vec<Range<usize>>,
}

impl Incoming {
    pub(crate) fn new(bytes: &[u8], scope: Scope, arguments: Vec<Range<usize>>) -> Incoming {
        Incoming { bytes: bytes.to_vec(), scope, arguments }
    }

    /// Decodes the whole value. The error says where in the value it went wrong.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T, String> {
        self.decode_range(0..self.bytes.len())
    }

    /// Decodes one argument; one that was not given is `nil`, so that an `Option` is `None`.
    pub(crate) fn argument<T: DeserializeOwned>(&self, index: usize) -> Result<T, String> {
        let result = match self.arguments.get(index) {
            Some(range) => self.decode_range(range.clone()),
            None => decode_in(&self.scope, &[0xc0]).map_err(|_| "missing".to_owned()),
        };
        result.map_err(|error| format!("argument {}: {error}", index + 1))
    }

    fn decode_range<T: DeserializeOwned>(&self, range: Range<usize>) -> Result<T, String> {
        decode_in(&self.scope, self.bytes.get(range).unwrap_or_default())
    }
}

/// Finds the handle of a reference that the message being decoded introduced.
///
/// Returns an error outside of a decode, or for an id that the scan did not find: whatever a decoder believes to have
/// read there, it is not a reference.
pub(crate) fn with_reference(id: u64) -> Result<Arc<Reference>, String> {
    DECODING.with_borrow(|scope| match scope {
        None => Err("a function can only be decoded from a plugin's message".to_owned()),
        Some(scope) => {
            scope.get(&id).cloned().ok_or_else(|| format!("function {id} was not introduced by this message"))
        }
    })
}

fn decode_in<T: DeserializeOwned>(scope: &Scope, bytes: &[u8]) -> Result<T, String> {
    let before = if scope.is_empty() { None } else { Some(DECODING.replace(Some(scope.clone()))) };
    // A guard, because an embedder's `Deserialize` may panic; and it restores, because decodes may nest.
    struct Restore(Option<Option<Scope>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            if let Some(before) = self.0.take() {
                DECODING.set(before);
            }
        }
    }
    let _restore = Restore(before);
    serde_path_to_error::deserialize(&mut ValueDeserializer::new(bytes)).map_err(|error| {
        let path = error.path().to_string();
        let words = error.into_inner();
        if path == "." { words.0 } else { format!("{path}: {words}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use plughold_protocol::value;

    fn arguments(bytes: &[u8]) -> Incoming {
        let (_, ranges) = plughold_wire::scan_arguments(bytes, &plughold_wire::Bounds::default()).unwrap();
        Incoming::new(bytes, Scope::new(), ranges)
    }

    #[test]
    fn undefined_is_none_and_so_is_an_argument_that_was_not_given() {
        let undefined = arguments(&[0x91, 0xd4, value::UNDEFINED as u8, 0]);
        assert_eq!(undefined.argument::<Option<String>>(0), Ok(None));
        assert_eq!(undefined.argument::<Option<String>>(1), Ok(None));
    }

    #[test]
    fn errors_say_which_argument_and_where_in_it() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Note {
            #[allow(dead_code, reason = "only its decoding matters")]
            tags: Vec<String>,
        }
        let mut bytes = vec![0x92, 0x01];
        bytes.extend(rmp_serde::to_vec_named(&serde_json::json!({ "tags": ["a", 3] })).unwrap());
        let incoming = arguments(&bytes);
        let error = |result: Result<(), String>| result.unwrap_err();
        assert_eq!(
            error(incoming.argument::<Note>(1).map(drop)),
            "argument 2: tags[1]: expected a string, found 3"
        );
        assert_eq!(error(incoming.argument::<String>(0).map(drop)), "argument 1: expected a string, found 1");
        assert_eq!(error(incoming.argument::<String>(2).map(drop)), "argument 3: missing");
    }
}

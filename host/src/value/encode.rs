//! From typed values to bytes, with references to what is live on either side.

use crate::callback::Reference;
use crate::live::Thing;
use crate::session::berths::Berth;
use crate::session::{ExportTable, Exported, TooMany};
use crate::stream::Outgoing;
use crate::value::extension;
use crate::value::serializer::{Error, ValueSerializer};
use plughold_protocol::pack::{Reader, Token};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    /// The value that this thread encodes right now.
    static ENCODING: RefCell<Option<Encoding>> = const { RefCell::new(None) };
}

/// Whom the value is for, and what stands in it.
struct Encoding {
    table: Arc<ExportTable>,
    encoded: Encoded,
    /// It is the arguments of a call.
    is_call: bool,
    /// What no words can tell the caller.
    too_many: Option<TooMany>,
}

/// An encoded value.
#[derive(Debug, Default)]
pub struct Encoded {
    pub(crate) bytes: Vec<u8>,
    /// What goes home in it: held until it is written, because a release may not overtake it.
    pub(crate) holds: Vec<Arc<Reference>>,
    /// What is exported by it: [sent](Exported::sent) with it, or counted off again.
    pub(crate) exports: Vec<Exported>,
    /// Bytes of what the objects in it tell of themselves.
    pub(crate) described: usize,
    /// The berth that its call takes among those of other plugins.
    pub(crate) berth: Option<Berth>,
    /// The sources of streams in it: [opened](crate::stream::Streams::open) before it is sent, or dropped.
    pub(crate) streams: Vec<Outgoing>,
}

/// Why a value cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EncodeError {
    /// In words, with the place.
    #[error("{0}")]
    Value(String),
    /// The receiver holds too much.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

/// Encodes a value for the session with this table.
pub(crate) fn encode<T: Serialize + ?Sized>(
    value: &T,
    table: &Arc<ExportTable>,
) -> Result<Encoded, EncodeError> {
    encode_value(value, table, false, |error| error.to_string())
}

/// Encodes arguments: a tuple, a `Vec` or `()`.
pub(crate) fn encode_arguments<A: Serialize + ?Sized>(
    args: &A,
    table: &Arc<ExportTable>,
) -> Result<Encoded, EncodeError> {
    let mut encoded = encode_value(args, table, true, Error::of_arguments)?;
    match Reader::new(&encoded.bytes).token() {
        Ok(Token::Array(_)) => Ok(encoded),
        Ok(Token::Nil) => {
            encoded.bytes = vec![0x90];
            Ok(encoded)
        }
        _ => {
            let words = "arguments are a tuple, a `Vec` or `()`; for one argument write `(argument,)`";
            Err(EncodeError::Value(words.to_owned()))
        }
    }
}

/// Encodes plain data, for nobody in particular.
pub(crate) fn encode_data<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    value.serialize(&mut ValueSerializer::new(&mut bytes)).map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn encode_value<T: Serialize + ?Sized>(
    value: &T,
    table: &Arc<ExportTable>,
    is_call: bool,
    in_words: impl FnOnce(Error) -> String,
) -> Result<Encoded, EncodeError> {
    // A guard, because an embedder's `Serialize` may panic; and it restores, because encodes may nest.
    struct Restore(Option<Encoding>);
    impl Drop for Restore {
        fn drop(&mut self) {
            drop(ENCODING.replace(self.0.take()));
        }
    }
    let encoding = Encoding { table: table.clone(), encoded: Encoded::default(), is_call, too_many: None };
    let restore = Restore(ENCODING.replace(Some(encoding)));
    let mut bytes = Vec::new();
    let written = value.serialize(&mut ValueSerializer::new(&mut bytes));
    let encoding = ENCODING.take();
    drop(restore);
    let (encoded, too_many) = encoding.map(|each| (each.encoded, each.too_many)).unwrap_or_default();
    if let Some(too_many) = too_many {
        return Err(too_many.into());
    }
    written.map_err(|error| EncodeError::Value(in_words(error)))?;
    Ok(Encoded { bytes, ..encoded })
}

/// Serialises a thing as a reference: home, if it is the receiver's own; exported otherwise.
pub(crate) fn place<S: Serializer>(to: S, thing: &Thing) -> Result<S::Ok, S::Error> {
    let (kind, payload) = ENCODING
        .with_borrow_mut(|encoding| match encoding {
            None => Err("a function or object can only be encoded into a message for a plugin".to_owned()),
            Some(Encoding { table, encoded, too_many, .. }) => encoded.place(thing, table).map_err(|error| {
                if let EncodeError::TooMany(error) = &error {
                    *too_many = Some(error.clone());
                }
                error.to_string()
            }),
        })
        .map_err(S::Error::custom)?;
    extension::serialize(to, kind, &payload)
}

/// Notes that a source stands in the value that is being encoded.
pub(crate) fn add_stream(stream: Outgoing) -> Result<(), String> {
    ENCODING.with_borrow_mut(|encoding| match encoding {
        None => Err("a stream can only be encoded into a message for a plugin".to_owned()),
        Some(encoding) => {
            encoding.encoded.streams.push(stream);
            Ok(())
        }
    })
}

/// Whether the value that this thread encodes right now is the arguments of a call, which alone may have a signal.
pub(crate) fn is_call() -> bool {
    ENCODING.with_borrow(|encoding| encoding.as_ref().is_some_and(|encoding| encoding.is_call))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Arc<ExportTable> {
        ExportTable::new(1, 10)
    }

    #[test]
    fn what_is_too_deep_is_refused_here() {
        let mut deep = serde_json::json!(1);
        for _ in 0..100 {
            deep = serde_json::json!([deep]);
        }
        let words = encode(&deep, &table()).unwrap_err().to_string();
        assert!(words.ends_with("[0]: nested deeper than 64"), "{words}");
    }

    #[test]
    fn arguments_are_always_an_array() {
        let bytes = |result: Result<Encoded, EncodeError>| result.map(|encoded| encoded.bytes);
        assert_eq!(bytes(encode_arguments(&(), &table())), Ok(vec![0x90]));
        assert_eq!(bytes(encode_arguments(&(1, "a"), &table())), Ok(vec![0x92, 1, 0xa1, b'a']));
        assert_eq!(bytes(encode_arguments(&vec![true], &table())), Ok(vec![0x91, 0xc3]));
        assert!(bytes(encode_arguments(&"alone", &table())).is_err());
    }

    #[test]
    fn a_signal_is_an_argument() {
        assert!(encode_arguments(&[crate::AbortSignal], &table()).is_ok());
        let words = encode(&[crate::AbortSignal], &table()).unwrap_err().to_string();
        assert_eq!(words, "[0]: an AbortSignal stands in the arguments of a call and nowhere else");
    }

    #[test]
    fn errors_say_which_argument_and_where_in_it() {
        let bad = std::collections::BTreeMap::from([("body", vec![(1, crate::Date(i64::MAX))])]);
        let words = encode_arguments(&(7, bad), &table()).unwrap_err().to_string();
        let expected =
            "argument 2: body[0][1]: 9223372036854775807 ms from 1970 is beyond what a Date can be";
        assert_eq!(words, expected);
    }
}

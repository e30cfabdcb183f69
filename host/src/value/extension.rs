//! Extension values on their way through serde, in both directions.
//!
//! serde knows no extension values. Going out they are newtype structs with names of our own, which our serializer
//! knows and every other one sees through. Coming in they are shown in a shape that no plain data can take (see
//! [`Extension`]), so that they stay apart from data also in serde's own buffers.

use plughold_protocol::value;
use serde::de::{self, SeqAccess, Unexpected, Visitor};
use serde::{Serialize, Serializer, forward_to_deserialize_any};
use std::borrow::Cow;
use std::fmt;

/// The newtype struct around the bytes of an extension value: its kind, then its payload. Under the same name a type
/// asks for one: see [`take`].
pub(crate) const EXTENSION: &str = "plughold extension value";

/// The newtype struct around a value that becomes the payload of a `Map`: a list of keys and values in turn.
pub(crate) const MAP: &str = "plughold map";

/// The same for a `Set`: a list.
pub(crate) const SET: &str = "plughold set";

/// The same for a regular expression: a pair of source and flags.
pub(crate) const REGEXP: &str = "plughold regexp";

/// The same for an error: a map of its parts.
pub(crate) const ERROR: &str = "plughold error";

/// The enum around the bytes of a typed array, which are long and copied once: its variants are the types of its elements,
/// by their number.
pub(crate) const TYPED_ARRAY: &str = "plughold typed array";

/// The name under which a type asks for a value of which nothing may be lost: `undefined` is not shown as `null`.
pub(crate) const ANYTHING: &str = "plughold anything";

/// A kind that no message has, because the scan refuses it: a method of an object, shown where the object is taken for a
/// struct of functions. Its payload is the kind of the object's reference, the event ID, and the method's place among the
/// object's methods in 4 bytes.
pub(crate) const METHOD: i8 = i8::MIN;

/// The same for a property of an object, which only a [`Property`](crate::Property) takes.
pub(crate) const ACCESSOR: i8 = i8::MIN + 1;

/// The name under which a [`Property`](crate::Property) asks for a value.
pub(crate) const PROPERTY: &str = "plughold property";

/// The kind of extension value whose payload is the value inside of a newtype struct with this name.
pub(crate) fn kind_of_container(name: &str) -> Option<i8> {
    match name {
        MAP => Some(value::MAP),
        SET => Some(value::SET),
        REGEXP => Some(value::REGEXP),
        ERROR => Some(value::ERROR),
        _ => None,
    }
}

/// Serialises an extension value whose payload is known.
pub(crate) fn serialize<S: Serializer>(to: S, kind: i8, payload: &[u8]) -> Result<S::Ok, S::Error> {
    let mut bytes = Vec::with_capacity(1 + payload.len());
    bytes.push(kind as u8);
    bytes.extend_from_slice(payload);
    to.serialize_newtype_struct(EXTENSION, serde_bytes::Bytes::new(&bytes))
}

/// Serialises `inside` as the payload of the container with this name.
pub(crate) fn serialize_container<S: Serializer, T: Serialize + ?Sized>(
    to: S,
    name: &'static str,
    inside: &T,
) -> Result<S::Ok, S::Error> {
    to.serialize_newtype_struct(name, inside)
}

/// Takes an extension value of one of these kinds, also out of a buffer: gives its kind and its payload. That is borrowed
/// from the message: values inside of values would multiply it otherwise.
pub(crate) fn take<'de, D: de::Deserializer<'de>>(
    from: D,
    kinds: &'static [i8],
    expected: &'static str,
) -> Result<(i8, Cow<'de, [u8]>), D::Error> {
    from.deserialize_newtype_struct(EXTENSION, Taker { kinds, expected })
}

/// What an extension value is to a plugin's author.
pub(crate) fn words(kind: i8) -> &'static str {
    match kind {
        value::UNDEFINED => "undefined",
        value::TIMESTAMP => "a Date",
        value::FUNCTION => "a function",
        METHOD => "a method",
        ACCESSOR => "a property of an instance: pass a plain object",
        value::OBJECT => "an object by reference",
        value::STREAM => "a stream",
        value::HOME => "something of the application",
        value::SIGNAL => "an AbortSignal",
        value::BIGINT => "a BigInt",
        value::ERROR => "an Error",
        value::TYPED_ARRAY => "a typed array",
        value::MAP => "a Map",
        value::SET => "a Set",
        value::REGEXP => "a regular expression",
        _ => "a reference",
    }
}

/// An extension value on its way in: a pair of its kind and its payload.
///
/// The kind is shown as an `i8`, and data never is: its numbers are `u64`, `i64` and `f64`, also after they were
/// buffered. [`Kind`] accepts nothing else, so no array in a plugin's data can pose as an extension value.
pub(crate) struct Extension<'de> {
    pub(crate) kind: i8,
    pub(crate) payload: Cow<'de, [u8]>,
}

impl<'de> de::Deserializer<'de> for Extension<'de> {
    type Error = super::deserializer::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_seq(Parts { kind: Some(self.kind), payload: Some(self.payload) })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Parts<'de> {
    kind: Option<i8>,
    payload: Option<Cow<'de, [u8]>>,
}

impl<'de> SeqAccess<'de> for Parts<'de> {
    type Error = super::deserializer::Error;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Self::Error> {
        if let Some(kind) = self.kind.take() {
            return seed.deserialize(de::value::I8Deserializer::new(kind)).map(Some);
        }
        let payload = self.payload.take().map(|payload| match payload {
            Cow::Borrowed(payload) => seed.deserialize(de::value::BorrowedBytesDeserializer::new(payload)),
            Cow::Owned(payload) => seed.deserialize(de::value::BytesDeserializer::new(&payload)),
        });
        payload.transpose()
    }
}

/// The kind of an extension value: an `i8` and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind(pub(crate) i8);

impl<'de> de::Deserialize<'de> for Kind {
    fn deserialize<D: de::Deserializer<'de>>(from: D) -> Result<Kind, D::Error> {
        struct Exactly;
        impl Visitor<'_> for Exactly {
            type Value = Kind;
            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an extension value")
            }
            fn visit_i8<E>(self, kind: i8) -> Result<Kind, E> {
                Ok(Kind(kind))
            }
        }
        from.deserialize_any(Exactly)
    }
}

/// The payload of an extension value, borrowed where the deserializer allows it.
pub(crate) struct Payload<'de>(pub(crate) Cow<'de, [u8]>);

impl<'de> de::Deserialize<'de> for Payload<'de> {
    fn deserialize<D: de::Deserializer<'de>>(from: D) -> Result<Payload<'de>, D::Error> {
        serde_bytes::deserialize(from).map(Payload)
    }
}

struct Taker {
    kinds: &'static [i8],
    expected: &'static str,
}

impl<'de> Visitor<'de> for Taker {
    type Value = (i8, Cow<'de, [u8]>);

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.expected)
    }

    /// Out of a buffer, where the name is lost and everything is called a newtype.
    fn visit_newtype_struct<D: de::Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut parts: S) -> Result<Self::Value, S::Error> {
        let refused = || de::Error::invalid_type(Unexpected::Seq, &self);
        let kind = parts.next_element::<Kind>().ok().flatten().ok_or_else(refused)?;
        let Payload(payload) = parts.next_element()?.ok_or_else(refused)?;
        if !self.kinds.contains(&kind.0) {
            return Err(de::Error::invalid_type(Unexpected::Other(words(kind.0)), &self));
        }
        Ok((kind.0, payload))
    }
}

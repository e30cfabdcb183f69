//! What stands inside of arrays, objects, maps and variants.

use super::key::Key;
use super::{Error, ValueDeserializer, mismatch};
use plughold_protocol::pack::Token;
use plughold_protocol::value;
use serde::de::{self, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

/// What is left of an array, an object or a `Map`.
pub(super) struct Elements<'d, 'de> {
    pub(super) from: &'d mut ValueDeserializer<'de>,
    pub(super) left: u32,
    pub(super) keys: Keys,
}

/// What the elements are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Elements of a list.
    None,
    /// Values below keys that are text.
    Text,
    /// Values below keys of any kind.
    Any,
    /// Elements of a list, each of which is a pair of key and value.
    InPairs,
}

/// The payload of an extension value that holds a value: of a `Map` the pairs.
pub(crate) struct Inside<'de> {
    pub(crate) kind: i8,
    pub(crate) payload: &'de [u8],
}

impl<'de> de::Deserializer<'de> for Inside<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut from = ValueDeserializer::new(self.payload);
        if self.kind != value::MAP {
            return from.deserialize_any(visitor);
        }
        let left = from.pairs()?;
        visitor.visit_seq(Elements { from: &mut from, left, keys: Keys::InPairs })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The key and the value of one entry, as a pair.
struct Pair<'d, 'de>(&'d mut ValueDeserializer<'de>);

impl<'de> de::Deserializer<'de> for Pair<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Elements { from: self.0, left: 2, keys: Keys::None })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        match self.keys {
            Keys::InPairs => seed.deserialize(Pair(self.from)).map(Some),
            _ => seed.deserialize(&mut *self.from).map(Some),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some((self.left as usize).min(self.from.reader.remaining()))
    }
}

impl<'de> MapAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        if self.left == 0 || self.keys == Keys::Any {
            return self.next_element_seed(seed);
        }
        self.left -= 1;
        match self.from.token()? {
            Token::Text(key) => seed.deserialize(Key(key)).map(Some),
            token => Err(mismatch(&token, &"a key")),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(&mut *self.from)
    }

    fn size_hint(&self) -> Option<usize> {
        SeqAccess::size_hint(self)
    }
}

/// An object with one key, as the variant of an enum.
pub(super) struct Variant<'d, 'de> {
    pub(super) from: &'d mut ValueDeserializer<'de>,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let name = seed.deserialize(&mut *self.from)?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        de::Deserialize::deserialize(self.from)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.from)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        de::Deserializer::deserialize_seq(self.from, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        de::Deserializer::deserialize_map(self.from, visitor)
    }
}

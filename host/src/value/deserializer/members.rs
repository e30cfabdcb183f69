//! A plugin's object by reference where a struct or a map is asked for: its methods are the fields.
//!
//! So a plugin may pass an instance of a class wherever it may pass a plain object of functions. Properties cannot be read
//! without asking the plugin, which a decoder cannot wait for: a field of the type [`Property`](crate::Property) can be read
//! later, any other one is refused, and a map goes without.

use super::Error;
use crate::callback::Reference;
use crate::live::Thing;
use crate::value::decode::{received, take_members};
use crate::value::extension::{ACCESSOR, ANYTHING, EXTENSION, Extension, METHOD, PROPERTY, words};
use plughold_protocol::value;
use serde::de::{self, DeserializeSeed, Error as _, IntoDeserializer, MapAccess, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use std::borrow::Cow;
use std::sync::Arc;

/// The members of an object, one after the other.
pub(super) struct Members {
    object: Arc<Reference>,
    /// Its reference as it came: the kind, then the event ID.
    came_as: Vec<u8>,
    /// What a struct asks for; none for a map.
    wanted: Option<&'static [&'static str]>,
    /// The next member's place: first come the methods, then the accessors.
    next: usize,
}

/// What the last key was the name of.
struct Member {
    /// [`METHOD`] or [`ACCESSOR`].
    kind: i8,
    /// The payload of the extension value that stands for it.
    payload: Vec<u8>,
}

impl Members {
    /// Of the object that a reference refers to; none if it refers to something else.
    pub(super) fn of(
        kind: i8,
        payload: &[u8],
        wanted: Option<&'static [&'static str]>,
    ) -> Result<Option<Members>, Error> {
        if !matches!(kind, value::OBJECT | value::HOME) {
            return Ok(None);
        }
        let Ok(Thing::Theirs(object)) = received(kind, payload) else { return Ok(None) };
        let Some(description) = object.description() else { return Ok(None) };
        take_members(description.size()).map_err(de::Error::custom)?;
        let mut came_as = vec![kind as u8];
        came_as.extend_from_slice(&object.id().to_le_bytes());
        Ok(Some(Members { object, came_as, wanted, next: 0 }))
    }

    /// The next member, if there is one: its name, its kind, and its place among those of its kind.
    fn member(&self) -> Option<(&str, i8, usize)> {
        let description = self.object.description()?;
        if let Some(method) = description.methods.get(self.next) {
            return Some((method, METHOD, self.next));
        }
        let place = self.next - description.methods.len();
        Some((description.accessors.get(place)?, ACCESSOR, place))
    }

    fn is_shown(&self, name: &str, kind: i8) -> bool {
        self.wanted.map_or(kind == METHOD, |wanted| wanted.contains(&name))
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        while let Some((name, kind, _)) = self.member() {
            if self.is_shown(name, kind) {
                return seed.deserialize(name.into_deserializer()).map(Some);
            }
            self.next += 1;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let (_, kind, place) = self.member().ok_or_else(|| Error::custom("a value without its key"))?;
        let member = Member { kind, payload: [&*self.came_as, &(place as u32).to_le_bytes()].concat() };
        self.next += 1;
        seed.deserialize(member)
    }
}

impl<'de> de::Deserializer<'de> for Member {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let kind = self.kind;
        if kind == ACCESSOR {
            return Err(de::Error::invalid_type(Unexpected::Other(words(kind)), &visitor));
        }
        let shown = Extension { kind, payload: Cow::Owned(self.payload) };
        visitor.visit_newtype_struct(shown).map_err(|error| error.of_extension(kind))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match name {
            PROPERTY if self.kind == ACCESSOR => {
                Extension { kind: ACCESSOR, payload: Cow::Owned(self.payload) }.deserialize_any(visitor)
            }
            EXTENSION | ANYTHING => self.deserialize_any(visitor),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier
    }
}

//! The keys of objects, which are strings in JavaScript, as what a type wants them to be.

use super::Error;
use serde::de::{self, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

/// A key: a number if a number is wanted and the text is one.
pub(super) struct Key<'de>(pub(super) &'de str);

macro_rules! deserialize_parsed {
    ($($name:ident $visit:ident $what:literal)*) => {
        $(fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(Error::custom(format_args!("expected a key that is {}, found {:?}", $what, self.0))),
            }
        })*
    };
}

impl<'de> de::Deserializer<'de> for Key<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.0)
    }

    deserialize_parsed! {
        deserialize_bool visit_bool "true or false"
        deserialize_i8 visit_i8 "a whole number (i8)"
        deserialize_i16 visit_i16 "a whole number (i16)"
        deserialize_i32 visit_i32 "a whole number (i32)"
        deserialize_i64 visit_i64 "a whole number (i64)"
        deserialize_i128 visit_i128 "a whole number (i128)"
        deserialize_u8 visit_u8 "a whole number (u8)"
        deserialize_u16 visit_u16 "a whole number (u16)"
        deserialize_u32 visit_u32 "a whole number (u32)"
        deserialize_u64 visit_u64 "a whole number (u64)"
        deserialize_u128 visit_u128 "a whole number (u128)"
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

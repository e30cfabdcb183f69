//! The keys of objects, which are strings in JavaScript.

use super::Error;
use plughold_protocol::pack::Writer;
use serde::ser::{self, Impossible, Serialize};
use std::fmt;

/// Writes the key of an object: text, or what has one obvious text.
pub(super) struct Key<'o> {
    out: Writer<'o>,
}

impl<'o> Key<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>) -> Key<'o> {
        Key { out: Writer::new(out) }
    }
}

impl Key<'_> {
    fn text(mut self, key: &dyn fmt::Display) -> Result<(), Error> {
        self.out.text(&key.to_string());
        Ok(())
    }

    fn refused<T>(found: &str) -> Result<T, Error> {
        Err(ser::Error::custom(format_args!(
            "a key that is {found}; the keys of an object are strings, those of a `Map` anything"
        )))
    }
}

impl ser::Serializer for Key<'_> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Impossible<(), Error>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Impossible<(), Error>;
    type SerializeStruct = Impossible<(), Error>;
    type SerializeStructVariant = Impossible<(), Error>;

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.text(&value)
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.text(&value)
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.text(&value)
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.text(&value)
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        self.text(&value)
    }

    fn serialize_i128(self, value: i128) -> Result<(), Error> {
        self.text(&value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.text(&value)
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.text(&value)
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.text(&value)
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        self.text(&value)
    }

    fn serialize_u128(self, value: u128) -> Result<(), Error> {
        self.text(&value)
    }

    fn serialize_f32(self, _: f32) -> Result<(), Error> {
        Key::refused("a float")
    }

    fn serialize_f64(self, _: f64) -> Result<(), Error> {
        Key::refused("a float")
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.text(&value)
    }

    fn serialize_str(mut self, value: &str) -> Result<(), Error> {
        self.out.text(value);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        Key::refused("bytes")
    }

    fn serialize_none(self) -> Result<(), Error> {
        Key::refused("nothing")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        Key::refused("nothing")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        Key::refused("nothing")
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        Key::refused("an object")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Error> {
        Key::refused("an array")
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Error> {
        Key::refused("an array")
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Error> {
        Key::refused("an array")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        Key::refused("an object")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Error> {
        Key::refused("an object")
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Error> {
        Key::refused("an object")
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        Key::refused("an object")
    }
}

//! From any type to MessagePack, by serde, with the rules of JavaScript.
//!
//! An encoder of our own and not the usual one, for three reasons. Errors say where in the value they are, at no cost
//! when there is none: each level adds its name as the error passes. Whole numbers that no JavaScript number holds go as
//! BigInt. And values that plain data cannot express (see [`extension`]) go straight to where
//! they belong, without an intermediate tree.

mod compound;
mod key;

use crate::value::extension::{self, kind_of_container};
use compound::Compound;
use plughold_protocol::limits;
use plughold_protocol::pack::{Reserved, Writer};
use plughold_protocol::value::{self, MAX_SAFE_INTEGER};
use serde::ser::{self, Serialize};
use std::fmt;

/// Writes one value, depth bounded.
#[derive(Debug)]
pub(crate) struct ValueSerializer<'o> {
    out: &'o mut Vec<u8>,
    depth: usize,
    /// What the next bytes are.
    next: Next,
}

/// What bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// A `Uint8Array`.
    Bytes,
    /// An extension value: its kind, then its payload.
    Extension,
    /// The elements of a typed array of this type.
    TypedArray(u8),
}

/// What was wrong, in words, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Error {
    words: String,
    path: String,
}

/// The longest path that an error shows, in bytes; the middle of a longer one is left out.
const PATH: usize = 80;

impl<'o> ValueSerializer<'o> {
    pub(crate) fn new(out: &'o mut Vec<u8>) -> ValueSerializer<'o> {
        ValueSerializer { out, depth: 0, next: Next::Bytes }
    }

    fn write(&mut self) -> Writer<'_> {
        Writer::new(self.out)
    }

    fn integer(&mut self, number: i128) {
        match i64::try_from(number) {
            Ok(number) if (-MAX_SAFE_INTEGER..=MAX_SAFE_INTEGER).contains(&number) => {
                self.write().integer(number);
            }
            _ => self.bigint(number < 0, number.unsigned_abs()),
        }
    }

    fn bigint(&mut self, is_negative: bool, magnitude: u128) {
        let mut payload = vec![u8::from(is_negative)];
        payload.extend(magnitude.to_le_bytes());
        while 1 < payload.len() && payload.last() == Some(&0) {
            payload.pop();
        }
        self.write().extension(value::BIGINT, &payload);
    }

    fn enter(&mut self) -> Result<(), Error> {
        if limits::DEPTH <= self.depth {
            return Err(ser::Error::custom(format_args!("nested deeper than {}", limits::DEPTH)));
        }
        self.depth += 1;
        Ok(())
    }

    fn list<'s>(&'s mut self, length: Option<usize>) -> Result<Compound<'s, 'o>, Error> {
        self.enter()?;
        let reserved = match length {
            Some(length) => {
                self.write().array(length);
                None
            }
            None => Some(self.write().reserve(Reserved::Array)),
        };
        Ok(Compound::new(self, length, reserved))
    }

    fn map<'s>(&'s mut self, length: Option<usize>) -> Result<Compound<'s, 'o>, Error> {
        self.enter()?;
        let reserved = match length {
            Some(length) => {
                self.write().map(length);
                None
            }
            None => Some(self.write().reserve(Reserved::Map)),
        };
        Ok(Compound::new(self, length, reserved))
    }

    /// The object with the name of an enum's variant as its only key.
    fn variant(&mut self, name: &str) -> Result<(), Error> {
        self.enter()?;
        self.write().map(1);
        self.write().text(name);
        Ok(())
    }

    /// An extension value whose payload is `inside`: its length is filled in afterwards.
    fn container<T: Serialize + ?Sized>(&mut self, kind: i8, inside: &T) -> Result<(), Error> {
        self.enter()?;
        let at = self.extension(kind);
        inside.serialize(&mut *self)?;
        self.end_extension(at)?;
        self.depth -= 1;
        Ok(())
    }

    /// Begins an extension value, and says where.
    fn extension(&mut self, kind: i8) -> usize {
        let at = self.out.len();
        self.out.extend([0xc9, 0, 0, 0, 0, kind as u8]);
        at
    }

    /// Fills in the length of the extension value that begins there.
    fn end_extension(&mut self, at: usize) -> Result<(), Error> {
        let length = u32::try_from(self.out.len() - at - 6)
            .map_err(|_| <Error as ser::Error>::custom("more than 4 GiB"))?;
        if let Some(head) = self.out.get_mut(at + 1..at + 5) {
            head.copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }

    /// Serialises a value, and its bytes as what they are, if that is all of it.
    fn as_bytes<T: Serialize + ?Sized>(&mut self, next: Next, value: &T) -> Result<(), Error> {
        self.next = next;
        let result = value.serialize(&mut *self);
        self.next = Next::Bytes;
        result
    }
}

impl<'s, 'o> ser::Serializer for &'s mut ValueSerializer<'o> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Compound<'s, 'o>;
    type SerializeTuple = Compound<'s, 'o>;
    type SerializeTupleStruct = Compound<'s, 'o>;
    type SerializeTupleVariant = Compound<'s, 'o>;
    type SerializeMap = Compound<'s, 'o>;
    type SerializeStruct = Compound<'s, 'o>;
    type SerializeStructVariant = Compound<'s, 'o>;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.write().bool(value);
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        self.integer(value.into());
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), Error> {
        self.integer(value);
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        self.integer(value.into());
        Ok(())
    }

    fn serialize_u128(self, value: u128) -> Result<(), Error> {
        match i128::try_from(value) {
            Ok(value) => self.integer(value),
            Err(_) => self.bigint(false, value),
        }
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.write().float(value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.write().text(value);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Error> {
        match (std::mem::replace(&mut self.next, Next::Bytes), bytes.split_first()) {
            (Next::Extension, Some((kind, payload))) => self.write().extension(*kind as i8, payload),
            (Next::TypedArray(elements), _) => {
                let at = self.extension(value::TYPED_ARRAY);
                self.out.push(elements);
                self.out.extend_from_slice(bytes);
                return self.end_extension(at);
            }
            _ => self.write().bytes(bytes),
        }
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.write().nil();
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        if let Some(kind) = kind_of_container(name) {
            return self.container(kind, value);
        }
        let next = if name == extension::EXTENSION { Next::Extension } else { Next::Bytes };
        self.as_bytes(next, value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        if name == extension::TYPED_ARRAY {
            return self.as_bytes(Next::TypedArray(index as u8), value);
        }
        self.variant(variant)?;
        value.serialize(&mut *self).map_err(|error| error.in_field(variant))?;
        self.depth -= 1;
        Ok(())
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Compound<'s, 'o>, Error> {
        self.list(length)
    }

    fn serialize_tuple(self, length: usize) -> Result<Compound<'s, 'o>, Error> {
        self.list(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Compound<'s, 'o>, Error> {
        self.list(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Compound<'s, 'o>, Error> {
        self.variant(variant)?;
        Ok(self.list(Some(length))?.in_variant())
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Compound<'s, 'o>, Error> {
        self.map(length)
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Compound<'s, 'o>, Error> {
        self.map(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Compound<'s, 'o>, Error> {
        self.variant(variant)?;
        Ok(self.map(Some(length))?.in_variant())
    }
}

impl Error {
    fn in_element(self, index: usize) -> Error {
        self.under(format!("[{index}]"))
    }

    fn in_field(self, name: &str) -> Error {
        self.under(format!(".{name}"))
    }

    fn under(self, mut place: String) -> Error {
        place.push_str(&self.path);
        // The outermost levels come last: only the innermost and they are kept.
        if 2 * PATH < place.len() {
            let (head, tail) =
                (place.ceil_char_boundary(PATH / 2), place.ceil_char_boundary(place.len() - PATH / 2));
            place = format!(
                "{}…{}",
                place.get(..head).unwrap_or_default(),
                place.get(tail..).unwrap_or_default()
            );
        }
        Error { path: place, words: self.words }
    }

    /// The words with the path; the first level of arguments is called an argument.
    pub(crate) fn of_arguments(self) -> String {
        let first = self.path.strip_prefix('[').and_then(|path| path.split_once(']'));
        let Some((Ok(index), rest)) = first.map(|(index, rest)| (index.parse::<usize>(), rest)) else {
            return self.to_string();
        };
        let path = rest.trim_start_matches('.').to_owned();
        format!("argument {}: {}", index + 1, Error { path, words: self.words })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.trim_start_matches('.') {
            "" => to.write_str(&self.words),
            path => write!(to, "{path}: {}", self.words),
        }
    }
}

impl std::error::Error for Error {}

impl ser::Error for Error {
    fn custom<T: fmt::Display>(words: T) -> Error {
        Error { words: words.to_string(), path: String::new() }
    }
}

#[cfg(test)]
mod tests;

//! From MessagePack to any type, by serde, in the words of JavaScript.
//!
//! A decoder of our own and not the usual one, for three reasons. Errors say what was expected and what was found, in
//! types that a plugin's author knows. `undefined` is nothing, like `null`. And an extension value becomes what a type
//! asks for where that is natural (a `Set` a list, a BigInt a number), and is shown to every other type in a shape that
//! no plain data can take (see [`Extension`]), so that a buffering decoder (`flatten`, untagged and tagged enums) cannot
//! be made to see an array as a function.

mod elements;
mod key;
mod members;
mod numbers;

pub(crate) use elements::Inside;

use crate::value::extension::{ANYTHING, EXTENSION, Extension, words};
use elements::{Elements, Keys, Variant};
use members::Members;
use numbers::Numbers;
use plughold_protocol::pack::{Reader, Token};
use plughold_protocol::value;
use serde::de::{self, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use std::borrow::Cow;
use std::fmt;

/// Decodes one scanned value: its depth is bounded.
#[derive(Debug)]
pub(crate) struct ValueDeserializer<'de> {
    reader: Reader<'de>,
}

/// From here on JavaScript writes numbers with an exponent.
const LONG: f64 = 1e21;

/// What was wrong, in words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Error(pub(crate) String);

macro_rules! deserialize_integers {
    ($is_wide:literal $($name:ident)*) => {
        $(fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.integer($is_wide, visitor)
        })*
    };
}

impl<'de> ValueDeserializer<'de> {
    pub(crate) fn new(bytes: &'de [u8]) -> ValueDeserializer<'de> {
        ValueDeserializer { reader: Reader::new(bytes) }
    }

    fn token(&mut self) -> Result<Token<'de>, Error> {
        self.reader.token().map_err(de::Error::custom)
    }

    /// Whether nothing comes next; takes it if so.
    fn take_nothing(&mut self) -> Result<bool, Error> {
        let before = self.reader.position();
        let is_nothing = matches!(self.token()?, Token::Nil | Token::Extension(value::UNDEFINED, _));
        if !is_nothing {
            self.reader.seek(before);
        }
        Ok(is_nothing)
    }

    /// The number of pairs of a `Map`, whose keys and values follow in turn.
    fn pairs(&mut self) -> Result<u32, Error> {
        match self.token()? {
            Token::Array(length) if length % 2 == 0 => Ok(length / 2),
            other => Err(mismatch(&other, &"the keys and values of a Map")),
        }
    }

    fn integer<V: Visitor<'de>>(&mut self, is_wide: bool, visitor: V) -> Result<V::Value, Error> {
        match self.token()? {
            Token::Extension(value::BIGINT, payload) => numbers::visit_bigint(payload, is_wide, visitor),
            Token::Float(number) => numbers::visit_whole(number, visitor),
            Token::Extension(kind, _) if kind != value::UNDEFINED => {
                Err(de::Error::invalid_type(Unexpected::Other(words(kind)), &visitor))
            }
            token => self.visit(token, visitor),
        }
    }

    fn visit<V: Visitor<'de>>(&mut self, token: Token<'de>, visitor: V) -> Result<V::Value, Error> {
        match token {
            Token::Nil | Token::Extension(value::UNDEFINED, _) => visitor.visit_unit(),
            Token::Bool(value) => visitor.visit_bool(value),
            Token::Unsigned(value) => visitor.visit_u64(value),
            Token::Negative(value) => visitor.visit_i64(value),
            Token::Float(value) => visitor.visit_f64(value),
            Token::Text(value) => visitor.visit_borrowed_str(value),
            Token::Bytes(value) => visitor.visit_borrowed_bytes(value),
            Token::Array(left) => visitor.visit_seq(Elements { from: self, left, keys: Keys::None }),
            Token::Map(left) => visitor.visit_map(Elements { from: self, left, keys: Keys::Text }),
            Token::Extension(kind, payload) => {
                visitor.visit_newtype_struct(Extension { kind, payload: Cow::Borrowed(payload) })
            }
        }
    }

    /// Visits what comes next if it `fits`; otherwise says what was found, and leaves the rest to the visitor's words.
    fn visit_if<V: Visitor<'de>>(
        &mut self,
        visitor: V,
        fits: impl FnOnce(&Token) -> bool,
    ) -> Result<V::Value, Error> {
        let token = self.token()?;
        if fits(&token) { self.visit(token, visitor) } else { Err(mismatch(&token, &visitor)) }
    }
}

/// Visits the methods of an object by reference, and what else of it is `wanted`.
fn visit_members<'de, V: Visitor<'de>>(
    token: Token,
    wanted: Option<&'static [&'static str]>,
    visitor: V,
) -> Result<V::Value, Error> {
    if let Token::Extension(kind, payload) = token
        && let Some(members) = Members::of(kind, payload, wanted)?
    {
        return visitor.visit_map(members);
    }
    Err(mismatch(&token, &visitor))
}

fn mismatch(token: &Token, expected: &dyn de::Expected) -> Error {
    let found = match token {
        Token::Nil => Unexpected::Other("null"),
        Token::Bool(value) => Unexpected::Bool(*value),
        Token::Unsigned(value) => Unexpected::Unsigned(*value),
        Token::Negative(value) => Unexpected::Signed(*value),
        Token::Float(value) => Unexpected::Float(*value),
        Token::Text(value) => Unexpected::Str(value),
        Token::Bytes(_) => Unexpected::Other("bytes"),
        Token::Array(_) => Unexpected::Other("an array"),
        Token::Map(_) => Unexpected::Other("an object"),
        Token::Extension(kind, _) => Unexpected::Other(words(*kind)),
    };
    de::Error::invalid_type(found, expected)
}

impl<'de> de::Deserializer<'de> for &mut ValueDeserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let token = self.token()?;
        match token {
            // A scalar where an array or object was wanted, and so on, is told by the visitor; what it cannot name is
            // told here.
            Token::Extension(kind, _) if kind != value::UNDEFINED => {
                self.visit(token, visitor).map_err(|error| error.of_extension(kind))
            }
            token => self.visit(token, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.take_nothing()? { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit_if(visitor, |token| matches!(token, Token::Text(_)))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.token()? {
            Token::Extension(value::TYPED_ARRAY, payload) if let Some(bytes) = numbers::bytes_of(payload) => {
                visitor.visit_borrowed_bytes(bytes)
            }
            token @ Token::Bytes(_) => self.visit(token, visitor),
            token => Err(mismatch(&token, &visitor)),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    /// Also what JavaScript can walk through: a `Set`, a typed array, and a `Map` as its pairs.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.token()? {
            Token::Extension(value::SET, payload) => ValueDeserializer::new(payload).deserialize_seq(visitor),
            Token::Extension(value::MAP, payload) => {
                let mut from = ValueDeserializer::new(payload);
                let left = from.pairs()?;
                visitor.visit_seq(Elements { from: &mut from, left, keys: Keys::InPairs })
            }
            Token::Extension(value::TYPED_ARRAY, payload) => visitor.visit_seq(Numbers::of_payload(payload)),
            Token::Bytes(bytes) => visitor.visit_seq(Numbers::of_bytes(bytes)),
            token @ Token::Array(_) => self.visit(token, visitor),
            token => Err(mismatch(&token, &visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    /// Also a `Map`, whose keys may be anything, and the methods of an object by reference.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.token()? {
            Token::Extension(value::MAP, payload) => {
                let mut from = ValueDeserializer::new(payload);
                let left = from.pairs()?;
                visitor.visit_map(Elements { from: &mut from, left, keys: Keys::Any })
            }
            token @ Token::Map(_) => self.visit(token, visitor),
            token => visit_members(token, None, visitor),
        }
    }

    /// Also an object by reference, whose methods are functions.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.token()? {
            token @ Token::Map(_) => self.visit(token, visitor),
            token => visit_members(token, Some(fields), visitor),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match name {
            EXTENSION => {
                let token = self.token()?;
                match token {
                    Token::Extension(kind, payload) => {
                        visitor.visit_newtype_struct(Extension { kind, payload: Cow::Borrowed(payload) })
                    }
                    token => Err(mismatch(&token, &visitor)),
                }
            }
            ANYTHING => match self.token()? {
                Token::Extension(kind, payload) => {
                    visitor.visit_newtype_struct(Extension { kind, payload: Cow::Borrowed(payload) })
                }
                token => self.visit(token, visitor),
            },
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.token()? {
            Token::Text(name) => visitor.visit_enum(de::value::BorrowedStrDeserializer::new(name)),
            Token::Map(1) => visitor.visit_enum(Variant { from: self }),
            other => {
                Err(mismatch(&other, &"a variant: its name, or an object with its name as the only key"))
            }
        }
    }

    deserialize_integers! {
        false deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64
    }

    deserialize_integers! { true deserialize_i128 deserialize_u128 }

    forward_to_deserialize_any! { bool f32 f64 char unit identifier ignored_any }
}

impl Error {
    /// The visitor saw only that it was something strange.
    fn of_extension(self, kind: i8) -> Error {
        Error(self.0.replacen("newtype struct", words(kind), 1))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(words: T) -> Error {
        Error(words.to_string())
    }

    /// serde's words for the same, with the names that JavaScript has for things.
    fn invalid_type(found: Unexpected, expected: &dyn de::Expected) -> Error {
        let found = match found {
            Unexpected::Str(text) if 40 < text.len() => "a string".to_owned(),
            Unexpected::Str(text) => format!("the string {text:?}"),
            Unexpected::Bool(value) => value.to_string(),
            Unexpected::Unsigned(number) => number.to_string(),
            Unexpected::Signed(number) => number.to_string(),
            Unexpected::Float(number) if LONG <= number.abs() => format!("{number:e}"),
            Unexpected::Float(number) => number.to_string(),
            Unexpected::Unit | Unexpected::Option => "null".to_owned(),
            Unexpected::Seq => "an array".to_owned(),
            Unexpected::Map | Unexpected::StructVariant => "an object".to_owned(),
            Unexpected::Bytes(_) => "bytes".to_owned(),
            Unexpected::Other(words) => words.to_owned(),
            other => other.to_string(),
        };
        Error(format!("expected {}, found {found}", expected_words(&expected.to_string())))
    }

    fn invalid_value(found: Unexpected, expected: &dyn de::Expected) -> Error {
        de::Error::invalid_type(found, expected)
    }

    fn missing_field(field: &'static str) -> Error {
        Error(format!("{field} is missing"))
    }
}

/// What a Rust type is called in JavaScript.
fn expected_words(rust: &str) -> String {
    match rust {
        "u8" | "u16" | "u32" | "u64" | "u128" | "i8" | "i16" | "i32" | "i64" | "i128" => {
            format!("a whole number ({rust})")
        }
        "f32" | "f64" => "a number".to_owned(),
        "byte array" => "bytes (Uint8Array)".to_owned(),
        "a sequence" => "an array".to_owned(),
        "a map" => "an object".to_owned(),
        other => match other.strip_prefix("struct ") {
            Some(name) => format!("an object ({name})"),
            None => other.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests;

//! From MessagePack to any type, by serde, in the words of JavaScript.
//!
//! A decoder of our own and not the usual one, for three reasons. Errors say what was expected and what was found, in
//! types that a plugin's author knows. `undefined` is nothing, like `null`. And an extension value is shown to serde in
//! a shape that no plain data can take (see [`Extension`]), so that a buffering decoder (`flatten`, untagged and tagged
//! enums) cannot be made to see an array as a function.

use plughold_protocol::pack::{Reader, Token};
use plughold_protocol::value;
use serde::de::{
    self, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use std::fmt;

/// The name under which a type asks for an extension value: see [`ExtensionVisitor`].
const EXTENSION: &str = "plughold extension value";

/// Decodes one scanned value: its depth is bounded.
#[derive(Debug)]
pub(crate) struct ValueDeserializer<'de> {
    reader: Reader<'de>,
}

/// What was wrong, in words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Error(pub(crate) String);

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

    fn visit<V: Visitor<'de>>(&mut self, token: Token<'de>, visitor: V) -> Result<V::Value, Error> {
        match token {
            Token::Nil | Token::Extension(value::UNDEFINED, _) => visitor.visit_unit(),
            Token::Bool(value) => visitor.visit_bool(value),
            Token::Unsigned(value) => visitor.visit_u64(value),
            Token::Negative(value) => visitor.visit_i64(value),
            Token::Float(value) => visitor.visit_f64(value),
            Token::Text(value) => visitor.visit_borrowed_str(value),
            Token::Bytes(value) => visitor.visit_borrowed_bytes(value),
            Token::Array(left) => visitor.visit_seq(Elements { from: self, left }),
            Token::Map(left) => visitor.visit_map(Elements { from: self, left }),
            Token::Extension(kind, payload) => visitor.visit_newtype_struct(Extension { kind, payload }),
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
        Token::Extension(kind, _) => Unexpected::Other(extension_words(*kind)),
    };
    de::Error::invalid_type(found, expected)
}

/// What an extension value is to a plugin's author.
fn extension_words(kind: i8) -> &'static str {
    match kind {
        value::UNDEFINED => "undefined",
        value::TIMESTAMP => "a Date",
        value::FUNCTION => "a function",
        value::HOME => "a function of the application",
        value::BIGINT => "a BigInt",
        value::ERROR => "an Error",
        value::TYPED_ARRAY => "a typed array",
        value::MAP => "a Map",
        value::SET => "a Set",
        value::REGEXP => "a regular expression",
        _ => "a reference",
    }
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
        self.visit_if(visitor, |token| matches!(token, Token::Bytes(_)))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit_if(visitor, |token| matches!(token, Token::Array(_)))
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

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit_if(visitor, |token| matches!(token, Token::Map(_)))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
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
        if name == EXTENSION {
            return self.visit_if(visitor, |token| matches!(token, Token::Extension(..)));
        }
        visitor.visit_newtype_struct(self)
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

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char unit identifier ignored_any
    }
}

/// What is left of an array or object.
struct Elements<'d, 'de> {
    from: &'d mut ValueDeserializer<'de>,
    left: u32,
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.from).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some((self.left as usize).min(self.from.reader.remaining()))
    }
}

impl<'de> MapAccess<'de> for Elements<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(&mut *self.from)
    }

    fn size_hint(&self) -> Option<usize> {
        SeqAccess::size_hint(self)
    }
}

/// An object with one key, as the variant of an enum.
struct Variant<'d, 'de> {
    from: &'d mut ValueDeserializer<'de>,
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

/// An extension value on its way through serde: a pair of its kind and its payload.
///
/// The kind is shown as an `i8`, and data never is: its numbers are `u64`, `i64` and `f64`, also after they were
/// buffered. [`Kind`] accepts nothing else, so no array in a plugin's data can pose as an extension value.
struct Extension<'de> {
    kind: i8,
    payload: &'de [u8],
}

impl<'de> de::Deserializer<'de> for Extension<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Parts { kind: Some(self.kind), payload: Some(self.payload) })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Parts<'de> {
    kind: Option<i8>,
    payload: Option<&'de [u8]>,
}

impl<'de> SeqAccess<'de> for Parts<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if let Some(kind) = self.kind.take() {
            return seed.deserialize(de::value::I8Deserializer::new(kind)).map(Some);
        }
        let payload = self.payload.take();
        payload
            .map(|payload| seed.deserialize(de::value::BorrowedBytesDeserializer::new(payload)))
            .transpose()
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

/// How a type takes an extension value of one kind, also out of a buffer: gives the payload.
pub(crate) struct ExtensionVisitor {
    pub(crate) kind: i8,
    pub(crate) expected: &'static str,
}

impl ExtensionVisitor {
    pub(crate) fn take<'de, D: de::Deserializer<'de>>(self, from: D) -> Result<Vec<u8>, D::Error> {
        from.deserialize_newtype_struct(EXTENSION, self)
    }
}

impl<'de> Visitor<'de> for ExtensionVisitor {
    type Value = Vec<u8>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.expected)
    }

    /// Out of a buffer, where the name is lost and everything is called a newtype.
    fn visit_newtype_struct<D: de::Deserializer<'de>>(self, from: D) -> Result<Vec<u8>, D::Error> {
        from.deserialize_any(self)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut parts: S) -> Result<Vec<u8>, S::Error> {
        let refused = || de::Error::invalid_type(Unexpected::Seq, &self);
        let kind = parts.next_element::<Kind>().ok().flatten().ok_or_else(refused)?;
        let payload = parts.next_element::<serde_bytes::ByteBuf>()?.ok_or_else(refused)?;
        if kind.0 != self.kind {
            return Err(de::Error::invalid_type(Unexpected::Other(extension_words(kind.0)), &self));
        }
        Ok(payload.into_vec())
    }
}

impl Error {
    /// The visitor saw only that it was something strange.
    fn of_extension(self, kind: i8) -> Error {
        Error(self.0.replacen("newtype struct", extension_words(kind), 1))
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

    fn missing_field(field: &'static str) -> Error {
        Error(format!("{field} is missing"))
    }
}

/// What a Rust type is called in JavaScript.
fn expected_words(rust: &str) -> String {
    match rust {
        "u8" | "u16" | "u32" | "u64" | "i8" | "i16" | "i32" | "i64" => format!("a whole number ({rust})"),
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

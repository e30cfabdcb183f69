//! How one field of a message is written and read.
//!
//! A message is an array of its number and its fields, by position. A reader ignores elements after the ones that it
//! knows and takes missing ones at the end as `nil`, so that a later version can add fields. Nothing here nests
//! without a bound in the types, so that decoding needs neither a depth limit nor a big stack.

use crate::limits;
use crate::pack::{PackError, Reader, Token, Writer};

/// Why a message cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes are not MessagePack.
    #[error("{place}: {source}")]
    Pack {
        /// The message and field that were being read, as "Call.id".
        place: &'static str,
        /// What was wrong.
        source: PackError,
    },
    /// A field has another type.
    #[error("{place}: expected {expected}, found {found}")]
    Type {
        /// The message and field, as "Call.id".
        place: &'static str,
        /// What the field takes.
        expected: &'static str,
        /// What stood there.
        found: &'static str,
    },
    /// A field's value is outside its range.
    #[error("{place}: {value} is not {expected}")]
    Range {
        /// The message and field, as "Call.id".
        place: &'static str,
        /// What the field takes.
        expected: &'static str,
        /// What stood there.
        value: u64,
    },
    /// A message whose number no version of this crate knows.
    #[error("unknown message {0}")]
    Unknown(u64),
    /// Bytes after the end of the message.
    #[error("{0} bytes after the end of the message")]
    Trailing(usize),
}

/// A value that can be a message's field. `place` names the field for errors.
pub(crate) trait Field<'a>: Sized {
    fn write(&self, out: &mut Writer);
    fn read(token: Token<'a>, from: &mut Reader<'a>, place: &'static str) -> Result<Self, DecodeError>;
}

/// Reads the next field; past the end of the array it is `nil`.
pub(crate) fn next<'a, T: Field<'a>>(
    left: &mut u32,
    from: &mut Reader<'a>,
    place: &'static str,
) -> Result<T, DecodeError> {
    if *left == 0 {
        return T::read(Token::Nil, from, place);
    }
    *left -= 1;
    let token = token(from, place)?;
    T::read(token, from, place)
}

pub(crate) fn token<'a>(from: &mut Reader<'a>, place: &'static str) -> Result<Token<'a>, DecodeError> {
    from.token().map_err(|source| DecodeError::Pack { place, source })
}

pub(crate) fn mismatch(place: &'static str, expected: &'static str, token: &Token) -> DecodeError {
    DecodeError::Type { place, expected, found: token.kind() }
}

/// Skips `count` elements with everything that they hold, without recursion.
pub(crate) fn skip(count: u32, from: &mut Reader, place: &'static str) -> Result<(), DecodeError> {
    let mut left = u64::from(count);
    while 0 < left {
        left -= 1;
        match token(from, place)? {
            Token::Array(length) => left += u64::from(length),
            Token::Map(length) => left += 2 * u64::from(length),
            _ => {}
        }
    }
    Ok(())
}

macro_rules! unsigned {
    ($($int:ty => $name:literal),*) => { $(
        impl<'a> Field<'a> for $int {
            fn write(&self, out: &mut Writer) {
                out.unsigned(u64::from(*self));
            }
            fn read(token: Token<'a>, _: &mut Reader<'a>, place: &'static str) -> Result<Self, DecodeError> {
                match token {
                    Token::Unsigned(value) => <$int>::try_from(value)
                        .map_err(|_| DecodeError::Range { place, expected: $name, value }),
                    other => Err(mismatch(place, $name, &other)),
                }
            }
        }
    )* };
}
unsigned!(u32 => "u32", u64 => "u64");

impl<'a> Field<'a> for bool {
    fn write(&self, out: &mut Writer) {
        out.bool(*self);
    }
    fn read(token: Token<'a>, _: &mut Reader<'a>, place: &'static str) -> Result<Self, DecodeError> {
        match token {
            Token::Bool(value) => Ok(value),
            Token::Nil => Ok(false),
            other => Err(mismatch(place, "bool", &other)),
        }
    }
}

impl<'a> Field<'a> for &'a str {
    fn write(&self, out: &mut Writer) {
        out.text(self);
    }
    fn read(token: Token<'a>, _: &mut Reader<'a>, place: &'static str) -> Result<Self, DecodeError> {
        match token {
            Token::Text(value) => Ok(value),
            other => Err(mismatch(place, "text", &other)),
        }
    }
}

impl<'a> Field<'a> for &'a [u8] {
    fn write(&self, out: &mut Writer) {
        out.bytes(self);
    }
    fn read(token: Token<'a>, _: &mut Reader<'a>, place: &'static str) -> Result<Self, DecodeError> {
        match token {
            Token::Bytes(value) => Ok(value),
            other => Err(mismatch(place, "bytes", &other)),
        }
    }
}

impl<'a, T: Field<'a>> Field<'a> for Option<T> {
    fn write(&self, out: &mut Writer) {
        match self {
            Some(value) => value.write(out),
            None => out.nil(),
        }
    }
    fn read(token: Token<'a>, from: &mut Reader<'a>, place: &'static str) -> Result<Self, DecodeError> {
        match token {
            Token::Nil => Ok(None),
            token => T::read(token, from, place).map(Some),
        }
    }
}

impl<'a, T: Field<'a>> Field<'a> for Vec<T> {
    fn write(&self, out: &mut Writer) {
        out.array(self.len());
        for element in self {
            element.write(out);
        }
    }
    fn read(token: Token<'a>, from: &mut Reader<'a>, place: &'static str) -> Result<Self, DecodeError> {
        let Token::Array(length) = token else { return Err(mismatch(place, "an array", &token)) };
        if limits::ELEMENTS < length {
            return Err(DecodeError::Range {
                place,
                expected: "at most 100,000 elements",
                value: u64::from(length),
            });
        }
        // Each element takes at least one byte, so a length that lies cannot make this allocate.
        let mut elements = Vec::with_capacity((length as usize).min(from.remaining()).min(4_096));
        for _ in 0..length {
            let token = self::token(from, place)?;
            elements.push(T::read(token, from, place)?);
        }
        Ok(elements)
    }
}

/// A structure that travels as an array of its fields.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($body:tt)* }) => {
        record! { @with 'a, [$name], $(#[$doc])* $name { $($body)* } }
    };
    ($(#[$doc:meta])* $name:ident <$life:lifetime> { $($body:tt)* }) => {
        record! { @with $life, [$name<$life>], $(#[$doc])* $name<$life> { $($body)* } }
    };
    (@with $borrow:lifetime, [$whole:ty],
     $(#[$doc:meta])* $name:ident $(<$life:lifetime>)? { $($(#[$field_doc:meta])* $field:ident : $type:ty),* $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name $(<$life>)? {
            $($(#[$field_doc])* pub $field: $type),*
        }

        impl<$borrow> crate::field::Field<$borrow> for $whole {
            fn write(&self, out: &mut crate::pack::Writer) {
                out.array([$(stringify!($field)),*].len());
                $(crate::field::Field::write(&self.$field, out);)*
            }
            fn read(
                token: crate::pack::Token<$borrow>,
                from: &mut crate::pack::Reader<$borrow>,
                place: &'static str,
            ) -> Result<Self, crate::DecodeError> {
                let crate::pack::Token::Array(mut left) = token else {
                    return Err(crate::field::mismatch(place, stringify!($name), &token));
                };
                let record = $name {
                    $($field: crate::field::next(&mut left, from, concat!(stringify!($name), ".", stringify!($field)))?),*
                };
                crate::field::skip(left, from, place)?;
                Ok(record)
            }
        }

        impl $(<$life>)? $name $(<$life>)? {
            /// The fields by position, for documents and tests: name and type.
            pub const FIELDS: &'static [(&'static str, &'static str)] = &[
                $((stringify!($field), stringify!($type))),*
            ];
        }
    };
}

/// A closed set of numbers with names.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$code_doc:meta])* $code:ident = $number:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$code_doc])* $code = $number),*
        }

        impl $name {
            /// The codes with their numbers, for documents and tests.
            pub const CODES: &'static [(&'static str, u64)] = &[$((stringify!($code), $number)),*];
        }

        impl<'a> crate::field::Field<'a> for $name {
            fn write(&self, out: &mut crate::pack::Writer) {
                out.unsigned(*self as u64);
            }
            fn read(
                token: crate::pack::Token<'a>,
                _: &mut crate::pack::Reader<'a>,
                place: &'static str,
            ) -> Result<Self, crate::DecodeError> {
                match token {
                    $(crate::pack::Token::Unsigned($number) => Ok($name::$code),)*
                    crate::pack::Token::Unsigned(value) => {
                        Err(crate::DecodeError::Range { place, expected: stringify!($name), value })
                    }
                    other => Err(crate::field::mismatch(place, stringify!($name), &other)),
                }
            }
        }
    };
}

pub(crate) use {codes, record};

//! A small MessagePack reader and writer.
//!
//! Both ends read values that the other side wrote without trusting a byte of them. The reader hands out one
//! [`Token`] at a time and never allocates; what is nested is the caller's to count, so that a walk can be iterative.
//! The writer appends the shortest form of each value.

/// One element of MessagePack: a whole scalar, or the head of an array or map whose elements follow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token<'a> {
    /// `nil`
    Nil,
    /// `true` or `false`
    Bool(bool),
    /// A whole number of zero or more.
    Unsigned(u64),
    /// A whole number below zero.
    Negative(i64),
    /// A floating-point number, also when it was written in 32 bits.
    Float(f64),
    /// Text, valid UTF-8.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// An array; so many elements follow.
    Array(u32),
    /// A map; so many pairs of key and value follow.
    Map(u32),
    /// An extension value: its type and its payload.
    Extension(i8, &'a [u8]),
}

impl Token<'_> {
    /// What was found, for an error's words.
    pub fn kind(&self) -> &'static str {
        match self {
            Token::Nil => "nil",
            Token::Bool(_) => "a boolean",
            Token::Unsigned(_) | Token::Negative(_) => "an integer",
            Token::Float(_) => "a float",
            Token::Text(_) => "a string",
            Token::Bytes(_) => "bytes",
            Token::Array(_) => "an array",
            Token::Map(_) => "a map",
            Token::Extension(..) => "an extension value",
        }
    }
}

/// Why bytes are not MessagePack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// The bytes end inside an element.
    #[error("the value ends early: {needed} more bytes expected at offset {at}")]
    Truncated {
        /// Where the missing bytes should have begun.
        at: usize,
        /// How many are missing.
        needed: usize,
    },
    /// The byte 0xc1, which MessagePack never uses.
    #[error("the reserved byte 0xc1 at offset {at}")]
    Reserved {
        /// Where it stands.
        at: usize,
    },
    /// Text that is not UTF-8.
    #[error("text that is not UTF-8 at offset {at}")]
    NotUtf8 {
        /// Where the text begins.
        at: usize,
    },
}

/// Reads [`Token`]s from a slice.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    /// The offset of the next element.
    pub fn position(&self) -> usize {
        self.at
    }

    /// True when every byte was read.
    pub fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// How many bytes are left: a bound for everything that a length field promises.
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Goes to another offset; past the end counts as the end.
    pub fn seek(&mut self, position: usize) {
        self.at = position.min(self.bytes.len());
    }

    /// The bytes between two positions of this reader.
    pub fn between(&self, from: usize, to: usize) -> &'a [u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }

    /// Reads one element.
    pub fn token(&mut self) -> Result<Token<'a>, PackError> {
        let at = self.at;
        let marker = self.byte()?;
        Ok(match marker {
            0x00..=0x7f => Token::Unsigned(u64::from(marker)),
            0x80..=0x8f => Token::Map(u32::from(marker & 0x0f)),
            0x90..=0x9f => Token::Array(u32::from(marker & 0x0f)),
            0xa0..=0xbf => self.text(usize::from(marker & 0x1f))?,
            0xc0 => Token::Nil,
            0xc1 => return Err(PackError::Reserved { at }),
            0xc2 => Token::Bool(false),
            0xc3 => Token::Bool(true),
            0xc4 => Token::Bytes(self.sized(1)?),
            0xc5 => Token::Bytes(self.sized(2)?),
            0xc6 => Token::Bytes(self.sized(4)?),
            0xc7 => self.extension(1)?,
            0xc8 => self.extension(2)?,
            0xc9 => self.extension(4)?,
            0xca => Token::Float(f64::from(f32::from_be_bytes(self.array()?))),
            0xcb => Token::Float(f64::from_be_bytes(self.array()?)),
            0xcc => Token::Unsigned(u64::from(self.byte()?)),
            0xcd => Token::Unsigned(u64::from(u16::from_be_bytes(self.array()?))),
            0xce => Token::Unsigned(u64::from(u32::from_be_bytes(self.array()?))),
            0xcf => Token::Unsigned(u64::from_be_bytes(self.array()?)),
            0xd0 => signed(i64::from(i8::from_be_bytes(self.array()?))),
            0xd1 => signed(i64::from(i16::from_be_bytes(self.array()?))),
            0xd2 => signed(i64::from(i32::from_be_bytes(self.array()?))),
            0xd3 => signed(i64::from_be_bytes(self.array()?)),
            0xd4..=0xd8 => self.extension_of(1 << (marker - 0xd4))?,
            0xd9 => self.sized_text(1)?,
            0xda => self.sized_text(2)?,
            0xdb => self.sized_text(4)?,
            0xdc => Token::Array(self.length(2)?),
            0xdd => Token::Array(self.length(4)?),
            0xde => Token::Map(self.length(2)?),
            0xdf => Token::Map(self.length(4)?),
            0xe0..=0xff => Token::Negative(i64::from(marker as i8)),
        })
    }

    fn byte(&mut self) -> Result<u8, PackError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PackError> {
        let truncated = PackError::Truncated { at: self.at, needed: N - self.remaining().min(N) };
        let chunk = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>()).ok_or(truncated)?;
        self.at += N;
        Ok(*chunk)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], PackError> {
        let needed = length - self.remaining().min(length);
        if 0 < needed {
            return Err(PackError::Truncated { at: self.bytes.len(), needed });
        }
        let taken = self.between(self.at, self.at + length);
        self.at += length;
        Ok(taken)
    }

    fn length(&mut self, width: usize) -> Result<u32, PackError> {
        Ok(match width {
            1 => u32::from(self.byte()?),
            2 => u32::from(u16::from_be_bytes(self.array()?)),
            _ => u32::from_be_bytes(self.array()?),
        })
    }

    fn sized(&mut self, width: usize) -> Result<&'a [u8], PackError> {
        let length = self.length(width)?;
        self.take(length as usize)
    }

    fn sized_text(&mut self, width: usize) -> Result<Token<'a>, PackError> {
        let length = self.length(width)?;
        self.text(length as usize)
    }

    fn text(&mut self, length: usize) -> Result<Token<'a>, PackError> {
        let at = self.at;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map(Token::Text).map_err(|_| PackError::NotUtf8 { at })
    }

    fn extension(&mut self, width: usize) -> Result<Token<'a>, PackError> {
        let length = self.length(width)?;
        self.extension_of(length as usize)
    }

    fn extension_of(&mut self, length: usize) -> Result<Token<'a>, PackError> {
        let kind = self.byte()? as i8;
        Ok(Token::Extension(kind, self.take(length)?))
    }
}

fn signed(number: i64) -> Token<'static> {
    match u64::try_from(number) {
        Ok(number) => Token::Unsigned(number),
        Err(_) => Token::Negative(number),
    }
}

/// Appends MessagePack to a buffer, each value in its shortest form.
#[derive(Debug)]
pub struct Writer<'o> {
    out: &'o mut Vec<u8>,
}

impl<'o> Writer<'o> {
    /// A writer that appends to `out`.
    pub fn new(out: &'o mut Vec<u8>) -> Writer<'o> {
        Writer { out }
    }

    /// How many bytes the buffer holds, what stood there before included.
    pub fn position(&self) -> usize {
        self.out.len()
    }

    /// Takes everything after `position` away again, when a value turned out to be impossible.
    pub fn rewind(&mut self, position: usize) {
        self.out.truncate(position);
    }

    /// Appends bytes that are MessagePack already.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// `nil`
    pub fn nil(&mut self) {
        self.out.push(0xc0);
    }

    /// `true` or `false`
    pub fn bool(&mut self, value: bool) {
        self.out.push(if value { 0xc3 } else { 0xc2 });
    }

    /// A whole number of zero or more.
    pub fn unsigned(&mut self, value: u64) {
        if value <= 0x7f {
            self.out.push(value as u8);
        } else if value <= u64::from(u8::MAX) {
            self.out.extend([0xcc, value as u8]);
        } else if value <= u64::from(u16::MAX) {
            self.marked(0xcd, &(value as u16).to_be_bytes());
        } else if value <= u64::from(u32::MAX) {
            self.marked(0xce, &(value as u32).to_be_bytes());
        } else {
            self.marked(0xcf, &value.to_be_bytes());
        }
    }

    /// A whole number.
    pub fn integer(&mut self, value: i64) {
        if let Ok(value) = u64::try_from(value) {
            return self.unsigned(value);
        }
        if -32 <= value {
            self.out.push(value as i8 as u8);
        } else if let Ok(value) = i8::try_from(value) {
            self.marked(0xd0, &value.to_be_bytes());
        } else if let Ok(value) = i16::try_from(value) {
            self.marked(0xd1, &value.to_be_bytes());
        } else if let Ok(value) = i32::try_from(value) {
            self.marked(0xd2, &value.to_be_bytes());
        } else {
            self.marked(0xd3, &value.to_be_bytes());
        }
    }

    /// A floating-point number, in 64 bits.
    pub fn float(&mut self, value: f64) {
        self.marked(0xcb, &value.to_be_bytes());
    }

    /// Text.
    pub fn text(&mut self, value: &str) {
        let length = value.len();
        if length <= 31 {
            self.out.push(0xa0 | length as u8);
        } else {
            self.head(length, Some(0xd9), 0xda, 0xdb);
        }
        self.out.extend_from_slice(value.as_bytes());
    }

    /// Bytes.
    pub fn bytes(&mut self, value: &[u8]) {
        self.head(value.len(), Some(0xc4), 0xc5, 0xc6);
        self.out.extend_from_slice(value);
    }

    /// The head of an array; write `length` elements after it.
    pub fn array(&mut self, length: usize) {
        if length <= 15 {
            self.out.push(0x90 | length as u8);
        } else {
            self.head(length, None, 0xdc, 0xdd);
        }
    }

    /// The head of a map; write `length` keys, each followed by its value.
    pub fn map(&mut self, length: usize) {
        if length <= 15 {
            self.out.push(0x80 | length as u8);
        } else {
            self.head(length, None, 0xde, 0xdf);
        }
    }

    /// An extension value.
    pub fn extension(&mut self, kind: i8, payload: &[u8]) {
        match payload.len() {
            length @ (1 | 2 | 4 | 8 | 16) => self.out.push(0xd4 + length.trailing_zeros() as u8),
            length => self.head(length, Some(0xc7), 0xc8, 0xc9),
        }
        self.out.push(kind as u8);
        self.out.extend_from_slice(payload);
    }

    /// A map or byte string whose length is known only after its contents were written: reserves a head of five
    /// bytes. Give what it returns to [`patch`](Writer::patch).
    pub fn reserve(&mut self, kind: Reserved) -> usize {
        let at = self.out.len();
        self.out.extend([kind as u8, 0, 0, 0, 0]);
        at
    }

    /// Fills in a head that [`reserve`](Writer::reserve) made: the number of pairs, or of the bytes written since.
    pub fn patch(&mut self, at: usize, length: u32) {
        if let Some(head) = self.out.get_mut(at + 1..at + 5) {
            head.copy_from_slice(&length.to_be_bytes());
        }
    }

    fn marked(&mut self, marker: u8, bytes: &[u8]) {
        self.out.push(marker);
        self.out.extend_from_slice(bytes);
    }

    fn head(&mut self, length: usize, one: Option<u8>, two: u8, four: u8) {
        match (one, u8::try_from(length), u16::try_from(length)) {
            (Some(marker), Ok(length), _) => self.out.extend([marker, length]),
            (_, _, Ok(length)) => self.marked(two, &length.to_be_bytes()),
            _ => self.marked(four, &u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()),
        }
    }
}

/// What [`Writer::reserve`] can begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Reserved {
    /// `bin32`
    Bytes = 0xc6,
    /// `array32`
    Array = 0xdd,
    /// `map32`
    Map = 0xdf,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut Writer::new(&mut out));
        out
    }

    #[track_caller]
    fn check(write: impl FnOnce(&mut Writer), length: usize, expected: Token) {
        let bytes = written(write);
        assert_eq!(bytes.len(), length, "{bytes:02x?}");
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.token(), Ok(expected));
        assert!(reader.is_empty());
        for cut in 0..bytes.len() {
            assert!(matches!(Reader::new(&bytes[..cut]).token(), Err(PackError::Truncated { .. })));
        }
    }

    #[test]
    fn each_value_takes_its_shortest_form_and_comes_home() {
        check(|w| w.nil(), 1, Token::Nil);
        check(|w| w.bool(true), 1, Token::Bool(true));
        for (value, length) in [(0, 1), (127, 1), (128, 2), (255, 2), (256, 3), (65_536, 5), (1 << 32, 9)] {
            check(|w| w.unsigned(value), length, Token::Unsigned(value));
            check(|w| w.integer(value as i64), length, Token::Unsigned(value));
        }
        for (value, length) in [(-1, 1), (-32, 1), (-33, 2), (-129, 3), (-32_769, 5), (i64::MIN, 9)] {
            check(|w| w.integer(value), length, Token::Negative(value));
        }
        check(|w| w.float(-0.0), 9, Token::Float(-0.0));
        for (length, head) in [(0, 1), (31, 1), (32, 2), (255, 2), (256, 3), (65_536, 5)] {
            let text = "x".repeat(length);
            check(|w| w.text(&text), head + length, Token::Text(&text));
        }
        for (length, head) in [(0, 2), (255, 2), (256, 3), (65_536, 5)] {
            let bytes = vec![7; length];
            check(|w| w.bytes(&bytes), head + length, Token::Bytes(&bytes));
        }
        for (length, head) in [(1, 2), (2, 2), (3, 3), (16, 2), (17, 3), (256, 4), (65_536, 6)] {
            let bytes = vec![7; length];
            check(|w| w.extension(-1, &bytes), head + length, Token::Extension(-1, &bytes));
        }
        for (length, head) in [(0, 1), (15, 1), (16, 3), (65_536, 5)] {
            check(|w| w.array(length), head, Token::Array(length as u32));
            check(|w| w.map(length), head, Token::Map(length as u32));
        }
    }

    #[test]
    fn a_reserved_head_is_filled_in_later() {
        let bytes = written(|w| {
            let head = w.reserve(Reserved::Array);
            w.nil();
            w.patch(head, 1);
        });
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.token(), Ok(Token::Array(1)));
        assert_eq!(reader.token(), Ok(Token::Nil));
    }

    #[test]
    fn what_is_not_messagepack_is_refused_without_allocating() {
        assert_eq!(Reader::new(&[0xc1]).token(), Err(PackError::Reserved { at: 0 }));
        assert_eq!(Reader::new(&[0xa1, 0xff]).token(), Err(PackError::NotUtf8 { at: 1 }));
        let huge = [0xc6, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(
            Reader::new(&huge).token(),
            Err(PackError::Truncated { at: 5, needed: u32::MAX as usize })
        );
    }
}

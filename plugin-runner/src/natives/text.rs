//! Text to bytes and back, as `TextEncoder` and `TextDecoder` need it.

use super::{argument, check_room};
use crate::engine::function::Native;
use crate::engine::{Js, Kind, Value};
use crate::session::Session;
use std::borrow::Cow;

/// What our own JavaScript can call.
pub(super) const NATIVES: &[Native] = &[
    Native { name: "encodeText", length: 2, run: encode },
    Native { name: "decodeText", length: 5, run: decode },
];

/// What takes the place of bytes that mean nothing.
const REPLACEMENT: char = '\u{fffd}';

/// The most bytes of text that one byte can become.
const GROWTH: usize = 3;

/// Unicode's mark at the beginning of a text.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What the bytes from 0x80 to 0x9f are in Windows' western encoding; all others are Unicode's.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// How text is written in bytes. The numbers are those of text.js.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16LittleEndian,
    Utf16BigEndian,
    Windows1252,
}

/// A part of a stream, decoded.
struct Decoded<'b> {
    text: Cow<'b, str>,
    /// How many bytes it is made of; what is left is the beginning of a character.
    consumed: usize,
    /// Whether something was no text.
    is_malformed: bool,
}

/// `encodeText(text, most)`: the UTF-8 of as many whole characters as fit into `most` bytes, and how many of the
/// string's units these are.
fn encode(_: &Session, arguments: &[Value]) -> Js {
    let text = argument(arguments, 0).text()?;
    if text.as_str().is_none() {
        check_room(text.len())?;
    }
    let text = text.to_str();
    let most = argument(arguments, 1).as_number().unwrap_or(f64::INFINITY);
    let fitting = &text[..text.floor_char_boundary(most as usize)];
    let units = fitting.encode_utf16().count();
    Value::array(vec![Value::bytes(fitting.as_bytes())?, Value::number(units as f64)])
}

/// `decodeText(encoding, bytes, isLast, isStrict, dropsMark)`: the text of a `Uint8Array` and how many bytes were used, or
/// null if something is no text and that is not allowed.
fn decode(_: &Session, arguments: &[Value]) -> Js {
    let encoding = match argument(arguments, 0).kind() {
        Kind::Int(1) => Encoding::Utf16LittleEndian,
        Kind::Int(2) => Encoding::Utf16BigEndian,
        Kind::Int(3) => Encoding::Windows1252,
        _ => Encoding::Utf8,
    };
    let is = |at| argument(arguments, at).kind() == Kind::Bool(true);
    let (is_last, is_strict, drops_mark) = (is(2), is(3), is(4));
    argument(arguments, 1).with_bytes(|bytes| {
        if encoding != Encoding::Utf8 || std::str::from_utf8(bytes).is_err() {
            check_room(GROWTH * bytes.len())?;
        }
        let decoded = decoded(encoding, bytes, is_last);
        if is_strict && decoded.is_malformed {
            return Ok(Value::NULL);
        }
        let text = match drops_mark && encoding != Encoding::Windows1252 {
            true => decoded.text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&decoded.text),
            false => &decoded.text,
        };
        Value::array(vec![Value::string(text)?, Value::number(decoded.consumed as f64)])
    })?
}

fn decoded(encoding: Encoding, bytes: &[u8], is_last: bool) -> Decoded<'_> {
    match encoding {
        Encoding::Utf8 => utf8(bytes, is_last),
        Encoding::Utf16LittleEndian => utf16(bytes, is_last, u16::from_le_bytes),
        Encoding::Utf16BigEndian => utf16(bytes, is_last, u16::from_be_bytes),
        Encoding::Windows1252 => Decoded {
            text: bytes.iter().map(|byte| windows(*byte)).collect(),
            consumed: bytes.len(),
            is_malformed: false,
        },
    }
}

fn utf8(bytes: &[u8], is_last: bool) -> Decoded<'_> {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Decoded { text: Cow::Borrowed(text), consumed: bytes.len(), is_malformed: false },
        Err(error) => error,
    };
    // The last bytes may be the beginning of a character whose end is still to come.
    let begun = if is_last { 0 } else { begun_character(bytes) };
    let whole = &bytes[..bytes.len() - begun];
    let is_malformed = error.valid_up_to() < whole.len();
    Decoded { text: String::from_utf8_lossy(whole), consumed: whole.len(), is_malformed }
}

/// How many bytes at the end are the beginning of a character.
fn begun_character(bytes: &[u8]) -> usize {
    let most = bytes.len().min(3);
    let is_begun = |count: &usize| {
        let end = &bytes[bytes.len() - count..];
        std::str::from_utf8(end).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
    };
    (1..=most).rev().find(is_begun).unwrap_or(0)
}

fn utf16(bytes: &[u8], is_last: bool, unit: fn([u8; 2]) -> u16) -> Decoded<'_> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let is_high = |pair: &[u8; 2]| (0xd800..0xdc00).contains(&unit(*pair));
    let begun = pairs.last().is_some_and(is_high);
    let kept = if is_last { 0 } else { odd.len() + if begun { 2 } else { 0 } };
    let whole = &pairs[..pairs.len() - usize::from(begun && !is_last)];

    let mut is_malformed = false;
    let characters = char::decode_utf16(whole.iter().map(|pair| unit(*pair)));
    let mut text: String = characters
        .map(|character| {
            is_malformed |= character.is_err();
            character.unwrap_or(REPLACEMENT)
        })
        .collect();
    if is_last && !odd.is_empty() {
        is_malformed = true;
        // Half a unit after half a character are one mistake.
        if !begun {
            text.push(REPLACEMENT);
        }
    }
    Decoded { text: Cow::Owned(text), consumed: bytes.len() - kept, is_malformed }
}

fn windows(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes in pieces of each size, which must all give the same.
    fn check(encoding: Encoding, bytes: &[u8], expected: &str, is_malformed: bool) {
        for size in 1..=bytes.len().max(1) {
            let (mut text, mut wrong, mut left) = (String::new(), false, Vec::new());
            for piece in bytes.chunks(size) {
                left.extend_from_slice(piece);
                let part = decoded(encoding, &left, false);
                text.push_str(&part.text);
                wrong |= part.is_malformed;
                let consumed = part.consumed;
                left.drain(..consumed);
                assert!(left.len() <= 3, "{left:?} are left of {bytes:?}");
            }
            let part = decoded(encoding, &left, true);
            text.push_str(&part.text);
            wrong |= part.is_malformed;
            assert_eq!((text.as_str(), wrong), (expected, is_malformed), "{bytes:x?} by {size}");
        }
    }

    #[test]
    fn utf8_is_the_same_in_pieces_of_any_size() {
        check(Encoding::Utf8, b"", "", false);
        check(Encoding::Utf8, "aß€😀".as_bytes(), "aß€😀", false);
        check(Encoding::Utf8, b"\xff", "\u{fffd}", true);
        check(Encoding::Utf8, b"\xe2\x82", "\u{fffd}", true);
        check(Encoding::Utf8, b"\xe2\x82x", "\u{fffd}x", true);
        check(Encoding::Utf8, b"\xf0\x9f\x98", "\u{fffd}", true);
        check(Encoding::Utf8, b"\xf0\x80\x80\x80", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}", true);
        check(Encoding::Utf8, b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}", true);
        check(Encoding::Utf8, b"\xc0\xaf", "\u{fffd}\u{fffd}", true);
        check(Encoding::Utf8, b"\x80\xe2\x82\xac\x80", "\u{fffd}€\u{fffd}", true);
    }

    #[test]
    fn utf16_is_the_same_in_pieces_of_any_size() {
        let little = Encoding::Utf16LittleEndian;
        check(little, b"a\0\xac\x20", "a€", false);
        check(Encoding::Utf16BigEndian, b"\0a\x20\xac", "a€", false);
        check(little, b"\x3d\xd8\x00\xde", "😀", false);
        check(little, b"\x3d\xd8", "\u{fffd}", true);
        check(little, b"\x3d\xd8a\0", "\u{fffd}a", true);
        check(little, b"\x3d\xd8\x3d\xd8\x00\xde", "\u{fffd}😀", true);
        check(little, b"\x00\xde", "\u{fffd}", true);
        check(little, b"a\0b", "a\u{fffd}", true);
        check(little, b"\x3d\xd8b", "\u{fffd}", true);
    }

    #[test]
    fn windows_has_a_character_for_every_byte() {
        check(Encoding::Windows1252, b"a\x80\x81\xe4\xff", "a€\u{81}äÿ", false);
    }
}

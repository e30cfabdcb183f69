//! Bytes as the text of `Buffer`'s encodings, compared and searched.

use super::{argument, check_room};
use crate::engine::function::Native;
use crate::engine::{Js, Kind, Value};
use crate::session::Session;
use std::cmp::Ordering;

/// What our own JavaScript can call.
pub(super) const NATIVES: &[Native] = &[
    Native { name: "bytesOf", length: 2, run: bytes_of },
    Native { name: "textOf", length: 2, run: text_of },
    Native { name: "compareBytes", length: 2, run: compare },
    Native { name: "findBytes", length: 5, run: find },
];

/// How much longer one of the two is at most than the other: a byte is two hexadecimal digits, or two bytes of UTF-8.
const GROWTH: usize = 2;

const DIGITS: &[u8; 16] = b"0123456789abcdef";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// How bytes are written as text. The numbers are those of `buffer.js`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16,
    Latin1,
    Ascii,
    Hex,
    Base64,
    Base64Url,
}

impl Encoding {
    fn of(number: &Value) -> Encoding {
        match number.kind() {
            Kind::Int(1) => Encoding::Utf16,
            Kind::Int(2) => Encoding::Latin1,
            Kind::Int(3) => Encoding::Ascii,
            Kind::Int(4) => Encoding::Hex,
            Kind::Int(5) => Encoding::Base64,
            Kind::Int(6) => Encoding::Base64Url,
            _ => Encoding::Utf8,
        }
    }
}

/// `bytesOf(text, encoding)`: a `Uint8Array`. What is no text of the encoding ends it, or is left out, as in Node.js.
fn bytes_of(_: &Session, arguments: &[Value]) -> Js {
    let text = argument(arguments, 0).text()?;
    check_room(GROWTH * text.len())?;
    let text = text.to_str();
    match Encoding::of(&argument(arguments, 1)) {
        Encoding::Utf8 => Value::bytes(text.as_bytes()),
        Encoding::Utf16 => Value::bytes(&text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
        Encoding::Latin1 | Encoding::Ascii => {
            Value::bytes(&text.encode_utf16().map(|unit| unit as u8).collect::<Vec<_>>())
        }
        Encoding::Hex => Value::bytes(&from_hex(text.as_bytes())),
        Encoding::Base64 | Encoding::Base64Url => Value::bytes(&from_base64(text.as_bytes())),
    }
}

/// `textOf(bytes, encoding)`: a text.
fn text_of(_: &Session, arguments: &[Value]) -> Js {
    let encoding = Encoding::of(&argument(arguments, 1));
    argument(arguments, 0).with_bytes(|bytes| {
        check_room(GROWTH * bytes.len())?;
        match encoding {
            Encoding::Utf8 => Value::string(&String::from_utf8_lossy(bytes)),
            Encoding::Utf16 => Value::string(&utf16(bytes)),
            Encoding::Latin1 => {
                Value::string(&bytes.iter().map(|byte| char::from(*byte)).collect::<String>())
            }
            Encoding::Ascii => {
                Value::string(&bytes.iter().map(|byte| char::from(byte & 0x7f)).collect::<String>())
            }
            Encoding::Hex => Value::string(&to_hex(bytes)),
            Encoding::Base64 => Value::string(&to_base64(bytes, BASE64, true)),
            Encoding::Base64Url => Value::string(&to_base64(bytes, BASE64_URL, false)),
        }
    })?
}

/// `compareBytes(a, b)`: -1, 0 or 1.
fn compare(_: &Session, arguments: &[Value]) -> Js {
    let (first, second) = (argument(arguments, 0), argument(arguments, 1));
    let order = first.with_bytes(|first| second.with_bytes(|second| first.cmp(second)))??;
    Ok(Value::number(match order {
        Ordering::Less => -1.0,
        Ordering::Equal => 0.0,
        Ordering::Greater => 1.0,
    }))
}

/// `findBytes(bytes, wanted, from, isLast, step)`: where the wanted bytes begin, at a multiple of `step`; -1 if nowhere.
fn find(_: &Session, arguments: &[Value]) -> Js {
    let (bytes, wanted) = (argument(arguments, 0), argument(arguments, 1));
    let from = argument(arguments, 2).as_number().unwrap_or_default() as usize;
    let is_last = argument(arguments, 3).kind() == Kind::Bool(true);
    let step = argument(arguments, 4).as_number().unwrap_or(1.0).max(1.0) as usize;
    let found =
        bytes.with_bytes(|bytes| wanted.with_bytes(|wanted| place(bytes, wanted, from, is_last, step)))??;
    Ok(Value::number(found.map_or(-1.0, |at| at as f64)))
}

fn place(bytes: &[u8], wanted: &[u8], from: usize, is_last: bool, step: usize) -> Option<usize> {
    let last = bytes.len().checked_sub(wanted.len())?;
    let is_here =
        |at: &usize| at.is_multiple_of(step) && bytes.get(*at..).is_some_and(|rest| rest.starts_with(wanted));
    if is_last { (0..=last.min(from)).rev().find(is_here) } else { (from..=last).find(is_here) }
}

fn utf16(bytes: &[u8]) -> String {
    let (pairs, _half) = bytes.as_chunks::<2>();
    let units = char::decode_utf16(pairs.iter().map(|pair| u16::from_le_bytes(*pair)));
    units.map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn to_hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 0xf)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// The bytes up to the first pair that is none.
fn from_hex(text: &[u8]) -> Vec<u8> {
    let (pairs, _half) = text.as_chunks::<2>();
    let nibble = |digit: u8| char::from(digit).to_digit(16);
    pairs.iter().map_while(|[high, low]| Some((nibble(*high)? << 4 | nibble(*low)?) as u8)).collect()
}

fn to_base64(bytes: &[u8], alphabet: &[u8; 64], is_padded: bool) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            if place <= chunk.len() {
                text.push(char::from(alphabet[(bits >> (18 - 6 * place) & 0x3f) as usize]));
            } else if is_padded {
                text.push('=');
            }
        }
    }
    text
}

/// The bytes of either alphabet, up to the padding. Everything else is left out.
fn from_base64(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0);
    for char in text.iter().take_while(|char| **char != b'=') {
        let value = match char {
            b'A'..=b'Z' => char - b'A',
            b'a'..=b'z' => char - b'a' + 26,
            b'0'..=b'9' => char - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if 8 <= count {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_leniently_and_written_strictly() {
        for (bytes, text) in
            [(&b""[..], ""), (b"f", "Zg=="), (b"fo", "Zm8="), (b"foo", "Zm9v"), (b"\xfb\xff", "+/8=")]
        {
            assert_eq!(to_base64(bytes, BASE64, true), text);
            assert_eq!(from_base64(text.as_bytes()), bytes);
        }
        assert_eq!(to_base64(b"\xfb\xff", BASE64_URL, false), "-_8");
        assert_eq!(from_base64(b"-_8"), b"\xfb\xff");
        assert_eq!(from_base64(b"Z g\n=\0Zg"), b"f");
        assert_eq!(from_base64(b"Z"), b"");
    }

    #[test]
    fn hexadecimal_digits_end_where_they_are_none() {
        assert_eq!(from_hex(b"00ffAb"), [0, 0xff, 0xab]);
        assert_eq!(from_hex(b"01x203"), [1]);
        assert_eq!(from_hex(b"012"), [1]);
        assert_eq!(to_hex(&[0, 0xff, 0xab]), "00ffab");
    }

    #[test]
    fn places_are_found_from_either_end() {
        let check = |wanted: &[u8], from, is_last, step, expected| {
            assert_eq!(place(b"abcabc", wanted, from, is_last, step), expected);
        };
        check(b"bc", 0, false, 1, Some(1));
        check(b"bc", 2, false, 1, Some(4));
        check(b"bc", 5, true, 1, Some(4));
        check(b"bc", 3, true, 1, Some(1));
        check(b"bc", 0, false, 2, Some(4));
        check(b"bd", 0, false, 1, None);
        check(b"abcabca", 0, false, 1, None);
        check(b"a", 7, false, 1, None);
    }
}

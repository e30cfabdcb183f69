//! Encoded values as text that reads like JavaScript, so that a test is a table of texts.

use plughold_protocol::pack::{Reader, Token};
use plughold_protocol::value as form;

/// One encoded value as text.
pub(crate) fn show(bytes: &[u8]) -> String {
    let mut reader = Reader::new(bytes);
    let text = value(&mut reader);
    assert!(reader.is_empty(), "{} bytes after {text}", reader.remaining());
    text
}

fn value(reader: &mut Reader) -> String {
    match reader.token().unwrap() {
        Token::Nil => "null".to_owned(),
        Token::Bool(value) => value.to_string(),
        Token::Unsigned(number) => number.to_string(),
        Token::Negative(number) => number.to_string(),
        Token::Float(number) => format!("{number:?}f"),
        Token::Text(text) => format!("{text:?}"),
        Token::Bytes(bytes) => format!("bytes{bytes:?}"),
        Token::Array(length) => {
            let elements: Vec<String> = (0..length).map(|_| value(reader)).collect();
            format!("[{}]", elements.join(", "))
        }
        Token::Map(length) => {
            let properties: Vec<String> = (0..length)
                .map(|_| {
                    let Token::Text(key) = reader.token().unwrap() else { panic!("a key that is no text") };
                    format!("{key}: {}", value(reader))
                })
                .collect();
            format!("{{{}}}", properties.join(", "))
        }
        Token::Extension(kind, payload) => extension(kind, payload),
    }
}

fn id(payload: &[u8]) -> u64 {
    u64::from_le_bytes(payload[..form::ID].try_into().unwrap())
}

fn extension(kind: i8, payload: &[u8]) -> String {
    match kind {
        form::UNDEFINED => "undefined".to_owned(),
        form::FUNCTION => format!("function#{}", id(payload)),
        form::OBJECT => format!("object#{}{}", id(payload), show(&payload[form::ID..])),
        form::HOME => format!("home#{}", id(payload)),
        form::SIGNAL => "signal".to_owned(),
        form::STREAM => format!("stream#{}", u64::from_le_bytes(payload.try_into().unwrap())),
        form::BIGINT => {
            if 16 < payload.len() {
                return format!("a BigInt of {} bytes", payload.len() - 1);
            }
            let magnitude =
                payload[1..].iter().rev().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
            format!("{}{magnitude}n", if payload[0] == 1 { "-" } else { "" })
        }
        form::TIMESTAMP => format!("Date({})", form::timestamp_milliseconds(payload).unwrap()),
        form::ERROR => format!("Error{}", show(payload)),
        form::TYPED_ARRAY => format!("{}{:?}", form::ARRAY_TYPES[payload[0] as usize], &payload[1..]),
        form::MAP => format!("Map{}", show(payload)),
        form::SET => format!("Set{}", show(payload)),
        form::REGEXP => format!("RegExp{}", show(payload)),
        other => format!("extension {other} {payload:?}"),
    }
}

//! What was thrown, on either side.

use crate::CallError;
use crate::text::{clean_block, clean_line};
use crate::value::extension;
use crate::value::{encode_data, json_of};
use plughold_protocol::pack::{Reader, Token, Writer};
use plughold_protocol::{limits, value};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use std::any::Any;
use std::fmt;

/// A JavaScript error as it was thrown: nothing is lost on the way.
///
/// Every Rust error becomes one, so that `?` works in the functions of an [`Api`](crate::Api): its `source()` becomes
/// the `cause`. A plugin that throws something else than an error gives the name `""` and the thing in `value`.
///
/// ```
/// use plughold::Thrown;
///
/// let thrown = Thrown::new("RangeError", "limit is 1 to 100").with_code("E_LIMIT").with_field("httpCode", 400);
/// assert_eq!(thrown.to_string(), "RangeError: limit is 1 to 100");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thrown {
    /// The error's name, such as `TypeError`.
    pub name: String,
    /// What it says.
    pub message: String,
    /// The JavaScript stack, one frame a line, without the first line that repeats name and message.
    pub stack: Option<String>,
    /// A code for programs.
    pub code: Option<String>,
    /// What caused it.
    pub cause: Option<Box<Thrown>>,
    /// The error's own fields, such as `httpCode`: data as it was thrown, for programs. Boxed to keep errors small.
    pub fields: Option<Box<Map<String, Value>>>,
    /// What was thrown when it is no error.
    pub value: Option<Box<Value>>,
}

impl Thrown {
    /// An error without stack, code, cause and fields.
    pub fn new(name: impl Into<String>, message: impl Into<String>) -> Thrown {
        Thrown { name: name.into(), message: message.into(), ..Thrown::default() }
    }

    /// The same with a code for programs.
    pub fn with_code(mut self, code: impl Into<String>) -> Thrown {
        self.code = Some(code.into());
        self
    }

    /// The same with a field of its own.
    pub fn with_field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Thrown {
        self.fields.get_or_insert_default().insert(name.into(), value.into());
        self
    }

    /// Where it was thrown, as the first frame of the stack says: `main.js:3:7`.
    pub fn place(&self) -> Option<&str> {
        let frame = self.stack.as_deref()?.lines().find(|line| line.trim_start().starts_with("at "))?.trim();
        let place = match frame.rsplit_once('(') {
            Some((_, place)) => place.trim_end_matches(')'),
            None => frame.trim_start_matches("at "),
        };
        place.contains(':').then_some(place)
    }

    /// What a scanned value says that was thrown.
    pub(crate) fn from_value(bytes: &[u8]) -> Thrown {
        match Reader::new(bytes).token() {
            Ok(Token::Extension(value::ERROR, payload)) => Thrown::from_payload(payload, limits::CAUSES),
            _ => {
                let value = (bytes.len() <= limits::ERROR_FIELDS).then(|| Box::new(json_of(bytes)));
                Thrown { message: words_of(bytes), value, ..Thrown::default() }
            }
        }
    }

    /// Name and message of a scanned error extension, for an error inside of data.
    pub(crate) fn headline(payload: &[u8]) -> String {
        let mut reader = Reader::new(payload);
        let mut thrown = Thrown::default();
        if let Ok(Token::Map(length)) = reader.token() {
            for _ in 0..length {
                let Ok(Token::Text(key)) = reader.token() else { break };
                let Some(bytes) = element(&mut reader) else { break };
                match key {
                    "name" => thrown.name = words_of(bytes),
                    "message" => thrown.message = words_of(bytes),
                    _ => {}
                }
            }
        }
        thrown.to_string()
    }

    pub(crate) fn from_payload(payload: &[u8], causes: usize) -> Thrown {
        let mut thrown = Thrown::default();
        let mut reader = Reader::new(payload);
        let mut field_bytes = 0;
        let Ok(Token::Map(length)) = reader.token() else { return thrown };
        for _ in 0..length {
            let Ok(Token::Text(key)) = reader.token() else { return thrown };
            let Some(bytes) = element(&mut reader) else { return thrown };
            match key {
                "name" => thrown.name = words_of(bytes),
                "message" => thrown.message = words_of(bytes),
                "stack" => thrown.stack = Some(words_of(bytes)).filter(|stack| !stack.is_empty()),
                "code" => thrown.code = Some(words_of(bytes)),
                "cause" if 0 < causes => {
                    thrown.cause = Some(Box::new(match Reader::new(bytes).token() {
                        Ok(Token::Extension(value::ERROR, payload)) => {
                            Thrown::from_payload(payload, causes - 1)
                        }
                        _ => Thrown::from_value(bytes),
                    }));
                }
                "cause" => {}
                key => {
                    field_bytes += key.len() + bytes.len();
                    if limits::ERROR_FIELDS < field_bytes {
                        continue;
                    }
                    thrown.fields.get_or_insert_default().insert(key.to_owned(), json_of(bytes));
                }
            }
        }
        thrown
    }

    /// The same with the name of the function that is to blame before the message.
    pub(crate) fn at(self, path: &str) -> Thrown {
        Thrown { message: format!("{path}: {}", self.message), ..self }
    }

    /// The same with texts that cannot forge a line or a colour where they are shown. Fields and values stay data.
    pub(crate) fn cleaned(self) -> Thrown {
        Thrown {
            name: clean_line(&self.name, limits::NAME),
            message: clean_line(&self.message, limits::ERROR_TEXT),
            stack: self.stack.map(|stack| clean_block(&stack)),
            code: self.code.map(|code| clean_line(&code, limits::NAME)),
            cause: self.cause.map(|cause| Box::new(cause.cleaned())),
            ..self
        }
    }

    /// The error as a value for the socket.
    pub(crate) fn to_value(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        Writer::new(&mut bytes).extension(value::ERROR, &self.to_payload());
        bytes
    }

    fn to_payload(&self) -> Vec<u8> {
        let mut payload = Vec::new();
        let mut writer = Writer::new(&mut payload);
        let optional =
            [&self.stack, &self.code].into_iter().flatten().count() + usize::from(self.cause.is_some());
        let fields = || self.fields.iter().flat_map(|fields| fields.iter());
        writer.map(2 + optional + fields().count());
        writer.text("name");
        writer.text(if self.name.is_empty() { "Error" } else { &self.name });
        writer.text("message");
        writer.text(&self.message);
        for (key, text) in [("stack", &self.stack), ("code", &self.code)] {
            if let Some(text) = text {
                writer.text(key);
                writer.text(text);
            }
        }
        if let Some(cause) = &self.cause {
            writer.text("cause");
            writer.raw(&cause.to_value());
        }
        for (key, field) in fields() {
            writer.text(key);
            writer.raw(&encode_data(field).unwrap_or_else(|_| vec![0xc0]));
        }
        payload
    }
}

/// For a plugin an error, or the thing that was thrown; as JSON an object with the fields that are there.
impl Serialize for Thrown {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if !to.is_human_readable() {
            return match &self.value {
                Some(value) if self.name.is_empty() => value.serialize(to),
                _ => extension::serialize(to, value::ERROR, &self.to_payload()),
            };
        }
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("message", &self.message)?;
        for (key, text) in [("stack", &self.stack), ("code", &self.code)] {
            if let Some(text) = text {
                map.serialize_entry(key, text)?;
            }
        }
        if let Some(cause) = &self.cause {
            map.serialize_entry("cause", cause)?;
        }
        if let Some(fields) = &self.fields {
            map.serialize_entry("fields", fields)?;
        }
        if let Some(value) = &self.value {
            map.serialize_entry("value", value)?;
        }
        map.end()
    }
}

/// Of an error in a plugin's data. Its texts are as the plugin wrote them.
impl<'de> Deserialize<'de> for Thrown {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Thrown, D::Error> {
        let (_, payload) = extension::take(from, &[value::ERROR], "an Error")?;
        Ok(Thrown::from_payload(&payload, limits::CAUSES))
    }
}

/// The bytes of the next element with all that it holds.
fn element<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let start = reader.position();
    let mut left = 1u64;
    while 0 < left {
        left -= 1;
        match reader.token().ok()? {
            Token::Array(length) => left += u64::from(length),
            Token::Map(length) => left += 2 * u64::from(length),
            _ => {}
        }
    }
    Some(reader.between(start, reader.position()))
}

/// A value as text with a bound: a text as it is, a scalar as JSON writes it, anything else by its kind only. Rendering
/// errors inside of errors would double the escapes with each level.
fn words_of(bytes: &[u8]) -> String {
    match Reader::new(bytes).token() {
        Ok(Token::Text(text)) => {
            let end = text.floor_char_boundary(limits::ERROR_TEXT);
            text.get(..end).unwrap_or_default().to_owned()
        }
        Ok(Token::Nil | Token::Bool(_) | Token::Unsigned(_) | Token::Negative(_) | Token::Float(_)) => {
            json_of(bytes).to_string()
        }
        Ok(Token::Extension(value::UNDEFINED, _)) => "undefined".to_owned(),
        Ok(other) => other.kind().to_owned(),
        Err(_) => String::new(),
    }
}

impl fmt::Display for Thrown {
    fn fmt(&self, to: &mut fmt::Formatter) -> fmt::Result {
        match (self.name.is_empty(), self.message.is_empty()) {
            (true, _) => to.write_str(&self.message),
            (false, true) => to.write_str(&self.name),
            (false, false) => write!(to, "{}: {}", self.name, self.message),
        }
    }
}

impl<E: std::error::Error + 'static> From<E> for Thrown {
    fn from(error: E) -> Thrown {
        // What one plugin threw goes on to another as it was, and the others have their codes.
        if let Some(error) = (&error as &dyn Any).downcast_ref::<CallError>() {
            return error.to_thrown();
        }
        fn convert(error: &dyn std::error::Error, causes: usize) -> Thrown {
            let cause = error.source().filter(|_| 0 < causes);
            Thrown {
                cause: cause.map(|cause| Box::new(convert(cause, causes - 1))),
                ..Thrown::new("Error", error.to_string())
            }
        }
        convert(&error, limits::CAUSES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_comes_home_whole() {
        let thrown = Thrown {
            stack: Some("    at f (main.js:3:7)\n    at main.js:9:1".into()),
            cause: Some(Box::new(Thrown::new("TypeError", "inner"))),
            ..Thrown::new("RangeError", "outer").with_code("E").with_field("httpCode", 404)
        };
        assert_eq!(Thrown::from_value(&thrown.to_value()), thrown);
        assert_eq!(thrown.place(), Some("main.js:3:7"));
    }

    #[test]
    fn what_is_no_error_is_kept_as_a_value() {
        let thrown = Thrown::from_value(&[0x05]);
        assert_eq!((thrown.to_string().as_str(), thrown.value), ("5", Some(Box::new(5.into()))));
    }

    #[test]
    fn a_chain_of_causes_is_cut() {
        let mut thrown = Thrown::new("Error", "0");
        for level in 1..100 {
            thrown = Thrown { cause: Some(Box::new(thrown)), ..Thrown::new("Error", level.to_string()) };
        }
        let mut read = Thrown::from_value(&thrown.to_value());
        let mut length = 0;
        while let Some(cause) = read.cause {
            (read, length) = (*cause, length + 1);
        }
        assert_eq!(length, limits::CAUSES);
    }

    #[test]
    fn errors_inside_of_texts_do_not_grow() {
        let mut bytes = vec![0xa1, b'"'];
        for _ in 0..30 {
            let mut payload = Vec::new();
            let mut writer = Writer::new(&mut payload);
            writer.map(2);
            writer.text("message");
            writer.raw(&bytes);
            writer.text("field");
            writer.raw(&bytes);
            bytes.clear();
            Writer::new(&mut bytes).extension(value::ERROR, &payload);
            if 1 << 16 < bytes.len() {
                break;
            }
        }
        let thrown = Thrown::from_value(&bytes);
        assert_eq!(thrown.message, "an extension value");
        assert!(json_of(&bytes).to_string().len() < 100);
    }

    #[test]
    fn fields_have_a_bound() {
        let long = "x".repeat(limits::ERROR_FIELDS);
        let thrown = Thrown::new("Error", "m").with_field("a", "short").with_field("b", long);
        let read = Thrown::from_value(&thrown.to_value());
        assert_eq!(read.fields.unwrap().keys().collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn a_rust_error_brings_its_sources() {
        let error = std::io::Error::other(std::fmt::Error);
        let thrown = Thrown::from(error);
        assert_eq!(thrown.name, "Error");
        let original = Thrown::new("RangeError", "as it was").with_code("E");
        assert_eq!(Thrown::from(CallError::Thrown(Box::new(original.clone()))), original);
    }
}

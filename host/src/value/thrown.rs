//! What was thrown, on either side.

use crate::CallError;
use crate::text::{clean_block, clean_line};
use crate::value::deserializer::ValueDeserializer;
use crate::value::forward::without_references;
use crate::value::{Json, Value, encode_data, extension, json_of};
use plughold_protocol::pack::{Reader, Token};
use plughold_protocol::{limits, value};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::io;

/// A JavaScript error as it was thrown: nothing is lost on the way.
///
/// Every Rust error becomes one, so that `?` works in the functions of an [`Api`](crate::Api): its `source()` becomes
/// the `cause`; see [`from_error`](Thrown::from_error). A plugin that throws something else than an error gives the name
/// `""`, words for people in `message`, and the thing in `value`, which is what goes on to another plugin.
///
/// What is thrown holds nothing: functions, streams and objects by reference in it are `undefined`. An error that stands in
/// a plugin's data keeps them, as all data does.
///
/// ```
/// use plughold::{Thrown, Value};
///
/// let thrown = Thrown::new("RangeError", "limit is 1 to 100").with_code("E_LIMIT").with_field("httpCode", 400);
/// assert_eq!(thrown.to_string(), "RangeError: limit is 1 to 100");
/// assert_eq!(thrown.field("httpCode"), Some(&Value::Number(400.0)));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thrown {
    /// The error's name, such as `TypeError`.
    pub name: String,
    /// What it says.
    pub message: String,
    /// The JavaScript stack, one frame a line, without the first line that repeats name and message.
    pub stack: Option<String>,
    /// A code for programs. One that is no text is among the `fields`.
    pub code: Option<String>,
    /// What caused it.
    pub cause: Option<Box<Thrown>>,
    /// The error's own fields, such as `httpCode`, in their order: data as it was thrown, for programs. Boxed to keep errors
    /// small.
    pub fields: Option<Box<Vec<(String, Value)>>>,
    /// What was thrown when it is no error.
    pub value: Option<Box<Value>>,
}

/// How much of an error is kept.
#[derive(Clone, Copy, Debug)]
struct Kept {
    /// Bytes of its own fields, and of a thing that is no error.
    bytes: usize,
    /// Errors that caused each other.
    causes: usize,
}

/// The names that are no field of an error's own.
const PARTS: [&str; 4] = ["name", "message", "stack", "cause"];

impl Thrown {
    /// An error without stack, code, cause and fields.
    pub fn new(name: impl Into<String>, message: impl Into<String>) -> Thrown {
        Thrown { name: name.into(), message: message.into(), ..Thrown::default() }
    }

    /// What `?` makes of an error, for those behind a pointer, which `?` does not convert: `anyhow::Error` and
    /// `Box<dyn Error>`. Each `source()` becomes the `cause`, [`CAUSES`](plughold_protocol::limits::CAUSES) of them at
    /// most; a [`CallError`] among them, also inside of an [`io::Error`], is what the plugin threw, with its code.
    ///
    /// ```
    /// use plughold::{Cx, Thrown};
    ///
    /// fn find(name: &str) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    ///     Ok(name.parse()?)
    /// }
    ///
    /// async fn number(_: Cx<()>, name: String) -> Result<u32, Thrown> {
    ///     find(&name).map_err(|error| Thrown::from_error(&*error))
    /// }
    /// ```
    pub fn from_error(error: &(dyn std::error::Error + 'static)) -> Thrown {
        Thrown::with_sources(error, limits::CAUSES)
    }

    fn with_sources(error: &(dyn std::error::Error + 'static), causes: usize) -> Thrown {
        // What one plugin threw goes on to another as it was, and the others have their codes.
        if let Some(error) = error.downcast_ref::<CallError>() {
            return error.to_thrown();
        }
        // It speaks for the error that it holds, and tells only that one's source.
        if let Some(held) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            return Thrown::with_sources(held, causes);
        }
        let cause = error.source().filter(|_| 0 < causes);
        Thrown {
            cause: cause.map(|cause| Box::new(Thrown::with_sources(cause, causes - 1))),
            ..Thrown::new("Error", error.to_string())
        }
    }

    /// The same with a code for programs.
    pub fn with_code(mut self, code: impl Into<String>) -> Thrown {
        self.code = Some(code.into());
        self
    }

    /// The same with a field of its own. One of the same name before it is replaced.
    pub fn with_field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Thrown {
        let (name, value) = (name.into(), value.into());
        let fields = self.fields.get_or_insert_default();
        match fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => fields.push((name, value)),
        }
        self
    }

    /// The field of its own with this name.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.as_ref()?.iter().find(|(known, _)| known == name).map(|(_, value)| value)
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

    /// What a scanned value says that was thrown, for whoever shows it: of large fields and things nothing is kept.
    pub(crate) fn from_value(bytes: &[u8]) -> Thrown {
        let kept = Kept { bytes: limits::ERROR_FIELDS, causes: limits::CAUSES };
        Thrown::read(&without_references(bytes), kept)
    }

    /// What a scanned value says that was thrown, for whoever throws it on: as large as any other answer.
    pub(crate) fn whole(bytes: &[u8]) -> Thrown {
        Thrown::read(&without_references(bytes), Kept { bytes: limits::MESSAGE, causes: limits::CAUSES })
    }

    /// An error in data, from a scanned value: whole, and with its references.
    pub(crate) fn from_payload(payload: &[u8]) -> Thrown {
        Thrown::read_error(payload, Kept { bytes: limits::MESSAGE, causes: limits::DEPTH })
    }

    fn read(bytes: &[u8], kept: Kept) -> Thrown {
        if let Ok(Token::Extension(value::ERROR, payload)) = Reader::new(bytes).token() {
            return Thrown::read_error(payload, kept);
        }
        let value = (bytes.len() <= kept.bytes).then(|| Box::new(value_of(bytes)));
        Thrown { message: thrown_words(bytes), value, ..Thrown::default() }
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

    fn read_error(payload: &[u8], kept: Kept) -> Thrown {
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
                "code" if matches!(Reader::new(bytes).token(), Ok(Token::Text(_))) => {
                    thrown.code = Some(words_of(bytes));
                }
                "cause" if 0 < kept.causes => {
                    let kept = Kept { causes: kept.causes - 1, ..kept };
                    thrown.cause = Some(Box::new(Thrown::read(bytes, kept)));
                }
                "cause" => {}
                key => {
                    field_bytes += key.len() + bytes.len();
                    if field_bytes <= kept.bytes {
                        thrown.fields.get_or_insert_default().push((key.to_owned(), value_of(bytes)));
                    }
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

    /// The error as a value for the socket. What cannot be sent is `undefined` in it: an error has to arrive.
    pub(crate) fn to_value(&self) -> Vec<u8> {
        let bare = || Thrown { cause: None, fields: None, value: None, ..self.clone() };
        encode_data(self)
            .or_else(|_| encode_data(&self.sendable(limits::CAUSES)))
            .or_else(|_| encode_data(&bare()))
            .unwrap_or_else(|_| vec![0xc0])
    }

    /// The same without what cannot be sent, and with so many causes.
    fn sendable(&self, causes: usize) -> Thrown {
        let sendable = |value: &Value| match encode_data(value) {
            Ok(_) => value.clone(),
            Err(_) => Value::Undefined,
        };
        let fields = self.fields.as_ref().map(|fields| {
            Box::new(fields.iter().map(|(name, value)| (name.clone(), sendable(value))).collect())
        });
        let cause = self.cause.as_ref().filter(|_| 0 < causes);
        Thrown {
            cause: cause.map(|cause| Box::new(cause.sendable(causes - 1))),
            value: self.value.as_ref().map(|value| Box::new(sendable(value))),
            fields,
            ..self.clone()
        }
    }

    /// Its own fields, without those that its other parts hide.
    fn own_fields(&self) -> impl Iterator<Item = &(String, Value)> {
        let is_hidden = |name: &str| PARTS.contains(&name) || (name == "code" && self.code.is_some());
        self.fields.iter().flat_map(|fields| fields.iter()).filter(move |(name, _)| !is_hidden(name))
    }
}

/// What an error is made of, as the payload of an extension value.
struct Parts<'t>(&'t Thrown);

impl Serialize for Parts<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let thrown = self.0;
        let name = if thrown.name.is_empty() { "Error" } else { &thrown.name };
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("name", name)?;
        map.serialize_entry("message", &thrown.message)?;
        for (key, text) in [("stack", &thrown.stack), ("code", &thrown.code)] {
            if let Some(text) = text {
                map.serialize_entry(key, text)?;
            }
        }
        if let Some(cause) = &thrown.cause {
            map.serialize_entry("cause", cause)?;
        }
        for (name, value) in thrown.own_fields() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// For a plugin an error, or the thing that was thrown; as JSON an object with the parts that are there.
impl Serialize for Thrown {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if !to.is_human_readable() {
            return match &self.value {
                Some(value) => value.serialize(to),
                None => extension::serialize_container(to, extension::ERROR, &Parts(self)),
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
            let fields = fields.iter().map(|(name, value)| (name.clone(), Json::from(value).0));
            map.serialize_entry("fields", &serde_json::Map::from_iter(fields))?;
        }
        if let Some(value) = &self.value {
            map.serialize_entry("value", &Json::from(&**value))?;
        }
        map.end()
    }
}

/// Of an error in a plugin's data. Its texts are as the plugin wrote them.
impl<'de> Deserialize<'de> for Thrown {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Thrown, D::Error> {
        let (_, payload) = extension::take(from, &[value::ERROR], "an Error")?;
        Ok(Thrown::from_payload(&payload))
    }
}

/// A scanned value. What no [`Value`] can hold is `undefined`: the rest of the error counts.
fn value_of(bytes: &[u8]) -> Value {
    Value::deserialize(&mut ValueDeserializer::new(bytes)).unwrap_or_default()
}

/// What was thrown that is no error, for people: a text or number as it is, and the beginning of anything else as JSON.
fn thrown_words(bytes: &[u8]) -> String {
    /// Bytes of JSON that are shown.
    const SHOWN: usize = 1 << 10;
    let is_large = limits::ERROR_FIELDS < bytes.len();
    match Reader::new(bytes).token() {
        Ok(Token::Text(_) | Token::Nil | Token::Bool(_) | Token::Unsigned(_) | Token::Negative(_)) => {
            words_of(bytes)
        }
        Ok(Token::Float(_) | Token::Extension(value::UNDEFINED, _)) => words_of(bytes),
        Ok(Token::Extension(value::BIGINT, _)) if !is_large => {
            format!("{}n", json_of(bytes).as_str().unwrap_or_default())
        }
        Ok(Token::Array(_)) if is_large => "thrown: an array that is too large to show".to_owned(),
        Ok(Token::Extension(kind, _)) if is_large => {
            format!("thrown: {} that is too large to show", extension::words(kind))
        }
        _ if is_large => "thrown: an object that is too large to show".to_owned(),
        _ => {
            let json = json_of(bytes).to_string();
            format!("thrown: {}", clean_line(&json, SHOWN))
        }
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
        Thrown::from_error(&error)
    }
}

#[cfg(test)]
mod tests;

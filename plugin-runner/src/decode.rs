//! MessagePack to JavaScript values, straight into the engine.
//!
//! The bytes come from the host; they are checked all the same, because the host itself passes on what others wrote.

use crate::engine::make::ErrorClass;
use crate::engine::{Js, Thrown, Value};
use crate::session::Session;
use crate::thrown;
use plughold_protocol::limits;
use plughold_protocol::pack::{PackError, Reader, Token};
use plughold_protocol::value as form;

/// Why bytes did not become a value.
pub(crate) enum Undecodable {
    /// They are not a value as the protocol has it: words for a person.
    Malformed(String),
    /// They name a function that the host no longer holds.
    Gone(u64),
    /// The engine could not make it.
    Threw(Thrown),
}

impl From<Thrown> for Undecodable {
    fn from(thrown: Thrown) -> Undecodable {
        Undecodable::Threw(thrown)
    }
}

impl From<PackError> for Undecodable {
    fn from(error: PackError) -> Undecodable {
        Undecodable::Malformed(error.to_string())
    }
}

impl Undecodable {
    /// As an exception, if the plugin may see it; the words, if the session has to end.
    pub(crate) fn into_thrown(self) -> Result<Thrown, String> {
        match self {
            Undecodable::Malformed(words) => Err(words),
            Undecodable::Gone(id) => Ok(thrown::gone(id)),
            Undecodable::Threw(thrown) => Ok(thrown),
        }
    }
}

type Decoded<T = Value> = Result<T, Undecodable>;

/// Decodes the arguments of a call.
pub(crate) fn arguments(session: &Session, bytes: &[u8]) -> Decoded<Vec<Value>> {
    let mut walk = Walk { session, reader: Reader::new(bytes), depth: 1 };
    let Token::Array(length) = walk.reader.token()? else {
        return Err(Undecodable::Malformed("expected an array of arguments".to_owned()));
    };
    let arguments = walk.elements(length)?;
    walk.end()?;
    Ok(arguments)
}

/// Decodes one value.
pub(crate) fn value(session: &Session, bytes: &[u8]) -> Decoded {
    let mut walk = Walk { session, reader: Reader::new(bytes), depth: 0 };
    let value = walk.value()?;
    walk.end()?;
    Ok(value)
}

struct Walk<'s, 'a> {
    session: &'s Session,
    reader: Reader<'a>,
    depth: u32,
}

impl<'a> Walk<'_, 'a> {
    fn value(&mut self) -> Decoded {
        Ok(match self.reader.token()? {
            Token::Nil => Value::NULL,
            Token::Bool(value) => Value::bool(value),
            Token::Unsigned(number) if number <= form::MAX_SAFE_INTEGER as u64 => {
                Value::number(number as f64)
            }
            Token::Unsigned(number) => Value::small_bigint(number)?,
            Token::Negative(number) if -form::MAX_SAFE_INTEGER <= number => Value::number(number as f64),
            Token::Negative(number) => self.bigint(true, &number.unsigned_abs().to_le_bytes())?,
            Token::Float(number) => Value::float(number),
            Token::Text(text) => Value::string(text)?,
            Token::Bytes(bytes) => Value::bytes(bytes)?,
            Token::Array(length) => self.nested(|walk| Ok(Value::array(walk.elements(length)?)?))?,
            Token::Map(length) => self.nested(|walk| walk.object(length))?,
            Token::Extension(kind, payload) => self.extension(kind, payload)?,
        })
    }

    fn end(&self) -> Decoded<()> {
        if self.reader.is_empty() {
            return Ok(());
        }
        Err(Undecodable::Malformed(format!("{} bytes after the value", self.reader.remaining())))
    }

    fn nested<T>(&mut self, inside: impl FnOnce(&mut Self) -> Decoded<T>) -> Decoded<T> {
        let most = self.session.limits.depth;
        if most <= self.depth {
            return Err(Undecodable::Malformed(format!("a value nested deeper than {most}")));
        }
        self.depth += 1;
        let result = inside(self);
        self.depth -= 1;
        result
    }

    fn elements(&mut self, length: u32) -> Decoded<Vec<Value>> {
        // Each element has at least one byte, whatever the length says.
        let mut elements = Vec::with_capacity((length as usize).min(self.reader.remaining()));
        for _ in 0..length {
            elements.push(self.value()?);
        }
        Ok(elements)
    }

    fn object(&mut self, length: u32) -> Decoded {
        let object = Value::object()?;
        for _ in 0..length {
            let key = self.key()?;
            let value = self.value()?;
            object.define(key, value)?;
        }
        Ok(object)
    }

    fn key(&mut self) -> Decoded<&'a str> {
        match self.reader.token()? {
            Token::Text(key) => Ok(key),
            other => Err(Undecodable::Malformed(format!("expected a key, found {}", other.kind()))),
        }
    }

    fn extension(&mut self, kind: i8, payload: &[u8]) -> Decoded {
        let malformed = || {
            let length = payload.len();
            Undecodable::Malformed(format!("an extension of kind {kind} with a payload of {length} bytes"))
        };
        match kind {
            form::UNDEFINED if payload.len() == 1 => Ok(Value::UNDEFINED),
            form::HOME => {
                let id = u64::from_le_bytes(payload.try_into().map_err(|_| malformed())?);
                self.session.exported.borrow().get(id).ok_or(Undecodable::Gone(id))
            }
            form::BIGINT => match payload.split_first() {
                Some((sign @ 0..=1, magnitude)) => Ok(self.bigint(*sign == 1, magnitude)?),
                _ => Err(malformed()),
            },
            form::TIMESTAMP => {
                let milliseconds = form::timestamp_milliseconds(payload).ok_or_else(malformed)?;
                Ok(Value::date(milliseconds as f64)?)
            }
            form::TYPED_ARRAY => {
                let (number, bytes) = payload.split_first().ok_or_else(malformed)?;
                Ok(Value::typed_array(*number, bytes).ok_or_else(malformed)??)
            }
            form::ERROR => self.inside(payload, |walk| walk.error()),
            form::MAP | form::SET | form::REGEXP => {
                let parts = self.inside(payload, |walk| walk.value())?;
                // A part that is missing would be looked for in a prototype.
                let is_whole = match (kind, parts.is_array()) {
                    (form::MAP, true) => parts.length()? % 2 == 0,
                    (form::REGEXP, true) => parts.length()? == 2,
                    (_, is_array) => is_array,
                };
                if !is_whole {
                    return Err(malformed());
                }
                Ok(self.session.kit.whole_of(kind, parts)?)
            }
            _ => Err(malformed()),
        }
    }

    /// Walks a payload that holds one value.
    fn inside(&mut self, payload: &[u8], walk_it: fn(&mut Walk) -> Decoded) -> Decoded {
        let session = self.session;
        let depth = self.depth;
        let mut walk = Walk { session, reader: Reader::new(payload), depth };
        let value = walk.nested(walk_it)?;
        walk.end()?;
        Ok(value)
    }

    fn bigint(&self, is_negative: bool, magnitude: &[u8]) -> Js {
        match <[u8; 8]>::try_from(magnitude) {
            Ok(bytes) if !is_negative => Value::small_bigint(u64::from_le_bytes(bytes)),
            _ => self.session.kit.bigint_of(is_negative, magnitude),
        }
    }

    /// An error becomes a real one, of its own class if the language has it.
    fn error(&mut self) -> Decoded {
        let Token::Map(length) = self.reader.token()? else {
            return Err(Undecodable::Malformed("an error that is not a map".to_owned()));
        };
        // Not an object of the engine: what it does not have would be looked for in a prototype, which is the plugin's.
        let mut fields = Vec::new();
        for _ in 0..length {
            fields.push((self.key()?, self.value()?));
        }
        let text_of = |name: &str| {
            let (_, value) = fields.iter().find(|(key, _)| *key == name)?;
            value.as_string(limits::ERROR_TEXT)
        };
        let name = text_of("name").unwrap_or_default();
        let class = class_of(&name);
        let error = thrown::bare(class.unwrap_or(ErrorClass::Plain))?;
        if class.is_none() {
            error.define_hidden("name", Value::string(&name)?)?;
        }
        // It has no calls of this plugin in it; what is reported of it later are those of its origin.
        self.session.kit.record_stack(&error, &text_of("stack").unwrap_or_default())?;
        for (key, value) in fields {
            match key {
                "name" => {}
                hidden @ ("message" | "stack" | "cause") => error.define_hidden(hidden, value)?,
                own => error.define(own, value)?,
            }
        }
        Ok(error)
    }
}

fn class_of(name: &str) -> Option<ErrorClass> {
    Some(match name {
        "Error" | "" => ErrorClass::Plain,
        "TypeError" => ErrorClass::Type,
        "RangeError" => ErrorClass::Range,
        "ReferenceError" => ErrorClass::Reference,
        "SyntaxError" => ErrorClass::Syntax,
        "InternalError" => ErrorClass::Internal,
        _ => return None,
    })
}

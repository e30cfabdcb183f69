//! MessagePack to JavaScript values, straight into the engine.
//!
//! The bytes come from the host; they are checked all the same, because the host itself passes on what others wrote. What
//! is not MessagePack, or breaks a bound that the host checks, ends the session; a value that makes no sense otherwise is
//! an error for whoever was to get it.

use crate::engine::make::ErrorClass;
use crate::engine::{Js, Kind, Thrown, Value};
use crate::session::Session;
use crate::{imported, stack, streams, thrown};
use plughold_protocol::limits;
use plughold_protocol::pack::{PackError, Reader, Token};
use plughold_protocol::value as form;
use plughold_wire::{Bounds, scan};

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

/// The arguments of a call of the host.
pub(crate) struct Arguments {
    /// What the function is called with.
    pub(crate) values: Vec<Value>,
    /// `{ signal, abort }`, if the call's own signal is among them: `abort` is to be called when the host cancels.
    pub(crate) abort: Option<Value>,
}

/// Decodes the arguments of a call. After an error that the plugin may see, the host is given back what it sent.
pub(crate) fn arguments(session: &Session, bytes: &[u8]) -> Decoded<Arguments> {
    whole(session, bytes, true, |walk| {
        let Token::Array(length) = walk.reader.token()? else {
            return Err(Undecodable::Malformed("expected an array of arguments".to_owned()));
        };
        let values = walk.nested(|walk| walk.elements(length))?;
        Ok(Arguments { values, abort: walk.abort.take() })
    })
}

/// Decodes one value. After an error that the plugin may see, the host is given back what it sent.
pub(crate) fn value(session: &Session, bytes: &[u8]) -> Decoded {
    whole(session, bytes, false, |walk| walk.value())
}

/// Gives back the references in a value that nobody wants any more.
pub(crate) fn discard(session: &Session, bytes: &[u8]) {
    give_back(session, bytes, 0);
}

/// Decodes all of `bytes`.
fn whole<T>(
    session: &Session,
    bytes: &[u8],
    is_call: bool,
    decode: impl FnOnce(&mut Walk) -> Decoded<T>,
) -> Decoded<T> {
    let (depth, received) = (0, 0);
    let mut walk = Walk { session, reader: Reader::new(bytes), depth, is_call, received, abort: None };
    let result = decode(&mut walk).and_then(|decoded| walk.end().map(|()| decoded));
    if result.is_err() {
        // What has a value already is given back by its finalizer.
        give_back(session, bytes, walk.received);
    }
    result
}

/// Gives back the references in a value, but for the first `received`.
fn give_back(session: &Session, bytes: &[u8], received: usize) {
    let Ok(scan) = scan(bytes, &bounds(session)) else { return };
    // Streams that are open are given back by their finalizers.
    for stream in scan.references.iter().filter(|reference| reference.kind == form::STREAM) {
        streams::decline(session, stream.id);
    }
    let live = scan.references.iter().filter(|reference| is_received(reference.kind));
    for reference in live.skip(received) {
        imported::give_back(session, reference.id);
    }
}

/// What a host sends stays within the protocol's bounds, or within those of this session where they are wider.
fn bounds(session: &Session) -> Bounds {
    let (usual, own) = (Bounds::default(), session.bounds());
    Bounds {
        depth: usual.depth.max(own.depth),
        nodes: usual.nodes.max(own.nodes),
        references: usual.references.max(own.references),
    }
}

/// Whether the receiver of a reference of this kind counts it, to give it back one day.
fn is_received(kind: i8) -> bool {
    matches!(kind, form::FUNCTION | form::OBJECT)
}

struct Walk<'s, 'a> {
    session: &'s Session,
    reader: Reader<'a>,
    depth: u32,
    /// Whether the value is the arguments of a call, which may have its signal among them.
    is_call: bool,
    /// How many references were received and got their value.
    received: usize,
    /// What makes the call's signal abort.
    abort: Option<Value>,
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
        let most = self.reader.remaining().min(self.session.limits.nodes as usize);
        let mut elements = Vec::with_capacity(most.min(length as usize));
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

    fn extension(&mut self, kind: i8, payload: &'a [u8]) -> Decoded {
        let malformed = || {
            let length = payload.len();
            Undecodable::Malformed(format!("an extension of kind {kind} with a payload of {length} bytes"))
        };
        if form::is_reference(kind) {
            return self.reference(kind, payload).unwrap_or_else(|| Err(malformed()));
        }
        match kind {
            form::UNDEFINED if payload.len() == 1 => Ok(Value::UNDEFINED),
            form::SIGNAL if payload.len() == 1 => self.signal(),
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
                self.typed_array(*number, bytes)
            }
            form::ERROR => self.inside(payload, |walk| walk.error()),
            form::MAP | form::SET | form::REGEXP => {
                let parts = self.inside(payload, |walk| walk.value())?;
                if !self.is_whole(kind, &parts)? {
                    return Err(senseless("a Map, Set or RegExp whose parts do not fit"));
                }
                Ok(self.session.kit.whole_of(kind, parts)?)
            }
            _ => Err(malformed()),
        }
    }

    /// A function or object of either side; none if the payload has the wrong length.
    fn reference(&mut self, kind: i8, payload: &[u8]) -> Option<Decoded> {
        let id = form::reference_id(kind, payload)?;
        let description = payload.get(form::ID..)?;
        let session = self.session;
        let received = match kind {
            form::FUNCTION => imported::function(session, id),
            form::OBJECT => imported::object(session, id, description),
            form::STREAM => return Some(streams::receive(session, id)),
            form::HOME => return Some(session.exported.borrow().get(id).ok_or(Undecodable::Gone(id))),
            _ => return None,
        };
        self.received += usize::from(received.is_ok());
        Some(received.map_err(Undecodable::Threw))
    }

    /// The signal of the call, which is the same wherever it stands.
    fn signal(&mut self) -> Decoded {
        if !self.is_call {
            return Err(senseless("the signal of a call that is none"));
        }
        let abort = match self.abort.take() {
            Some(abort) => abort,
            None => self.session.kit.ask("newAbort", &[])?,
        };
        let signal = abort.get("signal")?;
        self.abort = Some(abort);
        Ok(signal)
    }

    fn typed_array(&self, number: u8, bytes: &[u8]) -> Decoded {
        let array = match form::ARRAY_TYPES.get(usize::from(number)) {
            Some(&"ArrayBuffer") => Some(Value::array_buffer(bytes)),
            Some(&"DataView") => {
                Some(Value::array_buffer(bytes).and_then(|buffer| self.session.kit.view_of(buffer)))
            }
            _ => Value::typed_array(number, bytes),
        };
        Ok(array.ok_or_else(|| senseless("a typed array whose bytes are not whole elements"))??)
    }

    /// Whether these are the parts of a map, a set or a regular expression: one that is missing would be looked for in a
    /// prototype, which is the plugin's.
    fn is_whole(&self, kind: i8, parts: &Value) -> Decoded<bool> {
        if !parts.is_array() {
            return Ok(false);
        }
        let length = parts.length()?;
        Ok(match kind {
            form::MAP => length % 2 == 0,
            form::REGEXP => {
                let is_text = |index| parts.get_index(index).map(|part| part.kind() == Kind::String);
                length == 2 && is_text(0)? && is_text(1)?
            }
            _ => true,
        })
    }

    /// Walks a payload that holds one value.
    fn inside(&mut self, payload: &'a [u8], walk_it: fn(&mut Self) -> Decoded) -> Decoded {
        let around = std::mem::replace(&mut self.reader, Reader::new(payload));
        let value = self.nested(walk_it)?;
        self.end()?;
        self.reader = around;
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
            return Err(senseless("an error that is not a map"));
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
        match self.session.kit.error_prototype(&name) {
            Some(prototype) => error.set_prototype(&prototype)?,
            None if class.is_none() => error.define_hidden("name", Value::string(&name)?)?,
            None => {}
        }
        // It has no calls of this plugin in it; what is reported of it later are those of its origin.
        stack::keep_foreign(self.session, &error, &text_of("stack").unwrap_or_default())?;
        for (key, value) in fields {
            match key {
                "name" => {}
                hidden @ ("message" | "stack" | "cause") => error.define_hidden(hidden, value)?,
                "errors" if name == "AggregateError" => error.define_hidden("errors", value)?,
                own => error.define(own, value)?,
            }
        }
        Ok(error)
    }
}

/// The host sent what its own scan does not refuse, and what is nothing all the same.
fn senseless(what: &str) -> Undecodable {
    Undecodable::Threw(thrown::type_error(&format!("the host sent {what}")))
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

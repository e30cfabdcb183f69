//! Any value, for whoever does not know the types.

use crate::callback::{Callback, Remote};
use crate::live::{Function, Object, Thing};
use crate::stream::Stream;
use crate::value::decode::{decode_payload, received, received_stream};
use crate::value::extension::{self, ANYTHING, METHOD, Payload};
use crate::value::{AbortSignal, BigInt, Bytes, Date, Json, Map, RegExp, Set, Thrown, TypedArray, Undefined};
use plughold_protocol::value;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// Any value of a plugin, with nothing lost: what comes in as a `Value` and goes out again is the same.
///
/// It can be decoded from a plugin's values only. Below `#[serde(flatten)]` and in untagged enums, where serde keeps
/// values in a buffer of its own, `undefined` becomes `null`.
///
/// ```
/// use plughold::{Cx, Thrown, Value};
///
/// async fn describe(_: Cx<()>, value: Value) -> Result<String, Thrown> {
///     Ok(match value {
///         Value::String(text) => format!("the text {text}"),
///         Value::Object(fields) => format!("an object of {} fields", fields.len()),
///         Value::Callback(callback) => return Ok(callback.call(vec![Value::Null]).await?.words().to_owned()),
///         other => other.words().to_owned(),
///     })
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `undefined`
    #[default]
    Undefined,
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(f64),
    /// A BigInt.
    BigInt(BigInt),
    /// A string.
    String(String),
    /// A `Date`.
    Date(Date),
    /// A regular expression.
    RegExp(RegExp),
    /// A `Map`.
    Map(Map<Value, Value>),
    /// A `Set`.
    Set(Set<Value>),
    /// A `Uint8Array`.
    Bytes(Bytes),
    /// Another typed array, a `DataView` or an `ArrayBuffer`.
    TypedArray(TypedArray),
    /// An error.
    Error(Box<Thrown>),
    /// An array; its holes are `undefined`.
    Array(Vec<Value>),
    /// A plain object: its own enumerable properties in their order.
    Object(Vec<(String, Value)>),
    /// A function of a plugin.
    Callback(Callback<Vec<Value>, Value>),
    /// An object of a plugin, by reference.
    Remote(Remote),
    /// A function of the application.
    Function(Function),
    /// An object of the application, by reference.
    Instance(Object),
    /// The signal of the call in whose arguments it stands.
    Signal(AbortSignal),
    /// A stream of a plugin. It has one reader, to whom `Arc::into_inner` gives it, or a plugin that it is passed on to.
    Stream(Arc<Stream<Value>>),
}

impl Value {
    /// What it is to a plugin's author, for an error: `a Map`, `an object`.
    pub fn words(&self) -> &'static str {
        match self {
            Value::Undefined => "undefined",
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::BigInt(_) => "a BigInt",
            Value::String(_) => "a string",
            Value::Date(_) => "a Date",
            Value::RegExp(_) => "a regular expression",
            Value::Map(_) => "a Map",
            Value::Set(_) => "a Set",
            Value::Bytes(_) => "bytes",
            Value::TypedArray(_) => "a typed array",
            Value::Error(_) => "an Error",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
            Value::Callback(_) => "a function",
            Value::Remote(_) => "an object by reference",
            Value::Function(_) => "a function of the application",
            Value::Instance(_) => "an object of the application",
            Value::Signal(_) => "an AbortSignal",
            Value::Stream(_) => "a stream",
        }
    }

    /// An integer as JavaScript has it: a number, or a BigInt where no number is exact.
    fn of_integer(number: i128) -> Value {
        let is_safe = number.unsigned_abs() <= value::MAX_SAFE_INTEGER as u128;
        if is_safe { Value::Number(number as f64) } else { Value::BigInt(number.into()) }
    }

    /// The property of a plain object with this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let Value::Object(properties) = self else { return None };
        properties.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// Below this a whole number has one form as a float; it is written as an integer then.
const WHOLE: f64 = value::MAX_SAFE_INTEGER as f64;

/// The number as an integer, if that says the same.
pub(super) fn whole(number: f64) -> Option<i64> {
    let is_whole = number.fract() == 0.0 && number.abs() <= WHOLE;
    let is_integer = is_whole && !(number == 0.0 && number.is_sign_negative());
    is_integer.then_some(number as i64)
}

/// For a plugin the value; as JSON what [`Json`] shows of it.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            return Json::from(self).serialize(to);
        }
        match self {
            Value::Undefined => Undefined.serialize(to),
            Value::Null => to.serialize_unit(),
            Value::Bool(value) => to.serialize_bool(*value),
            Value::Number(number) => match whole(*number) {
                Some(integer) => to.serialize_i64(integer),
                None => to.serialize_f64(*number),
            },
            Value::BigInt(number) => number.serialize(to),
            Value::String(text) => to.serialize_str(text),
            Value::Date(date) => date.serialize(to),
            Value::RegExp(expression) => expression.serialize(to),
            Value::Map(map) => map.serialize(to),
            Value::Set(set) => set.serialize(to),
            Value::Bytes(bytes) => bytes.serialize(to),
            Value::TypedArray(array) => array.serialize(to),
            Value::Error(thrown) => thrown.serialize(to),
            Value::Array(elements) => elements.serialize(to),
            Value::Object(properties) => {
                let mut map = to.serialize_map(Some(properties.len()))?;
                for (key, value) in properties {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
            Value::Callback(callback) => callback.serialize(to),
            Value::Remote(remote) => remote.serialize(to),
            Value::Function(function) => function.serialize(to),
            Value::Instance(object) => object.serialize(to),
            Value::Signal(signal) => signal.serialize(to),
            Value::Stream(stream) => stream.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
        match Seen::deserialize(from)? {
            Seen::Value(value) => Ok(value),
            Seen::Kind(_) => Err(de::Error::custom("an extension value without its payload")),
        }
    }
}

/// What a visitor saw: a value, or the kind of an extension value whose payload comes next. No data is shown as an `i8`.
enum Seen {
    Value(Value),
    Kind(i8),
}

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Seen, D::Error> {
        from.deserialize_newtype_struct(ANYTHING, SeenVisitor)
    }
}

struct SeenVisitor;

impl<'de> Visitor<'de> for SeenVisitor {
    type Value = Seen;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Seen, E> {
        Ok(Seen::Value(Value::Bool(value)))
    }

    fn visit_i8<E>(self, kind: i8) -> Result<Seen, E> {
        Ok(Seen::Kind(kind))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Seen, E> {
        Ok(Seen::Value(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Seen, E> {
        Ok(Seen::Value(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Seen, E> {
        Ok(Seen::Value(Value::Number(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Seen, E> {
        Ok(Seen::Value(Value::String(text.to_owned())))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Seen, E> {
        Ok(Seen::Value(Value::Bytes(Bytes(bytes.to_vec()))))
    }

    fn visit_unit<E>(self) -> Result<Seen, E> {
        Ok(Seen::Value(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Seen, E> {
        Ok(Seen::Value(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Seen, D::Error> {
        Seen::deserialize(from)
    }

    /// An extension value, or anything out of a buffer, where everything is called a newtype.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<Seen, D::Error> {
        from.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Seen, A::Error> {
        let mut elements = Vec::new();
        while let Some(seen) = from.next_element()? {
            match seen {
                Seen::Value(element) => elements.push(element),
                Seen::Kind(kind) => {
                    let payload = from.next_element::<Payload>()?;
                    let payload = payload.map(|Payload(payload)| payload).unwrap_or_default();
                    return extension_value(kind, &payload).map(Seen::Value);
                }
            }
        }
        Ok(Seen::Value(Value::Array(elements)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Seen, A::Error> {
        let mut properties: Vec<(String, Value)> = Vec::new();
        while let Some((key, value)) = from.next_entry()? {
            properties.push((key, value));
        }
        Ok(Seen::Value(Value::Object(properties)))
    }
}

macro_rules! from {
    ($($from:ty: $value:ident => $to:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($value: $from) -> Value {
                $to
            }
        })*
    };
}

from! {
    bool: value => Value::Bool(value);
    u8: number => Value::Number(number.into());
    u16: number => Value::Number(number.into());
    u32: number => Value::Number(number.into());
    u64: number => Value::of_integer(number.into());
    usize: number => Value::of_integer(number as i128);
    i8: number => Value::Number(number.into());
    i16: number => Value::Number(number.into());
    i32: number => Value::Number(number.into());
    i64: number => Value::of_integer(number.into());
    f32: number => Value::Number(number.into());
    f64: number => Value::Number(number);
    &str: text => Value::String(text.to_owned());
    String: text => Value::String(text);
    BigInt: number => Value::BigInt(number);
    Bytes: bytes => Value::Bytes(bytes);
    Date: date => Value::Date(date);
    Thrown: thrown => Value::Error(Box::new(thrown));
    Json: json => json.0.into();
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(elements: Vec<T>) -> Value {
        Value::Array(elements.into_iter().map(Into::into).collect())
    }
}

/// Nothing is `null`.
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Value {
        match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(value),
            serde_json::Value::Number(number) => match number.as_i128() {
                Some(integer) => Value::of_integer(integer),
                None => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(text) => Value::String(text),
            serde_json::Value::Array(elements) => elements.into(),
            serde_json::Value::Object(map) => {
                Value::Object(map.into_iter().map(|(key, value)| (key, value.into())).collect())
            }
        }
    }
}

fn extension_value<E: de::Error>(kind: i8, payload: &[u8]) -> Result<Value, E> {
    let unknown = || E::custom(format_args!("{}, which cannot be held as a value", extension::words(kind)));
    Ok(match kind {
        value::UNDEFINED => Value::Undefined,
        value::TIMESTAMP => Value::Date(Date(value::timestamp_milliseconds(payload).ok_or_else(unknown)?)),
        value::BIGINT => Value::BigInt(BigInt::from_payload(payload)),
        value::ERROR => Value::Error(Box::new(Thrown::from_payload(payload))),
        value::TYPED_ARRAY => Value::TypedArray(TypedArray::from_payload(payload).ok_or_else(unknown)?),
        value::MAP => Value::Map(Map(decode_payload(kind, payload)?)),
        value::SET => Value::Set(Set(decode_payload(kind, payload)?)),
        value::REGEXP => {
            let (source, flags) = decode_payload(kind, payload)?;
            Value::RegExp(RegExp { source, flags })
        }
        value::SIGNAL => Value::Signal(AbortSignal),
        value::STREAM => Value::Stream(Arc::new(Stream::new(received_stream(payload).map_err(E::custom)?))),
        value::FUNCTION | value::OBJECT | value::HOME | METHOD => {
            match received(kind, payload).map_err(E::custom)? {
                Thing::Function(function) => Value::Function(function),
                Thing::Object(object) => Value::Instance(object),
                Thing::Theirs(reference) if reference.description().is_some() => {
                    Value::Remote(Remote::new(reference))
                }
                Thing::Theirs(reference) => Value::Callback(Callback::new(reference)),
                Thing::Method(object, name) => Value::Callback(Callback::of_method(object, name)),
            }
        }
        _ => return Err(unknown()),
    })
}

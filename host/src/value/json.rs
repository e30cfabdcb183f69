//! JSON for whoever does not know the types: the command, logs, tools.

use crate::value::dynamic::{Value as Dynamic, whole};
use crate::value::extension::{Kind, METHOD, Payload};
use crate::value::{BigInt, Date, RegExp, Thrown};
use plughold_protocol::pack::{PackError, Reader, Token};
use plughold_protocol::value;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Any value of a plugin as JSON.
///
/// What JSON lacks is told in words that cannot be mistaken for much else: a date as its ISO text, `undefined` as
/// `null`, a BigInt as its decimal text, bytes as `{"$bytes": length}`, a function as `{"$function": true}`, something
/// of the application as `{"$home": true}`, a stream as `{"$stream": true}`, an error as `{"$error": …}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Json(pub Value);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Json, D::Error> {
        from.deserialize_any(JsonVisitor).map(Json)
    }
}

/// A value that was decoded.
impl From<&Dynamic> for Json {
    fn from(value: &Dynamic) -> Json {
        Json(match value {
            Dynamic::Undefined | Dynamic::Null => Value::Null,
            Dynamic::Bool(value) => (*value).into(),
            Dynamic::Number(number) => whole(*number).map_or_else(|| float(*number), Value::from),
            Dynamic::BigInt(number) => number.to_string().into(),
            Dynamic::String(text) => text.as_str().into(),
            Dynamic::Date(date) => date.to_string().into(),
            Dynamic::RegExp(RegExp { source, flags }) => {
                tagged("$regexp", vec![source.as_str(), flags.as_str()])
            }
            Dynamic::Map(map) => {
                let in_turn = map.0.iter().flat_map(|(key, value)| [key, value]);
                tagged("$map", in_turn.map(|each| Json::from(each).0).collect::<Value>())
            }
            Dynamic::Set(set) => {
                tagged("$set", set.0.iter().map(|each| Json::from(each).0).collect::<Value>())
            }
            Dynamic::Bytes(bytes) => tagged("$bytes", bytes.0.len()),
            Dynamic::TypedArray(array) => tagged("$bytes", array.bytes.len()),
            Dynamic::Error(thrown) => tagged("$error", thrown.to_string()),
            Dynamic::Array(elements) => elements.iter().map(|each| Json::from(each).0).collect(),
            Dynamic::Object(properties) => {
                let entries = properties.iter().map(|(key, value)| (key.clone(), Json::from(value).0));
                Value::Object(entries.collect())
            }
            Dynamic::Callback(_) => tagged("$function", true),
            Dynamic::Remote(_) => tagged("$object", true),
            Dynamic::Function(_) | Dynamic::Instance(_) => tagged("$home", true),
            Dynamic::Signal(_) => tagged("$signal", true),
            Dynamic::Stream(_) => tagged("$stream", true),
        })
    }
}

macro_rules! from_json_types {
    ($($of:ty),*) => { $(
        impl From<$of> for Json {
            fn from(value: $of) -> Json {
                Json(value.into())
            }
        }
    )* };
}

from_json_types!(bool, i8, i16, i32, i64, u8, u16, u32, u64, &str, String, Value);

/// NaN and the infinities, which JSON lacks, become their names in JavaScript.
impl From<f64> for Json {
    fn from(value: f64) -> Json {
        Json(float(value))
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(values: Vec<T>) -> Json {
        Json(values.into_iter().map(|value| value.into().0).collect())
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or_else(Json::default, Into::into)
    }
}

/// The JSON of one encoded value that was scanned before, so that its depth is bounded.
pub(crate) fn json_of(bytes: &[u8]) -> Value {
    read(&mut Reader::new(bytes)).unwrap_or(Value::Null)
}

fn read(from: &mut Reader) -> Result<Value, PackError> {
    Ok(match from.token()? {
        Token::Nil => Value::Null,
        Token::Bool(value) => Value::Bool(value),
        Token::Unsigned(value) => value.into(),
        Token::Negative(value) => value.into(),
        Token::Float(value) => float(value),
        Token::Text(value) => value.into(),
        Token::Bytes(bytes) => tagged("$bytes", bytes.len()),
        Token::Array(length) => (0..length).map(|_| read(from)).collect::<Result<_, _>>()?,
        Token::Map(length) => {
            let mut map = Map::new();
            for _ in 0..length {
                let key = match from.token()? {
                    Token::Text(key) => key.to_owned(),
                    other => other.kind().to_owned(),
                };
                map.insert(key, read(from)?);
            }
            Value::Object(map)
        }
        Token::Extension(kind, payload) => extension(kind, payload),
    })
}

fn extension(kind: i8, payload: &[u8]) -> Value {
    match kind {
        value::UNDEFINED => Value::Null,
        value::TIMESTAMP => {
            value::timestamp_milliseconds(payload).map_or(Value::Null, |ms| Date(ms).to_string().into())
        }
        value::BIGINT => BigInt::from_payload(payload).to_string().into(),
        value::ERROR => tagged("$error", Thrown::headline(payload)),
        value::FUNCTION | METHOD => tagged("$function", true),
        value::HOME => tagged("$home", true),
        value::OBJECT => tagged("$object", true),
        value::STREAM => tagged("$stream", true),
        value::SIGNAL => tagged("$signal", true),
        value::TYPED_ARRAY => tagged("$bytes", payload.len().saturating_sub(1)),
        value::MAP => tagged("$map", json_of(payload)),
        value::SET => tagged("$set", json_of(payload)),
        value::REGEXP => tagged("$regexp", json_of(payload)),
        kind => tagged("$extension", kind),
    }
}

fn tagged(tag: &str, value: impl Into<Value>) -> Value {
    Value::Object(Map::from_iter([(tag.to_owned(), value.into())]))
}

/// JSON has no NaN and no infinities: they become their names in JavaScript.
fn float(value: f64) -> Value {
    let name = || match value {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => "NaN",
    };
    Number::from_f64(value).map_or_else(|| name().into(), Value::Number)
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Value;

    fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
        to.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
        Ok(tagged("$bytes", value.len()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        let (Kind(kind), Payload(payload)) = <(Kind, Payload)>::deserialize(from)?;
        Ok(extension(kind, &payload))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Json(value)) = from.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Json(value))) = from.next_entry::<String, Json>()? {
            if map.insert(key.clone(), value).is_some() {
                return Err(A::Error::custom(format!("the key {key:?} stands twice")));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::deserializer::ValueDeserializer;
    use plughold_protocol::pack::Writer;

    #[test]
    fn plain_values_are_json() {
        let check = |json: Json, expected: &str| assert_eq!(json.0.to_string(), expected);
        check(true.into(), "true");
        check((-3).into(), "-3");
        check(u64::MAX.into(), "18446744073709551615");
        check(0.5.into(), "0.5");
        check(f64::NAN.into(), "\"NaN\"");
        check("a".into(), "\"a\"");
        check(String::from("b").into(), "\"b\"");
        check(vec!["a", "b"].into(), r#"["a","b"]"#);
        check(None::<bool>.into(), "null");
    }

    #[track_caller]
    fn check(kind: i8, payload: &[u8], expected: &str) {
        let mut bytes = Vec::new();
        Writer::new(&mut bytes).extension(kind, payload);
        assert_eq!(json_of(&bytes).to_string(), expected);
        let decoded = Json::deserialize(&mut ValueDeserializer::new(&bytes)).unwrap();
        assert_eq!(decoded.0.to_string(), expected, "through serde");
    }

    #[test]
    fn what_json_lacks_is_told_in_words() {
        check(value::UNDEFINED, &[0], "null");
        check(value::FUNCTION, &[0; 8], r#"{"$function":true}"#);
        check(value::BIGINT, &[1, 0xff, 0x01], r#""-511""#);
        check(value::SET, &[0x92, 1, 2], r#"{"$set":[1,2]}"#);
        check(value::TIMESTAMP, &value::timestamp(0), r#""1970-01-01T00:00:00.000Z""#);
    }
}

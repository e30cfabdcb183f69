use super::*;
use crate::value::deserializer::ValueDeserializer;
use crate::{ArrayKind, BigInt, Bytes, Date, Map, RegExp, Set, Thrown, TypedArray, Undefined, Value};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

fn bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    value.serialize(&mut ValueSerializer::new(&mut bytes)).map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn decoded<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let scan = plughold_wire::scan(bytes, &plughold_wire::Bounds::default());
    assert_eq!(scan.map(|scan| scan.references.len()), Ok(0), "{bytes:02x?}");
    T::deserialize(&mut ValueDeserializer::new(bytes)).map_err(|error| error.to_string())
}

/// What is written as `from` can be read as `to`.
#[track_caller]
fn becomes<T: DeserializeOwned + PartialEq + fmt::Debug>(from: impl Serialize, to: T) {
    assert_eq!(decoded(&bytes(&from).unwrap()), Ok(to));
}

/// A value as it is, read as itself and as a [`Value`] that is written the same.
#[track_caller]
fn comes_home<T: Serialize + DeserializeOwned + PartialEq + fmt::Debug>(value: T, dynamic: Value) {
    let written = bytes(&value).unwrap();
    assert_eq!(decoded::<T>(&written).as_ref(), Ok(&value));
    assert_eq!(decoded::<Value>(&written).as_ref(), Ok(&dynamic));
    let again = bytes(&dynamic).unwrap();
    assert_eq!(decoded::<T>(&again), Ok(value), "{dynamic:?}");
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Empty,
    Circle(f64),
    Box { width: u32 },
    Line(u8, u8),
}

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

fn object<const N: usize>(properties: [(&str, Value); N]) -> Value {
    Value::Object(properties.map(|(key, value)| (key.to_owned(), value)).into())
}

#[test]
fn rust_and_javascript_understand_each_other() {
    comes_home((), Value::Null);
    comes_home(None::<u8>, Value::Null);
    comes_home(Some(true), Value::Bool(true));
    comes_home(-7i8, Value::Number(-7.0));
    comes_home(u32::MAX, Value::Number(4_294_967_295.0));
    comes_home((1u64 << 53) - 1, Value::Number(9_007_199_254_740_991.0));
    comes_home(1u64 << 53, Value::BigInt((1u64 << 53).into()));
    comes_home(i64::MIN, Value::BigInt(i64::MIN.into()));
    comes_home(u64::MAX, Value::BigInt(u64::MAX.into()));
    comes_home(i128::MIN, Value::BigInt(i128::MIN.into()));
    comes_home(u128::MAX, Value::BigInt(u128::MAX.into()));
    comes_home(0.1f32, Value::Number(0.1f32.into()));
    comes_home(f64::NEG_INFINITY, Value::Number(f64::NEG_INFINITY));
    comes_home('ß', text("ß"));
    comes_home("a\0\u{2028}".to_owned(), text("a\0\u{2028}"));
    comes_home((1u8, "a".to_owned()), Value::Array(vec![Value::Number(1.0), text("a")]));
    comes_home(vec![Some(1u8), None], Value::Array(vec![Value::Number(1.0), Value::Null]));
    comes_home(BTreeMap::from([(2u8, true)]), object([("2", Value::Bool(true))]));
    comes_home(BTreeMap::from([("__proto__".to_owned(), ())]), object([("__proto__", Value::Null)]));
    comes_home(Bytes(vec![1, 2]), Value::Bytes(Bytes(vec![1, 2])));
    comes_home(Shape::Empty, text("Empty"));
    comes_home(Shape::Circle(0.5), object([("Circle", Value::Number(0.5))]));
    comes_home(Shape::Box { width: 7 }, object([("Box", object([("width", Value::Number(7.0))]))]));
    let line = Value::Array(vec![Value::Number(1.0), Value::Number(2.0)]);
    comes_home(Shape::Line(1, 2), object([("Line", line)]));
}

#[test]
fn values_that_plain_data_cannot_express_come_home() {
    comes_home(Undefined, Value::Undefined);
    comes_home(BigInt::from(7i64), Value::BigInt(7i64.into()));
    comes_home(BigInt::from_parts(true, &[1; 40]), Value::BigInt(BigInt::from_parts(true, &[1; 40])));
    comes_home(Date(-1), Value::Date(Date(-1)));
    let expression = RegExp { source: r"a\/b".into(), flags: "gi".into() };
    comes_home(expression.clone(), Value::RegExp(expression));
    let map = Map(vec![(Value::Null, Value::Undefined), (text("k"), Value::Map(Map::default()))]);
    comes_home(map.clone(), Value::Map(map));
    let set = Set(vec![Value::Number(-0.5), Value::Array(vec![])]);
    comes_home(set.clone(), Value::Set(set));
    let array = TypedArray::from([1.5f32, f32::NAN].as_slice());
    comes_home(array.clone(), Value::TypedArray(array));
    let error = Thrown {
        cause: Some(Box::new(Thrown::new("TypeError", "inner"))),
        ..Thrown::new("RangeError", "outer").with_code("E").with_field("httpCode", 404)
    };
    comes_home(error.clone(), Value::Error(Box::new(error)));
    let zero = bytes(&Value::Number(-0.0)).unwrap();
    assert!(decoded::<f64>(&zero).unwrap().is_sign_negative());
    assert!(decoded::<f64>(&bytes(&f32::NAN).unwrap()).unwrap().is_nan());
}

#[test]
fn what_is_natural_is_taken_for_what_is_asked_for() {
    let pairs = Map(vec![(1u8, "a".to_owned()), (2, "b".to_owned())]);
    becomes(&pairs, BTreeMap::from([(1u8, "a".to_owned()), (2, "b".to_owned())]));
    becomes(&pairs, vec![(1u8, "a".to_owned()), (2, "b".to_owned())]);
    becomes(BTreeMap::from([("1", "a")]), HashMap::from([(1u64, "a".to_owned())]));
    becomes(Set(vec![3, 1]), vec![3u8, 1]);
    becomes(Set(vec![3, 1]), BTreeSet::from([1u8, 3]));
    becomes(vec![3, 1], BTreeSet::from([1u8, 3]));
    becomes(TypedArray::from([-1i16, 2].as_slice()), vec![-1i32, 2]);
    becomes(TypedArray::from([1u64 << 60].as_slice()), vec![1u64 << 60]);
    becomes(TypedArray::from([0.5f32].as_slice()), vec![0.5f32]);
    becomes(TypedArray { kind: ArrayKind::Float16, bytes: vec![0, 0x3c] }, vec![1.0f64]);
    becomes(Bytes(vec![1, 255]), vec![1u8, 255]);
    becomes(TypedArray { kind: ArrayKind::Uint8Clamped, bytes: vec![7] }, Bytes(vec![7]));
    becomes(BigInt::from(7i64), 7u8);
    becomes(1e15, 1_000_000_000_000_000u64);
    becomes(f64::from(1u32 << 31).powi(2), 1u64 << 62);
    becomes(Undefined, None::<String>);
    becomes(vec![Value::Undefined], vec![()]);
}

#[track_caller]
fn refused<T: DeserializeOwned + fmt::Debug>(value: impl Serialize, expected: &str) {
    assert_eq!(decoded::<T>(&bytes(&value).unwrap()).unwrap_err(), expected);
}

#[test]
fn what_does_not_fit_is_told_in_words_of_javascript() {
    refused::<u8>(BigInt::from(300i64), "expected a whole number (u8), found 300");
    refused::<u64>(BigInt::from(1i128 << 70), "expected a whole number (u64), found a BigInt of 71 bits");
    refused::<i128>(
        BigInt::from_parts(false, &[1; 20]),
        "expected a whole number (i128), found a BigInt of 153 bits",
    );
    refused::<f64>(BigInt::from(7i64), "expected a number, found a BigInt");
    refused::<i64>(1e300, "expected a whole number (i64), found 1e300");
    refused::<Vec<u8>>(TypedArray::from([0.5f32].as_slice()), "expected a whole number (u8), found 0.5");
    refused::<Map<u8, u8>>(BTreeMap::from([("a", 1)]), "expected a Map, found an object");
    refused::<Set<u8>>(vec![1], "expected a Set, found an array");
    refused::<Map<u8, Vec<u8>>>(
        Map(vec![(1, vec![-1])]),
        "[0][1][0]: expected a whole number (u8), found -1",
    );
    refused::<HashMap<u8, u8>>(
        BTreeMap::from([("a", 1)]),
        r#"expected a key that is a whole number (u8), found "a""#,
    );
    refused::<Date>("today", r#"expected a Date, found the string "today""#);
    refused::<TypedArray>(vec![1], "expected a typed array, found an array");
    refused::<crate::AbortSignal>(Undefined, "expected an AbortSignal, found undefined");
    refused::<Thrown>(BTreeMap::from([("message", "m")]), "expected an Error, found an object");
}

#[test]
fn what_cannot_be_sent_is_told_with_its_place() {
    #[derive(Serialize)]
    struct Note {
        title: &'static str,
        body: Vec<Shape>,
        dates: BTreeMap<&'static str, Map<u8, Date>>,
    }
    let dates = BTreeMap::from([("made", Map(vec![(1, Date(0))])), ("read", Map(vec![(2, Date(i64::MIN))]))]);
    let note = Note { title: "a", body: vec![Shape::Line(1, 2), Shape::Empty], dates };
    let words = bytes(&[("notes", [note])]).unwrap_err();
    let expected = "[0][1][0].dates.read[1]: -9223372036854775808 ms from 1970 is beyond what a Date can be";
    assert_eq!(words, expected);
    let words = bytes(&BTreeMap::from([((1, 2), 3)])).unwrap_err();
    assert_eq!(words, "a key that is an array; the keys of an object are strings, those of a `Map` anything");
    let words = "a function or object can only be encoded into a message for a plugin";
    let function = crate::Function::new((), async |_: crate::Cx<()>| Ok::<_, Thrown>(()));
    assert_eq!(bytes(&[function]).unwrap_err(), format!("[0]: {words}"));
}

#[test]
fn depth_is_bounded_as_the_scan_bounds_it() {
    let nested = |levels: usize| (0..levels).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    assert!(bytes(&nested(limits::DEPTH)).is_ok());
    assert!(bytes(&nested(limits::DEPTH + 1)).unwrap_err().ends_with("nested deeper than 64"));
    let sets = |levels: usize| (0..levels).fold(Value::Null, |inner, _| Value::Set(Set(vec![inner])));
    let written = bytes(&sets(limits::DEPTH / 2)).unwrap();
    assert!(plughold_wire::scan(&written, &plughold_wire::Bounds::default()).is_ok());
    assert!(bytes(&sets(limits::DEPTH / 2 + 1)).is_err());
}

/// serde's own buffers must not lose what plain data cannot express, nor make it of plain data.
#[test]
fn values_pass_through_buffers() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Flat {
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Dated { at: Date },
        Mapped { map: Map<u8, Set<u8>> },
        Counted { big: BigInt },
    }
    let values = [
        ("at", Value::Date(Date(7))),
        ("big", Value::BigInt(1i64.into())),
        ("map", Value::Map(Map(vec![(text("k"), Value::Set(Set(vec![Value::Null])))]))),
        ("list", Value::Array(vec![Value::Number(-1.0), Value::Bytes(Bytes(vec![0; 8]))])),
    ];
    let flat = Flat { rest: values.map(|(key, value)| (key.to_owned(), value)).into() };
    assert_eq!(decoded(&bytes(&flat).unwrap()), Ok(flat));
    for value in [
        Untagged::Dated { at: Date(7) },
        Untagged::Mapped { map: Map(vec![(1, Set(vec![2]))]) },
        Untagged::Counted { big: 9i64.into() },
    ] {
        assert_eq!(decoded(&bytes(&value).unwrap()), Ok(value));
    }
    let forged = object([("at", Value::Array(vec![Value::Number(-1.0), Value::Bytes(Bytes(vec![0; 12]))]))]);
    assert!(decoded::<Untagged>(&bytes(&forged).unwrap()).is_err());
}

#[test]
fn json_shows_errors_as_before() {
    let thrown = Thrown::new("RangeError", "m").with_code("E").with_field("a", 1);
    let json = serde_json::json!({ "name": "RangeError", "message": "m", "code": "E", "fields": { "a": 1 } });
    assert_eq!(serde_json::to_value(thrown).unwrap(), json);
}

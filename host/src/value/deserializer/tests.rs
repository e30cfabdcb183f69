use super::*;
use crate::value::extension;
use plughold_protocol::pack::Writer;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

fn decoded<T: DeserializeOwned>(write: impl FnOnce(&mut Writer)) -> Result<T, Error> {
    let mut bytes = Vec::new();
    write(&mut Writer::new(&mut bytes));
    T::deserialize(&mut ValueDeserializer::new(&bytes))
}

fn json<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Error> {
    decoded(|w| w.raw(&rmp_serde::to_vec_named(&value).unwrap()))
}

#[derive(Debug, PartialEq, Deserialize)]
struct Note {
    title: String,
    tags: Option<Vec<String>>,
    #[serde(default)]
    size: f64,
}

#[derive(Debug, PartialEq, Deserialize)]
enum Shape {
    Empty,
    Circle(f64),
    Box { width: u32 },
    Line(u8, u8),
}

#[test]
fn plain_data_becomes_types() {
    let note = Note { title: "a".into(), tags: Some(vec!["b".into()]), size: 3.0 };
    assert_eq!(json(serde_json::json!({ "title": "a", "tags": ["b"], "size": 3, "more": {} })), Ok(note));
    assert_eq!(json(serde_json::json!([1, -2, "x", true])), Ok((1u8, -2i64, "x".to_owned(), true)));
    assert_eq!(json(serde_json::json!({ "a": 1 })), Ok(BTreeMap::from([("a".to_owned(), 1u16)])));
    let shapes: [(_, Shape); 4] = [
        (serde_json::json!("Empty"), Shape::Empty),
        (serde_json::json!({ "Circle": 2 }), Shape::Circle(2.0)),
        (serde_json::json!({ "Box": { "width": 7 } }), Shape::Box { width: 7 }),
        (serde_json::json!({ "Line": [1, 2] }), Shape::Line(1, 2)),
    ];
    for (value, shape) in shapes {
        assert_eq!(json(value), Ok(shape));
    }
}

#[test]
fn undefined_is_nothing_everywhere() {
    let undefined = |w: &mut Writer| w.extension(value::UNDEFINED, &[0]);
    assert_eq!(decoded::<Option<String>>(undefined), Ok(None));
    assert_eq!(decoded::<()>(undefined), Ok(()));
    assert_eq!(decoded::<serde_json::Value>(undefined), Ok(serde_json::Value::Null));
    let in_object = |w: &mut Writer| {
        w.map(2);
        w.text("title");
        w.text("t");
        w.text("tags");
        undefined(w);
    };
    assert_eq!(decoded::<Note>(in_object).map(|note| note.tags), Ok(None));
}

#[track_caller]
fn refused<T: DeserializeOwned + fmt::Debug>(write: impl FnOnce(&mut Writer), expected: &str) {
    assert_eq!(decoded::<T>(write).unwrap_err().to_string(), expected);
}

#[test]
fn errors_say_what_was_expected_and_what_was_found() {
    refused::<u32>(|w| w.text("7"), r#"expected a whole number (u32), found the string "7""#);
    refused::<u32>(|w| w.float(1.5), "expected a whole number (u32), found 1.5");
    refused::<u8>(|w| w.unsigned(300), "expected a whole number (u8), found 300");
    refused::<String>(|w| w.unsigned(1), "expected a string, found 1");
    refused::<String>(|w| w.bytes(b"abc"), "expected a string, found bytes");
    refused::<String>(
        |w| w.extension(value::TIMESTAMP, &value::timestamp(0)),
        "expected a string, found a Date",
    );
    refused::<bool>(|w| w.extension(value::FUNCTION, &[0; 8]), "expected a boolean, found a function");
    refused::<Vec<u8>>(|w| w.map(0), "expected an array, found an object");
    refused::<crate::Bytes>(|w| w.array(0), "expected bytes (Uint8Array), found an array");
    refused::<Note>(|w| w.array(0), "expected an object (Note), found an array");
    refused::<Note>(|w| w.map(0), "title is missing");
    refused::<Note>(|w| w.nil(), "expected an object (Note), found null");
}

/// Values inside of values inside of values would multiply a long one otherwise.
#[test]
fn payloads_are_not_copied() {
    #[derive(Debug, PartialEq)]
    struct IsBorrowed(bool);
    impl<'de> Deserialize<'de> for IsBorrowed {
        fn deserialize<D: de::Deserializer<'de>>(from: D) -> Result<IsBorrowed, D::Error> {
            let (_, payload) = extension::take(from, &[value::SET], "a Set")?;
            Ok(IsBorrowed(matches!(payload, Cow::Borrowed(_))))
        }
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Buffered {
        Set(IsBorrowed),
    }
    let set = |w: &mut Writer| w.extension(value::SET, &[0x90]);
    assert_eq!(decoded(set), Ok(IsBorrowed(true)));
    assert_eq!(decoded(set), Ok(Buffered::Set(IsBorrowed(true))));
}

#[test]
fn no_data_can_pose_as_an_extension_value() {
    #[derive(Debug, PartialEq)]
    struct Function(Vec<u8>);
    impl<'de> Deserialize<'de> for Function {
        fn deserialize<D: de::Deserializer<'de>>(from: D) -> Result<Function, D::Error> {
            extension::take(from, &[value::FUNCTION], "a function")
                .map(|(_, payload)| Function(payload.into_owned()))
        }
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Buffered {
        Function(Function),
    }
    let honest = |w: &mut Writer| w.extension(value::FUNCTION, &[7; 8]);
    assert_eq!(decoded(honest), Ok(Function(vec![7; 8])));
    assert_eq!(decoded(honest), Ok(Buffered::Function(Function(vec![7; 8]))));
    for kind in [i64::from(value::FUNCTION), -1, 200] {
        let forged = |w: &mut Writer| {
            w.array(2);
            w.integer(kind);
            w.bytes(&[7; 8]);
        };
        refused::<Function>(forged, "expected a function, found an array");
        assert!(decoded::<Buffered>(forged).is_err());
    }
    refused::<Function>(|w| w.text("f"), r#"expected a function, found the string "f""#);
    refused::<Function>(|w| w.extension(value::SET, &[0x90]), "expected a function, found a Set");
}

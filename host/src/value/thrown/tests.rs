use super::*;
use crate::value::{BigInt, Date};
use plughold_protocol::pack::Writer;

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
    let check = |value: Value, words: &str| {
        let bytes = encode_data(&value).unwrap();
        let thrown = Thrown::from_value(&bytes);
        assert_eq!((thrown.to_string().as_str(), thrown.to_value()), (words, bytes));
        assert_eq!(thrown.value, Some(Box::new(value)));
    };
    check(5.into(), "5");
    check("no luck".into(), "no luck");
    check(Value::Undefined, "undefined");
    check(BigInt::from(7i64).into(), "7n");
    check(Value::Object(vec![("a".to_owned(), Value::Undefined)]), r#"thrown: {"a":null}"#);
    check(Value::Array(vec![Date(0).into()]), r#"thrown: ["1970-01-01T00:00:00.000Z"]"#);
}

#[test]
fn a_large_thing_is_thrown_on_and_not_shown() {
    let large = Value::Array(vec!["x".repeat(limits::ERROR_FIELDS).into()]);
    let bytes = encode_data(&large).unwrap();
    let shown = Thrown::from_value(&bytes);
    assert_eq!((shown.message.as_str(), shown.value), ("thrown: an array that is too large to show", None));
    assert_eq!(Thrown::whole(&bytes).to_value(), bytes);
    let text = "x".repeat(limits::ERROR_TEXT + 1);
    assert_eq!(Thrown::from_value(&encode_data(&text).unwrap()).message.len(), limits::ERROR_TEXT);
}

#[test]
fn nothing_of_an_error_is_lost() {
    let inner = Thrown::new("Error", "a").with_code("E").with_field("big", BigInt::from(7i64));
    let thrown =
        Thrown { value: Some(Box::new(Value::Undefined)), message: "undefined".into(), ..Thrown::default() };
    let thrown = Thrown {
        cause: Some(Box::new(thrown)),
        ..Thrown::new("AggregateError", "m")
            .with_field("errors", vec![Value::from(inner), Value::Number(-0.0), Value::Undefined])
            .with_field("code", 20)
            .with_field("at", Date(1))
    };
    let read = Thrown::from_value(&thrown.to_value());
    assert_eq!((&read, read.code.as_deref()), (&thrown, None));
    assert_eq!(read.field("code"), Some(&Value::Number(20.0)));
}

/// Decoding is recursive, and has to be done on the stack of any task.
#[test]
fn errors_inside_of_errors_are_as_deep_as_any_value() {
    let levels = limits::DEPTH / 2;
    let deep = (1..levels).fold(Thrown::new("Error", "0"), |inner, level| {
        Thrown::new("Error", level.to_string()).with_field("in", inner)
    });
    let bytes = encode_data(&deep).unwrap();
    assert_eq!(Thrown::from_value(&bytes), deep);
    assert!(encode_data(&Thrown::new("Error", "m").with_field("in", vec![deep])).is_err());
}

#[test]
fn what_cannot_be_sent_keeps_no_error_from_being_told() {
    let function = crate::Function::new((), async |_: crate::Cx<()>| Ok::<_, Thrown>(()));
    let thrown = Thrown::new("Error", "m").with_field("f", Value::Function(function)).with_field("a", 1);
    let expected = Thrown::new("Error", "m").with_field("f", Value::Undefined).with_field("a", 1);
    assert_eq!(Thrown::from_value(&thrown.to_value()), expected);
}

#[test]
fn no_field_hides_a_part() {
    let thrown = Thrown::new("Error", "m").with_code("E");
    let hiding = thrown.clone().with_field("name", 1).with_field("code", 2).with_field("cause", 3);
    assert_eq!(Thrown::from_value(&hiding.to_value()), thrown);
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
    assert_eq!(read.fields, Some(Box::new(vec![("a".to_owned(), "short".into())])));
    assert_eq!(Thrown::whole(&thrown.to_value()), thrown);
}

#[test]
fn a_rust_error_brings_its_sources() {
    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] Box<dyn std::error::Error + Send + Sync>);

    #[track_caller]
    fn check(error: impl std::error::Error + Send + Sync + 'static, expected: Thrown) {
        let error: Box<dyn std::error::Error + Send + Sync> = Box::new(error);
        assert_eq!(Thrown::from_error(&*error), expected);
        assert_eq!(Thrown::from(Outer(error)), caused_by("outer", expected));
    }
    fn caused_by(message: &str, cause: Thrown) -> Thrown {
        Thrown { cause: Some(Box::new(cause)), ..Thrown::new("Error", message) }
    }
    let plain = || Thrown::new("Error", std::fmt::Error.to_string());
    let original = || Thrown::new("RangeError", "as it was").with_code("E");
    let call = || CallError::Thrown(Box::new(original()));
    check(std::fmt::Error, plain());
    check(call(), original());
    check(std::io::Error::other(std::fmt::Error), plain());
    check(std::io::Error::other(call()), original());
    check(Outer(Box::new(call())), caused_by("outer", original()));
    let not_found = std::io::Error::from(std::io::ErrorKind::NotFound);
    check(not_found, Thrown::new("Error", "entity not found"));
    let mut thrown =
        Some(Box::new(Thrown::from((0..100).fold(Outer(call().into()), |error, _| Outer(error.into())))));
    let mut length = 0;
    while let Some(cause) = thrown.and_then(|thrown| thrown.cause) {
        (thrown, length) = (Some(cause), length + 1);
    }
    assert_eq!(length, limits::CAUSES);
}

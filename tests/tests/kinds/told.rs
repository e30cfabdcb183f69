//! A value of a plugin in one line, as an application sees it.

use plughold::{ArrayKind, Value};

/// The variant and what is in it; numbers of references are left out, because they mean nothing to people.
pub(crate) fn words(value: &Value) -> String {
    match value {
        Value::Undefined | Value::Null => format!("{value:?}"),
        Value::Bool(value) => format!("Bool({value})"),
        Value::Number(number) => format!("Number({number:?})"),
        Value::BigInt(number) => format!("BigInt({number})"),
        Value::String(text) => format!("String({text:?})"),
        Value::Date(date) => format!("Date({} ms)", date.0),
        Value::RegExp(expression) => format!("RegExp(/{}/{})", expression.source, expression.flags),
        Value::Map(map) => {
            let entries = map.0.iter().map(|(key, value)| format!("{}: {}", words(key), words(value)));
            format!("Map({})", list(entries))
        }
        Value::Set(set) => format!("Set({})", list(set.0.iter().map(words))),
        Value::Bytes(bytes) => format!("Bytes({:?})", bytes.0),
        Value::TypedArray(array) if array.kind == ArrayKind::DataView => {
            format!("TypedArray({:?})", array.kind)
        }
        Value::TypedArray(array) => format!("TypedArray({:?}, {:?})", array.kind, array.bytes),
        Value::Error(thrown) => {
            let mut words = format!("Error({thrown}");
            if let Some(code) = &thrown.code {
                words += &format!(", code {code}");
            }
            if let Some(fields) = &thrown.fields {
                let fields = fields.iter().map(|(key, value)| format!("{key}: {}", self::words(value)));
                words += &format!(", fields ({})", list(fields));
            }
            if let Some(cause) = &thrown.cause {
                words += &format!(", cause {cause}");
            }
            words + ")"
        }
        Value::Array(elements) => format!("Array({})", list(elements.iter().map(words))),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{key}: {}", words(value)));
            format!("Object({})", list(fields))
        }
        Value::Callback(_) => "Callback".to_owned(),
        Value::Remote(remote) => format!("Remote({})", remote.class()),
        Value::Function(_) => "Function".to_owned(),
        Value::Instance(object) => format!("Instance({})", object.class()),
        Value::Signal(_) => "Signal".to_owned(),
        Value::Stream(_) => "Stream".to_owned(),
        other => other.words().to_owned(),
    }
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

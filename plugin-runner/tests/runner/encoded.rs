//! Encoded values, written by hand.

use plughold_protocol::pack::Writer;
use plughold_protocol::value as form;

/// What `write` writes.
pub(crate) fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut Writer::new(&mut bytes));
    bytes
}

pub(crate) fn text(text: &str) -> Vec<u8> {
    written(|writer| writer.text(text))
}

pub(crate) fn number(number: i64) -> Vec<u8> {
    written(|writer| writer.integer(number))
}

/// An array of values that are encoded already.
pub(crate) fn array(elements: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = written(|writer| writer.array(elements.len()));
    bytes.extend(elements.concat());
    bytes
}

/// A map of values that are encoded already.
pub(crate) fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = written(|writer| writer.map(pairs.len()));
    for (key, value) in pairs {
        bytes.extend(text(key));
        bytes.extend(value);
    }
    bytes
}

pub(crate) fn extension(kind: i8, payload: &[u8]) -> Vec<u8> {
    written(|writer| writer.extension(kind, payload))
}

/// A function of the host.
pub(crate) fn function(id: u64) -> Vec<u8> {
    extension(form::FUNCTION, &id.to_le_bytes())
}

/// Something of the runner that comes home.
pub(crate) fn home(id: u64) -> Vec<u8> {
    extension(form::HOME, &id.to_le_bytes())
}

/// An object of the host whose methods promise.
pub(crate) fn object(id: u64, class: &str, methods: &[&str], accessors: &[&str]) -> Vec<u8> {
    described(id, &[text(class), names(methods), names(accessors)])
}

/// An object of the host with this description.
pub(crate) fn described(id: u64, description: &[Vec<u8>]) -> Vec<u8> {
    extension(form::OBJECT, &[&id.to_le_bytes()[..], &array(description)].concat())
}

pub(crate) fn names(names: &[&str]) -> Vec<u8> {
    array(&names.iter().map(|name| text(name)).collect::<Vec<_>>())
}

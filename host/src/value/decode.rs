//! From scanned bytes to typed values, with references out of the scan's own table.

use crate::callback::{Description, Reference};
use crate::live::Thing;
use crate::stream::Reading;
use crate::value::deserializer::{Error, Inside, ValueDeserializer};
use crate::value::extension::METHOD;
use crate::{CallError, Thrown};
use plughold_protocol::{limits, value};
use serde::de::{self, DeserializeOwned, Deserializer};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What one message refers to. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// None for the many messages that refer to nothing.
    found: Option<Arc<Found>>,
}

#[derive(Debug)]
struct Found {
    /// What the message introduced of its sender, by kind and event ID.
    theirs: HashMap<(i8, u64), Arc<Reference>>,
    /// What comes home, by event ID.
    home: HashMap<u64, Thing>,
    /// The streams that it introduced.
    streams: HashMap<u64, Arc<Reading>>,
    /// Bytes of the names of objects' members that were decoded.
    members: AtomicUsize,
}

impl Scope {
    #[cfg(test)]
    pub(crate) fn new(theirs: HashMap<(i8, u64), Arc<Reference>>, home: HashMap<u64, Thing>) -> Scope {
        Scope::with_streams(theirs, home, HashMap::new())
    }

    pub(crate) fn with_streams(
        theirs: HashMap<(i8, u64), Arc<Reference>>,
        home: HashMap<u64, Thing>,
        streams: HashMap<u64, Arc<Reading>>,
    ) -> Scope {
        Scope { found: Some(Arc::new(Found { theirs, home, streams, members: AtomicUsize::new(0) })) }
    }

    /// A stream that the message introduced.
    pub(crate) fn stream(&self, id: u64) -> Option<Arc<Reading>> {
        self.found.as_ref()?.streams.get(&id).cloned()
    }

    /// What a reference of this message refers to.
    pub(crate) fn thing(&self, kind: i8, id: u64) -> Option<Thing> {
        let found = self.found.as_ref()?;
        match kind {
            value::HOME => found.home.get(&id).cloned(),
            kind => found.theirs.get(&(kind, id)).cloned().map(Thing::Theirs),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_none()
    }
}

/// What an argument is that was not given.
const UNDEFINED: &[u8] = &[0xd4, value::UNDEFINED as u8, 0];

thread_local! {
    /// The references of the message that this thread decodes right now. Decoding is synchronous, so an embedder's
    /// types need no seed to find them.
    static DECODING: RefCell<Option<Scope>> = const { RefCell::new(None) };
}

/// A scanned value on its way to whoever knows its type. Dropping it releases the references that nobody took.
#[derive(Debug)]
pub struct Incoming {
    bytes: Vec<u8>,
    scope: Scope,
    /// Where each argument stands, when the value is an array of arguments.
    arguments: Vec<Range<usize>>,
    /// It was thrown, and not returned.
    is_thrown: bool,
}

impl Incoming {
    pub(crate) fn new(bytes: &[u8], scope: Scope, arguments: Vec<Range<usize>>) -> Incoming {
        Incoming { bytes: bytes.to_vec(), scope, arguments, is_thrown: false }
    }

    /// What a plugin has thrown.
    pub(crate) fn thrown(bytes: &[u8], scope: Scope) -> Incoming {
        Incoming { is_thrown: true, ..Incoming::new(bytes, scope, Vec::new()) }
    }

    /// Whether it was thrown, and not returned.
    pub(crate) fn is_thrown(&self) -> bool {
        self.is_thrown
    }

    /// The value as it is, for whoever passes it on.
    pub(crate) fn into_parts(self) -> (Vec<u8>, Scope) {
        (self.bytes, self.scope)
    }

    /// Decodes the answer to a call.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        if self.is_thrown {
            return Err(CallError::Thrown(Box::new(Thrown::whole(&self.bytes).cleaned())));
        }
        self.decode_range(0..self.bytes.len()).map_err(CallError::Result)
    }

    /// Decodes one argument; one that was not given is `undefined`, so that an `Option` is `None`.
    pub(crate) fn argument<T: DeserializeOwned>(&self, index: usize) -> Result<T, String> {
        let result = match self.arguments.get(index) {
            Some(range) => self.decode_range(range.clone()),
            None => decode_in(&self.scope, UNDEFINED).map_err(|_| "missing".to_owned()),
        };
        result.map_err(|error| format!("argument {}: {error}", index + 1))
    }

    fn decode_range<T: DeserializeOwned>(&self, range: Range<usize>) -> Result<T, String> {
        decode_in(&self.scope, self.bytes.get(range).unwrap_or_default())
    }
}

/// Finds what a reference in the message that is being decoded refers to, by the extension value's kind and payload.
///
/// Returns an error outside of a decode, or for an id that the scan did not find: whatever a decoder believes to have
/// read there, it is not a reference.
pub(crate) fn received(kind: i8, payload: &[u8]) -> Result<Thing, String> {
    if kind == METHOD {
        let (object, name) = member(payload, |description| &description.methods)?;
        return Ok(Thing::Method(object, name));
    }
    let id = value::reference_id(kind, payload).ok_or("a reference without its number")?;
    find(kind, id)
}

fn find(kind: i8, id: u64) -> Result<Thing, String> {
    DECODING.with_borrow(|scope| match scope {
        None => Err("a function can only be decoded from a plugin's message".to_owned()),
        Some(scope) => {
            scope.thing(kind, id).ok_or_else(|| format!("reference {id} was not introduced by this message"))
        }
    })
}

/// Finds the object and the name of a property that stands in the place of a value.
pub(crate) fn received_accessor(payload: &[u8]) -> Result<(Arc<Reference>, Arc<str>), String> {
    member(payload, |description| &description.accessors)
}

/// The object of a member, and the member's name. It stands there by its place, because an object may have many.
fn member(
    payload: &[u8],
    members: impl Fn(&Description) -> &[String],
) -> Result<(Arc<Reference>, Arc<str>), String> {
    let not_there = || "a member that its object does not have".to_owned();
    let ([kind, id @ ..], place) = payload.split_first_chunk::<9>().ok_or_else(not_there)?;
    let place = place.first_chunk().map(|place| u32::from_le_bytes(*place)).ok_or_else(not_there)?;
    let Thing::Theirs(object) = find(*kind as i8, u64::from_le_bytes(*id))? else { return Err(not_there()) };
    let name = object.description().and_then(|description| members(description).get(place as usize));
    let name = name.ok_or_else(not_there)?.as_str().into();
    Ok((object, name))
}

/// Counts members of an object that is taken for a struct or map: an object that stands in a message often is described once,
/// and its members may not make more of the message than another message could have been.
pub(crate) fn take_members(bytes: usize) -> Result<(), String> {
    DECODING.with_borrow(|scope| {
        let Some(found) = scope.as_ref().and_then(|scope| scope.found.as_ref()) else { return Ok(()) };
        let before = found.members.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes <= limits::MESSAGE {
            return Ok(());
        }
        Err(format!("more than {} bytes of names of methods", limits::MESSAGE))
    })
}

/// Finds a stream that the message being decoded introduced, by the payload of its extension value.
pub(crate) fn received_stream(payload: &[u8]) -> Result<Arc<Reading>, String> {
    let id = value::reference_id(value::STREAM, payload).ok_or("a stream without its number")?;
    let stream = DECODING.with_borrow(|scope| scope.as_ref().and_then(|scope| scope.stream(id)));
    stream.ok_or_else(|| format!("stream {id} was not introduced by this message"))
}

/// Decodes the value inside of an extension value.
pub(crate) fn decode_payload<T: DeserializeOwned, E: de::Error>(kind: i8, payload: &[u8]) -> Result<T, E> {
    decode_with_path(Inside { kind, payload }).map_err(E::custom)
}

fn decode_in<T: DeserializeOwned>(scope: &Scope, bytes: &[u8]) -> Result<T, String> {
    let before = if scope.is_empty() { None } else { Some(DECODING.replace(Some(scope.clone()))) };
    // A guard, because an embedder's `Deserialize` may panic; and it restores, because decodes may nest.
    struct Restore(Option<Option<Scope>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            if let Some(before) = self.0.take() {
                DECODING.set(before);
            }
        }
    }
    let _restore = Restore(before);
    decode_with_path(&mut ValueDeserializer::new(bytes))
}

fn decode_with_path<'de, T: DeserializeOwned>(
    from: impl Deserializer<'de, Error = Error>,
) -> Result<T, String> {
    serde_path_to_error::deserialize(from).map_err(|error| {
        let path = error.path().to_string();
        let words = error.into_inner();
        if path == "." { words.0 } else { format!("{path}: {words}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(bytes: &[u8]) -> Incoming {
        let (_, ranges) = plughold_wire::scan_arguments(bytes, &plughold_wire::Bounds::default()).unwrap();
        Incoming::new(bytes, Scope::default(), ranges)
    }

    #[test]
    fn undefined_is_none_and_so_is_an_argument_that_was_not_given() {
        let undefined = arguments(&[0x91, 0xd4, value::UNDEFINED as u8, 0]);
        assert_eq!(undefined.argument::<Option<String>>(0), Ok(None));
        assert_eq!(undefined.argument::<Option<String>>(1), Ok(None));
        assert_eq!(undefined.argument::<crate::Value>(1), Ok(crate::Value::Undefined));
    }

    #[test]
    fn errors_say_which_argument_and_where_in_it() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Note {
            #[allow(dead_code, reason = "only its decoding matters")]
            tags: Vec<String>,
        }
        let mut bytes = vec![0x92, 0x01];
        bytes.extend(rmp_serde::to_vec_named(&serde_json::json!({ "tags": ["a", 3] })).unwrap());
        let incoming = arguments(&bytes);
        let error = |result: Result<(), String>| result.unwrap_err();
        assert_eq!(
            error(incoming.argument::<Note>(1).map(drop)),
            "argument 2: tags[1]: expected a string, found 3"
        );
        assert_eq!(error(incoming.argument::<String>(0).map(drop)), "argument 1: expected a string, found 1");
        assert_eq!(error(incoming.argument::<String>(2).map(drop)), "argument 3: missing");
    }
}

//! Values, as a hostile runner encodes them: scanned, decoded into every kind of type, encoded again and passed on.
//!
//! An input is one encoded value. References that come home are those of [`Peer::held`], which are always the same.

use crate::effort::{Heap, within};
use crate::reference;
use plughold::fuzzing::{Peer, Received};
use plughold::{
    BigInt, ByteStream, Bytes, Callback, Date, Function, Json, Map, Object, Property, RegExp, Remote, Set,
    Stream, Thrown, TypedArray, Value,
};
use plughold_protocol::pack::{Reader, Token};
use plughold_protocol::text::is_disruptive;
use plughold_protocol::{limits, value};
use plughold_wire::{Bounds, Scan, scan};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};
use tokio::runtime::Runtime;

/// What a list of references may take, and nothing else.
const SCAN: Heap = Heap { base: 8 << 10, each: 8 };

/// Every element takes a byte at least, and is once in a buffer of serde's and once in what is made of it, both of which
/// grow by doubling. A reference is a handle with a description.
const DECODE: Heap = Heap { base: 512 << 10, each: 2_000 };

thread_local! {
    static RUNTIME: Runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the system has room for a runtime");
}

/// A value is scanned as the rules say, decodes into nothing that does not stand in it, and means the same when it is
/// encoded again or passed on.
///
/// # Panics
///
/// If it does not.
pub fn check(bytes: &[u8]) {
    let scanned = within(SCAN, bytes.len(), || scan(bytes, &Bounds::default()));
    check_scan(bytes, scanned.as_ref().ok());
    let Ok(scanned) = scanned else { return };
    RUNTIME.with(|runtime| {
        let peer = Peer::new(runtime.handle()).expect("the system has room for a session");
        let before = (peer.held_by_host(), peer.held_by_plugin());
        within(DECODE, bytes.len(), || check_value(&peer, bytes, &scanned));
        within(DECODE, bytes.len(), || check_types(&peer, bytes, &scanned));
        assert_eq!((peer.held_by_host(), peer.held_by_plugin()), before, "something is held still");
    });
}

/// The scan says what a far simpler one says.
fn check_scan(bytes: &[u8], scanned: Option<&Scan>) {
    let expected = reference::contents(bytes);
    let is_small = |contents: &reference::Contents| {
        contents.depth <= limits::DEPTH
            && contents.nodes <= limits::NODES
            && contents.references.len() <= limits::REFERENCES
    };
    let expected = expected.filter(is_small).map(|contents| (contents.references, contents.nodes));
    let found = scanned.map(|scan| {
        let references = scan.references.iter().map(|reference| (reference.kind, reference.id));
        (references.collect::<Vec<_>>(), scan.nodes)
    });
    assert_eq!(found, expected);
}

/// Nothing is lost on the way through a [`Value`], and what is passed on undecoded refers to the same things.
fn check_value(peer: &Peer, bytes: &[u8], scanned: &Scan) {
    let Ok(received) = peer.receive(bytes) else { return };
    let Ok(decoded) = received.decode::<Value>() else { return };
    let count = references_in(&decoded);
    assert!(count <= scanned.references.len(), "{count} references of {scanned:?}");
    let json = Json::from(&decoded);
    assert!(!json.0.to_string().is_empty());
    let encoded = peer.encode(&decoded);
    let forwarded = peer.forward(received);
    if let (Ok(encoded), Ok(forwarded)) = (&encoded, &forwarded) {
        let [encoded, forwarded] = [encoded, forwarded].map(|bytes| scan(bytes, &Bounds::default()));
        let forwarded = forwarded.expect("what is passed on is within bounds").references;
        if count == scanned.references.len()
            && let Ok(encoded) = encoded
        {
            let shown = |references: &[plughold_wire::Reference]| {
                // A stream gets a number of its own each time.
                let known = |reference: &plughold_wire::Reference| {
                    (reference.kind != value::STREAM).then_some(reference.id)
                };
                references.iter().map(|each| (each.kind, known(each))).collect::<Vec<_>>()
            };
            assert_eq!(shown(&encoded.references), shown(&forwarded), "{decoded:?}");
        }
    }
    drop(decoded);
    if scanned.references.is_empty()
        && let Ok(encoded) = encoded
    {
        let again = peer.receive(&encoded).expect("what the host writes it can read");
        let decoded: Value = again.decode().expect("what the host writes is a value");
        assert_eq!(peer.encode(&decoded).as_ref(), Ok(&encoded), "{decoded:?}");
    }
}

/// Live things in a value.
fn references_in(value: &Value) -> usize {
    match value {
        Value::Callback(_)
        | Value::Remote(_)
        | Value::Function(_)
        | Value::Instance(_)
        | Value::Stream(_) => 1,
        Value::Map(Map(pairs)) => {
            pairs.iter().map(|(key, value)| references_in(key) + references_in(value)).sum()
        }
        Value::Set(Set(elements)) | Value::Array(elements) => elements.iter().map(references_in).sum(),
        Value::Object(properties) => properties.iter().map(|(_, value)| references_in(value)).sum(),
        Value::Error(thrown) => references_in_error(thrown),
        _ => 0,
    }
}

fn references_in_error(Thrown { cause, fields, value, .. }: &Thrown) -> usize {
    let fields = fields.iter().flat_map(|fields| fields.iter()).map(|(_, value)| value);
    let values = fields.chain(value.as_deref()).map(references_in).sum::<usize>();
    values + cause.as_deref().map_or(0, references_in_error)
}

/// Each type takes it or says why not; and what no reference stands in makes none, whatever buffers are on the way.
fn check_types(peer: &Peer, bytes: &[u8], scanned: &Scan) {
    let ids: Vec<u64> = scanned.references.iter().map(|reference| reference.id).collect();
    let has_none = ids.is_empty();
    let _either_is_fine = [
        decodes::<Flat>(peer, bytes),
        decodes::<Nested>(peer, bytes),
        decodes::<Either>(peer, bytes),
        decodes::<Tagged>(peer, bytes),
        decodes::<Apart>(peer, bytes),
        decodes::<Vec<Either>>(peer, bytes),
        decodes::<BTreeMap<String, Json>>(peer, bytes),
        decodes::<HashMap<Key, Value>>(peer, bytes),
        decodes::<(u8, i64, Option<f32>)>(peer, bytes),
        decodes::<Vec<Option<u128>>>(peer, bytes),
        decodes::<Json>(peer, bytes),
        decodes::<Plain>(peer, bytes),
    ];
    let live = [
        decodes::<Callback<Vec<Value>, Value>>(peer, bytes),
        decodes::<Option<Remote>>(peer, bytes).filter(|_| !is_nothing(bytes)),
        decodes::<Function>(peer, bytes),
        decodes::<Object>(peer, bytes),
        decodes::<Stream<Value>>(peer, bytes),
        decodes::<ByteStream>(peer, bytes),
        decodes::<OneFunction>(peer, bytes),
        decodes::<Wrapped>(peer, bytes),
        decodes::<Methods>(peer, bytes),
    ];
    assert!(!has_none || live.iter().all(Option::is_none), "a reference out of plain data: {bytes:02x?}");
    if let Ok(received) = peer.receive(bytes) {
        let thrown = received.thrown();
        let is_harmless =
            |text: &str| !text.contains(|found| is_disruptive(found) && !matches!(found, '\t' | '\n'));
        assert!(is_harmless(&thrown.to_string()), "{thrown:?}");
        assert!(is_harmless(thrown.stack.as_deref().unwrap_or_default()), "{thrown:?}");
        assert_eq!(references_in_error(&thrown), 0, "what is thrown holds nothing: {thrown:?}");
    }
}

/// Whether an `Option` is none.
fn is_nothing(bytes: &[u8]) -> bool {
    matches!(Reader::new(bytes).token(), Ok(Token::Nil | Token::Extension(value::UNDEFINED, _)))
}

/// Decodes a value, and its arguments if it is an array. Some if the whole is a `T`.
fn decodes<T: DeserializeOwned>(peer: &Peer, bytes: &[u8]) -> Option<()> {
    let received: Received = peer.receive(bytes).ok()?;
    let _either_is_fine = (received.argument::<T>(0).is_ok(), received.argument::<T>(1).is_ok());
    match received.decode::<T>() {
        Ok(_) => Some(()),
        Err(words) => {
            assert!(!words.is_empty(), "refused without a reason");
            None
        }
    }
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only what decoding does matters here, in all types below")]
struct Flat {
    name: Option<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "see Flat")]
struct Nested {
    #[serde(flatten)]
    inner: Flat,
    #[serde(flatten)]
    other: HashMap<String, Option<Callback<(), ()>>>,
    #[serde(default)]
    when: Option<Date>,
    #[serde(default)]
    bytes: Bytes,
}

#[derive(Deserialize)]
#[serde(untagged)]
#[allow(dead_code, reason = "see Flat")]
enum Either {
    Function(Callback<Vec<Value>, Value>),
    Object(Remote),
    Own(Function),
    Number(f64),
    Whole(i64),
    Text(String),
    Date(Date),
    Big(BigInt),
    Pattern(RegExp),
    Array(TypedArray),
    Error(Thrown),
    Pairs(Map<Json, Box<Either>>),
    Unique(Set<Either>),
    List(Vec<Either>),
    Named(BTreeMap<String, Either>),
    Anything(Value),
}

#[derive(Deserialize)]
#[serde(tag = "type")]
#[allow(dead_code, reason = "see Flat")]
enum Tagged {
    Call { function: Callback<(), Value> },
    Data { value: Value },
    Whole(BTreeMap<String, Either>),
    Nothing,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "value")]
#[allow(dead_code, reason = "see Flat")]
enum Apart {
    Call(Callback<(), Value>),
    Several(Vec<Apart>),
    Anything(Value),
}

#[derive(Deserialize, PartialEq, Eq, Hash)]
#[serde(untagged)]
enum Key {
    Number(i32),
    Text(String),
}

/// The usual types of an application.
#[derive(Deserialize)]
#[allow(dead_code, reason = "see Flat")]
struct Plain {
    id: u32,
    title: String,
    #[serde(default)]
    tags: Vec<String>,
    place: Option<(f64, f64)>,
    kind: Option<Kind>,
    letter: Option<char>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "see Flat")]
enum Kind {
    Small,
    Large(u64),
    Pair(u8, Value),
    Named { name: String },
}

/// Nothing but a function, out of a buffer.
#[derive(Deserialize)]
#[serde(untagged)]
#[allow(dead_code, reason = "see Flat")]
enum OneFunction {
    Theirs(Callback<(), ()>),
    Own(Function),
}

/// A function behind `flatten`, where serde keeps everything in a buffer.
#[derive(Deserialize)]
#[allow(dead_code, reason = "see Flat")]
struct Wrapped {
    #[serde(flatten)]
    inner: Inner,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "see Flat")]
struct Inner {
    run: Callback<Vec<Value>, Value>,
}

/// What an object by reference can be taken for.
#[derive(Deserialize)]
#[allow(dead_code, reason = "see Flat")]
struct Methods {
    run: Callback<Vec<Value>, Value>,
    size: Property<Value>,
}

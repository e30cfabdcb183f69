//! Values of the application, through the codec and home again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::fuzzing::Peer;
use plughold::{BigInt, Bytes, Date, Json, Map, RegExp, Set, Thrown, TypedArray, Undefined, Value};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tokio::runtime::{Builder, Runtime};

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().enable_all().build().unwrap();
}

/// What a value is in the plugin, and what comes back when the plugin gives it back.
fn there_and_back<T: Serialize, U: DeserializeOwned>(value: &T) -> (Vec<u8>, U) {
    RUNTIME.with(|runtime| {
        let peer = Peer::new(runtime.handle()).unwrap();
        let bytes = peer.encode(value).unwrap();
        let received = peer.receive(&bytes).unwrap();
        (bytes, received.decode().unwrap())
    })
}

/// The furthest moment that a `Date` can say, in milliseconds from 1970.
const FURTHEST: i64 = 8_640_000_000_000_000;

fn scalars() -> impl Strategy<Value = Value> {
    let arrays = prop_oneof![
        prop::collection::vec(any::<i16>(), 0..5).prop_map(|it| TypedArray::from(&it[..])),
        prop::collection::vec(any::<u32>(), 0..5).prop_map(|it| TypedArray::from(&it[..])),
        prop::collection::vec(any::<f64>(), 0..5).prop_map(|it| TypedArray::from(&it[..])),
    ];
    prop_oneof![
        Just(Value::Undefined),
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_map(Value::Number),
        any::<i64>().prop_map(Value::from),
        (any::<bool>(), prop::collection::vec(any::<u8>(), 0..20))
            .prop_map(|(is_negative, bytes)| Value::BigInt(BigInt::from_parts(is_negative, &bytes))),
        ".{0,40}".prop_map(Value::String),
        (-FURTHEST..=FURTHEST).prop_map(|it| Value::Date(Date(it))),
        (".{0,9}", "[dgimsuy]{0,3}").prop_map(|(source, flags)| Value::RegExp(RegExp { source, flags })),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(|it| Value::Bytes(Bytes(it))),
        arrays.prop_map(Value::TypedArray),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    scalars().prop_recursive(5, 40, 6, |inner| {
        let several = prop::collection::vec(inner.clone(), 0..6);
        let pairs = prop::collection::vec((inner.clone(), inner.clone()), 0..4);
        // Names of an object stand once in it.
        let named = prop::collection::btree_map(".{0,6}", inner.clone(), 0..6);
        prop_oneof![
            several.clone().prop_map(Value::Array),
            several.prop_map(|it| Value::Set(Set(it))),
            pairs.prop_map(|it| Value::Map(Map(it))),
            named.clone().prop_map(|it| Value::Object(it.into_iter().collect())),
            ("[A-Z][a-z]{0,6}", ".{0,20}", prop::option::of("[A-Z_]{1,6}"), "[a-z]{9}", inner).prop_map(
                |(name, message, code, field, value)| {
                    let thrown = Thrown::new(name, message).with_field(field, value);
                    Value::Error(Box::new(Thrown { code, ..thrown }))
                }
            ),
        ]
    })
}

/// A type as applications have them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Note {
    id: u64,
    title: String,
    place: Option<(f64, f64)>,
    tags: Vec<String>,
    kind: Kind,
    counts: BTreeMap<String, i32>,
    #[serde(flatten)]
    rest: BTreeMap<String, Loose>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Plain,
    Todo { is_done: bool },
    Link(String),
    Pair(i8, char),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Loose {
    Flag(bool),
    Whole(i64),
    Text(String),
    List(Vec<Loose>),
}

fn notes() -> impl Strategy<Value = Note> {
    let kind = prop_oneof![
        Just(Kind::Plain),
        any::<bool>().prop_map(|is_done| Kind::Todo { is_done }),
        ".{0,9}".prop_map(Kind::Link),
        (any::<i8>(), any::<char>()).prop_map(|(number, letter)| Kind::Pair(number, letter)),
    ];
    let leaf = prop_oneof![
        any::<bool>().prop_map(Loose::Flag),
        any::<i32>().prop_map(|it| Loose::Whole(it.into())),
        ".{0,9}".prop_map(Loose::Text)
    ];
    let loose =
        leaf.prop_recursive(2, 8, 4, |inner| prop::collection::vec(inner, 0..4).prop_map(Loose::List));
    (
        0..1u64 << 53,
        ".{0,40}",
        prop::option::of((-1e9..1e9, -1e9..1e9)),
        prop::collection::vec(".{0,9}", 0..4),
        kind,
        prop::collection::btree_map(".{0,5}", any::<i32>(), 0..4),
        prop::collection::btree_map("x[a-z]{0,5}", loose, 0..4),
    )
        .prop_map(|(id, title, place, tags, kind, counts, rest)| Note {
            id,
            title,
            place,
            tags,
            kind,
            counts,
            rest,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_value_comes_home(value in values()) {
        let (bytes, back): (_, Value) = there_and_back(&value);
        prop_assert_eq!(&back, &value);
        let (again, _): (_, Value) = there_and_back(&back);
        prop_assert_eq!(again, bytes, "one value, one form");
    }

    #[test]
    fn every_type_comes_home(note in notes()) {
        let (_, back): (_, Note) = there_and_back(&note);
        prop_assert_eq!(&back, &note);
        // And through a value, as a plugin passes it on that does not know the type.
        let (_, value): (_, Value) = there_and_back(&note);
        let (_, back): (_, Note) = there_and_back(&value);
        prop_assert_eq!(back, note);
    }

    #[test]
    fn numbers_keep_every_bit(number in any::<f64>(), whole in any::<i64>(), wide in any::<i128>()) {
        let (_, back): (_, f64) = there_and_back(&number);
        prop_assert_eq!(back.to_bits(), number.to_bits());
        let (_, back): (_, i64) = there_and_back(&whole);
        prop_assert_eq!(back, whole);
        let (_, back): (_, i128) = there_and_back(&wide);
        prop_assert_eq!(back, wide);
    }

    #[test]
    fn json_says_the_same_of_a_value_and_of_what_was_received(value in values()) {
        let (_, received): (_, Json) = there_and_back(&value);
        prop_assert_eq!(received, Json::from(&value));
    }
}

#[test]
fn nothing_is_nothing() {
    let (_, back): (_, Option<u8>) = there_and_back(&Undefined);
    assert_eq!(back, None);
}

//! What an application sends: plain Rust types and those of the library.

use crate::document::row;
use crate::{SHOW, finish, parties};
use plughold::{
    AbortSignal, BigInt, Bytes, Callback, Cx, Date, Disposable, Function, Json, Map, Object, RegExp, Set,
    Source, Thrown, TypedArray, Undefined, Value,
};
use plughold_tests::patiently;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Serialize)]
struct Note {
    title: &'static str,
    words: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Plain,
    LinkTo(&'static str),
    Sized { width: u32 },
}

fn note(title: &'static str) -> Note {
    Note { title, words: None }
}

fn object() -> Object {
    Object::builder("Counter", ())
        .method("add", async |_: Cx<()>, more: u32| Ok::<_, Thrown>(more))
        .accessor("count", async |_: Cx<()>| Ok::<_, Thrown>(7))
        .build()
}

fn function() -> Function {
    Function::new((), async |_: Cx<()>| Ok::<_, Thrown>(())).named("save")
}

fn regexp(source: &str, flags: &str) -> RegExp {
    RegExp { source: source.to_owned(), flags: flags.to_owned() }
}

pub(crate) async fn table() -> String {
    let source = format!(
        "{SHOW}
const kept = () => 1;
class Note {{ read() {{}} }}
const note = new Note();
export const give = () => kept;
export const giveNote = () => note;
export const seen = (value) => value === kept ? 'the very same function' : value === note ? 'the very same object' : show(value);"
    );
    let (host, first, second, teller) = parties(&source).await;
    let mut table = "| in Rust | in the plugin |\n|---|---|\n".to_owned();
    macro_rules! rows {
        ($($sent:expr),* $(,)?) => {
            $({
                let words = stringify!($sent).replace("& ", "&");
                let answer = patiently(&words, first.call::<_, String>("seen", ($sent,))).await;
                let seen = answer.unwrap_or_else(|error| error.to_string());
                table += &row(&format!("`{words}`"), &[&seen]);
            })*
        };
    }
    rows![
        (),
        None::<u8>,
        Some(7),
        Undefined,
        true,
        u64::MAX,
        i64::MIN,
        u128::MAX,
        1.5f32,
        -0.0,
        f64::NAN,
        f64::INFINITY,
        'c',
        "text",
        [1, 2],
        vec![Some(1), None],
        (1, "a"),
        BTreeMap::from([("a", 1)]),
        BTreeMap::from([(7, "seven")]),
        BTreeSet::from([1, 2]),
        note("a"),
        Kind::Plain,
        Kind::LinkTo("a"),
        Kind::Sized { width: 1 },
        Bytes(vec![1, 2]),
        vec![1u8, 2],
        TypedArray::from([0.5f32].as_slice()),
        BigInt::from(7u64),
        Date(0),
        regexp("a", "gi"),
        Map::from_iter([(note("key"), 1)]),
        Set::from_iter([1, 2]),
        Thrown::new("RangeError", "m").with_code("E").with_field("own", 1),
        Thrown::new("NotFound", "m"),
        Json(serde_json::json!({ "a": [1, null] })),
        Value::Undefined,
        function(),
        object(),
        Disposable::new(|| {}),
        AbortSignal,
        Source::from_items([1, 2]),
    ];
    let callback_of_this_plugin: Callback<(), Json> =
        patiently("an answer", first.call("give", ())).await.unwrap();
    let remote_of_this_plugin: Value = patiently("an answer", first.call("giveNote", ())).await.unwrap();
    let callback_of_another_plugin: Callback<(Value,), String> = teller.lock().unwrap().clone().unwrap();
    rows![callback_of_this_plugin, remote_of_this_plugin, callback_of_another_plugin];
    drop((first, second));
    finish(host, teller).await;
    table
}

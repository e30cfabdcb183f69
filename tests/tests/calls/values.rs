//! Values on their way in all directions.

use crate::{answer, api, evaluate};
use expect_test::expect;
use plughold::Bytes;
use plughold_tests::{TestHost, patiently};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Many kinds of fields, as an application has them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Note {
    title: String,
    words: u64,
    balance: i64,
    ratio: f64,
    whole_ratio: f64,
    done: bool,
    parent: Option<Box<Note>>,
    tags: Vec<String>,
    scores: BTreeMap<String, i32>,
    body: Bytes,
    kinds: Vec<Kind>,
    pair: (u8, String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    Plain,
    LinkTo(String),
    Sized { width: u32, height: u32 },
}

fn note() -> Note {
    let inner = Note {
        title: "inner \u{1f600} \0 \u{2028}".to_owned(),
        words: (1 << 53) - 1,
        balance: -(1 << 53) + 1,
        ratio: -0.1,
        whole_ratio: 2.0,
        done: false,
        parent: None,
        tags: Vec::new(),
        scores: BTreeMap::new(),
        body: Bytes(Vec::new()),
        kinds: Vec::new(),
        pair: (0, String::new()),
    };
    Note {
        title: "outer".to_owned(),
        parent: Some(Box::new(inner.clone())),
        tags: vec!["a".to_owned(), String::new()],
        scores: BTreeMap::from([("x".to_owned(), 1), ("__proto__".to_owned(), -1), ("1".to_owned(), 2)]),
        body: Bytes((0..=255).collect()),
        kinds: vec![Kind::Plain, Kind::LinkTo("b".to_owned()), Kind::Sized { width: 1, height: 2 }],
        ..inner
    }
}

#[tokio::test]
async fn typed_values_cross_in_all_four_directions_unharmed() {
    let mut host = TestHost::new(api());
    let plugin = host.load("mirror", "export const mirror = (note) => app.notes.echo(note);").await;
    assert_eq!(patiently("an answer", plugin.call("mirror", (note(),))).await, Ok(note()));
    host.finish().await;
}

/// What a plugin returns, as whoever does not know the types gets it.
#[tokio::test]
async fn every_kind_of_value_is_told_as_json_or_refused_with_its_path() {
    let rows = [
        "undefined",
        "null",
        "[undefined, , null]",
        "{ a: undefined }",
        "NaN",
        "-Infinity",
        "-0",
        "0.1",
        "2 ** 53",
        "-(2 ** 63)",
        "10n ** 30n",
        "-1n",
        r"'\ud800'",
        r"'\0\u2028'",
        "new Date(0)",
        "new Date(NaN)",
        "new Map([[{ a: 1 }, new Map()]])",
        "new Set([1, 'a'])",
        r"/a\/b/gi",
        "new Uint8Array(3)",
        "new Float32Array([1.5])",
        "new ArrayBuffer(8)",
        "() => 1",
        "class A {}",
        "new (class A { x = 1; #y = 2 })()",
        "new RangeError('r')",
        "{ toJSON() { return 1 } }",
        "Object.create(null, { a: { value: 1, enumerable: true } })",
        "{ get a() { return 1 } }",
        "{ get a() { throw new TypeError('g') } }",
        "Symbol('s')",
        "{ a: [Symbol.iterator] }",
        "new WeakMap()",
        "(() => { const a = { b: [] }; a.b.push(a); return a })()",
        "[Promise.resolve(1)]",
        "Promise.resolve(1)",
        "{ then(done) { done(2) } }",
        "new Proxy({ a: 1 }, {})",
        "new Proxy([], { get() { throw 3 } })",
        "Array(100_001).fill(0)",
        "Array(65).fill().reduce((inner) => [inner], 0)",
        "Array(64).fill().reduce((inner) => [inner], 0)",
    ];
    expect![[r#"
        undefined -> null
        null -> null
        [undefined, , null] -> [null,null,null]
        { a: undefined } -> {"a":null}
        NaN -> "NaN"
        -Infinity -> "-Infinity"
        -0 -> -0.0
        0.1 -> 0.1
        2 ** 53 -> 9007199254740992.0
        -(2 ** 63) -> -9.223372036854776e+18
        10n ** 30n -> "1000000000000000000000000000000"
        -1n -> "-1"
        '\ud800' -> "�"
        '\0\u2028' -> "\u0000 "
        new Date(0) -> "1970-01-01T00:00:00.000Z"
        new Date(NaN) -> TypeError: cannot send result: an invalid Date has no copy
        new Map([[{ a: 1 }, new Map()]]) -> {"$map":[{"a":1},{"$map":[]}]}
        new Set([1, 'a']) -> {"$set":[1,"a"]}
        /a\/b/gi -> {"$regexp":["a\\/b","gi"]}
        new Uint8Array(3) -> {"$bytes":3}
        new Float32Array([1.5]) -> {"$bytes":4}
        new ArrayBuffer(8) -> {"$bytes":8}
        () => 1 -> {"$function":true}
        class A {} -> {"$function":true}
        new (class A { x = 1; #y = 2 })() -> TypeError: cannot send result: an instance of A has no copy and no reference yet
        new RangeError('r') -> {"$error":"RangeError: r"}
        { toJSON() { return 1 } } -> {"toJSON":{"$function":true}}
        Object.create(null, { a: { value: 1, enumerable: true } }) -> {"a":1}
        { get a() { return 1 } } -> {"a":1}
        { get a() { throw new TypeError('g') } } -> TypeError: g
        Symbol('s') -> TypeError: cannot send result: a symbol has no copy
        { a: [Symbol.iterator] } -> TypeError: cannot send result.a[0]: a symbol has no copy
        new WeakMap() -> TypeError: cannot send result: an instance of WeakMap has no copy and no reference yet
        (() => { const a = { b: [] }; a.b.push(a); return a })() -> TypeError: cannot send result.b[0]: result.b[0] is its own ancestor
        [Promise.resolve(1)] -> TypeError: cannot send result[0]: an instance of Promise has no copy and no reference yet
        Promise.resolve(1) -> 1
        { then(done) { done(2) } } -> 2
        new Proxy({ a: 1 }, {}) -> {"a":1}
        new Proxy([], { get() { throw 3 } }) -> 3
        Array(100_001).fill(0) -> TypeError: cannot send result: more than 100000 values
        Array(65).fill().reduce((inner) => [inner], 0) -> TypeError: cannot send result[0][0][0][0][0][0][0][0]…[0][0][0][0][0][0][0][0]: nested deeper than 64
        Array(64).fill().reduce((inner) => [inner], 0) -> [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
    "#]].assert_eq(&evaluate(&rows).await);
}

#[tokio::test]
async fn a_result_of_another_type_is_an_error_of_the_call() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Count {
        words: u32,
    }
    let mut host = TestHost::new(api());
    let plugin = host.load("typed", "export const list = () => [{ words: 'many' }];").await;
    let error = answer::<Vec<Count>>(&plugin, "list").await.unwrap_err();
    expect![[
        r#"the result has another type: [0].words: expected a whole number (u32), found the string "many""#
    ]]
    .assert_eq(&error.to_string());
    host.finish().await;
}

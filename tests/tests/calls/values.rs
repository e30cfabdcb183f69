//! Values on their way in all directions.

use crate::{answer, api, evaluate};
use expect_test::expect;
use plughold::{BigInt, Bytes, Date, Map, Plugin, RegExp, Set, Thrown, TypedArray, Undefined};
use plughold_tests::{TestHost, patiently};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::{Debug, Write};

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
        new (class A { x = 1; #y = 2 })() -> {"$object":true}
        new RangeError('r') -> {"$error":"RangeError: r"}
        { toJSON() { return 1 } } -> {"toJSON":{"$function":true}}
        Object.create(null, { a: { value: 1, enumerable: true } }) -> {"a":1}
        { get a() { return 1 } } -> {"a":1}
        { get a() { throw new TypeError('g') } } -> TypeError: g
        Symbol('s') -> TypeError: cannot send result: a symbol has no copy
        { a: [Symbol.iterator] } -> TypeError: cannot send result.a[0]: a symbol has no copy
        new WeakMap() -> TypeError: cannot send result: an instance of WeakMap has no copy
        (() => { const a = { b: [] }; a.b.push(a); return a })() -> TypeError: cannot send result.b[0]: result.b[0] is its own ancestor
        [Promise.resolve(1)] -> TypeError: cannot send result[0]: a promise has no copy: await it first
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

/// What the types of an application are in a plugin, and that they come back as they were.
#[tokio::test]
async fn types_of_the_application_are_what_javascript_has_for_them() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Row<T> {
        value: T,
    }
    async fn row<T>(plugin: &Plugin, value: T, told: &mut String)
    where
        T: Clone + Debug + PartialEq + Serialize + DeserializeOwned,
    {
        let row = Row { value };
        let call = plugin.call("look", (row.clone(),));
        let (kind, back): (String, Row<T>) = patiently("an answer", call).await.unwrap();
        assert_eq!(back, row);
        writeln!(told, "{:?} is {kind}", row.value).unwrap();
    }
    let source = "
export const look = (row) => {
    const { value } = row;
    const kind = value === null || typeof value !== 'object' ? typeof value : value.constructor.name;
    const seen = value instanceof Map || value instanceof Set ? [...value] : value;
    return [kind === 'object' ? 'null' : `${kind} ${typeof seen === 'bigint' ? seen : JSON.stringify(seen)}`, row];
};
";
    let mut host = TestHost::new(api());
    let plugin = host.load("looks", source).await;
    let mut told = String::new();
    let to = &mut told;
    row(&plugin, u64::from(u32::MAX), to).await;
    row(&plugin, 1u64 << 53, to).await;
    row(&plugin, i64::MIN, to).await;
    row(&plugin, i128::MIN, to).await;
    row(&plugin, 0.5f32, to).await;
    row(&plugin, -0.0, to).await;
    row(&plugin, 'x', to).await;
    row(&plugin, (), to).await;
    row(&plugin, None::<bool>, to).await;
    row(&plugin, Undefined, to).await;
    row(&plugin, vec![1u8, 2], to).await;
    row(&plugin, Bytes(vec![1, 2]), to).await;
    row(&plugin, TypedArray::from([0.5f32].as_slice()), to).await;
    row(&plugin, BTreeMap::from([(7u8, true)]), to).await;
    row(&plugin, Map(vec![(7u8, true)]), to).await;
    row(&plugin, Set(vec![7u8]), to).await;
    row(&plugin, Date(0), to).await;
    row(&plugin, BigInt::from(7i64), to).await;
    row(&plugin, RegExp { source: "a".into(), flags: "g".into() }, to).await;
    row(&plugin, Thrown::new("RangeError", "r").with_field("a", 1), to).await;
    row(&plugin, Kind::LinkTo("b".into()), to).await;
    expect![[r#"
        4294967295 is number 4294967295
        9007199254740992 is bigint 9007199254740992
        -9223372036854775808 is bigint -9223372036854775808
        -170141183460469231731687303715884105728 is bigint -170141183460469231731687303715884105728
        0.5 is number 0.5
        -0.0 is number 0
        'x' is string "x"
        () is null
        None is null
        Undefined is undefined undefined
        [1, 2] is Array [1,2]
        Bytes([1, 2]) is Uint8Array {"0":1,"1":2}
        TypedArray { kind: Float32, bytes: [0, 0, 0, 63] } is Float32Array {"0":0.5}
        {7: true} is Object {"7":true}
        Map([(7, true)]) is Map [[7,true]]
        Set([7]) is Set [7]
        Date(0) is Date "1970-01-01T00:00:00.000Z"
        BigInt { is_negative: false, magnitude: [7] } is bigint 7
        RegExp { source: "a", flags: "g" } is RegExp {}
        Thrown { name: "RangeError", message: "r", stack: None, code: None, cause: None, fields: Some([("a", Number(1.0))]), value: None } is RangeError {"a":1}
        LinkTo("b") is Object {"linkTo":"b"}
    "#]].assert_eq(&told);
    host.finish().await;
}

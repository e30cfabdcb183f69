//! What a plugin sends: to the application, back again, and through the application to another plugin.

use crate::document::row;
use crate::{SHOW, finish, parties};
use plughold::{
    BigInt, ByteStream, Bytes, CallError, Callback, Date, Map, Plugin, RegExp, Remote, Set, Stream, Thrown,
    TypedArray, Undefined, Value,
};
use plughold_tests::patiently;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::pin::Pin;

type Taken<'a> = Pin<Box<dyn Future<Output = Result<(), CallError>> + 'a>>;

/// A Rust type by its name, and whether it takes what an export gives.
type Type = (&'static str, fn(&Plugin, String) -> Taken<'_>);

fn takes<T: DeserializeOwned + 'static>(plugin: &Plugin, export: String) -> Taken<'_> {
    Box::pin(async move { patiently("an answer", plugin.call::<_, T>(&export, ())).await.map(drop) })
}

macro_rules! types {
    ($($taken:ty),* $(,)?) => { &[$((stringify!($taken), takes::<$taken>)),*] };
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its decoding matters")]
struct Note {
    title: String,
    words: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its decoding matters")]
enum Kind {
    Plain,
    LinkTo(String),
}

/// A kind of value, in words and in JavaScript, and the Rust types that are likely to take it.
struct Row(&'static str, &'static str, &'static [Type]);

const ROWS: &[Row] = &[
    Row("nothing", "undefined", types![(), Option<u8>, Undefined]),
    Row("", "null", types![(), Option<u8>]),
    Row("boolean", "true", types![bool]),
    Row("whole number", "7", types![u8, i64, f64]),
    Row("", "2 ** 53 - 1", types![u64, f64]),
    Row("", "2 ** 53", types![u64, f64]),
    Row("other number", "1.5", types![f64, f32]),
    Row("", "-0", types![f64, i8]),
    Row("", "NaN", types![f64]),
    Row("", "-Infinity", types![f64]),
    Row("BigInt", "7n", types![BigInt, u8, i64]),
    Row("", "-(10n ** 20n)", types![BigInt, i128]),
    Row("string", "'text \\u{1f600}'", types![String]),
    Row("string with half a character", "'\\ud800'", types![String]),
    Row("`Date`", "new Date(0)", types![Date, std::time::SystemTime]),
    Row("`RegExp`", "/a\\/b/gi", types![RegExp]),
    Row("`Map`", "new Map([['a', 1]])", types![Map<String, u32>, BTreeMap<String, u32>]),
    Row("", "new Map([[{ a: 1 }, new Map()]])", types![Map<Value, Value>]),
    Row("`Set`", "new Set([1, 2])", types![Set<u32>, BTreeSet<u32>, Vec<u32>]),
    Row("bytes", "new Uint8Array([1, 2])", types![Bytes, Vec<u8>]),
    Row("", "new ArrayBuffer(2)", types![Bytes, TypedArray]),
    Row("", "new Uint8Array([1, 2, 3, 4]).subarray(1, 3)", types![Bytes, Vec<u8>]),
    Row("typed array", "new Int8Array([-1])", types![TypedArray, Vec<i8>]),
    Row("", "new Uint8ClampedArray([1])", types![TypedArray, Vec<u8>]),
    Row("", "new Int16Array([-1])", types![TypedArray, Vec<i16>]),
    Row("", "new Uint16Array([1])", types![TypedArray, Vec<u16>]),
    Row("", "new Int32Array([-1])", types![TypedArray, Vec<i32>]),
    Row("", "new Uint32Array([1])", types![TypedArray, Vec<u32>]),
    Row("", "new BigInt64Array([-1n])", types![TypedArray, Vec<i64>]),
    Row("", "new BigUint64Array([1n])", types![TypedArray, Vec<u64>]),
    Row("", "new Float16Array([1.5])", types![TypedArray, Vec<f32>]),
    Row("", "new Float32Array([1.5])", types![TypedArray, Vec<f32>]),
    Row("", "new Float64Array([1.5])", types![TypedArray, Vec<f64>]),
    Row("", "new DataView(new ArrayBuffer(2))", types![TypedArray]),
    Row("array", "[1, 'a']", types![(u8, String), Vec<Value>]),
    Row("array with holes", "[1, , undefined]", types![Vec<Option<u8>>]),
    Row("array of a class of its own", "(class A extends Array {}).of(1)", types![Vec<u8>]),
    Row("plain object", "({ title: 'a', words: 1 })", types![Note, BTreeMap<String, Value>]),
    Row("", "({ title: 'a', words: undefined })", types![Note]),
    Row("", "'plain'", types![Kind, String]),
    Row("", "({ linkTo: 'a' })", types![Kind]),
    Row(
        "object without a prototype",
        "Object.assign(Object.create(null), { a: 1 })",
        types![BTreeMap<String, u8>],
    ),
    Row("getter of a plain object", "({ get a() { return 1 } })", types![BTreeMap<String, u8>]),
    Row(
        "hidden property",
        "Object.defineProperty({ a: 1 }, 'b', { value: 2 })",
        types![BTreeMap<String, u8>],
    ),
    Row("symbol as a key", "({ a: 1, [Symbol('s')]: 2 })", types![BTreeMap<String, u8>]),
    Row("`__proto__` as a key", "JSON.parse('{\"__proto__\": 1}')", types![BTreeMap<String, u8>]),
    Row("arguments", "(function () { return arguments })(1, 2)", types![BTreeMap<String, u8>]),
    Row("proxy", "new Proxy({ a: 1 }, {})", types![BTreeMap<String, u8>]),
    Row("error", "new RangeError('m')", types![Thrown]),
    Row(
        "",
        "Object.assign(new Error('m', { cause: new TypeError('c') }), { code: 'E', own: [1] })",
        types![Thrown],
    ),
    Row(
        "error of a class of its own",
        "new (class NotFound extends Error { name = 'NotFound' })('m')",
        types![Thrown],
    ),
    Row("", "new AggregateError([new Error('a'), 1], 'm')", types![Thrown]),
    Row("", "new DOMException('m', 'AbortError')", types![Thrown]),
    Row("function", "function name() {}", types![Callback<(), ()>]),
    Row("", "async () => 1", types![Callback<(), u8>]),
    Row("class", "class A {}", types![Callback<(), ()>]),
    Row(
        "instance of a class",
        "new (class Note { title = 'a'; read() {} get words() { return 1 } })()",
        types![Remote],
    ),
    Row("promise as a result", "Promise.resolve(1)", types![u8]),
    Row("promise inside of data", "[Promise.resolve(1)]", types![Vec<u8>]),
    Row("abort signal, among arguments: `AbortSignal`", "new AbortController().signal", types![]),
    Row(
        "stream",
        "new ReadableStream({ pull(controller) { controller.close() } })",
        types![Stream<Value>, ByteStream],
    ),
    Row("", "(async function* () { yield new Uint8Array(1) })()", types![Stream<Bytes>, ByteStream]),
    Row("URL", "new URL('https://a.example/b')", types![Remote, String]),
    Row("function of the API", "app.echo", types![Callback<(), ()>]),
    Row("boxed primitive", "new Number(7)", types![f64]),
    Row("", "new String('a')", types![String]),
    Row("symbol", "Symbol('s')", types![Value]),
    Row("", "({ a: [Symbol.iterator] })", types![Value]),
    Row("weak collection", "new WeakMap()", types![Value]),
    Row("", "({ a: new WeakSet() })", types![Value]),
    Row("", "new WeakRef({})", types![Value]),
    Row("generator", "(function* () { yield 1 })()", types![Value]),
    Row("iterator", "[1].values()", types![Value]),
    Row("the global object", "({ a: globalThis })", types![Value]),
    Row("namespace of the language", "Math", types![Value]),
    Row("invalid `Date`", "({ when: new Date(NaN) })", types![Value]),
    Row(
        "itself",
        "(() => { const parent = { command: {} }; parent.command.parent = parent; return parent })()",
        types![Value],
    ),
    Row("", "(() => { const map = new Map(); map.set('self', map); return map })()", types![Value]),
    Row("getter that throws", "({ get a() { throw new RangeError('mine') } })", types![Value]),
    Row(
        "revoked proxy",
        "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return [proxy] })()",
        types![Value],
    ),
    Row(
        "bytes that were given away",
        "(() => { const bytes = new Uint8Array(1); bytes.buffer.transfer(); return { bytes } })()",
        types![Value],
    ),
    Row("shared memory", "new SharedArrayBuffer(1)", types![Value]),
    Row("deeper than 64", "Array(65).fill().reduce((inner) => [inner], 0)", types![Value]),
    Row("more than 100,000 values", "Array(100_001).fill(0)", types![Value]),
    Row("longer than 32 MiB", "'x'.repeat(32 * 1024 * 1024)", types![Value]),
];

/// The table of what travels, and the one of what does not.
pub(crate) async fn tables() -> (String, String) {
    let mut source = SHOW.to_owned();
    for (number, Row(_, expression, _)) in ROWS.iter().enumerate() {
        write!(
            source,
            "
const make{number} = () => ({expression});
export const give{number} = () => make{number}();
export const told{number} = () => app.told(make{number}());
export const json{number} = () => app.json(make{number}());
export const passed{number} = () => app.passOn(make{number}());
export const back{number} = async () => {{
    const there = make{number}();
    const back = await app.echo(there);
    return typeof back === 'object' && back !== null && back === there || typeof back === 'function' && back === there
        ? 'the very same' : show(back);
}};
"
        )
        .unwrap();
    }
    let (host, first, second, teller) = parties(&source).await;
    let mut travelling =
        "| kind | in the plugin | Rust types | `Value` | `Json` | back in the plugin | in another plugin |
|---|---|---|---|---|---|---|
"
        .to_owned();
    let mut refused = "| kind | in the plugin | what its call throws |\n|---|---|---|\n".to_owned();
    for (number, Row(name, expression, types)) in ROWS.iter().enumerate() {
        let ask = async |column: &str| {
            let answer =
                patiently(expression, first.call::<_, String>(&format!("{column}{number}"), ())).await;
            answer.unwrap_or_else(|error| error.to_string())
        };
        let told = patiently(expression, first.call::<_, String>(&format!("told{number}"), ())).await;
        let told = match told {
            Ok(told) => told,
            Err(error) => {
                refused += &row(name, &[expression, &error.to_string()]);
                continue;
            }
        };
        let (json, back, passed) = (ask("json").await, ask("back").await, ask("passed").await);
        let mut taken = Vec::new();
        for (name, takes) in *types {
            if takes(&first, format!("give{number}")).await.is_ok() {
                taken.push(*name);
            }
        }
        travelling += &row(name, &[expression, &taken.join(", "), &told, &json, &back, &passed]);
    }
    drop((first, second));
    finish(host, teller).await;
    (travelling, refused)
}

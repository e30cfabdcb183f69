//! The application's functions and objects in the hands of plugins, and plugins' objects in its own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use expect_test::expect;
use plughold::{
    Api, CallError, Callback, Cx, Disposable, Function, Json, Object, Plugin, References, Remote, Thrown,
    Value,
};
use plughold_tests::{TestHost, eventually, patiently};
use std::fmt::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

/// What plugins have given, and what they have been given.
#[derive(Default)]
struct App {
    functions: Mutex<Vec<Function>>,
    objects: Mutex<Vec<Object>>,
    remotes: Mutex<Vec<Remote>>,
    disposed: Arc<AtomicU32>,
}

type State = Arc<App>;

async fn add_to(cx: Cx<i64>, second: i64) -> Result<i64, Thrown> {
    Ok(cx.state() + second)
}

async fn increase(cx: Cx<AtomicU32>, by: u32) -> Result<u32, Thrown> {
    Ok(cx.state().fetch_add(by, Ordering::Relaxed) + by)
}

async fn count(cx: Cx<AtomicU32>) -> Result<u32, Thrown> {
    Ok(cx.state().load(Ordering::Relaxed))
}

fn counter() -> Object {
    Object::builder("Counter", AtomicU32::new(0))
        .method("increase", increase)
        .accessor("count", count)
        .build()
}

async fn adder(cx: Cx<State>, first: i64) -> Result<Function, Thrown> {
    let function = Function::new(first, add_to).named("add");
    cx.state().functions.lock().unwrap().push(function.clone());
    Ok(function)
}

async fn known(cx: Cx<State>) -> Result<Vec<Function>, Thrown> {
    Ok(cx.state().functions.lock().unwrap().clone())
}

async fn is_known(cx: Cx<State>, function: Function) -> Result<bool, Thrown> {
    Ok(cx.state().functions.lock().unwrap().contains(&function))
}

async fn make_counter(cx: Cx<State>) -> Result<Object, Thrown> {
    let object = counter();
    cx.state().objects.lock().unwrap().push(object.clone());
    Ok(object)
}

async fn is_counter(cx: Cx<State>, object: Object) -> Result<bool, Thrown> {
    Ok(cx.state().objects.lock().unwrap().contains(&object))
}

async fn listen(cx: Cx<State>, _listener: Callback<(), ()>) -> Result<Disposable, Thrown> {
    let disposed = cx.state().disposed.clone();
    Ok(Disposable::new(move || {
        disposed.fetch_add(1, Ordering::Relaxed);
    }))
}

async fn keep(cx: Cx<State>, remote: Remote) -> Result<String, Thrown> {
    let words = format!("{remote:?} {:?} {:?}", remote.methods(), remote.accessors());
    cx.state().remotes.lock().unwrap().push(remote);
    // Event IDs are of no interest.
    Ok(words.split_once('#').map_or(String::new(), |(before, after)| {
        before.to_owned() + after.trim_start_matches(|c: char| c.is_ascii_digit())
    }))
}

async fn kept(cx: Cx<State>) -> Result<Option<Remote>, Thrown> {
    Ok(cx.state().remotes.lock().unwrap().last().cloned())
}

async fn echo(_: Cx<State>, value: Value) -> Result<Value, Thrown> {
    Ok(value)
}

fn host() -> (TestHost, State) {
    let app = State::default();
    let api = Api::new(app.clone())
        .function("adder", adder)
        .function("known", known)
        .function("isKnown", is_known)
        .function("makeCounter", make_counter)
        .function("isCounter", is_counter)
        .function("listen", listen)
        .function("keep", keep)
        .function("kept", kept)
        .function("echo", echo);
    (TestHost::new(api), app)
}

async fn run(plugin: &Plugin, export: &str) -> Result<Json, CallError> {
    patiently(export, plugin.call(export, ())).await
}

/// Runs the exports of a plugin in their order and tells what came of each.
async fn tell(plugin: &Plugin) -> String {
    let mut told = String::new();
    for export in plugin.info().exports {
        match run(plugin, &export).await {
            Ok(Json(value)) => writeln!(told, "{export} -> {value}").unwrap(),
            Err(error) => writeln!(told, "{export} -> {error}").unwrap(),
        }
    }
    told
}

/// Waits until so many things are held across the border.
async fn holds(plugin: &Plugin, exported: u32, imported: u32) {
    let expected = References { exported, imported };
    eventually((expected.exported, expected.imported), || {
        let References { exported, imported, .. } = plugin.info().references;
        (exported, imported)
    })
    .await;
}

#[tokio::test]
async fn a_function_of_the_application_is_one_in_the_plugin() {
    let source = "
let add;
const words = (error) => `${error.name}: ${error.message}`;
export const a_call = async () => { add = await app.adder(2); return add(3); };
export const b_type = () => typeof add;
export const c_same = async () => { const [again] = await app.known(); return again === add; };
export const d_home = () => app.isKnown(add);
export const e_wrong = () => add('x').catch(words);
export const f_missing = () => add().catch(words);
export const g_data = () => app.isKnown({ id: 1 }).catch(words);
export const h_own = () => app.isKnown(() => 1).catch(words);
export const i_listener = () => app.listen(add).catch(words);
export const j_forget = () => { add = undefined; };
";
    let (mut host, app) = host();
    let plugin = host.load("user", source).await;
    expect![[r#"
        a_call -> 5
        b_type -> "function"
        c_same -> true
        d_home -> true
        e_wrong -> "TypeError: add: argument 1: expected a whole number (i64), found the string \"x\""
        f_missing -> "TypeError: add: argument 1: missing"
        g_data -> "TypeError: isKnown: argument 1: expected a function of the application, found an object"
        h_own -> "TypeError: isKnown: argument 1: expected a function of the application, found a function"
        i_listener -> "TypeError: listen: argument 1: expected a function of a plugin, found a function of the application"
        j_forget -> null
    "#]]
    .assert_eq(&tell(&plugin).await);
    holds(&plugin, 0, 0).await;
    assert_eq!(app.functions.lock().unwrap().len(), 1);
    host.finish().await;
}

#[tokio::test]
async fn an_object_of_the_application_runs_in_the_application() {
    let source = "
let counter;
const words = (error) => `${error.name}: ${error.message}`;
export const a_class = async () => { counter = await app.makeCounter(); return counter.constructor?.name; };
export const b_method = () => counter.increase(2);
export const c_accessor = () => counter.count;
export const d_keys = () => Object.keys(counter);
export const e_assign = () => { 'use strict'; try { counter.count = 7; } catch (error) { return error.name; } };
export const f_home = () => app.isCounter(counter);
export const g_echo = async () => (await app.echo([counter]))[0] === counter;
export const h_wrong = () => counter.increase(-1).catch(words);
export const i_forget = () => { counter = undefined; };
";
    let (mut host, app) = host();
    let plugin = host.load("user", source).await;
    expect![[r#"
        a_class -> "Counter"
        b_method -> 2
        c_accessor -> 2
        d_keys -> []
        e_assign -> "TypeError"
        f_home -> true
        g_echo -> true
        h_wrong -> "TypeError: Counter.increase: argument 1: expected a whole number (u32), found -1"
        i_forget -> null
    "#]]
    .assert_eq(&tell(&plugin).await);
    holds(&plugin, 0, 0).await;
    assert_eq!(app.objects.lock().unwrap().len(), 1);
    host.finish().await;
}

#[tokio::test]
async fn a_disposable_is_disposed_once() {
    let source = "
let listening;
export const listen = async () => { listening = await app.listen(() => {}); };
export const dispose = () => listening.dispose();
export const forget = () => { listening = undefined; };
";
    let (mut host, app) = host();
    let plugin = host.load("listener", source).await;
    let disposed = || app.disposed.load(Ordering::Relaxed);
    run(&plugin, "listen").await.unwrap();
    run(&plugin, "dispose").await.unwrap();
    run(&plugin, "dispose").await.unwrap();
    assert_eq!(disposed(), 1);
    run(&plugin, "forget").await.unwrap();
    holds(&plugin, 0, 0).await;
    run(&plugin, "listen").await.unwrap();
    run(&plugin, "forget").await.unwrap();
    holds(&plugin, 0, 0).await;
    assert_eq!(disposed(), 1, "what the garbage collector has is not disposed");
    plugin.kill().await;
    eventually(2, disposed).await;
    host.finish().await;
}

#[tokio::test]
async fn an_object_of_a_plugin_is_one_in_the_application() {
    let source = "
class Document {
    #words = 3;
    constructor(title) { this.title = title; }
    get words() { return this.#words; }
    write(more) { this.#words += more; return this; }
    close() { throw new RangeError('it is read'); }
    dispose() { this.title = 'gone'; }
}
let own = new Document('a');
export const a_keep = () => app.keep(own);
export const b_home = async () => await app.kept() === own;
export const c_forget = () => { own = undefined; };
";
    let (mut host, app) = host();
    let plugin = host.load("author", source).await;
    let mut told = tell(&plugin).await;
    let remote = app.remotes.lock().unwrap().pop().unwrap();
    let mut note = |what: &str, came: Result<Json, CallError>| match came {
        Ok(Json(value)) => writeln!(told, "{what} -> {value}").unwrap(),
        Err(error) => writeln!(told, "{what} -> {error}").unwrap(),
    };
    note("title", patiently("title", remote.get("title")).await);
    note("words", patiently("words", remote.get("words")).await);
    let again: Remote = patiently("write", remote.call("write", (4,))).await.unwrap();
    assert_eq!(again, remote);
    drop(again);
    note("words", patiently("words", remote.get("words")).await);
    note("close", patiently("close", remote.call("close", ())).await);
    note("open", patiently("open", remote.call("open", ())).await);
    note("size", patiently("size", remote.get("size")).await);
    patiently("dispose", remote.dispose()).await.unwrap();
    note("title", patiently("title", remote.get("title")).await);
    expect![[r#"
        a_keep -> "Remote(author Document ) [\"write\", \"close\", \"dispose\"] [\"title\", \"words\"]"
        b_home -> true
        c_forget -> null
        title -> "a"
        words -> 3
        words -> 7
        close -> RangeError: it is read
        open -> TypeError: Document has no method "open"
        size -> TypeError: Document has no accessor "size"
        title -> "gone"
    "#]]
    .assert_eq(&told);
    holds(&plugin, 0, 1).await;
    drop(remote);
    holds(&plugin, 0, 0).await;
    host.finish().await;
}

#[tokio::test]
async fn any_value_comes_back_as_it_was() {
    let rows = [
        "undefined",
        "null",
        "-0",
        "NaN",
        "2 ** 60",
        "-(2n ** 200n)",
        "10n",
        "'\\u2028'",
        "new Date(5)",
        "/a/gi",
        "new Map([[{ a: 1 }, new Set([undefined])]])",
        "new Uint8Array([1, 2])",
        "new Float64Array([0.5])",
        "new BigInt64Array([-1n])",
        "[1, , undefined]",
        "{ b: 1, a: { __proto__: null } }",
        "() => 1",
        "Object.assign(new RangeError('r', { cause: new TypeError('c') }), { code: 'E', extra: [1] })",
    ];
    let mut source = "
const plain = (value) => {
    if (typeof value === 'bigint') return value + 'n';
    if (Object.is(value, -0)) return '-0';
    if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value : String(value);
    const kind = value.constructor?.name;
    if (value instanceof Error) return [kind, value.message, value.code, plain(value.cause), { ...value }];
    if (value instanceof Date || value instanceof RegExp) return [kind, String(+value || value)];
    if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value)) return [kind, ...[...value].map(plain)];
    if (Array.isArray(value)) return [kind, ...Array.from(value, plain)]; // holes too
    return Object.entries(value).map(([key, value]) => [key, plain(value)]);
};
"
    .to_owned();
    for (row, expression) in rows.iter().enumerate() {
        writeln!(
            source,
            "export const row{row} = async () => {{
                const value = ({expression}), back = await app.echo(value);
                if (typeof value === 'function') return back === value;
                const [one, other] = [value, back].map((value) => JSON.stringify(plain(value)));
                return one === other || [one, other];
            }};"
        )
        .unwrap();
    }
    let (mut host, _) = host();
    let plugin = host.load("mirror", &source).await;
    for (row, expression) in rows.iter().enumerate() {
        let same = run(&plugin, &format!("row{row}")).await;
        assert_eq!(same, Ok(Json(true.into())), "{expression}");
    }
    holds(&plugin, 0, 0).await;
    host.finish().await;
}

/// A long message takes the slow lane, and the release of what stands in it must not overtake it.
#[tokio::test]
async fn what_comes_home_in_a_long_message_is_released_behind_it() {
    let source = "
const long = 'x'.repeat(1 << 20);
export const home = async () => {
    let add = await app.adder(2);
    const answer = app.echo([add, long]);
    add = undefined;
    const [back] = await answer;
    return back(3);
};
export const call = async () => {
    let add = await app.adder(2);
    const answer = add(3, long);
    add = undefined;
    return answer;
};
";
    let (mut host, _) = host();
    let plugin = host.load("long", source).await;
    assert_eq!(run(&plugin, "home").await, Ok(Json(5.into())));
    assert_eq!(run(&plugin, "call").await, Ok(Json(5.into())));
    holds(&plugin, 0, 0).await;
    host.finish().await;
}

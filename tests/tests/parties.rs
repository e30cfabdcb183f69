//! Functions and objects that go from one plugin through the application to another, and home again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use expect_test::expect;
use plughold::{Api, CallError, Cx, Json, Plugin, Thrown, Value};
use plughold_tests::{TestHost, eventually, patiently};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;

/// What plugins leave for each other, by name.
type Shelf = Arc<Mutex<BTreeMap<String, Value>>>;

async fn put(cx: Cx<Shelf>, name: String, value: Value) -> Result<(), Thrown> {
    cx.state().lock().unwrap().insert(name, value);
    Ok(())
}

async fn take(cx: Cx<Shelf>, name: String) -> Result<Value, Thrown> {
    Ok(cx.state().lock().unwrap().remove(&name).unwrap_or_default())
}

/// Calls what is on the shelf, and throws on what it throws.
async fn call(cx: Cx<Shelf>, name: String, argument: Value) -> Result<Value, CallError> {
    let value = cx.state().lock().unwrap().get(&name).cloned();
    let Some(Value::Callback(callback)) = value else { panic!("{name}: {value:?}") };
    cx.call(&callback, vec![argument]).await
}

/// Leaves a method of an object as a function.
async fn put_method(cx: Cx<Shelf>, name: String, object: BTreeMap<String, Value>) -> Result<(), Thrown> {
    put(cx, name.clone(), object[&name].clone()).await
}

fn host() -> (TestHost, Shelf) {
    let shelf = Shelf::default();
    let api = Api::new(shelf.clone())
        .function("put", put)
        .function("take", take)
        .function("call", call)
        .function("putMethod", put_method)
        .function("structs", async |_: Cx<Shelf>, _: Vec<BTreeMap<String, Value>>| Ok::<_, Thrown>(()));
    (TestHost::new(api), shelf)
}

async fn run(plugin: &Plugin, export: &str) -> Result<Json, CallError> {
    patiently(export, plugin.call(export, ())).await
}

#[track_caller]
fn is(answer: Result<Json, CallError>, expected: serde_json::Value) {
    assert_eq!(answer, Ok(Json(expected)));
}

/// Waits until a plugin holds so many things of the host, and the host so many of it.
async fn holds(plugin: &Plugin, exported: u32, imported: u32) {
    eventually((plugin.id(), exported, imported), || {
        let references = plugin.info().references;
        (plugin.id(), references.exported, references.imported)
    })
    .await;
}

/// An owner that has left its function, and one who may take it.
async fn given(owner: &str, holder: &str) -> (TestHost, Plugin, Plugin) {
    let (mut host, _) = host();
    let owner = host.load("owner", owner).await;
    let holder = host.load("holder", holder).await;
    run(&owner, "give").await.unwrap();
    (host, owner, holder)
}

/// Begins to use the function; it has been called.
async fn used(owner: &Plugin, holder: &Plugin) -> JoinHandle<Result<Json, CallError>> {
    let holder = holder.clone();
    let using = tokio::spawn(async move { run(&holder, "use").await });
    run(owner, "whenCalled").await.unwrap();
    using
}

/// Nobody holds anything of another any more.
async fn ends(host: TestHost, plugins: &[&Plugin]) {
    for plugin in plugins {
        holds(plugin, 0, 0).await;
    }
    host.finish().await;
}

/// Gives a function and takes it back.
const OWNER: &str = "
let own = (...values) => values.concat('from the owner');
export const give = () => app.put('f', own);
export const isHome = async () => await app.take('f') === own;
export const forget = () => { own = undefined; };
";

/// Holds what another plugin gave.
const HOLDER: &str = "
let held;
export const hold = async () => { held = await app.take('f'); return typeof held; };
export const use = () => held(1, { a: [2] });
export const giveBack = () => app.put('f', held);
export const again = async () => { const first = held; held = await app.take('f'); return first === held; };
export const fail = () => held().catch((error) => [error.name, error.message, error.code, { ...error }]);
export const forget = () => { held = undefined; };
";

#[tokio::test]
async fn a_function_goes_to_another_plugin_and_home() {
    let (host, owner, holder) = given(OWNER, HOLDER).await;
    is(run(&holder, "hold").await, "function".into());
    is(run(&holder, "use").await, serde_json::json!([1, { "a": [2] }, "from the owner"]));
    holds(&owner, 0, 1).await;
    holds(&holder, 1, 0).await;
    run(&owner, "give").await.unwrap();
    is(run(&holder, "again").await, true.into());
    run(&holder, "giveBack").await.unwrap();
    is(run(&owner, "isHome").await, true.into());
    run(&owner, "forget").await.unwrap();
    is(run(&holder, "use").await, serde_json::json!([1, { "a": [2] }, "from the owner"]));
    run(&holder, "forget").await.unwrap();
    ends(host, &[&owner, &holder]).await;
}

#[tokio::test]
async fn arguments_and_results_of_a_passed_function_are_passed_on_as_well() {
    let owner = "
class Document { constructor(text) { this.text = text; } append(more) { this.text += more; return this; } }
const document = new Document('a');
let last;
export const give = () => app.put('f', async (callback, map) => {
    const isSame = last === undefined || last === callback;
    last = callback;
    const seen = await callback(document, new Set([callback]));
    return { isSame, seen, document, callback, key: [...map.keys()][0] };
});
export const forget = () => { last = undefined; };
";
    let holder = "
let seen;
const key = () => 'key';
const callback = async (document, callbacks) => {
    seen = document;
    return [document.constructor.name, callbacks.has(callback), await (await document.append('b')).text];
};
export const use = async () => {
    const f = await app.take('f');
    const first = await f(callback, new Map([[key, 1]]));
    const second = await f(callback, new Map([[key, 1]]));
    const result = [first.isSame, second.isSame, first.seen, second.seen];
    result.push(first.document === seen, first.callback === callback, second.key === key);
    return result;
};
export const forget = () => { seen = undefined; };
";
    let (host, owner, holder) = given(owner, holder).await;
    let Json(answer) = run(&holder, "use").await.unwrap();
    expect![[r#"[true,true,["Document",true,"ab"],["Document",true,"abb"],true,true,true]"#]]
        .assert_eq(&answer.to_string());
    for plugin in [&owner, &holder] {
        run(plugin, "forget").await.unwrap();
    }
    ends(host, &[&owner, &holder]).await;
}

/// Whether the host passes calls on or the application does, and whatever it is.
#[tokio::test]
async fn what_is_thrown_goes_on_as_it_is() {
    let owner = "
class Failure { why = 'w'; }
const errors = [
    () => { throw { a: 1, at: new Date(7), map: new Map([[1n, new Set([undefined, -0])]]) } },
    () => { throw 'no luck' },
    () => { throw undefined },
    () => { throw [1n, /a/g, new Uint8Array([1])] },
    () => { throw 'x'.repeat(200_000).length && ['x'.repeat(200_000)] },
    () => { throw new AggregateError([new TypeError('a'), 1, { b: new RangeError('c', { cause: 5 }) }], 'm') },
    () => { throw Object.assign(new Error('m'), { code: 20, when: new Date(7), big: 1n, z: 1, a: [undefined] }) },
    () => { throw Object.assign(new Error('m', { cause: { code: 'E' } }), { code: 'E_NO' }) },
    () => { throw Object.assign(new Error('m'), { keep: () => {}, in: [() => {}, new Failure()] }) },
    () => { throw new Failure() },
    () => { throw new DOMException('m', 'AbortError') },
];
export const give = () => app.put('f', (index) => errors[index]());
export const count = () => errors.length;
";
    let holder = "
const shown = (value, depth = 0) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'string') return 50 < value.length ? `text of ${value.length}` : JSON.stringify(value);
    if (Object.is(value, -0)) return '-0';
    if (value === null || typeof value !== 'object') return String(value);
    const entries = Object.entries(value).map(([key, value]) => `${key}: ${shown(value)}`);
    if (value instanceof Error) {
        for (const key of ['cause', 'errors']) {
            if (Object.hasOwn(value, key) && !Object.keys(value).includes(key)) entries.push(`${key}: ${shown(value[key])}`);
        }
        return `${value.constructor.name} ${value.name}: ${value.message} {${entries.join(', ')}}`;
    }
    if (value instanceof Map || value instanceof Set) return `${value.constructor.name} ${shown([...value])}`;
    if (value instanceof Date || value instanceof RegExp) return String(value.valueOf());
    return Array.isArray(value) ? `[${value.map(shown).join(', ')}]` : `${value.constructor.name} {${entries.join(', ')}}`;
};
const caught = async (call) => { try { return await call() } catch (error) { return `threw ${shown(error)}` } };
export const use = async (index) => {
    const f = await app.take('f');
    await app.put('f', f);
    return [await caught(() => f(index)), await caught(() => app.call('f', index))];
};
export const forget = () => app.take('f').then(() => {});
";
    let (host, owner, holder) = given(owner, holder).await;
    let Json(count) = run(&owner, "count").await.unwrap();
    let mut told = String::new();
    for index in 0..count.as_u64().unwrap() {
        let [passed_on, called] =
            patiently("use", holder.call::<_, [String; 2]>("use", (index,))).await.unwrap();
        assert_eq!(passed_on, called);
        told += &format!("{called}\n");
    }
    expect![[r#"
        threw Object {a: 1, at: 7, map: Map [[1n, Set [undefined, 0]]]}
        threw "no luck"
        threw undefined
        threw [1n, /a/g, Uint8Array {0: 1}]
        threw [text of 200000]
        threw AggregateError AggregateError: m {errors: [TypeError TypeError: a {}, 1, Object {b: RangeError RangeError: c {cause: 5}}]}
        threw Error Error: m {code: 20, when: 7, big: 1n, z: 1, a: [undefined]}
        threw Error Error: m {code: "E_NO", cause: Object {code: "E"}}
        threw Error Error: m {keep: undefined, in: [undefined, undefined]}
        threw Error Error: thrown: Failure { why: 'w' } {}
        threw Error AbortError: m {code: 20}
    "#]].assert_eq(&told);
    run(&holder, "forget").await.unwrap();
    ends(host, &[&owner, &holder]).await;
}

/// An object is named in a few bytes, and has to be described wherever it goes.
#[tokio::test]
async fn an_object_that_stands_often_in_a_value_does_not_multiply_it() {
    let owner = "
class Large {}
for (let number = 0; number < 256; number++) Large.prototype[`m${String(number).padStart(1000, '0')}`] = () => number;
let large = new Large();
export const give = () => app.put('large', large);
export const forget = () => { large = undefined; };
";
    let holder = "
let large;
export const hold = async () => { large = await app.take('large'); };
const told = (promise) => promise.then(() => 'fine', (error) => error.message);
export const structs = () => told(app.structs(Array(200).fill(large)));
export const some = () => told(app.structs(Array(10).fill(large)));
export const pass = () => told(app.put('many', Array(200).fill(large)));
export const forget = () => { large = undefined; };
";
    let third = "export const take = () => app.take('many').then(() => 'fine', (error) => error.message);";
    let (mut host, shelf) = host();
    let owner = host.load("owner", owner).await;
    let holder = host.load("holder", holder).await;
    let third = host.load("third", third).await;
    run(&owner, "give").await.unwrap();
    run(&holder, "hold").await.unwrap();
    is(run(&holder, "some").await, "fine".into());
    let words = "structs: argument 1: [127]: more than 33554432 bytes of names of methods";
    is(run(&holder, "structs").await, words.into());
    is(run(&holder, "pass").await, "fine".into());
    let words =
        "the result cannot be sent: [130]: more than 33554432 bytes of what its objects tell of themselves";
    is(run(&third, "take").await, words.into());
    shelf.lock().unwrap().clear();
    holds(&third, 0, 0).await;
    run(&holder, "forget").await.unwrap();
    run(&owner, "forget").await.unwrap();
    ends(host, &[&owner, &holder]).await;
}

#[tokio::test]
async fn a_method_goes_to_another_plugin_as_a_function() {
    let owner = "
class Counter { count = 0; add(more) { this.count += more; return this.count; } }
let counter = new Counter();
export const give = () => app.putMethod('add', counter);
export const count = () => counter.count;
export const forget = () => { counter = undefined; };
";
    let holder = "
let add;
export const hold = async () => { add = await app.take('add'); return [typeof add, await add(2)]; };
export const again = async () => { await app.put('add', add); return await app.take('add') === add; };
export const use = () => add(3);
export const forget = () => { add = undefined; };
";
    let (host, owner, holder) = given(owner, holder).await;
    is(run(&holder, "hold").await, serde_json::json!(["function", 2]));
    is(run(&holder, "again").await, true.into());
    is(run(&holder, "use").await, 5.into());
    is(run(&owner, "count").await, 5.into());
    holds(&owner, 0, 1).await;
    holds(&holder, 1, 0).await;
    run(&holder, "forget").await.unwrap();
    run(&owner, "forget").await.unwrap();
    ends(host, &[&owner, &holder]).await;
}

#[tokio::test]
async fn errors_pass_through_with_all_that_they_have() {
    let owner = "
export const give = () => app.put('f', () => {
    const error = new RangeError('no', { cause: new TypeError('inner') });
    throw Object.assign(error, { code: 'E_NO', when: new Date(7), retry: () => {}, list: [1n] });
});
";
    let holder = "
export const use = async () => {
    const f = await app.take('f');
    try { await f(); } catch (error) {
        return [error.constructor === RangeError, error.message, error.code, error.cause.message,
            error.when.getTime(), error.retry === undefined, String(error.list[0])];
    }
};
";
    let (host, owner, holder) = given(owner, holder).await;
    is(run(&holder, "use").await, serde_json::json!([true, "no", "E_NO", "inner", 7, true, "1"]));
    ends(host, &[&owner, &holder]).await;
}

#[tokio::test]
async fn a_function_whose_owner_is_gone_says_so() {
    let (mut host, owner, holder) = given(OWNER, HOLDER).await;
    run(&holder, "hold").await.unwrap();
    owner.kill().await;
    let Json(answer) = run(&holder, "fail").await.unwrap();
    expect![[r#"["Error","plugin owner is gone: it was killed: that was asked for","E_GONE",{"code":"E_GONE","exit":"it was killed: that was asked for","plugin":"owner"}]"#]].assert_eq(&answer.to_string());
    holds(&holder, 1, 0).await;
    // It may go on to others, and home there is none.
    run(&holder, "giveBack").await.unwrap();
    let owner = host.load("owner", OWNER).await;
    is(run(&owner, "isHome").await, false.into());
    run(&holder, "forget").await.unwrap();
    holds(&holder, 0, 0).await;
    ends(host, &[&owner]).await;
}

#[tokio::test]
async fn what_a_dead_holder_held_is_released() {
    let (host, owner, holder) = given(OWNER, HOLDER).await;
    run(&holder, "hold").await.unwrap();
    holds(&owner, 0, 1).await;
    holder.kill().await;
    ends(host, &[&owner]).await;
}

#[tokio::test]
async fn a_cancelled_call_of_a_passed_function_is_cancelled_at_its_owner() {
    let owner = "
let called, aborted;
const isCalled = new Promise((resolve) => called = resolve), isAborted = new Promise((resolve) => aborted = resolve);
export const give = () => app.put('f', (signal) => {
    called();
    return new Promise((_, reject) => signal.addEventListener('abort', () => { aborted(true); reject(signal.reason); }));
});
export const whenCalled = () => isCalled;
export const whenAborted = () => isAborted;
";
    let holder = "
const controller = new AbortController();
export const use = async () => {
    const f = await app.take('f');
    return f(controller.signal).catch((error) => error.name);
};
export const abort = () => controller.abort();
";
    let (host, owner, holder) = given(owner, holder).await;
    let using = used(&owner, &holder).await;
    run(&holder, "abort").await.unwrap();
    is(run(&owner, "whenAborted").await, true.into());
    is(using.await.unwrap(), "AbortError".into());
    ends(host, &[&owner, &holder]).await;
}

#[tokio::test]
async fn a_passed_function_that_takes_too_long_ends_at_its_deadline() {
    let owner = "export const give = () => app.put('f', () => new Promise(() => {}));";
    let (host, owner, holder) = given(owner, HOLDER).await;
    run(&holder, "hold").await.unwrap();
    let call = holder.call::<_, Json>("use", ()).within(Duration::from_millis(50));
    assert!(matches!(patiently("the deadline", call).await, Err(CallError::Deadline { .. })));
    run(&holder, "forget").await.unwrap();
    // It owes an answer that nobody wants any more, and with it the function.
    owner.kill().await;
    ends(host, &[&holder]).await;
}

#[tokio::test]
async fn a_call_in_flight_ends_when_its_owner_dies() {
    let owner = "
let called;
const isCalled = new Promise((resolve) => called = resolve);
export const give = () => app.put('f', () => { called(); return new Promise(() => {}); });
export const whenCalled = () => isCalled;
";
    let (host, owner, holder) = given(owner, HOLDER).await;
    run(&holder, "hold").await.unwrap();
    let using = used(&owner, &holder).await;
    owner.kill().await;
    let Err(CallError::Thrown(thrown)) = using.await.unwrap() else { panic!("it did not throw") };
    assert_eq!(thrown.code.as_deref(), Some("E_GONE"));
    run(&holder, "forget").await.unwrap();
    ends(host, &[&holder]).await;
}

#[tokio::test]
async fn nothing_is_left_of_many_functions_that_go_around() {
    let owner = "
class Box { constructor(value) { this.value = value; } }
export const give = () => app.put('f', (callback, times) => callback(new Box(times), () => times));
";
    let holder = "
export const use = async () => {
    const f = await app.take('f');
    let sum = 0;
    for (let round = 0; round < 300; round++) {
        sum += await f(async (box, times) => (await box.value) + (await times()), round);
    }
    return sum;
};
";
    let (host, owner, holder) = given(owner, holder).await;
    is(run(&holder, "use").await, (300 * 299).into());
    ends(host, &[&owner, &holder]).await;
}

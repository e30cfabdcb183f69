//! A plugin's functions in the hands of the application: how long they live, and that they come home as themselves.
//! `instances` has objects whose methods stand for functions, `forged` what only looks like a function.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod forged;
mod instances;

use expect_test::expect;
use plughold::{Api, CallError, Callback, Cx, Exit, Json, KillReason, Plugin, Thrown};
use plughold_tests::{TestHost, eventually, patiently};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};

type Function = Callback<(Json,), Json>;

/// What plugins have registered.
type Registered = Arc<Mutex<Vec<Function>>>;

#[derive(Deserialize)]
#[allow(dead_code, reason = "only its decoding matters")]
struct Command {
    name: String,
    execute: Function,
}

async fn register(cx: Cx<Registered>, functions: Vec<Function>) -> Result<(), Thrown> {
    cx.state().lock().unwrap().extend(functions);
    Ok(())
}

/// Calls a function with another one, and gives back a third in a structure.
async fn juggle(
    cx: Cx<Registered>,
    caller: Callback<(Function,), bool>,
    argument: Function,
    result: Function,
) -> Result<(bool, BTreeMap<String, Vec<Function>>), CallError> {
    let is_same = cx.call(&caller, (argument,)).await?;
    Ok((is_same, BTreeMap::from([("result".to_owned(), vec![result.clone(), result])])))
}

/// Fails to decode, or ignores what it is given.
async fn take_command(_: Cx<Registered>, command: Command) -> Result<String, Thrown> {
    Ok(command.name)
}

fn host() -> (TestHost, Registered) {
    let registered = Registered::default();
    let api = Api::new(registered.clone())
        .function("register", register)
        .function("juggle", juggle)
        .function("takeCommand", take_command);
    (TestHost::new(api), registered)
}

async fn run(plugin: &Plugin, export: &str) -> Result<Json, CallError> {
    patiently(export, plugin.call(export, ())).await
}

/// Waits until the application holds so many functions of the plugin.
async fn holds(plugin: &Plugin, count: u32) {
    eventually(count, || plugin.info().references.imported).await;
}

fn take(registered: &Registered) -> Vec<Function> {
    std::mem::take(&mut registered.lock().unwrap())
}

const REGISTERING: &str = "
const same = (value) => ['same', value];
const other = (value) => ['other', value];
export const registerOne = () => app.register([same]);
export const registerSame = () => app.register([same, same]);
export const registerBoth = () => app.register([same, other]);
";

#[tokio::test]
async fn a_function_is_held_until_its_last_clone_is_dropped() {
    let (mut host, registered) = host();
    let plugin = host.load("giver", REGISTERING).await;
    run(&plugin, "registerOne").await.unwrap();
    let function = take(&registered).pop().unwrap();
    holds(&plugin, 1).await;
    let clone = function.clone();
    drop(function);
    let answer = patiently("an answer", clone.call((Json(7.into()),))).await;
    assert_eq!(answer, Ok(Json(serde_json::json!(["same", 7]))));
    holds(&plugin, 1).await;
    // A call keeps its function alive by itself.
    let call = clone.call((Json(8.into()),));
    drop(clone);
    assert_eq!(patiently("an answer", call).await, Ok(Json(serde_json::json!(["same", 8]))));
    holds(&plugin, 0).await;
    // What was released may be given again.
    run(&plugin, "registerOne").await.unwrap();
    let function = take(&registered).pop().unwrap();
    assert!(patiently("an answer", function.call((Json::default(),))).await.is_ok());
    drop(function);
    host.finish().await;
}

#[tokio::test]
async fn one_function_given_twice_is_equal_and_two_are_not() {
    let (mut host, registered) = host();
    let plugin = host.load("giver", REGISTERING).await;
    run(&plugin, "registerSame").await.unwrap();
    run(&plugin, "registerBoth").await.unwrap();
    let functions = take(&registered);
    let [first, second, third, other] = &functions[..] else { panic!("{functions:?}") };
    assert!(first == second && first == third, "{functions:?}");
    assert!(first != other, "{functions:?}");
    assert_eq!((first.plugin().as_str(), first.generation(), first.is_live()), ("giver", 1, true));
    // Released where it came in twice, it lives on where it came in again.
    let third = third.clone();
    drop(functions);
    assert!(patiently("an answer", third.call((Json::default(),))).await.is_ok());
    drop(third);
    host.finish().await;
}

#[tokio::test]
async fn a_function_that_comes_home_is_the_very_same() {
    let source = "
const argument = () => 1;
const result = () => 2;
const caller = (given) => given === argument;
export async function juggle() {
    const [isSame, returned] = await app.juggle(caller, argument, result);
    return [isSame, returned.result[0] === result, returned.result[1] === result];
}
";
    let (mut host, _) = host();
    let plugin = host.load("juggler", source).await;
    assert_eq!(run(&plugin, "juggle").await, Ok(Json(serde_json::json!([true, true, true]))));
    host.finish().await;
}

#[tokio::test]
async fn what_the_application_does_not_keep_is_released() {
    let source = "
const keep = () => {};
const tell = (error) => error.message;
export const wrongType = () => app.takeCommand({ name: 7, execute: keep }).catch(tell);
export const unknownField = () => app.takeCommand({ name: 'n', execute: keep, undo: keep });
export const tooMany = () => app.takeCommand({ name: 'n', execute: keep }, keep).catch(tell);
export const unwanted = () => keep;
export const thrown = () => { throw Object.assign(new Error('e'), { keep }); };
";
    let (mut host, _) = host();
    let plugin = host.load("waster", source).await;
    let mut told = String::new();
    for export in ["wrongType", "unknownField", "tooMany", "unwanted", "thrown"] {
        match run(&plugin, export).await {
            Ok(Json(value)) => writeln!(told, "{export} -> {value}").unwrap(),
            Err(error) => writeln!(told, "{export} -> {error}").unwrap(),
        }
        holds(&plugin, 0).await;
    }
    expect![[r#"
        wrongType -> "takeCommand: argument 1: name: expected a string, found 7"
        unknownField -> "n"
        tooMany -> "n"
        unwanted -> {"$function":true}
        thrown -> Error: e
    "#]]
    .assert_eq(&told);
    host.finish().await;
}

#[tokio::test]
async fn functions_of_a_plugin_that_is_gone_are_gone() {
    let (mut host, registered) = host();
    let plugin = host.load("giver", REGISTERING).await;
    run(&plugin, "registerOne").await.unwrap();
    let function = take(&registered).pop().unwrap();
    plugin.kill().await;
    patiently("the end", function.gone()).await;
    assert!(!function.is_live());
    let gone = CallError::Gone { plugin: plugin.id().clone(), exit: Exit::Killed(KillReason::Asked) };
    assert_eq!(patiently("an answer", function.call((Json::default(),))).await, Err(gone.clone()));
    // The next plugin of this id is another one.
    let plugin = host.load("giver", REGISTERING).await;
    run(&plugin, "registerOne").await.unwrap();
    assert!(take(&registered).pop().unwrap() != function);
    assert_eq!(patiently("an answer", function.call((Json::default(),))).await, Err(gone));
    host.finish().await;
}

//! A plugin's functions in the hands of the application, and what only looks like one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use expect_test::expect;
use plughold::{Api, CallError, Callback, Cx, Exit, Json, KillReason, Plugin, Remote, Thrown, Value};
use plughold_protocol::pack::Writer;
use plughold_protocol::value;
use plughold_tests::{TestHost, eventually, patiently, program};
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

// -- Objects with methods where functions are expected -------------------------------------------------------------------

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its decoding matters")]
struct Handlers {
    on_start: Function,
    on_end: Option<Function>,
    #[serde(default)]
    version: plughold::Property<Option<u32>>,
}

/// Calls both of them and tells what the plugin said, and whether it is its own function.
async fn start(cx: Cx<Registered>, handlers: Handlers) -> Result<Vec<Json>, CallError> {
    let mut said = Vec::new();
    for function in [Some(&handlers.on_start), handlers.on_end.as_ref()].into_iter().flatten() {
        said.push(cx.call(function, (Json("now".into()),)).await?);
    }
    if let Some(version) = handlers.version.read(&cx).await? {
        said.push(Json(version.into()));
    }
    cx.state().lock().unwrap().extend([Some(handlers.on_start), handlers.on_end].into_iter().flatten());
    Ok(said)
}

/// The names of what can be called.
async fn names(_: Cx<Registered>, map: BTreeMap<String, Function>) -> Result<Vec<String>, Thrown> {
    Ok(map.into_keys().collect())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its decoding matters")]
struct Titled {
    on_start: Function,
    title: Option<String>,
}

async fn titled(_: Cx<Registered>, titled: Titled) -> Result<Option<String>, Thrown> {
    Ok(titled.title)
}

/// Gives a function of one of its methods back to the plugin.
async fn same(_: Cx<Registered>, handlers: Handlers) -> Result<Function, Thrown> {
    Ok(handlers.on_start)
}

const CLASSES: &str = "
class Base { get title() { return 'T' } onEnd() { return ['ended', this.count] } _hidden() {} }
class Handlers extends Base {
    version = 3;
    count = 0;
    onStart(when) { this.count += 1; return [when, this.count] }
}
const one = new Handlers(), other = new Handlers();
const tell = (error) => error.message;
export const plain = () => app.start({ onStart: (when) => [when, 'plain'], version: 7 });
export const instance = () => app.start(one);
export const again = () => app.start(one);
export const another = () => app.start(other);
export const bare = () => app.start(new (class { onStart() { return 'bare' } })());
export const names = () => app.names(one);
export const property = () => app.titled(one).catch(tell);
export const notAFunction = () => app.start(new (class { onStart = 1 })()).catch(tell);
export const nothing = () => app.start(new (class { onEnd() {} })()).catch(tell);
export const wrong = () => app.start(new (class { version = 'x'; onStart() {} })()).catch(tell);
export const home = async () => {
    const bound = await app.same(one);
    return [typeof bound, bound === await app.same(one), await bound('home')];
};
";

#[tokio::test]
async fn an_instance_of_a_class_is_a_struct_of_functions() {
    let registered = Registered::default();
    let api = Api::new(registered.clone())
        .function("start", start)
        .function("names", names)
        .function("same", same)
        .function("titled", titled);
    let mut host = TestHost::new(api);
    let plugin = host.load("classes", CLASSES).await;
    let mut told = String::new();
    let exports = [
        "plain",
        "instance",
        "again",
        "another",
        "bare",
        "names",
        "property",
        "notAFunction",
        "nothing",
        "wrong",
        "home",
    ];
    let mut kept = Vec::new();
    for export in exports {
        match run(&plugin, export).await {
            Ok(Json(value)) => writeln!(told, "{export} -> {value}").unwrap(),
            Err(error) => writeln!(told, "{export} -> {error}").unwrap(),
        }
        kept.push(take(&registered));
    }
    expect![[r#"
        plain -> [["now","plain"],7]
        instance -> [["now",1],["ended",1],3]
        again -> [["now",2],["ended",2],3]
        another -> [["now",1],["ended",1],3]
        bare -> ["bare"]
        names -> ["onEnd","onStart"]
        property -> "titled: argument 1: title: expected a string, found a property of an instance: pass a plain object"
        notAFunction -> "start: argument 1: onStart: expected a function, found a property of an instance: pass a plain object"
        nothing -> "start: argument 1: onStart is missing"
        wrong -> "the result has another type: version: expected a whole number (u32), found the string \"x\""
        home -> ["function",true,["home",3]]
    "#]].assert_eq(&told);
    let [_, instance, again, another, ..] = &kept[..] else { panic!("{kept:?}") };
    assert!(instance == again, "the same methods of the same object");
    assert!(instance[0] != instance[1] && instance[0] != another[0], "{kept:?}");
    drop(kept);
    holds(&plugin, 0).await;
    host.finish().await;
}

// -- What only looks like a function ---------------------------------------------------------------------------------

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only its decoding matters")]
struct Execute {
    execute: Function,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only its decoding matters")]
struct Flat {
    #[serde(flatten)]
    rest: Execute,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its decoding matters")]
enum Untagged {
    Counted { execute: Function, count: u32 },
    Plain { execute: Function },
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind")]
#[allow(dead_code, reason = "only its decoding matters")]
enum Tagged {
    Run { execute: Function },
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only its decoding matters")]
struct Optional {
    execute: Option<Function>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only its decoding matters")]
struct Executed<T> {
    execute: T,
}

/// An object by reference will do as well.
#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only its decoding matters")]
struct Methods {
    call: Function,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only its decoding matters")]
struct FlatMethods {
    #[serde(flatten)]
    methods: Methods,
}

/// Everything is in serde's own buffer before it is a value.
#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only its decoding matters")]
struct Buffered {
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

/// Takes a value and tells how it was understood.
async fn understand<T: std::fmt::Debug>(_: Cx<()>, value: T) -> Result<String, Thrown> {
    Ok(format!("{value:?}"))
}

/// One property of the argument, as MessagePack.
type Property<'a> = (&'a str, &'a dyn Fn(&mut Writer));

/// Arguments with one object of these properties, as hexadecimal digits.
fn arguments(properties: &[Property]) -> String {
    let mut bytes = Vec::new();
    let mut out = Writer::new(&mut bytes);
    out.array(1);
    out.map(1 + properties.len());
    out.text("kind");
    out.text("Run");
    for (key, write) in properties {
        out.text(key);
        write(&mut out);
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Only an extension value of the one right kind is a function: neither what an application's types make of other data,
/// nor a number that happens to be the one of a function, turns data into one. It is said in bytes that no honest runner
/// sends.
///
/// The last rows are the hardest: the same message really holds the function of that number, and serde buffers the pair.
#[tokio::test]
async fn nothing_but_a_function_becomes_a_function() {
    let seven = 7u64.to_le_bytes();
    let function = |out: &mut Writer| out.extension(value::FUNCTION, &seven);
    let pair = |out: &mut Writer| {
        out.array(2);
        out.unsigned(1);
        out.bytes(&seven);
    };
    let numbers = |out: &mut Writer| {
        out.array(2);
        out.unsigned(1);
        out.array(8);
        seven.iter().for_each(|byte| out.unsigned(u64::from(*byte)));
    };
    let mut described = seven.to_vec();
    described.extend([0x93, 0xa1, b'C', 0x91, 0xa4]);
    described.extend(b"call");
    described.push(0x90);
    let object = |out: &mut Writer| out.extension(value::OBJECT, &described);
    let named = |out: &mut Writer| {
        out.map(1);
        out.text("_ExtStruct");
        pair(out);
    };
    // As the decoder shows a method: its kind, then the kind and number of the object, then its place.
    let method = |out: &mut Writer| {
        out.map(1);
        out.text("call");
        out.array(2);
        out.integer(i64::from(i8::MIN));
        out.bytes(&[[value::OBJECT as u8].as_slice(), &seven, &[0; 4]].concat());
    };
    let forgeries: [(&str, &[Property]); 11] = [
        ("a function", &[("execute", &function)]),
        ("a pair of number and bytes", &[("execute", &pair)]),
        ("a pair of number and numbers", &[("execute", &numbers)]),
        ("an object as the decoder writes it", &[("execute", &named)]),
        ("text", &[("execute", &|out| out.text("___plugin_event_7"))]),
        ("a number", &[("execute", &|out| out.unsigned(7))]),
        ("bytes", &[("execute", &|out| out.bytes(&seven))]),
        ("an object", &[("execute", &object)]),
        ("an object and a function of one number", &[("other", &object), ("execute", &function)]),
        ("a pair beside a function", &[("other", &function), ("execute", &pair)]),
        ("a method as the decoder shows it", &[("other", &object), ("execute", &method)]),
    ];
    let api = Api::new(())
        .function("direct", understand::<Execute>)
        .function("flat", understand::<Flat>)
        .function("untagged", understand::<Untagged>)
        .function("tagged", understand::<Tagged>)
        .function("optional", understand::<Optional>)
        .function("any", understand::<Json>)
        .function("dynamic", understand::<Value>)
        .function("remote", understand::<Executed<Remote>>)
        .function("own", understand::<Executed<plughold::Function>>)
        .function("buffered", understand::<Buffered>)
        .function("methods", understand::<Executed<Methods>>)
        .function("flatMethods", understand::<Executed<FlatMethods>>)
        .function("map", understand::<Executed<BTreeMap<String, Value>>>);
    let types = [
        "direct",
        "flat",
        "untagged",
        "tagged",
        "optional",
        "any",
        "dynamic",
        "remote",
        "own",
        "buffered",
        "methods",
        "flatMethods",
        "map",
    ];
    let mut script = String::new();
    for (_, properties) in forgeries {
        for position in 0..types.len() {
            writeln!(script, "{position} {}", arguments(properties)).unwrap();
        }
    }
    let mut host = TestHost::built(api, |builder| builder.runner(program("misbehaving-runner")));
    let plugin = host.load("forges", &script).await;
    let mut told = String::new();
    for (name, _) in forgeries {
        writeln!(told, "{name}").unwrap();
        for understood in types {
            match patiently("an answer", plugin.call::<_, String>("work", ())).await {
                Ok(value) => writeln!(told, "    {understood}: {value}").unwrap(),
                Err(error) => writeln!(told, "    {understood}: {error}").unwrap(),
            }
        }
        holds(&plugin, 0).await;
    }
    expect![[r#"
        a function
            direct: Execute { execute: Callback(forges #7) }
            flat: Flat { rest: Execute { execute: Callback(forges #7) } }
            untagged: Plain { execute: Callback(forges #7) }
            tagged: Run { execute: Callback(forges #7) }
            optional: Optional { execute: Some(Callback(forges #7)) }
            any: Json(Object {"execute": Object {"$function": Bool(true)}, "kind": String("Run")})
            dynamic: Object([("kind", String("Run")), ("execute", Callback(Callback(forges #7)))])
            remote: TypeError: remote: argument 1: execute: expected an instance of a class (no plain object), found a function
            own: TypeError: own: argument 1: execute: expected a function of the application, found a function
            buffered: Buffered { rest: {"execute": Callback(Callback(forges #7)), "kind": String("Run")} }
            methods: TypeError: methods: argument 1: execute: expected an object (Methods), found a function
            flatMethods: TypeError: flatMethods: argument 1: execute: expected an object (FlatMethods), found a function
            map: TypeError: map: argument 1: execute: expected an object, found a function
        a pair of number and bytes
            direct: TypeError: direct: argument 1: execute: expected a function, found an array
            flat: TypeError: flat: argument 1: expected a function, found an array
            untagged: TypeError: untagged: argument 1: data did not match any variant of untagged enum Untagged
            tagged: TypeError: tagged: argument 1: expected a function, found an array
            optional: TypeError: optional: argument 1: execute: expected a function, found an array
            any: Json(Object {"execute": Array [Number(1), Object {"$bytes": Number(8)}], "kind": String("Run")})
            dynamic: Object([("kind", String("Run")), ("execute", Array([Number(1.0), Bytes(Bytes([7, 0, 0, 0, 0, 0, 0, 0]))]))])
            remote: TypeError: remote: argument 1: execute: expected an instance of a class (no plain object), found an array
            own: TypeError: own: argument 1: execute: expected a function of the application, found an array
            buffered: Buffered { rest: {"execute": Array([Number(1.0), Bytes(Bytes([7, 0, 0, 0, 0, 0, 0, 0]))]), "kind": String("Run")} }
            methods: TypeError: methods: argument 1: execute: expected an object (Methods), found an array
            flatMethods: TypeError: flatMethods: argument 1: execute: expected an object (FlatMethods), found an array
            map: TypeError: map: argument 1: execute: expected an object, found an array
        a pair of number and numbers
            direct: TypeError: direct: argument 1: execute: expected a function, found an array
            flat: TypeError: flat: argument 1: expected a function, found an array
            untagged: TypeError: untagged: argument 1: data did not match any variant of untagged enum Untagged
            tagged: TypeError: tagged: argument 1: expected a function, found an array
            optional: TypeError: optional: argument 1: execute: expected a function, found an array
            any: Json(Object {"execute": Array [Number(1), Array [Number(7), Number(0), Number(0), Number(0), Number(0), Number(0), Number(0), Number(0)]], "kind": String("Run")})
            dynamic: Object([("kind", String("Run")), ("execute", Array([Number(1.0), Array([Number(7.0), Number(0.0), Number(0.0), Number(0.0), Number(0.0), Number(0.0), Number(0.0), Number(0.0)])]))])
            remote: TypeError: remote: argument 1: execute: expected an instance of a class (no plain object), found an array
            own: TypeError: own: argument 1: execute: expected a function of the application, found an array
            buffered: Buffered { rest: {"execute": Array([Number(1.0), Array([Number(7.0), Number(0.0), Number(0.0), Number(0.0), Number(0.0), Number(0.0), Number(0.0), Number(0.0)])]), "kind": String("Run")} }
            methods: TypeError: methods: argument 1: execute: expected an object (Methods), found an array
            flatMethods: TypeError: flatMethods: argument 1: execute: expected an object (FlatMethods), found an array
            map: TypeError: map: argument 1: execute: expected an object, found an array
        an object as the decoder writes it
            direct: TypeError: direct: argument 1: execute: expected a function, found an object
            flat: TypeError: flat: argument 1: expected a function, found an object
            untagged: TypeError: untagged: argument 1: data did not match any variant of untagged enum Untagged
            tagged: TypeError: tagged: argument 1: expected a function, found an object
            optional: TypeError: optional: argument 1: execute: expected a function, found an object
            any: Json(Object {"execute": Object {"_ExtStruct": Array [Number(1), Object {"$bytes": Number(8)}]}, "kind": String("Run")})
            dynamic: Object([("kind", String("Run")), ("execute", Object([("_ExtStruct", Array([Number(1.0), Bytes(Bytes([7, 0, 0, 0, 0, 0, 0, 0]))]))]))])
            remote: TypeError: remote: argument 1: execute: expected an instance of a class (no plain object), found an object
            own: TypeError: own: argument 1: execute: expected a function of the application, found an object
            buffered: Buffered { rest: {"execute": Object([("_ExtStruct", Array([Number(1.0), Bytes(Bytes([7, 0, 0, 0, 0, 0, 0, 0]))]))]), "kind": String("Run")} }
            methods: TypeError: methods: argument 1: execute: call is missing
            flatMethods: TypeError: flatMethods: argument 1: execute: call is missing
            map: Executed { execute: {"_ExtStruct": Array([Number(1.0), Bytes(Bytes([7, 0, 0, 0, 0, 0, 0, 0]))])} }
        text
            direct: TypeError: direct: argument 1: execute: expected a function, found the string "___plugin_event_7"
            flat: TypeError: flat: argument 1: expected a function, found the string "___plugin_event_7"
            untagged: TypeError: untagged: argument 1: data did not match any variant of untagged enum Untagged
            tagged: TypeError: tagged: argument 1: expected a function, found the string "___plugin_event_7"
            optional: TypeError: optional: argument 1: execute: expected a function, found the string "___plugin_event_7"
            any: Json(Object {"execute": String("___plugin_event_7"), "kind": String("Run")})
            dynamic: Object([("kind", String("Run")), ("execute", String("___plugin_event_7"))])
            remote: TypeError: remote: argument 1: execute: expected an instance of a class (no plain object), found the string "___plugin_event_7"
            own: TypeError: own: argument 1: execute: expected a function of the application, found the string "___plugin_event_7"
            buffered: Buffered { rest: {"execute": String("___plugin_event_7"), "kind": String("Run")} }
            methods: TypeError: methods: argument 1: execute: expected an object (Methods), found the string "___plugin_event_7"
            flatMethods: TypeError: flatMethods: argument 1: execute: expected an object (FlatMethods), found the string "___plugin_event_7"
            map: TypeError: map: argument 1: execute: expected an object, found the string "___plugin_event_7"
        a number
            direct: TypeError: direct: argument 1: execute: expected a function, found 7
            flat: TypeError: flat: argument 1: expected a function, found 7
            untagged: TypeError: untagged: argument 1: data did not match any variant of untagged enum Untagged
            tagged: TypeError: tagged: argument 1: expected a function, found 7
            optional: TypeError: optional: argument 1: execute: expected a function, found 7
            any: Json(Object {"execute": Number(7), "kind": String("Run")})
            dynamic: Object([("kind", String("Run")), ("execute", Number(7.0))])
            remote: TypeError: remote: argument 1: execute: expected an instance of a class (no plain object), found 7
            own: TypeError: own: argument 1: execute: expected a function of the application, found 7
            buffered: Buffered { rest: {"execute": Number(7.0), "kind": String("Run")} }
            methods: TypeError: methods: argument 1: execute: expected an object (Methods), found 7
            flatMethods: TypeError: flatMethods: argument 1: execute: expected an object (FlatMethods), found 7
            map: TypeError: map: argument 1: execute: expected an object, found 7
        bytes
            direct: TypeError: direct: argument 1: execute: expected a function, found bytes
            flat: TypeError: flat: argument 1: expected a function, found bytes
            untagged: TypeError: untagged: argument 1: data did not match any variant of untagged enum Untagged
            tagged: TypeError: tagged: argument 1: expected a function, found bytes
            optional: TypeError: optional: argument 1: execute: expected a function, found bytes
            any: Json(Object {"execute": Object {"$bytes": Number(8)}, "kind": String("Run")})
            dynamic: Object([("kind", String("Run")), ("execute", Bytes(Bytes([7, 0, 0, 0, 0, 0, 0, 0])))])
            remote: TypeError: remote: argument 1: execute: expected an instance of a class (no plain object), found bytes
            own: TypeError: own: argument 1: execute: expected a function of the application, found bytes
            buffered: Buffered { rest: {"execute": Bytes(Bytes([7, 0, 0, 0, 0, 0, 0, 0])), "kind": String("Run")} }
            methods: TypeError: methods: argument 1: execute: expected an object (Methods), found bytes
            flatMethods: TypeError: flatMethods: argument 1: execute: expected an object (FlatMethods), found bytes
            map: TypeError: map: argument 1: execute: expected an object, found bytes
        an object
            direct: TypeError: direct: argument 1: execute: expected a function, found an object by reference
            flat: TypeError: flat: argument 1: expected a function, found an object by reference
            untagged: TypeError: untagged: argument 1: data did not match any variant of untagged enum Untagged
            tagged: TypeError: tagged: argument 1: expected a function, found an object by reference
            optional: TypeError: optional: argument 1: execute: expected a function, found an object by reference
            any: Json(Object {"execute": Object {"$object": Bool(true)}, "kind": String("Run")})
            dynamic: Object([("kind", String("Run")), ("execute", Remote(Remote(forges C #7)))])
            remote: Executed { execute: Remote(forges C #7) }
            own: TypeError: own: argument 1: execute: expected a function of the application, found an object by reference
            buffered: Buffered { rest: {"execute": Remote(Remote(forges C #7)), "kind": String("Run")} }
            methods: Executed { execute: Methods { call: Callback(forges #7.call) } }
            flatMethods: Executed { execute: FlatMethods { methods: Methods { call: Callback(forges #7.call) } } }
            map: Executed { execute: {"call": Callback(Callback(forges #7.call))} }
        an object and a function of one number
            direct: Execute { execute: Callback(forges #7) }
            flat: Flat { rest: Execute { execute: Callback(forges #7) } }
            untagged: Plain { execute: Callback(forges #7) }
            tagged: Run { execute: Callback(forges #7) }
            optional: Optional { execute: Some(Callback(forges #7)) }
            any: Json(Object {"execute": Object {"$function": Bool(true)}, "kind": String("Run"), "other": Object {"$object": Bool(true)}})
            dynamic: Object([("kind", String("Run")), ("other", Remote(Remote(forges C #7))), ("execute", Callback(Callback(forges #7)))])
            remote: TypeError: remote: argument 1: execute: expected an instance of a class (no plain object), found a function
            own: TypeError: own: argument 1: execute: expected a function of the application, found a function
            buffered: Buffered { rest: {"execute": Callback(Callback(forges #7)), "kind": String("Run"), "other": Remote(Remote(forges C #7))} }
            methods: TypeError: methods: argument 1: execute: expected an object (Methods), found a function
            flatMethods: TypeError: flatMethods: argument 1: execute: expected an object (FlatMethods), found a function
            map: TypeError: map: argument 1: execute: expected an object, found a function
        a pair beside a function
            direct: TypeError: direct: argument 1: execute: expected a function, found an array
            flat: TypeError: flat: argument 1: expected a function, found an array
            untagged: TypeError: untagged: argument 1: data did not match any variant of untagged enum Untagged
            tagged: TypeError: tagged: argument 1: expected a function, found an array
            optional: TypeError: optional: argument 1: execute: expected a function, found an array
            any: Json(Object {"execute": Array [Number(1), Object {"$bytes": Number(8)}], "kind": String("Run"), "other": Object {"$function": Bool(true)}})
            dynamic: Object([("kind", String("Run")), ("other", Callback(Callback(forges #7))), ("execute", Array([Number(1.0), Bytes(Bytes([7, 0, 0, 0, 0, 0, 0, 0]))]))])
            remote: TypeError: remote: argument 1: execute: expected an instance of a class (no plain object), found an array
            own: TypeError: own: argument 1: execute: expected a function of the application, found an array
            buffered: Buffered { rest: {"execute": Array([Number(1.0), Bytes(Bytes([7, 0, 0, 0, 0, 0, 0, 0]))]), "kind": String("Run"), "other": Callback(Callback(forges #7))} }
            methods: TypeError: methods: argument 1: execute: expected an object (Methods), found an array
            flatMethods: TypeError: flatMethods: argument 1: execute: expected an object (FlatMethods), found an array
            map: TypeError: map: argument 1: execute: expected an object, found an array
        a method as the decoder shows it
            direct: TypeError: direct: argument 1: execute: expected a function, found an object
            flat: TypeError: flat: argument 1: expected a function, found an object
            untagged: TypeError: untagged: argument 1: data did not match any variant of untagged enum Untagged
            tagged: TypeError: tagged: argument 1: expected a function, found an object
            optional: TypeError: optional: argument 1: execute: expected a function, found an object
            any: Json(Object {"execute": Object {"call": Array [Number(-128), Object {"$bytes": Number(13)}]}, "kind": String("Run"), "other": Object {"$object": Bool(true)}})
            dynamic: Object([("kind", String("Run")), ("other", Remote(Remote(forges C #7))), ("execute", Object([("call", Array([Number(-128.0), Bytes(Bytes([2, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]))]))]))])
            remote: TypeError: remote: argument 1: execute: expected an instance of a class (no plain object), found an object
            own: TypeError: own: argument 1: execute: expected a function of the application, found an object
            buffered: Buffered { rest: {"execute": Object([("call", Array([Number(-128.0), Bytes(Bytes([2, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]))]))]), "kind": String("Run"), "other": Remote(Remote(forges C #7))} }
            methods: TypeError: methods: argument 1: execute.call: expected a function, found an array
            flatMethods: TypeError: flatMethods: argument 1: execute: expected a function, found an array
            map: Executed { execute: {"call": Array([Number(-128.0), Bytes(Bytes([2, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]))])} }
    "#]].assert_eq(&told);
    host.finish().await;
}

/// What a plugin does not hold cannot come home, and what describes itself does so in one form. No honest runner says
/// anything else.
#[tokio::test]
async fn references_that_no_honest_runner_says_end_the_session() {
    let seven = 7u64.to_le_bytes();
    let object = |description: &[u8]| [seven.as_slice(), description].concat();
    let lies: [(&str, i8, Vec<u8>); 7] = [
        ("home without a home", value::HOME, seven.to_vec()),
        ("a home of more bytes", value::HOME, object(&[0xc0])),
        ("a function of more bytes", value::FUNCTION, object(&[0xc0])),
        ("an object without a description", value::OBJECT, seven.to_vec()),
        ("an object with another description", value::OBJECT, object(&[0x91, 0xc0])),
        ("an object with two descriptions", value::OBJECT, object(&[0xc0, 0xc0])),
        ("a method", i8::MIN, object(b"call")),
    ];
    let api = Api::new(()).function("any", understand::<Json>);
    let mut host = TestHost::built(api, |builder| builder.runner(program("misbehaving-runner")));
    let mut told = String::new();
    for (name, kind, payload) in lies {
        let script = format!("0 {}", arguments(&[("execute", &|out| out.extension(kind, &payload))]));
        let plugin = host.load("forges", &script).await;
        let error = patiently("the end", plugin.call::<_, Json>("work", ())).await.unwrap_err();
        writeln!(told, "{name} -> {error}").unwrap();
        patiently("the end", plugin.finished()).await;
    }
    expect![[r#"
        home without a home -> plugin forges is gone: it was killed: it broke the protocol: the reference 7 comes home, and the plugin does not hold it
        a home of more bytes -> plugin forges is gone: it was killed: it broke the protocol: a value that is refused: an extension value of kind 11 with a payload of 9 bytes
        a function of more bytes -> plugin forges is gone: it was killed: it broke the protocol: a value that is refused: an extension value of kind 1 with a payload of 9 bytes
        an object without a description -> plugin forges is gone: it was killed: it broke the protocol: a value that is refused: an extension value of kind 2 with a payload of 8 bytes
        an object with another description -> plugin forges is gone: it was killed: it broke the protocol: an object without its class, methods and accessors
        an object with two descriptions -> plugin forges is gone: it was killed: it broke the protocol: a value that is refused: an extension value whose payload does not end with its value, at offset 32
        a method -> plugin forges is gone: it was killed: it broke the protocol: a value that is refused: an extension value of the unknown kind -128
    "#]].assert_eq(&told);
    host.finish().await;
}

//! What only looks like a function.

use super::*;
use plughold::{Remote, Value};
use plughold_protocol::pack::Writer;
use plughold_protocol::value;
use plughold_tests::with_misbehaving_runner;

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
    let mut host = TestHost::built(api, with_misbehaving_runner);
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
    let mut host = TestHost::built(api, with_misbehaving_runner);
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

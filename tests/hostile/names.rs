//! Names that mean something to the language, where anything is named.

use crate::stage::{Stage, api, play};
use expect_test::expect;
use plughold::{Api, Cx, Host, Json, Thrown};
use plughold_tests::{TestHost, patiently, program};
use std::fmt::Write;

const NAMES: [&str; 12] = [
    "__proto__",
    "constructor",
    "prototype",
    "then",
    "toJSON",
    "toString",
    "hasOwnProperty",
    "__defineGetter__",
    "",
    "0",
    "a b",
    "Symbol.iterator",
];

#[tokio::test]
async fn as_paths_of_the_api() {
    let mut told = String::new();
    for name in NAMES.map(str::to_owned).into_iter().chain(NAMES.map(|name| format!("notes.{name}"))) {
        let api = Api::new(()).function(name.clone(), async |_: Cx<()>| Ok::<_, Thrown>(()));
        match Host::builder(api).runner(program("test-runner")).build() {
            Ok(_) => writeln!(told, "{name:?} is a path").unwrap(),
            Err(error) => writeln!(told, "{name:?}: {error}").unwrap(),
        }
    }
    expect![[r#"
        "__proto__": "__proto__" is no path of an API function; write names separated by dots, such as notes.search
        "constructor": "constructor" is no path of an API function; write names separated by dots, such as notes.search
        "prototype": "prototype" is no path of an API function; write names separated by dots, such as notes.search
        "then": "then" is no path of an API function; write names separated by dots, such as notes.search
        "toJSON": "toJSON" is no path of an API function; write names separated by dots, such as notes.search
        "toString" is a path
        "hasOwnProperty" is a path
        "__defineGetter__" is a path
        "": "" is no path of an API function; write names separated by dots, such as notes.search
        "0": "0" is no path of an API function; write names separated by dots, such as notes.search
        "a b": "a b" is no path of an API function; write names separated by dots, such as notes.search
        "Symbol.iterator" is a path
        "notes.__proto__": "notes.__proto__" is no path of an API function; write names separated by dots, such as notes.search
        "notes.constructor": "notes.constructor" is no path of an API function; write names separated by dots, such as notes.search
        "notes.prototype": "notes.prototype" is no path of an API function; write names separated by dots, such as notes.search
        "notes.then": "notes.then" is no path of an API function; write names separated by dots, such as notes.search
        "notes.toJSON": "notes.toJSON" is no path of an API function; write names separated by dots, such as notes.search
        "notes.toString" is a path
        "notes.hasOwnProperty" is a path
        "notes.__defineGetter__" is a path
        "notes.": "notes." is no path of an API function; write names separated by dots, such as notes.search
        "notes.0": "notes.0" is no path of an API function; write names separated by dots, such as notes.search
        "notes.a b": "notes.a b" is no path of an API function; write names separated by dots, such as notes.search
        "notes.Symbol.iterator" is a path
    "#]].assert_eq(&told);
}

#[tokio::test]
async fn of_the_api_as_an_object() {
    let rows = [
        "app.__proto__",
        "typeof app.constructor",
        "typeof app.prototype",
        "typeof app.then",
        "typeof app.toJSON",
        "typeof app.notes.then",
        "typeof app.echo.then",
        "typeof app[Symbol.iterator]",
        "(await app) === app",
        "await attempt(() => JSON.stringify(app))",
        "await attempt(() => `${app}`)",
        "'toString' in app",
        "'__proto__' in app",
        "Object.keys(app)",
        "Object.isFrozen(app)",
        "Object.isFrozen(app.echo)",
        "await attempt(() => { app.echo = boom; return app.echo === boom })",
        "await attempt(() => { app.__proto__ = { more: 1 }; return app.more })",
        "await attempt(() => { delete app.echo; return typeof app.echo })",
        "await attempt(() => { Object.setPrototypeOf(app, { more: 1 }); return app.more })",
        "await attempt(() => { Object.defineProperty(app, 'echo', { get: boom }); return typeof app.echo })",
        "await attempt(() => { app.notes.constructor.prototype.polluted = 1; return app.echo({}) })",
        "await attempt(() => app.constructor())",
        "await attempt(() => app.echo.constructor('return 1')())",
        "await attempt(() => app.__proto__.echo())",
        "await attempt(() => app.nothing.below())",
        "await attempt(() => app[Symbol.toPrimitive]())",
        "globalThis.app = { echo: boom }; return attempt(() => app.echo(1))",
    ];
    expect![[r#"
        app.__proto__ -> {}
        typeof app.constructor -> "function"
        typeof app.prototype -> "undefined"
        typeof app.then -> "undefined"
        typeof app.toJSON -> "undefined"
        typeof app.notes.then -> "undefined"
        typeof app.echo.then -> "undefined"
        typeof app[Symbol.iterator] -> "undefined"
        (await app) === app -> true
        await attempt(() => JSON.stringify(app)) -> "{\"notes\":{}}"
        await attempt(() => `${app}`) -> "[object Object]"
        'toString' in app -> true
        '__proto__' in app -> true
        Object.keys(app) -> ["echo","describe","fail","call","ask","read","wait","counter","adder","notes"]
        Object.isFrozen(app) -> true
        Object.isFrozen(app.echo) -> true
        await attempt(() => { app.echo = boom; return app.echo === boom }) -> "TypeError: 'echo' is read-only"
        await attempt(() => { app.__proto__ = { more: 1 }; return app.more }) -> "TypeError: object is not extensible"
        await attempt(() => { delete app.echo; return typeof app.echo }) -> "TypeError: could not delete property"
        await attempt(() => { Object.setPrototypeOf(app, { more: 1 }); return app.more }) -> "TypeError: object is not extensible"
        await attempt(() => { Object.defineProperty(app, 'echo', { get: boom }); return typeof app.echo }) -> "TypeError: property is not configurable"
        await attempt(() => { app.notes.constructor.prototype.polluted = 1; return app.echo({}) }) -> {}
        await attempt(() => app.constructor()) -> {}
        await attempt(() => app.echo.constructor('return 1')()) -> 1
        await attempt(() => app.__proto__.echo()) -> "TypeError: not a function"
        await attempt(() => app.nothing.below()) -> "TypeError: cannot read property 'below' of undefined (app.nothing.below does not exist)"
        await attempt(() => app[Symbol.toPrimitive]()) -> "TypeError: not a function"
        globalThis.app = { echo: boom }; return attempt(() => app.echo(1)) -> "Error: boom"
    "#]].assert_eq(&play(&rows).await);
}

#[tokio::test]
async fn as_keys_of_what_is_sent() {
    let rows = [
        "app.describe(JSON.parse('{\"__proto__\": 1}'))",
        "app.describe(JSON.parse('{\"__proto__\": {\"polluted\": 1}}'))",
        "app.describe({ ['__proto__']: 1 })",
        "app.describe({ __proto__: null, a: 1 })",
        "app.describe({ __proto__: { inherited: 1 }, own: 2 })",
        "app.describe({ constructor: 1 })",
        "app.describe({ constructor: Map, prototype: {} })",
        "app.describe({ then: 1 })",
        "app.describe({ then() { boom() } })",
        "app.describe({ toJSON: 1 })",
        "app.describe({ toJSON() { return 'lie' } })",
        "app.describe({ [Symbol.toStringTag]: 'Map', a: 1 })",
        "app.describe({ [Symbol.iterator]: boom, [Symbol('s')]: 1 })",
        "app.describe({ [Symbol.toPrimitive]: boom })",
        "app.describe({ '': 1, ' ': 2, '\\0': 3, '\\n': 4 })",
        "app.describe({ '\\ud800': 1 })",
        "app.describe({ '\\ud800': 1, '\\udc00': 2 })",
        "app.describe({ 2: 'b', 1: 'a', '-0': 'c', 1.5: 'd', 4294967295: 'e' })",
        "app.describe(new Map([['__proto__', 1], ['constructor', 2]]))",
        "app.describe({ $function: true })",
        "app.describe({ _ExtStruct: [1, 2] })",
        "app.describe({ length: 3, 0: 'a' })",
        "app.describe({ hasOwnProperty: 1, valueOf: 2, toString: 3 })",
        "app.notes.register({ __proto__: { execute: () => 1 }, name: 'inherited' })",
        "app.notes.register(JSON.parse('{\"name\": \"n\", \"__proto__\": {\"execute\": 1}}'))",
    ];
    expect![[r#"
        app.describe(JSON.parse('{"__proto__": 1}')) -> "{\"__proto__\":1}"
        app.describe(JSON.parse('{"__proto__": {"polluted": 1}}')) -> "{\"__proto__\":{\"polluted\":1}}"
        app.describe({ ['__proto__']: 1 }) -> "{\"__proto__\":1}"
        app.describe({ __proto__: null, a: 1 }) -> "{\"a\":1}"
        app.describe({ __proto__: { inherited: 1 }, own: 2 }) -> "{\"$object\":true}"
        app.describe({ constructor: 1 }) -> "{\"constructor\":1}"
        app.describe({ constructor: Map, prototype: {} }) -> "{\"constructor\":{\"$function\":true},\"prototype\":{}}"
        app.describe({ then: 1 }) -> "{\"then\":1}"
        app.describe({ then() { boom() } }) -> "{\"then\":{\"$function\":true}}"
        app.describe({ toJSON: 1 }) -> "{\"toJSON\":1}"
        app.describe({ toJSON() { return 'lie' } }) -> "{\"toJSON\":{\"$function\":true}}"
        app.describe({ [Symbol.toStringTag]: 'Map', a: 1 }) -> "{\"a\":1}"
        app.describe({ [Symbol.iterator]: boom, [Symbol('s')]: 1 }) -> "{}"
        app.describe({ [Symbol.toPrimitive]: boom }) -> "{}"
        app.describe({ '': 1, ' ': 2, '\0': 3, '\n': 4 }) -> "{\"\":1,\"\\u0000\":3,\"\\n\":4,\" \":2}"
        app.describe({ '\ud800': 1 }) -> "{\"�\":1}"
        app.describe({ '\ud800': 1, '\udc00': 2 }) -> TypeError: describe: argument 1: the key "�" stands twice
        app.describe({ 2: 'b', 1: 'a', '-0': 'c', 1.5: 'd', 4294967295: 'e' }) -> "{\"-0\":\"c\",\"1\":\"a\",\"1.5\":\"d\",\"2\":\"b\",\"4294967295\":\"e\"}"
        app.describe(new Map([['__proto__', 1], ['constructor', 2]])) -> "{\"$map\":[\"__proto__\",1,\"constructor\",2]}"
        app.describe({ $function: true }) -> "{\"$function\":true}"
        app.describe({ _ExtStruct: [1, 2] }) -> "{\"_ExtStruct\":[1,2]}"
        app.describe({ length: 3, 0: 'a' }) -> "{\"0\":\"a\",\"length\":3}"
        app.describe({ hasOwnProperty: 1, valueOf: 2, toString: 3 }) -> "{\"hasOwnProperty\":1,\"toString\":3,\"valueOf\":2}"
        app.notes.register({ __proto__: { execute: () => 1 }, name: 'inherited' }) -> TypeError: notes.register: argument 1: name: expected a string, found a property of an instance: pass a plain object
        app.notes.register(JSON.parse('{"name": "n", "__proto__": {"execute": 1}}')) -> TypeError: notes.register: argument 1: execute is missing
    "#]].assert_eq(&play(&rows).await);
}

/// What the application gives back has these keys as its own, and nothing else has them.
#[tokio::test]
async fn as_keys_of_what_is_received() {
    let rows = [
        "const back = await app.echo(JSON.parse('{\"__proto__\": {\"polluted\": 1}}'));
            return [Object.keys(back), Object.getPrototypeOf(back) === Object.prototype, ({}).polluted, back.polluted]",
        "const back = await app.echo({ constructor: 1, toString: 2, valueOf: 3 });
            return [Object.keys(back), `${{}}`]",
        "Object.defineProperty(Object.prototype, 'a', { set: boom, configurable: true });
            const back = await app.echo({ a: 1 }); delete Object.prototype.a; return back",
        "Object.defineProperty(Array.prototype, '0', { set: boom, configurable: true });
            const back = await app.echo(['a']); delete Array.prototype[0]; return back",
        "Object.freeze(Object.prototype); return app.echo({ toString: 1, a: 2 })",
        "const back = await app.echo({ then: 1 }); return [back, 'then' in back]",
    ];
    expect![[r#"
        const back = await app.echo(JSON.parse('{"__proto__": {"polluted": 1}}'));
                    return [Object.keys(back), Object.getPrototypeOf(back) === Object.prototype, ({}).polluted, back.polluted] -> [["__proto__"],true,null,null]
        const back = await app.echo({ constructor: 1, toString: 2, valueOf: 3 });
                    return [Object.keys(back), `${{}}`] -> [["constructor","toString","valueOf"],"[object Object]"]
        Object.defineProperty(Object.prototype, 'a', { set: boom, configurable: true });
                    const back = await app.echo({ a: 1 }); delete Object.prototype.a; return back -> {"a":1}
        Object.defineProperty(Array.prototype, '0', { set: boom, configurable: true });
                    const back = await app.echo(['a']); delete Array.prototype[0]; return back -> ["a"]
        Object.freeze(Object.prototype); return app.echo({ toString: 1, a: 2 }) -> {"a":2,"toString":1}
        const back = await app.echo({ then: 1 }); return [back, 'then' in back] -> [{"then":1},true]
    "#]].assert_eq(&play(&rows).await);
}

#[tokio::test]
async fn as_exports() {
    let mut told = String::new();
    let sources = [
        ("a module", "export const run = () => 1;"),
        ("a script", "module.exports = { run: () => 1 };"),
        ("a script without exports", ""),
        ("a script with a prototype", "module.exports = { __proto__: { inherited: () => 'inherited' } };"),
        (
            "a script with its own",
            "module.exports = { toString: () => 'own', ['__proto__']: () => 'own proto', then: 7 };",
        ),
        (
            "a module with its own",
            "export const toString = () => 'own'; export const constructor = () => 'c'; export { toString as then };",
        ),
        (
            "a script with a getter",
            "Object.defineProperty(module.exports, 'run', { get() { throw new Error('boom') } });",
        ),
        ("a proxy", "module.exports = new Proxy({}, { get: (_, name) => () => `made ${String(name)}` });"),
    ];
    let mut host = TestHost::new(api());
    for (number, (what, source)) in sources.into_iter().enumerate() {
        writeln!(told, "{what}").unwrap();
        let plugin = host.load(&format!("exports-{number}"), source).await;
        for name in NAMES.into_iter().chain(["run", "inherited"]) {
            match patiently(name, plugin.call::<_, Json>(name, ())).await {
                Ok(Json(value)) => writeln!(told, "    {name:?} -> {value}").unwrap(),
                Err(error) => writeln!(told, "    {name:?} -> {error}").unwrap(),
            }
        }
        let is_told = plugin.info().exports;
        writeln!(told, "    exports {is_told:?}").unwrap();
    }
    host.finish().await;
    expect![[r#"
        a module
            "__proto__" -> TypeError: the plugin exports no function "__proto__"
            "constructor" -> TypeError: the plugin exports no function "constructor"
            "prototype" -> TypeError: the plugin exports no function "prototype"
            "then" -> TypeError: the plugin exports no function "then"
            "toJSON" -> TypeError: the plugin exports no function "toJSON"
            "toString" -> TypeError: the plugin exports no function "toString"
            "hasOwnProperty" -> TypeError: the plugin exports no function "hasOwnProperty"
            "__defineGetter__" -> TypeError: the plugin exports no function "__defineGetter__"
            "" -> TypeError: the plugin exports no function ""
            "0" -> TypeError: the plugin exports no function "0"
            "a b" -> TypeError: the plugin exports no function "a b"
            "Symbol.iterator" -> TypeError: the plugin exports no function "Symbol.iterator"
            "run" -> 1
            "inherited" -> TypeError: the plugin exports no function "inherited"
            exports ["run"]
        a script
            "__proto__" -> TypeError: the plugin exports no function "__proto__"
            "constructor" -> TypeError: the plugin exports no function "constructor"
            "prototype" -> TypeError: the plugin exports no function "prototype"
            "then" -> TypeError: the plugin exports no function "then"
            "toJSON" -> TypeError: the plugin exports no function "toJSON"
            "toString" -> TypeError: the plugin exports no function "toString"
            "hasOwnProperty" -> TypeError: the plugin exports no function "hasOwnProperty"
            "__defineGetter__" -> TypeError: the plugin exports no function "__defineGetter__"
            "" -> TypeError: the plugin exports no function ""
            "0" -> TypeError: the plugin exports no function "0"
            "a b" -> TypeError: the plugin exports no function "a b"
            "Symbol.iterator" -> TypeError: the plugin exports no function "Symbol.iterator"
            "run" -> 1
            "inherited" -> TypeError: the plugin exports no function "inherited"
            exports ["run"]
        a script without exports
            "__proto__" -> TypeError: the plugin exports no function "__proto__"
            "constructor" -> TypeError: the plugin exports no function "constructor"
            "prototype" -> TypeError: the plugin exports no function "prototype"
            "then" -> TypeError: the plugin exports no function "then"
            "toJSON" -> TypeError: the plugin exports no function "toJSON"
            "toString" -> TypeError: the plugin exports no function "toString"
            "hasOwnProperty" -> TypeError: the plugin exports no function "hasOwnProperty"
            "__defineGetter__" -> TypeError: the plugin exports no function "__defineGetter__"
            "" -> TypeError: the plugin exports no function ""
            "0" -> TypeError: the plugin exports no function "0"
            "a b" -> TypeError: the plugin exports no function "a b"
            "Symbol.iterator" -> TypeError: the plugin exports no function "Symbol.iterator"
            "run" -> TypeError: the plugin exports no function "run"
            "inherited" -> TypeError: the plugin exports no function "inherited"
            exports []
        a script with a prototype
            "__proto__" -> TypeError: the plugin exports no function "__proto__"
            "constructor" -> TypeError: the plugin exports no function "constructor"
            "prototype" -> TypeError: the plugin exports no function "prototype"
            "then" -> TypeError: the plugin exports no function "then"
            "toJSON" -> TypeError: the plugin exports no function "toJSON"
            "toString" -> TypeError: the plugin exports no function "toString"
            "hasOwnProperty" -> TypeError: the plugin exports no function "hasOwnProperty"
            "__defineGetter__" -> TypeError: the plugin exports no function "__defineGetter__"
            "" -> TypeError: the plugin exports no function ""
            "0" -> TypeError: the plugin exports no function "0"
            "a b" -> TypeError: the plugin exports no function "a b"
            "Symbol.iterator" -> TypeError: the plugin exports no function "Symbol.iterator"
            "run" -> TypeError: the plugin exports no function "run"
            "inherited" -> "inherited"
            exports []
        a script with its own
            "__proto__" -> "own proto"
            "constructor" -> TypeError: the plugin exports no function "constructor"
            "prototype" -> TypeError: the plugin exports no function "prototype"
            "then" -> TypeError: the plugin exports no function "then"
            "toJSON" -> TypeError: the plugin exports no function "toJSON"
            "toString" -> "own"
            "hasOwnProperty" -> TypeError: the plugin exports no function "hasOwnProperty"
            "__defineGetter__" -> TypeError: the plugin exports no function "__defineGetter__"
            "" -> TypeError: the plugin exports no function ""
            "0" -> TypeError: the plugin exports no function "0"
            "a b" -> TypeError: the plugin exports no function "a b"
            "Symbol.iterator" -> TypeError: the plugin exports no function "Symbol.iterator"
            "run" -> TypeError: the plugin exports no function "run"
            "inherited" -> TypeError: the plugin exports no function "inherited"
            exports ["toString", "__proto__"]
        a module with its own
            "__proto__" -> TypeError: the plugin exports no function "__proto__"
            "constructor" -> "c"
            "prototype" -> TypeError: the plugin exports no function "prototype"
            "then" -> "own"
            "toJSON" -> TypeError: the plugin exports no function "toJSON"
            "toString" -> "own"
            "hasOwnProperty" -> TypeError: the plugin exports no function "hasOwnProperty"
            "__defineGetter__" -> TypeError: the plugin exports no function "__defineGetter__"
            "" -> TypeError: the plugin exports no function ""
            "0" -> TypeError: the plugin exports no function "0"
            "a b" -> TypeError: the plugin exports no function "a b"
            "Symbol.iterator" -> TypeError: the plugin exports no function "Symbol.iterator"
            "run" -> TypeError: the plugin exports no function "run"
            "inherited" -> TypeError: the plugin exports no function "inherited"
            exports ["constructor", "then", "toString"]
        a script with a getter
            "__proto__" -> TypeError: the plugin exports no function "__proto__"
            "constructor" -> TypeError: the plugin exports no function "constructor"
            "prototype" -> TypeError: the plugin exports no function "prototype"
            "then" -> TypeError: the plugin exports no function "then"
            "toJSON" -> TypeError: the plugin exports no function "toJSON"
            "toString" -> TypeError: the plugin exports no function "toString"
            "hasOwnProperty" -> TypeError: the plugin exports no function "hasOwnProperty"
            "__defineGetter__" -> TypeError: the plugin exports no function "__defineGetter__"
            "" -> TypeError: the plugin exports no function ""
            "0" -> TypeError: the plugin exports no function "0"
            "a b" -> TypeError: the plugin exports no function "a b"
            "Symbol.iterator" -> TypeError: the plugin exports no function "Symbol.iterator"
            "run" -> Error: boom
            "inherited" -> TypeError: the plugin exports no function "inherited"
            exports []
        a proxy
            "__proto__" -> "made __proto__"
            "constructor" -> "made constructor"
            "prototype" -> "made prototype"
            "then" -> "made then"
            "toJSON" -> "made toJSON"
            "toString" -> "made toString"
            "hasOwnProperty" -> "made hasOwnProperty"
            "__defineGetter__" -> "made __defineGetter__"
            "" -> "made "
            "0" -> "made 0"
            "a b" -> "made a b"
            "Symbol.iterator" -> "made Symbol.iterator"
            "run" -> "made run"
            "inherited" -> "made inherited"
            exports []
    "#]]
    .assert_eq(&told);
}

/// A plugin's exports are what it chose at its loading, whatever becomes of the prototypes later.
#[tokio::test]
async fn as_the_name_of_a_file_and_of_a_plugin() {
    let mut stage = Stage::new().await;
    let mut told = String::new();
    for id in ["__proto__", "constructor", "then", "tojson", "to-string"] {
        let path = stage.host.write(&format!("{id}.js"), "export const run = () => 1;");
        match plughold::Package::open(path) {
            Ok(package) => {
                let plugin = stage.host.load_package(package).await.unwrap();
                let answer = patiently(id, plugin.call::<_, u32>("run", ())).await;
                writeln!(told, "{id} -> {answer:?}").unwrap();
                plugin.stop().await;
            }
            Err(problems) => writeln!(
                told,
                "{id} -> {}",
                problems.to_string().replace(&stage.host.folder().display().to_string(), "")
            )
            .unwrap(),
        }
    }
    stage.host.finish().await;
    expect![[r#"
        __proto__ -> /__proto__.js is not a plugin that can be loaded
        __proto__.js: the file's name is no id: the id "__proto__" must start and end with a letter or a digit
          help: rename the file, or start it with /* plughold: { "id": "…" } */
        constructor -> Ok(1)
        then -> Ok(1)
        tojson -> Ok(1)
        to-string -> Ok(1)
    "#]]
    .assert_eq(&told);
}

#[tokio::test]
async fn as_names_of_modules_and_of_other_plugins() {
    let rows = [
        "await attempt(() => import('__proto__'))",
        "await attempt(() => import('constructor'))",
        "await attempt(() => import('./__proto__.js'))",
        "await attempt(() => import(''))",
        "await attempt(() => import('.'))",
        "await attempt(() => import({ toString: boom }))",
        "await attempt(() => import(Symbol('s')))",
        "await attempt(() => import('\\0'))",
        "await attempt(() => import('./' + 'a/'.repeat(1000) + 'b.js'))",
        "await attempt(() => import('../../../../etc/passwd'))",
        "await attempt(() => import('file:///etc/passwd'))",
        "await attempt(() => import('./row.json', { get with() { boom() } }))",
        "await attempt(() => import('./row.json', { with: { get type() { boom() } } }))",
        "await attempt(() => import('./row.json', { with: { type: '__proto__' } }))",
        "await attempt(() => plugins.get('__proto__'))",
        "await attempt(() => plugins.get('constructor'))",
        "await attempt(() => plugins.get('neighbour'))",
        "await attempt(() => plugins.get({ toString: boom }))",
        "await attempt(() => plugins.get())",
        "await attempt(() => plugins.get('neighbour', { get blocking() { boom() } }))",
        "await attempt(() => { plugins.get = boom; return plugins.get === boom })",
        "await attempt(() => plugins.then)",
    ];
    expect![[r#"
        await attempt(() => import('__proto__')) -> "Error: cannot import \"__proto__\": only files of the plugin, as \"./name.js\", and built-in modules can be imported; bundle packages into the plugin"
        await attempt(() => import('constructor')) -> "Error: cannot import \"constructor\": only files of the plugin, as \"./name.js\", and built-in modules can be imported; bundle packages into the plugin"
        await attempt(() => import('./__proto__.js')) -> "Error: cannot import \"./__proto__.js\": the plugin is a single file; make it a folder with a \"plughold.json\""
        await attempt(() => import('')) -> "Error: cannot import \"\": only files of the plugin, as \"./name.js\", and built-in modules can be imported; bundle packages into the plugin"
        await attempt(() => import('.')) -> "Error: cannot import \".\": the plugin is a single file; make it a folder with a \"plughold.json\""
        await attempt(() => import({ toString: boom })) -> "Error: boom"
        await attempt(() => import(Symbol('s'))) -> "TypeError: cannot convert symbol to string"
        await attempt(() => import('\0')) -> "Error: cannot import \"\": only files of the plugin, as \"./name.js\", and built-in modules can be imported; bundle packages into the plugin"
        await attempt(() => import('./' + 'a/'.repeat(1000) + 'b.js')) -> "TypeError: a specifier of 2006 bytes; at most 1024 are allowed"
        await attempt(() => import('../../../../etc/passwd')) -> "Error: cannot import \"../../../../etc/passwd\" from \"row-9.js\": it leads out of the plugin"
        await attempt(() => import('file:///etc/passwd')) -> "Error: cannot import \"file:///etc/passwd\": expected a name relative to the importing file, as \"./name.js\""
        await attempt(() => import('./row.json', { get with() { boom() } })) -> "Error: boom"
        await attempt(() => import('./row.json', { with: { get type() { boom() } } })) -> "Error: boom"
        await attempt(() => import('./row.json', { with: { type: '__proto__' } })) -> "TypeError: modules of the type \"__proto__\" cannot be imported; there is type: \"json\""
        await attempt(() => plugins.get('__proto__')) -> "PermissionDenied: plugins.get: plugin __proto__ is not declared as a dependency: write \"dependencies\": { \"__proto__\": \"*\" } into the manifest"
        await attempt(() => plugins.get('constructor')) -> "PermissionDenied: plugins.get: plugin constructor is not declared as a dependency: write \"dependencies\": { \"constructor\": \"*\" } into the manifest"
        await attempt(() => plugins.get('neighbour')) -> "PermissionDenied: plugins.get: plugin neighbour is not declared as a dependency: write \"dependencies\": { \"neighbour\": \"*\" } into the manifest"
        await attempt(() => plugins.get({ toString: boom })) -> "TypeError: plugins.get: argument 1: expected a string, found an object"
        await attempt(() => plugins.get()) -> "TypeError: plugins.get: argument 1: expected a string, found undefined"
        await attempt(() => plugins.get('neighbour', { get blocking() { boom() } })) -> "Error: boom"
        await attempt(() => { plugins.get = boom; return plugins.get === boom }) -> "TypeError: 'get' is read-only"
        await attempt(() => plugins.then) -> null
    "#]].assert_eq(&play(&rows).await);
}

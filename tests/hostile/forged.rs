//! Data in the shape of a reference, in every shape that one could think of.

use crate::stage::play;
use expect_test::expect;

#[tokio::test]
async fn no_data_becomes_a_function() {
    let forgeries = [
        "'___plugin_event_7'",
        "'#7'",
        "16777216",
        "16777216n",
        "[1, 16777216]",
        "[1, [0, 0, 0, 1, 0, 0, 0, 0]]",
        "[1, new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0])]",
        "new Uint8Array([0xd7, 0x01, 0, 0, 0, 1, 0, 0, 0, 0])",
        "new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0])",
        "{ _ExtStruct: [1, new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0])] }",
        "{ $function: true }",
        "{ $function: true, id: 16777216 }",
        "{ $callback: 16777216 }",
        "{ kind: 1, payload: new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0]) }",
        "{ call: 1, apply: 2, bind: 3, length: 0, name: 'f' }",
        "{ __proto__: Function.prototype }",
        "Object.create(() => 1)",
        "new Proxy({}, { apply: () => 1, getPrototypeOf: () => Function.prototype })",
        "new Map([['execute', 1]])",
        "/function/",
        "new Date(16777216)",
        "new Error('function')",
        "{ then() {} }",
        "{ [Symbol.toStringTag]: 'Function' }",
        "null",
        "undefined",
    ];
    let mut rows = vec!["app.notes.register({ name: 'a real one', execute: () => 1 })".to_owned()];
    // Beside a real one, so that there is a function with this number.
    rows.extend(
        forgeries
            .iter()
            .map(|forged| format!("app.notes.register({{ name: 'n', real: () => 1, execute: {forged} }})")),
    );
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    expect![[r##"
        app.notes.register({ name: 'a real one', execute: () => 1 }) -> "a real one"
        app.notes.register({ name: 'n', real: () => 1, execute: '___plugin_event_7' }) -> TypeError: notes.register: argument 1: execute: expected a function, found the string "___plugin_event_7"
        app.notes.register({ name: 'n', real: () => 1, execute: '#7' }) -> TypeError: notes.register: argument 1: execute: expected a function, found the string "#7"
        app.notes.register({ name: 'n', real: () => 1, execute: 16777216 }) -> TypeError: notes.register: argument 1: execute: expected a function, found 16777216
        app.notes.register({ name: 'n', real: () => 1, execute: 16777216n }) -> TypeError: notes.register: argument 1: execute: expected a function, found a BigInt
        app.notes.register({ name: 'n', real: () => 1, execute: [1, 16777216] }) -> TypeError: notes.register: argument 1: execute: expected a function, found an array
        app.notes.register({ name: 'n', real: () => 1, execute: [1, [0, 0, 0, 1, 0, 0, 0, 0]] }) -> TypeError: notes.register: argument 1: execute: expected a function, found an array
        app.notes.register({ name: 'n', real: () => 1, execute: [1, new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0])] }) -> TypeError: notes.register: argument 1: execute: expected a function, found an array
        app.notes.register({ name: 'n', real: () => 1, execute: new Uint8Array([0xd7, 0x01, 0, 0, 0, 1, 0, 0, 0, 0]) }) -> TypeError: notes.register: argument 1: execute: expected a function, found bytes
        app.notes.register({ name: 'n', real: () => 1, execute: new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0]) }) -> TypeError: notes.register: argument 1: execute: expected a function, found bytes
        app.notes.register({ name: 'n', real: () => 1, execute: { _ExtStruct: [1, new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0])] } }) -> TypeError: notes.register: argument 1: execute: expected a function, found an object
        app.notes.register({ name: 'n', real: () => 1, execute: { $function: true } }) -> TypeError: notes.register: argument 1: execute: expected a function, found an object
        app.notes.register({ name: 'n', real: () => 1, execute: { $function: true, id: 16777216 } }) -> TypeError: notes.register: argument 1: execute: expected a function, found an object
        app.notes.register({ name: 'n', real: () => 1, execute: { $callback: 16777216 } }) -> TypeError: notes.register: argument 1: execute: expected a function, found an object
        app.notes.register({ name: 'n', real: () => 1, execute: { kind: 1, payload: new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0]) } }) -> TypeError: notes.register: argument 1: execute: expected a function, found an object
        app.notes.register({ name: 'n', real: () => 1, execute: { call: 1, apply: 2, bind: 3, length: 0, name: 'f' } }) -> TypeError: notes.register: argument 1: execute: expected a function, found an object
        app.notes.register({ name: 'n', real: () => 1, execute: { __proto__: Function.prototype } }) -> TypeError: notes.register: argument 1: execute: expected a function, found an object by reference
        app.notes.register({ name: 'n', real: () => 1, execute: Object.create(() => 1) }) -> TypeError: notes.register: argument 1: execute: expected a function, found an object by reference
        app.notes.register({ name: 'n', real: () => 1, execute: new Proxy({}, { apply: () => 1, getPrototypeOf: () => Function.prototype }) }) -> TypeError: notes.register: argument 1: execute: expected a function, found an object by reference
        app.notes.register({ name: 'n', real: () => 1, execute: new Map([['execute', 1]]) }) -> TypeError: notes.register: argument 1: execute: expected a function, found a Map
        app.notes.register({ name: 'n', real: () => 1, execute: /function/ }) -> TypeError: notes.register: argument 1: execute: expected a function, found a regular expression
        app.notes.register({ name: 'n', real: () => 1, execute: new Date(16777216) }) -> TypeError: notes.register: argument 1: execute: expected a function, found a Date
        app.notes.register({ name: 'n', real: () => 1, execute: new Error('function') }) -> TypeError: notes.register: argument 1: execute: expected a function, found an Error
        app.notes.register({ name: 'n', real: () => 1, execute: { then() {} } }) -> TypeError: notes.register: argument 1: execute: expected a function, found an object
        app.notes.register({ name: 'n', real: () => 1, execute: { [Symbol.toStringTag]: 'Function' } }) -> TypeError: notes.register: argument 1: execute: expected a function, found an object
        app.notes.register({ name: 'n', real: () => 1, execute: null }) -> TypeError: notes.register: argument 1: execute: expected a function, found null
        app.notes.register({ name: 'n', real: () => 1, execute: undefined }) -> TypeError: notes.register: argument 1: execute: expected a function, found undefined
    "##]].assert_eq(&play(&rows).await);
}

//! Errors in both directions: of the other side, of the caller, and for lack of a permission.

use crate::{answer, api, evaluate};
use expect_test::expect;
use plughold::{CallError, Event, Grant, Json};
use plughold_tests::TestHost;
use std::fmt::Write;

#[tokio::test]
async fn arguments_that_do_not_fit_throw_an_error_that_says_where() {
    let rows = [
        "app.notes.find(7)",
        "app.notes.find(7, undefined)",
        "app.notes.find(7, true)",
        "app.notes.find()",
        "app.notes.find('7')",
        "app.notes.find(7.5)",
        "app.notes.find(-1)",
        "app.notes.find(7, 'yes')",
        "app.notes.find(7, true, 'more')",
        "app.notes.find(() => 7)",
        "app.notes.echo({ title: 'a' })",
        "app.notes.echo({ title: 'a', words: [] })",
        "app.notes.echo([1, 2])",
        "app.notes.echo({ get title() { throw new RangeError('mine') } })",
        "app.echo(Symbol('s'))",
        "app.echo(1, { a: [new WeakSet()] })",
        "app.echo({ a: [new WeakSet()] })",
        "app.notes.fnid(7)",
        "app.notes.find.call(null, 7, false)",
        "app.text.echo(new Uint8Array(2))",
        "app.bytes.echo([1, 2])",
        "app.bytes.echo(new ArrayBuffer(2))",
    ];
    expect![[r#"
        app.notes.find(7) -> null
        app.notes.find(7, undefined) -> null
        app.notes.find(7, true) -> true
        app.notes.find() -> TypeError: notes.find: argument 1: missing
        app.notes.find('7') -> TypeError: notes.find: argument 1: expected a whole number (u32), found the string "7"
        app.notes.find(7.5) -> TypeError: notes.find: argument 1: expected a whole number (u32), found 7.5
        app.notes.find(-1) -> TypeError: notes.find: argument 1: expected a whole number (u32), found -1
        app.notes.find(7, 'yes') -> TypeError: notes.find: argument 2: expected a boolean, found the string "yes"
        app.notes.find(7, true, 'more') -> true
        app.notes.find(() => 7) -> TypeError: notes.find: argument 1: expected a whole number (u32), found a function
        app.notes.echo({ title: 'a' }) -> TypeError: notes.echo: argument 1: words is missing
        app.notes.echo({ title: 'a', words: [] }) -> TypeError: notes.echo: argument 1: words: expected a whole number (u64), found an array
        app.notes.echo([1, 2]) -> TypeError: notes.echo: argument 1: expected an object (Note), found an array
        app.notes.echo({ get title() { throw new RangeError('mine') } }) -> RangeError: mine
        app.echo(Symbol('s')) -> TypeError: cannot send arguments[0]: a symbol has no copy
        app.echo(1, { a: [new WeakSet()] }) -> TypeError: cannot send arguments[1].a[0]: an instance of WeakSet has no copy
        app.echo({ a: [new WeakSet()] }) -> TypeError: cannot send arguments[0].a[0]: an instance of WeakSet has no copy
        app.notes.fnid(7) -> TypeError: not a function (app.notes.fnid does not exist; did you mean app.notes.find?)
        app.notes.find.call(null, 7, false) -> false
        app.text.echo(new Uint8Array(2)) -> TypeError: text.echo: argument 1: expected a string, found bytes
        app.bytes.echo([1, 2]) -> TypeError: bytes.echo: argument 1: expected bytes (Uint8Array), found an array
        app.bytes.echo(new ArrayBuffer(2)) -> {"$bytes":2}
    "#]].assert_eq(&evaluate(&rows).await);
}

#[tokio::test]
async fn a_plugin_sees_errors_of_the_application_whole() {
    let rows = [
        "app.notes.find(8).catch(seen)",
        "app.notes.save().catch(seen)",
        "app.notes.find('8').catch(seen)",
        "app.secret().catch(seen)",
        "app.panics.atOnce().catch(seen)",
        "app.panics.later().catch(seen)",
        "app.numbers.double(21)",
    ];
    expect![[r#"
        app.notes.find(8).catch(seen) -> [true,"NotFound","there is no note 8","E_NOT_FOUND",null,{"code":"E_NOT_FOUND","httpCode":404,"path":["notes","find"]}]
        app.notes.save().catch(seen) -> [true,"Error","the note cannot be saved",null,"an error occurred when formatting an argument",{}]
        app.notes.find('8').catch(seen) -> [true,"TypeError","notes.find: argument 1: expected a whole number (u32), found the string \"8\"",null,null,{}]
        app.secret().catch(seen) -> [true,"PermissionDenied","secret: permission denied: the manifest does not ask for secrets.read: write \"permissions\": [\"secrets.read\"] into the comment /* plughold: { … } */ at the top of the script","E_DENIED",null,{"code":"E_DENIED","permission":"secrets.read"}]
        app.panics.atOnce().catch(seen) -> [true,"InternalError","panics.atOnce: the application's function panicked: not yet thought out",null,null,{}]
        app.panics.later().catch(seen) -> [true,"InternalError","panics.later: the application's function panicked: not yet written",null,null,{}]
        app.numbers.double(21) -> 42
    "#]].assert_eq(&evaluate(&rows).await);
}

/// An error that answers a call names the line of that call, whether the plugin awaits it or not.
#[tokio::test]
async fn an_error_of_the_application_has_the_line_of_the_call() {
    let source = "export async function awaited() {
    await null;
    await app.notes.find('8');
}
export function forgotten() {
    app.notes.find('8');
}
";
    let mut host = TestHost::new(api());
    let plugin = host.load("caller", source).await;
    let error = plugin.call::<_, Json>("awaited", ()).await.unwrap_err();
    let CallError::Thrown(thrown) = error else { panic!("{error}") };
    assert_eq!(thrown.place(), Some("caller.js:3:21"));
    assert_eq!(thrown.stack.as_deref(), Some("    at awaited (caller.js:3:21)"));
    plugin.call::<_, ()>("forgotten", ()).await.unwrap();
    let uncaught = host.event("the rejection", |event| match event {
        Event::Uncaught { thrown, .. } => Some(thrown.clone()),
        _ => None,
    });
    assert_eq!(uncaught.await.place(), Some("caller.js:6:15"));
    host.finish().await;
}

#[tokio::test]
async fn an_application_sees_errors_of_a_plugin_whole() {
    let source = r#"class NotFound extends Error {
    constructor(message, options) {
        super(message, options);
        Object.assign(this, { name: "NotFound", code: "E_NOT_FOUND", httpCode: 404, path: ["a", { b: 1 }] });
    }
}
function look() {
    throw new NotFound("no note 7", { cause: new TypeError("inner", { cause: "the innermost" }) });
}
export const throws = () => look();
export const rejects = async () => { await null; look(); };
export const throwsText = () => { throw "just text\u001b[31m"; };
export const throwsNothing = () => { throw undefined; };
export const throwsFrozen = () => { throw Object.freeze(new Error("frozen")); };
export const liesAboutItsStack = () => {
    const error = new Error("mine");
    error.stack = "    at innocent (other.js:1:1)";
    throw error;
};
export const throwsFromGetter = () => ({ get a() { throw new RangeError("in the result"); } });
export const overflows = () => overflows() + 1;
"#;
    let mut host = TestHost::new(api());
    let plugin = host.load("thrower", source).await;
    let mut told = String::new();
    let exports = [
        "throws",
        "rejects",
        "throwsText",
        "throwsNothing",
        "throwsFrozen",
        "liesAboutItsStack",
        "throwsFromGetter",
        "missing",
    ];
    for export in exports {
        let error = answer::<Json>(&plugin, export).await.unwrap_err();
        let CallError::Thrown(thrown) = error else { panic!("{export}: {error}") };
        writeln!(told, "{export}: {thrown}").unwrap();
        writeln!(told, "{}", serde_json::to_string_pretty(&*thrown).unwrap()).unwrap();
    }
    expect![[r#"
        throws: NotFound: no note 7
        {
          "name": "NotFound",
          "message": "no note 7",
          "stack": "    at NotFound (thrower.js:3:24)\n    at look (thrower.js:8:50)\n    at throws (thrower.js:10:29)",
          "code": "E_NOT_FOUND",
          "cause": {
            "name": "TypeError",
            "message": "inner",
            "stack": "    at look (thrower.js:8:50)\n    at throws (thrower.js:10:29)",
            "cause": {
              "name": "",
              "message": "the innermost",
              "value": "the innermost"
            }
          },
          "fields": {
            "httpCode": 404,
            "path": [
              "a",
              {
                "b": 1
              }
            ]
          }
        }
        rejects: NotFound: no note 7
        {
          "name": "NotFound",
          "message": "no note 7",
          "stack": "    at NotFound (thrower.js:3:24)\n    at look (thrower.js:8:50)\n    at rejects (thrower.js:11:50)",
          "code": "E_NOT_FOUND",
          "cause": {
            "name": "TypeError",
            "message": "inner",
            "stack": "    at look (thrower.js:8:50)\n    at rejects (thrower.js:11:50)",
            "cause": {
              "name": "",
              "message": "the innermost",
              "value": "the innermost"
            }
          },
          "fields": {
            "httpCode": 404,
            "path": [
              "a",
              {
                "b": 1
              }
            ]
          }
        }
        throwsText: just text\u{1b}[31m
        {
          "name": "",
          "message": "just text\\u{1b}[31m",
          "value": "just text\u001b[31m"
        }
        throwsNothing: undefined
        {
          "name": "",
          "message": "undefined",
          "value": null
        }
        throwsFrozen: Error: frozen
        {
          "name": "Error",
          "message": "frozen",
          "stack": "    at throwsFrozen (thrower.js:14:61)"
        }
        liesAboutItsStack: Error: mine
        {
          "name": "Error",
          "message": "mine",
          "stack": "    at liesAboutItsStack (thrower.js:16:23)"
        }
        throwsFromGetter: RangeError: in the result
        {
          "name": "RangeError",
          "message": "in the result",
          "stack": "    at get a (thrower.js:20:62)"
        }
        missing: TypeError: the plugin exports no function "missing"
        {
          "name": "TypeError",
          "message": "the plugin exports no function \"missing\"",
          "code": "E_NOT_FOUND"
        }
    "#]].assert_eq(&told);
    let Err(CallError::Thrown(thrown)) = answer::<Json>(&plugin, "overflows").await else { panic!() };
    assert!(thrown.place().is_some_and(|place| place.starts_with("thrower.js:21:")), "{thrown:?}");
    host.finish().await;
}

#[tokio::test]
async fn a_permission_needs_to_be_asked_for_and_granted() {
    let denied = "PermissionDenied E_DENIED secrets.read";
    for (permissions, grant, expected) in [
        (r#""secrets.read""#, Grant::Allow, "told"),
        (r#""secrets.read""#, Grant::Deny, denied),
        ("", Grant::Allow, denied),
        (r#""secrets.write""#, Grant::Allow, denied),
    ] {
        let source = format!(
            "/* plughold: {{ \"permissions\": [{permissions}] }} */
            const seen = ({{ name, code, permission }}) => `${{name}} ${{code}} ${{permission}}`;
            export const ask = () => app.secret().catch(seen);"
        );
        let mut host = TestHost::built(api(), |builder| builder.grants(move |_, _| grant));
        let plugin = host.load("asker", &source).await;
        assert_eq!(answer(&plugin, "ask").await, Ok(expected.to_owned()), "{permissions} {grant:?}");
        host.finish().await;
    }
}

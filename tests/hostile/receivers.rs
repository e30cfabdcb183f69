//! Functions of the API as values of the language: with another `this`, bound, constructed, wrapped.

use crate::stage::play;
use expect_test::expect;

#[tokio::test]
async fn functions_of_the_api_need_no_this() {
    let rows = [
        "app.echo.call(null, 1)",
        "app.echo.call({ echo: boom }, 1)",
        "app.echo.call(new Proxy({}, { get: boom }), 1)",
        "app.echo.apply(undefined, [1])",
        "app.echo.apply(7, { length: 2, 0: 'array-like' })",
        "await attempt(() => app.echo.apply(null, { get length() { boom() } }))",
        "await attempt(() => app.echo.apply(null, { length: 1, get 0() { boom() } }))",
        "await attempt(() => app.echo.apply(null, 'text'))",
        "await attempt(() => app.echo.apply(null, { length: 1e9 }))",
        "app.echo.bind(null, 1)()",
        "app.echo.bind(null, 1).call({}, 2)",
        "Promise.all([1, 2].map(app.echo))",
        "Promise.all([[1], [2]].map(([value]) => app.echo(value)))",
        "Reflect.apply(app.echo, null, [1])",
        "await attempt(() => new app.echo(1))",
        "await attempt(() => Reflect.construct(app.echo, [1]))",
        "await attempt(() => Reflect.construct(Object, [], app.echo))",
        "await attempt(() => { class A extends app.echo {} return new A(1) })",
        "new Proxy(app.echo, {})(1)",
        "new Proxy(app, {}).echo(1)",
        "await attempt(() => new Proxy(app, { get: (target, name) => target[name] }).echo(1))",
        "const { echo, notes: { size } } = app; return [await echo(1), await size('ab')]",
        "Object.create(app).echo(1)",
        "({ ...app }).echo(1)",
        "app.echo`text`",
        "app.echo.name",
        "app.echo.length",
        "`${app.echo}`",
        "app.echo === app.echo",
        "await attempt(() => app.echo(app.echo))",
        "await attempt(() => app.call(app.echo, 'through the host'))",
        "await attempt(() => app.notes.register({ name: 'n', execute: app.echo }))",
        "await attempt(() => app.echo(...Array(70000).fill(1)))",
    ];
    expect![[r#"
        app.echo.call(null, 1) -> 1
        app.echo.call({ echo: boom }, 1) -> 1
        app.echo.call(new Proxy({}, { get: boom }), 1) -> 1
        app.echo.apply(undefined, [1]) -> 1
        app.echo.apply(7, { length: 2, 0: 'array-like' }) -> "array-like"
        await attempt(() => app.echo.apply(null, { get length() { boom() } })) -> "Error: boom"
        await attempt(() => app.echo.apply(null, { length: 1, get 0() { boom() } })) -> "Error: boom"
        await attempt(() => app.echo.apply(null, 'text')) -> "TypeError: not a object"
        await attempt(() => app.echo.apply(null, { length: 1e9 })) -> "RangeError: too many arguments in function call (only 65535 allowed)"
        app.echo.bind(null, 1)() -> 1
        app.echo.bind(null, 1).call({}, 2) -> 1
        Promise.all([1, 2].map(app.echo)) -> [1,2]
        Promise.all([[1], [2]].map(([value]) => app.echo(value))) -> [1,2]
        Reflect.apply(app.echo, null, [1]) -> 1
        await attempt(() => new app.echo(1)) -> "TypeError: not a constructor"
        await attempt(() => Reflect.construct(app.echo, [1])) -> "TypeError: not a constructor"
        await attempt(() => Reflect.construct(Object, [], app.echo)) -> "TypeError: not a constructor"
        await attempt(() => { class A extends app.echo {} return new A(1) }) -> "TypeError: parent class must be constructor"
        new Proxy(app.echo, {})(1) -> 1
        new Proxy(app, {}).echo(1) -> 1
        await attempt(() => new Proxy(app, { get: (target, name) => target[name] }).echo(1)) -> 1
        const { echo, notes: { size } } = app; return [await echo(1), await size('ab')] -> [1,4]
        Object.create(app).echo(1) -> 1
        ({ ...app }).echo(1) -> 1
        app.echo`text` -> ["text"]
        app.echo.name -> "echo"
        app.echo.length -> 0
        `${app.echo}` -> "function echo() {\n    [native code]\n}"
        app.echo === app.echo -> true
        await attempt(() => app.echo(app.echo)) -> {"$function":true}
        await attempt(() => app.call(app.echo, 'through the host')) -> "through the host"
        await attempt(() => app.notes.register({ name: 'n', execute: app.echo })) -> "n"
        await attempt(() => app.echo(...Array(70000).fill(1))) -> "RangeError: too many arguments in function call (only 65535 allowed)"
    "#]].assert_eq(&play(&rows).await);
}

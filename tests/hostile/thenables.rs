//! Promises that are none, and promises that do not behave.

use crate::stage::play;
use expect_test::expect;

#[tokio::test]
async fn as_results_and_as_arguments() {
    let rows = [
        "return { then(done) { done('settled') } }",
        "return { then(_, fail) { fail(new Error('refused')) } }",
        "return { then() { boom() } }",
        "return { get then() { boom() } }",
        "return { then(done, fail) { done(1); done(2); fail(3) } }",
        "return { then(done) { done({ then(done) { done('twice') } }) } }",
        "let depth = 0; const make = () => ({ then(done) { depth++ < 1000 ? done(make()) : done(depth) } }); return make()",
        "const t = { then(done) { done(7) } }; return [t]",
        "return { then: 'text' }",
        "return new Proxy({}, { get: (_, name) => name === 'then' ? (done) => done('from a trap') : 1 })",
        "const p = Promise.resolve(1); p.then = boom; return p",
        "const p = Promise.resolve(1); p.constructor = boom; return p",
        "class P extends Promise { then() { boom() } } return P.resolve(1)",
        "class P extends Promise { static get [Symbol.species]() { boom() } } return P.resolve(1)",
        "app.echo({ then(done) { done(1) } })",
        "app.echo(Promise.resolve(1))",
        "app.call(() => ({ then(done) { done('by a callback') } }), 1)",
        "app.call(() => ({ then() { boom() } }), 1)",
        "app.call(() => { throw { then() {} } }, 1)",
        "app.call(async () => { throw new Promise(() => {}) }, 1)",
        "app.call(() => Promise.reject(undefined), 1)",
        "app.call(function* () { yield 1 }, 1)",
        "app.call(async function* () { yield 1 }, 1)",
        "app.call(class A {}, 1)",
        "app.call(Symbol, 's')",
        "app.call(Promise, 1)",
        "app.call(eval, '1 + 1')",
        "app.call(Function, 'return 1')",
        "app.call(app.call, 1)",
        "const promise = app.echo(1); promise.then = boom; return attempt(() => promise)",
        "const promise = app.echo(1); Object.freeze(promise); return promise",
        "app.echo(1).finally(() => app.echo(2))",
        "app.fail(); return 'not awaited'",
        "app.fail().catch(boom); return 'caught by what throws'",
        "Object.prototype.then = function (done) { delete Object.prototype.then; done('hijacked') }; return app.echo({ a: 1 })",
    ];
    expect![[r#"
        return { then(done) { done('settled') } } -> "settled"
        return { then(_, fail) { fail(new Error('refused')) } } -> Error: refused
        return { then() { boom() } } -> Error: boom
        return { get then() { boom() } } -> Error: boom
        return { then(done, fail) { done(1); done(2); fail(3) } } -> 1
        return { then(done) { done({ then(done) { done('twice') } }) } } -> "twice"
        let depth = 0; const make = () => ({ then(done) { depth++ < 1000 ? done(make()) : done(depth) } }); return make() -> 1001
        const t = { then(done) { done(7) } }; return [t] -> [{"then":{"$function":true}}]
        return { then: 'text' } -> {"then":"text"}
        return new Proxy({}, { get: (_, name) => name === 'then' ? (done) => done('from a trap') : 1 }) -> "from a trap"
        const p = Promise.resolve(1); p.then = boom; return p -> Error: boom
        const p = Promise.resolve(1); p.constructor = boom; return p -> 1
        class P extends Promise { then() { boom() } } return P.resolve(1) -> Error: boom
        class P extends Promise { static get [Symbol.species]() { boom() } } return P.resolve(1) -> Error: boom
        app.echo({ then(done) { done(1) } }) -> {"then":{"$function":true}}
        app.echo(Promise.resolve(1)) -> TypeError: cannot send arguments[0]: a promise has no copy: await it first
        app.call(() => ({ then(done) { done('by a callback') } }), 1) -> "by a callback"
        app.call(() => ({ then() { boom() } }), 1) -> Error: boom
        app.call(() => { throw { then() {} } }, 1) -> thrown: {"then":null}
        app.call(async () => { throw new Promise(() => {}) }, 1) -> Error: thrown: Promise {}
        app.call(() => Promise.reject(undefined), 1) -> undefined
        app.call(function* () { yield 1 }, 1) -> TypeError: cannot send result: a generator has no copy: make an array of it first
        app.call(async function* () { yield 1 }, 1) -> {"$stream":true}
        app.call(class A {}, 1) -> TypeError: class constructors must be invoked with 'new'
        app.call(Symbol, 's') -> TypeError: cannot send result: a symbol has no copy
        app.call(Promise, 1) -> TypeError: must be called with new
        app.call(eval, '1 + 1') -> 2
        app.call(Function, 'return 1') -> {"$function":true}
        app.call(app.call, 1) -> TypeError: call: argument 1: expected a function, found 1
        const promise = app.echo(1); promise.then = boom; return attempt(() => promise) -> 1
        const promise = app.echo(1); Object.freeze(promise); return promise -> 1
        app.echo(1).finally(() => app.echo(2)) -> 1
        app.fail(); return 'not awaited' -> "not awaited"; uncaught: TypeError: as asked
        app.fail().catch(boom); return 'caught by what throws' -> "caught by what throws"; uncaught: Error: boom
        Object.prototype.then = function (done) { delete Object.prototype.then; done('hijacked') }; return app.echo({ a: 1 }) -> "hijacked"
    "#]].assert_eq(&play(&rows).await);
}

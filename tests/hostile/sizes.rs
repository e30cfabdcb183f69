//! Values without measure: wide, long, deep, and inside themselves.

use crate::stage::play;
use expect_test::expect;

#[tokio::test]
async fn wide_long_and_deep() {
    let rows = [
        "app.notes.size(Object.fromEntries(Array.from({ length: 99_998 }, (_, i) => [`k${i}`, 1])))",
        "app.notes.size(Object.fromEntries(Array.from({ length: 100_001 }, (_, i) => [`k${i}`, 1])))",
        "app.notes.size(Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [i, 1])))",
        "app.notes.size(Array(99_998).fill(0))",
        "app.notes.size(Array(100_001).fill(0))",
        "app.notes.size(Array(2 ** 32 - 1))",
        "const a = []; a[4_000_000_000] = 1; return app.notes.size(a)",
        "app.notes.size(Array(1000).fill(Array(1000).fill(0)))",
        "app.notes.size('x'.repeat(1_000_000))",
        "app.notes.size('\\u{1f600}'.repeat(250_000))",
        "app.notes.size('x'.repeat(32 * 1024 * 1024))",
        "app.notes.size(['x'.repeat(20_000_000), 'x'.repeat(20_000_000)])",
        "const s = 'x'.repeat(10_000_000); return app.notes.size([s, s, s, s, s, s, s, s])",
        "app.notes.size({ ['k'.repeat(1_000_000)]: 1 })",
        "app.notes.size({ a: { ['k'.repeat(1_000_000)]: Symbol('s') } })",
        "app.notes.size(new Uint8Array(1_000_000))",
        "app.notes.size(new Uint8Array(33 * 1024 * 1024))",
        "app.notes.size(new Map(Array.from({ length: 49_000 }, (_, i) => [i, i])))",
        "app.notes.size(new Map(Array.from({ length: 51_000 }, (_, i) => [i, i])))",
        "app.notes.size(new Set(Array.from({ length: 100_001 }, (_, i) => i)))",
        "app.notes.size(10n ** 10_000n)",
        "app.notes.size(2n ** 1_000_000n)",
        "let o = 1; for (let i = 0; i < 62; i++) o = { o }; return app.notes.size(o)",
        "let o = 1; for (let i = 0; i < 100; i++) o = { o }; return app.notes.size(o)",
        "let o = 1; for (let i = 0; i < 200_000; i++) o = [o]; return app.notes.size(o)",
        "let o = 1; for (let i = 0; i < 100; i++) o = new Map([[o, o]]); return app.notes.size(o)",
        "let e = new Error('m'); for (let i = 0; i < 100; i++) e = new Error('m', { cause: e }); return app.describe(e)",
        "let e = new Error('m'); for (let i = 0; i < 100_000; i++) e = new Error('m', { cause: e }); throw e",
        "throw new Error('x'.repeat(1_000_000))",
        "throw 'x'.repeat(1_000_000)",
        "const e = new Error('m'); for (let i = 0; i < 100_000; i++) e[`k${i}`] = i; throw e",
        "Promise.all(Array.from({ length: 3000 }, (_, i) => app.echo(i))).then((all) => all.length)",
        "app.describe(Array.from({ length: 1000 }, () => () => 1)).then((text) => text.length)",
        "app.describe(Array.from({ length: 100_001 }, () => () => 1)).then((text) => text.length)",
        "const f = () => 1; return app.describe(Array(50_000).fill(f)).then((text) => text.length)",
        "await attempt(() => Promise.all(Array.from({ length: 20_000 }, (_, i) => app.echo(i))).then((all) => all.length))",
        "const deep = () => { try { deep() } catch { return app.echo('at the bottom') } }; deep(); return app.echo('back')",
    ];
    let told = play(&rows).await;
    // A long answer is one of many letters.
    expect![[r#"
        app.notes.size(Object.fromEntries(Array.from({ length: 99_998 }, (_, i) => [`k${i}`, 1]))) -> TypeError: cannot send arguments: more than 100000 values
        app.notes.size(Object.fromEntries(Array.from({ length: 100_001 }, (_, i) => [`k${i}`, 1]))) -> TypeError: cannot send arguments: more than 100000 values
        app.notes.size(Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [i, 1]))) -> TypeError: cannot send arguments: more than 100000 values
        app.notes.size(Array(99_998).fill(0)) -> 199997
        app.notes.size(Array(100_001).fill(0)) -> TypeError: cannot send arguments: more than 100000 values
        app.notes.size(Array(2 ** 32 - 1)) -> TypeError: cannot send arguments: more than 100000 values
        const a = []; a[4_000_000_000] = 1; return app.notes.size(a) -> TypeError: cannot send arguments: more than 100000 values
        app.notes.size(Array(1000).fill(Array(1000).fill(0))) -> TypeError: cannot send arguments: more than 100000 values
        app.notes.size('x'.repeat(1_000_000)) -> 1000002
        app.notes.size('\u{1f600}'.repeat(250_000)) -> 1000002
        app.notes.size('x'.repeat(32 * 1024 * 1024)) -> TypeError: cannot send arguments: more than 33552384 bytes
        app.notes.size(['x'.repeat(20_000_000), 'x'.repeat(20_000_000)]) -> TypeError: cannot send arguments: more than 33552384 bytes
        const s = 'x'.repeat(10_000_000); return app.notes.size([s, s, s, s, s, s, s, s]) -> TypeError: cannot send arguments: more than 33552384 bytes
        app.notes.size({ ['k'.repeat(1_000_000)]: 1 }) -> 1000006
        app.notes.size({ a: { ['k'.repeat(1_000_000)]: Symbol('s') } }) -> TypeError: cannot send arguments[0].a.kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk: a symbol has no copy
        app.notes.size(new Uint8Array(1_000_000)) -> 18
        app.notes.size(new Uint8Array(33 * 1024 * 1024)) -> TypeError: cannot send arguments: more than 33552384 bytes
        app.notes.size(new Map(Array.from({ length: 49_000 }, (_, i) => [i, i]))) -> 565790
        app.notes.size(new Map(Array.from({ length: 51_000 }, (_, i) => [i, i]))) -> TypeError: cannot send arguments: more than 100000 values
        app.notes.size(new Set(Array.from({ length: 100_001 }, (_, i) => i))) -> TypeError: cannot send arguments: more than 100000 values
        app.notes.size(10n ** 10_000n) -> 8310
        app.notes.size(2n ** 1_000_000n) -> 250006
        let o = 1; for (let i = 0; i < 62; i++) o = { o }; return app.notes.size(o) -> 373
        let o = 1; for (let i = 0; i < 100; i++) o = { o }; return app.notes.size(o) -> TypeError: cannot send arguments[0].o.o.o.o.o.o.o….o.o.o.o.o.o.o.o: nested deeper than 64
        let o = 1; for (let i = 0; i < 200_000; i++) o = [o]; return app.notes.size(o) -> TypeError: cannot send arguments[0][0][0][0][0][0][0][0]…[0][0][0][0][0][0][0][0]: nested deeper than 64
        let o = 1; for (let i = 0; i < 100; i++) o = new Map([[o, o]]); return app.notes.size(o) -> TypeError: cannot send arguments[0][0][0][0][0][0][0][0]…[0][0][0][0][0][0][0][0]: nested deeper than 64
        let e = new Error('m'); for (let i = 0; i < 100; i++) e = new Error('m', { cause: e }); return app.describe(e) -> "{\"$error\":\"Error: m\"}"
        let e = new Error('m'); for (let i = 0; i < 100_000; i++) e = new Error('m', { cause: e }); throw e -> Error: m
        throw new Error('x'.repeat(1_000_000)) -> Error: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… 65585 bytes
        throw 'x'.repeat(1_000_000) -> xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… 65567 bytes
        const e = new Error('m'); for (let i = 0; i < 100_000; i++) e[`k${i}`] = i; throw e -> Error: m
        Promise.all(Array.from({ length: 3000 }, (_, i) => app.echo(i))).then((all) => all.length) -> 3000
        app.describe(Array.from({ length: 1000 }, () => () => 1)).then((text) => text.length) -> 19001
        app.describe(Array.from({ length: 100_001 }, () => () => 1)).then((text) => text.length) -> TypeError: cannot send arguments: more than 100000 values
        const f = () => 1; return app.describe(Array(50_000).fill(f)).then((text) => text.length) -> 950001
        await attempt(() => Promise.all(Array.from({ length: 20_000 }, (_, i) => app.echo(i))).then((all) => all.length)) -> 20000
        const deep = () => { try { deep() } catch { return app.echo('at the bottom') } }; deep(); return app.echo('back') -> "back"
    "#]].assert_eq(&shortened(&told));
}

fn shortened(told: &str) -> String {
    let lines = told.lines().map(|line| match line.char_indices().nth(320) {
        Some((end, _)) => format!("{}… {} bytes\n", &line[..end], line.len()),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[tokio::test]
async fn inside_themselves() {
    let rows = [
        "const o = {}; o.o = o; return app.describe(o)",
        "const o = { parent: { command: {} } }; o.parent.command.parent = o.parent; return app.describe(o)",
        "const command = {}; command.parent = { command }; return app.describe({ command })",
        "const a = []; a[0] = a; return app.describe(a)",
        "const a = []; a.push({ a: [a] }); return app.describe('first', a)",
        "const m = new Map(); m.set('self', m); return app.describe(m)",
        "const m = new Map(); m.set(m, 1); return app.describe(m)",
        "const m = new Map([['a', new Map()]]); m.get('a').set('b', m); return app.describe({ m })",
        "const s = new Set(); s.add(s); return app.describe(s)",
        "const s = new Set(); s.add([s]); return app.describe(s)",
        "const e = new Error('m'); e.cause = e; return app.describe(e)",
        "const e = new Error('m', { cause: new Error('n') }); e.cause.cause = e; throw e",
        "const e = new AggregateError([1], 'm'); e.errors.push(e); return app.describe(e)",
        "const shared = { a: 1 }; return app.describe([shared, shared, { shared }])",
        "let o = {}; for (let i = 0; i < 30; i++) o = { a: o, b: o }; return app.describe(o)",
        "const o = {}; o.o = o; return o",
        "const o = {}; o.o = o; throw o",
    ];
    expect![[r#"
        const o = {}; o.o = o; return app.describe(o) -> TypeError: cannot send arguments[0].o: arguments[0].o is its own ancestor
        const o = { parent: { command: {} } }; o.parent.command.parent = o.parent; return app.describe(o) -> TypeError: cannot send arguments[0].parent.command.parent: arguments[0].parent.command.parent is its own ancestor
        const command = {}; command.parent = { command }; return app.describe({ command }) -> TypeError: cannot send arguments[0].command.parent.command: arguments[0].command.parent.command is its own ancestor
        const a = []; a[0] = a; return app.describe(a) -> TypeError: cannot send arguments[0][0]: arguments[0][0] is its own ancestor
        const a = []; a.push({ a: [a] }); return app.describe('first', a) -> TypeError: cannot send arguments[1][0].a[0]: arguments[1][0].a[0] is its own ancestor
        const m = new Map(); m.set('self', m); return app.describe(m) -> TypeError: cannot send arguments[0][1]: arguments[0][1] is its own ancestor
        const m = new Map(); m.set(m, 1); return app.describe(m) -> TypeError: cannot send arguments[0][0]: arguments[0][0] is its own ancestor
        const m = new Map([['a', new Map()]]); m.get('a').set('b', m); return app.describe({ m }) -> TypeError: cannot send arguments[0].m[1][1]: arguments[0].m[1][1] is its own ancestor
        const s = new Set(); s.add(s); return app.describe(s) -> TypeError: cannot send arguments[0][0]: arguments[0][0] is its own ancestor
        const s = new Set(); s.add([s]); return app.describe(s) -> TypeError: cannot send arguments[0][0][0]: arguments[0][0][0] is its own ancestor
        const e = new Error('m'); e.cause = e; return app.describe(e) -> "{\"$error\":\"Error: m\"}"
        const e = new Error('m', { cause: new Error('n') }); e.cause.cause = e; throw e -> Error: m
        const e = new AggregateError([1], 'm'); e.errors.push(e); return app.describe(e) -> "{\"$error\":\"AggregateError: m\"}"
        const shared = { a: 1 }; return app.describe([shared, shared, { shared }]) -> "[{\"a\":1},{\"a\":1},{\"shared\":{\"a\":1}}]"
        let o = {}; for (let i = 0; i < 30; i++) o = { a: o, b: o }; return app.describe(o) -> TypeError: cannot send arguments: more than 100000 values
        const o = {}; o.o = o; return o -> TypeError: cannot send result.o: result.o is its own ancestor
        const o = {}; o.o = o; throw o -> Error: thrown: <ref *1> { o: [Circular *1] }
    "#]].assert_eq(&play(&rows).await);
}

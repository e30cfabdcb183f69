//! What a locked plugin can do as well as any other: it answers what it answers without a sandbox.

use crate::columns::is_possible;
use expect_test::expect;
use plughold::{
    Api, CallError, Callback, Cx, Event, Json, Limits, Sandbox, SandboxLevel, Source, Stream, Thrown,
};
use plughold_sandbox::Plan;
use plughold_tests::{TestHost, patiently, quick_limits};
use std::fmt::Write;

/// What a plugin may want of the language and of its globals: each row is the body of an `async` function.
const ROWS: &[(&str, &str)] = &[
    ("a date with its zone", "return [0, 1e12, 1.7e12].map((at) => String(new Date(at)))"),
    ("a date of this place", "return new Date(2026, 6, 1, 12).toISOString()"),
    ("dates, parsed and told", "return [Date.parse('2026-02-03T04:05:06'), new Date(8.64e15).toUTCString(), new Date(0).toLocaleString()]"),
    ("the offset of the zone", "return [1, 7].map((month) => new Date(2026, month, 1).getTimezoneOffset())"),
    ("now", "return typeof Date.now() + (0 < performance.now())"),
    ("chance", "return [Math.random() !== Math.random(), crypto.getRandomValues(new Uint8Array(64)).some(Boolean), crypto.randomUUID().length]"),
    ("regular expressions", r"return ['äöü ßẞ'.replace(/\p{Lu}/gu, '!'), /(?<year>\d{4})-(?<=-)/.exec('in 2026-07').groups.year, 'aXbX'.split(/x/i)]"),
    ("long texts", "return 'x'.repeat(1e6).replaceAll('x', 'yz').length"),
    ("large numbers", "return String((2n ** 4000n) % 1000007n)"),
    ("functions of numbers", "return [Math.sin(1), Math.exp(1), Math.pow(2, 0.5), Math.hypot(3, 4), Math.cbrt(27), (0.1).toFixed(20)]"),
    ("sorting", "return Array.from({ length: 1e5 }, (_, at) => (at * 7919) % 100003).sort((a, b) => a - b)[5e4]"),
    ("JSON", "return JSON.stringify(JSON.parse(JSON.stringify(Array.from({ length: 1e4 }, (_, at) => ({ at }))))).length"),
    ("a large heap", "const kept = []; for (let at = 0; at < 40; at++) kept.push(new Uint8Array(1 << 20).fill(at)); return kept[39][5]"),
    ("more memory than there is, for once", "try { return new ArrayBuffer(1 << 30).byteLength } catch (error) { return error.name }"),
    ("memory that is used up, and given back", "
        const fill = () => { const kept = []; try { for (;;) kept.push(new ArrayBuffer(4 << 20)) } catch { return 8 < kept.length } };
        return [fill(), fill(), fill(), new ArrayBuffer(8 << 20).byteLength]"),
    ("deep recursion", "const deeper = () => deeper() + 1; try { return deeper() } catch (error) { return error.name }"),
    ("deep recursion in a callback", "const deeper = () => [1].map(deeper); try { return deeper() } catch (error) { return error.name }"),
    ("deep recursion in a regular expression", "try { return new RegExp('('.repeat(1e5) + ')'.repeat(1e5)).source.length } catch (error) { return error.name }"),
    ("a stack", "try { null.x } catch (error) { return error.stack.split('\\n')[0].split(' (')[0] }"),
    ("code from text", "return new Function('a', 'b', 'return a + b')(1, 2) + (0, eval)('1 + 1')"),
    ("promises", "return Promise.all([1, Promise.resolve(2), (async () => 3)()])"),
    ("generators", "return [...(function* () { yield* [1, 2]; })()]"),
    ("weak references", "const registry = new FinalizationRegistry(() => {}); registry.register({}, 1); return new WeakRef(globalThis).deref() === globalThis"),
    ("shared memory of its own", "return Atomics.add(new Int32Array(new SharedArrayBuffer(8)), 0, 5)"),
    ("text as bytes", "return new TextDecoder().decode(new TextEncoder().encode('grüß'))"),
    ("addresses", "return new URL('../b?c=d#e', 'https://example.org/a/').href"),
    ("copies", "return [...structuredClone(new Map([[1, new Date(0)]])).values()][0].getTime()"),
    ("timers", "return await new Promise((done) => { let ticks = 0; const timer = setInterval(() => { if (++ticks === 3) { clearInterval(timer); done(ticks) } }, 1) })"),
    ("a timer in time", "const begun = performance.now(); await new Promise((done) => setTimeout(done, 20)); return 19 <= performance.now() - begun"),
    ("many timers", "return (await Promise.all(Array.from({ length: 500 }, (_, at) => new Promise((done) => setTimeout(done, at % 7, 1))))).length"),
    ("a signal", "const { signal } = new AbortController(); return AbortSignal.timeout(1) instanceof AbortSignal && !signal.aborted"),
    ("a call", "return app.echo({ list: [1, 2.5, 'three', null, true] })"),
    ("a call that fails", "try { return await app.fail() } catch (error) { return [error.name, error.message] }"),
    ("many calls", "return (await Promise.all(Array.from({ length: 2000 }, (_, at) => app.echo(at)))).reduce((a, b) => a + b)"),
    ("a call back", "return app.callBack((value) => value * 2)"),
    ("a large value", "return (await app.echo('y'.repeat(3e6))).length"),
    ("a stream of the application", "let sum = 0; for await (const item of await app.numbers()) sum += item; return sum"),
    ("a stream of its own", "return app.sum((async function* () { for (let at = 0; at < 2000; at++) yield at })())"),
    ("a module that is imported", "return (await import('./lib/later.js')).later()"),
    ("a module that is not there", "try { await import('./absent.js') } catch (error) { return error.constructor.name }"),
    ("lines of a log", "for (let at = 0; at < 100; at++) console.log('line', at, { at }); return 'logged'"),
];

async fn sum(_: Cx<()>, mut stream: Stream<u32>) -> Result<u32, CallError> {
    let mut sum = 0;
    while let Some(item) = stream.next().await {
        sum += item?;
    }
    Ok(sum)
}

async fn call_back(cx: Cx<()>, function: Callback<(u32,), u32>) -> Result<u32, CallError> {
    cx.call(&function, (21,)).await
}

fn api() -> Api<()> {
    Api::new(())
        .function("echo", async |_: Cx<()>, value: Json| Ok::<_, Thrown>(value))
        .function("fail", async |_: Cx<()>| Err::<(), _>(Thrown::new("RangeError", "as asked")))
        .function("callBack", call_back)
        .function("numbers", async |_: Cx<()>| Ok::<_, Thrown>(Source::from_items(0..2_000_u32)))
        .function("sum", sum)
}

/// A host whose runners are locked down to this level and no further.
fn host(api: Api<()>, level: SandboxLevel, limits: Limits) -> TestHost {
    TestHost::built(api, |builder| {
        let builder = builder.sandbox(Sandbox::Exactly(level)).limits(limits);
        if level == SandboxLevel::D { builder.allow_unsandboxed() } else { builder }
    })
}

/// What every row answers.
async fn answers(level: SandboxLevel) -> String {
    let mut host = host(api(), level, Limits::default());
    let mut source = String::new();
    for (number, (_, body)) in ROWS.iter().enumerate() {
        writeln!(source, "export const row{number} = async () => {{ {body} }};").unwrap();
    }
    let later = ("lib/later.js", "export const later = () => 'later';");
    let package = host.package_with("works", r#""main": "main.mjs""#, &[("main.mjs", &source), later]);
    let plugin = host.load_package(package).await.unwrap();
    assert_eq!(plugin.info().sandbox, Some(level.letter()));
    let mut told = String::new();
    for (number, (name, _)) in ROWS.iter().enumerate() {
        let answer = patiently(name, plugin.call::<_, Json>(&format!("row{number}"), ())).await;
        match answer {
            Ok(Json(value)) => writeln!(told, "{name}: {value:.200}").unwrap(),
            Err(error) => panic!("{name} at level {level}: {error}"),
        }
    }
    host.finish().await;
    told
}

async fn answers_are_the_same(level: SandboxLevel) {
    if is_possible(&format!("level {level}"), &Plan::at(level)) {
        assert_eq!(answers(level).await, answers(SandboxLevel::D).await);
    }
}

#[tokio::test]
async fn a_plugin_answers_the_same_at_level_a() {
    answers_are_the_same(SandboxLevel::A).await;
}

#[tokio::test]
async fn a_plugin_answers_the_same_at_level_b() {
    answers_are_the_same(SandboxLevel::B).await;
}

#[tokio::test]
async fn a_plugin_answers_the_same_at_level_c() {
    answers_are_the_same(SandboxLevel::C).await;
}

/// What the application of the examples offers.
fn application() -> Api<()> {
    Api::new(())
        .function("commands.register", async |_: Cx<()>, _: Json| Ok::<_, Thrown>(()))
        .function("host.info", async |_: Cx<()>| Ok::<_, Thrown>(serde_json::json!({ "name": "a test" })))
}

/// What becomes of every example: each does what its description says.
async fn examples(level: SandboxLevel) -> String {
    let mut host = host(application(), level, quick_limits());
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/plugins");
    let mut told = String::new();
    for (id, loaded) in host.host.load_all(host.host.discover(folder)).await {
        match loaded {
            Ok(plugin) => assert_eq!(plugin.info().sandbox, Some(level.letter()), "{id}"),
            Err(error) => writeln!(told, "{id}: {error}").unwrap(),
        }
    }
    for (id, line) in
        [("hello", "my top level has run"), ("clock", "tick 1"), ("word-count", "word-count 1.2.0 is")]
    {
        let is_line = |event: &Event| match event {
            Event::Log { plugin, message, .. } if plugin.as_str() == id && message.starts_with(line) => {
                Some(message.clone())
            }
            _ => None,
        };
        writeln!(told, "{id}: {}", host.event(line, is_line).await).unwrap();
    }
    let exit = host.event("the end of the crasher", |event| match event {
        Event::Exited { plugin, exit, .. } if plugin.as_str() == "crasher" => Some(exit.to_string()),
        _ => None,
    });
    writeln!(told, "crasher: {}", exit.await).unwrap();
    let stack = host.event("the place of the looper", |event| match event {
        Event::Unresponsive { plugin, stack: Some(stack), .. } if plugin.as_str() == "looper" => {
            Some(stack.clone())
        }
        _ => None,
    });
    let place = stack.await;
    writeln!(told, "looper: {}", place.lines().next().unwrap_or_default().trim()).unwrap();
    let _ended_as_examples_do = host.end().await;
    told
}

#[tokio::test]
async fn every_example_does_what_it_says() {
    let unlocked = examples(SandboxLevel::D).await;
    for level in [SandboxLevel::A, SandboxLevel::B, SandboxLevel::C] {
        if is_possible(&format!("level {level}"), &Plan::at(level)) {
            assert_eq!(examples(level).await, unlocked, "at level {level}");
        }
    }
    let expected = expect![[r#"
        thrower: the top level failed: TypeError: cannot read property 'theme' of undefined
        hello: my top level has run
        clock: tick 1
        word-count: word-count 1.2.0 is ready on a test
        crasher: its process ended with code 71: out of memory: the plugin used its 64 MiB
        looper: at or after findTheEnd (looper.js:8:23)
    "#]];
    expected.assert_eq(&unlocked);
}

//! What a locked plugin can do as well as any other: it answers what it answers without a sandbox.

use crate::columns::is_possible;
use expect_test::{expect, expect_file};
use plughold::{
    Api, CallError, Callback, Cx, Event, Json, Limits, Sandbox, SandboxLevel, Source, Stream, Thrown,
};
use plughold_sandbox::Plan;
use plughold_tests::{TestHost, patiently, quick_limits};
use std::fmt::Write;

/// What a plugin may want of the language and of its globals, each by a name.
const PLUGIN: &str = include_str!("working.mjs");

/// What it imports.
const MODULES: [(&str, &str); 2] = [
    ("lib/words.js", "export const words = ['of', 'a', 'module'];"),
    ("lib/late.js", "export const late = () => 'late';"),
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

/// What the plugin answers: what depends on the place, and what does not.
async fn answers(level: SandboxLevel) -> [String; 2] {
    let mut host = host(api(), level, Limits::default());
    let files = [&[("main.mjs", PLUGIN)], &MODULES[..]].concat();
    let package = host.package_with("works", r#""main": "main.mjs""#, &files);
    let plugin = host.load_package(package).await.unwrap();
    assert_eq!(plugin.info().sandbox, Some(level));
    let mut told = [String::new(), String::new()];
    for (told, list) in told.iter_mut().zip(["namesHere", "namesEverywhere"]) {
        for name in plugin.call::<_, Vec<String>>(list, ()).await.unwrap() {
            match patiently(&name, plugin.call::<_, Json>("answer", (&name,))).await {
                Ok(Json(value)) => writeln!(told, "{name}: {value}").unwrap(),
                Err(error) => panic!("{name} at level {level}: {error}"),
            }
        }
    }
    host.finish().await;
    told
}

async fn answers_are_the_same(level: SandboxLevel) {
    if !is_possible(&format!("level {level}"), &Plan::at(level)) {
        return;
    }
    let unlocked = answers(SandboxLevel::D).await;
    assert_eq!(answers(level).await, unlocked, "level {level}");
    expect_file!["working.txt"].assert_eq(&unlocked[1]);
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
            Ok(plugin) => assert_eq!(plugin.info().sandbox, Some(level), "{id}"),
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
        Event::Unresponsive { plugin, activity, .. } if plugin.as_str() == "looper" => {
            activity.stack().map(str::to_owned)
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

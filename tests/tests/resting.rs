//! Rest: a plugin that nobody uses has no process, and nobody notices.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use expect_test::expect;
use plughold::{Api, CallError, Callback, Cx, Event, Exit, Function, Limits, Plugin, State, Thrown};
use plughold_tests::{TestHost, patiently};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Counts its calls, also across its processes.
const COUNTER: &str = "
let count = 0;
export const activate = (_, state) => { count = state?.count ?? 0; };
export const suspend = () => ({ count });
export const next = () => ++count;
export const apply = (double, value) => double(value);
";

fn idle(milliseconds: u64) -> Limits {
    let mut limits = Limits::default();
    limits.idle = Some(Duration::from_millis(milliseconds));
    limits
}

async fn next(plugin: &Plugin) -> Result<u32, CallError> {
    patiently("an answer", plugin.call("next", ())).await
}

fn rests(event: &Event) -> Option<String> {
    match event {
        Event::Resting { plugin } => Some(plugin.to_string()),
        _ => None,
    }
}

fn exit_of(generation: u32) -> impl Fn(&Event) -> Option<Exit> {
    move |event| match event {
        Event::Exited { generation: ended, exit, .. } if *ended == generation => Some(exit.clone()),
        _ => None,
    }
}

#[tokio::test]
async fn a_plugin_that_nobody_uses_rests_and_goes_on_with_its_state() {
    let mut host = TestHost::built(Api::new(()), |builder| builder.limits(idle(100)));
    let plugin = host.load("counter", COUNTER).await;
    assert_eq!(next(&plugin).await, Ok(1));
    for (generation, count) in [(1, 2), (2, 3)] {
        assert_eq!(host.event("its rest", rests).await, "counter");
        let info = plugin.info();
        assert_eq!((info.state, info.pid), (State::Resting, None));
        assert_eq!(host.event("its end", exit_of(generation)).await, Exit::Stopped);
        assert_eq!(next(&plugin).await, Ok(count));
        assert_eq!((plugin.state(), plugin.info().generation), (State::Active, generation + 1));
    }
    host.finish().await;
}

#[tokio::test]
async fn all_who_use_it_wait_for_one_start() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("counter", COUNTER).await;
    plugin.rest();
    host.event("its rest", rests).await;
    let calls = Vec::from_iter((0..20).map(|_| tokio::spawn(plugin.call::<_, u32>("next", ()))));
    let mut counts = Vec::new();
    for call in calls {
        counts.push(patiently("an answer", call).await.unwrap().unwrap());
    }
    counts.sort_unstable();
    assert_eq!(counts, Vec::from_iter(1..=20));
    assert_eq!(plugin.info().generation, 2);
    host.finish().await;
}

#[tokio::test]
async fn a_call_that_starts_it_brings_its_functions_along() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("counter", COUNTER).await;
    plugin.rest();
    host.event("its rest", rests).await;
    let double = Function::new((), async |_: Cx<()>, value: u32| Ok::<_, Thrown>(2 * value));
    let answer = patiently("an answer", plugin.call("apply", (double, 21))).await;
    assert_eq!(answer, Ok(42));
    host.finish().await;
}

/// What keeps a plugin from resting, beside one that is kept by nothing.
#[tokio::test]
async fn a_plugin_that_is_in_use_does_not_rest() {
    type Kept = Arc<Mutex<Vec<Callback<(), u32>>>>;
    let keep = async |cx: Cx<Kept>, function: Callback<(), u32>| {
        cx.state().lock().unwrap().push(function);
        Ok::<_, Thrown>(())
    };
    let forever = async |cx: Cx<Kept>| {
        cx.cancelled().await;
        Ok::<_, Thrown>(())
    };
    let kept = Kept::default();
    let api = Api::new(kept.clone()).function("keep", keep).function("forever", forever);
    let mut host = TestHost::built(api, |builder| builder.limits(idle(50)));
    let holding = host.load("holding", "app.keep(() => 1);").await;
    let waiting = host.load("waiting", "setTimeout(() => {}, 3_600_000);").await;
    let calling = host.load("calling", "app.forever().catch(() => {});").await;
    let serving = host.load("serving", "export const serve = () => new Promise(() => {});").await;
    let served = tokio::spawn(serving.call::<(), ()>("serve", ()));
    let idle = host.load("idle", COUNTER).await;
    for _ in 0..3 {
        assert_eq!(host.event("a rest", rests).await, "idle");
        assert!(next(&idle).await.is_ok());
    }
    for plugin in [&holding, &waiting, &calling, &serving] {
        assert_eq!((plugin.state(), plugin.info().generation), (State::Active, 1), "{plugin:?}");
    }
    served.abort();
    kept.lock().unwrap().clear();
    let is_holding = |event: &Event| rests(event).filter(|plugin| plugin == "holding");
    host.event("the rest of what is not held any more", is_holding).await;
    let _report = host.end().await;
}

#[tokio::test]
async fn a_plugin_that_is_needed_some_time_is_not_started_before() {
    let mut host = TestHost::new(Api::new(()));
    let files = [("main.js", COUNTER)];
    let package = host.package_with("needed", r#""activation": "needed""#, &files);
    let plugin = host.load_package(package).await.unwrap();
    let info = plugin.info();
    assert_eq!((info.state, info.pid, info.generation), (State::Resting, None, 0));
    let user = "
        export const use = async () => (await plugins.get('needed')).next();
        export const useTwice = async () => { const it = await plugins.get('needed'); await it.next(); return it.next(); };
    ";
    let package = host.package_with("user", r#""dependencies": { "needed": "*" }"#, &[("main.js", user)]);
    let user = host.load_package(package).await.unwrap();
    assert_eq!(plugin.state(), State::Resting, "nobody has used it so far");
    assert_eq!(patiently("an answer", user.call("use", ())).await, Ok(1));
    assert_eq!(patiently("an answer", user.call("useTwice", ())).await, Ok(3));
    assert_eq!((plugin.state(), plugin.info().generation, plugin.info().restarts), (State::Active, 1, 0));
    host.finish().await;
}

#[tokio::test]
async fn a_start_on_use_that_fails_is_told() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("brittle", COUNTER).await;
    plugin.rest();
    host.event("its rest", rests).await;
    host.write("brittle.js", "throw new Error('gone stale');");
    let error = next(&plugin).await.unwrap_err();
    expect!["plugin brittle is not active: it was started to be used, which failed"]
        .assert_eq(&error.to_string());
    let info = plugin.info();
    let words = info.error.map(|error| error.message);
    assert_eq!(
        (info.state, words.as_deref()),
        (State::Failed, Some("the top level failed: Error: gone stale"))
    );
    let error = next(&plugin).await.unwrap_err();
    expect!["plugin brittle is not active: it has failed"].assert_eq(&error.to_string());
    host.finish().await;
}

#[tokio::test]
async fn a_stop_and_a_reload_of_a_plugin_at_rest() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("counter", COUNTER).await;
    assert_eq!(next(&plugin).await, Ok(1));
    plugin.rest();
    host.event("its rest", rests).await;
    host.write("counter.js", COUNTER.replace("++count", "count += 10"));
    patiently("the reload", plugin.reload()).await.unwrap();
    assert_eq!(next(&plugin).await, Ok(11), "it has its state");
    plugin.rest();
    host.event("its rest", rests).await;
    assert_eq!(patiently("the stop", plugin.stop()).await, Exit::Stopped);
    assert_eq!(plugin.state(), State::Stopped);
    let error = next(&plugin).await.unwrap_err();
    expect!["plugin counter is not active: it was stopped"].assert_eq(&error.to_string());
    patiently("the start", plugin.start()).await.unwrap();
    assert_eq!(next(&plugin).await, Ok(10), "whoever stops it wants nothing of what it was");
    host.finish().await;
}

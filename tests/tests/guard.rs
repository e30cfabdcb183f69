//! The guard at the end of each test: what `plughold-testing` finds when something is left.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, Callback, Cx, Event, Json, Source, Stream, Thrown};
use plughold_tests::{LiveReferences, LiveStreams, TestHost, patiently, quick_limits};
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Kept = Arc<Mutex<Vec<Callback<(), Json>>>>;

async fn keep(cx: Cx<Kept>, function: Callback<(), Json>) -> Result<(), Thrown> {
    cx.state().lock().unwrap().push(function);
    Ok(())
}

const KEEPER: &str = "
export const give = (count) => Promise.all(Array.from({ length: count }, (_, i) => app.keep(() => i)));
export const spin = () => { for (;;); };
";

const WRITER: &str = "
export const make = () => [ReadableStream.from([1, 2]), (async function* () { yield 3 })()];
let kept;
export const take = (stream) => { kept = stream };
";

fn host() -> (TestHost, Kept) {
    let kept = Kept::default();
    let mut host = TestHost::built(Api::new(kept.clone()).function("keep", keep), |builder| {
        builder.limits(quick_limits())
    });
    host.patience = Duration::from_millis(200);
    (host, kept)
}

/// What a test fails with that does this; `None` when it is well.
async fn failure(test: impl Future<Output = ()> + Send + 'static) -> Option<String> {
    let error = tokio::spawn(test).await.err()?.into_panic();
    let text = error.downcast_ref::<String>().cloned();
    text.or_else(|| error.downcast_ref::<&str>().map(|text| (*text).to_owned()))
}

#[tokio::test]
async fn a_test_that_leaves_nothing_is_well() {
    let failure = failure(async {
        let (mut host, kept) = host();
        let plugin = host.load("keeper", KEEPER).await;
        patiently("an answer", plugin.call::<_, Json>("give", (3,))).await.unwrap();
        host.settle().await;
        assert_eq!(LiveReferences::of(&plugin).by_application, 3);
        drop(kept.lock().unwrap().split_off(1));
        host.settle().await;
        assert_eq!(LiveReferences::of(&plugin).by_application, 1);
        kept.lock().unwrap().clear();
        host.finish().await;
    });
    assert_eq!(failure.await, None);
}

#[tokio::test]
async fn a_function_that_is_kept_is_found() {
    let failure = failure(async {
        let (mut host, _kept) = host();
        let plugin = host.load("keeper", KEEPER).await;
        patiently("an answer", plugin.call::<_, Json>("give", (2,))).await.unwrap();
        host.finish().await;
    });
    let failure = failure.await.unwrap();
    let expected = "the application still holds 2 functions or objects of the plugin keeper after 200ms";
    assert_eq!(failure, expected);
}

#[tokio::test]
async fn a_plugin_that_throws_is_shown_with_its_stack() {
    let failure = failure(async {
        let (mut host, _) = host();
        host.load("broken", "\nexport const f = () => { throw new Error('no') };\nf();").await;
    });
    let expected = "broken cannot be loaded: the top level failed: Error: no\n    \
                    at f (broken.js:2:36)\n    at <anonymous> (broken.js:3:1)";
    assert_eq!(failure.await.unwrap(), expected);
}

#[tokio::test]
async fn a_stream_that_is_left_open_is_found() {
    let failure = failure(async {
        let (mut host, _) = host();
        let plugin = host.load("writer", WRITER).await;
        let mut streams: Vec<Stream<Json>> = patiently("streams", plugin.call("make", ())).await.unwrap();
        assert_eq!(LiveStreams::of(&plugin), LiveStreams { from_plugin: 2, to_plugin: 0 });
        drop(streams.pop());
        host.expect_streams(&plugin, LiveStreams { from_plugin: 1, to_plugin: 0 }).await;
        host.finish().await;
    });
    let failure = failure.await.unwrap();
    assert_eq!(failure, "the application still reads 1 stream of the plugin writer after 200ms");
}

#[tokio::test]
async fn a_stream_that_was_read_or_dropped_is_well() {
    let failure = failure(async {
        let (mut host, _) = host();
        let plugin = host.load("writer", WRITER).await;
        let mut streams: Vec<Stream<Json>> = patiently("streams", plugin.call("make", ())).await.unwrap();
        let mut read = streams.remove(0);
        while let Some(chunk) = patiently("a chunk", read.next()).await {
            chunk.unwrap();
        }
        drop(streams);
        // A plugin may keep what it is sent.
        patiently("an answer", plugin.call::<_, Json>("take", (Source::from_items([1]),))).await.unwrap();
        assert_eq!(LiveStreams::of(&plugin).to_plugin, 1);
        host.finish().await;
    });
    assert_eq!(failure.await, None);
}

#[tokio::test]
async fn a_plugin_that_had_to_be_killed_is_found() {
    let failure = failure(async {
        let (mut host, _) = host();
        let plugin = host.load("keeper", KEEPER).await;
        let _unanswered = tokio::spawn(plugin.call::<_, Json>("spin", ()));
        host.event("the spinning", |event| matches!(event, Event::Unresponsive { .. }).then_some(())).await;
        plugin.kill().await;
        host.load("keeper", KEEPER).await;
        plugin_that_does_not_stop(&mut host).await;
        host.finish().await;
    });
    let failure = failure.await.unwrap();
    assert!(failure.starts_with("these had to be killed: [(\"stubborn\", "), "{failure}");
}

async fn plugin_that_does_not_stop(host: &mut TestHost) {
    host.load("stubborn", "export const deactivate = () => new Promise(() => {});").await;
}

#[tokio::test]
async fn a_test_that_does_not_look_is_found() {
    let failure = failure(async {
        let (mut host, _) = host();
        host.load("keeper", KEEPER).await;
    });
    let failure = failure.await.unwrap();
    assert!(failure.starts_with("the test ended without TestHost::finish"), "{failure}");
}

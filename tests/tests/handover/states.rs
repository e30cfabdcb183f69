//! What a plugin's `suspend` gives is what the next process gets.

use crate::at_once;
use plughold::{Api, CallError, Event, Plugin, State};
use plughold_tests::{TestHost, patiently, quick_limits};
use std::time::Duration;

/// Counts, and hands the count over.
const COUNTER: &str = "
let count = 0;
export function activate(ctx, state) { count = state?.count ?? 0; }
export const add = () => ++count;
export const suspend = () => ({ count });
";

async fn add(plugin: &Plugin) -> Result<u32, CallError> {
    patiently("add", plugin.call("add", ())).await
}

#[tokio::test]
async fn a_reload_hands_the_state_over() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("counter", COUNTER).await;
    assert_eq!((add(&plugin).await, add(&plugin).await), (Ok(1), Ok(2)));
    patiently("the reload", plugin.reload()).await.unwrap();
    assert_eq!(add(&plugin).await, Ok(3));
    host.write("counter.js", COUNTER.replace("++count", "count += 10"));
    patiently("the reload", plugin.reload()).await.unwrap();
    assert_eq!((add(&plugin).await, plugin.info().generation), (Ok(13), 3));
    host.finish().await;
}

#[tokio::test]
async fn so_do_a_restart_and_a_rest() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("counter", COUNTER).await;
    assert_eq!(add(&plugin).await, Ok(1));
    patiently("the restart", plugin.restart()).await.unwrap();
    assert_eq!(add(&plugin).await, Ok(2));
    plugin.rest();
    host.event("the rest", |event| matches!(event, Event::Resting { .. }).then_some(())).await;
    assert_eq!(plugin.state(), State::Resting);
    assert_eq!((add(&plugin).await, plugin.info().generation), (Ok(3), 3));
    host.finish().await;
}

#[tokio::test]
async fn a_state_that_cannot_be_had_costs_nothing_else() {
    let limits = || {
        let mut limits = quick_limits();
        limits.stop = Duration::from_millis(200);
        // A machine that is busy itself must not make a plugin look so.
        limits.unresponsive = Duration::from_secs(5);
        limits
    };
    let check = async |suspend: &str, expected: &str| {
        let mut host = TestHost::built(Api::new(()), |builder| builder.limits(limits()));
        let source = COUNTER.replace("() => ({ count })", suspend);
        let plugin = host.load("counter", &source).await;
        assert_eq!(add(&plugin).await, Ok(1));
        patiently("the reload", plugin.reload()).await.unwrap();
        let lost = |event: &Event| match event {
            Event::StateLost { generation: 1, thrown, .. } => Some(thrown.to_string()),
            _ => None,
        };
        let words = host.event("the loss", lost).await;
        assert!(words.contains(expected), "{suspend}: {words}");
        assert_eq!((add(&plugin).await, plugin.state()), (Ok(1), State::Active), "{suspend}");
        host.finish().await;
    };
    check("() => { throw new Error('not now') }", "not now").await;
    check("async () => { throw new Error('not now') }", "not now").await;
    check("() => ({ a: [1, { run() {} }] })", "state.a[1].run: a function ends with its process").await;
    check("() => 'x'.repeat(1 << 20)", "more than 1048576 bytes").await;
    check("() => new Promise(() => 0)", "").await;
}

#[tokio::test]
async fn a_crash_leaves_no_state() {
    let mut host = TestHost::built(Api::new(()), |builder| builder.restart(at_once()));
    let plugin = host.load("counter", COUNTER).await;
    assert_eq!(add(&plugin).await, Ok(1));
    assert!(host.process(&plugin).signal(rustix::process::Signal::KILL));
    let again = |event: &Event| matches!(event, Event::Started { generation: 2, .. }).then_some(());
    host.event("the next start", again).await;
    assert_eq!(add(&plugin).await, Ok(1));
    host.finish().await;
}

#[tokio::test]
async fn a_reload_that_fails_leaves_the_plugin_and_its_state_alone() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("counter", COUNTER).await;
    assert_eq!(add(&plugin).await, Ok(1));
    host.write(
        "counter.js",
        "export function activate(ctx, state) { throw new Error('was ' + state.count) }",
    );
    let error = patiently("the reload", plugin.reload()).await.unwrap_err();
    assert!(error.to_string().contains("was 1"), "{error}");
    assert_eq!((add(&plugin).await, plugin.info().generation), (Ok(2), 1));
    host.finish().await;
}

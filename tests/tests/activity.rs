//! What a plugin is doing, seen from outside: each of the things that it can be doing, told from all the others.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Activity, Api, CallError, Cx, Event, Limits, Plugin, Thrown};
use plughold_tests::{TestHost, eventually, patiently};
use rustix::process::Signal;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Lets the functions of the API end, and tells that they were called.
#[derive(Default)]
struct State {
    called: Notify,
    release: Notify,
}

fn api(state: &Arc<State>) -> Api<Arc<State>> {
    let wait = async |cx: Cx<Arc<State>>| {
        cx.state().called.notify_one();
        cx.state().release.notified().await;
        Ok::<_, Thrown>(())
    };
    Api::new(state.clone()).function("doors.wait", wait).blocking()
}

/// Long enough that a busy machine does not end what the test still looks at.
fn patient_limits() -> Limits {
    let mut limits = Limits::default();
    limits.unresponsive = Duration::from_millis(300);
    limits.turn = Duration::from_secs(60);
    limits.call = Duration::from_secs(120);
    limits.stop = Duration::from_millis(200);
    limits
}

const PLUGIN: &str = "
function spin() {
    for (;;) Math.random();
}
export function loop() {
    spin();
}
export function native() {
    return Array.prototype.reverse.call({ length: 2 ** 53 - 1 });
}
export function late() {
    const end = Date.now() + 1000;
    while (Date.now() < end) Math.random();
    return native();
}
export function wait() {
    return app.doors.wait();
}
export const echo = (value) => value;
";

async fn host() -> (TestHost, Arc<State>, Plugin) {
    let state = Arc::<State>::default();
    let mut host = TestHost::built(api(&state), |builder| builder.limits(patient_limits()));
    let plugin = host.load("doer", PLUGIN).await;
    (host, state, plugin)
}

/// Calls an export that does not come back by itself.
fn begin(plugin: &Plugin, export: &str) -> tokio::task::JoinHandle<Result<(), CallError>> {
    tokio::spawn(plugin.call::<(), ()>(export, ()))
}

/// Waits until it is doing that.
async fn is_doing(plugin: &Plugin, word: &str) -> Activity {
    eventually(word, || plugin.activity().word()).await;
    let activity = plugin.activity();
    assert_eq!(activity.word(), word);
    activity
}

/// Ends a plugin that does not end by itself, and with it the call.
async fn end(host: TestHost, plugin: Plugin, call: tokio::task::JoinHandle<Result<(), CallError>>) {
    patiently("the end", plugin.kill()).await;
    assert_eq!(plugin.activity(), Activity::Dead);
    assert!(matches!(patiently("an answer", call).await.unwrap(), Err(CallError::Gone { .. })));
    host.finish().await;
}

#[tokio::test]
async fn idle() {
    let (host, _, plugin) = host().await;
    assert_eq!(plugin.call::<_, u32>("echo", (1,)).await, Ok(1));
    assert_eq!(is_doing(&plugin, "idle").await, Activity::Idle);
    assert_eq!(plugin.stack().await, None);
    host.finish().await;
}

#[tokio::test]
async fn waiting_in_a_blocking_call() {
    let (host, state, plugin) = host().await;
    let call = begin(&plugin, "wait");
    patiently("the call", state.called.notified()).await;
    let Activity::Waiting { call: called, lasting } = is_doing(&plugin, "waiting").await else { panic!() };
    assert_eq!(called, "app.doors.wait");
    let is_longer = || matches!(plugin.activity(), Activity::Waiting { lasting: now, .. } if lasting < now);
    assert!(is_longer());
    assert_eq!(
        patiently("its stack", plugin.stack()).await.as_deref(),
        Some("    at wait (native)\n    at wait (doer.js:17:22)")
    );
    assert_eq!(plugin.activity().word(), "waiting", "asking has changed nothing");
    state.release.notify_one();
    assert_eq!(patiently("the answer", call).await.unwrap(), Ok(()));
    is_doing(&plugin, "idle").await;
    host.finish().await;
}

#[tokio::test]
async fn busy_and_then_hung() {
    let (mut host, _, plugin) = host().await;
    let call = begin(&plugin, "loop");
    eventually(Some("loop".to_owned()), || plugin.activity().serving().map(str::to_owned)).await;
    // One look may come too late for it, where the machine is busy.
    if let Activity::Busy { lasting, .. } = plugin.activity() {
        assert!(lasting < patient_limits().unresponsive, "{lasting:?}");
    }
    // Where it is, is known without waiting until it is reported.
    let stack = patiently("its stack", plugin.stack()).await.unwrap();
    assert!(stack.ends_with("at loop (doer.js:6:5)"), "{stack}");

    let reported = |event: &Event| match event {
        Event::Unresponsive { activity, .. } => Some(activity.clone()),
        _ => None,
    };
    let reported = host.event("the report", reported).await;
    assert!(reported.stack().unwrap().contains("spin (doer.js:3:"), "{reported:?}");
    let Activity::Hung { lasting, serving, stack } = plugin.activity() else {
        panic!("{:?}", plugin.activity())
    };
    assert!(patient_limits().unresponsive <= lasting);
    assert_eq!(serving.as_deref(), Some("loop"));
    assert!(stack.unwrap().contains("spin (doer.js:3:"));
    end(host, plugin, call).await;
}

#[tokio::test]
async fn stuck_in_native_code() {
    let (mut host, _, plugin) = host().await;
    let call = begin(&plugin, "native");
    let reported = |event: &Event| match event {
        Event::Unresponsive { activity, .. } => Some(activity.clone()),
        _ => None,
    };
    let reported = host.event("the report", reported).await;
    let Activity::Stuck { lasting, serving, last_seen: None } = &reported else { panic!("{reported:?}") };
    assert!(patient_limits().unresponsive <= *lasting);
    assert_eq!(serving.as_deref(), Some("native"));
    assert!(reported.to_string().starts_with("has been stuck in native code for "), "{reported}");
    assert_eq!(plugin.stack().await, None, "nobody can tell where it is");
    assert_eq!(plugin.activity().word(), "stuck");
    end(host, plugin, call).await;
}

/// It was seen in JavaScript before, in the same turn.
#[tokio::test]
async fn stuck_in_native_code_after_a_while() {
    let (host, _, plugin) = host().await;
    let call = begin(&plugin, "late");
    is_doing(&plugin, "hung").await;
    let Activity::Stuck { last_seen, .. } = is_doing(&plugin, "stuck").await else { panic!() };
    assert!(last_seen.unwrap().contains("at or after late (doer.js:13:"));
    let words = plugin.activity().to_string();
    assert!(words.contains(", serving late, last seen at or after late (doer.js:13:"), "{words}");
    end(host, plugin, call).await;
}

#[tokio::test]
async fn stopped_from_outside() {
    let (mut host, _, plugin) = host().await;
    let process = host.process(&plugin);
    assert!(process.signal(Signal::STOP));
    assert_eq!(is_doing(&plugin, "stopped").await, Activity::Stopped);
    let call = tokio::spawn(plugin.call::<_, u32>("echo", (2,)));
    assert_eq!(plugin.stack().await, None);
    assert!(process.signal(Signal::CONT));
    assert_eq!(patiently("the answer", call).await.unwrap(), Ok(2));
    is_doing(&plugin, "idle").await;
    host.finish().await;
}

#[tokio::test]
async fn dead() {
    let (mut host, _, plugin) = host().await;
    assert!(host.process(&plugin).signal(Signal::KILL));
    assert_eq!(is_doing(&plugin, "dead").await, Activity::Dead);
    assert_eq!(plugin.stack().await, None);
    patiently("the end", plugin.finished()).await;
    let _it_was_killed = host.end().await;
}

/// What is asked of a plugin that works does not change what it does.
#[tokio::test]
async fn a_busy_plugin_that_is_asked_all_the_time_answers_as_ever() {
    const COUNTS: &str = "export const count = () => {
    let sum = 0;
    for (let i = 0; i < 3_000_000; i += 1) sum += Math.sign(i);
    return sum;
};";
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("counts", COUNTS).await;
    let call = tokio::spawn(plugin.call::<_, u32>("count", ()));
    let mut seen = 0;
    while !call.is_finished() {
        tokio::task::yield_now().await;
        if let Some(stack) = patiently("its stack", plugin.stack()).await {
            assert!(stack.contains("count (counts.js:"), "{stack}");
            seen += 1;
        }
    }
    assert_eq!(patiently("the answer", call).await.unwrap(), Ok(2_999_999));
    assert!(0 < seen);
    host.finish().await;
}

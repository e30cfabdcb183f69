//! Plugins that do not come back: reported, interrupted, and killed if nothing else helps.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use expect_test::{Expect, expect};
use plughold::{Activity, Api, CallError, Event, Exit, KillReason, Plugin, State};
use plughold_tests::{TestHost, patiently, quick_limits};
use rustix::process::Signal;
use std::time::Duration;

plughold_tests::also_as_an_ordinary_user!();

/// A plugin that works, beside those that do not.
const GOOD: &str = "export const work = () => 'done';";

async fn work(plugin: &Plugin) -> Result<String, CallError> {
    patiently("an answer", plugin.call("work", ())).await
}

/// What is reported when the plugin does not respond.
async fn reported(host: &mut TestHost) -> Activity {
    let unresponsive = |event: &Event| match event {
        Event::Unresponsive { stuck, activity, .. } => Some((*stuck, activity.clone())),
        _ => None,
    };
    let (stuck, activity) = host.event("the report of an unresponsive plugin", unresponsive).await;
    assert!(quick_limits().unresponsive <= stuck, "{stuck:?}");
    activity
}

/// Calls `go` of a plugin that never comes back from it, while a good plugin works. Gives the plugin, and the stack that
/// is reported while it runs beside the one that the call fails with.
async fn interrupted(host: &mut TestHost, source: &str) -> (Plugin, String) {
    let good = host.load("good", GOOD).await;
    let plugin = host.load("loop", &format!("{source}\n{GOOD}")).await;
    let call = tokio::spawn(plugin.call::<(), ()>("go", ()));
    let reported = reported(host).await;
    let reported = reported.stack().unwrap_or_else(|| panic!("{reported}"));
    assert_eq!(plugin.state(), State::Unresponsive);
    assert_eq!(work(&good).await.as_deref(), Ok("done"));
    let error = patiently("an answer", call).await.unwrap().unwrap_err();
    let CallError::Thrown(thrown) = error else { panic!("{error}") };
    assert_eq!(thrown.to_string(), "Interrupted: the turn was stopped by the host");
    let stack = thrown.stack.unwrap_or_default();
    (plugin, format!("reported:\n{reported}\nthrown:\n{stack}\n"))
}

/// Interrupts `go`, compares the stacks, and sees the plugin go on.
async fn check_interrupted(source: &str, expected: Expect) {
    let mut host = TestHost::quick(Api::new(()));
    let (plugin, stacks) = interrupted(&mut host, source).await;
    expected.assert_eq(&stacks);
    assert_eq!(work(&plugin).await.as_deref(), Ok("done"), "it goes on");
    host.event("its recovery", |event| matches!(event, Event::Responsive { .. }).then_some(())).await;
    assert_eq!(plugin.state(), State::Active);
    host.finish().await;
}

#[tokio::test]
async fn a_loop_is_reported_with_its_line_and_interrupted() {
    let source = "function inner() {
    let count = 0;
    for (;;) {
        count += 1;
    }
}
export function go() {
    inner();
}";
    check_interrupted(
        source,
        expect![[r#"
            reported:
                at or after inner (loop.js:1:1)
                at go (loop.js:8:5)
            thrown:
                at or after inner (loop.js:1:1)
                at go (loop.js:8:5)
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_loop_cannot_catch_its_interruption() {
    let source = "export function go() {
    for (;;) {
        try { for (;;) Math.random(); } catch {} finally { continue; }
    }
}";
    check_interrupted(
        source,
        expect![[r#"
            reported:
                at or after go (loop.js:3:29)
            thrown:
                at or after go (loop.js:3:29)
        "#]],
    )
    .await;
}

/// Between two promises no function of the plugin runs, so there is no stack to tell.
#[tokio::test]
async fn an_endless_chain_of_promises_is_a_loop_as_well() {
    let mut host = TestHost::quick(Api::new(()));
    let (plugin, _) = interrupted(&mut host, "export async function go() { for (;;) await null; }").await;
    // The chain is still there, and would go on in each further turn.
    assert_eq!(patiently("the end", plugin.kill()).await, Exit::Killed(KillReason::Asked));
    host.finish().await;
}

/// The report comes after the second that a user notices, where nobody has set another limit.
#[tokio::test]
async fn a_loop_is_reported_after_a_second() {
    let mut limits = plughold::Limits::default();
    limits.turn = Duration::from_millis(1_200);
    let mut host = TestHost::built(Api::new(()), |builder| builder.limits(limits));
    let plugin = host.load("loop", "export const go = () => { for (;;) {} };").await;
    let call = tokio::spawn(plugin.call::<(), ()>("go", ()));
    let stuck = |event: &Event| match event {
        Event::Unresponsive { stuck, .. } => Some(*stuck),
        _ => None,
    };
    let stuck = host.event("the report", stuck).await;
    assert!(Duration::from_secs(1) <= stuck && stuck < Duration::from_millis(1_500), "{stuck:?}");
    assert!(patiently("an answer", call).await.unwrap().is_err());
    host.finish().await;
}

#[tokio::test]
async fn a_loop_at_the_top_level_fails_the_loading() {
    let mut host = TestHost::quick(Api::new(()));
    let error = host.load_error("loop", "\nfor (;;) {}").await;
    expect!["the top level failed: Interrupted: the turn was stopped by the host"]
        .assert_eq(&error.to_string());
    expect!["    at or after <eval> (loop.js:1:1)"]
        .assert_eq(error.thrown().unwrap().stack.as_deref().unwrap());
    host.finish().await;
}

/// A function of the engine's own that never looks whether it is to stop.
#[tokio::test]
async fn what_ignores_the_interrupt_is_killed() {
    let mut host = TestHost::quick(Api::new(()));
    let good = host.load("good", GOOD).await;
    let source = "export const go = () => Array.prototype.reverse.call({ length: 2 ** 53 - 1 });";
    let plugin = host.load("native", source).await;
    let call = tokio::spawn(plugin.call::<(), ()>("go", ()));
    let reported = reported(&mut host).await;
    assert!(matches!(reported, Activity::Stuck { .. }), "{reported}");
    assert_eq!(reported.serving(), Some("go"));
    assert_eq!(work(&good).await.as_deref(), Ok("done"));
    let error = patiently("an answer", call).await.unwrap().unwrap_err();
    let exit = patiently("the end", plugin.finished()).await;
    assert_eq!(exit.to_string(), "it was killed: it was stuck in native code, which no interrupt ends");
    assert_eq!(error, CallError::Gone { plugin: plugin.id().clone(), exit });
    assert_eq!(plugin.state(), State::Failed);
    host.finish().await;
}

#[tokio::test]
async fn a_process_that_was_stopped_from_outside_is_killed() {
    let mut host = TestHost::quick(Api::new(()));
    let good = host.load("good", GOOD).await;
    let plugin = host.load("stopped", GOOD).await;
    assert!(host.process(&plugin).signal(Signal::STOP));
    let call = tokio::spawn(plugin.call::<(), String>("work", ()));
    assert_eq!(reported(&mut host).await, Activity::Stopped);
    assert_eq!(work(&good).await.as_deref(), Ok("done"));
    let error = patiently("an answer", call).await.unwrap().unwrap_err();
    let exit = Exit::Killed(KillReason::Unresponsive { activity: Some(Activity::Stopped) });
    assert_eq!(error, CallError::Gone { plugin: plugin.id().clone(), exit });
    host.finish().await;
}

#[tokio::test]
async fn a_process_that_goes_on_in_time_is_fine_again() {
    let mut limits = quick_limits();
    limits.turn = Duration::from_secs(60);
    let mut host = TestHost::built(Api::new(()), |builder| builder.limits(limits));
    let plugin = host.load("slow", GOOD).await;
    let process = host.process(&plugin);
    assert!(process.signal(Signal::STOP));
    let call = tokio::spawn(plugin.call::<(), String>("work", ()));
    reported(&mut host).await;
    assert!(process.signal(Signal::CONT));
    assert_eq!(patiently("an answer", call).await.unwrap().as_deref(), Ok("done"));
    host.event("its recovery", |event| matches!(event, Event::Responsive { .. }).then_some(())).await;
    host.finish().await;
}

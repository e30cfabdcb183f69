//! Many calls, large calls, and calls that nobody waits for any more.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use expect_test::expect;
use plughold::{Api, Bytes, CallError, Callback, Cx, Event, Limits, Plugin, Thrown};
use plughold_tests::{TestHost, eventually, patiently};
use serde::de::DeserializeOwned;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

plughold_tests::also_as_an_ordinary_user!();

/// A function of a plugin that takes and gives a number.
type Down = Callback<(u32,), u32>;

/// Tells the test what became of calls.
type Told = mpsc::UnboundedSender<&'static str>;

/// Goes down one level, through the plugin, until there is none left. Gives the levels.
async fn descend(cx: Cx<Told>, levels: u32, down: Down) -> Result<u32, CallError> {
    match levels.checked_sub(1) {
        None => Ok(0),
        Some(levels) => Ok(1 + cx.call(&down, (levels,)).await?),
    }
}

/// Never returns, and tells when its caller has gone away.
async fn hold(cx: Cx<Told>) -> Result<(), Thrown> {
    cx.state().send("held").unwrap();
    cx.cancelled().await;
    cx.state().send("cancelled").unwrap();
    Ok(())
}

fn api_telling(told: Told) -> Api<Told> {
    Api::new(told)
        .function("text.echo", async |_: Cx<Told>, text: String| Ok::<_, Thrown>(text))
        .function("bytes.echo", async |_: Cx<Told>, bytes: Bytes| Ok::<_, Thrown>(bytes))
        .function("numbers.double", async |_: Cx<Told>, number: u64| Ok::<_, Thrown>(2 * number))
        .function("descend", descend)
        .function("hold", hold)
}

fn api() -> Api<Told> {
    api_telling(mpsc::unbounded_channel().0)
}

async fn answer<R: DeserializeOwned>(plugin: &Plugin, export: &str) -> Result<R, CallError> {
    patiently(export, plugin.call(export, ())).await
}

/// A plugin whose functions settle when they are told to.
const PATIENT: &str = "
const waiting = [];
export const wait = () => new Promise((resolve) => waiting.push(resolve));
export const settle = () => { for (const resolve of waiting.splice(0)) resolve(); };
export const now = () => 'now';
";

#[tokio::test]
async fn a_call_ends_at_its_deadline_and_the_plugin_goes_on() {
    let mut host = TestHost::new(api());
    let plugin = host.load("patient", PATIENT).await;
    let limit = Duration::from_millis(50);
    let late = patiently("the deadline", plugin.call::<(), ()>("wait", ()).within(limit)).await;
    assert_eq!(late, Err(CallError::Deadline { after: limit }));
    assert_eq!(answer(&plugin, "now").await, Ok("now".to_owned()));
    assert_eq!(answer(&plugin, "settle").await, Ok(()), "the late answer harms nobody");
    assert_eq!(answer(&plugin, "now").await, Ok("now".to_owned()));
    host.finish().await;
}

/// The room of a call that was given up is free again when the plugin has answered it, not before: otherwise giving up
/// would be a way around the limit.
#[tokio::test]
async fn a_dropped_call_keeps_its_room_until_the_plugin_answers() {
    let mut limits = Limits::default();
    limits.in_flight = 2;
    let mut host = TestHost::built(api(), |builder| builder.limits(limits));
    let plugin = host.load("patient", PATIENT).await;
    let now = || plugin.call::<(), String>("now", ());
    let dropped = async {
        tokio::select! {
            biased;
            answer = plugin.call::<(), ()>("wait", ()) => panic!("{answer:?}"),
            now = now() => now,
        }
    };
    assert_eq!(patiently("an answer", dropped).await, Ok("now".to_owned()));
    assert_eq!(plugin.info().calls_in_flight, 1);
    let (first, second) = patiently("answers", async { tokio::join!(now(), now()) }).await;
    assert_eq!((first, second), (Ok("now".to_owned()), Err(CallError::Busy { in_flight: 2 })));
    assert_eq!(answer(&plugin, "settle").await, Ok(()));
    eventually(0, || plugin.info().calls_in_flight).await;
    host.finish().await;
}

#[tokio::test]
async fn a_function_of_the_application_learns_that_its_caller_is_gone() {
    let (told, mut tells) = mpsc::unbounded_channel();
    let mut host = TestHost::new(api_telling(told));
    let plugin = host.load("caller", "export const start = () => { app.hold(); };").await;
    answer::<()>(&plugin, "start").await.unwrap();
    assert_eq!(patiently("the call", tells.recv()).await, Some("held"));
    plugin.kill().await;
    assert_eq!(patiently("the cancellation", tells.recv()).await, Some("cancelled"));
    host.finish().await;
}

const MANY: u64 = 10_000;

#[tokio::test]
async fn ten_thousand_calls_to_a_plugin_at_once() {
    let mut host = TestHost::new(api());
    let plugin = host.load("doubler", "export const double = (number) => 2 * number;").await;
    // As many as the window has room for.
    let room = Arc::new(Semaphore::new(1_024));
    let mut calls = JoinSet::new();
    for number in 0..MANY {
        let (plugin, room) = (plugin.clone(), room.clone());
        calls.spawn(async move {
            let _room = room.acquire().await.unwrap();
            (number, plugin.call::<_, u64>("double", (number,)).await)
        });
    }
    for (number, answer) in patiently("all answers", calls.join_all()).await {
        assert_eq!(answer, Ok(2 * number));
    }
    assert_eq!(plugin.info().calls_out, MANY);
    host.finish().await;
}

#[tokio::test]
async fn ten_thousand_calls_from_a_plugin_at_once() {
    let source = "export async function sum(count) {
        const calls = Array.from({ length: count }, (_, number) => app.numbers.double(number));
        return (await Promise.all(calls)).reduce((sum, double) => sum + double, 0);
    }";
    let mut host = TestHost::new(api());
    let plugin = host.load("summer", source).await;
    assert_eq!(patiently("the sum", plugin.call("sum", (MANY,))).await, Ok(MANY * (MANY - 1)));
    assert_eq!(plugin.info().calls_in, MANY);
    host.finish().await;
}

/// Longer than a piece, so that they travel in the bulk lane.
#[tokio::test]
async fn large_values_cross_in_all_four_directions() {
    let source = "
export const text = (text) => app.text.echo(text);
export const bytes = (bytes) => app.bytes.echo(bytes);
";
    let mut host = TestHost::new(api());
    let plugin = host.load("carrier", source).await;
    let text = "Zeilen \u{e4}\n".repeat(3 * (1 << 20) / 10);
    assert_eq!(patiently("the text", plugin.call("text", (&text,))).await, Ok(text));
    let bytes = Bytes((0..1 << 20).map(|at| (at % 251) as u8).collect());
    assert_eq!(patiently("the bytes", plugin.call("bytes", (&bytes,))).await, Ok(bytes));
    host.finish().await;
}

#[tokio::test]
async fn calls_inside_of_calls_go_ten_levels_down_and_come_back() {
    let source = "
const down = (levels) => app.descend(levels, down);
export { down };
";
    let mut host = TestHost::new(api());
    let plugin = host.load("diver", source).await;
    assert_eq!(patiently("the surface", plugin.call("down", (10,))).await, Ok(10));
    host.finish().await;
}

#[tokio::test]
async fn what_nobody_catches_is_an_event() {
    let source = "
export const handled = () => { const late = Promise.reject(1); late.catch(() => {}); };
export const reject = () => { Promise.reject(new RangeError('nobody cares')); };
export const later = () => { setTimeout(() => { throw new TypeError('in a timer'); }, 0); };
";
    let mut host = TestHost::new(api());
    let plugin = host.load("careless", source).await;
    answer::<()>(&plugin, "handled").await.unwrap();
    let mut told = String::new();
    for export in ["reject", "later"] {
        answer::<()>(&plugin, export).await.unwrap();
        let uncaught = |event: &Event| match event {
            Event::Uncaught { thrown, rejection, .. } => Some((thrown.clone(), *rejection)),
            _ => None,
        };
        let (thrown, rejection) = host.event("an uncaught error", uncaught).await;
        let stack = thrown.stack.as_deref().unwrap_or_default();
        writeln!(told, "{thrown}, rejection {rejection}\n{stack}").unwrap();
    }
    expect![[r#"
        RangeError: nobody cares, rejection true
            at reject (careless.js:3:50)
        TypeError: in a timer, rejection false
            at <anonymous> (careless.js:4:59)
    "#]]
    .assert_eq(&told);
    host.finish().await;
}

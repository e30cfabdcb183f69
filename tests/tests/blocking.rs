//! Functions that block the plugin: it waits for the answer, and meanwhile serves what belongs to the call.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, CallError, Callback, Cx, Event, Plugin, Stream, Thrown};
use plughold_tests::{TestHost, eventually, patiently, quick_limits};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

type Function = Callback<(u32,), u32>;

/// Lets blocking calls return.
type Gate = Arc<Semaphore>;

async fn wait(cx: Cx<Gate>) -> Result<&'static str, Thrown> {
    tokio::select! {
        permit = cx.state().acquire() => permit?.forget(),
        () = cx.cancelled() => {}
    }
    Ok("waited")
}

async fn apply(cx: Cx<Gate>, function: Function, number: u32) -> Result<u32, CallError> {
    cx.call(&function, (number,)).await
}

async fn upload(_: Cx<Gate>, mut stream: Stream<u32>) -> Result<u32, CallError> {
    let mut sum = 0;
    while let Some(number) = stream.next().await {
        sum += number?;
    }
    Ok(sum)
}

async fn chain(cx: Cx<Gate>) -> Result<String, Thrown> {
    Ok(cx.chain().to_string())
}

fn api(gate: &Gate) -> Api<Gate> {
    Api::new(gate.clone())
        .function("wait", wait)
        .blocking()
        .function("apply", apply)
        .blocking()
        .function("fail", async |_: Cx<Gate>| Err::<(), _>(Thrown::new("RangeError", "no").with_code("E_NO")))
        .blocking()
        .function("upload", upload)
        .blocking()
        .function("chain", chain)
}

async fn text(plugin: &Plugin, export: &str) -> String {
    patiently(export, plugin.call(export, ())).await.unwrap_or_else(|error: CallError| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn they_return_values_and_throw() {
    let gate = Gate::new(Semaphore::new(1));
    let mut host = TestHost::new(api(&gate));
    let source = "
export const value = () => app.wait().toUpperCase();
export const thrown = () => {
    try { app.fail(); } catch (error) { return [error.name, error.message, error.code].join(' '); }
};
export const nested = () => String(app.apply((number) => app.apply((inner) => inner + 1, number) * 2, 20));
export const traced = () => { let words; app.apply(async () => { words = await app.chain(); return 0; }, 0); return words; };
";
    let plugin = host.load("waiter", source).await;
    assert_eq!(text(&plugin, "value").await, "WAITED");
    assert_eq!(text(&plugin, "thrown").await, "RangeError no E_NO");
    assert_eq!(text(&plugin, "nested").await, "42", "it is served while it waits");
    host.finish().await;
}

/// What the answer depends on goes on: the source of a stream that the function reads, and timers of what it calls.
#[tokio::test(flavor = "multi_thread")]
async fn what_they_need_goes_on() {
    let mut host = TestHost::new(api(&Gate::new(Semaphore::new(0))));
    let source = "
const nap = () => new Promise((resolve) => setTimeout(resolve, 1));
async function* numbers() { for (let n = 1; n <= 100; n += 1) { if (n % 20 === 0) await nap(); yield n; } }
export const upload = () => String(app.upload(numbers()));
export const nested = () => String(app.apply(async (number) => { await nap(); return app.upload(numbers()) + number; }, 7));
";
    let plugin = host.load("waiter", source).await;
    assert_eq!(text(&plugin, "upload").await, "5050");
    assert_eq!(text(&plugin, "nested").await, "5057");
    host.finish().await;
}

/// What does not belong to the call waits, in its order, and nobody takes the plugin for a dead one.
#[tokio::test(flavor = "multi_thread")]
async fn everything_else_waits() {
    let gate = Gate::new(Semaphore::new(0));
    let mut limits = quick_limits();
    (limits.unresponsive, limits.turn) = (Duration::from_millis(200), Duration::from_millis(400));
    let mut host = TestHost::built(api(&gate), |builder| builder.limits(limits));
    let source = "
const log = [];
export const wait = () => { log.push('before'); app.wait(); log.push('after'); };
export const note = (text) => { log.push(text); };
export const read = () => log.join(' ');
";
    let plugin = host.load("waiter", source).await;
    let looper = host.load("looper", "export const spin = () => { for (;;); };").await;
    let waiting = plugin.call::<_, ()>("wait", ()).within(Duration::from_secs(20));
    let notes = async {
        eventually(1, || plugin.info().calls_in).await;
        let mut notes = Vec::new();
        for (text, in_flight) in [("one", 2), ("two", 3), ("three", 4)] {
            notes.push(tokio::spawn(plugin.call::<_, ()>("note", (text,))));
            eventually(in_flight, || plugin.info().calls_in_flight as u64).await;
        }
        // As long as a turn may take, by the measure of a plugin that loops: this one waits for the host, and that is no
        // fault of its own.
        let stopped = looper.call::<_, ()>("spin", ()).within(Duration::from_secs(20)).await;
        assert!(matches!(stopped, Err(CallError::Thrown(thrown)) if thrown.name == "Interrupted"));
        assert_eq!(plugin.info().calls_in_flight, 4);
        gate.add_permits(1);
        for note in notes {
            note.await.unwrap().unwrap();
        }
    };
    let (waited, ()) = patiently("the end of the wait", async { tokio::join!(waiting, notes) }).await;
    assert_eq!(waited, Ok(()));
    assert_eq!(text(&plugin, "read").await, "before after one two three");
    assert_eq!(plugin.stop().await, plughold::Exit::Stopped);
    let is_end = |event: &Event| matches!(event, Event::Exited { .. });
    let events = host.events_until("the end", is_end).await;
    let reported = |id: &str| {
        let is_it =
            |event: &&Event| matches!(event, Event::Unresponsive { plugin, .. } if plugin.as_str() == id);
        events.iter().filter(is_it).count()
    };
    assert_eq!((reported("looper"), reported("waiter")), (1, 0), "{events:?}");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_waits_can_be_killed() {
    let gate = Gate::new(Semaphore::new(0));
    let mut host = TestHost::new(api(&gate));
    let plugin = host.load("waiter", "export const wait = () => app.wait();").await;
    let end = async {
        eventually(1, || plugin.info().calls_in).await;
        plugin.kill().await
    };
    let waiting = plugin.call::<_, String>("wait", ());
    let (waited, exit) = patiently("the end", async { tokio::join!(waiting, end) }).await;
    assert!(matches!(waited, Err(CallError::Gone { .. })), "{waited:?}");
    assert!(exit.was_asked());
    host.finish().await;
}

//! What a plugin calls to serve a call ends with that call.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{AbortSignal, Api, CallError, Cx, Event, Grant, Thrown};
use plughold_tests::{TestHost, patiently};
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;
use tokio::sync::Notify;

/// Tells when `slow` was called, and when it was cancelled.
#[derive(Default)]
struct State {
    called: Notify,
    cancelled: Notify,
}

fn api(state: &Arc<State>) -> Api<Arc<State>> {
    let slow = async |cx: Cx<Arc<State>>| {
        cx.state().called.notify_one();
        cx.cancelled().await;
        cx.state().cancelled.notify_one();
        Ok::<_, Thrown>(())
    };
    let add = async |_: Cx<Arc<State>>, one: u32, other: u32| Ok::<_, Thrown>(one + other);
    Api::new(state.clone()).function("slow", slow).function("wait", slow).blocking().function("add", add)
}

const NESTED: &str = "
const report = async (work) => {
    try {
        await work();
    } catch (error) {
        console.log(error.code, await app.add(1, 2));
        throw error;
    }
};
exports.promising = () => report(() => app.slow());
exports.blocking = () => report(() => app.wait());
exports.late = () => report(async () => { await app.add(1, 2); await null; return app.slow(); });
";

async fn next_log(host: &mut TestHost) -> String {
    let pick = |event: &Event| match event {
        Event::Log { message, .. } => Some(message.clone()),
        _ => None,
    };
    host.event("a line", pick).await
}

/// What the plugin calls afterwards, to put things in order, is served.
#[tokio::test(flavor = "multi_thread")]
async fn at_the_deadline() {
    let state = Arc::<State>::default();
    let mut host = TestHost::new(api(&state));
    let plugin = host.load("nested", NESTED).await;
    for export in ["promising", "late", "blocking"] {
        let after = Duration::from_millis(300);
        let call = plugin.call::<_, ()>(export, ()).within(after);
        assert_eq!(patiently(export, call).await, Err(CallError::Deadline { after }));
        patiently("the cancellation", state.cancelled.notified()).await;
        assert_eq!(next_log(&mut host).await, "E_DEADLINE 3", "{export}");
    }
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_application_loses_interest() {
    let state = Arc::<State>::default();
    let mut host = TestHost::new(api(&state));
    let plugin = host.load("nested", NESTED).await;
    for export in ["promising", "late", "blocking"] {
        let call = plugin.call::<_, ()>(export, ());
        tokio::select! {
            answer = call => panic!("{answer:?}"),
            () = patiently("the call", state.called.notified()) => {}
        }
        patiently("the cancellation", state.cancelled.notified()).await;
        assert_eq!(next_log(&mut host).await, "E_CANCELLED 3", "{export}");
    }
    host.finish().await;
}

/// The application calls a plugin, which calls another one, which calls the application.
#[tokio::test(flavor = "multi_thread")]
async fn across_plugins() {
    let state = Arc::<State>::default();
    let mut host = TestHost::built(api(&state), |builder| builder.grants(|_, _| Grant::Allow));
    host.load("nested", NESTED).await;
    let outer = r#"/* plughold: { "dependencies": { "nested": "*" } } */
exports.outer = () => plugins.get("nested").promising();
"#;
    let outer = host.load("outer", outer).await;
    let after = Duration::from_millis(300);
    let call = outer.call::<_, ()>("outer", ()).within(after);
    assert_eq!(patiently("the call", call).await, Err(CallError::Deadline { after }));
    patiently("the cancellation", state.cancelled.notified()).await;
    assert_eq!(next_log(&mut host).await, "E_DEADLINE 3");
    host.finish().await;
}

/// The signal of a call tells whether its time was over or nobody wanted its answer.
#[tokio::test(flavor = "multi_thread")]
async fn the_signal_says_why() {
    const WATCHES: &str = "
exports.watch = (signal) => new Promise((resolve) => {
    signal.onabort = () => { console.log(signal.reason.name); resolve(); };
});
";
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("watches", WATCHES).await;
    let after = Duration::from_millis(50);
    let call = plugin.call::<_, ()>("watch", (AbortSignal,)).within(after);
    assert_eq!(patiently("the deadline", call).await, Err(CallError::Deadline { after }));
    assert_eq!(next_log(&mut host).await, "TimeoutError");
    let mut call = Box::pin(plugin.call::<_, ()>("watch", (AbortSignal,)));
    assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(call);
    assert_eq!(next_log(&mut host).await, "AbortError");
    host.finish().await;
}

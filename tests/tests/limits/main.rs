//! Every limit holds: what a plugin meets there, and that others go on meanwhile.
//!
//! - [`space`]: memory, stack, code, and what a manifest asks for
//! - [`calls`], [`values`], [`held`], [`said`]: calls and what is in them, what is held, what is said without being asked
//! - [`lives`]: functions that go on, reports, restarts
//! - [`proven`]: which test shows what [`Limits::table`] says; no limit is without one
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod calls;
mod held;
mod lives;
mod proven;
mod said;
mod space;
mod values;

use plughold::{Api, CallError, Cx, Function, Limits, Plugin, Thrown, Value};
use plughold_tests::{TestHost, patiently};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the neighbour can do.
const WORKING: &str = "export const work = () => 'done';";

/// What plugins at a limit tell of what they meet: `told(() => app.f())` is `returned 7` or `RangeError E_CODE: words`.
const TOLD: &str = "
const told = async (f) => {
    try {
        const value = await f();
        return `returned ${value}`;
    } catch (error) {
        const code = error.code === undefined ? '' : ' ' + error.code;
        return `${error.name}${code}: ${error.message}`;
    }
};
";

/// What plugins have given the application.
type Kept = Arc<Mutex<Vec<Value>>>;

/// What plugins at a limit are offered.
fn api() -> Api<Kept> {
    Api::new(Kept::default())
        .function("echo", async |_: Cx<Kept>, value: Value| Ok::<_, Thrown>(value))
        .function("keep", async |cx: Cx<Kept>, value: Value| {
            cx.state().lock().unwrap().push(value);
            Ok::<_, Thrown>(())
        })
        .function("give", async |_: Cx<Kept>, count: usize| {
            let function = |_| Function::new((), async |_: Cx<()>| Ok::<_, Thrown>(()));
            Ok::<_, Thrown>(Vec::from_iter((0..count).map(function)))
        })
        .function("text", async |_: Cx<Kept>, length: usize| Ok::<_, Thrown>("x".repeat(length)))
        .function("wait", async |cx: Cx<Kept>| {
            cx.cancelled().await;
            Ok::<_, Thrown>(())
        })
}

/// A host with these limits, and a neighbour.
async fn host(adjust: impl FnOnce(&mut Limits)) -> (TestHost, Plugin) {
    host_of(api(), adjust).await
}

/// The same with another API.
async fn host_of<S: Send + Sync + 'static>(
    api: Api<S>,
    adjust: impl FnOnce(&mut Limits),
) -> (TestHost, Plugin) {
    // On a busy machine a process may take its time until it runs.
    let mut limits = Limits::default();
    limits.start = Duration::from_secs(60);
    adjust(&mut limits);
    let mut host = TestHost::built(api, |builder| builder.limits(limits));
    let neighbour = host.load("neighbour", WORKING).await;
    (host, neighbour)
}

/// What comes of `work`, while the neighbour answers again and again.
async fn beside<T>(neighbour: &Plugin, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut result = None;
    let mut answers = 0;
    while result.is_none() || answers == 0 {
        // To its end: a call that is dropped takes its room until it is answered.
        let mut answer = pin!(patiently("the neighbour", neighbour.call::<_, String>("work", ())));
        let answer = loop {
            tokio::select! {
                biased;
                answer = &mut answer => break answer,
                done = &mut work, if result.is_none() => result = Some(done),
            }
        };
        assert_eq!(answer.as_deref(), Ok("done"));
        answers += 1;
    }
    result.unwrap()
}

/// Runs `run`, the body of an async function of a plugin at a limit, beside a neighbour, and checks what it tells.
#[track_caller]
fn check(adjust: impl FnOnce(&mut Limits), run: &str, expected: &str) {
    let source = format!("{TOLD}\nexport async function run() {{ {run} }}");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let told = runtime.block_on(async {
        let (mut host, neighbour) = host(adjust).await;
        let plugin = host.load("limited", &source).await;
        let told = beside(&neighbour, plugin.call::<_, String>("run", ())).await;
        // And it goes on itself.
        let again = patiently("an answer", plugin.call::<_, ()>("no such export", ())).await;
        assert!(matches!(again, Err(CallError::Thrown(_))), "{again:?}");
        assert!(plugin.stop().await.was_asked());
        host.finish().await;
        told.unwrap_or_else(|error| format!("failed: {error}"))
    });
    assert_eq!(told, expected, "{run}");
}

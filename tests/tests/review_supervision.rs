//! Supervision where two things happen at once: a plugin at work that looks idle, wishes that meet, a disk that hangs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{
    Api, CallError, Cx, Disposable, Event, Grant, Limits, LoadError, Plugin, SafeMode, State, Thrown,
};
use plughold_tests::{TestHost, eventually, patiently, quick_limits};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::Semaphore;

const COUNTER: &str = "
let count = 0;
export const activate = (_, state) => { count = state?.count ?? 0; };
export const suspend = () => ({ count });
export const next = () => ++count;
";

fn idle(milliseconds: u64) -> Limits {
    let mut limits = quick_limits();
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

// -- Rest ----------------------------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_plugin_that_computes_what_a_timer_told_it_to_is_not_sent_to_rest() {
    let mut limits = idle(50);
    (limits.turn, limits.unresponsive) = (Duration::from_secs(60), Duration::from_secs(60));
    let mut host = TestHost::built(Api::new(()), |builder| builder.limits(limits));
    let work = "setTimeout(() => {
        let sum = 0;
        for (let i = 0; i < 30_000_000; i++) sum += i;
        console.log(`done`);
    }, 10);";
    host.load("working", work).await;
    let first = |event: &Event| match event {
        Event::Log { message, .. } => Some(message.clone()),
        Event::Resting { .. } => Some("it rests".to_owned()),
        _ => None,
    };
    assert_eq!(host.event("the end of its work", first).await, "done");
    assert_eq!(host.event("its rest", rests).await, "working");
    let _report = host.end().await;
}

#[tokio::test]
async fn a_plugin_whose_end_would_undo_something_does_not_rest() {
    let lock = async |cx: Cx<Arc<AtomicBool>>| {
        let is_locked = cx.state().clone();
        is_locked.store(true, Ordering::SeqCst);
        Ok::<_, Thrown>(Disposable::new(move || is_locked.store(false, Ordering::SeqCst)))
    };
    let is_locked = Arc::new(AtomicBool::new(false));
    let api = Api::new(is_locked.clone()).function("lock", lock);
    let mut host = TestHost::built(api, |builder| builder.limits(idle(50)));
    let locking = "
        let lock;
        export const activate = async () => { lock = await app.lock(); };
        export const unlock = () => lock.dispose();
    ";
    let locking = host.load("locking", locking).await;
    let idle = host.load("idle", COUNTER).await;
    for _ in 0..3 {
        assert_eq!(host.event("a rest", rests).await, "idle");
        assert!(next(&idle).await.is_ok());
    }
    assert_eq!((locking.state(), is_locked.load(Ordering::SeqCst)), (State::Active, true));
    patiently("an answer", locking.call::<(), ()>("unlock", ())).await.unwrap();
    let is_locking = |event: &Event| rests(event).filter(|plugin| plugin == "locking");
    host.event("the rest of what holds nothing any more", is_locking).await;
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_gets_a_plugin_that_goes_to_rest_gets_one_that_answers() {
    let mut host = TestHost::new(Api::new(()));
    let counter = host.load("counter", COUNTER).await;
    let using = "export const use = async () => (await plugins.get('counter')).next();";
    let package = host.package_with("using", r#""dependencies": { "counter": "*" }"#, &[("main.js", using)]);
    let using = host.load_package(package).await.unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let resting = tokio::spawn({
        let is_over = is_over.clone();
        async move {
            while !is_over.load(Ordering::Relaxed) {
                if counter.state() == State::Active {
                    counter.rest();
                }
                tokio::task::yield_now().await;
            }
        }
    });
    for count in 1..=100 {
        assert_eq!(patiently("an answer", using.call("use", ())).await, Ok(count));
    }
    is_over.store(true, Ordering::Relaxed);
    resting.await.unwrap();
    host.finish().await;
}

// -- Wishes that meet ----------------------------------------------------------------------------------------------------

/// Says how often it was called, and holds a plugin that is to be held.
#[derive(Clone)]
struct Starting {
    starts: Arc<AtomicU32>,
    is_held: Arc<AtomicBool>,
    held: Arc<Semaphore>,
    free: Arc<Semaphore>,
}

async fn starting(cx: Cx<Starting>) -> Result<(), Thrown> {
    let state = cx.state();
    state.starts.fetch_add(1, Ordering::SeqCst);
    if state.is_held.load(Ordering::SeqCst) {
        state.held.add_permits(1);
        state.free.acquire().await.unwrap().forget();
    }
    Ok(())
}

#[tokio::test]
async fn who_wants_a_restart_while_there_is_one_shares_it() {
    let none = || Arc::new(Semaphore::new(0));
    let state = Starting { starts: Arc::default(), is_held: Arc::default(), held: none(), free: none() };
    let mut host = TestHost::new(Api::new(state.clone()).function("starting", starting));
    let source = "export const activate = () => app.starting();";
    let plugin = host.load("restarted", source).await;
    let both = patiently("both restarts", async { tokio::join!(plugin.restart(), plugin.restart()) }).await;
    assert!(both.0.is_ok() && both.1.is_ok());
    assert_eq!((plugin.info().generation, state.starts.load(Ordering::SeqCst)), (2, 2));
    state.is_held.store(true, Ordering::SeqCst);
    let restart = |plugin: &Plugin| {
        let plugin = plugin.clone();
        tokio::spawn(async move { plugin.restart().await })
    };
    let first = restart(&plugin);
    patiently("the start", state.held.acquire()).await.unwrap().forget();
    let second = restart(&plugin);
    // It has arrived when a later wish is answered.
    let refused = patiently("an answer", plugin.call::<(), ()>("nothing", ()));
    assert!(refused.await.is_err());
    state.free.add_permits(1);
    state.is_held.store(false, Ordering::SeqCst);
    for restart in [first, second] {
        patiently("the restart", restart).await.unwrap().unwrap();
    }
    assert_eq!((plugin.info().generation, state.starts.load(Ordering::SeqCst)), (3, 3));
    host.finish().await;
}

#[tokio::test]
async fn a_start_by_hand_looks_at_what_the_plugin_needs() {
    let mut host = TestHost::new(Api::new(()));
    let base = host.load("base", "").await;
    let package = host.package_with("needing", r#""dependencies": { "base": "*" }"#, &[("main.js", COUNTER)]);
    let needing = host.load_package(package).await.unwrap();
    patiently("a stop", base.stop()).await;
    patiently("a start", needing.start()).await.expect("it runs already");
    patiently("a stop", needing.stop()).await;
    let error = patiently("a start", needing.start()).await.unwrap_err();
    assert!(matches!(error, LoadError::Dependency(_)), "{error}");
    assert_eq!(needing.state(), State::Stopped);
    patiently("a start", base.start()).await.unwrap();
    patiently("a start", needing.start()).await.unwrap();
    assert_eq!(next(&needing).await, Ok(1));
    host.finish().await;
}

#[tokio::test]
async fn in_safe_mode_what_needs_others_is_listed_like_them() {
    let host = TestHost::built(Api::new(()), |builder| builder.safe_mode(SafeMode::only(["good"])));
    host.script("base", "");
    host.package_with("good", r#""dependencies": { "base": "*" }"#, &[("main.js", "")]);
    host.package_with("needing", r#""dependencies": { "base": "*" }"#, &[("main.js", "")]);
    host.package_with("lacking", r#""dependencies": { "absent": "*" }"#, &[("main.js", "")]);
    let found = host.host.discover(host.folder());
    let results = patiently("the end of loading", host.host.load_all(found)).await;
    for (id, result) in results {
        let error = result.unwrap_err();
        let is_safe = matches!(error, LoadError::SafeMode);
        let state = host.host.plugin(id.as_str()).unwrap().state();
        let expected = if id.as_str() == "good" { (false, State::Failed) } else { (true, State::Stopped) };
        assert_eq!((is_safe, state), expected, "{id}: {error}");
    }
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_told_that_a_plugin_is_there_finds_it() {
    let mut host = TestHost::new(Api::new(()));
    let base = host.load("base", COUNTER).await;
    let package = host.package_with("needing", r#""dependencies": { "base": "*" }"#, &[("main.js", "")]);
    host.load_package(package).await.unwrap();
    let mut events = host.host.events();
    let looked = Arc::new(Semaphore::new(0));
    let looking = tokio::spawn({
        let (base, looked) = (base.clone(), looked.clone());
        async move {
            while let Some(event) = events.next().await {
                if let Event::Dependency { is_active: true, .. } = event {
                    assert_eq!(base.state(), State::Active);
                    looked.add_permits(1);
                }
            }
        }
    });
    for _ in 0..50 {
        patiently("a restart", base.restart()).await.unwrap();
        patiently("a look", looked.acquire()).await.unwrap().forget();
    }
    looking.abort();
    host.finish().await;
}

// -- What takes its time -------------------------------------------------------------------------------------------------

#[tokio::test]
async fn an_embedder_who_takes_his_time_to_decide_holds_up_nobody_else() {
    /// Whether decisions wait, and how many do.
    #[derive(Default)]
    struct Deciding {
        waits: Mutex<(bool, u32)>,
        changed: Condvar,
    }
    let deciding = Arc::new(Deciding::default());
    let decide = deciding.clone();
    let mut host = TestHost::built(Api::new(()), |builder| {
        builder.grants(move |_, _| {
            let mut waits = decide.waits.lock().unwrap();
            waits.1 += 1;
            while waits.0 {
                waits = decide.changed.wait(waits).unwrap();
            }
            waits.1 -= 1;
            Grant::Allow
        })
    });
    let mut slow = Vec::new();
    for number in 0..4 {
        let files = [("main.js", COUNTER)];
        let package =
            host.package_with(&format!("slow-{number}"), r#""permissions": ["notes.read"]"#, &files);
        slow.push(host.load_package(package).await.unwrap());
    }
    deciding.waits.lock().unwrap().0 = true;
    let reloads =
        Vec::from_iter(slow.into_iter().map(|plugin| tokio::spawn(async move { plugin.reload().await })));
    eventually(4, || deciding.waits.lock().unwrap().1).await;
    let quick = host.load("quick", COUNTER).await;
    assert_eq!(next(&quick).await, Ok(1));
    deciding.waits.lock().unwrap().0 = false;
    deciding.changed.notify_all();
    for reload in reloads {
        patiently("a reload", reload).await.unwrap().unwrap();
    }
    host.finish().await;
}

#[tokio::test]
async fn after_a_shutdown_every_report_is_written() {
    let folder = TempDir::new().unwrap();
    let mut host =
        TestHost::built(Api::new(()), |builder| builder.limits(quick_limits()).reports(folder.path()));
    for number in 0..5 {
        host.load(&format!("clinging-{number}"), "export const deactivate = () => new Promise(() => {});")
            .await;
    }
    let report = patiently("the shutdown", host.host.shutdown()).await;
    let is_report = |name: &String| name.ends_with(".report.json");
    let names = std::fs::read_dir(folder.path()).into_iter().flatten();
    let names = Vec::from_iter(names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()));
    assert_eq!(names.iter().filter(|name| is_report(name)).count(), report.killed.len(), "{names:?}");
    assert_eq!((names.len(), report.killed.len()), (5, 5));
    let _report = host.end().await;
}

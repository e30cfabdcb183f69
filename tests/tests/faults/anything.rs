//! Runners that say anything: random messages of all kinds, by one of them and by two that know each other.
//!
//! A failure names its seed: `PLUGHOLD_SEED=… cargo test -p plughold-tests --test faults anything` takes it again, as far
//! as the processes keep the same pace. `PLUGHOLD_FUZZ_SECONDS=600` goes on for so long.

use crate::run;
use plughold::{
    Api, Callback, Cx, Disposable, Exit, Function, Object, Plugin, Remote, Source, Stream, Thrown, Value,
};
use plughold_tests::{PATIENCE, TestHost, patiently, quick_limits, with_misbehaving_runner};
use std::collections::BTreeMap;
use std::future::pending;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long one pair of runners goes on.
const ROUND: Duration = Duration::from_millis(400);

/// Values that the application keeps.
const KEPT: usize = 200;

/// Bytes that the whole test may hold at any moment: three plugins at their usual work take a tenth of it.
const MEMORY: usize = 1 << 30;

#[derive(Default)]
struct State {
    kept: Mutex<Vec<Value>>,
    streams: Mutex<Vec<Stream<Value>>>,
    turns: AtomicUsize,
}

impl State {
    /// Keeps a value in the place of another.
    fn swap(&self, value: Value) -> Value {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(value);
            return Value::Null;
        }
        let place = self.turns.fetch_add(7, Ordering::Relaxed) % KEPT;
        std::mem::replace(&mut kept[place], value)
    }

    fn clear(&self) {
        let kept = std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner));
        let streams = std::mem::take(&mut *self.streams.lock().unwrap_or_else(PoisonError::into_inner));
        drop((kept, streams));
    }
}

type Shared = Arc<State>;

async fn hold(cx: Cx<Shared>) -> Result<(), Thrown> {
    tokio::select! {
        () = cx.cancelled() => Ok(()),
        () = pending() => Ok(()),
    }
}

async fn echo(_: Cx<Shared>, value: Value) -> Result<Value, Thrown> {
    Ok(value)
}

async fn swap(cx: Cx<Shared>, value: Value) -> Result<Value, Thrown> {
    Ok(cx.state().swap(value))
}

async fn call(cx: Cx<Shared>, callback: Callback<(Value,), Value>, value: Value) -> Result<Value, Thrown> {
    Ok(cx.call(&callback, (value,)).await?)
}

async fn call_method(cx: Cx<Shared>, object: Remote, value: Value) -> Result<Value, Thrown> {
    let read: Value = cx.get(&object, "count").await?;
    Ok(cx.call_method(&object, "add", (read, value)).await?)
}

/// Calls something that some plugin has left here.
async fn call_kept(cx: Cx<Shared>, value: Value) -> Result<Value, Thrown> {
    match cx.state().swap(value.clone()) {
        Value::Callback(callback) => Ok(cx.call(&callback, vec![value]).await?),
        Value::Remote(object) => Ok(cx.call_method(&object, "work", (value,)).await?),
        other => Ok(other),
    }
}

async fn function(cx: Cx<Shared>) -> Result<Function, Thrown> {
    Ok(Function::new(cx.state().clone(), async |cx: Cx<Shared>, value: Value| {
        Ok::<_, Thrown>(cx.state().swap(value))
    }))
}

async fn object(cx: Cx<Shared>) -> Result<Object, Thrown> {
    let object = Object::builder("Thing", cx.state().clone());
    Ok(object.method("add", swap_in).accessor("count", hold_in).build())
}

async fn swap_in(cx: Cx<Shared>, value: Value) -> Result<Value, Thrown> {
    Ok(cx.state().swap(value))
}

async fn hold_in(cx: Cx<Shared>) -> Result<(), Thrown> {
    cx.cancelled().await;
    Ok(())
}

static UNDISPOSED: AtomicU32 = AtomicU32::new(0);

async fn disposable(_: Cx<Shared>) -> Result<Disposable, Thrown> {
    UNDISPOSED.fetch_add(1, Ordering::Relaxed);
    Ok(Disposable::new(|| {
        UNDISPOSED.fetch_sub(1, Ordering::Relaxed);
    }))
}

async fn source(_: Cx<Shared>, value: Value) -> Result<Source, Thrown> {
    Ok(Source::from_items((0..1_000).map(move |_| value.words())))
}

async fn read(cx: Cx<Shared>, mut stream: Stream<Value>) -> Result<Vec<Value>, Thrown> {
    let mut chunks = Vec::new();
    while chunks.len() < 5 {
        let chunk = tokio::select! {
            chunk = stream.next() => chunk,
            () = cx.cancelled() => None,
        };
        let Some(chunk) = chunk else { return Ok(chunks) };
        chunks.extend(chunk);
    }
    let mut streams = cx.state().streams.lock().unwrap_or_else(PoisonError::into_inner);
    streams.push(stream);
    let first = if KEPT < streams.len() { Some(streams.remove(0)) } else { None };
    drop((streams, first));
    Ok(chunks)
}

/// Passes a stream on, to whoever asks.
async fn pass(_: Cx<Shared>, stream: Stream<Value>) -> Result<Stream<Value>, Thrown> {
    Ok(stream)
}

/// At least as many functions as the runner believes there are.
fn api(state: Shared) -> Api<Shared> {
    Api::new(state)
        .function("hold", hold)
        .function("echo", echo)
        .function("swap", swap)
        .blocking()
        .function("call", call)
        .blocking()
        .function("callMethod", call_method)
        .function("callKept", call_kept)
        .function("function", function)
        .function("object", object)
        .function("disposable", disposable)
        .function("source", source)
        .function("read", read)
        .function("pass", pass)
}

#[test]
fn anything() {
    let panics = Arc::new(AtomicUsize::new(0));
    let counted = panics.clone();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // The threads of tests have their names, and may panic for reasons of their own.
        let is_tests = std::thread::current().name().is_some_and(|name| name.contains("::"));
        counted.fetch_add(usize::from(!is_tests), Ordering::Relaxed);
        hook(panic);
    }));
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seconds = number("PLUGHOLD_FUZZ_SECONDS").unwrap_or(4);
    let first = number("PLUGHOLD_SEED").unwrap_or(1);
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut ends = BTreeMap::new();
    for seed in first.. {
        eprintln!("PLUGHOLD_SEED={seed}");
        for exit in run(|| round(seed)) {
            *ends.entry(exit.to_string()).or_insert(0) += 1;
        }
        assert_eq!(panics.load(Ordering::Relaxed), 0, "panics");
        if until <= Instant::now() {
            break;
        }
    }
    // Seen with --nocapture: what the lies were good for.
    eprintln!("{ends:#?}");
}

/// One host with two plugins that say anything, and a good one. Gives how the two ended.
async fn round(seed: u64) -> Vec<Exit> {
    let state: Shared = Arc::default();
    let mut limits = quick_limits();
    // Much waits for it already when it is asked to stop, and it has not the machine for itself.
    (limits.call, limits.stop) = (Duration::from_millis(200), PATIENCE);
    let mut host =
        TestHost::built(api(state.clone()), |builder| with_misbehaving_runner(builder).limits(limits));
    let good = host.load("good", "export function work() { return null }").await;
    let lies = [0, 2_000, 200, 20_000][seed as usize % 4];
    // Every third round has one alone; otherwise the second knows the first.
    let is_alone = seed.is_multiple_of(3);
    let depends = r#"/* plughold: { "dependencies": { "says-anything-too": "*" } } */"#;
    let cast: &[_] = if is_alone {
        &[("says-anything", "")]
    } else {
        &[("says-anything-too", ""), ("says-anything", depends)]
    };
    let mut plugins = Vec::new();
    for (index, (id, needs)) in cast.iter().enumerate() {
        let package = host.script(id, &format!("{needs}\n// {} {lies}", 2 * seed + index as u64));
        // One that lies at once is not loaded, nor what depends on it.
        plugins.extend(host.load_package(package).await);
    }
    let until = Instant::now() + ROUND;
    while Instant::now() < until {
        answer(&good).await;
        for plugin in &plugins {
            meet(plugin).await;
        }
        let memory = resident();
        assert!(memory < MEMORY, "{memory} bytes");
    }
    answer(&good).await;
    let mut exits = Vec::new();
    for plugin in plugins {
        exits.push(patiently("the end", plugin.stop()).await);
    }
    let is_honest = |exit: &Exit| 0 < lies || *exit == Exit::Stopped;
    assert!(exits.iter().all(is_honest), "what keeps to the rules was ended: {exits:?}");
    state.clear();
    answer(&good).await;
    assert_eq!(good.stop().await, Exit::Stopped);
    let _killed_for_lies = host.end().await;
    assert_eq!(UNDISPOSED.load(Ordering::Relaxed), 0, "disposables");
    exits
}

/// The good plugin answers, however little of the machine is left for it.
async fn answer(good: &Plugin) {
    let call = good.call::<_, Value>("work", ()).within(PATIENCE);
    assert_eq!(patiently("an answer", call).await, Ok(Value::Null));
}

/// Calls of the application to a plugin that may answer them, some of which are given up.
async fn meet(plugin: &Plugin) {
    let call = |value: Value| plugin.call::<_, Value>("work", (value,)).within(Duration::from_millis(20));
    let (first, second) = (call(Value::Null), call(Value::String("x".repeat(100))));
    let _answers = tokio::join!(first, second);
}

fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split_ascii_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4_096
}

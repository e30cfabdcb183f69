//! Streams between the application and its plugins, and from one plugin to another.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{
    Api, ByteStream, Bytes, CallError, Callback, Cx, Function, Json, Limits, OpenStreams, Plugin, Source,
    Stream, Thrown, Value,
};
use plughold_protocol::limits::{STREAM_CHUNK, STREAM_WINDOW};
use plughold_tests::{TestHost, eventually, patiently};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;

/// What the application and its test share.
#[derive(Default)]
struct State {
    /// What the plugins told.
    told: Mutex<Vec<String>>,
    /// The source that `app.open` gives next.
    source: Mutex<Option<Source>>,
    /// Streams that were kept.
    kept: Mutex<Vec<Stream<Json>>>,
}

type App = Arc<State>;

async fn tell(cx: Cx<App>, text: String) -> Result<(), Thrown> {
    cx.state().told.lock().unwrap().push(text);
    Ok(())
}

async fn open(cx: Cx<App>) -> Result<Option<Source>, Thrown> {
    Ok(cx.state().source.lock().unwrap().take())
}

async fn keep(cx: Cx<App>, stream: Stream<Json>) -> Result<(), Thrown> {
    cx.state().kept.lock().unwrap().push(stream);
    Ok(())
}

/// Reads a stream of the plugin that calls to its end.
async fn collect(_: Cx<App>, mut stream: Stream<Json>) -> Result<Vec<Json>, CallError> {
    let mut items = Vec::new();
    while let Some(item) = stream.next().await {
        items.push(item?);
    }
    Ok(items)
}

async fn first(_: Cx<App>, mut stream: Stream<Json>) -> Result<Option<Json>, CallError> {
    stream.next().await.transpose()
}

/// Does not want the stream that it is given.
async fn ignore(_: Cx<App>) -> Result<(), Thrown> {
    Ok(())
}

/// Cannot decode the stream that it is given.
async fn number(_: Cx<App>, (_, _): (Stream<Json>, u32)) -> Result<(), Thrown> {
    Ok(())
}

async fn length(_: Cx<App>, mut file: ByteStream) -> Result<usize, Thrown> {
    let mut bytes = Vec::new();
    Ok(file.read_to_end(&mut bytes).await?)
}

/// Gives the very stream back that it is given.
async fn echo(_: Cx<App>, stream: Stream<Json>) -> Result<Stream<Json>, Thrown> {
    Ok(stream)
}

/// Gives anything back as it is.
async fn echo_anything(_: Cx<App>, value: Value) -> Result<Value, Thrown> {
    Ok(value)
}

/// Reads the stream in the field `stream` of anything.
async fn collect_field(_: Cx<App>, value: Value) -> Result<Vec<Value>, CallError> {
    let Value::Object(fields) = value else { return Ok(Vec::new()) };
    let Some((_, Value::Stream(stream))) = fields.into_iter().find(|(name, _)| name == "stream") else {
        return Ok(Vec::new());
    };
    let mut stream = Arc::into_inner(stream).unwrap();
    let mut items = Vec::new();
    while let Some(item) = stream.next().await {
        items.push(item?);
    }
    Ok(items)
}

/// Calls the function in the first chunk.
async fn call_first(
    _: Cx<App>,
    mut functions: Stream<Callback<(u32,), u32>>,
) -> Result<Option<u32>, CallError> {
    match functions.next().await {
        Some(function) => function?.call((20,)).await.map(Some),
        None => Ok(None),
    }
}

fn host() -> (TestHost, App) {
    let app = App::default();
    (TestHost::new(api(&app)), app)
}

fn api(app: &App) -> Api<App> {
    Api::new(app.clone())
        .function("tell", tell)
        .function("open", open)
        .function("keep", keep)
        .function("collect", collect)
        .function("first", first)
        .function("ignore", ignore)
        .function("number", number)
        .function("length", length)
        .function("echo", echo)
        .function("callFirst", call_first)
        .function("echoAnything", echo_anything)
        .function("collectField", collect_field)
}

/// Runs the body of an async function in a plugin of its own.
async fn run(host: &mut TestHost, body: &str) -> Result<Json, CallError> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let id = format!("test-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let plugin = host.load(&id, &format!("export async function run() {{ {body} }}")).await;
    patiently(body, plugin.call("run", ())).await
}

#[track_caller]
fn message(result: Result<Json, CallError>) -> String {
    match result {
        Err(CallError::Thrown(thrown)) => thrown.message,
        other => panic!("{other:?}"),
    }
}

/// A source that gives what the test sends it, counts how often it was asked, and says when it is dropped.
struct Feed {
    items: mpsc::Receiver<Result<Json, Thrown>>,
    asked: Arc<AtomicUsize>,
}

type Sender = mpsc::Sender<Result<Json, Thrown>>;

fn feed() -> (Source, Sender, Arc<AtomicUsize>) {
    let (sender, items) = mpsc::channel(1_000);
    let asked = Arc::new(AtomicUsize::new(0));
    (Source::new(Feed { items, asked: asked.clone() }), sender, asked)
}

impl futures_core::Stream for Feed {
    type Item = Result<Json, Thrown>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.items.poll_recv(context)
    }
}

/// As many texts of 10,000 characters as one window holds: the last takes the credit below zero.
const WINDOW: usize = STREAM_WINDOW / (10_003 + STREAM_CHUNK) + 1;

fn json(value: serde_json::Value) -> Json {
    Json(value)
}

const GENERATOR: &str = "
    async function* numbers(limit, end = () => {}) {
      try { for (let n = 0; n < limit; n += 1) { await app.tell('asked'); yield n } } finally { await end() }
    }
";

// -- From a plugin -----------------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_plugins_stream_is_read_to_its_end() {
    let (mut host, _) = host();
    let body = format!(
        "{GENERATOR} return [await app.collect(numbers(3)), await app.collect(new ReadableStream({{
        start(c) {{ c.enqueue({{ a: 1 }}); c.enqueue('x'); c.close() }} }}))]"
    );
    let result = run(&mut host, &body).await;
    assert_eq!(result, Ok(json(serde_json::json!([[0, 1, 2], [{ "a": 1 }, "x"]]))));
    host.finish().await;
}

#[tokio::test]
async fn a_stream_that_nobody_reads_on_ends_in_the_plugin() {
    for call in ["first", "ignore", "number"] {
        let (mut host, app) = host();
        let body = format!(
            "const source = new ReadableStream({{ pull(c) {{ c.enqueue(1) }}, cancel() {{ app.tell('ended') }} }}, {{ highWaterMark: 0 }});
             const result = await app.{call}({}).catch((error) => error.message);
             return result",
            if call == "number" { "[source, 'x']" } else { "source" }
        );
        let plugin = host.load("test", &format!("export async function run() {{ {body} }}")).await;
        let result = patiently(call, plugin.call::<_, Json>("run", ())).await.unwrap();
        match call {
            "first" => assert_eq!(result, json(1.into())),
            "ignore" => assert_eq!(result, json(serde_json::Value::Null)),
            _ => assert!(result.0.as_str().unwrap().contains("expected a whole number"), "{result:?}"),
        }
        eventually(vec!["ended".to_owned()], || app.told.lock().unwrap().clone()).await;
        host.finish().await;
    }
}

#[tokio::test]
async fn an_error_of_a_plugins_source_is_the_last_item() {
    let (mut host, _) = host();
    let result = run(
        &mut host,
        "return await app.collect((async function* () { yield 1; throw new RangeError('no more') })())",
    );
    assert_eq!(message(result.await), "no more");
    host.finish().await;
}

#[tokio::test]
async fn a_plugins_death_ends_its_streams() {
    let (mut host, app) = host();
    let plugin = host
        .load(
            "test",
            "export const run = () => app.keep(new ReadableStream({ pull(c) { c.enqueue(1); return new Promise(() => {}) } }, { highWaterMark: 0 }))",
        )
        .await;
    plugin.call::<_, Json>("run", ()).await.unwrap();
    let mut stream = app.kept.lock().unwrap().pop().unwrap();
    assert_eq!(patiently("the first chunk", stream.next()).await, Some(Ok(json(1.into()))));
    plugin.kill().await;
    let end = patiently("the end", stream.next()).await;
    assert!(matches!(&end, Some(Err(CallError::Gone { .. }))), "{end:?}");
    assert_eq!(stream.next().await, None);
    let _report = host.end().await;
}

#[tokio::test]
async fn a_slow_reader_holds_a_plugins_source_back() {
    let (mut host, app) = host();
    let plugin = host
        .load(
            "test",
            "let pulls = 0; const text = 'x'.repeat(10000);
             export const run = () => app.keep(new ReadableStream({ pull(c) { pulls += 1; c.enqueue(text) } }, { highWaterMark: 0 }));
             export const count = () => pulls",
        )
        .await;
    plugin.call::<_, Json>("run", ()).await.unwrap();
    let count = async || plugin.call::<_, usize>("count", ()).await.unwrap();
    let mut stream = app.kept.lock().unwrap().pop().unwrap();
    assert_eq!(count().await, 0, "nobody reads");
    patiently("the first chunk", stream.next()).await.unwrap().unwrap();
    let most = WINDOW;
    patiently("a full window", async { while count().await < most {} }).await;
    assert_eq!(count().await, most, "and no more");
    for _ in 1..most {
        stream.next().await.unwrap().unwrap();
    }
    patiently("room for more", async { while count().await <= most {} }).await;
    drop(stream);
    host.finish().await;
}

#[tokio::test]
async fn functions_in_chunks_are_live() {
    let (mut host, _) = host();
    let result = run(&mut host, "return await app.callFirst((async function* () { yield (n) => n + 1 })())");
    assert_eq!(result.await, Ok(json(21.into())));
    host.finish().await;
}

#[tokio::test]
async fn bytes_are_an_async_read() {
    let (mut host, _) = host();
    let result = run(
        &mut host,
        "return await app.length(ReadableStream.from([new Uint8Array(3), new ArrayBuffer(4), new Uint8Array(500000)]))",
    );
    assert_eq!(result.await, Ok(json(500_007.into())));
    host.finish().await;
}

#[tokio::test]
async fn a_value_holds_a_stream() {
    let (mut host, app) = host();
    for (body, expected) in [
        (
            "const all = []; const back = await app.echoAnything([ReadableStream.from([1, 'a'])]);
             for await (const chunk of back[0]) all.push(chunk);
             return all",
            serde_json::json!([1, "a"]),
        ),
        (
            "return await app.collectField({ stream: ReadableStream.from([{ a: 1 }, null]) })",
            serde_json::json!([{ "a": 1 }, null]),
        ),
        ("return await app.collectField({ stream: 'none' })", serde_json::json!([])),
    ] {
        assert_eq!(run(&mut host, body).await, Ok(json(expected)), "{body}");
    }
    drop(app);
    host.finish().await;
}

#[tokio::test]
async fn a_chunk_of_another_type_is_told_with_its_number() {
    let (mut host, _) = host();
    for (call, expected) in [
        (
            "app.length(ReadableStream.from(['text']))",
            "TypeError: chunk 1 of the stream has another type: expected bytes (Uint8Array), found the string \"text\"",
        ),
        (
            "app.length((async function* () { yield new Uint8Array(1); yield { a: 1 } })())",
            "TypeError: chunk 2 of the stream has another type: expected bytes (Uint8Array), found an object",
        ),
        (
            "app.callFirst(ReadableStream.from([7]))",
            "TypeError: chunk 1 of the stream has another type: expected a function, found 7",
        ),
        ("app.length((async function* () { throw new RangeError('no more') })())", "RangeError: no more"),
    ] {
        let body = format!("try {{ return await {call} }} catch (error) {{ return String(error) }}");
        assert_eq!(run(&mut host, &body).await, Ok(json(expected.into())), "{call}");
    }
    host.finish().await;
}

// -- To a plugin -------------------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_source_is_read_to_its_end() {
    let (mut host, app) = host();
    *app.source.lock().unwrap() = Some(Source::from_items([1, 2, 3]));
    let result =
        run(&mut host, "const out = []; for await (const n of await app.open()) out.push(n); return out")
            .await;
    assert_eq!(result, Ok(json(serde_json::json!([1, 2, 3]))));
    *app.source.lock().unwrap() = Some(Source::from_reader(&[7u8; 200_000][..]));
    let result =
        run(&mut host, "let n = 0; for await (const bytes of await app.open()) n += bytes.length; return n")
            .await;
    assert_eq!(result, Ok(json(200_000.into())));
    *app.source.lock().unwrap() = Some(Source::from_items([Bytes(vec![1; 700_000])]));
    let result =
        run(&mut host, "let n = 0; for await (const bytes of await app.open()) n += bytes.length; return n")
            .await;
    assert_eq!(result, Ok(json(700_000.into())), "bytes that are longer than a chunk are cut");
    host.finish().await;
}

#[tokio::test]
async fn a_source_is_dropped_when_the_plugin_stops_reading() {
    for body in [
        "for await (const n of await app.open()) return n",
        "const r = (await app.open()).getReader(); await r.read(); await r.cancel()",
        "await (await app.open()).cancel()",
        "await app.open()",
    ] {
        let (mut host, app) = host();
        let (source, sender, _) = feed();
        *app.source.lock().unwrap() = Some(source);
        sender.send(Ok(json(1.into()))).await.unwrap();
        let plugin = host.load("test", &format!("export async function run() {{ {body} }}")).await;
        patiently(body, plugin.call::<_, Json>("run", ())).await.unwrap();
        patiently(body, sender.closed()).await;
        host.finish().await;
    }
}

#[tokio::test]
async fn a_source_is_dropped_when_its_plugin_dies_and_when_it_is_not_sent() {
    let (mut host, app) = host();
    let (source, sender, _) = feed();
    *app.source.lock().unwrap() = Some(source);
    let plugin = host
        .load("test", "export async function run() { const s = await app.open(); s.getReader().read(); await app.tell('read') }")
        .await;
    plugin.call::<_, Json>("run", ()).await.unwrap();
    plugin.kill().await;
    patiently("the drop", sender.closed()).await;

    let (source, sender, _) = feed();
    let refused = plugin.call::<_, Json>("run", (source,)).await;
    assert!(refused.is_err());
    patiently("the drop", sender.closed()).await;
    let _report = host.end().await;
}

#[tokio::test]
async fn an_error_of_a_source_is_thrown_in_the_plugin() {
    let (mut host, app) = host();
    let (source, sender, _) = feed();
    *app.source.lock().unwrap() = Some(source);
    sender.send(Ok(json(1.into()))).await.unwrap();
    sender.send(Err(Thrown::new("RangeError", "burnt").with_code("E_FIRE"))).await.unwrap();
    let body = "const out = []; try { for await (const n of await app.open()) out.push(n) }
        catch (error) { return [out, error instanceof RangeError, error.message, error.code] }";
    assert_eq!(run(&mut host, body).await, Ok(json(serde_json::json!([[1], true, "burnt", "E_FIRE"]))));
    patiently("the drop", sender.closed()).await;

    *app.source.lock().unwrap() = Some(Source::from_items(["x".repeat(STREAM_WINDOW)]));
    let result = run(&mut host, "for await (const text of await app.open());").await;
    assert_eq!(
        message(result),
        format!("a chunk of {} bytes; at most {STREAM_WINDOW} are allowed", STREAM_WINDOW + 5)
    );
    host.finish().await;
}

#[tokio::test]
async fn a_slow_plugin_holds_a_source_back() {
    let (mut host, app) = host();
    let (source, sender, asked) = feed();
    *app.source.lock().unwrap() = Some(source);
    for _ in 0..200 {
        sender.send(Ok(json("x".repeat(10_000).into()))).await.unwrap();
    }
    let plugin = host
        .load(
            "test",
            "let reader; export async function run() { reader = (await app.open()).getReader() }
             export async function read() { return (await reader.read()).value.length }",
        )
        .await;
    plugin.call::<_, Json>("run", ()).await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 0, "nobody reads");
    assert_eq!(plugin.call::<_, usize>("read", ()).await, Ok(10_000));
    let most = WINDOW;
    eventually(most, || asked.load(Ordering::Relaxed)).await;
    for _ in 1..most {
        assert_eq!(plugin.call::<_, usize>("read", ()).await, Ok(10_000));
    }
    eventually(true, || most < asked.load(Ordering::Relaxed)).await;
    host.finish().await;
}

#[tokio::test]
async fn a_source_is_sent_once() {
    let (mut host, _) = host();
    let plugin = host.load("test", "export const ignore = () => 1").await;
    let source = Source::from_items([1]);
    assert_eq!(plugin.call::<_, u32>("ignore", (&source,)).await, Ok(1));
    let again = plugin.call::<_, u32>("ignore", (&source,)).await.unwrap_err().to_string();
    assert!(again.contains("a source that was sent already"), "{again}");
    assert!(serde_json::to_string(&Source::from_items([1])).is_err());
    host.finish().await;
}

#[tokio::test]
async fn functions_in_chunks_for_a_plugin_are_live() {
    let (mut host, app) = host();
    let double = Function::new((), async |_: Cx<()>, n: u32| Ok::<_, Thrown>(2 * n));
    *app.source.lock().unwrap() = Some(Source::from_items([double]));
    let body = "for await (const double of await app.open()) return await double(21)";
    assert_eq!(run(&mut host, body).await, Ok(json(42.into())));
    host.finish().await;
}

// -- From one plugin to another ----------------------------------------------------------------------------------------

/// Calls `make` of one plugin, and `take` of another with what that gave.
async fn pass(host: &mut TestHost, make: &str, take: &str) -> (Plugin, Plugin, Result<Json, CallError>) {
    let writer = host.load("writer", make).await;
    let reader = host.load("reader", take).await;
    let stream: Stream<Json> = patiently("the stream", writer.call("make", ())).await.unwrap();
    let result = patiently("the end", reader.call("take", (stream,))).await;
    (writer, reader, result)
}

#[tokio::test]
async fn a_stream_goes_from_one_plugin_to_another() {
    let (mut host, _) = host();
    let make = "export async function make() {
        return (async function* () { yield 1; yield { f: (n) => n + 1 }; yield new Uint8Array(300000) })() }";
    let take = "export async function take(stream) {
        const out = [];
        for await (const chunk of stream) out.push(chunk.f ? await chunk.f(41) : chunk.length ?? chunk);
        return out }";
    let (_, _, result) = pass(&mut host, make, take).await;
    let Json(serde_json::Value::Array(out)) = result.unwrap() else { panic!() };
    assert_eq!(out[..2], [1, 42]);
    assert_eq!(out[2..].iter().map(|length| length.as_u64().unwrap()).sum::<u64>(), 300_000);
    host.finish().await;
}

#[tokio::test]
async fn an_error_and_a_stop_go_through() {
    let (mut host, _) = host();
    let make = "export const make = () => new ReadableStream({ pull(c) { c.error(new RangeError('burnt')) } }, { highWaterMark: 0 })";
    let take = "export async function take(stream) { for await (const chunk of stream); }";
    let (_, _, result) = pass(&mut host, make, take).await;
    assert_eq!(message(result), "burnt");
    host.finish().await;

    let (mut host, app) = self::host();
    let make = "export const make = () => new ReadableStream({ pull(c) { c.enqueue(1) }, cancel() { app.tell('ended') } }, { highWaterMark: 0 })";
    let take = "export async function take(stream) { for await (const chunk of stream) return chunk }";
    let (_, _, result) = pass(&mut host, make, take).await;
    assert_eq!(result, Ok(json(1.into())));
    eventually(vec!["ended".to_owned()], || app.told.lock().unwrap().clone()).await;
    host.finish().await;
}

#[tokio::test]
async fn the_death_of_either_plugin_ends_what_goes_between_them() {
    let make = "export const make = () => new ReadableStream({
        pull(c) { c.enqueue('x'.repeat(10000)) }, cancel() { app.tell('ended') } }, { highWaterMark: 0 })";
    let take = "let reader;
        export async function take(stream) { reader = stream.getReader(); await reader.read() }
        export async function rest() { try { for (;;) if ((await reader.read()).done) return 'done' } catch (error) { return error.message } }";
    let (mut host, app) = host();
    let (_writer, reader, result) = pass(&mut host, make, take).await;
    assert!(result.is_ok());
    reader.kill().await;
    eventually(vec!["ended".to_owned()], || app.told.lock().unwrap().clone()).await;
    let _report = host.end().await;

    let (mut host, _) = self::host();
    let (writer, reader, _) = pass(&mut host, make, take).await;
    writer.kill().await;
    let end: String = patiently("the end", reader.call("rest", ())).await.unwrap();
    assert_eq!(end, "plugin writer is gone: it was killed: that was asked for");
    let _report = host.end().await;
}

#[tokio::test]
async fn the_slower_of_two_plugins_sets_the_pace() {
    let (mut host, _) = host();
    let make = "let pulls = 0;
        export const make = () => new ReadableStream({ pull(c) { pulls += 1; c.enqueue('x'.repeat(10000)) } }, { highWaterMark: 0 });
        export const count = () => pulls";
    let take = "let reader;
        export async function take(stream) { reader = stream.getReader(); await reader.read() }
        export const leave = () => { reader.cancel() }";
    let (writer, reader, _) = pass(&mut host, make, take).await;
    let count = async || writer.call::<_, usize>("count", ()).await.unwrap();
    // More than the reader's window is made only when the host takes chunks on its behalf; a window for each of the two
    // connections is the end of it.
    patiently("more than one window", async { while count().await <= WINDOW {} }).await;
    for _ in 0..20 {
        assert!(count().await <= 2 * WINDOW);
    }
    assert_eq!(writer.info().streams, OpenStreams { from_plugin: 1, to_plugin: 0 });
    assert_eq!(reader.info().streams, OpenStreams { from_plugin: 0, to_plugin: 1 });
    reader.call::<_, ()>("leave", ()).await.unwrap();
    host.finish().await;
}

// -- Memory ------------------------------------------------------------------------------------------------------------

#[tokio::test]
async fn sixty_four_mebibytes_pass_both_ways_through_a_runner_of_eight() {
    const BYTES: u64 = 64 << 20;
    let app = App::default();
    let mut host = TestHost::built(api(&app), |builder| {
        let mut limits = Limits::default();
        limits.memory = 8 << 20;
        builder.limits(limits)
    });
    let plugin = host
        .load("test", "export async function* pass(stream) { for await (const chunk of stream) yield chunk }")
        .await;
    let source = Source::from_reader(tokio::io::repeat(7).take(BYTES));
    let mut back: ByteStream = plugin.call("pass", (source,)).await.unwrap();
    let mut buffer = vec![0; 1 << 20];
    let mut count = 0;
    loop {
        match patiently("a chunk", back.read(&mut buffer)).await.unwrap() {
            0 => break,
            read => count += read as u64,
        }
    }
    assert_eq!(count, BYTES);
    host.finish().await;
}

//! What clients see.

use crate::Controlled;
use plughold::Control;
use plughold_control::record::{Activity, Direction, Happening, Holder, Level, ReferenceKind, State, Traced};
use plughold_control::{ClientError, Next, RefusalKind, Right, Subscription, Wanted};
use plughold_tests::{eventually, patiently};
use serde_json::json;

const BUSY: &str = "
    export const search = (word) => app.notes.search(word);
    export const forever = () => app.notes.wait();
    export const say = (text) => { console.warn(text); console.log(`${text} again`) };
    export const keep = (thing) => { globalThis.kept = thing };
    export const give = () => () => 1;
    export const loop = () => { for (;;); };
";

async fn next<T>(stream: &mut Subscription<T>) -> T {
    match patiently("one of a stream", stream.next()).await {
        Some(Next::Item(item)) => item,
        Some(Next::Missed(count)) => panic!("{count} were missed"),
        None => panic!("it has ended"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_and_plugins_are_seen() {
    let mut controlled = Controlled::new(Control::read());
    let plugin = controlled.host.load("hello", BUSY).await;
    controlled.host.load_error("broken", "syntax error").await;
    let client = controlled.client(Right::Read).await;
    let host = client.host();
    assert_eq!((host.name.as_str(), host.pid), ("tests", std::process::id()));
    assert_eq!(client.right(), Right::Read);
    assert_eq!(plugin.call::<_, u32>("search", ("ship",)).await, Ok(4));

    let plugins = client.plugins().await.unwrap();
    let ids: Vec<_> = plugins.iter().map(|plugin| (plugin.id.as_str(), plugin.state)).collect();
    assert_eq!(ids, [("broken", State::Failed), ("hello", State::Active)]);
    assert!(
        plugins[0].error.as_ref().unwrap().message.contains("compiling failed"),
        "{:?}",
        plugins[0].error
    );

    let hello = client.plugin("hello").await.unwrap();
    let info = plugin.info();
    assert_eq!((hello.pid, hello.generation), (info.pid, 1));
    assert_eq!(hello.exports, info.exports);
    assert_eq!(hello.sandbox, info.sandbox.map(|level| level.letter().to_string()));
    assert!(hello.source.ends_with("hello.js"), "{}", hello.source);
    // It has answered, and perhaps not gone back to sleep.
    let is_at_rest = matches!(hello.activity, Some(Activity::Idle | Activity::Busy { .. }));
    assert!(is_at_rest, "{:?}", hello.activity);
    assert_eq!((hello.calls_in, hello.calls_out), (1, 1));
    assert!(hello.figures.is_some());

    let figures = client.figures("hello").await.unwrap();
    assert_eq!((figures.from_plugin.calls, figures.to_plugin.calls), (1, 1));
    assert_eq!(figures.to_plugin.functions[0].name, "search");
    assert!(0 < figures.to_plugin.latency.p99_ns);

    let gone = client.plugin("hullo").await.unwrap_err();
    let ClientError::Refused(refusal) = gone else { panic!("{gone}") };
    assert_eq!((refusal.kind, refusal.message.as_str()), (RefusalKind::NotFound, "there is no plugin hullo"));
    drop(client);
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn references_and_pending_calls_are_seen() {
    let mut controlled = Controlled::new(Control::read());
    let plugin = controlled.host.load("hello", BUSY).await;
    let client = controlled.client(Right::Read).await;
    let given = plugin.call::<_, plughold::Callback<(), u32>>("give", ()).await.unwrap();
    let references = client.references("hello").await.unwrap();
    let [reference] = references.as_slice() else { panic!("{references:?}") };
    assert_eq!((reference.holder, reference.kind), (Holder::Host, ReferenceKind::Function));
    assert!(reference.place.as_ref().unwrap().contains("give"), "{reference:?}");
    drop(given);

    let waiting = tokio::spawn(plugin.call::<_, ()>("forever", ()));
    eventually(2, || plugin.pending().len()).await;
    let calls = client.pending("hello").await.unwrap();
    let from_plugin = calls.iter().find(|call| call.direction == Direction::FromPlugin).unwrap();
    assert!(from_plugin.name.contains("notes.wait"), "{from_plugin:?}");
    assert_eq!(from_plugin.parent.as_ref().unwrap().name, "forever");
    waiting.abort();
    drop(client);
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_plugin_says_where_it_is() {
    let mut controlled = Controlled::new(Control::read());
    let plugin = controlled.host.load("hello", BUSY).await;
    let client = controlled.client(Right::Read).await;
    assert_eq!(client.stack("hello").await.unwrap(), None, "it is idle");
    let call = tokio::spawn(plugin.call::<_, ()>("loop", ()));
    loop {
        if let Some(stack) = patiently("a stack", client.stack("hello")).await.unwrap() {
            assert!(stack.contains("loop") && stack.contains("hello.js:7"), "{stack}");
            break;
        }
    }
    assert!(patiently("its end", call).await.unwrap().is_err(), "it was interrupted");
    drop(client);
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_and_what_happens_is_told_once() {
    let mut controlled = Controlled::new(Control::read());
    let plugin = controlled.host.load("hello", BUSY).await;
    let client = controlled.client(Right::Read).await;
    plugin.call::<_, ()>("say", ("one",)).await.unwrap();
    // Until the second line is known to the history.
    let wanted = || Wanted { plugins: vec!["hello".to_owned()], last: 100, ..Wanted::default() };
    loop {
        let mut events = client.events(wanted()).await.unwrap();
        let mut kinds = Vec::new();
        while let Some(next) = patiently("what is kept", events.next()).await {
            let Next::Item(happening) = next else { panic!("{next:?}") };
            kinds.push(happening.kind);
        }
        if kinds.len() == 3 {
            assert_eq!(kinds, ["started", "log", "log"]);
            break;
        }
    }
    let warnings = Wanted { level: Some(Level::Warn), last: 1, follow: true, ..wanted() };
    let mut logs = client.logs(warnings).await.unwrap();
    let words = |happening: &Happening| happening.message().unwrap().to_owned();
    let first = next(&mut logs).await;
    assert_eq!((words(&first), first.level()), ("one".to_owned(), Some(Level::Warn)));
    assert_eq!(first.fields["place"]["line"], json!(4));
    plugin.call::<_, ()>("say", ("two",)).await.unwrap();
    let second = next(&mut logs).await;
    assert_eq!(words(&second), "two", "and not what is less important");
    assert!(first.number < second.number && first.time_ms <= second.time_ms);

    let mut events = client.events(Wanted { follow: true, ..Wanted::default() }).await.unwrap();
    plugin.stop().await;
    let stopped = loop {
        let happening = next(&mut events).await;
        if happening.kind == "stopped" {
            break happening;
        }
    };
    assert_eq!(stopped.plugin.as_deref(), Some("hello"));
    drop((client, logs, events));
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_traced_in_both_directions() {
    let mut controlled = Controlled::new(Control::read());
    let plugin = controlled.host.load("hello", BUSY).await;
    let client = controlled.client(Right::Read).await;
    let mut trace = client.trace("hello").await.unwrap();
    assert_eq!(plugin.call::<_, u32>("search", ("ship",)).await, Ok(4));
    let mut seen: Vec<Traced> = Vec::new();
    while seen.len() < 4 {
        let traced = next(&mut trace).await;
        if ["Call", "Return"].contains(&traced.message.as_str()) {
            seen.push(traced);
        }
    }
    let shown: Vec<_> = seen
        .iter()
        .map(|traced| (traced.direction, traced.message.as_str(), traced.what.as_deref().unwrap_or_default()))
        .collect();
    let (to, from) = (Direction::ToPlugin, Direction::FromPlugin);
    assert_eq!(
        shown,
        [
            (to, "Call", "export search"),
            (from, "Call", "app.notes.search"),
            (to, "Return", "app.notes.search"),
            (from, "Return", "export search"),
        ]
    );
    let [outer, inner, answer, last] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!((outer.parent, inner.parent), (None, outer.id), "one was made for the other");
    assert!(answer.took_us.unwrap() <= last.took_us.unwrap());
    assert_eq!(last.outcome.as_deref(), Some("returned"));
    assert!(seen.iter().all(|traced| 0 < traced.bytes && traced.generation == 1), "{seen:?}");

    // A new process is the same plugin.
    plugin.restart().await.unwrap();
    assert_eq!(plugin.call::<_, u32>("search", ("boat",)).await, Ok(4));
    loop {
        let traced = next(&mut trace).await;
        if traced.generation == 2 && traced.what.as_deref() == Some("app.notes.search") {
            break;
        }
    }
    drop((client, trace));
    controlled.host.finish().await;
}

//! Plugins that use what other plugins export, and start after them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{
    Api, CallError, Cx, Discovery, Event, Exit, Grant, Host, KillReason, LoadError, State, Thrown,
};
use plughold_tests::{TestHost, patiently};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock};

/// A host that grants what is asked for, except the use of `secret`.
fn host() -> TestHost {
    host_with(Api::new(()))
}

fn host_with<S: Send + Sync + 'static>(api: Api<S>) -> TestHost {
    TestHost::built(api, |builder| {
        builder.grants(|_, permission| match permission.name.as_str() {
            "plugins.secret" => Grant::Deny,
            _ => Grant::Allow,
        })
    })
}

/// A script that needs others.
fn needing(needs: &str, source: &str) -> String {
    format!("/* plughold: {{ \"dependencies\": {{ {needs} }} }} */\n{source}")
}

const COUNTER: &str = "
let count = 0;
export const add = (more) => { count += more; return count; };
export const fail = () => { throw Object.assign(new RangeError('too much'), { code: 'E_MUCH' }); };
export const each = async (list, visit) => { for (const item of list) await visit(item); };
export const crash = () => { for (;;) {} };
";

async fn text(plugin: &plughold::Plugin, export: &str) -> String {
    patiently(export, plugin.call(export, ())).await.unwrap_or_else(|error: CallError| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_uses_what_another_one_exports() {
    let mut host = host();
    host.load("counter", COUNTER).await;
    let source = needing(
        "\"counter\": \"*\"",
        "
const counter = plugins.get('counter');
export const go = async () => {
    const seen = [];
    await counter.each(['a', 'b'], (item) => { seen.push(item); });
    return [await counter.add(2), await counter.add(3), seen.join('')].join(' ');
};
export const same = () => String(plugins.get('counter') === counter);
export const waiting = () => String(plugins.get('counter', { blocking: true }).add(10));
export const thrown = () => counter.fail().catch((error) => [error.name, error.message, error.code].join(' '));
export const absent = () => String(counter.remove);
",
    );
    let user = host.load("user", &source).await;
    assert_eq!(text(&user, "go").await, "2 5 ab");
    assert_eq!(text(&user, "same").await, "true");
    assert_eq!(text(&user, "waiting").await, "15");
    assert_eq!(text(&user, "thrown").await, "RangeError too much E_MUCH");
    assert_eq!(text(&user, "absent").await, "undefined");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_declared_granted_or_there_is_refused() {
    let mut host = host();
    host.load("counter", COUNTER).await;
    host.load("secret", COUNTER).await;
    let source = needing(
        "\"secret\": \"*\"",
        "
export const get = (id) => {
    try { return String(plugins.get(id)); } catch (error) { return `${error.code}: ${error.message}`; }
};
",
    );
    let user = host.load("user", &source).await;
    let get = async |id: &str| patiently("an answer", user.call::<_, String>("get", (id,))).await.unwrap();
    let words = "E_DENIED: plugins.get: plugin counter is not declared as a dependency: write \"dependencies\": \
                 { \"counter\": \"*\" } into the manifest";
    assert_eq!(get("counter").await, words);
    assert_eq!(
        get("secret").await,
        "E_DENIED: plugins.get: permission denied: plugins.secret was not granted: whoever uses the application has to \
         allow it for this plugin"
    );
    let words = "E_DENIED: plugins.get: a plugin does not get itself: its own exports are at hand";
    assert_eq!(get("user").await, words);
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gone_when_it_is_gone_and_back_when_it_is_back() {
    let mut host = host();
    let counter = host.load("counter", COUNTER).await;
    let source = needing(
        "\"counter\": \"*\"",
        "
const said = (error) => [error.code, error.plugin, error.exit].join(' | ');
let counter = plugins.get('counter');
export const use = () => counter.add(1).then(String, said);
export const again = () => {
    try { counter = plugins.get('counter'); return 'again'; } catch (error) { return said(error); }
};
",
    );
    let user = host.load("user", &source).await;
    assert_eq!(text(&user, "use").await, "1");
    assert_eq!(patiently("the end", counter.stop()).await, Exit::Stopped);
    assert_eq!(text(&user, "use").await, "E_GONE | counter | it was stopped");
    assert_eq!(text(&user, "again").await, "E_GONE | counter | ");
    host.load("counter", COUNTER).await;
    assert_eq!(text(&user, "use").await, "E_GONE | counter | it was stopped", "the old one stays gone");
    assert_eq!(text(&user, "again").await, "again");
    assert_eq!(text(&user, "use").await, "1");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_a_plugin_that_dies_goes_on_at_once() {
    let (told, mut tells) = tokio::sync::mpsc::unbounded_channel();
    let api = Api::new(told).function("told", async |cx: Cx<tokio::sync::mpsc::UnboundedSender<()>>| {
        cx.state().send(())?;
        Ok::<_, Thrown>(())
    });
    let mut host = host_with(api);
    let holder = host
        .load("holder", "export const hold = async () => { await app.told(); await new Promise(() => {}); };")
        .await;
    let source = needing(
        "\"holder\": \"*\"",
        "
export const promising = () => plugins.get('holder').hold().catch((error) => error.code);
export const waiting = () => {
    try { plugins.get('holder', { blocking: true }).hold(); } catch (error) { return error.code; }
};
",
    );
    let (one, other) = (host.load("one", &source).await, host.load("other", &source).await);
    let end = async {
        for _ in 0..2 {
            patiently("the calls", tells.recv()).await.unwrap();
        }
        holder.kill().await
    };
    let (promised, waited, exit) = tokio::join!(text(&one, "promising"), text(&other, "waiting"), end);
    assert_eq!((promised.as_str(), waited.as_str()), ("E_GONE", "E_GONE"));
    assert!(exit.was_asked());
    host.finish().await;
}

/// The results of loading packages, and the order in which those that became active did.
async fn load_all(host: &mut TestHost, scripts: &[(&str, String)]) -> (Vec<String>, Vec<String>) {
    let packages = scripts.iter().map(|(id, source)| host.script(id, source)).collect();
    let found = Discovery { packages, ..Discovery::default() };
    let loaded = patiently("all loads", host.host.load_all(found)).await;
    let results = loaded.into_iter().map(|(id, result)| match result {
        Ok(_) => format!("{id}: active"),
        Err(error) => format!("{id}: {error}"),
    });
    let results = Vec::from_iter(results);
    let count = results.iter().filter(|result| result.ends_with(": active")).count();
    let mut started = Vec::new();
    while started.len() < count {
        let is_start = |event: &Event| match event {
            Event::Started { plugin, .. } => Some(plugin.to_string()),
            _ => None,
        };
        started.push(host.event("a start", is_start).await);
    }
    (results, started)
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_start_after_what_they_need() {
    let mut host = host();
    let uses =
        |id: &str| needing(&format!("{id:?}: \"*\""), &format!("plugins.get({id:?}); export const f = 1;"));
    let scripts = [
        ("a", uses("b")),
        ("b", uses("c")),
        ("c", String::new()),
        ("broken", "throw new Error('no')".to_owned()),
        ("d", uses("broken")),
        ("e", uses("d")),
        ("f", uses("missing")),
        ("g", uses("h")),
        ("h", uses("g")),
        ("i", needing("\"c\": \"^2\"", "")),
        ("z", String::new()),
    ];
    let (results, started) = load_all(&mut host, &scripts).await;
    let circle = "which is in a circle: g needs h, h needs g, and so none can be the first";
    let expected = [
        "a: active",
        "b: active",
        "c: active",
        "broken: the top level failed: Error: no",
        "d: it cannot use what it needs: it needs broken, which does not run: the top level failed: Error: no",
        "e: it cannot use what it needs: it needs d, which needs broken, which does not run: the top level failed: \
         Error: no",
        "f: it cannot use what it needs: it needs missing, which is not there",
        &format!("g: it cannot use what it needs: it {}", &circle["which ".len()..]),
        &format!("h: it cannot use what it needs: it {}", &circle["which ".len()..]),
        "i: it cannot use what it needs: it needs c, which has the version 0.0.0, and ^2 is needed",
        "z: active",
    ];
    assert_eq!(results, expected);
    let place = |id: &str| started.iter().position(|started| started == id).unwrap();
    assert!(place("c") < place("b") && place("b") < place("a"), "{started:?}");
    let listed = host.host.plugins();
    let listed = listed.iter().map(|plugin| match plugin.info().error {
        Some(error) => format!("{}: {}", plugin.id(), error.message),
        None => format!("{}: {}", plugin.id(), plugin.state().word()),
    });
    let sorted = BTreeSet::from_iter(expected.map(str::to_owned));
    assert_eq!(BTreeSet::from_iter(listed), sorted, "all of them are listed, with their reasons");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_plugin_needs_what_is_active_already() {
    let mut host = host();
    let source = needing("\"counter\": \"*\"", "");
    let package = host.script("user", &source);
    let error = host.load_package(package.clone()).await.unwrap_err();
    assert!(matches!(error, LoadError::Dependency(_)), "{error}");
    let user = host.host.plugin("user").unwrap();
    assert_eq!((user.state(), user.info().pid, user.info().generation), (State::Failed, None, 0));
    assert_eq!(user.stop().await, Exit::Killed(KillReason::Failed), "it has ended already");
    let is_failure = |event: &Event| match event {
        Event::Failed { plugin, error } => Some(format!("{plugin}: {error}")),
        _ => None,
    };
    let told = host.event("the failure", is_failure).await;
    assert_eq!(told, "user: it cannot use what it needs: it needs counter, which is not there");
    let counter = host.load("counter", COUNTER).await;
    let user = host.load_package(package.clone()).await.unwrap();
    assert_eq!((user.state(), user.info().generation), (State::Active, 1), "its first process");
    counter.stop().await;
    let error = host.load_package(package).await.unwrap_err();
    assert!(matches!(error, LoadError::Dependency(_)), "{error}");
    assert_eq!(user.state(), State::Active, "the one that runs is not touched");
    let error = host.load_error("late", &source).await;
    assert_eq!(
        error.to_string(),
        "it cannot use what it needs: it needs counter, which does not run: it was stopped"
    );
    let (results, _) = load_all(&mut host, &[("later", source)]).await;
    assert_eq!(
        results,
        ["later: it cannot use what it needs: it needs counter, which does not run: it was stopped"]
    );
    host.finish().await;
}

/// The embedder's decision may ask the host.
#[tokio::test(flavor = "multi_thread")]
async fn grants_are_decided_outside_of_locks() {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let known: Arc<OnceLock<Host>> = Arc::default();
    let mut host = TestHost::built(Api::new(()), |builder| {
        let (asked, known) = (asked.clone(), known.clone());
        builder.grants(move |plugin, permission| {
            let count = known.get().map_or(0, |host| host.plugins().len());
            asked.lock().unwrap().push(format!("{plugin} {} {count}", permission.name));
            Grant::Allow
        })
    });
    known.set(host.host.clone()).unwrap_or_else(|_| panic!("set once"));
    host.load("counter", COUNTER).await;
    let source =
        "/* plughold: { \"permissions\": [\"notes.read\"], \"dependencies\": { \"counter\": \"*\" } } */";
    patiently("the load", host.load("user", source)).await;
    assert_eq!(*asked.lock().unwrap(), ["user notes.read 1", "user plugins.counter 1"]);
    host.finish().await;
}

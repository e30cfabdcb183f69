//! Plugins that call each other in circles: served where that is possible, and told where it is not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, CallError, Cx, Grant, Plugin};
use plughold_tests::{TestHost, patiently};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::Barrier;

/// The plugins by id, and a place where two of them meet.
struct Shared {
    plugins: Mutex<HashMap<&'static str, Plugin>>,
    barrier: Barrier,
}

/// Calls an export of another plugin, on behalf of the one that calls.
async fn ask(cx: Cx<Arc<Shared>>, id: String, export: String) -> Result<String, CallError> {
    let plugin = cx.state().plugins.lock().unwrap()[id.as_str()].clone();
    cx.call_export(&plugin, &export, ()).await
}

/// The same, once two plugins wait in it.
async fn meet(cx: Cx<Arc<Shared>>, id: String, export: String) -> Result<String, CallError> {
    cx.state().barrier.wait().await;
    ask(cx, id, export).await
}

/// A host with these plugins.
async fn host_with(sources: &[(&'static str, &str)]) -> (TestHost, Vec<Plugin>) {
    let shared = Arc::new(Shared { plugins: Mutex::default(), barrier: Barrier::new(2) });
    let api = Api::new(shared.clone()).function("ask", ask).blocking().function("meet", meet).blocking();
    let mut host = TestHost::built(api, |builder| builder.grants(|_, _| Grant::Allow));
    let mut plugins = Vec::new();
    for (id, source) in sources {
        let plugin = host.load(id, source).await;
        shared.plugins.lock().unwrap().insert(*id, plugin.clone());
        plugins.push(plugin);
    }
    (host, plugins)
}

async fn text(plugin: &Plugin, export: &str) -> String {
    patiently(export, plugin.call(export, ())).await.unwrap_or_else(|error: CallError| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calls_b_calls_a_calls_b() {
    let a = "
export const go = () => app.ask('b', 'second') + ' a1';
export const third = () => app.ask('b', 'fourth') + ' a2';
";
    let b = "
export const second = () => app.ask('a', 'third') + ' b1';
export const fourth = () => 'b2';
";
    let (host, plugins) = host_with(&[("a", a), ("b", b)]).await;
    assert_eq!(text(&plugins[0], "go").await, "b2 a2 b1 a1");
    host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_that_use_each_other_through_callbacks() {
    let a = "
export const apply = (visit) => visit('x') + ' a';
";
    let b = "/* plughold: { \"dependencies\": { \"a\": \"*\" } } */
const a = plugins.get('a');
export const go = async () => (await a.apply((text) => text + ' b'));
";
    let (host, plugins) = host_with(&[
        ("a", &a.replace("visit('x') + ' a'", "visit('x').then((text) => text + ' a')")),
        ("b", b),
    ])
    .await;
    assert_eq!(text(&plugins[1], "go").await, "x b a");
    host.finish().await;
}

/// Each blocks on its own, and each asks for what the other gives only when it goes on: one of them is told, and then
/// both go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_circle_that_cannot_be_served_is_told() {
    let source = |other: &str| {
        format!(
            "
export const go = () => {{
    try {{ return app.meet('{other}', 'give'); }} catch (error) {{ return `${{error.code}}: ${{error.message}}`; }}
}};
export const give = () => 'given';
"
        )
    };
    let (host, plugins) = host_with(&[("a", &source("b")), ("b", &source("a"))]).await;
    let (a, b) = tokio::join!(text(&plugins[0], "go"), text(&plugins[1], "go"));
    let circle = |one: &str, other: &str| {
        format!(
            "E_CIRCLE: a circle of waiting calls: plugin {one} waits in app.meet for {other}.give, plugin {other} \
             waits in app.meet for {one}.give"
        )
    };
    let (refused, given) = if a == "given" { (b, a) } else { (a, b) };
    assert_eq!(given, "given");
    assert!(refused == circle("a", "b") || refused == circle("b", "a"), "{refused}");
    host.finish().await;
}

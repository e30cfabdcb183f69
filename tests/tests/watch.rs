//! Folders that are watched, as an application does it. What the command says of it is tested there.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, Event, Host, Json, LoadError, State, Watch, WatchError, Watching};
use plughold_tests::{TestHost, patiently, program};
use std::fs;
use std::time::Duration;

async fn watch(host: &TestHost, watch: Watch) -> Watching {
    let watching = host.host.watch(watch).unwrap();
    patiently("the first plugins", watching.loaded()).await;
    watching
}

fn started(id: &str) -> impl Fn(&Event) -> Option<()> {
    move |event| matches!(event, Event::Started { plugin, .. } if plugin.as_str() == id).then_some(())
}

fn reloaded(id: &str) -> impl Fn(&Event) -> Option<()> {
    move |event| matches!(event, Event::Reloaded { plugin, .. } if plugin.as_str() == id).then_some(())
}

#[tokio::test]
async fn everything_that_is_there_is_loaded_first() {
    let host = TestHost::new(Api::new(()));
    host.script("user", "/* plughold: { \"dependencies\": { \"lib\": \"*\" } } */");
    host.script("lib", "");
    host.write("broken/plughold.json", "{");
    let watching = watch(&host, Watch::new(host.folder())).await;
    let states: Vec<_> =
        host.host.plugins().iter().map(|plugin| (plugin.id().to_string(), plugin.state())).collect();
    assert_eq!(states, [("lib".to_owned(), State::Active), ("user".to_owned(), State::Active)]);
    drop(watching);
    host.finish().await;
}

#[tokio::test]
async fn what_was_loaded_before_is_taken_over_as_it_is() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("a", "").await;
    let watching = watch(&host, Watch::new(host.folder())).await;
    assert_eq!(plugin.info().generation, 1);
    host.write("a.js", "export const two = () => 2;");
    host.event("the reload", reloaded("a")).await;
    let two: f64 = plugin.call("two", ()).await.unwrap();
    assert_eq!((two, plugin.info().generation), (2.0, 2));
    drop(watching);
    host.finish().await;
}

#[tokio::test]
async fn a_reload_keeps_the_handle_and_the_state() {
    let mut host = TestHost::new(Api::new(()));
    let source = "let count = 0;
export const add = () => ++count;
export const suspend = () => count;
export function activate(_, state) { count = state ?? 0; }
";
    host.write("a.mjs", source);
    let watching = watch(&host, Watch::new(host.folder())).await;
    let plugin = host.host.plugin("a").unwrap();
    assert_eq!(plugin.call::<_, f64>("add", ()).await.unwrap(), 1.0);
    host.write("a.mjs", source.replace("++count", "count += 10"));
    host.event("the reload", reloaded("a")).await;
    assert_eq!(plugin.call::<_, f64>("add", ()).await.unwrap(), 11.0);
    drop(watching);
    host.finish().await;
}

#[tokio::test]
async fn where_the_system_tells_nothing_the_folder_is_looked_at() {
    let mut host = TestHost::new(Api::new(()));
    let watching = watch(&host, Watch::new(host.folder()).at_most(1)).await;
    assert_eq!(watching.polls(), Some(&WatchError::TooMany { most: 1 }));
    let reason = host.event("the reason", |event| match event {
        Event::Polling { reason, .. } => Some(reason.clone()),
        _ => None,
    });
    assert_eq!(reason.await, WatchError::TooMany { most: 1 });
    host.write("late.js", "");
    host.event("the plugin", started("late")).await;
    drop(watching);
    host.finish().await;
}

#[tokio::test]
async fn polling_finds_changes_and_removals() {
    let mut host = TestHost::new(Api::new(()));
    host.script("a", "");
    let watching = watch(&host, Watch::new(host.folder()).polling(Duration::from_millis(20))).await;
    assert_eq!(watching.polls(), None);
    host.write("a.js", "export const changed = 1");
    host.event("the reload", reloaded("a")).await;
    fs::remove_file(host.folder().join("a.js")).unwrap();
    host.event("the removal", |event| matches!(event, Event::Removed { .. }).then_some(())).await;
    host.event("the end", |event| matches!(event, Event::Exited { .. }).then_some(())).await;
    drop(watching);
    host.finish().await;
}

#[tokio::test]
async fn thousands_of_changes_are_few_reloads() {
    let mut host = TestHost::new(Api::new(()));
    host.package("a", &[("main.js", "0")]);
    let watching = watch(&host, Watch::new(host.folder())).await;
    for number in 0..5_000 {
        host.write(&format!("a/lib/{}/{}.js", number % 50, number % 500), number.to_string());
    }
    host.write("a/main.js", "console.log('last')");
    let is_last = |event: &Event| matches!(event, Event::Log { message, .. } if message == "last");
    let events = host.events_until("the last version", is_last).await;
    let reloads = events.iter().filter(|event| matches!(event, Event::Changed { .. })).count();
    // One, or one more for every two seconds that it took.
    assert!(reloads <= 30, "{reloads}");
    host.event("the reload", reloaded("a")).await;
    drop(watching);
    host.finish().await;
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_an_error() {
    let host = TestHost::new(Api::new(()));
    let error = host.host.watch(host.folder().join("nowhere")).unwrap_err();
    assert!(error.to_string().ends_with("nowhere: No such file or directory (os error 2)"), "{error}");
    host.finish().await;
}

#[tokio::test]
async fn a_host_that_shuts_down_watches_nothing() {
    let host = TestHost::new(Api::new(()));
    assert!(host.host.shutdown().await.stopped.is_empty());
    assert_eq!(host.host.watch(host.folder()).unwrap_err(), WatchError::ShuttingDown);
    host.finish().await;
}

#[tokio::test]
async fn an_application_may_refuse_packages() {
    let mut host = TestHost::new(Api::new(()));
    let only = Watch::new(host.folder()).only(|package| match package.id.as_str() {
        "bad" => Err(plughold::Problem::new("bad.js", "it is not wanted here")),
        _ => Ok(()),
    });
    host.script("bad", "");
    host.script("good", "");
    let watching = watch(&host, only).await;
    let problem = host.event("the problem", |event| match event {
        Event::Problem { problems, plugin: None } => Some(problems.items[0].message.clone()),
        _ => None,
    });
    assert_eq!(problem.await, "it is not wanted here");
    assert!(host.host.plugin("bad").is_none());
    drop(watching);
    host.finish().await;
}

/// The task of the watch must not be what keeps the host.
#[tokio::test]
async fn a_watch_does_not_keep_its_host() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.js"), "").unwrap();
    let host = Host::builder(Api::new(())).runner(program("test-runner")).build().unwrap();
    let mut events = host.events();
    let watching = host.watch(folder.path()).unwrap();
    patiently("the first plugin", watching.loaded()).await;
    drop(host);
    patiently("the end", async { while events.next().await.is_some() {} }).await;
    drop(watching);
}

// -- Settings --------------------------------------------------------------------------------------------------------

const SETTINGS: &str = r#""settings": {
    "name": { "type": "string", "label": "Name", "default": "Ann" },
    "count": { "type": "integer", "label": "Count", "default": 3, "maximum": 9 },
    "loud": { "type": "boolean", "label": "Loud" } }"#;

const TELLS: &str = "let settings;
exports.activate = (ctx) => { settings = ctx.settings; };
exports.tell = () => JSON.stringify(settings);
exports.change = () => { 'use strict'; settings.name = 'Bob'; };
";

#[tokio::test]
async fn a_plugin_reads_its_settings() {
    let mut host = TestHost::built(Api::new(()), |builder| {
        builder.settings(|plugin, setting| match (plugin.as_str(), setting.key.as_str()) {
            ("a", "name") => Some(Json("Eve".into())),
            ("a", "count") => Some(Json(10.into())),
            _ => None,
        })
    });
    for (id, expected) in
        [("a", r#"{"count":3,"loud":false,"name":"Eve"}"#), ("b", r#"{"count":3,"loud":false,"name":"Ann"}"#)]
    {
        let package = host.package_with(id, SETTINGS, &[("main.js", TELLS)]);
        let plugin = host.load_package(package).await.unwrap();
        assert_eq!(plugin.call::<_, String>("tell", ()).await.unwrap(), expected);
        assert!(plugin.call::<_, ()>("change", ()).await.is_err());
    }
    let refused = host.event("the refusal", |event| match event {
        Event::SettingRefused { plugin, error } => Some((plugin.to_string(), error.to_string())),
        _ => None,
    });
    let words = r#"the setting "count" must be at most 9, found 10"#;
    assert_eq!(refused.await, ("a".to_owned(), words.to_owned()));
    host.finish().await;
}

#[tokio::test]
async fn a_plugin_that_is_only_needed_is_started_by_its_first_use() {
    let host = TestHost::new(Api::new(()));
    host.package_with("a", r#""activation": "needed""#, &[("main.js", "exports.work = () => 'done'")]);
    let watching = watch(&host, Watch::new(host.folder())).await;
    let plugin = host.host.plugin("a").unwrap();
    assert_eq!((plugin.state(), plugin.info().pid), (State::Resting, None));
    assert_eq!(plugin.call::<_, String>("work", ()).await.unwrap(), "done");
    let again = host.host.load((*plugin.package()).clone()).await;
    assert!(matches!(again, Err(LoadError::Duplicate(_))));
    drop(watching);
    host.finish().await;
}

//! Supervision: who starts again, who does not, and who is told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use expect_test::expect;
use plughold::{
    Api, Backoff, CallError, Cx, Event, Exit, Host, KillReason, LoadError, Plugin, Restart, State, Thrown,
};
use plughold_tests::{PATIENCE, TestHost, eventually, patiently, program};
use rustix::process::Signal;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const WORKING: &str = "
let count = 0;
export const activate = (_, state) => { count = state ?? 0; };
export const suspend = () => count;
export const work = () => ++count;
";

/// Pauses that no test notices.
fn at_once(give_up_after: u32) -> Restart {
    Restart::OnFailure(Backoff { first: Duration::from_millis(1), give_up_after, ..Backoff::default() })
}

async fn work(plugin: &Plugin) -> Result<u32, CallError> {
    patiently("an answer", plugin.call("work", ())).await
}

fn started(event: &Event) -> Option<u32> {
    match event {
        Event::Started { generation, .. } => Some(*generation),
        _ => None,
    }
}

#[tokio::test]
async fn a_plugin_is_stopped_started_and_restarted_by_hand() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("worker", WORKING).await;
    assert_eq!(work(&plugin).await, Ok(1));
    patiently("the restart", plugin.restart()).await.unwrap();
    assert_eq!((work(&plugin).await, plugin.info().generation), (Ok(2), 2), "it has its state");
    assert_eq!(patiently("the stop", plugin.stop()).await, Exit::Stopped);
    assert_eq!(patiently("the end", plugin.finished()).await, Exit::Stopped);
    patiently("the start", plugin.start()).await.unwrap();
    patiently("another start", plugin.start()).await.unwrap();
    assert_eq!((work(&plugin).await, plugin.info().generation), (Ok(1), 3));
    assert_eq!(patiently("the kill", plugin.kill()).await, Exit::Killed(KillReason::Asked));
    assert_eq!(plugin.state(), State::Stopped);
    patiently("the restart", plugin.restart()).await.unwrap();
    assert_eq!(plugin.info().generation, 4);
    host.finish().await;
}

#[tokio::test]
async fn calls_wait_for_a_planned_restart() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("worker", WORKING).await;
    let restarted = tokio::spawn({
        let plugin = plugin.clone();
        async move { plugin.restart().await }
    });
    let mut last = 0;
    while !restarted.is_finished() {
        last = work(&plugin).await.unwrap();
    }
    restarted.await.unwrap().unwrap();
    assert_eq!(work(&plugin).await, Ok(last + 1), "each call was counted");
    host.finish().await;
}

#[tokio::test]
async fn after_five_crashes_it_is_disabled_and_started_by_hand() {
    let mut host = TestHost::built(Api::new(()), |builder| builder.restart(at_once(5)));
    let plugin = host.load("fragile", WORKING).await;
    let mut told = String::new();
    for generation in 1..=5 {
        assert_eq!(host.event("its start", started).await, generation);
        assert!(host.process(&plugin).signal(Signal::KILL));
    }
    for event in host.events_until("its failure", |event| matches!(event, Event::Failed { .. })).await {
        match event {
            Event::Exited { exit, .. } => writeln!(told, "exited: {exit}").unwrap(),
            Event::Restarting { attempt, .. } => writeln!(told, "restarting {attempt}").unwrap(),
            Event::Disabled { crashes, .. } => writeln!(told, "disabled after {crashes}").unwrap(),
            Event::Failed { error, .. } => writeln!(told, "failed: {error}").unwrap(),
            other => panic!("unexpected: {other:?}"),
        }
    }
    expect![[r#"
        exited: its process was ended by signal 9 (SIGKILL)
        restarting 1
        exited: its process was ended by signal 9 (SIGKILL)
        restarting 2
        exited: its process was ended by signal 9 (SIGKILL)
        restarting 3
        exited: its process was ended by signal 9 (SIGKILL)
        restarting 4
        exited: its process was ended by signal 9 (SIGKILL)
        disabled after 5
        failed: its process was ended by signal 9 (SIGKILL)
    "#]]
    .assert_eq(&told);
    let info = plugin.info();
    let words = info.error.map(|error| error.message);
    assert_eq!(info.state, State::Disabled);
    assert_eq!(words.as_deref(), Some("its process was ended by signal 9 (SIGKILL)"));
    let error = work(&plugin).await.unwrap_err();
    expect!["plugin fragile is not active: it crashed too often or broke its sandbox, and is disabled"]
        .assert_eq(&error.to_string());
    patiently("the start", plugin.start()).await.unwrap();
    assert_eq!((work(&plugin).await, plugin.info().error), (Ok(1), None));
    assert!(host.process(&plugin).signal(Signal::KILL));
    assert_eq!(host.event("its start by hand", started).await, 6);
    assert_eq!(host.event("its next start", started).await, 7, "what was before is forgotten");
    host.finish().await;
}

#[tokio::test]
async fn a_violation_of_the_sandbox_disables_it_at_once() {
    let mut host = TestHost::built(Api::new(()), |builder| builder.restart(at_once(5)));
    let plugin = host.load("burglar", WORKING).await;
    assert!(host.process(&plugin).signal(Signal::SYS));
    let exit = patiently("the end", plugin.finished()).await;
    assert!(matches!(exit, Exit::Violation { .. }), "{exit}");
    assert_eq!((plugin.state(), plugin.info().generation), (State::Disabled, 1));
    host.finish().await;
}

#[tokio::test]
async fn twenty_that_die_together_come_back_a_few_at_a_time() {
    #[derive(Default)]
    struct Starts {
        now: AtomicU32,
        most: AtomicU32,
    }
    let starting = async |cx: Cx<Arc<Starts>>| {
        let starts = cx.state();
        let now = starts.now.fetch_add(1, Ordering::SeqCst) + 1;
        starts.most.fetch_max(now, Ordering::SeqCst);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        starts.now.fetch_sub(1, Ordering::SeqCst);
        Ok::<_, Thrown>(())
    };
    let starts = Arc::new(Starts::default());
    let api = Api::new(starts.clone()).function("starting", starting);
    let mut host = TestHost::built(api, |builder| builder.restart(at_once(5)));
    let source = "export const activate = () => app.starting(); export const work = () => 1;";
    let mut plugins = Vec::new();
    for number in 0..20 {
        plugins.push(host.load(&format!("plugin-{number}"), source).await);
    }
    starts.most.store(0, Ordering::SeqCst);
    let processes = Vec::from_iter(plugins.iter().map(|plugin| host.process(plugin)));
    assert!(processes.iter().all(|process| process.signal(Signal::KILL)));
    for plugin in &plugins {
        eventually((State::Active, 2), || (plugin.state(), plugin.info().generation)).await;
        assert_eq!(work(plugin).await, Ok(1));
    }
    let most = starts.most.load(Ordering::SeqCst);
    assert!((1..=4).contains(&most), "{most} at the same time");
    host.finish().await;
}

#[tokio::test]
async fn whoever_needs_a_plugin_is_told() {
    let mut host = TestHost::built(Api::new(()), |builder| builder.restart(at_once(5)));
    let base = host.load("base", WORKING).await;
    for id in ["first", "second"] {
        let package = host.package_with(id, r#""dependencies": { "base": "*" }"#, &[("main.js", "")]);
        host.load_package(package).await.unwrap();
    }
    let dependency = |event: &Event| match event {
        Event::Dependency { plugin, dependency, is_active } => {
            Some(format!("{plugin} needs {dependency}: {}", if *is_active { "there" } else { "gone" }))
        }
        _ => None,
    };
    let mut told = String::new();
    assert!(host.process(&base).signal(Signal::KILL));
    for _ in 0..4 {
        writeln!(told, "{}", host.event("what is told", dependency).await).unwrap();
    }
    patiently("the reload", base.reload()).await.unwrap();
    for _ in 0..2 {
        writeln!(told, "{}", host.event("what is told", dependency).await).unwrap();
    }
    patiently("the stop", base.stop()).await;
    for _ in 0..2 {
        writeln!(told, "{}", host.event("what is told", dependency).await).unwrap();
    }
    expect![[r#"
        first needs base: gone
        second needs base: gone
        first needs base: there
        second needs base: there
        first needs base: there
        second needs base: there
        first needs base: gone
        second needs base: gone
    "#]]
    .assert_eq(&told);
    host.finish().await;
}

/// Neither of the two is stopped: the one that needs it may do without.
#[tokio::test]
async fn what_does_not_fit_any_more_after_a_reload_is_told() {
    let mut host = TestHost::new(Api::new(()));
    let version = |version: &str| format!("/* plughold: {{ \"version\": \"{version}\" }} */");
    let words = host.load("words", &version("1.2.0")).await;
    let needs = r#""dependencies": { "words": "^1" }"#;
    let greet = host.package_with("greet", needs, &[("main.js", "")]);
    let greet = host.load_package(greet).await.unwrap();
    host.write("words.js", version("2.0.0"));
    patiently("the reload", words.reload()).await.unwrap();
    let told = |event: &Event| match event {
        Event::Dependency { is_active, .. } => Some(format!("active: {is_active}")),
        Event::Misfit { plugin, dependency, unmet } => Some(format!("{plugin}, {dependency}: {unmet}")),
        _ => None,
    };
    assert_eq!(host.event("that it is gone", told).await, "active: false");
    let misfit = host.event("why", |event| told(event).map(|words| (words, event.plugin().cloned()))).await;
    let reason = "greet, words: it needs words, which has the version 2.0.0, and ^1 is needed".to_owned();
    assert_eq!(misfit, (reason, Some(greet.id().clone())));
    assert_eq!((words.state(), greet.state()), (State::Active, State::Active));
    host.write("words.js", version("1.3.0"));
    patiently("the reload", words.reload()).await.unwrap();
    assert_eq!(host.event("that it is back", told).await, "active: true");
    host.finish().await;
}

#[tokio::test]
async fn a_plugin_that_was_unloaded_is_forgotten() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("guest", WORKING).await;
    assert_eq!(patiently("the end", host.host.unload("guest")).await, Some(Exit::Stopped));
    assert!(host.host.plugin("guest").is_none() && host.host.plugins().is_empty());
    assert_eq!(patiently("the end", host.host.unload("guest")).await, None);
    let error = patiently("the start", plugin.start()).await.unwrap_err();
    assert!(matches!(error, LoadError::Unloaded), "{error}");
    assert_eq!(patiently("the stop", plugin.stop()).await, Exit::Stopped);
    let again = host.load("guest", WORKING).await;
    assert_eq!((work(&again).await, again.info().generation), (Ok(1), 1));
    host.finish().await;
}

#[tokio::test]
async fn a_plugin_that_was_refused_is_started_when_what_it_needs_is_there() {
    let mut host = TestHost::new(Api::new(()));
    let package = host.package_with("late", r#""dependencies": { "base": "*" }"#, &[("main.js", WORKING)]);
    assert!(host.load_package(package).await.is_err());
    let plugin = host.host.plugin("late").unwrap();
    assert_eq!(plugin.state(), State::Failed);
    let error = patiently("the start", plugin.start()).await.unwrap_err();
    assert!(matches!(error, LoadError::Dependency(_)), "{error}");
    host.load("base", "").await;
    patiently("the start", plugin.start()).await.unwrap();
    assert_eq!(work(&plugin).await, Ok(1));
    host.finish().await;
}

/// Whoever waits for something of a plugin is told, whatever happens to the host.
#[test]
fn nobody_waits_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orphan.js");
    std::fs::write(&path, WORKING).unwrap();
    let load = async || {
        let host = Host::builder(Api::new(())).runner(program("test-runner")).build().unwrap();
        let plugin = host.load(plughold::Package::open(&path).unwrap()).await.unwrap();
        (host, plugin)
    };
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let all = async |plugin: &Plugin| {
        let refused = |result: Result<(), LoadError>| result.is_err();
        assert!(
            refused(plugin.start().await)
                && refused(plugin.reload().await)
                && refused(plugin.restart().await)
        );
        plugin.rest();
        assert!(plugin.call::<_, u32>("work", ()).await.is_err());
        (plugin.stop().await, plugin.kill().await, plugin.finished().await)
    };
    let gone = (Exit::Unknown, Exit::Unknown, Exit::Unknown);
    let second = runtime();
    let first = runtime();
    let (host, plugin) = first.block_on(load());
    drop(first);
    let told = second.block_on(async { tokio::time::timeout(PATIENCE, all(&plugin)).await });
    assert_eq!(told.unwrap(), gone, "its runtime is gone");
    drop(host);
    let (host, plugin) = second.block_on(load());
    drop(host);
    let told = second.block_on(async { tokio::time::timeout(PATIENCE, all(&plugin)).await });
    let killed = Exit::Killed(KillReason::Asked);
    assert_eq!(told.unwrap(), (killed.clone(), killed.clone(), killed), "its host is gone");
}

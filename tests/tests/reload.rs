//! Reloads: a plugin is replaced while it is used, or stays what it was.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use expect_test::expect;
use plughold::{Api, CallError, Callback, Cx, Event, Exit, LoadError, Package, Plugin, State, Thrown};
use plughold_tests::{TestHost, patiently, quick_limits};
use rustix::process::Signal;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Semaphore;

/// Holds whoever calls `hold` until the test lets it go.
#[derive(Clone)]
struct Gate {
    held: Arc<Semaphore>,
    free: Arc<Semaphore>,
}

impl Gate {
    fn new() -> Gate {
        Gate { held: Arc::new(Semaphore::new(0)), free: Arc::new(Semaphore::new(0)) }
    }

    fn api(&self) -> Api<Gate> {
        Api::new(self.clone()).function("hold", hold)
    }

    /// Waits until somebody is held.
    async fn is_held(&self) {
        patiently("somebody who is held", self.held.acquire()).await.unwrap().forget();
    }

    fn let_go(&self) {
        self.free.add_permits(1);
    }
}

async fn hold(cx: Cx<Gate>) -> Result<(), Thrown> {
    cx.state().held.add_permits(1);
    tokio::select! {
        permit = cx.state().free.acquire() => permit.unwrap().forget(),
        () = cx.cancelled() => {}
    }
    Ok(())
}

fn version(number: u32) -> String {
    format!("export const version = () => {number};")
}

async fn version_of(plugin: &Plugin) -> Result<u32, CallError> {
    patiently("an answer", plugin.call("version", ())).await
}

async fn reload(plugin: &Plugin) -> Result<(), LoadError> {
    patiently("the end of a reload", plugin.reload()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_reloads_under_load_lose_no_call() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("changing", &version(0)).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let callers = Vec::from_iter((0..4).map(|_| {
        let (plugin, is_over) = (plugin.clone(), is_over.clone());
        tokio::spawn(async move {
            let (mut calls, mut last) = (0, 0);
            while !is_over.load(Ordering::Relaxed) {
                let version = version_of(&plugin).await.expect("a call was lost");
                assert!(last <= version, "version {version} after version {last}");
                (calls, last) = (calls + 1, version);
            }
            calls
        })
    }));
    for number in 1..=50 {
        host.write("changing.js", version(number));
        reload(&plugin).await.unwrap();
        assert_eq!(version_of(&plugin).await, Ok(number));
    }
    is_over.store(true, Ordering::Relaxed);
    for caller in callers {
        let calls: u32 = patiently("the end of a caller", caller).await.unwrap();
        assert!(50 < calls, "{calls} calls");
    }
    let info = plugin.info();
    assert_eq!((info.state, info.generation, info.restarts), (State::Active, 51, 50));
    host.finish().await;
}

#[tokio::test]
async fn whatever_is_wrong_with_the_new_version_the_old_one_goes_on() {
    let mut limits = quick_limits();
    limits.memory = 8 << 20;
    let mut host = TestHost::built(Api::new(()), |builder| builder.limits(limits));
    let plugin = host.load("steady", "let calls = 0; export const version = () => ++calls;").await;
    let process = host.process(&plugin);
    let path = host.folder().join("steady.js");
    let versions = [
        ("is no code", "export const = ;"),
        ("throws", "throw new RangeError('not today');"),
        ("fails to activate", "export const activate = async () => { throw new Error('no licence'); };"),
        ("loops", "for (;;);"),
        ("loops for good", "for (;;) try { for (;;); } catch {}"),
        ("takes too much", "const all = []; for (;;) all.push(new Array(1_000).fill(all.length));"),
    ];
    let mut told = String::new();
    for (what, source) in versions {
        std::fs::write(&path, source).unwrap();
        let error = reload(&plugin).await.unwrap_err();
        writeln!(told, "{what}: {error}").unwrap();
        let same = host.event("the roll-back", rolled_back).await;
        assert_eq!(same, error.to_string());
        assert_eq!(plugin.state(), State::Active);
    }
    std::fs::remove_file(&path).unwrap();
    let error = reload(&plugin).await.unwrap_err();
    let words = error.to_string().replace(path.to_str().unwrap(), "steady.js");
    writeln!(told, "is not there: {}", words.trim_end()).unwrap();
    expect![[r#"
        is no code: compiling failed: SyntaxError: variable name expected
        throws: the top level failed: RangeError: not today
        fails to activate: activation failed: Error: no licence
        loops: the top level failed: Interrupted: the turn was stopped by the host
        loops for good: the top level failed: Interrupted: the turn was stopped by the host
        takes too much: its process ended with code 71: out of memory: the plugin used its 8 MiB
        is not there: the package cannot be read: steady.js is not a plugin that can be loaded
        steady.js: cannot be read: No such file or directory (os error 2)
    "#]]
    .assert_eq(&told);
    assert_eq!(version_of(&plugin).await, Ok(1), "it was left alone");
    assert!(!process.is_gone());
    host.write("steady.js", version(7));
    reload(&plugin).await.unwrap();
    assert_eq!(version_of(&plugin).await, Ok(7));
    host.finish().await;
}

fn rolled_back(event: &Event) -> Option<String> {
    match event {
        Event::RolledBack { error, .. } => Some(error.to_string()),
        _ => None,
    }
}

#[tokio::test]
async fn a_package_may_change_but_for_its_id() {
    let mut host = TestHost::new(Api::new(()));
    let package = host.package("folder", &[("main.js", "export const version = () => 1;")]);
    let plugin = host.load_package(package).await.unwrap();
    let manifest = r#"{ "id": "folder", "name": "New", "version": "2.0.0", "main": "other.js" }"#;
    host.write("folder/plughold.json", manifest);
    host.write("folder/other.js", "export const version = () => 2;");
    reload(&plugin).await.unwrap();
    assert_eq!((version_of(&plugin).await, plugin.package().version.as_str()), (Ok(2), "2.0.0"));
    assert_eq!(plugin.info().name, "New");
    host.write("folder/plughold.json", manifest.replace("folder", "stranger"));
    let error = reload(&plugin).await.unwrap_err();
    expect!["the package cannot be read: it is stranger now, and was folder: that is another plugin"]
        .assert_eq(&error.to_string());
    assert_eq!((version_of(&plugin).await, plugin.package().version.as_str()), (Ok(2), "2.0.0"));
    host.finish().await;
}

#[tokio::test]
async fn reloads_at_the_same_time_end_with_the_newest_version() {
    let gate = Gate::new();
    let mut host = TestHost::new(gate.api());
    let plugin = host.load("busy", &version(1)).await;
    host.write("busy.js", format!("export const activate = () => app.hold(); {}", version(2)));
    let first = tokio::spawn({
        let plugin = plugin.clone();
        async move { plugin.reload().await }
    });
    gate.is_held().await;
    // It has been read: whoever changes it now wants another reload.
    host.write("busy.js", version(3));
    let others = Vec::from_iter((0..3).map(|_| {
        let plugin = plugin.clone();
        tokio::spawn(async move { plugin.reload().await })
    }));
    assert_eq!(version_of(&plugin).await, Ok(1));
    gate.let_go();
    patiently("the first reload", first).await.unwrap().unwrap();
    for other in others {
        patiently("another reload", other).await.unwrap().unwrap();
    }
    assert_eq!((version_of(&plugin).await, plugin.info().generation), (Ok(3), 3), "the others were one");
    host.finish().await;
}

#[tokio::test]
async fn a_call_in_flight_is_answered_by_whom_it_went_to() {
    let gate = Gate::new();
    let mut host = TestHost::new(gate.api());
    let slow = |number| format!("export const slow = async () => {{ await app.hold(); return {number}; }};");
    let plugin = host.load("slow", &(slow(1) + &version(1))).await;
    let old = host.process(&plugin);
    let in_flight = tokio::spawn(plugin.call::<_, u32>("slow", ()));
    gate.is_held().await;
    // Prepared now, sent when the other process has taken over.
    let late = plugin.call::<_, u32>("version", ());
    host.write("slow.js", slow(2) + &version(2));
    reload(&plugin).await.unwrap();
    assert_eq!((version_of(&plugin).await, patiently("an answer", late).await), (Ok(2), Ok(2)));
    assert!(!old.is_gone(), "it has something to finish");
    gate.let_go();
    assert_eq!(patiently("an answer", in_flight).await.unwrap(), Ok(1));
    let exit = host.event("the end of the old process", |event| match event {
        Event::Exited { generation: 1, exit, .. } => Some(exit.clone()),
        _ => None,
    });
    assert_eq!(exit.await, Exit::Stopped);
    host.finish().await;
}

#[tokio::test]
async fn what_was_held_of_the_old_process_is_gone() {
    let (sender, mut kept) = tokio::sync::mpsc::unbounded_channel::<Callback<(), u32>>();
    let keep = async |cx: Cx<tokio::sync::mpsc::UnboundedSender<Callback<(), u32>>>, function| {
        cx.state().send(function).unwrap();
        Ok::<(), Thrown>(())
    };
    let mut host = TestHost::new(Api::new(sender).function("keep", keep));
    let plugin = host.load("kept", "app.keep(() => 1);").await;
    let old = kept.recv().await.unwrap();
    assert_eq!(patiently("an answer", old.call(())).await, Ok(1));
    host.write("kept.js", "app.keep(() => 2);");
    reload(&plugin).await.unwrap();
    let new = kept.recv().await.unwrap();
    let is_old = |event: &Event| matches!(event, Event::Exited { generation: 1, .. }).then_some(());
    host.event("the end of the old process", is_old).await;
    let gone = CallError::Gone { plugin: plugin.id().clone(), exit: Exit::Stopped };
    assert_eq!(patiently("an answer", old.call(())).await, Err(gone));
    assert_eq!((old.generation(), new.generation()), (1, 2));
    assert_eq!(patiently("an answer", new.call(())).await, Ok(2));
    drop((old, new));
    host.finish().await;
}

#[tokio::test]
async fn when_the_old_process_dies_the_new_one_takes_its_place() {
    let gate = Gate::new();
    let mut host = TestHost::new(gate.api());
    let plugin = host.load("dying", &version(1)).await;
    let old = host.process(&plugin);
    host.write("dying.js", format!("export const activate = () => app.hold(); {}", version(2)));
    let reloaded = tokio::spawn({
        let plugin = plugin.clone();
        async move { plugin.reload().await }
    });
    gate.is_held().await;
    assert!(old.signal(Signal::KILL));
    let is_old = |event: &Event| matches!(event, Event::Exited { generation: 1, .. }).then_some(());
    host.event("the end of the old process", is_old).await;
    assert_eq!(plugin.state(), State::Starting);
    assert!(matches!(version_of(&plugin).await, Err(CallError::NotActive { .. })));
    gate.let_go();
    patiently("the reload", reloaded).await.unwrap().unwrap();
    assert_eq!((version_of(&plugin).await, plugin.state()), (Ok(2), State::Active));
    host.finish().await;
}

#[tokio::test]
async fn a_stop_ends_a_reload() {
    let gate = Gate::new();
    let mut host = TestHost::new(gate.api());
    let plugin = host.load("stopped", &version(1)).await;
    host.write("stopped.js", format!("export const activate = () => app.hold(); {}", version(2)));
    let reloaded = tokio::spawn({
        let plugin = plugin.clone();
        async move { plugin.reload().await }
    });
    gate.is_held().await;
    assert_eq!(patiently("the stop", plugin.stop()).await, Exit::Stopped);
    let error = patiently("the reload", reloaded).await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), LoadError::Stopped.to_string());
    assert_eq!((plugin.state(), plugin.info().pid), (State::Stopped, None));
    assert_eq!(patiently("the stop", plugin.stop()).await, Exit::Stopped);
    // What is on the disk is what a reload starts.
    host.write("stopped.js", version(3));
    reload(&plugin).await.unwrap();
    assert_eq!(version_of(&plugin).await, Ok(3));
    host.finish().await;
}

#[tokio::test]
async fn a_plugin_that_could_not_be_loaded_is_reloaded_when_it_is_mended() {
    let mut host = TestHost::new(Api::new(()));
    host.load_error("broken", "throw new Error('not yet');").await;
    let plugin = host.host.plugin("broken").unwrap();
    assert!(reload(&plugin).await.is_err());
    assert_eq!(plugin.state(), State::Failed);
    assert!(patiently("the end", plugin.finished()).await.to_string().contains("it could not be loaded"));
    host.write("broken.js", version(1));
    reload(&plugin).await.unwrap();
    assert_eq!((version_of(&plugin).await, plugin.state()), (Ok(1), State::Active));
    assert_eq!(plugin.info().error, None);
    host.finish().await;
}

#[tokio::test]
async fn what_a_plugin_needs_is_looked_at_again() {
    let mut host = TestHost::new(Api::new(()));
    let files = [("main.js", "export const version = () => 1;")];
    let package: Package = host.package("lonely", &files);
    let plugin = host.load_package(package).await.unwrap();
    host.package_with("lonely", r#""dependencies": { "friend": "*" }"#, &files);
    let error = reload(&plugin).await.unwrap_err();
    expect!["it cannot use what it needs: it needs friend, which is not there"].assert_eq(&error.to_string());
    host.load("friend", "").await;
    // A script has the version 0.0.0 and fits what takes any.
    reload(&plugin).await.unwrap();
    assert_eq!(plugin.package().dependencies.len(), 1);
    host.finish().await;
}

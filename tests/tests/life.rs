//! The life of plugins: how they start, crash, come back, and end.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use expect_test::expect;
use plughold::{
    Api, Backoff, CallError, Callback, Cx, Event, Exit, KillReason, LoadError, Restart, State, Thrown,
};
use plughold_tests::{
    PATIENCE, TestHost, Watched, eventually, patiently, program, quick_limits, with_misbehaving_runner,
};
use rustix::process::Signal;
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

plughold_tests::also_as_an_ordinary_user!();

type Kept = Arc<Mutex<Vec<Callback<(), String>>>>;

async fn keep(cx: Cx<Kept>, function: Callback<(), String>) -> Result<(), Thrown> {
    cx.state().lock().unwrap().push(function);
    Ok(())
}

/// Pauses that no test notices.
fn at_once(give_up_after: u32) -> Restart {
    Restart::OnFailure(Backoff { first: Duration::from_millis(1), give_up_after, ..Backoff::default() })
}

fn is_started_again(event: &Event) -> Option<u32> {
    match event {
        Event::Started { generation, .. } if 1 < *generation => Some(*generation),
        _ => None,
    }
}

const WORKING: &str = "export const work = () => 'done';";

#[tokio::test]
async fn a_process_that_is_killed_comes_back_and_its_old_functions_do_not() {
    let kept = Kept::default();
    let api = Api::new(kept.clone()).function("keep", keep);
    let mut host = TestHost::built(api, |builder| builder.restart(at_once(5)));
    let source = "
app.keep(() => 'I live');
export const wait = () => new Promise(() => {});
export const work = () => 'done';
";
    let plugin = host.load("phoenix", source).await;
    let first_process = host.process(&plugin);
    let old = kept.lock().unwrap().pop().unwrap();
    assert_eq!(patiently("an answer", old.call(())).await.as_deref(), Ok("I live"));

    let waiting = tokio::spawn(plugin.call::<(), ()>("wait", ()));
    assert_eq!(patiently("an answer", plugin.call("work", ())).await, Ok("done".to_owned()));
    assert!(first_process.signal(Signal::KILL));
    let gone = CallError::Gone { plugin: plugin.id().clone(), exit: Exit::Signal(9) };
    assert_eq!(patiently("an answer", waiting).await.unwrap(), Err(gone.clone()));
    assert_eq!(patiently("an answer", old.call(())).await, Err(gone.clone()));

    assert_eq!(host.event("the next start", is_started_again).await, 2);
    assert_eq!(patiently("an answer", plugin.call("work", ())).await, Ok("done".to_owned()));
    let new = kept.lock().unwrap().pop().unwrap();
    assert_eq!((old.generation(), new.generation()), (1, 2));
    assert_eq!(patiently("an answer", new.call(())).await.as_deref(), Ok("I live"));
    assert_eq!(patiently("an answer", old.call(())).await, Err(gone), "it stays gone");
    let info = plugin.info();
    assert_eq!((info.generation, info.restarts, info.state), (2, 1, State::Active));
    assert!(first_process.is_gone() && info.pid != Some(first_process.pid()));
    drop((old, new));
    host.finish().await;
}

#[tokio::test]
async fn a_plugin_that_crashes_again_and_again_is_disabled() {
    let mut host =
        TestHost::built(Api::new(()), |builder| with_misbehaving_runner(builder).restart(at_once(3)));
    let error = host.load_error("exits-while-loading", "").await;
    let mut told = format!("load: {error}\n");
    let is_last = |event: &Event| matches!(event, Event::Failed { .. });
    for event in host.events_until("the end of its attempts", is_last).await {
        match event {
            Event::Exited { generation, exit, .. } => writeln!(told, "exited {generation}: {exit}"),
            Event::Restarting { attempt, .. } => writeln!(told, "restarting {attempt}"),
            Event::Disabled { crashes, .. } => writeln!(told, "disabled after {crashes}"),
            Event::Failed { error, .. } => writeln!(told, "failed: {error}"),
            other => panic!("unexpected: {other:?}"),
        }
        .unwrap();
    }
    expect![[r#"
        load: its process ended with code 4
        exited 1: its process ended with code 4
        restarting 1
        exited 2: its process ended with code 4
        restarting 2
        exited 3: its process ended with code 4
        disabled after 3
        failed: its process ended with code 4
    "#]]
    .assert_eq(&told);
    let plugin = host.host.plugin("exits-while-loading").unwrap();
    assert_eq!(patiently("the end", plugin.finished()).await, Exit::Code { code: 4, words: String::new() });
    assert_eq!(plugin.state(), State::Disabled);
    host.finish().await;
}

const HUNGRY: &str = "
const everything = [];
const eat = () => everything.push(new Array(1_000).fill(everything.length));
export const go = () => { for (;;) eat(); };
// Until the turn is stopped.
export const insist = () => { for (;;) try { eat(); } catch {} };
";

#[tokio::test]
async fn a_plugin_that_wants_too_much_memory_ends_and_says_so() {
    let mut limits = quick_limits();
    limits.memory = 8 << 20;
    let mut host = TestHost::built(Api::new(()), |builder| builder.limits(limits));
    let good = host.load("good", WORKING).await;
    let mut told = String::new();
    for export in ["go", "insist"] {
        let plugin = host.load(export, HUNGRY).await;
        let error = patiently("an answer", plugin.call::<(), ()>(export, ())).await.unwrap_err();
        writeln!(told, "{export} -> {error}").unwrap();
        assert_eq!(patiently("an answer", good.call("work", ())).await, Ok("done".to_owned()));
    }
    expect![[r#"
        go -> plugin go is gone: its process ended with code 71: out of memory: the plugin used its 8 MiB
        insist -> plugin insist is gone: its process ended with code 71: out of memory: the plugin used its 8 MiB
    "#]].assert_eq(&told);
    host.finish().await;
}

#[tokio::test]
async fn a_shutdown_names_what_had_to_be_killed() {
    let mut host = TestHost::quick(Api::new(()));
    host.load("polite", "export const deactivate = async () => { await null; console.log('bye'); };").await;
    host.load("stubborn", "export const deactivate = () => new Promise(() => {});").await;
    host.load("plain", "").await;
    let ended = host.load("ended", "").await;
    assert_eq!(patiently("the end", ended.stop()).await, Exit::Stopped);
    let mut events = host.host.events();
    let report = host.end().await;
    let names = |ids: &[plughold::PluginId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&report.stopped), ["plain", "polite"]);
    let killed: Vec<_> = report.killed.iter().map(|(id, reason)| (id.as_str(), reason.clone())).collect();
    assert_eq!(killed, [("stubborn", KillReason::Stop)]);
    let mut said_bye = false;
    while let Some(event) = patiently("an event", events.next()).await {
        said_bye |= matches!(&event, Event::Log { message, .. } if message == "bye");
        if matches!(&event, Event::Exited { plugin, .. } if plugin.as_str() == "stubborn") {
            break;
        }
    }
    assert!(said_bye, "what is written while it is deactivated arrives");
}

#[tokio::test]
async fn nothing_is_loaded_after_a_shutdown() {
    let host = TestHost::new(Api::new(()));
    let package = host.script("late", "");
    let inner = host.host.clone();
    host.finish().await;
    assert!(matches!(inner.load(package).await, Err(LoadError::ShuttingDown)));
}

#[tokio::test]
async fn a_plugin_can_be_stopped_while_it_starts() {
    let mut host = TestHost::new(Api::new(()));
    let package = host.script("starting", "console.log('here'); await new Promise(() => {}); export {};");
    let loading = tokio::spawn({
        let inner = host.host.clone();
        async move { inner.load(package).await.map(drop) }
    });
    host.event("its first words", |event| matches!(event, Event::Log { .. }).then_some(())).await;
    let plugin = host.host.plugin("starting").unwrap();
    assert_eq!(plugin.state(), State::Starting);
    assert_eq!(patiently("the end", plugin.stop()).await, Exit::Stopped);
    assert!(matches!(patiently("the end of loading", loading).await.unwrap(), Err(LoadError::Stopped)));
    host.finish().await;
}

#[tokio::test]
async fn one_id_is_loaded_once_at_a_time() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("single", WORKING).await;
    let error = host.load_error("single", WORKING).await;
    assert_eq!(error.to_string(), "a plugin with the id single is loaded already");
    assert_eq!(patiently("an answer", plugin.call("work", ())).await, Ok("done".to_owned()));
    assert_eq!(patiently("the end", plugin.stop()).await, Exit::Stopped);
    let again = host.load("single", WORKING).await;
    assert_eq!(patiently("an answer", again.call("work", ())).await, Ok("done".to_owned()));
    host.finish().await;
}

#[tokio::test]
async fn a_host_that_is_dropped_takes_its_plugins_with_it() {
    let mut host = TestHost::new(Api::new(()));
    let plugin = host.load("idle", "").await;
    let process = host.process(&plugin);
    host.abandon();
    let exit = patiently("the end", plugin.finished()).await;
    assert_eq!(exit, Exit::Killed(KillReason::Asked));
    assert!(process.is_gone());
}

#[test]
fn a_runtime_that_is_dropped_takes_its_plugins_with_it() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (host, process, waiting) = runtime.block_on(async {
        let mut host = TestHost::new(Api::new(()));
        let plugin = host.load("waiting", "export const wait = () => new Promise(() => {});").await;
        let process = host.process(&plugin);
        let mut waiting = Box::pin(plugin.call::<(), ()>("wait", ()));
        tokio::select! {
            biased;
            answer = &mut waiting => panic!("{answer:?}"),
            () = std::future::ready(()) => {}
        }
        (host, process, waiting)
    });
    drop(runtime);
    assert!(process.is_gone_within(PATIENCE));
    drop(waiting);
    host.abandon();
}

/// The host gets no chance to say anything: the system ends its runners, those that spin included.
#[tokio::test]
async fn a_host_that_is_killed_takes_its_plugins_with_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("idle.js"), "").unwrap();
    std::fs::write(folder.path().join("timer.js"), "setInterval(() => {}, 1);").unwrap();
    std::fs::write(folder.path().join("spinning.js"), "export const spin = () => { for (;;) {} };").unwrap();
    let mut host = Command::new(program("test-host"))
        .arg(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut processes = Vec::new();
    for line in BufReader::new(host.stdout.take().unwrap()).lines().map(Result::unwrap) {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["runs", _, pid] => processes.push(Watched::new(pid.parse().unwrap())),
            ["spins", "spinning"] => break,
            _ => panic!("unexpected: {line}"),
        }
    }
    assert_eq!(processes.iter().filter(|process| !process.is_gone()).count(), 3);
    host.kill().unwrap();
    for process in &processes {
        assert!(process.is_gone_within(Duration::from_secs(1)), "{process:?} outlives its host");
    }
    host.wait().unwrap();
}

#[tokio::test]
async fn a_platform_is_told_when_a_process_is_gone() {
    let gone = Arc::new(Mutex::new(Vec::new()));
    let api = Api::new(gone.clone()).when_gone(|gone, plugin, generation| {
        gone.lock().unwrap().push((plugin.to_string(), generation));
    });
    let mut host = TestHost::built(api, |builder| builder.restart(at_once(5)));
    let plugin = host.load("phoenix", WORKING).await;
    assert!(host.process(&plugin).signal(Signal::KILL));
    host.event("the next start", is_started_again).await;
    assert_eq!(*gone.lock().unwrap(), [("phoenix".to_owned(), 1)]);
    assert_eq!(patiently("the end", plugin.stop()).await, Exit::Stopped);
    eventually(2, || gone.lock().unwrap().len()).await;
    host.finish().await;
}

#[tokio::test]
async fn a_hook_that_panics_takes_nobody_with_it() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = told.clone();
    let api = Api::new(())
        .when_gone(|(), _, _| panic!("this hook is not finished"))
        .when_gone(move |(), plugin, generation| seen.lock().unwrap().push((plugin.to_string(), generation)));
    let mut host = TestHost::new(api);
    let plugin = host.load("short", "").await;
    assert_eq!(patiently("the stop", plugin.stop()).await, Exit::Stopped);
    // Loaded again, it is a new generation: what is left of the first can never be taken for it.
    let plugin = host.load("short", "").await;
    assert_eq!((plugin.info().generation, plugin.info().restarts), (2, 0));
    plugin.stop().await;
    assert_eq!(*told.lock().unwrap(), [("short".to_owned(), 1), ("short".to_owned(), 2)]);
    host.finish().await;
}

#[tokio::test]
async fn a_stop_is_not_undone_by_a_start_that_fails() {
    async fn wait(cx: Cx<tokio::sync::Notify>) -> Result<(), Thrown> {
        cx.state().notified().await;
        Err(Thrown::new("Error", "too late"))
    }
    async fn stop_now(cx: Cx<tokio::sync::Notify>) -> Result<(), Thrown> {
        cx.state().notify_one();
        Ok(())
    }
    let api = Api::new(tokio::sync::Notify::new()).function("wait", wait).function("stopNow", stop_now);
    let restart = Restart::Always(Backoff { first: Duration::ZERO, ..Backoff::default() });
    let host = TestHost::built(api, |builder| builder.restart(restart));
    let code = "export const activate = () => app.wait(); export const deactivate = () => app.stopNow();";
    let package = host.script("starts", code);
    let (loaded, exit) = tokio::join!(host.host.load(package), async {
        let plugin = host.host.plugin("starts").unwrap();
        patiently("the stop", plugin.stop()).await
    });
    assert!(matches!(loaded, Err(LoadError::Stopped)), "{loaded:?}");
    assert!(exit.was_asked(), "{exit:?}");
    let plugin = host.host.plugin("starts").unwrap();
    assert_eq!(plugin.state(), State::Stopped);
    let _report = host.end().await;
}

//! The black box: what is written when a process ends in a way that nobody asked for.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, CallError, Cx, Event, Json, Plugin, Report, Thrown};
use plughold_tests::{TestHost, patiently, quick_limits};
use rustix::process::Signal;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

async fn hold(cx: Cx<()>) -> Result<(), Thrown> {
    cx.cancelled().await;
    Ok(())
}

async fn note(_: Cx<()>, _: Json) -> Result<(), Thrown> {
    Ok(())
}

/// A host that writes reports below `folder`.
fn host(folder: &Path) -> TestHost {
    let api = Api::new(()).function("hold", hold).function("note", note);
    TestHost::built(api, |builder| builder.limits(quick_limits()).reports(folder))
}

/// Waits for the next report and reads it.
async fn reported(host: &mut TestHost, id: &str) -> Report {
    let file: PathBuf = host
        .event("a report", |event| match event {
            Event::Reported { plugin, file } if plugin.as_str() == id => Some(file.clone()),
            Event::NotReported { reason, .. } => panic!("{reason}"),
            _ => None,
        })
        .await;
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// The messages of a report, with what they are about.
fn messages(report: &Report) -> Vec<String> {
    let shown = report.messages.iter().map(|message| {
        let what = message.what.as_deref().unwrap_or_default();
        format!("{:?} {} {what}", message.direction, message.message).trim_end().to_owned()
    });
    shown.collect()
}

/// Calls that `plugin` will not answer, once it is at them.
async fn calls(host: &mut TestHost, plugin: &Plugin) -> tokio::task::JoinHandle<Result<(), CallError>> {
    let call = tokio::spawn(plugin.call::<(), ()>("wait", ()));
    host.event("its word", |event| matches!(event, Event::Log { .. }).then_some(())).await;
    call
}

const WAITS: &str =
    "export async function wait() { await app.note({ a: 1 }); console.warn('now'); await app.hold(); }";

#[tokio::test]
async fn a_crash_tells_what_happened_before() {
    let folder = TempDir::new().unwrap();
    let mut host = host(folder.path());
    let plugin = host.load("waits", WAITS).await;
    let call = calls(&mut host, &plugin).await;
    host.process(&plugin).signal(Signal::KILL);
    let report = reported(&mut host, "waits").await;
    assert!(matches!(patiently("an answer", call).await.unwrap(), Err(CallError::Gone { .. })));

    assert_eq!((report.schema, &*report.plugin, report.generation), (1, "waits", 1));
    assert_eq!((&*report.exit.kind, report.exit.signal), ("signal", Some(9)));
    assert_eq!(report.state, "active");
    assert_eq!(report.log.iter().map(|line| &*line.text).collect::<Vec<_>>(), ["now"]);
    assert_eq!((report.calls_to_plugin.count, report.calls_from_plugin.count), (1, 1));
    assert_eq!(report.calls_to_plugin.oldest[0].what.as_deref(), Some("wait"));
    assert_eq!(report.calls_from_plugin.oldest[0].what.as_deref(), Some("app.hold"));
    let messages = messages(&report);
    let told = [
        "Out Hello",
        "In Welcome",
        "In Locked",
        "Out Load",
        "In Ready",
        "Out Call export wait",
        "In Call app.note",
        "Out Return",
        "In Log",
        "In Call app.hold",
    ];
    let found: Vec<&str> =
        messages.iter().map(String::as_str).filter(|message| told.contains(message)).collect();
    assert_eq!(found, told, "{messages:?}");
    assert!(report.versions.engine.starts_with("quickjs"), "{}", report.versions.engine);
    assert!(report.memory.limit_bytes == 64 << 20 && report.messages_before == 0);
    assert!(report.messages.is_sorted_by_key(|message| message.at_us));
    let _report = host.end().await;
}

#[tokio::test]
async fn a_plugin_that_does_not_come_back_is_shown_where_it_was() {
    let folder = TempDir::new().unwrap();
    let mut host = host(folder.path());
    let endless = "export function go() {\n  Array.prototype.reverse.call({ length: 2 ** 53 - 1 });\n}";
    let plugin = host.load("endless", endless).await;
    let error = patiently("an answer", plugin.call::<(), ()>("go", ())).await.unwrap_err();
    assert!(matches!(error, CallError::Gone { .. } | CallError::Deadline { .. }), "{error}");
    let report = reported(&mut host, "endless").await;
    assert_eq!((&*report.exit.kind, &*report.state), ("killed", "unresponsive"));
    assert_eq!(report.serving, Some(report.calls_to_plugin.oldest[0].id), "a native loop has no stack");
    assert_eq!(report.calls_to_plugin.oldest[0].what.as_deref(), Some("go"));
    assert!(2 <= report.memory.curve.len(), "{:?}", report.memory);
    let _report = host.end().await;
}

#[tokio::test]
async fn running_out_of_memory_is_told_with_the_curve_s_limit() {
    let folder = TempDir::new().unwrap();
    let mut host = host(folder.path());
    let source = "export function go() { const all = []; for (;;) try { all.push(new Uint8Array(1 << 20)) } catch { for (;;) all.push({}) } }";
    let plugin = host.load("leaks", source).await;
    let _error = patiently("an answer", plugin.call::<(), ()>("go", ())).await.unwrap_err();
    // Whether the engine gives up or the turn is ended first, somebody has to know.
    if plugin.info().pid.is_none() {
        let report = reported(&mut host, "leaks").await;
        assert_eq!(report.memory.limit_bytes, 64 << 20);
    }
    let _report = host.end().await;
}

#[tokio::test]
async fn what_was_asked_for_is_not_reported() {
    let folder = TempDir::new().unwrap();
    let mut host = host(folder.path());
    let stopped = host.load("stopped", "").await;
    patiently("its end", stopped.stop()).await;
    let killed = host.load("killed", "").await;
    patiently("its end", killed.kill()).await;
    host.load_error("throws", "throw new Error('no')").await;
    // Reports are written one after the other: the one of a crash that follows is the first.
    let crashed = host.load("crashed", "").await;
    host.process(&crashed).signal(Signal::KILL);
    reported(&mut host, "crashed").await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let _report = host.end().await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_costs_the_report_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let mut host = host(&file.join("below"));
    let plugin = host.load("crashed", "").await;
    host.process(&plugin).signal(Signal::KILL);
    let reason = host
        .event("the reason", |event| match event {
            Event::NotReported { reason, .. } => Some(reason.clone()),
            _ => None,
        })
        .await;
    assert!(reason.contains("file/below"), "{reason}");
    let good = host.load("good", "export const work = () => 'done'").await;
    assert_eq!(patiently("an answer", good.call::<_, String>("work", ())).await.as_deref(), Ok("done"));
    let _report = host.end().await;
}

//! What a host does with a runner that misbehaves: one row for each way to do so.
//!
//! In each row the misbehaving plugin stands beside a good one in the same host. Three calls to it are in flight when
//! things go wrong, where it lets itself be loaded at all. The rows show what the host tells; what holds for all of them
//! is checked besides: each call is answered once, the good plugin works before, meanwhile and afterwards, and neither a
//! process nor a descriptor is left.
//!
//! # Layout
//!
//! - `loading`: before the plugin is loaded
//! - `ending`: ends, freezes, and lies about them
//! - `offsets`: ends at every byte that is read
//! - `flooding`: too many, too long, too deep
//! - `saying`: messages and values that no honest runner sends
//! - `streams`: streams against their rules
//! - `anything`: anything, at random
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod anything;
mod ending;
mod flooding;
mod loading;
mod offsets;
mod saying;
mod streams;

use expect_test::Expect;
use plughold::{Api, CallError, Cx, Event, Exit, Json, Plugin, Thrown};
use plughold_tests::run_alone as run;
use plughold_tests::{
    TestHost, also_as_an_ordinary_user, children, eventually, open_descriptors, patiently, program,
    quick_limits, with_misbehaving_runner,
};
use std::process::Command;
use std::time::Duration;

also_as_an_ordinary_user!();

/// Never returns while anybody wants it.
async fn hold(cx: Cx<()>) -> Result<(), Thrown> {
    cx.cancelled().await;
    Ok(())
}

async fn note(_: Cx<()>, _: Json) -> Result<(), Thrown> {
    Ok(())
}

/// A host with a good plugin. The misbehaving runners know the positions of its functions.
async fn host_with_good_plugin() -> (TestHost, Plugin) {
    let api = Api::new(()).function("hold", hold).function("note", note);
    let mut limits = quick_limits();
    (limits.start, limits.activate) = (Duration::from_secs(1), Duration::from_secs(1));
    // No runner is so slow by accident, also not on a busy machine.
    (limits.unresponsive, limits.turn) = (Duration::from_millis(500), Duration::from_millis(700));
    let mut host = TestHost::built(api, |builder| with_misbehaving_runner(builder).limits(limits));
    let good = host.load("good", "export function work() { return null }").await;
    work(&good).await.unwrap();
    (host, good)
}

async fn work(plugin: &Plugin) -> Result<(), CallError> {
    patiently("an answer", plugin.call("work", ())).await
}

/// Loads the plugin `behaviour`, calls it, stops it if that is still to be done, and compares the story.
#[track_caller]
fn check(behaviour: &str, expected: Expect) {
    check_within(behaviour, Duration::from_secs(10), expected);
}

/// The same with another limit for the calls.
#[track_caller]
fn check_within(behaviour: &str, limit: Duration, expected: Expect) {
    expected.assert_eq(&run(|| story(behaviour, limit)));
}

async fn story(behaviour: &str, limit: Duration) -> String {
    let (mut host, good) = host_with_good_plugin().await;
    let (descriptors, processes) = (open_descriptors(), children());
    let mut lines = Vec::new();

    let package = host.script(behaviour, "");
    let loaded = host.load_package(package).await;
    work(&good).await.unwrap();
    let plugin = host.host.plugin(behaviour).unwrap();
    match loaded {
        Err(error) => lines.push(format!("loading: {error}")),
        Ok(_) => {
            let call = || patiently("an answer", plugin.call::<(), ()>("work", ()).within(limit));
            let (first, second, third, meanwhile) = tokio::join!(call(), call(), call(), work(&good));
            meanwhile.unwrap();
            if let Err(CallError::Gone { .. }) = third {
                patiently("the end", plugin.finished()).await;
            }
            lines.extend([first, second, third].map(|answer| format!("call: {}", words(answer))));
            lines.push(format!("later call: {}", words(work(&plugin).await)));
        }
    }
    let exit = patiently("the end", plugin.stop()).await.to_string();

    work(&good).await.unwrap();
    leaves_nothing(&mut host, descriptors, processes).await;
    assert_eq!(good.stop().await, Exit::Stopped);
    let events = host.events_until("the good plugin's end", |event| is_end_of(event, "good")).await;
    lines.extend(events.iter().filter_map(|event| tell(event, behaviour)));
    let state = plugin.state().word();
    host.finish().await;
    // How it ended is told in full only once.
    let lines = lines.join("\n").replace(&exit, "END");
    format!("{state}: {exit}\n{lines}\n")
}

/// Waits until only these descriptors and processes are left.
async fn leaves_nothing(host: &mut TestHost, descriptors: Vec<String>, processes: Vec<u32>) {
    assert_eq!(children(), processes, "children of the host");
    assert_eq!(host.processes(), processes, "processes of plugins");
    eventually(descriptors, open_descriptors).await;
}

fn words(answer: Result<(), CallError>) -> String {
    answer.map_or_else(|error| error.to_string(), |()| "answered".to_owned())
}

fn is_end_of(event: &Event, id: &str) -> bool {
    matches!(event, Event::Exited { plugin, .. } if plugin.as_str() == id)
}

/// The event without what differs from run to run, if it is about this plugin.
fn tell(event: &Event, id: &str) -> Option<String> {
    let (about, told) = match event {
        Event::Started { plugin, generation, .. } => {
            (plugin, format!("event: started, generation {generation}"))
        }
        Event::Failed { plugin, error } => (plugin, format!("event: failed, {error}")),
        Event::Exited { plugin, generation, exit } => {
            (plugin, format!("event: exited, generation {generation}, {exit}"))
        }
        Event::Unresponsive { plugin, activity, .. } => {
            (plugin, format!("event: unresponsive, {}", activity.word()))
        }
        Event::Log { plugin, message, .. } => (plugin, format!("event: log, {message}")),
        Event::Stopped { plugin } => (plugin, "event: stopped".to_owned()),
        other => panic!("unexpected: {other:?}"),
    };
    (about.as_str() == id).then_some(told)
}

#[test]
fn every_behaviour_has_a_row() {
    let list = Command::new(program("misbehaving-runner")).arg("--list").output().unwrap();
    let rows = [
        include_str!("loading.rs"),
        include_str!("ending.rs"),
        include_str!("flooding.rs"),
        include_str!("saying.rs"),
        include_str!("streams.rs"),
        include_str!("anything.rs"),
        include_str!("../references/forged.rs"),
    ]
    .concat();
    for behaviour in String::from_utf8(list.stdout).unwrap().lines() {
        assert!(rows.contains(&format!("\"{behaviour}\"")), "nothing tests {behaviour}");
    }
}

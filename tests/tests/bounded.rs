//! What one party does too much of, too slowly or not at all is its own trouble.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, Backoff, Cx, Event, Exit, Plugin, Restart, Thrown};
use plughold_tests::{TestHost, also_as_an_ordinary_user, patiently, rounds, run_alone};
use rustix::process::Signal;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

also_as_an_ordinary_user!();

const WORKING: &str = "export const work = () => 'done';";

async fn works(plugin: &Plugin) {
    assert_eq!(patiently("an answer", plugin.call("work", ())).await, Ok("done".to_owned()));
}

/// Lines that are short enough for the rate of bytes, from several plugins: more than wait for a reader.
#[test]
fn a_slow_reader_of_events_is_told_what_it_missed() {
    run_alone(async || {
        let mut host = TestHost::new(Api::new(()));
        let (mut slow, mut fast) = (host.host.events(), host.host.events());
        let all = tokio::spawn(async move {
            let mut count = 0;
            while let Some(event) = fast.next().await {
                assert!(!matches!(event, Event::Missed { .. }), "whoever reads at once misses nothing");
                count += 1;
            }
            count
        });
        let talks = "export const talk = () => { for (let i = 0; i < 1_900; i++) console.log(''); };";
        for id in ["one", "two", "three"] {
            let plugin = host.load(id, talks).await;
            patiently("an answer", plugin.call::<_, ()>("talk", ())).await.unwrap();
        }
        host.finish().await;
        let all: u64 = patiently("the end of the events", all).await.unwrap();
        let (mut shown, mut missed) = (0, 0);
        while let Some(event) = patiently("an event", slow.next()).await {
            match event {
                Event::Missed { count } => missed += count,
                _ => shown += 1,
            }
        }
        assert!(0 < missed && shown + missed == all, "{shown} shown and {missed} missed of {all}");
    });
}

/// More lines than a runner may send in a second: each is shown or counted, and the plugin only has to wait.
#[test]
fn a_plugin_that_logs_without_end_waits_and_lives() {
    run_alone(async || {
        let mut host = TestHost::new(Api::new(()));
        let good = host.load("good", WORKING).await;
        let talks = "
            export const talk = () => { for (let i = 0; i < 30_000; i++) console.log(`line ${i}`); };
            export const end = () => console.log('the end');
        ";
        let plugin = host.load("talking", &format!("{talks}{WORKING}")).await;
        let mut events = host.host.events();
        // Up to a line that says how many before it were not shown.
        let counting = tokio::spawn(async move {
            let mut lines = 0;
            loop {
                match events.next().await.unwrap() {
                    Event::Log { message, dropped_before, .. } => {
                        lines += 1 + dropped_before;
                        if message == "the end" {
                            return lines;
                        }
                    }
                    Event::Missed { count } => panic!("{count} events were missed"),
                    _ => {}
                }
            }
        });
        let call = tokio::spawn(plugin.call::<_, ()>("talk", ()));
        works(&good).await;
        patiently("an answer", call).await.unwrap().unwrap();
        let mut ends = 0;
        while !counting.is_finished() {
            ends += 1;
            patiently("an answer", plugin.call::<_, ()>("end", ())).await.unwrap();
        }
        let lines = counting.await.unwrap();
        assert!((30_001..=30_000 + ends).contains(&lines), "{lines} lines were shown or counted");
        host.finish().await;
    });
}

type Blocked = Arc<Mutex<(Sender<()>, Receiver<()>)>>;

/// Waits on a thread that may wait, as a function should that has to.
async fn block(cx: Cx<Blocked>) -> Result<(), Thrown> {
    let blocked = cx.state().clone();
    let waiting = tokio::task::spawn_blocking(move || {
        let blocked = blocked.lock().unwrap();
        blocked.0.send(()).unwrap();
        blocked.1.recv().unwrap();
    });
    waiting.await.map_err(|error| Thrown::new("Error", error.to_string()))
}

async fn panics(_: Cx<Blocked>) -> Result<(), Thrown> {
    panic!("this function is not finished")
}

const ASKING: &str = "
export const ask = async (name) => { try { await app[name](); return 'answered' } catch { return 'thrown' } };
";

#[test]
fn functions_that_panic_or_wait_are_their_own_callers_trouble() {
    run_alone(async || {
        let (tell, told) = channel();
        let (go_on, wait) = channel();
        let api =
            Api::new(Arc::new(Mutex::new((tell, wait)))).function("block", block).function("panics", panics);
        let mut host = TestHost::new(api);
        let asking = host.load("asking", &format!("{ASKING}{WORKING}")).await;
        let good = host.load("good", WORKING).await;
        let answer = patiently("an answer", asking.call::<_, String>("ask", ("panics",))).await;
        assert_eq!(answer.as_deref(), Ok("thrown"));
        works(&asking).await;

        let blocked = tokio::spawn(asking.call::<_, String>("ask", ("block",)));
        patiently("the call", tokio::task::spawn_blocking(move || told.recv())).await.unwrap().unwrap();
        for _ in 0..100 {
            works(&good).await;
        }
        go_on.send(()).unwrap();
        assert_eq!(patiently("an answer", blocked).await.unwrap().as_deref(), Ok("answered"));
        works(&asking).await;
        host.finish().await;
    });
}

#[test]
fn plugins_that_die_together_come_back() {
    run_alone(async || {
        let at_once = Duration::from_millis(1);
        let backoff = Backoff { first: at_once, max: at_once, ..Backoff::default() };
        let mut host = TestHost::built(Api::new(()), |builder| builder.restart(Restart::OnFailure(backoff)));
        let count = rounds(25, 100);
        let mut plugins = Vec::new();
        for number in 0..count {
            plugins.push(host.load(&format!("plugin-{number}"), WORKING).await);
        }
        let processes: Vec<_> = plugins.iter().map(|plugin| host.process(plugin)).collect();
        assert!(processes.iter().all(|process| process.signal(Signal::KILL)));
        for _ in 0..count {
            let started_again =
                |event: &Event| matches!(event, Event::Started { generation: 2, .. }).then_some(());
            host.event("the next start", started_again).await;
        }
        for plugin in &plugins {
            works(plugin).await;
            assert_eq!(patiently("the stop", plugin.stop()).await, Exit::Stopped);
        }
        host.finish().await;
    });
}

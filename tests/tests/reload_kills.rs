//! A reload whose processes are killed, one or both, at each of its stages. The one test of this file, because the
//! processes of others would be taken for its own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, Backoff, CallError, Cx, Exit, LoadError, Plugin, Restart, Thrown};
use plughold_tests::{PATIENCE, TestHost, Watched, children, eventually, patiently};
use rustix::process::Signal;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Who is held, and who may go on.
#[derive(Default)]
struct Gate(Option<(Semaphore, Semaphore)>);

async fn hold(cx: Cx<Arc<Gate>>) -> Result<(), Thrown> {
    let (held, free) = cx.state().0.as_ref().unwrap();
    held.add_permits(1);
    tokio::select! {
        permit = free.acquire() => permit.unwrap().forget(),
        () = cx.cancelled() => {}
    }
    Ok(())
}

/// What a version does while it is reloaded.
fn version(number: u32, more: &str) -> String {
    format!("export const version = () => {number}; export const slow = () => app.hold(); {more}")
}

const HELD_IN_ACTIVATE: &str = "export const activate = () => app.hold();";
const HELD_IN_SUSPEND: &str = "export const suspend = () => app.hold();";

struct Stage {
    host: TestHost,
    gate: Arc<Gate>,
    plugin: Plugin,
    old: Watched,
    in_flight: JoinHandle<Result<(), CallError>>,
    reload: JoinHandle<Result<(), LoadError>>,
}

impl Stage {
    /// A reload from one version to another has begun.
    async fn new(old: &str, new: &str, has_call: bool) -> Stage {
        let gate = Arc::new(Gate(Some((Semaphore::new(0), Semaphore::new(0)))));
        let backoff = Backoff { first: Duration::from_millis(1), ..Backoff::default() };
        let api = Api::new(gate.clone()).function("hold", hold);
        let mut host = TestHost::built(api, |builder| builder.restart(Restart::OnFailure(backoff)));
        let plugin = host.load("target", &version(1, old)).await;
        let process = host.process(&plugin);
        host.write("target.js", version(2, new));
        let call = plugin.call("slow", ());
        let in_flight = tokio::spawn(async move { if has_call { call.await } else { Ok(()) } });
        let mut stage = Stage {
            reload: tokio::spawn({
                let plugin = plugin.clone();
                async move {
                    if has_call {
                        tokio::task::yield_now().await
                    };
                    plugin.reload().await
                }
            }),
            host,
            gate,
            plugin,
            old: process,
            in_flight,
        };
        if has_call {
            stage.is_held().await;
        }
        stage.host.patience = PATIENCE;
        stage
    }

    async fn is_held(&self) {
        let (held, _) = self.gate.0.as_ref().unwrap();
        patiently("somebody who is held", held.acquire()).await.unwrap().forget();
    }

    fn let_go(&self) {
        self.gate.0.as_ref().unwrap().1.add_permits(1);
    }

    /// The process that is to take over, as soon as there is one.
    async fn candidate(&self) -> Watched {
        let old = self.old.pid();
        let mut found = None;
        eventually(true, || {
            found = children().into_iter().find(|pid| *pid != old).and_then(Watched::child);
            found.is_some()
        })
        .await;
        found.unwrap()
    }

    /// Whatever has happened, the plugin works, and this is its version.
    async fn ends_with(self, expected: u32, is_reloaded: bool) {
        let reloaded = patiently("the end of the reload", self.reload).await.unwrap();
        assert_eq!(reloaded.is_ok(), is_reloaded, "{reloaded:?}");
        let plugin = self.plugin.clone();
        patiently("a plugin that works", async {
            loop {
                match plugin.call::<_, u32>("version", ()).await {
                    Ok(version) => break assert_eq!(version, expected),
                    Err(CallError::NotActive { .. } | CallError::Gone { .. }) => {
                        tokio::task::yield_now().await
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        })
        .await;
        let _ended = patiently("the end of the call", self.in_flight).await.unwrap();
        self.host.finish().await;
    }
}

#[tokio::test]
async fn at_each_stage_of_a_reload() {
    for _ in 0..10 {
        // While it is spawned, or greeted, or loads, as it comes.
        let stage = Stage::new("", HELD_IN_ACTIVATE, false).await;
        assert!(stage.candidate().await.signal(Signal::KILL));
        stage.ends_with(1, false).await;
    }

    // The old one gives its state.
    let stage = Stage::new(HELD_IN_SUSPEND, "", false).await;
    stage.is_held().await;
    assert!(stage.candidate().await.signal(Signal::KILL));
    stage.let_go();
    stage.ends_with(1, false).await;
    let stage = Stage::new(HELD_IN_SUSPEND, "", false).await;
    stage.is_held().await;
    assert!(stage.old.signal(Signal::KILL));
    stage.ends_with(2, true).await;

    // The new one is being activated.
    let stage = Stage::new("", HELD_IN_ACTIVATE, false).await;
    stage.is_held().await;
    assert!(stage.candidate().await.signal(Signal::KILL));
    stage.ends_with(1, false).await;
    let stage = Stage::new("", HELD_IN_ACTIVATE, false).await;
    stage.is_held().await;
    assert!(stage.old.signal(Signal::KILL));
    stage.let_go();
    stage.ends_with(2, true).await;

    // Both of them. What starts again is what worked, as far as the package is known; its code is read from the disk.
    let stage = Stage::new("", HELD_IN_ACTIVATE, false).await;
    stage.is_held().await;
    let candidate = stage.candidate().await;
    assert!(stage.old.signal(Signal::KILL) && candidate.signal(Signal::KILL));
    // The one that is dead, if nobody has noticed so far, and the one that comes back.
    stage.let_go();
    stage.let_go();
    stage.ends_with(2, false).await;

    // The new one has taken over, and the old one finishes a call.
    let stage = Stage::new("", "", true).await;
    let plugin = stage.plugin.clone();
    eventually(2, || plugin.info().generation).await;
    assert!(stage.old.signal(Signal::KILL));
    let Stage { in_flight, .. } = &stage;
    assert!(!in_flight.is_finished());
    stage.ends_with(2, true).await;
    assert_eq!(plugin.state(), plughold::State::Stopped);
    assert_eq!(patiently("the end", plugin.finished()).await, Exit::Stopped);
}

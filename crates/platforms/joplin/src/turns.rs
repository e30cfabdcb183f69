//! Whose turn it is to work on the store.
//!
//! The store may keep its caller waiting: for the disk, for another call, for a search. So nobody works on it on a thread of the
//! runtime, on which all plugins are heard. And since calls no longer end in the order in which they begin, two rules take the place
//! of that order:
//!
//! - The calls of one plugin are done one after the other, in the order in which the plugin made them.
//! - Plugins take turns: one with a thousand open calls goes before another plugin's only call once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use plughold::{Cx, PluginId};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::Joplin;
use crate::failure::Failure;

/// The lines in which calls wait, all of which are fair: who comes first is served first.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    /// The line of each plugin that has ever worked; none is the application itself.
    lines: std::sync::Mutex<HashMap<Option<PluginId>, Arc<Mutex<()>>>>,
    /// The line in which the first of each line stands.
    first: Arc<Mutex<()>>,
}

impl Turns {
    fn line(&self, of: Option<&PluginId>) -> Arc<Mutex<()>> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.entry(of.cloned()).or_default().clone()
    }
}

impl Joplin {
    /// Does `work` for a plugin, or for the application, when it is its turn, on a thread that may wait.
    ///
    /// The place in the line is taken when this is polled first, which the host does in the order of a plugin's calls.
    pub(crate) async fn in_turn<T: Send + 'static>(
        &self,
        plugin: Option<&PluginId>,
        work: impl FnOnce(&Self) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let own = self.turns().line(plugin).lock_owned().await;
        let first = self.turns().first.clone().lock_owned().await;
        let joplin = self.clone();
        let done = spawn_blocking(move || {
            // The turn lasts as long as the work, even when nobody waits for it any more.
            let _turn = (own, first);
            work(&joplin)
        });
        match done.await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(error) => Err(Failure::new(format!("the application is closing: {error}"))),
            },
        }
    }
}

/// Does `work` on behalf of the plugin that calls, in its turn.
pub(crate) async fn in_turn_of<T: Send + 'static>(
    cx: &Cx<Joplin>,
    work: impl FnOnce(&Joplin, &PluginId) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let plugin = cx.plugin().clone();
    cx.state().in_turn(Some(cx.plugin()), move |joplin| work(joplin, &plugin)).await
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::Pin;
    use std::sync::mpsc;
    use std::task::Poll;

    use tokio::task::coop::consume_budget;
    use tokio::task::yield_now;

    use super::*;

    /// What was done, in the order in which it was done.
    #[derive(Clone, Default)]
    struct Record(Arc<std::sync::Mutex<Vec<&'static str>>>);

    impl Record {
        fn note(&self, what: &'static str) {
            self.0.lock().unwrap().push(what);
        }

        fn noted(&self) -> String {
            self.0.lock().unwrap().join(" ")
        }
    }

    type Turn = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

    /// Asks for a turn at once, as the host does.
    async fn ask(joplin: &Joplin, plugin: &str, work: impl FnOnce() + Send + 'static) -> Turn {
        let (joplin, plugin) = (joplin.clone(), PluginId::native(plugin).unwrap());
        let work = |_: &Joplin| {
            work();
            Ok(())
        };
        let mut turn: Turn = Box::pin(async move { joplin.in_turn(Some(&plugin), work).await });
        // It has taken its place, and is not done yet.
        let early = poll_fn(|context| Poll::Ready(turn.as_mut().poll(context))).await;
        assert!(early.is_pending());
        turn
    }

    /// Waits until all turns are over; they go on in tasks, as with the host.
    async fn all(turns: Vec<Turn>) {
        for turn in Vec::from_iter(turns.into_iter().map(tokio::spawn)) {
            turn.await.unwrap().unwrap();
        }
    }

    fn run(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        runtime.unwrap().block_on(test);
    }

    #[test]
    fn a_plugin_keeps_its_order_and_takes_turns_with_others() {
        run(async {
            let (joplin, record) = (Joplin::in_memory().unwrap(), Record::default());
            let (open, gate) = mpsc::channel::<()>();
            let mut turns = vec![ask(&joplin, "a", move || gate.recv().unwrap()).await];
            for what in ["a1", "a2", "a3", "b1", "b2", "c1"] {
                let record = record.clone();
                turns.push(ask(&joplin, &what[..1], move || record.note(what)).await);
            }
            assert_eq!(record.noted(), "", "the first has the turn");
            open.send(()).unwrap();
            all(turns).await;
            let noted = record.noted();
            for (before, after) in [("a1", "a2"), ("a2", "a3"), ("b1", "b2"), ("b1", "a2"), ("c1", "a2")] {
                assert!(noted.find(before) < noted.find(after), "{before} before {after}: {noted}");
            }
        });
    }

    #[test]
    fn a_call_takes_its_place_however_busy_its_task_is() {
        run(async {
            let (joplin, record) = (Joplin::in_memory().unwrap(), Record::default());
            let (open, gate) = mpsc::channel::<()>();
            let mut turns = vec![ask(&joplin, "a", move || gate.recv().unwrap()).await];
            // Whatever else waits from now on waits in vain until the task has let others go on.
            poll_fn(|context| {
                while std::pin::pin!(consume_budget()).poll(context).is_ready() {}
                Poll::Ready(())
            })
            .await;
            let (busy, fresh) = (record.clone(), record.clone());
            turns.push(ask(&joplin, "a", move || busy.note("busy")).await);
            yield_now().await;
            turns.push(ask(&joplin, "a", move || fresh.note("fresh")).await);
            open.send(()).unwrap();
            all(turns).await;
            assert_eq!(record.noted(), "busy fresh");
        });
    }

    #[test]
    fn a_panic_ends_only_its_own_turn() {
        run(async {
            let joplin = Joplin::in_memory().unwrap();
            // Both take their places before anything is done.
            let (open, gate) = mpsc::channel::<()>();
            let work = move || {
                gate.recv().unwrap();
                panic!("of the test");
            };
            let panics = ask(&joplin, "a", work).await;
            let next = ask(&joplin, "a", || ()).await;
            open.send(()).unwrap();
            assert!(tokio::spawn(panics).await.unwrap_err().is_panic());
            all(vec![next]).await;
        });
    }

    #[test]
    fn the_runtime_goes_on_meanwhile() {
        run(async {
            let joplin = Joplin::in_memory().unwrap();
            let (open, gate) = mpsc::channel::<()>();
            let turn = tokio::spawn(ask(&joplin, "a", move || gate.recv().unwrap()).await);
            // On the only thread of the runtime: if the turn had it, the gate would never be opened.
            tokio::spawn(async move { open.send(()).unwrap() }).await.unwrap();
            turn.await.unwrap().unwrap();
        });
    }
}

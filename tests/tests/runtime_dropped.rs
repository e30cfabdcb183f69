//! The application drops its runtime in the middle of something: whoever waits is told, and no process is left.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold::{Api, Backoff, Cx, Host, Package, Plugin, Restart, State, Thrown};
use plughold_tests::{PATIENCE, eventually, patiently, program};
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// It can be held in each thing that it does.
const HELD: &str = "
export const activate = () => app.hold('activate');
export const deactivate = () => app.hold('deactivate');
export const suspend = () => app.hold('suspend');
export const work = () => app.hold('work');
";

/// Holds a plugin for good when it comes to this.
#[derive(Clone)]
struct Holding {
    at: Arc<Mutex<&'static str>>,
    held: Arc<Semaphore>,
}

async fn hold(cx: Cx<Holding>, at: String) -> Result<(), Thrown> {
    let is_held = *cx.state().at.lock().unwrap() == at;
    if is_held {
        cx.state().held.add_permits(1);
        cx.cancelled().await;
    }
    Ok(())
}

/// A host on a runtime that is dropped, and whoever waits on another one.
struct Stage {
    first: Runtime,
    second: Runtime,
    host: Host,
    holding: Holding,
    package: Package,
}

type Waiting = Vec<(&'static str, JoinHandle<()>)>;

impl Stage {
    fn new(path: &Path) -> Stage {
        let first = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let second = Builder::new_current_thread().enable_all().build().unwrap();
        let holding = Holding { at: Arc::new(Mutex::new("")), held: Arc::new(Semaphore::new(0)) };
        let pause = Backoff { first: Duration::from_secs(3_600), max: Duration::MAX, ..Backoff::default() };
        let host = first.block_on(async {
            Host::builder(Api::new(holding.clone()).function("hold", hold))
                .runner(program("test-runner"))
                .restart(Restart::OnFailure(pause))
                .build()
                .unwrap()
        });
        Stage { first, second, host, holding, package: Package::open(path).unwrap() }
    }

    fn hold(&self, at: &'static str) {
        *self.holding.at.lock().unwrap() = at;
    }

    fn load(&self) -> Plugin {
        self.second.block_on(patiently("the load", self.host.load(self.package.clone()))).unwrap()
    }

    fn wait_for_held(&self) {
        self.second
            .block_on(patiently("somebody who is held", self.holding.held.acquire()))
            .unwrap()
            .forget();
    }

    fn wait_for_state(&self, plugin: &Plugin, state: State) {
        self.second.block_on(eventually(state, || plugin.state()));
    }

    fn wait<T>(
        &self,
        what: &'static str,
        wish: impl Future<Output = T> + Send + 'static,
    ) -> (&'static str, JoinHandle<()>) {
        (what, self.second.spawn(async move { drop(wish.await) }))
    }

    /// Everybody who could wait for the plugin.
    fn all_wait(&self, plugin: &Plugin) -> Waiting {
        let wish = || plugin.clone();
        let (a, b, c, d, e) = (wish(), wish(), wish(), wish(), wish());
        vec![
            self.wait("start", async move { a.start().await }),
            self.wait("reload", async move { b.reload().await }),
            self.wait("restart", async move { c.restart().await }),
            self.wait("call", async move { d.call::<(), ()>("work", ()).await }),
            self.wait("finished", async move { e.finished().await }),
        ]
    }

    #[track_caller]
    fn end(self, what: &str, plugin: Option<Plugin>, waiting: Waiting) {
        drop(self.first);
        assert_eq!(children(), Vec::<u32>::new(), "{what}: processes are left");
        for (wish, waits) in waiting {
            let told = self.second.block_on(async { tokio::time::timeout(PATIENCE, waits).await });
            assert!(told.is_ok(), "{what}: nobody answers {wish}");
        }
        let Some(plugin) = plugin else { return };
        let info = plugin.info();
        assert_eq!(info.pid, None, "{what}");
        let is_over = matches!(info.state, State::Failed | State::Stopped);
        assert!(is_over, "{what}: it is {:?}", info.state);
    }
}

/// The processes that this one has started and not waited for.
fn children() -> Vec<u32> {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let told = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    told.flat_map(|told| told.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<_>>())
        .collect()
}

#[test]
fn whoever_waits_is_told_and_no_process_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("held.js");
    std::fs::write(&path, HELD).unwrap();
    let stage = || Stage::new(&path);

    let it = stage();
    it.hold("activate");
    let (host, package) = (it.host.clone(), it.package.clone());
    let mut waiting = vec![it.wait("load", async move { host.load(package).await.map(drop) })];
    it.wait_for_held();
    let plugin = it.host.plugin("held").unwrap();
    waiting.extend(it.all_wait(&plugin));
    it.end("a load", Some(plugin), waiting);

    let it = stage();
    let plugin = it.load();
    let waiting = it.all_wait(&plugin);
    it.end("an active plugin", Some(plugin), waiting);

    for (what, at) in
        [("a reload that waits for the state", "suspend"), ("a reload that activates", "activate")]
    {
        let it = stage();
        let plugin = it.load();
        it.hold(at);
        let wish = plugin.clone();
        let mut waiting = vec![it.wait("the reload", async move { wish.reload().await })];
        it.wait_for_held();
        waiting.extend(it.all_wait(&plugin));
        it.end(what, Some(plugin), waiting);
    }

    let it = stage();
    let plugin = it.load();
    it.hold("work");
    let (working, wish) = (plugin.clone(), plugin.clone());
    let mut waiting = vec![it.wait("work", async move { working.call::<(), ()>("work", ()).await })];
    it.wait_for_held();
    waiting.push(it.wait("the restart", async move { wish.restart().await }));
    it.wait_for_state(&plugin, State::Starting);
    waiting.extend(it.all_wait(&plugin));
    it.end("a restart that lets work end", Some(plugin), waiting);

    let it = stage();
    let plugin = it.load();
    it.hold("deactivate");
    let (wish, host) = (plugin.clone(), it.host.clone());
    let mut waiting = vec![it.wait("the stop", async move { wish.stop().await })];
    it.wait_for_held();
    waiting.push(it.wait("the shutdown", async move { host.shutdown().await }));
    waiting.extend(it.all_wait(&plugin));
    it.end("a stop", Some(plugin), waiting);

    let it = stage();
    let plugin = it.load();
    it.hold("deactivate");
    let host = it.host.clone();
    let waiting = vec![it.wait("the unload", async move { host.unload("held").await })];
    it.wait_for_held();
    it.end("an unload", Some(plugin), waiting);

    let it = stage();
    let plugin = it.load();
    plugin.rest();
    it.wait_for_state(&plugin, State::Resting);
    it.hold("activate");
    let waiting = it.all_wait(&plugin);
    it.wait_for_held();
    it.end("a start on use", Some(plugin), waiting);

    let it = stage();
    let plugin = it.load();
    let pid = Pid::from_raw(plugin.info().pid.unwrap() as i32).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    it.wait_for_state(&plugin, State::Backoff);
    let finished = plugin.clone();
    let waiting = vec![it.wait("finished", async move { finished.finished().await })];
    it.end("a pause", Some(plugin), waiting);
}

//! A host for one test.

use crate::process::Watched;
use crate::{eventually, patiently, program};
use plughold::{
    Api, Event, Events, Grant, Host, HostBuilder, Limits, LoadError, Package, Plugin, Restart, ShutdownReport,
};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// A host with a folder of plugins, which remembers every event and every process that it has seen.
///
/// Unless told otherwise it runs the honest runner, starts nothing again, and grants everything that is asked for. Its
/// limits are the library's own, which an honest plugin meets on any machine.
pub struct TestHost {
    /// The host itself.
    pub host: Host,
    folder: TempDir,
    events: Events,
    /// Events that were read while another one was looked for.
    passed: Vec<Event>,
    processes: Vec<Watched>,
}

/// Limits that end what does not end by itself within some 100 ms, for plugins that are to meet them.
pub fn quick_limits() -> Limits {
    let mut limits = Limits::default();
    limits.unresponsive = Duration::from_millis(100);
    limits.turn = Duration::from_millis(300);
    limits.kill = Duration::from_millis(200);
    limits.stop = Duration::from_millis(300);
    limits
}

impl TestHost {
    /// A host that offers `api`. Inside a tokio runtime.
    pub fn new<S: Send + Sync + 'static>(api: Api<S>) -> TestHost {
        TestHost::built(api, |builder| builder)
    }

    /// The same with [quick limits](quick_limits).
    pub fn quick<S: Send + Sync + 'static>(api: Api<S>) -> TestHost {
        TestHost::built(api, |builder| builder.limits(quick_limits()))
    }

    /// The same with whatever `adjust` changes.
    pub fn built<S: Send + Sync + 'static>(
        api: Api<S>,
        adjust: impl FnOnce(HostBuilder<S>) -> HostBuilder<S>,
    ) -> TestHost {
        let builder = Host::builder(api)
            .runner(program("test-runner"))
            .restart(Restart::Never)
            .grants(|_, _| Grant::Allow);
        let host = adjust(builder).build().unwrap();
        let events = host.events();
        let folder = tempfile::tempdir().unwrap();
        TestHost { host, folder, events, passed: Vec::new(), processes: Vec::new() }
    }

    /// The folder of plugins.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below the folder of plugins.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Writes the plugin `id` as one script.
    pub fn script(&self, id: &str, source: &str) -> Package {
        let path = self.write(&format!("{id}.js"), source);
        Package::open(path).unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// Writes the plugin `id` as a folder of files with a manifest; its entry is `main.js`.
    pub fn package(&self, id: &str, files: &[(&str, &str)]) -> Package {
        let manifest = format!(r#"{{ "id": "{id}", "name": "{id}", "version": "1.0.0" }}"#);
        self.write(&format!("{id}/plughold.json"), manifest);
        for (name, text) in files {
            self.write(&format!("{id}/{name}"), text);
        }
        Package::open(self.folder().join(id)).unwrap_or_else(|problems| panic!("{problems}"))
    }

    /// Writes the plugin `id` as one script and loads it, which must succeed.
    pub async fn load(&mut self, id: &str, source: &str) -> Plugin {
        let package = self.script(id, source);
        self.load_package(package).await.unwrap_or_else(|error| panic!("{id} cannot be loaded: {error}"))
    }

    /// The same for a plugin whose loading fails.
    pub async fn load_error(&mut self, id: &str, source: &str) -> LoadError {
        let package = self.script(id, source);
        self.load_package(package).await.expect_err("it was loaded")
    }

    /// Loads a package.
    pub async fn load_package(&mut self, package: Package) -> Result<Plugin, LoadError> {
        let loaded = patiently("the end of loading", self.host.load(package)).await;
        self.remember_processes();
        loaded
    }

    /// Watches the process that the plugin has now.
    pub fn process(&mut self, plugin: &Plugin) -> Watched {
        self.remember_processes();
        Watched::new(plugin.info().pid.expect("the plugin has no process"))
    }

    /// The first event, of those that nobody has taken yet, for which `pick` has an answer: its answer.
    pub async fn event<T>(&mut self, what: &str, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        for index in 0..self.passed.len() {
            if let Some(picked) = pick(&self.passed[index]) {
                self.passed.remove(index);
                return picked;
            }
        }
        loop {
            let event = patiently(what, self.events.next()).await.expect("the host is gone");
            self.remember_processes();
            if let Some(picked) = pick(&event) {
                return picked;
            }
            self.passed.push(event);
        }
    }

    /// Takes the events that nobody has taken yet, in their order, up to and with the first for which `is_last` holds.
    pub async fn events_until(&mut self, what: &str, is_last: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut taken: Vec<Event> = Vec::new();
        let mut passed = std::mem::take(&mut self.passed).into_iter();
        loop {
            let event = match passed.next() {
                Some(event) => event,
                None => patiently(what, self.events.next()).await.expect("the host is gone"),
            };
            taken.push(event);
            if taken.last().is_some_and(&is_last) {
                self.passed = passed.collect();
                return taken;
            }
        }
    }

    /// Shuts the host down, which must find nothing to kill, and checks that nothing is left: see
    /// [`end`](TestHost::end).
    pub async fn finish(self) {
        let report = self.end().await;
        assert!(report.killed.is_empty(), "these had to be killed: {:?}", report.killed);
    }

    /// Shuts the host down and checks that nothing is left: no function of an active plugin is held by the application,
    /// and every process that was seen is gone.
    pub async fn end(mut self) -> ShutdownReport {
        self.remember_processes();
        for plugin in self.host.plugins() {
            eventually((plugin.id(), 0), || (plugin.id(), plugin.info().references)).await;
        }
        let report = patiently("the shutdown", self.host.shutdown()).await;
        for process in &self.processes {
            assert!(process.is_gone(), "{process:?} after the shutdown");
        }
        report
    }

    /// The processes of plugins that were seen and are not gone. Forgets those that are.
    pub fn processes(&mut self) -> Vec<u32> {
        self.remember_processes();
        self.processes.iter().map(Watched::pid).collect()
    }

    fn remember_processes(&mut self) {
        self.processes.retain(|process| !process.is_gone());
        for pid in self.host.plugins().iter().filter_map(|plugin| plugin.info().pid) {
            if !self.processes.iter().any(|process| process.pid() == pid) {
                self.processes.push(Watched::new(pid));
            }
        }
    }
}

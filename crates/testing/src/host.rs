//! A host for one test, and the guard at its end.

use crate::waiting::until_well;
use crate::{EventLog, LiveReferences, LiveStreams, PATIENCE, Watched, eventually_within, patiently};
use plughold::{
    Api, Event, Grant, Host, HostBuilder, Json, Limits, LoadError, Package, Plugin, Restart, RunnerProgram,
    Sandbox, SandboxLevel, ShutdownReport, State,
};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// The export that [`TestHost::settle`] asks for: no plugin has it, and every plugin answers.
const NO_EXPORT: &str = "plughold-testing: no such export";

/// A host with a folder of plugins, which remembers every event and every process that it has seen.
///
/// Unless told otherwise it starts nothing again, and grants everything that is asked for. Its limits are the library's
/// own, which an honest plugin meets on any machine.
///
/// A test ends with [`finish`](TestHost::finish), or with [`end`](TestHost::end) where plugins are expected to be killed.
/// One that forgets both fails.
pub struct TestHost {
    /// The host itself.
    pub host: Host,
    /// Every event since the host was built.
    pub log: EventLog,
    /// How long the end waits until nothing is held any more: [`PATIENCE`], unless a test wants less.
    pub patience: Duration,
    folder: TempDir,
    processes: Vec<Watched>,
    /// The tasks of the runtime when the host was new.
    tasks: usize,
    is_over: bool,
}

/// Names the level of the sandbox, `A`, `B` or `C`, for all runners of a test run that are not about one.
const SANDBOX: &str = "PLUGHOLD_TEST_SANDBOX";

/// How far runners are locked down: as far as the machine can, or exactly as far as the environment says.
fn sandbox() -> Sandbox {
    let wanted = std::env::var(SANDBOX).unwrap_or_default();
    let level = wanted.chars().next().and_then(SandboxLevel::from_letter);
    level.map_or(Sandbox::Best, Sandbox::Exactly)
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
    /// A host that offers `api`, inside a tokio runtime. Its runner is `plughold-runner` beside the test's executable or
    /// one folder above it, where Cargo puts the binaries of a workspace; any other is given to
    /// [`built`](TestHost::built).
    pub fn new<S: Send + Sync + 'static>(api: Api<S>) -> TestHost {
        TestHost::built(api, |builder| builder)
    }

    /// The same with whatever `adjust` changes, such as the runner: an application passes
    /// `env!("CARGO_BIN_EXE_its-name")`, and the binary of that name begins with `plughold::runner::run_if_asked()`.
    pub fn built<S: Send + Sync + 'static>(
        api: Api<S>,
        adjust: impl FnOnce(HostBuilder<S>) -> HostBuilder<S>,
    ) -> TestHost {
        let builder = Host::builder(api).runner(runner()).restart(Restart::Never).grants(|_, _| Grant::Allow);
        let builder = builder.sandbox(sandbox());
        let host =
            adjust(builder).build().unwrap_or_else(|error| panic!("the host cannot be built: {error}"));
        let log = EventLog::new(host.events());
        let folder = tempfile::tempdir().unwrap();
        let tasks = alive_tasks();
        TestHost { host, log, patience: PATIENCE, folder, processes: Vec::new(), tasks, is_over: false }
    }

    // -- Plugins -----------------------------------------------------------------------------------------------------

    /// The folder of plugins, which is gone with the host.
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
        open(&path)
    }

    /// Writes the plugin `id` as a folder of files with a manifest; its entry is `main.js`.
    pub fn package(&self, id: &str, files: &[(&str, &str)]) -> Package {
        self.package_with(id, "", files)
    }

    /// The same with further members of the manifest, such as `"permissions": ["notes.read"]`.
    pub fn package_with(&self, id: &str, members: &str, files: &[(&str, &str)]) -> Package {
        let comma = if members.is_empty() { "" } else { ", " };
        let manifest = format!(r#"{{ "id": "{id}", "name": "{id}", "version": "1.0.0"{comma}{members} }}"#);
        self.write(&format!("{id}/plughold.json"), manifest);
        for (name, text) in files {
            self.write(&format!("{id}/{name}"), text);
        }
        open(&self.folder().join(id))
    }

    /// Writes the plugin `id` as one script and loads it, which must succeed.
    pub async fn load(&mut self, id: &str, source: &str) -> Plugin {
        let package = self.script(id, source);
        let loaded = self.load_package(package).await;
        loaded.unwrap_or_else(|error| panic!("{id} cannot be loaded: {error}{}", stack_of(&error)))
    }

    /// The same for a plugin whose loading fails.
    pub async fn load_error(&mut self, id: &str, source: &str) -> LoadError {
        let package = self.script(id, source);
        self.load_package(package).await.expect_err("it was loaded")
    }

    /// Loads a package.
    ///
    /// # Errors
    /// What [`Host::load`] says.
    pub async fn load_package(&mut self, package: Package) -> Result<Plugin, LoadError> {
        let loaded = patiently("the end of loading", self.host.load(package)).await;
        self.remember_processes();
        loaded
    }

    // -- What happens ------------------------------------------------------------------------------------------------

    /// The first event, of those that nobody has taken yet, for which `pick` has an answer: see
    /// [`EventLog::wait_for`].
    pub async fn event<T>(&mut self, what: &str, pick: impl FnMut(&Event) -> Option<T>) -> T {
        let picked = self.log.wait_for(what, pick).await;
        self.remember_processes();
        picked
    }

    /// Takes the events up to and with the first for which `is_last` holds: see [`EventLog::take_until`].
    pub async fn events_until(&mut self, what: &str, is_last: impl Fn(&Event) -> bool) -> Vec<Event> {
        self.log.take_until(what, is_last).await
    }

    /// Watches the process that the plugin has now.
    pub fn process(&mut self, plugin: &Plugin) -> Watched {
        self.remember_processes();
        Watched::new(plugin.info().pid.expect("the plugin has no process"))
    }

    /// The processes of plugins that were seen and are not gone.
    pub fn processes(&mut self) -> Vec<u32> {
        self.remember_processes();
        self.processes.iter().filter(|process| !process.is_gone()).map(Watched::pid).collect()
    }

    // -- The end -----------------------------------------------------------------------------------------------------

    /// Waits until what is on its way has arrived: every message, and with it every reference and every release, that a
    /// party had sent, or had reason to send, before. Afterwards [`LiveReferences`] are what the parties really hold.
    ///
    /// It asks each active plugin for an export that it does not have, and so goes through each of them and back; once for
    /// each party that a release may have to pass. A plugin whose objects wait for its next collection of garbage still
    /// holds what they hold.
    pub async fn settle(&self) {
        let plugins = self.host.plugins();
        for _ in 0..=plugins.len() {
            for plugin in plugins.iter().filter(|plugin| plugin.state() == State::Active) {
                // Whatever the answer is, it came behind everything else.
                let _no_such_export = patiently("an answer", plugin.call::<_, Json>(NO_EXPORT, ())).await;
            }
        }
    }

    /// Waits until the application and the plugin hold so much of each other; panics with what they do hold.
    pub async fn expect_references(&self, plugin: &Plugin, expected: LiveReferences) {
        let look = || (plugin.id(), LiveReferences::of(plugin));
        eventually_within(self.patience, (plugin.id(), expected), look).await;
    }

    /// Waits until so many streams of the plugin, and for it, are open; panics with how many are.
    pub async fn expect_streams(&self, plugin: &Plugin, expected: LiveStreams) {
        let look = || (plugin.id(), LiveStreams::of(plugin));
        eventually_within(self.patience, (plugin.id(), expected), look).await;
    }

    /// Shuts the host down, which must find nothing to kill, and checks that nothing is left: see
    /// [`end`](TestHost::end).
    pub async fn finish(self) {
        let report = self.end().await;
        assert!(report.killed.is_empty(), "these had to be killed: {:?}", report.killed);
        assert!(report.crashed.is_empty(), "these ended otherwise than asked: {:?}", report.crashed);
    }

    /// Shuts the host down and checks that nothing is left: no function of an active plugin is held by the application
    /// and none of its streams is open, nothing is held of a plugin that was stopped or by it, every process that was seen
    /// is gone and was waited for, and no task is left of those that were spawned since the host was built.
    pub async fn end(self) -> ShutdownReport {
        let (tasks, patience) = (self.tasks, self.patience);
        let report = self.shut_down().await;
        // The host is dropped by now, so whoever reads its events comes to an end as well.
        until_well(patience, || match alive_tasks().saturating_sub(tasks) {
            0 => Ok(()),
            left => Err(format!("{left} tasks that were spawned since the host was built still run")),
        })
        .await;
        report
    }

    async fn shut_down(mut self) -> ShutdownReport {
        self.is_over = true;
        self.remember_processes();
        let plugins = self.host.plugins();
        for plugin in &plugins {
            until_well(self.patience, || nothing_held_of(plugin)).await;
            until_well(self.patience, || no_stream_open_of(plugin)).await;
        }
        let report = patiently("the shutdown", self.host.shutdown()).await;
        for plugin in &plugins {
            self.expect_references(plugin, LiveReferences::NONE).await;
            self.expect_streams(plugin, LiveStreams::NONE).await;
        }
        for process in &self.processes {
            assert!(process.is_gone(), "{process:?} after the shutdown");
            until_well(self.patience, || match process.is_reaped() {
                true => Ok(()),
                false => Err(format!("the process {} is a zombie", process.pid())),
            })
            .await;
        }
        report
    }

    /// Drops the host as an application would that ends without a shutdown, for tests of just that. Gives the processes
    /// that were seen: it is the test that waits until they are gone.
    pub fn abandon(mut self) -> Vec<Watched> {
        self.is_over = true;
        self.remember_processes();
        std::mem::take(&mut self.processes)
    }

    fn remember_processes(&mut self) {
        self.processes.retain(|process| !process.is_reaped());
        for pid in self.host.plugins().iter().filter_map(|plugin| plugin.info().pid) {
            if !self.processes.iter().any(|process| process.pid() == pid) {
                self.processes.push(Watched::new(pid));
            }
        }
    }
}

fn alive_tasks() -> usize {
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}

/// The guard: a test that ends well has looked whether anything is left.
impl Drop for TestHost {
    fn drop(&mut self) {
        let is_well = self.is_over || std::thread::panicking();
        assert!(
            is_well,
            "the test ended without TestHost::finish, so nobody has looked whether anything is left"
        );
    }
}

fn nothing_held_of(plugin: &Plugin) -> Result<(), String> {
    let things = match LiveReferences::of(plugin).by_application {
        0 => return Ok(()),
        1 => "1 function or object".to_owned(),
        held => format!("{held} functions or objects"),
    };
    Err(format!("the application still holds {things} of the plugin {}", plugin.id()))
}

fn no_stream_open_of(plugin: &Plugin) -> Result<(), String> {
    let streams = match LiveStreams::of(plugin).from_plugin {
        0 => return Ok(()),
        1 => "1 stream".to_owned(),
        open => format!("{open} streams"),
    };
    Err(format!("the application still reads {streams} of the plugin {}", plugin.id()))
}

/// The JavaScript stack of what a plugin threw, below the line that says it.
fn stack_of(error: &LoadError) -> String {
    let stack = error.thrown().and_then(|thrown| thrown.stack.as_deref());
    stack.map(|stack| format!("\n{stack}")).unwrap_or_default()
}

fn open(path: &Path) -> Package {
    Package::open(path).unwrap_or_else(|problems| panic!("{problems}"))
}

/// `plughold-runner` as Cargo builds it for a workspace, else what the library finds.
fn runner() -> RunnerProgram {
    let test = std::env::current_exe().unwrap_or_default();
    let above = test.ancestors().nth(2).map(|folder| folder.join("plughold-runner"));
    above.filter(|path| path.is_file()).map_or(RunnerProgram::Auto, RunnerProgram::File)
}

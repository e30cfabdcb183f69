//! The host: what an embedder holds.

use crate::api::{Api, Table};
use crate::error::LoadError;
use crate::events::{Event, EventSender, Events};
use crate::launch::Spawner;
use crate::service::builder::{Grant, Grants, HostBuilder};
use crate::service::loading;
use crate::service::plugin::{Command, Plugin};
use crate::service::registry::Registry;
use crate::service::restart::{History, Restart};
use crate::service::supervisor::Supervisor;
use crate::session::waiting::Waiting;
use crate::{Exit, KillReason, Limits, PluginId};
use plughold_package::{Discovery, Package, Unmet};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// A plugin host. Cheap to clone. When the last clone is dropped, every plugin is killed; [`shutdown`](Host::shutdown)
/// lets them finish.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use plughold::{Api, Host};
///
/// let host = Host::builder(Api::new(())).build()?;
/// for (id, loaded) in host.load_all(host.discover("plugins")).await {
///     match loaded {
///         Ok(plugin) => println!("{id} runs in process {:?}", plugin.info().pid),
///         Err(error) => eprintln!("{id}: {error}"),
///     }
/// }
/// let report = host.shutdown().await;
/// assert!(report.killed.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
}

/// What was decided when the host was built.
pub(crate) struct Config {
    pub(crate) table: Arc<Table>,
    pub(crate) program: PathBuf,
    pub(crate) limits: Limits,
    pub(crate) restart: Restart,
    pub(crate) grants: Grants,
    pub(crate) runtime: Handle,
}

struct Inner {
    config: Config,
    spawner: Spawner,
    events: EventSender,
    plugins: Arc<Registry>,
    waiting: Arc<Waiting>,
    shutting_down: AtomicBool,
}

/// How a shutdown went.
#[must_use = "it says what had to be killed"]
#[derive(Clone, Debug, Default)]
pub struct ShutdownReport {
    /// Plugins that finished when they were asked.
    pub stopped: Vec<PluginId>,
    /// Plugins that had to be killed, and why.
    pub killed: Vec<(PluginId, KillReason)>,
    /// Plugins that ended in another way than they were asked to, and how.
    pub crashed: Vec<(PluginId, Exit)>,
}

impl Host {
    /// Begins to build a host that offers `api` to its plugins.
    pub fn builder<S: Send + Sync + 'static>(api: Api<S>) -> HostBuilder<S> {
        HostBuilder::new(api)
    }

    pub(crate) fn new(config: Config, spawner: Spawner, events: EventSender) -> Host {
        let inner = Inner {
            config,
            spawner,
            events,
            plugins: Arc::default(),
            waiting: Arc::default(),
            shutting_down: AtomicBool::new(false),
        };
        Host { inner: Arc::new(inner) }
    }

    /// Finds the plugins in a folder, and says what is wrong with the others. Starts nothing and runs nothing.
    pub fn discover(&self, folder: impl AsRef<Path>) -> Discovery {
        plughold_package::discover(folder)
    }

    /// Loads one plugin: starts its process, and returns when it is active. The plugins that it needs must be active.
    ///
    /// Returns a [`LoadError`] when its first start fails. [`plugins`](Host::plugins) lists the plugin all the same, and one
    /// that crashed then is still started again, as [`HostBuilder::restart`] says.
    pub async fn load(&self, package: Package) -> Result<Plugin, LoadError> {
        package.runs()?;
        let met = package.dependencies.iter().try_for_each(|dependency| self.inner.plugins.meets(dependency));
        if let Err(unmet) = met {
            return Err(self.refuse(package, unmet));
        }
        let (loaded, first_start) = oneshot::channel();
        let plugin = self.start(Arc::new(package), loaded)?;
        match first_start.await {
            Ok(Ok(())) => Ok(plugin),
            Ok(Err(error)) => Err(error),
            // The supervisor answers before it ends; only a runtime that shuts down takes it away.
            Err(_) => Err(LoadError::ShuttingDown),
        }
    }

    /// Loads every plugin that was found, several at a time, each after the plugins that it needs are active. These are
    /// among the found ones or loaded already.
    ///
    /// No failure of one stops the others, except those that need it: they give [`LoadError::Dependency`], which says why.
    /// The results are in the order of the discovery; what could not even be read is in its `problems`.
    pub async fn load_all(&self, found: Discovery) -> Vec<(PluginId, Result<Plugin, LoadError>)> {
        loading::load_all(self, found.packages).await
    }

    /// Every plugin that was to be loaded, also those that have failed or stopped, in the order of their ids.
    pub fn plugins(&self) -> Vec<Plugin> {
        self.inner.plugins.all()
    }

    /// The plugin with this id.
    pub fn plugin(&self, id: &str) -> Option<Plugin> {
        self.inner.plugins.get(id)
    }

    /// Every event from now on.
    pub fn events(&self) -> Events {
        self.inner.events.subscribe()
    }

    /// Asks every plugin to finish, waits, kills those that do not, and says which they were. Nothing can be loaded any
    /// more.
    pub async fn shutdown(&self) -> ShutdownReport {
        self.inner.shutting_down.store(true, Ordering::Release);
        let plugins = self.plugins();
        let running: Vec<Plugin> = plugins.into_iter().filter(|plugin| !plugin.is_finished()).collect();
        for plugin in &running {
            plugin.command(Command::Stop);
        }
        let mut report = ShutdownReport::default();
        for plugin in running {
            match plugin.finished().await {
                Exit::Stopped => report.stopped.push(plugin.id().clone()),
                Exit::Killed(reason) => report.killed.push((plugin.id().clone(), reason)),
                exit => report.crashed.push((plugin.id().clone(), exit)),
            }
        }
        report
    }

    /// Kills every plugin now, also while [`shutdown`](Host::shutdown) waits. Nothing can be loaded any more.
    pub fn kill_all(&self) {
        self.inner.shutting_down.store(true, Ordering::Release);
        self.inner.kill_all();
    }

    /// A plugin cannot be started, because of what it needs: it is listed as failed, as one whose own code fails, and an
    /// event tells of it. One with its id that runs is not touched.
    pub(super) fn refuse(&self, package: Package, unmet: Unmet) -> LoadError {
        let mut plugins = self.inner.plugins.lock();
        if self.inner.shutting_down.load(Ordering::Acquire) {
            return LoadError::ShuttingDown;
        }
        let error = LoadError::Dependency(Box::new(unmet));
        let before = plugins.get(&package.id);
        if before.is_some_and(|plugin| !plugin.is_finished()) {
            return error;
        }
        // It has no process, and so takes no number.
        let generation = before.map_or(0, |plugin| plugin.generation());
        let id = package.id.clone();
        plugins.insert(id.clone(), Plugin::refused(Arc::new(package), generation, &error));
        drop(plugins);
        self.inner.events.send(Event::Failed { plugin: id, error: error.clone() });
        error
    }

    pub(super) fn runtime(&self) -> &Handle {
        &self.inner.config.runtime
    }

    /// Every plugin that was loaded.
    pub(super) fn registry(&self) -> &Registry {
        &self.inner.plugins
    }

    fn start(
        &self,
        package: Arc<Package>,
        loaded: oneshot::Sender<Result<(), LoadError>>,
    ) -> Result<Plugin, LoadError> {
        let config = &self.inner.config;
        let id = package.id.clone();
        // Before the lock: the embedder's code may ask the host.
        let granted: BTreeSet<String> = package
            .asked()
            .filter(|permission| (config.grants)(&id, permission) == Grant::Allow)
            .map(|permission| permission.name)
            .collect();
        let mut plugins = self.inner.plugins.lock();
        if self.inner.shutting_down.load(Ordering::Acquire) {
            return Err(LoadError::ShuttingDown);
        }
        let before = plugins.get(&id);
        if before.is_some_and(|plugin| !plugin.is_finished()) {
            return Err(LoadError::Duplicate(id));
        }
        let first = before.map_or(1, |plugin| plugin.generation().saturating_add(1));
        let (plugin, commands) = Plugin::new(package, first);
        plugins.insert(id.clone(), plugin.clone());
        drop(plugins);
        let supervisor = Supervisor {
            plugin: plugin.clone(),
            granted,
            table: config.table.clone(),
            limits: config.limits.clone(),
            program: config.program.clone(),
            spawner: self.inner.spawner.clone(),
            events: self.inner.events.clone(),
            runtime: config.runtime.clone(),
            plugins: self.inner.plugins.clone(),
            waiting: self.inner.waiting.clone(),
            history: History::new(config.restart.clone(), seed_of(&id)),
            commands,
            first,
            loaded: Some(loaded),
        };
        config.runtime.spawn(supervisor.run());
        Ok(plugin)
    }
}

/// Plugins that crash together shall not start again together.
fn seed_of(id: &PluginId) -> u64 {
    id.as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

impl Inner {
    fn kill_all(&self) {
        for plugin in self.plugins.lock().values() {
            plugin.command(Command::Kill);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.kill_all();
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Host").field("plugins", &self.plugins()).finish_non_exhaustive()
    }
}

//! The host: what an embedder holds.

#[cfg(feature = "storage")]
use crate::Storage;
use crate::api::{Api, Table};
use crate::blackbox::Reports;
use crate::error::LoadError;
use crate::events::{Event, EventSender, Events};
use crate::launch::Spawner;
use crate::permissions::Office;
use crate::service::SafeMode;
use crate::service::builder::HostBuilder;
use crate::service::loading;
use crate::service::plugin::Plugin;
use crate::service::registry::Registry;
use crate::service::settings::Settings;
use crate::service::status::State;
use crate::services::Rooms;
use crate::supervise::{Command, Common, Driver, First, Life, Policy, Prepared, Restart};
use crate::{Exit, KillReason, Limits, PluginId};
use plughold_package::{Activation, Discovery, Package, Unmet};
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

/// A host that may be gone.
#[cfg(any(feature = "watch", feature = "control"))]
#[derive(Clone)]
pub(crate) struct WeakHost {
    inner: std::sync::Weak<Inner>,
}

#[cfg(any(feature = "watch", feature = "control"))]
impl WeakHost {
    /// The host, while somebody else keeps it.
    pub(crate) fn upgrade(&self) -> Option<Host> {
        self.inner.upgrade().map(|inner| Host { inner })
    }
}

/// What was decided when the host was built.
pub(crate) struct Config {
    pub(crate) table: Arc<Table>,
    pub(crate) program: PathBuf,
    pub(crate) limits: Limits,
    pub(crate) restart: Restart,
    /// None when everything is started.
    pub(crate) safe_mode: Option<SafeMode>,
    /// Who decides on permissions.
    pub(crate) office: Arc<Office>,
    pub(crate) settings: Settings,
    /// What plugins have on the disk.
    pub(crate) rooms: Rooms,
    pub(crate) reports: Option<Arc<Reports>>,
    pub(crate) runtime: Handle,
}

struct Inner {
    common: Arc<Common>,
    shutting_down: AtomicBool,
    /// The control socket, if it is offered.
    #[cfg(feature = "control")]
    control: std::sync::OnceLock<crate::control::Server>,
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
        let common = Arc::new(Common::new(config, spawner, events));
        let inner = Inner {
            common,
            shutting_down: AtomicBool::new(false),
            #[cfg(feature = "control")]
            control: std::sync::OnceLock::new(),
        };
        Host { inner: Arc::new(inner) }
    }

    /// Finds the plugins in a folder, and says what is wrong with the others. Starts nothing and runs nothing.
    pub fn discover(&self, folder: impl AsRef<Path>) -> Discovery {
        plughold_package::discover(folder)
    }

    /// Loads one plugin: starts its process, and returns when it is active. The plugins that it needs must be active, or rest.
    /// One that is started on use, as its manifest says, rests at first: then this returns at once.
    ///
    /// Returns a [`LoadError`] when its first start fails. [`plugins`](Host::plugins) lists the plugin all the same, and one
    /// that crashed then is still started again, as [`HostBuilder::restart`] says.
    pub async fn load(&self, package: Package) -> Result<Plugin, LoadError> {
        package.runs()?;
        if self.is_left_out(&package.id) {
            return Err(self.list(package, LoadError::SafeMode));
        }
        let met = package
            .dependencies
            .iter()
            .try_for_each(|dependency| self.inner.common.plugins.meets(dependency));
        if let Err(unmet) = met {
            return Err(self.refuse(package, unmet));
        }
        let (loaded, first_start) = oneshot::channel();
        let plugin = self.start(Arc::new(package), loaded)?;
        match first_start.await {
            Ok(Ok(())) => Ok(plugin),
            Ok(Err(error)) => Err(error),
            // The driver answers before it ends; only a runtime that shuts down takes it away.
            Err(_) => Err(LoadError::ShuttingDown),
        }
    }

    /// Stops a plugin and forgets it: it is listed no more. Says how it ended; none if there is no plugin with this id.
    pub async fn unload(&self, id: &str) -> Option<Exit> {
        let plugin = self.plugin(id)?;
        let exit = plugin.stop().await;
        let forgotten = {
            let mut plugins = self.inner.common.plugins.lock();
            // Another one may have been loaded in its place.
            let is_it = plugins.get(id).is_some_and(|listed| Arc::ptr_eq(listed.shared(), plugin.shared()));
            if is_it { plugins.remove(id) } else { None }
        };
        drop(forgotten);
        plugin.shared().unload();
        plugin.command(Command::Close { at_once: true });
        plugin.closed().await;
        Some(exit)
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
        self.inner.common.plugins.all()
    }

    /// The plugin with this id.
    pub fn plugin(&self, id: &str) -> Option<Plugin> {
        self.inner.common.plugins.get(id)
    }

    /// A user has changed settings of a plugin: asks [`HostBuilder::settings`] for all of them again, and tells the plugin, if it
    /// runs and listens by `plugin.onSettings`. False if there is no such plugin.
    pub fn settings_changed(&self, plugin: &PluginId) -> bool {
        let Some(listed) = self.plugin(plugin.as_str()) else { return false };
        let Common { config, events, .. } = &*self.inner.common;
        let settings = super::values(&listed.package(), &config.settings, events);
        config.rooms.of(plugin).settings.tell(&settings);
        true
    }

    /// What a plugin stores by key, also of one that is not loaded.
    #[cfg(feature = "storage")]
    pub fn storage(&self, plugin: &PluginId) -> Storage {
        Storage::new(self.inner.common.config.rooms.of(plugin))
    }

    /// Every event from now on.
    pub fn events(&self) -> Events {
        self.inner.common.events.subscribe()
    }

    /// Asks every plugin to finish, waits, kills those that do not, and says which they were. Nothing can be loaded any
    /// more.
    pub async fn shutdown(&self) -> ShutdownReport {
        self.inner.shutting_down.store(true, Ordering::Release);
        let plugins = self.plugins();
        let (finished, running): (Vec<_>, Vec<_>) = plugins.into_iter().partition(Plugin::is_finished);
        for plugin in finished.iter().chain(&running) {
            plugin.command(Command::Close { at_once: false });
        }
        let mut report = ShutdownReport::default();
        for plugin in &running {
            match plugin.finished().await {
                Exit::Stopped => report.stopped.push(plugin.id().clone()),
                Exit::Killed(reason) => report.killed.push((plugin.id().clone(), reason)),
                exit => report.crashed.push((plugin.id().clone(), exit)),
            }
        }
        // Of one that has just crashed the report may still be on its way to the disk.
        for plugin in finished.iter().chain(&running) {
            plugin.closed().await;
        }
        self.inner.common.config.office.written().await;
        report
    }

    /// Kills every plugin now, also while [`shutdown`](Host::shutdown) waits. Nothing can be loaded any more.
    pub fn kill_all(&self) {
        self.inner.shutting_down.store(true, Ordering::Release);
        self.inner.kill_all();
    }

    /// A plugin cannot be started, because of what it needs; unless it would not be started anyway.
    pub(super) fn refuse(&self, package: Package, unmet: Unmet) -> LoadError {
        let is_left_out = self.is_left_out(&package.id);
        let error = if is_left_out { LoadError::SafeMode } else { LoadError::Dependency(Box::new(unmet)) };
        self.list(package, error)
    }

    /// Whether safe mode does not start the plugin.
    fn is_left_out(&self, id: &PluginId) -> bool {
        self.inner.common.config.safe_mode.as_ref().is_some_and(|mode| !mode.starts(id))
    }

    /// A plugin is not started, for this reason: it is listed all the same, as one whose own code fails, and an event tells
    /// of it. One with its id that runs is not touched.
    fn list(&self, package: Package, error: LoadError) -> LoadError {
        let mut plugins = self.inner.common.plugins.lock();
        if self.inner.shutting_down.load(Ordering::Acquire) {
            return LoadError::ShuttingDown;
        }
        let before = plugins.get(&package.id).cloned();
        if before.as_ref().is_some_and(|plugin| !plugin.is_finished()) {
            return error;
        }
        // It has no process, and so takes no number.
        let last = before.as_ref().map_or(0, |plugin| plugin.shared().last());
        let is_safe = matches!(error, LoadError::SafeMode);
        let state = if is_safe { State::Stopped } else { State::Failed };
        let (plugin, ends) =
            Plugin::new(&self.inner.common.config, Arc::new(package), state, Some(&error), last);
        plugins.insert(plugin.id().clone(), plugin.clone());
        drop(plugins);
        let life = self.life(&plugin).refused(error.clone());
        self.drive(
            before,
            Driver::new(self.inner.common.clone(), plugin.clone(), life, None, ends),
            First::Nothing,
        );
        if !is_safe {
            self.inner
                .common
                .events
                .send(Event::Failed { plugin: plugin.id().clone(), error: error.clone() });
        }
        error
    }

    /// The life of a plugin that has not begun.
    fn life(&self, plugin: &Plugin) -> Life {
        let config = &self.inner.common.config;
        let policy = Policy::new(&config.limits, config.restart.clone());
        let first = plugin.shared().last().saturating_add(1);
        Life::new(plugin.id().clone(), policy, seed_of(plugin.id()), first)
    }

    /// A plugin takes the place of the one that was listed under its id before.
    fn drive(&self, before: Option<Plugin>, driver: Driver, first: First) {
        if let Some(before) = before {
            before.shared().unload();
            before.command(Command::Close { at_once: true });
        }
        self.runtime().spawn(driver.run(first));
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.inner.common.config.runtime
    }

    /// Whether nothing is loaded any more.
    #[cfg(feature = "watch")]
    pub(crate) fn is_shutting_down(&self) -> bool {
        self.inner.shutting_down.load(Ordering::Acquire)
    }

    /// Tells whoever listens.
    #[cfg(feature = "watch")]
    pub(crate) fn tell(&self, event: Event) {
        self.inner.common.events.send(event);
    }

    /// The host, for those that must not keep it.
    #[cfg(any(feature = "watch", feature = "control"))]
    pub(crate) fn downgrade(&self) -> WeakHost {
        WeakHost { inner: Arc::downgrade(&self.inner) }
    }

    /// Opens the control socket, once.
    #[cfg(feature = "control")]
    pub(crate) fn open_control(&self, control: crate::Control) -> Result<(), crate::BuildError> {
        let server = crate::control::Server::start(control, self).map_err(crate::BuildError::Control)?;
        // A builder opens one.
        let _ = self.inner.control.set(server);
        Ok(())
    }

    /// The functions that it offers to plugins.
    #[cfg(feature = "control")]
    pub(crate) fn table(&self) -> Arc<Table> {
        self.inner.common.config.table.clone()
    }

    /// Every plugin that was loaded.
    pub(crate) fn registry(&self) -> &Registry {
        &self.inner.common.plugins
    }

    fn start(
        &self,
        package: Arc<Package>,
        loaded: oneshot::Sender<Result<(), LoadError>>,
    ) -> Result<Plugin, LoadError> {
        // Before the lock: the embedder's code may ask the host.
        let prepared = Arc::new(Prepared::new(package.clone(), &self.inner.common));
        let mut plugins = self.inner.common.plugins.lock();
        if self.inner.shutting_down.load(Ordering::Acquire) {
            return Err(LoadError::ShuttingDown);
        }
        let before = plugins.get(&package.id).cloned();
        if before.as_ref().is_some_and(|plugin| !plugin.is_finished()) {
            return Err(LoadError::Duplicate(package.id.clone()));
        }
        let last = before.as_ref().map_or(0, |plugin| plugin.shared().last());
        let is_on_use = package.activation == Activation::Needed;
        let state = if is_on_use { State::Resting } else { State::Starting };
        let (plugin, ends) = Plugin::new(&self.inner.common.config, package, state, None, last);
        plugins.insert(plugin.id().clone(), plugin.clone());
        drop(plugins);
        let life = self.life(&plugin);
        let life = if is_on_use { life.resting() } else { life };
        let driver = Driver::new(self.inner.common.clone(), plugin.clone(), life, Some(prepared), ends);
        if is_on_use {
            // Whoever loads it may have lost interest.
            let _ = loaded.send(Ok(()));
            self.drive(before, driver, First::Nothing);
        } else {
            self.drive(before, driver, First::Start(loaded));
        }
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
        for plugin in self.common.plugins.lock().values() {
            plugin.command(Command::Close { at_once: true });
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

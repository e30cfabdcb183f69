//! How a host is built.

use crate::api::{Api, Table};
use crate::blackbox::Reports;
use crate::error::BuildError;
use crate::events::EventSender;
use crate::launch::{Lockdown, RunnerProgram, Sandbox, Spawner, find_program};
use crate::permissions::{Ask, Audit, Broker, Office};
use crate::service::SafeMode;
use crate::service::host::{Config, Host};
use crate::service::settings::Settings;
use crate::services::Rooms;
use crate::supervise::Restart;
use crate::{Json, Limits, PluginId};
use plughold_package::{Permission, Setting};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Whether a plugin gets a permission that its manifest asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grant {
    /// It gets it.
    Allow,
    /// It does not.
    Deny,
    /// Somebody is [asked](HostBuilder::ask) when the plugin needs it for the first time. Without anybody who could be, it
    /// does not get it.
    Ask,
}

pub(crate) type Grants = Arc<dyn Fn(&PluginId, &Permission) -> Grant + Send + Sync>;

/// Builds a [`Host`]; from [`Host::builder`].
pub struct HostBuilder<S> {
    api: Api<S>,
    runner: RunnerProgram,
    limits: Limits,
    restart: Restart,
    safe_mode: Option<SafeMode>,
    grants: Grants,
    ask: Option<Ask>,
    audit: Option<PathBuf>,
    observes: bool,
    settings: Settings,
    data: Option<PathBuf>,
    reports: Option<PathBuf>,
    lockdown: Lockdown,
    #[cfg(feature = "control")]
    control: Option<crate::Control>,
}

impl<S: Send + Sync + 'static> HostBuilder<S> {
    pub(crate) fn new(api: Api<S>) -> HostBuilder<S> {
        HostBuilder {
            api,
            runner: RunnerProgram::default(),
            limits: Limits::default(),
            restart: Restart::default(),
            safe_mode: None,
            grants: Arc::new(|_, _| Grant::Deny),
            ask: None,
            audit: None,
            observes: false,
            settings: Arc::new(|_, _| None),
            data: None,
            reports: None,
            lockdown: Lockdown::default(),
            #[cfg(feature = "control")]
            control: None,
        }
    }

    /// Which program is executed as a runner; [`RunnerProgram::Auto`] unless it is given.
    pub fn runner(mut self, program: impl Into<RunnerProgram>) -> HostBuilder<S> {
        self.runner = program.into();
        self
    }

    /// How much a plugin may use, and how long it may take.
    pub fn limits(mut self, limits: Limits) -> HostBuilder<S> {
        self.limits = limits;
        self
    }

    /// When a plugin's process is started again after it has ended; after failures unless it is given.
    pub fn restart(mut self, policy: Restart) -> HostBuilder<S> {
        self.restart = policy;
        self
    }

    /// Starts nothing, or nothing but the named plugins: what is loaded is listed as stopped, and loading it gives
    /// [`LoadError::SafeMode`](crate::LoadError::SafeMode). [`Plugin::start`](crate::Plugin::start) starts one by hand.
    pub fn safe_mode(mut self, mode: SafeMode) -> HostBuilder<S> {
        self.safe_mode = Some(mode);
        self
    }

    /// Where a [`Report`](crate::Report) is written of each process that ends in a way that nobody asked for: at most 20
    /// files of at most 256 KiB, of which the oldest are removed. The folder is made when it is needed. Without it nothing
    /// is written.
    pub fn reports(mut self, folder: impl Into<PathBuf>) -> HostBuilder<S> {
        self.reports = Some(folder.into());
        self
    }

    /// Gives each plugin a place for data below this folder: the files that it sees as `/plugin-data`
    /// ([`Limits::files`] bytes at most), and what it stores by key ([`Limits::storage`](crate::Limits::storage)). The folder
    /// is made when it is needed. Without it plugins have none, and read their own packages only.
    pub fn data(mut self, folder: impl Into<PathBuf>) -> HostBuilder<S> {
        self.data = Some(folder.into());
        self
    }

    /// How far plugins' processes are locked down; as far as the machine can unless it is given.
    pub fn sandbox(mut self, wanted: Sandbox) -> HostBuilder<S> {
        self.lockdown.wanted = wanted;
        self
    }

    /// Lets plugins run where they cannot be locked down, or where [`sandbox`](HostBuilder::sandbox) wants level D. A
    /// plugin then has all rights of the application's user as soon as it finds a mistake in the engine.
    pub fn allow_unsandboxed(mut self) -> HostBuilder<S> {
        self.lockdown.allow_unsandboxed = true;
        self
    }

    /// Decides on each permission that a manifest asks for, when the plugin is loaded, and again when it is reloaded.
    /// Without a decision nothing is granted. What [`Plugin::grant`](crate::Plugin::grant) and
    /// [`Plugin::revoke`](crate::Plugin::revoke) decide stands over it until the plugin is unloaded or loaded anew.
    pub fn grants(
        mut self,
        decide: impl Fn(&PluginId, &Permission) -> Grant + Send + Sync + 'static,
    ) -> HostBuilder<S> {
        self.grants = Arc::new(decide);
        self
    }

    /// Asks somebody about a permission for which [`grants`](HostBuilder::grants) gives [`Grant::Ask`], when a call of the
    /// plugin needs it: once for each plugin and permission, however many calls wait meanwhile. The answer is remembered
    /// until the plugin is unloaded or loaded anew. No answer within [`Limits::ask`] is [`Grant::Deny`].
    ///
    /// [`Permission::reason`] is what the plugin's author says: data of a stranger.
    pub fn ask<F>(mut self, ask: impl Fn(PluginId, Permission) -> F + Send + Sync + 'static) -> HostBuilder<S>
    where
        F: Future<Output = Grant> + Send + 'static,
    {
        self.ask = Some(Arc::new(move |plugin, permission| Box::pin(ask(plugin, permission))));
        self
    }

    /// As [`ask`](HostBuilder::ask), by a program that decides: it gets one line of JSON for each question.
    ///
    /// ```no_run
    /// # fn build<S: Send + Sync + 'static>(builder: plughold::HostBuilder<S>) -> plughold::HostBuilder<S> {
    /// use plughold::{Broker, Grant};
    ///
    /// builder.grants(|_, _| Grant::Ask).broker(Broker::new("/usr/libexec/policy"))
    /// # }
    /// ```
    pub fn broker(self, broker: Broker) -> HostBuilder<S> {
        self.ask(move |plugin, permission| {
            let broker = broker.clone();
            async move { broker.ask(&plugin, &permission).await }
        })
    }

    /// Where each decision on a permission is written down: a file to which one line of JSON is added for each
    /// [`Event::Permission`](crate::Event::Permission). At 1 MiB it is put behind three older ones. A line that the disk
    /// does not take is lost, and nothing else; [`Host::shutdown`] waits for the lines before it.
    pub fn audit(mut self, file: impl Into<PathBuf>) -> HostBuilder<S> {
        self.audit = Some(file.into());
        self
    }

    /// Notes what plugins use, with the place in their code, for whoever writes their manifests:
    /// [`Plugin::uses`](crate::Plugin::uses). What a manifest does not ask for is decided by
    /// [`grants`](HostBuilder::grants) as if it did, and [`Grant::Ask`] is a denial then. Calls take longer, because each
    /// of the first ones of a function says where it was made.
    pub fn observe(mut self) -> HostBuilder<S> {
        self.observes = true;
        self
    }

    /// Says what users have set, for each setting that a manifest declares: when the plugin is loaded, and again when it
    /// is reloaded. Without a value the setting has its default, as with one that it
    /// [cannot have](plughold_package::Setting::check), of which [`Event::SettingRefused`](crate::Event::SettingRefused)
    /// tells. The plugin reads them as `plugin.settings`, of what its `activate(plugin)` is passed, and hears of later changes
    /// by `plugin.onSettings` when [`Host::settings_changed`] is called.
    pub fn settings(
        mut self,
        value: impl Fn(&PluginId, &Setting) -> Option<Json> + Send + Sync + 'static,
    ) -> HostBuilder<S> {
        self.settings = Arc::new(value);
        self
    }

    /// Offers a control socket to other programs of the same user, such as the command `plughold`, until the last clone of
    /// the host is dropped. Without it there is none.
    #[cfg(feature = "control")]
    pub fn control(mut self, control: crate::Control) -> HostBuilder<S> {
        self.control = Some(control);
        self
    }

    /// Builds the host, inside a tokio runtime with time and I/O enabled, which will run its tasks. Starts one thread and
    /// no process.
    ///
    /// Returns [`BuildError`] when the API contradicts itself, no runner is found, or there is no runtime.
    pub fn build(self) -> Result<Host, BuildError> {
        if !cfg!(target_os = "linux") {
            return Err(BuildError::Platform);
        }
        let runtime = Handle::try_current().map_err(|_| BuildError::NoRuntime)?;
        let events = EventSender::new();
        let office = Office {
            rule: self.grants,
            ask: self.ask,
            within: self.limits.ask,
            observes: self.observes,
            audit: self.audit.map(Audit::start).transpose().map_err(BuildError::Audit)?,
            events: events.clone(),
            runtime: runtime.clone(),
        };
        let config = Config {
            table: Arc::new(Table::new(self.api)?),
            program: find_program(&self.runner)?,
            rooms: Rooms::new(self.data, &self.limits),
            limits: self.limits,
            restart: self.restart,
            safe_mode: self.safe_mode,
            office: Arc::new(office),
            settings: self.settings,
            reports: self.reports.map(|folder| Arc::new(Reports::new(folder))),
            runtime,
        };
        let spawner = Spawner::start(self.lockdown).map_err(BuildError::Thread)?;
        let host = Host::new(config, spawner, events);
        #[cfg(feature = "control")]
        if let Some(control) = self.control {
            host.open_control(control)?;
        }
        Ok(host)
    }
}

impl<S> fmt::Debug for HostBuilder<S> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = to.debug_struct("HostBuilder");
        debug.field("api", &self.api).field("runner", &self.runner).field("limits", &self.limits);
        debug.field("restart", &self.restart).finish_non_exhaustive()
    }
}

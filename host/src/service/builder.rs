//! How a host is built.

use crate::api::{Api, Table};
use crate::blackbox::Reports;
use crate::error::BuildError;
use crate::events::EventSender;
use crate::launch::{Lockdown, RunnerProgram, Sandbox, Spawner, find_program};
use crate::service::SafeMode;
use crate::service::host::{Config, Host};
use crate::service::settings::Settings;
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
    settings: Settings,
    reports: Option<PathBuf>,
    lockdown: Lockdown,
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
            settings: Arc::new(|_, _| None),
            reports: None,
            lockdown: Lockdown::default(),
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

    /// Decides on each permission that a manifest asks for, when the plugin is loaded. Without a decision nothing is
    /// granted.
    pub fn grants(
        mut self,
        decide: impl Fn(&PluginId, &Permission) -> Grant + Send + Sync + 'static,
    ) -> HostBuilder<S> {
        self.grants = Arc::new(decide);
        self
    }

    /// Says what users have set, for each setting that a manifest declares: when the plugin is loaded, and again when it
    /// is reloaded. Without a value the setting has its default, as with one that it
    /// [cannot have](plughold_package::Setting::check), of which [`Event::SettingRefused`](crate::Event::SettingRefused)
    /// tells. The plugin reads them in `ctx.settings`.
    pub fn settings(
        mut self,
        value: impl Fn(&PluginId, &Setting) -> Option<Json> + Send + Sync + 'static,
    ) -> HostBuilder<S> {
        self.settings = Arc::new(value);
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
        let config = Config {
            table: Arc::new(Table::new(self.api)?),
            program: find_program(&self.runner)?,
            limits: self.limits,
            restart: self.restart,
            safe_mode: self.safe_mode,
            grants: self.grants,
            settings: self.settings,
            reports: self.reports.map(|folder| Arc::new(Reports::new(folder))),
            runtime,
        };
        let spawner = Spawner::start(self.lockdown).map_err(BuildError::Thread)?;
        Ok(Host::new(config, spawner, EventSender::new()))
    }
}

impl<S> fmt::Debug for HostBuilder<S> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = to.debug_struct("HostBuilder");
        debug.field("api", &self.api).field("runner", &self.runner).field("limits", &self.limits);
        debug.field("restart", &self.restart).finish_non_exhaustive()
    }
}

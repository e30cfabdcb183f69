//! How a host is built.

use crate::api::{Api, Table};
use crate::error::BuildError;
use crate::events::EventSender;
use crate::launch::{RunnerProgram, Spawner, find_program};
use crate::service::host::{Config, Host};
use crate::service::restart::Restart;
use crate::{Limits, PluginId};
use plughold_package::Permission;
use std::fmt;
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
    grants: Grants,
}

impl<S: Send + Sync + 'static> HostBuilder<S> {
    pub(crate) fn new(api: Api<S>) -> HostBuilder<S> {
        HostBuilder {
            api,
            runner: RunnerProgram::default(),
            limits: Limits::default(),
            restart: Restart::default(),
            grants: Arc::new(|_, _| Grant::Deny),
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

    /// Decides on each permission that a manifest asks for, when the plugin is loaded. Without a decision nothing is
    /// granted.
    pub fn grants(
        mut self,
        decide: impl Fn(&PluginId, &Permission) -> Grant + Send + Sync + 'static,
    ) -> HostBuilder<S> {
        self.grants = Arc::new(decide);
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
            grants: self.grants,
            runtime,
        };
        let spawner = Spawner::start().map_err(BuildError::Thread)?;
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

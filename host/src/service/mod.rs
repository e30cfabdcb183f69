//! The plugin service: loads, starts, supervises and stops plugins.
//!
//! - [`Host`] and [`HostBuilder`]: what an embedder holds
//! - `loading`: many plugins at once, each after those that it needs
//! - [`Plugin`]: one loaded plugin, through all its processes
//! - `registry`: the plugins of a host, by id
//! - [`supervisor`]: the task that keeps one plugin running
//! - `generation`: one process of a plugin, as its supervisor follows it
//! - [`restart`]: when a plugin that crashed starts again, as a pure state machine
//! - [`activation`]: from "its code has run" to "it is active"

mod activation;
mod builder;
mod generation;
mod host;
mod loading;
mod plugin;
mod registry;
mod restart;
mod status;
mod supervisor;

pub(crate) use activation::Activation;
pub use builder::{Grant, HostBuilder};
pub use host::{Host, ShutdownReport};
pub use plugin::Plugin;
pub(crate) use registry::Registry;
pub use restart::{Backoff, Restart};
pub use status::{ErrorInfo, OpenStreams, PluginInfo, References, State, Timing};

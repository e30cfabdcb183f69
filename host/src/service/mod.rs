//! The plugin service: loads, starts, supervises and stops plugins.
//!
//! - [`Host`] and [`HostBuilder`]: what an embedder holds
//! - `loading`: many plugins at once, each after those that it needs
//! - [`Plugin`]: one loaded plugin, through all its processes
//! - `settings`: what plugins' settings are
//! - `registry`: the plugins of a host, by id
//! - `shared`: what its handles and its driver share
//! - [`SafeMode`]: starting nothing

mod activity;
mod builder;
mod host;
mod loading;
mod plugin;
mod registry;
mod safe_mode;
mod settings;
mod shared;
mod status;

pub use activity::Activity;
pub(crate) use builder::Grants;
pub use builder::{Grant, HostBuilder};
pub(crate) use host::Config;
#[cfg(any(feature = "watch", feature = "control"))]
pub(crate) use host::WeakHost;
pub use host::{Host, ShutdownReport};
pub use plugin::Plugin;
pub(crate) use plugin::Route;
pub(crate) use registry::Registry;
pub use safe_mode::SafeMode;
pub(crate) use settings::values;
pub use status::{ErrorInfo, OpenStreams, PluginInfo, References, State, Timing};

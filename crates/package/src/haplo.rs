//! Haplo's format: a folder with a `plugin.json`, its JavaScript below `js/`, and files for the platform beside it.
//!
//! What Haplo accepts is accepted and what it refuses is refused, in its own words; only that all problems are told at
//! once, each with its line. Sources: Haplo's public documentation of server-side plugins, and the behaviour of the
//! platform as its tests show it.
//!
//! - [`manifest`] reads `plugin.json`; [`plugin`] everything that a folder says, and what is wrong with its layout
//! - [`requirements`]: what plugins need of the application's schema, and all of that together
//! - [`together`]: what is wrong with plugins side by side
//! - [`paths`]: which paths of requests and of files a plugin may have
//! - [`install`]: what is installed with what, and in which order plugins load
//! - [`css`]: names in style sheets that the platform replaces
//! - [`license`]: the key that an author gives to one application

pub mod css;
pub mod install;
pub mod license;
pub mod manifest;
pub mod paths;
pub mod plugin;
pub mod requirements;
pub mod together;

pub(crate) use plugin::open_folder;

pub use plugin::HaploPlugin;

#[cfg(test)]
mod cases;

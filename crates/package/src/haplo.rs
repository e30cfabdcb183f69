//! Haplo's format: a folder with a `plugin.json`, its JavaScript below `js/`, and files for the platform beside it.
//!
//! What Haplo accepts is accepted and what it refuses is refused, in its own words; only that all problems are told at
//! once, each with its line. Sources: Haplo's public documentation of server-side plugins, and the behaviour of the
//! platform as its tests show it.
//!
//! - [`manifest`] reads `plugin.json`
//! - [`paths`]: which paths of requests and of files a plugin may have
//! - [`install`]: what is installed with what, and in which order plugins load
//! - [`css`]: names in style sheets that the platform replaces
//! - [`license`]: the key that an author gives to one application

pub mod css;
pub mod install;
pub mod license;
pub mod manifest;
pub mod paths;

#[cfg(test)]
mod cases;

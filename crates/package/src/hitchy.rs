//! Hitchy's format: folders with a `hitchy.json` in the `node_modules` of an application.
//!
//! What each step does is what Hitchy 0.6 does, except where its documentation says otherwise or where it would not come to
//! an end; each exception is named where it is made. The steps that need a plugin's JavaScript are apart from those that
//! do not: a role that a plugin claims while it is loaded is brought to [`roles::Claims`] by whoever runs it.
//!
//! - [`application`]: an application with its plugins, and all steps together
//! - [`beacon`] reads `hitchy.json`
//! - [`search`]: all plugins of an application, in order of discovery
//! - [`roles`]: which plugin takes which role, and who is dropped
//! - [`order`]: who is enabled, and in which order plugins run

pub mod application;
pub mod beacon;
pub mod order;
mod plugin;
pub mod roles;
pub mod search;

pub(crate) use plugin::open_folder;

pub use application::{Application, Exported};
pub use beacon::{BEACON, Beacon};

#[cfg(test)]
mod cases;

//! The Joplin platform: what a note application offers to Joplin plugins.
//!
//! # Layout
//!
//! - [`store`]: the data half. Notes, folders, tags, settings and a headless editor on SQLite.

pub mod store;

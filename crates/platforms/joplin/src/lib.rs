//! The Joplin platform: what a note application offers to Joplin plugins.
//!
//! ```no_run
//! use plughold::{Host, Json};
//! use plughold_joplin::Joplin;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let joplin = Joplin::open("profile")?;
//! let host = Host::builder(joplin.api()).build()?;
//! host.load_all(host.discover("plugins")).await;
//! joplin.execute("textBold", vec![]).await?;
//! println!("{}", joplin.editor().text()?);
//! # Ok(())
//! # }
//! ```
//!
//! There is no window: what plugins add to one (buttons, menus, panels) is kept as data, and what they would show or do in
//! one is written to a [`journal`].
//!
//! # Layout
//!
//! - [`platform`]: [`Joplin`], the one handle to all of it, and the functions that plugins find.
//! - [`profile`]: where everything is on disk; `installation`: where a plugin finds its own files; `welcome`: the first note.
//! - `lifecycle`: how a plugin starts (`joplin.plugins.*`), and what it may know of the application.
//! - `data`, `settings`, `workspace`, `clipboard`: the functions of these names, on the store.
//! - [`commands`]: what plugins register and execute; `app_commands`: the application's own.
//! - [`content_scripts`] and [`views`]: what plugins add to a window. `unsupported`: what nobody can do without one.
//! - [`events`]: plugins' listeners; [`journal`]: what a window would have shown.
//! - `turns`: whose turn it is to work on the store, off the threads of the runtime.
//! - `failure`: errors on their way to a plugin.
//! - [`limits`]: every bound on what a plugin may register and every time that it may take, with its reason.
//! - [`store`]: the data half. Notes, folders, tags, settings and a headless editor on SQLite.

mod app_commands;
mod clipboard;
pub mod commands;
pub mod content_scripts;
mod data;
pub mod events;
mod failure;
mod installation;
pub mod journal;
mod lifecycle;
pub mod limits;
pub mod platform;
pub mod profile;
mod settings;
pub mod store;
mod turns;
mod unsupported;
pub mod views;
mod welcome;
mod workspace;

pub use commands::ExecuteError;
pub use events::NoteChange;
pub use platform::{Joplin, OpenError};

/// A plugin's function of any arguments and any result.
pub(crate) type PluginFunction = plughold::Callback<Vec<plughold::Json>, plughold::Json>;

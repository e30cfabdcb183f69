//! Watches folders of plugins: what is dropped in is loaded, what changes is reloaded, what is gone is unloaded.
//!
//! - `options`: what is watched, and how; `watching`: ends it when it is dropped
//! - `settle`: when a place is to be looked at, and when what was seen counts, as a pure machine
//! - `inventory`: which plugin each place has brought and what follows from what is seen, as a pure machine
//! - `sieve`: what a change is about, by its path; `inbox`: what was heard and not looked at yet
//! - `notices`: the operating system's notices; `looks`: looking at places, without reading what has not changed
//! - `driver`: the task that takes all this to each other; `deeds`: what it does with the host

#[cfg(feature = "watch")]
mod deeds;
#[cfg(feature = "watch")]
mod driver;
mod error;
#[cfg(feature = "watch")]
mod inbox;
#[cfg(feature = "watch")]
mod inventory;
#[cfg(feature = "watch")]
mod looks;
#[cfg(feature = "watch")]
mod notices;
#[cfg(feature = "watch")]
mod options;
#[cfg(feature = "watch")]
mod settle;
#[cfg(feature = "watch")]
mod sieve;
#[cfg(feature = "watch")]
mod watching;

pub use error::WatchError;
#[cfg(feature = "watch")]
pub use options::Watch;
#[cfg(feature = "watch")]
pub use watching::Watching;

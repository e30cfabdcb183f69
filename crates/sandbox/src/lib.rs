//! How a runner gives up its rights, and how a host checks from outside that it did.
//!
//! A process that has locked itself can compute, use its own memory, read from and write to one descriptor, and exit;
//! nothing else, also when it is taken over completely. What is given up is a [`Plan`]; [`lock`] reaches exactly that
//! plan or fails; a [`Witness`] sees from another process whether that is true; [`Search`] finds out what a machine can do.
//!
//! # Layout
//!
//! - `level`, `layer`: how far, and by which mechanisms
//! - `plan`: what a process shall give up, and what it says when it has
//! - `search`: the strongest plan that a machine can carry out, found by trying
//! - `trapped`: what a locked process tried
//! - `witness`: what a process claims against what it was given and what the system says
//! - `linux`, `macos`, `windows`: the mechanisms, one file each
//! - `error`: what can go wrong

mod error;
mod layer;
mod level;
mod plan;
mod search;
mod trapped;
mod witness;

#[cfg(target_os = "linux")]
#[path = "linux/mod.rs"]
mod system;

#[cfg(target_os = "macos")]
#[path = "macos/mod.rs"]
mod system;

#[cfg(windows)]
#[path = "windows/mod.rs"]
mod system;

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
#[path = "other.rs"]
mod system;

pub use error::{Error, Mismatch};
pub use layer::{Layer, Layers};
pub use level::Level;
pub use plan::{Calls, Established, OnViolation, Plan};
pub use search::{Capabilities, Missing, Search, Trial};
#[cfg(windows)]
pub use system::{Job, restricted_token};
pub use system::{call_name, lock};
pub use trapped::Trapped;
pub use witness::Witness;

//! How a runner's process is started, seen and ended.

mod page;
mod pidfd;
mod process;
mod program;
mod sandbox;
mod slice;
mod spawner;
mod stat;
mod trial;

pub(crate) use page::ControlPage;
pub(crate) use process::{Process, resident_bytes};
pub use program::RunnerProgram;
pub(crate) use program::find as find_program;
pub(crate) use sandbox::Lockdown;
pub use sandbox::Sandbox;
pub(crate) use spawner::Spawner;
pub(crate) use stat::{Standing, stat};

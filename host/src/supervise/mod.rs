//! What keeps plugins running.
//!
//! - [`life`]: one plugin's life as a pure state machine, with [`wishes`], [`happenings`] and [`endings`]
//! - [`input`], [`action`]: what it hears, and what it wants done
//! - [`process`]: one process as the machine knows it; [`ground`]: what a plugin is without one
//! - [`policy`], [`restart`]: times, and when a plugin that crashed starts again
//! - [`driver`]: the task that does what the machine wants, and tells it what happens
//! - [`command`]: what somebody wants; [`generations`]: the processes that there are
//! - [`launching`]: from a package ([`prepared`]) to a process; [`running`]: all that can be heard of one
//! - [`activation`]: from "its code has run" to "it is active"
//! - `reporting`: what is written down of a bad end
//! - [`common`]: what all plugins of a host have in common

mod action;
mod activation;
mod command;
mod common;
mod driver;
mod endings;
mod generations;
mod ground;
mod happenings;
mod input;
mod launching;
mod life;
mod policy;
mod prepared;
mod process;
mod reporting;
mod restart;
mod running;
#[cfg(test)]
mod tests;
mod wishes;

pub(crate) use action::{Action, Answer, Edition};
pub(crate) use activation::Activation;
pub(crate) use command::{Command, First, Used};
pub(crate) use common::Common;
pub(crate) use driver::Driver;
pub(crate) use input::{Input, Wish};
pub(crate) use life::Life;
pub(crate) use policy::Policy;
pub(crate) use prepared::Prepared;
pub use restart::{Backoff, Restart};
pub(crate) use running::Facts;

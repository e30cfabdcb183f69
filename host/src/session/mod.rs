//! The conversation with one process of one plugin: a *session*, from `Hello` until the socket closes.
//!
//! - [`Session`]: what everybody shares: send, call, release
//! - `sending`: what waits to be written
//! - [`calls`]: the table of calls to the plugin, as a pure state machine
//! - [`serving`]: the calls of the plugin that the application serves
//! - [`connection`]: the one task that reads the socket
//! - [`greeting`]: from `Hello` to `Locked`
//! - [`watch`]: what a runner does while it does not read, as a pure state machine

pub(crate) mod calls;
pub(crate) mod connection;
pub(crate) mod greeting;
pub(crate) mod rate;
mod sending;
pub(crate) mod serving;
mod shared;
pub(crate) mod watch;

pub(crate) use calls::Ticket;
pub(crate) use sending::{Ending, Needs};
pub(crate) use shared::{Session, SessionParts};

//! The conversation with one process of one plugin: a *session*, from `Hello` until the socket closes.
//!
//! - [`Session`]: what everybody shares: send, release, end; `calling`: calls and answers
//! - `sending`: what waits to be written; `pipe`: where it is written to
//! - [`calls`]: the table of calls to the plugin, as a pure state machine; `ticket`: a caller's end of one
//! - [`serving`]: the calls of the plugin that the application serves
//! - [`chain`]: which call was made while serving which; [`cancellation`]: whether one is still wanted
//! - [`circles`]: plugins that wait for each other, as a pure state machine; [`waiting`]: the same, shared by all sessions
//! - [`berths`]: how much of a plugin's window other plugins take
//! - [`exports`]: what the plugin holds of the host; [`held`]: calls of that
//! - [`imports`]: what the host holds of the plugin; [`scope`]: what its messages refer to
//! - [`connection`]: the one task that reads the socket; [`heard`]: what a runner may say; `dispatch`: what a plugin calls and
//!   answers; `modules`: the text of what it loads
//! - [`greeting`]: from `Hello` to `Locked`; [`handover`]: what the plugin leaves to its next process
//! - [`standing`]: which process of a plugin stands for it, and what goes when it no longer does
//! - `costs`: what the process costs, what is in flight and what is held, for whoever wants to know
//! - [`rate`], [`shares`]: what one plugin may do in a second, and what it may take of the threads that all share
//! - [`watch`]: what a runner does while it does not read, as a pure state machine; `doing`: the same in words for everybody;
//!   `glimpse`: where it is

pub(crate) mod berths;
mod calling;
pub(crate) mod calls;
pub(crate) mod cancellation;
pub(crate) mod chain;
pub(crate) mod circles;
pub(crate) mod connection;
mod costs;
mod dispatch;
mod doing;
mod exports;
mod gate;
mod glimpse;
pub(crate) mod greeting;
pub(crate) mod handover;
pub(crate) mod heard;
pub(crate) mod held;
mod imports;
mod modules;
mod pipe;
pub(crate) mod rate;
mod scope;
mod sending;
pub(crate) mod serving;
mod shared;
pub(crate) mod shares;
pub(crate) mod standing;
#[cfg(test)]
mod tests;
mod ticket;
pub(crate) mod waiting;
pub(crate) mod watch;

pub(crate) use chain::Link;
pub(crate) use exports::{ExportTable, Exported, TooMany};
pub(crate) use handover::HandOver;
#[cfg(test)]
pub(crate) use pipe::Pipe;
pub(crate) use sending::{Ending, Needs};
pub(crate) use shared::{Session, SessionParts};
pub(crate) use ticket::Ticket;

//! The command as its users see it: the real binary, real plugins, exact words.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod call;
mod check;
mod doctor;
mod documents;
mod hints;
mod list;
mod manual;
mod operate;
mod pack;
mod perms;
mod ps;
mod run;
mod safe_mode;
mod sandbox;
mod signals;
mod support;
mod terminal;
mod watch;
mod worst;

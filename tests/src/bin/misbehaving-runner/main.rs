//! A runner that does one thing wrong.
//!
//! The host starts it as any other runner. The id of the plugin tells it what to do wrong; it finds the id by looking at
//! `Hello` without taking it from the socket, so that it can misbehave before anything is read. For every other plugin
//! it executes the honest runner in its place: thus one host serves good and bad plugins side by side.
//!
//! # Layout
//!
//! - `runner`: a runner by hand, for behaviours that begin after a proper start
//! - `mortal`: a socket that is the end of whoever reads too much of it
//! - `loading`: what goes wrong before the plugin is loaded
//! - `serving`: what goes wrong while the host calls
//! - `streams`: streams against the rules
//! - `anything`: anything, at random
//! - `control`: the control page
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::exit,
    clippy::print_stdout,
    reason = "it is here to misbehave"
)]

mod anything;
mod control;
mod loading;
mod mortal;
mod runner;
mod serving;
mod streams;

use runner::Runner;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// A name, and what a runner of this name does. When the function returns, the process ends with code 0.
type Behaviour = (&'static str, fn(&mut Runner));

fn main() {
    let argument = std::env::args().nth(1).unwrap_or_default();
    if argument == "--list" {
        behaviours().for_each(|(name, _)| println!("{name}"));
        return;
    }
    let mut runner = Runner::inherit();
    let plugin = runner.plugin().to_owned();
    if let Some(bytes) = plugin.strip_prefix("dies-after-reading-") {
        return loading::die_after_reading(&mut runner, bytes.parse().unwrap());
    }
    if let Some(bytes) = plugin.strip_prefix("dies-after-") {
        return loading::die_after(&mut runner, bytes.parse().unwrap());
    }
    match behaviours().find(|(name, _)| *name == plugin) {
        Some((_, behave)) => behave(&mut runner),
        None => become_honest(&argument),
    }
}

fn behaviours() -> impl Iterator<Item = &'static Behaviour> {
    loading::BEHAVIOURS
        .iter()
        .chain(serving::BEHAVIOURS)
        .chain(streams::BEHAVIOURS)
        .chain(anything::BEHAVIOURS)
}

fn become_honest(argument: &str) {
    let program = std::env::current_exe().unwrap().with_file_name("test-runner");
    let error = Command::new(program).arg(argument).env_clear().exec();
    panic!("the honest runner cannot be executed: {error}");
}

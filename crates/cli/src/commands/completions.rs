//! `plughold completions`: what a shell needs to complete the command line.

use crate::args::{Args, Completions};
use crate::exit::Exit;
use clap::CommandFactory;
use std::io::{self, Write};

pub(super) fn execute(args: &Completions) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "plughold", &mut script);
    // Not by way of a terminal's filter: it is a program's text, and no words for people.
    io::stdout().write_all(&script)?;
    Ok(Exit::Success)
}

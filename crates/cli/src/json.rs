//! JSON on standard output. A plugin's text in it shall not move a cursor or turn the direction of writing.

use crate::text;
use anyhow::Context;
use serde::Serialize;
use std::io::{self, IsTerminal, Write};

/// Prints one value: on several lines for people, on one line for programs.
pub(crate) fn print(value: &impl Serialize) -> anyhow::Result<()> {
    let is_for_people = io::stdout().is_terminal();
    let text = if is_for_people { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) }
        .context("the result cannot be written as JSON")?;
    print_text(&text)?;
    Ok(())
}

/// Prints one value on one line, as streams need it.
pub(crate) fn print_line(value: &impl Serialize) -> io::Result<()> {
    print_text(&serde_json::to_string(value)?)
}

fn print_text(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "{}", text::json(text))?;
    out.flush()
}

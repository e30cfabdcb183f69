//! JSON on standard output.

use crate::text::is_disruptive;
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
    writeln!(out, "{}", visible(text))?;
    out.flush()
}

/// Escapes what JSON may hold as it is but a terminal may obey: a plugin's text shall not move its cursor or turn the
/// direction of its writing. Such characters stand inside of strings only, so it stays the same JSON.
fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for character in text.chars() {
        let is_layout = character == '\n';
        if is_disruptive(character) && !is_layout {
            visible.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            visible.push(character);
        }
    }
    visible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_a_cursor_and_it_stays_the_same_json() {
        let hostile = serde_json::json!("a\u{1b}[2J\u{9b}2J\u{7f}\u{202e}ä\n");
        let shown = visible(&hostile.to_string());
        assert_eq!(shown, r#""a\u001b[2J\u009b2J\u007f\u202eä\n""#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), hostile);
    }
}

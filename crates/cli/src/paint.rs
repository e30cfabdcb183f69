//! The colours of the command. They are always written; the streams take them out where nobody would see them.

use anstyle::{AnsiColor, Style};
use plughold::{Level, State};
use std::fmt;

/// For what stands beside the thing that matters: places, advice.
pub(crate) const DIM: Style = Style::new().dimmed();
/// For what a reader looks for first.
pub(crate) const BOLD: Style = Style::new().bold();
/// For what went wrong.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// For what may go wrong.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();
/// For what goes well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// For what says what to do.
pub(crate) const HELP: Style = AnsiColor::Cyan.on_default();

/// `text` in `style`.
pub(crate) fn paint(style: Style, text: impl fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The colour of a log line's level.
pub(crate) fn of_level(level: Level) -> Style {
    match level {
        Level::Debug => DIM,
        Level::Info => Style::new(),
        Level::Warn => WARNING,
        Level::Error => ERROR,
    }
}

/// The same for a plugin of another process.
pub(crate) fn of_running(state: plughold_control::record::State) -> comfy_table::Color {
    use plughold_control::record::State;
    match state {
        State::Active => comfy_table::Color::DarkGreen,
        State::Starting => comfy_table::Color::DarkCyan,
        State::Unresponsive | State::Backoff => comfy_table::Color::DarkYellow,
        State::Failed | State::Disabled => comfy_table::Color::DarkRed,
        _ => comfy_table::Color::DarkGrey,
    }
}

/// The colour of a state, for tables.
pub(crate) fn of_state(state: State) -> comfy_table::Color {
    match state {
        State::Active => comfy_table::Color::DarkGreen,
        State::Starting => comfy_table::Color::DarkCyan,
        State::Unresponsive | State::Backoff => comfy_table::Color::DarkYellow,
        State::Failed | State::Disabled => comfy_table::Color::DarkRed,
        _ => comfy_table::Color::DarkGrey,
    }
}

//! What is shown of a plugin, and what plugins are sorted by.

use super::Row;
use crate::table::{self, mebibytes};
use crate::text::line;
use crate::time::brief;
use std::cmp::Ordering;
use std::time::Duration;

/// One column of the live table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Column {
    /// Its id
    Plugin,
    /// The stage of its life
    State,
    /// Its share of one core
    Cpu,
    /// Its memory
    Memory,
    /// Calls a second, in both directions
    Calls,
    /// How long half of the calls to it take at most
    P50,
    /// How long ninety-nine of a hundred calls to it take at most
    P99,
    /// Calls that are not answered
    Queue,
    /// Functions and objects that are held
    Refs,
    /// Starts after the first
    Restarts,
    /// The name of its host
    Host,
}

impl Column {
    /// Every column, in the order in which they stand.
    pub(crate) const ALL: [Column; 11] = [
        Column::Plugin,
        Column::State,
        Column::Cpu,
        Column::Memory,
        Column::Calls,
        Column::P50,
        Column::P99,
        Column::Queue,
        Column::Refs,
        Column::Restarts,
        Column::Host,
    ];

    /// What stands above it.
    pub(crate) fn header(self) -> &'static str {
        match self {
            Column::Plugin => "PLUGIN",
            Column::State => "STATE",
            Column::Cpu => "CPU",
            Column::Memory => "MEMORY",
            Column::Calls => "CALLS/S",
            Column::P50 => "P50",
            Column::P99 => "P99",
            Column::Queue => "QUEUE",
            Column::Refs => "REFS",
            Column::Restarts => "RESTARTS",
            Column::Host => "HOST",
        }
    }

    /// How easily it can be missed on a narrow terminal; 0 stays.
    pub(crate) fn spare(self) -> u8 {
        match self {
            Column::Plugin | Column::State | Column::Cpu => 0,
            Column::Memory => 1,
            Column::P99 => 2,
            Column::Calls => 3,
            Column::Restarts => 4,
            Column::Queue => 5,
            Column::Refs => 6,
            Column::Host => 7,
            Column::P50 => 8,
        }
    }

    /// Whether it holds words and not a number.
    pub(crate) fn is_text(self) -> bool {
        matches!(self, Column::Plugin | Column::State | Column::Host)
    }

    /// What stands in it.
    pub(crate) fn cell(self, row: &Row) -> String {
        let runs = row.pid.is_some();
        let running = |text: String| if runs { text } else { "–".to_owned() };
        let time = |ns| match ns {
            0 => "–".to_owned(),
            ns => brief(Duration::from_nanos(ns)),
        };
        match self {
            Column::Plugin => line(&row.plugin).into_owned(),
            Column::State => row.state.word().to_owned(),
            Column::Cpu => running(format!("{:.1}%", row.cpu_percent)),
            Column::Memory => running(mebibytes(row.memory_bytes)),
            Column::Calls => running(format!("{:.1}", row.calls_per_second)),
            Column::P50 => running(time(row.p50_ns)),
            Column::P99 => running(time(row.p99_ns)),
            Column::Queue => running(row.queue.to_string()),
            Column::Refs => running(row.references.to_string()),
            Column::Restarts => row.restarts.to_string(),
            Column::Host => line(&row.host).into_owned(),
        }
    }

    /// The order by this column: the greatest number first, names as in a dictionary; what is equal by id.
    pub(crate) fn compare(self, one: &Row, other: &Row) -> Ordering {
        let order = match self {
            Column::Plugin => Ordering::Equal,
            Column::State => one.state.word().cmp(other.state.word()),
            Column::Cpu => other.cpu_percent.total_cmp(&one.cpu_percent),
            Column::Memory => other.memory_bytes.cmp(&one.memory_bytes),
            Column::Calls => other.calls_per_second.total_cmp(&one.calls_per_second),
            Column::P50 => other.p50_ns.cmp(&one.p50_ns),
            Column::P99 => other.p99_ns.cmp(&one.p99_ns),
            Column::Queue => other.queue.cmp(&one.queue),
            Column::Refs => other.references.cmp(&one.references),
            Column::Restarts => other.restarts.cmp(&one.restarts),
            Column::Host => one.host.cmp(&other.host),
        };
        order.then_with(|| (&one.plugin, one.host_pid).cmp(&(&other.plugin, other.host_pid)))
    }
}

/// The same as a table that is printed once.
pub(crate) fn plain(rows: &[Row]) -> String {
    let header = Column::ALL.map(Column::header);
    let cells = rows.iter().map(|row| Vec::from_iter(Column::ALL.map(|column| column.cell(row))));
    table::of_rows(&header, cells.collect())
}

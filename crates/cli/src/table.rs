//! Plugins as a table that fits the terminal.

use crate::snapshot::Entry;
use crate::{paint, text, time};
use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table};
use plughold::Package;
use plughold_control::record::{Figures, HostInfo, Plugin as Running};
use std::time::Duration;

/// What stands in a cell without a value.
const NONE: &str = "–";

/// Running plugins. The table is as wide as the terminal at most; where there is none, each plugin has one line.
pub(crate) fn of_plugins(plugins: &[Entry]) -> String {
    show(&arranged(plugins_columns(plugins), None))
}

/// Packages that nobody has started.
pub(crate) fn of_packages(packages: &[Package]) -> String {
    show(&arranged(packages_columns(packages), None))
}

/// The plugins of running hosts.
pub(crate) fn of_hosts(plugins: &[(&Running, &HostInfo)]) -> String {
    show(&arranged(hosts_columns(plugins), None))
}

/// Any rows, of which all cells but the last are right-aligned and stay whole.
pub(crate) fn of_rows(header: &[&'static str], rows: Vec<Vec<String>>) -> String {
    let mut columns =
        Vec::from_iter(header.iter().map(|&header| Column { header, spare: 0, cells: Vec::new() }));
    let last = columns.len().saturating_sub(1);
    for row in rows {
        for (index, (column, text)) in columns.iter_mut().zip(row).enumerate() {
            column.cells.push(if index < last { number(Some(text)) } else { Cell::new(text) });
        }
    }
    show(&arranged(columns, None))
}

/// The least room for the last column, whose text is broken into lines.
const LAST: usize = 16;

/// A terminal that says it is narrower does not know its width.
const NARROWEST: u16 = 20;

/// The spaces between two columns.
const GAP: u16 = 2;

/// One column, before it is known whether there is room for it.
struct Column {
    header: &'static str,
    /// Columns that can be missed are left out on a narrow terminal, the highest number first; 0 stays.
    spare: u8,
    cells: Vec<Cell>,
}

fn plugins_columns(plugins: &[Entry]) -> Vec<Column> {
    let column = |header, spare, cell: fn(&Entry) -> Cell| Column {
        header,
        spare,
        cells: plugins.iter().map(cell).collect(),
    };
    vec![
        column("PLUGIN", 0, |plugin| Cell::new(&plugin.id).add_attribute(Attribute::Bold)),
        column("VERSION", 3, |plugin| Cell::new(&plugin.version)),
        column("FORMAT", 4, |plugin| Cell::new(&plugin.format)),
        column("STATE", 0, |plugin| Cell::new(plugin.state.word()).fg(paint::of_state(plugin.state))),
        column("PID", 1, |plugin| number(plugin.pid.map(|pid| pid.to_string()))),
        column("MEMORY", 1, |plugin| number(plugin.memory_bytes.map(mebibytes))),
        column("RESTARTS", 2, |plugin| number(Some(plugin.restarts.to_string()))),
        column("COMMANDS", 0, |plugin| list(&plugin.commands)),
    ]
}

fn hosts_columns(plugins: &[(&Running, &HostInfo)]) -> Vec<Column> {
    let column = |header, spare, cell: fn(&Running) -> Cell| Column {
        header,
        spare,
        cells: plugins.iter().map(|(plugin, _)| cell(plugin)).collect(),
    };
    let hosts = plugins.iter().map(|(plugin, host)| {
        let name = text::line(&host.name);
        match &plugin.error {
            // The first line: the whole stands where somebody looks at the one plugin.
            Some(error) => {
                let what = error.message.lines().next().unwrap_or_default();
                Cell::new(format!("{name}  ({})", text::line(what)))
            }
            None => Cell::new(name),
        }
    });
    let host = Column { header: "HOST", spare: 0, cells: hosts.collect() };
    let mut columns = vec![
        column("PLUGIN", 0, |plugin| Cell::new(text::line(&plugin.id)).add_attribute(Attribute::Bold)),
        column("VERSION", 5, |plugin| Cell::new(text::line(&plugin.version))),
        column("STATE", 0, |plugin| Cell::new(plugin.state.word()).fg(paint::of_running(plugin.state))),
        column("PID", 2, |plugin| number(plugin.pid.map(|pid| pid.to_string()))),
        column("UPTIME", 3, |plugin| {
            let figures = plugin.figures.as_ref().filter(|_| plugin.pid.is_some());
            number(figures.map(|figures| time::long(Duration::from_millis(figures.uptime_ms))))
        }),
        column("MEMORY", 1, |plugin| number(plugin.memory_bytes.map(mebibytes))),
        column("CPU", 1, |plugin| {
            let figures = plugin.figures.as_ref().filter(|_| plugin.pid.is_some());
            // Of one core, in the last minute or since it was started.
            let share = |figures: &Figures| {
                let time = figures.uptime_ms.clamp(1, 60_000) * 1_000;
                format!("{:.1}%", figures.cpu.last_minute_us as f64 * 100.0 / time as f64)
            };
            number(figures.map(share))
        }),
        column("CALLS", 4, |plugin| number(Some((plugin.calls_in + plugin.calls_out).to_string()))),
        column("P99", 4, |plugin| {
            let latency = plugin.figures.as_ref().map(|figures| figures.to_plugin.latency.p99_ns);
            let measured = latency.filter(|&p99| 0 < p99);
            number(measured.map(|p99| time::brief(Duration::from_nanos(p99))))
        }),
        column("RESTARTS", 2, |plugin| number(Some(plugin.restarts.to_string()))),
    ];
    columns.push(host);
    columns
}

fn packages_columns(packages: &[Package]) -> Vec<Column> {
    let column = |header, spare, cell: fn(&Package) -> Cell| Column {
        header,
        spare,
        cells: packages.iter().map(cell).collect(),
    };
    vec![
        column("PLUGIN", 0, |package| Cell::new(&package.id).add_attribute(Attribute::Bold)),
        column("VERSION", 1, |package| Cell::new(&package.version)),
        column("FORMAT", 3, |package| Cell::new(package.format)),
        column("NAME", 2, |package| Cell::new(&package.name)),
        column("PERMISSIONS", 1, |package| {
            list(&Vec::from_iter(package.asked().map(|permission| permission.name)))
        }),
        column("FROM", 0, |package| Cell::new(text::path(&package.source))),
    ]
}

/// The table of the columns for which there is room. The last one takes what is left, and its text is broken into lines.
fn arranged(mut columns: Vec<Column>, width: Option<u16>) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    // The stream takes the colours out where they are not wanted.
    table.enforce_styling();
    // Otherwise the spaces after the last name would be coloured, and stay.
    table.style_text_only();
    match width.or(table.width()).filter(|width| NARROWEST <= *width) {
        Some(width) => {
            table.set_width(width);
            leave_out(&mut columns, usize::from(width));
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    let header = columns.iter().map(|column| Cell::new(column.header).add_attribute(Attribute::Dim));
    table.set_header(Vec::from_iter(header));
    let mut cells: Vec<_> = columns.into_iter().map(|column| column.cells.into_iter()).collect();
    loop {
        let row: Vec<Cell> = cells.iter_mut().filter_map(Iterator::next).collect();
        if row.is_empty() {
            break;
        }
        table.add_row(row);
    }
    let last = table.column_count().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index < last { GAP } else { 0 }));
        if index < last {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

fn leave_out(columns: &mut Vec<Column>, width: usize) {
    let needed = |columns: &[Column]| {
        let all_but_last = columns.split_last().map_or(&[][..], |(_, others)| others);
        all_but_last.iter().map(|column| column.width() + usize::from(GAP)).sum::<usize>() + LAST
    };
    while width < needed(columns) {
        let most_spare = columns.iter().enumerate().rev().max_by_key(|(_, column)| column.spare);
        match most_spare {
            Some((index, column)) if 0 < column.spare => drop(columns.remove(index)),
            _ => return,
        }
    }
}

impl Column {
    /// In characters.
    fn width(&self) -> usize {
        let cells = self.cells.iter().map(|cell| cell.content().chars().count());
        cells.chain([self.header.len()]).max().unwrap_or(0)
    }
}

fn number(text: Option<String>) -> Cell {
    Cell::new(text.as_deref().unwrap_or(NONE)).set_alignment(CellAlignment::Right)
}

fn list(names: &[String]) -> Cell {
    if names.is_empty() {
        return Cell::new(NONE);
    }
    let names: Vec<_> = names.iter().map(|name| text::line(name)).collect();
    Cell::new(names.join(", "))
}

/// Memory for people.
pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

fn show(table: &Table) -> String {
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use plughold::{State, Timing};

    fn entry(id: &str, state: State, commands: &[&str]) -> Entry {
        let runs = state == State::Active;
        Entry {
            id: id.to_owned(),
            name: id.to_owned(),
            version: "1.0.0".to_owned(),
            format: "native".to_owned(),
            state,
            pid: runs.then_some(4_242),
            generation: 1,
            restarts: 0,
            memory_bytes: runs.then_some(5_000_000),
            timing_us: Timing::default(),
            sandbox: None,
            commands: commands.iter().map(|name| (*name).to_owned()).collect(),
            error: None,
        }
    }

    #[track_caller]
    fn check(width: u16, expected: Expect) {
        let plugins = [
            entry("hello", State::Active, &["hello.greet", "hello.part"]),
            entry("word-count", State::Failed, &[]),
        ];
        let table = arranged(plugins_columns(&plugins), Some(width));
        expected.assert_eq(&anstream::adapter::strip_str(&show(&table)).to_string());
    }

    #[test]
    fn it_fits_the_terminal() {
        check(
            120,
            expect![[r#"
            PLUGIN      VERSION  FORMAT  STATE   PID   MEMORY   RESTARTS  COMMANDS
            hello       1.0.0    native  active  4242  4.8 MiB         0  hello.greet, hello.part
            word-count  1.0.0    native  failed     –        –         0  –"#]],
        );
        check(
            70,
            expect![[r#"
            PLUGIN      VERSION  STATE   PID   MEMORY   RESTARTS  COMMANDS
            hello       1.0.0    active  4242  4.8 MiB         0  hello.greet,
                                                                  hello.part
            word-count  1.0.0    failed     –        –         0  –"#]],
        );
        check(
            40,
            expect![[r#"
            PLUGIN      STATE   COMMANDS
            hello       active  hello.greet,
                                hello.part
            word-count  failed  –"#]],
        );
    }

    #[test]
    fn what_can_be_missed_of_running_plugins_is_left_out() {
        let host = HostInfo { name: "notes".to_owned(), ..HostInfo::default() };
        let mut hello = Running { id: "hello".to_owned(), version: "1.2.0".to_owned(), ..Running::default() };
        hello.state = plughold_control::record::State::Active;
        (hello.pid, hello.memory_bytes) = (Some(4_121), Some(4_300_000));
        let mut figures = Figures { uptime_ms: 131_000, ..Figures::default() };
        figures.cpu.last_minute_us = 600_000;
        figures.to_plugin.latency.p99_ns = 210_000;
        hello.figures = Some(figures);
        let mut broken =
            Running { id: "broken".to_owned(), version: "0.1.0".to_owned(), ..Running::default() };
        broken.state = plughold_control::record::State::Failed;
        let message = "out of memory\nand more".to_owned();
        broken.error = Some(plughold_control::record::PluginError { message, ..Default::default() });
        let check = |width, expected: Expect| {
            let table = arranged(hosts_columns(&[(&hello, &host), (&broken, &host)]), Some(width));
            expected.assert_eq(&anstream::adapter::strip_str(&show(&table)).to_string());
        };
        check(
            120,
            expect![[r#"
                PLUGIN  VERSION  STATE   PID   UPTIME  MEMORY   CPU   CALLS  P99     RESTARTS  HOST
                hello   1.2.0    active  4121  2m 11s  4.1 MiB  1.0%      0  210 µs         0  notes
                broken  0.1.0    failed     –       –        –     –      0       –         0  notes  (out of memory)"#]],
        );
        check(
            70,
            expect![[r#"
                PLUGIN  STATE   PID   MEMORY   CPU   RESTARTS  HOST
                hello   active  4121  4.1 MiB  1.0%         0  notes
                broken  failed     –        –     –         0  notes  (out of memory)"#]],
        );
    }

    #[test]
    fn a_terminal_without_a_width_gets_the_whole_table() {
        check(
            0,
            expect![[r#"
                PLUGIN      VERSION  FORMAT  STATE   PID   MEMORY   RESTARTS  COMMANDS
                hello       1.0.0    native  active  4242  4.8 MiB         0  hello.greet, hello.part
                word-count  1.0.0    native  failed     –        –         0  –"#]],
        );
    }

    #[test]
    fn the_name_of_a_command_does_nothing() {
        let shown =
            show(&arranged(plugins_columns(&[entry("a", State::Active, &["b\u{1b}[2J\nc"])]), Some(120)));
        assert!(shown.contains("b\u{fffd}[2J\u{fffd}c"), "{shown:?}");
    }

    #[test]
    fn the_state_has_a_colour() {
        let shown = show(&arranged(plugins_columns(&[entry("hello", State::Failed, &[])]), Some(120)));
        assert!(shown.contains("\u{1b}[38;5;1mfailed\u{1b}[39m"), "{shown:?}");
    }
}

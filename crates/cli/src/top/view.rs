//! The screen of `plughold top` and its keys.

use super::{Column, Row};
use crate::text::line;
use plughold_control::record::State;
use ratatui::Frame;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::{Alignment, Constraint, Layout};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Cell, Paragraph, Row as Shown, Table, TableState, Wrap};

/// The spaces between two columns.
const GAP: u16 = 2;

/// Lines below the table that say what the chosen plugin does.
const DETAIL: u16 = 3;

const KEYS: &str = "↑ ↓ plugin   ← → sort by   r reverse   q quit";

/// What somebody at the keyboard wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// See the same with what was changed.
    Draw,
    /// That it ends.
    Quit,
    /// That it ends at once: Ctrl-C.
    Interrupt,
}

/// What is on the screen.
#[derive(Debug)]
pub(crate) struct View {
    rows: Vec<Row>,
    by: Column,
    is_reversed: bool,
    /// The host and the id of the chosen plugin, which stays chosen wherever it moves.
    chosen: Option<(u32, String)>,
}

impl View {
    /// A screen without plugins, sorted by a column.
    pub(crate) fn new(by: Column) -> View {
        View { rows: Vec::new(), by, is_reversed: false, chosen: None }
    }

    /// Shows these plugins from now on.
    pub(crate) fn update(&mut self, rows: Vec<Row>) {
        self.rows = rows;
        self.sort();
    }

    /// Does what a key stands for.
    pub(crate) fn press(&mut self, key: KeyEvent) -> Wish {
        match key.code {
            KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return Wish::Interrupt,
            KeyCode::Char('q') | KeyCode::Esc => return Wish::Quit,
            KeyCode::Char('r') => self.is_reversed = !self.is_reversed,
            KeyCode::Left => self.sort_by_neighbour(Column::ALL.len() - 1),
            KeyCode::Right => self.sort_by_neighbour(1),
            KeyCode::Up => self.choose(|index| index.saturating_sub(1)),
            KeyCode::Down => self.choose(|index| index + 1),
            _ => {}
        }
        self.sort();
        Wish::Draw
    }

    /// Draws everything.
    pub(crate) fn draw(&self, frame: &mut Frame<'_>) {
        let parts = Layout::vertical([
            Constraint::Length(1),
            Constraint::Fill(1),
            Constraint::Length(DETAIL),
            Constraint::Length(1),
        ]);
        let [title, table, detail, keys] = parts.areas(frame.area());
        frame.render_widget(Paragraph::new(self.title()), title);
        let columns = self.columns(table.width);
        let mut state = TableState::default().with_selected(self.chosen_index());
        frame.render_stateful_widget(self.table(&columns), table, &mut state);
        frame.render_widget(self.detail(), detail);
        frame.render_widget(Paragraph::new(KEYS).dim(), keys);
    }

    fn title(&self) -> String {
        let running = self.rows.iter().filter(|row| row.pid.is_some()).count();
        let bad = self.rows.iter().filter(|row| is_bad(row.state)).count();
        let (all, by) = (self.rows.len(), self.by.header().to_lowercase());
        format!("{all} plugins, {running} with a process, {bad} with a problem; by {by}")
    }

    /// Those for which there is room.
    fn columns(&self, width: u16) -> Vec<(Column, u16)> {
        let width_of = |column: Column| {
            let cells = self.rows.iter().map(|row| column.cell(row).chars().count());
            // An arrow stands beside the header of the column that is sorted by.
            let most = cells.chain([column.header().len() + 1]).max().unwrap_or(0);
            u16::try_from(most).unwrap_or(u16::MAX)
        };
        let mut columns = Vec::from_iter(Column::ALL.map(|column| (column, width_of(column))));
        let needed = |columns: &[(Column, u16)]| {
            columns.iter().map(|(_, width)| u32::from(*width) + u32::from(GAP)).sum::<u32>()
        };
        while u32::from(width) + u32::from(GAP) < needed(&columns) {
            let most_spare = columns.iter().enumerate().max_by_key(|(_, (column, _))| column.spare());
            match most_spare {
                Some((index, (column, _))) if 0 < column.spare() => drop(columns.remove(index)),
                _ => break,
            }
        }
        columns
    }

    fn table(&self, columns: &[(Column, u16)]) -> Table<'static> {
        let header = columns.iter().map(|&(column, _)| {
            let arrow = match (column == self.by, self.is_reversed) {
                (true, false) => "▼",
                (true, true) => "▲",
                (false, _) => "",
            };
            let words = Line::from(format!("{}{arrow}", column.header())).dim();
            Cell::from(Text::from(words.alignment(alignment(column))))
        });
        let rows = self.rows.iter().map(|row| {
            Shown::new(columns.iter().map(|&(column, _)| {
                let span = Span::styled(column.cell(row), style(column, row));
                Cell::from(Text::from(Line::from(span).alignment(alignment(column))))
            }))
        });
        let widths = columns.iter().map(|&(_, width)| Constraint::Length(width));
        Table::new(rows, widths)
            .header(Shown::new(header))
            .column_spacing(GAP)
            .row_highlight_style(Style::new().reversed())
    }

    /// What the chosen plugin does, or what went wrong with it.
    fn detail(&self) -> Paragraph<'static> {
        let Some(row) = self.chosen_index().and_then(|index| self.rows.get(index)) else {
            return Paragraph::new("");
        };
        let process = row.pid.map_or_else(String::new, |pid| format!(", process {pid}"));
        let what = row.doing.lines().next().unwrap_or_default();
        let (id, state, host, pid) = (line(&row.plugin), row.state.word(), line(&row.host), row.host_pid);
        let head = format!("{id}: {state}{process}, on {host} ({pid})");
        Paragraph::new(vec![Line::from(head).bold(), Line::from(line(what).into_owned())])
            .wrap(Wrap { trim: true })
    }

    fn sort(&mut self) {
        let (by, is_reversed) = (self.by, self.is_reversed);
        self.rows.sort_by(|one, other| match is_reversed {
            false => by.compare(one, other),
            true => by.compare(other, one),
        });
    }

    fn sort_by_neighbour(&mut self, distance: usize) {
        let index = Column::ALL.iter().position(|column| *column == self.by).unwrap_or(0);
        self.by = Column::ALL.into_iter().cycle().nth(index + distance).unwrap_or(self.by);
    }

    fn choose(&mut self, next: impl Fn(usize) -> usize) {
        let index = self.chosen_index().map_or(0, next).min(self.rows.len().saturating_sub(1));
        self.chosen = self.rows.get(index).map(|row| (row.host_pid, row.plugin.clone()));
    }

    fn chosen_index(&self) -> Option<usize> {
        let (host, id) = self.chosen.as_ref()?;
        self.rows.iter().position(|row| row.host_pid == *host && row.plugin == *id)
    }
}

fn is_bad(state: State) -> bool {
    matches!(state, State::Failed | State::Disabled | State::Backoff | State::Unresponsive)
}

fn alignment(column: Column) -> Alignment {
    if column.is_text() { Alignment::Left } else { Alignment::Right }
}

fn style(column: Column, row: &Row) -> Style {
    match (column, row.state) {
        (Column::State, State::Active) => Style::new().fg(Color::Green),
        (Column::State, State::Failed | State::Disabled) => Style::new().fg(Color::Red),
        (Column::State, State::Unresponsive | State::Backoff) => Style::new().fg(Color::Yellow),
        (Column::State, _) => Style::new().dim(),
        (Column::Plugin, _) => Style::new().bold(),
        _ => Style::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    fn view() -> View {
        let row = |plugin: &str, state, pid, cpu_percent, memory_bytes, p99_ns| Row {
            plugin: plugin.to_owned(),
            host: "notes".to_owned(),
            host_pid: 9,
            state,
            pid,
            cpu_percent,
            memory_bytes,
            p99_ns,
            doing: format!("what {plugin} does"),
            ..Row::default()
        };
        let mut view = View::new(Column::Cpu);
        view.update(vec![
            row("broken", State::Failed, None, 0.0, 0, 0),
            row("hello", State::Active, Some(4_121), 1.0, 4_300_000, 210_000),
            row("looper", State::Unresponsive, Some(4_122), 99.5, 4_200_000, 0),
        ]);
        view
    }

    #[track_caller]
    fn check(view: &View, width: u16, expected: Expect) {
        let mut terminal = Terminal::new(TestBackend::new(width, 9)).unwrap();
        terminal.draw(|frame| view.draw(frame)).unwrap();
        let buffer = terminal.backend().buffer();
        let lines = buffer.content().chunks(usize::from(width)).map(|cells| {
            let line: String = cells.iter().map(|cell| cell.symbol()).collect();
            line.trim_end().to_owned() + "\n"
        });
        expected.assert_eq(&lines.collect::<String>());
    }

    fn press(view: &mut View, code: KeyCode) -> Wish {
        view.press(KeyEvent::from(code))
    }

    #[test]
    fn the_greediest_stands_first_and_what_there_is_no_room_for_is_left_out() {
        check(
            &view(),
            110,
            expect![[r#"
            3 plugins, 2 with a process, 2 with a problem; by cpu
            PLUGIN   STATE          CPU▼   MEMORY   CALLS/S   P50     P99   QUEUE   REFS   RESTARTS  HOST
            looper   unresponsive  99.5%  4.0 MiB       0.0     –       –       0      0          0  notes
            hello    active         1.0%  4.1 MiB       0.0     –  210 µs       0      0          0  notes
            broken   failed            –        –         –     –       –       –      –          0  notes



            ↑ ↓ plugin   ← → sort by   r reverse   q quit
        "#]],
        );
        check(
            &view(),
            40,
            expect![[r#"
            3 plugins, 2 with a process, 2 with a pr
            PLUGIN   STATE          CPU▼   MEMORY
            looper   unresponsive  99.5%  4.0 MiB
            hello    active         1.0%  4.1 MiB
            broken   failed            –        –



            ↑ ↓ plugin   ← → sort by   r reverse   q
        "#]],
        );
    }

    #[test]
    fn keys_sort_and_choose() {
        let mut view = view();
        // By memory, which looper has less of; it stays chosen.
        assert_eq!(press(&mut view, KeyCode::Down), Wish::Draw);
        press(&mut view, KeyCode::Right);
        check(
            &view,
            60,
            expect![[r#"
            3 plugins, 2 with a process, 2 with a problem; by memory
            PLUGIN   STATE           CPU  MEMORY▼   CALLS/S     P99
            hello    active         1.0%  4.1 MiB       0.0  210 µs
            looper   unresponsive  99.5%  4.0 MiB       0.0       –
            broken   failed            –        –         –       –
            looper: unresponsive, process 4122, on notes (9)
            what looper does

            ↑ ↓ plugin   ← → sort by   r reverse   q quit
        "#]],
        );
        press(&mut view, KeyCode::Char('r'));
        assert_eq!(view.rows[0].plugin, "broken");
        press(&mut view, KeyCode::Left);
        press(&mut view, KeyCode::Left);
        assert_eq!(view.by, Column::State);
        assert_eq!(press(&mut view, KeyCode::Char('q')), Wish::Quit);
        let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(view.press(interrupt), Wish::Interrupt);
    }
}

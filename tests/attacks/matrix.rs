//! The matrix on disk, and when a machine may differ from it.
//!
//! A column of this machine has to be the one in the file, but for two rules:
//!
//! - Where an attack fails without any sandbox, because this kernel lacks the call or this machine forbids it, it may fail
//!   in the same way under a layer.
//! - What Landlock alone keeps out is told for its version 6. An older one leaves some of it as it is without a sandbox.
//!
//! At the levels there are no rules but one: an instruction that this kernel does not have ends the process in its way.

use crate::columns::{Attack, Column, attacks, of_name};
use crate::outcome::Outcome;
use crate::{document, kernel};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

/// Set when the files are to be written, and not to be compared with.
const UPDATE: &str = "UPDATE_DOCUMENTS";

/// What stands at the head of the file.
const HEAD: &str = "\
# What comes of each attack: without a sandbox, with one layer alone, and at the levels C, B and A, on Linux for x86-64
# as a user without rights.
#
# succeeds  it worked, and its effect was seen        killed   the filter has ended the process (SIGSYS)
# nothing   allowed, but there was nothing to be had  refused  the filter has refused the call; the process ended itself
# E…        the kernel refused, with this error       SIG…     another signal has ended the process
#
# Written by `UPDATE_DOCUMENTS=1 cargo test -p plughold-tests --test attacks`; to be reviewed by people.
";

/// Attacks that Landlock keeps out since a version that is not its first.
const SINCE: [(u32, i64); 7] = [(26, 3), (44, 4), (46, 4), (53, 6), (73, 6), (76, 6), (77, 6)];

/// Tests that write the file take turns.
static FILE: Mutex<()> = Mutex::new(());

/// What is known of every attack.
pub(crate) struct Matrix {
    pub(crate) attacks: Vec<Attack>,
    columns: BTreeMap<String, Vec<Outcome>>,
}

impl Matrix {
    /// The one on disk.
    pub(crate) fn read() -> Matrix {
        let mut columns = BTreeMap::new();
        let text = fs::read_to_string(path("matrix.txt")).unwrap_or_default();
        let mut lines = text.lines().filter(|line| !line.starts_with('#')).map(|line| {
            let cells = line.split('|').map(str::trim);
            Vec::from_iter(cells)
        });
        let names = lines.next().unwrap_or_default();
        for cells in lines {
            for (name, cell) in names.iter().zip(cells).skip(3) {
                let column: &mut Vec<Outcome> = columns.entry((*name).to_owned()).or_default();
                column.push(Outcome(cell.to_owned()));
            }
        }
        Matrix { attacks: attacks(), columns }
    }

    /// What the attacks come to in a column.
    pub(crate) fn column(&self, column: Column) -> &[Outcome] {
        self.columns.get(&column.name()).map(Vec::as_slice).unwrap_or_default()
    }

    fn write(&self) {
        let columns =
            Vec::from_iter(Column::all().into_iter().filter(|column| !self.column(*column).is_empty()));
        let mut text = HEAD.to_owned();
        write!(text, "{:>3} | {:9} | {:44}", "", "class", "attack").unwrap();
        columns.iter().for_each(|column| write!(text, " | {:12}", column.name()).unwrap());
        for (row, attack) in self.attacks.iter().enumerate() {
            write!(text, "\n{:3} | {:9} | {:44}", attack.number, attack.class, attack.name).unwrap();
            for column in &columns {
                let outcomes = self.column(*column);
                write!(text, " | {:12}", outcomes.get(row).map_or("?", |outcome| &outcome.0)).unwrap();
            }
        }
        let lines = Vec::from_iter(text.lines().map(str::trim_end));
        fs::write(path("matrix.txt"), lines.join("\n") + "\n").unwrap();
    }
}

/// Whether files are written in this run.
pub(crate) fn is_updating() -> bool {
    env::var_os(UPDATE).is_some()
}

/// A file beside these tests.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("attacks").join(name)
}

/// Compares columns with those on disk, or puts them there. `without` is what this machine does without a sandbox.
#[track_caller]
pub(crate) fn settle(columns: &[(Column, Vec<Outcome>)], without: &[Outcome]) {
    let _turn = FILE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut matrix = Matrix::read();
    if is_updating() {
        matrix.columns.extend(columns.iter().map(|(column, outcomes)| (column.name(), outcomes.clone())));
        matrix.write();
        return document::write(&matrix);
    }
    let mut differences = String::new();
    for (column, outcomes) in columns {
        let expected = matrix.column(*column);
        assert_eq!(expected.len(), outcomes.len(), "rows of the column {}", column.name());
        for (row, (expected, found)) in expected.iter().zip(outcomes).enumerate() {
            let (attack, without) = (&matrix.attacks[row], without.get(row));
            let is_the_machines = !found.has_succeeded() || is_older_landlock(*column, attack.number);
            if expected != found && !(is_the_machines && without == Some(found)) {
                let (number, name, column) = (attack.number, &attack.name, column.name());
                writeln!(differences, "{number} {name}, {column}: expected {expected}, found {found}")
                    .unwrap();
            }
        }
    }
    assert!(differences.is_empty(), "these differ from the matrix:\n{differences}");
}

/// Whether the Landlock of this kernel is older than what it keeps out.
fn is_older_landlock(column: Column, number: u32) -> bool {
    let since = SINCE.iter().find(|(attack, _)| *attack == number).map(|(_, since)| *since);
    column == of_name("landlock") && since.is_some_and(|since| kernel::landlock() < since)
}

/// Columns as text, to be told by a process to another.
pub(crate) fn to_text(columns: &[(Column, Vec<Outcome>)]) -> String {
    let lines = columns.iter().map(|(column, outcomes)| {
        let words = Vec::from_iter(outcomes.iter().map(|outcome| outcome.0.as_str()));
        format!("{}|{}\n", column.name(), words.join(" "))
    });
    lines.collect()
}

/// Columns from a text.
pub(crate) fn from_text(text: &str) -> Vec<(Column, Vec<Outcome>)> {
    let column = |line: &str| {
        let (name, words) = line.split_once('|').unwrap();
        (of_name(name), words.split(' ').map(|word| Outcome(word.to_owned())).collect())
    };
    text.lines().map(column).collect()
}

//! The part of `docs/security.md` that is made from the matrix.

use crate::columns::{ATTACKS, Column};
use crate::matrix::{Matrix, is_updating};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

/// What is between these lines is made here.
const BEGIN: &str = "<!-- attacks: made from tests/attacks/matrix.txt -->\n";
const END: &str = "<!-- /attacks -->\n";

/// The classes, in the order of the matrix.
const CLASSES: [&str; 5] = ["files", "network", "processes", "memory", "kernel"];

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/security.md")
}

/// Puts the matrix into the document.
pub(crate) fn write(matrix: &Matrix) {
    let text = fs::read_to_string(file()).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    fs::write(file(), format!("{before}{BEGIN}\n{}\n{END}{after}", made(matrix))).unwrap();
}

fn made(matrix: &Matrix) -> String {
    let columns = Column::all();
    let mut text = "| attacks that succeed |".to_owned();
    columns.iter().for_each(|column| write!(text, " {} |", head(*column)).unwrap());
    text += "\n|---|";
    text += &"---:|".repeat(columns.len());
    for class in CLASSES {
        let is_of_class = |row: &usize| matrix.attacks[*row].class == class;
        let total = (0..ATTACKS).filter(is_of_class).count();
        write!(text, "\n| {class}, {total} attacks |").unwrap();
        for column in &columns {
            let outcomes = matrix.column(*column);
            let succeed = |row: &usize| outcomes.get(*row).is_some_and(|outcome| outcome.has_succeeded());
            write!(text, " {} |", (0..ATTACKS).filter(is_of_class).filter(succeed).count()).unwrap();
        }
    }
    write!(text, "\n| **all {ATTACKS}** |").unwrap();
    for column in &columns {
        let succeed = matrix.column(*column).iter().filter(|outcome| outcome.has_succeeded()).count();
        write!(text, " **{succeed}** |").unwrap();
    }
    text + "\n"
}

fn head(column: Column) -> String {
    match column {
        Column::None => "no sandbox".to_owned(),
        Column::Alone(name, _) => format!("{name} alone"),
        Column::SevenCalls => "level C, seven calls".to_owned(),
        Column::Level(level) => format!("level {level}"),
    }
}

#[test]
fn the_document_says_what_the_matrix_says() {
    if is_updating() {
        return;
    }
    let text = fs::read_to_string(file()).unwrap();
    let (_, rest) = text.split_once(BEGIN).unwrap();
    let (found, _) = rest.split_once(END).unwrap();
    assert_eq!(found.trim(), made(&Matrix::read()).trim());
}

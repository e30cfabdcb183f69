//! `docs/values.md`: its tables are written or compared.

use std::fmt::Write;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/values.md");

/// Compares each table with the one between its marks, or writes it there.
pub(crate) fn compare(tables: &[(&str, String)]) {
    let before = std::fs::read_to_string(DOCUMENT).unwrap();
    let mut document = before.clone();
    for (name, table) in tables {
        let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
        let from = document.find(&begin).unwrap_or_else(|| panic!("no {begin}")) + begin.len();
        let to = document.find(&end).unwrap_or_else(|| panic!("no {end}"));
        document.replace_range(from..to, &format!("\n{table}\n"));
    }
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(DOCUMENT, document).unwrap();
        return;
    }
    let difference = difference(&before, &document);
    assert!(
        difference.is_empty(),
        "docs/values.md is not what happens (run with UPDATE_DOCUMENTS=1, then read what changed):\n{difference}"
    );
}

/// The lines that only one of them has.
fn difference(document: &str, truth: &str) -> String {
    let mut told = String::new();
    for line in document.lines().filter(|line| !truth.lines().any(|other| other == *line)) {
        writeln!(told, "- {line}").unwrap();
    }
    for line in truth.lines().filter(|line| !document.lines().any(|other| other == *line)) {
        writeln!(told, "+ {line}").unwrap();
    }
    told
}

/// A row of a table; the cells after the first are code.
pub(crate) fn row(first: &str, cells: &[&str]) -> String {
    let cells = cells.iter().map(|cell| format!(" {} |", code(cell)));
    format!("| {first} |{}\n", cells.collect::<String>())
}

/// Code in a cell: a bar would end the cell, a backtick the code.
fn code(text: &str) -> String {
    match text {
        "" => String::new(),
        text if text.contains('`') => format!("`` {} ``", text.replace('|', "\\|")),
        text => format!("`{}`", text.replace('|', "\\|").replace('\n', " ")),
    }
}

//! What docs/permissions.md says is so.

use super::decision::{By, Decision, Refusal};
use super::denied::Asking;
use plughold_package::{Package, Scope};

const TEXT: &str = include_str!("../../../docs/permissions.md");

/// The rows of the table with this head, as their cells without the marks of code.
#[track_caller]
fn rows(head: &str) -> Vec<Vec<String>> {
    let table = TEXT.split_once(&format!("\n{head}\n|")).unwrap().1;
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| {
        row.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    rows.map(cells).collect()
}

fn wanted(text: &str) -> Option<Scope> {
    let (name, of) = text.split_once(':').unwrap();
    Scope::wanted(name, of).ok()
}

#[test]
fn scopes_cover_what_the_table_says() {
    let rows = rows("| granted | wanted | covered |");
    assert_eq!(rows.len(), 11);
    for row in rows {
        let covers = Scope::parse(&row[0]).unwrap().covers(&wanted(&row[1]).unwrap());
        assert_eq!(covers, row[2] == "yes", "{row:?}");
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    let rows = rows("| wanted | because |");
    assert_eq!(rows.len(), 13);
    for row in rows {
        assert!(wanted(&row[0]).is_none(), "{row:?}");
    }
}

#[test]
fn a_plugin_is_told_what_the_table_says() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = r#"{ "id": "a", "name": "A", "version": "1.0.0", "permissions": ["notes.read"] }"#;
    std::fs::write(folder.path().join("plughold.json"), manifest).unwrap();
    std::fs::write(folder.path().join("main.js"), "").unwrap();
    let asking = Asking::of(&Package::open(folder.path()).unwrap());
    let messages = Vec::from_iter(rows("| why | message |").into_iter().map(|row| row[1].clone()));
    let expected = [Refusal::NotAsked, Refusal::Denied, Refusal::TooMany];
    assert_eq!(messages, expected.map(|why| asking.denied("notes.write", why).message));
}

#[test]
fn the_words_of_the_audit_file_are_those_of_the_tables() {
    let first = |head| Vec::from_iter(rows(head).into_iter().map(|row| format!("\"{}\"", row[0])));
    let decisions = [Decision::Granted, Decision::Denied, Decision::Revoked, Decision::Refused];
    let decisions = decisions.map(|decision| serde_json::to_string(&decision).unwrap());
    assert_eq!(first("| `decision` | what became of it |"), decisions);
    let deciders = [By::Rule, By::Answer, By::Hand].map(|by| serde_json::to_string(&by).unwrap());
    assert_eq!(first("| `by` | who decided |"), deciders);
}

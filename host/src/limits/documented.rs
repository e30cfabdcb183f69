//! docs/limits.md is what the table says.
//!
//! The tables between `<!-- begin limits -->` and `<!-- end limits -->` are written by this test when `UPDATE_DOCUMENTS` is
//! set, and compared otherwise.

use super::{Limit, SetBy};
use crate::Limits;
use std::collections::HashSet;
use std::fmt::Write;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/limits.md");

#[test]
fn the_document_has_the_tables() {
    let before = std::fs::read_to_string(DOCUMENT).unwrap();
    let (begin, end) = ("<!-- begin limits -->\n", "<!-- end limits -->");
    let from = before.find(begin).unwrap() + begin.len();
    let to = before.find(end).unwrap();
    let mut document = before.clone();
    document.replace_range(from..to, &tables());
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(DOCUMENT, document).unwrap();
        return;
    }
    assert!(before == document, "docs/limits.md is not what the table says: run with UPDATE_DOCUMENTS=1");
}

fn tables() -> String {
    let (defaults, mut group) = (Limits::default(), "");
    let mut tables = String::new();
    for limit in Limits::table() {
        if limit.group != group {
            group = limit.group;
            writeln!(tables, "\n### {group}\n\n| limit | of what | usually | who may change it | at it |")
                .unwrap();
            tables.push_str("|---|---|---|---|---|\n");
        }
        let Limit { name, what, then, .. } = limit;
        let (usually, who) = (limit.words(&defaults), who(limit.set_by));
        writeln!(tables, "| `{name}` | {what} | {usually} | {who} | {then} |").unwrap();
    }
    tables.push('\n');
    tables
}

fn who(set_by: SetBy) -> String {
    match set_by {
        SetBy::Embedder => "the embedder".to_owned(),
        SetBy::Manifest { cap } => format!("the embedder; the manifest, up to `{cap}`"),
        SetBy::Method(method) => format!("the embedder, by `{method}`"),
        SetBy::Nobody => "nobody".to_owned(),
    }
}

#[test]
fn every_field_of_limits_is_in_the_table_and_none_twice() {
    let names = Vec::from_iter(Limits::table().iter().map(|limit| limit.name));
    assert_eq!(HashSet::<_>::from_iter(&names).len(), names.len(), "{names:?}");
    let shown = format!("{:#?}", Limits::default());
    // The fields stand one level deep.
    let fields = shown.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(": "));
    let fields = HashSet::<&str>::from_iter(fields.map(|(name, _)| name.trim_start()));
    for field in &fields {
        assert!(names.contains(field), "the field {field} of Limits is not in the table");
    }
    for limit in Limits::table() {
        let is_field = matches!(limit.set_by, SetBy::Embedder | SetBy::Manifest { .. });
        assert_eq!(fields.contains(limit.name), is_field, "{}: {:?}", limit.name, limit.set_by);
        if let SetBy::Manifest { cap } = limit.set_by {
            assert!(fields.contains(cap), "{cap}");
        }
    }
}

#[test]
fn rows_show_the_limits_that_hold() {
    let mut limits = Limits::default();
    let shown = |limits: &Limits, name: &str| {
        let limit = Limits::table().iter().find(|limit| limit.name == name).unwrap();
        limit.words(limits)
    };
    let check = |limits: &Limits, rows: &[(&str, &str)]| {
        for (name, expected) in rows {
            assert_eq!(shown(limits, name), *expected, "{name}");
        }
    };
    check(&limits, &[("memory", "64 MiB"), ("idle", "none"), ("call", "6 s"), ("linger", "1 min")]);
    check(&limits, &[("references", "100,000"), ("log_rate", "64 KiB a second")]);
    limits.memory = 1_000_001;
    limits.idle = Some(std::time::Duration::from_millis(1_500));
    limits.call = std::time::Duration::from_millis(20);
    limits.message_rate = 1_234_567;
    check(&limits, &[("memory", "1,000,001 bytes"), ("idle", "1.5 s"), ("call", "20 ms")]);
    check(&limits, &[("message_rate", "1,234,567 a second")]);
}

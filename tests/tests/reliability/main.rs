//! docs/reliability.md is what the tests show.
//!
//! The table of faults is data, `faults.json`: each fault names the tests that show what happens, or says why there is
//! none. Here each named test is looked for in the sources, and the document is written or compared.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold_tests::{missing_test, repository};
use serde::Deserialize;
use std::fmt::Write;
use std::fs;

/// Faults that were thought of before the first was tested.
const FAULTS: usize = 61;

/// One way in which something goes wrong.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    fault: String,
    /// What happens then.
    then: String,
    /// The tests that show it, as `path/of/file.rs::name`.
    tests: Vec<String>,
    /// What no test shows, and why.
    #[serde(default)]
    why: Option<String>,
}

fn faults() -> Vec<Fault> {
    serde_json::from_str(include_str!("faults.json")).unwrap()
}

#[test]
fn every_fault_has_a_test_or_a_reason() {
    let faults = faults();
    assert_eq!(faults.len(), FAULTS);
    for fault in &faults {
        let is_empty = fault.tests.is_empty() && fault.why.is_none();
        assert!(!is_empty, "neither a test nor a reason for: {}", fault.fault);
    }
    let missing: Vec<String> =
        faults.iter().flat_map(|fault| &fault.tests).filter_map(|test| missing_test(test)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn the_document_has_the_table() {
    let path = repository().join("docs/reliability.md");
    let before = fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- begin faults -->\n", "<!-- end faults -->");
    let from = before.find(begin).unwrap() + begin.len();
    let to = before.find(end).unwrap();
    let mut document = before.clone();
    document.replace_range(from..to, &format!("\n{}\n", table()));
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        fs::write(&path, document).unwrap();
        return;
    }
    assert!(
        before == document,
        "docs/reliability.md is not what faults.json says: run with UPDATE_DOCUMENTS=1"
    );
}

#[test]
fn the_document_names_no_other_tests_than_there_are() {
    let document = fs::read_to_string(repository().join("docs/reliability.md")).unwrap();
    // As links: [`name`](../path/of/file.rs)
    for link in document.split("[`").skip(1) {
        let Some((name, rest)) = link.split_once("`](../") else { continue };
        let Some((file, _)) = rest.split_once(')').filter(|(file, _)| file.ends_with(".rs")) else {
            continue;
        };
        assert_eq!(missing_test(&format!("{file}::{name}")), None);
    }
}

fn table() -> String {
    let mut table = String::from("| # | fault | what happens | shown by |\n|---|---|---|---|\n");
    for (index, fault) in faults().iter().enumerate() {
        let links = fault.tests.iter().filter_map(|test| test.split_once("::"));
        let mut shown =
            links.map(|(file, name)| format!("[`{name}`](../{file})")).collect::<Vec<_>>().join("<br>");
        if let Some(why) = &fault.why {
            let line = if shown.is_empty() { "" } else { "<br>" };
            write!(shown, "{line}{why}").unwrap();
        }
        writeln!(table, "| {} | {} | {} | {shown} |", index + 1, fault.fault, fault.then).unwrap();
    }
    table
}

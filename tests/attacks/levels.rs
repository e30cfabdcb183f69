//! The levels: nothing succeeds, whoever runs the host.

use crate::columns::{ATTACKS, Column, LOCKED, run, run_all};
use crate::matrix::{from_text, settle, to_text};
use crate::outcome::Outcome;
use crate::user::without_rights;
use plughold_sandbox::{Level, OnViolation, Plan};

/// Attacks by an instruction that a kernel without programs of 32 bits does not have.
const OLD_CALLS: [usize; 2] = [168, 169];

#[track_caller]
fn check_columns(columns: Vec<(Column, Vec<Outcome>)>) {
    for (column, outcomes) in &columns {
        for (row, outcome) in outcomes.iter().enumerate() {
            let (number, column) = (row + 1, column.name());
            assert!(!outcome.has_succeeded(), "attack {number} succeeds: {column}");
        }
    }
    let without = (1..=ATTACKS).map(|number| if OLD_CALLS.contains(&number) { "SIGSEGV" } else { "" });
    let without = Vec::from_iter(without.map(|word| Outcome(word.to_owned())));
    settle(&columns, &without);
}

#[test]
fn nothing_succeeds() {
    check_columns(run_all(&LOCKED));
}

#[test]
fn nothing_succeeds_without_rights() {
    let name = "levels::nothing_succeeds_without_rights";
    check_columns(from_text(&without_rights(name, || to_text(&run_all(&LOCKED)))));
}

/// A developer who has violations told gets no weaker sandbox.
#[test]
fn nothing_succeeds_where_violations_are_told() {
    let plan = Plan { on_violation: OnViolation::Trap, ..Plan::at(Level::C) };
    for (row, outcome) in run(&plan).iter().enumerate() {
        let is_told = ["ends-with-78", "refused", "ENOMEM"].contains(&outcome.0.as_str());
        // There are no names for calls of the other kind.
        let is_killed = OLD_CALLS.contains(&(row + 1)) && outcome.is_killed();
        assert!(is_told || is_killed, "attack {}: {outcome}", row + 1);
    }
}

//! Every system call by its number: a locked runner survives those in `survivors.txt` and no other.

use crate::columns::{any_call, each, is_possible};
use crate::matrix::{is_updating, path};
use crate::outcome::Outcome;
use plughold_sandbox::{Level, Plan};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

/// What stands at the head of the file.
const HEAD: &str = "\
# What a locked runner survives, of every system call by its number, with all arguments 0, -1 or 3: everything else, on
# the ranges of the sweep, kills it. The same at levels A, B and C.
#
# Written by `UPDATE_DOCUMENTS=1 cargo test -p plughold-tests --test attacks sweep`; to be reviewed by people.
";

/// Numbers of the usual kind: no kernel has as many.
const USUAL: std::ops::Range<i64> = 0..512;

/// Numbers of the kind that is called x32.
const X32: std::ops::Range<i64> = 0x4000_0000..0x4000_0230;

/// Numbers that are none.
const JUNK: [i64; 4] = [-1, 1_000, 0x7fff_ffff, 0xffff_ffff];

/// All arguments are this.
const ARGUMENTS: [i64; 3] = [0, -1, 3];

/// Calls that some kernels make without asking the filter, for the code that such a kernel itself has put there. In a
/// process without such code they fail, or end it.
const KERNELS_OWN: [i64; 2] = [335, 336];

fn name(number: i64) -> String {
    u32::try_from(number).map_or("", plughold_sandbox::call_name).to_owned()
}

fn sweep(level: Level, arguments: &[i64]) -> String {
    let numbers = USUAL.chain(X32).chain(JUNK);
    let with_arguments = |number| arguments.iter().map(move |argument| (number, *argument));
    let calls = Vec::from_iter(numbers.flat_map(with_arguments));
    let plan = Plan::at(level);
    let outcomes = each(&calls, |(number, argument)| Outcome::of_call(&any_call(&plan, *number, *argument)));
    let mut survived = String::new();
    for ((number, argument), outcome) in calls.iter().zip(outcomes) {
        if !outcome.is_killed() {
            let name = name(*number);
            writeln!(survived, "{number:3} {name:16} {argument:2}  {outcome}").unwrap();
        }
    }
    survived
}

/// The lines about calls that are not the kernel's own matter.
fn lines(text: &str) -> BTreeSet<&str> {
    let is_own = |line: &str| KERNELS_OWN.iter().any(|number| line.starts_with(&format!("{number} ")));
    text.lines().filter(|line| !line.starts_with('#') && !is_own(line)).collect()
}

#[track_caller]
fn check(found: &str, expected: &BTreeSet<&str>) {
    let found = lines(found);
    let difference =
        |these: &BTreeSet<&str>, those| Vec::from_iter(these.difference(those).copied()).join("\n");
    let (more, fewer) = (difference(&found, expected), difference(expected, &found));
    assert!(more.is_empty(), "these are survived, and are not in the list:\n{more}");
    assert!(fewer.is_empty(), "these are in the list, and are not survived:\n{fewer}");
}

/// The filter alone with every argument; and with one, all layers, which are no more than it.
#[test]
fn nothing_but_the_list_survives() {
    let survived = sweep(Level::C, &ARGUMENTS);
    if is_updating() {
        fs::write(path("survivors.txt"), HEAD.to_owned() + &survived).unwrap();
    }
    let expected = fs::read_to_string(path("survivors.txt")).unwrap();
    let mut expected = lines(&expected);
    check(&survived, &expected);
    if is_possible("the sweep at level A", &Plan::at(Level::A)) {
        expected.retain(|line| line.contains("  0  "));
        check(&sweep(Level::A, &ARGUMENTS[..1]), &expected);
    }
}

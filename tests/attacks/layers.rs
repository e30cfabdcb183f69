//! The layers: what each keeps out alone, and that the matrix notices when one is missing.

use crate::columns::{Column, LOCKED, is_possible, only, run, run_all};
use crate::matrix::{from_text, settle, to_text};
use crate::outcome::Outcome;
use crate::runner::Runner;
use crate::user::without_rights;
use plughold_sandbox::{Layer, Layers};
use std::fmt::Write;

/// Attacks that have to succeed without a sandbox: with fewer, the other columns would say little.
const TEETH: usize = 130;

/// The worst that can happen to a host: its secret is read, and its memory changed.
const WORST: [usize; 3] = [13, 82, 83];

/// The runner could not be locked at all, because another layer needs the one that is missing.
const UNLOCKED: &str = "unlocked";

fn succeeded(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| outcome.has_succeeded()).count()
}

#[test]
fn each_alone_is_what_the_matrix_says() {
    let found = from_text(&without_rights("layers::each_alone_is_what_the_matrix_says", || {
        let unlocked = Vec::from_iter(Column::all().into_iter().filter(|column| !LOCKED.contains(column)));
        to_text(&run_all(&unlocked))
    }));
    let [(Column::None, without), ..] = &found[..] else { panic!("no column without a sandbox") };
    assert!(TEETH <= succeeded(without), "only {} succeed without a sandbox", succeeded(without));
    for number in WORST {
        assert!(without[number - 1].has_succeeded(), "attack {number} without a sandbox");
    }
    for (column, outcomes) in &found[1..] {
        assert!(succeeded(outcomes) < succeeded(without), "{} keeps nothing out", column.name());
    }
    settle(&found, without);
}

/// What is missing when a layer is: it, and what cannot be without it.
fn with_dependants(layer: Layer) -> Layers {
    match layer {
        Layer::Namespaces => Layers::of(&[Layer::Namespaces, Layer::Root]),
        layer => Layers::of(&[layer]),
    }
}

/// The filter ends the process before another layer is asked. So the others are taken out of a runner without it.
#[test]
fn a_missing_one_is_noticed() {
    let told = without_rights("layers::a_missing_one_is_noticed", || {
        let others = Layers::ALL.except(Layers::of(&[Layer::Filter]));
        if !is_possible("layers that are missing", &only(others)) {
            return String::new();
        }
        let all = run(&only(others));
        let mut told = format!("{} {}\n", Layer::Filter, succeeded(&all));
        for layer in others.iter() {
            let plan = only(others.except(with_dependants(layer)));
            let noticed = match Runner::start(&plan) {
                Ok(_) => more(&all, &run(&plan)).to_string(),
                Err(_) => UNLOCKED.to_owned(),
            };
            writeln!(told, "{layer} {noticed}").unwrap();
        }
        told
    });
    let noticed = Vec::from_iter(told.lines().map(|line| line.rsplit_once(' ').unwrap()));
    assert!(noticed.is_empty() || noticed.len() == Layer::ALL.len());
    for (layer, more) in noticed {
        let needs_it = layer == Layer::NoNewPrivileges.words();
        assert!(more != "0" && (needs_it || more != UNLOCKED), "without the layer {layer}: {more}");
    }
}

/// How many more succeed now.
fn more(before: &[Outcome], now: &[Outcome]) -> usize {
    before.iter().zip(now).filter(|(before, now)| !before.has_succeeded() && now.has_succeeded()).count()
}

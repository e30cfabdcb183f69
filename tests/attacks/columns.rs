//! All attacks under one plan: a column of the matrix.

use crate::bait::Bait;
use crate::outcome::Outcome;
use crate::runner::{Reply, Runner};
use plughold_sandbox::{Calls, Layer, Layers, Level, Plan};
use plughold_tests::ordinary::skip;
use plughold_tests::program;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// As many as there are: no more and no less is a run.
pub(crate) const ATTACKS: usize = 175;

/// One attack.
#[derive(Clone, Debug)]
pub(crate) struct Attack {
    pub(crate) number: u32,
    pub(crate) class: String,
    pub(crate) name: String,
}

/// What stands above a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    /// No sandbox.
    None,
    /// One layer, or what belongs together, alone.
    Alone(&'static str, Layers),
    /// The weakest level, with the calls for memory that a program needs without an arena.
    SevenCalls,
    /// A level.
    Level(Level),
}

/// The columns in which nothing may succeed.
pub(crate) const LOCKED: [Column; 4] =
    [Column::SevenCalls, Column::Level(Level::C), Column::Level(Level::B), Column::Level(Level::A)];

/// What belongs together, as the columns name it.
pub(crate) const GROUPS: [(&str, Layers); 5] = [
    ("landlock", Layers::of(&[Layer::NoNewPrivileges, Layer::Landlock])),
    ("namespaces", Layers::of(&[Layer::Namespaces, Layer::Root, Layer::Capabilities])),
    ("limits", Layers::of(&[Layer::Limits])),
    ("no new code", Layers::of(&[Layer::NoNewCode])),
    ("filter", Layers::of(&[Layer::NoNewPrivileges, Layer::Filter])),
];

impl Column {
    /// Every column, in the order of the matrix.
    pub(crate) fn all() -> Vec<Column> {
        let alone = GROUPS.map(|(name, layers)| Column::Alone(name, layers));
        [&[Column::None], &alone[..], &LOCKED[..]].concat()
    }

    pub(crate) fn name(self) -> String {
        match self {
            Column::None => "none".to_owned(),
            Column::Alone(name, _) => name.to_owned(),
            Column::SevenCalls => "C, 7 calls".to_owned(),
            Column::Level(level) => level.to_string(),
        }
    }

    pub(crate) fn plan(self) -> Plan {
        match self {
            Column::None => Plan::NONE,
            Column::Alone(_, layers) => only(layers),
            Column::SevenCalls => Plan { calls: Calls::Seven, ..Plan::at(Level::C) },
            Column::Level(level) => Plan::at(level),
        }
    }
}

/// The plan with these layers and no other.
pub(crate) fn only(layers: Layers) -> Plan {
    Plan { without: Layers::ALL.except(layers), ..Plan::at(Level::A) }
}

/// Every attack that the attacking runner knows.
pub(crate) fn attacks() -> Vec<Attack> {
    let output = Command::new(program("attacking-runner")).arg("--list").output().unwrap();
    let list = String::from_utf8(output.stdout).unwrap();
    let attacks: Vec<Attack> = list
        .lines()
        .map(|line| {
            let mut words = line.splitn(3, ' ');
            let mut next = || words.next().unwrap().to_owned();
            Attack { number: next().parse().unwrap(), class: next(), name: next() }
        })
        .collect();
    let numbers = Vec::from_iter(attacks.iter().map(|attack| attack.number as usize));
    assert_eq!(numbers, Vec::from_iter(1..=ATTACKS), "the numbers of the attacks");
    attacks
}

/// The column of this name.
pub(crate) fn of_name(name: &str) -> Column {
    Column::all().into_iter().find(|column| column.name() == name).unwrap()
}

/// Whether this machine can carry out a plan. If not, that is said aloud.
pub(crate) fn is_possible(what: &str, plan: &Plan) -> bool {
    let Err(words) = Runner::start(plan) else { return true };
    // Every Linux that runs plugins at all can do this.
    assert_ne!(*plan, Plan::at(Level::C), "{words}");
    skip(what, &words);
    false
}

/// Tries every attack in each of the columns that this machine can do.
pub(crate) fn run_all(columns: &[Column]) -> Vec<(Column, Vec<Outcome>)> {
    let possible = columns.iter().filter(|column| is_possible(&column.name(), &column.plan()));
    possible.map(|column| (*column, run(&column.plan()))).collect()
}

/// Tries every attack in a runner of its own.
pub(crate) fn run(plan: &Plan) -> Vec<Outcome> {
    let outcomes = each(&attacks(), |attack| {
        let bait = Bait::lay(attack.number);
        let reply = start(plan).order(&bait.order());
        Outcome::of_attack(attack.number, &reply, &bait)
    });
    assert_eq!(outcomes.len(), ATTACKS, "attacks that were tried");
    outcomes
}

/// What a locked runner does when it makes one system call.
pub(crate) fn any_call(plan: &Plan, number: i64, argument: i64) -> Reply {
    start(plan).order(&[0.0, number as f64, argument as f64, 0.0, 0.0, 0.0])
}

fn start(plan: &Plan) -> Runner {
    Runner::start(plan).unwrap_or_else(|words| panic!("{plan:?}: {words}"))
}

/// Does something with each item, on as many threads as there are processors; the results are in the order of the items.
pub(crate) fn each<T: Sync, R: Send>(items: &[T], act: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().unwrap().get() {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = act(item);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

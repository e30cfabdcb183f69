//! The calls of one direction, by function: how many, how they ended, and how long they took.

use super::histogram::{Histogram, micros, nanos};
use super::place::Place;
use super::seconds::Seconds;
use super::snapshot::{CallFigures, FunctionFigures, FunctionKind, Latency};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Functions that are told apart. Those that come after them are counted together: a plugin may make up names.
pub(crate) const MOST_FUNCTIONS: usize = 256;

/// Seconds of which the calls a second are the average.
const RECENT: usize = 10;

/// Where the calls are counted that have no place of their own.
const OTHERS: Slot = Slot(0);

/// The calls of one direction. Pure: times come in.
#[derive(Debug)]
pub(crate) struct Account {
    /// By kind and name.
    named: [HashMap<Arc<str>, Slot>; Kind::COUNT],
    /// Functions of the API by their place in its table: they are found without looking at a name.
    numbered: Vec<Option<Slot>>,
    /// What is counted together, and then each that was called.
    functions: Vec<Function>,
    all: Tally,
    recent: Seconds<RECENT>,
}

/// The place of one function in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(u16);

/// What is called, as far as names of one kind are names of different things than those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Api,
    Service,
    Export,
    Member,
    /// A function of the application, under its own name.
    Named,
    /// A function of the plugin that stood in the arguments of what is named.
    Argument,
    /// A function of the plugin that stood in the result of what is named.
    Result,
    /// A function of the plugin that came in a stream.
    Streamed,
}

/// How a call has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    /// From when it was made until it was answered.
    pub(crate) took: Duration,
    pub(crate) has_thrown: bool,
    /// What the plugin says that it has computed for it.
    pub(crate) spent: Duration,
}

#[derive(Debug)]
struct Function {
    kind: Kind,
    name: Arc<str>,
    tally: Tally,
}

/// Calls that were answered.
#[derive(Debug, Default)]
struct Tally {
    calls: u64,
    errors: u64,
    spent: Duration,
    slowest: Duration,
    /// None before the first.
    took: Option<Histogram>,
}

impl Slot {
    /// Whether several functions are counted there.
    pub(crate) fn is_shared(self) -> bool {
        self == OTHERS
    }
}

impl Kind {
    const COUNT: usize = Kind::Streamed as usize + 1;

    fn public(self) -> FunctionKind {
        match self {
            Kind::Api => FunctionKind::Api,
            Kind::Service => FunctionKind::Service,
            Kind::Export => FunctionKind::Export,
            Kind::Member => FunctionKind::Member,
            Kind::Named | Kind::Argument | Kind::Result | Kind::Streamed => FunctionKind::Function,
        }
    }
}

impl Place {
    /// Under what a function is counted that was passed there.
    pub(crate) fn as_kind(&self) -> (Kind, &str) {
        match self {
            Place::Argument(name) => (Kind::Argument, name),
            Place::Result(name) => (Kind::Result, name),
            Place::Stream => (Kind::Streamed, ""),
        }
    }
}

impl Account {
    pub(crate) fn new(now: Instant) -> Account {
        let others = Function { kind: Kind::Named, name: "others".into(), tally: Tally::default() };
        Account {
            named: Default::default(),
            numbered: Vec::new(),
            functions: vec![others],
            all: Tally::default(),
            recent: Seconds::new(now),
        }
    }

    /// Where the calls of a function are counted.
    pub(crate) fn slot(&mut self, kind: Kind, name: &str) -> Slot {
        let known = self.named.get(kind as usize).and_then(|named| named.get(name));
        match known {
            Some(slot) => *slot,
            None => self.begin(kind, name.into()),
        }
    }

    /// Where the calls of a function of the API are counted, which has this place in its table and this name.
    pub(crate) fn slot_of_api(&mut self, index: usize, name: &Arc<str>) -> Slot {
        if let Some(Some(slot)) = self.numbered.get(index) {
            return *slot;
        }
        let slot = self.begin(Kind::Api, name.clone());
        if slot != OTHERS {
            // The table has a bound.
            self.numbered.resize(self.numbered.len().max(index + 1), None);
            if let Some(place) = self.numbered.get_mut(index) {
                *place = Some(slot);
            }
        }
        slot
    }

    fn begin(&mut self, kind: Kind, name: Arc<str>) -> Slot {
        if MOST_FUNCTIONS < self.functions.len() {
            return OTHERS;
        }
        let Ok(place) = u16::try_from(self.functions.len()) else { return OTHERS };
        self.functions.push(Function { kind, name: name.clone(), tally: Tally::default() });
        if let Some(named) = self.named.get_mut(kind as usize) {
            named.insert(name, Slot(place));
        }
        Slot(place)
    }

    /// The kind and the name of what is counted in a slot, or this name of what is counted with others.
    pub(crate) fn name(&self, slot: Slot, other: Option<&str>) -> (FunctionKind, String) {
        let function = self.functions.get(usize::from(slot.0));
        let kind = function.map_or(FunctionKind::Function, |function| function.kind.public());
        let name = other.map(str::to_owned).or_else(|| function.map(Function::words));
        (kind, name.unwrap_or_default())
    }

    /// The name alone.
    pub(crate) fn name_of(&self, slot: Slot) -> Arc<str> {
        self.functions.get(usize::from(slot.0)).map_or_else(|| "".into(), |function| function.name.clone())
    }

    /// A call was answered.
    pub(crate) fn ended(&mut self, slot: Slot, ended: Ended, now: Instant) {
        // More than the whole time nobody can have computed: that is the plugin's word.
        let ended = Ended { spent: ended.spent.min(ended.took), ..ended };
        self.all.add(ended);
        if let Some(function) = self.functions.get_mut(usize::from(slot.0)) {
            function.tally.add(ended);
        }
        self.recent.add(1, now);
    }

    /// What was counted so far, the functions with the most time first.
    pub(crate) fn figures(&mut self, now: Instant) -> CallFigures {
        let called = self.functions.iter().filter(|function| 0 < function.tally.calls);
        let mut functions = Vec::from_iter(called.map(Function::figures));
        functions.sort_by(|one, other| {
            (other.spent_us, other.calls, &one.name).cmp(&(one.spent_us, one.calls, &other.name))
        });
        CallFigures {
            calls: self.all.calls,
            errors: self.all.errors,
            per_second: self.recent.per_second(now),
            latency: self.all.latency(),
            spent_us: micros(self.all.spent),
            functions,
        }
    }
}

impl Function {
    fn words(&self) -> String {
        match self.kind {
            Kind::Argument => Place::Argument(self.name.clone()).to_string(),
            Kind::Result => Place::Result(self.name.clone()).to_string(),
            Kind::Streamed => Place::Stream.to_string(),
            _ => self.name.to_string(),
        }
    }

    fn figures(&self) -> FunctionFigures {
        FunctionFigures {
            name: self.words(),
            kind: self.kind.public(),
            calls: self.tally.calls,
            errors: self.tally.errors,
            latency: self.tally.latency(),
            spent_us: micros(self.tally.spent),
        }
    }
}

impl Tally {
    fn add(&mut self, Ended { took, has_thrown, spent }: Ended) {
        self.calls += 1;
        self.errors += u64::from(has_thrown);
        self.spent = self.spent.saturating_add(spent);
        self.slowest = self.slowest.max(took);
        self.took.get_or_insert_with(Histogram::new).record(took);
    }

    fn latency(&self) -> Latency {
        let at = |per_mille| {
            let took = self.took.as_ref().and_then(|took| took.at(per_mille)).unwrap_or_default();
            // A bucket stands for its middle, which may be beyond the slowest of all.
            nanos(took.min(self.slowest))
        };
        Latency { p50_ns: at(500), p90_ns: at(900), p99_ns: at(990), slowest_ns: nanos(self.slowest) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(millis: u64) -> Ended {
        Ended { took: Duration::from_millis(millis), has_thrown: false, spent: Duration::ZERO }
    }

    #[test]
    fn calls_are_counted_by_function() {
        let now = Instant::now();
        let mut account = Account::new(now);
        let (search, go) = (account.slot_of_api(7, &"app.search".into()), account.slot(Kind::Export, "go"));
        let passed = account.slot(Kind::Argument, "app.search");
        assert_eq!(account.slot_of_api(7, &"app.search".into()), search);
        assert_eq!(account.slot(Kind::Export, "go"), go);
        account.ended(search, ended(2), now);
        account.ended(search, Ended { has_thrown: true, ..ended(4) }, now);
        account.ended(go, Ended { spent: Duration::from_millis(90), ..ended(5) }, now);
        account.ended(passed, ended(1), now);
        let figures = account.figures(now);
        let shown = figures.functions.iter().map(|function| {
            (&*function.name, function.kind, function.calls, function.errors, function.spent_us)
        });
        let expected = [
            ("go", FunctionKind::Export, 1, 0, 5_000),
            ("app.search", FunctionKind::Api, 2, 1, 0),
            ("argument of app.search", FunctionKind::Function, 1, 0, 0),
        ];
        assert_eq!(Vec::from_iter(shown), expected);
        assert_eq!((figures.calls, figures.errors, figures.spent_us), (4, 1, 5_000));
        assert_eq!((figures.per_second, figures.latency.slowest_ns), (4.0, 5_000_000));
        let name = (FunctionKind::Function, "argument of app.search".to_owned());
        assert_eq!(account.name(passed, None), name);
        assert_eq!((&*account.name_of(passed), passed.is_shared()), ("app.search", false));
    }

    #[test]
    fn names_that_a_plugin_makes_up_have_a_bound() {
        let now = Instant::now();
        let mut account = Account::new(now);
        for number in 0..10 * MOST_FUNCTIONS {
            let slot = account.slot(Kind::Service, &format!("made up {number}"));
            account.ended(slot, ended(1), now);
            assert_eq!(slot.is_shared(), MOST_FUNCTIONS <= number);
        }
        assert_eq!(account.slot_of_api(9_999, &"app.late".into()), OTHERS);
        let figures = account.figures(now);
        let others = figures.functions.iter().find(|function| function.name == "others").unwrap();
        assert_eq!((figures.functions.len(), others.calls), (MOST_FUNCTIONS + 1, 9 * MOST_FUNCTIONS as u64));
        assert_eq!(figures.calls, 10 * MOST_FUNCTIONS as u64);
        assert!(account.numbered.is_empty());
    }
}

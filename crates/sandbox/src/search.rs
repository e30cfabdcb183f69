//! The strongest plan that a machine can carry out, found by trying.
//!
//! What a system says that it can do and what it lets a process do are two things: a distribution may allow a
//! namespace and forbid all that is done in it. So a whole plan is tried in a throw-away child, and whatever fails
//! there is left out of the next one. This module decides; who starts the children is the host.

use crate::{Calls, Layer, Layers, Level, Plan};

/// How a throw-away child ended that tried a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trial {
    /// It locked itself, used what is left to it, and exited.
    Locked,
    /// A layer could not be put on.
    Failed {
        /// Which one.
        layer: Layer,
        /// Why, in words.
        words: String,
    },
    /// The program's memory does not come from an arena, so it cannot do without calls for memory.
    NoArena,
    /// It was killed for a system call, after it had locked itself.
    Violation,
    /// Anything else.
    Strange {
        /// What was seen, in words.
        words: String,
    },
}

/// The exit code of a child that locked itself; not one that any program has.
const LOCKED: i32 = 98;

/// The exit code of a child whose program has no arena.
const NO_ARENA: i32 = 99;

/// The exit code of a child that failed at the first layer; those of the others follow.
const FAILED: i32 = 100;

impl Trial {
    /// The exit code by which a child says how it went. What is neither of [`Locked`](Trial::Locked),
    /// [`Failed`](Trial::Failed) and [`NoArena`](Trial::NoArena) has none, and gives one that says nothing.
    pub fn exit_code(&self) -> i32 {
        match self {
            Trial::Locked => LOCKED,
            Trial::NoArena => NO_ARENA,
            Trial::Failed { layer, .. } => {
                let place = Layer::ALL.iter().position(|known| known == layer).unwrap_or_default();
                FAILED + place as i32
            }
            Trial::Violation | Trial::Strange { .. } => 1,
        }
    }

    /// What an exit code says; the words are the child's own.
    pub fn from_exit_code(code: i32, words: &str) -> Trial {
        let layer = usize::try_from(code.saturating_sub(FAILED)).ok().and_then(|place| Layer::ALL.get(place));
        match (code, layer) {
            (LOCKED, _) => Trial::Locked,
            (NO_ARENA, _) => Trial::NoArena,
            (_, Some(layer)) => Trial::Failed { layer: *layer, words: words.to_owned() },
            _ => Trial::Strange { words: format!("the trial ended with code {code}: {words}") },
        }
    }
}

/// Something that a machine does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Which layer.
    pub layer: Layer,
    /// Why, in words.
    pub words: String,
}

/// What a machine can do, with one program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The strongest plan. Its level is D when not even the filter can be had.
    pub best: Plan,
    /// What it does without, and why.
    pub missing: Vec<Missing>,
}

impl Capabilities {
    /// The strongest level.
    pub fn level(&self) -> Level {
        self.best.outcome().level
    }

    /// The plan for exactly this level, if the machine can reach it.
    pub fn plan_at(&self, level: Level) -> Option<Plan> {
        if level == Level::D {
            return Some(Plan::NONE);
        }
        let plan = Plan { level, ..self.best };
        (plan.outcome().level == level && self.level() <= level).then_some(plan)
    }

    /// What is missing, as the end of a sentence.
    pub fn missing_words(&self) -> String {
        let words: Vec<&str> = self.missing.iter().map(|missing| missing.words.as_str()).collect();
        words.join("; ")
    }
}

/// The search for the strongest plan: [`next`](Search::next) says what is to be tried, [`tried`](Search::tried) how it
/// went. It ends after at most one trial for each layer and three more.
///
/// A trial that ends strangely is repeated once: it may have been in want of time or memory on a machine that has much to
/// do, and that is no reason to go without a sandbox.
#[derive(Debug)]
pub struct Search {
    plan: Plan,
    missing: Vec<Missing>,
    was_strange: bool,
    is_over: bool,
}

impl Search {
    /// Nothing was tried.
    pub fn new() -> Search {
        Search { plan: Plan::at(Level::A), missing: Vec::new(), was_strange: false, is_over: false }
    }

    /// What is to be tried next; none when the search is over.
    pub fn next(&self) -> Option<Plan> {
        (!self.is_over).then_some(self.plan)
    }

    /// How it went.
    pub fn tried(&mut self, trial: Trial) {
        match trial {
            Trial::Locked => self.is_over = true,
            Trial::NoArena if self.plan.calls == Calls::Three => self.plan.calls = Calls::Seven,
            Trial::Violation if !self.plan.clock => self.plan.clock = true,
            Trial::Failed { layer, words } if self.plan.layers().contains(layer) => {
                self.leave_out(layer, words)
            }
            Trial::NoArena => self.give_up("the program says twice that it has no arena".to_owned()),
            Trial::Violation => {
                self.give_up("the runner needs system calls that the filter does not leave".to_owned());
            }
            Trial::Strange { .. } if !self.was_strange => self.was_strange = true,
            Trial::Failed { words, .. } | Trial::Strange { words } => self.give_up(words),
        }
    }

    /// What was found; before the search is over, what is to be tried.
    pub fn result(self) -> Capabilities {
        Capabilities { best: self.plan, missing: self.missing }
    }

    fn leave_out(&mut self, layer: Layer, words: String) {
        // A root of its own needs a namespace for mounts.
        let gone = match layer {
            Layer::Namespaces => Layers::of(&[Layer::Namespaces, Layer::Root]),
            layer => Layers::of(&[layer]),
        };
        self.missing.push(Missing { layer, words });
        self.plan.without = self.plan.without.with(gone);
        if Level::of(self.plan.layers()) == Level::D {
            (self.plan, self.is_over) = (Plan::NONE, true);
        }
    }

    fn give_up(&mut self, words: String) {
        self.missing.push(Missing { layer: Layer::Filter, words });
        (self.plan, self.is_over) = (Plan::NONE, true);
    }
}

impl Default for Search {
    fn default() -> Search {
        Search::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine that answers by `answer`.
    fn search(answer: impl Fn(&Plan) -> Trial) -> Capabilities {
        let mut search = Search::new();
        let mut trials = 0;
        while let Some(plan) = search.next() {
            trials += 1;
            assert!(trials <= Layer::ALL.len() + 3, "a search without an end");
            search.tried(answer(&plan));
        }
        search.result()
    }

    fn without(missing: &[Layer]) -> Capabilities {
        search(|plan| match missing.iter().find(|layer| plan.layers().contains(**layer)) {
            Some(layer) => Trial::Failed { layer: *layer, words: format!("no {layer}") },
            None => Trial::Locked,
        })
    }

    #[test]
    fn what_fails_is_left_out_and_the_rest_is_kept() {
        assert_eq!(without(&[]), Capabilities { best: Plan::at(Level::A), missing: vec![] });
        let rows: &[(&[Layer], Level)] = &[
            (&[Layer::Namespaces], Level::B),
            (&[Layer::Root], Level::B),
            (&[Layer::Landlock], Level::C),
            (&[Layer::NoNewCode], Level::A),
            (&[Layer::Namespaces, Layer::Landlock, Layer::NoNewCode], Level::C),
            (&[Layer::Filter], Level::D),
            (&[Layer::NoNewPrivileges], Level::D),
            (&Layer::ALL, Level::D),
        ];
        for (missing, level) in rows {
            assert_eq!(without(missing).level(), *level, "{missing:?}");
        }
        let found = without(&[Layer::Root]);
        assert!(found.best.layers().contains(Layer::Namespaces), "no network is worth having all the same");
        assert_eq!(found.missing_words(), "no empty root");
        assert_eq!(
            without(&[Layer::Namespaces, Layer::Filter]).missing_words(),
            "no namespaces; no system calls"
        );
    }

    #[test]
    fn an_exact_level_is_had_where_a_stronger_one_is() {
        let all = without(&[]);
        for level in Level::ALL {
            assert_eq!(all.plan_at(level), Some(Plan::at(level)));
        }
        let weak = without(&[Layer::Landlock]);
        assert_eq!((weak.plan_at(Level::A), weak.plan_at(Level::B)), (None, None));
        assert_eq!(weak.plan_at(Level::C).map(|plan| plan.outcome().level), Some(Level::C));
        assert_eq!(without(&[Layer::Filter]).plan_at(Level::C), None);
    }

    #[test]
    fn a_program_may_need_more_calls() {
        let found = search(|plan| match (plan.calls, plan.clock) {
            (Calls::Three, _) => Trial::NoArena,
            (Calls::Seven, false) => Trial::Violation,
            (Calls::Seven, true) => Trial::Locked,
        });
        assert_eq!(found.best, Plan { calls: Calls::Seven, clock: true, ..Plan::at(Level::A) });
    }

    #[test]
    fn a_machine_that_makes_no_sense_can_do_nothing() {
        let strange = || Trial::Strange { words: "killed by signal 9".to_owned() };
        assert_eq!(search(|_| strange()).level(), Level::D);
        assert_eq!(search(|_| Trial::Violation).level(), Level::D);
        assert_eq!(search(|_| Trial::NoArena).level(), Level::D);
        let twice = |_: &Plan| Trial::Failed { layer: Layer::Root, words: String::new() };
        assert_eq!(search(twice).level(), Level::D);
    }

    #[test]
    fn what_is_strange_once_is_tried_again() {
        let strange = std::cell::Cell::new(true);
        let found = search(|_| match strange.replace(false) {
            true => Trial::Strange { words: "killed by signal 9".to_owned() },
            false => Trial::Locked,
        });
        assert_eq!(found, Capabilities { best: Plan::at(Level::A), missing: vec![] });
    }

    #[test]
    fn exit_codes_come_home() {
        for layer in Layer::ALL {
            let trial = Trial::Failed { layer, words: "why".to_owned() };
            assert_eq!(Trial::from_exit_code(trial.exit_code(), "why"), trial);
        }
        for trial in [Trial::Locked, Trial::NoArena] {
            assert_eq!(Trial::from_exit_code(trial.exit_code(), ""), trial);
        }
        assert!(matches!(Trial::from_exit_code(75, "no page"), Trial::Strange { .. }));
        assert!(matches!(Trial::from_exit_code(0, ""), Trial::Strange { .. }), "any program can exit with 0");
        assert!(matches!(Trial::from_exit_code(i32::MIN, ""), Trial::Strange { .. }));
    }
}

//! What a locked process claims, against what it was given and what the system says about it.

use crate::{Level, Mismatch, Plan, system};
use std::io;

/// Who finds out whether a process has given up what it was told to.
///
/// It looks from outside, and begins before the process locks itself: some systems show nobody a process that nobody may
/// look into.
#[derive(Debug)]
pub struct Witness {
    plan: Plan,
    /// None where there is nothing to be seen.
    record: Option<system::Record>,
}

impl Witness {
    /// The witness of the child `pid` that is to carry out `plan`.
    ///
    /// To be called by the thread that has just started it, before anything is said to it: what the child has inherited
    /// from this thread is not taken for its own doing.
    ///
    /// # Errors
    /// If the system shows nothing of the process, as where there is no `/proc`.
    pub fn new(pid: u32, plan: Plan) -> io::Result<Witness> {
        let record = match plan.layers().iter().next() {
            Some(_) => Some(system::Record::open(pid)?),
            None => None,
        };
        Ok(Witness { plan, record })
    }

    /// Compares what the process claims with its plan, and with what the system says about it. Nothing that is not trusted
    /// is to be sent to it before.
    ///
    /// # Errors
    /// What was claimed, and what was seen instead; [`Mismatch::Gone`] if there is nothing to be seen any more.
    pub fn verify(&self, level: Level, layers: &[String]) -> Result<(), Mismatch> {
        let planned = self.plan.outcome();
        if level != planned.level {
            return Err(Mismatch::Level { planned: planned.level, claimed: level });
        }
        if layers != planned.layers {
            return Err(Mismatch::Layers { planned: planned.layers.join(", "), claimed: layers.join(", ") });
        }
        self.record.as_ref().map_or(Ok(()), |record| record.check(&self.plan))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(plan: Plan, level: Level, layers: &[&str], expected: &str) {
        let layers: Vec<String> = layers.iter().map(|layer| (*layer).to_owned()).collect();
        let witness = Witness { plan, record: None };
        assert_eq!(witness.verify(level, &layers).unwrap_err().to_string(), expected);
    }

    #[test]
    fn a_claim_has_to_be_the_plan() {
        let plan = Plan::at(Level::C);
        check(plan, Level::D, &[], "a runner at level C was asked for, and it reports level D");
        check(plan, Level::A, &[], "a runner at level C was asked for, and it reports level A");
        check(
            plan,
            Level::C,
            &["limits"],
            "the layers no capabilities, no new privileges, limits, three calls were asked for, and it reports limits",
        );
    }

    #[test]
    fn nothing_is_looked_for_where_nothing_was_asked_for() {
        let witness = Witness::new(u32::MAX, Plan::NONE).unwrap();
        assert_eq!(witness.verify(Level::D, &[]), Ok(()));
        assert!(Witness::new(u32::MAX, Plan::at(Level::C)).is_err());
    }
}

//! What a locked process claims, against what it was given and what the system says about it.

use crate::{Level, Mismatch, Plan, system};

/// Compares what the process `pid` claims with the plan that it was given, and with what the system says about it.
/// Nothing that is not trusted is to be sent to it before.
///
/// # Errors
/// What was claimed, and what was seen instead.
pub fn verify(pid: u32, plan: &Plan, level: Level, layers: &[String]) -> Result<(), Mismatch> {
    let planned = plan.outcome();
    if level != planned.level {
        return Err(Mismatch::Level { planned: planned.level, claimed: level });
    }
    if layers != planned.layers {
        return Err(Mismatch::Layers { planned: planned.layers.join(", "), claimed: layers.join(", ") });
    }
    system::look(pid, plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(plan: Plan, level: Level, layers: &[&str], expected: &str) {
        let layers: Vec<String> = layers.iter().map(|layer| (*layer).to_owned()).collect();
        assert_eq!(verify(u32::MAX, &plan, level, &layers).unwrap_err().to_string(), expected);
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
        assert_eq!(verify(u32::MAX, &Plan::NONE, Level::D, &[]), Ok(()));
    }
}

//! How far runners are locked down: what the embedder wants, and what the machine can do.

use crate::error::LoadError;
use plughold_sandbox::{Capabilities, Level, OnViolation, Plan};
use std::fmt;

/// How far a plugin's process is locked down; for [`HostBuilder::sandbox`](crate::HostBuilder::sandbox).
///
/// What the machine can do is found by trying it, once for each host, in a process that is thrown away. If it is less
/// than what is wanted here, no plugin is loaded: [`LoadError::Sandbox`] says what is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sandbox {
    /// As far as the machine can, and at least level C.
    #[default]
    Best,
    /// As far as the machine can, and at least this level.
    AtLeast(Level),
    /// This level, also where more is possible. Level D needs
    /// [`allow_unsandboxed`](crate::HostBuilder::allow_unsandboxed).
    Exactly(Level),
    /// As far as the machine can; but a system call that is not allowed is named in
    /// [`Exit::Violation`](crate::Exit::Violation). It does not happen, yet a plugin that has taken its process over could
    /// name another one. For developers.
    Log,
}

/// The decision of a host.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lockdown {
    pub(crate) wanted: Sandbox,
    /// Whether a plugin may run at level D.
    pub(crate) allow_unsandboxed: bool,
}

/// The machine cannot do what is wanted, in words.
#[derive(Debug)]
pub(crate) struct Unreachable(pub(crate) String);

impl Lockdown {
    /// The plan, if it is the same on every machine.
    pub(crate) fn fixed(self) -> Option<Plan> {
        (self.wanted == Sandbox::Exactly(Level::D) && self.allow_unsandboxed).then_some(Plan::NONE)
    }

    /// The plan for runners on a machine that can do this.
    pub(crate) fn decide(self, machine: &Capabilities) -> Result<Plan, Unreachable> {
        let best = || Some(machine.best);
        let floor = if self.allow_unsandboxed { Level::D } else { Level::C };
        let (wanted, plan) = match self.wanted {
            Sandbox::Best => (floor, best()),
            Sandbox::Log => (floor, best().map(|plan| Plan { on_violation: OnViolation::Trap, ..plan })),
            Sandbox::AtLeast(level) => (level.min(floor), best()),
            Sandbox::Exactly(level) => (level, machine.plan_at(level)),
        };
        match plan.filter(|plan| plan.outcome().level <= wanted) {
            Some(plan) if plan.outcome().level == Level::D && !self.allow_unsandboxed => Err(Unreachable(
                "level D is no sandbox, and nobody has allowed plugins without one".to_owned(),
            )),
            Some(plan) => Ok(plan),
            None => Err(unreachable(wanted, machine)),
        }
    }
}

fn unreachable(wanted: Level, machine: &Capabilities) -> Unreachable {
    let found = machine.level();
    let missing = machine.missing_words();
    let words = format!("level {wanted} is wanted, and this machine reaches level {found}");
    Unreachable(if missing.is_empty() { words } else { format!("{words}: {missing}") })
}

impl fmt::Display for Unreachable {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl From<Unreachable> for LoadError {
    fn from(unreachable: Unreachable) -> LoadError {
        LoadError::Sandbox(unreachable.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plughold_sandbox::{Layer, Layers, Missing};

    /// A machine that reaches this level.
    fn machine(level: Level) -> Capabilities {
        let words = match level {
            Level::A => return Capabilities { best: Plan::at(Level::A), missing: Vec::new() },
            level => format!("no more than {level}"),
        };
        let without = Layers::ALL.except(level.layers());
        let best = Plan { without, ..Plan::at(if level == Level::D { Level::D } else { Level::A }) };
        Capabilities { best, missing: vec![Missing { layer: Layer::Namespaces, words }] }
    }

    #[track_caller]
    fn check(wanted: Sandbox, allow_unsandboxed: bool, found: Level, expected: &str) {
        let decided = Lockdown { wanted, allow_unsandboxed }.decide(&machine(found));
        let text = match decided {
            Ok(plan) => plan.outcome().level.to_string(),
            Err(unreachable) => unreachable.to_string(),
        };
        assert_eq!(text, expected, "{wanted:?} on a machine that reaches {found}");
    }

    #[test]
    fn nobody_gets_less_than_what_is_wanted() {
        check(Sandbox::Best, false, Level::A, "A");
        check(Sandbox::Best, false, Level::B, "B");
        check(Sandbox::Best, false, Level::C, "C");
        let none = "level C is wanted, and this machine reaches level D: no more than D";
        check(Sandbox::Best, false, Level::D, none);
        check(Sandbox::Log, false, Level::D, none);
        check(Sandbox::Best, true, Level::D, "D");
        check(Sandbox::AtLeast(Level::B), false, Level::A, "A");
        let weak = "level B is wanted, and this machine reaches level C: no more than C";
        check(Sandbox::AtLeast(Level::B), false, Level::C, weak);
        check(Sandbox::AtLeast(Level::B), true, Level::C, weak);
        check(Sandbox::AtLeast(Level::D), false, Level::D, none);
        check(Sandbox::Exactly(Level::C), false, Level::A, "C");
        check(
            Sandbox::Exactly(Level::A),
            false,
            Level::B,
            "level A is wanted, and this machine reaches level B: no more than B",
        );
        let bare = "level D is no sandbox, and nobody has allowed plugins without one";
        check(Sandbox::Exactly(Level::D), false, Level::A, bare);
        check(Sandbox::Exactly(Level::D), true, Level::A, "D");
    }

    #[test]
    fn violations_are_told_where_that_is_wanted() {
        let lockdown = Lockdown { wanted: Sandbox::Log, allow_unsandboxed: false };
        let plan = lockdown.decide(&machine(Level::A)).unwrap();
        assert_eq!((plan.on_violation, plan.outcome().level), (OnViolation::Trap, Level::A));
    }
}

//! What a process shall give up, as the host decides it before the process exists.

use crate::{Layer, Layers, Level, system};

/// Which system calls are left, besides those that [`Plan::clock`] adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Calls {
    /// `read` and `write` on descriptor 0, and `exit_group`. Calls for memory answer that there is none: all that
    /// the process may use is mapped before.
    Three,
    /// Also `mmap` (anonymous, private, never executable, at no place of the caller's choice), `munmap`, `mremap`
    /// and `brk`: for a program whose memory does not come from an arena.
    Seven,
}

/// What a call that is not left does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnViolation {
    /// It kills the process: the host sees SIGSYS.
    Kill,
    /// It does not happen either, and the process ends itself and says which call it was. For developers: a process
    /// that was taken over could say anything.
    Trap,
}

/// What a process shall give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Plan {
    /// How far it is to be locked down.
    pub level: Level,
    /// Which system calls are left.
    pub calls: Calls,
    /// Whether the clock may be read by a system call: only where the kernel does not serve it without one.
    pub clock: bool,
    /// What a call that is not left does.
    pub on_violation: OnViolation,
    /// Layers that are left out all the same: those that the machine does not have, and those that a test takes out. What
    /// is reported is the level that the remaining ones add up to.
    pub without: Layers,
}

impl Plan {
    /// Nothing is given up.
    pub const NONE: Plan = Plan::at(Level::D);

    /// The plan of a level: three calls, no clock, violations kill.
    pub const fn at(level: Level) -> Plan {
        Plan {
            level,
            calls: Calls::Three,
            clock: false,
            on_violation: OnViolation::Kill,
            without: Layers::NONE,
        }
    }

    /// One layer alone, with what it cannot do without; for tests.
    pub fn only(layer: Layer) -> Plan {
        let kept = match layer {
            Layer::Root => Layers::of(&[Layer::Namespaces, Layer::Root]),
            Layer::Filter => Layers::of(&[Layer::NoNewPrivileges, Layer::Filter]),
            Layer::Landlock => Layers::of(&[Layer::NoNewPrivileges, Layer::Landlock]),
            layer => Layers::of(&[layer]),
        };
        Plan { without: Layers::ALL.except(kept), ..Plan::at(Level::A) }
    }

    /// The layers that are put on. Without namespaces of its own a process keeps the root that it has: an empty one would be
    /// everybody's.
    pub fn layers(&self) -> Layers {
        let layers = self.level.layers().except(self.without);
        if layers.contains(Layer::Namespaces) { layers } else { layers.except(Layers::of(&[Layer::Root])) }
    }

    /// What the process reports once the plan is reached.
    pub fn outcome(&self) -> Established {
        let mut words: Vec<&'static str> = Vec::new();
        for layer in self.layers().iter() {
            words.push(match (layer, self.calls) {
                (Layer::Filter, Calls::Three) => system::FILTER[0],
                (Layer::Filter, Calls::Seven) => system::FILTER[1],
                (layer, _) => layer.words(),
            });
        }
        if self.layers().contains(Layer::Filter) {
            words.extend(self.clock.then_some("and the clock"));
            words.extend((self.on_violation == OnViolation::Trap).then_some("violations are told"));
        }
        Established { level: Level::of(self.layers()), layers: words }
    }

    /// As a number, to be passed to the process.
    pub fn encode(&self) -> u64 {
        let level = u64::from(u32::from(self.level.letter()));
        let calls = u64::from(self.calls == Calls::Seven);
        let clock = u64::from(self.clock);
        let trap = u64::from(self.on_violation == OnViolation::Trap);
        level | calls << 8 | clock << 9 | trap << 10 | u64::from(self.without.bits()) << 16
    }

    /// From a number. 0 is [`Plan::NONE`]: nobody has asked for anything.
    pub fn decode(number: u64) -> Option<Plan> {
        if number == 0 {
            return Some(Plan::NONE);
        }
        let flag = |bit: u32| number >> bit & 1 == 1;
        let plan = Plan {
            level: Level::from_letter(char::from(number as u8))?,
            calls: if flag(8) { Calls::Seven } else { Calls::Three },
            clock: flag(9),
            on_violation: if flag(10) { OnViolation::Trap } else { OnViolation::Kill },
            without: Layers::from_bits((number >> 16) as u16)?,
        };
        // What it does not say again was never a plan.
        (plan.encode() == number).then_some(plan)
    }
}

/// What is in force in a process, as it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Established {
    /// What it adds up to.
    pub level: Level,
    /// The layers, in words.
    pub layers: Vec<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_comes_home() {
        for level in Level::ALL {
            for bits in 0..8 {
                let plan = Plan {
                    level,
                    calls: if bits & 1 == 0 { Calls::Three } else { Calls::Seven },
                    clock: bits & 2 == 0,
                    on_violation: if bits & 4 == 0 { OnViolation::Kill } else { OnViolation::Trap },
                    without: Layers::of(&[Layer::Landlock]),
                };
                assert_eq!(Plan::decode(plan.encode()), Some(plan));
            }
        }
        assert_eq!(Plan::decode(0), Some(Plan::NONE));
        for strange in [1, u64::from(b'E'), 1 << 11 | u64::from(b'A'), 1 << 40 | u64::from(b'A'), u64::MAX] {
            assert_eq!(Plan::decode(strange), None, "{strange:#x}");
        }
    }

    #[test]
    fn what_is_reported_is_what_is_there() {
        assert_eq!(
            Plan::at(Level::A).outcome().layers,
            [
                "namespaces",
                "empty root",
                "no capabilities",
                "no new privileges",
                "no new code",
                "landlock",
                "limits",
                "three calls"
            ]
        );
        let plan =
            Plan { calls: Calls::Seven, clock: true, on_violation: OnViolation::Trap, ..Plan::at(Level::C) };
        let layers = [
            "no capabilities",
            "no new privileges",
            "limits",
            "seven calls",
            "and the clock",
            "violations are told",
        ];
        assert_eq!(plan.outcome(), Established { level: Level::C, layers: layers.to_vec() });
        assert_eq!(Plan::NONE.outcome(), Established { level: Level::D, layers: vec![] });
        assert_eq!(Plan::only(Layer::Root).outcome().layers, ["namespaces", "empty root"]);
        let without = Plan { without: Layers::of(&[Layer::Landlock]), ..Plan::at(Level::A) };
        assert_eq!(without.outcome().level, Level::C, "nobody says more than there is");
    }

    #[test]
    fn nobody_takes_the_root_of_others_away() {
        let plan = Plan { without: Layers::of(&[Layer::Namespaces]), ..Plan::at(Level::A) };
        assert_eq!(plan.layers(), Level::B.layers());
        assert_eq!(plan.outcome().level, Level::B);
    }
}

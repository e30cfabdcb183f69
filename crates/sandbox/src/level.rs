//! How far a process is locked down, in one letter.

use crate::{Layer, Layers};
use std::fmt;

/// How far a process is locked down. A smaller level is a stronger one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every layer.
    A,
    /// No namespaces, and so no root of its own: what a container or a distribution may forbid.
    B,
    /// The filter of system calls, the limits, and what needs no support of the kernel beyond them.
    C,
    /// Not locked at all.
    D,
}

impl Level {
    /// Every level, the strongest first.
    pub const ALL: [Level; 4] = [Level::A, Level::B, Level::C, Level::D];

    /// The layers that it is made of, where the system has them.
    pub const fn layers(self) -> Layers {
        match self {
            Level::A => Layers::ALL,
            Level::B => Layers::ALL.except(Layers::of(&[Layer::Namespaces, Layer::Root])),
            Level::C => Layers::ALL.except(Layers::of(&[
                Layer::Namespaces,
                Layer::Root,
                Layer::Landlock,
                Layer::NoNewCode,
            ])),
            Level::D => Layers::NONE,
        }
    }

    /// The layers without which it is not that level. What an older kernel lacks and another layer forbids as well is
    /// not among them.
    pub const fn promise(self) -> Layers {
        self.layers().except(Layers::of(&[Layer::NoNewCode]))
    }

    /// The strongest level whose promise these layers keep.
    pub fn of(layers: Layers) -> Level {
        Level::ALL.into_iter().find(|level| layers.contains_all(level.promise())).unwrap_or(Level::D)
    }

    /// Its letter.
    pub const fn letter(self) -> char {
        match self {
            Level::A => 'A',
            Level::B => 'B',
            Level::C => 'C',
            Level::D => 'D',
        }
    }

    /// The level with this letter.
    pub fn from_letter(letter: char) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.letter() == letter)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}", self.letter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_known_by_its_layers_and_its_letter() {
        for level in Level::ALL {
            assert_eq!(Level::of(level.layers()), level);
            assert_eq!(Level::from_letter(level.letter()), Some(level));
        }
        assert_eq!(Level::from_letter('E'), None);
    }

    #[test]
    fn one_missing_layer_lowers_the_level() {
        let without = |layer| Level::of(Layers::ALL.except(Layers::of(&[layer])));
        assert_eq!(without(Layer::Root), Level::B);
        assert_eq!(without(Layer::Landlock), Level::C);
        assert_eq!(without(Layer::Filter), Level::D);
        assert_eq!(without(Layer::Limits), Level::D);
        assert_eq!(without(Layer::NoNewCode), Level::A, "the filter lets no memory become executable");
    }

    #[test]
    fn a_stronger_level_has_all_layers_of_a_weaker_one() {
        for pair in Level::ALL.windows(2) {
            assert!(pair[0] < pair[1] && pair[0].layers().contains_all(pair[1].layers()));
        }
    }
}

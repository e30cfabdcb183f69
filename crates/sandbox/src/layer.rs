//! The layers of a lock-down. Each is there for the day on which the one before it has a hole.

use std::fmt;

/// One mechanism by which a process gives up rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Layer {
    /// Namespaces of its own for users, mounts, networks, System V objects, the host's name and control groups: no
    /// interface, no socket and no mount of the machine is there.
    Namespaces = 1,
    /// An empty root that cannot be written. It needs [`Namespaces`](Layer::Namespaces).
    Root = 1 << 1,
    /// No capabilities, and none to be had again.
    Capabilities = 1 << 2,
    /// No program that is executed brings rights with it.
    NoNewPrivileges = 1 << 3,
    /// No memory that is written becomes executable.
    NoNewCode = 1 << 4,
    /// No file is opened, no port is bound or connected to, no signal leaves.
    Landlock = 1 << 5,
    /// No descriptor, process, file or lock more than there is.
    Limits = 1 << 6,
    /// No system call but those of the plan. It needs [`NoNewPrivileges`](Layer::NoNewPrivileges).
    Filter = 1 << 7,
}

impl Layer {
    /// Every layer, in the order in which they are put on.
    pub const ALL: [Layer; 8] = [
        Layer::Namespaces,
        Layer::Root,
        Layer::Capabilities,
        Layer::NoNewPrivileges,
        Layer::NoNewCode,
        Layer::Landlock,
        Layer::Limits,
        Layer::Filter,
    ];

    /// The words for it, as in a list of what is in force.
    pub fn words(self) -> &'static str {
        match self {
            Layer::Namespaces => "namespaces",
            Layer::Root => "empty root",
            Layer::Capabilities => "no capabilities",
            Layer::NoNewPrivileges => "no new privileges",
            Layer::NoNewCode => "no new code",
            Layer::Landlock => "landlock",
            Layer::Limits => "limits",
            Layer::Filter => "system calls",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.words())
    }
}

/// A set of layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Layers(u16);

impl Layers {
    /// No layer.
    pub const NONE: Layers = Layers(0);

    /// Every layer.
    pub const ALL: Layers = Layers::of(&Layer::ALL);

    /// These layers.
    pub const fn of(layers: &[Layer]) -> Layers {
        let mut bits = 0;
        let mut at = 0;
        while at < layers.len() {
            bits |= layers[at] as u16;
            at += 1;
        }
        Layers(bits)
    }

    /// Whether it has the layer.
    pub fn contains(self, layer: Layer) -> bool {
        self.0 & layer as u16 != 0
    }

    /// Whether it has all of the others.
    pub fn contains_all(self, others: Layers) -> bool {
        self.0 & others.0 == others.0
    }

    /// Those that the others do not have.
    pub const fn except(self, others: Layers) -> Layers {
        Layers(self.0 & !others.0)
    }

    /// These and the others.
    pub const fn with(self, others: Layers) -> Layers {
        Layers(self.0 | others.0)
    }

    /// Its layers, in the order in which they are put on.
    pub fn iter(self) -> impl Iterator<Item = Layer> {
        Layer::ALL.into_iter().filter(move |layer| self.contains(*layer))
    }

    /// As a number: each layer is a bit.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// From a number; none if it has a bit that is no layer.
    pub const fn from_bits(bits: u16) -> Option<Layers> {
        if bits & !Layers::ALL.0 == 0 { Some(Layers(bits)) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_what_their_names_say() {
        let two = Layers::of(&[Layer::Filter, Layer::Root]);
        assert_eq!(two.iter().collect::<Vec<_>>(), [Layer::Root, Layer::Filter]);
        assert!(two.contains(Layer::Root) && !two.contains(Layer::Limits));
        assert!(Layers::ALL.contains_all(two) && !two.contains_all(Layers::ALL));
        assert_eq!(two.except(Layers::of(&[Layer::Root])), Layers::of(&[Layer::Filter]));
        assert_eq!(Layers::from_bits(two.bits()), Some(two));
        assert_eq!(Layers::from_bits(1 << 8), None);
        assert_eq!(Layers::ALL.iter().count(), Layer::ALL.len());
    }
}

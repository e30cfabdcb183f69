//! Faults that are planted to see that the simulator finds them.

use std::cell::Cell;
use std::rc::Rc;

/// Something that goes wrong on purpose, somewhere between the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing does.
    None,
    /// An answer is lost on its way, and with it the room in the window.
    ReturnLost,
    /// An answer arrives twice.
    ReturnDoubled,
    /// What a plugin gives back does not arrive.
    ReleaseLost,
    /// What a plugin gives back arrives twice.
    ReleaseDoubled,
    /// The end of a stream does not arrive.
    StreamEndLost,
    /// A process is gone, and nobody tells those who wait for it.
    EndForgotten,
    /// What a process has said last arrives at the one that follows.
    LateAnswer,
    /// Nobody kills the process that does not respond.
    KillForgotten,
    /// A caller is not woken when its time is over.
    DeadlineForgotten,
    /// The application never drops what it was given.
    ReferenceKept,
    /// The caller is gone, and its call goes on for ever.
    CancelForgotten,
    /// The answers of a plugin's life to its wishes are lost.
    ActionLost,
    /// A process is retired twice.
    RetiredTwice,
}

impl Fault {
    /// All that are planted.
    pub(super) const ALL: &[Fault] = &[
        Fault::ReturnLost,
        Fault::ReturnDoubled,
        Fault::ReleaseLost,
        Fault::ReleaseDoubled,
        Fault::StreamEndLost,
        Fault::EndForgotten,
        Fault::LateAnswer,
        Fault::KillForgotten,
        Fault::DeadlineForgotten,
        Fault::ReferenceKept,
        Fault::CancelForgotten,
        Fault::ActionLost,
        Fault::RetiredTwice,
    ];

    /// It strikes at every so many-th chance. Some have one chance in a world.
    fn rarity(self) -> u32 {
        match self {
            Fault::ReferenceKept | Fault::KillForgotten | Fault::LateAnswer => 1,
            _ => 3,
        }
    }
}

/// The fault of one world.
#[derive(Clone, Debug)]
pub(super) struct Faults {
    planted: Fault,
    chances: Rc<Cell<u32>>,
}

impl Faults {
    pub(super) fn new(planted: Fault) -> Faults {
        Faults { planted, chances: Rc::default() }
    }

    /// Whether this fault strikes now.
    pub(super) fn strike(&self, fault: Fault) -> bool {
        if self.planted != fault || fault == Fault::None {
            return false;
        }
        self.chances.set(self.chances.get() + 1);
        self.chances.get().is_multiple_of(self.planted.rarity())
    }
}

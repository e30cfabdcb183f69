//! Which process of a plugin stands for it, and what goes when it no longer does.

use crate::PluginId;
use crate::blackbox::Tap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// How a process stands among all processes of its plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It was started to take over from another, and has not done so yet.
    Candidate,
    /// It is the plugin.
    Current,
    /// It has ended, or another has taken over.
    Retired,
}

/// The line of processes of one plugin. One number says which of them is current, so a take-over happens for everybody in
/// one moment.
#[derive(Debug, Default)]
pub(crate) struct Lineage {
    current: AtomicU32,
    /// Who listens to their messages.
    tap: Arc<Tap>,
}

impl Lineage {
    /// The process of this generation is the plugin from now on, and those before it are not.
    pub(crate) fn take_over(&self, generation: u32) {
        self.current.fetch_max(generation, Ordering::AcqRel);
    }

    /// Who listens to their messages.
    pub(crate) fn tap(&self) -> &Arc<Tap> {
        &self.tap
    }

    /// The generation of the process that took over last.
    pub(crate) fn current(&self) -> u32 {
        self.current.load(Ordering::Acquire)
    }
}

/// Keeps things that belong to processes.
pub(crate) trait Keeper: Send + Sync {
    /// Drops what belongs to a process that has retired.
    fn forget(&self, seat: &Seat);

    /// Whether something belongs to the process.
    fn keeps(&self, seat: &Seat) -> bool;
}

/// The place of one process in its plugin's line. It outlives the process in whatever belonged to it.
pub(crate) struct Seat {
    lineage: Arc<Lineage>,
    plugin: PluginId,
    generation: u32,
    has_ended: AtomicBool,
    /// Who keeps something of the process; none once it has retired.
    keepers: Mutex<Option<Vec<Weak<dyn Keeper>>>>,
}

impl Seat {
    /// The place of the process `generation` of this plugin.
    pub(crate) fn new(lineage: Arc<Lineage>, plugin: PluginId, generation: u32) -> Seat {
        let keepers = Mutex::new(Some(Vec::new()));
        Seat { lineage, plugin, generation, has_ended: AtomicBool::new(false), keepers }
    }

    /// The plugin.
    pub(crate) fn plugin(&self) -> &PluginId {
        &self.plugin
    }

    /// Counts the plugin's processes.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// The line of processes that it is in.
    pub(crate) fn lineage(&self) -> &Arc<Lineage> {
        &self.lineage
    }

    /// How the process stands at this moment.
    pub(crate) fn standing(&self) -> Standing {
        self.standing_beside(self.lineage.current())
    }

    /// How the process stands when `current` is: whoever looks at several processes of a plugin asks which is current once.
    pub(crate) fn standing_beside(&self, current: u32) -> Standing {
        match self.generation {
            _ if self.has_ended.load(Ordering::Acquire) => Standing::Retired,
            generation if generation < current => Standing::Retired,
            generation if current < generation => Standing::Candidate,
            _ => Standing::Current,
        }
    }

    /// `keeper` is told when the process retires. False if it has retired already.
    pub(crate) fn tell(&self, keeper: Weak<dyn Keeper>) -> bool {
        match &mut *self.lock() {
            Some(keepers) => {
                keepers.push(keeper);
                true
            }
            None => false,
        }
    }

    /// The process is gone: whatever belonged to it is so from this moment on.
    pub(crate) fn end(&self) {
        self.has_ended.store(true, Ordering::Release);
    }

    /// Tells all keepers, once. They drop values of the application: not for callers that hold a lock.
    pub(crate) fn retire(&self) {
        let keepers = self.lock().take();
        for keeper in keepers.into_iter().flatten().filter_map(|keeper| keeper.upgrade()) {
            keeper.forget(self);
        }
    }

    /// Whether anybody keeps something of the process at this moment.
    pub(crate) fn is_kept(&self) -> bool {
        let keepers = self.lock().clone();
        let mut keepers = keepers.into_iter().flatten().filter_map(|keeper| keeper.upgrade());
        keepers.any(|keeper| keeper.keeps(self))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<Weak<dyn Keeper>>>> {
        self.keepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat(lineage: &Arc<Lineage>, generation: u32) -> Seat {
        Seat::new(lineage.clone(), PluginId::native("p").unwrap(), generation)
    }

    #[test]
    fn a_take_over_changes_two_standings_at_once() {
        let lineage = Arc::default();
        let (old, new) = (seat(&lineage, 3), seat(&lineage, 4));
        lineage.take_over(3);
        assert_eq!((old.standing(), new.standing()), (Standing::Current, Standing::Candidate));
        lineage.take_over(4);
        assert_eq!((old.standing(), new.standing()), (Standing::Retired, Standing::Current));
        lineage.take_over(3);
        assert_eq!(new.standing(), Standing::Current, "a late take-over changes nothing");
    }

    #[test]
    fn a_process_that_has_ended_is_retired() {
        let lineage = Arc::default();
        let (current, candidate) = (seat(&lineage, 1), seat(&lineage, 2));
        lineage.take_over(1);
        candidate.end();
        assert_eq!((current.standing(), candidate.standing()), (Standing::Current, Standing::Retired));
        current.end();
        assert_eq!(current.standing(), Standing::Retired);
    }

    #[test]
    fn keepers_are_told_once() {
        #[derive(Default)]
        struct Told(AtomicU32);
        impl Keeper for Told {
            fn forget(&self, _: &Seat) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
            fn keeps(&self, _: &Seat) -> bool {
                true
            }
        }
        let (seat, told) = (seat(&Arc::default(), 1), Arc::new(Told::default()));
        let keeper: Arc<dyn Keeper> = told.clone();
        assert!(seat.tell(Arc::downgrade(&keeper)));
        let dropped: Arc<dyn Keeper> = Arc::new(Told::default());
        assert!(seat.tell(Arc::downgrade(&dropped)));
        drop(dropped);
        assert!(seat.is_kept());
        seat.retire();
        assert!(!seat.is_kept());
        seat.retire();
        assert_eq!(told.0.load(Ordering::Relaxed), 1);
        assert!(!seat.tell(Arc::downgrade(&keeper)), "it comes too late");
    }
}

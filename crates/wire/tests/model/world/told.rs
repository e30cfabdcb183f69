//! What is told of a walk: its last steps, and how often it met what it is there for.

use crate::world::Name;

/// One step.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "shown when something is wrong")]
pub(super) enum Step {
    Create { party: usize, name: Name },
    Drop { party: usize, name: Name },
    Send { from: usize, first: Name, is_long: bool },
    Call { from: usize, name: Name },
    Answer { party: usize, call: u64 },
    Flush { party: usize },
    Write { from: usize },
    Read { at: usize },
    Restart { plugin: usize },
    Drain,
}

/// How often something happened that the model is there for.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(super) came_home: u64,
    pub(super) refused: u64,
    pub(super) passed_on: u64,
    pub(super) answered: u64,
    pub(super) answered_for_another: u64,
    pub(super) too_many: u64,
    pub(super) restarts: u64,
}

impl Seen {
    /// How often the rarest of them happened.
    pub(crate) fn rarest(&self) -> u64 {
        let Seen { came_home, refused, passed_on, answered, answered_for_another, too_many, restarts } =
            *self;
        let all = [came_home, refused, passed_on, answered, answered_for_another, too_many, restarts];
        all.into_iter().min().unwrap_or_default()
    }
}

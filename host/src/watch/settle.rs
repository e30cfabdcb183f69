//! When a place in a folder of plugins is to be looked at, and when what was seen there counts: a pure machine.
//!
//! Whoever writes a package does so in many steps: files are copied one after the other, editors write another file and
//! rename it, build tools remove everything first. Each step is heard of; one look is wanted, when they are over.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[cfg(test)]
mod tests;

/// A place that has not changed for so long is looked at. Longer than an editor takes between writing a file and renaming
/// it, and shorter than a person notices.
pub(crate) const QUIET: Duration = Duration::from_millis(40);

/// A place that goes on changing is looked at all the same after so long, as is one of whose files somebody has not
/// closed yet: a log that never ends must not keep its plugin from being reloaded.
pub(crate) const LONGEST: Duration = Duration::from_secs(2);

/// Something that cannot be loaded is told as a problem when nothing has changed for so long: what is half copied mostly
/// goes on within this time.
pub(crate) const PATIENCE: Duration = Duration::from_millis(500);

/// Something that is gone is taken for gone when it has not come back for so long: between removing the old and writing
/// the new, build tools take a moment.
pub(crate) const ABSENCE: Duration = Duration::from_millis(150);

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A place, or something in it, has changed.
    Changed(PathBuf, Step),
    /// It was looked at, as [`Action::Look`] said.
    Looked(PathBuf, Sight),
    /// A [deadline](Settle::deadline) has passed.
    Time,
}

/// What a change tells of those to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// It is done with.
    Done,
    /// A file was written to and not closed yet.
    Writing,
}

/// What a look saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// A package.
    Package,
    /// Something that may be one when it is complete.
    Problems,
    /// Nothing.
    Nothing,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Look at this place now, and tell what is there.
    Look(PathBuf),
    /// What the last look at this place saw counts.
    Accept(PathBuf),
}

/// The places where something goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settle {
    places: BTreeMap<PathBuf, Unsettled>,
}

#[derive(Clone, Copy, Debug)]
struct Unsettled {
    /// The first change that no look has answered.
    first: Instant,
    last: Instant,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It is to be quiet first.
    Moving(Step),
    /// It is looked at.
    Looked { changed: Option<Step> },
    /// What was seen may be a moment between two steps: it is looked at again.
    Doubtful { until: Instant },
}

impl Settle {
    /// Something happened. What is to be done comes back, in the order of the places.
    pub(crate) fn on(&mut self, input: Input, now: Instant) -> Vec<Action> {
        match input {
            Input::Changed(place, step) => self.changed(place, step, now),
            Input::Looked(place, sight) => return self.looked(place, sight, now),
            Input::Time => return self.time(now),
        }
        Vec::new()
    }

    /// When [`Input::Time`] is wanted next.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.places.values().filter_map(Unsettled::due).min()
    }

    /// Whether something goes on at a place.
    pub(crate) fn is_unsettled(&self, place: &Path) -> bool {
        self.places.contains_key(place)
    }

    fn changed(&mut self, place: PathBuf, step: Step, now: Instant) {
        let new = Unsettled { first: now, last: now, stage: Stage::Moving(step) };
        let known = self.places.entry(place).or_insert(new);
        known.last = now;
        known.stage = match known.stage {
            Stage::Looked { .. } => Stage::Looked { changed: Some(step) },
            Stage::Moving(_) | Stage::Doubtful { .. } => Stage::Moving(step),
        };
    }

    fn time(&mut self, now: Instant) -> Vec<Action> {
        let mut looks = Vec::new();
        for (place, known) in &mut self.places {
            if known.due().is_some_and(|due| due <= now) {
                known.stage = Stage::Looked { changed: None };
                looks.push(Action::Look(place.clone()));
            }
        }
        looks
    }

    fn looked(&mut self, place: PathBuf, sight: Sight, now: Instant) -> Vec<Action> {
        let Some(known) = self.places.get_mut(&place) else { return Vec::new() };
        let Stage::Looked { changed } = known.stage else { return Vec::new() };
        let is_late = known.first + LONGEST <= now;
        // What was seen while it changed may be half of the old and half of the new.
        if let Some(step) = changed {
            known.stage = Stage::Moving(step);
            if sight == Sight::Package && !is_late {
                return Vec::new();
            }
            // Its next look is as far away as after a first change.
            known.first = now;
            return if sight == Sight::Package { vec![Action::Accept(place)] } else { Vec::new() };
        }
        let until = match sight {
            Sight::Package => known.last,
            Sight::Problems => known.last + PATIENCE,
            Sight::Nothing => known.last + ABSENCE,
        };
        if now < until {
            known.stage = Stage::Doubtful { until };
            return Vec::new();
        }
        self.places.remove(&place);
        vec![Action::Accept(place)]
    }
}

impl Unsettled {
    fn due(&self) -> Option<Instant> {
        match self.stage {
            Stage::Moving(Step::Done) => Some((self.last + QUIET).min(self.first + LONGEST)),
            Stage::Moving(Step::Writing) => Some(self.first + LONGEST),
            Stage::Doubtful { until } => Some(until),
            Stage::Looked { .. } => None,
        }
    }
}

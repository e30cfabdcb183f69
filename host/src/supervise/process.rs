//! One process of a plugin, as the plugin's life knows it.

use crate::error::LoadError;
use crate::{Activity, Exit, KillReason};
use std::time::{Duration, Instant};

/// How often in the time after which a plugin rests it is looked at.
const LOOKS: u32 = 4;

/// The shortest time between two looks: a plugin that rests at once is not looked at all the time.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// How far a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Its turn has not come yet, or it is being spawned.
    Spawning,
    /// It has not given up its rights yet.
    Greeting,
    /// It is to be given its code together with the state of the one before, which was asked for that.
    Awaiting,
    /// It was given its code.
    Loading,
    /// Its code has run; something of the application holds the activation.
    Activating,
    /// It is used.
    Active,
    /// It is not used any more, and finishes what is in flight.
    Draining,
    /// It was asked to stop.
    Stopping,
}

/// One process.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) generation: u32,
    pub(super) stage: Stage,
    /// When it was begun.
    pub(super) begun: Instant,
    /// When its stage is over at the latest.
    pub(super) deadline: Option<Instant>,
    /// When it is gone at the latest: half of its end was seen.
    pub(super) last_breath: Option<Instant>,
    pub(super) was_active: bool,
    /// The plugin rested before: whoever uses it waits for this process.
    pub(super) is_on_use: bool,
    /// A candidate that no process and no pause stands behind: if it fails, the plugin has failed.
    pub(super) is_alone: bool,
    pub(super) is_unresponsive: bool,
    /// What it was doing when it was reported as unresponsive.
    pub(super) hang: Option<Activity>,
    /// It is to hand over its state when it stops, and the next one waits for that.
    pub(super) hands_over: bool,
    /// It has been asked to give its state, and has not.
    pub(super) owes_state: bool,
    /// It is being killed.
    pub(super) kill: Option<KillReason>,
    /// Why it could not be loaded.
    pub(super) failure: Option<LoadError>,
    pub(super) is_closed: bool,
    pub(super) exit: Option<Exit>,
    pub(super) usage: Usage,
}

/// When a process was used last, as far as anybody has looked.
#[derive(Debug)]
pub(super) struct Usage {
    /// It rests after so long without being used.
    pub(super) idle: Option<Duration>,
    quiet_since: Instant,
    activity: u64,
    /// When somebody has to look. None while it is not active, or the answer is awaited.
    pub(super) look: Option<Instant>,
}

impl Process {
    pub(super) fn new(generation: u32, now: Instant) -> Process {
        Process {
            generation,
            stage: Stage::Spawning,
            begun: now,
            deadline: None,
            last_breath: None,
            was_active: false,
            is_on_use: false,
            is_alone: false,
            is_unresponsive: false,
            hang: None,
            hands_over: false,
            owes_state: false,
            kill: None,
            failure: None,
            is_closed: false,
            exit: None,
            usage: Usage { idle: None, quiet_since: now, activity: 0, look: None },
        }
    }

    /// It is in this stage for so long at most.
    pub(super) fn enter(&mut self, stage: Stage, now: Instant, most: Option<Duration>) {
        self.stage = stage;
        self.deadline = most.and_then(|most| now.checked_add(most));
    }

    /// Whether it is on its way to being active, or is.
    pub(super) fn is_well(&self) -> bool {
        self.stage <= Stage::Active && !self.is_ending()
    }

    /// Whether it is used, and nothing speaks against that.
    pub(super) fn is_active(&self) -> bool {
        self.stage == Stage::Active && !self.is_ending()
    }

    /// Whether its end has begun.
    pub(super) fn is_ending(&self) -> bool {
        self.kill.is_some() || self.exit.is_some() || self.is_closed
    }

    /// How it ended, once all is known that will be.
    pub(super) fn ended(&mut self) -> Exit {
        match (self.exit.take(), self.kill.take()) {
            // The system's word, whoever was about to kill it.
            (Some(violation @ Exit::Violation { .. }), _) => violation,
            (_, Some(reason)) => Exit::Killed(reason),
            (Some(Exit::Code { code: 0, .. }), None) if self.stage == Stage::Stopping => Exit::Stopped,
            (exit, None) => exit.unwrap_or(Exit::Unknown),
        }
    }

    /// When it wants to hear of time.
    pub(super) fn due(&self) -> impl Iterator<Item = Instant> {
        let look = self.usage.look.filter(|_| self.is_active());
        [self.deadline, self.last_breath, look].into_iter().flatten()
    }
}

impl Usage {
    /// Somebody uses it now.
    pub(super) fn begin(&mut self, now: Instant) {
        self.quiet_since = now;
        self.look = self.idle.and_then(|idle| now.checked_add(between(idle)));
    }

    /// Nobody uses it now. Whether that has been so for long enough.
    pub(super) fn is_over(&mut self, activity: u64, now: Instant) -> bool {
        let Some(idle) = self.idle else { return false };
        if self.activity != activity {
            self.activity = activity;
            self.begin(now);
            return false;
        }
        let over = self.quiet_since.checked_add(idle);
        if over.is_some_and(|over| over <= now) {
            return true;
        }
        let next = now.checked_add(between(idle));
        self.look = next.zip(over).map(|(next, over)| next.min(over)).or(next);
        false
    }
}

/// The time between two looks at a process that rests after so long without being used.
fn between(idle: Duration) -> Duration {
    (idle / LOOKS).max(BETWEEN_LOOKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_rests_at_once_is_not_looked_at_without_a_pause() {
        let now = Instant::now();
        for idle in [Duration::ZERO, Duration::from_nanos(3), Duration::from_secs(1), Duration::MAX] {
            let mut usage = Process::new(1, now).usage;
            usage.idle = Some(idle);
            usage.begin(now);
            assert!(usage.look.is_none_or(|look| now + BETWEEN_LOOKS <= look), "{idle:?}");
        }
    }
}

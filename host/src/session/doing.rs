//! What the plugin's process is doing, from what its page, the system and the session know together.

use crate::clock;
use crate::launch::{self, Standing};
use crate::service::Activity;
use crate::session::Session;
use crate::session::watch::Sight;
use plughold_protocol::page::State;
use std::time::{Duration, Instant};

/// After so long without a heartbeat a turn that takes too long is stuck in native code. A loop beats every millisecond.
const STILL: Duration = Duration::from_millis(500);

/// Processor time without a heartbeat that leaves no doubt: a loop had beaten many times.
const STILL_RUNNING: Duration = Duration::from_millis(50);

/// How long the report of a plugin waits for its stack, or for that to be beyond doubt that there is none.
const PATIENCE: Duration = Duration::from_millis(800);

impl Session {
    /// What the process is doing.
    pub(crate) fn doing(&self) -> Activity {
        let stat = launch::stat(self.pid());
        match stat.map(|stat| stat.standing) {
            _ if !self.is_live() => return Activity::Dead,
            Some(Standing::Ended) => return Activity::Dead,
            Some(Standing::Stopped) => return Activity::Stopped,
            Some(Standing::Alive) | None => {}
        }
        let (page, limits) = (self.page(), self.limits());
        let Sight { pulse, lasting, still, is_owed } = self.sight();
        let is_long = limits.unresponsive <= lasting;
        match pulse.state {
            State::Booting => return Activity::Starting,
            State::Waiting => {
                if let Some((call, since)) = self.waits_for() {
                    return Activity::Waiting {
                        call,
                        lasting: clock::now().saturating_duration_since(since),
                    };
                }
            }
            // Messages wait, and it does not even wake up.
            State::Idle if is_owed && is_long => return Activity::Stopped,
            State::Idle => return Activity::Idle,
            // That it has ended is a claim: the system says nothing of it.
            State::Busy | State::Ended => {}
        }
        let serving = self.called(pulse.serving);
        if !is_long {
            return Activity::Busy { lasting, serving };
        }
        let stack = self.glimpse.of(page, pulse.turn);
        if STILL.min(limits.unresponsive) <= still {
            return Activity::Stuck { lasting: still, serving, last_seen: stack };
        }
        Activity::Hung { lasting, serving, stack }
    }

    /// What a call to the plugin is for, also when nobody wants its answer any more.
    fn called(&self, call: u64) -> Option<String> {
        Some(self.lock().calls.kept_of(call)?.link.as_ref()?.called().to_string())
    }

    /// The innermost call that the plugin waits for, and since when.
    fn waits_for(&self) -> Option<(String, Instant)> {
        let (id, since) = self.serving.blocked()?;
        let called = self.waiting().blocked_in(self.key(), id)?;
        Some((called.to_string(), since))
    }
}

/// A plugin that is to be reported as unresponsive, as soon as it is known what it is doing.
#[derive(Debug)]
pub(super) struct Unreported {
    since: Instant,
    /// For how long it had been in its turn by then.
    stuck: Duration,
    /// Processor time that it had had by then.
    cpu: Duration,
}

impl Unreported {
    pub(super) fn new(session: &Session, stuck: Duration) -> Unreported {
        Unreported { since: clock::now(), stuck, cpu: cpu(session) }
    }

    /// For how long it has been in its turn.
    pub(super) fn stuck(&self) -> Duration {
        self.stuck.saturating_add(clock::now().saturating_duration_since(self.since))
    }

    /// What it is doing, once that is known.
    pub(super) fn settled(&self, session: &Session) -> Option<Activity> {
        let activity = session.doing();
        let is_known = match &activity {
            Activity::Hung { stack, .. } => stack.is_some(),
            Activity::Stuck { .. } => self.cpu.saturating_add(STILL_RUNNING) <= cpu(session),
            _ => true,
        };
        let is_late = PATIENCE <= clock::now().saturating_duration_since(self.since);
        (is_known || is_late).then_some(activity)
    }
}

fn cpu(session: &Session) -> Duration {
    launch::stat(session.pid()).map_or(Duration::ZERO, |stat| stat.cpu)
}

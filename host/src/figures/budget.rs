//! How much of the processors a plugin may use.

use super::usage::Spent;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// How much of the processors a plugin may use in a minute, and what becomes of one that uses more.
///
/// The host looks at a plugin ten times a second while it is busy, so a budget is held to about a tenth of a second. It is
/// the budget of one process: a plugin that is started again begins anew.
///
/// ```
/// use plughold::{CpuBudget, Limits};
/// use std::time::Duration;
///
/// let mut limits = Limits::default();
/// limits.cpu = Some(CpuBudget::slow(Duration::from_secs(6))); // a tenth of one processor
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CpuBudget {
    /// The processor's time in each minute. What is used below a minute after the start counts whole.
    pub per_minute: Duration,
    /// What becomes of a plugin that has used more.
    pub then: OverBudget,
}

/// What becomes of a plugin that uses more of the processors than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum OverBudget {
    /// Its messages are read less often, so that it waits: after what it has computed it is not read for as long as the
    /// budget asks for, and at most a second at a time. Calls to it are answered that much later.
    Slow,
    /// It is ended, and [restarted](crate::Restart) as after a crash.
    Stop,
}

/// The most time in which a plugin is not read. Longer than what it computes between two messages, or slowing it would
/// come to nothing; and short enough that a call to it is late and not lost.
const REST: Duration = Duration::from_secs(1);

/// How often the same plugin is told of.
const TOLD: Duration = Duration::from_secs(60);

const MINUTE: Duration = Duration::from_secs(60);

/// A budget as it is kept. Pure: times come in.
#[derive(Debug)]
pub(crate) struct Budget {
    budget: CpuBudget,
    is_over: bool,
    /// When somebody was told last that it is.
    told: Option<Instant>,
    /// What was used when it rested last, and when that was.
    rested: Option<(Duration, Instant)>,
}

/// A plugin has used more than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Over {
    /// In the last minute.
    pub(crate) used: Duration,
    pub(crate) budget: CpuBudget,
    /// Nobody was told for a while.
    pub(crate) is_news: bool,
}

impl CpuBudget {
    /// A plugin that uses more is slowed down.
    pub fn slow(per_minute: Duration) -> CpuBudget {
        CpuBudget { per_minute, then: OverBudget::Slow }
    }

    /// A plugin that uses more is ended.
    pub fn stop(per_minute: Duration) -> CpuBudget {
        CpuBudget { per_minute, then: OverBudget::Stop }
    }
}

impl Budget {
    pub(crate) fn new(budget: CpuBudget) -> Budget {
        Budget { budget, is_over: false, told: None, rested: None }
    }

    /// This much was used by now. Says whether it is too much.
    pub(crate) fn used(&mut self, spent: Spent, now: Instant) -> Option<Over> {
        let used = spent.last_minute;
        self.is_over = self.budget.per_minute < used;
        if !self.is_over {
            self.rested = None;
            return None;
        }
        let is_news = self.told.is_none_or(|told| TOLD <= now.saturating_duration_since(told));
        if is_news {
            self.told = Some(now);
        }
        Some(Over { used, budget: self.budget, is_news })
    }

    /// Whether the plugin is slowed down.
    pub(crate) fn is_slowing(&self) -> bool {
        self.is_over && self.budget.then == OverBudget::Slow
    }

    /// How long it is not read after it has used this much by now: until it has waited as long for that as the budget asks
    /// for. None unless it is slowed down.
    pub(crate) fn rest(&mut self, spent: Spent, now: Instant) -> Option<Duration> {
        if !self.is_slowing() {
            return None;
        }
        let (total, at) = self.rested.replace((spent.total, now)).unwrap_or((spent.total, now));
        let used = spent.total.saturating_sub(total).as_secs_f64();
        let share = self.budget.per_minute.as_secs_f64() / MINUTE.as_secs_f64();
        let owed = used / share.max(f64::EPSILON) - now.saturating_duration_since(at).as_secs_f64();
        let rest = REST.min(Duration::try_from_secs_f64(owed.max(0.0)).unwrap_or(REST));
        // What it waits from now on is not to be counted as waited already.
        self.rested = Some((spent.total, now + rest));
        Some(rest).filter(|rest| !rest.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn spent(total: Duration, last_minute: Duration) -> Spent {
        Spent { total, last_minute }
    }

    #[test]
    fn who_uses_too_much_is_told_of_once_in_a_minute() {
        let start = Instant::now();
        let mut budget = Budget::new(CpuBudget::stop(SECOND * 6));
        let mut look = |at: u32, used: u32| {
            let over = budget.used(spent(SECOND * used, SECOND * used), start + SECOND * at)?;
            assert_eq!((over.used, over.budget.then), (SECOND * used, OverBudget::Stop));
            Some(over.is_news)
        };
        assert_eq!([look(0, 6), look(1, 7), look(2, 8)], [None, Some(true), Some(false)]);
        assert_eq!([look(3, 5), look(4, 7), look(61, 7)], [None, Some(false), Some(true)]);
        assert!(!budget.is_slowing());
        assert_eq!(budget.rest(spent(SECOND * 9, SECOND * 9), start + SECOND * 62), None);
    }

    /// A plugin that computes all the time when it may, a twentieth of a second at a time: what it has had after this time.
    fn compute(budget: CpuBudget, seconds: u64) -> Duration {
        let start = Instant::now();
        let (mut budget, mut now, mut total) = (Budget::new(budget), start, Duration::ZERO);
        let mut minute: super::super::seconds::Seconds<60> = super::super::seconds::Seconds::new(start);
        while now < start + Duration::from_secs(seconds) {
            now += SECOND / 20;
            total += SECOND / 20;
            minute.add(50, now);
            let spent = spent(total, Duration::from_millis(minute.sum(now)));
            budget.used(spent, now);
            now += budget.rest(spent, now).unwrap_or_default();
        }
        total
    }

    #[test]
    fn who_is_slowed_uses_what_it_may() {
        for per_minute in [4, 6, 12, 30] {
            let used = compute(CpuBudget::slow(SECOND * per_minute), 600).as_secs_f64();
            let allowed = f64::from(per_minute) * 10.0;
            assert!(used <= 1.2 * allowed && 0.7 * allowed <= used, "{used} s instead of {allowed}");
        }
        assert_eq!(compute(CpuBudget::slow(MINUTE), 60), MINUTE, "one whole processor");
    }

    #[test]
    fn nobody_is_kept_waiting_for_long() {
        let start = Instant::now();
        let mut budget = Budget::new(CpuBudget::slow(Duration::ZERO));
        for second in 0..10 {
            let (now, spent) = (start + SECOND * second, spent(SECOND * (second + 1), SECOND * (second + 1)));
            assert!(budget.used(spent, now).is_some());
            let rest = budget.rest(spent, now);
            assert!(rest.is_none_or(|rest| rest <= REST), "{rest:?}");
            assert_eq!(rest.is_some(), second != 0);
        }
    }
}

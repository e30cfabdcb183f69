//! What is kept of one process while it lives.

use crate::blackbox::tap::Trail;
use crate::blackbox::tape::Tape;
use crate::events::Level;
use plughold_protocol::Message;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Log lines that are remembered.
pub(crate) const LINES: usize = 32;

/// Bytes of each of them.
pub(crate) const LINE: usize = 512;

/// Points of the memory's curve. When they are full every second one is forgotten, and the others stand for twice the
/// time.
pub(crate) const POINTS: usize = 64;

/// The shortest time between two points.
const BETWEEN: Duration = Duration::from_millis(100);

/// What is kept of one process, beside the tape of what it was sent.
#[derive(Debug)]
pub(crate) struct Recorder {
    kept: Mutex<Kept>,
}

/// What the runner has said of itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Welcomed {
    pub(crate) engine: String,
    pub(crate) version: String,
}

/// One line of the plugin's log.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) at: Instant,
    pub(crate) level: Level,
    pub(crate) text: String,
}

#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) started: Instant,
    /// What the runner has said.
    pub(crate) heard: Tape,
    pub(crate) lines: VecDeque<Line>,
    pub(crate) memory: Vec<(Duration, u64)>,
    /// The time that a point of the curve stands for.
    between: Duration,
    pub(crate) welcomed: Welcomed,
    /// Where the plugin was when it was seen last.
    pub(crate) stack: Option<String>,
}

impl Recorder {
    pub(crate) fn new(now: Instant) -> Recorder {
        let kept = Kept {
            started: now,
            heard: Tape::new(now),
            lines: VecDeque::new(),
            memory: Vec::new(),
            between: BETWEEN,
            welcomed: Welcomed::default(),
            stack: None,
        };
        Recorder { kept: Mutex::new(kept) }
    }

    /// From now on others may listen to what the runner says.
    pub(crate) fn followed(self, trail: Trail) -> Recorder {
        self.lock().heard.follow(trail);
        self
    }

    /// A batch of messages is about to be handled.
    pub(crate) fn begin(&self, now: Instant) {
        self.lock().heard.begin(now);
    }

    pub(crate) fn heard(&self, message: &Message) {
        self.lock().heard.note(message);
    }

    /// A line that was shown, cleaned already.
    pub(crate) fn line(&self, level: Level, text: &str, now: Instant) {
        let text = text.get(..text.floor_char_boundary(LINE)).unwrap_or_default().to_owned();
        let mut kept = self.lock();
        if kept.lines.len() == LINES {
            kept.lines.pop_front();
        }
        kept.lines.push_back(Line { at: now, level, text });
    }

    /// Whether it is time for another point of the memory's curve: reading it costs a look at the system.
    pub(crate) fn wants_memory(&self, now: Instant) -> bool {
        let kept = self.lock();
        let at = now.saturating_duration_since(kept.started);
        kept.memory.last().is_none_or(|(last, _)| last.saturating_add(kept.between) <= at)
    }

    pub(crate) fn memory(&self, bytes: u64, now: Instant) {
        let mut kept = self.lock();
        let at = now.saturating_duration_since(kept.started);
        kept.memory.push((at, bytes));
        if kept.memory.len() == POINTS {
            let mut place = 0;
            kept.memory.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            kept.between = kept.between.saturating_mul(2);
        }
    }

    pub(crate) fn welcomed(&self, welcomed: Welcomed) {
        self.lock().welcomed = welcomed;
    }

    pub(crate) fn stack(&self, stack: Option<&str>) {
        if let Some(stack) = stack {
            self.lock().stack = Some(stack.to_owned());
        }
    }

    /// What there is. Nothing may be said or heard meanwhile.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_covers_the_whole_life_with_few_points() {
        let start = Instant::now();
        let recorder = Recorder::new(start);
        let mut asked = 0;
        for step in 0..100_000_u64 {
            let now = start + BETWEEN * u32::try_from(step).unwrap();
            if recorder.wants_memory(now) {
                asked += 1;
                recorder.memory(step, now);
            }
        }
        let kept = recorder.lock();
        assert!(kept.memory.len() < POINTS && POINTS / 4 < kept.memory.len(), "{}", kept.memory.len());
        assert_eq!(kept.memory.first().unwrap().1, 0);
        assert!(50_000 < kept.memory.last().unwrap().1);
        assert!(asked < 1_000, "{asked}");
    }

    #[test]
    fn the_last_lines_are_kept_and_cut() {
        let recorder = Recorder::new(Instant::now());
        for number in 0..100 {
            recorder.line(Level::Info, &format!("{number} {}", "ä".repeat(LINE)), Instant::now());
        }
        let kept = recorder.lock();
        assert_eq!(kept.lines.len(), LINES);
        assert!(kept.lines.iter().all(|line| line.text.len() <= LINE));
        assert!(kept.lines.front().unwrap().text.starts_with("68 "));
    }
}

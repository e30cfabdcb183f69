//! Where a busy plugin was at the last look, by its control page: it is not stopped for that.

use crate::launch::ControlPage;
use crate::session::Session;
use crate::text;
use plughold_protocol::Message;
use plughold_protocol::page::State;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a stack is waited for: an interrupt handler that runs at all answers within a millisecond, and a machine that
/// is busy lets it run within some of these.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often it is looked for meanwhile: at first at once, and then less often.
const FIRST_PAUSE: Duration = Duration::from_micros(200);

/// The longest pause between two looks.
const LAST_PAUSE: Duration = Duration::from_millis(20);

/// The last stack that was seen of one process.
#[derive(Debug, Default)]
pub(crate) struct Glimpse(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// What [`request_stack`](plughold_protocol::page::Page::request_stack) said, and the turn in which it was asked.
    asked: Option<(u32, u64)>,
    /// The turn that was seen, and where it was.
    last: Option<(u64, String)>,
}

impl Glimpse {
    /// Takes the stack that was asked for, if it is there, and asks for the next one. A turn that is stuck keeps the last one
    /// that it had.
    pub(super) fn look(&self, page: &ControlPage, turn: u64) {
        let mut seen = self.lock();
        seen.take(page, turn);
        match seen.asked {
            // Whoever else has asked may have withdrawn it.
            Some(_) => drop(page.request_stack()),
            None => seen.asked = Some((page.request_stack(), turn)),
        }
    }

    /// The last stack of this turn.
    pub(super) fn of(&self, page: &ControlPage, turn: u64) -> Option<String> {
        let mut seen = self.lock();
        seen.take(page, turn);
        seen.last.as_ref().filter(|(seen, _)| *seen == turn).map(|(_, stack)| stack.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn take(&mut self, page: &ControlPage, turn: u64) {
        let Some((before, asked)) = self.asked else { return };
        if asked != turn {
            self.asked = None;
        } else if let Some(stack) = page.stack_after(before) {
            self.asked = None;
            self.last = Some((turn, text::clean_block(&stack)));
        }
    }
}

impl Session {
    /// Where the plugin is right now, without stopping it. None when no JavaScript runs, or does not come to look at the page
    /// in time.
    pub(crate) async fn stack(&self) -> Option<String> {
        let page = self.page();
        let before = page.request_stack();
        match page.pulse().state {
            State::Booting | State::Idle | State::Ended => {
                page.withdraw_stack();
                return None;
            }
            // It looks at the page when it gets a message.
            State::Waiting => self.send(&Message::Ping { nonce: 0 }),
            State::Busy => {}
        }
        let (mut pause, mut left) = (FIRST_PAUSE, PATIENCE);
        loop {
            if let Some(stack) = page.stack_after(before) {
                return Some(text::clean_block(&stack)).filter(|stack| !stack.is_empty());
            }
            if left.is_zero() || !self.is_live() {
                page.withdraw_stack();
                return None;
            }
            self.sleep(pause).await;
            left = left.saturating_sub(pause);
            pause = LAST_PAUSE.min(2 * pause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_belongs_to_the_turn_in_which_it_was_asked_for() {
        let page = ControlPage::create().unwrap().0;
        let glimpse = Glimpse::default();
        glimpse.look(&page, 1);
        assert_eq!(glimpse.of(&page, 1), None);
        page.publish_stack("    at f (a.js:1:1)\u{7}");
        assert_eq!(glimpse.of(&page, 1).as_deref(), Some("    at f (a.js:1:1)\\u{7}"));
        assert_eq!(glimpse.of(&page, 2), None, "that was another turn");

        glimpse.look(&page, 2);
        page.publish_stack("    at g (a.js:2:1)");
        glimpse.look(&page, 3);
        assert_eq!(glimpse.of(&page, 3), None, "it came before the turn");
        page.publish_stack("    at h (a.js:3:1)");
        glimpse.look(&page, 3);
        glimpse.look(&page, 3);
        assert_eq!(glimpse.of(&page, 3).as_deref(), Some("    at h (a.js:3:1)"), "stuck ever since");
    }
}

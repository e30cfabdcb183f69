//! What a plugin leaves to its next generation: asked for, checked, and never looked into.

use crate::session::Session;
use crate::session::connection::{Signal, Violation, malformed, order};
use plughold_protocol::limits;
use plughold_protocol::message::Message;
use plughold_protocol::record::Refusal;
use plughold_wire::{Bounds, scan};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// What `suspend` gave: one encoded value without references, which the next process may get as it is. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct HandOver(Arc<[u8]>);

impl HandOver {
    /// Looks through what a runner sent: it ends the session if it is longer than [`limits::STATE`], no value, or contains
    /// what would end with the process.
    pub(super) fn new(bytes: &[u8]) -> Result<HandOver, Violation> {
        if limits::STATE < bytes.len() {
            let words = format!("a state of {} bytes; at most {} are allowed", bytes.len(), limits::STATE);
            return Err(Violation { why: Refusal::Limit, words });
        }
        let found = scan(bytes, &Bounds::default()).map_err(malformed)?;
        match found.references.len() {
            0 => Ok(HandOver(bytes.into())),
            count => Err(order(format!("a state with {count} references, which end with their process"))),
        }
    }

    /// A state for tests that never look into it.
    #[cfg(test)]
    pub(crate) fn of_test() -> HandOver {
        HandOver([0xc0].as_slice().into())
    }

    /// The encoded value.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for HandOver {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "HandOver({} bytes)", self.0.len())
    }
}

/// Which questions for a state a runner has still to answer.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    /// Whether the runner understands them.
    is_understood: bool,
    last: u64,
    open: BTreeSet<u64>,
    /// Whether its last message is an answer as well.
    is_parting: bool,
}

impl Questions {
    /// One more question, and its number.
    fn ask(&mut self) -> u64 {
        self.last += 1;
        self.open.insert(self.last);
        self.last
    }

    /// An answer. Whether it is the one that is waited for, none if the question is not open.
    fn take(&mut self, id: u64) -> Option<bool> {
        self.open.remove(&id).then_some(id == self.last && !self.is_parting)
    }
}

impl Session {
    /// The runner named the feature.
    pub(super) fn note_hand_over(&self) {
        self.questions().is_understood = true;
    }

    /// Asks the plugin for its state while it goes on; the answer is a [`Signal::Suspended`]. False if this runner cannot be
    /// asked.
    #[must_use = "a runner that cannot be asked does not answer"]
    pub(crate) fn ask_state(&self) -> bool {
        let mut questions = self.questions();
        if !questions.is_understood {
            return false;
        }
        let id = questions.ask();
        drop(questions);
        self.send(&Message::Suspend { id });
        true
    }

    /// Asks the plugin to finish within this time. If its state is wanted, a [`Signal::Suspended`] comes before its end,
    /// unless it does not finish.
    pub(crate) fn ask_stop(&self, grace: Duration, want_state: bool) {
        self.questions().is_parting = want_state;
        let grace_us = u64::try_from(grace.as_micros()).unwrap_or(u64::MAX);
        self.send(&Message::Stop { grace_us, want_state });
    }

    /// The runner answers: whether to the last question, since whoever asked before has given up. An answer to nothing
    /// ends the session.
    pub(super) fn take_suspended(&self, id: u64) -> Result<bool, Violation> {
        let is_last = self.questions().take(id);
        is_last.ok_or_else(|| order(format!("the state for question {id}, which is not open")))
    }

    /// The runner says its last. Whether that is an answer.
    pub(super) fn take_parting(&self) -> bool {
        std::mem::take(&mut self.questions().is_parting)
    }

    fn questions(&self) -> std::sync::MutexGuard<'_, Questions> {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Signal {
    /// A state, or none, or why there is none.
    pub(super) fn suspended(
        state: Option<&[u8]>,
        error: Option<&[u8]>,
        thrown: impl FnOnce(&[u8]) -> Result<crate::Thrown, Violation>,
    ) -> Result<Signal, Violation> {
        let state = match (state, error) {
            (_, Some(error)) => Err(thrown(error)?),
            (Some(state), None) => Ok(Some(HandOver::new(state)?)),
            (None, None) => Ok(None),
        };
        Ok(Signal::Suspended { state })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plughold_protocol::pack::Writer;
    use plughold_protocol::value as form;

    #[track_caller]
    fn refused(bytes: &[u8], expected: &str) {
        let Err(violation) = HandOver::new(bytes) else { panic!("it was taken") };
        assert!(violation.words.contains(expected), "{}", violation.words);
    }

    #[test]
    fn only_the_last_question_is_waited_for() {
        let mut questions = Questions::default();
        let (first, second) = (questions.ask(), questions.ask());
        assert_eq!(questions.take(first), Some(false), "a state of then is none of now");
        assert_eq!(questions.take(second), Some(true));
        assert_eq!(questions.take(second), None, "it was answered");
        let third = questions.ask();
        questions.is_parting = true;
        assert_eq!(questions.take(third), Some(false), "its last state is still to come");
    }

    #[test]
    fn a_state_is_plain_data_of_a_bounded_size() {
        assert_eq!(HandOver::new(&[0x91, 7]).ok().unwrap().bytes(), [0x91, 7]);
        refused(&[0x91], "a value that is refused");
        let mut text = Vec::new();
        Writer::new(&mut text).text(&"x".repeat(limits::STATE));
        refused(&text, "a state of 1048581 bytes; at most 1048576 are allowed");
        for kind in [form::FUNCTION, form::STREAM, form::HOME] {
            let mut reference = vec![0x91];
            Writer::new(&mut reference).extension(kind, &1_u64.to_le_bytes());
            refused(&reference, "a state with 1 references");
        }
        assert!(HandOver::new(&[0x91; 65]).is_err(), "too deep");
    }
}

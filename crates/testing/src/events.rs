//! What has happened, as a log in which one can wait.

use crate::waiting::patiently;
use plughold::{Event, Events};

/// Every event of a host, in order, each until somebody takes it.
#[derive(Debug)]
pub struct EventLog {
    events: Events,
    /// Events that were read while another one was looked for.
    passed: Vec<Event>,
}

impl EventLog {
    /// A log of what happens from now on.
    pub fn new(events: Events) -> EventLog {
        EventLog { events, passed: Vec::new() }
    }

    /// Waits for the first event, of those that nobody has taken yet, for which `pick` has an answer: its answer. The
    /// others stay in the log.
    ///
    /// Panics with `what` when there is none within [`PATIENCE`](crate::PATIENCE).
    pub async fn wait_for<T>(&mut self, what: &str, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        for index in 0..self.passed.len() {
            if let Some(picked) = pick(&self.passed[index]) {
                self.passed.remove(index);
                return picked;
            }
        }
        loop {
            let event = self.read(what).await;
            if let Some(picked) = pick(&event) {
                return picked;
            }
            self.passed.push(event);
        }
    }

    /// Takes the events that nobody has taken yet, in their order, up to and with the first for which `is_last` holds.
    ///
    /// Panics with `what` when there is none within [`PATIENCE`](crate::PATIENCE).
    pub async fn take_until(&mut self, what: &str, is_last: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut taken: Vec<Event> = Vec::new();
        let mut passed = std::mem::take(&mut self.passed).into_iter();
        loop {
            let event = match passed.next() {
                Some(event) => event,
                None => self.read(what).await,
            };
            taken.push(event);
            if taken.last().is_some_and(&is_last) {
                self.passed = passed.collect();
                return taken;
            }
        }
    }

    async fn read(&mut self, what: &str) -> Event {
        patiently(what, self.events.next()).await.expect("the host is gone")
    }
}

//! Calls of the plugin that wait for room in the window, and the releases that have to stay behind them.

use plughold_protocol::limits;
use plughold_protocol::record::{Limits, Released, Target};
use std::collections::VecDeque;

/// What could not leave yet, in the order in which it happened.
pub(crate) struct Queue {
    entries: VecDeque<Queued>,
    calls: usize,
    bytes: u64,
}

/// What waits.
pub(crate) enum Queued {
    /// A call, for room in the window.
    Call(QueuedCall),
    /// References that may stand in the calls before: they must not be released before those calls are sent.
    Release {
        /// The last call before.
        after: u64,
        /// What is given back.
        references: Vec<Released>,
    },
}

/// A call that waits.
pub(crate) struct QueuedCall {
    /// Its id. Ids grow from one call to the next.
    pub(crate) id: u64,
    /// The host's call that it was made for.
    pub(crate) parent: Option<u64>,
    /// Its arguments, encoded.
    pub(crate) arguments: Vec<u8>,
    target: OwnedTarget,
}

/// A target that outlives the plugin's call of it.
enum OwnedTarget {
    Api(u32),
    Function(u64),
    Method(u64, String),
    Export(String),
    Property(u64, String),
    Service(String),
}

impl Queue {
    /// Nothing waits.
    pub(crate) fn new() -> Queue {
        Queue { entries: VecDeque::new(), calls: 0, bytes: 0 }
    }

    /// How many calls wait.
    pub(crate) fn calls(&self) -> usize {
        self.calls
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether one call more with so many bytes of arguments may wait.
    pub(crate) fn may_take(&self, limits: &Limits, bytes: usize) -> bool {
        self.calls < limits.queued_calls as usize && self.bytes + bytes as u64 <= limits.queued_bytes
    }

    /// Adds a call; its id is above all before.
    pub(crate) fn push(&mut self, id: u64, target: Target, parent: Option<u64>, arguments: Vec<u8>) {
        self.calls += 1;
        self.bytes += arguments.len() as u64;
        let target = OwnedTarget::new(target);
        self.entries.push_back(Queued::Call(QueuedCall { id, parent, arguments, target }));
    }

    /// Adds a release behind the calls that wait. If none does it is given back, to be sent at once.
    pub(crate) fn push_release(&mut self, references: Vec<Released>) -> Result<(), Vec<Released>> {
        let Some(last) = self.entries.back_mut() else { return Err(references) };
        let after = last.order();
        match last {
            Queued::Release { references: waiting, .. }
                if waiting.len() + references.len() <= limits::ELEMENTS as usize =>
            {
                waiting.extend(references);
            }
            _ => self.entries.push_back(Queued::Release { after, references }),
        }
        Ok(())
    }

    /// The first that waits: a call only if there is room for it.
    pub(crate) fn pop(&mut self, has_room: bool) -> Option<Queued> {
        if matches!(self.entries.front()?, Queued::Call(_)) && !has_room {
            return None;
        }
        let queued = self.entries.pop_front()?;
        if let Queued::Call(call) = &queued {
            self.count_off(call);
        }
        Some(queued)
    }

    /// Takes a call out, if it waits.
    pub(crate) fn remove(&mut self, id: u64) -> Option<QueuedCall> {
        let at = self.entries.partition_point(|queued| queued.order() < id);
        match self.entries.remove(at)? {
            Queued::Call(call) if call.id == id => {
                self.count_off(&call);
                Some(call)
            }
            other => {
                self.entries.insert(at, other);
                None
            }
        }
    }

    fn count_off(&mut self, call: &QueuedCall) {
        self.calls -= 1;
        self.bytes -= call.arguments.len() as u64;
    }
}

impl Queued {
    /// Does not shrink from one to the next.
    fn order(&self) -> u64 {
        match self {
            Queued::Call(call) => call.id,
            Queued::Release { after, .. } => *after,
        }
    }
}

impl QueuedCall {
    /// What it calls.
    pub(crate) fn target(&self) -> Target<'_> {
        match &self.target {
            OwnedTarget::Api(index) => Target::Api(*index),
            OwnedTarget::Function(id) => Target::Function(*id),
            OwnedTarget::Method(id, name) => Target::Method(*id, name),
            OwnedTarget::Export(name) => Target::Export(name),
            OwnedTarget::Property(id, name) => Target::Property(*id, name),
            OwnedTarget::Service(name) => Target::Service(name),
        }
    }
}

impl OwnedTarget {
    fn new(target: Target) -> OwnedTarget {
        match target {
            Target::Api(index) => OwnedTarget::Api(index),
            Target::Function(id) => OwnedTarget::Function(id),
            Target::Method(id, name) => OwnedTarget::Method(id, name.to_owned()),
            Target::Export(name) => OwnedTarget::Export(name.to_owned()),
            Target::Property(id, name) => OwnedTarget::Property(id, name.to_owned()),
            Target::Service(name) => OwnedTarget::Service(name.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_calls(ids: &[u64]) -> Queue {
        let mut queue = Queue::new();
        for id in ids {
            queue.push(*id, Target::Method(*id, "go"), None, vec![0; 10]);
        }
        queue
    }

    fn released(id: u64) -> Vec<Released> {
        vec![Released { id, count: 1 }]
    }

    /// What leaves while there is room: `5` is a call, `-7` a release.
    fn drained(mut queue: Queue) -> Vec<i64> {
        let mut order = Vec::new();
        while let Some(queued) = queue.pop(true) {
            match queued {
                Queued::Call(call) => order.push(call.id as i64),
                Queued::Release { references, .. } => {
                    order.extend(references.iter().map(|released| -(released.id as i64)));
                }
            }
        }
        assert_eq!((queue.calls, queue.bytes), (0, 0));
        order
    }

    #[test]
    fn releases_stay_behind_the_calls_before() {
        assert_eq!(Queue::new().push_release(released(7)), Err(released(7)));
        let mut queue = with_calls(&[2, 5]);
        assert_eq!(queue.push_release(released(7)), Ok(()));
        assert_eq!(queue.push_release(released(8)), Ok(()));
        queue.push(6, Target::Api(0), None, Vec::new());
        assert_eq!(queue.push_release(released(9)), Ok(()));
        assert!(queue.pop(false).is_none());
        assert_eq!(drained(queue), [2, 5, -7, -8, 6, -9]);
    }

    #[test]
    fn a_call_can_be_taken_out() {
        let check = |removed: u64, is_there: bool, expected: &[i64]| {
            let mut queue = with_calls(&[2, 5]);
            assert_eq!(queue.push_release(released(7)), Ok(()));
            queue.push(9, Target::Service("x"), None, Vec::new());
            let call = queue.remove(removed);
            assert_eq!(call.map(|call| call.id), is_there.then_some(removed));
            assert_eq!(drained(queue), expected);
        };
        check(2, true, &[5, -7, 9]);
        check(5, true, &[2, -7, 9]);
        check(9, true, &[2, 5, -7]);
        for unknown in [1, 3, 7, 10] {
            check(unknown, false, &[2, 5, -7, 9]);
        }
    }

    #[test]
    fn what_waits_is_bounded() {
        let limits = Limits { queued_calls: 3, queued_bytes: 25, ..Limits::default() };
        let check = |calls: &[u64], bytes, expected| {
            assert_eq!(with_calls(calls).may_take(&limits, bytes), expected, "{calls:?} and {bytes}");
        };
        check(&[], 25, true);
        check(&[], 26, false);
        check(&[1, 2], 5, true);
        check(&[1, 2], 6, false);
        let limits = Limits { queued_calls: 2, ..Limits::default() };
        assert!(!with_calls(&[1, 2]).may_take(&limits, 0));
    }
}

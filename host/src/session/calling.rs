//! Calls in both directions, as a session sends them: to the plugin, and the answers to its own.

use crate::callback::Target;
use crate::clock;
use crate::error::CallError;
use crate::figures::{Ended, Place};
use crate::session::calls::Settled;
use crate::session::cancellation::thrown_by_children;
use crate::session::chain::Link;
use crate::session::exports::Exported;
use crate::session::ticket::Answer;
use crate::session::{Session, Ticket};
use crate::stream::Opened;
use crate::value::{Encoded, Thrown};
use plughold_package::Scope;
use plughold_protocol::limits;
use plughold_protocol::message::Message;
use plughold_protocol::record::{Outcome, Unwanted};
use plughold_wire::frame::Lane;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Session {
    /// Sends a call on behalf of `parent` and returns where its answer will be.
    ///
    /// Returns besides what cannot be sent: [`CallError::Depth`] when the chain of calls is too long already, and
    /// [`CallError::Circle`] when plugins would wait for each other.
    pub(crate) fn start_call(
        self: &Arc<Self>,
        target: Target,
        args: Encoded,
        after: Duration,
        parent: Option<Arc<Link>>,
    ) -> Result<Ticket, CallError> {
        if parent.as_ref().is_some_and(|parent| !parent.has_room()) {
            return Err(CallError::Depth { most: limits::CHAIN });
        }
        let Encoded { bytes, mut holds, exports, streams, berth, .. } = args;
        if self.limits().message < bytes.len() + limits::ENVELOPE {
            return Err(CallError::Arguments(self.too_long(bytes.len())));
        }
        holds.extend(target.reference().cloned());
        let opened = self.streams.open(streams).map_err(|error| CallError::Arguments(error.to_string()))?;
        let mut sending = self.lock();
        if sending.is_closed() {
            drop(sending);
            return Err(self.gone_error());
        }
        if limits::OUTBOX < sending.outbox.pending_bytes() {
            return Err(CallError::Busy { in_flight: sending.calls.len() as u64 });
        }
        let now = clock::now();
        let called = target.called();
        let slot = target.slot_in(&mut sending.account, &called);
        let awaited = self.waiting().open(parent.as_ref(), self.key(), self.plugin(), &called)?;
        let (id, receiver) = sending.calls.open_with(holds, slot, now)?;
        target.reference().inspect(|reference| reference.called());
        let call = Message::Call {
            id,
            target: target.on_the_wire(),
            args: &bytes,
            deadline_us: Some(u64::try_from(after.as_micros()).unwrap_or(u64::MAX)),
            parent: parent.as_ref().and_then(|parent| parent.ancestor_of(self.key())),
            blocking: false,
            trace: None,
        };
        let lane = sending.push_at(&call, now);
        opened.sent();
        sent_with(exports, || Place::argument_of(&called));
        let deadline = now.checked_add(after);
        let link = Link::to_plugin(self.key(), self.plugin().clone(), called, deadline, parent);
        if let Some(kept) = sending.calls.sent(lane == Lane::Bulk) {
            (kept.link, kept.awaited, kept.berth) = (Some(link), awaited, berth);
        }
        self.counters.calls_out.fetch_add(1, Ordering::Relaxed);
        // Alone, the call is written by its caller, without a hop to another task. Among others it waits for the
        // connection's task, which writes all of them at once.
        if sending.calls.len() == 1 && !sending.batching {
            self.write_now(&mut sending);
        } else {
            self.wake.notify_one();
        }
        self.drop_written(sending);
        Ok(Ticket::new(self.clone(), id, receiver))
    }

    /// What a call of the plugin belongs to that names the call `id` as its parent. None once that is answered; the error
    /// says why nobody wants that any more.
    pub(crate) fn link(&self, id: u64) -> Result<Option<Arc<Link>>, Unwanted> {
        self.lock().calls.kept(id).map(|kept| kept?.link.clone())
    }

    /// Sends a call without an answer.
    pub(crate) fn notify(&self, target: Target, args: Encoded) -> Result<(), CallError> {
        let Encoded { bytes, mut holds, exports, streams, .. } = args;
        holds.extend(target.reference().cloned());
        if self.limits().message < bytes.len() + limits::ENVELOPE {
            return Err(CallError::Arguments(self.too_long(bytes.len())));
        }
        let opened = self.streams.open(streams).map_err(|error| CallError::Arguments(error.to_string()))?;
        let mut sending = self.lock();
        if sending.is_closed() {
            drop(sending);
            return Err(self.gone_error());
        }
        if limits::OUTBOX < sending.outbox.pending_bytes() {
            return Err(CallError::Busy { in_flight: sending.calls.len() as u64 });
        }
        sending.push(&Message::Notify { target: target.on_the_wire(), args: &bytes, parent: None });
        opened.sent();
        sent_with(exports, || Place::argument_of(&target.called()));
        sending.hold(holds);
        self.wake.notify_one();
        drop(sending);
        Ok(())
    }

    /// The caller of `id` lost interest: the plugin is told once, and its answer dropped. What the plugin called on its
    /// behalf ends with it.
    pub(crate) fn cancel(&self, id: u64, why: Unwanted) {
        let mut sending = self.lock();
        let Some((is_long, kept)) = sending.calls.abandon(id, why) else { return };
        kept.awaited = None;
        sending.push_after_call(is_long, &Message::Cancel { id, why: Some(why) });
        drop(sending);
        let ended = self.serving.end_children(id, why);
        let thrown = thrown_by_children(why).to_value();
        let mut sending = self.lock();
        for id in ended {
            // Behind the cancellation: what the plugin does about these answers is not done on behalf of what has ended.
            let outcome = Outcome::Threw(&thrown);
            sending.push_after_call(is_long, &Message::Return { id, outcome, spent_us: 0 });
        }
        drop(sending);
        self.wake.notify_one();
    }

    /// Calls of the plugin end that rest on something for which that holds: each throws at once that it is not permitted.
    pub(crate) fn refuse(&self, is_denied: &dyn Fn(&Scope) -> bool) {
        let ended = self.serving.end_resting(is_denied);
        let refused = |(id, scope): (u64, Arc<Scope>)| {
            (id, self.access().refuse(&scope, crate::permissions::Refusal::Denied).to_value())
        };
        let refused = Vec::from_iter(ended.into_iter().map(refused));
        let mut sending = self.lock();
        if sending.is_closed() {
            return;
        }
        for (id, thrown) in refused {
            sending.push(&Message::Return { id, outcome: Outcome::Threw(&thrown), spent_us: 0 });
        }
        drop(sending);
        self.wake.notify_one();
    }

    /// Answers a call of the plugin, unless it is answered already.
    pub(crate) fn respond(&self, id: u64, outcome: Result<Encoded, Vec<u8>>) {
        let now = clock::now();
        let Some(slot) = self.serving.close(id, outcome.is_err(), now) else { return };
        let length = outcome.as_ref().map_or_else(Vec::len, |result| result.bytes.len());
        let mut outcome = match outcome {
            _ if self.limits().message < length + limits::ENVELOPE => {
                Err(Thrown::new("RangeError", self.too_long(length)).to_value())
            }
            outcome => outcome,
        };
        let streams =
            outcome.as_mut().map(|encoded| std::mem::take(&mut encoded.streams)).unwrap_or_default();
        let (outcome, opened) = match self.streams.open(streams) {
            Ok(opened) => (outcome, Some(opened)),
            Err(error) => (Err(Thrown::from(error).to_value()), None),
        };
        let mut sending = self.lock();
        if sending.is_closed() {
            return;
        }
        let value = match &outcome {
            Ok(encoded) => Outcome::Returned(&encoded.bytes),
            Err(thrown) => Outcome::Threw(thrown),
        };
        sending.push_at(&Message::Return { id, outcome: value, spent_us: 0 }, now);
        if let Ok(Encoded { holds, exports, .. }) = outcome {
            sending.hold(holds);
            opened.into_iter().for_each(Opened::sent);
            sent_with(exports, || Place::Result(self.serving.name_of(slot)));
        }
        if !sending.batching {
            self.write_now(&mut sending);
        }
        self.drop_written(sending);
    }

    fn too_long(&self, length: usize) -> String {
        format!("a message of {length} bytes; at most {} are allowed", self.limits().message)
    }

    /// Of what the answer to a call of the plugin's refers to, where it was passed.
    pub(crate) fn place_of_result(&self, id: u64) -> Place {
        let sending = self.lock();
        let link = sending.calls.kept_of(id).and_then(|kept| kept.link.as_ref());
        link.map_or(Place::Stream, |link| Place::result_of(link.called()))
    }

    /// The plugin answered, and says how long it has computed for that; false when there is no such call.
    pub(crate) fn settle(&self, id: u64, answer: Answer, has_thrown: bool, spent: Duration) -> bool {
        let mut sending = self.lock();
        let settled = sending.calls.settle(id);
        let Some(Settled { reply, kept }) = settled else { return false };
        // When it was read: nothing has to look at a clock for that.
        let now = sending.tape.now();
        let took = now.saturating_duration_since(kept.since);
        sending.account.ended(kept.slot, Ended { took, has_thrown, spent }, now);
        drop(sending);
        let unwanted = match reply {
            Some(reply) => reply.send(answer).err(),
            None => Some(answer),
        };
        drop((kept, unwanted));
        true
    }

    pub(crate) fn widen(&self, amount: u64) {
        self.lock().calls.widen(amount);
    }
}

/// What stands in a message is on its way; where it was passed is looked up only if there is something.
fn sent_with(exports: Vec<Exported>, place: impl FnOnce() -> Place) {
    if exports.is_empty() {
        return;
    }
    let place = place();
    exports.into_iter().for_each(|exported| exported.sent_at(&place));
}

//! What everybody shares who talks to one process of one plugin.

use crate::callback::{Reference, Target};
use crate::error::CallError;
use crate::launch::ControlPage;
use crate::service::Activation;
use crate::session::Ticket;
use crate::session::calls::{Answer, Settled};
use crate::session::sending::{Needs, Sending};
use crate::session::serving::Serving;
use crate::session::watch::{Action, Watch};
use crate::value::{Encoded, Scope, encode_arguments};
use crate::{Exit, Limits, PluginId, Thrown};
use interprocess::os::unix::uds_local_socket::tokio::Stream;
use plughold_protocol::message::Message;
use plughold_protocol::record::{Outcome, Released, Target as WireTarget};
use plughold_protocol::{limits, value};
use plughold_wire::frame::Lane;
use plughold_wire::{Outbox, Reference as Found};
use serde::Serialize;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::Sleep;

/// One process of one plugin, as its callers see it.
pub(crate) struct Session {
    /// Unique among all sessions of this process, so that a reference can never be taken for another's.
    key: u64,
    plugin: PluginId,
    generation: u32,
    limits: Limits,
    runtime: Handle,
    page: Arc<ControlPage>,
    sending: Mutex<Sending>,
    /// References to give back. A lock of its own, which nothing else is taken under: a reference may be dropped
    /// anywhere.
    releases: Mutex<Vec<Released>>,
    pub(crate) serving: Serving,
    pub(crate) activation: Activation,
    /// Wakes the connection's task: something waits to be written, or the watch was armed.
    pub(crate) wake: Notify,
    exit: OnceLock<Exit>,
    ended: Notify,
    pub(crate) counters: Counters,
}

/// What a session is made of.
pub(crate) struct SessionParts {
    pub(crate) plugin: PluginId,
    pub(crate) generation: u32,
    pub(crate) limits: Limits,
    pub(crate) runtime: Handle,
    pub(crate) stream: Arc<Stream>,
    pub(crate) page: Arc<ControlPage>,
}

/// Figures of one session, for status and tools.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) calls_in: AtomicU64,
    pub(crate) calls_out: AtomicU64,
    pub(crate) references: AtomicU32,
    pub(crate) dropped_logs: AtomicU64,
}

static NEXT_KEY: AtomicU64 = AtomicU64::new(1);

impl Session {
    pub(crate) fn new(parts: SessionParts) -> Arc<Session> {
        let in_flight = parts.limits.in_flight;
        let watch = Watch::new(&parts.limits, Instant::now());
        Arc::new(Session {
            key: NEXT_KEY.fetch_add(1, Ordering::Relaxed),
            plugin: parts.plugin,
            generation: parts.generation,
            limits: parts.limits,
            runtime: parts.runtime,
            page: parts.page,
            sending: Mutex::new(Sending::new(parts.stream, in_flight, watch)),
            releases: Mutex::new(Vec::new()),
            serving: Serving::new(in_flight),
            activation: Activation::new(),
            wake: Notify::new(),
            exit: OnceLock::new(),
            ended: Notify::new(),
            counters: Counters::default(),
        })
    }

    pub(crate) fn key(&self) -> u64 {
        self.key
    }

    pub(crate) fn plugin(&self) -> &PluginId {
        &self.plugin
    }

    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    pub(crate) fn page(&self) -> &ControlPage {
        &self.page
    }

    pub(crate) fn call_limit(&self) -> Duration {
        self.limits.call
    }

    /// A timer on the host's runtime, also when the caller is on none.
    pub(crate) fn sleep(&self, after: Duration) -> Pin<Box<Sleep>> {
        let _runtime = self.runtime.enter();
        Box::pin(tokio::time::sleep(after))
    }

    // -- Sending ------------------------------------------------------------------------------------------------

    /// Sends a message now, or with the batch that is being handled.
    pub(crate) fn send(&self, message: &Message) {
        let mut sending = self.lock();
        if sending.is_closed() {
            return;
        }
        sending.outbox.push(message);
        if !sending.batching {
            self.write_now(&mut sending);
        }
        self.drop_written(sending);
    }

    /// Sends a call and returns where its answer will be.
    pub(crate) fn start_call(
        self: &Arc<Self>,
        target: Target,
        args: Encoded,
        after: Duration,
        parent: Option<u64>,
    ) -> Result<Ticket, CallError> {
        let Encoded { bytes, mut holds } = args;
        if self.limits.message < bytes.len() + limits::ENVELOPE {
            return Err(CallError::Arguments(self.too_long(bytes.len())));
        }
        if let Target::Function(reference) = &target {
            holds.push(reference.clone());
        }
        let mut sending = self.lock();
        if sending.is_closed() {
            drop(sending);
            return Err(self.gone_error());
        }
        if limits::OUTBOX < sending.outbox.pending_bytes() {
            return Err(CallError::Busy { in_flight: sending.calls.len() as u64 });
        }
        let (id, receiver) = sending.calls.open(holds)?;
        let deadline_us = Some(u64::try_from(after.as_micros()).unwrap_or(u64::MAX));
        let target = match &target {
            Target::Function(reference) => WireTarget::Function(reference.id()),
            Target::Export(name) => WireTarget::Export(name),
        };
        let call =
            Message::Call { id, target, args: &bytes, deadline_us, parent, blocking: false, trace: None };
        let lane = sending.outbox.push(&call);
        self.counters.calls_out.fetch_add(1, Ordering::Relaxed);
        // Alone, the call is written by its caller, without a hop to another task. Among others it waits for the
        // connection's task, which writes all of them at once.
        if sending.calls.len() == 1 && !sending.batching {
            self.write_now(&mut sending);
        } else {
            self.wake.notify_one();
        }
        self.drop_written(sending);
        Ok(Ticket::new(self.clone(), id, receiver, lane == Lane::Bulk))
    }

    pub(crate) fn notify<A: Serialize>(&self, reference: &Arc<Reference>, args: &A) -> Result<(), CallError> {
        let encoded = encode_arguments(args, self.key).map_err(CallError::Arguments)?;
        let Encoded { bytes, mut holds } = encoded;
        holds.push(reference.clone());
        if self.limits.message < bytes.len() + limits::ENVELOPE {
            return Err(CallError::Arguments(self.too_long(bytes.len())));
        }
        let mut sending = self.lock();
        if sending.is_closed() {
            drop(sending);
            return Err(self.gone_error());
        }
        if limits::OUTBOX < sending.outbox.pending_bytes() {
            return Err(CallError::Busy { in_flight: sending.calls.len() as u64 });
        }
        let target = WireTarget::Function(reference.id());
        sending.outbox.push(&Message::Notify { target, args: &bytes, parent: None });
        sending.holds.append(&mut holds);
        self.wake.notify_one();
        drop(sending);
        Ok(())
    }

    /// The caller of `id` lost interest. `is_long` says that its call may still be in the bulk lane, which a
    /// cancellation must not overtake.
    pub(crate) fn cancel(&self, id: u64, is_long: bool) {
        let mut sending = self.lock();
        if sending.is_closed() || !sending.calls.abandon(id) {
            return;
        }
        if is_long && sending.outbox.has_bulk() {
            sending.outbox.push_behind_bulk(&Message::Cancel { id });
        } else {
            sending.outbox.push(&Message::Cancel { id });
        }
        self.wake.notify_one();
        drop(sending);
    }

    /// Answers a call of the plugin.
    pub(crate) fn respond(&self, id: u64, outcome: Result<Encoded, Vec<u8>>) {
        self.serving.close(id);
        let length = outcome.as_ref().map_or_else(Vec::len, |result| result.bytes.len());
        let outcome = match outcome {
            _ if self.limits.message < length + limits::ENVELOPE => {
                Err(Thrown::new("RangeError", self.too_long(length)).to_value())
            }
            outcome => outcome,
        };
        let mut sending = self.lock();
        if sending.is_closed() {
            return;
        }
        let (value, mut holds) = match &outcome {
            Ok(encoded) => (Outcome::Returned(&encoded.bytes), encoded.holds.clone()),
            Err(thrown) => (Outcome::Threw(thrown), Vec::new()),
        };
        sending.outbox.push(&Message::Return { id, outcome: value, spent_us: 0 });
        sending.holds.append(&mut holds);
        if !sending.batching {
            self.write_now(&mut sending);
        }
        self.drop_written(sending);
    }

    fn too_long(&self, length: usize) -> String {
        format!("a message of {length} bytes; at most {} are allowed", self.limits.message)
    }

    /// The plugin answered; false when there is no such call.
    pub(crate) fn settle(&self, id: u64, answer: Answer) -> bool {
        let mut sending = self.lock();
        let (settled, leftover) = sending.calls.settle(id, answer);
        drop(sending);
        drop(leftover);
        settled == Settled::Taken
    }

    pub(crate) fn widen(&self, amount: u64) {
        self.lock().calls.widen(amount);
    }

    /// Calls to the plugin that are open.
    pub(crate) fn calls_in_flight(&self) -> usize {
        self.lock().calls.len()
    }

    // -- References ---------------------------------------------------------------------------------------------

    /// One handle for each reference that a message introduced.
    pub(crate) fn scope(self: &Arc<Self>, found: &[Found]) -> Scope {
        let mut counts: std::collections::HashMap<u64, u32> = std::collections::HashMap::new();
        for reference in found.iter().filter(|reference| reference.kind == value::FUNCTION) {
            *counts.entry(reference.id).or_default() += 1;
        }
        counts
            .into_iter()
            .map(|(id, count)| (id, Arc::new(Reference::new(id, count, self.clone()))))
            .collect()
    }

    pub(crate) fn reference_made(&self) {
        self.counters.references.fetch_add(1, Ordering::Relaxed);
    }

    /// Gives a reference back. Never blocks; what is given back in one turn leaves in one message.
    pub(crate) fn release(&self, id: u64, count: u32) {
        self.counters.references.fetch_sub(1, Ordering::Relaxed);
        let mut releases = self.releases.lock().unwrap_or_else(PoisonError::into_inner);
        releases.push(Released { id, count });
        let is_first = releases.len() == 1;
        drop(releases);
        if is_first {
            self.wake.notify_one();
        }
    }

    // -- The connection's task ----------------------------------------------------------------------------------

    /// From now on messages wait for [`end_batch`](Session::end_batch).
    pub(crate) fn begin_batch(&self) {
        self.lock().batching = true;
    }

    pub(crate) fn end_batch(&self) {
        let mut sending = self.lock();
        sending.batching = false;
        self.write(&mut sending);
        self.drop_written(sending);
    }

    /// Writes what waits.
    pub(crate) fn flush(&self) {
        let mut sending = self.lock();
        self.write(&mut sending);
        self.drop_written(sending);
    }

    /// The socket has room again: writes on.
    pub(crate) fn unblock(&self) {
        self.lock().blocked = false;
        self.flush();
    }

    /// What the connection's task has to look after.
    pub(crate) fn needs(&self) -> Needs {
        let mut sending = self.lock();
        let failure = sending.failure.take();
        Needs { is_blocked: sending.blocked, is_watched: sending.watch.is_armed(), failure }
    }

    pub(crate) fn observe(&self) -> Option<Action> {
        let pulse = self.page.pulse();
        self.lock().watch.observe(pulse, Instant::now())
    }

    /// Writes for somebody else than the connection's task, which has to hear of what is left to do.
    fn write_now(&self, sending: &mut Sending) {
        let before = (sending.blocked, sending.watch.is_armed());
        self.write(sending);
        if sending.failure.is_some() || before != (sending.blocked, sending.watch.is_armed()) {
            self.wake.notify_one();
        }
    }

    fn write(&self, sending: &mut Sending) {
        self.collect_releases(sending);
        sending.write(&self.page);
    }

    fn collect_releases(&self, sending: &mut Sending) {
        let mut releases = self.releases.lock().unwrap_or_else(PoisonError::into_inner);
        if !releases.is_empty() {
            let references = std::mem::take(&mut *releases);
            drop(releases);
            sending.outbox.push(&Message::Release { references });
        }
    }

    /// Drops what was held until it was written, after the lock is gone: dropping a reference takes locks.
    fn drop_written(&self, mut sending: MutexGuard<Sending>) {
        let written = sending.take_written();
        drop(sending);
        drop(written);
    }

    fn lock(&self) -> MutexGuard<'_, Sending> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // -- The end ------------------------------------------------------------------------------------------------

    /// The process is gone: every open call is answered, every call of the plugin cancelled.
    pub(crate) fn end(&self, exit: Exit) {
        // The first to come knows how it ended.
        let _ = self.exit.set(exit);
        let mut sending = self.lock();
        let stream = sending.stream.take();
        sending.outbox = Outbox::new();
        let (open, held) = sending.calls.take_all();
        let holds = std::mem::take(&mut sending.holds);
        drop(sending);
        drop((stream, holds, held));
        let gone = self.gone_error();
        for reply in open {
            // The caller may have gone away as well.
            let _ = reply.send(Err(gone.clone()));
        }
        self.serving.cancel_all();
        self.activation.fail_gone();
        self.ended.notify_waiters();
    }

    pub(crate) fn is_live(&self) -> bool {
        self.exit.get().is_none()
    }

    pub(crate) async fn gone(&self) {
        loop {
            let ended = self.ended.notified();
            if !self.is_live() {
                return;
            }
            ended.await;
        }
    }

    pub(crate) fn gone_error(&self) -> CallError {
        let exit = self.exit.get().cloned().unwrap_or(Exit::Unknown);
        CallError::Gone { plugin: self.plugin.clone(), exit }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Session({} generation {})", self.plugin, self.generation)
    }
}

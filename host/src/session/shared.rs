//! What everybody shares who talks to one process of one plugin.

use crate::callback::Target;
use crate::error::CallError;
use crate::launch::ControlPage;
use crate::service::Activation;
use crate::session::Ticket;
use crate::session::calls::{Answer, Settled};
use crate::session::cancellation::Unwanted;
use crate::session::chain::Link;
use crate::session::exports::{ExportTable, Exported};
use crate::session::sending::{Needs, Sending};
use crate::session::serving::Serving;
use crate::session::waiting::Waiting;
use crate::session::watch::{Action, Watch};
use crate::stream::{Opened, Streams};
use crate::value::Encoded;
use crate::{Exit, Limits, PluginId, References, Thrown};
use interprocess::os::unix::uds_local_socket::tokio::Stream;
use plughold_protocol::limits;
use plughold_protocol::message::Message;
use plughold_protocol::record::{Outcome, Released};
use plughold_wire::Outbox;
use plughold_wire::frame::Lane;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
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
    /// Streams in both directions.
    pub(crate) streams: Streams,
    /// What the plugin holds of the host.
    exports: Arc<ExportTable>,
    waiting: Arc<Waiting>,
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
    /// Who waits for whom among all plugins of the host.
    pub(crate) waiting: Arc<Waiting>,
}

/// Figures of one session, for status and tools.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) calls_in: AtomicU64,
    pub(crate) calls_out: AtomicU64,
    pub(crate) references: AtomicU32,
    /// Bytes of what the plugin's objects that the host holds tell of themselves.
    pub(crate) described: AtomicUsize,
    pub(crate) dropped_logs: AtomicU64,
}

static NEXT_KEY: AtomicU64 = AtomicU64::new(1);

impl Session {
    pub(crate) fn new(parts: SessionParts) -> Arc<Session> {
        let in_flight = parts.limits.in_flight;
        let watch = Watch::new(&parts.limits, Instant::now());
        let key = NEXT_KEY.fetch_add(1, Ordering::Relaxed);
        Arc::new(Session {
            key,
            plugin: parts.plugin,
            generation: parts.generation,
            limits: parts.limits,
            runtime: parts.runtime,
            page: parts.page,
            sending: Mutex::new(Sending::new(parts.stream, in_flight, watch)),
            releases: Mutex::new(Vec::new()),
            serving: Serving::new(in_flight),
            streams: Streams::default(),
            exports: ExportTable::new(key, limits::REFERENCES),
            waiting: parts.waiting,
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

    pub(crate) fn waiting(&self) -> &Arc<Waiting> {
        &self.waiting
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

    /// Sends a message of a stream behind every message that was sent before it, however long. Gives `parts` back when
    /// nothing can be sent any more: dropping them may run code of the application.
    #[must_use = "what was not sent is dropped where no lock is held"]
    pub(crate) fn send_behind(&self, message: &Message, parts: Encoded) -> Option<Encoded> {
        let mut sending = self.lock();
        if sending.is_closed() {
            return Some(parts);
        }
        if sending.outbox.has_bulk() {
            sending.outbox.push_behind_bulk(message);
        } else {
            sending.outbox.push(message);
        }
        sending.hold(parts.holds);
        parts.exports.into_iter().for_each(Exported::sent);
        if !sending.batching {
            self.write_now(&mut sending);
        }
        self.drop_written(sending);
        None
    }

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
        let Encoded { bytes, mut holds, exports, streams, .. } = args;
        if self.limits.message < bytes.len() + limits::ENVELOPE {
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
        let called = target.called();
        let awaited = self.waiting.open(parent.as_ref(), self.key, &self.plugin, &called)?;
        let (id, receiver) = sending.calls.open(holds)?;
        let call = Message::Call {
            id,
            target: target.on_the_wire(),
            args: &bytes,
            deadline_us: Some(u64::try_from(after.as_micros()).unwrap_or(u64::MAX)),
            parent: parent.as_ref().and_then(|parent| parent.ancestor_of(self.key)),
            blocking: false,
            trace: None,
        };
        let lane = sending.outbox.push(&call);
        opened.sent();
        exports.into_iter().for_each(Exported::sent);
        let deadline = Instant::now().checked_add(after);
        let link = Link::to_plugin(self.key, self.plugin.clone(), called, deadline, parent);
        sending.calls.sent(link, awaited, lane == Lane::Bulk);
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
        self.lock().calls.link(id)
    }

    /// Sends a call without an answer.
    pub(crate) fn notify(&self, target: Target, args: Encoded) -> Result<(), CallError> {
        let Encoded { bytes, mut holds, exports, streams, .. } = args;
        holds.extend(target.reference().cloned());
        if self.limits.message < bytes.len() + limits::ENVELOPE {
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
        let target = target.on_the_wire();
        sending.outbox.push(&Message::Notify { target, args: &bytes, parent: None });
        opened.sent();
        exports.into_iter().for_each(Exported::sent);
        sending.hold(holds);
        self.wake.notify_one();
        drop(sending);
        Ok(())
    }

    /// The caller of `id` lost interest: the plugin is told once, and its answer dropped. What the plugin called on its
    /// behalf ends with it.
    pub(crate) fn cancel(&self, id: u64, why: Unwanted) {
        let mut sending = self.lock();
        let Some(is_long) = sending.calls.abandon(id, why).filter(|_| !sending.is_closed()) else { return };
        sending.push_after_call(is_long, &Message::Cancel { id });
        drop(sending);
        let ended = self.serving.end_children(id, why);
        let thrown = why.to_thrown().to_value();
        let mut sending = self.lock();
        for id in ended {
            // Behind the cancellation: what the plugin does about these answers is not done on behalf of what has ended.
            let outcome = Outcome::Threw(&thrown);
            sending.push_after_call(is_long, &Message::Return { id, outcome, spent_us: 0 });
        }
        drop(sending);
        self.wake.notify_one();
    }

    /// Answers a call of the plugin, unless it is answered already.
    pub(crate) fn respond(&self, id: u64, outcome: Result<Encoded, Vec<u8>>) {
        if !self.serving.close(id) {
            return;
        }
        let length = outcome.as_ref().map_or_else(Vec::len, |result| result.bytes.len());
        let mut outcome = match outcome {
            _ if self.limits.message < length + limits::ENVELOPE => {
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
        sending.outbox.push(&Message::Return { id, outcome: value, spent_us: 0 });
        if let Ok(Encoded { holds, exports, .. }) = outcome {
            sending.hold(holds);
            opened.into_iter().for_each(Opened::sent);
            exports.into_iter().for_each(Exported::sent);
        }
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

    /// Bytes that wait to be written.
    pub(crate) fn unwritten(&self) -> usize {
        self.lock().outbox.pending_bytes()
    }

    /// References that are held until the message around them is written.
    #[cfg(test)]
    pub(crate) fn held_until_written(&self) -> usize {
        self.lock().holds.len()
    }

    /// Calls to the plugin that are open.
    pub(crate) fn calls_in_flight(&self) -> usize {
        self.lock().calls.len()
    }

    // -- References ---------------------------------------------------------------------------------------------

    /// What the plugin holds of the host.
    pub(crate) fn exports(&self) -> &Arc<ExportTable> {
        &self.exports
    }

    /// What is held across the border of the process, in both directions.
    pub(crate) fn references(&self) -> References {
        let exported = u32::try_from(self.exports.len()).unwrap_or(u32::MAX);
        References { exported, imported: self.counters.references.load(Ordering::Relaxed) }
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
        let is_waiting = self.serving.is_blocking();
        self.lock().watch.observe(pulse, is_waiting, Instant::now())
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
        self.streams.collect(&mut sending.outbox);
        sending.write(&self.page);
        self.streams.written(sending.outbox.pending_bytes());
    }

    fn collect_releases(&self, sending: &mut Sending) {
        let mut releases = self.releases.lock().unwrap_or_else(PoisonError::into_inner);
        if !releases.is_empty() {
            let references = std::mem::take(&mut *releases);
            drop(releases);
            // More at a time would be no message: what is given back at once may have been held one after the other.
            for references in references.chunks(limits::ELEMENTS as usize) {
                sending.outbox.push(&Message::Release { references: references.to_vec() });
            }
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
        self.streams.close(&gone);
        self.serving.cancel_all();
        // What the plugin held may be the application's: dropping it runs code, which no lock may be held for.
        drop(self.exports.close());
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

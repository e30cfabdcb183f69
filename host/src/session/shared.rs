//! What everybody shares who talks to one process of one plugin.

use crate::blackbox::{Direction, Recorder, Tape, Trail};
use crate::clock;
use crate::error::CallError;
use crate::figures::usage::Usage;
use crate::launch::ControlPage;
use crate::permissions::Access;
use crate::session::berths::Berths;
use crate::session::calls::Settled;
use crate::session::exports::{ExportTable, Exported};
use crate::session::gate::Gate;
use crate::session::glimpse::Glimpse;
use crate::session::handover::Questions;
use crate::session::imports::ImportTable;
use crate::session::pipe::Pipe;
use crate::session::sending::{Needs, Sending};
use crate::session::serving::Serving;
use crate::session::standing::{Lineage, Seat};
use crate::session::ticket::OldestCalls;
use crate::session::waiting::Waiting;
use crate::session::watch::{Action, Sight, Watch};
use crate::stream::Streams;
use crate::supervise::Activation;
use crate::value::Encoded;
use crate::{Exit, Limits, PluginId, References};
use plughold_protocol::limits;
use plughold_protocol::message::Message;
use plughold_protocol::page::State;
use plughold_protocol::record::Released;
use plughold_wire::Outbox;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
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
    pid: u32,
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
    /// What the host holds of the plugin.
    imports: ImportTable,
    waiting: Arc<Waiting>,
    /// What other plugins take of its window.
    berths: Berths,
    pub(crate) activation: Activation,
    /// Its place among the plugin's processes.
    seat: Arc<Seat>,
    /// What it may do.
    access: Arc<Access>,
    pub(super) questions: Mutex<Questions>,
    /// Wakes the connection's task: something waits to be written, or the watch was armed.
    pub(crate) wake: Notify,
    /// Whether it takes new calls of what the plugin exports.
    pub(crate) gate: Gate,
    exit: OnceLock<Exit>,
    ended: Notify,
    /// Where the plugin was at the last look.
    pub(super) glimpse: Glimpse,
    pub(crate) counters: Counters,
    recorder: Recorder,
    /// What its process has had of the processors.
    usage: Usage,
}

/// What a session is made of.
pub(crate) struct SessionParts {
    pub(crate) plugin: PluginId,
    pub(crate) generation: u32,
    pub(crate) limits: Limits,
    pub(crate) runtime: Handle,
    pub(crate) pid: u32,
    pub(crate) stream: Arc<dyn Pipe>,
    pub(crate) page: Arc<ControlPage>,
    /// Who waits for whom among all plugins of the host.
    pub(crate) waiting: Arc<Waiting>,
    /// The plugin's processes.
    pub(crate) lineage: Arc<Lineage>,
    /// What the process may do.
    pub(crate) access: Arc<Access>,
}

/// Figures of one session, for status and tools.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) calls_in: AtomicU64,
    pub(crate) calls_out: AtomicU64,
    /// Bytes that were read.
    pub(crate) bytes_in: AtomicU64,
    pub(crate) references: AtomicU32,
    /// Bytes of what the plugin's objects that the host holds tell of themselves.
    pub(crate) described: AtomicUsize,
    pub(crate) dropped_logs: AtomicU64,
    /// It has used more of the processors than it may, and is slowed down.
    pub(crate) is_slowed: AtomicBool,
    /// The plugin has asked to be woken at some time.
    pub(crate) wants_wake: AtomicBool,
}

static NEXT_KEY: AtomicU64 = AtomicU64::new(1);

impl Session {
    pub(crate) fn new(parts: SessionParts) -> Arc<Session> {
        let Limits { in_flight, references, .. } = parts.limits;
        let watch = Watch::new(&parts.limits, clock::now());
        let key = NEXT_KEY.fetch_add(1, Ordering::Relaxed);
        let trail =
            |direction| Trail { tap: parts.lineage.tap().clone(), generation: parts.generation, direction };
        let recorder = Recorder::new(clock::now()).followed(trail(Direction::In));
        let mut sending = Sending::new(parts.stream, in_flight, watch);
        sending.tape.follow(trail(Direction::Out));
        let seat = Arc::new(Seat::new(parts.lineage, parts.plugin.clone(), parts.generation));
        Arc::new(Session {
            key,
            plugin: parts.plugin,
            generation: parts.generation,
            pid: parts.pid,
            limits: parts.limits,
            runtime: parts.runtime,
            page: parts.page,
            sending: Mutex::new(sending),
            releases: Mutex::new(Vec::new()),
            serving: Serving::new(in_flight),
            streams: Streams::default(),
            exports: ExportTable::new(key, references as usize),
            imports: ImportTable::default(),
            waiting: parts.waiting,
            berths: Berths::new(key, in_flight),
            activation: Activation::new(),
            seat,
            access: parts.access,
            questions: Mutex::default(),
            wake: Notify::new(),
            gate: Gate::default(),
            exit: OnceLock::new(),
            ended: Notify::new(),
            glimpse: Glimpse::default(),
            counters: Counters::default(),
            recorder,
            usage: Usage::new(parts.pid, clock::now()),
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

    /// The number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Another process has taken over: what this one had registered is dropped. [`end`](Session::end) does so as well.
    pub(crate) fn retire(&self) {
        self.seat.retire();
    }

    /// Its place among the plugin's processes: how it stands, and who keeps something of it.
    pub(crate) fn seat(&self) -> &Arc<Seat> {
        &self.seat
    }

    /// What it may do.
    pub(crate) fn access(&self) -> &Arc<Access> {
        &self.access
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

    /// What its process has had of the processors.
    pub(crate) fn usage(&self) -> &Usage {
        &self.usage
    }

    /// What other plugins take of its window.
    pub(crate) fn berths(&self) -> &Berths {
        &self.berths
    }

    /// What the black box keeps of the process.
    pub(crate) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// The last messages to the plugin.
    pub(crate) fn told(&self) -> Tape {
        self.lock().tape.clone()
    }

    /// The calls to the plugin that are open, and the oldest of them with what they are for.
    pub(crate) fn open_calls(&self, most: usize) -> OldestCalls {
        self.lock().calls.oldest(most)
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
        sending.push(message);
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
            sending.push_behind_bulk(message);
        } else {
            sending.push(message);
        }
        sending.hold(parts.holds);
        parts.exports.into_iter().for_each(Exported::sent);
        if !sending.batching {
            self.write_now(&mut sending);
        }
        self.drop_written(sending);
        None
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

    /// Room that the open calls take in the window.
    #[cfg(test)]
    pub(crate) fn window_taken(&self) -> u64 {
        self.lock().calls.room_taken()
    }

    // -- References ---------------------------------------------------------------------------------------------

    /// What the plugin holds of the host.
    pub(crate) fn exports(&self) -> &Arc<ExportTable> {
        &self.exports
    }

    /// What the host holds of the plugin.
    pub(crate) fn imports(&self) -> &ImportTable {
        &self.imports
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

    /// From now on messages wait for [`end_batch`](Session::end_batch). Returns the time, which is read once for all of them.
    pub(crate) fn begin_batch(&self) -> Instant {
        let now = clock::now();
        self.recorder.begin(now);
        let mut sending = self.lock();
        sending.batching = true;
        sending.tape.begin(now);
        now
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
        let mut sending = self.lock();
        let action = sending.watch.observe(pulse, is_waiting, clock::now());
        let is_long = pulse.state == State::Busy && sending.watch.is_long();
        drop(sending);
        if is_long {
            self.glimpse.look(&self.page, pulse.turn);
        }
        action
    }

    /// What the page says now, with what it said at the last look.
    pub(super) fn sight(&self) -> Sight {
        // Under the lock: what is sent meanwhile is owed by what the page says then.
        let sending = self.lock();
        sending.watch.sight(self.page.pulse(), clock::now())
    }

    /// Writes for somebody else than the connection's task, which has to hear of what is left to do.
    pub(super) fn write_now(&self, sending: &mut Sending) {
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
                sending.push(&Message::Release { references: references.to_vec() });
            }
        }
    }

    /// Drops what was held until it was written, after the lock is gone: dropping a reference takes locks.
    pub(super) fn drop_written(&self, mut sending: MutexGuard<Sending>) {
        let written = sending.take_written();
        drop(sending);
        drop(written);
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Sending> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // -- The end ------------------------------------------------------------------------------------------------

    /// The process is gone: every open call is answered, every call of the plugin cancelled.
    pub(crate) fn end(&self, exit: Exit) {
        // The first to come knows how it ended.
        let _ = self.exit.set(exit);
        self.seat.end();
        let mut sending = self.lock();
        let stream = sending.stream.take();
        sending.outbox = Outbox::new();
        let open = sending.calls.take_all();
        let holds = std::mem::take(&mut sending.holds);
        drop(sending);
        drop((stream, holds));
        let gone = self.gone_error();
        for Settled { reply, kept } in open {
            // The caller may have gone away as well.
            let _ = reply.map(|reply| reply.send(Err(gone.clone())));
            drop(kept);
        }
        self.streams.close(&gone);
        self.berths.close();
        self.serving.cancel_all();
        // What the plugin held may be the application's: dropping it runs code, which no lock may be held for.
        drop(self.exports.close());
        self.seat.retire();
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

//! What the handles and the driver of one plugin share.

use crate::error::{CallError, LoadError};
use crate::live::Object;
use crate::permissions::Ledger;
use crate::service::Config;
use crate::service::status::{ErrorInfo, State, Timing};
use crate::services::plugins::offer;
use crate::session::Session;
use crate::session::standing::Lineage;
use crate::supervise::{Command, Facts};
use crate::{Exit, KillReason, PluginId};
use plughold_package::Package;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::time::Sleep;

/// What the handles and the driver of one plugin share.
pub(crate) struct Shared {
    pub(super) id: PluginId,
    pub(super) commands: mpsc::UnboundedSender<Command>,
    /// Ends with the driver.
    pub(super) alive: watch::Receiver<()>,
    current: Mutex<Current>,
    /// How the plugin ended for good, once it has.
    pub(super) finished: watch::Sender<Option<Exit>>,
    /// The host lists it no more.
    is_unloaded: AtomicBool,
    /// Which of its processes stands for it.
    pub(crate) lineage: Arc<Lineage>,
    /// What was decided on its permissions.
    pub(crate) permissions: Arc<Ledger>,
    /// The number of the last process that was begun.
    last: AtomicU32,
    call_limit: Duration,
    runtime: Handle,
}

/// The driver's ends: where commands arrive, and what tells everybody that it lives.
pub(crate) type Ends = (mpsc::UnboundedReceiver<Command>, watch::Sender<()>);

/// The present process and what became of the ones before.
pub(crate) struct Current {
    pub(super) package: Arc<Package>,
    pub(super) state: State,
    pub(super) session: Option<Arc<Session>>,
    /// Its exports as other plugins get them: with promises, and blocking. Made when somebody asks.
    offered: [Option<Object>; 2],
    pub(super) pid: Option<u32>,
    pub(super) generation: u32,
    /// Processes that the plugin was.
    pub(super) starts: u32,
    pub(super) facts: Facts,
    pub(super) error: Option<ErrorInfo>,
}

impl Shared {
    /// Of a plugin that stands so; an error is why it was not started.
    pub(super) fn new(
        config: &Config,
        package: Arc<Package>,
        state: State,
        error: Option<&LoadError>,
        last: u32,
    ) -> (Shared, Ends) {
        let (commands, queue) = mpsc::unbounded_channel();
        let (life, alive) = watch::channel(());
        let finished = match state {
            State::Stopped => Some(Exit::Stopped),
            State::Failed => Some(Exit::Killed(KillReason::Failed)),
            _ => None,
        };
        let id = package.id.clone();
        let current = Current {
            package,
            state,
            session: None,
            offered: [None, None],
            pid: None,
            generation: last,
            starts: 0,
            facts: Facts::default(),
            error: error.map(ErrorInfo::of_load),
        };
        let permissions = Ledger::new(id.clone(), Arc::downgrade(&config.office));
        let shared = Shared {
            id,
            commands,
            alive,
            current: Mutex::new(current),
            finished: watch::Sender::new(finished),
            is_unloaded: AtomicBool::new(false),
            lineage: Arc::default(),
            permissions,
            last: AtomicU32::new(last),
            call_limit: config.limits.call,
            runtime: config.runtime.clone(),
        };
        (shared, (queue, life))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a call may take without a limit of its own.
    pub(crate) fn call_limit(&self) -> Duration {
        self.call_limit
    }

    /// A timer on the host's runtime, also when the caller is on none.
    pub(crate) fn sleep(&self, after: Duration) -> Pin<Box<Sleep>> {
        let _runtime = self.runtime.enter();
        Box::pin(tokio::time::sleep(after))
    }

    // -- What everybody sees ---------------------------------------------------------------------------------------------

    /// The plugin is in this state; the error is why. It goes when the plugin is active.
    pub(crate) fn publish(&self, state: State, error: Option<ErrorInfo>) {
        let mut current = self.lock();
        current.state = state;
        if error.is_some() || state == State::Active {
            current.error = error;
        }
        drop(current);
        if !matches!(state, State::Stopped | State::Failed | State::Disabled) {
            self.finished.send_if_modified(|finished| finished.take().is_some());
        }
    }

    /// The plugin has ended for good, unless somebody starts it again.
    pub(crate) fn finish(&self, exit: Exit) {
        self.finished.send_replace(Some(exit));
    }

    /// The host lists it no more.
    pub(crate) fn unload(&self) {
        self.is_unloaded.store(true, Ordering::Release);
    }

    /// Why nothing more can be started, of a plugin that nobody drives any more.
    pub(crate) fn why_over(&self) -> LoadError {
        if self.is_unloaded.load(Ordering::Acquire) { LoadError::Unloaded } else { LoadError::ShuttingDown }
    }

    // -- Its processes ---------------------------------------------------------------------------------------------------

    /// A process was begun, of whatever kind.
    pub(crate) fn count(&self, generation: u32) {
        self.last.fetch_max(generation, Ordering::Relaxed);
    }

    /// The number of the last process that was begun.
    pub(crate) fn last(&self) -> u32 {
        self.last.load(Ordering::Relaxed)
    }

    /// A process was begun that is the current one from its beginning.
    pub(crate) fn begin(&self, generation: u32) {
        let mut current = self.lock();
        current.generation = generation;
        current.starts = current.starts.saturating_add(1);
        current.facts.sandbox = None;
    }

    /// What the current process says of itself.
    pub(crate) fn show(&self, generation: u32, pid: u32, facts: &Facts) {
        let mut current = self.lock();
        // One that was hidden is gone for everybody.
        let is_hidden = current.session.is_none() && current.state != State::Starting;
        if current.generation == generation && !is_hidden {
            current.pid = Some(pid);
            current.facts.clone_from(facts);
        }
    }

    /// From now on calls go to this process. Gives the one to which they went before, if that is another.
    pub(crate) fn take_over(
        &self,
        session: &Arc<Session>,
        facts: &Facts,
        package: &Arc<Package>,
    ) -> Option<Arc<Session>> {
        let generation = session.generation();
        let mut current = self.lock();
        if current.generation != generation {
            current.starts = current.starts.saturating_add(1);
        }
        self.lineage.take_over(generation);
        let before = current.session.replace(session.clone());
        let offered = std::mem::take(&mut current.offered);
        (current.generation, current.pid) = (generation, Some(session.pid()));
        current.facts.clone_from(facts);
        let package = std::mem::replace(&mut current.package, package.clone());
        drop(current);
        // They may hold the last of something: no lock is held here.
        drop((offered, package));
        before.filter(|before| before.generation() != generation)
    }

    /// No call goes to this process any more.
    pub(crate) fn hide(&self, generation: u32) {
        let mut current = self.lock();
        if current.generation != generation {
            return;
        }
        current.pid = None;
        let gone = (current.session.take(), std::mem::take(&mut current.offered));
        drop(current);
        drop(gone);
    }

    // -- Its exports -----------------------------------------------------------------------------------------------------

    /// Its exports as other plugins get them: the same object for as long as its process is the current one.
    pub(super) fn offered(&self, blocking: bool) -> Result<Object, CallError> {
        let mut current = self.lock();
        let Current { session, facts, offered: [promising, waiting], .. } = &mut *current;
        let offered = if blocking { waiting } else { promising };
        match session {
            // Of one that is about to go nothing is given any more.
            Some(session) if session.gate.is_open() => {
                Ok(offered.get_or_insert_with(|| offer(session, &facts.exports, blocking)).clone())
            }
            _ => Err(self.not_active(&current)),
        }
    }

    /// Whether another plugin holds its exports.
    pub(crate) fn is_offered(&self) -> bool {
        self.lock().offered.iter().flatten().any(Object::is_held_elsewhere)
    }

    pub(super) fn not_active(&self, current: &Current) -> CallError {
        let state = match current.state {
            // What follows is being decided.
            State::Active | State::Unresponsive => "its process has just ended",
            state => state.in_words(),
        };
        CallError::NotActive { plugin: self.id.clone(), state }
    }
}

impl Current {
    /// How long its last start took.
    pub(super) fn timing(&self) -> Timing {
        self.facts.timing
    }
}

//! One loaded plugin, through all its processes.

use crate::callback::{Call, Target};
use crate::error::{CallError, LoadError};
use crate::launch;
use crate::live::Object;
use crate::service::status::{ErrorInfo, OpenStreams, PluginInfo, References, State, Timing};
use crate::services::plugins::offer;
use crate::session::{Link, Session};
use crate::{Exit, KillReason, PluginId};
use plughold_package::Package;
use plughold_protocol::limits;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, watch};

/// One loaded plugin. Cheap to clone; a clone stays valid when the plugin is restarted, stopped or fails.
#[derive(Clone)]
pub struct Plugin {
    shared: Arc<Shared>,
}

/// What the handles and the supervisor of one plugin share.
pub(crate) struct Shared {
    pub(crate) package: Arc<Package>,
    first: u32,
    commands: mpsc::UnboundedSender<Command>,
    current: Mutex<Current>,
    /// How the plugin ended for good, once it has.
    finished: watch::Sender<Option<Exit>>,
}

/// What somebody wants of the supervisor.
#[derive(Debug)]
pub(crate) enum Command {
    /// Ask it to finish, then kill.
    Stop,
    /// Kill it now.
    Kill,
}

/// The present process and what became of the ones before.
pub(crate) struct Current {
    pub(crate) state: State,
    pub(crate) session: Option<Arc<Session>>,
    /// Its exports as other plugins get them: with promises, and blocking. Made when somebody asks.
    offered: [Option<Object>; 2],
    pub(crate) pid: Option<u32>,
    pub(crate) generation: u32,
    pub(crate) timing: Timing,
    pub(crate) sandbox: Option<char>,
    pub(crate) layers: Vec<String>,
    pub(crate) exports: Vec<String>,
    pub(crate) error: Option<ErrorInfo>,
}

impl Plugin {
    /// A plugin whose first process will have the generation `first`.
    pub(crate) fn new(package: Arc<Package>, first: u32) -> (Plugin, mpsc::UnboundedReceiver<Command>) {
        let (commands, queue) = mpsc::unbounded_channel();
        let current = Current {
            state: State::Starting,
            session: None,
            offered: [None, None],
            pid: None,
            generation: first,
            timing: Timing::default(),
            sandbox: None,
            layers: Vec::new(),
            exports: Vec::new(),
            error: None,
        };
        let shared = Shared {
            package,
            first,
            commands,
            current: Mutex::new(current),
            finished: watch::Sender::new(None),
        };
        (Plugin { shared: Arc::new(shared) }, queue)
    }

    /// A plugin that was not started and has failed.
    pub(crate) fn refused(package: Arc<Package>, generation: u32, error: &LoadError) -> Plugin {
        // Nobody takes its commands: it has ended.
        let (plugin, _) = Plugin::new(package, generation);
        plugin.shared.lock().error = Some(ErrorInfo::of_load(error));
        plugin.shared.finish(State::Failed, Exit::Killed(KillReason::Failed));
        plugin
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The plugin's id.
    pub fn id(&self) -> &PluginId {
        &self.shared.package.id
    }

    /// What the plugin is on disk.
    pub fn package(&self) -> &Arc<Package> {
        &self.shared.package
    }

    /// What it is doing.
    pub fn state(&self) -> State {
        self.shared.lock().state
    }

    pub(crate) fn generation(&self) -> u32 {
        self.shared.lock().generation
    }

    /// A snapshot for people and tools. Reads the process's memory from the system.
    pub fn info(&self) -> PluginInfo {
        let package = &self.shared.package;
        let current = self.shared.lock();
        let counters = current.session.as_ref().map(|session| &session.counters);
        PluginInfo {
            id: package.id.clone(),
            name: package.name.clone(),
            version: package.version.clone(),
            format: package.format.to_string(),
            state: current.state,
            pid: current.pid,
            generation: current.generation,
            restarts: current.generation.saturating_sub(self.shared.first),
            memory_bytes: current.pid.and_then(launch::resident_bytes),
            timing_us: current.timing,
            sandbox: current.sandbox,
            sandbox_layers: current.layers.clone(),
            exports: current.exports.clone(),
            calls_in: counters.map_or(0, |counters| counters.calls_in.load(Ordering::Relaxed)),
            calls_out: counters.map_or(0, |counters| counters.calls_out.load(Ordering::Relaxed)),
            calls_in_flight: current.session.as_ref().map_or(0, |session| session.calls_in_flight()),
            references: current
                .session
                .as_ref()
                .map_or_else(References::default, |session| session.references()),
            streams: current
                .session
                .as_ref()
                .map_or_else(OpenStreams::default, |session| session.streams.count()),
            error: current.error.clone(),
        }
    }

    /// Calls a function that the plugin exports, with a tuple or `Vec` of arguments.
    ///
    /// Gives [`CallError::NotActive`] when the plugin is not running, and otherwise what
    /// [`Callback::call`](crate::Callback::call) gives.
    pub fn call<A: Serialize, R: DeserializeOwned>(&self, export: &str, args: A) -> Call<R> {
        self.call_with(export, args, None)
    }

    /// As [`call`](Plugin::call), on behalf of `parent`.
    pub(crate) fn call_with<A: Serialize, R: DeserializeOwned>(
        &self,
        export: &str,
        args: A,
        parent: Option<Arc<Link>>,
    ) -> Call<R> {
        let session = match self.active() {
            Ok(session) => session,
            Err(error) => return Call::refused(error),
        };
        if limits::NAME < export.len() {
            let words = format!("the name of an export of {} bytes", export.len());
            return Call::refused(CallError::Arguments(words));
        }
        Call::new(session, Target::Export(export.to_owned()), &args, parent)
    }

    /// The present process, if the plugin is active; otherwise [`CallError::NotActive`].
    fn active(&self) -> Result<Arc<Session>, CallError> {
        let current = self.shared.lock();
        current.session.clone().ok_or_else(|| self.not_active(&current))
    }

    /// Its exports as other plugins get them: the same object for as long as its process lives.
    pub(crate) fn offered(&self, blocking: bool) -> Result<Object, CallError> {
        let mut current = self.shared.lock();
        let Current { session, exports, offered: [promising, waiting], .. } = &mut *current;
        let offered = if blocking { waiting } else { promising };
        match session {
            Some(session) => Ok(offered.get_or_insert_with(|| offer(session, exports, blocking)).clone()),
            None => Err(self.not_active(&current)),
        }
    }

    fn not_active(&self, current: &Current) -> CallError {
        let state = match current.state {
            // What follows is being decided.
            State::Active | State::Unresponsive => "its process has just ended",
            state => state.in_words(),
        };
        CallError::NotActive { plugin: self.id().clone(), state }
    }

    /// Asks the plugin to finish, kills it when it does not, and says how it ended. A plugin that has ended already
    /// says how it did.
    pub async fn stop(&self) -> Exit {
        self.command(Command::Stop);
        self.finished().await
    }

    /// Kills the plugin's process now and does not start it again.
    pub async fn kill(&self) -> Exit {
        self.command(Command::Kill);
        self.finished().await
    }

    /// Completes when the plugin has ended for good, and says how.
    pub async fn finished(&self) -> Exit {
        let mut finished = self.shared.finished.subscribe();
        match finished.wait_for(Option::is_some).await {
            Ok(exit) => exit.clone().unwrap_or(Exit::Unknown),
            // The sender lives as long as `self`.
            Err(_) => Exit::Unknown,
        }
    }

    pub(crate) fn command(&self, command: Command) {
        // A supervisor that has ended has nothing left to stop.
        let _ = self.shared.commands.send(command);
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.shared.finished.borrow().is_some()
    }
}

impl Current {
    /// There is no process any more. What is given back is to be dropped outside of the lock.
    pub(crate) fn end(&mut self) -> impl Sized + use<> {
        self.pid = None;
        (self.session.take(), std::mem::take(&mut self.offered))
    }
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn finish(&self, state: State, exit: Exit) {
        self.lock().state = state;
        self.finished.send_replace(Some(exit));
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Plugin({} {})", self.id(), self.state().word())
    }
}

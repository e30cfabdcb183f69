//! One loaded plugin, through all its processes.

use crate::callback::{Call, Target};
use crate::error::{CallError, LoadError};
use crate::figures::{CallInFlight, Figures, ReferenceInfo};
use crate::launch;
use crate::live::Object;
use crate::permissions::{Access, PermissionError, PermissionInfo, Use, Uses};
use crate::service::shared::{Current, Ends, Shared};
use crate::service::status::{OpenStreams, PluginInfo, References, State};
use crate::service::{Activity, Config};
use crate::session::{Link, Session};
use crate::supervise::{Command, Used};
use crate::{Exit, PluginId};
use plughold_package::{Package, Scope};
use plughold_protocol::limits;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::oneshot;

/// One loaded plugin. Cheap to clone; a clone stays valid when the plugin is reloaded, restarted, stopped or fails.
#[derive(Clone)]
pub struct Plugin {
    shared: Arc<Shared>,
}

/// Where a call of an export goes.
pub(crate) enum Route {
    /// To this process.
    To(Arc<Session>),
    /// The plugin has to be [awakened](Plugin::awake) first, if that is possible.
    Asleep,
    /// Nowhere.
    Refused(CallError),
}

impl Plugin {
    /// A plugin that stands so; an error is why it was not started. Its next process has a number greater than `last`.
    pub(crate) fn new(
        config: &Config,
        package: Arc<Package>,
        state: State,
        error: Option<&LoadError>,
        last: u32,
    ) -> (Plugin, Ends) {
        let (shared, ends) = Shared::new(config, package, state, error, last);
        (Plugin { shared: Arc::new(shared) }, ends)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    // -- What it is ------------------------------------------------------------------------------------------------------

    /// The plugin's id.
    pub fn id(&self) -> &PluginId {
        &self.shared.id
    }

    /// What the plugin is on disk, as its present process was started from it, or the last one. A reload that went well
    /// changes it.
    pub fn package(&self) -> Arc<Package> {
        self.shared.lock().package.clone()
    }

    /// What it is doing.
    pub fn state(&self) -> State {
        self.shared.lock().state
    }

    /// A snapshot for people and tools. Reads the process's memory from the system.
    pub fn info(&self) -> PluginInfo {
        let current = self.shared.lock();
        let package = &current.package;
        let session = current.session.as_ref();
        let counters = session.map(|session| &session.counters);
        PluginInfo {
            id: package.id.clone(),
            name: package.name.clone(),
            version: package.version.clone(),
            format: package.format.to_string(),
            state: current.state,
            pid: current.pid,
            generation: current.generation,
            restarts: current.starts.saturating_sub(1),
            memory_bytes: current.pid.and_then(launch::resident_bytes),
            timing_us: current.timing(),
            sandbox: current.facts.sandbox,
            sandbox_layers: current.facts.layers.clone(),
            exports: current.facts.exports.clone(),
            calls_in: counters.map_or(0, |counters| counters.calls_in.load(Ordering::Relaxed)),
            calls_out: counters.map_or(0, |counters| counters.calls_out.load(Ordering::Relaxed)),
            calls_in_flight: session.map_or(0, |session| session.calls_in_flight()),
            references: session.map_or_else(References::default, |session| session.references()),
            streams: session.map_or_else(OpenStreams::default, |session| session.streams.count()),
            error: current.error.clone(),
        }
    }

    /// What its process is doing at this moment, seen from outside: it is neither asked nor stopped. Reads one small file of
    /// the system's.
    pub fn activity(&self) -> Activity {
        let current = self.shared.lock();
        let (session, state, pid) = (current.session.clone(), current.state, current.pid);
        drop(current);
        match session {
            Some(session) => session.doing(),
            None if pid.is_some() || state == State::Starting => Activity::Starting,
            None => Activity::Dead,
        }
    }

    /// Where the plugin is right now, without stopping it: its JavaScript stack, one line for each call, innermost first, with
    /// the names of the author's files. Of one that waits in a blocking call it is where it made that.
    ///
    /// None when no JavaScript runs, and after half a second without a heartbeat:
    /// [`activity`](Plugin::activity) tells these apart.
    pub async fn stack(&self) -> Option<String> {
        let session = self.shared.lock().session.clone()?;
        session.stack().await
    }

    /// What its present process has cost so far: the processor's time, calls by function with their latencies, traffic and
    /// queues. All is zero when there is none. Asks the system for the processor's time.
    pub fn figures(&self) -> Figures {
        self.session().map_or_else(Figures::default, |session| session.figures())
    }

    /// What is held across the border of its present process, in both directions, the oldest first: each function and object
    /// with where it was passed and how often it was called, and each open stream. Of very many only some are told: ten
    /// thousand in each direction. It takes as long as there are references.
    pub fn references(&self) -> Vec<ReferenceInfo> {
        self.session().map_or_else(Vec::new, |session| session.held_things())
    }

    /// The calls to and from its present process that are not answered yet: of each direction the oldest thousand, in the
    /// order in which they were made.
    pub fn pending(&self) -> Vec<CallInFlight> {
        self.session().map_or_else(Vec::new, |session| session.pending())
    }

    fn session(&self) -> Option<Arc<Session>> {
        self.shared.lock().session.clone()
    }

    // -- What it may do --------------------------------------------------------------------------------------------------

    /// Each permission that its manifest asks for, and whether it has it.
    pub fn permissions(&self) -> Vec<PermissionInfo> {
        self.access().infos()
    }

    /// What it has used of what takes a permission, in the order of the first use; also what it wanted and did not get. Nothing
    /// unless its host [observes](crate::HostBuilder::observe) it.
    pub fn uses(&self) -> Vec<Use> {
        self.shared.permissions.uses().map(Uses::all).unwrap_or_default()
    }

    /// Grants a permission that the manifest asks for, or a part of it: `"notes.write"`, `"fs.read:data/public/**"`. Calls
    /// that wait for the decision go on. It stands over [`HostBuilder::grants`](crate::HostBuilder::grants), also for later
    /// processes of the plugin, until it is revoked or the plugin is unloaded or loaded anew. Of several decisions the
    /// narrowest counts: what was revoked in particular stays so.
    ///
    /// Returns [`PermissionError`] when it is no permission or the manifest does not ask for it; nothing has changed then.
    pub fn grant(&self, permission: &str) -> Result<(), PermissionError> {
        let scope = scope_of(permission)?;
        if !self.access().asks(&scope) {
            return Err(PermissionError::NotAsked { permission: permission.to_owned() });
        }
        self.shared.permissions.grant(scope)
    }

    /// Takes a permission and every part of it, for the next call at once. Calls in flight that need it throw
    /// `PermissionDenied` at once, and what serves them sees that it is
    /// [cancelled](crate::Cx::is_cancelled); functions and objects that the plugin got only from functions which need it
    /// are refused. It stands until it is granted or the plugin is unloaded or loaded anew, and nobody is asked meanwhile.
    ///
    /// Returns [`PermissionError`] when it is no permission; nothing has changed then.
    pub fn revoke(&self, permission: &str) -> Result<(), PermissionError> {
        self.shared.permissions.revoke(scope_of(permission)?)
    }

    fn access(&self) -> Access {
        Access::new(&self.package(), self.shared.permissions.clone())
    }

    // -- Calls -----------------------------------------------------------------------------------------------------------

    /// Calls a function that the plugin exports, with a tuple or `Vec` of arguments. A plugin that rests is started first,
    /// and the time that this takes counts.
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
        if limits::NAME < export.len() {
            let words = format!("the name of an export of {} bytes", export.len());
            return Call::refused(CallError::Arguments(words));
        }
        Call::routed(self, Target::Export(export.to_owned()), &args, parent)
    }

    /// Where a call of an export goes now.
    pub(crate) fn route(&self) -> Route {
        let current = self.shared.lock();
        match (&current.session, current.state) {
            (Some(session), _) => Route::To(session.clone()),
            (None, State::Resting | State::Starting) => Route::Asleep,
            (None, _) => Route::Refused(self.shared.not_active(&current)),
        }
    }

    /// Completes when the plugin is active: one that rests is started. One that does not run for another reason gives
    /// [`CallError::NotActive`].
    pub(crate) fn awake(
        &self,
    ) -> impl Future<Output = Result<(), CallError>> + Send + Sync + 'static + use<> {
        let plugin = self.clone();
        async move {
            let is_awake = matches!(plugin.route(), Route::To(session) if session.gate.is_open());
            let used = match is_awake {
                true => Used::Ready,
                false => plugin.ask(Command::Use).await.unwrap_or(Used::Refused),
            };
            match used {
                Used::Ready => Ok(()),
                Used::Failed => {
                    let state = "it was started to be used, which failed";
                    Err(CallError::NotActive { plugin: plugin.id().clone(), state })
                }
                Used::Refused => Err(plugin.shared.not_active(&plugin.shared.lock())),
            }
        }
    }

    /// Its exports as other plugins get them: the same object for as long as its process is the current one.
    pub(crate) fn offered(&self, blocking: bool) -> Result<Object, CallError> {
        self.shared.offered(blocking)
    }

    /// Whether it is active, and the generation of its present or last process.
    pub(crate) fn presence(&self) -> (bool, u32) {
        let current: &Current = &self.shared.lock();
        (current.session.is_some(), current.generation)
    }

    // -- Its life --------------------------------------------------------------------------------------------------------

    /// Starts the plugin if it does not run: one that was stopped, has failed, is disabled, rests or waits for its restart.
    /// Returns when it is active. The plugins that it needs must be active, or rest.
    ///
    /// Returns a [`LoadError`] when that fails, or the plugin is stopped meanwhile.
    pub async fn start(&self) -> Result<(), LoadError> {
        self.ask(Command::Start).await.unwrap_or_else(|| Err(self.shared.why_over()))
    }

    /// Replaces the plugin by what is in its package now, without a moment in which it cannot be called: a new process is
    /// started beside the present one, gets the state that the present one's `suspend` gives, and takes over when it is
    /// active. From then on calls go to it; what is in flight in the old one has the time to end that
    /// [`Limits::stop`](crate::Limits::stop) says, and then its functions are [gone](CallError::Gone). A plugin that does not
    /// run is started.
    ///
    /// Returns a [`LoadError`] when the new process could not be started; nothing has changed then.
    pub async fn reload(&self) -> Result<(), LoadError> {
        let reload = |reply| Command::Reload(None, reply);
        self.ask(reload).await.unwrap_or_else(|| Err(self.shared.why_over()))
    }

    /// The same with a package that was read already. It has the same id, and may have another path.
    #[cfg_attr(not(feature = "watch"), allow(dead_code, reason = "whoever watches packages uses it"))]
    pub(crate) async fn reload_as(&self, package: Arc<Package>) -> Result<(), LoadError> {
        let reload = |reply| Command::Reload(Some(package), reply);
        self.ask(reload).await.unwrap_or_else(|| Err(self.shared.why_over()))
    }

    /// Stops the plugin and starts it again: another process of the same package, which gets the state that the present
    /// one's `suspend` gives. Calls that are made meanwhile wait for it. Whoever wants it while a process of the plugin is
    /// starting already waits for that one.
    ///
    /// Returns what [`start`](Plugin::start) returns.
    pub async fn restart(&self) -> Result<(), LoadError> {
        self.ask(Command::Restart).await.unwrap_or_else(|| Err(self.shared.why_over()))
    }

    /// Lets the plugin rest, unless it is in use or being reloaded: its process ends, and the next use starts it with its
    /// state. Returns at once; [`Event::Resting`](crate::Event::Resting) tells that it rests.
    pub fn rest(&self) {
        self.command(Command::Rest);
    }

    /// Asks the plugin to finish, kills it when it does not, and says how it ended. A plugin that has ended already
    /// says how it did.
    pub async fn stop(&self) -> Exit {
        match self.ask(Command::Stop).await {
            Some(exit) => exit,
            None => self.last_exit(),
        }
    }

    /// Kills the plugin's process now and does not start it again.
    pub async fn kill(&self) -> Exit {
        match self.ask(Command::Kill).await {
            Some(exit) => exit,
            None => self.last_exit(),
        }
    }

    /// Completes when the plugin has ended and is not started again unless somebody asks for it, and says how.
    pub async fn finished(&self) -> Exit {
        let mut finished = self.shared.finished.subscribe();
        match finished.wait_for(Option::is_some).await {
            Ok(exit) => exit.clone().unwrap_or(Exit::Unknown),
            // The sender lives as long as `self`.
            Err(_) => Exit::Unknown,
        }
    }

    fn last_exit(&self) -> Exit {
        self.shared.finished.borrow().clone().unwrap_or(Exit::Unknown)
    }

    /// Gives a command and waits for its answer. None when there is nobody who could give one any more.
    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let mut alive = self.shared.alive.clone();
        self.command(command(reply));
        tokio::select! {
            biased;
            answer = answer => answer.ok(),
            // A command may be left in the queue of a driver that is gone.
            _ = alive.changed() => None,
        }
    }

    pub(crate) fn command(&self, command: Command) {
        // A driver that has ended has nothing left to do.
        let _ = self.shared.commands.send(command);
    }

    /// Who listens to the messages of its processes.
    #[cfg(feature = "control")]
    pub(crate) fn tap(&self) -> &crate::blackbox::Tap {
        self.shared.lineage.tap()
    }

    /// Completes when nothing more will happen to it.
    pub(crate) async fn closed(&self) {
        // Nothing is ever sent.
        let _ = self.shared.alive.clone().changed().await;
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.shared.finished.borrow().is_some()
    }
}

fn scope_of(permission: &str) -> Result<Scope, PermissionError> {
    let malformed = |error| PermissionError::Malformed { permission: permission.to_owned(), error };
    Scope::parse(permission).map_err(malformed)
}

impl fmt::Debug for Plugin {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "Plugin({} {})", self.id(), self.state().word())
    }
}

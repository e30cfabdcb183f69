//! The task that keeps one plugin running, from its first process to its last.

use crate::api::{Functions, Table};
use crate::error::LoadError;
use crate::events::{Event, EventSender};
use crate::launch::{Process, Spawner};
use crate::service::generation::{End, Generation, Stage, ended, kill};
use crate::service::plugin::{Command, Current, Plugin};
use crate::service::registry::Registry;
use crate::service::restart::{Decision, History};
use crate::service::status::{ErrorInfo, State, Timing, level_letter};
use crate::services::Services;
use crate::session::connection::{Connection, Signal};
use crate::session::greeting::{Greeting, Secrets};
use crate::session::waiting::Waiting;
use crate::session::{Ending, Session, SessionParts};
use crate::{Exit, KillReason, Limits};
use interprocess::os::unix::uds_local_socket::tokio::Stream;
use plughold_package::EntryKind;
use plughold_protocol::message::Message;
use plughold_protocol::record::{Source, SourceKind};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

/// How long a process may live on after it has closed its socket.
const LAST_BREATH: Duration = Duration::from_secs(1);

/// Everything that the supervision of one plugin needs.
pub(crate) struct Supervisor {
    pub(crate) plugin: Plugin,
    pub(crate) granted: BTreeSet<String>,
    pub(crate) table: Arc<Table>,
    pub(crate) limits: Limits,
    pub(crate) program: PathBuf,
    pub(crate) spawner: Spawner,
    pub(crate) events: EventSender,
    pub(crate) runtime: Handle,
    /// All plugins of the host, which may use each other.
    pub(crate) plugins: Arc<Registry>,
    pub(crate) waiting: Arc<Waiting>,
    pub(crate) history: History,
    pub(crate) commands: mpsc::UnboundedReceiver<Command>,
    /// The generation of the first process: numbers are not used again when a plugin is loaded again.
    pub(crate) first: u32,
    /// Hears how the first start went.
    pub(crate) loaded: Option<oneshot::Sender<Result<(), LoadError>>>,
}

/// What became of one process.
enum Outcome {
    /// Somebody wanted it to end.
    Stopped(Exit),
    /// The plugin's code failed: starting it again would change nothing.
    Failed(LoadError),
    /// It ended by itself, or had to be killed.
    Crashed(LoadError, Exit),
}

impl Supervisor {
    /// Runs until the plugin has ended for good.
    pub(crate) async fn run(mut self) {
        for number in self.first.. {
            let outcome = self.run_generation(number).await;
            let again = match outcome {
                Outcome::Stopped(exit) => {
                    self.stop(exit);
                    None
                }
                Outcome::Failed(error) => {
                    self.after_failure(error, Exit::Killed(KillReason::Failed), false).await
                }
                Outcome::Crashed(error, exit) => self.after_failure(error, exit, true).await,
            };
            if again.is_none() {
                return;
            }
        }
    }

    /// Changes what everybody sees. The lock is held for the change only.
    fn update<T>(&self, change: impl FnOnce(&mut Current) -> T) -> T {
        change(&mut self.plugin.shared().lock())
    }

    fn finish(&self, state: State, exit: Exit) {
        drop(self.update(Current::end));
        self.plugin.shared().finish(state, exit);
    }

    fn stop(&mut self, exit: Exit) {
        self.update(|current| current.state = State::Stopped);
        self.events.send(Event::Stopped { plugin: self.plugin.id().clone() });
        self.tell_loaded(Err(LoadError::Stopped));
        self.finish(State::Stopped, exit);
    }

    fn fail(&mut self, error: LoadError, exit: Exit) {
        // The state first: whoever hears the event sees it.
        let ended = self.update(|current| {
            current.state = State::Failed;
            current.error = Some(ErrorInfo::of_load(&error));
            current.end()
        });
        drop(ended);
        self.events.send(Event::Failed { plugin: self.plugin.id().clone(), error: error.clone() });
        self.finish(State::Failed, exit);
        self.tell_loaded(Err(error));
    }

    fn tell_loaded(&mut self, result: Result<(), LoadError>) {
        if let Some(loaded) = self.loaded.take() {
            // Whoever loaded it may have lost interest.
            let _ = loaded.send(result);
        }
    }

    /// Decides what follows, and waits out the pause. None when the plugin has ended for good.
    async fn after_failure(&mut self, error: LoadError, exit: Exit, crashed: bool) -> Option<()> {
        let plugin = self.plugin.id().clone();
        let (after, attempt) = match self.history.ended(crashed, Instant::now()) {
            Decision::Stay => {
                self.fail(error, exit);
                return None;
            }
            Decision::GiveUp { crashes } => {
                self.update(|current| current.state = State::Failed);
                self.events.send(Event::Disabled { plugin, crashes });
                self.fail(error, exit);
                return None;
            }
            Decision::Again { after, attempt } => (after, attempt),
        };
        self.update(|current| {
            current.state = State::Backoff;
            current.error = Some(ErrorInfo::of_load(&error));
        });
        self.events.send(Event::Restarting { plugin, attempt, after });
        self.tell_loaded(Err(error));
        tokio::select! {
            () = tokio::time::sleep(after) => Some(()),
            _ = self.commands.recv() => {
                self.stop(Exit::Stopped);
                None
            }
        }
    }

    async fn run_generation(&mut self, number: u32) -> Outcome {
        self.update(|current| {
            (current.state, current.generation, current.sandbox) = (State::Starting, number, None);
        });
        let source = match self.read_source().await {
            Ok(source) => source,
            Err(error) => return Outcome::Failed(error),
        };
        let mut generation = match self.start(number).await {
            Ok(generation) => generation,
            Err(error) => return Outcome::Crashed(error, Exit::Unknown),
        };
        let end = self.drive(&mut generation, &source).await;
        self.conclude(&mut generation, end).await
    }

    /// The entry file, read on a thread that may wait for the disk.
    async fn read_source(&self) -> Result<String, LoadError> {
        let package = self.plugin.package().clone();
        let read =
            self.runtime.spawn_blocking(move || package.entry_source().map_err(|error| error.to_string()));
        read.await.unwrap_or_else(|error| Err(error.to_string())).map_err(LoadError::Package)
    }

    async fn start(&self, number: u32) -> Result<Generation, LoadError> {
        let started = Instant::now();
        let package = self.plugin.package();
        let refused = |error: std::io::Error| LoadError::Spawn {
            program: self.program.clone(),
            reason: error.to_string(),
        };
        let memory = self.limits.memory_for(package.limits.memory);
        let spawned = self.spawner.spawn(self.program.clone(), memory).await.map_err(refused)?;
        let process = Process::new(spawned.child).map_err(refused)?;
        let stream = Arc::new(Stream::try_from(spawned.socket).map_err(refused)?);
        let stack = self.limits.stack_for(package.limits.stack);
        let limits = Limits { stack, ..self.limits.clone() };
        let session = Session::new(SessionParts {
            plugin: package.id.clone(),
            generation: number,
            limits: limits.clone(),
            runtime: self.runtime.clone(),
            stream: stream.clone(),
            page: spawned.page,
            waiting: self.waiting.clone(),
        });
        self.update(|current| current.pid = Some(process.id()));
        let greeting = Greeting::new(secrets().map_err(|error| refused(error.into()))?);
        session.send(&greeting.hello(&package.id, number, &self.table, &limits));
        let (sender, signals) = mpsc::unbounded_channel();
        let connection = Connection {
            session: session.clone(),
            stream,
            package: package.clone(),
            functions: Arc::new(Functions::new(self.table.clone(), self.granted.clone())),
            services: Services::new(self.plugins.clone()),
            events: self.events.clone(),
            signals: sender,
        };
        let deadline = session.sleep(self.limits.start);
        let last_words = session.sleep(Duration::ZERO);
        Ok(Generation {
            number,
            process,
            session,
            signals,
            connection: Some(self.runtime.spawn(connection.run(greeting))),
            started,
            stage: Stage::Greeting,
            deadline,
            has_ended: false,
            last_words,
            was_active: false,
            stack: None,
        })
    }

    /// Follows one process until something ends it.
    async fn drive(&mut self, generation: &mut Generation, source: &str) -> End {
        loop {
            let is_timed = generation.stage != Stage::Active;
            tokio::select! {
                biased;
                Some(signal) = generation.signals.recv() => {
                    if let Some(end) = self.take_signal(generation, signal, source) {
                        return end;
                    }
                }
                settled = generation.session.activation.settled(), if generation.stage == Stage::Activating => {
                    match settled {
                        Ok(()) => self.become_active(generation),
                        Err(thrown) => {
                            let stage = plughold_protocol::record::Stage::Activate;
                            return End::Load(LoadError::Failed { stage, thrown: Box::new(thrown) });
                        }
                    }
                }
                thrown = generation.session.activation.failed(), if generation.stage == Stage::Active => {
                    let plugin = self.plugin.id().clone();
                    self.events.send(Event::Uncaught { plugin, thrown, rejection: true });
                }
                ending = ended(&mut generation.connection) => return End::Connection(ending),
                _ = generation.process.wait(), if !generation.has_ended => {
                    // What it said before is still to be read; then its socket is at its end.
                    generation.has_ended = true;
                    generation.last_words = generation.session.sleep(LAST_BREATH);
                }
                () = generation.last_words.as_mut(), if generation.has_ended => return End::Connection(Ending::Closed),
                command = self.commands.recv() => match command {
                    Some(Command::Stop) if generation.stage != Stage::Stopping => {
                        let grace = self.limits.stop;
                        generation.stage = Stage::Stopping;
                        generation.deadline = generation.session.sleep(grace);
                        let grace_us = u64::try_from(grace.as_micros()).unwrap_or(u64::MAX);
                        generation.session.send(&Message::Stop { grace_us, want_state: false });
                    }
                    Some(Command::Stop) => {}
                    Some(Command::Kill) | None => return End::Kill(KillReason::Asked),
                },
                () = generation.deadline.as_mut(), if is_timed => return match generation.stage {
                    Stage::Stopping => End::Kill(KillReason::Stop),
                    _ => End::Kill(KillReason::Start),
                },
            }
        }
    }

    fn take_signal(&mut self, generation: &mut Generation, signal: Signal, source: &str) -> Option<End> {
        let plugin = self.plugin.id().clone();
        match signal {
            Signal::Locked { level, layers } => {
                self.update(|current| {
                    current.sandbox = Some(level_letter(level));
                    current.layers = layers;
                    current.timing = Timing { spawn: micros(generation.started), ..Timing::default() };
                });
                if generation.stage == Stage::Greeting {
                    generation.stage = Stage::Loading;
                    generation.deadline = generation.session.sleep(self.limits.activate);
                    self.send_load(&generation.session, source);
                }
            }
            Signal::Ready { exports, activate_us } => {
                self.update(|current| {
                    current.exports = exports;
                    current.timing.load = activate_us;
                });
                if generation.stage == Stage::Loading {
                    generation.stage = Stage::Activating;
                }
            }
            // It was to end anyway, and what counts then is how.
            Signal::Failed { .. } if generation.stage == Stage::Stopping => {}
            Signal::Failed { stage, thrown } => {
                return Some(End::Load(LoadError::Failed { stage, thrown: Box::new(thrown) }));
            }
            Signal::Unresponsive { stuck, stack } => {
                generation.stack.clone_from(&stack);
                self.update(|current| current.state = State::Unresponsive);
                self.events.send(Event::Unresponsive { plugin, stuck, stack });
            }
            Signal::Recovered => {
                let state = if generation.was_active { State::Active } else { State::Starting };
                self.update(|current| current.state = state);
                self.events.send(Event::Responsive { plugin });
            }
        }
        None
    }

    fn send_load(&self, session: &Session, source: &str) {
        let package = self.plugin.package();
        // Nothing else was let in.
        let Some(entry) = &package.entry else { return };
        let facts = serde_json::json!({
            "id": package.id.as_str(),
            "name": package.name,
            "version": package.version,
            "description": package.description,
            "author": package.author,
        });
        // Facts are plain data. Without them a plugin knows nothing of itself, and runs all the same.
        let manifest = rmp_serde::to_vec_named(&facts).unwrap_or_else(|_| vec![0x80]);
        session.send(&Message::Load {
            prelude: &package.format.to_string(),
            source: Source {
                name: &entry.name,
                kind: match entry.kind {
                    EntryKind::Script => SourceKind::Script,
                    EntryKind::Module => SourceKind::Module,
                },
                text: source,
            },
            manifest: &manifest,
            grants: self.granted.iter().map(String::as_str).collect(),
            state: None,
        });
    }

    fn become_active(&mut self, generation: &mut Generation) {
        (generation.stage, generation.was_active) = (Stage::Active, true);
        let took = generation.started.elapsed();
        self.update(|current| {
            current.state = State::Active;
            current.session = Some(generation.session.clone());
            current.timing.activate = micros(generation.started);
            current.error = None;
        });
        let plugin = self.plugin.id().clone();
        self.events.send(Event::Started { plugin, generation: generation.number, took });
        self.tell_loaded(Ok(()));
    }

    /// Sees to it that the process is gone, that everybody who waits for it is told, and says what became of it.
    async fn conclude(&mut self, generation: &mut Generation, end: End) -> Outcome {
        let (number, stage, session) = (generation.number, generation.stage, generation.session.clone());
        let process = &mut generation.process;
        let killed = match &end {
            End::Connection(Ending::Closed) => None,
            End::Connection(Ending::Violation(words)) => Some(KillReason::Protocol(words.clone())),
            End::Connection(Ending::Unresponsive) => {
                Some(KillReason::Unresponsive { stack: generation.stack.take() })
            }
            End::Load(_) => Some(KillReason::Failed),
            End::Kill(reason) => Some(reason.clone()),
        };
        let exit = match killed {
            Some(reason) => kill(process, reason).await,
            None => match tokio::time::timeout(LAST_BREATH, process.wait()).await {
                Ok(Ok(status)) => {
                    let (cause, words) = session.page().cause();
                    Exit::from_status(status, cause, &crate::text::clean_line(&words, 1_024))
                }
                Ok(Err(_)) => Exit::Unknown,
                Err(_) => {
                    let words = "it closed its socket and went on".to_owned();
                    kill(process, KillReason::Protocol(words)).await
                }
            },
        };
        // Nothing that this process says may arrive after the hooks of the platforms have run.
        if let Some(connection) = generation.connection.take() {
            connection.abort();
            let _ = connection.await;
        }
        let exit = match exit {
            Exit::Code { code: 0, .. } if stage == Stage::Stopping => Exit::Stopped,
            exit => exit,
        };
        session.end(exit.clone());
        drop(self.update(Current::end));
        self.table.run_gone_hooks(self.plugin.id(), number);
        let plugin = self.plugin.id().clone();
        self.events.send(Event::Exited { plugin, generation: number, exit: exit.clone() });
        match end {
            _ if stage == Stage::Stopping || exit.was_asked() => Outcome::Stopped(exit),
            End::Load(error) => Outcome::Failed(error),
            End::Kill(KillReason::Start) => {
                let error = match stage {
                    Stage::Greeting => LoadError::Timeout { what: "get ready", after: self.limits.start },
                    _ => LoadError::Timeout { what: "activate its plugin", after: self.limits.activate },
                };
                Outcome::Crashed(error, exit)
            }
            _ => Outcome::Crashed(LoadError::Exited(exit.clone()), exit),
        }
    }
}

impl Drop for Supervisor {
    /// Also when the task does not come to its end: whoever waits for the plugin is told.
    fn drop(&mut self) {
        if !self.plugin.is_finished() {
            self.finish(State::Failed, Exit::Unknown);
        }
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// New ones for each process, from the system. It gives fewer than 256 bytes whole or not at all.
fn secrets() -> Result<Secrets, rustix::io::Errno> {
    let mut secrets = Secrets::default();
    for bytes in [&mut secrets.token[..], &mut secrets.seed[..], &mut secrets.random[..]] {
        rustix::rand::getrandom(bytes, rustix::rand::GetRandomFlags::empty())?;
    }
    Ok(secrets)
}

//! The one thread that starts runners.
//!
//! A runner asks to die with its parent, and for the system the parent is the *thread* that spawned it: so it is one
//! thread that lives as long as the host. It uses `posix_spawn`, whose cost does not grow with the host's memory.

use crate::error::LoadError;
use crate::launch::sandbox::Unreachable;
use crate::launch::{ControlPage, Lockdown, trial};
use crate::runner::ARGUMENT;
use plughold_sandbox::{Capabilities, Plan};
use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use tokio::sync::oneshot;

/// A way to start runners. Dropping the last clone ends the thread, and with it every runner that is left.
#[derive(Clone, Debug)]
pub(crate) struct Spawner {
    requests: mpsc::Sender<Request>,
}

/// A process that was started.
#[derive(Debug)]
pub(crate) struct Spawned {
    pub(crate) child: Child,
    pub(crate) socket: OwnedFd,
    pub(crate) page: Arc<ControlPage>,
    /// What it was told to give up.
    pub(crate) plan: Plan,
}

/// Why no process was started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpawnError {
    #[error(transparent)]
    System(#[from] io::Error),
    /// The machine cannot lock it down as far as is wanted.
    #[error("{0}")]
    Sandbox(Unreachable),
}

impl SpawnError {
    /// As the reason why a plugin cannot be loaded.
    pub(crate) fn into_load_error(self, program: &Path) -> LoadError {
        match self {
            SpawnError::System(error) => {
                LoadError::Spawn { program: program.to_owned(), reason: error.to_string() }
            }
            SpawnError::Sandbox(unreachable) => unreachable.into(),
        }
    }
}

#[derive(Debug)]
struct Request {
    program: PathBuf,
    memory: u64,
    reply: oneshot::Sender<Result<Spawned, SpawnError>>,
}

impl Spawner {
    /// Starts the thread. Its runners are locked down as `lockdown` says.
    pub(crate) fn start(lockdown: Lockdown) -> io::Result<Spawner> {
        let (requests, queue) = mpsc::channel::<Request>();
        std::thread::Builder::new().name("plughold-spawn".into()).spawn(move || {
            // For the processes that it starts. Without it they get the usual slice.
            let _ = crate::launch::slice::shorten();
            let mut plans = Plans { lockdown, machine: HashMap::new() };
            for Request { program, memory, reply } in queue {
                let spawned = plans.of(&program).and_then(|plan| Ok(spawn(&program, memory, plan)?));
                if let Err(Ok(unwanted)) = reply.send(spawned) {
                    discard(unwanted);
                }
            }
        })?;
        Ok(Spawner { requests })
    }

    /// Starts `program` as a runner with an arena of `memory` bytes.
    pub(crate) async fn spawn(&self, program: PathBuf, memory: u64) -> Result<Spawned, SpawnError> {
        let (reply, answer) = oneshot::channel();
        let ended = || io::Error::other("the thread that spawns runners has ended");
        self.requests.send(Request { program, memory, reply }).map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}

/// How far the runners of a host are locked down.
struct Plans {
    lockdown: Lockdown,
    /// What was found out about each program, which is one as a rule.
    machine: HashMap<PathBuf, Capabilities>,
}

impl Plans {
    /// The plan for this program. The first time it is tried what the machine can do.
    fn of(&mut self, program: &Path) -> Result<Plan, SpawnError> {
        if let Some(plan) = self.lockdown.fixed() {
            return Ok(plan);
        }
        if let Some(found) = self.machine.get(program) {
            return self.lockdown.decide(found).map_err(SpawnError::Sandbox);
        }
        let found = trial::search(program)?;
        let plan = self.lockdown.decide(&found).map_err(SpawnError::Sandbox)?;
        // What cannot be used is looked for again: somebody may have changed the machine meanwhile.
        self.machine.insert(program.to_owned(), found);
        Ok(plan)
    }
}

fn spawn(program: &Path, memory: u64, plan: Plan) -> io::Result<Spawned> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let (page, memory_file) = ControlPage::create()?;
    page.prepare(memory, std::process::id());
    page.set_plan(plan.encode());
    let child = Command::new(program)
        .arg(ARGUMENT)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::from(memory_file))
        .stderr(Stdio::null())
        // A group of its own: Ctrl-C in a terminal is meant for the application, which lets its plugins finish.
        .process_group(0)
        .spawn()?;
    Ok(Spawned { child, socket: ours.into(), page: Arc::new(page), plan })
}

/// Whoever wanted it has gone away meanwhile.
fn discard(mut spawned: Spawned) {
    // Nothing can be done about a failure: the process is gone already, or dies with this thread.
    let _ = spawned.child.kill();
    let _ = spawned.child.wait();
}

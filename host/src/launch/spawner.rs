//! The one thread that starts runners.
//!
//! A runner asks to die with its parent, and for the system the parent is the *thread* that spawned it: so it is one
//! thread that lives as long as the host. It uses `posix_spawn`, whose cost does not grow with the host's memory.

use crate::error::LoadError;
use crate::launch::sandbox::Unreachable;
use crate::launch::{ControlPage, Lockdown, trial};
use crate::runner::ARGUMENT;
use plughold_sandbox::{Capabilities, Level, Plan, Witness};
use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
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
    pub(crate) child: Orphan,
    pub(crate) socket: OwnedFd,
    pub(crate) page: Arc<ControlPage>,
    /// What it was told to give up.
    pub(crate) plan: Plan,
    /// Who finds out whether it did.
    pub(crate) witness: Witness,
}

/// A child that nobody looks after so far. Dropping it kills it and leaves no zombie: whoever wanted it may have gone away
/// at any moment, also while it was on its way to them.
#[derive(Debug)]
pub(crate) struct Orphan(Option<Child>);

impl Orphan {
    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.0.as_ref().map_or(0, Child::id)
    }

    /// From now on the caller looks after it. None never comes.
    pub(crate) fn adopt(mut self) -> Option<Child> {
        self.0.take()
    }
}

impl Drop for Orphan {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // Nothing can be done about a failure: the process is gone already, or dies with the thread that started it.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
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
                // Whoever wanted it may have gone away: then it is dropped, and so ended.
                let _ = reply.send(spawned);
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
    /// What was found out about each program, which is one as a rule, and the file that it was then: another one may need
    /// more.
    machine: HashMap<PathBuf, (Stamp, Capabilities)>,
}

/// A file with its contents: device, number, length and time of the last change.
type Stamp = [u64; 5];

fn stamp(program: &Path) -> io::Result<Stamp> {
    let file = std::fs::metadata(program)?;
    let changed = [file.mtime(), file.mtime_nsec()].map(i64::cast_unsigned);
    Ok([file.dev(), file.ino(), file.len(), changed[0], changed[1]])
}

impl Plans {
    /// The plan for this program. The first time, and after it was replaced, it is tried what the machine can do.
    fn of(&mut self, program: &Path) -> Result<Plan, SpawnError> {
        if let Some(plan) = self.lockdown.fixed() {
            return Ok(plan);
        }
        let stamp = stamp(program)?;
        if let Some((_, found)) = self.machine.get(program).filter(|(tried, _)| *tried == stamp) {
            return self.lockdown.decide(found).map_err(SpawnError::Sandbox);
        }
        let found = trial::search(program)?;
        let plan = self.lockdown.decide(&found).map_err(SpawnError::Sandbox)?;
        // What cannot be used is looked for again: somebody may have changed the machine meanwhile. And so is nothing, where
        // it may be used: no sandbox is not for ever because a machine was once too busy for a trial.
        if found.level() != Level::D {
            self.machine.insert(program.to_owned(), (stamp, found));
        }
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
    let child = Orphan(Some(child));
    let witness = Witness::new(child.id(), plan)?;
    Ok(Spawned { child, socket: ours.into(), page: Arc::new(page), plan, witness })
}

#[cfg(test)]
mod tests {
    use super::*;
    use plughold_sandbox::Trial;
    use std::os::unix::fs::PermissionsExt;

    /// A process and where the system shows it, also when it has ended, until somebody waits for it.
    fn started() -> (Spawned, PathBuf) {
        let spawned = spawn(Path::new("/bin/cat"), 1 << 20, Plan::NONE).unwrap();
        let traces = PathBuf::from(format!("/proc/{}", spawned.child.id()));
        (spawned, traces)
    }

    /// A program whose trials run this line.
    fn write_program(path: &Path, line: &str) {
        std::fs::write(path, format!("#!/bin/sh\n{line}\n")).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn a_program_that_was_replaced_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("runner");
        let mut plans = Plans { lockdown: Lockdown::default(), machine: HashMap::new() };
        write_program(&program, &format!("exit {}", Trial::Locked.exit_code()));
        assert_eq!(plans.of(&program).unwrap(), Plan::at(Level::A));
        write_program(&program, "exit 1");
        assert!(matches!(plans.of(&program), Err(SpawnError::Sandbox(_))));
    }

    #[test]
    fn no_sandbox_is_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let [program, is_better] = ["runner", "is-better"].map(|name| folder.path().join(name));
        let lockdown = Lockdown { allow_unsandboxed: true, ..Lockdown::default() };
        let mut plans = Plans { lockdown, machine: HashMap::new() };
        let locked = Trial::Locked.exit_code();
        write_program(&program, &format!("[ -e {} ] && exit {locked}; exit 1", is_better.display()));
        assert_eq!(plans.of(&program).unwrap(), Plan::NONE);
        std::fs::write(is_better, "").unwrap();
        assert_eq!(plans.of(&program).unwrap(), Plan::at(Level::A));
    }

    #[tokio::test]
    async fn nothing_is_left_of_a_process_that_nobody_takes_over() {
        let (spawned, traces) = started();
        assert!(traces.exists());
        drop(spawned);
        assert!(!traces.exists(), "neither the process nor a zombie");
        // It was on its way already.
        let (spawned, traces) = started();
        let (reply, answer) = oneshot::channel();
        reply.send(spawned).unwrap();
        drop(answer);
        assert!(!traces.exists());
    }
}

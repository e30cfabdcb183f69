//! The one thread that starts runners.
//!
//! A runner asks to die with its parent, and for the system the parent is the *thread* that spawned it: so it is one
//! thread that lives as long as the host. It uses `posix_spawn`, whose cost does not grow with the host's memory.

use crate::launch::ControlPage;
use crate::runner::ARGUMENT;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
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
}

#[derive(Debug)]
struct Request {
    program: PathBuf,
    memory: u64,
    reply: oneshot::Sender<io::Result<Spawned>>,
}

impl Spawner {
    pub(crate) fn start() -> io::Result<Spawner> {
        let (requests, queue) = mpsc::channel::<Request>();
        std::thread::Builder::new().name("plughold-spawn".into()).spawn(move || {
            for Request { program, memory, reply } in queue {
                if let Err(Ok(unwanted)) = reply.send(spawn(&program, memory)) {
                    discard(unwanted);
                }
            }
        })?;
        Ok(Spawner { requests })
    }

    /// Starts `program` as a runner with an arena of `memory` bytes.
    pub(crate) async fn spawn(&self, program: PathBuf, memory: u64) -> io::Result<Spawned> {
        let (reply, answer) = oneshot::channel();
        let ended = || io::Error::other("the thread that spawns runners has ended");
        self.requests.send(Request { program, memory, reply }).map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}

fn spawn(program: &PathBuf, memory: u64) -> io::Result<Spawned> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let (page, memory_file) = ControlPage::create()?;
    page.prepare(memory, std::process::id());
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
    Ok(Spawned { child, socket: ours.into(), page: Arc::new(page) })
}

/// Whoever wanted it has gone away meanwhile.
fn discard(mut spawned: Spawned) {
    // Nothing can be done about a failure: the process is gone already, or dies with this thread.
    let _ = spawned.child.kill();
    let _ = spawned.child.wait();
}

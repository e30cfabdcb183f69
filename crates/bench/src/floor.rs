//! What the machine needs for the same bytes, without any of our code.

use anyhow::{Context, Result};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ARGUMENT: &str = "__floor-echo";

/// A floor that a figure is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Floor {
    /// This many bytes there and back between two blocking processes.
    Socket(usize),
    /// From `posix_spawn` of a small program until its first byte.
    Spawn,
    /// The same JavaScript in a process that is not locked down: nothing here but the host can measure it.
    Script,
}

impl Floor {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Floor::Socket(64) => "64 B socket ping-pong",
            Floor::Socket(1_024) => "1 KiB socket ping-pong",
            Floor::Socket(_) => "1 MiB socket ping-pong",
            Floor::Spawn => "spawn of echo",
            Floor::Script => "without a sandbox",
        }
    }
}

/// Becomes the other end of the ping-pong if this process was started as one. Returns whether it was.
pub(crate) fn echo_if_asked() -> Result<bool> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some(ARGUMENT) {
        return Ok(false);
    }
    let size: usize = arguments.next().context("no size")?.parse()?;
    let mut socket = UnixStream::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?);
    let mut bytes = vec![0; size];
    while socket.read_exact(&mut bytes).is_ok() {
        socket.write_all(&bytes)?;
    }
    Ok(true)
}

/// The time of one ping-pong with so many bytes.
pub(crate) fn ping_pong(size: usize) -> Result<Duration> {
    let (mut ours, theirs) = UnixStream::pair()?;
    let mut child = Echo(
        Command::new("/proc/self/exe")
            .arg(ARGUMENT)
            .arg(size.to_string())
            .stdin(OwnedFd::from(theirs))
            .spawn()?,
    );
    let mut bytes = vec![0; size];
    let count = if size <= 1_024 { 3_000 } else { 100 };
    for _ in 0..count / 10 {
        ours.write_all(&bytes)?;
        ours.read_exact(&mut bytes)?;
    }
    let start = Instant::now();
    for _ in 0..count {
        ours.write_all(&bytes)?;
        ours.read_exact(&mut bytes)?;
    }
    let elapsed = start.elapsed();
    drop(ours);
    child.0.wait()?;
    Ok(elapsed / count)
}

/// Killed when something goes wrong half-way.
struct Echo(Child);

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The time of one spawn.
pub(crate) fn spawn() -> Result<Duration> {
    let count = 20;
    let mut total = Duration::ZERO;
    for _ in 0..count {
        let start = Instant::now();
        let mut child = Command::new("/bin/echo").stdout(Stdio::piped()).spawn().context("/bin/echo")?;
        let mut byte = [0; 1];
        child.stdout.take().context("no pipe")?.read_exact(&mut byte)?;
        total += start.elapsed();
        child.wait()?;
    }
    Ok(total / count)
}

//! A program that decides on permissions: one line of JSON for each question, and one for each answer.

use super::decision::Answered;
use crate::{Grant, PluginId};
use plughold_package::Permission;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{oneshot, watch};

/// The version of what is said. Keys may be added without changing it.
const SCHEMA: u32 = 1;

/// Bytes of one answer. It says one word.
const ANSWER: u64 = 4_096;

/// Questions that wait for answers, and lines that wait to be read. What is asked then is denied.
const WAITING: usize = 1_024;

/// A program that decides on permissions in the place of a person, for [`HostBuilder::broker`](crate::HostBuilder::broker).
///
/// It is started with the first question and reads one line of JSON for each from its standard input:
///
/// ```json
/// {"schema":1,"question":1,"plugin":"words","permission":"fs.read:data/**","reason":"to read your word lists"}
/// ```
///
/// On its standard output it writes one line for each answer, in any order. Whatever is not `allow` is a denial:
///
/// ```json
/// {"question":1,"decision":"allow"}
/// ```
///
/// When it ends, or says something else, what it was asked is denied, and it is started again with the next question. When
/// the host is gone its input ends, and it is killed. Cheap to clone; clones are one program.
#[derive(Clone)]
pub struct Broker {
    shared: Arc<Shared>,
}

struct Shared {
    program: PathBuf,
    arguments: Vec<OsString>,
    /// The process that runs now. Held while one is started, so that two questions do not start two.
    process: tokio::sync::Mutex<Option<Arc<Process>>>,
}

/// One process of the program.
struct Process {
    /// Each line that waits to be written holds it, and not this: the program ends also when it reads nothing any more.
    input: Arc<tokio::sync::Mutex<OwnedWriteHalf>>,
    waiting: Mutex<Waiting>,
    /// Dropped with this: the task that reads then ends the process.
    _held: watch::Sender<()>,
}

struct Waiting {
    /// Whether it is gone: nobody answers any more.
    is_gone: bool,
    last: u64,
    questions: HashMap<u64, oneshot::Sender<bool>>,
}

#[derive(Serialize)]
struct Question<'a> {
    schema: u32,
    question: u64,
    plugin: &'a str,
    permission: &'a str,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    question: u64,
    decision: Answered,
}

/// A question without an answer. Dropping it gives its place up.
struct Asked<'a> {
    process: &'a Process,
    number: u64,
}

/// A child that is killed when nobody waits for it any more.
struct Killed(Option<Child>);

impl Broker {
    /// The program, without arguments. It is started with the first question.
    pub fn new(program: impl Into<PathBuf>) -> Broker {
        Broker::with_arguments(program, [] as [OsString; 0])
    }

    /// The program with arguments.
    pub fn with_arguments(
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Broker {
        let arguments = arguments.into_iter().map(Into::into).collect();
        let process = tokio::sync::Mutex::new(None);
        Broker { shared: Arc::new(Shared { program: program.into(), arguments, process }) }
    }

    /// What the program says of a permission that a plugin asks for: [`Grant::Allow`] or [`Grant::Deny`], and the latter
    /// when it cannot be started, ends or says something else. How long it may take is up to who waits.
    pub async fn ask(&self, plugin: &PluginId, permission: &Permission) -> Grant {
        match self.shared.answer(plugin, permission).await {
            Ok(true) => Grant::Allow,
            Ok(false) | Err(_) => Grant::Deny,
        }
    }
}

impl Shared {
    async fn answer(&self, plugin: &PluginId, permission: &Permission) -> io::Result<bool> {
        let process = self.process().await?;
        let (asked, answer) = process.register()?;
        let question = Question {
            schema: SCHEMA,
            question: asked.number,
            plugin: plugin.as_str(),
            permission: &permission.name,
            reason: permission.shown_reason(),
        };
        let mut line = serde_json::to_vec(&question)?;
        line.push(b'\n');
        if let Err(error) = process.write(line).await {
            process.end();
            return Err(error);
        }
        answer.await.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    /// The process that runs, or a new one.
    async fn process(&self) -> io::Result<Arc<Process>> {
        let mut current = self.process.lock().await;
        if let Some(process) = current.as_ref().filter(|process| !process.lock().is_gone) {
            return Ok(process.clone());
        }
        let (ours, theirs) = StdStream::pair()?;
        ours.set_nonblocking(true)?;
        let (program, arguments) = (self.program.clone(), self.arguments.clone());
        // It waits for the disk.
        let started = tokio::task::spawn_blocking(move || start(program, arguments, theirs)).await;
        let child = started.map_err(io::Error::other)??;
        let (output, input) = UnixStream::from_std(ours)?.into_split();
        let (held, gone) = watch::channel(());
        let waiting = Waiting { is_gone: false, last: 0, questions: HashMap::new() };
        let process = Arc::new(Process {
            input: Arc::new(tokio::sync::Mutex::new(input)),
            waiting: Mutex::new(waiting),
            _held: held,
        });
        tokio::spawn(read(Arc::downgrade(&process), output, gone, child));
        *current = Some(process.clone());
        Ok(process)
    }
}

impl Process {
    fn register(&self) -> io::Result<(Asked<'_>, oneshot::Receiver<bool>)> {
        let mut waiting = self.lock();
        // Lines for a program that does not read outlive those who have asked.
        let lines = Arc::strong_count(&self.input) - 1;
        if waiting.is_gone || WAITING <= waiting.questions.len().max(lines) {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        let (sender, answer) = oneshot::channel();
        waiting.last += 1;
        let number = waiting.last;
        waiting.questions.insert(number, sender);
        Ok((Asked { process: self, number }, answer))
    }

    /// Writes a whole line, also when whoever asks has lost interest meanwhile: half of one would spoil the next.
    async fn write(&self, line: Vec<u8>) -> io::Result<()> {
        let input = self.input.clone();
        let writing = tokio::spawn(async move { input.lock().await.write_all(&line).await });
        writing.await.map_err(io::Error::other)?
    }

    /// An answer has come. False when it answers nothing that was ever asked.
    fn answered(&self, answer: &Answer) -> bool {
        let mut waiting = self.lock();
        let asked = waiting.questions.remove(&answer.question);
        // Nobody waits any more for one that comes late.
        let _ = asked.map(|asked| asked.send(answer.decision == Answered::Allow));
        (1..=waiting.last).contains(&answer.question)
    }

    /// Nobody answers any more.
    fn end(&self) {
        let mut waiting = self.lock();
        waiting.is_gone = true;
        waiting.questions.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads answers until the process ends, says something else, or nobody asks any more. Then it is ended.
async fn read(
    process: Weak<Process>,
    output: OwnedReadHalf,
    mut gone: watch::Receiver<()>,
    mut child: Killed,
) {
    let mut output = BufReader::new(output);
    loop {
        let mut line = Vec::new();
        let mut bounded = (&mut output).take(ANSWER);
        let read = tokio::select! {
            read = bounded.read_until(b'\n', &mut line) => read.unwrap_or(0),
            // It fails when the sender is dropped, and nothing else happens to it.
            _ = gone.changed() => 0,
        };
        let Some(process) = process.upgrade() else { break };
        let answer = line.strip_suffix(b"\n").and_then(|line| serde_json::from_slice::<Answer>(line).ok());
        if read == 0 || !answer.is_some_and(|answer| process.answered(&answer)) {
            process.end();
            break;
        }
    }
    if let Some(mut child) = child.0.take() {
        let ending = move || child.kill().and_then(|()| child.wait());
        // Nobody is there who could be told.
        let _ = tokio::task::spawn_blocking(ending).await;
    }
}

fn start(program: PathBuf, arguments: Vec<OsString>, socket: StdStream) -> io::Result<Killed> {
    let output = OwnedFd::from(socket.try_clone()?);
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::from(OwnedFd::from(socket))).stdout(Stdio::from(output));
    command.spawn().map(|child| Killed(Some(child)))
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.process.lock().questions.remove(&self.number);
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            // The runtime is gone, and so is the application soon.
            let _ = child.kill();
            let _ = child.try_wait();
        }
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = to.debug_struct("Broker");
        debug.field("program", &self.shared.program).field("arguments", &self.shared.arguments).finish()
    }
}

#[cfg(test)]
mod tests;

//! Runs the binary, and never waits for ever.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, kill_process_group, pidfd_open};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

/// After so long without what a test waits for, it fails. A busy machine may take its time.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// The folder with the examples, as somebody at the root of the repository calls it.
pub(crate) const EXAMPLES: &str = "examples/plugins";

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Standard output as one JSON document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Everything in one text.
    pub(crate) fn text(&self) -> String {
        format!("{}{}exit {}\n", self.stdout, self.stderr, self.code.unwrap_or(-1))
    }
}

/// Runs the command to its end at the root of the repository.
#[track_caller]
pub(crate) fn plughold(args: &[&str]) -> Ran {
    start(args).end()
}

/// Runs the command to its end in another folder.
#[track_caller]
pub(crate) fn plughold_in(folder: &Path, args: &[&str]) -> Ran {
    start_in(folder, args).end()
}

/// A command that runs. Dropping it kills its whole process group.
pub(crate) struct Running {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    /// What was taken from the channels.
    seen: Ran,
    /// Events that nobody has asked for yet.
    events: Vec<Value>,
}

/// Starts the command at the root of the repository, in a process group of its own as a shell does.
pub(crate) fn start(args: &[&str]) -> Running {
    start_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."), args)
}

/// As [`start`], with a standard output that nobody reads.
pub(crate) fn start_unread(args: &[&str]) -> Running {
    let (_, output) = std::io::pipe().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    start_with(&folder, state_folder(), args, output.into())
}

/// As [`start_in`], with a folder of its own for what the command remembers.
pub(crate) fn start_remembering(folder: &Path, state: &Path, args: &[&str]) -> Running {
    start_with(folder, state, args, Stdio::piped())
}

pub(crate) fn start_in(folder: &Path, args: &[&str]) -> Running {
    start_with(folder, state_folder(), args, Stdio::piped())
}

fn start_with(folder: &Path, state: &Path, args: &[&str], stdout: Stdio) -> Running {
    let mut child = Command::new(env!("CARGO_BIN_EXE_plughold"))
        .args(args)
        .current_dir(folder)
        .env("XDG_STATE_HOME", state)
        .env("XDG_RUNTIME_DIR", runtime_folder())
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().map(lines_of).unwrap_or_else(|| channel().1);
    let stderr = lines_of(child.stderr.take().unwrap());
    let seen = Ran { code: None, stdout: String::new(), stderr: String::new() };
    Running { child, stdout, stderr, seen, events: Vec::new() }
}

/// Where the commands of these tests keep their reports.
pub(crate) fn state_folder() -> &'static Path {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
    FOLDER.path()
}

/// Where the hosts of these tests register.
pub(crate) fn runtime_folder() -> &'static Path {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
    FOLDER.path()
}

impl Running {
    /// The next line on standard output that holds `words`.
    #[track_caller]
    pub(crate) fn line_with(&mut self, words: &str) -> String {
        next_with(&self.stdout, &mut self.seen.stdout, words)
    }

    /// Closes standard output, once another line has come.
    pub(crate) fn stop_reading(&mut self) {
        self.stdout = channel().1;
    }

    /// The next line on standard error that holds `words`.
    #[track_caller]
    pub(crate) fn remark_with(&mut self, words: &str) -> String {
        next_with(&self.stderr, &mut self.seen.stderr, words)
    }

    /// The first event of this kind and plugin that was not asked for before, whatever comes between.
    #[track_caller]
    pub(crate) fn event(&mut self, event: &str, plugin: &str) -> Value {
        let is_wanted =
            |record: &Value| record["event"] == event && (plugin.is_empty() || record["plugin"] == plugin);
        if let Some(index) = self.events.iter().position(is_wanted) {
            return self.events.remove(index);
        }
        loop {
            let record: Value = serde_json::from_str(&self.line_with("")).unwrap();
            if is_wanted(&record) {
                return record;
            }
            self.events.push(record);
        }
    }

    /// Sends a signal to the whole process group, as a terminal does.
    pub(crate) fn signal_group(&self, signal: Signal) {
        kill_process_group(pid_of(self.child.id()), signal).unwrap();
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to the command alone, as a service manager does.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(pid_of(self.child.id()), signal).unwrap();
    }

    /// Waits for its end, and for the rest of its output.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ran {
        wait_for_end_of(&[pidfd(self.child.id())]);
        self.seen.code = self.child.wait().unwrap().code();
        // The channels end with the pipes, which nobody holds any more.
        self.seen.stdout.extend(rest_of(&self.stdout));
        self.seen.stderr.extend(rest_of(&self.stderr));
        let empty = Ran { code: None, stdout: String::new(), stderr: String::new() };
        std::mem::replace(&mut self.seen, empty)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, mostly.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A handle to a process that says when it has ended, also if its number is used again.
pub(crate) fn pidfd(pid: u32) -> OwnedFd {
    pidfd_open(pid_of(pid), PidfdFlags::empty()).unwrap()
}

/// Waits until every one of these processes has ended.
#[track_caller]
pub(crate) fn wait_for_end_of(processes: &[OwnedFd]) {
    let deadline = Timespec::try_from(DEADLINE).unwrap();
    for process in processes {
        let mut fds = [PollFd::new(process, PollFlags::IN)];
        assert_ne!(poll(&mut fds, Some(&deadline)).unwrap(), 0, "a process goes on for ever");
    }
}

/// The processes of the plugins in a `loaded` event.
pub(crate) fn runners(loaded: &Value) -> Vec<OwnedFd> {
    let pids = loaded["plugins"].as_array().unwrap().iter().filter_map(|plugin| plugin["pid"].as_u64());
    pids.map(|pid| pidfd(u32::try_from(pid).unwrap())).collect()
}

/// A new folder with these files; names may have slashes.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn pid_of(pid: u32) -> Pid {
    Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()
}

fn lines_of(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

#[track_caller]
fn next_with(lines: &Receiver<String>, seen: &mut String, words: &str) -> String {
    loop {
        let Ok(line) = lines.recv_timeout(DEADLINE) else { panic!("no line with {words:?} after\n{seen}") };
        seen.push_str(&line);
        seen.push('\n');
        if line.contains(words) {
            return line;
        }
    }
}

fn rest_of(lines: &Receiver<String>) -> impl Iterator<Item = String> {
    std::iter::from_fn(|| lines.recv_timeout(DEADLINE).ok().map(|line| line + "\n"))
}

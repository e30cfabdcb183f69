//! What this process has, before and after: descriptors, threads, tasks, children, memory.

use crate::PATIENCE;
use crate::waiting::until_well;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::os::fd::RawFd;
use std::time::Duration;
use tokio::runtime::Handle;

/// What this process had at one moment, for tests that end with nothing left.
///
/// It counts for the whole process: a test that compares it has the process to itself. [`TestHost::finish`] looks after
/// each test's own part, whatever runs beside it.
///
/// ```no_run
/// # async fn example() {
/// use plughold_testing::Baseline;
///
/// let before = Baseline::take();
/// // … start plugins, kill them, shut the host down …
/// before.expect().await;
/// # }
/// ```
///
/// [`TestHost::finish`]: crate::TestHost::finish
#[derive(Clone, Debug)]
pub struct Baseline {
    descriptors: Counted,
    threads: BTreeMap<u32, String>,
    /// Each with its name, and whether it has ended and nobody has looked after it.
    children: BTreeMap<u32, Child>,
    tasks: usize,
    memory_kib: u64,
    memory_slack_kib: Option<u64>,
}

/// How many there are of each name.
type Counted = BTreeMap<String, usize>;

#[derive(Clone, Debug)]
struct Child {
    name: String,
    is_zombie: bool,
}

impl Baseline {
    /// What there is now. The tasks are those of the tokio runtime in which it is called.
    pub fn take() -> Baseline {
        Baseline {
            descriptors: counted(descriptors()),
            threads: threads(),
            children: children(),
            tasks: Handle::current().metrics().num_alive_tasks(),
            memory_kib: resident_kib(),
            memory_slack_kib: None,
        }
    }

    /// The same, and memory may not grow by more than this either. Allocators keep pages of one burst or another, so it
    /// takes a warm-up before and some slack: 1 MiB is what is promised for ten thousand kills.
    pub fn with_memory(self, slack_kib: u64) -> Baseline {
        Baseline { memory_slack_kib: Some(slack_kib), ..self }
    }

    /// Resident memory of this process, in KiB, when the base line was taken.
    pub fn memory_kib(&self) -> u64 {
        self.memory_kib
    }

    /// What is there now and was not, and what was there and is not: a line for each. Empty when all is as before.
    pub fn leftovers(&self) -> Leftovers {
        let now = Baseline::take();
        let mut lines = Vec::new();
        compare("descriptor", &self.descriptors, &now.descriptors, &mut lines);
        let is_new = |thread: &(&u32, &String)| !self.threads.contains_key(thread.0) && is_ours(thread.1);
        lines.extend(now.threads.iter().filter(is_new).map(|(_, name)| format!("thread {name}")));
        for (pid, child) in now.children.iter().filter(|(pid, _)| !self.children.contains_key(pid)) {
            let what = if child.is_zombie { "zombie" } else { "process" };
            lines.push(format!("{what} {pid} ({})", child.name));
        }
        if self.tasks < now.tasks {
            lines.push(format!("{} tasks, and {} before", now.tasks, self.tasks));
        }
        let grown = now.memory_kib.saturating_sub(self.memory_kib);
        if self.memory_slack_kib.is_some_and(|slack| slack < grown) {
            lines.push(format!("{grown} KiB of memory more than {} KiB before", self.memory_kib));
        }
        Leftovers(lines)
    }

    /// Waits until all is as before; panics with what is left when it is not after [`PATIENCE`].
    pub async fn expect(&self) {
        self.expect_within(PATIENCE).await;
    }

    /// The same with another patience.
    pub async fn expect_within(&self, patience: Duration) {
        until_well(patience, || match self.leftovers() {
            Leftovers(lines) if lines.is_empty() => Ok(()),
            leftovers => Err(leftovers.to_string()),
        })
        .await;
    }
}

/// What is left over, a line for each thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leftovers(pub Vec<String>);

impl fmt::Display for Leftovers {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "this is left:")?;
        self.0.iter().try_for_each(|line| write!(to, "\n  {line}"))
    }
}

fn compare(what: &str, before: &Counted, now: &Counted, lines: &mut Vec<String>) {
    let count = |counted: &Counted, name: &str| counted.get(name).copied().unwrap_or_default();
    for name in before.keys().chain(now.keys().filter(|name| !before.contains_key(*name))) {
        match (count(before, name), count(now, name)) {
            (before, now) if before == now => {}
            (0, 1) => lines.push(format!("{what} {name}")),
            (before, 0) => lines.push(format!("{what} {name} is gone, and there were {before}")),
            (before, now) => lines.push(format!("{what} {name}: {now}, and {before} before")),
        }
    }
}

fn counted(names: Vec<String>) -> Counted {
    let mut counted = Counted::new();
    for name in names {
        *counted.entry(name).or_default() += 1;
    }
    counted
}

/// The descriptors by what they are, such as `socket:[4711]`, and those of processes by whose they are.
fn descriptors() -> Vec<String> {
    let entries = fs::read_dir("/proc/self/fd").unwrap();
    let mut names = Vec::new();
    for entry in entries.map(Result::unwrap) {
        // The one that reads the folder is closed by now, and has no name any more.
        let Ok(target) = fs::read_link(entry.path()) else { continue };
        let mut name = target.display().to_string();
        let number = entry.file_name().to_str().and_then(|number| number.parse().ok());
        if let Some(process) = number.and_then(process_of) {
            name = format!("{name} of process {process}");
        }
        if !name.starts_with("/proc/") {
            names.push(name);
        }
    }
    names
}

/// Whose descriptor a pidfd is: the process's number, or `-1` once it was waited for.
pub(crate) fn process_of(descriptor: RawFd) -> Option<i32> {
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{descriptor}")).ok()?;
    info.lines().find_map(|line| line.strip_prefix("Pid:"))?.trim().parse().ok()
}

/// The threads by their numbers. A new one has its parent's name for a moment.
fn threads() -> BTreeMap<u32, String> {
    let tasks = fs::read_dir("/proc/self/task").unwrap().map(Result::unwrap);
    let thread = |task: fs::DirEntry| {
        // It may end meanwhile.
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        Some((task.file_name().to_str()?.parse().ok()?, name.trim().to_owned()))
    };
    tasks.filter_map(thread).collect()
}

/// Whether it is a thread of the host or of a runtime. The others are those that run tests, which come and go.
fn is_ours(thread: &str) -> bool {
    thread.starts_with("plughold") || thread.starts_with("tokio")
}

/// The processes that any thread of this one has started.
fn children() -> BTreeMap<u32, Child> {
    let mut children = BTreeMap::new();
    for task in fs::read_dir("/proc/self/task").unwrap() {
        let listed = fs::read_to_string(task.unwrap().path().join("children")).unwrap_or_default();
        for pid in listed.split_ascii_whitespace().map(|pid| pid.parse::<u32>().unwrap()) {
            // One that is waited for at this moment is gone.
            let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
            children.insert(pid, Child::of_stat(&stat));
        }
    }
    children
}

impl Child {
    /// From a line such as `4711 (plughold-runner) S 42 …`; a name may hold anything, brackets included.
    fn of_stat(stat: &str) -> Child {
        let (before, after) = stat.rsplit_once(") ").unwrap();
        let name = before.split_once(" (").map_or("", |(_, name)| name).to_owned();
        Child { name, is_zombie: after.starts_with(['Z', 'X']) }
    }
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    /// One test, since all of them would look at the same process.
    #[tokio::test]
    async fn what_is_left_is_named() {
        let before = Baseline::take();
        assert_eq!(before.leftovers(), Leftovers::default());

        let (pipe, _other) = std::io::pipe().unwrap();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let (begin, begun) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::Builder::new().name("plughold-left".into()).spawn(move || {
            // It has its name from its first instruction of ours on.
            let _told = begin.send(());
            stopped.recv()
        });
        begun.recv().unwrap();
        let task = tokio::spawn(std::future::pending::<()>());
        let mut child = Command::new("/bin/cat").stdin(Stdio::piped()).spawn().unwrap();
        let told = before.leftovers().to_string();
        assert!(told.starts_with("this is left:\n  descriptor pipe:["), "{told}");
        assert!(told.contains("\n  thread plughold-left\n"), "{told}");
        assert!(told.contains(&format!("process {} (", child.id())), "{told}");
        assert!(told.ends_with("\n  1 tasks, and 0 before"), "{told}");

        task.abort();
        drop((pipe, _other, stop));
        let _ended = thread.unwrap().join();
        drop(child.stdin.take());
        until_well(PATIENCE, || match before.leftovers().to_string() {
            told if told.contains(&format!("zombie {} (cat)", child.id())) => Ok(()),
            told => Err(told),
        })
        .await;
        child.wait().unwrap();
        before.expect().await;
    }

    #[test]
    fn what_is_gone_is_named_as_well() {
        let check = |before: &[&str], now: &[&str], expected: &[&str]| {
            let [before, now] = [before, now].map(|names| names.iter().map(ToString::to_string).collect());
            let mut lines = Vec::new();
            compare("descriptor", &counted(before), &counted(now), &mut lines);
            assert_eq!(lines, expected);
        };
        check(&["a", "b"], &["b", "a"], &[]);
        check(&["a"], &[], &["descriptor a is gone, and there were 1"]);
        check(&["a"], &["a", "a", "b"], &["descriptor a: 2, and 1 before", "descriptor b"]);
    }

    #[test]
    fn names_of_processes_hold_anything() {
        let child = Child::of_stat("7 (a) b) c) Z 1 7 7");
        assert_eq!((child.name.as_str(), child.is_zombie), ("a) b) c", true));
    }
}

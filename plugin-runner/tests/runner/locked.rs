//! What a runner does to the system: after its mark it reads, writes and exits, whatever it is asked for.
//!
//! All other tests of this file's binary run once more, each runner under `strace`, and every trace is read.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs};

/// Names the folder for traces, in the second run of the tests.
const FOLDER: &str = "PLUGHOLD_TEST_TRACES";

/// The system calls of a locked runner.
const ALLOWED: [&str; 3] = ["read", "write", "exit_group"];

/// Where the next runner's trace goes, if runners are to be traced.
pub(crate) fn trace_file() -> Option<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = env::var_os(FOLDER)?;
    Some(Path::new(&folder).join(format!("{}.trace", COUNT.fetch_add(1, Ordering::Relaxed))))
}

/// The system calls behind the mark, or none if the runner ended before it.
fn calls_after_the_mark(trace: &str) -> Option<Vec<String>> {
    let mut lines = trace.lines().peekable();
    lines.find(|line| line.contains("prctl(PR_SET_NAME, \"plughold-locked\""))?;
    // What the mark announces.
    lines.next_if(|line| line.contains("seccomp(SECCOMP_SET_MODE_FILTER"));
    // A line is the process, then the call; signals and exits are marked otherwise.
    let calls = lines.filter_map(|line| line.split_once(' ')?.1.trim_start().split_once('('));
    Some(calls.map(|(name, _)| name.trim_start_matches("<... ").to_owned()).collect())
}

#[test]
fn traces_are_read_as_they_are_written() {
    let trace = "7 mmap(NULL) = 1\n7 prctl(PR_SET_NAME, \"plughold-locked\"...) = 0\n7 write(0, \"(\", 1) = 1\n7 brk(NULL) = 5\n7 +++ exited with 0 +++\n";
    assert_eq!(calls_after_the_mark(trace).unwrap(), ["write", "brk"]);
    assert_eq!(calls_after_the_mark("7 mmap(NULL) = 1\n"), None);
}

#[test]
fn a_locked_runner_only_reads_writes_and_exits() {
    if env::var_os(FOLDER).is_some() {
        return;
    }
    if Command::new("strace").arg("-V").output().is_err() {
        // Not by `eprintln!`, whose words are shown for failing tests only.
        writeln!(
            std::io::stderr(),
            "SKIPPED: a_locked_runner_only_reads_writes_and_exits: strace is not installed"
        )
        .unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let tests = Command::new(env::current_exe().unwrap()).env(FOLDER, folder.path()).output().unwrap();
    assert!(tests.status.success(), "{}", String::from_utf8_lossy(&tests.stdout));

    let mut marked = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let trace = fs::read_to_string(entry.unwrap().path()).unwrap();
        let Some(calls) = calls_after_the_mark(&trace) else { continue };
        marked += 1;
        for call in &calls {
            assert!(ALLOWED.contains(&call.as_str()), "a locked runner called {call}:\n{trace}");
        }
    }
    assert!(100 < marked, "only {marked} runners passed their mark");
}

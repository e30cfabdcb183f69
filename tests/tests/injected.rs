//! System calls that fail, one at a time, wherever the host and its runners make them.
//!
//! `strace` lets the n-th call of each thread fail with an error of our choice, so each place is reached in turn. Whatever
//! fails, the application comes to its end: each plugin is loaded or there is an error that says why, each call has its
//! answer or an error, and nothing panics or waits for ever.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use plughold_tests::ordinary::skip;
use plughold_tests::{PATIENCE, also_as_an_ordinary_user, program, rounds};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

also_as_an_ordinary_user!();

/// What fails, and how. EAGAIN is not among them: no system says so while there is something to read or room to write,
/// and the long calls of the application fill its sockets in earnest. Neither is `write`, by which tokio wakes itself.
const FAULTS: &[(&str, &[&str])] = &[
    ("socketpair", &["EMFILE", "ENOMEM"]),
    ("memfd_create", &["EMFILE", "ENOSYS"]),
    ("ftruncate", &["ENOSPC"]),
    ("clone3", &["EAGAIN", "ENOMEM"]),
    ("clone", &["EAGAIN", "ENOMEM"]),
    ("vfork", &["EAGAIN", "ENOMEM"]),
    ("execve", &["ENOENT", "EACCES", "ENOEXEC", "ENOMEM"]),
    ("pidfd_open", &["EMFILE", "ENOSYS"]),
    ("epoll_ctl", &["ENOMEM", "ENOSPC"]),
    ("getrandom", &["EINTR", "ENOSYS"]),
    ("openat", &["EMFILE", "EIO", "EACCES"]),
    ("recvfrom", &["EINTR", "ECONNRESET"]),
    ("read", &["EINTR", "EIO"]),
    ("sendto", &["EINTR", "EPIPE"]),
    ("waitid", &["EINTR", "ECHILD"]),
    ("wait4", &["EINTR", "ECHILD"]),
];

/// Which call of each thread fails: the first ones, in which everything is made, and some later ones.
fn places() -> Vec<u64> {
    let whole = rounds(0, 60);
    if 0 < whole { (1..=whole).collect() } else { vec![1, 2, 4] }
}

#[test]
fn whatever_a_system_call_says_a_host_goes_on() {
    if Command::new("strace").arg("-V").output().is_err() {
        return skip("system calls that fail", "strace is not installed");
    }
    let folder = tempfile::tempdir().unwrap();
    let plugin = "export const echo = (bytes) => app.echo(bytes);";
    for id in ["one", "two"] {
        fs::write(folder.path().join(format!("{id}.js")), plugin).unwrap();
    }
    let quiet = run(folder.path(), None).0;
    if !quiet.status.success() {
        let why = String::from_utf8_lossy(&quiet.stderr).into_owned();
        return skip("system calls that fail", &format!("strace may not trace here: {why}"));
    }
    check("nothing", &quiet);
    assert_eq!(String::from_utf8_lossy(&quiet.stdout).matches("answers: right").count(), 10);
    let mut injected = 0;
    for (call, errors) in FAULTS {
        for error in *errors {
            for place in places() {
                let (output, was_reached) = run(folder.path(), Some((call, error, place)));
                if !was_reached {
                    break;
                }
                injected += 1;
                check(&format!("{error} from {call} number {place}"), &output);
            }
        }
    }
    println!("{injected} faults");
    assert!(40 < injected, "only {injected} faults were reached");
}

/// Runs the application under `strace`; the flag says whether the fault was reached.
fn run(folder: &Path, fault: Option<(&str, &str, u64)>) -> (Output, bool) {
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::new("timeout");
    command
        .args(["-s", "KILL", &PATIENCE.as_secs().to_string(), "strace", "-f", "-qq", "-o"])
        .arg(log.path());
    match fault {
        Some((call, error, place)) => {
            command.args(["-e", &format!("trace={call}")]);
            command.args(["-e", &format!("inject={call}:error={error}:when={place}")])
        }
        None => command.args(["-e", "trace=none"]),
    };
    command.arg(program("test-application")).arg(folder).arg(program("test-runner"));
    let output = command.output().unwrap();
    let was_reached = fs::read_to_string(log.path()).unwrap().contains("(INJECTED)");
    (output, was_reached)
}

fn check(fault: &str, output: &Output) {
    let told = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    let Some(told) = told.strip_prefix("begins\n") else {
        return; // It has not even begun: the system's own loader stumbled, or the runtime, which panics then.
    };
    let all = format!("{fault}:\n{told}{failed}\n{}", output.status);
    assert!(output.status.success(), "{all}");
    assert!(!failed.contains("panicked"), "{all}");
    assert!(!told.contains("WRONG"), "{all}");
    assert!(told.ends_with("ends\n"), "{all}");
    // Every step has come to an end, in words.
    let loaded = told.matches("is loaded").count();
    assert_eq!(
        told.matches("answers: right").count() + told.matches(" fails: ").count(),
        5 * loaded,
        "{all}"
    );
    let is_told = ["no host: ", "a problem: ", "is not loaded: "].iter().any(|words| told.contains(words));
    assert!(loaded == 2 || is_told, "{all}");
}

//! What the machine can do, found by trying: a runner's program locks itself down in a process that is thrown away.

use crate::launch::ControlPage;
use crate::runner::{ARGUMENT, TRIAL};
use plughold_protocol::limits;
use plughold_sandbox::{Capabilities, Plan, Search, Trial};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{self, ErrorKind, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

/// A trial takes two milliseconds. A program that knows nothing of trials is given up after this time.
const PATIENCE: Duration = Duration::from_secs(5);

/// The signal of a system call that is not allowed: SIGSYS.
const VIOLATION: i32 = 31;

/// Finds the strongest plan that works for this program on this machine. Starts processes, as a rule one, and waits for
/// them: only for the thread that starts runners.
pub(super) fn search(program: &Path) -> io::Result<Capabilities> {
    let mut search = Search::new();
    while let Some(plan) = search.next() {
        search.tried(try_out(program, &plan)?);
    }
    Ok(search.result())
}

fn try_out(program: &Path, plan: &Plan) -> io::Result<Trial> {
    let (mut ours, theirs) = UnixStream::pair()?;
    ours.set_read_timeout(Some(PATIENCE))?;
    let (page, memory_file) = ControlPage::create()?;
    page.prepare(limits::MEMORY_MIN, std::process::id());
    page.set_plan(plan.encode());
    let mut child = Command::new(program)
        .args([ARGUMENT, TRIAL])
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::from(memory_file))
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    // Its end of the socket is closed when it ends; it has nothing to say. What it closed the socket with is its end
    // already, and a signal does not change that.
    let has_ended = loop {
        match ours.read(&mut [0]) {
            // A read with a limit of time is not resumed, as when the host itself was stopped meanwhile.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => break matches!(read, Ok(0)),
        }
    };
    // Whatever it is, it has perhaps started others: it leads a group of its own.
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _gone = kill_process_group(group, Signal::KILL);
    }
    let status = child.wait()?;
    if !has_ended {
        return Ok(Trial::Strange { words: "the runner does not know how to try a lock-down".to_owned() });
    }
    let (_, words) = page.cause();
    Ok(outcome(status, &crate::text::clean_line(&words, limits::NAME)))
}

fn outcome(status: ExitStatus, words: &str) -> Trial {
    match (status.code(), status.signal()) {
        (Some(code), _) => Trial::from_exit_code(code, words),
        (None, Some(VIOLATION)) => Trial::Violation,
        (None, signal) => {
            let signal = signal.unwrap_or_default();
            Trial::Strange { words: format!("the trial was ended by signal {signal}") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plughold_sandbox::Level;

    #[test]
    fn a_program_that_is_no_runner_reaches_nothing() {
        for (program, words) in
            [("/bin/true", "the trial ended with code 0: "), ("/bin/false", "the trial ended with code 1: ")]
        {
            let found = search(Path::new(program)).unwrap();
            assert_eq!((found.level(), found.missing_words().as_str()), (Level::D, words));
        }
        assert!(search(Path::new("/nowhere/runner")).is_err());
    }

    #[test]
    fn ends_say_how_it_went() {
        let raw = |raw: i32| outcome(ExitStatus::from_raw(raw), "why");
        assert_eq!(raw(Trial::Locked.exit_code() << 8), Trial::Locked);
        assert_eq!(raw(31), Trial::Violation);
        assert_eq!(raw(9), Trial::Strange { words: "the trial was ended by signal 9".to_owned() });
    }
}

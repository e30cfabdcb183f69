//! What the system says of a process from outside: whether it runs, and how much it has run.

use std::time::Duration;

/// One look at a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    /// Whether it can run at all.
    pub(crate) standing: Standing,
    /// Processor time that it has had, its own and the system's on its behalf.
    pub(crate) cpu: Duration,
}

/// Whether a process can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It runs, or waits for something.
    Alive,
    /// A signal has stopped it, or somebody traces it.
    Stopped,
    /// It has ended, and nobody has waited for it.
    Ended,
}

/// The system's unit of time in `/proc`: it is the same on every Linux, whatever its clock.
const TICK: Duration = Duration::from_millis(10);

/// What the system says of a process, or none when there is none.
pub(crate) fn stat(pid: u32) -> Option<Stat> {
    parse(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// From a line such as `4711 (plughold-runner) S 42 …`: a name may hold anything, brackets included.
fn parse(line: &str) -> Option<Stat> {
    let (_, after) = line.rsplit_once(") ")?;
    let mut fields = after.split_ascii_whitespace();
    let standing = match fields.next()? {
        "T" | "t" => Standing::Stopped,
        "Z" | "X" | "x" => Standing::Ended,
        _ => Standing::Alive,
    };
    let mut ticks = fields.skip(10).map_while(|field| field.parse::<u32>().ok());
    let cpu = TICK.saturating_mul(ticks.next()?.saturating_add(ticks.next()?));
    Some(Stat { standing, cpu })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

    #[test]
    fn lines_of_the_system() {
        let check = |line: &str, standing: Standing, milliseconds: u64| {
            assert_eq!(parse(line), Some(Stat { standing, cpu: Duration::from_millis(milliseconds) }));
        };
        check("7 (a) S 1 7 7 0 -1 4194560 120 0 0 0 3 4 0 0 20 0 1 0 8", Standing::Alive, 70);
        check("7 (a) R) T 1 7 7 0 -1 4194560 120 0 0 0 0 1 0 0 20 0 1", Standing::Stopped, 10);
        check("7 () Z 1 7 7 0 -1 4194560 120 0 0 0 0 0", Standing::Ended, 0);
        assert_eq!(parse("7 (a) S 1 7 7 0 -1 4194560 120 0 0 0 3"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn a_real_process_through_its_life() {
        let mut child = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
        let pid = Pid::from_child(&child);
        let standing = || stat(child.id()).map(|stat| stat.standing);
        assert_eq!(standing(), Some(Standing::Alive));
        kill_process(pid, Signal::STOP).unwrap();
        waitid(WaitId::Pid(pid), WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT).unwrap();
        assert_eq!(standing(), Some(Standing::Stopped));
        kill_process(pid, Signal::KILL).unwrap();
        waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).unwrap();
        assert_eq!(standing(), Some(Standing::Ended));
        child.wait().unwrap();
        assert_eq!(stat(pid.as_raw_nonzero().get().unsigned_abs()), None);
    }
}

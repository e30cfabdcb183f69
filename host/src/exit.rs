//! How a plugin's process ended.

use crate::Activity;
use plughold_protocol::exit::Cause;
use plughold_sandbox::{Layer, OnViolation, Plan};
use std::fmt;
use std::time::Duration;

/// How a plugin's process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exit {
    /// It was asked to stop and did.
    Stopped,
    /// It ended by itself.
    Code {
        /// The exit code.
        code: i32,
        /// What the runner says about it, in words; empty when it says nothing.
        words: String,
    },
    /// A signal ended it, which the host did not send.
    Signal(i32),
    /// It broke its sandbox: it asked the system for something that no plugin may, and was ended on the spot.
    Violation {
        /// What it asked for, in words; empty when the system did not say.
        words: String,
    },
    /// The host killed it.
    Killed(KillReason),
    /// It is not known yet, or can no longer be found out.
    Unknown,
}

/// Why the host killed a process.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KillReason {
    /// It did not end a turn of JavaScript, also when it was interrupted.
    Unresponsive {
        /// What it was doing when it was reported. None if nobody had to be told before.
        activity: Option<Activity>,
    },
    /// It broke the protocol, in the way that the words say.
    Protocol(String),
    /// It used more of the processors than [`Limits::cpu`](crate::Limits::cpu) gives it.
    OverBudget {
        /// In the last minute.
        used: Duration,
        /// What it may use in a minute.
        per_minute: Duration,
    },
    /// It did not start or activate in time.
    Start,
    /// It did not stop in time.
    Stop,
    /// It was asked for by [`Plugin::kill`](crate::Plugin::kill).
    Asked,
    /// Loading it failed, and nothing of it is needed any more.
    Failed,
}

/// The signal of a system call that is not allowed, on Linux: SIGSYS.
const VIOLATION: i32 = 31;

impl Exit {
    /// What a process says about its end, from its exit status and its last words. It was locked down by `plan`: whether a
    /// violation is the system's word or the process's own depends on that, and the own word counts only where it was asked
    /// for.
    pub(crate) fn from_status(
        status: std::process::ExitStatus,
        plan: &Plan,
        cause: Cause,
        words: &str,
    ) -> Exit {
        use std::os::unix::process::ExitStatusExt;
        let has_filter = plan.layers().contains(Layer::Filter);
        match status.signal() {
            Some(VIOLATION) if has_filter => return Exit::Violation { words: String::new() },
            Some(signal) => return Exit::Signal(signal),
            None => {}
        }
        let code = status.code().unwrap_or_default();
        let is_told = has_filter && plan.on_violation == OnViolation::Trap;
        if is_told && cause == Cause::Violation && code == cause.exit_code() {
            return Exit::Violation { words: words.to_owned() };
        }
        // The page is a claim of the runner's: it counts only where it agrees with the exit code, and nobody calls himself
        // a violation.
        let words = match (cause, words) {
            (Cause::None | Cause::Violation, _) => String::new(),
            (cause, _) if cause.exit_code() != code => String::new(),
            (cause, "") => cause.words().to_owned(),
            (cause, words) => format!("{}: {words}", cause.words()),
        };
        Exit::Code { code, words }
    }

    /// Whether the process ended in a way that somebody has to look into, and that a report is written of: it crashed, or
    /// the host had to kill it.
    pub fn is_abnormal(&self) -> bool {
        match self {
            Exit::Stopped
            | Exit::Killed(KillReason::Asked | KillReason::Failed)
            | Exit::Code { code: 0, .. } => false,
            Exit::Code { .. }
            | Exit::Signal(_)
            | Exit::Violation { .. }
            | Exit::Killed(_)
            | Exit::Unknown => true,
        }
    }

    /// Where the plugin was when the host killed it because it did not respond, if that is known: a JavaScript stack.
    pub fn stack(&self) -> Option<&str> {
        match self {
            Exit::Killed(KillReason::Unresponsive { activity }) => activity.as_ref()?.stack(),
            _ => None,
        }
    }

    /// Whether somebody wanted it to end.
    pub fn was_asked(&self) -> bool {
        matches!(self, Exit::Stopped | Exit::Killed(KillReason::Asked | KillReason::Stop))
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Stopped => to.write_str("it was stopped"),
            Exit::Code { code, words } if words.is_empty() => {
                write!(to, "its process ended with code {code}")
            }
            Exit::Code { code, words } => write!(to, "its process ended with code {code}: {words}"),
            Exit::Signal(signal) => {
                write!(to, "its process was ended by signal {signal}{}", signal_name(*signal))
            }
            Exit::Violation { words } if words.is_empty() => to.write_str("it broke its sandbox"),
            Exit::Violation { words } => write!(to, "it broke its sandbox: {words}"),
            Exit::Killed(reason) => write!(to, "it was killed: {reason}"),
            Exit::Unknown => to.write_str("its process has ended"),
        }
    }
}

fn signal_name(signal: i32) -> &'static str {
    match signal {
        4 => " (SIGILL)",
        6 => " (SIGABRT)",
        7 => " (SIGBUS)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV)",
        15 => " (SIGTERM)",
        VIOLATION => " (SIGSYS)",
        _ => "",
    }
}

impl fmt::Display for KillReason {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KillReason::Unresponsive { activity: Some(Activity::Stuck { .. }) } => {
                to.write_str("it was stuck in native code, which no interrupt ends")
            }
            KillReason::Unresponsive { activity: Some(Activity::Stopped) } => {
                to.write_str("its process was stopped from outside, and did not go on")
            }
            KillReason::Unresponsive { .. } => {
                to.write_str("it did not respond, and an interrupt did not help")
            }
            KillReason::Protocol(words) => write!(to, "it broke the protocol: {words}"),
            KillReason::OverBudget { used, per_minute } => {
                let [used, per_minute] = [used, per_minute].map(Duration::as_secs_f64);
                write!(
                    to,
                    "it used the processor for {used:.1} s in a minute, and may do so for {per_minute:.1} s"
                )
            }
            KillReason::Start => to.write_str("it did not start in time"),
            KillReason::Stop => to.write_str("it did not stop in time"),
            KillReason::Asked => to.write_str("that was asked for"),
            KillReason::Failed => to.write_str("it could not be loaded"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plughold_sandbox::Level;
    use std::os::unix::process::ExitStatusExt;

    #[track_caller]
    fn check_at(plan: &Plan, raw: i32, cause: Cause, words: &str, expected: &str) {
        let status = std::process::ExitStatus::from_raw(raw);
        assert_eq!(Exit::from_status(status, plan, cause, words).to_string(), expected);
    }

    #[track_caller]
    fn check(raw: i32, cause: Cause, words: &str, expected: &str) {
        check_at(&Plan::at(Level::A), raw, cause, words, expected);
    }

    #[test]
    fn the_runners_words_count_where_they_agree_with_its_exit_code() {
        let memory = Cause::OutOfMemory.exit_code() << 8;
        check(memory, Cause::OutOfMemory, "64 MiB", "its process ended with code 71: out of memory: 64 MiB");
        check(memory, Cause::OutOfMemory, "", "its process ended with code 71: out of memory");
        check(0, Cause::OutOfMemory, "64 MiB", "its process ended with code 0");
        check(9, Cause::OutOfMemory, "64 MiB", "its process was ended by signal 9 (SIGKILL)");
        check(31, Cause::OutOfMemory, "64 MiB", "it broke its sandbox");
    }

    #[test]
    fn a_violation_is_the_systems_word_unless_the_host_has_asked_for_the_runners() {
        let claimed = Cause::Violation.exit_code() << 8;
        let told = Plan { on_violation: OnViolation::Trap, ..Plan::at(Level::C) };
        let words = "it called openat";
        check_at(&told, claimed, Cause::Violation, words, "it broke its sandbox: it called openat");
        check_at(&told, 31, Cause::None, "", "it broke its sandbox");
        check(claimed, Cause::Violation, words, "its process ended with code 78");
        // Whoever has no sandbox can break none.
        let bare = Plan { on_violation: OnViolation::Trap, ..Plan::NONE };
        check_at(&bare, 31, Cause::None, "", "its process was ended by signal 31 (SIGSYS)");
        check_at(&bare, claimed, Cause::Violation, words, "its process ended with code 78");
    }
}

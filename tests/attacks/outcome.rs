//! What came of an attack, as one word: the words of the matrix.

use crate::bait::Bait;
use crate::runner::Reply;
use plughold_protocol::exit::Cause;
use std::fmt;
use std::os::unix::process::ExitStatusExt;

/// What came of an attack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome(pub(crate) String);

/// It worked, and its effect was seen.
const SUCCEEDS: &str = "succeeds";

/// The filter has ended the process.
const KILLED: &str = "killed";

/// The filter has refused the call, and the process ended itself.
const REFUSED: &str = "refused";

/// The call was allowed, but what the attack is after was not there.
const NOTHING: &str = "nothing";

/// Answers from here on are what was read from the memory of the host.
const READ: f64 = 4_294_967_296.0;

/// What a runner ends with when its socket is closed.
const HOST_GONE: i32 = 74;

/// Attacks that work by ending the runner, and the exit code that is the proof.
const ENDINGS: [(u32, i32); 4] = [
    (62, HOST_GONE),
    (71, 0),
    // The program runs, and is allowed to open none of its libraries.
    (71, 127),
    (72, 42),
];

/// The attack that works by freezing it.
const FREEZING: u32 = 75;

/// Names of errors. Others are told by their number.
const ERRORS: &[(i32, &str)] = &[
    (libc::EPERM, "EPERM"),
    (libc::ENOENT, "ENOENT"),
    (libc::ENXIO, "ENXIO"),
    (libc::EBADF, "EBADF"),
    (libc::ECHILD, "ECHILD"),
    (libc::EAGAIN, "EAGAIN"),
    (libc::ENOMEM, "ENOMEM"),
    (libc::EACCES, "EACCES"),
    (libc::EFAULT, "EFAULT"),
    (libc::ENODEV, "ENODEV"),
    (libc::EINVAL, "EINVAL"),
    (libc::EMFILE, "EMFILE"),
    (libc::ENOTTY, "ENOTTY"),
    (libc::ENOSYS, "ENOSYS"),
    (libc::EOPNOTSUPP, "EOPNOTSUPP"),
    (libc::EAFNOSUPPORT, "EAFNOSUPPORT"),
    (libc::ENETUNREACH, "ENETUNREACH"),
    (libc::ETIMEDOUT, "ETIMEDOUT"),
    (libc::ECONNREFUSED, "ECONNREFUSED"),
    (libc::ESRCH, "ESRCH"),
    (libc::EOVERFLOW, "EOVERFLOW"),
];

/// Signals besides the one of the filter.
const SIGNALS: &[(i32, &str)] = &[
    (libc::SIGILL, "SIGILL"),
    (libc::SIGABRT, "SIGABRT"),
    (libc::SIGKILL, "SIGKILL"),
    (libc::SIGSEGV, "SIGSEGV"),
    (libc::SIGXFSZ, "SIGXFSZ"),
];

impl Outcome {
    /// What came of the attack `number`.
    pub(crate) fn of_attack(number: u32, reply: &Reply, bait: &Bait) -> Outcome {
        let has_worked = match reply {
            Reply::Answer(answer) => *answer == 0.0 || READ <= *answer && Bait::is_secret(answer - READ),
            Reply::Ended(status) => status.code().is_some_and(|code| ENDINGS.contains(&(number, code))),
            Reply::Frozen => number == FREEZING,
        };
        if has_worked {
            assert!(bait.is_taken(), "attack {number} says that it succeeded, and nothing is to be seen");
            return Outcome(SUCCEEDS.to_owned());
        }
        Outcome::of_call(reply)
    }

    /// What came of anything.
    pub(crate) fn of_call(reply: &Reply) -> Outcome {
        let word = match reply {
            Reply::Answer(0.0) => SUCCEEDS.to_owned(),
            Reply::Answer(answer) if *answer < 0.0 || READ <= *answer => NOTHING.to_owned(),
            Reply::Answer(answer) => word(*answer as i32, ERRORS, "error"),
            Reply::Frozen => "frozen".to_owned(),
            Reply::Ended(status) => match (status.code(), status.signal()) {
                (Some(code), _) if code == Cause::Aborted.exit_code() => REFUSED.to_owned(),
                (Some(code), _) => format!("ends-with-{code}"),
                (_, Some(libc::SIGSYS)) => KILLED.to_owned(),
                (_, signal) => word(signal.unwrap_or_default(), SIGNALS, "signal"),
            },
        };
        Outcome(word)
    }

    /// Whether the attacker has reached what he wanted.
    pub(crate) fn has_succeeded(&self) -> bool {
        self.0 == SUCCEEDS
    }

    /// Whether the filter has killed the process.
    pub(crate) fn is_killed(&self) -> bool {
        self.0 == KILLED
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.pad(&self.0)
    }
}

fn word(number: i32, names: &[(i32, &str)], kind: &str) -> String {
    match names.iter().find(|(known, _)| *known == number) {
        Some((_, name)) => (*name).to_owned(),
        None => format!("{kind}-{number}"),
    }
}

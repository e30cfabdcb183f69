//! The same tests again as an ordinary user.
//!
//! What root may do, and what its processes inherit, hides faults: limits on processes do not hold it, and files are
//! never refused. So a test target that is run as root runs itself once more with dropped credentials.

use crate::alone;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// The user and the group that own nothing.
pub const NOBODY: u32 = 65_534;

/// The name of the test that [`also_as_an_ordinary_user!`](crate::also_as_an_ordinary_user) makes.
const AGAIN: &str = "all_of_it_as_an_ordinary_user";

/// Adds a test that runs all other tests of its target again as an ordinary user, if they run as root.
#[macro_export]
macro_rules! also_as_an_ordinary_user {
    () => {
        #[test]
        fn all_of_it_as_an_ordinary_user() {
            $crate::ordinary::run_again();
        }
    };
}

/// Whether this process is root's.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs all other tests of this target as an ordinary user. Panics with what they say when one fails.
pub fn run_again() {
    let _alone = alone();
    let mut command = this_target();
    command.args(["--skip", AGAIN, "--test-threads", "1"]);
    run_as_nobody("the tests again", command);
}

/// Says aloud why a test, or a part of it, did not run.
pub fn skip(what: &str, why: &str) {
    // Not by the macro: the output of a test that passes would not be shown.
    let said = writeln!(std::io::stderr(), "SKIPPED: {what}: {why}");
    said.unwrap();
}

fn this_target() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

fn run_as_nobody(what: &str, mut command: Command) {
    if !is_root() {
        return; // They run so already.
    }
    command.uid(NOBODY).gid(NOBODY).stdin(Stdio::null()).env_remove("UPDATE_EXPECT");
    match command.output() {
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stdout);
            let failed = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "as an ordinary user:\n{told}{failed}");
        }
        Err(error) => skip(what, &format!("an ordinary user cannot execute this test: {error}")),
    }
}

//! A process without rights, also where the tests run with all of them.

use plughold_tests::ordinary::{NOBODY, is_root};
use plughold_tests::program;
use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};
use tempfile::TempDir;

/// What a process without rights tells is behind this line.
const TOLD: &str = "-- told without rights --\n";

/// Set in a process without rights.
const NAME: &str = "PLUGHOLD_TEST_WITHOUT_RIGHTS";

/// Gives what `tell` does, as a user without rights: at once where this process is one, otherwise in a new process that
/// runs the test `name` of this program alone.
pub(crate) fn without_rights(name: &str, tell: impl FnOnce() -> String) -> String {
    if !is_root() {
        let told = tell();
        if env::var_os(NAME).is_some() {
            finish(&told);
        }
        return told;
    }
    let place = Place::find();
    let output = Command::new(&place.test)
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(NAME, name)
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY)
        .process_group(0)
        .output()
        .unwrap();
    let words = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "without rights: {}\n{words}\n{errors}", output.status);
    // What was skipped there is said here.
    io::stderr().write_all(&output.stderr).unwrap();
    let (_, told) = words.split_once(TOLD).unwrap_or_else(|| panic!("{name} told nothing: {words}"));
    told.to_owned()
}

#[allow(
    clippy::exit,
    clippy::print_stdout,
    reason = "the rest of the test runs in the process that started this one"
)]
fn finish(told: &str) -> ! {
    print!("{TOLD}{told}");
    std::process::exit(0)
}

/// Where the programs are for somebody without rights.
struct Place {
    test: PathBuf,
    /// Keeps the copies until the process that uses them has ended.
    _copies: Option<TempDir>,
}

impl Place {
    /// The programs as they are, or copies of them where not everybody may enter the folder.
    fn find() -> Place {
        let test = env::current_exe().unwrap();
        if test.ancestors().skip(1).all(is_public) {
            return Place { test, _copies: None };
        }
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let copy = |program: &Path| {
            let copied = folder.path().join(program.file_name().unwrap());
            fs::copy(program, &copied).unwrap();
            copied
        };
        copy(&program("attacking-runner"));
        Place { test: copy(&test), _copies: Some(folder) }
    }
}

fn is_public(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|folder| folder.permissions().mode() & 0o001 != 0)
}

//! What both tests share: a `main` that is also the runner, a host, and a look into the database.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use plughold::{Host, Restart, RunnerProgram};
use plughold_joplin::Joplin;

/// How a test ended that did not panic.
pub(crate) enum Outcome {
    /// All of it is as it should be.
    Passed,
    /// It could not be run here, for this reason.
    #[allow(dead_code, reason = "only one of the tests needs more than this repository")]
    Skipped(String),
}

/// A test and its name.
pub(crate) type Test = (&'static str, fn() -> Outcome);

/// Becomes a runner if asked; otherwise runs the tests whose names contain the first argument, one after the other.
pub(crate) fn main(tests: &[Test]) -> ExitCode {
    plughold::runner::run_if_asked();
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let mut failed = false;
    for (name, test) in tests.iter().filter(|(name, _)| name.contains(&wanted)) {
        let word = match catch_unwind(AssertUnwindSafe(test)) {
            Ok(Outcome::Passed) => "ok",
            Ok(Outcome::Skipped(reason)) => {
                eprintln!("SKIPPED: {name}: {reason}");
                "skipped"
            }
            Err(_) => {
                failed = true;
                "FAILED"
            }
        };
        println!("test {name} ... {word}");
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// How long a test may wait for what never comes. On a busy machine each takes a second.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs a test inside of a runtime.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(async { tokio::time::timeout(PATIENCE, test).await.unwrap() })
}

/// A host of Joplin plugins. Each runner is this test itself, executed again.
pub(crate) fn host(joplin: &Joplin, restart: Restart) -> Host {
    Host::builder(joplin.api()).runner(RunnerProgram::Itself).restart(restart).build().unwrap()
}

/// The body of a note, read by nobody but SQLite.
pub(crate) fn stored_body(profile: &Path, note_id: &str) -> String {
    let database = rusqlite::Connection::open(profile.join("database.sqlite")).unwrap();
    database.query_row("SELECT body FROM notes WHERE id = ?1", [note_id], |row| row.get(0)).unwrap()
}

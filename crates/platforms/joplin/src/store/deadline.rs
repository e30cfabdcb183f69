//! How long one call may keep the database to itself.

use std::ffi::c_int;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ffi};

/// Steps of SQLite's machine from one look at the clock to the next: some microseconds of ordinary work. A single step that may
/// take long looks by itself ([`Deadline::check`]).
const STEPS: c_int = 1_000;

/// When the call that has the connection must be done with it. Clones are one deadline.
#[derive(Debug, Clone, Default)]
pub(super) struct Deadline(Arc<Mutex<Option<Instant>>>);

impl Deadline {
    /// From now on whatever runs on the connection is interrupted when its deadline passes.
    ///
    /// Statements of a few steps, such as those that end a transaction, are too short for it.
    pub(super) fn watch(connection: &mut Connection) -> rusqlite::Result<Self> {
        let deadline = Self::default();
        let watched = deadline.clone();
        connection.progress_handler(STEPS, Some(move || watched.has_passed()))?;
        Ok(deadline)
    }

    /// A call begins that may take so long.
    pub(super) fn start(&self, limit: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now().checked_add(limit);
    }

    /// Fails as SQLite itself does once the deadline has passed.
    pub(super) fn check(&self) -> rusqlite::Result<()> {
        if self.has_passed() {
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_INTERRUPT), None));
        }
        Ok(())
    }

    fn has_passed(&self) -> bool {
        let deadline = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        deadline.is_some_and(|deadline| deadline <= Instant::now())
    }
}

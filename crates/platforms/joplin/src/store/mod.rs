//! The data half of the Joplin platform: a store of notes on SQLite, with the semantics that Joplin plugins rely on.
//!
//! Everything here is synchronous and knows nothing of plugins' processes; calls are short, and may block on the disk.
//!
//! # Layout
//!
//! - [`Store`]: the database, one cheap handle for all threads.
//! - [`data`]: the REST-like data API (`joplin.data.*`): paths, queries, paging, trash, search.
//! - [`settings`]: what plugins declare and set (`joplin.settings.*`), and the application settings they may read.
//! - [`user_data`]: what plugins keep with items (`joplin.data.userDataGet` and the like).
//! - [`selection`] and [`editor`]: a workspace without a window: which notes are selected, and the text of the one being edited.
//! - [`limits`]: every bound on what a plugin may send, with its reason.
//! - `schema` and `table`: the tables as SQL, and as the list of columns that a plugin may name.

pub mod data;
pub mod editor;
pub mod limits;
mod schema;
pub mod selection;
pub mod settings;
mod table;
pub mod user_data;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, TransactionBehavior};

/// How long a call waits for another process that holds the database's lock.
///
/// A writer of this store holds the lock for milliseconds; five seconds is a disk in trouble.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A database of notes. Cloning it makes another handle to the same database.
///
/// One connection behind one mutex: calls are short, and SQLite has one writer at a time anyway.
#[derive(Debug, Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens the database at `path`, creating it and bringing its tables up to date as needed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Open`] if the file cannot be opened as a database, [`StoreError::Newer`] if a later version of this
    /// crate wrote it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let connection =
            Connection::open(path).map_err(|source| StoreError::Open { path: path.to_path_buf(), source })?;
        // Readers of other processes (a backup, say) do not block the writer, nor the writer them.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        Self::prepare(connection)
    }

    /// Makes an empty database that lives as long as its handles.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if SQLite itself fails, as for want of memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn prepare(mut connection: Connection) -> Result<Self, StoreError> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        schema::migrate(&mut connection)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Runs `work` in one transaction: all of its changes are kept, or after an error none.
    fn transaction<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        // A panic in `work` dropped its transaction, which rolled it back: the connection is as good as before.
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::Sqlite)?;
        let output = work(&transaction)?;
        transaction.commit().map_err(StoreError::Sqlite)?;
        Ok(output)
    }

    /// Runs `work`, which only reads, on a connection that nobody else uses meanwhile.
    fn read<T, E>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        work(&self.connection.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why the database could not be opened or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no database at the path, and none could be made.
    #[error("could not open the database {}", path.display())]
    Open {
        /// The path that was asked for.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The database has tables that this version does not know.
    #[error("the database has schema version {found}, expected at most {known}")]
    Newer {
        /// The version in the file.
        found: u32,
        /// The latest version that this crate can read.
        known: u32,
    },
    /// SQLite failed.
    #[error("the database failed")]
    Sqlite(#[from] rusqlite::Error),
}

/// Milliseconds since 1970, as all times in the store are. A clock before 1970 reads as 0.
fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_for_all_threads() {
        fn check<T: Send + Sync + Clone>() {}
        check::<Store>();
    }

    #[test]
    fn a_failed_transaction_leaves_nothing() {
        let store = Store::in_memory().unwrap();
        let failed: Result<(), StoreError> = store.transaction(|connection| {
            connection.execute("INSERT INTO folders (id, title) VALUES ('a', 'A')", [])?;
            connection.execute("INSERT INTO nowhere VALUES (1)", [])?;
            Ok(())
        });
        assert!(matches!(failed, Err(StoreError::Sqlite(_))));
        let count: i64 = store
            .read(|connection| connection.query_row("SELECT count(*) FROM folders", [], |row| row.get(0)))
            .unwrap();
        assert_eq!(count, 0);
    }

    #[test]
    fn what_is_no_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.sqlite");
        std::fs::write(&path, "this is a text, and long enough to be no header of a database at all")
            .unwrap();
        assert!(Store::open(&path).is_err());
        assert!(matches!(Store::open(folder.path()), Err(StoreError::Open { .. })));
    }

    #[test]
    fn a_database_of_the_future_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.sqlite");
        drop(Store::open(&path).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(Store::open(&path), Err(StoreError::Newer { found: 99, .. })));
    }
}

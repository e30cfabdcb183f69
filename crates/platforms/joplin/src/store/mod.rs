//! The data half of the Joplin platform: a store of notes on SQLite, with the semantics that Joplin plugins rely on.
//!
//! Everything here is synchronous and knows nothing of plugins' processes; a call may block on the disk, and may take until
//! [`limits::CALL`].
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
//! - `deadline`: what ends a call that takes too long; `functions`: looking for a text in another, in SQL.

pub mod data;
mod deadline;
pub mod editor;
mod functions;
pub mod limits;
mod schema;
pub mod selection;
pub mod settings;
mod table;
pub mod user_data;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use self::deadline::Deadline;

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
    deadline: Deadline,
    /// How long one call may take.
    call: Duration,
}

/// What a store may use.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    /// How long one call may take.
    call: Duration,
    /// Bytes of the database.
    bytes: i64,
}

/// What everybody has; tests have less.
const BOUNDS: Bounds = Bounds { call: limits::CALL, bytes: limits::MAX_DATABASE_BYTES };

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
        Self::prepare(connection, BOUNDS)
    }

    /// Makes an empty database that lives as long as its handles.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sqlite`] if SQLite itself fails, as for want of memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(Connection::open_in_memory()?, BOUNDS)
    }

    fn prepare(mut connection: Connection, bounds: Bounds) -> Result<Self, StoreError> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        connection.pragma_update(None, "max_page_count", bounds.bytes / page.max(1))?;
        schema::migrate(&mut connection)?;
        let deadline = Deadline::watch(&mut connection)?;
        functions::add(&connection, &deadline)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), deadline, call: bounds.call })
    }

    /// Runs `work` in one transaction: all of its changes are kept, or after an error none.
    fn transaction<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.begin();
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let output = work(&transaction)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(output)
    }

    /// Runs `work`, which only reads, on a connection that nobody else uses meanwhile.
    fn read<T, E>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        work(&self.begin())
    }

    /// A call begins. Its time counts from when it has the connection.
    fn begin(&self) -> MutexGuard<'_, Connection> {
        // A panic in a call dropped its transaction, which rolled it back: the connection is as good as before.
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        self.deadline.start(self.call);
        connection
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
    /// The call took longer than it may. Nothing of what it changed is kept.
    #[error("it took longer than {:?}, the most that one call may: ask for less at once", limits::CALL)]
    TooLong,
    /// There is no room for what the call would have kept.
    #[error("there is no room: a profile may have {} MiB of notes, if the disk has them", limits::MAX_DATABASE_BYTES >> 20)]
    Full,
    /// SQLite failed.
    #[error("the database failed")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Self::TooLong,
            Some(ErrorCode::DiskFull) => Self::Full,
            _ => Self::Sqlite(error),
        }
    }
}

/// Milliseconds since 1970, as all times in the store are. A clock before 1970 reads as 0.
fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

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

    /// Counts to a billion, which takes SQLite a minute.
    const ENDLESS: &str =
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 1000000000)
                           SELECT count(*) FROM numbers";

    #[test]
    fn a_call_that_takes_too_long_is_ended_and_changes_nothing() {
        let bounds = Bounds { call: Duration::from_millis(50), ..BOUNDS };
        let store = Store::prepare(Connection::open_in_memory().unwrap(), bounds).unwrap();
        let count = |connection: &Connection, sql: &str| {
            connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(StoreError::from)
        };
        let started = Instant::now();
        let late = store.transaction(|connection| {
            connection.execute("INSERT INTO folders (id, title) VALUES ('a', 'A')", [])?;
            count(connection, ENDLESS)
        });
        assert!(matches!(late, Err(StoreError::TooLong)), "{late:?}");
        assert!(bounds.call <= started.elapsed(), "it had its time");
        assert!(started.elapsed() < Duration::from_secs(20), "and little more, as machines go");
        let after = store.read(|connection| count(connection, "SELECT count(*) FROM folders"));
        assert_eq!(after.unwrap(), 0, "the next call has its own time, and finds nothing");
    }

    #[test]
    fn what_looks_for_a_text_looks_at_the_clock() {
        let bounds = Bounds { call: Duration::ZERO, ..BOUNDS };
        let store = Store::prepare(Connection::open_in_memory().unwrap(), bounds).unwrap();
        for sql in ["SELECT contains('ab', 'b')", "SELECT resembles('ab', 'a*')"] {
            let late: Result<bool, StoreError> =
                store.read(|connection| Ok(connection.query_row(sql, [], |row| row.get(0))?));
            assert!(matches!(late, Err(StoreError::TooLong)), "{sql}: {late:?}");
        }
    }

    #[test]
    fn a_database_has_a_largest_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.sqlite");
        let bounds = Bounds { bytes: 1 << 20, ..BOUNDS };
        let store = Store::prepare(Connection::open(&path).unwrap(), bounds).unwrap();
        let add = |id: &str, bytes: usize| {
            let (root, query) = (["folders".to_string()], data::Query::default());
            data::post(&store, &root, &query, &serde_json::json!({ "id": id, "title": "x".repeat(bytes) }))
        };
        let id = |number: usize| format!("{number:032x}");
        let refused = (0..100).find_map(|number| add(&id(number), 64 << 10).err()).unwrap();
        let words = "there is no room: a profile may have 1024 MiB of notes, if the disk has them";
        assert_eq!((refused.http_code, refused.message.as_str()), (507, words));
        assert!(std::fs::metadata(&path).unwrap().len() <= 1 << 20);
        data::delete(
            &store,
            &["folders".into(), id(0)],
            &data::Query { permanent: true, ..data::Query::default() },
        )
        .unwrap();
        add(&id(0), 1).unwrap();
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

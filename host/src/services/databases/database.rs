//! One open database of a plugin.

use super::guard::{Bounds, restrict};
use super::raw::{FILE_SYSTEM, register};
use super::values::{Parameters, Rows};
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The name that stands for a database without a file.
pub(super) const IN_MEMORY: &str = ":memory:";

/// Bytes of one that has no file.
const MEMORY: u64 = 16 << 20;

/// How long it is waited for somebody else's program that has the file open.
const PATIENCE: Duration = Duration::from_millis(100);

/// An open database.
#[derive(Debug)]
pub(super) struct Database {
    connection: Connection,
    bounds: Arc<Bounds>,
    /// None for one in memory.
    file: Option<PathBuf>,
    page: u64,
}

/// How a database is opened: by the numbers of the module that plugins know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mode {
    pub(super) writes: bool,
    pub(super) creates: bool,
}

/// Why something could not be done with a database.
#[derive(Debug)]
pub(super) enum Failure {
    Sqlite(rusqlite::Error),
    /// A code of SQLite, with words of our own.
    Told(i32, String),
}

/// What a statement has changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) last_id: i64,
    pub(super) changes: u64,
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Failure {
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => {
                let (code, time) = (rusqlite::ffi::SQLITE_INTERRUPT, super::guard::TIME.as_secs());
                let memory = super::guard::MEMORY >> 20;
                Failure::Told(
                    code,
                    format!("expected a statement that takes less than {time} s and {memory} MiB"),
                )
            }
            _ => Failure::Sqlite(error),
        }
    }
}

impl Database {
    /// Opens a file by the whole path to it, in which there are no links; none is one in memory.
    pub(super) fn open(file: Option<&Path>, mode: Mode) -> Result<Database, Failure> {
        if !register() {
            let words = "this system has no file system for databases of plugins".to_owned();
            return Err(Failure::Told(rusqlite::ffi::SQLITE_CANTOPEN, words));
        }
        let access = match (mode.writes, mode.creates) {
            (false, _) => OpenFlags::SQLITE_OPEN_READ_ONLY,
            (true, false) => OpenFlags::SQLITE_OPEN_READ_WRITE,
            (true, true) => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        };
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let path = file.unwrap_or(Path::new(IN_MEMORY));
        let mut connection = Connection::open_with_flags_and_vfs(path, flags, FILE_SYSTEM)?;
        connection.busy_timeout(PATIENCE)?;
        let bounds = Arc::new(Bounds::default());
        bounds.begin();
        restrict(&mut connection, &bounds)?;
        // It is looked into now, so that what is no database is told by whoever opens it.
        let page: i64 = bounds.by_ourselves(|| {
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            connection.pragma_query_value(None, "page_size", |row| row.get(0))
        })?;
        let page = u64::try_from(page).unwrap_or(4_096).max(512);
        Ok(Database { connection, bounds, file: file.map(Path::to_owned), page })
    }

    /// Bytes of its file.
    pub(super) fn length(&self) -> u64 {
        let metadata = self.file.as_ref().and_then(|file| std::fs::metadata(file).ok());
        metadata.map_or(0, |metadata| metadata.len())
    }

    /// Lets it grow by so many bytes at most.
    fn bound(&self, left: u64) -> Result<(), Failure> {
        let most = if self.file.is_some() { self.length().saturating_add(left) } else { MEMORY };
        let pages = i64::try_from(most / self.page).unwrap_or(i64::MAX).clamp(1, i64::from(u32::MAX - 1));
        self.bounds.by_ourselves(|| {
            let sql = format!("PRAGMA max_page_count = {pages}");
            self.connection.query_row(&sql, [], |_| Ok(()))
        })?;
        self.bounds.begin();
        Ok(())
    }

    /// Runs a statement for what it changes; the file may grow by so many bytes.
    pub(super) fn run(&self, sql: &str, parameters: &Parameters, left: u64) -> Result<Changed, Failure> {
        self.bound(left)?;
        let before = self.connection.total_changes();
        let Some(mut statement) = self.prepared(sql)? else { return Ok(self.changed(before)) };
        parameters.bind(&mut statement)?;
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
        Ok(self.changed(before))
    }

    fn changed(&self, before: u64) -> Changed {
        let is_changed = before != self.connection.total_changes();
        let changes = if is_changed { self.connection.changes() } else { 0 };
        Changed { last_id: self.connection.last_insert_rowid(), changes }
    }

    /// Runs a statement for its rows, of which there may be `most`.
    pub(super) fn query(
        &self,
        sql: &str,
        parameters: &Parameters,
        most: usize,
        left: u64,
    ) -> Result<Rows, Failure> {
        self.bound(left)?;
        let Some(mut statement) = self.prepared(sql)? else { return Ok(Rows::default()) };
        parameters.bind(&mut statement)?;
        let mut found = Rows::of(statement.column_names());
        let mut rows = statement.raw_query();
        while found.count() < most {
            let Some(row) = rows.next()? else { break };
            found.add(row)?;
        }
        Ok(found)
    }

    /// Runs all statements of a text.
    pub(super) fn execute(&self, sql: &str, left: u64) -> Result<(), Failure> {
        self.bound(left)?;
        Ok(self.connection.execute_batch(sql)?)
    }

    /// The first statement of a text; none if there is none.
    fn prepared(&self, sql: &str) -> Result<Option<Statement<'_>>, Failure> {
        let mut batch = rusqlite::Batch::new(&self.connection, sql);
        Ok(batch.next()?)
    }
}

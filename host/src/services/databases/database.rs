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

/// What the name of the file ends with that holds what is not in the database yet.
const AHEAD: &str = "-wal";

/// How long it is waited for somebody else's program that has the file open.
const PATIENCE: Duration = Duration::from_millis(100);

/// An open database.
#[derive(Debug)]
pub(super) struct Database {
    connection: Connection,
    bounds: Arc<Bounds>,
    /// None for one in memory.
    file: Option<PathBuf>,
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
            Some(ErrorCode::OperationInterrupted) => too_much(),
            _ => Failure::Sqlite(error),
        }
    }
}

fn too_much() -> Failure {
    let (time, memory) = (super::guard::TIME.as_secs(), super::guard::MEMORY >> 20);
    let words = format!("expected a statement that takes less than {time} s and {memory} MiB");
    Failure::Told(rusqlite::ffi::SQLITE_INTERRUPT, words)
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
        bounds.by_ourselves(|| connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())))?;
        Ok(Database { connection, bounds, file: file.map(Path::to_owned) })
    }

    /// Bytes of its files: the one that it was opened by, and those that are beside it while it is written.
    pub(super) fn length(&self) -> u64 {
        ["", "-journal", AHEAD].iter().map(|end| self.length_of(end)).fold(0, u64::saturating_add)
    }

    /// Bytes of the file whose name ends so, behind that of the database.
    fn length_of(&self, end: &str) -> u64 {
        let Some(file) = &self.file else { return 0 };
        let mut path = file.clone().into_os_string();
        path.push(end);
        std::fs::metadata(path).map_or(0, |metadata| metadata.len())
    }

    /// Lets it grow by so many bytes at most; gives how long what is written ahead may be.
    fn bound(&self, left: u64) -> Result<u64, Failure> {
        let most = if self.file.is_some() { self.length_of("").saturating_add(left) } else { MEMORY };
        self.bounds.by_ourselves(|| {
            // Somebody may have changed the file since: looking at it makes SQLite see of which size its pages are. What
            // cannot be looked at is told by the statement itself.
            let _changed = self.connection.pragma_query_value(None, "schema_version", |_| Ok(()));
            let page: i64 = self.connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
            let page = u64::try_from(page).unwrap_or(4_096).max(512);
            let pages = i64::try_from(most / page).unwrap_or(i64::MAX).clamp(1, i64::from(u32::MAX - 1));
            let sql = format!("PRAGMA max_page_count = {pages}");
            self.connection.query_row(&sql, [], |_| Ok(()))
        })?;
        self.bounds.begin();
        let ahead = self.length_of(AHEAD).saturating_add(left);
        self.check(ahead)?;
        Ok(ahead)
    }

    /// Whether another statement may begin. What is written ahead takes room beside the file, and is none of its pages: it
    /// goes into the file now, which nobody hinders but one who reads an older state.
    fn check(&self, ahead: u64) -> Result<(), Failure> {
        if self.bounds.is_over() {
            return Err(too_much());
        }
        let is_full = || 0 < self.length_of(AHEAD) && ahead <= self.length_of(AHEAD);
        if is_full() {
            self.bounds.by_ourselves(|| {
                let _busy = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            });
        }
        if is_full() {
            let words = "database or disk is full".to_owned();
            return Err(Failure::Told(rusqlite::ffi::SQLITE_FULL, words));
        }
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
        let ahead = self.bound(left)?;
        let mut batch = rusqlite::Batch::new(&self.connection, sql);
        while let Some(mut statement) = batch.next()? {
            // One that is short by itself is never looked at while it runs.
            self.check(ahead)?;
            let mut rows = statement.raw_query();
            while rows.next()?.is_some() {}
        }
        Ok(())
    }

    /// The first statement of a text; none if there is none.
    fn prepared(&self, sql: &str) -> Result<Option<Statement<'_>>, Failure> {
        let mut batch = rusqlite::Batch::new(&self.connection, sql);
        Ok(batch.next()?)
    }
}

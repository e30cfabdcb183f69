//! What SQL of a plugin may not do, and for how long it may do what it may.

use super::raw::memory_used;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, config::DbConfig};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long one statement may take: as long as a turn of JavaScript.
pub(super) const TIME: Duration = Duration::from_secs(5);

/// Bytes of memory that SQLite may take more in the whole process while a statement runs. Sorting takes most.
pub(super) const MEMORY: i64 = 128 << 20;

/// Bytes of one value or row.
const VALUE: i32 = 8 << 20;

/// Instructions of SQLite between two looks at the bounds: each may take as much as a value.
const LOOK: i32 = 64;

/// What bounds a connection, and what less than usual it may have of it.
const LIMITS: &[(Limit, i32)] = &[
    (Limit::SQLITE_LIMIT_LENGTH, VALUE),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
    (Limit::SQLITE_LIMIT_COLUMN, 500),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 200),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 100),
    (Limit::SQLITE_LIMIT_VDBE_OP, 250_000),
    (Limit::SQLITE_LIMIT_FUNCTION_ARG, 100),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000),
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 32_766),
    (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 50),
    (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
];

/// Pragmas that tell something, or change the database's own header.
const ALLOWED: &[&str] = &[
    "application_id",
    "case_sensitive_like",
    "collation_list",
    "data_version",
    "defer_foreign_keys",
    "encoding",
    "foreign_key_check",
    "foreign_key_list",
    "foreign_keys",
    "freelist_count",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "optimize",
    "page_count",
    "page_size",
    "quick_check",
    "recursive_triggers",
    "schema_version",
    "table_info",
    "table_list",
    "table_xinfo",
    "user_version",
];

/// Pragmas that programs write without needing them: they do nothing.
const IGNORED: &[&str] = &[
    "auto_vacuum",
    "automatic_index",
    "busy_timeout",
    "cache_size",
    "cache_spill",
    "checkpoint_fullfsync",
    "fullfsync",
    "journal_mode",
    "journal_size_limit",
    "locking_mode",
    "mmap_size",
    "secure_delete",
    "synchronous",
    "temp_store",
    "threads",
    "wal_autocheckpoint",
    "wal_checkpoint",
];

/// Functions that reach beyond the database, or compare everything of one argument with everything of another: nothing
/// ends a statement within a function.
const FORBIDDEN: &[&str] = &[
    "fts3_tokenizer",
    "json_patch",
    "jsonb_patch",
    "load_extension",
    "sqlite_compileoption_get",
    "sqlite_compileoption_used",
];

/// Bytes of a connection's temporary tables, which are in memory.
const TEMPORARY: u32 = 16 << 20;

/// Bytes of a page of them: what SQLite takes where nobody says otherwise, and nobody may.
const PAGE: u32 = 4_096;

/// The bounds of the statement that a connection runs.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    /// Until when, and up to which memory; none while nothing runs.
    end: Mutex<Option<(Instant, i64)>>,
    /// The statement is the host's own.
    is_ours: AtomicBool,
}

impl Bounds {
    /// Bounds what runs from now on.
    pub(super) fn begin(&self) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now() + TIME, memory_used().saturating_add(MEMORY)));
    }

    /// Does something that no authorizer is asked about.
    pub(super) fn by_ourselves<T>(&self, work: impl FnOnce() -> T) -> T {
        self.is_ours.store(true, Ordering::Relaxed);
        let done = work();
        self.is_ours.store(false, Ordering::Relaxed);
        done
    }

    /// Whether what runs has taken too much.
    pub(super) fn is_over(&self) -> bool {
        let end = *self.end.lock().unwrap_or_else(PoisonError::into_inner);
        end.is_some_and(|(until, memory)| until < Instant::now() || memory < memory_used())
    }
}

/// Takes from a connection what a plugin may not do with it.
pub(super) fn restrict(connection: &mut Connection, bounds: &Arc<Bounds>) -> rusqlite::Result<()> {
    for (limit, most) in LIMITS {
        connection.set_limit(*limit, *most)?;
    }
    // What the file says of itself is a stranger's, and so is the SQL: neither may break the file's structure nor call what
    // has effects.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false)?;
    super::raw::drop_modules(connection);
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.query_row(&format!("PRAGMA temp.max_page_count = {}", TEMPORARY / PAGE), [], |_| Ok(()))?;
    super::functions::define(connection)?;
    let watching = bounds.clone();
    connection.progress_handler(LOOK, Some(move || watching.is_over()))?;
    let asking = bounds.clone();
    connection.authorizer(Some(move |context: AuthContext<'_>| {
        if asking.is_ours.load(Ordering::Relaxed) { Authorization::Allow } else { judge(context.action) }
    }))
}

/// Whether SQL of a plugin may do this.
fn judge(action: AuthAction<'_>) -> Authorization {
    let is_in = |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    match action {
        AuthAction::Attach { .. }
        | AuthAction::Detach { .. }
        | AuthAction::CreateVtable { .. }
        | AuthAction::DropVtable { .. }
        | AuthAction::Unknown { .. } => Authorization::Deny,
        AuthAction::Function { function_name } if is_in(FORBIDDEN, function_name) => Authorization::Deny,
        // What a file may grow is counted in its pages.
        AuthAction::Pragma { pragma_name, pragma_value: Some(_) } if is_in(&["page_size"], pragma_name) => {
            Authorization::Ignore
        }
        AuthAction::Pragma { pragma_name, .. } if is_in(ALLOWED, pragma_name) => Authorization::Allow,
        AuthAction::Pragma { pragma_name, .. } if is_in(IGNORED, pragma_name) => Authorization::Ignore,
        AuthAction::Pragma { .. } => Authorization::Deny,
        _ => Authorization::Allow,
    }
}

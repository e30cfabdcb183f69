//! A plugin's keys and values on the disk: one table in SQLite, of which others may read while it is written.

use super::StorageError;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// The name of the file in a plugin's folder.
pub(super) const FILE: &str = "storage.sqlite";

/// Bytes of a key: a name or a path, and no contents.
pub(super) const KEY: usize = 1_024;

/// Changes that are made at once.
pub(super) const CHANGES: usize = 10_000;

/// What each value counts beside its key and itself: what the table takes for it, so that empty ones fill it as well.
pub(super) const ENTRY: u64 = 64;

/// How long it is waited for others who read or write: a tool of the user's that looks in.
const PATIENCE: Duration = Duration::from_secs(2);

/// The version of the table, in the file's `user_version`.
const VERSION: i32 = 1;

/// One key's new value as JSON; none removes it.
pub(crate) type Change = (String, Option<String>);

/// An open store.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Connection,
    used: u64,
    most: u64,
}

impl Store {
    /// Opens the store in a plugin's folder, and makes it if it is missing.
    pub(crate) fn open(folder: &Path, most: u64) -> Result<Store, StorageError> {
        let connection = Connection::open(folder.join(FILE))?;
        connection.busy_timeout(PATIENCE)?;
        // Readers see the last whole batch, and wait for nobody. A batch survives a crash of the application; of a machine
        // that loses its power the last ones may be lost, never parts of one.
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "normal")?;
        let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if VERSION < version {
            let words = format!("expected a store of version {VERSION}, found {version}");
            return Err(StorageError::Disk(words));
        }
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        )?;
        connection.pragma_update(None, "user_version", VERSION)?;
        let used: i64 = connection.query_row(
            "SELECT ifnull(sum(octet_length(key) + octet_length(value) + ?1), 0) FROM entries",
            [ENTRY as i64],
            |row| row.get(0),
        )?;
        Ok(Store { connection, used: u64::try_from(used).unwrap_or(0), most })
    }

    /// Everything in the store of a plugin's folder, for whoever looks at it from another process. Changes nothing.
    pub(super) fn look(folder: &Path) -> Result<BTreeMap<String, String>, StorageError> {
        let file = folder.join(FILE);
        if !file.exists() {
            return Err(StorageError::Nothing);
        }
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(PATIENCE)?;
        let mut statement = connection.prepare("SELECT key, value FROM entries")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Bytes that are stored, and that may be.
    pub(super) fn usage(&self) -> (u64, u64) {
        (self.used, self.most)
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Result<Option<String>, StorageError> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM entries WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// All keys that begin so, in order.
    pub(super) fn keys(&self, prefix: &str) -> Result<Vec<String>, StorageError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT key FROM entries WHERE ?1 <= key AND substr(key, 1, length(?1)) = ?1")?;
        let rows = statement.query_map([prefix], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Makes all changes or none; gives the keys that have another value now. Of several changes of a key the last counts.
    pub(super) fn apply(&mut self, changes: &[Change]) -> Result<Vec<String>, StorageError> {
        if CHANGES < changes.len() {
            return Err(StorageError::Changes { most: CHANGES, found: changes.len() });
        }
        changes.iter().try_for_each(check)?;
        let changes = BTreeMap::from_iter(changes.iter().map(|(key, value)| (key, value)));
        let transaction = self.connection.transaction()?;
        let (mut used, mut changed) = (self.used, Vec::new());
        for (key, value) in changes {
            let before: Option<String> = transaction
                .prepare_cached("SELECT value FROM entries WHERE key = ?1")?
                .query_row([key], |row| row.get(0))
                .optional()?;
            if before == *value {
                continue;
            }
            used = used.saturating_sub(before.map_or(0, |before| weight(key, &before)));
            used = used.saturating_add(value.as_deref().map_or(0, |value| weight(key, value)));
            match value {
                Some(value) => transaction
                    .prepare_cached("INSERT OR REPLACE INTO entries (key, value) VALUES (?1, ?2)")?
                    .execute(params![key, value])?,
                None => transaction.prepare_cached("DELETE FROM entries WHERE key = ?1")?.execute([key])?,
            };
            changed.push(key.clone());
        }
        // One that takes less is good also where the quota has become smaller.
        if self.most < used && self.used < used {
            return Err(StorageError::Quota { most: self.most, wanted: used });
        }
        transaction.commit()?;
        self.used = used;
        Ok(changed)
    }

    /// Removes all keys that begin so; gives them.
    pub(super) fn clear(&mut self, prefix: &str) -> Result<Vec<String>, StorageError> {
        let keys = self.keys(prefix)?;
        let transaction = self.connection.transaction()?;
        let mut freed = 0;
        for key in &keys {
            let removed: Option<u64> = transaction
                .prepare_cached("DELETE FROM entries WHERE key = ?1 RETURNING octet_length(value)")?
                .query_row([key], |row| row.get::<_, i64>(0))
                .optional()?
                .and_then(|length| u64::try_from(length).ok());
            freed += removed.map_or(0, |length| length + key.len() as u64 + ENTRY);
        }
        transaction.commit()?;
        self.used = self.used.saturating_sub(freed);
        Ok(keys)
    }
}

fn check((key, value): &Change) -> Result<(), StorageError> {
    if KEY < key.len() {
        return Err(StorageError::Key { most: KEY, found: key.len() });
    }
    // Whoever reads it later gets JSON of a depth that can be read, whatever the plugin's process sends.
    let parsed = value.as_deref().map(serde_json::from_str::<serde_json::Value>).transpose();
    parsed.map(drop).map_err(|error| StorageError::Value { key: key.clone(), words: error.to_string() })
}

fn weight(key: &str, value: &str) -> u64 {
    key.len() as u64 + value.len() as u64 + ENTRY
}

#[cfg(test)]
mod tests;

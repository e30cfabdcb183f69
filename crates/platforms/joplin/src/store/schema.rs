//! The tables as SQL, and how an older database is brought up to date.
//!
//! Two habits deserve a word. A note or folder has an integer `row` besides its id, because the full-text index refers to rows
//! by number, and implicit numbers may change when a database is compacted. And an item without a parent has the `parent_id`
//! "", as plugins expect, which no foreign key can express; so the generated column `folder_id` (NULL for "") carries the key.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Each step leads from its index, the version in `user_version`, to the next. Steps that were released never change.
const MIGRATIONS: [&str; 2] = [FIRST, USER_DATA];

/// Brings the tables to the latest version; each step is kept whole or not at all.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = MIGRATIONS.len() as u32;
    if known < found {
        return Err(StoreError::Newer { found, known });
    }
    for step in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

const FIRST: &str = "
CREATE TABLE folders (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    parent_id TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    created_time INTEGER NOT NULL DEFAULT 0,
    updated_time INTEGER NOT NULL DEFAULT 0,
    user_created_time INTEGER NOT NULL DEFAULT 0,
    user_updated_time INTEGER NOT NULL DEFAULT 0,
    is_shared INTEGER NOT NULL DEFAULT 0,
    share_id TEXT NOT NULL DEFAULT '',
    icon TEXT NOT NULL DEFAULT '',
    user_data TEXT NOT NULL DEFAULT '',
    deleted_time INTEGER NOT NULL DEFAULT 0,
    folder_id TEXT AS (nullif(parent_id, '')) REFERENCES folders (id) ON DELETE CASCADE
);
CREATE INDEX folders_parent ON folders (folder_id);

CREATE TABLE notes (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    parent_id TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL DEFAULT '',
    created_time INTEGER NOT NULL DEFAULT 0,
    updated_time INTEGER NOT NULL DEFAULT 0,
    user_created_time INTEGER NOT NULL DEFAULT 0,
    user_updated_time INTEGER NOT NULL DEFAULT 0,
    is_conflict INTEGER NOT NULL DEFAULT 0,
    conflict_original_id TEXT NOT NULL DEFAULT '',
    latitude NUMERIC NOT NULL DEFAULT 0,
    longitude NUMERIC NOT NULL DEFAULT 0,
    altitude NUMERIC NOT NULL DEFAULT 0,
    author TEXT NOT NULL DEFAULT '',
    source_url TEXT NOT NULL DEFAULT '',
    is_todo INTEGER NOT NULL DEFAULT 0,
    todo_due INTEGER NOT NULL DEFAULT 0,
    todo_completed INTEGER NOT NULL DEFAULT 0,
    source TEXT NOT NULL DEFAULT '',
    source_application TEXT NOT NULL DEFAULT '',
    application_data TEXT NOT NULL DEFAULT '',
    \"order\" NUMERIC NOT NULL DEFAULT 0,
    markup_language INTEGER NOT NULL DEFAULT 1,
    is_shared INTEGER NOT NULL DEFAULT 0,
    share_id TEXT NOT NULL DEFAULT '',
    user_data TEXT NOT NULL DEFAULT '',
    deleted_time INTEGER NOT NULL DEFAULT 0,
    folder_id TEXT AS (nullif(parent_id, '')) REFERENCES folders (id) ON DELETE CASCADE
);
CREATE INDEX notes_parent ON notes (folder_id);
CREATE INDEX notes_updated ON notes (updated_time);

CREATE TABLE tags (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    parent_id TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL UNIQUE,
    created_time INTEGER NOT NULL DEFAULT 0,
    updated_time INTEGER NOT NULL DEFAULT 0,
    user_created_time INTEGER NOT NULL DEFAULT 0,
    user_updated_time INTEGER NOT NULL DEFAULT 0,
    is_shared INTEGER NOT NULL DEFAULT 0,
    user_data TEXT NOT NULL DEFAULT ''
);

CREATE TABLE note_tags (
    id TEXT PRIMARY KEY NOT NULL,
    note_id TEXT NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
    tag_id TEXT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    created_time INTEGER NOT NULL,
    updated_time INTEGER NOT NULL,
    UNIQUE (tag_id, note_id)
);
CREATE INDEX note_tags_note ON note_tags (note_id);

CREATE TABLE resources (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL DEFAULT '',
    mime TEXT NOT NULL DEFAULT '',
    filename TEXT NOT NULL DEFAULT '',
    file_extension TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT -1,
    created_time INTEGER NOT NULL DEFAULT 0,
    updated_time INTEGER NOT NULL DEFAULT 0,
    user_created_time INTEGER NOT NULL DEFAULT 0,
    user_updated_time INTEGER NOT NULL DEFAULT 0,
    blob_updated_time INTEGER NOT NULL DEFAULT 0,
    is_shared INTEGER NOT NULL DEFAULT 0,
    share_id TEXT NOT NULL DEFAULT '',
    user_data TEXT NOT NULL DEFAULT ''
);

CREATE TABLE settings (
    plugin_id TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (plugin_id, key)
) WITHOUT ROWID;

CREATE VIRTUAL TABLE notes_text USING fts5 (
    title, body, content = 'notes', content_rowid = 'row', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER notes_text_insert AFTER INSERT ON notes BEGIN
    INSERT INTO notes_text (rowid, title, body) VALUES (new.row, new.title, new.body);
END;
CREATE TRIGGER notes_text_delete AFTER DELETE ON notes BEGIN
    INSERT INTO notes_text (notes_text, rowid, title, body) VALUES ('delete', old.row, old.title, old.body);
END;
CREATE TRIGGER notes_text_update AFTER UPDATE OF title, body ON notes BEGIN
    INSERT INTO notes_text (notes_text, rowid, title, body) VALUES ('delete', old.row, old.title, old.body);
    INSERT INTO notes_text (rowid, title, body) VALUES (new.row, new.title, new.body);
END;
";

/// What plugins keep with items. An item is in one of four tables, so triggers do what a foreign key cannot.
const USER_DATA: &str = "
CREATE TABLE user_data (
    plugin_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (plugin_id, item_id, key)
) WITHOUT ROWID;
CREATE INDEX user_data_item ON user_data (item_id);
CREATE TRIGGER notes_user_data AFTER DELETE ON notes BEGIN
    DELETE FROM user_data WHERE item_id = old.id;
END;
CREATE TRIGGER folders_user_data AFTER DELETE ON folders BEGIN
    DELETE FROM user_data WHERE item_id = old.id;
END;
CREATE TRIGGER tags_user_data AFTER DELETE ON tags BEGIN
    DELETE FROM user_data WHERE item_id = old.id;
END;
CREATE TRIGGER resources_user_data AFTER DELETE ON resources BEGIN
    DELETE FROM user_data WHERE item_id = old.id;
END;
";

//! The data API: what `joplin.data.get`, `post`, `put` and `delete` do.
//!
//! A path names a collection (`notes`), an item (`notes/<id>`) or a collection of an item (`folders/<id>/notes`):
//!
//! | path | GET | POST | PUT | DELETE |
//! |---|---|---|---|---|
//! | `notes`, `folders`, `tags`, `resources` | a page | creates | | |
//! | the same with `/<id>` | the item | | changes | deletes, or moves to the trash |
//! | `notes/<id>/tags`, `notes/<id>/resources`, `folders/<id>/notes` | a page | | | |
//! | `tags/<id>/notes` | a page | attaches the tag to `{id}` | | |
//! | `tags/<id>/notes/<id>` | | | | detaches the tag |
//! | `search` | a page of what `query` matches | | | |
//!
//! A page is `{items, has_more}`, and `has_more` is exact. Deleting a note or folder moves it to the trash (sets its
//! `deleted_time`), unless the query says `permanent: "1"`; deleting a folder takes along what is in it.

mod error;
mod folders;
mod items;
mod list;
mod path;
mod query;
mod search;
mod tags;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use error::DataError;
pub use query::{Direction, Query};

pub(super) use items::{load as load_item, update as update_item};

use std::borrow::Cow;

use rusqlite::Connection;
use serde_json::{Map, Value};

use self::list::{Condition, List};
use self::path::{Root, Route};
use super::Store;
use super::table::{FOLDERS, NOTES, RESOURCES, TAGS, Table, name_of};

/// Answers with the item, the page or the tree of folders at `path`.
///
/// # Errors
///
/// 400 for a malformed path or query, 404 for what does not exist, 405 for a path that cannot be read.
pub fn get(store: &Store, path: &[String], query: &Query) -> Result<Value, DataError> {
    let route = Route::parse(path)?;
    store.read(|connection| match route {
        Route::Collection(Root::Search) => search::run(connection, query),
        Route::Collection(Root::Folders) if query.as_tree => folders::tree(connection, query),
        Route::Collection(Root::Notes) => {
            List::of(&NOTES).with_all(visible(&NOTES, query)).page(connection, query)
        }
        Route::Collection(Root::Folders) => {
            List::of(&FOLDERS).with_all(visible(&FOLDERS, query)).page(connection, query)
        }
        Route::Collection(Root::Tags) => List::of(&TAGS).page(connection, query),
        Route::Collection(Root::Resources) => List::of(&RESOURCES).page(connection, query),
        Route::Item(root, id) => items::load(connection, root.table()?, id, &query.columns(root.table()?)?),
        Route::NoteTags(id) => tags::of_note(connection, id, query),
        Route::NoteResources(id) => items::resources_of_note(connection, id, query),
        Route::FolderNotes(id) => folders::notes_of(connection, id, query),
        Route::TagNotes(id) => tags::notes_of(connection, id, query),
        Route::TagNote(..) => Err(DataError::method_not_allowed()),
    })
}

/// Creates an item from `body`, or attaches a tag to a note; answers with the whole new item.
///
/// Properties that no column has are passed over, since plugins send back what they read elsewhere.
///
/// # Errors
///
/// 400 for a malformed path or body, 404 for what does not exist, 405 for a path where nothing can be created.
pub fn post(store: &Store, path: &[String], _query: &Query, body: &Value) -> Result<Value, DataError> {
    let route = Route::parse(path)?;
    let body = object(body)?;
    store.transaction(|connection| match route {
        Route::Collection(root) => {
            let table = root.table()?;
            let created = items::create(connection, table, &body)?;
            if let (Root::Notes, Some(titles), Some(id)) = (root, body.get("tags"), created.get("id")) {
                tags::attach_titles(connection, id, titles)?;
            }
            Ok(created)
        }
        Route::TagNotes(id) => tags::attach(connection, id, &body),
        Route::Item(..)
        | Route::NoteTags(_)
        | Route::NoteResources(_)
        | Route::FolderNotes(_)
        | Route::TagNote(..) => Err(DataError::method_not_allowed()),
    })
}

/// Changes the properties of an item that `body` names; answers with the whole changed item.
///
/// # Errors
///
/// 400 for a malformed path or body, 404 for what does not exist, 405 for a path that is no item.
pub fn put(store: &Store, path: &[String], _query: &Query, body: &Value) -> Result<Value, DataError> {
    let route = Route::parse(path)?;
    let body = object(body)?;
    let Route::Item(root, id) = route else { return Err(DataError::method_not_allowed()) };
    store.transaction(|connection| items::update(connection, root.table()?, id, &body))
}

/// Deletes an item or moves it to the trash, or detaches a tag from a note.
///
/// # Errors
///
/// 400 for a malformed path, 404 for what does not exist, 405 for a path that cannot be deleted.
pub fn delete(store: &Store, path: &[String], query: &Query) -> Result<(), DataError> {
    let route = Route::parse(path)?;
    store.transaction(|connection| match route {
        Route::Item(Root::Notes, id) if !query.permanent => items::trash_note(connection, id),
        Route::Item(Root::Folders, id) if !query.permanent => folders::trash(connection, id),
        Route::Item(root, id) => items::delete(connection, root.table()?, id),
        Route::TagNote(tag, note) => tags::detach(connection, tag, note),
        Route::TagNotes(_) => Err(DataError::bad_request("Missing note ID")),
        Route::Collection(_) | Route::NoteTags(_) | Route::NoteResources(_) | Route::FolderNotes(_) => {
            Err(DataError::method_not_allowed())
        }
    })
}

/// The conditions that hide what is in the trash and what is a conflict, unless the query asks for it.
fn visible(table: &Table, query: &Query) -> Vec<Condition> {
    let mut conditions = Vec::new();
    if !query.include_deleted && table.column("deleted_time").is_some() {
        conditions.push(Condition::plain(format!("\"{}\".deleted_time = 0", table.name)));
    }
    if !query.include_conflicts && table.column("is_conflict").is_some() {
        conditions.push(Condition::plain(format!("\"{}\".is_conflict = 0", table.name)));
    }
    conditions
}

/// The body of a request: an object, where nothing at all is the empty one.
fn object(body: &Value) -> Result<Cow<'_, Map<String, Value>>, DataError> {
    match body {
        Value::Null => Ok(Cow::Owned(Map::new())),
        Value::Object(map) => Ok(Cow::Borrowed(map)),
        other => Err(DataError::bad_request(format!("body: expected an object, found {}", name_of(other)))),
    }
}

/// Whether `table` has an item with this id, in the trash or not.
fn exists(connection: &Connection, table: &Table, id: &str) -> Result<bool, DataError> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM \"{}\" WHERE id = ?1)", table.name);
    Ok(connection.prepare_cached(&sql)?.query_row([id], |row| row.get(0))?)
}

/// 404 unless `table` has an item with this id.
fn expect_exists(connection: &Connection, table: &Table, id: &str) -> Result<(), DataError> {
    if exists(connection, table, id)? { Ok(()) } else { Err(DataError::not_found()) }
}

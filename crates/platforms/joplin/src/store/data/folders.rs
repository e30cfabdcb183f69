//! Folders: their tree, what is in them, and the trash.

use std::collections::{HashMap, HashSet};

use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value};

use super::error::DataError;
use super::items::text_of;
use super::list::{Condition, List};
use super::query::Query;
use super::{exists, expect_exists, visible};
use crate::store::limits::MAX_FOLDER_DEPTH;
use crate::store::now;
use crate::store::table::{Column, FOLDERS, NOTES};

/// Folders with their ids, by the id of the folder that they are in; "" for the topmost.
type ByParent = HashMap<String, Vec<(String, Map<String, Value>)>>;

/// The ids of folder `?1` and of all folders in it, at any depth. No cycle can arise ([`place_folder`]).
const SUBTREE: &str = "WITH RECURSIVE subtree (id) AS (
    VALUES (?1) UNION SELECT folders.id FROM folders JOIN subtree ON folders.folder_id = subtree.id
)";

/// All folders as a tree: a list of the topmost, each with its fields and, if it has any, its `children`, by title.
pub(super) fn tree(connection: &Connection, query: &Query) -> Result<Value, DataError> {
    let asked = query.columns(&FOLDERS)?;
    let mut columns: Vec<&'static Column> = asked.clone();
    columns.extend(FOLDERS.column("id"));
    columns.extend(FOLDERS.column("parent_id"));
    let order = Query {
        order_by: Some(query.order_by.clone().unwrap_or_else(|| "title".into())),
        direction: query.direction,
        ..Query::default()
    };
    let folders = List::of(&FOLDERS).with_all(visible(&FOLDERS, query)).all(connection, &columns, &order)?;

    let text = |folder: &Map<String, Value>, name: &str| {
        folder.get(name).and_then(Value::as_str).unwrap_or_default().to_string()
    };
    let ids: HashSet<String> = folders.iter().map(|folder| text(folder, "id")).collect();
    let mut by_parent: ByParent = ByParent::new();
    for mut folder in folders {
        let (id, parent) = (text(&folder, "id"), text(&folder, "parent_id"));
        folder.retain(|name, _| asked.iter().any(|column| column.name == name));
        // A folder whose parent is in the trash is shown at the top rather than not at all.
        let parent = if ids.contains(&parent) { parent } else { String::new() };
        by_parent.entry(parent).or_default().push((id, folder));
    }
    Ok(branch(&mut by_parent, ""))
}

/// The folders in `parent`, with theirs. As deep as folders may be, [`MAX_FOLDER_DEPTH`].
fn branch(by_parent: &mut ByParent, parent: &str) -> Value {
    let folders = by_parent.remove(parent).unwrap_or_default();
    let folders = folders.into_iter().map(|(id, mut folder)| {
        if by_parent.contains_key(&id) {
            folder.insert("children".into(), branch(by_parent, &id));
        }
        Value::Object(folder)
    });
    Value::Array(folders.collect())
}

/// A page of the notes in a folder; 404 if there is no such folder.
pub(super) fn notes_of(connection: &Connection, id: &str, query: &Query) -> Result<Value, DataError> {
    expect_exists(connection, &FOLDERS, id)?;
    let inside = Condition::bound("notes.folder_id = ?", [id]);
    List::of(&NOTES).with_all(visible(&NOTES, query)).with(inside).page(connection, query)
}

/// Moves a folder to the trash, with all folders and notes in it that are not there yet.
pub(super) fn trash(connection: &Connection, id: &str) -> Result<(), DataError> {
    expect_exists(connection, &FOLDERS, id)?;
    let time = now();
    for (table, key) in [("notes", "folder_id"), ("folders", "id")] {
        let sql = format!(
            "{SUBTREE} UPDATE {table} SET deleted_time = ?2, updated_time = ?2
             WHERE deleted_time = 0 AND {key} IN (SELECT id FROM subtree)"
        );
        connection.execute(&sql, (id, time))?;
    }
    Ok(())
}

/// Gives a new note a folder if it names none, and checks that the folder it names exists.
pub(super) fn place_note(
    connection: &Connection,
    id: Option<&str>,
    changes: &mut Vec<(&'static str, SqlValue)>,
) -> Result<(), DataError> {
    match (id, text_of(changes, "parent_id")) {
        (_, Some(parent)) if !parent.is_empty() => expect_folder(connection, "notes.parent_id", parent),
        (Some(_), None) => Ok(()),
        (Some(_), Some(_)) => {
            Err(DataError::bad_request("notes.parent_id: expected the id of a folder, found none"))
        }
        (None, _) => {
            changes.retain(|(name, _)| *name != "parent_id");
            changes.push(("parent_id", SqlValue::Text(default_folder(connection)?)));
            Ok(())
        }
    }
}

/// Checks that a folder can be in `parent`: that it exists, is not in the folder itself, and that nothing gets too deep.
pub(super) fn place_folder(
    connection: &Connection,
    id: Option<&str>,
    parent: Option<&str>,
) -> Result<(), DataError> {
    let Some(parent) = parent.filter(|parent| !parent.is_empty()) else { return Ok(()) };
    expect_folder(connection, "folders.parent_id", parent)?;
    let above = ancestors(connection, parent)?;
    if id.is_some_and(|id| above.iter().any(|ancestor| ancestor == id)) {
        return Err(DataError::bad_request("folders.parent_id: expected a folder that is not in this one"));
    }
    let height = id.map_or(Ok(1), |id| height(connection, id))?;
    let depth = above.len() + height;
    if (MAX_FOLDER_DEPTH as usize) < depth {
        return Err(DataError::bad_request(format!(
            "folders.parent_id: expected at most {MAX_FOLDER_DEPTH} levels of folders, found {depth}"
        )));
    }
    Ok(())
}

fn expect_folder(connection: &Connection, what: &str, id: &str) -> Result<(), DataError> {
    if exists(connection, &FOLDERS, id)? {
        return Ok(());
    }
    const SHOWN_CHARS: usize = 64;
    let shown: String = id.chars().take(SHOWN_CHARS).collect();
    Err(DataError::bad_request(format!("{what}: expected the id of a folder, found {shown:?}")))
}

/// Where a note goes that names no folder: the oldest one that is not in the trash.
fn default_folder(connection: &Connection) -> Result<String, DataError> {
    let sql = "SELECT id FROM folders WHERE deleted_time = 0 ORDER BY created_time, row LIMIT 1";
    let id = connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
    id.ok_or_else(|| DataError::bad_request("Cannot find folder for note"))
}

/// The folder with this id and those that it is in, from the inmost.
fn ancestors(connection: &Connection, id: &str) -> Result<Vec<String>, DataError> {
    let sql = "WITH RECURSIVE above (id, parent_id) AS (
        SELECT id, parent_id FROM folders WHERE id = ?1
        UNION SELECT folders.id, folders.parent_id FROM folders JOIN above ON folders.id = above.parent_id
    ) SELECT id FROM above";
    let mut statement = connection.prepare_cached(sql)?;
    let ids = statement.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(ids)
}

/// How many levels of folders there are from this one down: 1 if there is none in it.
fn height(connection: &Connection, id: &str) -> Result<usize, DataError> {
    let sql = "WITH RECURSIVE below (id, level) AS (
        VALUES (?1, 1) UNION SELECT folders.id, level + 1 FROM folders JOIN below ON folders.folder_id = below.id
    ) SELECT max(level) FROM below";
    let levels: i64 = connection.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
    Ok(usize::try_from(levels).unwrap_or(usize::MAX))
}

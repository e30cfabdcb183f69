//! One item: reading, making, changing and deleting it.

use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde_json::{Map, Value};

use super::error::DataError;
use super::list::{AnswerSize, Condition, List, column_list, read_item};
use super::query::Query;
use super::{exists, expect_exists, folders, tags};
use crate::store::now;
use crate::store::table::{Access, Column, FOLDERS, NOTES, RESOURCES, TAGS, Table};

/// The columns of a new row, or those of a row that change.
type Changes = Vec<(&'static str, SqlValue)>;

/// The item with these columns, in the trash or not; 404 if there is none.
pub(in crate::store) fn load(
    connection: &Connection,
    table: &Table,
    id: &str,
    columns: &[&'static Column],
) -> Result<Value, DataError> {
    let sql = format!("SELECT {} FROM \"{}\" WHERE id = ?1", column_list(table, columns), table.name);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([id])?;
    let row = rows.next()?.ok_or_else(DataError::not_found)?;
    Ok(Value::Object(read_item(row, columns, &mut AnswerSize::default())?))
}

/// Makes an item of `table` from a plugin's properties; answers with all of it.
pub(super) fn create(
    connection: &Connection,
    table: &'static Table,
    body: &Map<String, Value>,
) -> Result<Value, DataError> {
    let id = new_id(connection, table, body)?;
    let mut changes = accepted(table, body)?;
    complete(connection, table, None, &mut changes)?;
    let time = SqlValue::Integer(now());
    changes.extend([
        ("id", SqlValue::Text(id.clone())),
        ("created_time", time.clone()),
        ("updated_time", time.clone()),
    ]);
    for name in ["user_created_time", "user_updated_time"] {
        if value_of(&changes, name).is_none() {
            changes.push((name, time.clone()));
        }
    }
    let names: Vec<String> = changes.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let marks = vec!["?"; changes.len()].join(", ");
    let sql = format!("INSERT INTO \"{}\" ({}) VALUES ({marks})", table.name, names.join(", "));
    connection.execute(&sql, params_from_iter(changes.into_iter().map(|(_, value)| value)))?;
    load(connection, table, &id, &table.columns.iter().collect::<Vec<_>>())
}

/// Changes an item's properties; answers with all of it.
pub(in crate::store) fn update(
    connection: &Connection,
    table: &'static Table,
    id: &str,
    body: &Map<String, Value>,
) -> Result<Value, DataError> {
    expect_exists(connection, table, id)?;
    let mut changes = accepted(table, body)?;
    complete(connection, table, Some(id), &mut changes)?;
    let time = SqlValue::Integer(now());
    if value_of(&changes, "user_updated_time").is_none() {
        changes.push(("user_updated_time", time.clone()));
    }
    changes.push(("updated_time", time));
    let names: Vec<String> = changes.iter().map(|(name, _)| format!("\"{name}\" = ?")).collect();
    let sql = format!("UPDATE \"{}\" SET {} WHERE id = ?", table.name, names.join(", "));
    let values = changes.into_iter().map(|(_, value)| value).chain([SqlValue::Text(id.to_string())]);
    connection.execute(&sql, params_from_iter(values))?;
    load(connection, table, id, &table.columns.iter().collect::<Vec<_>>())
}

/// Moves a note to the trash. One that is there stays, with the time it went.
pub(super) fn trash_note(connection: &Connection, id: &str) -> Result<(), DataError> {
    expect_exists(connection, &NOTES, id)?;
    connection.execute(
        "UPDATE notes SET deleted_time = ?1, updated_time = ?1 WHERE id = ?2 AND deleted_time = 0",
        (now(), id),
    )?;
    Ok(())
}

/// Deletes an item for good, and what hangs on it: a folder's notes and folders, a note's and a tag's attachments.
pub(super) fn delete(connection: &Connection, table: &Table, id: &str) -> Result<(), DataError> {
    let sql = format!("DELETE FROM \"{}\" WHERE id = ?1", table.name);
    if connection.execute(&sql, [id])? == 0 { Err(DataError::not_found()) } else { Ok(()) }
}

/// A page of the resources that a note's body links to.
pub(super) fn resources_of_note(
    connection: &Connection,
    id: &str,
    query: &Query,
) -> Result<Value, DataError> {
    let body: Option<String> = connection
        .prepare_cached("SELECT body FROM notes WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let body = body.ok_or_else(DataError::not_found)?;
    let ids = linked_ids(&body);
    // The ids are hexadecimal, so they need no escapes as JSON.
    let list = format!("[\"{}\"]", ids.join("\",\""));
    let linked = Condition::bound("resources.id IN (SELECT value FROM json_each(?))", [&list]);
    List::of(&RESOURCES).with(linked).page(connection, query)
}

/// Whether a text is an id: 32 hexadecimal digits in lower case.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The ids that a body links to: whatever follows `:/` and looks like one.
fn linked_ids(body: &str) -> Vec<&str> {
    body.match_indices(":/")
        .filter_map(|(at, mark)| {
            let start = at + mark.len();
            body.get(start..start + 32).filter(|id| is_id(id))
        })
        .collect()
}

/// The id that the plugin chose for its new item, or a random one.
fn new_id(connection: &Connection, table: &Table, body: &Map<String, Value>) -> Result<String, DataError> {
    let chosen = match body.get("id") {
        None | Some(Value::Null) => return random_id(connection),
        Some(Value::String(text)) if text.is_empty() => return random_id(connection),
        Some(chosen) => chosen.as_str().filter(|text| is_id(text)),
    };
    let Some(id) = chosen else {
        return Err(DataError::bad_request("id: expected 32 hexadecimal digits in lower case"));
    };
    if exists(connection, table, id)? {
        return Err(DataError::bad_request(format!("id: expected one that is free, found {id} in use")));
    }
    Ok(id.to_string())
}

/// 128 random bits, from SQLite's generator, which the operating system seeds.
pub(super) fn random_id(connection: &Connection) -> Result<String, DataError> {
    Ok(connection.prepare_cached("SELECT lower(hex(randomblob(16)))")?.query_row([], |row| row.get(0))?)
}

/// The properties of `body` that the plugin may write; 400 for one of the wrong kind.
fn accepted(table: &Table, body: &Map<String, Value>) -> Result<Changes, DataError> {
    let mut changes = Changes::new();
    for column in table.columns.iter().filter(|column| column.access == Access::Plugin) {
        let Some(value) = body.get(column.name) else { continue };
        let value = column
            .accept(value)
            .map_err(|reason| DataError::bad_request(format!("{}.{}: {reason}", table.name, column.name)))?;
        changes.push((column.name, value));
    }
    Ok(changes)
}

/// Checks what the kinds of columns cannot say, and fills in what a table wants. `id` is that of an item that exists.
fn complete(
    connection: &Connection,
    table: &Table,
    id: Option<&str>,
    changes: &mut Changes,
) -> Result<(), DataError> {
    if table.name == NOTES.name {
        folders::place_note(connection, id, changes)
    } else if table.name == FOLDERS.name {
        folders::place_folder(connection, id, text_of(changes, "parent_id"))
    } else if table.name == TAGS.name {
        tags::name_tag(connection, id, changes)
    } else {
        Ok(())
    }
}

fn value_of<'a>(changes: &'a Changes, name: &str) -> Option<&'a SqlValue> {
    changes.iter().find(|(column, _)| *column == name).map(|(_, value)| value)
}

/// The text among `changes` for this column.
pub(super) fn text_of<'a>(changes: &'a [(&'static str, SqlValue)], name: &str) -> Option<&'a str> {
    changes.iter().find(|(column, _)| *column == name).and_then(|(_, value)| match value {
        SqlValue::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_body() {
        let check = |body: &str, expected: &[&str]| assert_eq!(linked_ids(body), expected, "{body}");
        let id = "0123456789abcdef0123456789abcdef";
        check("", &[]);
        check(&format!("![a](:/{id}) and <img src=\":/{id}\">"), &[id, id]);
        check(":/0123", &[]);
        check(&format!(":/{}", id.to_uppercase()), &[]);
        check(&format!(":/{}é", &id[..31]), &[]);
    }
}

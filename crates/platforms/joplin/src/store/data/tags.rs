//! Tags: their names, and which notes they are attached to.

use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value, json};

use super::error::DataError;
use super::list::{Condition, List};
use super::query::Query;
use super::{expect_exists, items, visible};
use crate::store::limits::{MAX_SHORT_TEXT_BYTES, MAX_TAGS_PER_CALL};
use crate::store::now;
use crate::store::table::{NOTES, TAGS};

/// A page of a note's tags; 404 if there is no such note.
pub(super) fn of_note(connection: &Connection, id: &str, query: &Query) -> Result<Value, DataError> {
    expect_exists(connection, &NOTES, id)?;
    let attached = Condition::bound("tags.id IN (SELECT tag_id FROM note_tags WHERE note_id = ?)", [id]);
    List::of(&TAGS).with(attached).page(connection, query)
}

/// A page of the notes that a tag is attached to; 404 if there is no such tag.
pub(super) fn notes_of(connection: &Connection, id: &str, query: &Query) -> Result<Value, DataError> {
    expect_exists(connection, &TAGS, id)?;
    let attached = Condition::bound("notes.id IN (SELECT note_id FROM note_tags WHERE tag_id = ?)", [id]);
    List::of(&NOTES).with_all(visible(&NOTES, query)).with(attached).page(connection, query)
}

/// Attaches a tag to the note in `body.id`; attaching it again changes nothing. Answers with the attachment.
pub(super) fn attach(
    connection: &Connection,
    tag: &str,
    body: &Map<String, Value>,
) -> Result<Value, DataError> {
    expect_exists(connection, &TAGS, tag)?;
    let note = body.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    let note = note.ok_or_else(|| DataError::bad_request("Missing note ID"))?;
    expect_exists(connection, &NOTES, note)?;
    attach_existing(connection, tag, note)?;
    let sql = "SELECT id, created_time, updated_time FROM note_tags WHERE tag_id = ?1 AND note_id = ?2";
    let attachment = connection.prepare_cached(sql)?.query_row([tag, note], |row| {
        let (id, created, updated): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(json!({ "id": id, "tag_id": tag, "note_id": note, "created_time": created, "updated_time": updated }))
    })?;
    Ok(attachment)
}

/// Attaches the tags with these titles, `"a, b"`, to a new note, making those that do not exist.
pub(super) fn attach_titles(connection: &Connection, note: &Value, titles: &Value) -> Result<(), DataError> {
    let (Some(note), Some(titles)) = (note.as_str(), titles.as_str()) else {
        return Err(DataError::bad_request(
            "notes.tags: expected titles in a text, with commas between them",
        ));
    };
    let titles: Vec<String> = titles.split(',').map(normal_title).filter(|title| !title.is_empty()).collect();
    if MAX_TAGS_PER_CALL < titles.len() {
        return Err(DataError::bad_request(format!(
            "notes.tags: expected at most {MAX_TAGS_PER_CALL} titles, found {}",
            titles.len()
        )));
    }
    for title in titles {
        let tag = match with_title(connection, &title)? {
            Some(id) => id,
            None => {
                let body = Map::from_iter([("title".to_string(), Value::String(title))]);
                let created = items::create(connection, &TAGS, &body)?;
                created.get("id").and_then(Value::as_str).unwrap_or_default().to_string()
            }
        };
        attach_existing(connection, &tag, note)?;
    }
    Ok(())
}

/// Detaches a tag from a note. It need not have been attached.
pub(super) fn detach(connection: &Connection, tag: &str, note: &str) -> Result<(), DataError> {
    expect_exists(connection, &TAGS, tag)?;
    connection.execute("DELETE FROM note_tags WHERE tag_id = ?1 AND note_id = ?2", [tag, note])?;
    Ok(())
}

/// Brings a tag's title to its normal form, and checks that no other tag has it. `id` is that of a tag that exists.
pub(super) fn name_tag(
    connection: &Connection,
    id: Option<&str>,
    changes: &mut [(&'static str, SqlValue)],
) -> Result<(), DataError> {
    let title = changes.iter_mut().find(|(name, _)| *name == "title").map(|(_, value)| value);
    let Some(SqlValue::Text(title)) = title else {
        return if id.is_some() {
            Ok(())
        } else {
            Err(DataError::bad_request("tags.title: expected a title"))
        };
    };
    *title = normal_title(title);
    if title.is_empty() {
        return Err(DataError::bad_request("tags.title: expected a title, found an empty text"));
    }
    if MAX_SHORT_TEXT_BYTES < title.len() {
        return Err(DataError::bad_request(format!(
            "tags.title: expected at most {MAX_SHORT_TEXT_BYTES} bytes"
        )));
    }
    match with_title(connection, title)? {
        Some(other) if id != Some(other.as_str()) => {
            const SHOWN_CHARS: usize = 64;
            let shown: String = title.chars().take(SHOWN_CHARS).collect();
            Err(DataError::bad_request(format!(
                "tags.title: expected one that is free, found {shown:?} in use by {other}"
            )))
        }
        _ => Ok(()),
    }
}

/// Titles of tags are without space around them, and in lower case.
fn normal_title(title: &str) -> String {
    title.trim().to_lowercase()
}

fn with_title(connection: &Connection, title: &str) -> Result<Option<String>, DataError> {
    let mut statement = connection.prepare_cached("SELECT id FROM tags WHERE title = ?1")?;
    Ok(statement.query_row([title], |row| row.get(0)).optional()?)
}

fn attach_existing(connection: &Connection, tag: &str, note: &str) -> Result<(), DataError> {
    let sql =
        "INSERT INTO note_tags (id, note_id, tag_id, created_time, updated_time) VALUES (?1, ?2, ?3, ?4, ?4)
               ON CONFLICT (tag_id, note_id) DO NOTHING";
    connection.prepare_cached(sql)?.execute((items::random_id(connection)?, note, tag, now()))?;
    Ok(())
}

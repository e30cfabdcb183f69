//! What plugins keep with items: values by key, apart for each plugin, that go with the item.

use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;

use super::Store;
use super::data::DataError;
use super::limits::{MAX_USER_DATA_BYTES, MAX_USER_DATA_KEY_BYTES, MAX_USER_DATA_PER_ITEM};
use super::table::{FOLDERS, NOTES, RESOURCES, TAGS, Table};

/// The kinds of items that plugins may keep something with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// A note.
    Note,
    /// A folder.
    Folder,
    /// A resource.
    Resource,
    /// A tag.
    Tag,
}

impl ItemKind {
    const ALL: [Self; 4] = [Self::Note, Self::Folder, Self::Resource, Self::Tag];

    /// The kind with this number, one of Joplin's model types.
    ///
    /// # Errors
    ///
    /// 400 for a number of something else.
    pub fn from_number(number: i64) -> Result<Self, DataError> {
        Self::ALL.into_iter().find(|kind| kind.number() == number).ok_or_else(|| {
            DataError::bad_request(format!(
                "type: expected 1 (note), 2 (folder), 4 (resource) or 5 (tag), found {number}"
            ))
        })
    }

    /// The number of this kind among Joplin's model types.
    pub fn number(self) -> i64 {
        match self {
            Self::Note => 1,
            Self::Folder => 2,
            Self::Resource => 4,
            Self::Tag => 5,
        }
    }

    fn table(self) -> &'static Table {
        match self {
            Self::Note => &NOTES,
            Self::Folder => &FOLDERS,
            Self::Resource => &RESOURCES,
            Self::Tag => &TAGS,
        }
    }
}

/// What kind of item has this id; none if there is no such item.
///
/// # Errors
///
/// 500 if the store failed.
pub fn kind_of(store: &Store, id: &str) -> Result<Option<ItemKind>, DataError> {
    store.read(|connection| {
        for kind in ItemKind::ALL {
            if exists(connection, kind, id)? {
                return Ok(Some(kind));
            }
        }
        Ok(None)
    })
}

/// What `plugin` keeps with an item under `key`; none if it keeps nothing there.
///
/// # Errors
///
/// 404 if there is no such item, 500 if the store failed.
pub fn get(
    store: &Store,
    plugin: &str,
    kind: ItemKind,
    id: &str,
    key: &str,
) -> Result<Option<Value>, DataError> {
    store.read(|connection| {
        expect_exists(connection, kind, id)?;
        let sql = "SELECT value FROM user_data WHERE plugin_id = ?1 AND item_id = ?2 AND key = ?3";
        let mut statement = connection.prepare_cached(sql)?;
        let stored: Option<String> = statement.query_row([plugin, id, key], |row| row.get(0)).optional()?;
        Ok(stored.and_then(|json| serde_json::from_str(&json).ok()))
    })
}

/// Keeps `value` with an item under `key`, instead of what was there.
///
/// # Errors
///
/// 400 for a key of more than [`MAX_USER_DATA_KEY_BYTES`], a value of more than [`MAX_USER_DATA_BYTES`] or more than
/// [`MAX_USER_DATA_PER_ITEM`] values, 404 if there is no such item, 500 if the store failed.
pub fn set(
    store: &Store,
    plugin: &str,
    kind: ItemKind,
    id: &str,
    key: &str,
    value: &Value,
) -> Result<(), DataError> {
    let json = value.to_string();
    check("key", key.len(), MAX_USER_DATA_KEY_BYTES, "bytes")?;
    check("value", json.len(), MAX_USER_DATA_BYTES, "bytes")?;
    store.transaction(|connection| {
        expect_exists(connection, kind, id)?;
        let sql = "INSERT INTO user_data (plugin_id, item_id, key, value) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (plugin_id, item_id, key) DO UPDATE SET value = excluded.value";
        connection.prepare_cached(sql)?.execute([plugin, id, key, &json])?;
        let sql = "SELECT count(*) FROM user_data WHERE plugin_id = ?1 AND item_id = ?2";
        let count: i64 = connection.prepare_cached(sql)?.query_row([plugin, id], |row| row.get(0))?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        check("user data", count, MAX_USER_DATA_PER_ITEM, "values with one item")
    })
}

/// Forgets what `plugin` keeps with an item under `key`, if it keeps something there.
///
/// # Errors
///
/// 404 if there is no such item, 500 if the store failed.
pub fn delete(store: &Store, plugin: &str, kind: ItemKind, id: &str, key: &str) -> Result<(), DataError> {
    store.transaction(|connection| {
        expect_exists(connection, kind, id)?;
        let sql = "DELETE FROM user_data WHERE plugin_id = ?1 AND item_id = ?2 AND key = ?3";
        connection.prepare_cached(sql)?.execute([plugin, id, key])?;
        Ok(())
    })
}

fn exists(connection: &Connection, kind: ItemKind, id: &str) -> Result<bool, DataError> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM \"{}\" WHERE id = ?1)", kind.table().name);
    Ok(connection.prepare_cached(&sql)?.query_row([id], |row| row.get(0))?)
}

fn expect_exists(connection: &Connection, kind: ItemKind, id: &str) -> Result<(), DataError> {
    if exists(connection, kind, id)? { Ok(()) } else { Err(DataError::not_found()) }
}

fn check(what: &str, found: usize, most: usize, unit: &str) -> Result<(), DataError> {
    if found <= most {
        return Ok(());
    }
    Err(DataError::bad_request(format!("{what}: expected at most {most} {unit}, found {found}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::data::{self, Query};

    fn make(store: &Store, root: &str, body: Value) -> String {
        let made = data::post(store, &[root.to_string()], &Query::default(), &body).unwrap();
        made["id"].as_str().unwrap().to_string()
    }

    fn store() -> (Store, String) {
        let store = Store::in_memory().unwrap();
        make(&store, "folders", json!({ "title": "F" }));
        let note = make(&store, "notes", json!({ "title": "N" }));
        (store, note)
    }

    #[test]
    fn each_plugin_has_its_own() {
        let (store, note) = store();
        let read = |plugin| get(&store, plugin, ItemKind::Note, &note, "k").unwrap();
        set(&store, "a", ItemKind::Note, &note, "k", &json!({ "deep": [1, null] })).unwrap();
        assert_eq!((read("a"), read("b")), (Some(json!({ "deep": [1, null] })), None));
        set(&store, "a", ItemKind::Note, &note, "k", &json!(2)).unwrap();
        delete(&store, "b", ItemKind::Note, &note, "k").unwrap();
        assert_eq!(read("a"), Some(json!(2)));
        delete(&store, "a", ItemKind::Note, &note, "k").unwrap();
        assert_eq!(read("a"), None);
    }

    #[test]
    fn it_goes_with_the_item() {
        let (store, note) = store();
        set(&store, "a", ItemKind::Note, &note, "k", &json!(1)).unwrap();
        let forever = Query { permanent: true, ..Query::default() };
        data::delete(&store, &["notes".into(), note.clone()], &forever).unwrap();
        assert_eq!(get(&store, "a", ItemKind::Note, &note, "k").unwrap_err().http_code, 404);
        make(&store, "notes", json!({ "id": note }));
        assert_eq!(get(&store, "a", ItemKind::Note, &note, "k").unwrap(), None);
    }

    #[test]
    fn it_needs_an_item_of_the_kind() {
        let (store, note) = store();
        let code = |kind, id: &str| set(&store, "a", kind, id, "k", &json!(1)).unwrap_err().http_code;
        assert_eq!((code(ItemKind::Folder, &note), code(ItemKind::Note, "nothing")), (404, 404));
        assert_eq!(ItemKind::from_number(3).unwrap_err().http_code, 400);
        assert_eq!(kind_of(&store, &note).unwrap().map(ItemKind::number), Some(1));
        assert_eq!(kind_of(&store, "nothing").unwrap(), None);
        let tag = make(&store, "tags", json!({ "title": "t" }));
        assert_eq!(kind_of(&store, &tag).unwrap(), Some(ItemKind::Tag));
    }

    #[test]
    fn it_is_bounded() {
        let (store, note) = store();
        let refused = |key: &str, value: &Value| {
            set(&store, "a", ItemKind::Note, &note, key, value).map_err(|error| error.http_code)
        };
        assert_eq!(refused(&"k".repeat(MAX_USER_DATA_KEY_BYTES + 1), &json!(1)), Err(400));
        assert_eq!(refused("k", &json!("x".repeat(MAX_USER_DATA_BYTES))), Err(400));
        for number in 0..MAX_USER_DATA_PER_ITEM {
            refused(&number.to_string(), &json!(1)).unwrap();
        }
        assert_eq!(refused("one more", &json!(1)), Err(400));
        assert_eq!(get(&store, "a", ItemKind::Note, &note, "one more").unwrap(), None);
        refused("0", &json!(2)).unwrap();
    }
}

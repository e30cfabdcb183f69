//! What the tests of the data API share.

use serde_json::json;

use super::*;

/// A store with a folder, so that notes have a place.
pub(super) struct Notes {
    pub(super) store: Store,
    /// The id of the folder.
    pub(super) folder: String,
}

impl Notes {
    pub(super) fn new() -> Self {
        let store = Store::in_memory().unwrap();
        let folder = post(&store, &path("folders"), &Query::default(), &json!({ "title": "Home" })).unwrap();
        Self { store, folder: id_of(&folder) }
    }

    pub(super) fn try_get(&self, address: &str, query: Value) -> Result<Value, (u16, String)> {
        Query::from_value(&query).and_then(|query| get(&self.store, &path(address), &query)).map_err(parts)
    }

    pub(super) fn get(&self, address: &str, query: Value) -> Value {
        self.try_get(address, query).unwrap()
    }

    pub(super) fn try_post(&self, address: &str, body: Value) -> Result<Value, (u16, String)> {
        post(&self.store, &path(address), &Query::default(), &body).map_err(parts)
    }

    /// Makes an item and answers with its id.
    pub(super) fn post(&self, address: &str, body: Value) -> String {
        id_of(&self.try_post(address, body).unwrap())
    }

    pub(super) fn try_put(&self, address: &str, body: Value) -> Result<Value, (u16, String)> {
        put(&self.store, &path(address), &Query::default(), &body).map_err(parts)
    }

    pub(super) fn put(&self, address: &str, body: Value) -> Value {
        self.try_put(address, body).unwrap()
    }

    pub(super) fn try_delete(&self, address: &str, query: Value) -> Result<(), (u16, String)> {
        Query::from_value(&query).and_then(|query| delete(&self.store, &path(address), &query)).map_err(parts)
    }

    pub(super) fn delete(&self, address: &str, query: Value) {
        self.try_delete(address, query).unwrap();
    }

    /// The titles on a page, with spaces between.
    pub(super) fn titles(&self, address: &str, query: Value) -> String {
        titles(&self.get(address, query))
    }

    /// Makes an item look as if it had changed at this time.
    pub(super) fn backdate(&self, note: &str, time: i64) {
        self.run("UPDATE notes SET updated_time = ?2 WHERE id = ?1", (note, time));
    }

    /// Fails if the full-text index says anything else than the notes.
    pub(super) fn check_index(&self) {
        self.run("INSERT INTO notes_text (notes_text, rank) VALUES ('integrity-check', 1)", ());
    }

    fn run(&self, sql: &str, parameters: impl rusqlite::Params) {
        let run = |connection: &Connection| Ok::<usize, DataError>(connection.execute(sql, parameters)?);
        self.store.transaction(run).unwrap();
    }

    /// The titles of the notes that a search finds, by title.
    pub(super) fn found(&self, text: &str) -> String {
        self.titles("search", json!({ "query": text, "order_by": "title" }))
    }
}

pub(super) fn path(address: &str) -> Vec<String> {
    address.split('/').map(str::to_string).collect()
}

pub(super) fn id_of(item: &Value) -> String {
    item["id"].as_str().unwrap().to_string()
}

pub(super) fn parts(error: DataError) -> (u16, String) {
    (error.http_code, error.message)
}

pub(super) fn titles(page: &Value) -> String {
    let titles: Vec<&str> =
        page["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect();
    titles.join(" ")
}

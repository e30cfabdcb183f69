//! Which notes are selected, where there is no window to select them in.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::Store;
use super::data::{self, DataError};
use super::limits::MAX_SELECTED_NOTES;
use super::table::{FOLDERS, NOTES};

/// The selected notes of a workspace. Cloning it makes another handle to the same selection.
#[derive(Debug, Clone)]
pub struct Selection {
    store: Store,
    ids: Arc<Mutex<Vec<String>>>,
}

impl Selection {
    /// A selection of notes of `store`, empty.
    pub fn new(store: Store) -> Self {
        Self { store, ids: Arc::default() }
    }

    /// Selects these notes instead of those that were; answers whether that changed anything. An id given twice counts once.
    ///
    /// # Errors
    ///
    /// 404 if one does not exist, 400 for more than [`MAX_SELECTED_NOTES`]; then the selection is as it was.
    pub fn select(&self, ids: &[String]) -> Result<bool, DataError> {
        if MAX_SELECTED_NOTES < ids.len() {
            return Err(DataError::bad_request(format!(
                "selection: expected at most {MAX_SELECTED_NOTES} notes, found {}",
                ids.len()
            )));
        }
        let mut unique = Vec::with_capacity(ids.len());
        let mut seen = std::collections::HashSet::new();
        for id in ids.iter().filter(|id| seen.insert(id.as_str())) {
            self.note(id)?.ok_or_else(DataError::not_found)?;
            unique.push(id.clone());
        }
        let mut selected = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = *selected != unique;
        *selected = unique;
        Ok(changed)
    }

    /// The ids of the selected notes, in the order of their selection. A note deleted since is among them.
    pub fn note_ids(&self) -> Vec<String> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The id of the selected note; none unless exactly one is selected.
    pub fn note_id(&self) -> Option<String> {
        match self.ids.lock().unwrap_or_else(PoisonError::into_inner).as_slice() {
            [id] => Some(id.clone()),
            _ => None,
        }
    }

    /// The selected note with all of its fields; none unless exactly one is selected and it still exists.
    ///
    /// # Errors
    ///
    /// 500 if the store failed.
    pub fn selected_note(&self) -> Result<Option<Value>, DataError> {
        let Some(id) = self.note_id() else { return Ok(None) };
        absent_as_none(self.store.read(|connection| {
            data::load_item(connection, &NOTES, &id, &NOTES.columns.iter().collect::<Vec<_>>())
        }))
    }

    /// The folder of the first selected note, with all of its fields; none if none is selected.
    ///
    /// # Errors
    ///
    /// 500 if the store failed.
    pub fn selected_folder(&self) -> Result<Option<Value>, DataError> {
        let Some(first) = self.note_ids().into_iter().next() else { return Ok(None) };
        let Some(note) = self.note(&first)? else { return Ok(None) };
        let Some(folder) = note.get("parent_id").and_then(Value::as_str) else { return Ok(None) };
        absent_as_none(self.store.read(|connection| {
            data::load_item(connection, &FOLDERS, folder, &FOLDERS.columns.iter().collect::<Vec<_>>())
        }))
    }

    /// The note with this id and its default fields.
    fn note(&self, id: &str) -> Result<Option<Value>, DataError> {
        let columns = NOTES.default_columns();
        absent_as_none(self.store.read(|connection| data::load_item(connection, &NOTES, id, &columns)))
    }
}

fn absent_as_none(found: Result<Value, DataError>) -> Result<Option<Value>, DataError> {
    match found {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.http_code == 404 => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::data::Query;

    fn path(segments: &[&str]) -> Vec<String> {
        segments.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn selecting() {
        let store = Store::in_memory().unwrap();
        let query = Query::default();
        let make = |root: &str, title: &str| {
            let made = data::post(&store, &path(&[root]), &query, &json!({ "title": title })).unwrap();
            made["id"].as_str().unwrap().to_string()
        };
        let folder = make("folders", "F");
        let (a, b) = (make("notes", "A"), make("notes", "B"));
        let selection = Selection::new(store.clone());

        assert_eq!(selection.selected_note().unwrap(), None);
        assert_eq!(selection.selected_folder().unwrap(), None);
        assert!(selection.select(&[a.clone(), a.clone()]).unwrap());
        assert!(!selection.select(std::slice::from_ref(&a)).unwrap());
        assert_eq!(selection.selected_note().unwrap().unwrap()["title"], "A");
        assert_eq!(selection.selected_folder().unwrap().unwrap()["id"], folder);

        assert_eq!(selection.select(&[a.clone(), "nobody".into()]).unwrap_err().http_code, 404);
        assert_eq!(selection.select(&vec![a.clone(); MAX_SELECTED_NOTES + 1]).unwrap_err().http_code, 400);
        assert_eq!(selection.note_id(), Some(a.clone()), "a failed selection changes nothing");

        assert!(selection.select(&[b.clone(), a.clone()]).unwrap());
        assert_eq!(selection.note_ids(), [b.clone(), a.clone()]);
        assert_eq!(selection.selected_note().unwrap(), None, "two are selected");
        assert_eq!(selection.selected_folder().unwrap().unwrap()["id"], folder);

        assert!(selection.select(std::slice::from_ref(&b)).unwrap());
        data::delete(&store, &path(&["notes", &b]), &Query { permanent: true, ..Query::default() }).unwrap();
        assert_eq!(selection.selected_note().unwrap(), None, "it is no more");
    }
}

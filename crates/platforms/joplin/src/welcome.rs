//! The first note, so that commands have something to act on.

use serde_json::{Value, json};

use crate::store::Store;
use crate::store::data::{self, DataError, Direction, Query};
use crate::store::selection::Selection;

const TITLE: &str = "Welcome";
const BODY: &str = "This note is here so that there is something to edit.\n";

/// Makes a folder "Notes" with a welcome note if there is no folder at all. Then selects the note that was changed last.
pub(crate) fn prepare(store: &Store, selection: &Selection) -> Result<(), DataError> {
    let one = Query { limit: 1, include_deleted: true, ..Query::default() };
    if first_id(&data::get(store, &["folders".into()], &one)?).is_none() {
        let query = Query::default();
        let folder = data::post(store, &["folders".into()], &query, &json!({ "title": "Notes" }))?;
        let note = json!({ "title": TITLE, "body": BODY, "parent_id": folder["id"] });
        data::post(store, &["notes".into()], &query, &note)?;
    }
    selection.select(latest(store, "notes")?.as_slice())?;
    Ok(())
}

/// The id of the item in a collection that was changed last.
pub(crate) fn latest(store: &Store, collection: &str) -> Result<Option<String>, DataError> {
    let query = Query { limit: 1, direction: Direction::Descending, ..Query::default() };
    Ok(first_id(&data::get(store, &[collection.into()], &query)?))
}

/// The id of the first item on a page.
fn first_id(page: &Value) -> Option<String> {
    page["items"][0]["id"].as_str().map(str::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_store_gets_a_note_and_another_stays_as_it_is() {
        let store = Store::in_memory().unwrap();
        let selection = Selection::new(store.clone());
        prepare(&store, &selection).unwrap();
        let note = selection.selected_note().unwrap().unwrap();
        assert_eq!((note["title"].as_str(), note["body"].as_str()), (Some(TITLE), Some(BODY)));
        assert_eq!(selection.selected_folder().unwrap().unwrap()["title"], "Notes");

        let again = Selection::new(store.clone());
        prepare(&store, &again).unwrap();
        assert_eq!(again.note_ids(), selection.note_ids());
        let count = data::get(&store, &["notes".into()], &Query::default()).unwrap();
        assert_eq!(count["items"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_store_whose_notes_were_deleted_stays_empty() {
        let store = Store::in_memory().unwrap();
        prepare(&store, &Selection::new(store.clone())).unwrap();
        let folders = data::get(&store, &["folders".into()], &Query::default()).unwrap();
        data::delete(&store, &["folders".into(), first_id(&folders).unwrap()], &Query::default()).unwrap();
        let selection = Selection::new(store.clone());
        prepare(&store, &selection).unwrap();
        assert_eq!(selection.note_ids(), Vec::<String>::new());
    }
}

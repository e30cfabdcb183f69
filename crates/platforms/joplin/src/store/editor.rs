//! An editor without a window: the text of the selected note, and a range of it that is selected.
//!
//! Positions are counted in characters (Unicode scalar values), not in the 16-bit units of JavaScript: no command of a plugin
//! carries a position, so nobody sees the difference. Nothing is kept here but the range; the text is the note's body in the store,
//! so an edit is saved when it is made, and the editor sees what others write.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use serde_json::{Map, Value};

use super::Store;
use super::data::{self, DataError};
use super::selection::Selection;
use super::table::NOTES;

/// The editor of a workspace. Cloning it makes another handle to the same editor.
#[derive(Debug, Clone)]
pub struct Editor {
    store: Store,
    selection: Selection,
    cursor: Arc<Mutex<Cursor>>,
}

/// What is selected in which note. An empty range is a cursor before its start.
#[derive(Debug, Default)]
struct Cursor {
    note_id: String,
    range: Range<usize>,
}

/// Why an edit was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditorError {
    /// There is nothing to edit.
    #[error("expected exactly one selected note to edit, found {found}")]
    NoNote {
        /// How many notes are selected.
        found: usize,
    },
    /// The note could not be read or written.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl Editor {
    /// An editor of the note that is selected in `selection`, if it is one.
    pub fn new(store: Store, selection: Selection) -> Self {
        Self { store, selection, cursor: Arc::default() }
    }

    /// The whole text.
    ///
    /// # Errors
    ///
    /// [`EditorError::NoNote`] unless exactly one note is selected, [`EditorError::Data`] if it cannot be read.
    pub fn text(&self) -> Result<String, EditorError> {
        self.look(|body, _| body.to_string())
    }

    /// The selected part of the text.
    ///
    /// # Errors
    ///
    /// As [`Editor::text`].
    pub fn selected_text(&self) -> Result<String, EditorError> {
        self.look(|body, range| {
            let bytes = byte_range(body, range);
            body.get(bytes).unwrap_or_default().to_string()
        })
    }

    /// The selected range, in characters.
    ///
    /// # Errors
    ///
    /// As [`Editor::text`].
    pub fn range(&self) -> Result<Range<usize>, EditorError> {
        self.look(|_, range| range)
    }

    /// Selects a range, in characters. What is beyond the end of the text is left out, and a range that ends before it starts is turned.
    ///
    /// # Errors
    ///
    /// As [`Editor::text`].
    pub fn select(&self, range: Range<usize>) -> Result<(), EditorError> {
        let mut cursor = self.cursor()?;
        let length = self.store.read(|connection| body_of(connection, &cursor.note_id))?.chars().count();
        let (start, end) = (range.start.min(range.end), range.start.max(range.end));
        cursor.range = start.min(length)..end.min(length);
        Ok(())
    }

    /// Selects the whole text.
    ///
    /// # Errors
    ///
    /// As [`Editor::text`].
    pub fn select_all(&self) -> Result<(), EditorError> {
        self.select(0..usize::MAX)
    }

    /// Puts `text` in the place of the selected part, and the cursor after it.
    ///
    /// # Errors
    ///
    /// As [`Editor::text`], and [`EditorError::Data`] if the text would be too long; then nothing changes.
    pub fn replace_selection(&self, text: &str) -> Result<(), EditorError> {
        self.edit(|body, range| {
            let bytes = byte_range(body, range.clone());
            let before = body.get(..bytes.start).unwrap_or_default();
            let after = body.get(bytes.end..).unwrap_or_default();
            (format!("{before}{text}{after}"), range.start + text.chars().count())
        })
    }

    /// Puts `text` at the cursor as if it were typed, which replaces what is selected.
    ///
    /// # Errors
    ///
    /// As [`Editor::replace_selection`].
    pub fn insert_text(&self, text: &str) -> Result<(), EditorError> {
        self.replace_selection(text)
    }

    /// Puts `text` in the place of the whole text, and the cursor at its start.
    ///
    /// # Errors
    ///
    /// As [`Editor::replace_selection`].
    pub fn set_text(&self, text: &str) -> Result<(), EditorError> {
        self.edit(|_, _| (text.to_string(), 0))
    }

    fn look<T>(&self, look: impl FnOnce(&str, Range<usize>) -> T) -> Result<T, EditorError> {
        let cursor = self.cursor()?;
        let body = self.store.read(|connection| body_of(connection, &cursor.note_id))?;
        Ok(look(&body, clamped(&body, &cursor.range)))
    }

    /// Replaces the body by what `change` makes of it, together with the cursor's new place, in one transaction.
    fn edit(&self, change: impl FnOnce(&str, Range<usize>) -> (String, usize)) -> Result<(), EditorError> {
        let mut cursor = self.cursor()?;
        let place = self.store.transaction(|connection| {
            let body = body_of(connection, &cursor.note_id)?;
            let (body, place) = change(&body, clamped(&body, &cursor.range));
            let changes = Map::from_iter([("body".to_string(), Value::String(body))]);
            data::update_item(connection, &NOTES, &cursor.note_id, &changes)?;
            Ok::<usize, DataError>(place)
        })?;
        cursor.range = place..place;
        Ok(())
    }

    /// The cursor in the selected note: at its start when another note was edited before.
    fn cursor(&self) -> Result<MutexGuard<'_, Cursor>, EditorError> {
        let note_id = self.selection.note_id();
        let note_id =
            note_id.ok_or_else(|| EditorError::NoNote { found: self.selection.note_ids().len() })?;
        let mut cursor = self.cursor.lock().unwrap_or_else(PoisonError::into_inner);
        if cursor.note_id != note_id {
            *cursor = Cursor { note_id, range: 0..0 };
        }
        Ok(cursor)
    }
}

fn body_of(connection: &Connection, note_id: &str) -> Result<String, DataError> {
    let columns: Vec<_> = NOTES.column("body").into_iter().collect();
    let note = data::load_item(connection, &NOTES, note_id, &columns)?;
    Ok(note.get("body").and_then(Value::as_str).unwrap_or_default().to_string())
}

/// The range within the text, which others may have shortened since.
fn clamped(body: &str, range: &Range<usize>) -> Range<usize> {
    let length = body.chars().count();
    range.start.min(length)..range.end.min(length)
}

/// A range of characters as a range of bytes.
fn byte_range(body: &str, range: Range<usize>) -> Range<usize> {
    let byte_at = |place: usize| body.char_indices().nth(place).map_or(body.len(), |(byte, _)| byte);
    byte_at(range.start)..byte_at(range.end)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::data::Query;
    use crate::store::limits::MAX_TEXT_BYTES;

    fn post(store: &Store, root: &str, body: Value) -> String {
        let made = data::post(store, &[root.to_string()], &Query::default(), &body).unwrap();
        made["id"].as_str().unwrap().to_string()
    }

    fn editor(body: &str) -> (Store, Selection, Editor, String) {
        let store = Store::in_memory().unwrap();
        post(&store, "folders", json!({}));
        let id = post(&store, "notes", json!({ "body": body }));
        let selection = Selection::new(store.clone());
        selection.select(std::slice::from_ref(&id)).unwrap();
        (store.clone(), selection.clone(), Editor::new(store, selection), id)
    }

    fn stored(store: &Store, id: &str) -> String {
        store.read(|connection| body_of(connection, id)).unwrap()
    }

    #[test]
    fn edits() {
        /// Selects a range, edits, and compares the stored body with a `|` at the cursor.
        fn check(body: &str, range: Range<usize>, edit: impl Fn(&Editor), expected: &str) {
            let (store, _, editor, id) = editor(body);
            editor.select(range).unwrap();
            edit(&editor);
            let cursor = editor.range().unwrap();
            assert!(cursor.is_empty(), "{cursor:?}");
            let mut shown: Vec<char> = stored(&store, &id).chars().collect();
            shown.insert(cursor.start, '|');
            assert_eq!(shown.iter().collect::<String>(), expected);
            assert_eq!(editor.text().unwrap(), stored(&store, &id));
        }
        check("one two", 4..7, |editor| editor.replace_selection("three").unwrap(), "one three|");
        check("one two", 0..3, |editor| editor.replace_selection("").unwrap(), "| two");
        check("aéb", 1..2, |editor| editor.replace_selection("日本").unwrap(), "a日本|b");
        check("ab", 1..1, |editor| editor.insert_text("-").unwrap(), "a-|b");
        check("ab", 0..99, |editor| editor.insert_text("x").unwrap(), "x|");
        check("", 0..0, |editor| editor.insert_text("x").unwrap(), "x|");
        check("old", 1..2, |editor| editor.set_text("new").unwrap(), "|new");
    }

    #[test]
    fn ranges() {
        let check = |range: Range<usize>, expected: Range<usize>, text: &str| {
            let (_, _, editor, _) = editor("aé日b");
            editor.select(range).unwrap();
            assert_eq!((editor.range().unwrap(), editor.selected_text().unwrap().as_str()), (expected, text));
        };
        check(0..0, 0..0, "");
        check(1..3, 1..3, "é日");
        #[allow(clippy::reversed_empty_ranges, reason = "this is what is tested")]
        check(3..1, 1..3, "é日");
        check(2..usize::MAX, 2..4, "日b");
        check(9..12, 4..4, "");
        let (_, _, editor, _) = editor("aé日b");
        editor.select_all().unwrap();
        assert_eq!(editor.selected_text().unwrap(), "aé日b");
    }

    #[test]
    fn another_note_has_another_cursor() {
        let (store, selection, editor, first) = editor("first");
        let second = post(&store, "notes", json!({ "body": "second" }));
        editor.select_all().unwrap();
        selection.select(std::slice::from_ref(&second)).unwrap();
        assert_eq!(editor.range().unwrap(), 0..0);
        editor.insert_text("my ").unwrap();
        assert_eq!((stored(&store, &first), stored(&store, &second)), ("first".into(), "my second".into()));
    }

    #[test]
    fn what_others_write_is_seen() {
        let (store, _, editor, id) = editor("a long text");
        editor.select(2..11).unwrap();
        data::put(&store, &["notes".into(), id], &Query::default(), &json!({ "body": "a lo" })).unwrap();
        assert_eq!(editor.selected_text().unwrap(), "lo");
        editor.replace_selection("b").unwrap();
        assert_eq!(editor.text().unwrap(), "a b");
    }

    #[test]
    fn nothing_to_edit() {
        let (_, selection, editor, _) = editor("a");
        selection.select(&[]).unwrap();
        assert!(matches!(editor.text(), Err(EditorError::NoNote { found: 0 })));
        assert!(matches!(editor.insert_text("x"), Err(EditorError::NoNote { found: 0 })));
    }

    #[test]
    fn a_refused_edit_changes_nothing() {
        let (_, _, editor, _) = editor("abc");
        editor.select(1..2).unwrap();
        let error = editor.replace_selection(&"x".repeat(MAX_TEXT_BYTES)).unwrap_err();
        assert!(matches!(error, EditorError::Data(DataError { http_code: 400, .. })), "{error}");
        assert_eq!((editor.text().unwrap().as_str(), editor.range().unwrap()), ("abc", 1..2));
    }
}

//! `joplin.workspace.*`: which notes are selected, and the context menu of the editor.

use std::sync::PoisonError;

use plughold::{Api, Cx, Json};

use crate::Joplin;
use crate::events::Topic;
use crate::failure::Failure;
use crate::limits::CONTEXT_MENU;
use crate::store::data::DataError;
use crate::turns::in_turn_of;

pub(crate) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    api.function("workspace.selectedNote", selected_note)
        .function("workspace.selectedNoteIds", selected_note_ids)
        .function("workspace.selectedFolder", selected_folder)
        .function("workspace.selectedNoteHash", selected_note_hash)
}

impl Joplin {
    /// Selects these notes instead of those that were, and tells plugins if that changed anything.
    ///
    /// # Errors
    ///
    /// As [`Selection::select`](crate::store::selection::Selection::select): 404 if one does not exist, 400 for too many.
    pub fn select(&self, ids: &[String]) -> Result<(), DataError> {
        if self.selection().select(ids)? {
            self.set_note_hash("");
            self.selection_changed();
        }
        Ok(())
    }

    /// Selects one note, at the heading `hash`.
    pub(crate) fn open_at(&self, id: &str, hash: &str) -> Result<(), DataError> {
        self.select(&[id.to_string()])?;
        self.set_note_hash(hash);
        Ok(())
    }

    /// The heading to which the selected note was opened; empty if it was opened as a whole.
    pub fn selected_note_hash(&self) -> String {
        self.note_hash().lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The context menu of the editor, `{items: […]}`, as all plugins that want to have changed it, one after the other.
    ///
    /// A plugin that throws or takes longer than [`CONTEXT_MENU`] is passed over.
    pub async fn editor_context_menu(&self, menu: Json) -> Json {
        let mut menu = menu;
        for filter in self.listeners().of(Topic::EditorContextMenu) {
            if let Ok(changed) = filter.call(vec![menu.clone()]).within(CONTEXT_MENU).await
                && changed.0.is_object()
            {
                menu = changed;
            }
        }
        menu
    }

    fn set_note_hash(&self, hash: &str) {
        *self.note_hash().lock().unwrap_or_else(PoisonError::into_inner) = hash.to_string();
    }
}

async fn selected_note(cx: Cx<Joplin>) -> Result<Option<Json>, Failure> {
    in_turn_of(&cx, |joplin, _| Ok(joplin.selection().selected_note()?.map(Json))).await
}

async fn selected_note_ids(cx: Cx<Joplin>) -> Result<Vec<String>, Failure> {
    // In turn, for the plugin may just have told the application to open another note.
    in_turn_of(&cx, |joplin, _| Ok(joplin.selection().note_ids())).await
}

async fn selected_folder(cx: Cx<Joplin>) -> Result<Option<Json>, Failure> {
    in_turn_of(&cx, |joplin, _| Ok(joplin.selection().selected_folder()?.map(Json))).await
}

async fn selected_note_hash(cx: Cx<Joplin>) -> Result<String, Failure> {
    in_turn_of(&cx, |joplin, _| Ok(joplin.selected_note_hash())).await
}

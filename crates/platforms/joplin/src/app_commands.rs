//! The application's own commands, as far as they make sense without a window: they edit the selected note or select another.

use plughold::{Json, PluginId};
use serde_json::{Value, json};

use crate::Joplin;
use crate::events::NoteChange;
use crate::failure::{Failure, shown};
use crate::store::data::{self, Query};
use crate::store::editor::EditorError;
use crate::welcome;

/// A command: the application, the plugin that executes it (none for the application itself), and the arguments.
pub(crate) type AppCommand = fn(&Joplin, Option<&PluginId>, &[Json]) -> Result<Json, Failure>;

/// The command with this name.
pub(crate) fn find(name: &str) -> Option<AppCommand> {
    COMMANDS.iter().find(|(known, _)| *known == name).map(|(_, command)| *command)
}

/// The names of all commands, sorted.
pub(crate) fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = COMMANDS.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names
}

const COMMANDS: &[(&str, AppCommand)] = &[
    // Text of the selected note
    ("selectedText", selected_text),
    ("replaceSelection", replace_selection),
    ("insertText", insert_text),
    ("editor.setText", set_text),
    ("textSelectAll", select_all),
    ("textBold", |joplin, _, _| surround(joplin, "**")),
    ("textItalic", |joplin, _, _| surround(joplin, "*")),
    ("textCode", |joplin, _, _| surround(joplin, "`")),
    ("editor.execCommand", editor_command),
    // Notes and folders
    ("openNote", open_note),
    ("openItem", open_item),
    ("newNote", |joplin, _, arguments| new_note(joplin, arguments, false)),
    ("newTodo", |joplin, _, arguments| new_note(joplin, arguments, true)),
    // The keyboard's focus, of which there is none
    ("editor.focus", |joplin, plugin, _| noted(joplin, plugin, "editor.focus")),
    ("focusElementNoteBody", |joplin, plugin, _| noted(joplin, plugin, "focusElementNoteBody")),
    ("focusElementNoteList", |joplin, plugin, _| noted(joplin, plugin, "focusElementNoteList")),
    ("focusElementNoteTitle", |joplin, plugin, _| noted(joplin, plugin, "focusElementNoteTitle")),
];

/// Commands that CodeMirror has under these names. Without it they are known and do nothing.
const CODE_MIRROR: &[&str] = &[
    "deleteLine",
    "duplicateLine",
    "focus",
    "goDocEnd",
    "goDocStart",
    "goLineDown",
    "goLineEnd",
    "goLineStart",
    "goLineUp",
    "indentAuto",
    "indentLess",
    "indentMore",
    "insertLineAfter",
    "joinLines",
    "killLine",
    "newlineAndIndent",
    "redo",
    "scrollSelectionIntoView",
    "sortSelectedLines",
    "swapLineDown",
    "swapLineUp",
    "toggleComment",
    "toggleOverwrite",
    "transposeChars",
    "undo",
];

fn selected_text(joplin: &Joplin, _: Option<&PluginId>, _: &[Json]) -> Result<Json, Failure> {
    Ok(Json(joplin.editor().selected_text()?.into()))
}

fn replace_selection(joplin: &Joplin, _: Option<&PluginId>, arguments: &[Json]) -> Result<Json, Failure> {
    edited(joplin, joplin.editor().replace_selection(text_argument(arguments)?))
}

fn insert_text(joplin: &Joplin, _: Option<&PluginId>, arguments: &[Json]) -> Result<Json, Failure> {
    edited(joplin, joplin.editor().insert_text(text_argument(arguments)?))
}

fn set_text(joplin: &Joplin, _: Option<&PluginId>, arguments: &[Json]) -> Result<Json, Failure> {
    edited(joplin, joplin.editor().set_text(text_argument(arguments)?))
}

fn select_all(joplin: &Joplin, _: Option<&PluginId>, _: &[Json]) -> Result<Json, Failure> {
    joplin.editor().select_all()?;
    Ok(Json::default())
}

/// Puts the mark around the selected text, or takes it away where it is.
fn surround(joplin: &Joplin, mark: &str) -> Result<Json, Failure> {
    let text = joplin.editor().selected_text()?;
    let inner = text.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    let text = inner.map_or_else(|| format!("{mark}{text}{mark}"), str::to_string);
    edited(joplin, joplin.editor().replace_selection(&text))
}

/// `editor.execCommand({name, args})`: a command of the text editor, by the editor's own name for it.
///
/// Content scripts give names to commands of their own, which live in an editor with a window. A plugin that has registered one may
/// therefore execute any name; for others an unknown name is an error.
fn editor_command(joplin: &Joplin, plugin: Option<&PluginId>, arguments: &[Json]) -> Result<Json, Failure> {
    let command = arguments.first().map_or(&Value::Null, |Json(value)| value);
    let name = command["name"].as_str().or(command.as_str());
    let name =
        name.ok_or_else(|| Failure::type_error("editor.execCommand: expected an object with a name"))?;
    let inner: Vec<Json> = command["args"].as_array().into_iter().flatten().cloned().map(Json).collect();
    let same: Option<AppCommand> = match name {
        "selectAll" | "textSelectAll" => Some(select_all),
        "selectedText" => Some(selected_text),
        "replaceSelection" => Some(replace_selection),
        "insertText" => Some(insert_text),
        "textBold" | "textItalic" | "textCode" => find(name),
        _ => None,
    };
    if let Some(run) = same {
        return run(joplin, plugin, &inner);
    }
    if !CODE_MIRROR.contains(&name) && !plugin.is_some_and(|plugin| joplin.extends_editor(plugin)) {
        return Err(Failure::new(format!("editor command not found: {}", shown(name))));
    }
    joplin.note(plugin, "editor.execCommand", name);
    Ok(Json::default())
}

/// `openNote(id, hash)`.
fn open_note(joplin: &Joplin, _: Option<&PluginId>, arguments: &[Json]) -> Result<Json, Failure> {
    let id = text_argument(arguments)?;
    let hash = arguments.get(1).and_then(|Json(hash)| hash.as_str()).unwrap_or_default();
    joplin.open_at(id, hash)?;
    Ok(Json::default())
}

/// `openItem(link)`: a note or resource as `:/<id>` or `joplin://x-callback-url/openNote?id=<id>`, or an address of the web.
fn open_item(joplin: &Joplin, plugin: Option<&PluginId>, arguments: &[Json]) -> Result<Json, Failure> {
    const NOTE_LINK: &str = "joplin://x-callback-url/openNote?id=";
    let link = text_argument(arguments)?;
    if let Some(target) = link.strip_prefix(":/").or_else(|| link.strip_prefix(NOTE_LINK)) {
        let (id, hash) = target.split_once('#').unwrap_or((target, ""));
        if data::get(joplin.store(), &["resources".into(), id.into()], &Query::default()).is_ok() {
            joplin.note(plugin, "openItem", link);
        } else {
            joplin.open_at(id, hash)?;
        }
        return Ok(Json::default());
    }
    if !["http://", "https://", "mailto:"].iter().any(|scheme| link.starts_with(scheme)) {
        return Err(Failure::new(format!("Unsupported link format: {}", shown(link))));
    }
    joplin.note(plugin, "openItem", link);
    Ok(Json::default())
}

/// `newNote(body)`: makes a note in the folder of the selected one, and selects it.
fn new_note(joplin: &Joplin, arguments: &[Json], is_todo: bool) -> Result<Json, Failure> {
    let body = arguments.first().and_then(|Json(body)| body.as_str()).unwrap_or_default();
    let folder = match joplin.selection().selected_folder()? {
        Some(folder) => folder["id"].as_str().map(str::to_string),
        None => welcome::latest(joplin.store(), "folders")?,
    };
    let note = json!({ "body": body, "parent_id": folder, "is_todo": is_todo });
    let made = data::post(joplin.store(), &["notes".into()], &Query::default(), &note)?;
    joplin.open_at(made["id"].as_str().unwrap_or_default(), "")?;
    Ok(Json::default())
}

fn noted(joplin: &Joplin, plugin: Option<&PluginId>, what: &'static str) -> Result<Json, Failure> {
    joplin.note(plugin, what, "");
    Ok(Json::default())
}

/// Tells who listens to the selected note that it was edited.
fn edited(joplin: &Joplin, edit: Result<(), EditorError>) -> Result<Json, Failure> {
    edit?;
    if let Some(id) = joplin.selection().note_id() {
        joplin.note_changed(&id, NoteChange::Updated);
    }
    Ok(Json::default())
}

/// The first argument.
fn text_argument(arguments: &[Json]) -> Result<&str, Failure> {
    let text = arguments.first().and_then(|Json(value)| value.as_str());
    text.ok_or_else(|| Failure::type_error("expected a text as the first argument"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plughold::Thrown;

    fn run(joplin: &Joplin, name: &str, arguments: Value) -> Result<Value, String> {
        let arguments: Vec<Json> = arguments.as_array().unwrap().iter().cloned().map(Json).collect();
        let command = find(name).unwrap();
        let result = command(joplin, None, &arguments);
        result.map(|Json(value)| value).map_err(|failure| Thrown::from(failure).message)
    }

    #[test]
    fn names_are_unique() {
        let mut unique = names();
        unique.dedup();
        assert_eq!(unique, names());
    }

    #[test]
    fn edits() {
        /// Executes a command with "two" selected in "one two", and compares the text.
        fn check(name: &str, arguments: Value, expected: &str) {
            let joplin = Joplin::in_memory().unwrap();
            joplin.editor().set_text("one two").unwrap();
            joplin.editor().select(4..7).unwrap();
            assert_eq!(run(&joplin, name, arguments), Ok(Value::Null), "{name}");
            assert_eq!(joplin.editor().text().unwrap(), expected, "{name}");
        }
        check("replaceSelection", json!(["three"]), "one three");
        check("insertText", json!(["three"]), "one three");
        check("editor.setText", json!(["new"]), "new");
        check("textBold", json!([]), "one **two**");
        check("textItalic", json!([]), "one *two*");
        check("textCode", json!([]), "one `two`");
        check("editor.execCommand", json!([{ "name": "textBold" }]), "one **two**");
        check("editor.execCommand", json!([{ "name": "replaceSelection", "args": ["2"] }]), "one 2");
        check("editor.execCommand", json!(["undo"]), "one two");
    }

    #[test]
    fn marks_are_taken_away_again() {
        let joplin = Joplin::in_memory().unwrap();
        joplin.editor().set_text("**a**").unwrap();
        run(&joplin, "textSelectAll", json!([])).unwrap();
        assert_eq!(run(&joplin, "selectedText", json!([])), Ok(json!("**a**")));
        run(&joplin, "textBold", json!([])).unwrap();
        assert_eq!(joplin.editor().text().unwrap(), "a");
    }

    #[test]
    fn notes_are_opened_and_made() {
        let joplin = Joplin::in_memory().unwrap();
        let first = joplin.selection().note_id().unwrap();
        run(&joplin, "newTodo", json!(["to do"])).unwrap();
        let note = joplin.selection().selected_note().unwrap().unwrap();
        assert_eq!((note["body"].as_str(), note["is_todo"].as_i64()), (Some("to do"), Some(1)));
        run(&joplin, "openNote", json!([first])).unwrap();
        assert_eq!(joplin.selection().note_id(), Some(first));
        run(&joplin, "openItem", json!([format!(":/{}#part", note["id"].as_str().unwrap())])).unwrap();
        assert_eq!(joplin.selection().note_id().as_deref(), note["id"].as_str());
        assert_eq!(joplin.selected_note_hash(), "part");
        run(&joplin, "newNote", json!([])).unwrap();
        assert_eq!(joplin.selected_note_hash(), "");
    }

    #[test]
    fn refusals() {
        let joplin = Joplin::in_memory().unwrap();
        let check = |name: &str, arguments: Value, expected: &str| {
            assert_eq!(run(&joplin, name, arguments), Err(expected.to_string()), "{name}");
        };
        check("replaceSelection", json!([]), "expected a text as the first argument");
        check("editor.execCommand", json!([{ "name": "fly" }]), "editor command not found: fly");
        check("editor.execCommand", json!([{}]), "editor.execCommand: expected an object with a name");
        check("openNote", json!(["0123456789abcdef0123456789abcdef"]), "Not Found");
        check("openItem", json!(["file:///etc/passwd"]), "Unsupported link format: file:///etc/passwd");
        assert_eq!(joplin.journal(), []);
    }

    #[test]
    fn what_needs_a_window_is_in_the_journal() {
        let joplin = Joplin::in_memory().unwrap();
        run(&joplin, "editor.focus", json!([])).unwrap();
        run(&joplin, "editor.execCommand", json!([{ "name": "joinLines" }])).unwrap();
        run(&joplin, "openItem", json!(["https://example.org/"])).unwrap();
        let journal: Vec<(&str, String)> =
            joplin.journal().into_iter().map(|entry| (entry.what, entry.detail)).collect();
        let expected = [
            ("editor.focus", String::new()),
            ("editor.execCommand", "joinLines".into()),
            ("openItem", "https://example.org/".into()),
        ];
        assert_eq!(journal, expected);
    }
}

//! The application's settings that plugins may read, as data.
//!
//! Secrets (passwords of synchronisation targets, keys) are not in the table, so no plugin can ask for them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

/// What the application's settings are, where they are not as in a fresh Joplin.
#[derive(Debug, Clone, Default)]
pub struct AppSettings {
    /// Where the application keeps its files.
    pub directories: Directories,
    /// Values other than the default, by key. Keys that the table has not are passed over.
    pub values: BTreeMap<String, Value>,
}

/// Where the application keeps its files. Plugins see the paths; whether they can open anything there is not decided here.
#[derive(Debug, Clone, Default)]
pub struct Directories {
    /// Everything of the user's profile (`profileDir`).
    pub profile: PathBuf,
    /// Files for a short time (`tempDir`).
    pub temporary: PathBuf,
    /// Files attached to notes (`resourceDir`).
    pub resources: PathBuf,
    /// Files that can be made again (`cacheDir`).
    pub cache: PathBuf,
    /// One folder for each plugin's own files (`pluginDataDir`).
    pub plugin_data: PathBuf,
}

impl AppSettings {
    /// The value of a setting, if the table has it.
    pub fn value(&self, key: &str) -> Option<Value> {
        let (_, fresh) = TABLE.iter().find(|(name, _)| *name == key)?;
        Some(self.values.get(key).cloned().unwrap_or_else(|| self.fresh_value(fresh)))
    }

    /// The keys of all settings that plugins may read.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|(name, _)| *name)
    }

    fn fresh_value(&self, fresh: &Fresh) -> Value {
        let path = |path: &PathBuf| path.to_string_lossy().into_owned().into();
        match fresh {
            Fresh::Int(number) => (*number).into(),
            Fresh::Bool(flag) => (*flag).into(),
            Fresh::Text(text) => (*text).into(),
            Fresh::List(list) => json!(list),
            Fresh::NoObject => json!({}),
            Fresh::ProfileDir => path(&self.directories.profile),
            Fresh::TempDir => path(&self.directories.temporary),
            Fresh::ResourceDir => path(&self.directories.resources),
            Fresh::CacheDir => path(&self.directories.cache),
            Fresh::PluginDataDir => path(&self.directories.plugin_data),
        }
    }
}

use Fresh::{Bool, Int, List, NoObject, Text};

/// A setting's value in a fresh Joplin.
#[derive(Debug)]
enum Fresh {
    Int(i64),
    Bool(bool),
    Text(&'static str),
    List(&'static [&'static str]),
    NoObject,
    ProfileDir,
    TempDir,
    ResourceDir,
    CacheDir,
    PluginDataDir,
}

const TABLE: &[(&str, Fresh)] = &[
    // Directories and the like
    ("appId", Text("net.cozic.joplin-desktop")),
    ("appName", Text("joplin")),
    ("appType", Text("desktop")),
    ("cacheDir", Fresh::CacheDir),
    ("env", Text("prod")),
    ("pluginDataDir", Fresh::PluginDataDir),
    ("profileDir", Fresh::ProfileDir),
    ("resourceDir", Fresh::ResourceDir),
    ("resourceDirName", Text("resources")),
    ("rootProfileDir", Fresh::ProfileDir),
    ("tempDir", Fresh::TempDir),
    // Language and time
    ("dateFormat", Text("DD/MM/YYYY")),
    ("firstDayOfWeek", Int(1)),
    ("locale", Text("en_GB")),
    ("timeFormat", Text("HH:mm")),
    // Looks
    ("layoutButtonSequence", Int(1)),
    ("noteListRendererId", Text("compact")),
    ("notes.columns", List(&[])),
    ("noteVisiblePanes", List(&["editor", "viewer"])),
    ("preferredDarkTheme", Int(2)),
    ("preferredLightTheme", Int(1)),
    ("sidebarVisibility", Bool(true)),
    ("noteListVisibility", Bool(true)),
    ("showNoteCounts", Bool(true)),
    ("style.editor.contentMaxWidth", Int(0)),
    ("style.editor.fontFamily", Text("")),
    ("style.editor.fontSize", Int(15)),
    ("style.editor.monospaceFontFamily", Text("")),
    ("style.viewer.fontFamily", Text("")),
    ("style.viewer.fontSize", Int(16)),
    ("theme", Int(1)),
    ("themeAutoDetect", Bool(false)),
    ("ui.layout", NoObject),
    ("windowContentZoomFactor", Int(100)),
    // Notes and folders
    ("activeFolderId", Text("")),
    ("folders.sortOrder.field", Text("title")),
    ("folders.sortOrder.reverse", Bool(false)),
    ("notes.sortOrder.field", Text("user_updated_time")),
    ("notes.sortOrder.reverse", Bool(true)),
    ("showCompletedTodos", Bool(true)),
    ("trackLocation", Bool(true)),
    ("trash.autoDeletionEnabled", Bool(true)),
    ("trash.ttlDays", Int(90)),
    ("uncompletedTodosOnTop", Bool(true)),
    // Editing
    ("editor.autoMatchingBraces", Bool(true)),
    ("editor.codeView", Bool(true)),
    ("editor.keyboardMode", Text("")),
    ("editor.legacyMarkdown", Bool(false)),
    ("editor.spellcheckBeta", Bool(false)),
    ("newNoteFocus", Text("body")),
    ("newTodoFocus", Text("title")),
    ("spellChecker.enabled", Bool(true)),
    ("spellChecker.languages", List(&[])),
    // Rendering
    ("markdown.plugin.abbr", Bool(false)),
    ("markdown.plugin.audioPlayer", Bool(true)),
    ("markdown.plugin.deflist", Bool(false)),
    ("markdown.plugin.emoji", Bool(false)),
    ("markdown.plugin.fountain", Bool(false)),
    ("markdown.plugin.insert", Bool(false)),
    ("markdown.plugin.katex", Bool(true)),
    ("markdown.plugin.linkify", Bool(true)),
    ("markdown.plugin.mark", Bool(true)),
    ("markdown.plugin.mermaid", Bool(true)),
    ("markdown.plugin.multitable", Bool(false)),
    ("markdown.plugin.pdfViewer", Bool(true)),
    ("markdown.plugin.footnote", Bool(true)),
    ("markdown.plugin.softbreaks", Bool(false)),
    ("markdown.plugin.sub", Bool(false)),
    ("markdown.plugin.sup", Bool(false)),
    ("markdown.plugin.toc", Bool(true)),
    ("markdown.plugin.typographer", Bool(false)),
    ("markdown.plugin.videoPlayer", Bool(true)),
    // Synchronisation
    ("sync.interval", Int(300)),
    ("sync.resourceDownloadMode", Text("always")),
    ("sync.target", Int(0)),
    ("sync.wipeOutFailSafe", Bool(true)),
    // Service
    ("api.port", Text("")),
    ("clipperServer.autoStart", Bool(false)),
    ("revisionService.enabled", Bool(true)),
    ("revisionService.ttlDays", Int(90)),
    ("syncVersion", Int(3)),
];

//! The one handle to a Joplin without a window.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use plughold::{Api, PluginId, Registrations};

use crate::clipboard::Clipboard;
use crate::commands::RegisteredCommand;
use crate::content_scripts::ContentScripts;
use crate::events::Listeners;
use crate::installation::Installations;
use crate::journal::{Entry, Journal};
use crate::limits::MAX_COMMANDS_PER_PLUGIN;
use crate::profile::Profile;
use crate::store::data::DataError;
use crate::store::editor::Editor;
use crate::store::selection::Selection;
use crate::store::settings::{AppSettings, Declared, Settings};
use crate::store::{Store, StoreError};
use crate::turns::Turns;
use crate::views::Views;
use crate::{
    app_commands, clipboard, commands, content_scripts, data, events, lifecycle, settings, unsupported,
    views, welcome, workspace,
};

/// A Joplin without a window. Cloning it makes another handle to the same one.
///
/// Functions that are not `async` may wait for the disk: an application that has plugins' calls to serve on the same thread calls them
/// from another.
#[derive(Clone, Debug)]
pub struct Joplin {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    profile: Profile,
    store: Store,
    settings: Settings,
    selection: Selection,
    editor: Editor,
    /// The heading to which the selected note was opened; empty if it was opened as a whole.
    note_hash: Mutex<String>,
    installations: Installations,
    commands: Registrations<RegisteredCommand>,
    declared: Registrations<Declared, PluginId>,
    listeners: Listeners,
    content_scripts: ContentScripts,
    views: Views,
    clipboard: Clipboard,
    journal: Journal,
    turns: Turns,
}

impl Joplin {
    /// Opens the profile in this folder, and makes it if it is absent.
    ///
    /// A store without folders gets a folder "Notes" with a welcome note. The note that was changed last is selected, so that
    /// commands have something to act on.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the folder or the database in it cannot be made or used.
    pub fn open(profile: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = profile.as_ref();
        let profile =
            Profile::at(path).map_err(|source| OpenError::Folder { path: path.to_path_buf(), source })?;
        let store = Store::open(profile.database())?;
        Self::with(profile, store)
    }

    /// As [`Joplin::open`] of a new profile that lives as long as its handles: the notes in memory, plugins' files in a
    /// temporary folder.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the folder or the database cannot be made.
    pub fn in_memory() -> Result<Self, OpenError> {
        let profile = Profile::temporary()
            .map_err(|source| OpenError::Folder { path: std::env::temp_dir(), source })?;
        Self::with(profile, Store::in_memory()?)
    }

    fn with(profile: Profile, store: Store) -> Result<Self, OpenError> {
        let app = AppSettings { directories: profile.directories(), ..AppSettings::default() };
        let selection = Selection::new(store.clone());
        welcome::prepare(&store, &selection)?;
        let inner = Inner {
            settings: Settings::new(store.clone(), app),
            editor: Editor::new(store.clone(), selection.clone()),
            profile,
            store,
            selection,
            note_hash: Mutex::default(),
            installations: Installations::default(),
            commands: Registrations::at_most(MAX_COMMANDS_PER_PLUGIN),
            declared: Registrations::new(),
            listeners: Listeners::default(),
            content_scripts: ContentScripts::default(),
            views: Views::default(),
            clipboard: Clipboard::default(),
            journal: Journal::default(),
            turns: Turns::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The functions that plugins find below the global `joplin`, for [`Host::builder`](plughold::Host::builder).
    ///
    /// What a plugin's process registered through them is gone when the process ends; while a plugin is reloaded, the new
    /// process's takes the place of the old one's at once.
    pub fn api(&self) -> Api<Self> {
        let offers = [
            lifecycle::offer,
            data::offer,
            settings::offer,
            commands::offer,
            workspace::offer,
            events::offer,
            content_scripts::offer,
            views::offer,
            clipboard::offer,
            unsupported::offer,
        ];
        let api = Api::new(self.clone()).global("joplin");
        offers.into_iter().fold(api, |api, offer| offer(api))
    }

    /// The notes. Who changes them here tells plugins of it with [`Joplin::note_changed`].
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The text of the selected note. Who changes it here tells plugins of it with [`Joplin::note_changed`]; commands do.
    pub fn editor(&self) -> &Editor {
        &self.inner.editor
    }

    /// Which notes are selected. [`Joplin::select`] selects others.
    pub fn selection(&self) -> &Selection {
        &self.inner.selection
    }

    /// The values of the settings of the application and its plugins. [`Joplin::setting`] and [`Joplin::set_setting`] read
    /// and change those of a plugin.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Where everything is on disk.
    pub fn profile(&self) -> &Profile {
        &self.inner.profile
    }

    /// What a window would have shown or done, the oldest first.
    pub fn journal(&self) -> Vec<Entry> {
        self.inner.journal.entries()
    }

    /// The application's own commands, in the order of their names.
    pub fn app_commands() -> Vec<&'static str> {
        app_commands::names()
    }

    /// Writes to the journal.
    pub(crate) fn note(&self, plugin: Option<&PluginId>, what: &'static str, detail: &str) {
        self.inner.journal.note(plugin, what, detail);
    }

    pub(crate) fn note_hash(&self) -> &Mutex<String> {
        &self.inner.note_hash
    }

    pub(crate) fn turns(&self) -> &Turns {
        &self.inner.turns
    }

    pub(crate) fn installations(&self) -> &Installations {
        &self.inner.installations
    }

    pub(crate) fn registered_commands(&self) -> &Registrations<RegisteredCommand> {
        &self.inner.commands
    }

    pub(crate) fn declared(&self) -> &Registrations<Declared, PluginId> {
        &self.inner.declared
    }

    pub(crate) fn listeners(&self) -> &Listeners {
        &self.inner.listeners
    }

    pub(crate) fn registered_content_scripts(&self) -> &ContentScripts {
        &self.inner.content_scripts
    }

    pub(crate) fn views(&self) -> &Views {
        &self.inner.views
    }

    pub(crate) fn clipboard(&self) -> &Clipboard {
        &self.inner.clipboard
    }
}

/// Why a profile could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder cannot be made or found.
    #[error("could not open the profile {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The database cannot be opened or used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The first note cannot be made.
    #[error("could not prepare the first note")]
    Welcome(#[from] DataError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_for_all_threads() {
        fn check<T: Send + Sync + Clone>() {}
        check::<Joplin>();
    }

    #[test]
    fn a_profile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("profile");
        let joplin = Joplin::open(&path).unwrap();
        joplin.editor().set_text("kept").unwrap();
        drop(joplin);
        assert_eq!(Joplin::open(&path).unwrap().editor().text().unwrap(), "kept");
    }

    #[test]
    fn a_temporary_profile_goes_with_its_last_handle() {
        let joplin = Joplin::in_memory().unwrap();
        let root = joplin.profile().root().to_path_buf();
        let other = joplin.clone();
        drop(joplin);
        assert!(root.is_dir());
        drop(other);
        assert!(!root.exists());
    }

    #[test]
    fn a_file_is_no_profile() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(Joplin::open(file.path()), Err(OpenError::Folder { .. })));
    }
}

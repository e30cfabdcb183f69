//! Where everything is on disk.

use std::path::{Path, PathBuf};

use plughold::PluginId;
use tempfile::TempDir;

use crate::store::settings::Directories;

/// The folder of one user.
///
/// ```text
/// profile/
///   database.sqlite      notes, folders, tags, settings
///   resources/           files attached to notes
///   plugin-data/<id>/    what each plugin keeps for itself: `files`, and what the host stores for it
///   cache/               unpacked plugins, and whatever else can be made again
///   tmp/
/// ```
#[derive(Debug)]
pub struct Profile {
    root: PathBuf,
    /// Removes a folder that was made for a short time only.
    _temporary: Option<TempDir>,
}

impl Profile {
    pub(crate) fn at(root: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(root)?;
        // Plugins and their runners may have other ideas of what a relative path is relative to.
        Ok(Self { root: root.canonicalize()?, _temporary: None })
    }

    pub(crate) fn temporary() -> std::io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("plughold-joplin-").tempdir()?;
        Ok(Self { root: folder.path().canonicalize()?, _temporary: Some(folder) })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The database of notes.
    pub fn database(&self) -> PathBuf {
        self.root.join("database.sqlite")
    }

    /// Files attached to notes.
    pub fn resources(&self) -> PathBuf {
        self.root.join("resources")
    }

    /// What can be made again.
    pub fn cache(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// What all plugins keep for themselves: what a host is given by [`HostBuilder::data`](plughold::HostBuilder::data), so
    /// that plugins can use the folder that they are told.
    pub fn plugins_data(&self) -> PathBuf {
        self.root.join("plugin-data")
    }

    /// What a plugin keeps for itself. The folder exists once the plugin has asked for it.
    pub fn plugin_data(&self, plugin: &PluginId) -> PathBuf {
        // An id is safe as a file name, and `files` is what a host shows to its plugin.
        self.plugins_data().join(plugin.as_str()).join("files")
    }

    /// The folders as the application's settings name them.
    pub(crate) fn directories(&self) -> Directories {
        Directories {
            profile: self.root.clone(),
            temporary: self.root.join("tmp"),
            resources: self.resources(),
            cache: self.cache(),
            plugin_data: self.plugins_data(),
        }
    }
}

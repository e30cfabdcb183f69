//! Where plugins keep what is theirs: one folder for all of them, and in it one for each.
//!
//! In a plugin's folder is `files`, the data folder that it sees, and beside it what the host keeps for it, which it
//! cannot reach.

#[cfg(feature = "storage")]
use super::databases::Databases;
use super::files::{Files, Tree};
use super::settings::SettingsWatchers;
#[cfg(feature = "storage")]
use super::storage::{self, StorageError, Store};
use super::worker::Worker;
use crate::{Limits, PluginId};
use plughold_package::Package;
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::{fs, io};

/// The folder in a plugin's folder that it sees.
const FILES: &str = "files";

/// Where temporary files go in it.
const TEMPORARY: &str = "tmp";

/// The rooms of all plugins of a host.
#[derive(Default)]
pub(crate) struct Rooms {
    /// None when the application gives plugins no place for data.
    folder: Option<PathBuf>,
    limits: Limits,
    rooms: Mutex<BTreeMap<PluginId, Weak<Room>>>,
}

/// What one plugin has on the disk, through all its processes.
pub(crate) struct Room {
    folder: Option<(PathBuf, PathBuf)>,
    pub(super) limits: Limits,
    /// Whatever waits for the disk is done here, so nobody else waits for these locks.
    pub(super) worker: Worker,
    pub(crate) settings: SettingsWatchers,
    files: Mutex<Option<Files>>,
    #[cfg(feature = "storage")]
    store: Mutex<Option<Store>>,
    #[cfg(feature = "storage")]
    databases: Mutex<Databases>,
    #[cfg(feature = "storage")]
    pub(super) watchers: storage::Watchers,
}

/// What one process of a plugin has in its room. What it has open is closed when this is dropped.
pub(crate) struct Desk {
    pub(super) room: Arc<Room>,
    pub(super) generation: u32,
    pub(super) package: Arc<Package>,
    /// Something was done that waits for the disk.
    is_used: AtomicBool,
    /// What the package holds, once somebody wants to know.
    pub(super) tree: OnceLock<Tree>,
}

impl Rooms {
    /// In this folder, which is made when it is needed.
    pub(crate) fn new(folder: Option<PathBuf>, limits: &Limits) -> Rooms {
        Rooms { folder, limits: limits.clone(), rooms: Mutex::default() }
    }

    /// The room of a plugin.
    pub(crate) fn of(&self, plugin: &PluginId) -> Arc<Room> {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(room) = rooms.get(plugin).and_then(Weak::upgrade) {
            return room;
        }
        let folder = self.folder.as_ref().map(|all| (all.clone(), all.join(plugin.as_str())));
        let room = Arc::new(Room::new(folder, &self.limits));
        rooms.retain(|_, room| 0 < room.strong_count());
        rooms.insert(plugin.clone(), Arc::downgrade(&room));
        room
    }
}

impl Room {
    /// In a folder of all plugins and in that the own one.
    fn new(folder: Option<(PathBuf, PathBuf)>, limits: &Limits) -> Room {
        Room {
            folder,
            limits: limits.clone(),
            worker: Worker::default(),
            settings: SettingsWatchers::default(),
            files: Mutex::default(),
            #[cfg(feature = "storage")]
            store: Mutex::default(),
            #[cfg(feature = "storage")]
            databases: Mutex::default(),
            #[cfg(feature = "storage")]
            watchers: storage::Watchers::default(),
        }
    }

    /// What of its files is open; none until something was.
    pub(super) fn files(&self) -> MutexGuard<'_, Option<Files>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its store; none until something was done with it.
    #[cfg(feature = "storage")]
    pub(super) fn open_store(&self) -> MutexGuard<'_, Option<Store>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its open databases.
    #[cfg(feature = "storage")]
    pub(super) fn databases(&self) -> MutexGuard<'_, Databases> {
        self.databases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with its files, which are opened if that was not done before.
    ///
    /// # Errors
    /// Words for a person.
    #[cfg(feature = "storage")]
    pub(super) fn with_files<T>(
        &self,
        work: impl FnOnce(&mut Files) -> Result<T, String>,
    ) -> Result<T, String> {
        let mut files = self.files();
        let files = match &mut *files {
            Some(files) => files,
            files => files.insert(self.open_files().map_err(|errno| errno.to_string())?),
        };
        work(files)
    }

    /// The plugin's folder, which is made if it is missing. Waits for the disk.
    #[cfg(feature = "storage")]
    pub(super) fn own_folder(&self) -> Result<PathBuf, StorageError> {
        let (_, own) = self.folder.as_ref().ok_or(StorageError::NoFolder)?;
        make(own)?;
        Ok(own.clone())
    }

    /// Opens the data folder, which is made if it is missing. Waits for the disk.
    pub(super) fn open_files(&self) -> Result<Files, Errno> {
        let open = || -> io::Result<Files> {
            let Some((all, own)) = &self.folder else { return Ok(Files::open(None, 0)?) };
            let files = own.join(FILES);
            make(&files.join(TEMPORARY))?;
            // As the paths are that plugins reach: without links.
            let (all, files) = (fs::canonicalize(all)?, fs::canonicalize(files)?);
            Ok(Files::open(Some((&all, &files)), self.limits.files)?)
        };
        open().map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))
    }
}

impl Drop for Room {
    /// Closing a store waits for the disk, and whoever drops the room may not.
    fn drop(&mut self) {
        #[cfg(feature = "storage")]
        if let Some(store) = self.open_store().take() {
            // Without a thread it is closed right here.
            let _closed = self.worker.run(move || drop(store));
        }
    }
}

impl Desk {
    /// Of one process of a plugin, which has this package.
    pub(crate) fn new(room: Arc<Room>, generation: u32, package: Arc<Package>) -> Arc<Desk> {
        Arc::new(Desk { room, generation, package, is_used: AtomicBool::new(false), tree: OnceLock::new() })
    }

    /// Does something on the worker that may leave something open for this process.
    ///
    /// # Errors
    /// As [`Worker::ask`].
    pub(super) async fn ask<T: Send + 'static>(
        self: &Arc<Desk>,
        work: impl FnOnce(&Desk) -> T + Send + 'static,
    ) -> io::Result<T> {
        self.is_used.store(true, Ordering::Relaxed);
        let there = self.clone();
        self.room.worker.ask(move || work(&there)).await
    }

    /// The same for work that takes long: it is not begun when nobody waits for it any more, as when the process has ended.
    ///
    /// # Errors
    /// As [`Worker::ask`].
    #[cfg(feature = "storage")]
    pub(super) async fn ask_if_wanted<T: Send + 'static>(
        self: &Arc<Desk>,
        work: impl FnOnce(&Desk) -> T + Send + 'static,
    ) -> io::Result<T> {
        self.is_used.store(true, Ordering::Relaxed);
        let there = self.clone();
        self.room.worker.ask_if_wanted(move || work(&there)).await
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let (room, generation) = (self.room.clone(), self.generation);
        let close = move || {
            #[cfg(feature = "storage")]
            room.databases().close_all(generation);
            if let Some(files) = &mut *room.files() {
                files.close_all(generation);
            }
        };
        // Most plugins have never opened anything.
        if !self.is_used.load(Ordering::Relaxed) {
            return;
        }
        // Without a thread it stays open until the room is given up.
        let _closed = self.room.worker.run(close);
    }
}

/// Makes a folder and those above it that are missing, for its user alone.
fn make(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

//! The operating system's notices of changes.
//!
//! Each folder is watched by itself and not with all below it, so that what no package holds costs nothing: a
//! `node_modules` may have thousands of folders, and the system gives a user only so many.

use super::error::WatchError;
use super::inbox::Inbox;
use super::settle::Step;
use super::sieve::Root;
use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use plughold_package::content::is_left_out;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Folders that are watched. Real plugins have a few each; Linux gives a user some ten thousand, for all programs.
pub(crate) const FOLDERS: usize = 4_096;

/// Watches folders until it is dropped.
#[derive(Debug)]
pub(crate) struct Notices {
    watcher: RecommendedWatcher,
    /// Paths that the system watches for us, links as they are named.
    watched: BTreeSet<PathBuf>,
    at_most: usize,
}

impl Notices {
    /// Begins to listen; nothing is watched yet.
    pub(crate) fn start(
        roots: Arc<[Root]>,
        inbox: Arc<Inbox>,
        at_most: usize,
    ) -> Result<Notices, WatchError> {
        let ear = move |heard: notify::Result<Event>| match heard {
            Ok(event) => hear(&roots, &inbox, &event),
            Err(_) => inbox.put_everything(),
        };
        let watcher = notify::recommended_watcher(ear).map_err(|error| failure(error, Path::new(""), 0))?;
        Ok(Notices { watcher, watched: BTreeSet::new(), at_most })
    }

    /// Watches a root and the folder that it is in, so that its removal and its return are heard of. A root that is not
    /// there is no failure, as long as the folder above is.
    pub(crate) fn cover_root(&mut self, root: &Path) -> Result<(), WatchError> {
        if let Some(above) = root.parent() {
            self.watch(above)?;
        }
        if root.is_dir() { self.watch(root) } else { Ok(()) }
    }

    /// Watches everything of one entry of a root from now on: what is read after this is read as it is, or a change is
    /// heard of.
    pub(crate) fn cover(&mut self, place: &Path) -> Result<(), WatchError> {
        let is_link = fs::symlink_metadata(place).is_ok_and(|facts| facts.is_symlink());
        // A link may lead elsewhere now, and what it led to is still there.
        if is_link || !place.is_dir() {
            self.uncover(place);
        }
        if place.is_dir() {
            return self.cover_folders(place);
        }
        // A file is heard of by its folder, but what a link leads to is elsewhere.
        if is_link && place.exists() { self.watch(place) } else { Ok(()) }
    }

    fn cover_folders(&mut self, place: &Path) -> Result<(), WatchError> {
        let mut waiting = vec![place.to_owned()];
        let mut seen = BTreeSet::new();
        while let Some(folder) = waiting.pop() {
            // First watched, then read: what is made in between is found twice rather than not at all.
            self.watch(&folder)?;
            // One that is gone again was heard of.
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if is_folder && !is_left_out(&entry.file_name().to_string_lossy()) {
                    waiting.push(entry.path());
                }
            }
            seen.insert(folder);
        }
        // The system has forgotten those that are gone.
        self.watched.retain(|path| !path.starts_with(place) || seen.contains(path));
        Ok(())
    }

    fn uncover(&mut self, place: &Path) {
        let beneath: Vec<PathBuf> =
            self.watched.iter().filter(|path| path.starts_with(place)).cloned().collect();
        for path in beneath {
            // It may be gone, and with it the watch.
            let _ = self.watcher.unwatch(&path);
            self.watched.remove(&path);
        }
    }

    fn watch(&mut self, path: &Path) -> Result<(), WatchError> {
        if self.at_most <= self.watched.len() && !self.watched.contains(path) {
            return Err(WatchError::TooMany { most: self.at_most });
        }
        match self.watcher.watch(path, RecursiveMode::NonRecursive) {
            Ok(()) => {
                self.watched.insert(path.to_owned());
                Ok(())
            }
            Err(error) if is_gone(&error) => Ok(()),
            Err(error) => Err(failure(error, path, self.watched.len())),
        }
    }
}

/// Takes from an event what a watch has to know of it.
fn hear(roots: &[Root], inbox: &Inbox, event: &Event) {
    if event.need_rescan() {
        return inbox.put_everything();
    }
    let Some(step) = step_of(&event.kind) else { return };
    for path in &event.paths {
        for (number, root) in roots.iter().enumerate() {
            if let Some(name) = root.entry_of(path) {
                inbox.put(number, name, step);
            }
        }
    }
}

/// What an event tells of those to come; none for one that changes nothing, as our own reading.
fn step_of(kind: &EventKind) -> Option<Step> {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Some(Step::Done),
        EventKind::Access(_) => None,
        // Only Linux tells when a file is closed.
        EventKind::Modify(ModifyKind::Data(_)) if cfg!(target_os = "linux") => Some(Step::Writing),
        _ => Some(Step::Done),
    }
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(error) => error.kind() == io::ErrorKind::NotFound,
        _ => false,
    }
}

fn failure(error: notify::Error, path: &Path, watched: usize) -> WatchError {
    /// Too many open files, of this process or of the system: so many listeners are not given either.
    const NO_MORE: [i32; 2] = [24, 23];
    match error.kind {
        notify::ErrorKind::MaxFilesWatch => WatchError::Limit { watched },
        notify::ErrorKind::Io(error) if error.raw_os_error().is_some_and(|code| NO_MORE.contains(&code)) => {
            WatchError::Limit { watched }
        }
        notify::ErrorKind::Io(error) if !path.as_os_str().is_empty() => {
            WatchError::Folder { path: path.to_owned(), reason: error.to_string() }
        }
        kind => WatchError::System { reason: notify::Error::new(kind).to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{CreateKind, DataChange, Flag, MetadataKind, RemoveKind, RenameMode};

    #[test]
    fn what_events_tell() {
        let check = |kind: EventKind, expected| assert_eq!(step_of(&kind), expected, "{kind:?}");
        check(EventKind::Create(CreateKind::File), Some(Step::Done));
        check(EventKind::Modify(ModifyKind::Data(DataChange::Any)), Some(Step::Writing));
        check(EventKind::Access(AccessKind::Close(AccessMode::Write)), Some(Step::Done));
        check(EventKind::Modify(ModifyKind::Name(RenameMode::To)), Some(Step::Done));
        check(EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)), Some(Step::Done));
        check(EventKind::Remove(RemoveKind::Folder), Some(Step::Done));
        check(EventKind::Access(AccessKind::Open(AccessMode::Any)), None);
        check(EventKind::Access(AccessKind::Close(AccessMode::Read)), None);
    }

    #[test]
    fn lost_events_are_everything() {
        let inbox = Inbox::default();
        hear(&[], &inbox, &Event::new(EventKind::Other).set_flag(Flag::Rescan));
        assert!(inbox.take().everything);
    }

    #[test]
    fn the_systems_limits_have_an_error_of_their_own() {
        let of = |kind| failure(notify::Error::new(kind), Path::new("/p"), 7);
        let limit = WatchError::Limit { watched: 7 };
        assert_eq!(of(notify::ErrorKind::MaxFilesWatch), limit);
        assert_eq!(of(notify::ErrorKind::Io(io::Error::from_raw_os_error(24))), limit);
        let denied = of(notify::ErrorKind::Io(io::ErrorKind::PermissionDenied.into()));
        assert_eq!(denied.to_string(), "cannot watch /p: permission denied");
    }

    #[test]
    fn noise_is_not_watched_and_the_rest_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("plugins");
        for inner in ["a/lib/deep", "a/node_modules/x/y", "a/.git/objects"] {
            fs::create_dir_all(root.join(inner)).unwrap();
        }
        let start = |at_most| Notices::start([].into(), Arc::default(), at_most).unwrap();
        let mut notices = start(FOLDERS);
        notices.cover_root(&root).unwrap();
        notices.cover(&root.join("a")).unwrap();
        let watched = |notices: &Notices| -> Vec<String> {
            let beneath = notices.watched.iter().filter_map(|path| path.strip_prefix(&root).ok());
            beneath.map(|path| path.display().to_string()).collect()
        };
        assert_eq!(watched(&notices), ["", "a", "a/lib", "a/lib/deep"]);
        fs::remove_dir_all(root.join("a/lib")).unwrap();
        notices.cover(&root.join("a")).unwrap();
        assert_eq!(watched(&notices), ["", "a"]);
        fs::remove_dir_all(root.join("a")).unwrap();
        notices.cover(&root.join("a")).unwrap();
        assert_eq!(watched(&notices), [""]);

        fs::create_dir_all(root.join("a/b")).unwrap();
        let mut notices = start(3);
        notices.cover_root(&root).unwrap();
        assert_eq!(notices.cover(&root.join("a")), Err(WatchError::TooMany { most: 3 }));
    }
}

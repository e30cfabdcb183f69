//! All plugins of an application, in order of discovery.
//!
//! A plugin is a folder with a beacon in a `node_modules`, or one level below it in a scope (`@name`). Each folder is
//! followed by those in its own `node_modules`, also if it is no plugin itself. Names are compared byte by byte. Links are
//! followed, and nothing is searched twice: two links that lead to where they stand make more paths than anybody can visit.

use crate::hitchy::beacon::{self, BEACON, Beacon};
use crate::limits;
use crate::problem::file_name;
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder in which packages are installed.
const MODULES: &str = "node_modules";

/// A folder with a beacon.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Found {
    /// The base name of the folder, without its scope: the plugin's name.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// What its beacon says; none if it cannot be understood, and the plugin is dropped then.
    pub beacon: Option<Beacon>,
}

/// Where plugins are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Places {
    /// The folder whose `node_modules` are searched; none if there is nothing to be searched.
    pub root: Option<PathBuf>,
    /// Folders that are looked at before, in this order; their own `node_modules` are not searched.
    pub explicit: Vec<PathBuf>,
}

impl Places {
    /// The `node_modules` of one folder.
    pub fn of(root: impl Into<PathBuf>) -> Self {
        Self { root: Some(root.into()), explicit: Vec::new() }
    }
}

/// Finds every plugin in these places. No folder comes twice.
///
/// # Errors
///
/// A folder that cannot be read, or more than [`limits::HITCHY_ENTRIES`] entries in all. A missing `node_modules` is none.
pub fn search(places: &Places) -> io::Result<Vec<Found>> {
    let mut search = Search::default();
    for folder in &places.explicit {
        search.visit(folder)?;
    }
    if let Some(root) = &places.root {
        search.modules(&root.join(MODULES), 0)?;
    }
    Ok(search.found)
}

#[derive(Default)]
struct Search {
    found: Vec<Found>,
    /// Plugins that were noted, by their real path.
    seen: HashSet<PathBuf>,
    /// Each `node_modules` that was searched or is being searched, by its real path.
    searched: HashSet<PathBuf>,
    entries: usize,
}

impl Search {
    fn modules(&mut self, modules: &Path, depth: usize) -> io::Result<()> {
        if limits::HITCHY_DEPTH <= depth {
            return Err(io::Error::other(format!("folders are nested deeper than {}", limits::HITCHY_DEPTH)));
        }
        let is_new = match modules.canonicalize() {
            Ok(real) => self.searched.insert(real),
            Err(error) if is_absent(&error) => false,
            Err(error) => return Err(error),
        };
        if !is_new {
            return Ok(());
        }
        for folder in self.folders(modules)? {
            if !file_name(&folder).starts_with('@') {
                self.package(&folder, depth)?;
                continue;
            }
            for scoped in self.folders(&folder)? {
                if !file_name(&scoped).starts_with('@') {
                    self.package(&scoped, depth)?;
                }
            }
        }
        Ok(())
    }

    fn package(&mut self, folder: &Path, depth: usize) -> io::Result<()> {
        self.visit(folder)?;
        self.modules(&folder.join(MODULES), depth + 1)
    }

    /// Notes a folder if it has a beacon, and was not noted before.
    fn visit(&mut self, folder: &Path) -> io::Result<()> {
        let beacon = folder.join(BEACON);
        let is_file = fs::metadata(&beacon).is_ok_and(|metadata| metadata.is_file());
        if !is_file || !self.seen.insert(folder.canonicalize()?) {
            return Ok(());
        }
        let name = file_name(folder);
        let is_small = fs::metadata(&beacon)?.len() <= limits::MANIFEST;
        let text = if is_small { fs::read(&beacon)? } else { b"null".to_vec() };
        let beacon = beacon::read(&String::from_utf8_lossy(&text), &name);
        self.found.push(Found { name, folder: folder.to_owned(), beacon });
        Ok(())
    }

    /// The folders in a folder that may be packages, in order; none if it is not there.
    fn folders(&mut self, parent: &Path) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(parent) {
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut folders = Vec::new();
        for entry in entries {
            self.entries += 1;
            if limits::HITCHY_ENTRIES < self.entries {
                let most = limits::HITCHY_ENTRIES;
                return Err(io::Error::other(format!("there are more than {most} entries in its {MODULES}")));
            }
            let path = entry?.path();
            if !file_name(&path).starts_with('.') && path.is_dir() {
                folders.push(path);
            }
        }
        folders.sort_by(|one, other| {
            one.as_os_str().as_encoded_bytes().cmp(other.as_os_str().as_encoded_bytes())
        });
        Ok(folders)
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::testing::Folder;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_that_lead_to_where_they_stand_are_followed_once() {
        let folder =
            Folder::new(&[("node_modules/b/hitchy.json", "{}"), ("node_modules/@s/c/hitchy.json", "{}")]);
        for (name, to) in
            [("a", "."), ("node_modules", "."), ("@s/d", ".."), ("b/node_modules", ".."), ("z", "../..")]
        {
            symlink(to, folder.path().join("node_modules").join(name)).unwrap();
        }
        let mut search = Search::default();
        search.modules(&folder.path().join(MODULES), 0).unwrap();
        let names: Vec<_> = search.found.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names, ["c", "b"]);
        assert!(search.entries < 50, "{} entries were read", search.entries);
    }
}

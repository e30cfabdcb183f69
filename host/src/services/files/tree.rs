//! A package as a tree of files and folders that can be read, whatever it is packed in.

use plughold_package::{Package, ReadError};
use rustix::io::Errno;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// What a package holds, by name.
#[derive(Debug)]
pub(in crate::services) struct Tree {
    package: Arc<Package>,
    files: BTreeSet<String>,
    /// What is in each folder; true is a folder. The root is the empty name.
    folders: BTreeMap<String, BTreeMap<String, bool>>,
}

/// What is at a name in a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    File,
    Folder,
}

impl Tree {
    /// Looks through a package; one that cannot be looked through is empty.
    pub(super) fn of(package: &Arc<Package>) -> Tree {
        let mut folders = BTreeMap::from([(String::new(), BTreeMap::new())]);
        let files = BTreeSet::from_iter(package.files().unwrap_or_default());
        for file in &files {
            let (mut name, mut is_folder) = (file.as_str(), false);
            loop {
                let (folder, last) = name.rsplit_once('/').unwrap_or(("", name));
                let entries: &mut BTreeMap<String, bool> = folders.entry(folder.to_owned()).or_default();
                let is_known = entries.insert(last.to_owned(), is_folder).is_some();
                if is_known || folder.is_empty() {
                    break;
                }
                (name, is_folder) = (folder, true);
            }
        }
        Tree { package: package.clone(), files, folders }
    }

    /// The package's folder on the machine, if it is one.
    pub(super) fn root(&self) -> Option<&Path> {
        self.package.root_dir()
    }

    /// What is at a name.
    pub(super) fn node(&self, name: &str) -> Option<Node> {
        if self.folders.contains_key(name) {
            return Some(Node::Folder);
        }
        self.files.contains(name).then_some(Node::File)
    }

    /// Whether a path that is not there is meant to be one of the package: it is directly in its root, or what it begins
    /// with is there.
    pub(super) fn claims(&self, name: &str) -> bool {
        match name.split_once('/') {
            Some((first, _)) => self.node(first).is_some(),
            None => true,
        }
    }

    /// What is in a folder, in order; true is a folder.
    pub(super) fn list(&self, name: &str) -> Result<Vec<(String, bool)>, Errno> {
        let folder = self.folders.get(name).ok_or_else(|| self.no_folder(name))?;
        Ok(folder.iter().map(|(name, is_folder)| (name.clone(), *is_folder)).collect())
    }

    fn no_folder(&self, name: &str) -> Errno {
        if self.files.contains(name) { Errno::NOTDIR } else { Errno::NOENT }
    }

    /// What is in a file. Waits for the disk.
    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>, Errno> {
        match self.node(name) {
            Some(Node::File) => {}
            Some(Node::Folder) => return Err(Errno::ISDIR),
            None => return Err(self.missing(name)),
        }
        self.package.read(name).map_err(|error| match error {
            ReadError::Absent(_) => Errno::NOENT,
            _ => Errno::IO,
        })
    }

    /// Bytes of a file. Waits for the disk.
    pub(super) fn length(&self, name: &str) -> Result<u64, Errno> {
        let on_disk = self.package.root_dir().and_then(|root| std::fs::metadata(root.join(name)).ok());
        match on_disk {
            Some(metadata) if metadata.is_file() => Ok(metadata.len()),
            _ => self.read(name).map(|bytes| bytes.len() as u64),
        }
    }

    /// Why nothing is at a name.
    pub(super) fn missing(&self, name: &str) -> Errno {
        let above = name
            .match_indices('/')
            .any(|(at, _)| name.get(..at).is_some_and(|above| self.files.contains(above)));
        if above { Errno::NOTDIR } else { Errno::NOENT }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_a_tree() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("plughold.json", r#"{ "id": "a", "name": "A", "version": "1.0.0" }"#);
        write("main.js", "");
        write("lib/words/en.txt", "word");
        let tree = Tree::of(&Arc::new(Package::open(folder.path()).unwrap()));
        let names = |name: &str| {
            let list = tree.list(name).unwrap().into_iter();
            list.map(|(name, is_folder)| if is_folder { name + "/" } else { name }).collect::<Vec<_>>()
        };
        assert_eq!(names(""), ["lib/", "main.js", "plughold.json"]);
        assert_eq!(names("lib"), ["words/"]);
        assert_eq!(names("lib/words"), ["en.txt"]);
        assert_eq!(tree.node("lib"), Some(Node::Folder));
        assert_eq!(tree.node("lib/words/en.txt"), Some(Node::File));
        assert_eq!(tree.node("li"), None);
        assert_eq!(tree.list("main.js"), Err(Errno::NOTDIR));
        assert_eq!(tree.list("none"), Err(Errno::NOENT));
        assert_eq!(tree.read("lib/words/en.txt"), Ok(b"word".to_vec()));
        assert_eq!(tree.length("lib/words/en.txt"), Ok(4));
        assert_eq!(tree.read("lib"), Err(Errno::ISDIR));
        assert_eq!(tree.read("main.js/a"), Err(Errno::NOTDIR));
        for (name, expected) in
            [("config.json", true), ("lib/none", true), ("etc/passwd", false), ("home/me", false)]
        {
            assert_eq!(tree.claims(name), expected, "{name}");
        }
    }
}

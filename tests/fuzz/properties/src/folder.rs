//! A folder for one input, in memory where the machine has such a file system.

use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A file system that no disk is written for.
const IN_MEMORY: &str = "/dev/shm";

pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir_in(IN_MEMORY).or_else(|_| tempfile::tempdir()).expect("a temporary folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, with the folders above it. The name is ours.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
}

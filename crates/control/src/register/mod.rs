//! The hosts that run, and the folder in which they say so.
//!
//! Each host writes one file about itself, which names its process and when that was started: so a file whose process is
//! gone, or whose number belongs to another one now, is known as stale, and whoever looks removes it.

mod entry;
mod folder;
mod process;
mod registered;

pub use entry::Entry;
pub(crate) use folder::check;
pub use folder::{Folder, FolderError};
pub use registered::{RegisterError, Registered};

use std::path::PathBuf;

/// Where hosts are looked for.
#[derive(Clone, Debug)]
pub struct Register {
    folders: Vec<PathBuf>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Listing {
    /// The hosts that run, in the order of their processes.
    pub hosts: Vec<Entry>,
    /// What was left aside: folders and files that are not as they should be.
    pub problems: Vec<FolderError>,
}

impl Register {
    /// The folders in which hosts of this user register: the one in `$XDG_RUNTIME_DIR`, and the one in `/tmp` of hosts that
    /// were started without it.
    pub fn of_this_user() -> Register {
        Register { folders: folder::candidates() }
    }

    /// Only this folder.
    pub fn at(folder: impl Into<PathBuf>) -> Register {
        Register { folders: vec![folder.into()] }
    }

    /// The hosts that run. Removes what those that are gone have left behind.
    pub fn look(&self) -> Listing {
        let mut listing = Listing::default();
        for path in &self.folders {
            match Folder::existing(path) {
                Ok(Some(folder)) => folder.look(&mut listing),
                Ok(None) => {}
                Err(error) => listing.problems.push(error),
            }
        }
        listing.hosts.sort_by_key(|entry| entry.pid);
        listing
    }
}

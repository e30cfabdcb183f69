//! A folder that is open, and what is beneath it: nothing that is reached through it is anywhere else, whatever others do
//! with the files meanwhile.
//!
//! Linux resolves a path beneath a descriptor by itself (`openat2`). Where it cannot, the path is walked part by part, each
//! opened beneath the descriptor of the one before, without following links.

use rustix::fs::{self, AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

/// Bytes of a path beneath a folder: what systems take in one call.
pub(super) const PATH: usize = 4_095;

/// Files and folders that are looked at for one call.
pub(super) const WALKED: usize = 100_000;

/// How often a path is resolved anew when something was moved meanwhile.
const TRIES: usize = 16;

/// What `openat2` is told: nothing leads out, neither up nor through a link of any kind.
const BENEATH: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS).union(ResolveFlags::NO_SYMLINKS);

/// A folder that is open.
#[derive(Debug)]
pub(super) struct Root {
    folder: OwnedFd,
    /// Whether the system resolves paths by itself.
    resolves: bool,
}

/// Something that was found in a folder.
#[derive(Debug)]
pub(super) struct Found {
    /// Beneath the root.
    pub(super) path: PathBuf,
    pub(super) stat: Stat,
}

impl Root {
    /// Opens a folder. The path to it is its owner's, and may lead through links.
    pub(super) fn open(path: &Path) -> Result<Root, Errno> {
        let folder = fs::open(path, folder_flags(), Mode::empty())?;
        let probed = fs::openat2(&folder, ".", folder_flags(), Mode::empty(), BENEATH);
        Ok(Root { folder, resolves: probed.is_ok() })
    }

    /// The same for systems that do not resolve paths by themselves.
    #[cfg(test)]
    pub(super) fn walking(path: &Path) -> Result<Root, Errno> {
        Ok(Root { resolves: false, ..Root::open(path)? })
    }

    /// Opens what is at a path beneath it; an empty path is the folder itself. A file that is made is its user's alone.
    pub(super) fn open_beneath(&self, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
        let path = checked(path)?;
        // A pipe or a device would keep whoever opens it waiting. Where nothing is opened, the system wants no such flags.
        let patient = OFlags::NONBLOCK | OFlags::NOCTTY;
        let flags = if flags.contains(OFlags::PATH) { flags } else { flags | patient } | OFlags::CLOEXEC;
        let mode = if flags.contains(OFlags::CREATE) { Mode::RUSR | Mode::WUSR } else { Mode::empty() };
        if !self.resolves {
            return self.walk_to(path, flags, mode);
        }
        for _ in 0..TRIES {
            match fs::openat2(&self.folder, path, flags, mode, BENEATH) {
                Err(Errno::AGAIN | Errno::INTR) => {}
                opened => return opened,
            }
        }
        Err(Errno::AGAIN)
    }

    fn walk_to(&self, path: &Path, flags: OFlags, mode: Mode) -> Result<OwnedFd, Errno> {
        let mut folder = fs::openat(&self.folder, ".", folder_flags(), Mode::empty())?;
        let mut parts = path.iter().peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return fs::openat(&folder, part, flags | OFlags::NOFOLLOW, mode);
            }
            folder = fs::openat(&folder, part, folder_flags(), Mode::empty())?;
        }
        fs::openat(&folder, ".", flags, mode)
    }

    /// The folder that something is in, and its name there.
    pub(super) fn parent<'p>(&self, path: &'p Path) -> Result<(OwnedFd, &'p OsStr), Errno> {
        let name = path.file_name().ok_or(Errno::BUSY)?;
        let parent = path.parent().unwrap_or(Path::new(""));
        Ok((self.open_beneath(parent, folder_flags())?, name))
    }

    /// What is at a path; of a link the link itself.
    pub(super) fn stat(&self, path: &Path) -> Result<Stat, Errno> {
        fs::fstat(self.open_beneath(path, OFlags::PATH | OFlags::NOFOLLOW)?)
    }

    /// What is in a folder, in the order of the names.
    pub(super) fn list(&self, path: &Path) -> Result<Vec<Found>, Errno> {
        let folder = self.open_beneath(path, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let mut list = Vec::new();
        for entry in Dir::read_from(&folder)? {
            let name = OsString::from_vec(entry?.file_name().to_bytes().to_vec());
            if name == "." || name == ".." {
                continue;
            }
            if WALKED <= list.len() {
                return Err(Errno::FBIG);
            }
            match fs::statat(folder.as_fd(), &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => list.push(Found { path: path.join(name), stat }),
                // It went away meanwhile.
                Err(Errno::NOENT) => {}
                Err(error) => return Err(error),
            }
        }
        list.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(list)
    }

    /// What is in a folder and all folders in it, each folder before what is in it.
    pub(super) fn walk(&self, path: &Path) -> Result<Vec<Found>, Errno> {
        let mut walked = Vec::new();
        let mut folders = vec![path.to_owned()];
        while let Some(folder) = folders.pop() {
            for found in self.list(&folder)? {
                if WALKED <= walked.len() {
                    return Err(Errno::FBIG);
                }
                if kind_of(&found.stat) == FileType::Directory {
                    folders.push(found.path.clone());
                }
                walked.push(found);
            }
        }
        Ok(walked)
    }

    /// Makes a folder that is its user's alone.
    pub(super) fn make_folder(&self, path: &Path) -> Result<(), Errno> {
        let (parent, name) = match self.parent(path) {
            // The root is there.
            Err(Errno::BUSY) => return Err(Errno::EXIST),
            parent => parent?,
        };
        fs::mkdirat(&parent, name, Mode::RWXU)
    }

    /// Removes a file or link, or an empty folder.
    pub(super) fn remove(&self, path: &Path, is_folder: bool) -> Result<(), Errno> {
        let (parent, name) = self.parent(path)?;
        fs::unlinkat(&parent, name, if is_folder { AtFlags::REMOVEDIR } else { AtFlags::empty() })
    }

    /// Moves something to beneath another root, or the same.
    pub(super) fn rename(&self, from: &Path, to_root: &Root, to: &Path) -> Result<(), Errno> {
        let (from_parent, from_name) = self.parent(from)?;
        let (to_parent, to_name) = to_root.parent(to)?;
        fs::renameat(&from_parent, from_name, &to_parent, to_name)
    }
}

/// What kind of thing it is.
pub(super) fn kind_of(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

/// An error of the system as the standard library has it.
pub(super) fn errno_of(error: &io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(Errno::IO)
}

fn folder_flags() -> OFlags {
    OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
}

/// A path of plain parts that leads down; an empty one is the folder itself.
fn checked(path: &Path) -> Result<&Path, Errno> {
    if path.as_os_str().is_empty() {
        return Ok(Path::new("."));
    }
    if PATH < path.as_os_str().len() {
        return Err(Errno::NAMETOOLONG);
    }
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    let has_nul = path.as_os_str().as_bytes().contains(&0);
    if is_plain && !has_nul { Ok(path) } else { Err(Errno::XDEV) }
}

#[cfg(test)]
mod tests;

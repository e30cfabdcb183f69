//! Folders: making, listing, and removing them and what is in them.

use super::bench::{Bench, Spot, Stop, Use};
use super::beneath::kind_of;
use super::failure::Failure;
use super::place::{DATA, Place, seen};
use super::quota::ENTRY;
use super::reply::{Kind, Reply};
use rustix::fs::FileType;
use rustix::io::Errno;
use std::path::Path;

/// How often another name is tried for a folder of its own.
const NAMES: usize = 100;

/// The letters that such a name ends with.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

impl Bench<'_> {
    /// Makes a folder.
    pub(super) fn make_folder(&mut self, written: &str) -> Result<Reply, Stop> {
        let spot = match self.spot(written, Use::Write, "mkdir") {
            // What is in the package is there.
            Err(Stop::Failed(failure)) if failure.errno == Errno::ROFS && self.is_in_package(written) => {
                return Err(Failure::at(Errno::EXIST, "mkdir", written).into());
            }
            spot => spot?,
        };
        self.make_at(&spot).map_err(|errno| Failure::at(errno, "mkdir", written))?;
        Ok(Reply::NOTHING)
    }

    /// Makes a folder and those that it is in, where they are missing; gives the first that was made.
    pub(super) fn make_folders(&mut self, written: &str) -> Result<Reply, Stop> {
        let fail = |errno| Stop::Failed(Failure::at(errno, "mkdir", written));
        if self.is_in_package(written) {
            let Ok(Place::Other(name)) = Place::of(written) else { return Ok(Reply::NOTHING) };
            return if self.tree.list(&name).is_ok() { Ok(Reply::NOTHING) } else { Err(fail(Errno::EXIST)) };
        }
        let spot = self.spot(written, Use::Write, "mkdir")?;
        let path = self.writable(&spot).map_err(fail)?.1.to_owned();
        let mut made = None;
        for folder in
            Vec::from_iter(path.ancestors().skip_while(|path| path.as_os_str().is_empty())).into_iter().rev()
        {
            if folder.as_os_str().is_empty() {
                continue;
            }
            let (at, shown) = match &spot {
                Spot::Data(_) => (Spot::Data(folder.to_owned()), seen(folder)),
                // Each that is missing must be allowed as well.
                _ => (Spot::Machine(folder.to_owned()), format!("/{}", folder.display())),
            };
            match self.present(&at).map_err(fail)? {
                Some(stat) if kind_of(&stat) == FileType::Directory => {}
                Some(_) if folder == path => return Err(fail(Errno::EXIST)),
                Some(_) => return Err(fail(Errno::NOTDIR)),
                None => {
                    let at = self.spot(&shown, Use::Write, "mkdir")?;
                    self.make_at(&at).map_err(fail)?;
                    made.get_or_insert(shown);
                }
            }
        }
        Ok(made.map_or(Reply::NOTHING, Reply::Text))
    }

    fn make_at(&mut self, spot: &Spot) -> Result<(), Errno> {
        if self.present(spot)?.is_some() {
            return Err(Errno::EXIST);
        }
        self.check_room(spot, ENTRY)?;
        let (root, path) = self.writable(spot)?;
        root.make_folder(path)?;
        self.count(spot, 0, ENTRY);
        Ok(())
    }

    fn is_in_package(&self, written: &str) -> bool {
        matches!(Place::of(written), Ok(Place::Other(name)) if self.tree.node(&name).is_some())
    }

    /// Makes a folder whose name begins so and that nobody else has; gives its path.
    pub(super) fn make_own_folder(&mut self, prefix: &str) -> Result<Reply, Stop> {
        for _ in 0..NAMES {
            let mut random = [0; 6];
            let filled = rustix::rand::getrandom(&mut random, rustix::rand::GetRandomFlags::empty());
            filled.map_err(|errno| Failure::at(errno, "mkdtemp", prefix))?;
            let letters = random.iter().filter_map(|byte| LETTERS.get(usize::from(*byte) % LETTERS.len()));
            let path = prefix.chars().chain(letters.map(|letter| char::from(*letter))).collect::<String>();
            let spot = self.spot(&path, Use::Write, "mkdtemp")?;
            match self.make_at(&spot) {
                Ok(()) => return Ok(Reply::Text(path)),
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(Failure::at(errno, "mkdtemp", prefix).into()),
            }
        }
        Err(Failure::at(Errno::EXIST, "mkdtemp", prefix).into())
    }

    /// What is in a folder.
    pub(super) fn list(&mut self, written: &str) -> Result<Reply, Stop> {
        let fail = |errno| Stop::Failed(Failure::at(errno, "scandir", written));
        let spot = self.spot(written, Use::Read, "scandir")?;
        if let Spot::Package(name) = &spot {
            let list = self.tree.list(name).map_err(fail)?.into_iter();
            let kind = |is_folder| if is_folder { Kind::Folder } else { Kind::File };
            let mut list = Vec::from_iter(list.map(|(name, is_folder)| (name, kind(is_folder))));
            if name.is_empty() && self.files.data.is_some() {
                list.push((DATA.trim_start_matches('/').to_owned(), Kind::Folder));
            }
            return Ok(Reply::Entries(list));
        }
        let (root, path) = self.writable(&spot).map_err(fail)?;
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let list = root.list(path).map_err(fail)?;
        Ok(Reply::Entries(list.iter().map(|found| (name(&found.path), Kind::from(&found.stat))).collect()))
    }

    /// Removes a file or link.
    pub(super) fn unlink(&mut self, written: &str) -> Result<Reply, Stop> {
        let spot = self.spot(written, Use::Write, "unlink")?;
        self.remove_at(&spot, false).map_err(|errno| Failure::at(errno, "unlink", written))?;
        Ok(Reply::NOTHING)
    }

    /// Removes an empty folder.
    pub(super) fn remove_folder(&mut self, written: &str) -> Result<Reply, Stop> {
        let spot = self.spot(written, Use::Write, "rmdir")?;
        self.remove_at(&spot, true).map_err(|errno| Failure::at(errno, "rmdir", written))?;
        Ok(Reply::NOTHING)
    }

    /// Removes a file, or a folder with all that is in it. With `force` it is good when nothing is there.
    pub(super) fn remove(&mut self, written: &str, recursive: bool, force: bool) -> Result<Reply, Stop> {
        let fail = |errno| Stop::Failed(Failure::at(errno, "rm", written));
        let spot = match self.spot(written, Use::Write, "rm") {
            // A package cannot be changed, and what it does not have need not be removed.
            Err(Stop::Failed(failure))
                if force && failure.errno == Errno::ROFS && !self.is_in_package(written) =>
            {
                return Ok(Reply::NOTHING);
            }
            spot => spot?,
        };
        let stat = match self.present(&spot) {
            Ok(None) | Err(Errno::NOTDIR) if force => return Ok(Reply::NOTHING),
            Ok(None) => return Err(fail(Errno::NOENT)),
            present => present.map_err(fail)?,
        };
        let is_folder = stat.is_some_and(|stat| kind_of(&stat) == FileType::Directory);
        if is_folder && !recursive {
            return Err(fail(Errno::ISDIR));
        }
        if is_folder {
            self.remove_all(&spot, written)?;
        }
        self.remove_at(&spot, is_folder).map_err(fail)?;
        Ok(Reply::NOTHING)
    }

    fn remove_all(&mut self, spot: &Spot, written: &str) -> Result<(), Stop> {
        let fail = |errno| Stop::Failed(Failure::at(errno, "rm", written));
        let Spot::Data(path) = spot else {
            let why =
                "of folders of the machine each part is removed by its name, so that each can be allowed";
            return Err(Stop::Explained(Failure::at(Errno::PERM, "rm", written), why));
        };
        if path.as_os_str().is_empty() {
            return Err(fail(Errno::BUSY));
        }
        let (root, path) = self.writable(spot).map_err(fail)?;
        // A folder stands before what is in it.
        for found in root.walk(path).map_err(fail)?.into_iter().rev() {
            let is_folder = kind_of(&found.stat) == FileType::Directory;
            self.remove_at(&Spot::Data(found.path), is_folder).map_err(fail)?;
        }
        Ok(())
    }

    fn remove_at(&mut self, spot: &Spot, is_folder: bool) -> Result<(), Errno> {
        let stat = self.present(spot)?.ok_or(Errno::NOENT)?;
        let (root, path) = self.writable(spot)?;
        root.remove(path, is_folder)?;
        self.count_removed(spot, &stat);
        Ok(())
    }
}

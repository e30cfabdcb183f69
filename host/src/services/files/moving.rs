//! Moving and copying.

use super::bench::{Bench, Spot, Stop, Use};
use super::beneath::{PATH, kind_of};
use super::failure::Failure;
use super::handles::Body;
use super::open::{How, read_at};
use super::reply::Reply;
use rustix::fs::{FileType, Stat, fstat};
use rustix::io::Errno;
use std::path::Path;

/// Bytes that are copied at a time.
const PIECE: u64 = 1 << 20;

impl Bench<'_> {
    /// Moves a file or folder, in place of what is there.
    pub(super) fn rename(&mut self, from: &str, to: &str) -> Result<Reply, Stop> {
        let from_spot = self.spot(from, Use::Write, "rename")?;
        let to_spot = self.spot(to, Use::Write, "rename")?;
        let moved = self.rename_at(&from_spot, &to_spot);
        moved.map_err(|errno| Failure::at(errno, "rename", from).to(to))?;
        Ok(Reply::NOTHING)
    }

    fn rename_at(&mut self, from: &Spot, to: &Spot) -> Result<(), Errno> {
        let moved = self.present(from)?.ok_or(Errno::NOENT)?;
        let replaced = self.present(to)?;
        if kind_of(&moved) == FileType::Directory {
            self.check_folder(from, to)?;
        }
        let ((from_root, from_path), (to_root, to_path)) = match (from, to) {
            (Spot::Data(_), Spot::Data(_)) | (Spot::Machine(_), Spot::Machine(_)) => {
                (self.writable(from)?, self.writable(to)?)
            }
            // One has a quota and the other has none.
            _ => return Err(Errno::XDEV),
        };
        from_root.rename(from_path, to_root, to_path)?;
        if let Some(replaced) = replaced.filter(|replaced| !is_same(replaced, &moved)) {
            self.count_removed(to, &replaced);
        }
        Ok(())
    }

    /// A folder goes with all that is in it: nothing may get a path that is too long to be reached, and to be counted.
    /// On the machine each part would have to be allowed.
    fn check_folder(&self, from: &Spot, to: &Spot) -> Result<(), Errno> {
        let (Spot::Data(from), Spot::Data(to)) = (from, to) else { return Err(Errno::PERM) };
        let data = self.files.data.as_ref().ok_or(Errno::NOENT)?;
        let length = |path: &Path| path.as_os_str().len();
        let inside = data.root.walk(from)?;
        let longest = inside.iter().map(|found| length(&found.path) - length(from)).max().unwrap_or(0);
        if PATH < length(to) + longest { Err(Errno::NAMETOOLONG) } else { Ok(()) }
    }

    /// Copies a file, in place of what is there unless that is excluded.
    pub(super) fn copy(&mut self, from: &str, to: &str, exclusive: bool) -> Result<Reply, Stop> {
        let fail = |errno| Stop::Failed(Failure::at(errno, "copyfile", from).to(to));
        let renamed = |stop| match stop {
            Stop::Failed(failure) => fail(failure.errno),
            stop => stop,
        };
        let (source, _) = self.opened(from, How::TO_READ).map_err(renamed)?;
        let how = How { exclusive, truncate: false, ..How::TO_WRITE };
        let target = self.spot(to, Use::Write, "copyfile")?;
        let is_new = self.present(&target).map_err(fail)?.is_none();
        let (handle, _) = self.opened(to, how).map_err(renamed)?;
        let Body::Disk(file) = &handle.body else { return Err(fail(Errno::ROFS)) };
        if let Body::Disk(source) = &source.body
            && is_same(&fstat(source).map_err(fail)?, &fstat(file).map_err(fail)?)
        {
            return Ok(Reply::NOTHING);
        }
        let copied = self.set_length(file, handle.is_data, 0).and_then(|()| {
            let mut at = 0;
            loop {
                let piece = read_at(&source.body, at, PIECE)?;
                if piece.is_empty() {
                    return Ok(());
                }
                at += self.write_at(file, handle.is_data, at, &piece)?;
            }
        });
        if copied.is_err() && is_new {
            // What was written is of no use. That it cannot be removed is told by nobody: why it was not copied matters.
            let _half = self.unlink(to);
        }
        copied.map(|()| Reply::NOTHING).map_err(fail)
    }
}

fn is_same(one: &Stat, other: &Stat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
}

//! Whole files: reading, writing, what is known of them.

use super::bench::{Bench, Spot, Stop, Use};
use super::failure::Failure;
use super::handles::Body;
use super::open::{How, READ, read_at};
use super::reply::{Facts, Kind, Reply, Usage};
use super::tree::Node;
use crate::Bytes;
use rustix::fs::{OFlags, Timespec, Timestamps, fstat, futimens};
use rustix::io::Errno;

impl Bench<'_> {
    /// A whole file.
    pub(super) fn read(&mut self, written: &str) -> Result<Reply, Stop> {
        let fail = |errno| Stop::Failed(Failure::at(errno, "open", written));
        let (handle, _) = self.opened(written, How::TO_READ)?;
        let length = match &handle.body {
            Body::Memory(bytes) => bytes.len() as u64,
            Body::Disk(file) => u64::try_from(fstat(file).map_err(fail)?.st_size).unwrap_or(0),
        };
        if READ < length {
            let why = "at most 16 MiB are read at once, expected to be read in parts";
            return Err(Stop::Explained(Failure::at(Errno::FBIG, "read", written), why));
        }
        read_at(&handle.body, 0, READ).map(|bytes| Reply::Bytes(Bytes(bytes))).map_err(fail)
    }

    /// Writes a whole file, or to its end.
    pub(super) fn write(&mut self, written: &str, bytes: &[u8], how: How) -> Result<Reply, Stop> {
        let fail = |errno| Stop::Failed(Failure::at(errno, "write", written));
        let (handle, _) = self.opened(written, How { write: true, ..how })?;
        let Body::Disk(file) = &handle.body else { return Err(fail(Errno::ROFS)) };
        let end = u64::try_from(fstat(file).map_err(fail)?.st_size).unwrap_or(0);
        let from = if how.append { end } else { 0 };
        self.write_at(file, handle.is_data, from, bytes).map_err(fail)?;
        Ok(Reply::NOTHING)
    }

    /// Makes a file so long.
    pub(super) fn truncate(&mut self, written: &str, length: u64) -> Result<Reply, Stop> {
        let how = How { write: true, ..How::default() };
        let fail = |errno| Stop::Failed(Failure::at(errno, "truncate", written));
        let (handle, _) = self.opened(written, how)?;
        let Body::Disk(file) = &handle.body else { return Err(fail(Errno::ROFS)) };
        self.set_length(file, handle.is_data, length).map_err(fail)?;
        Ok(Reply::NOTHING)
    }

    /// What is known of a file or folder; of a link itself if it is not to be followed. Links lead nowhere here.
    pub(super) fn stat(&mut self, written: &str, follows: bool) -> Result<Reply, Stop> {
        let syscall = if follows { "stat" } else { "lstat" };
        let fail = |errno| Stop::Failed(Failure::at(errno, syscall, written));
        let spot = self.spot(written, Use::Read, syscall)?;
        let facts = match (&spot, self.rooted(&spot)) {
            (Spot::Package(name), _) => self.package_facts(name),
            (_, Some((root, path))) => root.stat(path).map(|stat| Facts::from(&stat)),
            (_, None) => Err(Errno::NOENT),
        };
        let facts = facts.map_err(fail)?;
        if follows && facts.kind == Kind::Link {
            return Err(fail(Errno::LOOP));
        }
        Ok(Reply::Stat(facts))
    }

    fn package_facts(&self, name: &str) -> Result<Facts, Errno> {
        match self.tree.node(name) {
            Some(Node::File) => Ok(Facts::of_package(Node::File, self.tree.length(name)?)),
            Some(Node::Folder) => Ok(Facts::of_package(Node::Folder, 0)),
            None => Err(Errno::NOENT),
        }
    }

    /// Whether something is there, and can be written if that is wanted.
    pub(super) fn access(&mut self, written: &str, to_write: bool) -> Result<Reply, Stop> {
        let wanted = if to_write { Use::Write } else { Use::Read };
        let spot = self.spot(written, wanted, "access")?;
        let fail = |errno| Stop::Failed(Failure::at(errno, "access", written));
        if let Some((root, path)) = self.rooted(&spot) {
            let stat = root.stat(path).map_err(fail)?;
            if Kind::from(&stat) == Kind::Link {
                return Err(fail(Errno::LOOP));
            }
        }
        Ok(Reply::NOTHING)
    }

    /// Sets the times of a file or folder, in milliseconds since 1970.
    pub(super) fn set_times(&mut self, written: &str, accessed: f64, modified: f64) -> Result<Reply, Stop> {
        let fail = |errno| Stop::Failed(Failure::at(errno, "utime", written));
        let spot = self.spot(written, Use::Write, "utime")?;
        let times = Timestamps { last_access: timespec(accessed), last_modification: timespec(modified) };
        let (root, path) = self.writable(&spot).map_err(fail)?;
        let file = root.open_beneath(path, OFlags::RDONLY).map_err(fail)?;
        futimens(&file, &times).map_err(fail)?;
        Ok(Reply::NOTHING)
    }

    /// What the data folder takes, and may take.
    pub(super) fn usage(&mut self) -> Result<Reply, Stop> {
        let (used, quota) =
            self.files.data.as_ref().map_or((0, 0), |data| (data.quota.used(), data.quota.most()));
        Ok(Reply::Usage(Usage { used, quota }))
    }
}

fn timespec(milliseconds: f64) -> Timespec {
    let seconds = (milliseconds / 1e3).floor();
    let nanoseconds = (milliseconds - seconds * 1e3) * 1e6;
    // What is no number is the beginning of time, and less than a second has less than a billion parts.
    Timespec { tv_sec: seconds as i64, tv_nsec: (nanoseconds as i64).clamp(0, 999_999_999) }
}

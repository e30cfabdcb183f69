//! Open files: opening, reading, writing, closing.

use super::bench::{Bench, Spot, Stop, Use};
use super::beneath::kind_of;
use super::failure::Failure;
use super::handles::{Body, Handle};
use super::quota::{ENTRY, weight};
use super::reply::{Facts, Reply};
use super::tree::Node;
use crate::Bytes;
use rustix::fs::{FileType, OFlags, fstat, fsync, ftruncate};
use rustix::io::{Errno, pread, pwrite};
use serde::Deserialize;
use std::os::fd::OwnedFd;
use std::sync::Arc;

/// Bytes that one call reads: what a message has room for, and a plugin's memory for some of.
pub(crate) const READ: u64 = 16 << 20;

/// How a file is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct How {
    pub(super) read: bool,
    pub(super) write: bool,
    pub(super) create: bool,
    pub(super) truncate: bool,
    pub(super) append: bool,
    pub(super) exclusive: bool,
}

impl How {
    /// To be read.
    pub(super) const TO_READ: How =
        How { read: true, write: false, create: false, truncate: false, append: false, exclusive: false };

    /// To be written from the beginning, and made if it is not there.
    pub(super) const TO_WRITE: How =
        How { read: false, write: true, create: true, truncate: true, append: false, exclusive: false };

    fn wanted(self) -> Use {
        if self.write || self.create || self.truncate || self.append { Use::Write } else { Use::Read }
    }

    fn flags(self) -> OFlags {
        let access = match (self.read, self.wanted()) {
            (true, Use::Write) => OFlags::RDWR,
            (false, Use::Write) => OFlags::WRONLY,
            (_, Use::Read) => OFlags::RDONLY,
        };
        let create = if self.create { OFlags::CREATE } else { OFlags::empty() };
        let exclusive = if self.create && self.exclusive { OFlags::EXCL } else { OFlags::empty() };
        access | create | exclusive
    }
}

impl Bench<'_> {
    /// Opens a file; gives its number.
    pub(super) fn open(&mut self, written: &str, how: How) -> Result<Reply, Stop> {
        let fail = |errno| Stop::Failed(Failure::at(errno, "open", written));
        self.files.handles.check(self.owner).map_err(fail)?;
        let (handle, _) = self.opened(written, how)?;
        let number = self.files.handles.put(self.owner, handle).map_err(fail)?;
        Ok(Reply::Number(number.into()))
    }

    /// An open file, and where it is.
    pub(super) fn opened(&mut self, written: &str, how: How) -> Result<(Handle, Spot), Stop> {
        let fail = |errno| Stop::Failed(Failure::at(errno, "open", written));
        let spot = self.spot(written, how.wanted(), "open")?;
        let needs_read = how.read && how.wanted() == Use::Write && matches!(spot, Spot::Machine(_));
        if needs_read {
            // Whoever may write a file of the machine may not read it by that alone.
            self.spot(written, Use::Read, "open")?;
        }
        let body = match &spot {
            Spot::Package(name) => Body::Memory(self.tree.read(name).map_err(fail)?.into()),
            spot => Body::Disk(Arc::new(self.open_file(spot, how).map_err(fail)?)),
        };
        let is_writable = how.wanted() == Use::Write;
        let handle = Handle {
            is_readable: how.read || !is_writable,
            is_writable,
            appends: how.append,
            needs: Bench::reach_of(&spot, how.wanted()),
            is_data: matches!(spot, Spot::Data(_)),
            ..Handle::new(body)
        };
        Ok((handle, spot))
    }

    /// Opens a regular file on the disk.
    pub(super) fn open_file(&mut self, spot: &Spot, how: How) -> Result<OwnedFd, Errno> {
        let is_new = how.create && self.present(spot)?.is_none();
        if is_new {
            self.check_room(spot, ENTRY)?;
        }
        let (root, path) = self.writable(spot)?;
        let file = root.open_beneath(path, how.flags())?;
        if is_new {
            self.count(spot, 0, ENTRY);
        }
        let stat = fstat(&file)?;
        match kind_of(&stat) {
            FileType::RegularFile => {}
            FileType::Directory => return Err(Errno::ISDIR),
            _ => return Err(Errno::INVAL),
        }
        if how.truncate && 0 < stat.st_size {
            ftruncate(&file, 0)?;
            self.count(spot, weight(&stat), ENTRY);
        }
        Ok(file)
    }

    /// Reads of an open file, at a position or where it goes on.
    pub(super) fn read_open(&mut self, number: u32, length: u64, at: Option<u64>) -> Result<Reply, Stop> {
        let fail = |errno| Stop::Failed(Failure::new(errno, "read"));
        let handle = self.handle(number, "read")?;
        if !handle.is_readable {
            return Err(fail(Errno::BADF));
        }
        let from = at.unwrap_or(handle.position);
        let bytes = read_at(&handle.body, from, length.min(READ)).map_err(fail)?;
        if at.is_none() {
            handle.position = from.saturating_add(bytes.len() as u64);
        }
        Ok(Reply::Bytes(Bytes(bytes)))
    }

    /// Writes to an open file, at a position or where it goes on; gives how many bytes.
    pub(super) fn write_open(&mut self, number: u32, bytes: &[u8], at: Option<u64>) -> Result<Reply, Stop> {
        let fail = |errno| Stop::Failed(Failure::new(errno, "write"));
        let handle = self.handle(number, "write")?;
        let Body::Disk(file) = handle.body.clone() else { return Err(fail(Errno::BADF)) };
        if !handle.is_writable {
            return Err(fail(Errno::BADF));
        }
        let (appends, is_data, position) = (handle.appends, handle.is_data, handle.position);
        let end = fstat(&file).map_err(fail)?.st_size;
        let from = if appends { u64::try_from(end).unwrap_or(0) } else { at.unwrap_or(position) };
        let written = self.write_at(&file, is_data, from, bytes).map_err(fail)?;
        let handle = self.handle(number, "write")?;
        if at.is_none() || appends {
            handle.position = from.saturating_add(written);
        }
        Ok(Reply::Number(written))
    }

    /// Makes an open file so long.
    pub(super) fn truncate_open(&mut self, number: u32, length: u64) -> Result<Reply, Stop> {
        let fail = |errno| Stop::Failed(Failure::new(errno, "ftruncate"));
        let handle = self.handle(number, "ftruncate")?;
        let Body::Disk(file) = handle.body.clone() else { return Err(fail(Errno::INVAL)) };
        if !handle.is_writable {
            return Err(fail(Errno::INVAL));
        }
        let is_data = handle.is_data;
        self.set_length(&file, is_data, length).map_err(fail)?;
        Ok(Reply::NOTHING)
    }

    /// What is known of an open file.
    pub(super) fn stat_open(&mut self, number: u32) -> Result<Reply, Stop> {
        let handle = self.handle(number, "fstat")?;
        let facts = match &handle.body {
            Body::Disk(file) => fstat(file).map(|stat| Facts::from(&stat)),
            Body::Memory(bytes) => Ok(Facts::of_package(Node::File, bytes.len() as u64)),
        };
        facts.map(Reply::Stat).map_err(|errno| Failure::new(errno, "fstat").into())
    }

    /// Waits until what was written is on the disk.
    pub(super) fn sync_open(&mut self, number: u32) -> Result<Reply, Stop> {
        let handle = self.handle(number, "fsync")?;
        let synced = match &handle.body {
            Body::Disk(file) => fsync(file),
            Body::Memory(_) => Ok(()),
        };
        synced.map(|()| Reply::NOTHING).map_err(|errno| Failure::new(errno, "fsync").into())
    }

    /// Closes an open file.
    pub(super) fn close(&mut self, number: u32) -> Result<Reply, Stop> {
        let closed = self.files.close(self.owner, number);
        closed.map(|()| Reply::NOTHING).map_err(|errno| Failure::new(errno, "close").into())
    }

    /// An open file of the process, if what it needs is still allowed.
    fn handle(&mut self, number: u32, syscall: &'static str) -> Result<&mut Handle, Stop> {
        let granted = self.granted;
        let handle = self.files.handles.get(self.owner, number);
        let handle = handle.map_err(|errno| Failure::new(errno, syscall))?;
        match &handle.needs {
            Some(reach) if !granted.contains(reach) => Err(Stop::Needs(reach.clone())),
            _ => Ok(handle),
        }
    }

    /// Writes to a file on the disk; gives how many bytes. The end of what had no room is missing.
    pub(super) fn write_at(
        &mut self,
        file: &OwnedFd,
        is_data: bool,
        from: u64,
        bytes: &[u8],
    ) -> Result<u64, Errno> {
        let before = fstat(file)?;
        let end = from.checked_add(bytes.len() as u64).filter(|end| i64::try_from(*end).is_ok());
        let end = end.ok_or(Errno::FBIG)?;
        if is_data {
            let length = u64::try_from(before.st_size).unwrap_or(0);
            self.check_data_room(end.saturating_sub(length))?;
        }
        let (mut written, mut outcome) = (0, Ok(()));
        while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
            match pwrite(file, rest, from + written as u64) {
                Ok(0) => break,
                Ok(more) => written += more,
                Err(Errno::INTR) => {}
                Err(errno) => {
                    outcome = Err(errno);
                    break;
                }
            }
        }
        self.count_file(file, is_data, weight(&before))?;
        outcome.map(|()| written as u64)
    }

    /// Makes a file on the disk so long.
    pub(super) fn set_length(&mut self, file: &OwnedFd, is_data: bool, length: u64) -> Result<(), Errno> {
        let before = fstat(file)?;
        if is_data {
            self.check_data_room(length.saturating_sub(u64::try_from(before.st_size).unwrap_or(0)))?;
        }
        ftruncate(file, length)?;
        self.count_file(file, is_data, weight(&before))
    }

    fn count_file(&mut self, file: &OwnedFd, is_data: bool, before: u64) -> Result<(), Errno> {
        let after = weight(&fstat(file)?);
        if let (true, Some(data)) = (is_data, &mut self.files.data) {
            data.quota.change(before, after);
        }
        Ok(())
    }
}

/// Reads at most `length` bytes of a file from a position on.
pub(super) fn read_at(body: &Body, from: u64, length: u64) -> Result<Vec<u8>, Errno> {
    let file = match body {
        Body::Memory(bytes) => {
            let rest = usize::try_from(from).ok().and_then(|from| bytes.get(from..)).unwrap_or_default();
            let length = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
            return Ok(rest.get(..length).unwrap_or_default().to_vec());
        }
        Body::Disk(file) => file,
    };
    let left = u64::try_from(fstat(file)?.st_size).unwrap_or(0).saturating_sub(from);
    let length = usize::try_from(length.min(left)).map_err(|_| Errno::FBIG)?;
    let mut bytes = vec![0; length];
    let mut read = 0;
    while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match pread(file, rest, from + read as u64) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    bytes.truncate(read);
    Ok(bytes)
}

//! Files that plugins have open, by the numbers that they were given.

use super::Reach;
use rustix::fs::{Stat, fstat};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::sync::Arc;

/// Files that one process of a plugin may have open at one time: the application's own descriptors are finite.
pub(crate) const OPEN: usize = 64;

/// Bytes of the package that the open files of one plugin hold in memory. A single file may have more.
const MEMORY: usize = 64 << 20;

/// The number of the first one: 0 to 2 are what every program of the system has open.
const FIRST: u32 = 3;

/// The open files of one plugin.
#[derive(Debug, Default)]
pub(super) struct Handles {
    open: BTreeMap<u32, Handle>,
    given: u32,
}

/// One open file.
#[derive(Debug)]
pub(super) struct Handle {
    /// The process that has it open.
    pub(super) owner: u32,
    pub(super) body: Body,
    /// Where reading and writing goes on.
    pub(super) position: u64,
    pub(super) is_readable: bool,
    pub(super) is_writable: bool,
    /// Everything is written at the end.
    pub(super) appends: bool,
    /// What its use needs anew each time.
    pub(super) needs: Option<Reach>,
    /// It is in the data folder, and counts.
    pub(super) is_data: bool,
}

/// What an open file is.
#[derive(Clone, Debug)]
pub(super) enum Body {
    Disk(Arc<OwnedFd>),
    /// A file of the package.
    Memory(Arc<[u8]>),
}

impl Handle {
    pub(super) fn new(body: Body) -> Handle {
        Handle {
            owner: 0,
            body,
            position: 0,
            is_readable: false,
            is_writable: false,
            appends: false,
            needs: None,
            is_data: false,
        }
    }

    /// Bytes of memory that it takes.
    fn memory(&self) -> usize {
        match &self.body {
            Body::Disk(_) => 0,
            Body::Memory(bytes) => bytes.len(),
        }
    }

    fn stat(&self) -> Option<Stat> {
        match &self.body {
            Body::Disk(file) => fstat(file).ok(),
            Body::Memory(_) => None,
        }
    }
}

impl Handles {
    /// Whether a process may open one more.
    pub(super) fn check(&self, owner: u32) -> Result<(), Errno> {
        let open = self.open.values().filter(|handle| handle.owner == owner).count();
        if open < OPEN { Ok(()) } else { Err(Errno::MFILE) }
    }

    /// Keeps an open file of a process; gives its number, which is never given again.
    pub(super) fn put(&mut self, owner: u32, handle: Handle) -> Result<u32, Errno> {
        self.check(owner)?;
        let (held, more) = (self.open.values().map(Handle::memory).sum::<usize>(), handle.memory());
        if 0 < held && MEMORY < held + more {
            return Err(Errno::MFILE);
        }
        let number = self.given.checked_add(1).ok_or(Errno::MFILE)?;
        self.given = number;
        self.open.insert(number + FIRST - 1, Handle { owner, ..handle });
        Ok(number + FIRST - 1)
    }

    /// An open file of a process.
    pub(super) fn get(&mut self, owner: u32, number: u32) -> Result<&mut Handle, Errno> {
        self.open.get_mut(&number).filter(|handle| handle.owner == owner).ok_or(Errno::BADF)
    }

    /// Closes a file of a process, and gives it.
    pub(super) fn take(&mut self, owner: u32, number: u32) -> Result<Handle, Errno> {
        self.get(owner, number)?;
        self.open.remove(&number).ok_or(Errno::BADF)
    }

    /// All numbers of a process.
    pub(super) fn of(&self, owner: u32) -> Vec<u32> {
        let of = self.open.iter().filter(|(_, handle)| handle.owner == owner);
        of.map(|(number, _)| *number).collect()
    }

    /// Whether the file is open that has this stat.
    pub(super) fn is_open(&self, stat: &Stat) -> bool {
        self.stats().any(|open| is_same(&open, stat))
    }

    /// What the files count that are open and have no name any more.
    pub(super) fn held(&self) -> u64 {
        let mut counted: Vec<Stat> = Vec::new();
        for stat in self.stats().filter(|stat| stat.st_nlink == 0) {
            if !counted.iter().any(|other| is_same(other, &stat)) {
                counted.push(stat);
            }
        }
        counted.iter().map(super::quota::weight).fold(0, u64::saturating_add)
    }

    fn stats(&self) -> impl Iterator<Item = Stat> + '_ {
        self.open.values().filter(|handle| handle.is_data).filter_map(Handle::stat)
    }
}

fn is_same(one: &Stat, other: &Stat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_package_take_no_more_memory_than_they_may() {
        let mut handles = Handles::default();
        let mut put = |owner, length: usize| {
            handles
                .put(owner, Handle::new(Body::Memory(vec![0; length].into())))
                .map_err(|errno| (errno, length))
        };
        assert_eq!(put(1, MEMORY + 1), Ok(3), "a single one may be larger");
        assert_eq!(put(1, 1), Err((Errno::MFILE, 1)));
        assert_eq!(put(2, 1), Err((Errno::MFILE, 1)), "the bound is the plugin's");
        handles.take(1, 3).unwrap();
        let mut put = |length: usize| handles.put(1, Handle::new(Body::Memory(vec![0; length].into())));
        assert_eq!(put(MEMORY / 2), Ok(4));
        assert_eq!(put(MEMORY / 2), Ok(5));
        assert_eq!(put(1), Err(Errno::MFILE));
        assert_eq!(put(0), Ok(6));
    }
}

//! How much of the disk a plugin's data folder takes.

use super::beneath::{Found, Root, kind_of};
use rustix::fs::{FileType, Stat};
use rustix::io::Errno;
use std::path::Path;

/// What each file and folder counts beside its length: what most file systems take for one, so that empty files fill the
/// folder as well.
pub(super) const ENTRY: u64 = 4_096;

/// What a data folder takes, and may take.
#[derive(Debug)]
pub(super) struct Quota {
    most: u64,
    used: u64,
}

impl Quota {
    /// Of a data folder in which that is what there is.
    pub(super) fn measure(root: &Root, most: u64) -> Result<Quota, Errno> {
        let used = measured(&root.walk(Path::new(""))?);
        Ok(Quota { most, used })
    }

    /// Bytes that it may take.
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// Bytes that it takes.
    pub(super) fn used(&self) -> u64 {
        self.used
    }

    /// Bytes that are left.
    pub(super) fn left(&self) -> u64 {
        self.most.saturating_sub(self.used)
    }

    /// Whether there is room for so much more. Before it refuses, it looks at what is really there, beside `held`, which is
    /// there without a name: others may have cleared up.
    pub(super) fn check(&mut self, root: &Root, more: u64, held: u64) -> Result<(), Errno> {
        if more <= self.left() {
            return Ok(());
        }
        self.measure_again(root, held)?;
        if more <= self.left() { Ok(()) } else { Err(Errno::NOSPC) }
    }

    /// Counts what is really there, beside `held`.
    pub(super) fn measure_again(&mut self, root: &Root, held: u64) -> Result<(), Errno> {
        self.used = measured(&root.walk(Path::new(""))?).saturating_add(held);
        Ok(())
    }

    /// It takes so much more.
    pub(super) fn add(&mut self, bytes: u64) {
        self.used = self.used.saturating_add(bytes);
    }

    /// It takes so much less.
    pub(super) fn subtract(&mut self, bytes: u64) {
        self.used = self.used.saturating_sub(bytes);
    }

    /// Something took `before` and takes `after` now.
    pub(super) fn change(&mut self, before: u64, after: u64) {
        self.add(after);
        self.subtract(before);
    }
}

/// What a file or folder counts. One with holes counts as if it had none: they can be filled without asking.
pub(super) fn weight(stat: &Stat) -> u64 {
    let length = match kind_of(stat) {
        FileType::RegularFile => u64::try_from(stat.st_size).unwrap_or(0),
        _ => 0,
    };
    length.saturating_add(ENTRY)
}

/// What all of them count together.
pub(super) fn measured(found: &[Found]) -> u64 {
    found.iter().map(|found| weight(&found.stat)).fold(0, u64::saturating_add)
}

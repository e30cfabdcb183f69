//! What a call about files gives.

use super::beneath::kind_of;
use super::tree::Node;
use crate::{Bytes, Undefined};
use rustix::fs::{FileType, Stat};
use serde::Serialize;

/// What a call about files gives.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Reply {
    Nothing(Undefined),
    Bytes(Bytes),
    Text(String),
    Number(u64),
    Stat(Facts),
    /// Names, and what kind each is.
    Entries(Vec<(String, Kind)>),
    Usage(Usage),
}

/// What kind of thing has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    File,
    Folder,
    Link,
    Other,
}

/// What is known of a file or folder. Times are milliseconds since 1970.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    pub(super) kind: Kind,
    pub(super) size: u64,
    pub(super) mode: u32,
    pub(super) nlink: u64,
    pub(super) ino: u64,
    pub(super) dev: u64,
    pub(super) blocks: u64,
    pub(super) atime_ms: f64,
    pub(super) mtime_ms: f64,
    pub(super) ctime_ms: f64,
}

/// What a data folder takes, and may take, in bytes.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Usage {
    pub(super) used: u64,
    pub(super) quota: u64,
}

impl Reply {
    /// The call has nothing to tell.
    pub(super) const NOTHING: Reply = Reply::Nothing(Undefined);
}

impl From<&Stat> for Kind {
    fn from(stat: &Stat) -> Kind {
        match kind_of(stat) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Folder,
            FileType::Symlink => Kind::Link,
            _ => Kind::Other,
        }
    }
}

impl From<&Stat> for Facts {
    fn from(stat: &Stat) -> Facts {
        let milliseconds = |seconds: i64, nanoseconds| seconds as f64 * 1e3 + nanoseconds as f64 / 1e6;
        Facts {
            kind: Kind::from(stat),
            size: u64::try_from(stat.st_size).unwrap_or(0),
            mode: stat.st_mode,
            nlink: stat.st_nlink,
            ino: stat.st_ino,
            dev: stat.st_dev,
            blocks: u64::try_from(stat.st_blocks).unwrap_or(0),
            atime_ms: milliseconds(stat.st_atime, stat.st_atime_nsec),
            mtime_ms: milliseconds(stat.st_mtime, stat.st_mtime_nsec),
            ctime_ms: milliseconds(stat.st_ctime, stat.st_ctime_nsec),
        }
    }
}

impl Facts {
    /// Of something in a package, which nobody may write and which has no times.
    pub(super) fn of_package(node: Node, size: u64) -> Facts {
        let (kind, mode) = match node {
            Node::File => (Kind::File, 0o100_444),
            Node::Folder => (Kind::Folder, 0o040_555),
        };
        let blocks = size.div_ceil(512);
        Facts {
            kind,
            size,
            mode,
            nlink: 1,
            ino: 0,
            dev: 0,
            blocks,
            atime_ms: 0.0,
            mtime_ms: 0.0,
            ctime_ms: 0.0,
        }
    }
}

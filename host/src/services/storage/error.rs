//! Why something could not be stored or read.

use crate::{CallError, Thrown};
use std::io;

/// Why something could not be stored in a plugin's storage, or read from there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The application gives plugins no place for data: see [`HostBuilder::data`](crate::HostBuilder::data).
    #[error("this application gives plugins no place for data")]
    NoFolder,
    /// The plugin has never stored anything.
    #[error("nothing was stored so far")]
    Nothing,
    /// More than the plugin may store; nothing of it was stored.
    #[error("expected at most {most} bytes of storage, found {wanted}")]
    Quota {
        /// [`Limits::storage`](crate::Limits::storage).
        most: u64,
        /// What would be stored in all.
        wanted: u64,
    },
    /// A key that is too long.
    #[error("expected a key of at most {most} bytes, found {found}")]
    Key {
        /// Bytes that a key may have.
        most: usize,
        /// Bytes that it has.
        found: usize,
    },
    /// More changes than are made at once.
    #[error("expected at most {most} changes at once, found {found}")]
    Changes {
        /// How many there may be.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// A value that is no JSON, or nested too deeply.
    #[error("expected JSON as the value of {key:?}: {words}")]
    Value {
        /// Under which it should be stored.
        key: String,
        /// What is wrong with it.
        words: String,
    },
    /// The disk has no room for it.
    #[error("the disk is full")]
    DiskFull,
    /// The store cannot be opened, read or written.
    #[error("the store cannot be used: {0}")]
    Disk(String),
}

impl StorageError {
    /// As a plugin sees it.
    pub(super) fn to_thrown(&self) -> Thrown {
        let (name, code) = match self {
            StorageError::Quota { .. } => ("QuotaExceededError", "E_QUOTA"),
            StorageError::DiskFull => ("QuotaExceededError", "ENOSPC"),
            StorageError::NoFolder | StorageError::Nothing => ("Error", "E_UNAVAILABLE"),
            StorageError::Key { .. } | StorageError::Changes { .. } => ("RangeError", "E_LIMIT"),
            StorageError::Value { .. } => ("TypeError", "E_VALUE"),
            StorageError::Disk(_) => ("Error", "E_STORAGE"),
        };
        let thrown = Thrown::new(name, self.to_string()).with_code(code);
        match self {
            StorageError::Quota { most, wanted } => {
                thrown.with_field("quota", *most as f64).with_field("requested", *wanted as f64)
            }
            _ => thrown,
        }
    }
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> StorageError {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => StorageError::DiskFull,
            _ => StorageError::Disk(error.to_string()),
        }
    }
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> StorageError {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StorageError::DiskFull,
            _ => StorageError::Disk(error.to_string()),
        }
    }
}

/// What cannot be sent to a plugin.
pub(super) fn unsendable(error: crate::value::EncodeError) -> Thrown {
    CallError::from(error).to_thrown()
}

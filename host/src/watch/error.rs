//! Why a folder cannot be watched.

use std::path::PathBuf;

/// Why a folder cannot be watched, or not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The host is shutting down, and loads nothing any more.
    #[error("the host is shutting down")]
    ShuttingDown,
    /// The folder is not there, or cannot be read.
    #[error("cannot watch {}: {reason}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The operating system's answer.
        reason: String,
    },
    /// The operating system lets this user watch no more folders. On Linux `fs.inotify.max_user_watches` and
    /// `fs.inotify.max_user_instances` say how many.
    #[error("the system lets this user watch no more folders than the {watched} that are watched here")]
    Limit {
        /// How many folders this watch had until then.
        watched: usize,
    },
    /// The plugins have more folders than are watched.
    #[error("the plugins have more than {most} folders to be watched")]
    TooMany {
        /// The most that are watched.
        most: usize,
    },
    /// The operating system cannot tell of changes.
    #[error("the system cannot tell of changes: {reason}")]
    System {
        /// The operating system's answer.
        reason: String,
    },
}

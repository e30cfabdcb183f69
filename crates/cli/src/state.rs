//! Where the command keeps what it wants to remember.

use crate::grants::GrantsFile;
use etcetera::base_strategy::{BaseStrategy, Xdg};
use std::path::PathBuf;

/// The folder of reports: `plughold/reports` below the user's folder of states, which is `$XDG_STATE_HOME` or
/// `~/.local/state`. None for a user without a home.
pub(crate) fn reports() -> Option<PathBuf> {
    Some(folder()?.join("reports"))
}

/// What people have decided about permissions: `plughold/grants.json` below the user's folder of states.
pub(crate) fn grants() -> Option<GrantsFile> {
    Some(GrantsFile::new(folder()?.join("grants.json")))
}

/// Where each decision on a permission is written down: `plughold/audit.jsonl` below the user's folder of states.
pub(crate) fn audit() -> Option<PathBuf> {
    Some(folder()?.join("audit.jsonl"))
}

/// Where plugins keep what is theirs, unless their platform has a place for that: `plughold/plugins` below the user's folder
/// of data, which is `$XDG_DATA_HOME` or `~/.local/share`.
pub(crate) fn data() -> Option<PathBuf> {
    Some(Xdg::new().ok()?.data_dir().join("plughold").join("plugins"))
}

fn folder() -> Option<PathBuf> {
    Some(Xdg::new().ok()?.state_dir()?.join("plughold"))
}

//! Where the command keeps what it wants to remember.

use etcetera::base_strategy::{BaseStrategy, Xdg};
use std::path::PathBuf;

/// The folder of reports: `plughold/reports` below the user's folder of states, which is `$XDG_STATE_HOME` or
/// `~/.local/state`. None for a user without a home.
pub(crate) fn reports() -> Option<PathBuf> {
    Some(Xdg::new().ok()?.state_dir()?.join("plughold/reports"))
}

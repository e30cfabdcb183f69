//! The control socket of `plughold run`.

use crate::exit::Exit;
use crate::failure::{Failure, warn};
use crate::platform::{ExecuteError, Platform};
use plughold::{CommandError, Control};
use plughold_control::Folder;
use std::path::PathBuf;
use std::sync::Arc;

/// What a host of the command offers to other commands. None where it cannot be offered, which is told: plugins run all the
/// same.
pub(crate) fn offer(dirs: &[PathBuf]) -> Option<Control> {
    match Folder::of_this_user() {
        Ok(folder) => Some(Control::full().name(name_of(dirs)).folder(folder.path())),
        Err(error) => {
            let failure = Failure::new(Exit::Failed, "other commands cannot see these plugins")
                .with_detail(error.to_string())
                .with_help("remove what stands in the way, or run with --no-control");
            warn(&failure);
            None
        }
    }
}

/// The same, with the commands of the platform.
pub(crate) fn on(control: Control, platform: &Arc<dyn Platform>) -> Control {
    let of_plugins = platform.clone();
    let control = control.commands(move |plugin| of_plugins.commands(plugin));
    let platform = platform.clone();
    control.execute(move |name, args| {
        let platform = platform.clone();
        async move {
            platform.execute(&name, args).await.map_err(|error| match error {
                ExecuteError::Unknown => CommandError::Unknown,
                ExecuteError::Call(error) => CommandError::Call(error),
            })
        }
    })
}

/// The name of the first folder: what somebody who runs several of them tells them apart by.
fn name_of(dirs: &[PathBuf]) -> String {
    let first = dirs.first().map_or_else(|| PathBuf::from(crate::args::DEFAULT_FOLDER), Clone::clone);
    let whole = first.canonicalize().unwrap_or(first);
    whole.file_name().map_or_else(|| "plughold".to_owned(), |name| name.to_string_lossy().into_owned())
}

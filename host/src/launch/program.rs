//! Which program is executed as a runner.

use crate::BuildError;
use std::path::{Path, PathBuf};

/// Which program is executed as a runner. It is never searched for in `PATH`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunnerProgram {
    /// `plughold-runner` beside the application's own executable; without one the application itself, if it has called
    /// [`run_if_asked`](crate::runner::run_if_asked).
    #[default]
    Auto,
    /// The application itself, which calls [`run_if_asked`](crate::runner::run_if_asked) first thing in `main`.
    Itself,
    /// This file; a relative path counts from the working directory.
    File(PathBuf),
}

impl From<PathBuf> for RunnerProgram {
    fn from(path: PathBuf) -> RunnerProgram {
        RunnerProgram::File(path)
    }
}

impl From<&Path> for RunnerProgram {
    fn from(path: &Path) -> RunnerProgram {
        RunnerProgram::File(path.to_owned())
    }
}

impl From<&str> for RunnerProgram {
    fn from(path: &str) -> RunnerProgram {
        RunnerProgram::File(path.into())
    }
}

/// The executable of this process, also after an update has replaced the file.
const ITSELF: &str = "/proc/self/exe";

pub(crate) fn find(wanted: &RunnerProgram) -> Result<PathBuf, BuildError> {
    match wanted {
        RunnerProgram::File(path) => match std::path::absolute(path) {
            Ok(path) if path.is_file() => Ok(path),
            _ => Err(BuildError::RunnerFile(path.clone())),
        },
        RunnerProgram::Itself => Ok(ITSELF.into()),
        RunnerProgram::Auto => {
            let own = std::env::current_exe().unwrap_or_default();
            let beside = own.with_file_name("plughold-runner");
            if beside.is_file() {
                return Ok(beside);
            }
            if crate::runner::can_run() {
                return Ok(ITSELF.into());
            }
            Err(BuildError::NoRunner { beside: own })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runner_that_does_not_exist_is_told_when_the_host_is_built() {
        let error = find(&RunnerProgram::from("/nowhere/runner")).unwrap_err();
        assert_eq!(error.to_string(), "there is no runner at /nowhere/runner");
        // A bare name is a file of the working directory, and not a program that is looked for.
        assert!(matches!(find(&RunnerProgram::from("sh")), Err(BuildError::RunnerFile(_))));
    }
}

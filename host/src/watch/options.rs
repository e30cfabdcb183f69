//! What is watched, and how.

use super::notices::FOLDERS;
use plughold_package::{Package, Problem};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How often folders are looked at of whose changes the system does not tell.
pub(crate) const POLLING: Duration = Duration::from_secs(2);

/// Says no to a package, and why.
type Accept = Arc<dyn Fn(&Package) -> Result<(), Problem> + Send + Sync>;

/// What is watched, and how; for [`Host::watch`](crate::Host::watch). A path is one as well.
///
/// ```
/// use plughold::Watch;
///
/// let watch = Watch::new("plugins").and("/usr/share/notes/plugins");
/// ```
#[derive(Clone)]
pub struct Watch {
    pub(super) folders: Vec<PathBuf>,
    accept: Option<Accept>,
    pub(super) polling: Option<Duration>,
    pub(super) at_most: usize,
}

impl Watch {
    /// Watches a folder of plugins, or one plugin.
    pub fn new(folder: impl Into<PathBuf>) -> Watch {
        Watch { folders: vec![folder.into()], accept: None, polling: None, at_most: FOLDERS }
    }

    /// Watches another one as well. Of two plugins with one id in them the first that was found is loaded.
    #[must_use]
    pub fn and(mut self, folder: impl Into<PathBuf>) -> Watch {
        self.folders.push(folder.into());
        self
    }

    /// Asks `accept` about each package before it is loaded. What is not accepted is told as a problem.
    #[must_use]
    pub fn only(mut self, accept: impl Fn(&Package) -> Result<(), Problem> + Send + Sync + 'static) -> Watch {
        self.accept = Some(Arc::new(accept));
        self
    }

    /// Looks every so often instead of waiting to be told: folders on another machine change without notice. Without it
    /// this is done only when the system gives no notices, every two seconds.
    #[must_use]
    pub fn polling(mut self, interval: Duration) -> Watch {
        self.polling = Some(interval);
        self
    }

    /// Watches at most so many folders, those in packages included; 4,096 unless it is given. Where there are more, it
    /// looks every two seconds.
    #[must_use]
    pub fn at_most(mut self, folders: usize) -> Watch {
        self.at_most = folders;
        self
    }

    /// What is wrong with a package, although it can be read.
    pub(super) fn accepts(&self, package: &Package) -> Result<(), Problem> {
        if let Some(accept) = &self.accept {
            accept(package)?;
        }
        package.runs().map(drop).map_err(|error| {
            let name = package.source.file_name().unwrap_or(package.source.as_os_str()).to_string_lossy();
            Problem::new(name, format!("{} is not started: {error}", package.id))
        })
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = to.debug_struct("Watch");
        debug.field("folders", &self.folders).field("polling", &self.polling).finish_non_exhaustive()
    }
}

impl From<PathBuf> for Watch {
    fn from(folder: PathBuf) -> Watch {
        Watch::new(folder)
    }
}

impl From<&PathBuf> for Watch {
    fn from(folder: &PathBuf) -> Watch {
        Watch::new(folder)
    }
}

impl From<&Path> for Watch {
    fn from(folder: &Path) -> Watch {
        Watch::new(folder)
    }
}

impl From<&str> for Watch {
    fn from(folder: &str) -> Watch {
        Watch::new(folder)
    }
}

impl From<String> for Watch {
    fn from(folder: String) -> Watch {
        Watch::new(folder)
    }
}

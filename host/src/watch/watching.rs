//! A watch, as an embedder begins and ends it.

use super::driver::{Driver, Shared};
use super::error::WatchError;
use super::inbox::Inbox;
use super::looks::Looks;
use super::notices::Notices;
use super::options::Watch;
use super::sieve::Root;
use crate::Host;
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Ends a watch when it is dropped. The plugins stay as they are.
#[derive(Debug)]
pub struct Watching {
    task: AbortHandle,
    shared: Arc<Shared>,
}

impl Host {
    /// Loads the plugins of a folder, and from now on whatever is dropped into it: a plugin whose files change is reloaded,
    /// one whose files are gone is stopped and forgotten. It ends when the [`Watching`] is dropped.
    ///
    /// Plugins that were loaded from there before are taken over as they are. What happens is told by events:
    /// [`Found`](crate::Event::Found), [`Changed`](crate::Event::Changed), [`Removed`](crate::Event::Removed),
    /// [`Problem`](crate::Event::Problem), [`Solved`](crate::Event::Solved) and [`Polling`](crate::Event::Polling), followed by
    /// those of the plugins' lives.
    ///
    /// Files are looked at when they have been quiet for some 40 ms. A package that cannot be loaded yet is looked at again
    /// while it changes, and told as a problem after half a second of quiet; the plugin that came from there before goes
    /// on meanwhile. Files with the contents that they had before reload nothing.
    ///
    /// ```no_run
    /// # async fn example(host: plughold::Host) -> Result<(), plughold::WatchError> {
    /// let watching = host.watch("plugins")?;
    /// watching.loaded().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Returns [`WatchError::Folder`] for a folder that is not there, and [`WatchError::ShuttingDown`] after
    /// [`shutdown`](Host::shutdown). Where the system gives no notices of changes, the
    /// folder is looked at every two seconds, and [`Watching::polls`] says why.
    pub fn watch(&self, watch: impl Into<Watch>) -> Result<Watching, WatchError> {
        if self.is_shutting_down() {
            return Err(WatchError::ShuttingDown);
        }
        let watch = watch.into();
        let mut roots = Vec::new();
        for folder in &watch.folders {
            let refused = |error: std::io::Error| WatchError::Folder {
                path: folder.clone(),
                reason: error.to_string(),
            };
            std::fs::metadata(folder).map_err(refused)?;
            roots.push(Root::new(folder.clone()).map_err(refused)?);
        }
        let (roots, inbox): (Arc<[Root]>, Arc<Inbox>) = (roots.into(), Arc::default());
        let (notices, deaf) = match watch.polling {
            Some(_) => (None, None),
            None => match Notices::start(roots.clone(), inbox.clone(), watch.at_most) {
                Ok(notices) => (Some(notices), None),
                Err(error) => (None, Some(error)),
            },
        };
        let shared = Arc::new(Shared { loaded: watch::Sender::new(false), deaf: OnceLock::new() });
        let driver = Driver::new(self, watch, roots, inbox, Looks::new(notices), shared.clone());
        let task = self.runtime().spawn(driver.run(deaf)).abort_handle();
        Ok(Watching { task, shared })
    }
}

impl Watching {
    /// Completes when each plugin that was found first is active or has failed.
    pub async fn loaded(&self) {
        // The sender lives as long as `self`.
        let _ = self.shared.loaded.subscribe().wait_for(|loaded| *loaded).await;
    }

    /// Why the folder is looked at every so often, if the system does not tell of changes.
    pub fn polls(&self) -> Option<&WatchError> {
        self.shared.deaf.get()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.task.abort();
    }
}

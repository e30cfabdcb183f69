//! Looking at places in watched folders, on a thread that may wait for the disk.

use super::error::WatchError;
use super::notices::Notices;
use super::options::Watch;
use super::sieve::Root;
use plughold_package::{Look, Package, Problems, Remembered, places};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What one look at a place gave.
#[derive(Debug)]
pub(crate) enum Seen {
    Nothing,
    /// Nothing was written since the last look.
    Untouched,
    /// The same contents as when it was a package last.
    Same,
    Package(Arc<Package>),
    Problems(Problems),
}

/// What is known of places between looks. It goes with each look to the thread that looks, and comes back.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    remembered: BTreeMap<PathBuf, Remembered>,
    /// Places with a package that was not accepted as it is.
    refused: BTreeSet<PathBuf>,
    /// None while folders are looked at every so often.
    notices: Option<Notices>,
}

/// Everything that one round of looking saw.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// The entries of roots.
    pub(crate) listed: Vec<(usize, io::Result<Vec<PathBuf>>)>,
    pub(crate) seen: Vec<(PathBuf, Seen)>,
    /// The system gives no notices any more.
    pub(crate) deaf: Option<WatchError>,
}

impl Looks {
    pub(crate) fn new(notices: Option<Notices>) -> Looks {
        Looks { notices, ..Looks::default() }
    }

    /// Lists the roots and looks at the places.
    pub(crate) fn round(&mut self, watch: &Watch, roots: &[(usize, Root)], paths: &[PathBuf]) -> Round {
        let mut round = Round::default();
        for (number, root) in roots {
            self.hear(&mut round, |notices| notices.cover_root(&root.absolute));
            round.listed.push((*number, places(&root.given)));
        }
        for path in paths {
            self.hear(&mut round, |notices| match std::path::absolute(path) {
                Ok(absolute) => notices.cover(&absolute),
                Err(_) => Ok(()),
            });
            round.seen.push((path.clone(), self.look(watch, path)));
        }
        round
    }

    /// The next look at this place is as the first.
    pub(crate) fn forget(&mut self, path: &Path) {
        self.remembered.remove(path);
    }

    fn look(&mut self, watch: &Watch, path: &Path) -> Seen {
        let remembered = self.remembered.entry(path.to_owned()).or_default();
        let look = remembered.look(path);
        let was_refused = match &look {
            Look::Untouched | Look::Same => self.refused.contains(path),
            _ => self.refused.remove(path),
        };
        match look {
            Look::Nothing => {
                self.remembered.remove(path);
                Seen::Nothing
            }
            Look::Same if !was_refused => Seen::Same,
            Look::Untouched | Look::Same => Seen::Untouched,
            Look::Package(package) => match watch.accepts(&package) {
                Ok(()) => Seen::Package(Arc::from(package)),
                Err(problem) => {
                    self.refused.insert(path.to_owned());
                    Seen::Problems(Problems { path: path.to_owned(), items: vec![problem] })
                }
            },
            Look::Problems(problems) => Seen::Problems(problems),
        }
    }

    fn hear(&mut self, round: &mut Round, cover: impl FnOnce(&mut Notices) -> Result<(), WatchError>) {
        let covered = self.notices.as_mut().map_or(Ok(()), cover);
        if let Err(error) = covered {
            self.notices = None;
            round.deaf = Some(error);
        }
    }
}

//! Where a call works: what it reaches, and what it is refused.

use super::beneath::Root;
use super::failure::Failure;
use super::place::Place;
use super::tree::Tree;
use super::{DataFolder, Files, Reach};
use rustix::fs::Stat;
use rustix::io::Errno;
use std::path::{Path, PathBuf};

/// Folders of the machine that hold no files but the system itself, and there whoever asks: the application.
const SYSTEM: [&str; 3] = ["dev", "proc", "sys"];

/// What one call has to work with.
pub(super) struct Bench<'b> {
    pub(super) files: &'b mut Files,
    pub(super) tree: &'b Tree,
    /// The process that calls.
    pub(super) owner: u32,
    /// What it was allowed of the machine.
    pub(super) granted: &'b [Reach],
}

/// Why a call does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Failed(Failure),
    /// The same, and what a person makes of it.
    Explained(Failure, &'static str),
    /// It needs this, and begins again when it has it.
    Needs(Reach),
}

/// What a call wants to do with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    Write,
}

/// Where a path leads, and that it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// Beneath the data folder.
    Data(PathBuf),
    /// A file or folder of the package.
    Package(String),
    /// Beneath the root of the machine.
    Machine(PathBuf),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failed(failure)
    }
}

impl Bench<'_> {
    /// Where a path leads that the plugin wrote, if it may use it so.
    pub(super) fn spot(&mut self, written: &str, wanted: Use, syscall: &'static str) -> Result<Spot, Stop> {
        let fail = |errno| Stop::Failed(Failure::at(errno, syscall, written));
        let name = match self.at_home(Place::of(written).map_err(fail)?) {
            Place::Data(_) if self.files.data.is_none() => {
                let why = "this application gives plugins no place for data";
                return Err(Stop::Explained(Failure::at(Errno::NOENT, syscall, written), why));
            }
            Place::Data(path) => return Ok(Spot::Data(path)),
            Place::Other(name) => name,
        };
        if self.tree.node(&name).is_some() || self.tree.claims(&name) {
            return match wanted {
                Use::Write => Err(fail(Errno::ROFS)),
                Use::Read if self.tree.node(&name).is_none() => Err(fail(self.tree.missing(&name))),
                Use::Read => Ok(Spot::Package(name)),
            };
        }
        self.machine(name, wanted).map_err(|stop| stop.unwrap_or_else(fail))
    }

    /// What is in the plugin's own folders may be named as the machine names it too: applications tell plugins such paths.
    fn at_home(&self, place: Place) -> Place {
        let Place::Other(name) = place else { return place };
        let path = PathBuf::from(format!("/{name}"));
        let own = self.files.data.as_ref().and_then(|data| path.strip_prefix(&data.path).ok());
        if let Some(beneath) = own {
            return Place::Data(beneath.to_owned());
        }
        let packed = self.tree.root().and_then(|root| path.strip_prefix(root).ok()).and_then(Path::to_str);
        Place::Other(packed.map_or(name, str::to_owned))
    }

    /// A path of the machine, if it was allowed.
    fn machine(&mut self, name: String, wanted: Use) -> Result<Spot, Result<Stop, Errno>> {
        let path = format!("/{name}");
        let is_system = name.split('/').next().is_some_and(|first| SYSTEM.contains(&first));
        let is_hidden = self.files.hidden.as_ref().is_some_and(|hidden| Path::new(&path).starts_with(hidden));
        if is_system || is_hidden {
            return Err(Err(Errno::ACCESS));
        }
        let permission = match wanted {
            Use::Read => "fs.read",
            Use::Write => "fs.write",
        };
        let reach = Reach { permission, path };
        if !self.granted.contains(&reach) {
            return Err(Ok(Stop::Needs(reach)));
        }
        if self.files.machine.is_none() {
            self.files.machine = Some(Root::open(Path::new("/")).map_err(Err)?);
        }
        Ok(Spot::Machine(name.into()))
    }

    /// What has to be allowed again when an open file of this spot is used.
    pub(super) fn reach_of(spot: &Spot, wanted: Use) -> Option<Reach> {
        let Spot::Machine(path) = spot else { return None };
        let permission = if wanted == Use::Write { "fs.write" } else { "fs.read" };
        Some(Reach { permission, path: format!("/{}", path.display()) })
    }

    /// The folder that a spot is beneath, and the path from there; none for the package.
    pub(super) fn rooted<'s>(&'s self, spot: &'s Spot) -> Option<(&'s Root, &'s Path)> {
        match spot {
            Spot::Data(path) => Some((&self.files.data.as_ref()?.root, path)),
            Spot::Machine(path) => Some((self.files.machine.as_ref()?, path)),
            Spot::Package(_) => None,
        }
    }

    /// The same where it is known not to be the package.
    pub(super) fn writable<'s>(&'s self, spot: &'s Spot) -> Result<(&'s Root, &'s Path), Errno> {
        self.rooted(spot).ok_or(Errno::ROFS)
    }

    /// The stat of what is at a spot, none if nothing is there.
    pub(super) fn present(&self, spot: &Spot) -> Result<Option<Stat>, Errno> {
        let (root, path) = self.writable(spot)?;
        match root.stat(path) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether so much more has room at a spot. The machine is its owner's, who has allowed it.
    pub(super) fn check_room(&mut self, spot: &Spot, more: u64) -> Result<(), Errno> {
        if matches!(spot, Spot::Data(_)) { self.check_data_room(more) } else { Ok(()) }
    }

    /// Whether so much more has room in the data folder.
    pub(super) fn check_data_room(&mut self, more: u64) -> Result<(), Errno> {
        let held = self.files.handles.held();
        match &mut self.files.data {
            Some(DataFolder { root, quota, .. }) => quota.check(root, more, held),
            None => Ok(()),
        }
    }

    /// What is at a spot took `before` and takes `after` now.
    pub(super) fn count(&mut self, spot: &Spot, before: u64, after: u64) {
        if let (Spot::Data(_), Some(data)) = (spot, &mut self.files.data) {
            data.quota.change(before, after);
        }
    }

    /// A file or folder with this stat has lost its name. One that is open takes its room until it is closed.
    pub(super) fn count_removed(&mut self, spot: &Spot, stat: &Stat) {
        let is_held = stat.st_nlink <= 1 && self.files.handles.is_open(stat);
        if !is_held {
            self.count(spot, super::quota::weight(stat), 0);
        }
    }
}

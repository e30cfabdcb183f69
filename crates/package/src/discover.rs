//! All packages of a folder.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::hitchy::Application;
use crate::limits;
use crate::package::{Kind, Package};
use crate::problem::{Problem, Problems, Severity, file_name};
use crate::{haplo, hitchy};

#[cfg(test)]
mod tests;

/// What was found in a folder of plugins.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// The packages that can be loaded, by id. No two ids are the same where case is ignored.
    pub packages: Vec<Package>,
    /// What is wrong with the others, by path.
    pub problems: Vec<Problems>,
    /// The Hitchy applications among the folders: the order of their plugins stands there.
    pub applications: Vec<Application>,
}

/// Reads every package of a folder: each entry that is a folder with a known manifest, or a `.js`, `.mjs`, `.plug` or
/// `.jpl` file (whatever the case). Names that start with `_` or `.`, `node_modules` and all other entries are ignored. A folder that is a package
/// itself is that one package. A folder whose `node_modules` holds plugins of Hitchy, and that is none itself, is an
/// application of Hitchy: its packages are those plugins and nothing else in it.
///
/// Of two packages with one id, also if it differs in case, the first by path is taken and the other is a problem. A
/// folder that cannot be read is a problem as well.
pub fn discover(dir: impl AsRef<Path>) -> Discovery {
    let dir = dir.as_ref();
    let mut discovery = Discovery::default();
    match (Application::find(dir), Kind::of_folder(dir)) {
        (Some(application), None | Some(Kind::HitchyFolder)) => {
            discovery.add_application(application);
            discovery.settle();
            return discovery;
        }
        (_, Some(kind)) => {
            // Whatever it depends on is elsewhere, so nothing is said of that.
            discovery.add(kind.open(dir));
            return discovery;
        }
        (None, None) => {}
    }
    match candidates(dir) {
        Ok(candidates) => candidates.into_iter().for_each(|path| discovery.look_at(&path)),
        Err(error) => {
            let message = format!("cannot read the folder of plugins: {error}");
            discovery.problems.push(Problem::new(file_name(dir), message).alone(dir));
        }
    }
    discovery.settle();
    discovery
}

impl Discovery {
    fn look_at(&mut self, path: &Path) {
        match Kind::of(path) {
            Ok(Some(kind)) => self.add(kind.open(path)),
            Ok(None) => {}
            // A link that leads nowhere, or an entry that was removed meanwhile.
            Err(error) => {
                self.problems
                    .push(Problem::new(file_name(path), format!("cannot be read: {error}")).alone(path));
            }
        }
    }

    fn add(&mut self, read: Result<Package, Problems>) {
        match read {
            Ok(package) => self.packages.push(package),
            Err(problems) => self.problems.push(problems),
        }
    }

    fn add_application(&mut self, application: Application) {
        let problem = application.problem().filter(|problem| problem.severity == Severity::Error);
        self.problems.extend(problem.map(|problem| problem.alone(&application.folder)));
        for found in &application.plugins {
            self.add(hitchy::open_folder(&found.folder));
        }
        self.applications.push(application);
    }

    fn settle(&mut self) {
        self.settle_duplicates();
        haplo::together::look_at(&mut self.packages);
    }

    /// Keeps the first package of each id and sorts what is left. The packages come in the order of their paths.
    fn settle_duplicates(&mut self) {
        let mut first: HashMap<String, PathBuf> = HashMap::new();
        let mut kept = Vec::new();
        for package in self.packages.drain(..) {
            let key = package.id.collision_key();
            if let Some(taken) = first.get(&key) {
                let message = format!("the id \"{}\" is taken already by {}", package.id, taken.display());
                let problem = Problem::new(file_name(&package.source), message)
                    .with_help("remove one of the two, or give it another id");
                self.problems.push(problem.alone(&package.source));
                continue;
            }
            first.insert(key, package.source.clone());
            kept.push(package);
        }
        kept.sort_by(|one, other| one.id.cmp(&other.id));
        self.packages = kept;
        self.problems.sort_by(|one, other| one.path.cmp(&other.path));
    }
}

/// Whether an entry of a folder of plugins is not looked at, by its name.
pub fn is_passed_over(name: &str) -> bool {
    name.starts_with(['_', '.']) || name == "node_modules"
}

/// The paths in a folder that may be packages, in order.
pub(crate) fn candidates(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut candidates = Vec::new();
    for (count, entry) in fs::read_dir(dir)?.enumerate() {
        if limits::DISCOVERED <= count {
            return Err(io::Error::other(format!("it has more than {} entries", limits::DISCOVERED)));
        }
        let path = entry?.path();
        let name = file_name(&path);
        if !is_passed_over(&name) {
            candidates.push(path);
        }
    }
    candidates.sort();
    Ok(candidates)
}

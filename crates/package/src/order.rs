//! The order in which plugins start that need each other. Pure; one function for all formats.
//!
//! Each plugin comes after everything that it needs. Whoever cannot start is told why, with the way from it to the reason:
//! something that is not there, or not in a version that fits, or a circle. None of this stops the others.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use semver::{Version, VersionReq};

use crate::id::PackageId;
use crate::limits;
use crate::package::Package;

#[cfg(test)]
mod tests;

/// A plugin that another one needs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dependency {
    /// Its id.
    pub id: PackageId,
    /// The versions that fit; `*` is every version.
    pub range: VersionReq,
}

/// Something to be ordered.
#[derive(Clone, Debug)]
pub struct Node<'n> {
    /// The name under which others need it.
    pub id: &'n str,
    /// Its version, in any form. One that is no semantic version fits only the range `*`.
    pub version: &'n str,
    /// What it needs.
    pub needs: Vec<Need<'n>>,
}

/// Something that a [`Node`] needs.
#[derive(Clone, Debug)]
pub struct Need<'n> {
    /// The name of the other.
    pub id: &'n str,
    /// The versions that fit.
    pub range: &'n VersionReq,
}

impl<'n> From<&'n Package> for Node<'n> {
    fn from(package: &'n Package) -> Self {
        let needs = package.dependencies.iter();
        Node {
            id: package.id.as_str(),
            version: &package.version,
            needs: needs.map(|needed| Need { id: needed.id.as_str(), range: &needed.range }).collect(),
        }
    }
}

/// In which order to start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// The places of nodes in what was given. Those of one wave need only those of earlier ones and may start together; in
    /// a wave they are in the order of their ids.
    pub waves: Vec<Vec<usize>>,
    /// For each other node why it cannot start, in the order of their places.
    pub unmet: BTreeMap<usize, Unmet>,
}

/// Why something that is needed is not there to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// From what is needed directly to what [`why`](Unmet::why) speaks of, each needing the next; at most
    /// 16 of them. Empty for a plugin that is in a circle itself, or needs several others that are not there.
    pub path: Vec<String>,
    /// What is wrong with the last one.
    pub why: Why,
}

/// What is wrong with something that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// There is no plugin with this id.
    Missing,
    /// There is one, in a version that does not fit.
    Version {
        /// The version that there is.
        found: String,
        /// The versions that fit.
        range: VersionReq,
    },
    /// It needs itself in the end. The path begins with the first by id, each needs the next, and the last the first.
    Circle(Arc<[String]>),
    /// It does not run, for a reason in words.
    Inactive(Arc<str>),
    /// It needs several others that are not there to be used, each with what is wrong with it; at most 16 of them.
    Several(Arc<[(String, Why)]>),
}

/// Puts `nodes` in order, in a time that grows with the number of nodes and needs. Of two nodes with one id the first
/// counts.
pub fn order(nodes: &[Node<'_>]) -> Order {
    Sorter::new(nodes).sort()
}

/// Of `packages` the one with this id and all that it needs, directly or not, as far as they are there. In their order.
pub fn with_needed(packages: Vec<Package>, id: &str) -> Vec<Package> {
    let places: BTreeMap<&str, usize> =
        packages.iter().enumerate().map(|(place, package)| (package.id.as_str(), place)).collect();
    let mut wanted = BTreeSet::new();
    let mut waiting = vec![id];
    while let Some(id) = waiting.pop() {
        let Some(place) = places.get(id).filter(|place| wanted.insert(**place)) else { continue };
        let dependencies = packages.get(*place).into_iter().flat_map(|package| &package.dependencies);
        waiting.extend(dependencies.map(|dependency| dependency.id.as_str()));
    }
    let packages = packages.into_iter().enumerate();
    packages.filter(|(place, _)| wanted.contains(place)).map(|(_, package)| package).collect()
}

/// Tells whether a version fits. Every version fits `*`, also one that is no semantic version.
pub fn fits(range: &VersionReq, version: &str) -> bool {
    *range == VersionReq::STAR || Version::parse(version).is_ok_and(|version| range.matches(&version))
}

struct Sorter<'n> {
    nodes: &'n [Node<'n>],
    /// The place of each id.
    places: BTreeMap<&'n str, usize>,
    /// For each node the nodes that need it.
    needed_by: Vec<Vec<usize>>,
    /// For each node what is wrong with it.
    fates: Vec<Fate>,
}

#[derive(Clone, Default)]
enum Fate {
    #[default]
    Open,
    Fine,
    /// What it needs itself is not met: the id, and what is wrong with it.
    Culprit(String, Why),
    /// The same for several of what it needs.
    Lacking(Arc<[(String, Why)]>),
    InCircle(Arc<[String]>),
    /// It needs the node at this place, which cannot start.
    Behind(usize),
}

impl<'n> Sorter<'n> {
    fn new(nodes: &'n [Node<'n>]) -> Self {
        let mut places = BTreeMap::new();
        for (place, node) in nodes.iter().enumerate() {
            places.entry(node.id).or_insert(place);
        }
        let mut needed_by = vec![Vec::new(); nodes.len()];
        for (place, node) in nodes.iter().enumerate() {
            for need in &node.needs {
                if let Some(list) = places.get(need.id).and_then(|needed: &usize| needed_by.get_mut(*needed))
                {
                    list.push(place);
                }
            }
        }
        Self { nodes, places, needed_by, fates: vec![Fate::Open; nodes.len()] }
    }

    fn sort(mut self) -> Order {
        for place in 0..self.nodes.len() {
            let mut unmet = self.unmet_directly(place);
            match (unmet.pop(), unmet.is_empty()) {
                (None, _) => {}
                (Some((id, why)), true) => self.doom(place, Fate::Culprit(id, why)),
                (Some(last), false) => {
                    unmet.push(last);
                    self.doom(place, Fate::Lacking(unmet.into()));
                }
            }
        }
        let waves = self.waves();
        self.find_circles();
        let unmet = (0..self.nodes.len()).filter_map(|place| Some((place, self.unmet(place)?))).collect();
        Order { waves, unmet }
    }

    /// What a node needs that is not there or does not fit: all of it, so that nobody has to mend one after the other.
    fn unmet_directly(&self, place: usize) -> Vec<(String, Why)> {
        let needs = self.nodes.get(place).into_iter().flat_map(|node| &node.needs);
        let unmet = needs.filter_map(|need| {
            let why = match self.places.get(need.id).and_then(|place| self.nodes.get(*place)) {
                None => Why::Missing,
                Some(node) if fits(need.range, node.version) => return None,
                Some(node) => Why::Version { found: node.version.to_owned(), range: need.range.clone() },
            };
            Some((need.id.to_owned(), why))
        });
        unmet.take(limits::UNMET_PATH).collect()
    }

    /// Notes that a node cannot start, and with it everything that needs it.
    fn doom(&mut self, place: usize, fate: Fate) {
        let mut queue = VecDeque::from([(place, fate)]);
        while let Some((place, fate)) = queue.pop_front() {
            match self.fates.get_mut(place) {
                Some(open @ Fate::Open) => *open = fate,
                _ => continue,
            }
            let behind = self.needed_by.get(place).into_iter().flatten();
            queue.extend(behind.map(|dependant| (*dependant, Fate::Behind(place))));
        }
    }

    /// Everything that can start. What is open afterwards is in a circle, or needs something that is.
    fn waves(&mut self) -> Vec<Vec<usize>> {
        let mut missing: Vec<usize> = self.nodes.iter().map(|node| node.needs.len()).collect();
        let is_open = |fates: &[Fate], place: usize| matches!(fates.get(place), Some(Fate::Open));
        let mut wave: Vec<usize> = (0..self.nodes.len())
            .filter(|place| is_open(&self.fates, *place) && missing.get(*place) == Some(&0))
            .collect();
        let mut waves = Vec::new();
        while !wave.is_empty() {
            wave.sort_by_key(|place| (self.nodes.get(*place).map(|node| node.id), *place));
            let mut next = Vec::new();
            for place in &wave {
                if let Some(fate) = self.fates.get_mut(*place) {
                    *fate = Fate::Fine;
                }
                for dependant in self.needed_by.get(*place).into_iter().flatten() {
                    let Some(left) = missing.get_mut(*dependant) else { continue };
                    *left -= 1;
                    if *left == 0 && is_open(&self.fates, *dependant) {
                        next.push(*dependant);
                    }
                }
            }
            waves.push(std::mem::replace(&mut wave, next));
        }
        waves
    }

    /// From each node that is open still, goes on to the first that it needs and that is open, until one comes again.
    fn find_circles(&mut self) {
        // The walk in which a node was met.
        let mut met: Vec<Option<usize>> = vec![None; self.nodes.len()];
        for start in 0..self.nodes.len() {
            let mut way = Vec::new();
            let mut at = Some(start);
            while let Some(place) = at.filter(|place| matches!(self.fates.get(*place), Some(Fate::Open))) {
                match met.get_mut(place) {
                    Some(met @ None) => *met = Some(start),
                    Some(Some(walk)) if *walk == start => {
                        let circle = way.iter().position(|met| *met == place).map(|from| way.split_off(from));
                        self.doom_circle(&circle.unwrap_or_default());
                        break;
                    }
                    _ => break,
                }
                way.push(place);
                at = self.next_open(place);
            }
        }
    }

    fn next_open(&self, place: usize) -> Option<usize> {
        let needs = self.nodes.get(place)?.needs.iter();
        needs
            .filter_map(|need| self.places.get(need.id).copied())
            .find(|needed| matches!(self.fates.get(*needed), Some(Fate::Open)))
    }

    fn doom_circle(&mut self, circle: &[usize]) {
        let mut ids: Vec<String> =
            circle.iter().filter_map(|place| Some(self.nodes.get(*place)?.id.to_owned())).collect();
        let first = ids.iter().enumerate().min_by_key(|(_, id)| id.as_str()).map_or(0, |(place, _)| place);
        ids.rotate_left(first);
        let ids: Arc<[String]> = ids.into();
        for place in circle {
            if let Some(fate) = self.fates.get_mut(*place) {
                *fate = Fate::InCircle(ids.clone());
            }
        }
        for place in circle {
            for dependant in self.needed_by.get(*place).cloned().unwrap_or_default() {
                self.doom(dependant, Fate::Behind(*place));
            }
        }
    }

    fn unmet(&self, place: usize) -> Option<Unmet> {
        let mut path = Vec::new();
        let mut at = place;
        loop {
            let (id, why) = match self.fates.get(at)? {
                Fate::Open | Fate::Fine => return None,
                Fate::InCircle(circle) => return Some(Unmet { path, why: Why::Circle(circle.clone()) }),
                Fate::Lacking(unmet) => return Some(Unmet { path, why: Why::Several(unmet.clone()) }),
                Fate::Culprit(id, why) => (id.as_str(), Some(why)),
                Fate::Behind(needed) => {
                    at = *needed;
                    (self.nodes.get(at)?.id, None)
                }
            };
            // A chain of ten thousand plugins needs no path of ten thousand for each of them.
            let is_long = limits::UNMET_PATH <= path.len();
            if !is_long {
                path.push(id.to_owned());
            }
            match why {
                Some(why) => return Some(Unmet { path, why: why.clone() }),
                None if is_long => return Some(Unmet { path, why: Why::Inactive("it cannot start".into()) }),
                None => {}
            }
        }
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, id) in self.path.iter().enumerate() {
            f.write_str(if index == 0 { "it needs " } else { ", which needs " })?;
            f.write_str(id)?;
        }
        f.write_str(if self.path.is_empty() { "it " } else { ", which " })?;
        write!(f, "{}", self.why)
    }
}

/// Goes on from the one that is spoken of: `is not there`.
impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Missing => f.write_str("is not there"),
            Why::Version { found, range } => write!(f, "has the version {found}, and {range} is needed"),
            Why::Circle(circle) => {
                f.write_str("is in a circle: ")?;
                for (one, next) in circle.iter().zip(circle.iter().cycle().skip(1)) {
                    write!(f, "{one} needs {next}, ")?;
                }
                f.write_str("and so none can be the first")
            }
            Why::Inactive(words) => write!(f, "does not run: {words}"),
            Why::Several(unmet) => {
                for (index, (id, why)) in unmet.iter().enumerate() {
                    write!(f, "{}needs {id}, which {why}", if index == 0 { "" } else { ", and " })?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for Unmet {}

//! Which plugin each place has brought, and what follows from what is seen there: a pure machine.

use crate::PluginId;
use plughold_package::{Problem, Problems};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// What was seen at a place, once it is sure. `P` is a package, as somebody else knows it.
#[derive(Clone, Debug)]
pub(crate) enum Finding<P> {
    /// Nothing that could be a package.
    Nothing,
    /// What was there when it was a package last.
    Same,
    /// A package with other contents than before.
    Package(Found<P>),
    /// Something that cannot be loaded.
    Problems(Problems),
}

/// A package, and what has to be known of it here.
#[derive(Clone, Debug)]
pub(crate) struct Found<P> {
    pub(crate) id: PluginId,
    /// The plugins that it needs.
    pub(crate) needs: Vec<PluginId>,
    pub(crate) package: P,
}

/// Something to be done. Of one plugin at most one order is under way, until [`Inventory::done`] tells how it went.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Order<P> {
    /// Load this package, or let its plugin take it over.
    Bring(PluginId, P),
    /// Stop the plugin and forget it.
    Unload(PluginId),
    /// Look at this place as if it were new.
    LookAgain(PathBuf),
    /// Tell whoever listens.
    Tell(News),
}

/// Something to be told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum News {
    /// A package appeared.
    Found(PluginId, PathBuf),
    /// A package has other contents.
    Changed(PluginId, PathBuf),
    /// A package is gone.
    Removed(PluginId, PathBuf),
    /// Something cannot be loaded, or not any more; the plugin that came from there before goes on.
    Problem(Arc<Problems>, Option<PluginId>),
    /// What was told as a problem is none any more, and nothing had to be loaded for that.
    Solved(PathBuf),
}

/// How an order went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is as it should be, or somebody else was told why not.
    Done,
    /// It was not started, because of a plugin that it needs.
    Lacking,
}

/// All places at which something was found.
#[derive(Clone, Debug)]
pub(crate) struct Inventory<P> {
    places: BTreeMap<PathBuf, Place<P>>,
    /// The place of each plugin that was brought, by its id where case is ignored.
    holders: BTreeMap<String, PathBuf>,
    /// Plugins with an order under way, and what is to follow it.
    busy: BTreeMap<PluginId, Option<Order<P>>>,
}

#[derive(Clone, Debug)]
struct Place<P> {
    /// What was brought from here.
    plugin: Option<Brought<P>>,
    /// Whether something was told of it that is wrong.
    trouble: Trouble,
}

#[derive(Clone, Debug)]
struct Brought<P> {
    found: Found<P>,
    /// It waits for a plugin that it needs.
    is_lacking: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Trouble {
    None,
    /// The package cannot be loaded as it is.
    Own,
    /// Another place has brought a plugin with the same id.
    Taken(PluginId),
}

impl<P> Default for Inventory<P> {
    fn default() -> Inventory<P> {
        Inventory { places: BTreeMap::new(), holders: BTreeMap::new(), busy: BTreeMap::new() }
    }
}

impl<P: Clone> Inventory<P> {
    /// Something is sure about a place. What follows comes back, in order.
    pub(crate) fn found(&mut self, path: &Path, finding: Finding<P>) -> Vec<Order<P>> {
        match finding {
            Finding::Nothing => self.removed(path),
            Finding::Same => self.same(path),
            Finding::Problems(problems) => self.problems(path, problems),
            Finding::Package(found) => self.package(path, found),
        }
    }

    /// The plugin of this place runs already: somebody else has loaded it.
    pub(crate) fn adopt(&mut self, path: &Path, found: Found<P>) {
        self.holders.insert(found.id.collision_key(), path.to_owned());
        let plugin = Some(Brought { found, is_lacking: false });
        self.places.insert(path.to_owned(), Place { plugin, trouble: Trouble::None });
    }

    /// The other place that has brought a plugin with this id.
    pub(crate) fn holder(&self, id: &PluginId, path: &Path) -> Option<&Path> {
        self.holders.get(&id.collision_key()).map(PathBuf::as_path).filter(|holder| *holder != path)
    }

    /// An order has been carried out.
    pub(crate) fn done(&mut self, id: &PluginId, outcome: Outcome) -> Vec<Order<P>> {
        let next = self.busy.remove(id).flatten();
        for place in self.places.values_mut() {
            if let Some(plugin) = place.plugin.as_mut().filter(|plugin| plugin.found.id == *id) {
                plugin.is_lacking = outcome == Outcome::Lacking;
            }
        }
        next.map(|order| self.order(id, order)).unwrap_or_default()
    }

    /// Whether an order is under way.
    pub(crate) fn is_busy(&self) -> bool {
        !self.busy.is_empty()
    }

    /// A plugin has become active: those that have waited for it are tried again. Of none, all are.
    pub(crate) fn active(&mut self, id: Option<&PluginId>) -> Vec<Order<P>> {
        self.bring_lacking(|found| id.is_none_or(|id| found.needs.contains(id)))
    }

    /// A plugin that lacked something has it now.
    pub(crate) fn try_again(&mut self, id: &PluginId) -> Vec<Order<P>> {
        self.bring_lacking(|found| found.id == *id)
    }

    fn bring_lacking(&mut self, is_wanted: impl Fn(&Found<P>) -> bool) -> Vec<Order<P>> {
        let waiting = self.places.values_mut().filter_map(|place| place.plugin.as_mut());
        let mut again = Vec::new();
        for plugin in waiting.filter(|plugin| plugin.is_lacking && is_wanted(&plugin.found)) {
            plugin.is_lacking = false;
            again.push((plugin.found.id.clone(), plugin.found.package.clone()));
        }
        let orders =
            again.into_iter().flat_map(|(id, package)| self.order(&id, Order::Bring(id.clone(), package)));
        orders.collect()
    }

    fn removed(&mut self, path: &Path) -> Vec<Order<P>> {
        let Some(place) = self.places.remove(path) else { return Vec::new() };
        let mut orders = Vec::new();
        match place.plugin {
            Some(plugin) => orders.extend(self.let_go(path, &plugin.found.id)),
            None if place.trouble != Trouble::None => {
                orders.push(Order::Tell(News::Solved(path.to_owned())));
            }
            None => {}
        }
        orders
    }

    fn same(&mut self, path: &Path) -> Vec<Order<P>> {
        let Some(place) = self.places.get_mut(path) else { return Vec::new() };
        if std::mem::replace(&mut place.trouble, Trouble::None) == Trouble::None {
            return Vec::new();
        }
        vec![Order::Tell(News::Solved(path.to_owned()))]
    }

    fn problems(&mut self, path: &Path, problems: Problems) -> Vec<Order<P>> {
        self.troubled(path, problems, Trouble::Own)
    }

    fn troubled(&mut self, path: &Path, problems: Problems, trouble: Trouble) -> Vec<Order<P>> {
        let place = self.place(path);
        place.trouble = trouble;
        let running = place.plugin.as_ref().map(|plugin| plugin.found.id.clone());
        vec![Order::Tell(News::Problem(Arc::new(problems), running))]
    }

    fn package(&mut self, path: &Path, found: Found<P>) -> Vec<Order<P>> {
        if let Some(holder) = self.holder(&found.id, path) {
            let message = format!("the id \"{}\" is taken already by {}", found.id, holder.display());
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            let problem =
                Problem::new(name, message).with_help("remove one of the two, or give it another id");
            let problems = Problems { path: path.to_owned(), items: vec![problem] };
            return self.troubled(path, problems, Trouble::Taken(found.id));
        }
        let mut orders = Vec::new();
        let place = self.place(path);
        place.trouble = Trouble::None;
        let before = place.plugin.take().map(|plugin| plugin.found.id);
        let id = found.id.clone();
        let package = found.package.clone();
        place.plugin = Some(Brought { found, is_lacking: false });
        if let Some(before) = before.as_ref().filter(|before| **before != id) {
            orders.extend(self.let_go(path, before));
        }
        self.holders.insert(id.collision_key(), path.to_owned());
        let news = match before == Some(id.clone()) {
            true => News::Changed(id.clone(), path.to_owned()),
            false => News::Found(id.clone(), path.to_owned()),
        };
        orders.push(Order::Tell(news));
        orders.extend(self.order(&id, Order::Bring(id.clone(), package)));
        orders
    }

    /// The plugin came from there, and does not any more. Who wanted its id may have it now.
    fn let_go(&mut self, path: &Path, id: &PluginId) -> Vec<Order<P>> {
        let mut orders = vec![Order::Tell(News::Removed(id.clone(), path.to_owned()))];
        orders.extend(self.order(id, Order::Unload(id.clone())));
        let key = id.collision_key();
        self.holders.remove(&key);
        let wants =
            |place: &Place<P>| matches!(&place.trouble, Trouble::Taken(id) if id.collision_key() == key);
        let waiting = self.places.iter().filter(|(_, place)| wants(place));
        orders.extend(waiting.map(|(path, _)| Order::LookAgain(path.clone())));
        orders
    }

    /// Gives the order now, or when the one before is done. Of several that wait only the last counts.
    fn order(&mut self, id: &PluginId, order: Order<P>) -> Vec<Order<P>> {
        match self.busy.get_mut(id) {
            Some(next) => {
                *next = Some(order);
                Vec::new()
            }
            None => {
                self.busy.insert(id.clone(), None);
                vec![order]
            }
        }
    }

    fn place(&mut self, path: &Path) -> &mut Place<P> {
        let new = || Place { plugin: None, trouble: Trouble::None };
        self.places.entry(path.to_owned()).or_insert_with(new)
    }
}

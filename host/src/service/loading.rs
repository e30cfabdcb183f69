//! Loads many plugins at once, each after those that it needs.

use crate::PluginId;
use crate::error::LoadError;
use crate::service::{Host, Plugin};
use plughold_package::order::{Node, Order, Why, order};
use plughold_package::{Package, Unmet};
use std::collections::HashMap;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How a load went, for those that wait for it: the error is why they cannot start either. None until it is known.
type Fate = Option<Result<(), Unmet>>;

/// What a plugin waits for before it starts: who that is, and how that goes.
type Awaited = Vec<(PluginId, watch::Receiver<Fate>)>;

/// Loads all of them. The results are in the order in which they were given.
pub(super) async fn load_all(
    host: &Host,
    packages: Vec<Package>,
) -> Vec<(PluginId, Result<Plugin, LoadError>)> {
    let Order { waves, mut unmet } = order_of(host, &packages);
    let places: HashMap<PluginId, usize> =
        packages.iter().enumerate().map(|(place, package)| (package.id.clone(), place)).collect();
    let (fates, awaited): (Vec<_>, Vec<_>) = packages.iter().map(|_| watch::channel(None)).unzip();
    let mut packages: Vec<_> = packages.into_iter().zip(fates).map(Some).collect();
    let mut loads = JoinSet::new();
    // In their order, so that nobody takes the turn of one that it waits for.
    for place in waves.into_iter().flatten() {
        let Some((package, fate)) = packages.get_mut(place).and_then(Option::take) else { continue };
        let needs = package.dependencies.iter().filter_map(|dependency| {
            let place = places.get(&dependency.id)?;
            Some((dependency.id.clone(), awaited.get(*place)?.clone()))
        });
        let needs = Awaited::from_iter(needs);
        let host = host.clone();
        let runtime = host.runtime().clone();
        let load = async move {
            let id = package.id.clone();
            let result = load_after(&host, package, needs).await;
            // Nobody may wait for it.
            fate.send_replace(Some(result.as_ref().map(drop).or_else(fate_of)));
            (place, id, result)
        };
        loads.spawn_on(load, &runtime);
    }
    let mut results = loads.join_all().await;
    for (place, package) in packages.into_iter().enumerate() {
        if let (Some((package, _)), Some(unmet)) = (package, unmet.remove(&place)) {
            results.push((place, package.id.clone(), Err(host.refuse(package, unmet))));
        }
    }
    results.sort_by_key(|(place, ..)| *place);
    results.into_iter().map(|(_, id, result)| (id, result)).collect()
}

/// The order of what was found, and behind it of what runs already and does not have to be loaded.
fn order_of(host: &Host, packages: &[Package]) -> Order {
    let loaded = host.registry().all();
    let loaded = Vec::from_iter(loaded.iter().map(|plugin| (plugin.id(), plugin.package())));
    let found = packages.iter().map(Node::from);
    let present = loaded.iter().map(|(id, package)| Node {
        id: id.as_str(),
        version: &package.version,
        needs: Vec::new(),
    });
    order(&Vec::from_iter(found.chain(present)))
}

async fn load_after(host: &Host, package: Package, needs: Awaited) -> Result<Plugin, LoadError> {
    for (id, mut fate) in needs {
        let known = fate.wait_for(Option::is_some).await;
        // Its task is gone only when the runtime shuts down.
        let known = known.map_err(|_| LoadError::ShuttingDown)?;
        if let Some(Err(unmet)) = &*known {
            let mut path = vec![id.to_string()];
            path.extend(unmet.path.iter().take(plughold_package::limits::UNMET_PATH - 1).cloned());
            return Err(host.refuse(package, Unmet { path, why: unmet.why.clone() }));
        }
    }
    host.load(package).await
}

/// What the failure of a plugin's load means for those that need it.
fn fate_of(error: &LoadError) -> Result<(), Unmet> {
    match error {
        // It was loaded before; whether it runs is looked at when they start.
        LoadError::Duplicate(_) => Ok(()),
        LoadError::Dependency(unmet) => Err((**unmet).clone()),
        error => Err(Unmet { path: Vec::new(), why: Why::Inactive(error.to_string().into()) }),
    }
}

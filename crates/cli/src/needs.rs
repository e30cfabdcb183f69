//! Which packages need others that are not there, or do not fit, or are in a circle with them.

use crate::folders::item;
use plughold::{Package, Problem, Problems, Unmet};
use plughold_package::order::{Node, Order, Why, order};
use std::path::PathBuf;

/// The problems of those that cannot start together, in their order.
///
/// A package that is named itself, and not the folder that holds it, may have what it needs elsewhere.
pub(crate) fn unmet(packages: &[Package], paths: &[PathBuf]) -> Vec<Problems> {
    let Order { unmet, .. } = order(&Vec::from_iter(packages.iter().map(Node::from)));
    let unmet = unmet.into_iter().filter_map(|(place, unmet)| Some((packages.get(place)?, unmet)));
    let problems = unmet.filter_map(|(package, unmet)| {
        let is_named = paths.contains(&package.source);
        let counts = each(unmet).into_iter().filter(|unmet| !is_named || unmet.why != Why::Missing);
        let items = Vec::from_iter(counts.map(|unmet| of(package, &unmet)));
        (!items.is_empty()).then(|| Problems { path: package.source.clone(), items })
    });
    problems.collect()
}

/// One for each of several that a package itself needs.
fn each(unmet: Unmet) -> Vec<Unmet> {
    match &unmet.why {
        Why::Several(several) if unmet.path.is_empty() => {
            let one = |(id, why): &(String, Why)| Unmet { path: vec![id.clone()], why: why.clone() };
            several.iter().map(one).collect()
        }
        _ => vec![unmet],
    }
}

fn of(package: &Package, unmet: &Unmet) -> Problem {
    let help = match &unmet.why {
        Why::Missing => "put it into a folder of plugins that is loaded too",
        Why::Version { .. } => "take another version of it, or say that this one fits as well",
        Why::Several(_) => "put them into a folder of plugins that is loaded too, in versions that fit",
        _ => "move what both need to a plugin that needs neither",
    };
    item(package, unmet.to_string(), help)
}

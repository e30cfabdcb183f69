//! Which packages need others that are not there, or do not fit, or are in a circle with them.

use crate::folders::problem;
use plughold::{Package, Problems};
use plughold_package::order::{Node, Order, Why, order};
use std::path::PathBuf;

/// The problems of those that cannot start together, in their order.
///
/// A package that is named itself, and not the folder that holds it, may have what it needs elsewhere.
pub(crate) fn unmet(packages: &[Package], paths: &[PathBuf]) -> Vec<Problems> {
    let Order { unmet, .. } = order(&Vec::from_iter(packages.iter().map(Node::from)));
    let unmet = unmet.into_iter().filter_map(|(place, unmet)| Some((packages.get(place)?, unmet)));
    let counts =
        unmet.filter(|(package, unmet)| unmet.why != Why::Missing || !paths.contains(&package.source));
    let problems = counts.map(|(package, unmet)| {
        let help = match &unmet.why {
            Why::Missing => "put it into a folder of plugins that is loaded too",
            Why::Version { .. } => "take another version of it, or say that this one fits as well",
            _ => "move what both need to a plugin that needs neither",
        };
        problem(package, unmet.to_string(), help)
    });
    problems.collect()
}

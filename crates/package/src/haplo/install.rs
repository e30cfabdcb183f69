//! What is installed with what, and in which order plugins load.

use std::collections::{BTreeMap, BTreeSet};

/// The priority of a plugin that does not say one. Lower ones load first.
pub const DEFAULT_PRIORITY: i64 = 9_999_999;

/// Sorts plugins into the order in which they load: by priority, then by name, byte by byte. Neither the order of
/// installation nor `depend` makes a difference.
pub fn sort<T>(plugins: &mut [T], priority_and_name: impl Fn(&T) -> (i64, &str)) {
    plugins.sort_by(|one, other| priority_and_name(one).cmp(&priority_and_name(other)));
}

/// A plugin that is to be installed, itself or for another, and that nobody registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Plugin not registered: {0}")]
pub struct NotRegistered(pub String);

/// What has to be installed for `wanted`: these and all that they depend on, each once, in the order in which they are
/// found. Circles are allowed. `registered` has the names in `depend` of each plugin that there is.
///
/// # Errors
///
/// The first plugin that is not registered; nothing is to be installed then.
pub fn closure<'a>(
    wanted: impl IntoIterator<Item = &'a str>,
    registered: &'a BTreeMap<String, Vec<String>>,
) -> Result<Vec<&'a str>, NotRegistered> {
    let mut installed = Vec::new();
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<&str> = wanted.into_iter().collect();
    waiting.reverse();
    while let Some(name) = waiting.pop() {
        if !seen.insert(name) {
            continue;
        }
        let Some((name, depend)) = registered.get_key_value(name) else {
            return Err(NotRegistered(name.to_owned()));
        };
        installed.push(name.as_str());
        waiting.extend(depend.iter().rev().map(String::as_str));
    }
    Ok(installed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_and_repetitions_are_installed_once() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let registered = BTreeMap::from([
            ("a".to_owned(), names(&["b", "c"])),
            ("b".to_owned(), names(&["a", "c"])),
            ("c".to_owned(), names(&["c"])),
        ]);
        assert_eq!(closure(["a", "c", "a"], &registered), Ok(vec!["a", "b", "c"]));
        assert_eq!(closure(["c"], &registered), Ok(vec!["c"]));
        assert_eq!(closure(["a", "x"], &registered), Err(NotRegistered("x".to_owned())));
    }
}

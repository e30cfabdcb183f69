//! What a change in the file system is about, by its path alone.

use plughold_package::content::is_left_out;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

/// A folder of plugins, or one plugin, that is watched.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// As it was named: what is told of it is told in these words.
    pub(crate) given: PathBuf,
    /// As the file system tells of it.
    pub(crate) absolute: PathBuf,
}

impl Root {
    /// Nothing of it has to be there.
    pub(crate) fn new(given: PathBuf) -> io::Result<Root> {
        Ok(Root { absolute: std::path::absolute(&given)?, given })
    }

    /// The entry of this root that a change is about: its name, which is empty for the root itself. None for what is
    /// elsewhere, and for what no package holds.
    pub(crate) fn entry_of(&self, changed: &Path) -> Option<OsString> {
        let below = changed.strip_prefix(&self.absolute).ok()?;
        let mut names = below.components().filter_map(|part| match part {
            Component::Normal(name) => Some(name),
            _ => None,
        });
        if names.clone().any(|name| is_left_out(&name.to_string_lossy())) {
            return None;
        }
        Some(names.next().map(OsString::from).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(changed: &str, expected: Option<&str>) {
        let root = Root { given: "plugins".into(), absolute: "/app/plugins".into() };
        let found = root.entry_of(Path::new(changed));
        assert_eq!(found.as_deref().map(|name| name.to_str().unwrap()), expected, "{changed}");
    }

    #[test]
    fn what_changes_are_about() {
        check("/app/plugins", Some(""));
        check("/app/plugins/a.js", Some("a.js"));
        check("/app/plugins/a/lib/x.js", Some("a"));
        check("/app/plugins/_a.js", Some("_a.js"));
        check("/app/plugins2/a.js", None);
        check("/app/other", None);
    }

    #[test]
    fn noise_is_about_nothing() {
        check("/app/plugins/.a.js.swp", None);
        check("/app/plugins/a/.git/index.lock", None);
        check("/app/plugins/a/node_modules/x/index.js", None);
        check("/app/plugins/node_modules", None);
        check("/app/plugins/.git", None);
    }
}

//! Where a path of a plugin leads: into its data folder, into its package, or to the machine.
//!
//! A plugin sees one tree. Its package is the root, as `__dirname` says, its data folder is [`DATA`] in it, and that is
//! also where relative paths begin. Every other path that its package has nothing at is one of the machine, which needs a
//! permission. Parts such as `..` are resolved here, by their letters: there are no links that would make that wrong.

use rustix::io::Errno;
use std::path::{Path, PathBuf};

/// The data folder as a plugin sees it.
pub(crate) const DATA: &str = "/plugin-data";

/// Bytes of a path as a plugin writes it.
const WRITTEN: usize = 4_096;

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Beneath the data folder; empty for the folder itself.
    Data(PathBuf),
    /// Any other: the name in the package, which is also the path of the machine without its first slash.
    Other(String),
}

impl Place {
    /// Where a path leads that a plugin wrote.
    pub(super) fn of(written: &str) -> Result<Place, Errno> {
        if written.is_empty() {
            return Err(Errno::NOENT);
        }
        if WRITTEN < written.len() {
            return Err(Errno::NAMETOOLONG);
        }
        if written.contains('\0') {
            return Err(Errno::INVAL);
        }
        let mut parts = Vec::new();
        if !written.starts_with('/') {
            parts.push(DATA.trim_start_matches('/'));
        }
        for part in written.split('/') {
            match part {
                "" | "." => {}
                // As everywhere, nothing is above the root.
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        Ok(match parts.split_first() {
            Some((first, rest)) if *first == DATA.trim_start_matches('/') => {
                Place::Data(rest.iter().collect())
            }
            _ => Place::Other(parts.join("/")),
        })
    }
}

/// The path as plugins see it, of something beneath the data folder.
pub(super) fn seen(beneath: &Path) -> String {
    Path::new(DATA).join(beneath).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn data(written: &str, expected: &str) {
        assert_eq!(Place::of(written), Ok(Place::Data(expected.into())), "{written}");
    }

    #[track_caller]
    fn other(written: &str, expected: &str) {
        assert_eq!(Place::of(written), Ok(Place::Other(expected.to_owned())), "{written}");
    }

    #[test]
    fn paths_lead_where_their_letters_say() {
        data("a", "a");
        data("./a//b/", "a/b");
        data(".", "");
        data("a/..", "");
        data("a/../../plugin-data/b", "b");
        data("/plugin-data", "");
        data("/plugin-data/a/./b/../c", "a/c");
        data("//plugin-data//a", "a");
        data("...", "...");
        data("a\\..\\b", "a\\..\\b");
        data("%2e%2e/a", "%2e%2e/a");
        data("~/a", "~/a");
        other("/", "");
        other("/a", "a");
        other("..", "");
        other("../..", "");
        other("../../../../etc/passwd", "etc/passwd");
        other("../plugin-data2/a", "plugin-data2/a");
        other("/plugin-datas", "plugin-datas");
        other("/Plugin-Data/a", "Plugin-Data/a");
        other("/plugin-data/../etc/passwd", "etc/passwd");
        other("/proc/self/root/etc", "proc/self/root/etc");
    }

    #[test]
    fn what_is_no_path_is_refused() {
        assert_eq!(Place::of(""), Err(Errno::NOENT));
        assert_eq!(Place::of("a\0b"), Err(Errno::INVAL));
        assert_eq!(Place::of("a/\0/../b"), Err(Errno::INVAL));
        assert_eq!(Place::of(&"a/".repeat(2_049)), Err(Errno::NAMETOOLONG));
    }

    #[test]
    fn what_is_seen_leads_back() {
        assert_eq!(seen(Path::new("a/b")), "/plugin-data/a/b");
        assert_eq!(Place::of(&seen(Path::new("a/b"))), Ok(Place::Data("a/b".into())));
    }
}

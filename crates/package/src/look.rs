//! Looking at a package again and again, without reading what has not changed.

use std::io;
use std::path::{Path, PathBuf};

use crate::content::ContentHash;
use crate::discover;
use crate::hitchy::Application;
use crate::package::{Kind, Package};
use crate::problem::{Problem, Problems, file_name};
use crate::stamp::Stamp;

/// What one look at a path gave.
#[derive(Clone, Debug)]
pub enum Look {
    /// There is nothing, or nothing that a package could be.
    Nothing,
    /// Nothing was written since the look before; what that gave is still so.
    Untouched,
    /// Files were written since the look before, and what they hold is what the last good look found.
    Same,
    /// A package with other contents than before.
    Package(Box<Package>),
    /// Something that cannot be loaded.
    Problems(Problems),
}

/// What is remembered of a path between two looks: how its files look from outside, and what they held when they could be
/// read last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    stamp: Option<Stamp>,
    content: Option<ContentHash>,
}

impl Remembered {
    /// Looks at the file or folder at `path`, and remembers what it saw. Whatever is wrong is told in the look.
    ///
    /// A file that is written while it is read is read again by the next look.
    pub fn look(&mut self, path: impl AsRef<Path>) -> Look {
        let path = path.as_ref();
        let kind = match Kind::of(path) {
            Ok(Some(kind)) => kind,
            Ok(None) => return self.nothing(),
            Err(error) if is_absent(path, &error) => return self.nothing(),
            Err(error) => {
                self.stamp = None;
                let problem = Problem::new(file_name(path), format!("cannot be read: {error}"));
                return Look::Problems(problem.alone(path));
            }
        };
        let stamp = Stamp::of(path).ok();
        if stamp.is_some() && stamp == self.stamp {
            return Look::Untouched;
        }
        let opened = kind.open(path);
        let content = opened.as_ref().ok().and_then(|package| package.content_hash().ok());
        // One that was taken too soon after a change, or that a change has overtaken, proves nothing.
        self.stamp = stamp.filter(|stamp| stamp.is_settled() && Stamp::of(path).ok() == Some(*stamp));
        match opened {
            Ok(_) if content.is_some() && content == self.content => Look::Same,
            Ok(package) => {
                self.content = content;
                Look::Package(Box::new(package))
            }
            Err(problems) => Look::Problems(problems),
        }
    }

    fn nothing(&mut self) -> Look {
        *self = Remembered::default();
        Look::Nothing
    }
}

/// Where packages may be in a folder of plugins, in order: each entry that [`discover`](crate::discover()) would look at,
/// or the folder itself if it is a package. Entries that are no packages are among them.
///
/// # Errors
///
/// The operating system's, and more than 10,000 entries.
pub fn places(dir: impl AsRef<Path>) -> io::Result<Vec<PathBuf>> {
    let dir = dir.as_ref();
    if !std::fs::metadata(dir)?.is_dir() || Kind::of_folder(dir).is_some() {
        return Ok(vec![dir.to_owned()]);
    }
    if let Some(application) = Application::find(dir) {
        return Ok(application.plugins.into_iter().map(|found| found.folder).collect());
    }
    discover::candidates(dir)
}

/// Whether nothing is there. A link that leads nowhere is something.
fn is_absent(path: &Path, error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound && std::fs::symlink_metadata(path).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    fn word(look: &Look) -> &'static str {
        match look {
            Look::Nothing => "nothing",
            Look::Untouched => "untouched",
            Look::Same => "same",
            Look::Package(_) => "package",
            Look::Problems(_) => "problems",
        }
    }

    /// Looks after each step, once the step before is old enough to be trusted.
    #[track_caller]
    fn check(steps: &[(&str, Option<&str>, &str)]) {
        let folder = Folder::new(&[]);
        let mut remembered = Remembered::default();
        for (number, (name, text, expected)) in steps.iter().enumerate() {
            let path = folder.path().join(name);
            match text {
                Some(text) => folder.write(name, text.as_bytes()),
                None => drop(std::fs::remove_file(&path)),
            }
            while Stamp::of(folder.path()).is_ok_and(|stamp| !stamp.is_settled()) {
                std::thread::yield_now();
            }
            let found = word(&remembered.look(folder.path().join("p")));
            assert_eq!(found, *expected, "step {number}");
            let again = word(&remembered.look(folder.path().join("p")));
            assert_eq!(again, if *expected == "nothing" { "nothing" } else { "untouched" }, "step {number}");
        }
    }

    #[test]
    fn only_what_has_changed_is_read() {
        const MANIFEST: &str = r#"{"id": "a", "name": "A", "version": "1.0.0"}"#;
        check(&[
            ("p/readme.txt", Some("x"), "nothing"),
            ("p/plughold.json", Some("{"), "problems"),
            ("p/plughold.json", Some(MANIFEST), "problems"),
            ("p/main.js", Some("one"), "package"),
            ("p/main.js", Some("one"), "same"),
            ("p/main.js", Some("two"), "package"),
            ("p/plughold.json", Some("{"), "problems"),
            ("p/plughold.json", Some(MANIFEST), "same"),
            ("p/lib/x.js", Some(""), "package"),
            ("p/plughold.json", None, "nothing"),
            ("p/plughold.json", Some(MANIFEST), "package"),
        ]);
    }

    #[test]
    fn a_change_right_after_a_look_is_seen() {
        let folder = Folder::new(&[("a.js", "0")]);
        let path = folder.path().join("a.js");
        let mut remembered = Remembered::default();
        assert_eq!(word(&remembered.look(&path)), "package");
        for text in ["1", "2", "3", "4"] {
            folder.write("a.js", text.as_bytes());
            assert_eq!(word(&remembered.look(&path)), "package");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_nowhere_is_a_problem_and_an_absent_file_is_nothing() {
        let folder = Folder::new(&[]);
        std::os::unix::fs::symlink("nowhere.js", folder.path().join("a.js")).unwrap();
        let mut remembered = Remembered::default();
        assert_eq!(word(&remembered.look(folder.path().join("a.js"))), "problems");
        assert_eq!(word(&remembered.look(folder.path().join("b.js"))), "nothing");
    }

    #[test]
    fn the_places_of_a_folder() {
        let folder = Folder::new(&[("a.js", ""), ("b/x", ""), ("_c.js", ""), (".d", ""), ("e.txt", "")]);
        let names =
            |dir: &Path| -> Vec<String> { places(dir).unwrap().iter().map(|path| file_name(path)).collect() };
        assert_eq!(names(folder.path()), ["a.js", "b", "e.txt"]);
        folder.write("plughold.json", b"{}");
        assert_eq!(places(folder.path()).unwrap(), [folder.path()]);
        let file = folder.path().join("a.js");
        assert_eq!(places(&file).unwrap(), [file]);
        assert!(places(folder.path().join("nobody")).is_err());
    }
}

//! Relative imports between the modules of a package.

use crate::name::{self, NameError};
use crate::package::Package;
use crate::problem::quoted;
use crate::read::Contents;

/// What is tried behind a specifier, in this order.
const ENDINGS: [&str; 5] = ["", ".js", ".mjs", ".json", "/index.js"];

/// Why an import has no file. The quoted parts are cut and escaped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// The specifier names a package of a registry, or a module of another system.
    #[error(
        "cannot import {0}: only files of the plugin can be imported, as \"./name.js\"; bundle packages into the plugin"
    )]
    Bare(String),
    /// The specifier is an absolute path or a URL.
    #[error("cannot import {0}: expected a name relative to the importing file, as \"./name.js\"")]
    Absolute(String),
    /// The specifier leads out of the package.
    #[error("cannot import {specifier} from {referrer}: it leads out of the plugin")]
    Above {
        /// What is imported.
        specifier: String,
        /// The importing file.
        referrer: String,
    },
    /// A name breaks a rule.
    #[error("cannot import {specifier}: {source}")]
    Name {
        /// What is imported.
        specifier: String,
        /// The rule.
        source: NameError,
    },
    /// No file has the name, with any of the endings.
    #[error("cannot import {specifier} from {referrer}: the plugin has no file {tried}")]
    Absent {
        /// What is imported.
        specifier: String,
        /// The importing file.
        referrer: String,
        /// The names that were tried.
        tried: String,
    },
    /// The plugin is one file and has nothing to import.
    #[error("cannot import {0}: the plugin is a single file; make it a folder with a \"plughold.json\"")]
    SingleFile(String),
}

impl Package {
    /// Finds the file that `specifier` means in the file `referrer`, both as they stand in the plugin's code, as
    /// `./util` in `lib/main.js`. Tried are the name itself and the name with `.js`, `.mjs`, `.json` and `/index.js`;
    /// a name that ends with a slash is a folder's.
    ///
    /// # Errors
    ///
    /// A specifier that is not relative, that leads out of the package or that names no file.
    pub fn resolve(&self, specifier: &str, referrer: &str) -> Result<String, ResolveError> {
        if !is_relative(specifier) {
            let absolute = specifier.starts_with('/') || specifier.contains(':');
            let error = if absolute { ResolveError::Absolute } else { ResolveError::Bare };
            return Err(error(quoted(specifier)));
        }
        if let Contents::File { .. } = self.contents {
            return Err(ResolveError::SingleFile(quoted(specifier)));
        }
        let base = join(specifier, referrer)?;
        let is_folder = matches!(specifier.rsplit('/').next(), Some("" | "." | ".."));
        let mut tried = Vec::new();
        for ending in ENDINGS.into_iter().filter(|ending| !is_folder || ending.starts_with('/')) {
            let candidate = format!("{base}{ending}").trim_start_matches('/').to_owned();
            if self.contents.contains(&candidate) {
                return Ok(candidate);
            }
            tried.push(quoted(&candidate));
        }
        Err(ResolveError::Absent {
            specifier: quoted(specifier),
            referrer: quoted(referrer),
            tried: tried.join(" or "),
        })
    }
}

fn is_relative(specifier: &str) -> bool {
    matches!(specifier, "." | "..") || specifier.starts_with("./") || specifier.starts_with("../")
}

/// Walks from the referrer's folder; the result is clean, or empty for the package's root.
fn join(specifier: &str, referrer: &str) -> Result<String, ResolveError> {
    let bad_name = |source| ResolveError::Name { specifier: quoted(specifier), source };
    if crate::limits::PATH < specifier.len() {
        return Err(bad_name(NameError::Long(quoted(specifier))));
    }
    let referrer_name = name::clean(referrer).map_err(bad_name)?;
    let mut parts: Vec<&str> = referrer_name.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or_else(|| ResolveError::Above {
                    specifier: quoted(specifier),
                    referrer: quoted(referrer),
                })?;
            }
            _ => parts.push(part),
        }
    }
    if parts.is_empty() {
        return Ok(String::new());
    }
    name::clean(&parts.join("/")).map_err(bad_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    #[track_caller]
    fn check(specifier: &str, referrer: &str, expected: &str) {
        let folder = Folder::new(&[
            ("plughold.json", r#"{"id": "a", "name": "A", "version": "1.0.0"}"#),
            ("main.js", ""),
            ("a.js", ""),
            ("a.json", ""),
            ("b.mjs", ""),
            ("lib/index.js", ""),
            ("lib/c.js", ""),
            ("d.js/index.js", ""),
        ]);
        let package = Package::open(folder.path()).unwrap();
        let found = package.resolve(specifier, referrer).unwrap_or_else(|error| error.to_string());
        assert_eq!(found, expected, "{specifier} in {referrer}");
    }

    #[test]
    fn relative_imports_find_files() {
        check("./a.js", "main.js", "a.js");
        check("./a", "main.js", "a.js");
        check("./a.json", "main.js", "a.json");
        check("./b", "main.js", "b.mjs");
        check("./lib", "main.js", "lib/index.js");
        check("./lib/", "main.js", "lib/index.js");
        check("./d.js", "main.js", "d.js/index.js");
        check("./c", "lib/index.js", "lib/c.js");
        check("../a", "lib/c.js", "a.js");
        check("./lib/../lib/./c.js", "main.js", "lib/c.js");
        check(".", "lib/c.js", "lib/index.js");
        check("./", "lib/c.js", "lib/index.js");
        check("../lib", "./lib/c.js", "lib/index.js");
    }

    #[test]
    fn other_imports_are_refused_with_the_reason() {
        check(
            "lodash",
            "main.js",
            r#"cannot import "lodash": only files of the plugin can be imported, as "./name.js"; bundle packages into the plugin"#,
        );
        for absolute in ["/a.js", "file:///a.js", "https://example.com/a.js", "node:fs"] {
            let expected = r#"expected a name relative to the importing file, as "./name.js""#;
            check(absolute, "main.js", &format!("cannot import {absolute:?}: {expected}"));
        }
        check("../a", "main.js", r#"cannot import "../a" from "main.js": it leads out of the plugin"#);
        check(
            "./../../lib/c.js",
            "lib/c.js",
            r#"cannot import "./../../lib/c.js" from "lib/c.js": it leads out of the plugin"#,
        );
        check("..", "lib/c.js", r#"cannot import ".." from "lib/c.js": the plugin has no file "index.js""#);
        check(
            "./x",
            "main.js",
            r#"cannot import "./x" from "main.js": the plugin has no file "x" or "x.js" or "x.mjs" or "x.json" or "x/index.js""#,
        );
        check(
            "./a.js?1",
            "main.js",
            r#"cannot import "./a.js?1": the name "a.js?1" holds "?", which not every file system takes"#,
        );
        check(
            "./a",
            "/main.js",
            r#"cannot import "./a": the name "/main.js" is absolute, expected one relative to the package"#,
        );
        check(
            "",
            "main.js",
            r#"cannot import "": only files of the plugin can be imported, as "./name.js"; bundle packages into the plugin"#,
        );
    }

    #[test]
    fn a_single_file_imports_nothing() {
        let folder = Folder::new(&[("one.js", "import './two.js'"), ("two.js", "")]);
        let package = Package::open(folder.path().join("one.js")).unwrap();
        assert_eq!(
            package.resolve("./two.js", "one.js").unwrap_err().to_string(),
            r#"cannot import "./two.js": the plugin is a single file; make it a folder with a "plughold.json""#
        );
    }
}

//! Relative imports between the modules of a package.

use crate::name::{self, NameError};
use crate::package::Package;
use crate::problem::quoted;
use crate::read::Contents;
use plughold_protocol::text::unescaped;

/// What is tried behind a specifier, in this order.
const ENDINGS: [&str; 6] = ["", ".js", ".mjs", ".cjs", ".json", "/index.js"];

/// What stands before a name that starts at the package's root, as `import.meta.url` has it.
const ROOT: &str = "plughold:";

/// Modules of Node.js that reach out of the process.
const OUTWARD: [&str; 24] = [
    "child_process",
    "cluster",
    "dgram",
    "dns",
    "electron",
    "fs",
    "fs-extra",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "process",
    "readline",
    "repl",
    "sqlite",
    "tls",
    "tty",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
];

/// Modules of Node.js that a package can stand in for.
const PURE: [&str; 18] = [
    "assert",
    "async_hooks",
    "buffer",
    "console",
    "constants",
    "crypto",
    "diagnostics_channel",
    "events",
    "path",
    "perf_hooks",
    "punycode",
    "querystring",
    "stream",
    "string_decoder",
    "timers",
    "url",
    "util",
    "zlib",
];

/// Why an import has no file. The quoted parts are cut and escaped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// The specifier names a package of a registry, which a plugin has to bring along.
    #[error(
        "cannot import {0}: only files of the plugin, as \"./name.js\", and built-in modules can be imported; bundle packages into the plugin"
    )]
    Bare(String),
    /// The specifier lacks the dot before the name of a file that is there.
    #[error("cannot import {specifier}: did you mean {meant}?")]
    Meant {
        /// What is imported.
        specifier: String,
        /// The relative specifier of the file.
        meant: String,
    },
    /// The specifier names a module of Node.js that reaches out of the process.
    #[error(
        "cannot import {0}: a plugin has no files, network or processes of its own; ask the application's functions"
    )]
    Outward(String),
    /// The specifier names a module of Node.js for which a package can stand in.
    #[error(
        "cannot import {0}: it is a module of Node.js; bundle a package that does the same into the plugin"
    )]
    Pure(String),
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
        /// The names that were tried and that somebody may have meant.
        tried: String,
    },
    /// The plugin is one file and has nothing to import.
    #[error("cannot import {0}: the plugin is a single file; make it a folder with a \"plughold.json\"")]
    SingleFile(String),
}

impl Package {
    /// Finds the file that `specifier` means in the file `referrer`, both as they stand in the plugin's code, as
    /// `./util` in `lib/main.js`. Tried are the name itself and the name with `.js`, `.mjs`, `.cjs`, `.json` and
    /// `/index.js`; a name that ends with a slash is a folder's. `plughold:///lib/util.js` starts at the package's root.
    ///
    /// # Errors
    ///
    /// A specifier that is not relative, that leads out of the package or that names no file.
    pub fn resolve(&self, specifier: &str, referrer: &str) -> Result<String, ResolveError> {
        let root_name = root_name(specifier);
        if root_name.is_none() && !is_relative(specifier) {
            return Err(self.refusal(specifier, referrer));
        }
        let base = match &root_name {
            Some(name) => join(name, "", specifier).map_err(|error| match error {
                ResolveError::Above { specifier, .. } => {
                    ResolveError::Above { specifier, referrer: quoted(referrer) }
                }
                error => error,
            })?,
            None => join(specifier, referrer, specifier)?,
        };
        if let Contents::File { name, .. } = &self.contents {
            let is_itself = *name == base;
            return if is_itself { Ok(base) } else { Err(ResolveError::SingleFile(quoted(specifier))) };
        }
        let is_folder = matches!(specifier.rsplit('/').next(), Some("" | "." | ".."));
        match self.find(&base, is_folder) {
            Some(found) => Ok(found),
            None => Err(ResolveError::Absent {
                specifier: quoted(specifier),
                referrer: quoted(referrer),
                tried: tried(&base, is_folder),
            }),
        }
    }

    /// The first file behind a clean name; an empty one is the package's root.
    fn find(&self, base: &str, is_folder: bool) -> Option<String> {
        candidates(base, is_folder).find(|candidate| self.contents.contains(candidate))
    }

    /// Why a specifier that is not relative has no file, with what to do instead.
    fn refusal(&self, specifier: &str, referrer: &str) -> ResolveError {
        let bare = specifier.strip_prefix("node:").unwrap_or(specifier);
        let module = bare.split('/').next().unwrap_or_default();
        if OUTWARD.contains(&module) {
            return ResolveError::Outward(quoted(specifier));
        }
        let is_absolute = bare.starts_with('/') || bare.contains(':');
        if !is_absolute && let Some(meant) = self.meant(specifier, referrer) {
            return ResolveError::Meant { specifier: quoted(specifier), meant: quoted(&meant) };
        }
        if PURE.contains(&module) {
            return ResolveError::Pure(quoted(specifier));
        }
        let error =
            if is_absolute || bare != specifier { ResolveError::Absolute } else { ResolveError::Bare };
        error(quoted(specifier))
    }

    /// The relative specifier of the file that a bare one would mean if it had its dot.
    fn meant(&self, specifier: &str, referrer: &str) -> Option<String> {
        if specifier.is_empty() || matches!(self.contents, Contents::File { .. }) {
            return None;
        }
        let base = join(specifier, referrer, specifier).ok()?;
        let found = self.find(&base, specifier.ends_with('/'))?;
        Some(format!("./{}{}", specifier.trim_end_matches('/'), found.strip_prefix(&base)?))
    }
}

/// The name behind `plughold:`, unescaped.
fn root_name(specifier: &str) -> Option<String> {
    let name = specifier.strip_prefix(ROOT)?.trim_start_matches('/');
    String::from_utf8(unescaped(name)).ok()
}

/// The names that a specifier may mean, in order.
fn candidates(base: &str, is_folder: bool) -> impl Iterator<Item = String> {
    let endings = ENDINGS.into_iter().filter(move |ending| !is_folder || ending.starts_with('/'));
    endings.map(move |ending| format!("{base}{ending}").trim_start_matches('/').to_owned())
}

/// The candidates for an error. A name that has an ending already is meant as it stands.
fn tried(base: &str, is_folder: bool) -> String {
    let last = base.rsplit('/').next().unwrap_or_default();
    if !is_folder && last.trim_start_matches('.').contains('.') {
        return quoted(base);
    }
    let names: Vec<String> = candidates(base, is_folder).map(|candidate| quoted(&candidate)).collect();
    names.join(" or ")
}

fn is_relative(specifier: &str) -> bool {
    matches!(specifier, "." | "..") || specifier.starts_with("./") || specifier.starts_with("../")
}

/// Walks along `path` from the folder of `referrer`, which is empty for the package's root; the result is clean, or
/// empty for the root. Errors quote the `specifier`.
fn join(path: &str, referrer: &str, specifier: &str) -> Result<String, ResolveError> {
    let bad_name = |source| ResolveError::Name { specifier: quoted(specifier), source };
    if crate::limits::PATH < path.len() {
        return Err(bad_name(NameError::Long(quoted(specifier))));
    }
    let referrer_name =
        if referrer.is_empty() { String::new() } else { name::clean(referrer).map_err(bad_name)? };
    let mut parts: Vec<&str> = referrer_name.split('/').collect();
    parts.pop();
    for part in path.split('/') {
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
            ("util.js", ""),
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
            r#"cannot import "lodash": only files of the plugin, as "./name.js", and built-in modules can be imported; bundle packages into the plugin"#,
        );
        for absolute in ["/a.js", "file:///a.js", "https://example.com/a.js", "node:test"] {
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
            r#"cannot import "./x" from "main.js": the plugin has no file "x" or "x.js" or "x.mjs" or "x.cjs" or "x.json" or "x/index.js""#,
        );
        check(
            "./absent.js",
            "main.js",
            r#"cannot import "./absent.js" from "main.js": the plugin has no file "absent.js""#,
        );
        check(
            "./x/",
            "main.js",
            r#"cannot import "./x/" from "main.js": the plugin has no file "x/index.js""#,
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
            r#"cannot import "": only files of the plugin, as "./name.js", and built-in modules can be imported; bundle packages into the plugin"#,
        );
    }

    #[test]
    fn a_bare_name_says_what_to_do() {
        let meant = |specifier: &str, referrer: &str, meant: &str| {
            check(specifier, referrer, &format!("cannot import {specifier:?}: did you mean {meant:?}?"));
        };
        meant("a.js", "main.js", "./a.js");
        meant("a", "main.js", "./a.js");
        meant("b", "main.js", "./b.mjs");
        meant("lib", "main.js", "./lib/index.js");
        meant("lib/c", "main.js", "./lib/c.js");
        meant("c", "lib/index.js", "./c.js");
        meant("util", "main.js", "./util.js");
        for outward in ["fs", "node:fs", "fs/promises", "node:fs/promises", "child_process", "electron"] {
            let advice =
                "a plugin has no files, network or processes of its own; ask the application's functions";
            check(outward, "main.js", &format!("cannot import {outward:?}: {advice}"));
        }
        for pure in ["path", "node:path", "node:util", "util/types", "stream"] {
            let advice = "it is a module of Node.js; bundle a package that does the same into the plugin";
            check(pure, "main.js", &format!("cannot import {pure:?}: {advice}"));
        }
    }

    #[test]
    fn names_of_the_root_are_found_from_everywhere() {
        check("plughold:///a.js", "lib/c.js", "a.js");
        check("plughold:/lib/c", "d.js/index.js", "lib/c.js");
        check("plughold:lib/", "main.js", "lib/index.js");
        check("plughold:///%61.js", "main.js", "a.js");
        check(
            "plughold:///%+a.js",
            "main.js",
            r#"cannot import "plughold:///%+a.js" from "main.js": the plugin has no file "%+a.js""#,
        );
        check(
            "plughold:///../a.js",
            "main.js",
            r#"cannot import "plughold:///../a.js" from "main.js": it leads out of the plugin"#,
        );
        check(
            "plughold:///%2e%2e/a.js",
            "main.js",
            r#"cannot import "plughold:///%2e%2e/a.js" from "main.js": it leads out of the plugin"#,
        );
        check(
            "plughold:///%ff",
            "main.js",
            r#"cannot import "plughold:///%ff": expected a name relative to the importing file, as "./name.js""#,
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
        assert_eq!(package.resolve("plughold:///one.js", "one.js").unwrap(), "one.js");
    }
}

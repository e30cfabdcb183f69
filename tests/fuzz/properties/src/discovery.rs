//! A folder of plugins with anything in it.

use crate::effort::{Heap, within};
use crate::folder::Folder;
use crate::packages::{look_at, look_at_problems, secret_of};
use arbitrary::{Arbitrary, Unstructured};
use plughold_package::order::{Node, order};
use plughold_package::{Application, discover};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Entries that are made; more only make it slower.
const ENTRIES: usize = 24;

/// Whatever was found is kept, with its manifest.
const HEAP: Heap = Heap { base: 4 << 20, each: 2_000 };

/// Every package of a folder is found once, whatever else stands there, and everything wrong is told of a path in it.
///
/// # Panics
///
/// If it is not.
pub fn check(bytes: &[u8]) {
    let Ok(entries) = Vec::<Entry>::arbitrary(&mut Unstructured::new(bytes)) else { return };
    let folder = Folder::new();
    let secret = secret_of(bytes);
    folder.write("secret.js", secret.as_bytes());
    folder.write("out/secret.js", secret.as_bytes());
    let root = folder.path().join("plugins");
    fs::create_dir(&root).expect("a folder");
    entries.iter().take(ENTRIES).for_each(|entry| entry.make(&root));
    within(HEAP, bytes.len(), || look_at_folder(&root, &secret));
}

fn look_at_folder(root: &Path, secret: &str) {
    let found = discover(root);
    let again = discover(root);
    assert_eq!(format!("{found:?}"), format!("{again:?}"), "a folder that nobody changed");
    let mut ids = BTreeSet::new();
    for package in found.packages {
        assert!(package.source.starts_with(root), "{package:?}");
        assert!(ids.insert(package.id.collision_key()), "two plugins of one id: {package:?}");
        look_at(&Ok(package), secret, |_| None);
    }
    for problems in &found.problems {
        assert!(problems.path.starts_with(root), "{problems}");
        assert!(!problems.items.is_empty(), "a problem that nothing is told of");
        look_at_problems(&problems.items, |_| None);
    }
    let placed = order(&again.packages.iter().map(Node::from).collect::<Vec<_>>());
    let waves = placed.waves.iter().flatten().copied().chain(placed.unmet.keys().copied());
    assert_eq!(
        waves.collect::<BTreeSet<_>>(),
        (0..again.packages.len()).collect(),
        "each has a place or a reason"
    );
    if let Ok(application) = Application::open(root)
        && let Ok(plan) = application.plan()
    {
        assert_eq!(plan.order.len() + plan.dropped.len(), application.plugins.len());
    }
}

/// Something in the folder.
#[derive(Arbitrary, Debug)]
struct Entry<'a> {
    path: [u8; 4],
    thing: Thing<'a>,
}

#[derive(Arbitrary, Debug)]
enum Thing<'a> {
    Known(u8),
    Text(&'a str),
    Bytes(&'a [u8]),
    Folder,
    /// A link to one of a few places.
    Link(u8),
}

/// Parts of paths. An empty one ends a path.
const PARTS: [&str; 32] = [
    "",
    "a",
    "b",
    "c",
    "A",
    "_a",
    ".a",
    "main.js",
    "index.js",
    "a.js",
    "a.mjs",
    "a.JS",
    "b.js",
    "a.plug",
    "a.jpl",
    "a.txt",
    "plughold.json",
    "manifest.json",
    "dist",
    "plugin.json",
    "requirements.schema",
    "global.js",
    "js",
    "version",
    "hitchy.json",
    "package.json",
    "node_modules",
    "@s",
    "hitchy-plugin-a",
    "template",
    "static",
    "\u{e4}.js",
];

/// What a file may hold.
const TEXTS: [&str; 14] = [
    "",
    "go()",
    "/* plughold: {\"id\": \"a\", \"dependencies\": {\"b\": \"^1\"}} */",
    "/* plughold: {\"id\": \"b\", \"version\": \"1.2.3\", \"dependencies\": {\"a\": \"*\"}} */",
    "/* joplin-manifest:\n{\"manifest_version\": 1, \"id\": \"com.example.script\", \"name\": \"A\",\n\"version\": \"1\", \"app_min_version\": \"3.0\"}\n*/",
    r#"{"id": "a", "name": "A", "version": "1.0.0", "main": "main.js"}"#,
    r#"{"id": "b", "name": "B", "version": "2.0.0", "main": "index.js", "dependencies": {"a": "^1"}}"#,
    r#"{"id": "c", "name": "C", "version": "1.0.0", "dependencies": {"c": "*"}}"#,
    r#"{"manifest_version": 1, "id": "com.example.folder", "name": "A", "version": "1", "app_min_version": "3.0"}"#,
    r#"{"pluginName": "a_b", "pluginAuthor": "A", "pluginVersion": 1, "displayName": "A", "displayDescription": "A", "apiVersion": 4, "load": ["js/a.js"], "depend": ["c_d"]}"#,
    r#"{"pluginName": "c_d", "pluginAuthor": "A", "pluginVersion": 1, "displayName": "A", "displayDescription": "A", "apiVersion": 4}"#,
    r#"{"role": "r", "dependencies": ["s"]}"#,
    r#"{"role": "s", "dependants": "r"}"#,
    r#"{"main": "index.js", "version": "1.0.0", "dependencies": {"a": "1"}}"#,
];

/// Where links lead: out of the package that they stand in, or not.
const LINKS_OUT: [&str; 5] =
    ["../secret.js", "../../secret.js", "../../../secret.js", "../../out", "../../../out"];
const LINKS_INSIDE: [&str; 4] = [".", "a", "main.js", "nowhere"];

impl Entry<'_> {
    /// Whatever cannot be made is left out: a file may stand where a folder is wanted.
    fn make(&self, root: &Path) {
        let parts = self.path.map(|part| PARTS[usize::from(part) % PARTS.len()]);
        let path: Vec<&str> = parts.into_iter().take_while(|part| !part.is_empty()).collect();
        if path.is_empty() {
            return;
        }
        let path = root.join(path.join("/"));
        // A link on the way would lead out of the folder.
        let is_inside = path.ancestors().take_while(|above| *above != root).all(|above| !above.is_symlink());
        if !is_inside || path.parent().is_none_or(|above| fs::create_dir_all(above).is_err()) {
            return;
        }
        let _may_fail = match &self.thing {
            Thing::Known(text) => fs::write(&path, TEXTS[usize::from(*text) % TEXTS.len()]),
            Thing::Text(text) => fs::write(&path, text),
            Thing::Bytes(bytes) => fs::write(&path, bytes),
            Thing::Folder => fs::create_dir_all(&path),
            #[cfg(unix)]
            Thing::Link(to) => {
                // Whoever puts a link in the place of a package means what it leads to.
                let above = path.parent().and_then(Path::file_name).unwrap_or_default();
                let is_package = path.parent() == Some(root) || above == "node_modules" || above == "@s";
                let places = if is_package { &LINKS_INSIDE[..] } else { &LINKS_OUT };
                std::os::unix::fs::symlink(places[usize::from(*to) % places.len()], &path)
            }
            #[cfg(not(unix))]
            Thing::Link(_) => Ok(()),
        };
    }
}

//! Every reader, on texts that were good until somebody changed them: none ever panics, none says what a terminal would
//! obey, and none ever gives a byte from outside of the package.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::discover;
use crate::haplo::requirements;
use crate::hitchy::Application;
use crate::hitchy::order::{Node, order};
use crate::limits;
use crate::package::Package;
use crate::problem::{is_disruptive, is_disruptive_in_text};
use crate::testing::Folder;

/// What stands in every file that no package may read.
const SECRET: &str = "the secret outside";

/// Texts that each reader takes, with the file that it reads them from.
const SEEDS: [(&str, &str); 9] = [
    (
        "plughold.json",
        r#"{ "id": "a", "name": "A", "version": "1.0.0", "main": "main.js", "permissions": ["x", {"name": "y", "reason": "z"}],
"dependencies": {"b": "^1"}, "settings": {"s": {"type": "string", "label": "S", "choices": ["a"]}}, "limits": {"memory": "64 MiB"} }"#,
    ),
    ("main.mjs", "/* plughold: { \"id\": \"a\", \"type\": \"module\" } */\nimport './x.js'"),
    (
        "manifest.json",
        r#"{ "manifest_version": 1, "id": "com.example.archive", "name": "A", "version": "1", "app_min_version": "3.0",
"icons": {"16": "a.png"}, "platforms": ["mobile"] }"#,
    ),
    (
        "joplin.js",
        "/* joplin-manifest:\n{\"manifest_version\": 1, \"id\": \"com.example.archive\", \"name\": \"A\",\n\"version\": \"1\", \"app_min_version\": \"3.0\"}\n*/\ngo()",
    ),
    (
        "plugin.json",
        r#"{ "pluginName": "a_b", "pluginAuthor": "", "pluginVersion": 1, "displayName": "", "displayDescription": "",
"apiVersion": 4, "load": ["js/a.js"], "locals": {"X": "x"}, "respond": ["/do/x"], "depend": ["b"] }"#,
    ),
    (
        "requirements.schema",
        "type a:b as B\n  title: T [sort=5]\n  REMOVE attribute a:c\nOPTIONAL group a:g\n",
    ),
    ("version", "abc"),
    ("hitchy.json", r#"{ "role": "r", "dependencies": ["a"], "dependants": "b" }"#),
    ("package.json", r#"{ "main": "main.js", "version": "1.0.0", "author": {"name": "A"} }"#),
];

/// What changes put into texts.
const PIECES: [&str; 24] = [
    "",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "\n",
    " ",
    "null",
    "1e999",
    "-1",
    "../secret.js",
    "link.js",
    "out/secret.js",
    "/etc/passwd",
    "C:\\x",
    "\u{1b}[2J",
    "\u{202e}",
    "\u{0}",
    "\\u001b",
    "*/",
    "ä",
];

#[derive(Clone, Debug)]
struct Change {
    from: Index,
    length: usize,
    piece: Index,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = (any::<Index>(), 0_usize..12, any::<Index>());
    let change = change.prop_map(|(from, length, piece)| Change { from, length, piece });
    prop::collection::vec(change, 0..6)
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for Change { from, length, piece } in changes {
        let from = from.index(text.len() + 1);
        let to = (from + length).min(text.len());
        text.splice(from..to, piece.get(&PIECES).chars());
    }
    text.into_iter().collect()
}

/// A folder with the secret, and in it the folder `p` with two ways out.
fn folder() -> Folder {
    let folder = Folder::new(&[("secret.js", SECRET), ("out/secret.js", SECRET)]);
    fs::create_dir(folder.path().join("p")).unwrap();
    #[cfg(unix)]
    for (target, link) in [("../secret.js", "p/link.js"), ("../out", "p/out")] {
        std::os::unix::fs::symlink(target, folder.path().join(link)).unwrap();
    }
    folder
}

/// Opens a path and looks at everything that can be read through the package, or at what is said to be wrong.
fn look_at(path: &Path) {
    let package = match Package::open(path) {
        Ok(package) => package,
        Err(problems) => {
            assert!(!problems.items.is_empty() && problems.items.len() <= limits::PROBLEMS + 1);
            for problem in &problems.items {
                assert!(!problem.message.contains(is_disruptive), "{problem:?}");
                assert!(!problem.to_string().contains(is_disruptive_in_text), "{problem:?}");
                assert!(problem.line != Some(0) && problem.column != Some(0), "{problem:?}");
            }
            return;
        }
    };
    for text in [&package.name, &package.version, &package.author] {
        assert!(!text.contains(is_disruptive), "{package:?}");
    }
    let entry = package.entry.iter().map(|entry| entry.name.clone());
    let haplo = package.haplo.iter().flat_map(|haplo| haplo.manifest.load.clone());
    let icons = package.joplin.iter().flat_map(|joplin| joplin.icons.values().cloned());
    let ways_out = PIECES.iter().map(|piece| (*piece).to_owned());
    for name in entry.chain(haplo).chain(icons).chain(ways_out) {
        if let Ok(bytes) = package.read(&name) {
            assert!(!String::from_utf8_lossy(&bytes).contains(SECRET), "{name:?} of {package:?}");
        }
    }
    // The two links lead out, so that a folder has no identity; an error is all that it may be.
    assert_eq!(package.content_hash().is_ok(), package.root_dir().is_none(), "{package:?}");
}

#[test]
fn the_texts_are_good_before_they_are_changed() {
    let folder = folder();
    for (name, text) in [("p/main.js", "go()"), ("p/index.js", "go()"), ("p/js/a.js", "go()")] {
        folder.write(name, text.as_bytes());
    }
    for (files, path) in [
        (&["plughold.json"][..], "p"),
        (&["main.mjs"], "p/main.mjs"),
        (&["joplin.js"], "p/joplin.js"),
        (&["manifest.json"], "p"),
        (&["plugin.json", "requirements.schema", "version"], "p"),
        (&["hitchy.json", "package.json"], "p"),
    ] {
        for (name, text) in SEEDS.iter().filter(|(name, _)| files.contains(name)) {
            folder.write(&format!("p/{name}"), text.as_bytes());
        }
        Package::open(folder.path().join(path)).unwrap();
        files.iter().for_each(|name| fs::remove_file(folder.path().join("p").join(name)).unwrap());
    }
}

proptest! {
    #[test]
    fn no_change_makes_a_reader_panic_or_read_outside(seed in any::<Index>(), changes in changes()) {
        let (file, text) = seed.get(&SEEDS);
        let folder = folder();
        let is_script = file.ends_with("js");
        let helpers: &[&str] = match *file {
            "plughold.json" | "manifest.json" => &[],
            "plugin.json" | "requirements.schema" | "version" => &["plugin.json", "requirements.schema"],
            _ if is_script => &[],
            _ => &["hitchy.json", "package.json"],
        };
        for (name, text) in SEEDS.iter().filter(|(name, _)| helpers.contains(name)) {
            folder.write(&format!("p/{name}"), text.as_bytes());
        }
        for name in ["p/main.js", "p/index.js", "p/js/a.js"] {
            folder.write(name, b"go()");
        }
        folder.write(&format!("p/{file}"), changed(text, &changes).as_bytes());
        look_at(&folder.path().join(if is_script { format!("p/{file}") } else { "p".to_owned() }));
        let found = discover(folder.path());
        prop_assert!(found.packages.len() <= 3, "{found:?}");
    }

    #[test]
    fn requirements_say_where_each_line_stands(changes in changes(), other in changes()) {
        let (_, seed) = SEEDS[5];
        let texts = [changed(seed, &changes), changed(seed, &other)];
        let read = texts.each_ref().map(|text| requirements::parse("p", text));
        for (text, (requirements, problems)) in texts.iter().zip(&read) {
            let lines = u32::try_from(text.lines().count()).unwrap();
            let told = problems.iter().chain(&requirements.doubts()).filter_map(|problem| problem.line).collect::<Vec<_>>();
            let of_objects = requirements.objects.iter().map(|object| object.line);
            let of_entries = requirements.objects.iter().flat_map(|object| &object.entries).map(|entry| entry.line);
            for line in told.into_iter().chain(of_objects).chain(of_entries) {
                prop_assert!(1 <= line && line <= lines, "{line} of {lines}");
            }
        }
        let merged = requirements::merge(["a", "b"].into_iter().zip(read.iter().map(|(requirements, _)| requirements)));
        let _ = merged.missing();
        for (key, values) in merged.objects.iter().flat_map(|object| &object.values) {
            for value in &values.required {
                prop_assert!(!values.removed.contains(value), "{key} {value}");
            }
        }
    }

    #[test]
    fn an_order_keeps_every_constraint(edges in prop::collection::vec((0_usize..8, 0_usize..8, any::<bool>()), 0..12), roots in prop::option::of(prop::collection::vec(0_usize..8, 0..3))) {
        let role = |place: usize| format!("r{place}");
        let mut nodes: Vec<Node> = (0..8)
            .map(|place| Node { name: format!("n{place}"), role: role(place), dependencies: Vec::new(), dependants: Vec::new() })
            .collect();
        for (from, to, is_dependant) in &edges {
            let node = &mut nodes[*from];
            if *is_dependant { node.dependants.push(role(*to)) } else { node.dependencies.push(role(*to)) }
        }
        let wanted: Option<Vec<serde_json::Value>> = roots.map(|roots| roots.into_iter().map(|place| role(place).into()).collect());
        if let Ok(order) = order(&nodes, wanted.as_deref()) {
            let at = |place: usize| order.iter().position(|placed| *placed == place);
            for (from, to, is_dependant) in &edges {
                match (at(*from), at(*to), is_dependant) {
                    (Some(from), Some(to), true) => prop_assert!(from < to),
                    (Some(from), to, false) => prop_assert!(to.is_some_and(|to| to < from)),
                    _ => {}
                }
            }
            if wanted.is_none() {
                prop_assert_eq!(order.len(), nodes.len());
            }
        }
    }

    #[test]
    fn no_application_makes_the_search_panic(names in prop::collection::vec("[@.a-c_]{1,3}(/node_modules)?(/[@a-c]{1,2})?", 0..6), changes in changes()) {
        let folder = Folder::new(&[]);
        for name in names.iter().filter(|name| !name.contains("..")) {
            let at = folder.path().join("node_modules").join(name);
            if fs::create_dir_all(&at).is_ok() {
                let _ = fs::write(at.join("hitchy.json"), changed(SEEDS[7].1, &changes));
                let _ = fs::write(at.join("index.js"), "");
            }
        }
        let application = Application::open(folder.path()).unwrap();
        let count = application.plugins.len();
        if let Ok(plan) = application.plan() {
            prop_assert_eq!(plan.order.len() + plan.dropped.len(), count);
        }
        let found = discover(folder.path());
        prop_assert!(found.packages.len() <= count);
    }
}

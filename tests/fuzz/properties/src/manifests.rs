//! Manifests of all four systems, and the other texts that a package is known by.
//!
//! The first byte of an input says which file it is; the rest is its text.

use crate::effort::{Heap, within};
use crate::folder::Folder;
use crate::packages::{look_at, look_at_problems, secret_of};
use plughold_package::haplo::{manifest, requirements};
use plughold_package::hitchy::beacon;
use plughold_package::{Application, Package, discover};

/// A parser's tree takes many times its text; everything else of a package is read as well.
const HEAP: Heap = Heap { base: 2 << 20, each: 600 };

/// The files that an input can be, in a folder with everything else that a good package has.
const FILES: [(&str, &[(&str, &str)]); 9] = [
    ("plughold.json", &[("main.js", "go()"), ("icon.png", "")]),
    ("main.js", &[]),
    ("main.mjs", &[]),
    ("manifest.json", &[("index.js", "go()"), ("a.png", "")]),
    ("plugin.json", &[("js/a.js", "P.x = 1"), ("global.js", "")]),
    ("requirements.schema", &[("plugin.json", PLUGIN), ("js/a.js", "")]),
    ("version", &[("plugin.json", PLUGIN), ("js/a.js", "")]),
    ("hitchy.json", &[("index.js", "go()"), ("package.json", r#"{"main": "index.js", "version": "1.0.0"}"#)]),
    ("package.json", &[("index.js", "go()"), ("main.js", "go()"), ("hitchy.json", r#"{"role": "r"}"#)]),
];

const PLUGIN: &str = r#"{"pluginName": "a_b", "pluginAuthor": "A", "pluginVersion": 1, "displayName": "A",
"displayDescription": "A", "apiVersion": 4, "load": ["js/a.js"]}"#;

/// A text is a package, or everything that is wrong with it is told with a place inside of it.
///
/// # Panics
///
/// If it is neither.
pub fn check(bytes: &[u8]) {
    let Some((kind, text)) = bytes.split_first() else { return };
    let (file, others) = FILES[usize::from(*kind) % FILES.len()];
    let folder = Folder::new();
    let secret = secret_of(bytes);
    folder.write("secret.js", secret.as_bytes());
    folder.write("out/secret.js", secret.as_bytes());
    for (name, text) in others {
        folder.write(&format!("plugins/p/{name}"), text.as_bytes());
    }
    folder.write(&format!("plugins/p/{file}"), text);
    let path = folder.path().join("plugins/p");
    let path = if file.starts_with("main.") { path.join(file) } else { path };
    within(HEAP, bytes.len(), || look_at(&Package::open(&path), &secret, |name| text_of(name, file, text)));
    within(HEAP, bytes.len(), || {
        let found = discover(folder.path().join("plugins"));
        assert!(found.packages.len() + found.problems.len() <= others.len() + 1, "{found:?}");
    });
    if let Ok(text) = str::from_utf8(text) {
        within(HEAP, bytes.len(), || check_pure(text));
    }
    if let Ok(application) = Application::open(folder.path()) {
        let _either_is_fine = application.plan();
    }
}

/// The text of the file that a problem names, if it is the one that was given.
fn text_of(name: &str, file: &str, text: &[u8]) -> Option<String> {
    let is_it = name == file || name.ends_with(&format!("/{file}"));
    is_it.then(|| String::from_utf8_lossy(text).into_owned())
}

/// The readers that need no package around their text.
fn check_pure(text: &str) {
    if let Err(problems) = manifest::read(text) {
        assert!(!problems.is_empty(), "refused without a reason");
        look_at_problems(&problems, |_| Some(text.to_owned()));
    }
    if let Some(read) = beacon::read(text, "folder") {
        assert!(!read.static_role.is_empty() || text.contains("role"), "{read:?}");
    }
    let (requirements, problems) = requirements::parse("p", text);
    look_at_problems(&problems, |_| Some(text.to_owned()));
    let lines = u32::try_from(text.split('\n').count()).unwrap_or(u32::MAX);
    for object in &requirements.objects {
        assert!((1..=lines).contains(&object.line), "{object:?}");
        assert!(
            object.entries.iter().all(|entry| object.line < entry.line && entry.line <= lines),
            "{object:?}"
        );
    }
    // The same file of two plugins changes nothing but whose it is.
    let twice = requirements::merge([("p", &requirements), ("q", &requirements)]);
    let once = requirements::merge([("p", &requirements)]);
    assert_eq!(twice.objects.len(), once.objects.len());
    for (key, values) in twice.objects.iter().flat_map(|object| &object.values) {
        assert!(values.required.iter().all(|value| !values.removed.contains(value)), "{key}: {values:?}");
    }
}

//! Hitchy's conformance cases, as far as no JavaScript is needed.

use crate::hitchy::application::{Application, Exported};
use crate::hitchy::beacon;
use crate::hitchy::search::{Found, Places};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder named by `PLUGHOLD_CASES`, or this repository's own copy.
fn folder() -> Option<PathBuf> {
    let own = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cases"));
    let named = std::env::var_os("PLUGHOLD_CASES").map(PathBuf::from);
    let mut folders = named.into_iter().chain([own]).map(|folder| folder.join("hitchy/cases"));
    let found = folders.find(|folder| folder.is_dir());
    if found.is_none() {
        // Not by the macro: the output of a test that passes would not be shown.
        writeln!(std::io::stderr(), "SKIPPED: there are no cases of Hitchy; set PLUGHOLD_CASES").unwrap();
    }
    found
}

fn json_of(path: &Path) -> Value {
    fs::read_to_string(path).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// What the plugins of a case export of themselves, as far as it stands there in so many words. None if only an engine
/// can tell.
fn exported(case: &str, found: &[Found]) -> Option<BTreeMap<usize, Exported>> {
    let mut exported = BTreeMap::new();
    for (place, found) in found.iter().enumerate().filter(|(_, found)| found.beacon.is_some()) {
        let main =
            json_of(&found.folder.join("package.json"))["main"].as_str().unwrap_or("index.js").to_owned();
        // A plugin without code exports nothing.
        let Ok(text) = fs::read_to_string(found.folder.join(main)) else { continue };
        if text.contains("$role") {
            let role = text.strip_prefix("module.exports = { $role: \"")?.split_once('"')?.0.to_owned();
            exported.insert(place, Exported { role: Some(role), ..Exported::default() });
            continue;
        }
        let meta = match (case, text.split_once("$meta:")) {
            (_, None) => continue,
            // These two look at the other plugins, and claim the role only if nobody else has it.
            ("043-fallback-plugin-yields", _) => "{}",
            ("044-fallback-plugin-claims", _) => "{ role: \"cache\" }",
            (_, Some((_, rest))) => rest.split_inclusive('}').next()?,
        };
        let meta = jsonc_parser::parse_to_serde_value(meta, &Default::default()).ok()?;
        exported.insert(place, Exported { meta, role: None });
    }
    Some(exported)
}

/// What the steps give, in the form of `expected.json`.
fn run(application: &Application, exported: &BTreeMap<usize, Exported>) -> Result<Value, String> {
    let plan = application.plan_with(exported).map_err(|error| error.to_string())?;
    let names: Vec<&str> = plan.order.iter().map(|placed| placed.name.as_str()).collect();
    let roles: Map<String, Value> =
        plan.order.iter().map(|placed| (placed.role.clone(), placed.name.clone().into())).collect();
    let dropped: Vec<&str> =
        plan.dropped.iter().map(|place| application.plugins[*place].name.as_str()).collect();
    Ok(json!({ "order": names, "roles": roles, "dropped": dropped }))
}

#[test]
fn discovery_roles_and_order() {
    let Some(folder) = folder() else { return };
    let (mut counts, mut others) = (BTreeMap::new(), 0);
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for path in cases {
        let (case, expected) = (json_of(&path.join("case.json")), json_of(&path.join("expected.json")));
        // The cases keep what is installed in a folder of another name.
        let project = tempfile::tempdir().unwrap();
        let plugins = path.join("plugins");
        if plugins.is_dir() {
            std::os::unix::fs::symlink(&plugins, project.path().join("node_modules")).unwrap();
        }
        let explicit: Vec<PathBuf> =
            case["options"]["explicitPlugins"].as_array().map_or(Vec::new(), |folders| {
                folders.iter().map(|folder| path.join(folder.as_str().unwrap())).collect()
            });
        let area = case["area"].as_str().unwrap_or_default();
        let app = path.join("app");
        let places = Places { root: Some(project.path().to_owned()), explicit };
        let mut application = Application::with(app, &places).unwrap();
        let is_relevant = matches!(area, "discovery" | "roles" | "order");
        let name = path.file_name().unwrap().to_string_lossy();
        let Some(exported) = exported(&name, &application.plugins).filter(|_| is_relevant) else {
            others += 1;
            continue;
        };
        let modules = project.path().join("node_modules");
        let relative = |found: &Found| {
            let folder = found.folder.strip_prefix(&modules).or(found.folder.strip_prefix(&path)).unwrap();
            folder.display().to_string()
        };
        let discovered: Vec<String> = application.plugins.iter().map(relative).collect();
        assert_eq!(json!(discovered), expected["discovered"], "{path:?}");

        if let Some(list) = case["options"].get("dependencies") {
            application.roots = Some(beacon::list(Some(list)));
        }
        let result = run(&application, &exported);
        let wanted = |key: &str| case["wanted"].get(key).unwrap_or(&expected[key]).clone();
        match (&result, wanted("ok") == true) {
            (Ok(found), true) => {
                assert_eq!(found["order"], wanted("order"), "{path:?}");
                assert_eq!(found["roles"], wanted("roles"), "{path:?}");
                assert_eq!(found["dropped"], wanted("dropped"), "{path:?}");
            }
            (Err(words), false) => {
                let error = wanted("error");
                let message = error["message"].as_str().unwrap_or_default();
                // Behind the colon stands what the engine says.
                let fixed = message.split_inclusive(": ").next().filter(|_| case["engine_text"] == true);
                match error["contains"].as_str().or(fixed) {
                    Some(part) => assert!(words.contains(part), "{path:?}: {words}"),
                    None => assert_eq!(words, message, "{path:?}"),
                }
            }
            _ => panic!("{path:?}: {result:?}"),
        }
        *counts.entry(area.to_owned()).or_insert(0) += 1;
    }
    assert_ne!(counts.len(), 0);
    println!("hitchy: {counts:?} cases; {others} need JavaScript");
}

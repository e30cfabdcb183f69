//! Hitchy's conformance cases, as far as no JavaScript is needed. They are read from where they are, and skipped loudly where
//! they are not.

use crate::hitchy::beacon;
use crate::hitchy::order::{Node, order};
use crate::hitchy::roles::Claims;
use crate::hitchy::search::{Found, search};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases");
    let folder = std::env::var_os("PLUGHOLD_CASES").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let folder = folder.join("hitchy/cases");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no cases in {}; set PLUGHOLD_CASES", folder.display());
    None
}

fn json_of(path: &Path) -> Value {
    fs::read_to_string(path).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Whether a plugin's JavaScript says something about roles or order, or cannot be loaded: then the case needs an engine.
fn needs_javascript(found: &[Found]) -> bool {
    found.iter().filter(|found| found.beacon.is_some()).any(|found| {
        let main =
            json_of(&found.folder.join("package.json"))["main"].as_str().unwrap_or("index.js").to_owned();
        fs::read_to_string(found.folder.join(main))
            .map_or(true, |text| text.contains("$meta") || text.contains("$role"))
    })
}

/// What the steps give, in the form of `expected.json`.
fn run(found: &[Found], roots: Option<&[Value]>) -> Result<Value, String> {
    let kept: Vec<&Found> = found.iter().filter(|found| found.beacon.is_some()).collect();
    let beacons = || kept.iter().filter_map(|found| found.beacon.as_ref());
    let claims = Claims::new(
        kept.iter().zip(beacons()).map(|(found, beacon)| (found.name.as_str(), beacon.static_role.as_str())),
    );
    let roles = claims.settle().map_err(|error| error.to_string())?;
    let texts =
        |values: &[Value]| values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect();
    let nodes: Vec<Node> = kept
        .iter()
        .zip(beacons())
        .zip(roles)
        .filter_map(|((found, beacon), role)| {
            let (dependencies, dependants) = (texts(&beacon.dependencies), texts(&beacon.dependants));
            Some(Node { name: found.name.clone(), role: role?, dependencies, dependants })
        })
        .collect();
    let order = order(&nodes, roots).map_err(|error| error.to_string())?;
    let names: Vec<&str> = order.iter().map(|at| nodes[*at].name.as_str()).collect();
    let roles: Map<String, Value> =
        order.iter().map(|at| (nodes[*at].role.clone(), nodes[*at].name.clone().into())).collect();
    Ok(json!({ "order": names, "roles": roles }))
}

#[test]
fn discovery_roles_and_order() {
    let Some(folder) = folder() else { return };
    let (mut count, mut others) = (0, 0);
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
        let is_relevant =
            matches!(case["area"].as_str(), Some("discovery" | "roles" | "order")) && explicit.is_empty();
        let found = search(project.path(), &[]).unwrap();
        if !is_relevant || needs_javascript(&found) {
            others += 1;
            continue;
        }
        let discovered: Vec<String> = found
            .iter()
            .map(|found| {
                found.folder.strip_prefix(project.path().join("node_modules")).unwrap().display().to_string()
            })
            .collect();
        assert_eq!(json!(discovered), expected["discovered"], "{path:?}");

        let app = json_of(&path.join("app/hitchy.json"));
        let list = case["options"].get("dependencies").or(app.get("dependencies"));
        let roots = list.map(|list| beacon::list(Some(list)));
        let result = run(&found, roots.as_deref());
        let wanted = |key: &str| case["wanted"].get(key).unwrap_or(&expected[key]).clone();
        match (&result, wanted("ok") == true) {
            (Ok(found), true) => {
                assert_eq!(found["order"], wanted("order"), "{path:?}");
                assert_eq!(found["roles"], wanted("roles"), "{path:?}");
            }
            (Err(words), false) => {
                let error = wanted("error");
                match error["contains"].as_str() {
                    Some(part) => assert!(words.contains(part), "{path:?}: {words}"),
                    None => assert_eq!(words, error["message"].as_str().unwrap(), "{path:?}"),
                }
            }
            _ => panic!("{path:?}: {result:?}"),
        }
        count += 1;
    }
    assert_ne!(count, 0);
    println!("hitchy: {count} cases; {others} need JavaScript or an application");
}

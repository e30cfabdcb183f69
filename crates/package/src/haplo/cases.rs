//! Haplo's conformance cases: facts about its behaviour as data. They are read from where they are, and skipped loudly
//! where they are not.

use crate::haplo::{css, install, license, manifest, paths};
use crate::package::Package;
use crate::problem::harmless;
use crate::testing::Folder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// The folder with Haplo's cases, if there is one.
fn folder() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases");
    let folder = std::env::var_os("PLUGHOLD_CASES").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let folder = folder.join("haplo");
    if folder.is_dir() {
        return Some(folder);
    }
    // Not by the macro: the output of a test that passes would not be shown.
    writeln!(std::io::stderr(), "SKIPPED: no cases in {}; set PLUGHOLD_CASES", folder.display()).unwrap();
    None
}

/// Each case of an area, to `check`; says how many there were.
fn each(area: &str, check: impl Fn(&Value)) {
    let Some(folder) = folder() else { return };
    let text = std::fs::read_to_string(folder.join(format!("{area}.json"))).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(!cases.is_empty(), "{area} has no cases");
    cases.iter().for_each(check);
    println!("{area}: {} cases", cases.len());
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn plugin_json() {
    each("plugin-json", |case| {
        let text = case["raw"].as_str().map_or_else(|| case["json"].to_string(), str::to_owned);
        let found = manifest::read(&text).err().and_then(|problems| problems.into_iter().next());
        let found = found.map(|problem| format!("plugin.json: {}", problem.message));
        assert_eq!(found, case["error"].as_str().map(harmless), "{case}");
        assert_eq!(found.is_none(), case["valid"], "{case}");
    });
}

#[test]
fn real_manifests() {
    let Some(folder) = folder() else { return };
    let mut count = 0;
    for entry in std::fs::read_dir(folder.join("manifests")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let manifest = manifest::read(&text).unwrap_or_else(|problems| panic!("{path:?}: {problems:?}"));
        for root in &manifest.respond {
            assert_eq!(paths::check_root(root), Ok(()), "{path:?}");
        }
        let plugin = Folder::new(&[("plugin.json", &text)]);
        manifest.load.iter().for_each(|file| plugin.write(file, b""));
        let package = Package::open(plugin.path()).unwrap_or_else(|problems| panic!("{path:?}: {problems}"));
        assert_eq!(package.warnings, [], "{path:?}");
        count += 1;
    }
    assert_ne!(count, 0);
    println!("manifests: {count} cases");
}

#[test]
fn respond_roots_and_paths() {
    each("respond-root", |case| {
        let found = paths::check_root(case["respond"].as_str().unwrap()).err();
        assert_eq!(found.as_deref(), case["error"].as_str(), "{case}");
    });
    each("respond-path", |case| {
        let found = paths::check_handler(case["path"].as_str().unwrap()).err();
        assert_eq!(found.as_deref(), case["error"].as_str(), "{case}");
    });
}

#[test]
fn bundled_names() {
    each("bundled-pathname", |case| {
        assert_eq!(paths::is_bundled_name(case["path"].as_str().unwrap()), case["allowed"], "{case}");
    });
}

#[test]
fn load_order() {
    each("load-order", |case| {
        let mut plugins: Vec<(&str, i64)> = case["installed"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| (entry[0].as_str().unwrap(), entry[1].as_i64().unwrap_or(install::DEFAULT_PRIORITY)))
            .collect();
        install::sort(&mut plugins, |(name, priority)| (*priority, name));
        let found: Vec<&str> = plugins.into_iter().map(|(name, _)| name).collect();
        assert_eq!(found, texts(&case["order"]), "{case}");
    });
}

#[test]
fn depend() {
    each("depend", |case| {
        let registered: BTreeMap<String, Vec<String>> =
            serde_json::from_value(case["registered"].clone()).unwrap();
        match install::closure(texts(&case["install"]), &registered) {
            Ok(mut found) => {
                let mut expected = texts(&case["installed"]);
                expected.sort_unstable();
                found.sort_unstable();
                assert_eq!((found, case["failure"].as_str()), (expected, None), "{case}");
            }
            Err(error) => assert_eq!(Some(error.to_string().as_str()), case["failure"].as_str(), "{case}"),
        }
    });
}

#[test]
fn license_keys() {
    each("license-key", |case| {
        let (secret, application) =
            (case["installSecret"].as_str().unwrap(), case["applicationId"].as_i64().unwrap());
        assert_eq!(license::key(secret, application), case["licenseKey"].as_str().unwrap(), "{case}");
    });
}

#[test]
fn css_rewriting() {
    let Some(folder) = folder() else { return };
    let settings = std::fs::read_to_string(folder.join("css-rewrite.settings.json")).unwrap();
    let settings: Value = serde_json::from_str(&settings).unwrap();
    let settings = settings.get("settings").unwrap_or(&settings);
    let colour = |name: &str| settings[name].as_str().unwrap();
    let colours =
        css::Colours { main: colour("main"), secondary: colour("secondary"), highlight: colour("highlight") };
    each("css-rewrite", |case| {
        let found = css::rewrite(case["css"].as_str().unwrap(), "{S}", colours);
        assert_eq!(found, case["expect"].as_str().unwrap(), "{case}");
    });
}

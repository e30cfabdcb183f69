//! `plughold doctor`.

use crate::support::{folder, plughold, runtime_folder, start, start_remembering};
use rustix::process::Signal;
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

/// What was found of one thing.
fn check_of<'f>(findings: &'f Value, name: &str) -> &'f Value {
    findings["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap()
}

#[test]
fn a_machine_that_runs_these_tests_is_well() {
    let folder = folder(&[("some/hello.js", "")]);
    let mut host = start(&["run", "--json", "--no-watch", folder.path().join("some").to_str().unwrap()]);
    host.event("loaded", "");
    let ran = plughold(&["doctor"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    let named = format!("some (process {})", host.pid());
    let runtime = format!("{}/plughold, owner ", runtime_folder().display());
    for words in ["an empty plugin starts in ", "sandbox         level ", &named, &runtime, "mode 0700"] {
        assert!(ran.stdout.contains(words), "{words}: {ran:?}");
    }
    host.signal(Signal::INT);
    assert_eq!(host.end().code, Some(130));

    let findings = plughold(&["doctor", "--json"]).json();
    assert_eq!(findings["schema"], 1);
    let names = ["runner", "trial", "sandbox", "runtime folder", "state folder", "descriptors", "hosts"];
    for name in names {
        assert_ne!(check_of(&findings, name)["state"], "bad", "{findings}");
    }
}

#[test]
fn a_folder_of_states_into_which_others_write_is_told() {
    let state = folder(&[("plughold/grants.json", "{}")]);
    fs::set_permissions(state.path().join("plughold"), Permissions::from_mode(0o777)).unwrap();
    let findings = start_remembering(state.path(), state.path(), &["doctor", "--json"]).end().json();
    let found = check_of(&findings, "state folder");
    assert_eq!(found["state"], "warning", "{findings}");
    assert!(found["help"].as_str().unwrap().starts_with("chmod go-w "), "{findings}");
}

#[test]
fn nothing_is_left_behind() {
    let doctor = start(&["doctor"]);
    let file = std::env::temp_dir().join(format!("plughold-doctor-{}.js", doctor.pid()));
    assert_eq!(doctor.end().code, Some(0));
    assert!(!file.exists());
}

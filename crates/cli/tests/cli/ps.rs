//! `plughold ps`.

use crate::support::{Running, folder, plughold, runtime_folder, start};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::fs;

/// A folder with a plugin that works, and one that does not.
fn plugins() -> tempfile::TempDir {
    let hello = "export function greet(name) { return `Hello ${name}` }";
    folder(&[("some/hello.js", hello), ("some/broken.js", "throw new Error('no')")])
}

/// A host that has loaded its plugins, and its number.
fn running(args: &[&str]) -> (Running, String) {
    let mut host = start(&[&["run", "--json", "--no-watch"], args].concat());
    host.event("loaded", "");
    let pid = host.pid().to_string();
    (host, pid)
}

#[track_caller]
fn end(host: Running) {
    host.signal(Signal::INT);
    assert_eq!(host.end().code, Some(130));
}

#[test]
fn the_plugins_of_a_host_are_shown_and_are_gone_with_it() {
    let folder = plugins();
    let path = folder.path().join("some");
    let (host, pid) = running(&[path.to_str().unwrap()]);
    let ran = plughold(&["ps", "--host", &pid]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!((ran.code, lines.len()), (Some(0), 3), "{ran:?}");
    assert!(lines[0].starts_with("PLUGIN") && lines[0].ends_with("HOST"), "{ran:?}");
    assert!(lines[1].starts_with("broken  ") && lines[1].contains("failed"), "{ran:?}");
    assert!(lines[1].ends_with("some  (the top level failed: Error: no)"), "{ran:?}");
    assert!(
        lines[2].starts_with("hello   ") && lines[2].contains("active") && lines[2].ends_with("some"),
        "{ran:?}"
    );
    assert_eq!(plughold(&["ps", "-q", "--host", &pid]).stdout, "broken\nhello\n");

    let listed = plughold(&["ps", "--json", "--host", &pid]).json();
    assert_eq!((&listed["schema"], &listed["hosts"][0]["name"]), (&json!(1), &json!("some")));
    let hello = &listed["hosts"][0]["plugins"][1];
    assert_eq!(
        (&hello["id"], &hello["state"], &hello["exports"]),
        (&json!("hello"), &json!("active"), &json!(["greet"]))
    );
    end(host);
    let ran = plughold(&["ps", "--host", &pid]);
    assert_eq!(ran.code, Some(6), "{ran:?}");
    let entry = runtime_folder().join("plughold").join(format!("{pid}.json"));
    assert!(!entry.exists());
}

#[test]
fn what_somebody_stopped_is_shown_on_demand() {
    let folder = plugins();
    let path = folder.path().join("some");
    let (host, pid) = running(&["--safe-mode=broken", path.to_str().unwrap()]);
    assert_eq!(plughold(&["ps", "-q", "--host", &pid]).stdout, "broken\n");
    assert_eq!(plughold(&["ps", "-q", "-a", "--host", &pid]).stdout, "broken\nhello\n");
    end(host);
}

#[test]
fn a_host_can_keep_to_itself() {
    let folder = plugins();
    let path = folder.path().join("some");
    let (host, pid) = running(&["--no-control", path.to_str().unwrap()]);
    assert_eq!(plughold(&["ps", "--host", &pid]).code, Some(6));
    end(host);
}

#[test]
fn a_host_that_was_killed_is_not_shown() {
    let folder = plugins();
    let path = folder.path().join("some");
    let (host, pid) = running(&[path.to_str().unwrap()]);
    let entry = runtime_folder().join("plughold").join(format!("{pid}.json"));
    let text: Value = serde_json::from_str(&fs::read_to_string(&entry).unwrap()).unwrap();
    assert_eq!((&text["name"], &text["right"]), (&json!("some"), &json!("control")));
    host.signal(Signal::KILL);
    host.end();
    assert!(entry.exists(), "it could not remove it");
    assert_eq!(plughold(&["ps", "--host", &pid]).code, Some(6));
    assert!(!entry.exists(), "whoever looks does");
}

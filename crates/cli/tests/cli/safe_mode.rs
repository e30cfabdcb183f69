//! `--safe-mode`.

use crate::support::{EXAMPLES, folder, plughold, plughold_in};

/// What the plugins are doing, by their ids, and the error of one that is not started.
fn states(args: &[&str]) -> (Vec<(String, String)>, Option<String>) {
    let ran = plughold(&[&["run", EXAMPLES, "--once", "--json"], args].concat());
    let snapshot = ran.json();
    let plugins = snapshot["plugins"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let states = plugins.iter().map(|plugin| (text(&plugin["id"]), text(&plugin["state"]))).collect();
    let stopped = plugins.iter().find(|plugin| plugin["state"] == "stopped");
    (states, stopped.map(|plugin| text(&plugin["error"]["message"])))
}

#[test]
fn nothing_is_started_but_what_is_named() {
    let (states_of_all, words) = states(&["--safe-mode"]);
    assert!(!states_of_all.is_empty());
    assert!(states_of_all.iter().all(|(_, state)| state == "stopped"), "{states_of_all:?}");
    assert_eq!(words.as_deref(), Some("the host is in safe mode, which does not start it"));
    let (states_of_some, _) = states(&["--safe-mode=word-count"]);
    for (id, state) in states_of_some {
        assert_eq!(state, if id == "word-count" { "active" } else { "stopped" }, "{id}");
    }
}

#[test]
fn an_id_that_no_plugin_has_is_told() {
    let folder = folder(&[("plugins/good.js", "")]);
    let told = |args: &[&str]| plughold_in(folder.path(), args).stderr;
    let words = told(&["run", "--once", "--json", "--safe-mode=god"]);
    assert!(
        words.contains("warning: --safe-mode names god, which no plugin is\nhelp: did you mean good?\n"),
        "{words}"
    );
    assert_eq!(told(&["run", "--once", "--json", "--safe-mode=good"]), "");
    let words = told(&["run", "--safe-mode", "good", "plugins"]);
    assert!(words.contains("help: to start nothing but good, write --safe-mode=good\n"), "{words}");
}

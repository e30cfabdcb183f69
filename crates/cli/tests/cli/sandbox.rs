//! `--sandbox`.

use crate::support::{EXAMPLES, plughold};

/// The levels of all plugins that run.
fn levels(sandbox: &str) -> Vec<String> {
    let ran = plughold(&["run", EXAMPLES, "--once", "--json", "--sandbox", sandbox]);
    let snapshot = ran.json();
    let plugins = snapshot["plugins"].as_array().unwrap();
    let running = plugins.iter().filter(|plugin| plugin["state"] == "active");
    running.map(|plugin| plugin["sandbox"].as_str().unwrap_or("none").to_owned()).collect()
}

#[test]
fn plugins_are_locked_down_as_far_as_is_wanted() {
    for (sandbox, level) in [("C", "C"), ("c", "C"), ("none", "D")] {
        assert_eq!(levels(sandbox), vec![level; 5], "--sandbox {sandbox}");
    }
    for sandbox in ["best", "log"] {
        let found = levels(sandbox);
        assert!(found.iter().all(|level| ["A", "B", "C"].contains(&level.as_str())), "{found:?}");
    }
}

#[test]
fn a_person_is_told_of_less_than_everything() {
    let ran = plughold(&["run", EXAMPLES, "--once", "--sandbox", "none"]);
    assert!(ran.stdout.contains("\nplugins run without a sandbox, and may do what you may\n"), "{ran:?}");
    let ran = plughold(&["run", EXAMPLES, "--once", "--sandbox", "C"]);
    let words =
        "\nplugins are locked down at level C: no capabilities, no new privileges, limits, three calls\n";
    assert!(ran.stdout.contains(words), "{ran:?}");
}

#[test]
fn only_levels_are_levels() {
    let ran = plughold(&["call", "--sandbox", "Z", "--dir", EXAMPLES, "word-count", "count"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("[possible values: best, A, B, C, log, none]"), "{ran:?}");
    let ran =
        plughold(&["call", "--sandbox", "B", "--dir", EXAMPLES, "word-count", "count", "\"two words\""]);
    assert!(ran.code == Some(0) || ran.stderr.contains("there is no sandbox for it"), "{ran:?}");
}

//! `plughold run`.

use crate::support::{EXAMPLES, folder, plughold, plughold_in, start};
use expect_test::{Expect, expect};
use rustix::process::Signal;
use serde_json::Value;
use std::collections::BTreeMap;

fn states(snapshot: &Value) -> BTreeMap<&str, &str> {
    let plugins = snapshot["plugins"].as_array().unwrap().iter();
    plugins.map(|plugin| (plugin["id"].as_str().unwrap(), plugin["state"].as_str().unwrap())).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn once_with_json_prints_one_object() {
    let ran = plughold(&["run", EXAMPLES, "--once", "--json"]);
    let snapshot = ran.json();
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert_eq!(keys(&snapshot), ["plugins", "problems", "schema"]);
    assert_eq!((&snapshot["schema"], &snapshot["problems"]), (&1.into(), &Value::Array(vec![])));
    let expected = [
        ("clock", "active"),
        ("crasher", "active"),
        ("hello", "active"),
        ("looper", "active"),
        ("thrower", "failed"),
        ("word-count", "active"),
    ];
    assert_eq!(states(&snapshot), BTreeMap::from(expected));
    let [hello, thrower] = [2, 4].map(|index| &snapshot["plugins"][index]);
    let all_keys = [
        "commands",
        "error",
        "format",
        "generation",
        "id",
        "memory_bytes",
        "name",
        "pid",
        "restarts",
        "sandbox",
        "state",
        "timing_us",
        "version",
    ];
    assert_eq!(keys(hello), all_keys);
    assert_eq!(keys(&hello["timing_us"]), ["activate", "load", "spawn"]);
    assert_eq!((&hello["generation"], &hello["restarts"]), (&1.into(), &0.into()));
    assert_eq!((&hello["commands"], &hello["error"]), (&serde_json::json!(["hello.greet"]), &Value::Null));
    assert!(hello["pid"].is_u64() && 1 << 20 < hello["memory_bytes"].as_u64().unwrap());
    assert_eq!((&thrower["pid"], &thrower["memory_bytes"]), (&Value::Null, &Value::Null));
    expect![[r#"
        {
          "message": "the top level failed: TypeError: cannot read property 'theme' of undefined",
          "stack": "    at readSettings (thrower.js:7:10)\n    at <eval> (thrower.js:10:1)",
          "thrown": {
            "message": "cannot read property 'theme' of undefined",
            "name": "TypeError",
            "stack": "    at readSettings (thrower.js:7:10)\n    at <eval> (thrower.js:10:1)"
          }
        }"#]]
    .assert_eq(&format!("{:#}", thrower["error"]));
}

#[test]
fn once_for_people() {
    let ran = plughold(&["run", EXAMPLES, "--once"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let columns = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert_eq!(columns(lines[0]).join(" "), "PLUGIN VERSION FORMAT STATE PID MEMORY RESTARTS COMMANDS");
    assert_eq!(columns(lines[5]).join(" "), "thrower 1.0.0 native failed – – 0 –");
    assert_eq!(columns(lines[3])[..4].join(" "), "hello 1.0.0 native active");
    assert_eq!(columns(lines[3])[6..].join(" "), "MiB 0 hello.greet");
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'), "{ran:?}");
    let below: Vec<&str> =
        lines.iter().copied().skip_while(|line| !line.starts_with("thrower  ")).skip(1).collect();
    let failed = below.iter().position(|line| line.contains("failed   ")).unwrap();
    expect![[r#"
        thrower                        failed        the top level failed: TypeError: cannot read property 'theme' of undefined
                                                       at readSettings (thrower.js:7:10)
                                                       at <eval> (thrower.js:10:1)"#]].assert_eq(&below[failed..failed + 3].join("\n"));
}

#[track_caller]
fn check_once(files: &[(&str, &str)], code: i32, problems: Expect) {
    let folder = folder(files);
    let ran = plughold_in(folder.path(), &["run", "--once", "--json"]);
    assert_eq!(ran.code, Some(code), "{ran:?}");
    problems.assert_eq(&ran.json()["problems"].to_string());
}

#[test]
fn the_exit_code_says_whether_all_are_active() {
    check_once(&[("plugins/a.js", ""), ("plugins/b.mjs", "export {}")], 0, expect!["[]"]);
    check_once(&[("plugins/a.js", ""), ("plugins/b.js", "throw 1")], 4, expect!["[]"]);
    check_once(
        &[("plugins/a.js", ""), ("plugins/b/plughold.json", "{")],
        1,
        expect![[
            r#"[{"items":[{"column":1,"file":"plughold.json","help":null,"line":1,"message":"unterminated object","severity":"error"}],"path":"plugins/b"}]"#
        ]],
    );
    check_once(&[("plugins/readme.txt", "")], 0, expect!["[]"]);
}

#[test]
fn a_package_of_another_platform_says_which() {
    const JOPLIN: &str = "/* joplin-manifest:\n{ \"manifest_version\": 1, \"id\": \"org.example.Greeting\", \
                          \"app_min_version\": \"2.1\", \"version\": \"1.0.0\", \"name\": \"Greeting\" }\n*/\n";
    check_once(
        &[("plugins/a.js", ""), ("plugins/greeting.js", JOPLIN)],
        1,
        expect![[
            r#"[{"items":[{"column":null,"file":"greeting.js","help":"give --platform joplin to run it","line":null,"message":"org.example.Greeting is a joplin package; this is the platform native","severity":"error"}],"path":"plugins/greeting.js"}]"#
        ]],
    );
    let folder = folder(&[("plugins/greeting.js", JOPLIN)]);
    expect![[r#"
        error: plugins/greeting.js is not a plugin that can be loaded
          greeting.js: org.example.Greeting is a joplin package; this is the platform native
        help: give --platform joplin to run it
        error: there is no plugin to run in ./plugins
        exit 3
    "#]]
    .assert_eq(&plughold_in(folder.path(), &["run", "--once"]).text());
}

#[test]
fn nothing_to_run_is_an_error_with_help() {
    expect![[r#"
        error: there is no folder ./plugins here
        help: make one and put a plugin into it, or name another folder
        exit 3
    "#]]
    .assert_eq(&plughold_in(folder(&[]).path(), &["run"]).text());
    let empty = folder(&[("plugins/readme.txt", "")]);
    expect![[r#"
        error: there is no plugin to run in ./plugins
        help: a plugin is a .js, .mjs, .plug or .jpl file, or a folder with a plughold.json or a manifest.json
        exit 3
    "#]]
    .assert_eq(&plughold_in(empty.path(), &["run"]).text());
}

#[test]
fn what_a_plugin_says_on_several_lines_stays_its_own() {
    let folder = folder(&[(
        "plugins/p.js",
        "console.log('one\\n\\nq                              failed        forged')",
    )]);
    let ran = plughold_in(folder.path(), &["run", "--once"]);
    let lines: Vec<&str> = ran.stdout.lines().skip_while(|line| !line.contains("info")).take(3).collect();
    expect![[r#"
        p         p.js:1             info          one

                                                   q                              failed        forged"#]]
    .assert_eq(&lines.join("\n"));
    let ran = plughold_in(folder.path(), &["call", "p", "f", "--json"]);
    assert!(ran.stderr.contains("one\n\n                                           q    "), "{ran:?}");
}

/// A plugin whose dependency is missing, is of another version or cannot start has failed as any other.
#[test]
fn what_a_plugin_lacks_is_told() {
    let check = |needs: &str, reason: &str| {
        let source = format!("/* plughold: {{ \"dependencies\": {{ {needs} }} }} */");
        let files = [("plugins/lib.js", ""), ("plugins/bad.js", "throw 1"), ("plugins/user.js", &source)];
        let folder = folder(&files);
        let ran = plughold_in(folder.path(), &["run", "--once"]);
        let reason = format!("it cannot use what it needs: {reason}");
        assert_eq!(ran.code, Some(4), "{ran:?}");
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines = Vec::from_iter(ran.stdout.lines().map(words));
        assert!(lines.contains(&"user 0.0.0 native failed – – 0 –".to_owned()), "{ran:?}");
        assert!(lines.contains(&format!("user failed {reason}")), "{ran:?}");
        let snapshot = plughold_in(folder.path(), &["run", "--once", "--json"]).json();
        let user = snapshot["plugins"].as_array().unwrap().iter().find(|plugin| plugin["id"] == "user");
        assert_eq!(user.unwrap()["error"]["message"], reason);
    };
    check(r#""nobody": "*""#, "it needs nobody, which is not there");
    check(r#""lib": "^2""#, "it needs lib, which has the version 0.0.0, and ^2 is needed");
    check(r#""bad": "*""#, "it needs bad, which does not run: the top level failed: 1");
    check(r#""user": "*""#, "it is in a circle: user needs user, and so none can be the first");
}

#[test]
fn permissions_are_told() {
    let asks = r#"/* plughold: { "permissions": ["notes.read", "notes.write"] } */"#;
    let folder = folder(&[("plugins/asks.js", asks)]);
    let ran = plughold_in(folder.path(), &["run", "--once", "--grant-all"]);
    assert!(ran.stdout.contains("\nasks asked for, and may use: notes.read, notes.write\n"), "{ran:?}");
    let ran = plughold_in(folder.path(), &["run", "--once", "--grant-all", "--deny", "notes.write"]);
    let words = "\nasks asked for, and may use: notes.read; it may not use: notes.write\n";
    assert!(ran.stdout.contains(words), "{ran:?}");
}

#[test]
fn permissions_are_denied_and_granted() {
    let user = r#"/* plughold: { "dependencies": { "other": "*" } } */
        export const use = () => { try { plugins.get('other'); return 'used'; } catch (error) { return error.name; } };"#;
    let folder = folder(&[("plugins/user.js", user), ("plugins/other.js", "")]);
    let check = |options: &[&str], expected: &str| {
        let ran = plughold_in(folder.path(), &[&["call", "user", "use"], options].concat());
        assert_eq!(ran.stdout, format!("\"{expected}\"\n"), "{options:?} {ran:?}");
    };
    check(&[], "used");
    check(&["--deny", "plugins.other"], "PermissionDenied");
    check(&["--grant-all", "--deny", "plugins.other"], "PermissionDenied");
    check(&["--grant", "plugins.other"], "used");
    let ran = plughold_in(folder.path(), &["call", "user", "use", "--deny", "fs:.."]);
    assert!(ran.code == Some(2) && ran.stderr.contains("expected a path such as data/notes.txt"), "{ran:?}");
}

/// What each example says of itself at its top comes true, while the others go on.
#[test]
fn the_examples_do_what_they_say() {
    let mut running = start(&["run", EXAMPLES, "--json"]);
    let loaded = running.event("loaded", "");
    assert_eq!(states(&loaded)["thrower"], "failed");

    let stuck = running.event("unresponsive", "looper");
    assert!(stuck["stack"].as_str().unwrap().contains("findTheEnd"), "{stuck}");
    assert!(1_000_000 <= stuck["stuck_us"].as_u64().unwrap(), "{stuck}");

    let disabled = running.event("disabled", "crasher");
    assert_eq!(disabled["crashes"], 5);

    let interrupted = running.event("uncaught", "looper");
    assert_eq!(interrupted["thrown"]["name"], "Interrupted", "{interrupted}");
    assert!(interrupted["thrown"]["stack"].as_str().unwrap().contains("findTheEnd"), "{interrupted}");
    running.event("responsive", "looper");

    running.signal(Signal::INT);
    let shutdown = running.event("shutdown", "");
    assert_eq!(shutdown["stopped"], serde_json::json!(["clock", "hello", "looper", "word-count"]));
    let ran = running.end();
    assert_eq!(ran.code, Some(130));
    let ends: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|record| record["event"] == "exited" && record["plugin"] == "crasher")
        .collect();
    assert_eq!(ends.len(), 5);
    assert!(ends.iter().all(|end| end["message"].as_str().unwrap().contains("out of memory")), "{ends:?}");
}

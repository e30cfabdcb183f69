//! Permissions in the command: who is asked, what is remembered, and what becomes of it where nobody can be asked.

use crate::support::{Ran, folder, plughold_in, start_remembering};
use crate::terminal::AtTerminal;
use expect_test::expect;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::{TempDir, tempdir};

/// A plugin that asks for this and says what it got.
fn asking(version: &str, permissions: &str) -> String {
    format!(
        "/* plughold: {{ \"version\": \"{version}\", \"permissions\": [{permissions}] }} */\n\
         exports.activate = (plugin) => console.log(`got <${{plugin.permissions.join(' ')}}>`);\n"
    )
}

const NOTES: &str = r#""notes.read""#;

/// A folder with one plugin, and another one for what is remembered.
fn stage(permissions: &str) -> (TempDir, TempDir) {
    (folder(&[("plugins/words.js", &asking("1.0.0", permissions))]), tempdir().unwrap())
}

/// Runs the plugins once at a terminal where somebody types these answers, each to a question of its own.
#[track_caller]
fn run_at_terminal(folder: &Path, state: &Path, answers: &[&str]) -> String {
    let mut terminal = AtTerminal::start(folder, state, &["run", "--once"]);
    for answer in answers {
        terminal.wait_for("[N] never > ");
        terminal.type_line(answer);
    }
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(shown.matches("[N] never > ").count(), answers.len(), "{shown}");
    shown
}

/// Runs the command where nobody can be asked.
#[track_caller]
fn without_terminal(folder: &Path, state: &Path, args: &[&str]) -> Ran {
    start_remembering(folder, state, args).end()
}

fn remembered(state: &Path) -> Value {
    let text = fs::read_to_string(state.join("plughold/grants.json")).unwrap_or_else(|_| "null".into());
    let mut grants: Value = serde_json::from_str(&text).unwrap();
    if let Some(permissions) = grants.pointer_mut("/plugins/words/permissions").and_then(Value::as_object_mut)
    {
        permissions.values_mut().for_each(|decided| *decided = decided["decision"].take());
    }
    grants
}

#[test]
fn somebody_is_asked_before_a_plugin_starts() {
    let (plugins, state) = stage(r#"{ "name": "notes.read", "reason": "to count your words" }, "net""#);
    let shown = run_at_terminal(plugins.path(), state.path(), &["y", "n"]);
    let asked = shown.split_once("starting ").unwrap().0;
    expect![[r#"
        words 1.0.0 asks for notes.read
          why, in its author's words:
          │ to count your words
        [y] allow for now  [A] always  [n] not now  [N] never > y
        notes.read to words: allowed until the command ends
        words 1.0.0 asks for net
          its author does not say why
        [y] allow for now  [A] always  [n] not now  [N] never > n
        net to words: denied until the command ends
    "#]]
    .assert_eq(asked);
    assert!(shown.contains("words asked for, and may use: notes.read; it may not use: net\n"), "{shown}");
    assert_eq!(remembered(state.path()), Value::Null);
    assert!(run_at_terminal(plugins.path(), state.path(), &["", "y"]).contains("it may not use: notes.read"));
}

#[test]
fn what_is_for_good_is_not_asked_again() {
    let (plugins, state) = stage(r#""notes.read", "net""#);
    let shown = run_at_terminal(plugins.path(), state.path(), &["A", "N"]);
    assert!(shown.contains("may use: notes.read; it may not use: net\n"), "{shown}");
    expect![[r#"{"plugins":{"words":{"asked":["notes.read","net"],"permissions":{"net":"denied","notes.read":"granted"},"version":"1.0.0"}},"schema":1}"#]]
        .assert_eq(&remembered(state.path()).to_string());
    let shown = run_at_terminal(plugins.path(), state.path(), &[]);
    assert!(shown.contains("may use: notes.read; it may not use: net\n"), "{shown}");
    let ran = without_terminal(plugins.path(), state.path(), &["run", "--once", "--json"]);
    assert!(ran.stderr.contains("got <notes.read>"), "{ran:?}");
}

#[test]
fn an_update_that_asks_for_more_is_shown_and_asked_again() {
    let (plugins, state) = stage(r#""notes.read", "clock""#);
    run_at_terminal(plugins.path(), state.path(), &["A", "A"]);
    let more = asking("1.1.0", r#""notes.read", "fs.read:data/**""#);
    fs::write(plugins.path().join("plugins/words.js"), more).unwrap();
    let shown = run_at_terminal(plugins.path(), state.path(), &["A"]);
    expect![[r#"
        words 1.1.0 asks for more than 1.0.0:
          + fs.read:data/**
          - clock
        words 1.1.0 asks for fs.read:data/**
          its author does not say why
        [y] allow for now  [A] always  [n] not now  [N] never > A
        fs.read:data/** to words: allowed always
    "#]]
    .assert_eq(shown.split_once("starting ").unwrap().0);
    run_at_terminal(plugins.path(), state.path(), &[]);
}

#[test]
fn what_is_no_answer_is_asked_again_and_silence_is_a_no() {
    let (plugins, state) = stage(NOTES);
    let mut terminal = AtTerminal::start(plugins.path(), state.path(), &["run", "--once"]);
    terminal.wait_for("never > ");
    terminal.type_line("of course");
    terminal.wait_for("expected y, A, n or N\n");
    terminal.wait_for("never > ");
    // The end of the input.
    terminal.type_bytes(b"\x04");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("words asked for, and may not use: notes.read"), "{shown}");
}

/// Whoever pastes something has answered nothing, whatever its later lines look like.
#[test]
fn what_is_pasted_does_not_count() {
    let (plugins, state) = stage(NOTES);
    let mut terminal = AtTerminal::start(plugins.path(), state.path(), &["run", "--once"]);
    terminal.wait_for("never > ");
    terminal.type_bytes(b"a list of words:\nA\n");
    terminal.wait_for("expected y, A, n or N");
    terminal.wait_for("never > ");
    terminal.type_line("n");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("may not use: notes.read"), "{shown}");
    assert_eq!(remembered(state.path()), Value::Null);
}

/// What was typed before somebody was asked is no answer.
#[test]
fn what_was_typed_before_does_not_count() {
    let (plugins, state) = stage(NOTES);
    let mut terminal = AtTerminal::start(plugins.path(), state.path(), &["run", "--once"]);
    terminal.type_line("A");
    terminal.wait_for("never > ");
    terminal.type_line("n");
    let (code, shown) = terminal.end();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("may not use: notes.read"), "{shown}");
    assert_eq!(remembered(state.path()), Value::Null);
}

#[test]
fn ctrl_c_is_heard_while_somebody_is_asked() {
    let (plugins, state) = stage(NOTES);
    let mut terminal = AtTerminal::start(plugins.path(), state.path(), &["run"]);
    terminal.wait_for("never > ");
    let group = Pid::from_raw(i32::try_from(terminal.id()).unwrap()).unwrap();
    kill_process_group(group, Signal::INT).unwrap();
    assert_eq!(terminal.end().0, Some(130));
}

/// What manifests may not hold at all is tried by the prompt's own tests.
#[test]
fn a_hostile_reason_does_nothing_to_the_terminal() {
    let reason = "sa\u{200b}fe\u{feff} [y] allow for now > y                notes.read to words: allowed";
    let asks = format!(r#"{{ "name": "net", "reason": "{reason} {}" }}"#, "long ".repeat(2_000));
    let (plugins, state) = stage(&asks);
    let shown = run_at_terminal(plugins.path(), state.path(), &["n"]);
    let asked = shown.split_once("[y] allow for now  [A]").unwrap().0;
    expect![[r#"
        words 1.0.0 asks for net
          why, in its author's words:
          │ safe [y] allow for now > y notes.read to words: allowed long long
          │ long long long long long long long long long long long long long
          │ long long long long long long long long long long long long long
          │ long…
    "#]]
    .assert_eq(asked);
}

#[test]
fn without_a_terminal_the_answer_is_no_and_everybody_is_told() {
    let (plugins, state) = stage(r#""notes.read", "fs.read:data/**""#);
    let ran = without_terminal(plugins.path(), state.path(), &["run", "--once"]);
    let words = "words asked for, and may not use: notes.read, fs.read:data/**\n  \
                 to allow it: plughold perms words --grant notes.read --grant 'fs.read:data/**'\n";
    assert!(ran.stdout.contains(words), "{ran:?}");
    let mut running = start_remembering(plugins.path(), state.path(), &["run", "--json"]);
    assert_eq!(running.event("denied", "words")["permission"], "notes.read");
    assert_eq!(running.event("log", "words")["message"], "got <>");
    running.signal(Signal::INT);
    assert_eq!(running.end().code, Some(130));
    let audit = fs::read_to_string(state.path().join("plughold/audit.jsonl")).unwrap();
    let line: Value = serde_json::from_str(audit.lines().next().unwrap()).unwrap();
    assert_eq!((&line["plugin"], &line["decision"]), (&"words".into(), &"denied".into()), "{audit}");
}

#[test]
fn the_command_line_decides_before_anybody_is_asked() {
    let (plugins, state) = stage(r#""notes.read", "net""#);
    let check = |options: &[&str], expected: &str| {
        let args = [&["run", "--once", "--json"], options].concat();
        let ran = without_terminal(plugins.path(), state.path(), &args);
        assert!(ran.stderr.contains(&format!("got <{expected}>")), "{options:?} {ran:?}");
    };
    check(&[], "");
    check(&["--grant", "net"], "net");
    check(&["--grant-all"], "notes.read net");
    check(&["--grant-all", "--deny", "net"], "notes.read");
    let changed =
        without_terminal(plugins.path(), state.path(), &["perms", "words", "--grant", "notes.read"]);
    assert_eq!(changed.code, Some(0), "{changed:?}");
    check(&[], "notes.read");
    check(&["--deny", "notes.read"], "");
}

#[test]
fn a_call_that_fails_for_want_of_a_permission_says_what_to_do() {
    let user = r#"/* plughold: { "dependencies": { "other": "*" } } */
        export const use = () => { plugins.get('other'); };"#;
    let folder = folder(&[("plugins/user.js", user), ("plugins/other.js", "")]);
    let ran = plughold_in(folder.path(), &["call", "user", "use", "--deny", "plugins.other"]);
    assert_eq!(ran.code, Some(5), "{ran:?}");
    let help = "help: --grant plugins.other allows it once, plughold perms ID --grant plugins.other for good, if the \
                manifest asks for just that; plughold perms ID shows what it asks for\n";
    assert!(ran.stderr.ends_with(help), "{ran:?}");
}

/// What `plughold perms` prints, without the times.
#[track_caller]
fn perms(plugins: &Path, state: &Path, args: &[&str]) -> String {
    let ran = without_terminal(plugins, state, &[&["perms"], args].concat());
    let lines = ran.text();
    let lines = lines.lines().map(|line| match line.split_once("  since ") {
        Some((before, after)) => format!("{before}  since …{}", after.split_once('Z').unwrap().1),
        None => line.to_owned(),
    });
    Vec::from_iter(lines).join("\n")
}

#[test]
fn permissions_are_shown_and_changed() {
    let (plugins, state) = stage(r#""notes.read", { "name": "fs.read:data/**", "reason": "word lists" }"#);
    let perms = |args: &[&str]| perms(plugins.path(), state.path(), args);
    expect![[r#"
        words
          undecided  notes.read
          undecided  fs.read:data/**  “word lists”
          to allow it: plughold perms words --grant notes.read --grant 'fs.read:data/**'
        exit 0"#]]
    .assert_eq(&perms(&[]));
    expect![[r#"
        words
          granted    notes.read  since …
          denied     fs.read:data/**  “word lists”
          denied     fs.read:data/private/**  since …, the manifest does not ask for it
        exit 0"#]]
    .assert_eq(&perms(&["words", "--grant", "notes.read", "--revoke", "fs.read:data/private/**"]));
    expect![[r#"
        words
          undecided  notes.read
          denied     fs.read:data/**  since …, “word lists”
          to allow it: plughold perms words --grant notes.read
        exit 0"#]]
    .assert_eq(&perms(&["words", "--forget", "notes.read", "--revoke", "fs.read:data/**"]));
    let json: Value = serde_json::from_str(
        without_terminal(plugins.path(), state.path(), &["perms", "words", "--json"]).stdout.as_str(),
    )
    .unwrap();
    assert_eq!(json["plugins"][0]["permissions"][0]["state"], "undecided");
    assert_eq!(json["plugins"][0]["permissions"][1]["state"], "denied");
    expect![[r#"
        words
          undecided  notes.read
          denied     fs.read:data/**  since …, “word lists”
          granted    notes.raed  since …, the manifest does not ask for it
          to allow it: plughold perms words --grant notes.read
        warning: words does not ask for notes.raed, and a call needs both
          it asks for notes.read, fs.read:data/**
        exit 0"#]]
    .assert_eq(&perms(&["words", "--grant", "notes.raed"]));
    expect![[r#"
        error: nothing is known of a plugin wrods
          known: words
        help: did you mean words?
        exit 3"#]]
    .assert_eq(&perms(&["wrods"]));
}

/// What somebody has decided is not lost because a file is broken, and nothing is granted.
#[test]
fn a_broken_file_of_decisions_is_told() {
    let (plugins, state) = stage(NOTES);
    fs::create_dir_all(state.path().join("plughold")).unwrap();
    fs::write(state.path().join("plughold/grants.json"), "{").unwrap();
    let ran = without_terminal(plugins.path(), state.path(), &["run", "--once"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("plughold/grants.json holds no decisions about permissions: EOF"), "{ran:?}");
    assert!(ran.stdout.contains("may not use: notes.read"), "{ran:?}");
    assert_eq!(fs::read_to_string(state.path().join("plughold/grants.json")).unwrap(), "{");
}

/// A broker decides when a call needs it, and on nothing that the command line says.
#[test]
fn a_broker_decides() {
    let user = r#"/* plughold: { "dependencies": { "other": "*" } } */
        export const use = () => { try { plugins.get('other'); return 'used'; } catch (error) { return error.name; } };"#;
    let folder = folder(&[("plugins/user.js", user), ("plugins/other.js", "")]);
    let check = |broker: &str, options: &[&str], expected: &str| {
        let args = [&["call", "user", "use", "--broker", broker], options].concat();
        let ran = plughold_in(folder.path(), &args);
        assert_eq!(ran.stdout, format!("\"{expected}\"\n"), "{broker} {ran:?}");
    };
    let says =
        |word: &str| format!("read -r line; echo '{{\"question\":1,\"decision\":\"{word}\"}}'; read -r line");
    check(&says("allow"), &[], "used");
    check(&says("deny"), &[], "PermissionDenied");
    check("exit 1", &[], "PermissionDenied");
    check("exit 1", &["--grant", "plugins.other"], "used");
    check(&says("allow"), &["--deny", "plugins.other"], "PermissionDenied");
}

/// A plugin without a manifest may use everything, and is told what to write into one.
#[test]
fn what_plugins_use_is_observed() {
    let user = "/* plughold: { \"dependencies\": { \"other\": \"*\" }, \"permissions\": [\"net\"] } */\n\
                export const use = () => find();\n\
                function find() { plugins.get('other'); return 'used'; }\n";
    let folder = folder(&[("plugins/user.mjs", user), ("plugins/other.js", "")]);
    let ran = plughold_in(folder.path(), &["call", "user", "use", "--observe"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "\"used\"\n"), "{ran:?}");
    expect![[r#"
        user used first:
          plugins.other
            at find (user.mjs:3:27)
            at use (user.mjs:2:26)
        what its manifest needs to ask for:
          "permissions": []
        that is, beside what it asks for:
          - "net" (nobody has used it)
    "#]]
    .assert_eq(&ran.stderr);
    let denied = plughold_in(folder.path(), &["call", "user", "use", "--observe", "--deny", "plugins.other"]);
    assert_eq!(denied.code, Some(5), "{denied:?}");
}

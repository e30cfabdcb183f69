//! What somebody is told who uses the command for the first time.

use crate::support::{folder, plughold_in};
use expect_test::expect;

#[test]
fn settings_stand_on_the_command_line() {
    let words = r#"/* plughold: { "settings": { "limit": { "type": "number", "label": "Limit", "default": 3 } } } */
        let limit;
        exports.activate = (plugin) => { limit = plugin.settings.limit; };
        exports.limit = () => limit;"#;
    let folder = folder(&[("plugins/words.js", words)]);
    let call =
        |options: &[&str]| plughold_in(folder.path(), &[&["call", "words", "limit"], options].concat());
    assert_eq!(call(&[]).stdout, "3\n");
    assert_eq!(call(&["--set", "words.limit=4", "--set", "words.limit=5"]).stdout, "5\n");
    let refused = call(&["--set", "words.limit=\"many\""]);
    assert_eq!(refused.stdout, "3\n", "{refused:?}");
    expect![[r#"
        warning: --set words.limt: no plugin has this setting
          known: words.limit
        help: did you mean words.limit?
    "#]]
    .assert_eq(&call(&["--set", "words.limt=4"]).stderr);
    assert_eq!(call(&["--set", "words.limit"]).code, Some(2));
}

#[test]
fn everything_that_a_plugin_needs_is_told_at_once() {
    let source = r#"/* plughold: { "dependencies": { "one": "*", "two": "^2", "lib": "^3" } } */"#;
    let folder = folder(&[("plugins/user.js", source), ("plugins/lib.js", "")]);
    let checked = plughold_in(folder.path(), &["check"]);
    assert_eq!(checked.code, Some(1), "{checked:?}");
    for words in [
        "it needs one, which is not there",
        "it needs two, which is not there",
        "it needs lib, which has the",
    ] {
        assert!(checked.stdout.contains(words), "{words} {checked:?}");
    }
    let ran = plughold_in(folder.path(), &["run", "--once"]);
    let words = "it needs one, which is not there, and needs two, which is not there, and needs lib, which has the \
                 version 0.0.0, and ^3 is needed";
    assert!(ran.stdout.contains(words), "{ran:?}");
}

#[test]
fn a_package_json_makes_no_plugin() {
    let files = [("plugins/mine/package.json", "{}"), ("plugins/mine/index.js", ""), ("plugins/good.js", "")];
    let folder = folder(&files);
    let hint = "this folder has a package.json, and no manifest";
    let checked = plughold_in(folder.path(), &["check"]);
    assert!(checked.code == Some(0) && checked.stdout.contains(hint), "{checked:?}");
    let checked = plughold_in(folder.path(), &["check", "plugins/mine"]);
    assert!(checked.stdout.contains(hint), "{checked:?}");
    let checked = plughold_in(folder.path(), &["check", "plugins/good.js"]);
    assert!(!checked.stdout.contains(hint), "{checked:?}");
}

#[test]
fn whoever_waits_is_told_for_whom() {
    let slow = "exports.activate = () => new Promise((done) => setTimeout(done, 2500));";
    let folder = folder(&[("plugins/slow.js", slow), ("plugins/quick.js", "")]);
    let ran = plughold_in(folder.path(), &["run", "--once"]);
    assert_eq!(ran.stderr, "starting 2 plugins of ./plugins\nstill starting: slow\n", "{ran:?}");
}

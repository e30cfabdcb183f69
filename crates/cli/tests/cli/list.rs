//! `plughold list` and `plughold version`.

use crate::support::{EXAMPLES, folder, plughold, plughold_in};
use expect_test::{Expect, expect};

#[track_caller]
fn check(files: &[(&str, &str)], args: &[&str], expected: Expect) {
    let folder = folder(files);
    expected.assert_eq(&plughold_in(folder.path(), args).text());
}

#[test]
fn the_examples() {
    expect![[r#"
        PLUGIN      VERSION  FORMAT  NAME        PERMISSIONS  FROM
        clock       1.0.0    native  Clock       –            examples/plugins/clock.mjs
        crasher     1.0.0    native  Crasher     –            examples/plugins/crasher.js
        hello       1.0.0    native  Hello       –            examples/plugins/hello.js
        looper      1.0.0    native  Looper      –            examples/plugins/looper.js
        thrower     1.0.0    native  Thrower     –            examples/plugins/thrower.js
        word-count  1.2.0    native  Word count  –            examples/plugins/word-count
        exit 0
    "#]]
    .assert_eq(&plughold(&["list", EXAMPLES]).text());
}

#[test]
fn the_default_folder_is_plugins() {
    check(
        &[("plugins/a.js", "")],
        &["list"],
        expect![[r#"
        PLUGIN  VERSION  FORMAT  NAME  PERMISSIONS  FROM
        a       0.0.0    native  a     –            plugins/a.js
        exit 0
    "#]],
    );
    check(
        &[],
        &["list"],
        expect![[r#"
        error: there is no folder ./plugins here
        help: make one and put a plugin into it, or name another folder
        exit 3
    "#]],
    );
    check(
        &[("plugins/readme.txt", "")],
        &["list"],
        expect![[r#"
        no plugins in ./plugins
        exit 0
    "#]],
    );
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_listed() {
    let files = [("p/good.js", ""), ("p/bad/plughold.json", "{\n  \"id\": \"bad\",\n  \"nmae\": \"Bad\"\n}")];
    check(
        &files,
        &["list", "p"],
        expect![[r#"
        PLUGIN  VERSION  FORMAT  NAME  PERMISSIONS  FROM
        good    0.0.0    native  good  –            p/good.js
        error: p/bad is not a plugin that can be loaded
          plughold.json:1:1: the key "name" is missing
          plughold.json:1:1: the key "version" is missing
          plughold.json:1:1: the plugin has no code: expected a file main.js, main.mjs or index.js
            help: or name another file with the key "main"
          plughold.json:3:3: unknown key "nmae"
            help: did you mean "name"?
        exit 1
    "#]],
    );
    check(
        &files,
        &["list", "--json", "p"],
        expect![[r#"
            {"schema":1,"plugins":[{"id":"good","name":"good","version":"0.0.0","description":"","author":"","format":"native","permissions":[],"dependencies":{},"activation":"start","settings":[],"path":"p/good.js"}],"problems":[{"path":"p/bad","items":[{"severity":"error","file":"plughold.json","line":1,"column":1,"message":"the key \"name\" is missing","help":null},{"severity":"error","file":"plughold.json","line":1,"column":1,"message":"the key \"version\" is missing","help":null},{"severity":"error","file":"plughold.json","line":1,"column":1,"message":"the plugin has no code: expected a file main.js, main.mjs or index.js","help":"or name another file with the key \"main\""},{"severity":"error","file":"plughold.json","line":3,"column":3,"message":"unknown key \"nmae\"","help":"did you mean \"name\"?"}]}]}
            exit 1
        "#]],
    );
}

#[test]
fn what_does_not_exist_is_not_found() {
    check(
        &[],
        &["list", "absent"],
        expect![[r#"
        error: cannot find absent
          No such file or directory (os error 2)
        help: name a folder of plugins, or one plugin
        exit 3
    "#]],
    );
}

#[test]
fn permissions_are_listed() {
    let asks = r#"/* plughold: { "version": "2.0.0", "permissions": ["notes.read", { "name": "net", "reason": "news" }] } */"#;
    check(
        &[("p/asks.js", asks)],
        &["list", "p"],
        expect![[r#"
        PLUGIN  VERSION  FORMAT  NAME  PERMISSIONS      FROM
        asks    2.0.0    native  asks  notes.read, net  p/asks.js
        exit 0
    "#]],
    );
    check(
        &[("p/asks.js", asks)],
        &["list", "p", "--json"],
        expect![[r#"
            {"schema":1,"plugins":[{"id":"asks","name":"asks","version":"2.0.0","description":"","author":"","format":"native","permissions":[{"name":"notes.read","reason":null},{"name":"net","reason":"news"}],"dependencies":{},"activation":"start","settings":[],"path":"p/asks.js"}],"problems":[]}
            exit 0
        "#]],
    );
}

#[test]
fn what_a_dependency_asks_for_is_listed() {
    let files = [
        ("p/counter.js", "/* plughold: { \"version\": \"1.2.0\" } */"),
        (
            "p/tally.js",
            r#"/* plughold: { "dependencies": { "counter": "^1.2" }, "permissions": ["net"] } */"#,
        ),
    ];
    check(
        &files,
        &["list", "p"],
        expect![[r#"
        PLUGIN   VERSION  FORMAT  NAME     PERMISSIONS           FROM
        counter  1.2.0    native  counter  –                     p/counter.js
        tally    0.0.0    native  tally    net, plugins.counter  p/tally.js
        exit 0
    "#]],
    );
    check(
        &files,
        &["list", "--json", "p"],
        expect![[r#"
        {"schema":1,"plugins":[{"id":"counter","name":"counter","version":"1.2.0","description":"","author":"","format":"native","permissions":[],"dependencies":{},"activation":"start","settings":[],"path":"p/counter.js"},{"id":"tally","name":"tally","version":"0.0.0","description":"","author":"","format":"native","permissions":[{"name":"net","reason":null},{"name":"plugins.counter","reason":null}],"dependencies":{"counter":"^1.2"},"activation":"start","settings":[],"path":"p/tally.js"}],"problems":[]}
        exit 0
    "#]],
    );
}

#[test]
fn a_folder_is_named_with_or_without_an_option() {
    let files = [("p/a.js", ""), ("q/b.js", "")];
    for command in ["list", "check"] {
        let folder = folder(&files);
        let run = |args: &[&str]| plughold_in(folder.path(), &[&[command], args].concat()).text();
        let expected = run(&["p", "q"]);
        assert!(expected.contains("p/a.js") && expected.contains("q/b.js"), "{expected}");
        for args in [&["--dir", "p", "--dir", "q"][..], &["q", "--dir", "p"]] {
            assert_eq!(run(args), expected, "{command} {args:?}");
        }
    }
}

#[test]
fn version() {
    expect![[r#"
        plughold 0.1.0 (protocol 1, platforms native, joplin)
        exit 0
    "#]]
    .assert_eq(&plughold(&["version"]).text());
    expect![[r#"
        {"name":"plughold","platforms":["native","joplin"],"protocol":1,"schema":1,"version":"0.1.0"}
        exit 0
    "#]]
    .assert_eq(&plughold(&["version", "--json"]).text());
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    assert!(!plughold(&["list", EXAMPLES]).stdout.contains('\u{1b}'));
    assert!(plughold(&["list", EXAMPLES, "--color", "always"]).stdout.contains("\u{1b}[1mhello"));
}

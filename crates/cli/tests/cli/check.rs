//! `plughold check`.

use crate::support::{EXAMPLES, folder, plughold, plughold_in};
use expect_test::{Expect, expect};

#[track_caller]
fn check(files: &[(&str, &str)], args: &[&str], expected: Expect) {
    let folder = folder(files);
    expected.assert_eq(&plughold_in(folder.path(), args).text());
}

#[test]
fn good_packages_are_one_line_each() {
    expect![[r#"
        good examples/plugins/clock.mjs: clock 1.0.0, native, asks for no permissions
        good examples/plugins/crasher.js: crasher 1.0.0, native, asks for no permissions
        good examples/plugins/hello.js: hello 1.0.0, native, asks for no permissions
        good examples/plugins/looper.js: looper 1.0.0, native, asks for no permissions
        good examples/plugins/thrower.js: thrower 1.0.0, native, asks for no permissions
        good examples/plugins/word-count: word-count 1.2.0, native, asks for no permissions
        6 good
        exit 0
    "#]]
    .assert_eq(&plughold(&["check", EXAMPLES]).text());
    let asks = r#"/* plughold: { "permissions": ["notes.read", "net"] } */"#;
    check(
        &[("p/asks.js", asks)],
        &["check", "p/asks.js"],
        expect![[r#"
        good p/asks.js: asks 0.0.0, native, asks for notes.read, net
        exit 0
    "#]],
    );
    check(
        &[("plugins/readme.txt", "")],
        &["check"],
        expect![[r#"
            error: there is no plugin to check in ./plugins
            help: a plugin is a .js, .mjs, .plug or .jpl file, or a folder with a plughold.json or a manifest.json
            exit 3
        "#]],
    );
    check(
        &[],
        &["check", "absent"],
        expect![[r#"
        error: cannot find absent
          No such file or directory (os error 2)
        help: name a folder of plugins, or one plugin
        exit 3
    "#]],
    );
}

#[test]
fn what_a_plugin_does_not_get_is_a_warning() {
    let manifest = r#"{ "id": "p", "name": "P", "version": "1.0.0", "limits": { "memory": "2 GiB", "stack": "1 MiB" } }"#;
    check(
        &[("p/plughold.json", manifest), ("p/main.js", "")],
        &["check", "p"],
        expect![[r#"
        good p: p 1.0.0, native, asks for no permissions
          ⚠ p: the manifest asks for 2 GiB of memory, and the plugin gets 512 MiB
          help: an application may allow more or less than is usual
        exit 0
    "#]],
    );
}

#[test]
fn what_would_not_run_is_no_good() {
    let files = [("p/new.js", "/* plughold: { \"plughold\": \"^9\" } */"), ("p/old.js", "")];
    check(
        &files,
        &["check", "p"],
        expect![[r#"
        good p/old.js: old 0.0.0, native, asks for no permissions
          × p/new.js: new is not started: it is for Plughold ^9, and this is 0.1.0
          help: take another version of it or of Plughold, or widen "plughold" in its manifest
        1 good, 1 not
        exit 1
    "#]],
    );
    check(
        &[("p/near.js", "// plughold: { \"version\": \"1.0.0\" }")],
        &["check", "p"],
        expect![[r#"
        good p/near.js: near 0.0.0, native, asks for no permissions
          ⚠ this comment is not read as a manifest
           ╭─[p/near.js:1:1]
         1 │ // plughold: { "version": "1.0.0" }
           · ─
           ╰────
          help: a manifest is written as /* plughold: { … } */
        exit 0
    "#]],
    );
}

#[test]
fn a_manifest_stands_for_its_folder() {
    let manifest = r#"{ "id": "counter", "name": "Counter", "version": "1.0.0" }"#;
    let files = [("p/counter/plughold.json", manifest), ("p/counter/main.js", "")];
    check(
        &files,
        &["check", "p/counter/plughold.json"],
        expect![[r#"
        good p/counter: counter 1.0.0, native, asks for no permissions
        exit 0
    "#]],
    );
    check(
        &files,
        &["check", "p", "p/counter", "p/counter/plughold.json"],
        expect![[r#"
        good p/counter: counter 1.0.0, native, asks for no permissions
        exit 0
    "#]],
    );
}

#[test]
fn everything_that_is_wrong_is_shown_where_it_stands() {
    let manifest = "{\n  // by hand\n  \"id\": \"bad plugin\",\n  \"nmae\": \"Bad\",\n  \"version\": \"1.x\",\n  \
                    \"permissions\": [\"notes.read\", 7],\n  \"limits\": { \"memory\": \"lots\" }\n}\n";
    check(
        &[("p/plughold.json", manifest), ("p/main.js", "")],
        &["check", "p"],
        expect![[r#"
          × the key "name" is missing
           ╭─[p/plughold.json:1:1]
         1 │ {
           · ─
         2 │   // by hand
           ╰────
          × the id "bad plugin" holds " ", expected only letters, digits, ".", "_" and "-" of ASCII
           ╭─[p/plughold.json:3:9]
         2 │   // by hand
         3 │   "id": "bad plugin",
           ·         ────────────
         4 │   "nmae": "Bad",
           ╰────
          × unknown key "nmae"
           ╭─[p/plughold.json:4:3]
         3 │   "id": "bad plugin",
         4 │   "nmae": "Bad",
           ·   ──────
         5 │   "version": "1.x",
           ╰────
          help: did you mean "name"?
          × expected a version such as "1.0.0", found "1.x": unexpected character 'x' while parsing minor
          │ version number
           ╭─[p/plughold.json:5:14]
         4 │   "nmae": "Bad",
         5 │   "version": "1.x",
           ·              ─────
         6 │   "permissions": ["notes.read", 7],
           ╰────
          × a permission is a string or an object with "name", found a number
           ╭─[p/plughold.json:6:33]
         5 │   "version": "1.x",
         6 │   "permissions": ["notes.read", 7],
           ·                                 ─
         7 │   "limits": { "memory": "lots" }
           ╰────
          × "memory": expected a size such as "64 MiB", found "lots"
           ╭─[p/plughold.json:7:25]
         6 │   "permissions": ["notes.read", 7],
         7 │   "limits": { "memory": "lots" }
           ·                         ──────
         8 │ }
           ╰────
        exit 1
    "#]],
    );
    check(
        &[("p/bad.js", "// first\n/* plughold: { \"id\": 5 } */")],
        &["check", "p/bad.js"],
        expect![[r#"
          × "id" must be a string, found a number
           ╭─[p/bad.js:2:22]
         1 │ // first
         2 │ /* plughold: { "id": 5 } */
           ·                      ─
           ╰────
        exit 1
    "#]],
    );
}

#[test]
fn a_manifest_shows_no_more_than_a_terminal_may_see() {
    let bell = "{ \"id\": \"a\u{7}\u{202e}b\",\n\"x\u{1b}[2J\": 1 }";
    check(
        &[("p/plughold.json", bell), ("p/main.js", "")],
        &["check", "p"],
        expect![[r#"
              × the key "name" is missing
               ╭─[p/plughold.json:1:1]
             1 │ { "id": "a��b",
               · ─
             2 │ "x�[2J": 1 }
               ╰────
              × the key "version" is missing
               ╭─[p/plughold.json:1:1]
             1 │ { "id": "a��b",
               · ─
             2 │ "x�[2J": 1 }
               ╰────
              × the id "a\u{7}\u{202e}b" holds "\u{7}", expected only letters, digits, ".", "_" and "-" of
              │ ASCII
               ╭─[p/plughold.json:1:9]
             1 │ { "id": "a��b",
               ·         ──────
             2 │ "x�[2J": 1 }
               ╰────
              × unknown key "x\u{1b}[2J"
               ╭─[p/plughold.json:2:1]
             1 │ { "id": "a��b",
             2 │ "x�[2J": 1 }
               · ───────
               ╰────
              help: the keys are id, name, version, description, author, main, type, permissions,
                    dependencies, settings, limits, activation, plughold, $schema
            exit 1
        "#]],
    );
    let long = format!("{{ \"id\": 5, \"name\": \"{}\" }}", "x".repeat(1_000));
    check(
        &[("p/plughold.json", &long), ("p/main.js", "")],
        &["check", "p"],
        expect![[r#"
              × p/plughold.json:1:1: the key "version" is missing
              × p/plughold.json:1:9: "id" must be a string, found a number
            exit 1
        "#]],
    );
    check(
        &[("p/a.jpl", "no archive")],
        &["check", "p"],
        expect![[r#"
              × p/a.jpl: cannot read the archive: failed to read entire block
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it
            exit 1
        "#]],
    );
}

#[test]
fn programs_get_the_same_as_json() {
    check(
        &[("p/bad.mjs", "/* plughold: { \"id\": 5 } */")],
        &["check", "--json", "p"],
        expect![[r#"
            {"schema":1,"plugins":[],"problems":[{"path":"p/bad.mjs","items":[{"severity":"error","file":"bad.mjs","line":1,"column":22,"message":"\"id\" must be a string, found a number","help":null}]}]}
            exit 1
        "#]],
    );
}

const HAPLO: &str = r#"{ "pluginName": "reading_list", "pluginAuthor": "Ann", "pluginVersion": 3, "displayName": "Reading list",
  "displayDescription": "", "apiVersion": 4, "load": ["js/list.js"], "privilegesRequired": ["pSendEmial"] }"#;

#[test]
fn formats_that_do_not_run_yet_are_checked_as_well() {
    check(
        &[
            ("p/list/plugin.json", HAPLO),
            ("p/list/js/list.js", ""),
            ("p/db/hitchy.json", ""),
            ("p/db/index.js", ""),
        ],
        &["check", "p"],
        expect![[r#"
            good p/db: db 0.0.0, hitchy, asks for no permissions, does not run yet
            good p/list: reading_list 3, haplo, asks for pSendEmial, does not run yet
              ⚠ "pSendEmial" is no privilege of the platform
               ╭─[p/list/plugin.json:2:93]
             1 │ { "pluginName": "reading_list", "pluginAuthor": "Ann", "pluginVersion": 3, "displayName": "Reading list",
             2 │   "displayDescription": "", "apiVersion": 4, "load": ["js/list.js"], "privilegesRequired": ["pSendEmial"] }
               ·                                                                                             ────────────
               ╰────
              help: did you mean "pSendEmail"?
            2 good
            exit 0
        "#]],
    );
}

#[test]
fn an_application_of_hitchy_is_its_plugins_in_their_order() {
    let web = ("app/node_modules/web/hitchy.json", r#"{"dependencies": ["db"]}"#);
    let store = ("app/node_modules/store/hitchy.json", r#"{"role": "db"}"#);
    let code = [
        ("app/node_modules/web/index.js", ""),
        ("app/node_modules/store/index.js", ""),
        ("app/initialize.js", ""),
    ];
    let good = [&[web, store][..], &code].concat();
    check(
        &good,
        &["check", "app"],
        expect![[r#"
            good app/node_modules/store: store 0.0.0, hitchy, asks for no permissions, does not run yet
            good app/node_modules/web: web 0.0.0, hitchy, asks for no permissions, does not run yet
            good app: an application of Hitchy, runs store as db, web
            2 good
            exit 0
        "#]],
    );
    check(
        &good,
        &["check", "--json", "app"],
        expect![[r#"
            {"schema":1,"plugins":[{"id":"store","name":"store","version":"0.0.0","description":"","author":"","format":"hitchy","permissions":[],"dependencies":{},"activation":"start","settings":[],"path":"app/node_modules/store","does_not_run":"hitchy plugins are found, read and checked, but this version of Plughold does not run them"},{"id":"web","name":"web","version":"0.0.0","description":"","author":"","format":"hitchy","permissions":[],"dependencies":{},"activation":"start","settings":[],"path":"app/node_modules/web","does_not_run":"hitchy plugins are found, read and checked, but this version of Plughold does not run them"}],"problems":[],"applications":[{"path":"app","order":["store","web"],"problem":null,"dropped":[]}]}
            exit 0
        "#]],
    );
    check(
        &[&[web][..], &code].concat(),
        &["check", "app"],
        expect![[r#"
            good app/node_modules/web: web 0.0.0, hitchy, asks for no permissions, does not run yet
              × app: unmet plugin dependency: web depends on missing db
              help: Hitchy starts no application of which a part is missing or unclear
            1 good, 1 not
            exit 1
        "#]],
    );
    let claiming = ("app/node_modules/store/index.js", "exports.$meta = {role: 'db'}");
    check(
        &[&[web][..], &code, &[claiming, ("app/node_modules/store/hitchy.json", "")]].concat(),
        &["check", "app"],
        expect![[r#"
            good app/node_modules/store: store 0.0.0, hitchy, asks for no permissions, does not run yet
            good app/node_modules/web: web 0.0.0, hitchy, asks for no permissions, does not run yet
              ⚠ app: unmet plugin dependency: web depends on missing db
              help: a plugin may take another role while it is loaded; only a start can tell
            2 good
            exit 0
        "#]],
    );
    let choosy = [&good[..], &[("app/hitchy.json", r#"{"dependencies": []}"#)]].concat();
    check(
        &choosy,
        &["check", "app"],
        expect![[r#"
            good app/node_modules/store: store 0.0.0, hitchy, asks for no permissions, does not run yet
            good app/node_modules/web: web 0.0.0, hitchy, asks for no permissions, does not run yet
            good app: an application of Hitchy, runs none of its plugins
            2 good
            exit 0
        "#]],
    );
}

#[test]
fn what_does_not_run_yet_is_refused_with_the_reason() {
    let files = [("p/list/plugin.json", HAPLO), ("p/list/js/list.js", "")];
    check(
        &files,
        &["run", "p", "--once"],
        expect![[r#"
            error: p/list is not a plugin that can be loaded
              list: reading_list is not started: haplo plugins are found, read and checked, but this version of Plughold does not run them
            help: plughold check shows what is known of it
            error: there is no plugin to run in p
            exit 3
        "#]],
    );
    check(
        &files,
        &["call", "--dir", "p", "reading_list", "f"],
        expect![[r#"
        error: p/list is not a plugin that can be loaded
          list: reading_list is not started: haplo plugins are found, read and checked, but this version of Plughold does not run them
        help: plughold check shows what is known of it
        error: there is no plugin reading_list in p
          known: none
        exit 3
    "#]],
    );
}

#[test]
fn the_schema_of_the_manifest_is_printed() {
    let ran = plughold(&["schema", "manifest"]);
    assert_eq!((ran.code, ran.json()["required"].as_array().map(Vec::len)), (Some(0), Some(3)));
    assert_eq!(plughold(&["schema", "config"]).code, Some(2));
}

#[test]
fn a_plugin_for_another_plughold_says_so() {
    let manifest = r#"{ "id": "late", "name": "Late", "version": "1.0.0", "plughold": ">=99" }"#;
    let files = [("p/late/plughold.json", manifest), ("p/late/main.js", "")];
    check(
        &files,
        &["check", "p"],
        expect![[r#"
              × p/late: late is not started: it is for Plughold >=99, and this is 0.1.0
              help: take another version of it or of Plughold, or widen "plughold" in its manifest
            exit 1
        "#]],
    );
    check(
        &files,
        &["run", "p", "--once"],
        expect![[r#"
            error: p/late is not a plugin that can be loaded
              late: late is not started: it is for Plughold >=99, and this is 0.1.0
            help: take another version of it or of Plughold, or widen "plughold" in its manifest
            error: there is no plugin to run in p
            exit 3
        "#]],
    );
}

#[test]
fn what_a_plugin_needs_is_there_or_told() {
    let needs = |id: &str, range: &str| {
        format!("/* plughold: {{ \"dependencies\": {{ \"{id}\": \"{range}\" }} }} */")
    };
    let [counter, old, absent, behind, one, two] =
        [("base", "^1"), ("base", "^2"), ("absent", "*"), ("absent-user", "*"), ("two", "*"), ("one", "*")]
            .map(|(id, range)| needs(id, range));
    let files = [
        ("p/base.js", "/* plughold: { \"version\": \"1.2.0\" } */"),
        ("p/counter.js", &counter),
        ("p/needs-newer.js", &old),
        ("p/absent-user.js", &absent),
        ("p/behind.js", &behind),
        ("p/one.js", &one),
        ("p/two.js", &two),
    ];
    check(
        &files,
        &["check", "p"],
        expect![[r#"
            good p/base.js: base 1.2.0, native, asks for no permissions
            good p/counter.js: counter 0.0.0, native, asks for plugins.base
              × p/absent-user.js: it needs absent, which is not there
              help: put it into a folder of plugins that is loaded too
              × p/behind.js: it needs absent-user, which needs absent, which is not there
              help: put it into a folder of plugins that is loaded too
              × p/needs-newer.js: it needs base, which has the version 1.2.0, and ^2 is needed
              help: take another version of it, or say that this one fits as well
              × p/one.js: it is in a circle: one needs two, two needs one, and so none can be the first
              help: move what both need to a plugin that needs neither
              × p/two.js: it is in a circle: one needs two, two needs one, and so none can be the first
              help: move what both need to a plugin that needs neither
            2 good, 5 not
            exit 1
        "#]],
    );
    // What a package needs may be elsewhere when the package is named itself, but its version is what it is.
    check(
        &files,
        &["check", "p/absent-user.js"],
        expect![[r#"
        good p/absent-user.js: absent-user 0.0.0, native, asks for plugins.absent
        exit 0
    "#]],
    );
    check(
        &files,
        &["check", "p/base.js", "p/needs-newer.js", "--json"],
        expect![[r#"
            {"schema":1,"plugins":[{"id":"base","name":"base","version":"1.2.0","description":"","author":"","format":"native","permissions":[],"dependencies":{},"activation":"start","settings":[],"path":"p/base.js"},{"id":"needs-newer","name":"needs-newer","version":"0.0.0","description":"","author":"","format":"native","permissions":[{"name":"plugins.base","reason":null}],"dependencies":{"base":"^2"},"activation":"start","settings":[],"path":"p/needs-newer.js"}],"problems":[{"path":"p/needs-newer.js","items":[{"severity":"error","file":"needs-newer.js","line":null,"column":null,"message":"it needs base, which has the version 1.2.0, and ^2 is needed","help":"take another version of it, or say that this one fits as well"}]}]}
            exit 1
        "#]],
    );
}

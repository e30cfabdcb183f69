//! Manifests of ours that can be read, and say what nobody can do.

use super::{check, check_native};
use expect_test::expect;

#[test]
fn w09_every_type_is_another() {
    let manifest = r#"{
  "id": 7, "name": null, "version": 1.0, "description": ["x"], "author": { "name": "Ann" }, "main": false, "type": 1,
  "permissions": "all", "dependencies": ["other"], "settings": [], "limits": "64 MiB", "activation": true, "plughold": 1
}
"#;
    check_native(
        manifest,
        expect![[r#"
          × "id" must be a string, found a number
           ╭─[p/plughold.json:2:9]
         1 │ {
         2 │   "id": 7, "name": null, "version": 1.0, "description": ["x"], "author": { "name": "Ann" }, "main": false, "type": 1,
           ·         ─
         3 │   "permissions": "all", "dependencies": ["other"], "settings": [], "limits": "64 MiB", "activation": true, "plughold": 1
           ╰────
          × "name" must be a string, found null
           ╭─[p/plughold.json:2:20]
         1 │ {
         2 │   "id": 7, "name": null, "version": 1.0, "description": ["x"], "author": { "name": "Ann" }, "main": false, "type": 1,
           ·                    ────
         3 │   "permissions": "all", "dependencies": ["other"], "settings": [], "limits": "64 MiB", "activation": true, "plughold": 1
           ╰────
          × "version" must be a string, found a number
           ╭─[p/plughold.json:2:37]
         1 │ {
         2 │   "id": 7, "name": null, "version": 1.0, "description": ["x"], "author": { "name": "Ann" }, "main": false, "type": 1,
           ·                                     ───
         3 │   "permissions": "all", "dependencies": ["other"], "settings": [], "limits": "64 MiB", "activation": true, "plughold": 1
           ╰────
          × "description" must be a string, found an array
           ╭─[p/plughold.json:2:57]
         1 │ {
         2 │   "id": 7, "name": null, "version": 1.0, "description": ["x"], "author": { "name": "Ann" }, "main": false, "type": 1,
           ·                                                         ─
         3 │   "permissions": "all", "dependencies": ["other"], "settings": [], "limits": "64 MiB", "activation": true, "plughold": 1
           ╰────
          × "author" must be a string, found an object
           ╭─[p/plughold.json:2:74]
         1 │ {
         2 │   "id": 7, "name": null, "version": 1.0, "description": ["x"], "author": { "name": "Ann" }, "main": false, "type": 1,
           ·                                                                          ─
         3 │   "permissions": "all", "dependencies": ["other"], "settings": [], "limits": "64 MiB", "activation": true, "plughold": 1
           ╰────
          × "main" must be a string, found a boolean
           ╭─[p/plughold.json:2:101]
         1 │ {
         2 │   "id": 7, "name": null, "version": 1.0, "description": ["x"], "author": { "name": "Ann" }, "main": false, "type": 1,
           ·                                                                                                     ─────
         3 │   "permissions": "all", "dependencies": ["other"], "settings": [], "limits": "64 MiB", "activation": true, "plughold": 1
           ╰────
          × "type" must be a string, found a number
           ╭─[p/plughold.json:2:116]
         1 │ {
         2 │   "id": 7, "name": null, "version": 1.0, "description": ["x"], "author": { "name": "Ann" }, "main": false, "type": 1,
           ·                                                                                                                    ─
         3 │   "permissions": "all", "dependencies": ["other"], "settings": [], "limits": "64 MiB", "activation": true, "plughold": 1
           ╰────
          × "permissions" must be an array, found a string
           ╭─[p/plughold.json:3:18]
         2 │   "id": 7, "name": null, "version": 1.0, "description": ["x"], "author": { "name": "Ann" }, "main": false, "type": 1,
         3 │   "permissions": "all", "dependencies": ["other"], "settings": [], "limits": "64 MiB", "activation": true, "plughold": 1
           ·                  ─────
         4 │ }
           ╰────
          × "dependencies" must be an object, found an array
           ╭─[p/plughold.json:3:41]
         2 │   "id": 7, "name": null, "version": 1.0, "description": ["x"], "author": { "name": "Ann" }, "main": false, "type": 1,
         3 │   "permissions": "all", "dependencies": ["other"], "settings": [], "limits": "64 MiB", "activation": true, "plughold": 1
           ·                                         ─
         4 │ }
           ╰────
          × "settings" must be an object, found an array
           ╭─[p/plughold.json:3:64]
         2 │   "id": 7, "name": null, "version": 1.0, "description": ["x"], "author": { "name": "Ann" }, "main": false, "type": 1,
         3 │   "permissions": "all", "dependencies": ["other"], "settings": [], "limits": "64 MiB", "activation": true, "plughold": 1
           ·                                                                ─
         4 │ }
           ╰────
          × "limits" must be an object, found a string
           ╭─[p/plughold.json:3:78]
         2 │   "id": 7, "name": null, "version": 1.0, "description": ["x"], "author": { "name": "Ann" }, "main": false, "type": 1,
         3 │   "permissions": "all", "dependencies": ["other"], "settings": [], "limits": "64 MiB", "activation": true, "plughold": 1
           ·                                                                              ────────
         4 │ }
           ╰────
          × "activation" must be a string, found a boolean
           ╭─[p/plughold.json:3:102]
         2 │   "id": 7, "name": null, "version": 1.0, "description": ["x"], "author": { "name": "Ann" }, "main": false, "type": 1,
         3 │   "permissions": "all", "dependencies": ["other"], "settings": [], "limits": "64 MiB", "activation": true, "plughold": 1
           ·                                                                                                      ────
         4 │ }
           ╰────
          × "plughold" must be a string, found a number
           ╭─[p/plughold.json:3:120]
         2 │   "id": 7, "name": null, "version": 1.0, "description": ["x"], "author": { "name": "Ann" }, "main": false, "type": 1,
         3 │   "permissions": "all", "dependencies": ["other"], "settings": [], "limits": "64 MiB", "activation": true, "plughold": 1
           ·                                                                                                                        ─
         4 │ }
           ╰────
        exit 1
    "#]],
    );
}

#[test]
fn w11_the_way_out() {
    check(
        &[
            (
                "p/plughold.json",
                br#"{ "id": "a", "name": "A", "version": "1.0.0", "main": "../../../etc/passwd.js" }"#,
            ),
            ("p/main.js", b""),
        ],
        expect![[r#"
              × "main": the name "../../../etc/passwd.js" holds "..", expected one that stays inside the
              │ package
               ╭─[p/plughold.json:1:55]
             1 │ { "id": "a", "name": "A", "version": "1.0.0", "main": "../../../etc/passwd.js" }
               ·                                                       ────────────────────────
               ╰────
            exit 1
        "#]],
    );
}

#[test]
fn w12_a_name_in_another_case() {
    check(
        &[
            ("p/plughold.json", br#"{ "id": "a", "name": "A", "version": "1.0.0", "main": "src/main.js" }"#),
            ("p/src/Main.js", b""),
        ],
        expect![[r#"
              × "main": the package holds no file "src/main.js"
               ╭─[p/plughold.json:1:55]
             1 │ { "id": "a", "name": "A", "version": "1.0.0", "main": "src/main.js" }
               ·                                                       ─────────────
               ╰────
              help: there is "src/Main.js": upper and lower case are not the same
            exit 1
        "#]],
    );
}

#[test]
fn w13_it_needs_itself_and_says_everything_twice() {
    let manifest = r#"{
  "id": "a", "id": "b", "name": "A", "version": "1.0.0",
  "permissions": ["notes.read", { "name": "notes.read" }],
  "dependencies": { "b": "*", "other": "1.x.y", "Other!": "*" }
}
"#;
    check_native(
        manifest,
        expect![[r#"
          × the key "id" stands here a second time
           ╭─[p/plughold.json:2:14]
         1 │ {
         2 │   "id": "a", "id": "b", "name": "A", "version": "1.0.0",
           ·              ────
         3 │   "permissions": ["notes.read", { "name": "notes.read" }],
           ╰────
          × the permission "notes.read" is asked for a second time
           ╭─[p/plughold.json:3:33]
         2 │   "id": "a", "id": "b", "name": "A", "version": "1.0.0",
         3 │   "permissions": ["notes.read", { "name": "notes.read" }],
           ·                                 ─
         4 │   "dependencies": { "b": "*", "other": "1.x.y", "Other!": "*" }
           ╰────
          × the plugin "b" needs itself
           ╭─[p/plughold.json:4:21]
         3 │   "permissions": ["notes.read", { "name": "notes.read" }],
         4 │   "dependencies": { "b": "*", "other": "1.x.y", "Other!": "*" }
           ·                     ───
         5 │ }
           ╰────
          × expected a range of versions such as ">=0.1", found "1.x.y": unexpected character after
          │ wildcard in version req
           ╭─[p/plughold.json:4:40]
         3 │   "permissions": ["notes.read", { "name": "notes.read" }],
         4 │   "dependencies": { "b": "*", "other": "1.x.y", "Other!": "*" }
           ·                                        ───────
         5 │ }
           ╰────
          × the id "Other!" holds "!", expected only letters, digits, ".", "_" and "-" of ASCII
           ╭─[p/plughold.json:4:49]
         3 │   "permissions": ["notes.read", { "name": "notes.read" }],
         4 │   "dependencies": { "b": "*", "other": "1.x.y", "Other!": "*" }
           ·                                                 ────────
         5 │ }
           ╰────
        exit 1
    "#]],
    );
}

#[test]
fn w14_what_a_terminal_would_obey() {
    check_native(
        "{ \"id\": \"a\\u001b[2J\", \"name\": \"\\u202egpj.exe\", \"version\": \"1.0.0\u{1b}[31m\" }",
        expect![[r#"
              × the id "a\u{1b}[2J" holds "\u{1b}", expected only letters, digits, ".", "_" and "-" of ASCII
               ╭─[p/plughold.json:1:9]
             1 │ { "id": "a\u001b[2J", "name": "\u202egpj.exe", "version": "1.0.0�[31m" }
               ·         ────────────
               ╰────
              × "name" holds control characters: "\u{202e}gpj.exe"
               ╭─[p/plughold.json:1:31]
             1 │ { "id": "a\u001b[2J", "name": "\u202egpj.exe", "version": "1.0.0�[31m" }
               ·                               ───────────────
               ╰────
              × expected a version such as "1.0.0", found "1.0.0\u{1b}[31m": unexpected character '\u{1b}'
              │ after patch version number
               ╭─[p/plughold.json:1:59]
             1 │ { "id": "a\u001b[2J", "name": "\u202egpj.exe", "version": "1.0.0�[31m" }
               ·                                                           ────────────
               ╰────
            exit 1
        "#]],
    );
}

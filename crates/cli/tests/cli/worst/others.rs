//! Manifests of other systems, taken over or converted, and archives that are something else.

use super::check;
use expect_test::expect;

#[test]
fn w08_what_npm_wants() {
    let npm = r#"{
  "name": "@me/my-plugin",
  "version": "^1.0.0",
  "main": "dist/index.ts",
  "engines": { "node": ">=18" },
  "dependencies": { "@me/core": "workspace:*" },
  "permissions": { "notes": true }
}
"#;
    check(
        &[("p/plughold.json", npm.as_bytes()), ("p/dist/index.ts", b"")],
        expect![[r#"
          × the key "id" is missing
           ╭─[p/plughold.json:1:1]
         1 │ {
           · ─
         2 │   "name": "@me/my-plugin",
           ╰────
          × expected a version such as "1.0.0", found "^1.0.0": unexpected character '^' while parsing
          │ major version number
           ╭─[p/plughold.json:3:14]
         2 │   "name": "@me/my-plugin",
         3 │   "version": "^1.0.0",
           ·              ────────
         4 │   "main": "dist/index.ts",
           ╰────
          × "main" must be a .js or .mjs file, found "dist/index.ts"
           ╭─[p/plughold.json:4:11]
         3 │   "version": "^1.0.0",
         4 │   "main": "dist/index.ts",
           ·           ───────────────
         5 │   "engines": { "node": ">=18" },
           ╰────
          help: compile it to JavaScript first, and name the file that comes out
          × unknown key "engines"
           ╭─[p/plughold.json:5:3]
         4 │   "main": "dist/index.ts",
         5 │   "engines": { "node": ">=18" },
           ·   ─────────
         6 │   "dependencies": { "@me/core": "workspace:*" },
           ╰────
          help: did you mean "plughold"?
          × the id "@me/core" holds "@", expected only letters, digits, ".", "_" and "-" of ASCII
           ╭─[p/plughold.json:6:21]
         5 │   "engines": { "node": ">=18" },
         6 │   "dependencies": { "@me/core": "workspace:*" },
           ·                     ──────────
         7 │   "permissions": { "notes": true }
           ╰────
          help: "dependencies" are other plugins; packages of npm have to be bundled into the plugin's own
                code
          × "permissions" must be an array, found an object
           ╭─[p/plughold.json:7:18]
         6 │   "dependencies": { "@me/core": "workspace:*" },
         7 │   "permissions": { "notes": true }
           ·                  ─
         8 │ }
           ╰────
        exit 1
    "#]],
    );
}

#[test]
fn w15_joplins_without_what_joplin_needs() {
    let manifest = r#"{
  "manifest_version": "1",
  "id": "short",
  "app_min_version": "latest",
  "name": "",
  "platforms": ["desktop", 5]
}
"#;
    check(
        &[("p/manifest.json", manifest.as_bytes())],
        expect![[r#"
          × p/index.js: the package holds no file "index.js"
          help: Joplin runs the file index.js beside the manifest
          × the key "name" is missing or empty
           ╭─[p/manifest.json:1:1]
         1 │ {
           · ─
         2 │   "manifest_version": "1",
           ╰────
          × the key "version" is missing or empty
           ╭─[p/manifest.json:1:1]
         1 │ {
           · ─
         2 │   "manifest_version": "1",
           ╰────
          × "manifest_version" must be a number, found a string
           ╭─[p/manifest.json:2:23]
         1 │ {
         2 │   "manifest_version": "1",
           ·                       ───
         3 │   "id": "short",
           ╰────
          × the id "short" has 5 bytes, expected 16 to 256
           ╭─[p/manifest.json:3:9]
         2 │   "manifest_version": "1",
         3 │   "id": "short",
           ·         ───────
         4 │   "app_min_version": "latest",
           ╰────
          × "app_min_version": expected a version such as "3.0", found "latest"
           ╭─[p/manifest.json:4:22]
         3 │   "id": "short",
         4 │   "app_min_version": "latest",
           ·                      ────────
         5 │   "name": "",
           ╰────
          × an element of "platforms" must be a string, found a number
           ╭─[p/manifest.json:6:28]
         5 │   "name": "",
         6 │   "platforms": ["desktop", 5]
           ·                            ─
         7 │ }
           ╰────
        exit 1
    "#]],
    );
}

#[test]
fn w16_haplos_with_everything_wrong() {
    let manifest = r#"{
  "pluginName": "my plugin",
  "pluginVersion": "1.0",
  "displayName": "Mine",
  "displayDescription": "Does it",
  "apiVersion": 5,
  "load": ["js/my.plugin.js", "js/absent.js"],
  "respond": ["/my/page"],
  "locals": { "T": "types", "1st": "first" },
  "allowAnonymousRequests": "yes",
  "privileges": ["pSendEmail"]
}
"#;
    check(
        &[("p/plugin.json", manifest.as_bytes())],
        expect![[r#"
          × pluginAuthor is not present
           ╭─[p/plugin.json:1:1]
         1 │ {
           · ─
         2 │   "pluginName": "my plugin",
           ╰────
          × pluginVersion should be a Integer, but was a String
           ╭─[p/plugin.json:3:20]
         2 │   "pluginName": "my plugin",
         3 │   "pluginVersion": "1.0",
           ·                    ─────
         4 │   "displayName": "Mine",
           ╰────
          × Plugin requires a future apiVersion not implemented by this platform version
           ╭─[p/plugin.json:6:17]
         5 │   "displayDescription": "Does it",
         6 │   "apiVersion": 5,
           ·                 ─
         7 │   "load": ["js/my.plugin.js", "js/absent.js"],
           ╰────
          help: write 4
          × in load, filename js/my.plugin.js is not valid
           ╭─[p/plugin.json:7:12]
         6 │   "apiVersion": 5,
         7 │   "load": ["js/my.plugin.js", "js/absent.js"],
           ·            ─────────────────
         8 │   "respond": ["/my/page"],
           ╰────
          help: a file is named like js/folder/name.js: letters, digits, _ and -, and one dot
          × in locals, using a local named T conflicts with schema names
            ╭─[p/plugin.json:9:13]
          8 │   "respond": ["/my/page"],
          9 │   "locals": { "T": "types", "1st": "first" },
            ·             ─
         10 │   "allowAnonymousRequests": "yes",
            ╰────
          × in locals, invalid entry 1st
            ╭─[p/plugin.json:9:29]
          8 │   "respond": ["/my/page"],
          9 │   "locals": { "T": "types", "1st": "first" },
            ·                             ─────
         10 │   "allowAnonymousRequests": "yes",
            ╰────
          × allowAnonymousRequests should be true or false
            ╭─[p/plugin.json:10:29]
          9 │   "locals": { "T": "types", "1st": "first" },
         10 │   "allowAnonymousRequests": "yes",
            ·                             ─────
         11 │   "privileges": ["pSendEmail"]
            ╰────
          × Unknown key privileges
            ╭─[p/plugin.json:11:3]
         10 │   "allowAnonymousRequests": "yes",
         11 │   "privileges": ["pSendEmail"]
            ·   ────────────
         12 │ }
            ╰────
          help: did you mean "privilegesRequired"?
        exit 1
    "#]],
    );
    let good = r#"{ "pluginName": "mine", "pluginAuthor": "Ann", "pluginVersion": 1, "displayName": "Mine",
  "displayDescription": "Does it", "apiVersion": 4, "load": ["js/absent.js"], "respond": ["/my/page"] }"#;
    let schema = "  title: Book\ntype my:type:book\n  titel: Book\n  search-name\ngruop my:group:readers\n";
    check(
        &[("p/plugin.json", good.as_bytes()), ("p/requirements.schema", schema.as_bytes())],
        expect![[r#"
          × mine line 1: title: Book
           ╭─[p/requirements.schema:1:3]
         1 │   title: Book
           ·   ─────
         2 │ type my:type:book
           ╰────
          help: a line that begins with a space says something of the object above, and there is none
          × the package holds no file "js/absent.js"
           ╭─[p/plugin.json:2:62]
         1 │ { "pluginName": "mine", "pluginAuthor": "Ann", "pluginVersion": 1, "displayName": "Mine",
         2 │   "displayDescription": "Does it", "apiVersion": 4, "load": ["js/absent.js"], "respond": ["/my/page"] }
           ·                                                              ──────────────
           ╰────
          help: names are relative to the folder of plugin.json, as js/NAME.js
          × Bad plugin respond path /my/page
           ╭─[p/plugin.json:2:91]
         1 │ { "pluginName": "mine", "pluginAuthor": "Ann", "pluginVersion": 1, "displayName": "Mine",
         2 │   "displayDescription": "Does it", "apiVersion": 4, "load": ["js/absent.js"], "respond": ["/my/page"] }
           ·                                                                                           ──────────
           ╰────
          help: expected /do/NAME or /api/NAME
          ⚠ Unknown key 'titel' for 'my:type:book'
           ╭─[p/requirements.schema:3:3]
         2 │ type my:type:book
         3 │   titel: Book
           ·   ─────
         4 │   search-name
           ╰────
          help: did you mean "title"?
          × mine line 4: search-name
           ╭─[p/requirements.schema:4:3]
         3 │   titel: Book
         4 │   search-name
           ·   ───────────
         5 │ gruop my:group:readers
           ╰────
          help: expected a key and a value, as in "title: Book"
          ⚠ Unknown kind 'gruop'
           ╭─[p/requirements.schema:5:1]
         4 │   search-name
         5 │ gruop my:group:readers
           · ─────
           ╰────
          help: did you mean "group"?
        exit 1
    "#]],
    );
}

#[test]
fn w17_a_beacon_that_hitchy_ignores_in_silence() {
    check(
        &[("p/web/hitchy.json", b"{ \"role\": \"web\", }"), ("p/web/index.js", b"")],
        expect![[r#"
          × trailing commas are not allowed
           ╭─[p/web/hitchy.json:1:16]
         1 │ { "role": "web", }
           ·                ─
           ╰────
          help: Hitchy leaves such a plugin out and says nothing
        exit 1
    "#]],
    );
    check(
        &[("p/node_modules/web/hitchy.json", b"{ 'role': 'web' }"), ("p/node_modules/web/index.js", b"")],
        expect![[r#"
            good p: an application of Hitchy, runs none of its plugins
              × single-quoted strings are not allowed
               ╭─[p/node_modules/web/hitchy.json:1:3]
             1 │ { 'role': 'web' }
               ·   ─
               ╰────
              help: Hitchy leaves such a plugin out and says nothing
            exit 1
        "#]],
    );
}

#[test]
fn w18_archives_that_are_something_else() {
    check(
        &[
            ("p/a.plug", b"Rar!\x1a\x07\x01\0 and so on, long enough for a record"),
            ("p/b.jpl", b"PK\x03\x04"),
            ("p/c.plug", b""),
        ],
        expect![[r#"
              × p/a.plug: cannot read the archive: it is no zip
              help: a .plug file is a zip with a plughold.json in it
              × p/b.jpl: cannot read the archive: failed to read entire block
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it
              × p/c.plug: cannot read the archive: it is no zip
              help: a .plug file is a zip with a plughold.json in it
            0 good, 3 not
            exit 1
        "#]],
    );
}

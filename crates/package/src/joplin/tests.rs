use expect_test::{Expect, expect};

use crate::package::{EntryKind, Format, Package};
use crate::testing::{Folder, Tar, gzip};

const GOOD: &str = r#"{
  "manifest_version": 1,
  "id": "com.example.note-counter",
  "app_min_version": "2.8",
  "version": "1.0.2",
  "name": "Note counter",
  "description": "Counts notes",
  "author": "Grace",
  "homepage_url": "https://example.com",
  "repository_url": "https://example.com/git",
  "keywords": ["count", 7],
  "categories": ["appearance"],
  "platforms": ["desktop", "mobile"],
  "permissions": ["notes"],
  "screenshots": [{"src": "a.png"}],
  "icons": {"16": "icons/16.png", "17": "no", "48": 48},
  "promo_tile": null,
  "_package_hash": "md5",
  "settings": true
}"#;

#[track_caller]
fn check(manifest: &str, expected: Expect) {
    Folder::new(&[("manifest.json", manifest), ("index.js", "joplin.plugins.register({})")])
        .check("", expected);
}

#[test]
fn a_manifest_with_everything() {
    check(
        GOOD,
        expect![[r#"
        joplin com.example.note-counter 1.0.2 "Note counter" "Counts notes" "Grace" Script index.js
        asks notes None"#]],
    );
    let folder = Folder::new(&[("manifest.json", GOOD), ("index.js", "")]);
    let joplin = Package::open(folder.path()).unwrap().joplin.unwrap();
    expect![[r#"
        JoplinManifest {
            manifest_version: 1.0,
            app_min_version: "2.8",
            app_min_version_mobile: None,
            platforms: [
                "desktop",
                "mobile",
            ],
            homepage_url: "https://example.com",
            repository_url: "https://example.com/git",
            keywords: [
                "count",
            ],
            categories: [
                "appearance",
            ],
            icons: {
                16: "icons/16.png",
            },
        }
    "#]]
    .assert_debug_eq(&joplin);
}

#[test]
fn what_joplin_takes_for_absent() {
    check(
        r#"{"manifest_version": 5, "id": "com.example.note-counter", "name": "A", "version": "x", "app_min_version": "1.4",
  "author": null, "description": 0, "homepage_url": "", "keywords": false, "categories": null, "icons": [],
  "platforms": "", "permissions": 0, "app_min_version_mobile": null, "name": "B\u001b"}"#,
        expect![[r#"joplin com.example.note-counter x "B " "" "" Script index.js"#]],
    );
}

#[test]
fn required_keys() {
    check(
        "{}",
        expect![[r#"
        DIR is not a plugin that can be loaded
        manifest.json:1:1: the key "id" is missing or empty
        manifest.json:1:1: the key "name" is missing or empty
        manifest.json:1:1: the key "version" is missing or empty
        manifest.json:1:1: the key "manifest_version" is missing or empty
        manifest.json:1:1: the key "app_min_version" is missing or empty"#]],
    );
    check(
        r#"{"manifest_version": 0, "id": "", "name": false, "version": null, "app_min_version": 0}"#,
        expect![[r#"
            DIR is not a plugin that can be loaded
            manifest.json:1:1: the key "id" is missing or empty
            manifest.json:1:1: the key "name" is missing or empty
            manifest.json:1:1: the key "version" is missing or empty
            manifest.json:1:1: the key "manifest_version" is missing or empty
            manifest.json:1:1: the key "app_min_version" is missing or empty"#]],
    );
}

#[test]
fn wrong_types() {
    check(
        r#"{"manifest_version": "1", "id": 1, "name": 2, "version": [], "app_min_version": 3,
  "author": true, "description": {}, "homepage_url": 4, "keywords": "a", "categories": {},
  "platforms": ["desktop", 5], "permissions": 6, "app_min_version_mobile": 7}"#,
        expect![[r#"
            DIR is not a plugin that can be loaded
            manifest.json:1:22: "manifest_version" must be a number, found a string
            manifest.json:1:33: "id" must be a string, found a number
            manifest.json:1:44: "name" must be a string, found a number
            manifest.json:1:58: "version" must be a string, found an array
            manifest.json:1:81: "app_min_version" must be a string, found a number
            manifest.json:2:13: "author" must be a string, found a boolean
            manifest.json:2:34: "description" must be a string, found an object
            manifest.json:2:54: "homepage_url" must be a string, found a number
            manifest.json:2:69: "keywords" must be an array, found a string
            manifest.json:2:88: "categories" must be an array, found an object
            manifest.json:3:28: an element of "platforms" must be a string, found a number
            manifest.json:3:47: "permissions" must be an array, found a number
            manifest.json:3:76: "app_min_version_mobile" must be a string, found a number"#]],
    );
    check(
        r#"{"manifest_version": 1, "id": "short", "name": "A", "version": "1", "app_min_version": "new"}"#,
        expect![[r#"
            DIR is not a plugin that can be loaded
            manifest.json:1:31: the id "short" has 5 bytes, expected 16 to 256
            manifest.json:1:88: "app_min_version": expected a version such as "3.0", found "new""#]],
    );
    check(
        "{\"id\": 1, // no\n}",
        expect![[r#"
        DIR is not a plugin that can be loaded
        manifest.json:1:11: comments are not allowed"#]],
    );
}

#[test]
fn folders() {
    Folder::new(&[("dist/manifest.json", GOOD), ("dist/index.js", ""), ("src/manifest.json", "")]).check(
        "",
        expect![[r#"
        joplin com.example.note-counter 1.0.2 "Note counter" "Counts notes" "Grace" Script index.js
        asks notes None"#]],
    );
    Folder::new(&[("manifest.json", GOOD), ("dist/index.js", "")]).check(
        "",
        expect![[r#"
            DIR is not a plugin that can be loaded
            index.js: the package holds no file "index.js"
              help: Joplin runs the file index.js beside the manifest"#]],
    );
    let both = [("plughold.json", r#"{"id": "a", "name": "A", "version": "1.0.0"}"#), ("main.js", "")];
    Folder::new(&[both.as_slice(), &[("manifest.json", GOOD)]].concat())
        .check("", expect![[r#"native a 1.0.0 "A" "" "" Script main.js"#]]);
}

#[test]
fn archives() {
    let files = [("manifest.json", GOOD), ("index.js", "go()"), ("webview/panel.css", "a {}")];
    let dotted: Vec<(String, &str)> = files.iter().map(|(name, text)| (format!("./{name}"), *text)).collect();
    let dotted: Vec<(&str, &str)> = dotted.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let folder = Folder::new(&[]);
    folder.write("plain.jpl", &Tar::of(&files).finish());
    folder.write("gzip.JPL", &gzip(&Tar::of(&files).finish()));
    let prefixed = Tar::default().entry(b"./", tar::EntryType::Directory, b"");
    let prefixed = [prefixed.unfinished(), Tar::of(&dotted).finish()].concat();
    folder.write("prefix.jpl", &prefixed);
    for name in ["plain.jpl", "gzip.JPL", "prefix.jpl"] {
        let package = Package::open(folder.path().join(name)).unwrap();
        assert_eq!(package.id.as_str(), "com.example.note-counter");
        assert_eq!(package.format, Format::Joplin);
        assert_eq!(package.runs().unwrap().kind, EntryKind::Script);
        assert_eq!(package.entry_source().unwrap(), "go()");
        assert_eq!(package.read("./webview/panel.css").unwrap(), b"a {}");
        assert!(package.contains("webview/panel.css") && !package.contains("webview"));
        assert_eq!(package.resolve("./webview/panel.css", "index.js").unwrap(), "webview/panel.css");
        assert_eq!(package.root_dir(), None);
    }
    folder.write("empty.jpl", &Tar::default().finish());
    folder.check(
        "empty.jpl",
        expect![[r#"
            DIR/empty.jpl is not a plugin that can be loaded
            index.js: the package holds no file "index.js"
              help: Joplin runs the file index.js beside the manifest
            manifest.json: the package holds no file "manifest.json""#]],
    );
    folder.write("bad.jpl", &Tar::of(&[("manifest.json", "{\n"), ("index.js", "")]).finish());
    folder.check(
        "bad.jpl",
        expect![[r#"
        DIR/bad.jpl is not a plugin that can be loaded
        manifest.json:1:1: unterminated object"#]],
    );
}

#[test]
fn one_script() {
    let script =
        |manifest: &str| format!("/* joplin-manifest:\n{manifest}\n*/\njoplin.plugins.register({{}})");
    Folder::new(&[("a.js", &script(GOOD))]).check(
        "a.js",
        expect![[r#"
        joplin com.example.note-counter 1.0.2 "Note counter" "Counts notes" "Grace" Script a.js
        asks notes None"#]],
    );
    Folder::new(&[("a.js", &script(""))]).check(
        "a.js",
        expect![[r#"
            DIR/a.js is not a plugin that can be loaded
            a.js:2:1: expected an object, found nothing
              help: a manifest is JSON: it begins with { and ends with }, with "key": value between them"#]],
    );
    Folder::new(&[("a.js", &script("{\n  \"id\": \"com.example.note-counter\",,"))]).check(
        "a.js",
        expect![[r#"
        DIR/a.js is not a plugin that can be loaded
        a.js:3:36: unexpected token in object"#]],
    );
    Folder::new(&[("a.js", &format!("/* joplin-manifest:\n{GOOD}"))]).check(
        "a.js",
        expect![[r#"
        joplin com.example.note-counter 1.0.2 "Note counter" "Counts notes" "Grace" Script a.js
        asks notes None"#]],
    );
    let both = format!("/* plughold: {{}} */\n{}", script(GOOD));
    Folder::new(&[("a.js", &both)]).check("a.js", expect![[r#"native a 0.0.0 "a" "" "" Script a.js"#]]);
    Folder::new(&[("a.mjs", &script(GOOD))])
        .check("a.mjs", expect![[r#"native a 0.0.0 "a" "" "" Module a.mjs"#]]);
}

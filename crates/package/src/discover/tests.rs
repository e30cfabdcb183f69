use expect_test::{Expect, expect};

use super::discover;
use crate::testing::{Folder, Tar, show};

const JOPLIN: &str = r#"{"manifest_version": 1, "id": "com.example.archive", "name": "A", "version": "1",
    "app_min_version": "3.0"}"#;

fn native(id: &str) -> String {
    format!(r#"{{"id": "{id}", "name": "A", "version": "1.0.0"}}"#)
}

#[track_caller]
fn check(folder: &Folder, name: &str, expected: Expect) {
    let found = discover(folder.path().join(name));
    let mut shown: Vec<String> = found.packages.iter().map(show).collect();
    shown.extend(found.problems.iter().map(|problems| folder.show(problems)));
    expected.assert_eq(&shown.join("\n"));
}

#[test]
fn every_format_is_found_in_the_order_of_ids() {
    let folder = Folder::new(&[
        ("plugins/z/plughold.json", &native("a")),
        ("plugins/z/main.js", ""),
        ("plugins/y/manifest.json", &JOPLIN.replace("archive", "folder-y")),
        ("plugins/y/index.js", ""),
        ("plugins/x/dist/manifest.json", &JOPLIN.replace("archive", "folder-x")),
        ("plugins/x/dist/index.js", ""),
        ("plugins/b.JS", ""),
        ("plugins/c.mjs", ""),
        ("plugins/_off.js", ""),
        ("plugins/.hidden.js", ""),
        ("plugins/_off/plughold.json", ""),
        ("plugins/readme.md", ""),
        ("plugins/node_modules/d.js", ""),
        ("plugins/js", ""),
    ]);
    folder.write("plugins/archive.Jpl", &Tar::of(&[("manifest.json", JOPLIN), ("index.js", "")]).finish());
    check(
        &folder,
        "plugins",
        expect![[r#"
        native a 1.0.0 "A" "" "" Script main.js
        native b 0.0.0 "b" "" "" Script b.JS
        native c 0.0.0 "c" "" "" Module c.mjs
        joplin com.example.archive 1 "A" "" "" Script index.js
        joplin com.example.folder-x 1 "A" "" "" Script index.js
        joplin com.example.folder-y 1 "A" "" "" Script index.js"#]],
    );
    check(
        &folder,
        "plugins/",
        expect![[r#"
        native a 1.0.0 "A" "" "" Script main.js
        native b 0.0.0 "b" "" "" Script b.JS
        native c 0.0.0 "c" "" "" Module c.mjs
        joplin com.example.archive 1 "A" "" "" Script index.js
        joplin com.example.folder-x 1 "A" "" "" Script index.js
        joplin com.example.folder-y 1 "A" "" "" Script index.js"#]],
    );
}

#[test]
fn duplicates_are_told_and_the_first_wins() {
    let folder = Folder::new(&[
        ("a/plughold.json", &native("Same")),
        ("a/main.js", "first()"),
        ("b/plughold.json", &native("same")),
        ("b/main.js", "second()"),
        ("same.js", "third()"),
        ("other.js", ""),
    ]);
    check(
        &folder,
        "",
        expect![[r#"
        native Same 1.0.0 "A" "" "" Script main.js
        native other 0.0.0 "other" "" "" Script other.js
        DIR/b is not a plugin that can be loaded
        b: the id "same" is taken already by DIR/a
          help: remove one of the two, or give it another id
        DIR/same.js is not a plugin that can be loaded
        same.js: the id "same" is taken already by DIR/a
          help: remove one of the two, or give it another id"#]],
    );
}

#[test]
fn one_bad_package_leaves_the_others() {
    let folder = Folder::new(&[("a/plughold.json", "{"), ("b.js", ""), ("c.jpl", "no"), ("d e.js", "")]);
    check(
        &folder,
        "",
        expect![[r#"
            native b 0.0.0 "b" "" "" Script b.js
            DIR/a is not a plugin that can be loaded
            plughold.json:1:1: unterminated object
            DIR/c.jpl is not a plugin that can be loaded
            c.jpl: cannot read the archive: failed to read entire block
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it
            DIR/d e.js is not a plugin that can be loaded
            d e.js: the file's name is no id: the id "d e" holds " ", expected only letters, digits, ".", "_" and "-" of ASCII
              help: rename the file, or start it with /* plughold: { "id": "…" } */"#]],
    );
}

#[test]
fn a_folder_that_is_a_package() {
    let folder = Folder::new(&[("plughold.json", &native("a")), ("main.js", ""), ("other.js", "")]);
    check(&folder, "", expect![[r#"native a 1.0.0 "A" "" "" Script main.js"#]]);
}

#[cfg(unix)]
#[test]
fn folders_that_cannot_be_read() {
    let folder = Folder::new(&[("file", "")]);
    check(
        &folder,
        "absent",
        expect![[r#"
        DIR/absent is not a plugin that can be loaded
        absent: cannot read the folder of plugins: No such file or directory (os error 2)"#]],
    );
    check(
        &folder,
        "file",
        expect![[r#"
        DIR/file is not a plugin that can be loaded
        file: cannot read the folder of plugins: Not a directory (os error 20)"#]],
    );
}

#[cfg(unix)]
#[test]
fn links_to_packages_are_followed_and_dead_links_told() {
    let folder =
        Folder::new(&[("dev/plughold.json", &native("a")), ("dev/main.js", ""), ("plugins/b.js", "")]);
    std::os::unix::fs::symlink(folder.path().join("dev"), folder.path().join("plugins/linked")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("nowhere"), folder.path().join("plugins/dead")).unwrap();
    check(
        &folder,
        "plugins",
        expect![[r#"
        native a 1.0.0 "A" "" "" Script main.js
        native b 0.0.0 "b" "" "" Script b.js
        DIR/plugins/dead is not a plugin that can be loaded
        dead: cannot be read: No such file or directory (os error 2)"#]],
    );
}

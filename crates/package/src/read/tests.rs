use crate::package::Package;
use crate::testing::Folder;

const MANIFEST: &str = r#"{"id": "a", "name": "A", "version": "1.0.0"}"#;

fn package(folder: &Folder) -> Package {
    folder.write("p/plughold.json", MANIFEST.as_bytes());
    folder.write("p/main.js", b"go()");
    folder.write("p/lib/a.txt", b"inside");
    folder.write("secret", b"secret");
    folder.write("p2/secret", b"secret");
    Package::open(folder.path().join("p")).unwrap()
}

#[track_caller]
fn check(package: &Package, name: &str, expected: &str) {
    let found = package.read_text(name).unwrap_or_else(|error| error.to_string());
    assert_eq!(found, expected);
    assert_eq!(package.contains(name), package.read(name).is_ok(), "{name}");
}

#[test]
fn files_are_read_beneath_the_root_only() {
    let folder = Folder::new(&[]);
    let package = package(&folder);
    check(&package, "lib/a.txt", "inside");
    check(&package, "./lib//a.txt", "inside");
    check(&package, "lib", r#""lib" is not a regular file"#);
    check(&package, "lib/b.txt", r#"the package holds no file "lib/b.txt""#);
    check(&package, "main.js/x", r#"the package holds no file "main.js/x""#);
    check(
        &package,
        "../secret",
        r#"the name "../secret" holds "..", expected one that stays inside the package"#,
    );
    check(
        &package,
        "lib/../main.js",
        r#"the name "lib/../main.js" holds "..", expected one that stays inside the package"#,
    );
    check(
        &package,
        "/etc/passwd",
        r#"the name "/etc/passwd" is absolute, expected one relative to the package"#,
    );
    check(&package, "", r#"the name "" names no file"#);
    assert_eq!(package.root_dir(), Some(folder.path().join("p").canonicalize().unwrap().as_path()));
    assert_eq!(package.entry_source().unwrap(), "go()");
}

#[cfg(unix)]
#[test]
fn links_may_not_leave_the_package() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new(&[]);
    let package = package(&folder);
    let root = folder.path().join("p");
    symlink("lib/a.txt", root.join("inside")).unwrap();
    symlink("../secret", root.join("outside")).unwrap();
    symlink(folder.path(), root.join("up")).unwrap();
    symlink("../p2", root.join("sibling")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    symlink("/dev/zero", root.join("zero")).unwrap();
    check(&package, "inside", "inside");
    check(&package, "outside", r#"the file "outside" lies outside of the package"#);
    check(&package, "up/secret", r#"the file "up/secret" lies outside of the package"#);
    check(&package, "sibling/secret", r#"the file "sibling/secret" lies outside of the package"#);
    check(&package, "zero", r#"the file "zero" lies outside of the package"#);
    check(&package, "loop", r#"cannot read "loop""#);
}

#[cfg(unix)]
#[test]
fn a_manifest_or_a_main_behind_a_link_is_refused() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new(&[
        ("outside.json", MANIFEST),
        ("outside.js", ""),
        ("p/x", ""),
        ("q/plughold.json", MANIFEST),
    ]);
    symlink("../outside.json", folder.path().join("p/plughold.json")).unwrap();
    symlink("../outside.js", folder.path().join("q/main.js")).unwrap();
    folder.check(
        "p",
        expect_test::expect![[r#"
        DIR/p is not a plugin that can be loaded
        plughold.json: the file "plughold.json" lies outside of the package"#]],
    );
    folder.check(
        "q",
        expect_test::expect![[r#"
            DIR/q is not a plugin that can be loaded
            plughold.json:1:1: the plugin has no code: expected a file main.js, main.mjs or index.js
              help: or name another file with the key "main""#]],
    );
}

#[cfg(unix)]
#[test]
fn a_dist_behind_a_link_is_refused() {
    let folder = Folder::new(&[("outside/manifest.json", "{}"), ("outside/index.js", ""), ("p/x", "")]);
    std::os::unix::fs::symlink("../outside", folder.path().join("p/dist")).unwrap();
    folder.check(
        "p",
        expect_test::expect![[r#"
        DIR/p is not a plugin that can be loaded
        manifest.json: the file "dist" lies outside of the package"#]],
    );
}

#[test]
fn reading_has_a_bound() {
    let folder = Folder::new(&[]);
    let package = package(&folder);
    assert_eq!(package.contents.read("main.js", 4).unwrap(), b"go()");
    let error = package.contents.read("main.js", 3).unwrap_err();
    assert_eq!(error.to_string(), r#"the file "main.js" is longer than 3 bytes"#);
}

#[test]
fn a_single_file_holds_itself_only() {
    let folder = Folder::new(&[("a.js", "go()"), ("b.js", "")]);
    let package = Package::open(folder.path().join("a.js")).unwrap();
    check(&package, "a.js", "go()");
    check(&package, "b.js", r#"the package holds no file "b.js""#);
    assert_eq!(package.root_dir(), None);
}

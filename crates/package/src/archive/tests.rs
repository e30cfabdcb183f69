use expect_test::{Expect, expect};
use proptest::prelude::*;
use tar::EntryType;

use crate::limits;
use crate::package::Package;
use crate::problem::Gathered;
use crate::testing::{Folder, Tar, gzip};

use super::{Archive, Form};

/// Opens an archive and shows the names in it, or all that is wrong.
#[track_caller]
fn check(bytes: &[u8], expected: Expect) {
    let folder = Folder::new(&[]);
    folder.write("a.jpl", bytes);
    let mut problems = Gathered::default();
    match Archive::open(&folder.path().join("a.jpl"), Form::Tar, &mut problems) {
        Some(archive) => {
            let names: Vec<_> = archive.files.keys().map(String::as_str).collect();
            expected.assert_eq(&format!("ok: {}", names.join(", ")));
        }
        None => expected.assert_eq(&folder.show(&problems.into_problems(&folder.path().join("a.jpl")))),
    }
}

#[test]
fn good_archives() {
    let tar = || {
        Tar::of(&[("a.js", "1"), ("./b/c.js", "2")]).entry(b"b/", EntryType::Directory, b"").file("b/d", b"")
    };
    check(&tar().finish(), expect!["ok: a.js, b/c.js, b/d"]);
    check(&gzip(&tar().finish()), expect!["ok: a.js, b/c.js, b/d"]);
    check(&tar().unfinished(), expect!["ok: a.js, b/c.js, b/d"]);
    check(&[tar().finish(), b"anything".to_vec()].concat(), expect!["ok: a.js, b/c.js, b/d"]);
    let halves = tar().finish();
    let (one, other) = halves.split_at(700);
    check(&[gzip(one), gzip(other)].concat(), expect!["ok: a.js, b/c.js, b/d"]);
    check(
        &Tar::default().pax("path", "größe.js").file("x", b"1").pax("mtime", "1").file("y", b"").finish(),
        expect!["ok: größe.js, y"],
    );
    check(
        &Tar::default()
            .entry(b"././@LongLink", EntryType::GNULongName, b"long/name.js\0")
            .file("x", b"1")
            .finish(),
        expect!["ok: long/name.js"],
    );
    check(
        &Tar::default().entry(b"g", EntryType::XGlobalHeader, b"13 comment=a\n").file("x", b"1").finish(),
        expect!["ok: x"],
    );
}

#[test]
fn names_that_leave_or_confuse() {
    let tar = Tar::of(&[
        ("../a", ""),
        ("b/../../c", ""),
        ("/d", ""),
        ("e\\f", ""),
        ("C:g", ""),
        ("lib/aux.js", ""),
        ("h.", ""),
        ("i/", ""),
        ("e\u{301}", ""),
        ("\u{202e}j", ""),
        (".", ""),
    ]);
    let tar = tar
        .entry(b"\xff", EntryType::Regular, b"")
        .pax("path", "a\0b")
        .file("k", b"")
        .pax("path", "../l")
        .file("m", b"");
    check(
        &tar.finish(),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            ../a: the name "../a" holds "..", expected one that stays inside the package
            b/../../c: the name "b/../../c" holds "..", expected one that stays inside the package
            /d: the name "/d" is absolute, expected one relative to the package
            e\f: the name "e\\f" holds "\\", which not every file system takes
            C:g: the name "C:g" holds ":", which not every file system takes
            lib/aux.js: the name "lib/aux.js" is a device on Windows
            h.: a part of the name "h." ends with a dot or a space, which not every file system keeps
            i/: the name "i/" is a folder's, but the entry is a file
            é: the name "é" has accents apart from their letters, expected composed characters (NFC)
            �j: the name "\u{202e}j" holds "\u{202e}", which not every file system takes
            .: the name "." names no file
            �: the name "�" is not UTF-8
            a�b: the name "a\0b" holds "\0", which not every file system takes
            ../l: the name "../l" holds "..", expected one that stays inside the package"#]],
    );
}

#[test]
fn names_that_collide() {
    let tar = Tar::of(&[
        ("a.js", ""),
        ("a.js", ""),
        ("./a.js", ""),
        ("A.js", ""),
        ("b", ""),
        ("b/c", ""),
        ("Lib/d", ""),
        ("lib/e", ""),
        ("Größe", ""),
        ("grÖße", ""),
    ]);
    let tar = tar.entry(b"a.js", EntryType::Directory, b"");
    check(
        &tar.finish(),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.js: the name "a.js" stands there twice
            ./a.js: the name "a.js" stands there twice
            A.js: the names "a.js" and "A.js" differ only in case
            b/c: the name "b" is both a file and a folder
            lib/e: the names "Lib" and "lib" differ only in case
            grÖße: the names "Größe" and "grÖße" differ only in case
            a.js: the name "a.js" is both a file and a folder"#]],
    );
}

#[test]
fn entries_that_are_not_files() {
    let types = [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::GNUSparse,
        EntryType::Continuous,
        EntryType::GNULongLink,
        EntryType::new(b'Z'),
    ];
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let tar = types
        .into_iter()
        .zip(names)
        .fold(Tar::default(), |tar, (entry_type, name)| tar.entry(name.as_bytes(), entry_type, b""));
    check(
        &tar.entry(b"j/", EntryType::Directory, b"data").finish(),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a: the entry is a symbolic link, expected a regular file or a folder
            b: the entry is a hard link, expected a regular file or a folder
            c: the entry is a device, expected a regular file or a folder
            d: the entry is a device, expected a regular file or a folder
            e: the entry is a named pipe, expected a regular file or a folder
            f: the entry is a sparse file, expected a regular file or a folder
            g: the entry is of type "7", expected a regular file or a folder
            h: the entry is of type "K", expected a regular file or a folder
            i: the entry is of type "Z", expected a regular file or a folder
            j/: the entry is a folder with contents of its own"#]],
    );
}

#[test]
fn broken_archives() {
    check(b"", expect!["ok: "]);
    check(
        b"{}",
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: failed to read entire block
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
    check(
        &[b'x'; 600],
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: numeric field was not a number
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
    check(
        &[0x1f, 0x8b, 0, 0],
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: unexpected end of file
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
    let good = Tar::of(&[("a", "text"), ("b", "")]).finish();
    check(
        good.get(..514).unwrap(),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: it ends inside of "a"
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
    check(
        good.get(..600).unwrap(),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: unexpected EOF during skip
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
    let packed = gzip(&good);
    check(
        packed.get(..packed.len() / 2).unwrap(),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: incomplete deflate stream
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
    check(
        &Tar::default().header(b"a", EntryType::Regular, u64::MAX).finish(),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: size overflow
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
    check(
        &Tar::default().header(b"a", EntryType::Regular, 10 << 30).finish(),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: it ends inside of "a"
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
    check(
        &Tar::default().pax("path", "x").finish(),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: it ends after a header that describes another entry
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
    check(
        &Tar::default().pax("size", "7").file("a", b"").finish(),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: an extension header sets "size", expected only a name
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
    check(
        &Tar::default().pax("GNU.sparse.size", "7").file("a", b"").finish(),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: an extension header sets "GNU.sparse.size", expected only a name
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
    check(
        &Tar::default().entry(b"x", EntryType::XHeader, b"nonsense").file("a", b"").finish(),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: malformed pax extension
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
    check(
        &Tar::default().entry(b"g", EntryType::XGlobalHeader, b"9 path=a\n").file("a", b"").finish(),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: a global header gives a name to all entries
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
    check(
        &Tar::default().entry(b"l", EntryType::GNULongName, &vec![b'x'; 70_000]).file("a", b"").finish(),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: an extension header is longer than 65536 bytes
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
}

#[test]
fn a_bomb_stops_at_the_ratio() {
    let zeros = vec![0; 4 << 20];
    check(
        &gzip(&Tar::default().header(b"a", EntryType::Regular, 200 << 20).raw(&zeros).finish()),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: it unpacks to more than 1000 times its size
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
}

#[test]
fn a_bomb_stops_at_the_size() {
    // Members that pack 900:1 stay below the ratio; the same member again and again makes a huge archive cheaply.
    let member = gzip(&vec![0; 16 << 20]);
    let noise: Vec<u8> =
        (0..8_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let head =
        gzip(&Tar::default().file("noise", &noise).header(b"a", EntryType::Regular, 1 << 40).unfinished());
    let bomb = [vec![head], vec![member; 20]].concat().concat();
    check(
        &bomb,
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: it unpacks to more than 256 MiB
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
}

#[test]
fn the_number_of_entries_is_bounded() {
    let many = |count: usize| {
        (0..count).fold(Tar::default(), |tar, number| tar.file(&number.to_string(), b"")).finish()
    };
    let folder = Folder::new(&[]);
    folder.write("a.jpl", &many(limits::ENTRIES));
    assert!(Archive::open(&folder.path().join("a.jpl"), Form::Tar, &mut Gathered::default()).is_some());
    check(
        &many(limits::ENTRIES + 1),
        expect![[r#"
            DIR/a.jpl is not a plugin that can be loaded
            a.jpl: cannot read the archive: it has more than 10000 entries
              help: a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"#]],
    );
}

#[test]
fn the_number_of_folders_is_bounded() {
    let deep = |number: usize| format!("{number}/{}f", "a/".repeat(30));
    let tar = (0..400).fold(Tar::default(), |tar, number| tar.file(&deep(number), b""));
    let folder = Folder::new(&[]);
    folder.write("a.jpl", &tar.finish());
    let mut problems = Gathered::default();
    assert!(Archive::open(&folder.path().join("a.jpl"), Form::Tar, &mut problems).is_none());
    let items = problems.into_problems(folder.path()).items;
    assert_eq!(items.first().unwrap().message, "the archive has more than 10000 files and folders");
}

const MANIFEST: &str = r#"{"manifest_version": 1, "id": "com.example.archive", "name": "A", "version": "1",
    "app_min_version": "3.0"}"#;

fn package(folder: &Folder, script: &str) -> Package {
    let files = [("manifest.json", MANIFEST), ("index.js", script), ("assets/deep/a.css", "a {}")];
    folder.write("a.jpl", &gzip(&Tar::of(&files).finish()));
    Package::open(folder.path().join("a.jpl")).unwrap()
}

#[test]
fn unpacking_writes_the_files_and_nothing_else() {
    let folder = Folder::new(&[]);
    let target = folder.path().join("out/of/it");
    package(&folder, "go()").unpack_into(&target).unwrap();
    assert_eq!(std::fs::read_to_string(target.join("index.js")).unwrap(), "go()");
    assert_eq!(std::fs::read_to_string(target.join("assets/deep/a.css")).unwrap(), "a {}");
    assert_eq!(std::fs::read_dir(&target).unwrap().count(), 3);
}

#[test]
fn unpacking_needs_an_empty_folder_and_an_archive() {
    let folder = Folder::new(&[("out/x", ""), ("b.js", "")]);
    let error = package(&folder, "").unpack_into(folder.path().join("out")).unwrap_err();
    assert_eq!(error.to_string(), format!("the folder {} is not empty", folder.path().join("out").display()));
    let script = Package::open(folder.path().join("b.js")).unwrap();
    let error = script.unpack_into(folder.path().join("new")).unwrap_err();
    assert_eq!(error.to_string(), "the package is not an archive");
    assert!(!folder.path().join("new").exists());
}

#[test]
fn an_archive_that_was_replaced_is_noticed() {
    let folder = Folder::new(&[]);
    let before = package(&folder, "one");
    let after = package(&folder, "two");
    assert_eq!(after.entry_source().unwrap(), "two");
    let changed = r#"the archive has changed since it was read; "index.js" is not what it was"#;
    assert_eq!(before.entry_source().unwrap_err().to_string(), changed);
    let error = before.unpack_into(folder.path().join("out")).unwrap_err();
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), changed);
    folder.write("a.jpl", b"");
    assert_eq!(after.entry_source().unwrap_err().to_string(), changed);
    assert!(after.unpack_into(folder.path().join("other")).is_err());
}

#[test]
fn reading_has_a_bound() {
    let folder = Folder::new(&[]);
    let package = package(&folder, "12345");
    assert!(package.contents.read("index.js", 5).is_ok());
    let error = package.contents.read("index.js", 4).unwrap_err();
    assert_eq!(error.to_string(), r#"the file "index.js" is longer than 4 bytes"#);
    assert_eq!(package.read("absent").unwrap_err().to_string(), r#"the package holds no file "absent""#);
    assert_eq!(package.read("assets").unwrap_err().to_string(), r#"the package holds no file "assets""#);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), start in 0..3_usize) {
        let folder = Folder::new(&[]);
        let starts = [Vec::new(), vec![0x1f, 0x8b, 8, 0], Tar::of(&[("a", "b")]).unfinished()];
        folder.write("a.jpl", &[&starts[start], bytes.as_slice()].concat());
        folder.write("b.jpl", &gzip(&bytes));
        let _ = Package::open(folder.path().join("a.jpl"));
        let _ = Package::open(folder.path().join("b.jpl"));
    }

    #[test]
    fn no_damaged_archive_panics(place in 0..2_048_usize, byte: u8) {
        let mut tar = Tar::of(&[("manifest.json", MANIFEST), ("index.js", "1")]).finish();
        let place = place % tar.len();
        tar[place] = byte;
        let folder = Folder::new(&[]);
        folder.write("a.jpl", &tar);
        let _ = Package::open(folder.path().join("a.jpl"));
    }

    #[test]
    fn what_opens_unpacks_inside_of_its_folder(names in proptest::collection::vec("[a-c./]{1,6}", 1..6)) {
        let tar = names.iter().fold(Tar::default(), |tar, name| tar.file(name, name.as_bytes()));
        let folder = Folder::new(&[]);
        folder.write("a.jpl", &tar.finish());
        if let Some(archive) = Archive::open(&folder.path().join("a.jpl"), Form::Tar, &mut Gathered::default()) {
            archive.unpack_into(&folder.path().join("out")).unwrap();
            let beside = std::fs::read_dir(folder.path()).unwrap().count();
            prop_assert_eq!(beside, 2);
        }
    }
}

use expect_test::{Expect, expect};
use proptest::prelude::*;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::archive::{Archive, Form, pack};
use crate::problem::Gathered;
use crate::testing::Folder;

fn open(folder: &Folder) -> Result<Archive, String> {
    let path = folder.path().join("a.plug");
    let mut problems = Gathered::default();
    Archive::open(&path, Form::Zip, &mut problems).ok_or_else(|| folder.show(&problems.into_problems(&path)))
}

/// Opens an archive and shows the names in it, or all that is wrong.
#[track_caller]
fn check(bytes: &[u8], expected: Expect) {
    let folder = Folder::new(&[]);
    folder.write("a.plug", bytes);
    match open(&folder) {
        Ok(archive) => {
            expected.assert_eq(&format!("ok: {}", archive.names().collect::<Vec<_>>().join(", ")));
        }
        Err(problems) => expected.assert_eq(&problems),
    }
}

fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    pack(files.iter().map(|(name, text)| (*name, text.as_bytes()))).unwrap()
}

fn writer() -> ZipWriter<Cursor<Vec<u8>>> {
    ZipWriter::new(Cursor::new(Vec::new()))
}

/// The place of the first such bytes.
fn find(bytes: &[u8], pattern: &[u8]) -> usize {
    bytes.windows(pattern.len()).position(|window| window == pattern).unwrap()
}

/// The same archive with other bytes at a distance from the first directory entry.
fn patched(mut bytes: Vec<u8>, distance: usize, with: &[u8]) -> Vec<u8> {
    let at = find(&bytes, b"PK\x01\x02") + distance;
    bytes[at..at + with.len()].copy_from_slice(with);
    bytes
}

#[test]
fn good_archives() {
    check(&packed(&[("a.js", "1"), ("b/c.js", &"x".repeat(5_000))]), expect!["ok: a.js, b/c.js"]);
    check(&packed(&[]), expect!["ok: "]);
    // A nested archive is a file like any other: nothing ever looks into it.
    check(&packed(&[("größe.js", ""), ("inner.plug", "PK\u{3}\u{4}")]), expect!["ok: größe.js, inner.plug"]);
    let mut zip = writer();
    zip.add_directory("lib/", SimpleFileOptions::default()).unwrap();
    zip.start_file("lib/a.js", SimpleFileOptions::default().compression_method(CompressionMethod::Stored))
        .unwrap();
    zip.write_all(b"stored").unwrap();
    check(&zip.finish().unwrap().into_inner(), expect!["ok: lib/a.js"]);
}

#[test]
fn names_that_leave_or_confuse() {
    let zip = packed(&[
        ("../a", ""),
        ("/b", ""),
        ("c\\d", ""),
        ("C:e", ""),
        ("nul.js", ""),
        ("x.js", ""),
        ("X.js", ""),
        ("x.js/y", ""),
    ]);
    check(
        &zip,
        expect![[r#"
        DIR/a.plug is not a plugin that can be loaded
        ../a: the name "../a" holds "..", expected one that stays inside the package
        /b: the name "/b" is absolute, expected one relative to the package
        c\d: the name "c\\d" holds "\\", which not every file system takes
        C:e: the name "C:e" holds ":", which not every file system takes
        nul.js: the name "nul.js" is a device on Windows
        X.js: the names "x.js" and "X.js" differ only in case
        x.js/y: the name "x.js" is both a file and a folder"#]],
    );
    let latin = packed(&[("gr?.js", "")]);
    let latin: Vec<u8> = latin.iter().map(|byte| if *byte == b'?' { 0xfc } else { *byte }).collect();
    check(
        &latin,
        expect![[r#"
        DIR/a.plug is not a plugin that can be loaded
        gr�.js: the name "gr�.js" is not UTF-8"#]],
    );
    let twice = packed(&[("aa.js", "1"), ("bb.js", "2")]);
    let text = twice.iter().map(|byte| if *byte == b'b' { b'a' } else { *byte });
    check(
        &Vec::from_iter(text),
        expect![[r#"
        DIR/a.plug is not a plugin that can be loaded
        aa.js: the name "aa.js" stands there twice"#]],
    );
}

#[test]
fn entries_that_are_no_files() {
    let mut zip = writer();
    zip.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    check(
        &zip.finish().unwrap().into_inner(),
        expect![[r#"
        DIR/a.plug is not a plugin that can be loaded
        link: the entry is a symbolic link, expected a regular file or a folder"#]],
    );
    let one = || packed(&[("a.js", "text")]);
    let device = |kind: u32| patched(one(), 38, &((kind | 0o644) << 16).to_le_bytes());
    check(
        &device(0o020_000),
        expect![[r#"
        DIR/a.plug is not a plugin that can be loaded
        a.js: the entry is neither a regular file nor a folder, or not what its name says"#]],
    );
    check(
        &device(0o040_000),
        expect![[r#"
        DIR/a.plug is not a plugin that can be loaded
        a.js: the entry is neither a regular file nor a folder, or not what its name says"#]],
    );
}

#[test]
fn two_stories_about_one_file() {
    let one = || packed(&[("a.js", "text")]);
    check(
        &patched(one(), 46, b"b"),
        expect![[r#"
            DIR/a.plug is not a plugin that can be loaded
            a.plug: cannot read the archive: what it says before a file is not what its directory says
              help: a .plug file is a zip with a plughold.json in it"#]],
    );
    check(
        &patched(one(), 10, &[0, 0]),
        expect![[r#"
            DIR/a.plug is not a plugin that can be loaded
            a.plug: cannot read the archive: what it says before a file is not what its directory says
              help: a .plug file is a zip with a plughold.json in it"#]],
    );
    check(
        &patched(one(), 24, &9_u32.to_le_bytes()),
        expect![[r#"
            DIR/a.plug is not a plugin that can be loaded
            a.plug: cannot read the archive: what it says before a file is not what its directory says
              help: a .plug file is a zip with a plughold.json in it"#]],
    );
    check(
        &patched(one(), 42, &1_u32.to_le_bytes()),
        expect![[r#"
            DIR/a.plug is not a plugin that can be loaded
            a.plug: cannot read the archive: what it says before a file is not what its directory says
              help: a .plug file is a zip with a plughold.json in it"#]],
    );
    check(
        &patched(one(), 24, &u32::MAX.to_le_bytes()),
        expect![[r#"
            DIR/a.plug is not a plugin that can be loaded
            a.plug: cannot read the archive: it is a zip of the large kind (zip64)
              help: a .plug file is a zip with a plughold.json in it"#]],
    );
    check(
        &patched(one(), 8, &[1, 0]),
        expect![[r#"
            DIR/a.plug is not a plugin that can be loaded
            a.plug: cannot read the archive: what it says before a file is not what its directory says
              help: a .plug file is a zip with a plughold.json in it"#]],
    );
    let mut damaged = one();
    let at = find(&damaged, b"a.js") + 6;
    damaged[at] ^= 0xff;
    check(
        &damaged,
        expect![[r#"
        DIR/a.plug is not a plugin that can be loaded
        a.js: the file is damaged: its bytes do not have their checksum"#]],
    );
}

#[test]
fn what_is_around_the_files() {
    let one = || packed(&[("a.js", "text")]);
    check(
        b"",
        expect![[r#"
            DIR/a.plug is not a plugin that can be loaded
            a.plug: cannot read the archive: it is no zip
              help: a .plug file is a zip with a plughold.json in it"#]],
    );
    check(
        &one()[..40],
        expect![[r#"
            DIR/a.plug is not a plugin that can be loaded
            a.plug: cannot read the archive: it is cut short, or has a comment or other bytes behind its end
              help: a .plug file is a zip with a plughold.json in it"#]],
    );
    check(
        &[one(), b"more".to_vec()].concat(),
        expect![[r#"
            DIR/a.plug is not a plugin that can be loaded
            a.plug: cannot read the archive: it is cut short, or has a comment or other bytes behind its end
              help: a .plug file is a zip with a plughold.json in it"#]],
    );
    check(
        &[b"before".to_vec(), one()].concat(),
        expect![[r#"
            DIR/a.plug is not a plugin that can be loaded
            a.plug: cannot read the archive: it is no zip
              help: a .plug file is a zip with a plughold.json in it"#]],
    );
    let mut zip = writer();
    zip.set_comment("hello").unwrap();
    check(
        &zip.finish().unwrap().into_inner(),
        expect![[r#"
            DIR/a.plug is not a plugin that can be loaded
            a.plug: cannot read the archive: it is cut short, or has a comment or other bytes behind its end
              help: a .plug file is a zip with a plughold.json in it"#]],
    );
    let mut many = one();
    let end = many.len() - 22;
    many[end + 8..end + 12].copy_from_slice(&[0x11, 0x27, 0x11, 0x27]);
    check(
        &many,
        expect![[r#"
            DIR/a.plug is not a plugin that can be loaded
            a.plug: cannot read the archive: it has more than 10000 entries
              help: a .plug file is a zip with a plughold.json in it"#]],
    );
    let mut long = one();
    long[end + 12..end + 16].copy_from_slice(&0x1000_0000_u32.to_le_bytes());
    check(
        &long,
        expect![[r#"
            DIR/a.plug is not a plugin that can be loaded
            a.plug: cannot read the archive: its directory is longer than 4 MiB
              help: a .plug file is a zip with a plughold.json in it"#]],
    );
}

#[test]
fn a_bomb_is_seen_before_it_is_unpacked() {
    let bomb = packed(&[("a.js", &"\0".repeat(40 << 20))]);
    assert!(bomb.len() < 64 << 10);
    check(
        &bomb,
        expect![[r#"
            DIR/a.plug is not a plugin that can be loaded
            a.plug: cannot read the archive: it unpacks to more than 40851000 bytes
              help: a .plug file is a zip with a plughold.json in it"#]],
    );
}

#[test]
fn an_archive_that_is_replaced_is_another_content() {
    let folder = Folder::new(&[]);
    folder.write("a.plug", &packed(&[("a.js", "one"), ("b.js", "x")]));
    let archive = open(&folder).unwrap();
    assert_eq!(archive.read("a.js", 10).unwrap(), b"one");
    folder.write("a.plug", &packed(&[("a.js", "two"), ("b.js", "x")]));
    let changed = "the archive has changed since it was read; \"a.js\" is not what it was";
    assert_eq!(archive.read("a.js", 10).unwrap_err().to_string(), changed);
    assert!(archive.digests().is_err());
    assert!(archive.unpack_into(&folder.path().join("out")).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let folder = Folder::new(&[]);
        folder.write("a.plug", &bytes);
        let _ = open(&folder);
    }

    #[test]
    fn a_changed_byte_is_found_or_makes_no_difference(place in any::<prop::sample::Index>(), to in any::<u8>()) {
        let files = [("a.js", "alpha alpha alpha"), ("lib/b.js", "beta")];
        let mut bytes = packed(&files);
        let place = place.index(bytes.len());
        bytes[place] = to;
        let folder = Folder::new(&[]);
        folder.write("a.plug", &bytes);
        if let Ok(archive) = open(&folder) {
            for name in archive.names() {
                let _ = archive.read(name, 100).unwrap();
            }
            let contents: Vec<Vec<u8>> = archive.names().map(|name| archive.read(name, 100).unwrap()).collect();
            prop_assert_eq!(contents, files.map(|(_, text)| text.as_bytes().to_vec()));
        }
    }
}

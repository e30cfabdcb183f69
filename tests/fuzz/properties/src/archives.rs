//! Archives: as they stand, and made of an input with the checksums that nobody can guess.
//!
//! The first byte of an input says which.

use crate::effort::{Heap, within};
use crate::folder::Folder;
use crate::packages::{look_at, look_at_unpacked, secret_of};
use arbitrary::{Arbitrary, Unstructured};
use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};
use plughold_package::Package;
use std::io::Write;
use tar::{EntryType, Header};

/// Entries are kept as an index, files are read whole and one at a time, and a bomb is read in a stream. The hashes, the
/// archive that is packed anew and the windows of compression come on top.
const HEAP: Heap = Heap { base: 4 << 20, each: 200 };

/// Entries that are made; more only make it slower. Together they unpack to 2 MiB at most, and every file of a tar that is
/// compressed is found by unpacking all before it.
const ENTRIES: usize = 32;

const PLUGHOLD: &[u8] = br#"{"id": "a", "name": "A", "version": "1.0.0", "main": "main.js"}"#;
const JOPLIN: &[u8] = br#"{"manifest_version": 1, "id": "com.example.archive", "name": "A", "version": "1", "app_min_version": "3.0"}"#;

/// An archive is a package whose files stay inside of it, or what is wrong with it is told; and it unpacks to what it says.
///
/// # Panics
///
/// If it does not.
pub fn check(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let input = &mut Unstructured::new(rest);
    match kind % 5 {
        0 => look_at_archive("a.plug", rest),
        1 => look_at_archive("a.jpl", rest),
        2 => look_at_archive("a.jpl", &gzip(rest)),
        3 => {
            let Ok(entries) = Vec::<Entry>::arbitrary(input) else { return };
            look_at_archive("a.plug", &zip(some_of(&entries)));
        }
        _ => {
            let Ok((entries, is_gzip)) = <(Vec<Entry>, bool)>::arbitrary(input) else { return };
            let tar = tar(some_of(&entries));
            look_at_archive("a.jpl", &if is_gzip { gzip(&tar) } else { tar });
        }
    }
}

fn look_at_archive(name: &str, bytes: &[u8]) {
    let folder = Folder::new();
    folder.write(name, bytes);
    within(HEAP, bytes.len(), || {
        let opened = Package::open(folder.path().join(name));
        look_at(&opened, &secret_of(bytes), |_| None);
        if let Ok(package) = opened {
            let hash = package.content_hash().expect("an archive that was opened can be hashed");
            look_at_unpacked(&package, hash);
        }
    });
}

fn some_of<'e, 'a>(entries: &'e [Entry<'a>]) -> &'e [Entry<'a>] {
    &entries[..entries.len().min(ENTRIES)]
}

/// An entry that somebody may have put into an archive.
#[derive(Arbitrary, Debug)]
struct Entry<'a> {
    name: Name<'a>,
    kind: u8,
    contents: Contents<'a>,
    /// What the archive says besides.
    lie: Lie,
}

#[derive(Arbitrary, Debug)]
enum Name<'a> {
    Known(u8),
    Joined(u8, u8),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// Names that mean something to a package, a file system or whoever unpacks.
const NAMES: [&str; 16] = [
    "main.js",
    "index.js",
    "lib/util.js",
    "lib",
    "Main.js",
    "..",
    ".",
    "/",
    "a\\b",
    "nul",
    "a.",
    "\u{e4}",
    ".git",
    "node_modules",
    "C:x",
    "plughold.json",
];

#[derive(Arbitrary, Debug)]
enum Contents<'a> {
    Bytes(&'a [u8]),
    /// One byte, so many times: it packs to almost nothing.
    Run(u8, u16),
}

#[derive(Arbitrary, Debug)]
enum Lie {
    None,
    Length(u32),
    Checksum(u32),
    /// For the directory of a zip and nowhere else, or for the link of a tar.
    Elsewhere(u32),
}

impl Name<'_> {
    fn bytes(&self) -> Vec<u8> {
        let known = |number: u8| NAMES[usize::from(number) % NAMES.len()];
        match self {
            Name::Known(number) => known(*number).into(),
            Name::Joined(one, other) => format!("{}/{}", known(*one), known(*other)).into(),
            Name::Text(text) => (*text).into(),
            Name::Bytes(bytes) => bytes.to_vec(),
        }
    }
}

impl Contents<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Contents::Bytes(bytes) => bytes.to_vec(),
            Contents::Run(byte, length) => vec![*byte; usize::from(*length)],
        }
    }
}

/// A good package with these entries behind it. Their headers are right but for their lies.
fn tar(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    push_tar(&mut bytes, b"manifest.json", EntryType::Regular, JOPLIN, JOPLIN.len() as u64);
    push_tar(&mut bytes, b"index.js", EntryType::Regular, b"go()", 4);
    for Entry { name, kind, contents, lie } in entries {
        let contents = contents.bytes();
        let kinds = [b'0', b'0', b'0', b'5', b'x', b'g', b'L', b'K', b'1', b'2', *kind];
        let kind = EntryType::new(kinds[usize::from(*kind) % kinds.len()]);
        let length = if let Lie::Length(length) = lie { u64::from(*length) } else { contents.len() as u64 };
        push_tar(&mut bytes, &name.bytes(), kind, &contents, length);
        if let (Lie::Checksum(xor), Some(byte)) = (lie, bytes.last_mut()) {
            *byte ^= *xor as u8;
        }
    }
    bytes.resize(bytes.len() + 1_024, 0);
    bytes
}

fn push_tar(bytes: &mut Vec<u8>, name: &[u8], kind: EntryType, contents: &[u8], length: u64) {
    let mut header = Header::new_ustar();
    let place = &mut header.as_old_mut().name;
    let fitting = name.len().min(place.len());
    place[..fitting].copy_from_slice(&name[..fitting]);
    header.set_entry_type(kind);
    header.set_size(length);
    header.set_mode(0o644);
    header.set_cksum();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(contents);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
}

/// The same as a zip.
fn zip(entries: &[Entry]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    let good = [(&b"plughold.json"[..], PLUGHOLD), (b"main.js", b"go()")];
    for (name, contents) in good {
        push_zip(&mut bytes, &mut directory, name, 0, contents, &Lie::None);
    }
    for Entry { name, kind, contents, lie } in entries {
        push_zip(&mut bytes, &mut directory, &name.bytes(), *kind, &contents.bytes(), lie);
    }
    let (start, count) = (bytes.len() as u32, (good.len() + entries.len()) as u16);
    bytes.extend_from_slice(&directory);
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

/// `kind` says in its bits whether the file is deflated, and how it was packed on which system.
fn push_zip(bytes: &mut Vec<u8>, directory: &mut Vec<u8>, name: &[u8], kind: u8, contents: &[u8], lie: &Lie) {
    let name = &name[..name.len().min(1_000)];
    let is_deflated = kind & 1 == 1;
    let mode: u32 = match kind >> 1 & 7 {
        0..=2 => 0o100_644,
        3 => 0o040_755,
        4 => 0o120_777,
        5 => 0o020_644,
        _ => 0,
    };
    let packed = if is_deflated { deflate(contents) } else { contents.to_vec() };
    let mut sum = Crc::new();
    sum.update(contents);
    let (mut length, mut checksum) = (contents.len() as u32, sum.sum());
    match lie {
        Lie::Length(other) => length = *other,
        Lie::Checksum(xor) => checksum ^= xor,
        Lie::None | Lie::Elsewhere(_) => {}
    }
    let facts = |length: u32| {
        let mut facts = Vec::new();
        facts.extend([20, 0, 0, 0]);
        facts.extend([if is_deflated { 8 } else { 0 }, 0, 0, 0, 0, 0]);
        for number in [checksum, packed.len() as u32, length] {
            facts.extend(number.to_le_bytes());
        }
        facts.extend((name.len() as u16).to_le_bytes());
        facts.extend([0, 0]);
        facts
    };
    let header = bytes.len() as u32;
    bytes.extend_from_slice(b"PK\x03\x04");
    bytes.extend(facts(length));
    bytes.extend_from_slice(name);
    bytes.extend_from_slice(&packed);
    directory.extend_from_slice(b"PK\x01\x02");
    directory.extend([20, if mode == 0 { 0 } else { 3 }]);
    directory.extend(facts(if let Lie::Elsewhere(other) = lie { *other } else { length }));
    directory.extend([0; 6]);
    directory.extend((mode << 16).to_le_bytes());
    directory.extend(header.to_le_bytes());
    directory.extend_from_slice(name);
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all bytes")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all bytes")
}

//! Folders and archives for the tests.

use std::fs;
use std::io::Write;
use std::path::Path;

use expect_test::Expect;
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{EntryType, Header};

use crate::hitchy::Beacon;
use crate::native::Setting;
use crate::package::{Activation, Package};
use crate::problem::{Problems, Severity};

/// A temporary folder with files.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The problems as text, with the folder's path replaced by `DIR`.
    pub(crate) fn show(&self, problems: &Problems) -> String {
        problems.to_string().replace(&self.path().display().to_string(), "DIR")
    }

    /// Opens what the folder holds at `name` and compares the package, or all that is wrong with it.
    #[track_caller]
    pub(crate) fn check(&self, name: &str, expected: Expect) {
        let path = if name.is_empty() { self.path().to_owned() } else { self.path().join(name) };
        match Package::open(path) {
            Ok(package) => expected.assert_eq(&show(&package)),
            Err(problems) => expected.assert_eq(&self.show(&problems)),
        }
    }
}

/// The parts of a package that manifests decide.
pub(crate) fn show(package: &Package) -> String {
    let Package {
        id,
        name,
        version,
        description,
        author,
        format,
        permissions,
        dependencies,
        limits,
        requires,
        entry,
        settings,
        activation,
        haplo,
        hitchy,
        warnings,
        ..
    } = package;
    let mut shown = format!("{format} {id} {version} {name:?} {description:?} {author:?}");
    match entry {
        Some(entry) => shown += &format!(" {:?} {}", entry.kind, entry.name),
        None => shown += " no entry",
    }
    for Setting { key, label, description, kind, .. } in settings {
        shown += &format!("\nsetting {key} {label:?} {description:?} {kind:?}");
    }
    if *activation == Activation::Needed {
        shown += "\nstarted when needed";
    }
    if let Some(haplo) = haplo {
        shown += &format!("\nloads {:?} as {}", haplo.manifest.load, haplo.version);
    }
    if let Some(beacon) = hitchy {
        let Beacon { static_role, dependencies, dependants, .. } = beacon;
        shown += &format!("\nrole {static_role} after {dependencies:?} before {dependants:?}");
    }
    for permission in permissions {
        shown += &format!("\nasks {} {:?}", permission.name, permission.reason);
    }
    for dependency in dependencies {
        shown += &format!("\nneeds {} {}", dependency.id, dependency.range);
    }
    if let Some(memory) = limits.memory {
        shown += &format!("\nmemory {memory}");
    }
    if let Some(stack) = limits.stack {
        shown += &format!("\nstack {stack}");
    }
    if let Some(requires) = requires {
        shown += &format!("\nrequires {requires}");
    }
    for warning in warnings {
        assert_eq!(warning.severity, Severity::Warning);
        shown += &format!("\nwarning: {warning}");
    }
    shown
}

/// Writes a tar byte by byte, also one that no tool would write.
#[derive(Default)]
pub(crate) struct Tar(Vec<u8>);

impl Tar {
    /// A good archive of these files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        files.iter().fold(Self::default(), |tar, (name, text)| tar.file(name, text.as_bytes()))
    }

    pub(crate) fn file(self, name: &str, bytes: &[u8]) -> Self {
        self.entry(name.as_bytes(), EntryType::Regular, bytes)
    }

    pub(crate) fn entry(self, name: &[u8], entry_type: EntryType, bytes: &[u8]) -> Self {
        self.header(name, entry_type, bytes.len() as u64).raw(bytes)
    }

    /// A header alone, with any length.
    pub(crate) fn header(mut self, name: &[u8], entry_type: EntryType, length: u64) -> Self {
        let mut header = Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(entry_type);
        header.set_size(length);
        header.set_mode(0o644);
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self
    }

    /// A PAX header with one record for the next entry.
    pub(crate) fn pax(self, key: &str, value: &str) -> Self {
        let rest = format!(" {key}={value}\n");
        let length = (1..).find(|length: &usize| length.to_string().len() + rest.len() == *length).unwrap();
        self.entry(b"pax", EntryType::XHeader, format!("{length}{rest}").as_bytes())
    }

    /// Bytes, filled up to a block.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// The archive without the two empty blocks at its end.
    pub(crate) fn unfinished(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

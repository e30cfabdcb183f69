//! Everything that a package holds: its files, what tells it from every other package, and packing it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::archive::pack;
use crate::limits;
use crate::name::{self, collision_key};
use crate::package::{Format, Package};
use crate::problem::quoted;
use crate::read::{Contents, ReadError};
use crate::size::show;

/// What is left out of folders besides names that begin with a dot: packages that are installed there for its author's
/// tools, and never loaded.
const INSTALLED: &str = "node_modules";

/// The identity of what a package holds: two packages have the same if and only if they have the same files, whatever
/// they are packed in. As text it is what `sha256sum` says of its own list of all files in the order of their names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The hash as bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hexadecimal(&self.0))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Why a package's files cannot be taken together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// A file has no place in a package, or cannot be read.
    #[error(transparent)]
    File(#[from] ReadError),
    /// Two names are one where case is ignored.
    #[error("the names {0} and {1} differ only in case")]
    Case(String, String),
    /// There is too much in it.
    #[error("the package holds more than {0}")]
    TooMuch(String),
    /// Only folders with a `plughold.json` can be packed.
    #[error("a {0} cannot be packed, expected a folder with a plughold.json")]
    NotPackable(&'static str),
    /// The archive cannot be written.
    #[error("the archive cannot be written: {0}")]
    Write(String),
}

impl Package {
    /// The clean names of all its files, in order. In folders, names that begin with a dot and `node_modules` are left out.
    ///
    /// # Errors
    ///
    /// Names that have no place in a package, links that lead out of it, links to folders, and more than
    /// 10,000 files and folders.
    pub fn files(&self) -> Result<Vec<String>, ContentError> {
        match &self.contents {
            Contents::File { name, .. } => Ok(vec![name.clone()]),
            Contents::Archive(archive) => Ok(archive.names().map(str::to_owned).collect()),
            Contents::Folder { root } => files_of(root, &self.contents),
        }
    }

    /// What tells it from every package with other files.
    ///
    /// # Errors
    ///
    /// As [`files`](Self::files) and [`read`](Self::read), and more than 256 MiB.
    pub fn content_hash(&self) -> Result<ContentHash, ContentError> {
        let digests: BTreeMap<String, [u8; 32]> = match &self.contents {
            Contents::Archive(archive) => archive.digests()?,
            _ => {
                let mut digests = BTreeMap::new();
                self.each_file(|name, bytes| {
                    digests.insert(name.to_owned(), Sha256::digest(bytes).into());
                })?;
                digests
            }
        };
        let mut list = Sha256::new();
        for (name, digest) in &digests {
            list.update(format!("{}  {name}\n", hexadecimal(digest)));
        }
        Ok(ContentHash(list.finalize().into()))
    }

    /// Packs a native folder into the bytes of a `.plug` archive. The same files give the same bytes.
    ///
    /// # Errors
    ///
    /// As [`content_hash`](Self::content_hash), and for packages that are no native folder.
    pub fn pack(&self) -> Result<Vec<u8>, ContentError> {
        match (&self.contents, self.format) {
            (Contents::Folder { .. }, Format::Native) => {}
            (Contents::Folder { .. }, _) => {
                return Err(ContentError::NotPackable("package of another system"));
            }
            (Contents::File { .. }, _) => return Err(ContentError::NotPackable("single file")),
            (Contents::Archive(_), _) => return Err(ContentError::NotPackable("packed package")),
        }
        let mut files = Vec::new();
        self.each_file(|name, bytes| files.push((name.to_owned(), bytes.to_vec())))?;
        let files = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        pack(files).map_err(|error| ContentError::Write(error.to_string()))
    }

    fn each_file(&self, mut take: impl FnMut(&str, &[u8])) -> Result<(), ContentError> {
        let mut left = limits::ARCHIVE;
        for name in self.files()? {
            let bytes = self.contents.read(&name, left.min(limits::FILE))?;
            left = left.saturating_sub(bytes.len() as u64);
            if left == 0 {
                return Err(ContentError::TooMuch(show(limits::ARCHIVE)));
            }
            take(&name, &bytes);
        }
        Ok(())
    }
}

/// Whether a name in a folder is none of the package's files: it begins with a dot, or is `node_modules`.
pub fn is_left_out(name: &str) -> bool {
    name.starts_with('.') || name == INSTALLED
}

fn files_of(root: &Path, contents: &Contents) -> Result<Vec<String>, ContentError> {
    let mut found = Vec::new();
    let mut keys: HashMap<String, String> = HashMap::new();
    let mut waiting = vec![String::new()];
    while let Some(folder) = waiting.pop() {
        let unreadable = |source| ReadError::Io { name: quoted(&folder), source };
        for entry in fs::read_dir(root.join(&folder)).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let last = entry.file_name();
            let Some(last) = last.to_str() else {
                let last = last.to_string_lossy();
                return Err(ReadError::NotText { name: quoted(&last), byte: 0 }.into());
            };
            if is_left_out(last) {
                continue;
            }
            let joined = if folder.is_empty() { last.to_owned() } else { format!("{folder}/{last}") };
            let name = name::clean(&joined).map_err(ReadError::from)?;
            if let Some(other) = keys.insert(collision_key(&name), name.clone()) {
                return Err(ContentError::Case(quoted(&other), quoted(&name)));
            }
            if limits::ENTRIES < keys.len() {
                return Err(ContentError::TooMuch(format!("{} files and folders", limits::ENTRIES)));
            }
            if entry.file_type().map_err(unreadable)?.is_dir() {
                waiting.push(name);
            } else {
                contents.check(&name)?;
                found.push(name);
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Folder, Tar, gzip};
    use expect_test::expect;

    const MANIFEST: (&str, &str) = ("p/plughold.json", r#"{"id": "a", "name": "A", "version": "1.0.0"}"#);

    fn open(folder: &Folder, name: &str) -> Package {
        Package::open(folder.path().join(name)).unwrap()
    }

    #[test]
    fn the_same_files_give_the_same_bytes_and_the_same_hash_however_they_are_packed() {
        let files = [MANIFEST, ("p/main.js", "go()"), ("p/lib/größe.js", ""), ("p/data.bin", "\0\u{1}")];
        let folder = Folder::new(&files);
        folder.write("p/.git/config", b"x");
        folder.write("p/node_modules/x/index.js", b"x");
        let package = open(&folder, "p");
        assert_eq!(package.files().unwrap(), ["data.bin", "lib/größe.js", "main.js", "plughold.json"]);
        let packed = package.pack().unwrap();

        let elsewhere = Folder::new(&[]);
        files.iter().rev().for_each(|(name, text)| elsewhere.write(name, text.as_bytes()));
        assert_eq!(open(&elsewhere, "p").pack().unwrap(), packed);

        folder.write("a.plug", &packed);
        let archive = open(&folder, "a.plug");
        assert_eq!(archive.files().unwrap(), package.files().unwrap());
        assert_eq!(archive.content_hash().unwrap(), package.content_hash().unwrap());
        assert_eq!(archive.entry_source().unwrap(), "go()");
        assert_eq!(archive.read("data.bin").unwrap(), b"\0\x01");
        archive.unpack_into(folder.path().join("out")).unwrap();
        assert_eq!(open(&folder, "out").pack().unwrap(), packed);
        expect!["78d5b0bd73521b712e28c1c9d133278fb62031e57fc0d2927bd2d86816abe56e"]
            .assert_eq(&package.content_hash().unwrap().to_string());

        folder.write("p/main.js", b"go(1)");
        assert_ne!(archive.content_hash().unwrap(), package.content_hash().unwrap());
    }

    #[test]
    fn a_hash_is_what_sha256sum_says_of_its_list() {
        let folder = Folder::new(&[("x.js", "a")]);
        let list = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  x.js\n";
        let expected = hexadecimal(&Sha256::digest(list));
        assert_eq!(open(&folder, "x.js").content_hash().unwrap().to_string(), expected);
    }

    #[test]
    fn packed_and_compressed_is_one_content() {
        let manifest = r#"{"manifest_version": 1, "id": "com.example.archive", "name": "A", "version": "1", "app_min_version": "3.0"}"#;
        let tar = Tar::of(&[("index.js", "x"), ("manifest.json", manifest)]).finish();
        let folder = Folder::new(&[("f/index.js", "x"), ("f/manifest.json", manifest)]);
        folder.write("a.jpl", &tar);
        folder.write("b.jpl", &gzip(&tar));
        let hashes = ["a.jpl", "b.jpl", "f"].map(|name| open(&folder, name).content_hash().unwrap());
        assert!(hashes[0] == hashes[1] && hashes[1] == hashes[2], "{hashes:?}");
    }

    #[cfg(unix)]
    #[track_caller]
    fn check_refused(folder: &Folder, name: &str, expected: expect_test::Expect) {
        expected.assert_eq(&open(folder, name).pack().unwrap_err().to_string());
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_packed() {
        let folder =
            Folder::new(&[MANIFEST, ("p/main.js", ""), ("one.js", ""), ("p/A.js", ""), ("p/a.js", "")]);
        check_refused(
            &folder,
            "one.js",
            expect!["a single file cannot be packed, expected a folder with a plughold.json"],
        );
        let found = open(&folder, "p").pack().unwrap_err().to_string();
        assert!(found.ends_with("differ only in case"), "{found}");
        let folder = Folder::new(&[MANIFEST, ("p/main.js", ""), ("p/aux.js", "")]);
        check_refused(&folder, "p", expect![[r#"the name "aux.js" is a device on Windows"#]]);
        let folder = Folder::new(&[MANIFEST, ("p/main.js", ""), ("secret", "")]);
        std::os::unix::fs::symlink("../secret", folder.path().join("p/link")).unwrap();
        check_refused(&folder, "p", expect![[r#"the file "link" lies outside of the package"#]]);
        let folder = Folder::new(&[MANIFEST, ("p/main.js", ""), ("p/lib/a.js", "")]);
        std::os::unix::fs::symlink("lib", folder.path().join("p/link")).unwrap();
        check_refused(&folder, "p", expect![[r#""link" is not a regular file"#]]);
    }
}

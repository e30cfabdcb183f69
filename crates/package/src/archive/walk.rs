//! One pass over a tar, which lets nothing through but regular files with good names.
//!
//! The entries are taken raw: the `tar` crate would otherwise read extension headers of any length into memory and
//! let them change an entry's size, about which readers disagree.

use std::io::{self, Read};

use tar::{EntryType, PaxExtensions};

use super::tree::{Kind, Tree, shown};
use crate::limits;
use crate::problem::{Gathered, Problem, quoted};

/// A file in an archive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'n> {
    /// Its clean name.
    pub(super) name: &'n str,
    /// Where its bytes start in the tar.
    pub(super) offset: u64,
    /// Its length in bytes, as the header says.
    pub(super) length: u64,
    /// In a zip the bytes that it takes there if it is compressed.
    pub(super) deflated: Option<u64>,
}

/// What is done with each file: its bytes are read from the second argument.
pub(super) type Visit<'v> = dyn FnMut(Found<'_>, &mut dyn Read) -> io::Result<()> + 'v;

/// Reads a tar to its end. Every bad entry is a problem and the pass goes on; an error means that it cannot be read.
pub(super) fn walk(stream: impl Read, visit: &mut Visit<'_>, problems: &mut Gathered) -> io::Result<()> {
    Pass { tree: Tree::default(), long_name: None, visit }.run(stream, problems)
}

/// The problem of an archive that cannot be read to its end.
pub(super) fn unreadable(archive: &str, error: &io::Error) -> Problem {
    let words = error.to_string();
    // What the reader says of a bad header quotes the header's bytes after a colon: they belong to whoever made the file.
    let words = words.split_once(": ").map_or(words.as_str(), |(what, _)| what);
    Problem::new(archive, format!("cannot read the archive: {words}"))
}

struct Pass<'p, 'v> {
    tree: Tree,
    /// The name that an extension header gives to the next entry.
    long_name: Option<Vec<u8>>,
    visit: &'p mut Visit<'v>,
}

impl Pass<'_, '_> {
    fn run(&mut self, stream: impl Read, problems: &mut Gathered) -> io::Result<()> {
        let mut tar = tar::Archive::new(stream);
        for (count, entry) in tar.entries()?.raw(true).enumerate() {
            if limits::ENTRIES <= count {
                return Err(io::Error::other(format!("it has more than {} entries", limits::ENTRIES)));
            }
            let mut entry = entry?;
            let entry_type = entry.header().entry_type();
            match entry_type {
                EntryType::GNULongName => {
                    let mut name = read_header(&mut entry)?;
                    name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
                    self.long_name = Some(name);
                    continue;
                }
                EntryType::XHeader => {
                    if let Some(name) = name_in_pax(&read_header(&mut entry)?)? {
                        self.long_name = Some(name);
                    }
                    continue;
                }
                EntryType::XGlobalHeader => {
                    if name_in_pax(&read_header(&mut entry)?)?.is_some() {
                        return Err(io::Error::other("a global header gives a name to all entries"));
                    }
                    continue;
                }
                _ => {}
            }
            let raw = self.long_name.take().unwrap_or_else(|| entry.path_bytes().into_owned());
            let found =
                Raw { name: raw, entry_type, offset: entry.raw_file_position(), length: entry.size() };
            match self.accept(&found) {
                Ok(Some(name)) => {
                    let found =
                        Found { name: &name, offset: found.offset, length: found.length, deflated: None };
                    (self.visit)(found, &mut entry)?;
                }
                Ok(None) => {}
                Err(message) => problems.push(Problem::new(shown(&found.name), message)),
            }
        }
        match self.long_name {
            Some(_) => Err(io::Error::other("it ends after a header that describes another entry")),
            None => Ok(()),
        }
    }

    /// The clean name of a file; nothing for a folder; a message for what has no place in a package.
    fn accept(&mut self, found: &Raw) -> Result<Option<String>, String> {
        let kind = match found.entry_type {
            EntryType::Regular => Kind::File,
            EntryType::Directory => Kind::Folder,
            other => {
                return Err(format!("the entry is {}, expected a regular file or a folder", show(other)));
            }
        };
        self.tree.accept(&found.name, kind, found.length)
    }
}

struct Raw {
    name: Vec<u8>,
    entry_type: EntryType,
    offset: u64,
    length: u64,
}

/// Reads an extension header, which has a bound of its own.
fn read_header(entry: &mut (impl Read + ?Sized)) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    entry.take(limits::EXTENSION_HEADER + 1).read_to_end(&mut bytes)?;
    if limits::EXTENSION_HEADER < bytes.len() as u64 {
        return Err(io::Error::other(format!(
            "an extension header is longer than {} bytes",
            limits::EXTENSION_HEADER
        )));
    }
    Ok(bytes)
}

/// The name that a PAX header gives. Times, owners and comments are ignored; a header that changes what the next entry
/// is, or how long, is an error.
fn name_in_pax(header: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut name = None;
    for extension in PaxExtensions::new(header) {
        let extension = extension?;
        match extension.key_bytes() {
            b"path" => name = Some(extension.value_bytes().to_vec()),
            key if matches!(key, b"size" | b"linkpath") || key.starts_with(b"GNU.sparse.") => {
                let key = String::from_utf8_lossy(key);
                return Err(io::Error::other(format!(
                    "an extension header sets {}, expected only a name",
                    quoted(&key)
                )));
            }
            _ => {}
        }
    }
    Ok(name)
}

fn show(entry_type: EntryType) -> String {
    match entry_type {
        EntryType::Symlink => "a symbolic link".to_owned(),
        EntryType::Link => "a hard link".to_owned(),
        EntryType::Char | EntryType::Block => "a device".to_owned(),
        EntryType::Fifo => "a named pipe".to_owned(),
        EntryType::GNUSparse => "a sparse file".to_owned(),
        other => format!("of type {}", quoted(&char::from(other.as_byte()).to_string())),
    }
}

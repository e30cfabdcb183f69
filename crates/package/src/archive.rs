//! Packed plugins: tar, plain or compressed with gzip, and zip.
//!
//! Opening an archive checks all of it in one bounded stream and keeps an index only, so that a folder full of
//! archives costs little memory. Reading opens the file anew and compares with the index: an archive that was replaced
//! meanwhile is an error, never another content.

mod pack;
mod stream;
#[cfg(test)]
mod tests;
mod tree;
mod walk;
mod zip;

pub(crate) use pack::pack;

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::CrcWriter;
use sha2::{Digest, Sha256};

use crate::problem::{Gathered, file_name, quoted};
use crate::read::{ReadError, UnpackError};
use stream::Stream;
use walk::{Found, walk};

/// An archive whose entries are all files and folders with good names.
#[derive(Clone, Debug)]
pub(crate) struct Archive {
    path: PathBuf,
    form: Form,
    files: Arc<BTreeMap<String, Stored>>,
}

/// How an archive holds its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// One after the other, perhaps compressed together: `.jpl`.
    Tar,
    /// Each compressed by itself, with a directory at the end: `.plug`.
    Zip,
}

/// Where a file's bytes are in the unpacked archive, and what they were when the archive was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stored {
    offset: u64,
    length: u64,
    checksum: u32,
    /// In a zip the bytes that it takes there if it is compressed.
    deflated: Option<u64>,
}

impl Archive {
    /// Reads all of an archive and checks it. `None` means that problems were found.
    pub(crate) fn open(path: &Path, form: Form, problems: &mut Gathered) -> Option<Self> {
        let mut files = BTreeMap::new();
        let mut index = |found: Found<'_>, bytes: &mut dyn Read| {
            let stored = copy(found, bytes, &mut io::sink())?;
            files.insert(found.name.to_owned(), stored);
            Ok(())
        };
        let before = problems.is_empty();
        visit_all(path, form, &mut index, problems);
        (before && problems.is_empty()).then(|| Self { path: path.to_owned(), form, files: Arc::new(files) })
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// The clean names of all files, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Reads a file by its clean name.
    pub(crate) fn read(&self, name: &str, longest: u64) -> Result<Vec<u8>, ReadError> {
        let stored = *self.files.get(name).ok_or_else(|| ReadError::Absent(quoted(name)))?;
        if longest < stored.length {
            return Err(ReadError::Long { name: quoted(name), longest });
        }
        let mut bytes = Vec::new();
        let Stored { offset, length, deflated, .. } = stored;
        let found = Found { name, offset, length, deflated };
        let again = match self.form {
            Form::Tar => {
                let mut stream = Stream::open(&self.path).map_err(ReadError::io(name))?;
                stream.skip(offset).and_then(|()| copy(found, &mut stream.take(length), &mut bytes))
            }
            Form::Zip => {
                let mut file = fs::File::open(&self.path).map_err(ReadError::io(name))?;
                zip::read(&mut file, found, &mut |read| copy(found, read, &mut bytes))
            }
        };
        match again {
            Ok(again) if again == stored => Ok(bytes),
            _ => Err(ReadError::Changed(quoted(name))),
        }
    }

    /// The SHA-256 of every file, in one pass over the archive.
    pub(crate) fn digests(&self) -> Result<BTreeMap<String, [u8; 32]>, ReadError> {
        let mut digests = BTreeMap::new();
        let mut problems = Gathered::default();
        let mut digest = |found: Found<'_>, bytes: &mut dyn Read| {
            let mut sum = Sum(Sha256::new());
            let stored = copy(found, bytes, &mut sum)?;
            let is_same = self.files.get(found.name) == Some(&stored);
            digests.insert(found.name.to_owned(), sum.0.finalize().into());
            if is_same { Ok(()) } else { Err(io::Error::other("it has changed")) }
        };
        visit_all(&self.path, self.form, &mut digest, &mut problems);
        if problems.is_empty() && digests.len() == self.files.len() {
            Ok(digests)
        } else {
            Err(ReadError::Changed(quoted(&file_name(&self.path))))
        }
    }

    /// Writes every file beneath `target`, which must be empty or absent.
    pub(crate) fn unpack_into(&self, target: &Path) -> Result<(), UnpackError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| UnpackError::Io { path, source }
        };
        fs::create_dir_all(target).map_err(at(target))?;
        if fs::read_dir(target).map_err(at(target))?.next().is_some() {
            return Err(UnpackError::NotEmpty(target.to_owned()));
        }
        let mut failed = None;
        let mut written = 0;
        let mut write = |found: Found<'_>, bytes: &mut dyn Read| {
            let path = target.join(found.name);
            let result = write_file(&path, found, bytes).map_err(at(&path)).and_then(|stored| {
                match self.files.get(found.name) {
                    Some(checked) if *checked == stored => Ok(()),
                    _ => Err(ReadError::Changed(quoted(found.name)).into()),
                }
            });
            written += 1;
            result.map_err(|error| {
                failed = Some(error);
                io::Error::other("stopped")
            })
        };
        let name = file_name(&self.path);
        let mut problems = Gathered::default();
        visit_all(&self.path, self.form, &mut write, &mut problems);
        match failed {
            Some(error) => Err(error),
            None if problems.is_empty() && written == self.files.len() => Ok(()),
            None => Err(ReadError::Changed(quoted(&name)).into()),
        }
    }
}

/// A hash that can be written to.
struct Sum(Sha256);

impl Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes every file of an archive to `visit`.
fn visit_all(path: &Path, form: Form, visit: &mut walk::Visit<'_>, problems: &mut Gathered) {
    let name = file_name(path);
    let read = match form {
        Form::Tar => Stream::open(path).and_then(|stream| walk(stream, visit, problems)),
        Form::Zip => zip::walk(path, visit, problems),
    };
    if let Err(error) = read {
        let what = match form {
            Form::Tar => {
                "a .jpl file is a tar, plain or compressed with gzip, with manifest.json and index.js in it"
            }
            Form::Zip => "a .plug file is a zip with a plughold.json in it",
        };
        problems.push(walk::unreadable(&name, &error).with_help(what));
    }
}

/// Writes a new file and the folders above it. The target was empty, so whatever exists on the way is ours; a file
/// that exists is another spelling of the same name on this file system, and an error.
fn write_file(path: &Path, found: Found<'_>, bytes: &mut dyn Read) -> io::Result<Stored> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    copy(found, bytes, &mut file)
}

/// Copies an entry's bytes, all of them, and says what they were.
fn copy(found: Found<'_>, bytes: &mut dyn Read, into: &mut dyn Write) -> io::Result<Stored> {
    let mut into = CrcWriter::new(into);
    let length = io::copy(bytes, &mut into)?;
    if length != found.length {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            format!("it ends inside of {}", quoted(found.name)),
        ));
    }
    Ok(Stored { offset: found.offset, length, checksum: into.crc().sum(), deflated: found.deflated })
}

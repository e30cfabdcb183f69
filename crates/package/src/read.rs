//! Reading files of a package, beneath its root only.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::archive::Archive;
use crate::limits;
use crate::name::{self, NameError};
use crate::problem::{Problem, quoted};

#[cfg(test)]
mod tests;

/// Why a file of a package cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The name cannot be a file of a package.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The package has no such file.
    #[error("the package holds no file {0}")]
    Absent(String),
    /// The package has no one script that is run first.
    #[error("the package has no script that is run first")]
    NoEntry,
    /// The name leads out of the package, through a link.
    #[error("the file {0} lies outside of the package")]
    Outside(String),
    /// The name is a folder or a device.
    #[error("{0} is not a regular file")]
    NotAFile(String),
    /// The file is longer than the caller allows, or than 64 MiB.
    #[error("the file {name} is longer than {}", crate::size::show(*.longest))]
    Long {
        /// The file.
        name: String,
        /// The most bytes allowed.
        longest: u64,
    },
    /// A script or a manifest is not text.
    #[error("the file {name} is not UTF-8: byte {byte} is wrong")]
    NotText {
        /// The file.
        name: String,
        /// The first wrong byte, from 0.
        byte: usize,
    },
    /// The archive is not the one whose contents were checked.
    #[error("the archive has changed since it was read; {0} is not what it was")]
    Changed(String),
    /// The operating system says no.
    #[error("cannot read {name}")]
    Io {
        /// The file.
        name: String,
        /// The operating system's answer.
        source: io::Error,
    },
}

impl ReadError {
    pub(crate) fn io(name: &str) -> impl FnOnce(io::Error) -> Self {
        let name = quoted(name);
        |source| Self::Io { name, source }
    }

    /// The error with the operating system's answer, for a problem.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Io { source, .. } => format!("{self}: {source}"),
            _ => self.to_string(),
        }
    }
}

impl ReadError {
    /// The error as what is wrong with a file of a package.
    pub(crate) fn problem(&self, file: impl Into<String>) -> Problem {
        let problem = Problem::new(file, self.message());
        match self {
            Self::NotText { .. } => problem.with_help("save the file as UTF-8"),
            _ => problem,
        }
    }
}

/// Why an archive could not be unpacked. What was written until then stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnpackError {
    /// The package is a folder or a single file.
    #[error("the package is not an archive")]
    NotAnArchive,
    /// The target holds something already; unpacking never overwrites or follows what is there.
    #[error("the folder {} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// The archive cannot be read any more, or is not the one whose contents were checked.
    #[error("the archive cannot be read as it was checked")]
    Read(#[from] ReadError),
    /// The operating system says no.
    #[error("cannot write {}", path.display())]
    Io {
        /// What was being written.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
}

/// Where the files of a package are.
#[derive(Clone, Debug)]
pub(crate) enum Contents {
    /// One script: its path, and the only name in the package.
    File { path: PathBuf, name: String },
    /// A folder. The path is canonical: what is read must lie beneath it with all links followed.
    Folder { root: PathBuf },
    /// An archive whose entries are checked.
    Archive(Archive),
}

impl Contents {
    /// Opens a folder, which may be named by a link.
    pub(crate) fn folder(path: &Path) -> io::Result<Self> {
        Ok(Self::Folder { root: fs::canonicalize(path)? })
    }

    /// Tells whether both are folders and this one is the other or lies in it, with all links followed.
    pub(crate) fn is_beneath(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Folder { root }, Self::Folder { root: above }) if root.starts_with(above))
    }

    /// Reads a file of at most `longest` bytes.
    pub(crate) fn read(&self, file: &str, longest: u64) -> Result<Vec<u8>, ReadError> {
        let file = name::clean(file)?;
        match self {
            Self::Archive(archive) => archive.read(&file, longest),
            _ => read_bounded(&self.locate(&file)?, &file, longest),
        }
    }

    /// Reads a file of at most `longest` bytes as text.
    pub(crate) fn read_text(&self, file: &str, longest: u64) -> Result<String, ReadError> {
        let bytes = self.read(file, longest)?;
        String::from_utf8(bytes).map_err(|error| ReadError::NotText {
            name: quoted(file),
            byte: error.utf8_error().valid_up_to(),
        })
    }

    /// Tells whether the package has the file, without reading it. Names that break the rules are absent.
    pub(crate) fn contains(&self, file: &str) -> bool {
        let Ok(file) = name::clean(file) else { return false };
        match self {
            Self::Archive(archive) => archive.contains(&file),
            _ => self.locate(&file).is_ok(),
        }
    }

    /// Tells what keeps a file of this name from being read, without reading it.
    pub(crate) fn check(&self, file: &str) -> Result<(), ReadError> {
        let file = name::clean(file)?;
        match self {
            Self::Archive(archive) if archive.contains(&file) => Ok(()),
            _ => self.locate(&file).map(drop),
        }
    }

    /// A file whose name is the same but for case.
    pub(crate) fn in_other_case(&self, file: &str) -> Option<String> {
        let key = name::collision_key(&name::clean(file).ok()?);
        match self {
            Self::File { name, .. } => (name::collision_key(name) == key).then(|| name.clone()),
            Self::Archive(archive) => {
                archive.names().find(|name| name::collision_key(name) == key).map(str::to_owned)
            }
            Self::Folder { root } => {
                let mut found = String::new();
                for part in key.split('/') {
                    let entries = fs::read_dir(root.join(&found)).ok()?.take(limits::DISCOVERED).flatten();
                    let mut names = entries.filter_map(|entry| entry.file_name().into_string().ok());
                    let name = names.find(|name| name::collision_key(name) == part)?;
                    found = if found.is_empty() { name } else { format!("{found}/{name}") };
                }
                Some(found)
            }
        }
    }

    /// The path of a file by its clean name, with every link followed and seen to stay inside.
    fn locate(&self, file: &str) -> Result<PathBuf, ReadError> {
        let path = match self {
            Self::File { path, name } if name == file => path.clone(),
            Self::Folder { root } => {
                let path = fs::canonicalize(root.join(file)).map_err(|error| absent_or_io(error, file))?;
                if !path.starts_with(root) {
                    return Err(ReadError::Outside(quoted(file)));
                }
                path
            }
            _ => return Err(ReadError::Absent(quoted(file))),
        };
        // Opening a named pipe would wait for a writer, so the kind is asked first.
        let metadata = fs::metadata(&path).map_err(|error| absent_or_io(error, file))?;
        if metadata.is_file() { Ok(path) } else { Err(ReadError::NotAFile(quoted(file))) }
    }
}

/// Reads at most `longest` bytes of a file whose length may change meanwhile.
fn read_bounded(path: &Path, file: &str, longest: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let opened = File::open(path).map_err(ReadError::io(file))?;
    opened.take(longest.saturating_add(1)).read_to_end(&mut bytes).map_err(ReadError::io(file))?;
    if longest < bytes.len() as u64 {
        return Err(ReadError::Long { name: quoted(file), longest });
    }
    Ok(bytes)
}

fn absent_or_io(error: io::Error, file: &str) -> ReadError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::Absent(quoted(file)),
        _ => ReadError::io(file)(error),
    }
}

//! The file of decisions: read at once, written at once or not at all.

use super::Grants;
use crate::snapshot::SCHEMA;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Bytes of the file. Ten thousand plugins with three decisions each have a third of it.
const LARGEST: u64 = 8 << 20;

/// Where decisions are remembered.
#[derive(Clone, Debug)]
pub(crate) struct GrantsFile {
    path: PathBuf,
}

/// Why decisions cannot be read or remembered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GrantsError {
    /// The system's.
    #[error("{path}: {error}")]
    System { path: String, error: io::Error },
    /// Something else stands in the file. It is left as it is.
    #[error("{path} holds no decisions about permissions: {why}")]
    Malformed { path: String, why: String },
    /// More decisions than are remembered.
    #[error("{path} has no room for more decisions")]
    Full { path: String },
}

impl GrantsFile {
    pub(crate) fn new(path: PathBuf) -> GrantsFile {
        GrantsFile { path }
    }

    /// What was decided so far; nothing without a file.
    pub(crate) fn read(&self) -> Result<Grants, GrantsError> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Grants::default()),
            opened => opened.map_err(|error| self.failed(error))?,
        };
        let mut text = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut text).map_err(|error| self.failed(error))?;
        if LARGEST < text.len() as u64 {
            return Err(self.malformed(format!("expected at most {LARGEST} bytes")));
        }
        let grants: Grants =
            serde_json::from_slice(&text).map_err(|error| self.malformed(error.to_string()))?;
        if grants.schema != SCHEMA {
            let why = format!("expected the schema {SCHEMA}, found {}", grants.schema);
            return Err(self.malformed(why));
        }
        Ok(grants)
    }

    /// Changes what is in the file, whoever else has changed it meanwhile, and gives all of it. `change` says whether
    /// there was room.
    pub(crate) fn update(&self, change: impl FnOnce(&mut Grants) -> bool) -> Result<Grants, GrantsError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| self.failed(error))?;
        // Held until the end of this: two commands may be asking at the same time.
        let _lock = self.lock().map_err(|error| self.failed(error))?;
        let mut grants = self.read()?;
        if !change(&mut grants) {
            return Err(GrantsError::Full { path: self.shown() });
        }
        let mut text =
            serde_json::to_vec_pretty(&grants).map_err(|error| self.malformed(error.to_string()))?;
        text.push(b'\n');
        self.write(&text).map_err(|error| self.failed(error))?;
        Ok(grants)
    }

    /// One that ends with the process, however that ends.
    fn lock(&self) -> io::Result<File> {
        let file = private().create(true).open(self.beside("lock"))?;
        file.lock()?;
        Ok(file)
    }

    /// Whoever reads meanwhile, or after the power has failed, finds all of it or what was there before.
    fn write(&self, text: &[u8]) -> io::Result<()> {
        let new = self.beside("new");
        let mut file = private().create(true).truncate(true).open(&new)?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".");
        name.push(ending);
        PathBuf::from(name)
    }

    fn failed(&self, error: io::Error) -> GrantsError {
        GrantsError::System { path: self.shown(), error }
    }

    fn malformed(&self, why: String) -> GrantsError {
        GrantsError::Malformed { path: self.shown(), why }
    }

    fn shown(&self) -> String {
        crate::text::path(&self.path)
    }
}

/// For whoever decides only.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grants::Said;
    use plughold::Scope;
    use std::os::unix::fs::PermissionsExt;

    fn grant(file: &GrantsFile, plugin: &str) -> Result<Grants, GrantsError> {
        let scope = Scope::parse("fs.read:data/**").unwrap();
        file.update(|grants| grants.decide(plugin, &scope, Said::Granted, "now".into()))
    }

    #[test]
    fn what_was_decided_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/plughold/grants.json");
        let file = GrantsFile::new(path.clone());
        assert_eq!(file.read().unwrap(), Grants::default());
        grant(&file, "a").unwrap();
        let all = grant(&GrantsFile::new(path.clone()), "b").unwrap();
        assert_eq!(file.read().unwrap(), all);
        assert_eq!(Vec::from_iter(all.plugins()), ["a", "b"]);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn what_is_no_such_file_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("grants.json");
        let check = |text: &str, expected: &str| {
            fs::write(&path, text).unwrap();
            let error = grant(&GrantsFile::new(path.clone()), "a").unwrap_err().to_string();
            assert_eq!(error.replace(&folder.path().display().to_string(), "TMP"), expected);
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        };
        let words = "TMP/grants.json holds no decisions about permissions: ";
        check("", &format!("{words}EOF while parsing a value at line 1 column 0"));
        check("{\"schema\":2}", &format!("{words}expected the schema 1, found 2"));
        let long = format!("{{\"schema\":1{}", " ".repeat(LARGEST as usize));
        check(&long, &format!("{words}expected at most {LARGEST} bytes"));
    }

    /// Each of many that decide at the same time is remembered.
    #[test]
    fn several_commands_decide_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("grants.json");
        std::thread::scope(|scope| {
            for plugin in ["a", "b", "c", "d", "e", "f"] {
                scope.spawn(|| grant(&GrantsFile::new(path.clone()), plugin).unwrap());
            }
        });
        assert_eq!(GrantsFile::new(path).read().unwrap().plugins().count(), 6);
    }
}

//! Where a plugin finds its own files.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use plughold::Package;
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::profile::Profile;

/// The folders of unpacked archives.
#[derive(Debug, Default)]
pub(crate) struct Installations {
    /// Held while one is unpacked, so that two calls do not unpack one archive at the same time.
    unpacking: Mutex<()>,
}

impl Installations {
    /// The folder with the package's files.
    ///
    /// A folder is its own; a single script's is the one that it lies in. An archive is unpacked once, into a folder of the cache
    /// named after its content, so that two archives never share one and a new version never meets old files.
    pub(crate) fn folder(&self, package: &Package, profile: &Profile) -> Result<PathBuf, Failure> {
        if let Some(root) = package.root_dir() {
            return Ok(root.to_path_buf());
        }
        let is_script = !package.source.extension().is_some_and(|end| end.eq_ignore_ascii_case("jpl"));
        if is_script {
            return Ok(package.source.parent().unwrap_or(Path::new("")).to_path_buf());
        }
        let failed = |error: io::Error| {
            Failure::new(format!("could not unpack {}: {error}", package.source.display()))
        };
        let hash = content_hash(&package.source).map_err(failed)?;
        let folder = profile.cache().join(format!("{}-{hash}", package.id));
        let _guard = self.unpacking.lock().unwrap_or_else(PoisonError::into_inner);
        if !folder.is_dir() {
            unpack(package, &profile.cache(), &folder)?;
        }
        Ok(folder)
    }
}

/// Unpacks beside `folder` and then moves the whole, so that the folder has all files or does not exist.
fn unpack(package: &Package, cache: &Path, folder: &Path) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(format!("could not unpack {}: {error}", package.source.display()))
    };
    fs::create_dir_all(cache).map_err(|error| failed(&error))?;
    let fresh =
        tempfile::Builder::new().prefix("unpacking-").tempdir_in(cache).map_err(|error| failed(&error))?;
    let files = fresh.path().join("files");
    package.unpack_into(&files).map_err(|error| failed(&error))?;
    fs::rename(&files, folder).map_err(|error| failed(&error))
}

/// The SHA-256 of a file, in hexadecimal digits.
fn content_hash(path: &Path) -> io::Result<String> {
    const CHUNK: usize = 64 * 1024;
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = file.read(&mut chunk)?;
        if length == 0 {
            return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hash.update(chunk.get(..length).unwrap_or_default());
    }
}

/// A path of a plugin as a name in its package: without `.`, `..` and a slash in front; none if it leads out of the package.
///
/// Joplin joins a plugin's paths to its folder as text, so `/ui/x.css` lies in the package as well.
pub(crate) fn name_in_package(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_package() {
        let check = |path: &str, expected: Option<&str>| {
            assert_eq!(name_in_package(path).as_deref(), expected, "{path}");
        };
        check("x.js", Some("x.js"));
        check("./a//x.js", Some("a/x.js"));
        check("/ui/x.css", Some("ui/x.css"));
        check("ui/../x.css", Some("x.css"));
        check("../x.js", None);
        check("a/../../x.js", None);
        check("", None);
        check("./", None);
    }

    /// A packed plugin with one file more than it needs.
    fn archive(at: &Path, extra: &str) -> Package {
        let manifest = r#"{"manifest_version": 1, "id": "com.example.installation", "name": "I", "version": "1.0.0",
            "app_min_version": "3.0"}"#;
        let mut builder = tar::Builder::new(Vec::new());
        for (name, text) in [("manifest.json", manifest), ("index.js", ""), ("ui/x.css", extra)] {
            let mut header = tar::Header::new_ustar();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
        fs::write(at, builder.into_inner().unwrap()).unwrap();
        Package::open(at).unwrap()
    }

    #[test]
    fn an_archive_is_unpacked_once_for_each_content() {
        let profile = Profile::temporary().unwrap();
        let installations = Installations::default();
        let path = profile.root().join("plugin.jpl");
        let folder = |package: &Package| installations.folder(package, &profile).unwrap();

        let one = folder(&archive(&path, "one"));
        assert_eq!(fs::read_to_string(one.join("ui/x.css")).unwrap(), "one");
        fs::write(one.join("mark"), "").unwrap();
        let again = folder(&Package::open(&path).unwrap());
        assert_eq!(again, one);
        assert!(again.join("mark").exists(), "it was not unpacked again");

        let two = folder(&archive(&path, "two"));
        assert_ne!(two, one);
        assert_eq!(fs::read_to_string(two.join("ui/x.css")).unwrap(), "two");
        assert_eq!(fs::read_dir(profile.cache()).unwrap().count(), 2, "nothing else is left in the cache");
    }

    #[test]
    fn a_folder_and_a_script_are_where_they_are() {
        let profile = Profile::temporary().unwrap();
        let installations = Installations::default();
        let manifest = r#"{"manifest_version": 1, "id": "com.example.installation", "name": "I", "version": "1.0.0",
            "app_min_version": "3.0"}"#;
        let root = profile.root().join("plugin");
        fs::create_dir(&root).unwrap();
        fs::write(root.join("manifest.json"), manifest).unwrap();
        fs::write(root.join("index.js"), "").unwrap();
        assert_eq!(installations.folder(&Package::open(&root).unwrap(), &profile).unwrap(), root);
        let script = profile.root().join("one.js");
        fs::write(&script, format!("/* joplin-manifest:\n{manifest}\n*/")).unwrap();
        assert_eq!(installations.folder(&Package::open(&script).unwrap(), &profile).unwrap(), profile.root());
    }
}

//! Which packages the named folders hold.

use crate::args::DEFAULT_FOLDER;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::platform::PlatformName;
use crate::text;
use plughold::{Discovery, NotRunnable, Package, Watch};
use plughold_package::discover::is_passed_over;
use plughold_package::limits::DISCOVERED;
use plughold_package::{Problem, Problems, discover};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The files by which the folder of a plugin is known.
pub(crate) const MANIFESTS: [&str; 4] = ["plughold.json", "manifest.json", "plugin.json", "hitchy.json"];

/// The manifest of a package for Node, which is none for us.
const PACKAGE: &str = "package.json";

/// The packages of all folders, sorted by id. A path that is a file is one package, and its manifest stands for a folder.
/// A package that is found twice is there once.
///
/// Without a folder it is `./plugins`. Fails when a path does not exist; everything else that is wrong stands in the
/// discovery's problems.
pub(crate) fn find(dirs: &[PathBuf]) -> Result<Discovery, Failure> {
    let mut all = Discovery::default();
    for dir in &named(dirs) {
        let found = look(dir).map_err(|failure| if dirs.is_empty() { no_default() } else { failure })?;
        all.packages.extend(found.packages);
        all.problems.extend(found.problems);
        all.applications.extend(found.applications);
    }
    once_each(&mut all);
    settle_duplicates(&mut all);
    Ok(all)
}

/// Watches all folders for packages that run on `platform`.
pub(crate) fn watch(platform: PlatformName, dirs: &[PathBuf]) -> Option<Watch> {
    let dirs = named(dirs);
    let alone = dirs.iter().filter(|dir| !is_within_another(dir, &dirs));
    let watch = alone.fold(None, |watch: Option<Watch>, dir| {
        Some(watch.map_or_else(|| Watch::new(dir), |watch| watch.and(dir)))
    });
    watch.map(|watch| watch.only(move |package| refusal(platform, package).map_or(Ok(()), Err)))
}

/// Moves packages that do not run on `platform` to the problems.
pub(crate) fn keep_for(platform: PlatformName, found: Discovery) -> Discovery {
    let Discovery { packages, mut problems, .. } = found;
    let mut kept = Vec::new();
    for package in packages {
        match refusal(platform, &package) {
            None => kept.push(package),
            Some(item) => problems.push(Problems { path: package.source, items: vec![item] }),
        }
    }
    Discovery { packages: kept, problems, applications: Vec::new() }
}

/// What keeps a package from being started although its format is one that can be, if something does.
pub(crate) fn misfit(package: &Package) -> Option<Problem> {
    let error = package.runs().err().filter(|error| !matches!(error, NotRunnable::Format(_)))?;
    let message = format!("{} is not started: {error}", package.id);
    Some(item(
        package,
        message,
        "take another version of it or of Plughold, or widen \"plughold\" in its manifest",
    ))
}

/// Why a package does not run on `platform`, if it does not.
fn refusal(platform: PlatformName, package: &Package) -> Option<Problem> {
    if let Some(problem) = misfit(package) {
        return Some(problem);
    }
    if let Err(error) = package.runs() {
        let message = format!("{} is not started: {error}", package.id);
        return Some(item(package, message, "plughold check shows what is known of it"));
    }
    if platform.runs(package.format) {
        return None;
    }
    let message = format!("{} is a {} package; this is the platform {platform}", package.id, package.format);
    Some(item(package, message, format!("give --platform {} to run it", package.format)))
}

/// The folders to look in, which somebody has named or not, each once.
pub(crate) fn named(dirs: &[PathBuf]) -> Vec<PathBuf> {
    if dirs.is_empty() {
        return vec![PathBuf::from(DEFAULT_FOLDER)];
    }
    let mut seen = HashSet::new();
    let dirs = dirs.iter().map(|dir| folder_of_manifest(dir).unwrap_or_else(|| dir.clone()));
    dirs.filter(|dir| seen.insert(canonical(dir))).collect()
}

/// The folder of a manifest, if it is one.
fn folder_of_manifest(file: &Path) -> Option<PathBuf> {
    let name = file.file_name()?.to_str()?;
    let folder = file.parent()?;
    let is_manifest = MANIFESTS.contains(&name) && file.is_file();
    let here = || PathBuf::from(".");
    is_manifest.then(|| if folder.as_os_str().is_empty() { here() } else { folder.to_owned() })
}

/// Whether the path is one of the plugins of another folder that was named too.
fn is_within_another(dir: &Path, dirs: &[PathBuf]) -> bool {
    let this = canonical(dir);
    let is_parent = |other: &&PathBuf| this.parent() == Some(&canonical(other));
    dirs.iter().filter(is_parent).any(|other| {
        let found = discover(other);
        let packages = found.packages.iter().map(|package| &package.source);
        packages
            .chain(found.problems.iter().map(|problems| &problems.path))
            .any(|path| canonical(path) == this)
    })
}

/// The same for every way to write a path; one that leads nowhere is what it is.
fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Drops what was found at one place a second time.
fn once_each(found: &mut Discovery) {
    let mut seen = HashSet::new();
    found.packages.retain(|package| seen.insert(canonical(&package.source)));
    seen.clear();
    found.problems.retain(|problems| seen.insert(canonical(&problems.path)));
}

/// The folders in words, for messages.
pub(crate) fn in_words(dirs: &[PathBuf]) -> String {
    if dirs.is_empty() {
        return format!("./{DEFAULT_FOLDER}");
    }
    let shown: Vec<String> = dirs.iter().map(|dir| text::path(dir)).collect();
    shown.join(", ")
}

fn look(dir: &Path) -> Result<Discovery, Failure> {
    let facts = std::fs::metadata(dir).map_err(|error| {
        Failure::new(Exit::NotFound, format!("cannot find {}", text::path(dir)))
            .with_detail(error.to_string())
            .with_help("name a folder of plugins, or one plugin")
    })?;
    if facts.is_dir() {
        return Ok(discover(dir));
    }
    Ok(match Package::open(dir) {
        Ok(package) => Discovery { packages: vec![package], ..Discovery::default() },
        Err(problems) => Discovery { problems: vec![problems], ..Discovery::default() },
    })
}

fn no_default() -> Failure {
    Failure::new(Exit::NotFound, format!("there is no folder ./{DEFAULT_FOLDER} here"))
        .with_help("make one and put a plugin into it, or name another folder")
}

/// Of two packages with one id in different folders the first is taken, as within one folder.
fn settle_duplicates(found: &mut Discovery) {
    let mut first: HashMap<String, PathBuf> = HashMap::new();
    let mut kept = Vec::new();
    for package in found.packages.drain(..) {
        let key = package.id.collision_key();
        let Some(taken) = first.get(&key) else {
            first.insert(key, package.source.clone());
            kept.push(package);
            continue;
        };
        let message = format!("the id \"{}\" is taken already by {}", package.id, text::path(taken));
        found.problems.push(problem(&package, message, "remove one of the two, or give it another id"));
    }
    kept.sort_by(|one, other| one.id.cmp(&other.id));
    found.packages = kept;
}

/// That there is nothing to be done in these folders.
pub(crate) fn none(to: &str, dirs: &[PathBuf]) -> Failure {
    Failure::new(Exit::NotFound, format!("there is no plugin to {to} in {}", in_words(dirs))).with_help(
        "a plugin is a .js, .mjs, .plug or .jpl file, or a folder with a plughold.json or a manifest.json",
    )
}

/// Folders that their authors may take for plugins, because they have a package.json: the named ones, and those in them.
/// Each with what makes a plugin of it. The folder that holds others that were found, or an application of Hitchy, is none.
pub(crate) fn nearly(dirs: &[PathBuf], found: &Discovery) -> Vec<Problems> {
    let within = |dir: &PathBuf| {
        let entries = std::fs::read_dir(dir).into_iter().flatten().take(DISCOVERED).filter_map(Result::ok);
        let entries = entries.filter(|entry| !is_passed_over(&entry.file_name().to_string_lossy()));
        let mut folders = Vec::from_iter(entries.map(|entry| entry.path()));
        folders.sort();
        folders
    };
    let holds = |dir: &PathBuf| {
        let is_within = |package: &&Package| package.source.parent() == Some(dir) && package.source.is_dir();
        found.packages.iter().any(|package| is_within(&package))
            || found.applications.iter().any(|application| application.folder == *dir)
    };
    let is_nearly = |dir: &PathBuf| {
        let has_manifest = MANIFESTS.iter().any(|manifest| dir.join(manifest).exists());
        dir.join(PACKAGE).is_file() && !has_manifest && !holds(dir)
    };
    let all = named(dirs).into_iter().flat_map(|dir| within(&dir).into_iter().chain([dir]));
    let hint = |dir: PathBuf| {
        let message = "this folder has a package.json, and no manifest that makes a plugin of it";
        let problem = Problem::new(PACKAGE, message).as_warning();
        let help = "a plughold.json with \"id\", \"name\" and \"version\" does, and with \"main\" if the code is not in main.js";
        Problems { items: vec![problem.with_help(help)], path: dir }
    };
    all.filter(is_nearly).map(hint).collect()
}

/// One problem of a whole package.
pub(crate) fn problem(package: &Package, message: impl Into<String>, help: impl Into<String>) -> Problems {
    Problems { path: package.source.clone(), items: vec![item(package, message, help)] }
}

pub(crate) fn item(package: &Package, message: impl Into<String>, help: impl Into<String>) -> Problem {
    let file = package.source.file_name().unwrap_or(package.source.as_os_str()).to_string_lossy();
    Problem::new(file, message).with_help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use std::fs;

    /// Writes files below a new folder, finds everything in its folders `a` and `b` and shows it.
    #[track_caller]
    fn check(files: &[(&str, &str)], expected: Expect) {
        let folder = tempfile::tempdir().unwrap();
        let dirs = ["a", "b"].map(|name| folder.path().join(name));
        dirs.iter().for_each(|dir| fs::create_dir(dir).unwrap());
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let found = keep_for(PlatformName::Native, find(&dirs).unwrap());
        let packages = found.packages.iter().map(|package| package.id.to_string());
        let shown: Vec<String> = packages.chain(found.problems.iter().map(Problems::to_string)).collect();
        expected.assert_eq(&shown.join("\n").replace(&folder.path().display().to_string(), "TMP"));
    }

    #[test]
    fn several_folders_are_one_list() {
        check(&[("a/z.js", ""), ("b/c.js", "")], expect!["c\nz"]);
        check(
            &[("a/same.js", ""), ("b/SAME.js", "")],
            expect![[r#"
            same
            TMP/b/SAME.js is not a plugin that can be loaded
            SAME.js: the id "SAME" is taken already by TMP/a/same.js
              help: remove one of the two, or give it another id"#]],
        );
    }

    #[test]
    fn a_plugin_that_is_named_twice_is_there_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("p/one")).unwrap();
        fs::write(at("p/good.js"), "").unwrap();
        fs::write(at("p/bad.plug"), "").unwrap();
        fs::write(at("p/one/main.js"), "").unwrap();
        fs::write(at("p/one/plughold.json"), r#"{"id": "one", "name": "One", "version": "1.0.0"}"#).unwrap();
        let all = ["p", "p/good.js", "p/../p", "p/bad.plug", "p/one/plughold.json"].map(at);
        let found = find(&all).unwrap();
        let ids = Vec::from_iter(found.packages.iter().map(|package| package.id.as_str()));
        assert_eq!((ids.as_slice(), found.problems.len()), (["good", "one"].as_slice(), 1));
        let dirs = named(&all);
        let alone = dirs.iter().filter(|dir| !is_within_another(dir, &dirs));
        assert_eq!(Vec::from_iter(alone), [&at("p")]);
        assert_eq!(find(&[at("p/one/plughold.json")]).unwrap().packages.len(), 1);
    }

    #[test]
    fn a_file_is_one_plugin() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("one.js");
        fs::write(&file, "").unwrap();
        assert_eq!(find(&[file]).unwrap().packages.len(), 1);
        let absent = folder.path().join("two.js");
        assert!(find(std::slice::from_ref(&absent)).unwrap_err().to_string().starts_with("cannot find "));
    }
}

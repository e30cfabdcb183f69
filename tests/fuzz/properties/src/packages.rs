//! What holds for everything that was opened as a package, or refused.

use crate::folder::Folder;
use plughold_package::problem::Severity;
use plughold_package::{ContentHash, Format, Package, Problem, Problems, limits, name};
use plughold_protocol::text::is_disruptive;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// What stands outside of every package, and in nothing that is read through one. It is another one for each input, so that
/// no input can hold its own: libFuzzer sees what is compared, and would write it into a package.
pub(crate) fn secret_of(input: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    format!("the secret of {:016x}", hasher.finish())
}

/// Names that lead out of a package, or somewhere else than they seem to.
const WAYS_OUT: [&str; 8] = [
    "../secret.js",
    "./../secret.js",
    "a/../../secret.js",
    "/etc/passwd",
    "out/secret.js",
    "link.js",
    "C:\\x",
    "main.js\0",
];

/// Files of a package that are read one by one: in a compressed archive each is found by unpacking all before it.
const READ: usize = 64;

/// Looks at what was opened at `path`. `text_of` gives the text of a file by the name that a problem has for it.
///
/// # Panics
///
/// If a promise is broken.
pub(crate) fn look_at(
    opened: &Result<Package, Problems>,
    secret: &str,
    text_of: impl Fn(&str) -> Option<String>,
) {
    match opened {
        Ok(package) => {
            assert!(package.warnings.iter().all(|warning| warning.severity == Severity::Warning));
            look_at_problems(&package.warnings, text_of);
            look_at_package(package, secret);
        }
        Err(problems) => {
            assert!(problems.items.iter().any(|problem| problem.severity == Severity::Error), "{problems}");
            look_at_problems(&problems.items, text_of);
        }
    }
}

/// Problems are few, can be shown on any terminal, and have a place inside of their file.
pub(crate) fn look_at_problems(problems: &[Problem], text_of: impl Fn(&str) -> Option<String>) {
    assert!(problems.len() <= limits::PROBLEMS + 1, "{} problems", problems.len());
    for problem in problems {
        // How they end is not ours to say: Haplo's and Hitchy's words quote a name as it stands.
        assert!(!problem.message.is_empty(), "{problem:?}");
        assert!(!problem.message.contains(is_disruptive), "{problem:?}");
        assert!(!problem.file.contains(is_disruptive), "{problem:?}");
        let help = problem.help.as_deref().unwrap_or_default();
        assert!(!help.contains(|found| is_disruptive(found) && found != '\n'), "{problem:?}");
        assert!(problem.column.is_none() || problem.line.is_some(), "a column without its line: {problem:?}");
        let Some(line) = problem.line else { continue };
        let Some(text) = text_of(&problem.file) else { continue };
        let line = text.split('\n').nth(line as usize - 1);
        let line = line.unwrap_or_else(|| panic!("the line is not in the file: {problem:?}"));
        let Some(column) = problem.column else { continue };
        // The place behind the last character is that of what is missing there.
        assert!((1..=line.chars().count() + 1).contains(&(column as usize)), "{problem:?} in {line:?}");
    }
}

/// A package shows no more than its own, in words that any terminal can show, and comes back when it is packed.
fn look_at_package(package: &Package, secret: &str) {
    for text in [&package.name, &package.version, &package.author] {
        assert!(text.len() <= limits::LINE && !text.contains(is_disruptive), "{package:?}");
    }
    assert!(package.description.len() <= limits::TEXT, "{package:?}");
    assert!(package.permissions.len() <= limits::LIST && package.dependencies.len() <= limits::LIST);
    for name in WAYS_OUT {
        if let Ok(bytes) = package.read(name) {
            assert!(!contains(&bytes, secret), "{name} of {package:?}");
        }
    }
    if let Ok(entry) = package.runs() {
        assert!(package.entry_source().is_ok(), "what can be started can be read: {entry:?}");
    }
    let (Ok(files), Ok(hash)) = (package.files(), package.content_hash()) else { return };
    for file in &files {
        assert_eq!(name::clean(file).as_ref(), Ok(file), "names have one form");
    }
    for file in files.iter().take(READ) {
        let bytes = package.read(file).expect("what is listed can be read");
        assert!(!contains(&bytes, secret), "{file} of {package:?}");
    }
    assert!(files.is_sorted(), "{files:?}");
    if package.format == Format::Native && package.root_dir().is_some() {
        look_at_packed(package, hash);
    }
}

/// A native folder that is packed is the same package.
fn look_at_packed(package: &Package, hash: ContentHash) {
    let packed = package.pack().expect("what was read whole can be packed");
    assert_eq!(package.pack().expect("again"), packed, "the same files give the same bytes");
    let folder = Folder::new();
    folder.write("packed.plug", &packed);
    let archive = Package::open(folder.path().join("packed.plug"));
    let archive = archive.unwrap_or_else(|problems| panic!("{problems}\n{package:?}"));
    assert_eq!(facts(&archive), facts(package));
    assert_eq!(archive.content_hash().ok(), Some(hash));
    look_at_unpacked(&archive, hash);
}

/// An archive that is unpacked is the same package, and nothing beside it.
pub(crate) fn look_at_unpacked(archive: &Package, hash: ContentHash) {
    let folder = Folder::new();
    let target = folder.path().join("inside");
    archive.unpack_into(&target).expect("what was checked can be unpacked");
    let beside = std::fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(beside, 1, "nothing is written beside the target");
    let names = all_files(&target);
    assert_eq!(archive.files().ok(), Some(names.clone()));
    for name in names.iter().take(READ) {
        let written = std::fs::read(target.join(name)).expect("a file");
        assert_eq!(archive.read(name).ok(), Some(written), "{name}");
    }
    // Names that begin with a dot, and what tools install, count in an archive and not in a folder.
    let is_left_out = |part: &str| part.starts_with('.') || part == "node_modules";
    // A folder with a manifest of ours is a package of ours, whatever else is in it, also where that is a folder itself.
    let is_ours = |name: &String| name.split('/').next() == Some("plughold.json");
    let is_other = archive.format != Format::Native && names.iter().any(is_ours);
    if !is_other && !names.iter().any(|name| name.split('/').any(is_left_out)) {
        let unpacked = Package::open(&target).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(unpacked.content_hash().ok(), Some(hash));
        assert_eq!(facts(&unpacked), facts(archive));
    }
}

fn all_files(root: &Path) -> Vec<String> {
    let (mut names, mut waiting) = (Vec::new(), vec![String::new()]);
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(root.join(&folder)).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("names are UTF-8");
            let name = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let kind = entry.file_type().expect("a kind");
            assert!(kind.is_dir() || kind.is_file(), "{name} is neither a file nor a folder");
            if kind.is_dir() { waiting.push(name) } else { names.push(name) }
        }
    }
    names.sort_unstable();
    names
}

/// What a manifest decides.
fn facts(package: &Package) -> String {
    let Package {
        id, name, version, description, author, format, permissions, dependencies, settings, ..
    } = package;
    let Package { activation, limits, requires, entry, warnings, .. } = package;
    format!(
        "{id:?} {name:?} {version:?} {description:?} {author:?} {format:?} {permissions:?} {dependencies:?} {settings:?} \
         {activation:?} {limits:?} {requires:?} {entry:?} {warnings:?}"
    )
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

//! Plughold's own format.
//!
//! A folder with a `plughold.json`, which may hold comments and trailing commas:
//!
//! ```json
//! {
//!   "id": "word-count",
//!   "name": "Word count",
//!   "version": "1.0.0",
//!   "description": "Counts the words of a note",
//!   "author": "Ada",
//!   "main": "main.js",
//!   "type": "module",
//!   "permissions": ["notes.read", { "name": "net.fetch", "reason": "to look up words" }],
//!   "dependencies": { "dictionary": "^1.2", "counter": "*" },
//!   "settings": { "loud": { "type": "boolean", "label": "Say everything" } },
//!   "limits": { "memory": "64 MiB" },
//!   "activation": "start",
//!   "plughold": ">=0.1"
//! }
//! ```
//!
//! A `.plug` archive is such a folder as a zip file.
//!
//! `dependencies` are other plugins by id with the versions that fit; they start before this one, which may use what they
//! export. `settings` are what users may change ([`Setting`]). `activation` says when the plugin is started: with the
//! application (`start`, the default), or when somebody needs it first (`needed`). `plughold` are the versions of Plughold
//! that it works with. `id`, `name` and `version` are required. `main` is by default the first that exists of `main.js`, `main.mjs` and
//! `index.js`.
//!
//! Or one script, with the same keys but `main` in a comment at its start (`/* plughold: { … } */`), all of them
//! optional: the id is by default the file's name without its extension.
//!
//! The code is a module if `type` says so or, without a `type`, if its name ends with `.mjs` or it holds `import`,
//! `export` or `await` at its top level (the exact rule stands at `of` in `syntax.rs`).

use std::path::Path;

use jsonc_parser::ast::Object;
use jsonc_parser::common::{Range, Ranged};
use semver::{Version, VersionReq};

use crate::archive::{Archive, Form};
use crate::document::{Dialect, Document, Fields};
use crate::id::{IdError, PackageId};
use crate::limits;
use crate::order::Dependency;
use crate::package::{Activation, Entry, EntryKind, Format, LimitsRequest, Package, Permission, Script};
use crate::problem::{Gathered, Problem, Problems, is_disruptive, is_disruptive_in_text, quoted};
use crate::read::{Contents, ReadError};
use crate::script;

mod entry;
mod requests;
mod schema;
mod settings;
#[cfg(test)]
mod tests;
mod values;

use entry::{entry, entry_kind, main};
use requests::{dependencies, limits_request, permissions};
pub use schema::MANIFEST_SCHEMA;
pub use settings::{Numbers, Setting, SettingKind};
pub use values::SettingError;

/// The manifest of a folder.
pub const MANIFEST: &str = "plughold.json";

const KEYS: [&str; 14] = [
    "id",
    "name",
    "version",
    "description",
    "author",
    "main",
    "type",
    "permissions",
    "dependencies",
    "settings",
    "limits",
    "activation",
    "plughold",
    "$schema",
];

pub(crate) fn open_folder(path: &Path) -> Result<Package, Problems> {
    let unreadable = |error: ReadError| error.problem(MANIFEST).alone(path);
    let contents = Contents::folder(path)
        .map_err(|source| unreadable(ReadError::Io { name: quoted(MANIFEST), source }))?;
    open_contents(path, contents)
}

pub(crate) fn open_archive(path: &Path) -> Result<Package, Problems> {
    let mut problems = Gathered::default();
    match Archive::open(path, Form::Zip, &mut problems) {
        Some(archive) => open_contents(path, Contents::Archive(archive)),
        None => Err(problems.into_problems(path)),
    }
}

fn open_contents(path: &Path, contents: Contents) -> Result<Package, Problems> {
    let unreadable = |error: ReadError| error.problem(MANIFEST).alone(path);
    let text = contents.read_text(MANIFEST, limits::MANIFEST).map_err(unreadable)?;
    let document = Document::whole(MANIFEST, &text);
    let object = document.object(Dialect::Commented).map_err(|problem| problem.alone(path))?;
    let mut problems = Gathered::default();
    let mut fields = Fields { document: &document, object: &object, problems: &mut problems };
    fields.only(&KEYS);
    for key in ["id", "name", "version"] {
        if fields.get(key).is_none() {
            fields.problem(object.range, format!("the key \"{key}\" is missing"));
        }
    }
    let manifest = Manifest::read(&mut fields);
    let main = main(&mut fields, &contents);
    let entry = main.and_then(|main| {
        let source = contents.read_text(&main, limits::FILE);
        match source {
            Ok(source) => Some(entry(main, manifest.kind, &source)),
            Err(error) => {
                problems.push(error.problem(main));
                None
            }
        }
    });
    match (manifest.id.clone(), manifest.name.clone(), entry) {
        (Some(id), Some(name), Some(entry)) if problems.is_empty() => {
            Ok(manifest.into_package(id, name, entry, path, contents))
        }
        _ => Err(problems.into_problems(path)),
    }
}

pub(crate) fn open_script(script: Script<'_>) -> Result<Package, Problems> {
    let Script { path, file, text, contents } = script;
    let mut problems = Gathered::default();
    let comment = script::native_comment(&text);
    let std::ops::Range { start, end } = comment.clone().unwrap_or(0..0);
    let document = Document { file: &file, text: &text, start, end };
    let object = match &comment {
        Some(_) => document.object(Dialect::Commented).map_err(|problem| problem.alone(path))?,
        None => Object { range: Range { start: 0, end: 0 }, properties: Vec::new() },
    };
    let mut fields = Fields { document: &document, object: &object, problems: &mut problems };
    fields.only(&KEYS);
    if let Some(main) = fields.get("main") {
        let message = "a plugin of one file is its own \"main\"";
        fields.problem_with_help(main.range(), message, "leave this key out");
    }
    let manifest = Manifest::read(&mut fields);
    let id = match (&manifest.id, fields.get("id")) {
        (None, None) => id_from_stem(path, &file, &mut problems),
        (id, _) => id.clone(),
    };
    let entry = entry(file.clone(), manifest.kind, &text);
    match id {
        Some(id) if problems.is_empty() => {
            let name = manifest.name.clone().unwrap_or_else(|| id.to_string());
            let package = manifest.into_package(id, name, entry, path, contents);
            Ok(Package { warnings: Vec::from_iter(near_miss(&file, &text, comment.is_some())), ..package })
        }
        _ => Err(problems.into_problems(path)),
    }
}

/// Tells of a comment that somebody took for a manifest.
fn near_miss(file: &str, text: &str, has_manifest: bool) -> Option<Problem> {
    let at = script::nearly_native_comment(text).filter(|_| !has_manifest)?;
    let document = Document { file, text, start: 0, end: text.len() };
    let problem = document.problem(at, "this comment is not read as a manifest");
    Some(problem.with_help("a manifest is written as /* plughold: { … } */").as_warning())
}

/// What both kinds of manifest say.
#[derive(Default)]
struct Manifest {
    id: Option<PackageId>,
    name: Option<String>,
    version: Option<String>,
    description: String,
    author: String,
    kind: Option<EntryKind>,
    permissions: Vec<Permission>,
    dependencies: Vec<Dependency>,
    settings: Vec<Setting>,
    limits: LimitsRequest,
    activation: Activation,
    requires: Option<VersionReq>,
}

impl Manifest {
    fn read(fields: &mut Fields<'_, '_>) -> Self {
        fields.text("$schema", limits::LINE);
        Self {
            id: parsed(fields, "id", PackageId::native),
            name: line(fields, "name"),
            version: parsed(fields, "version", version),
            description: text(fields, "description").unwrap_or_default(),
            author: line(fields, "author").unwrap_or_default(),
            kind: parsed(fields, "type", entry_kind),
            permissions: permissions(fields),
            dependencies: dependencies(fields),
            settings: settings::settings(fields),
            limits: limits_request(fields),
            activation: parsed(fields, "activation", activation).unwrap_or_default(),
            requires: parsed(fields, "plughold", requirement),
        }
    }

    fn into_package(
        self,
        id: PackageId,
        name: String,
        entry: Entry,
        path: &Path,
        contents: Contents,
    ) -> Package {
        Package {
            id,
            name,
            version: self.version.unwrap_or_else(|| "0.0.0".to_owned()),
            description: self.description,
            author: self.author,
            format: Format::Native,
            permissions: self.permissions,
            dependencies: self.dependencies,
            settings: self.settings,
            limits: self.limits,
            activation: self.activation,
            requires: self.requires,
            entry: Some(entry),
            source: path.to_owned(),
            joplin: None,
            haplo: None,
            hitchy: None,
            warnings: Vec::new(),
            contents,
        }
    }
}

/// The field as what `parse` makes of its text.
fn parsed<T, E: ToString>(
    fields: &mut Fields<'_, '_>,
    key: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Option<T> {
    let (text, range) = fields.text(key, limits::LINE)?;
    parse(&text).map_err(|error| fields.problem(range, error.to_string())).ok()
}

/// The field as text on one line, not empty.
fn line(fields: &mut Fields<'_, '_>, key: &str) -> Option<String> {
    let (text, range) = fields.text(key, limits::LINE)?;
    if text.trim().is_empty() {
        fields.problem(range, format!("\"{key}\" is empty"));
        return None;
    }
    printable(fields, key, text, range, is_disruptive)
}

/// The field as text of any number of lines.
fn text(fields: &mut Fields<'_, '_>, key: &str) -> Option<String> {
    let (text, range) = fields.text(key, limits::TEXT)?;
    printable(fields, key, text, range, is_disruptive_in_text)
}

fn printable(
    fields: &mut Fields<'_, '_>,
    key: &str,
    text: String,
    range: Range,
    refused: fn(char) -> bool,
) -> Option<String> {
    if text.contains(refused) {
        fields.problem(range, format!("\"{key}\" holds control characters: {}", quoted(&text)));
        return None;
    }
    Some(text)
}

fn version(text: &str) -> Result<String, String> {
    match Version::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!("expected a version such as \"1.0.0\", found {}: {error}", quoted(text))),
    }
}

fn requirement(text: &str) -> Result<VersionReq, String> {
    VersionReq::parse(text).map_err(|error| {
        format!("expected a range of versions such as \">=0.1\", found {}: {error}", quoted(text))
    })
}

fn activation(text: &str) -> Result<Activation, String> {
    match text {
        "start" => Ok(Activation::Start),
        "needed" => Ok(Activation::Needed),
        _ => Err(format!("\"activation\" must be \"start\" or \"needed\", found {}", quoted(text))),
    }
}

fn id_from_stem(path: &Path, file: &str, problems: &mut Gathered) -> Option<PackageId> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let tell = |error: IdError| {
        problems.push(
            Problem::new(file, format!("the file's name is no id: {error}"))
                .with_help("rename the file, or start it with /* plughold: { \"id\": \"…\" } */"),
        );
    };
    PackageId::native(&stem).map_err(tell).ok()
}

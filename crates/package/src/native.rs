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

use std::collections::HashSet;
use std::path::Path;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::{Range, Ranged};
use plughold_protocol::limits as protocol;
use semver::{Version, VersionReq};

use crate::archive::{Archive, Form};
use crate::document::{Dialect, Document, Fields, kind};
use crate::id::{IdError, PackageId};
use crate::limits;
use crate::order::Dependency;
use crate::package::{Activation, Entry, EntryKind, Format, LimitsRequest, Package, Permission, Script};
use crate::problem::{Gathered, Problem, Problems, is_disruptive, is_disruptive_in_text, quoted};
use crate::read::{Contents, ReadError};
use crate::scope::{Scope, ScopeError};
use crate::syntax::{self, Syntax};
use crate::{name, script, size};

mod schema;
mod settings;
#[cfg(test)]
mod tests;
mod values;

pub use schema::MANIFEST_SCHEMA;
pub use settings::{Numbers, Setting, SettingKind};
pub use values::SettingError;

/// The manifest of a folder.
pub const MANIFEST: &str = "plughold.json";

const MAINS: [&str; 3] = ["main.js", "main.mjs", "index.js"];

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

fn entry_kind(text: &str) -> Result<EntryKind, String> {
    match text {
        "module" => Ok(EntryKind::Module),
        "script" => Ok(EntryKind::Script),
        _ => Err(format!("\"type\" must be \"module\" or \"script\", found {}", quoted(text))),
    }
}

fn activation(text: &str) -> Result<Activation, String> {
    match text {
        "start" => Ok(Activation::Start),
        "needed" => Ok(Activation::Needed),
        _ => Err(format!("\"activation\" must be \"start\" or \"needed\", found {}", quoted(text))),
    }
}

fn permissions(fields: &mut Fields<'_, '_>) -> Vec<Permission> {
    let Some(list) = fields.list("permissions") else { return Vec::new() };
    let mut seen = HashSet::new();
    let mut permissions = Vec::new();
    for value in &list.elements {
        let Some(permission) = permission(fields, value) else { continue };
        if seen.insert(permission.name.clone()) {
            permissions.push(permission);
        } else {
            fields.problem(
                value.range(),
                format!("the permission \"{}\" is asked for a second time", permission.name),
            );
        }
    }
    permissions
}

fn permission(fields: &mut Fields<'_, '_>, value: &Value<'_>) -> Option<Permission> {
    let (name, reason) = match value {
        Value::StringLit(_) => (fields.as_text(value, "a permission", limits::PERMISSION)?, None),
        Value::Object(object) => {
            let mut fields = Fields { document: fields.document, object, problems: fields.problems };
            fields.only(&["name", "reason"]);
            if fields.get("name").is_none() {
                fields.problem(object.range, "a permission needs the key \"name\"");
            }
            let reason = text(&mut fields, "reason");
            (fields.text("name", limits::PERMISSION)?, reason)
        }
        other => {
            let message =
                format!("a permission is a string or an object with \"name\", found {}", kind(other));
            fields.problem(other.range(), message);
            return None;
        }
    };
    let (name, range) = name;
    match Scope::parse(&name) {
        Ok(_) => {}
        Err(ScopeError::Name) => {
            let words = format!("expected a permission such as \"notes.read\", found {}", quoted(&name));
            fields.problem(range, words);
            return None;
        }
        Err(error) => {
            fields.problem(range, format!("the permission {}: {error}", quoted(&name)));
            return None;
        }
    }
    Some(Permission::new(name, reason))
}

fn dependencies(fields: &mut Fields<'_, '_>) -> Vec<Dependency> {
    let object = match fields.get("dependencies") {
        None => return Vec::new(),
        Some(Value::Object(object)) => object,
        Some(other) => {
            fields
                .problem(other.range(), format!("\"dependencies\" must be an object, found {}", kind(other)));
            return Vec::new();
        }
    };
    let count = object.properties.len();
    if limits::LIST < count {
        let message = format!("\"dependencies\" has {count} keys, expected at most {}", limits::LIST);
        fields.problem(object.range, message);
        return Vec::new();
    }
    let own = fields.get("id").and_then(|value| value.as_string_lit()).map(|id| id.value.as_ref());
    let mut seen = HashSet::new();
    let mut dependencies = Vec::new();
    let mut fields = Fields { document: fields.document, object, problems: fields.problems };
    for property in &object.properties {
        let id = property.name.as_str();
        let problem = match PackageId::native(id) {
            Err(error) => Some(error.to_string()),
            Ok(_) if own == Some(id) => Some(format!("the plugin \"{id}\" needs itself")),
            Ok(id) if !seen.insert(id.clone()) => {
                Some(format!("the plugin \"{id}\" is needed a second time"))
            }
            Ok(id) => {
                let range = fields.as_text(&property.value, &format!("the range of \"{id}\""), limits::LINE);
                let range = range.and_then(|(text, at)| {
                    requirement(&text).map_err(|message| fields.problem(at, message)).ok()
                });
                dependencies.extend(range.map(|range| Dependency { id, range }));
                None
            }
        };
        match problem {
            Some(message) if id.contains(['@', '/']) => fields.problem_with_help(
                property.range,
                message,
                "\"dependencies\" are other plugins; packages of npm have to be bundled into the plugin's own code",
            ),
            Some(message) => fields.problem(property.range, message),
            None => {}
        }
    }
    dependencies
}

fn limits_request(fields: &mut Fields<'_, '_>) -> LimitsRequest {
    let object = match fields.get("limits") {
        None => return LimitsRequest::default(),
        Some(Value::Object(object)) => object,
        Some(other) => {
            fields.problem(other.range(), format!("\"limits\" must be an object, found {}", kind(other)));
            return LimitsRequest::default();
        }
    };
    let mut fields = Fields { document: fields.document, object, problems: fields.problems };
    fields.only(&["memory", "stack"]);
    LimitsRequest {
        memory: bytes(&mut fields, "memory", protocol::MEMORY_MIN, protocol::MEMORY_MAX),
        stack: bytes(&mut fields, "stack", limits::STACK_MIN, protocol::STACK_MAX),
    }
}

/// The field as a size: a number of bytes, or a text with a unit.
fn bytes(fields: &mut Fields<'_, '_>, key: &str, least: u64, most: u64) -> Option<u64> {
    let value = fields.get(key)?;
    let parsed = match value {
        Value::NumberLit(number) => number
            .value
            .parse::<u64>()
            .map_err(|_| format!("expected a whole number of bytes, found {}", quoted(number.value))),
        Value::StringLit(text) => size::parse(&text.value),
        other => {
            Err(format!("expected a size such as \"64 MiB\" or a number of bytes, found {}", kind(other)))
        }
    };
    let problem = match parsed {
        Ok(bytes) if bytes < least || most < bytes => {
            format!(
                "{} is out of range, expected {} to {}",
                size::show(bytes),
                size::show(least),
                size::show(most)
            )
        }
        Ok(bytes) => return Some(bytes),
        Err(message) => message,
    };
    fields.problem(value.range(), format!("\"{key}\": {problem}"));
    None
}

/// The clean name of the entry script, which exists.
fn main(fields: &mut Fields<'_, '_>, contents: &Contents) -> Option<String> {
    if fields.get("main").is_none() {
        let found = MAINS.into_iter().find(|name| contents.contains(name)).map(str::to_owned);
        if found.is_none() {
            let message = "the plugin has no code: expected a file main.js, main.mjs or index.js";
            fields.problem_with_help(
                fields.object.range,
                message,
                "or name another file with the key \"main\"",
            );
        }
        return found;
    }
    let (text, range) = fields.text("main", limits::PATH)?;
    let main =
        name::clean(&text).map_err(|error| fields.problem(range, format!("\"main\": {error}"))).ok()?;
    let extension = Path::new(&main).extension().unwrap_or_default().to_ascii_lowercase();
    if extension != "js" && extension != "mjs" {
        let message = format!("\"main\" must be a .js or .mjs file, found {}", quoted(&main));
        if extension == "ts" || extension == "tsx" || extension == "mts" {
            let help = "compile it to JavaScript first, and name the file that comes out";
            fields.problem_with_help(range, message, help);
        } else {
            fields.problem(range, message);
        }
        return None;
    }
    if !contents.contains(&main) {
        let message = format!("\"main\": the package holds no file {}", quoted(&main));
        match contents.in_other_case(&main) {
            Some(other) => fields.problem_with_help(
                range,
                message,
                format!("there is {}: upper and lower case are not the same", quoted(&other)),
            ),
            None => fields.problem(range, message),
        }
        return None;
    }
    Some(main)
}

fn entry(name: String, kind: Option<EntryKind>, source: &str) -> Entry {
    let is_mjs =
        || Path::new(&name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("mjs"));
    let told = || {
        if is_mjs() || syntax::of(source) == Syntax::Module { EntryKind::Module } else { EntryKind::Script }
    };
    let kind = kind.unwrap_or_else(told);
    Entry { name, kind }
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

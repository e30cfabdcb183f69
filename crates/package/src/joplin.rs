//! Joplin's format: a `.jpl` archive, a folder, or one script with its manifest in a comment.
//!
//! The rules are those of Joplin 3.6: what it loads is read here, and what it refuses is a problem. Its manifests are
//! strict JSON (a byte order mark is forgiven) in which unknown keys mean nothing; an empty text, zero, `false` and `null` count as absent. Screenshots
//! and the keys that a repository adds are not read.

use std::collections::BTreeMap;
use std::path::Path;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::{Range, Ranged};

use crate::archive::{Archive, Form};
use crate::document::{Dialect, Document, Fields, kind};
use crate::id::PackageId;
use crate::limits;
use crate::package::{Activation, Entry, EntryKind, Format, LimitsRequest, Package, Permission, Script};
use crate::problem::{Gathered, Problem, Problems, is_disruptive, is_disruptive_in_text, printable, quoted};
use crate::read::{Contents, ReadError};

mod compatible;
#[cfg(test)]
mod tests;

pub use compatible::{Incompatible, Platform};

/// The manifest of a folder or an archive.
pub const MANIFEST: &str = "manifest.json";

/// The entry script of a folder or an archive.
const MAIN: &str = "index.js";

/// The sizes of icons that Joplin knows, in pixels.
const ICON_SIZES: [u16; 4] = [16, 32, 48, 128];

/// What only Joplin's manifests say.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct JoplinManifest {
    /// The version of the manifest's format. Joplin takes every number but zero.
    pub manifest_version: f64,
    /// The oldest version of Joplin that the plugin works with.
    pub app_min_version: String,
    /// The same on mobile, if it differs.
    pub app_min_version_mobile: Option<String>,
    /// The platforms as declared. None at all means desktop; [`JoplinManifest::supports`] knows.
    pub platforms: Vec<String>,
    /// The plugin's page; may be empty.
    pub homepage_url: String,
    /// Where its source is; may be empty.
    pub repository_url: String,
    /// Words for a search.
    pub keywords: Vec<String>,
    /// Categories of the repository.
    pub categories: Vec<String>,
    /// Icons by their size in pixels, as the manifest names them: not checked to be files of the package.
    pub icons: BTreeMap<u16, String>,
}

/// Opens the folder that holds the manifest, which is `path` itself or its `dist`.
pub(crate) fn open_folder(path: &Path, folder: &Path) -> Result<Package, Problems> {
    match contents_of(path, folder) {
        Ok(contents) => open_contents(path, contents),
        Err(error) => Err(Problem::new(MANIFEST, error.message()).alone(path)),
    }
}

/// A `dist` that is a link out of the package is refused like any other link out of it.
fn contents_of(path: &Path, folder: &Path) -> Result<Contents, ReadError> {
    let open =
        |folder| Contents::folder(folder).map_err(|source| ReadError::Io { name: quoted(MANIFEST), source });
    let (whole, inner) = (open(path)?, open(folder)?);
    if inner.is_beneath(&whole) { Ok(inner) } else { Err(ReadError::Outside(quoted("dist"))) }
}

pub(crate) fn open_archive(path: &Path) -> Result<Package, Problems> {
    let mut problems = Gathered::default();
    match Archive::open(path, Form::Tar, &mut problems) {
        Some(archive) => open_contents(path, Contents::Archive(archive)),
        None => Err(problems.into_problems(path)),
    }
}

fn open_contents(path: &Path, contents: Contents) -> Result<Package, Problems> {
    let mut problems = Gathered::default();
    // The script is only seen to be there and to be text: Joplin's are always evaluated as scripts.
    if let Err(error) = contents.read_text(MAIN, limits::FILE) {
        let problem = error.problem(MAIN);
        problems.push(match error {
            ReadError::Absent(_) => problem.with_help("Joplin runs the file index.js beside the manifest"),
            _ => problem,
        });
    }
    let text = match contents.read_text(MANIFEST, limits::MANIFEST) {
        Ok(text) => text,
        Err(error) => {
            problems.push(error.problem(MANIFEST));
            return Err(problems.into_problems(path));
        }
    };
    let document = Document::whole(MANIFEST, &text);
    package(path, contents, &document, MAIN, problems)
}

pub(crate) fn open_script(script: Script<'_>, manifest: std::ops::Range<usize>) -> Result<Package, Problems> {
    let Script { path, file, text, contents } = script;
    let document = Document { file: &file, text: &text, start: manifest.start, end: manifest.end };
    package(path, contents, &document, &file, Gathered::default())
}

fn package(
    path: &Path,
    contents: Contents,
    document: &Document<'_>,
    main: &str,
    mut problems: Gathered,
) -> Result<Package, Problems> {
    let object = match document.object(Dialect::Strict) {
        Ok(object) => object,
        Err(problem) => {
            problems.push(problem);
            return Err(problems.into_problems(path));
        }
    };
    let mut manifest = Manifest { fields: Fields { document, object: &object, problems: &mut problems } };
    let id = manifest.id();
    let name = manifest.required("name");
    let version = manifest.required("version");
    let description = manifest.optional("description", limits::TEXT, is_disruptive_in_text);
    let author = manifest.line("author");
    let permissions = manifest.strings("permissions", Items::Unchecked);
    let joplin = JoplinManifest {
        manifest_version: manifest.manifest_version(),
        app_min_version: manifest.app_min_version("app_min_version", true),
        app_min_version_mobile: Some(manifest.app_min_version("app_min_version_mobile", false))
            .filter(|version| !version.is_empty()),
        platforms: manifest.strings("platforms", Items::Strings),
        homepage_url: manifest.line("homepage_url"),
        repository_url: manifest.line("repository_url"),
        keywords: manifest.strings("keywords", Items::Unchecked),
        categories: manifest.strings("categories", Items::Unchecked),
        icons: manifest.icons(),
    };
    let Some(id) = id.filter(|_| problems.is_empty()) else { return Err(problems.into_problems(path)) };
    Ok(Package {
        id,
        name,
        version,
        description,
        author,
        format: Format::Joplin,
        permissions: permissions.into_iter().map(|name| Permission::new(name, None)).collect(),
        dependencies: Vec::new(),
        settings: Vec::new(),
        activation: Activation::default(),
        limits: LimitsRequest::default(),
        requires: None,
        entry: Some(Entry { name: main.to_owned(), kind: EntryKind::Script }),
        source: path.to_owned(),
        joplin: Some(joplin),
        haplo: None,
        hitchy: None,
        warnings: Vec::new(),
        contents,
    })
}

/// What a list may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Items {
    /// Anything else than a text is a problem.
    Strings,
    /// Anything else than a text is left out: Joplin does not look at it.
    Unchecked,
}

/// Reads the fields by Joplin's rules.
struct Manifest<'d, 't> {
    fields: Fields<'d, 't>,
}

impl<'d, 't> Manifest<'d, 't> {
    /// The field, unless it counts as absent.
    fn get(&self, key: &str) -> Option<&'d Value<'t>> {
        self.fields.get(key).filter(|value| is_truthy(value))
    }

    fn id(&mut self) -> Option<PackageId> {
        let (text, range) = self.required_text("id")?;
        PackageId::joplin(&text).map_err(|error| self.fields.problem(range, error.to_string())).ok()
    }

    fn required(&mut self, key: &str) -> String {
        self.required_text(key).map(|(text, _)| printable(&text, is_disruptive)).unwrap_or_default()
    }

    fn required_text(&mut self, key: &str) -> Option<(String, Range)> {
        if self.get(key).is_none() {
            self.missing(key);
            return None;
        }
        self.fields.text(key, limits::LINE)
    }

    fn line(&mut self, key: &str) -> String {
        self.optional(key, limits::LINE, is_disruptive)
    }

    fn optional(&mut self, key: &str, longest: usize, refused: fn(char) -> bool) -> String {
        if self.get(key).is_none() {
            return String::new();
        }
        self.fields.text(key, longest).map(|(text, _)| printable(&text, refused)).unwrap_or_default()
    }

    fn manifest_version(&mut self) -> f64 {
        match self.get("manifest_version") {
            Some(Value::NumberLit(number)) => number.value.parse().unwrap_or_default(),
            Some(other) => {
                let message = format!("\"manifest_version\" must be a number, found {}", kind(other));
                self.fields.problem(other.range(), message);
                0.0
            }
            None => {
                self.missing("manifest_version");
                0.0
            }
        }
    }

    fn app_min_version(&mut self, key: &str, required: bool) -> String {
        if !required && self.get(key).is_none() {
            return String::new();
        }
        let Some((text, range)) = self.required_text(key) else { return String::new() };
        if compatible::parse(&text).is_none() {
            self.fields.problem(
                range,
                format!("\"{key}\": expected a version such as \"3.0\", found {}", quoted(&text)),
            );
        }
        text
    }

    fn strings(&mut self, key: &str, items: Items) -> Vec<String> {
        if self.get(key).is_none() {
            return Vec::new();
        }
        let Some(list) = self.fields.list(key) else { return Vec::new() };
        let mut strings = Vec::new();
        for value in &list.elements {
            if items == Items::Strings || matches!(value, Value::StringLit(_)) {
                let what = format!("an element of \"{key}\"");
                strings.extend(
                    self.fields
                        .as_text(value, &what, limits::LINE)
                        .map(|(text, _)| printable(&text, is_disruptive)),
                );
            }
        }
        strings
    }

    fn icons(&mut self) -> BTreeMap<u16, String> {
        let icons: Option<&Object<'_>> = self.get("icons").and_then(Value::as_object);
        let icon = |size: u16| Some((size, icons?.get_string(&size.to_string())?.value.to_string()));
        ICON_SIZES.into_iter().filter_map(icon).filter(|(_, path)| path.len() <= limits::PATH).collect()
    }

    fn missing(&mut self, key: &str) {
        self.fields.problem(self.fields.object.range, format!("the key \"{key}\" is missing or empty"));
    }
}

fn is_truthy(value: &Value<'_>) -> bool {
    match value {
        Value::StringLit(text) => !text.value.is_empty(),
        Value::NumberLit(number) => number.value.parse::<f64>().is_ok_and(|number| number != 0.0),
        Value::BooleanLit(boolean) => boolean.value,
        Value::NullKeyword(_) => false,
        Value::Object(_) | Value::Array(_) => true,
    }
}

//! `plugin.json`.
//!
//! Haplo looks at the keys in an order of its own and tells the first thing that is wrong. Here everything is told, in
//! that order, so that the first problem is Haplo's.

use crate::document::{Dialect, Document, Fields};
use crate::haplo::install::DEFAULT_PRIORITY;
use crate::haplo::paths;
use crate::limits;
use crate::problem::{Gathered, Problem};
use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::{Range, Ranged};

/// The manifest of a folder.
pub const MANIFEST: &str = "plugin.json";

/// What a Haplo plugin says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HaploManifest {
    /// `pluginName`: the plugin's name among plugins, and the name of its object in JavaScript.
    pub name: String,
    /// `restrictToApplicationId`: the only application that registers it.
    pub restrict_to_application: Option<i64>,
    /// `pluginAuthor`
    pub author: String,
    /// `pluginVersion`
    pub version: i64,
    /// `displayName`
    pub display_name: String,
    /// `displayDescription`
    pub display_description: String,
    /// `apiVersion`: 3 or 4.
    pub api_version: i64,
    /// `depend`: plugins that are installed with it.
    pub depend: Vec<String>,
    /// `loadPriority`: lower ones load first.
    pub load_priority: i64,
    /// `installSecret`: installing it takes a [licence key](crate::haplo::license) made with this.
    pub install_secret: Option<String>,
    /// `locals`: names in every file, each with the property path below the plugin that it stands for, in order.
    pub locals: Vec<(String, String)>,
    /// `load`: files of JavaScript, in order.
    pub load: Vec<String>,
    /// `use`: features of the platform.
    pub features: Vec<String>,
    /// `respond`: roots of the requests that it answers.
    pub respond: Vec<String>,
    /// `privilegesRequired`
    pub privileges: Vec<String>,
    /// `allowAnonymousRequests`
    pub allows_anonymous: bool,
}

/// The type of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Text,
    Integer,
    Texts,
    Files,
    Locals,
    Flag,
}

/// Every key, in the order in which Haplo looks at them: its name, its type, whether it has to be there.
const KEYS: [(&str, Type, bool); 16] = [
    ("pluginName", Type::Text, true),
    ("restrictToApplicationId", Type::Integer, false),
    ("pluginAuthor", Type::Text, true),
    ("pluginVersion", Type::Integer, true),
    ("displayName", Type::Text, true),
    ("displayDescription", Type::Text, true),
    ("apiVersion", Type::Integer, true),
    ("depend", Type::Texts, false),
    ("loadPriority", Type::Integer, false),
    ("installSecret", Type::Text, false),
    ("locals", Type::Locals, false),
    ("load", Type::Files, true),
    ("use", Type::Texts, false),
    ("respond", Type::Texts, false),
    ("privilegesRequired", Type::Texts, false),
    ("allowAnonymousRequests", Type::Flag, false),
];

/// The oldest and the newest version of the API that is understood.
const API_VERSIONS: (i64, i64) = (3, 4);

/// The first version in which names of the schema are given to every file.
const SCHEMA_NAMES_SINCE: i64 = 4;

/// Names of the schema, which a local may not take.
const SCHEMA_NAMES: [&str; 6] = ["T", "A", "AA", "Q", "Label", "Group"];

/// Reads a manifest.
///
/// # Errors
///
/// Everything that is wrong with it, in the order in which Haplo looks: the first is the one that Haplo tells, in its
/// words.
pub fn read(text: &str) -> Result<HaploManifest, Vec<Problem>> {
    let document = Document::whole(MANIFEST, text);
    let object = match document.object(Dialect::Strict) {
        Ok(object) => object,
        Err(problem) if problem.message.starts_with("expected an object") => {
            return Err(vec![Problem { message: "Top level isn't a Hash".to_owned(), ..problem }]);
        }
        Err(problem) => return Err(vec![problem]),
    };
    let mut problems = Gathered::default();
    let mut fields = Fields { document: &document, object: &object, problems: &mut problems };
    let manifest = Reading { fields: &mut fields, object: &object }.read();
    if problems.is_empty() { Ok(manifest) } else { Err(problems.into_items()) }
}

struct Reading<'r, 'f, 't> {
    fields: &'r mut Fields<'f, 't>,
    object: &'f Object<'t>,
}

impl<'f, 't> Reading<'_, 'f, 't> {
    fn read(mut self) -> HaploManifest {
        let known: Vec<&str> = KEYS.iter().map(|(key, ..)| *key).collect();
        self.fields.only_in_words(&known, |key| format!("Unknown key {key}"));
        let mut manifest = HaploManifest { load_priority: DEFAULT_PRIORITY, ..HaploManifest::default() };
        for (key, expected, is_required) in KEYS {
            match self.fields.get(key) {
                Some(value) => self.take(key, expected, value, &mut manifest),
                None if is_required => {
                    self.fields.problem(self.object.range, format!("{key} is not present"));
                }
                None => {}
            }
        }
        self.check_locals(&manifest);
        manifest
    }

    fn take(&mut self, key: &str, expected: Type, value: &'f Value<'t>, manifest: &mut HaploManifest) {
        match (expected, value) {
            (Type::Text, Value::StringLit(_)) => {
                if let Some((text, _)) = self.fields.as_text(value, key, limits::TEXT) {
                    match key {
                        "pluginName" => manifest.name = text,
                        "pluginAuthor" => manifest.author = text,
                        "displayName" => manifest.display_name = text,
                        "displayDescription" => manifest.display_description = text,
                        _ => manifest.install_secret = Some(text),
                    }
                }
            }
            (Type::Integer, Value::NumberLit(number)) if is_integer(number.value) => {
                match number.value.parse() {
                    Ok(number) => self.integer(key, number, value.range(), manifest),
                    Err(_) => self.fields.problem(value.range(), format!("{key} is too large a number")),
                }
            }
            (Type::Texts | Type::Files, Value::Array(_)) => {
                let texts = self.texts(key, expected);
                match key {
                    "depend" => manifest.depend = texts,
                    "load" => manifest.load = texts,
                    "use" => manifest.features = texts,
                    "respond" => manifest.respond = texts,
                    _ => manifest.privileges = texts,
                }
            }
            (Type::Locals, Value::Object(locals)) => manifest.locals = self.locals(locals),
            (Type::Flag, Value::BooleanLit(flag)) => manifest.allows_anonymous = flag.value,
            (Type::Flag, other) => {
                self.fields.problem(other.range(), format!("{key} should be true or false"));
            }
            (expected, other) => {
                let message =
                    format!("{key} should be a {}, but was a {}", class_of(expected), class_of_value(other));
                self.fields.problem(other.range(), message);
            }
        }
    }

    fn integer(&mut self, key: &str, number: i64, at: Range, manifest: &mut HaploManifest) {
        match key {
            "restrictToApplicationId" => manifest.restrict_to_application = Some(number),
            "pluginVersion" => manifest.version = number,
            "loadPriority" => manifest.load_priority = number,
            _ => {
                manifest.api_version = number;
                let (oldest, newest) = API_VERSIONS;
                let when = match number {
                    number if number < oldest => "past",
                    number if newest < number => "future",
                    _ => return,
                };
                self.fields.problem_with_help(
                    at,
                    format!("Plugin requires a {when} apiVersion not implemented by this platform version"),
                    format!("write {newest}"),
                );
            }
        }
    }

    fn texts(&mut self, key: &str, expected: Type) -> Vec<String> {
        let Some(array) = self.fields.list(key) else { return Vec::new() };
        let mut texts = Vec::new();
        for element in &array.elements {
            let Value::StringLit(text) = element else {
                let message = format!("in {key}, value {} is not a String", self.source(element.range()));
                self.fields.problem(element.range(), message);
                continue;
            };
            if expected == Type::Files && !paths::is_bundled_name(&text.value) {
                self.fields.problem_with_help(
                    text.range,
                    format!("in {key}, filename {} is not valid", text.value),
                    "a file is named like js/folder/name.js: letters, digits, _ and -, and one dot",
                );
                continue;
            }
            texts.push(text.value.to_string());
        }
        texts
    }

    fn locals(&mut self, locals: &Object<'t>) -> Vec<(String, String)> {
        let mut read = Vec::new();
        for local in locals.properties.iter().take(limits::LIST) {
            let name = local.name.as_str();
            match &local.value {
                Value::StringLit(path) if is_local(name) && is_property_path(&path.value) => {
                    read.push((name.to_owned(), path.value.to_string()));
                }
                _ => self.fields.problem(local.range, format!("in locals, invalid entry {name}")),
            }
        }
        read
    }

    fn check_locals(&mut self, manifest: &HaploManifest) {
        if manifest.api_version < SCHEMA_NAMES_SINCE {
            return;
        }
        let at = self.fields.get("locals").map_or(self.object.range, Ranged::range);
        for (name, _) in manifest.locals.iter().filter(|(name, _)| SCHEMA_NAMES.contains(&name.as_str())) {
            let message = format!("in locals, using a local named {name} conflicts with schema names");
            self.fields.problem(at, message);
        }
    }

    /// A value as it stands in the text.
    fn source(&self, range: Range) -> &'t str {
        let (text, start) = (self.fields.document.text, self.fields.document.start);
        text.get(start + range.start..start + range.end).unwrap_or_default()
    }
}

fn is_integer(number: &str) -> bool {
    number.bytes().all(|c| c.is_ascii_digit() || c == b'-')
}

/// `[a-zA-Z][a-zA-Z0-9_]*`
fn is_local(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
}

/// `[a-zA-Z][a-zA-Z0-9_.]*`
fn is_property_path(path: &str) -> bool {
    path.starts_with(|c: char| c.is_ascii_alphabetic())
        && path.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.'))
}

/// Haplo's name for a type.
fn class_of(expected: Type) -> &'static str {
    match expected {
        Type::Text => "String",
        Type::Integer => "Integer",
        Type::Texts | Type::Files => "Array",
        Type::Locals => "Hash",
        Type::Flag => "TrueClass",
    }
}

fn class_of_value(value: &Value<'_>) -> &'static str {
    match value {
        Value::StringLit(_) => "String",
        Value::NumberLit(number) if is_integer(number.value) => "Integer",
        Value::NumberLit(_) => "Float",
        Value::BooleanLit(flag) if flag.value => "TrueClass",
        Value::BooleanLit(_) => "FalseClass",
        Value::Object(_) => "Hash",
        Value::Array(_) => "Array",
        Value::NullKeyword(_) => "NilClass",
    }
}

//! One plugin: a folder with a beacon, as a package.

use crate::document::{Dialect, Document, kind};
use crate::hitchy::beacon::{self, BEACON, Beacon};
use crate::id::PackageId;
use crate::limits;
use crate::name;
use crate::package::{Activation, Entry, EntryKind, Format, LimitsRequest, Package};
use crate::problem::{
    Gathered, Problem, Problems, file_name, is_disruptive, is_disruptive_in_text, printable, quoted,
};
use crate::read::{Contents, ReadError};
use jsonc_parser::ast::{Object, Value as Node};
use jsonc_parser::common::Ranged;
use serde_json::Value;
use std::path::Path;

/// What npm knows of the plugin.
const PACKAGE: &str = "package.json";

/// The script of a package that names no other.
const MAIN: &str = "index.js";

/// Opens the folder at `path`.
pub(crate) fn open_folder(path: &Path) -> Result<Package, Problems> {
    let unreadable = |error: ReadError| error.problem(BEACON).alone(path);
    let contents = Contents::folder(path)
        .map_err(|source| unreadable(ReadError::Io { name: quoted(BEACON), source }))?;
    let text = contents.read_text(BEACON, limits::MANIFEST).map_err(unreadable)?;
    let folder = folder_name(path, &contents);
    let (mut errors, mut warnings) = (Gathered::default(), Gathered::default());
    let beacon = read_beacon(&text, &folder, &mut errors, &mut warnings);
    let npm = read_npm(&contents, &mut errors);
    let main = main(&contents, &npm, &mut errors);
    let id = PackageId::native(&folder);
    if let Err(error) = &id {
        let problem = Problem::new(BEACON, format!("the folder's name is no id: {error}"));
        errors.push(problem.with_help("rename the folder: Hitchy takes its name for the plugin's"));
    }
    let (Some(beacon), Some(main), Ok(id)) = (beacon, main, id) else {
        return Err(errors.into_problems(path));
    };
    if !errors.is_empty() {
        return Err(errors.into_problems(path));
    }
    let line = |value: Option<&Value>| short(value, limits::LINE, is_disruptive);
    let author = npm.get("author").map(|author| author.get("name").unwrap_or(author));
    Ok(Package {
        name: line(beacon.meta.get("name")).unwrap_or_else(|| id.to_string()),
        id,
        version: line(npm.get("version")).unwrap_or_else(|| "0.0.0".to_owned()),
        description: short(npm.get("description"), limits::TEXT, is_disruptive_in_text).unwrap_or_default(),
        author: line(author).unwrap_or_default(),
        format: Format::Hitchy,
        permissions: Vec::new(),
        dependencies: Vec::new(),
        settings: Vec::new(),
        activation: Activation::default(),
        limits: LimitsRequest::default(),
        requires: None,
        // Node evaluates it as a CommonJS module.
        entry: Some(Entry { name: main, kind: EntryKind::Script }),
        source: path.to_owned(),
        joplin: None,
        haplo: None,
        hitchy: Some(beacon),
        warnings: warnings.into_items(),
        contents,
    })
}

/// Tells whether a folder with a beacon has code to be loaded.
pub(crate) fn has_code(path: &Path) -> bool {
    let Ok(contents) = Contents::folder(path) else { return false };
    let mut errors = Gathered::default();
    let npm = read_npm(&contents, &mut errors);
    main(&contents, &npm, &mut errors).is_some()
}

/// The text of the code that is loaded first, if it can be read.
pub(crate) fn code(path: &Path) -> Option<String> {
    let contents = Contents::folder(path).ok()?;
    let mut errors = Gathered::default();
    let npm = read_npm(&contents, &mut errors);
    contents.read_text(&main(&contents, &npm, &mut errors)?, limits::FILE).ok()
}

/// The folder's name, also if its path says "here" only.
fn folder_name(path: &Path, contents: &Contents) -> String {
    match (path.file_name(), contents) {
        (None, Contents::Folder { root }) => file_name(root),
        _ => file_name(path),
    }
}

fn read_beacon(text: &str, folder: &str, errors: &mut Gathered, warnings: &mut Gathered) -> Option<Beacon> {
    let document = Document::whole(BEACON, text);
    let parsed = if text.trim_start_matches('\u{feff}').trim().is_empty() {
        None
    } else {
        Some(document.object(Dialect::Strict))
    };
    let Some(beacon) = beacon::read(text, folder) else {
        let problem = match parsed {
            Some(Err(problem)) => problem,
            _ => Problem::new(BEACON, "it is no JSON that Hitchy understands"),
        };
        errors.push(problem.with_help("Hitchy leaves such a plugin out and says nothing"));
        return None;
    };
    match parsed {
        Some(Ok(object)) => doubts(&document, &object, warnings),
        Some(Err(problem)) => {
            warnings.push(problem.with_help("Hitchy takes it for a beacon that says nothing").as_warning());
        }
        None => {}
    }
    Some(beacon)
}

/// What Hitchy takes and nobody means.
fn doubts(document: &Document<'_>, object: &Object<'_>, warnings: &mut Gathered) {
    let mut tell = |value: &Node<'_>, message: String, help: &str| {
        warnings.push(document.problem(value.start(), message).with_help(help).as_warning());
    };
    for property in &object.properties {
        let (key, value) = (property.name.as_str(), &property.value);
        match (key, value) {
            ("role", Node::StringLit(role)) if !role.value.is_empty() => {}
            ("role", other) => {
                let found = if matches!(other, Node::StringLit(_)) { "an empty one" } else { kind(other) };
                let message = format!("\"role\" must be a string that is not empty, found {found}");
                tell(other, message, "the role is the folder's name now; leave the key out if that is meant");
            }
            ("dependencies" | "dependants", Node::Array(array)) => {
                for element in array.elements.iter().filter(|element| !matches!(element, Node::StringLit(_)))
                {
                    let message = format!("an element of \"{key}\" must be a role, found {}", kind(element));
                    tell(element, message, "a role is a string");
                }
            }
            ("dependencies" | "dependants", Node::StringLit(_) | Node::NullKeyword(_)) => {}
            ("dependencies" | "dependants", other) => {
                let message = format!("\"{key}\" must be an array of roles, found {}", kind(other));
                tell(other, message, "a role is a string");
            }
            (
                "depencencies" | "dependency" | "dependents" | "dependant" | "depends" | "dependencys",
                other,
            ) => {
                let meant =
                    if key.contains("nts") || key == "dependant" { "dependants" } else { "dependencies" };
                let message = format!("Hitchy does not know the key {}", quoted(key));
                tell(other, message, &format!("did you mean \"{meant}\"?"));
            }
            _ => {}
        }
    }
}

/// `package.json`, where there is one.
fn read_npm(contents: &Contents, errors: &mut Gathered) -> Value {
    let text = match contents.read_text(PACKAGE, limits::MANIFEST) {
        Ok(text) => text,
        Err(ReadError::Absent(_)) => return Value::Null,
        Err(error) => {
            errors.push(error.problem(PACKAGE));
            return Value::Null;
        }
    };
    let document = Document::whole(PACKAGE, &text);
    match (document.object(Dialect::Strict), serde_json::from_str(text.trim_start_matches('\u{feff}'))) {
        (Ok(_), Ok(npm)) => npm,
        (Err(problem), _) => {
            errors.push(problem);
            Value::Null
        }
        (Ok(_), Err(error)) => {
            errors.push(Problem::new(PACKAGE, error.to_string()));
            Value::Null
        }
    }
}

/// The clean name of what `require` loads from the folder, as Node finds it.
fn main(contents: &Contents, npm: &Value, errors: &mut Gathered) -> Option<String> {
    let named = npm.get("main").and_then(Value::as_str).filter(|main| !main.is_empty());
    let endings = ["", ".js", ".json", "/index.js"];
    let candidates = named
        .into_iter()
        .flat_map(|main| endings.map(|ending| format!("{}{ending}", main.trim_end_matches('/'))))
        .chain([MAIN.to_owned()]);
    let found = candidates.filter_map(|name| name::clean(&name).ok()).find(|name| contents.contains(name));
    if found.is_none() {
        let problem = match named {
            Some(main) => {
                Problem::new(PACKAGE, format!("\"main\": the package holds no file {}", quoted(main)))
            }
            None => Problem::new(BEACON, format!("the plugin has no code: expected a file {MAIN}")),
        };
        errors.push(problem.with_help("or name another file with the key \"main\" in package.json"));
    }
    found
}

/// A text of a manifest that is not too long; no other value is one.
fn short(value: Option<&Value>, longest: usize, refused: fn(char) -> bool) -> Option<String> {
    let text = value?.as_str().filter(|text| !text.is_empty() && text.len() <= longest)?;
    Some(printable(text, refused))
}

#[cfg(test)]
mod tests {
    use crate::testing::Folder;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: Expect) {
        let folder = Folder::new(&[]);
        files.iter().for_each(|(name, text)| folder.write(&format!("plug/{name}"), text.as_bytes()));
        folder.check("plug", expected);
    }

    #[test]
    fn good_plugins() {
        check(
            &[("hitchy.json", ""), ("index.js", "")],
            expect![[r#"
            hitchy plug 0.0.0 "plug" "" "" Script index.js
            role plug after [] before []"#]],
        );
        check(
            &[
                (
                    "hitchy.json",
                    r#"{"role": "db", "name": "Data", "dependencies": "core", "dependants": ["web"], "own": 1}"#,
                ),
                (
                    "package.json",
                    r#"{"main": "./lib", "version": "1.2.0-x", "description": "keeps\u001b", "author": {"name": "Ann"}}"#,
                ),
                ("lib/index.js", ""),
            ],
            expect![[r#"
                hitchy plug 1.2.0-x "Data" "keeps " "Ann" Script lib/index.js
                role db after [String("core")] before [String("web")]"#]],
        );
    }

    #[test]
    fn what_hitchy_takes_and_nobody_means() {
        check(
            &[("hitchy.json", "[1]"), ("index.js", "")],
            expect![[r#"
            hitchy plug 0.0.0 "plug" "" "" Script index.js
            role plug after [] before []
            warning: hitchy.json:1:1: expected an object, found an array
              help: Hitchy takes it for a beacon that says nothing"#]],
        );
        check(
            &[
                (
                    "hitchy.json",
                    "{\"role\": \"\",\n\"dependencies\": [1, \"a\"],\n\"dependants\": 7, \"dependents\": []}",
                ),
                ("index.js", ""),
            ],
            expect![[r#"
                hitchy plug 0.0.0 "plug" "" "" Script index.js
                role plug after [Number(1), String("a")] before [Number(7)]
                warning: hitchy.json:1:10: "role" must be a string that is not empty, found an empty one
                  help: the role is the folder's name now; leave the key out if that is meant
                warning: hitchy.json:2:18: an element of "dependencies" must be a role, found a number
                  help: a role is a string
                warning: hitchy.json:3:15: "dependants" must be an array of roles, found a number
                  help: a role is a string
                warning: hitchy.json:3:32: Hitchy does not know the key "dependents"
                  help: did you mean "dependants"?"#]],
        );
    }

    #[test]
    fn bad_plugins() {
        check(
            &[("hitchy.json", "{\"role\": }"), ("package.json", "{]")],
            expect![[r#"
            DIR/plug is not a plugin that can be loaded
            hitchy.json: the plugin has no code: expected a file index.js
              help: or name another file with the key "main" in package.json
            package.json:1:2: unexpected token in object
            hitchy.json:1:10: unexpected close brace
              help: Hitchy leaves such a plugin out and says nothing"#]],
        );
        check(
            &[("hitchy.json", "null"), ("package.json", "{\"main\": \"../x.js\"}")],
            expect![[r#"
            DIR/plug is not a plugin that can be loaded
            package.json: "main": the package holds no file "../x.js"
              help: or name another file with the key "main" in package.json
            hitchy.json:1:1: expected an object, found null
              help: Hitchy leaves such a plugin out and says nothing"#]],
        );
        let folder = Folder::new(&[("a b/hitchy.json", ""), ("a b/index.js", "")]);
        folder.check("a b", expect![[r#"
            DIR/a b is not a plugin that can be loaded
            hitchy.json: the folder's name is no id: the id "a b" holds " ", expected only letters, digits, ".", "_" and "-" of ASCII
              help: rename the folder: Hitchy takes its name for the plugin's"#]]);
    }
}

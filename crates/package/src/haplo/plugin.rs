//! A folder with a `plugin.json`, and everything in it that says something about the plugin.
//!
//! What would stop Haplo from registering the plugin, or from running any plugin at all, is an error. What it takes in
//! silence and no author means is a warning.

use crate::document::{Dialect, Document, meant};
use crate::haplo::manifest::{self, HaploManifest, MANIFEST};
use crate::haplo::paths;
use crate::haplo::requirements::{self, Requirements};
use crate::id::PackageId;
use crate::limits;
use crate::package::{Activation, Format, LimitsRequest, Package, Permission};
use crate::problem::{Gathered, Problem, Problems, is_disruptive, is_disruptive_in_text, printable, quoted};
use crate::read::{Contents, ReadError};
use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The file that is run instead of the statement which makes the plugin's object.
pub const GLOBAL: &str = "global.js";

/// The file whose content the version begins with.
const VERSION: &str = "version";

/// What stands in its place.
const NO_VERSION: &str = "UNKNOWN";

/// What only Haplo's plugins say.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HaploPlugin {
    /// `plugin.json`
    pub manifest: HaploManifest,
    /// What tells this state of the plugin from others: the content of its file `version`, or `UNKNOWN`, a dash, and
    /// `pluginVersion`. Haplo loads a plugin anew when this changes.
    pub version: String,
    /// Whether it has a [`GLOBAL`].
    pub has_global: bool,
    /// What it needs of the application's schema, if it has a `requirements.schema`.
    pub requirements: Option<Requirements>,
}

/// Opens the folder at `path`.
pub(crate) fn open_folder(path: &Path) -> Result<Package, Problems> {
    let unreadable = |error: ReadError| error.problem(MANIFEST).alone(path);
    let contents = Contents::folder(path)
        .map_err(|source| unreadable(ReadError::Io { name: quoted(MANIFEST), source }))?;
    let text = contents.read_text(MANIFEST, limits::MANIFEST).map_err(unreadable)?;
    let manifest = manifest::read(&text).map_err(|items| {
        let mut problems = Gathered::default();
        items.into_iter().for_each(|problem| problems.push(problem));
        problems.into_problems(path)
    })?;
    let mut look =
        Look { contents: &contents, text: &text, errors: Gathered::default(), warnings: Gathered::default() };
    let id = look.id(&manifest.name);
    look.load(&manifest.load);
    look.locals(&manifest);
    look.roots(&manifest.respond);
    look.privileges(&manifest.privileges);
    look.folders(&manifest.load);
    let version = look.version(manifest.version);
    let requirements = look.requirements(&manifest.name);
    let Look { mut errors, warnings, .. } = look;
    let Some(id) = id.filter(|_| errors.is_empty()) else {
        warnings.into_items().into_iter().for_each(|warning| errors.push(warning));
        return Err(errors.into_problems(path));
    };
    let line = |text: &str| printable(text, is_disruptive);
    let privileges = manifest.privileges.iter().map(|name| Permission::new(line(name), None));
    Ok(Package {
        id,
        name: line(&manifest.display_name),
        version: manifest.version.to_string(),
        description: printable(&manifest.display_description, is_disruptive_in_text),
        author: line(&manifest.author),
        format: Format::Haplo,
        permissions: privileges.collect(),
        dependencies: Vec::new(),
        settings: Vec::new(),
        activation: Activation::default(),
        limits: LimitsRequest::default(),
        requires: None,
        entry: None,
        source: path.to_owned(),
        joplin: None,
        hitchy: None,
        warnings: warnings.into_items(),
        haplo: Some(HaploPlugin { version, has_global: contents.contains(GLOBAL), requirements, manifest }),
        contents,
    })
}

/// A problem at a key of the manifest, or at the element of its list that is this text.
pub(crate) fn problem_at(
    text: &str,
    key: &str,
    element: Option<&str>,
    message: impl Into<String>,
) -> Problem {
    let document = Document::whole(MANIFEST, text);
    let place = document.object(Dialect::Strict).ok().and_then(|object| {
        let value = object.properties.iter().rev().find(|property| property.name.as_str() == key);
        let property = value?;
        let found = element.and_then(|element| match &property.value {
            Value::Array(array) => array
                .elements
                .iter()
                .rev()
                .find(|value| matches!(value, Value::StringLit(text) if text.value == element))
                .map(Ranged::range),
            Value::Object(object) => {
                object.properties.iter().find(|property| property.name.as_str() == element).map(Ranged::range)
            }
            _ => None,
        });
        Some(found.unwrap_or_else(|| property.value.range()).start)
    });
    document.problem(place.unwrap_or_default(), message)
}

/// What is looked at, and what was found to be wrong.
struct Look<'l> {
    contents: &'l Contents,
    /// The text of the manifest.
    text: &'l str,
    errors: Gathered,
    warnings: Gathered,
}

impl Look<'_> {
    fn error(&mut self, key: &str, element: Option<&str>, message: impl Into<String>, help: &str) {
        self.errors.push(problem_at(self.text, key, element, message).with_help(help));
    }

    fn warning(&mut self, key: &str, element: Option<&str>, message: impl Into<String>, help: &str) {
        if !self.warnings.is_full() {
            let problem = problem_at(self.text, key, element, message).with_help(help);
            self.warnings.push(problem.as_warning());
        }
    }

    fn id(&mut self, name: &str) -> Option<PackageId> {
        const HELP: &str = "choose a name such as my_plugin";
        match PackageId::haplo(name) {
            Err(error) => self.error("pluginName", None, error.to_string(), HELP),
            Ok(_) if RESERVED.contains(&name) => {
                let message =
                    format!("{} is a word of JavaScript, so no variable has it as its name", quoted(name));
                self.error("pluginName", None, message, HELP);
            }
            Ok(id) => return Some(id),
        }
        None
    }

    fn load(&mut self, load: &[String]) {
        let mut seen = BTreeSet::new();
        for file in load {
            if !seen.insert(file) {
                let message = format!("the file {} is loaded a second time", quoted(file));
                self.warning("load", Some(file), message, "remove one of the two");
            } else if !self.contents.contains(file) {
                let message = format!("the package holds no file {}", quoted(file));
                let help = match self.contents.in_other_case(file) {
                    Some(other) => {
                        format!("there is {}: upper and lower case are not the same", quoted(&other))
                    }
                    None => "names are relative to the folder of plugin.json, as js/NAME.js".to_owned(),
                };
                self.error("load", Some(file), message, &help);
            }
        }
    }

    /// Haplo writes locals as the parameters of a function.
    fn locals(&mut self, manifest: &HaploManifest) {
        for (name, _) in &manifest.locals {
            if name == "P" || RESERVED.contains(&name.as_str()) {
                let why = if name == "P" { "the plugin itself" } else { "a word of JavaScript" };
                let message = format!("the local {} is {why}", quoted(name));
                self.warning("locals", Some(name), message, "give it another name");
            }
        }
    }

    fn roots(&mut self, roots: &[String]) {
        let mut seen = BTreeSet::new();
        for root in roots {
            if let Err(message) = paths::check_root(root) {
                self.error("respond", Some(root), message, "expected /do/NAME or /api/NAME");
            } else if !seen.insert(root) {
                let message = format!("the root {} stands here a second time", quoted(root));
                self.warning("respond", Some(root), message, "remove one of the two");
            }
        }
    }

    fn privileges(&mut self, privileges: &[String]) {
        for name in privileges.iter().filter(|name| !PRIVILEGES.contains(&name.as_str())) {
            if let Some(meant) = meant(name, &PRIVILEGES) {
                let message = format!("{} is no privilege of the platform", quoted(name));
                self.warning(
                    "privilegesRequired",
                    Some(name),
                    message,
                    &format!("did you mean \"{meant}\"?"),
                );
            }
        }
    }

    /// Files that nothing can reach, and scripts that never run.
    fn folders(&mut self, load: &[String]) {
        let Contents::Folder { root } = self.contents else { return };
        let mut left = limits::ENTRIES;
        for folder in ["static", "file"] {
            let prefix = format!("{folder}/");
            for name in files(root, folder, &mut left) {
                let inner = name.strip_prefix(&prefix).unwrap_or(&name);
                if !paths::is_bundled_name(inner) && !self.warnings.is_full() {
                    let message = "nothing can reach this file by its name";
                    let help = "a name has letters, digits, _ and -, and exactly one dot";
                    self.warnings.push(Problem::new(name, message).with_help(help).as_warning());
                }
            }
        }
        for name in files(root, "js", &mut left) {
            let is_script = Path::new(&name).extension().is_some_and(|extension| extension == "js");
            if is_script && !load.contains(&name) && !self.warnings.is_full() {
                let message = "this script never runs: plugin.json does not load it";
                let help = "add it to \"load\" in plugin.json, or remove it";
                self.warnings.push(Problem::new(name, message).with_help(help).as_warning());
            }
        }
    }

    fn version(&mut self, number: i64) -> String {
        let content = match self.contents.read_text(VERSION, limits::LINE as u64) {
            Ok(text) => printable(text.trim(), is_disruptive),
            Err(ReadError::Absent(_)) => NO_VERSION.to_owned(),
            Err(error) => {
                self.warnings.push(error.problem(VERSION).as_warning());
                NO_VERSION.to_owned()
            }
        };
        format!("{content}-{number}")
    }

    fn requirements(&mut self, plugin: &str) -> Option<Requirements> {
        let text = match self.contents.read_text(requirements::FILE, limits::MANIFEST) {
            Ok(text) => text,
            Err(ReadError::Absent(_)) => return None,
            Err(error) => {
                self.errors.push(error.problem(requirements::FILE));
                return None;
            }
        };
        let (requirements, problems) = requirements::parse(plugin, &text);
        problems.into_iter().for_each(|problem| self.errors.push(problem));
        for warning in requirements.doubts() {
            self.warnings.push(warning);
        }
        Some(requirements)
    }
}

/// The files below a folder of the package by their names, in order; `left` is how many entries may be looked at still.
/// Links are not followed.
fn files(root: &Path, folder: &str, left: &mut usize) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        let Ok(entries) = fs::read_dir(root.join(&folder)) else { continue };
        for entry in entries.flatten() {
            let Some(fewer) = left.checked_sub(1) else { return found };
            *left = fewer;
            let last = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            let name = format!("{folder}/{last}");
            if last.starts_with('.') {
                continue;
            } else if kind.is_dir() && depth < limits::PATH_DEPTH {
                waiting.push((name, depth + 1));
            } else if kind.is_file() {
                found.insert(name);
            }
        }
    }
    found
}

/// Privileges that the platform asks for.
const PRIVILEGES: [&str; 24] = [
    "pDatabase",
    "pDatabaseDynamicTable",
    "pSendEmail",
    "pBackgroundProcessing",
    "pHTTPClient",
    "pKeychainRead",
    "pKeychainReadSecret",
    "pFileTransformPipeline",
    "pUserModifyTags",
    "pSetUserLocaleId",
    "pSetLoggedInUser",
    "pUserSetRef",
    "pCreateUser",
    "pUserSetDetails",
    "pUserActivation",
    "pUserPasswordRecovery",
    "pUserCreateAPIKey",
    "pSetupSystem",
    "pRetentionErase",
    "pCopyFilesBetweenApplications",
    "pReportHealthEvent",
    "pMessageBusRemote",
    "pRemoteCollaborationService",
    "pStartOAuth",
];

/// Words that a sloppy script cannot have as names of variables.
const RESERVED: [&str; 37] = [
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "new",
    "null",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "undefined",
];

#[cfg(test)]
mod tests {
    use crate::testing::Folder;
    use expect_test::{Expect, expect};

    /// A folder with this manifest, to which the required keys are added.
    #[track_caller]
    fn check(keys: &str, files: &[(&str, &str)], expected: Expect) {
        let manifest = format!(
            "{{\"pluginName\": \"my_plugin\", \"pluginAuthor\": \"Ann\", \"pluginVersion\": 7, \"displayName\": \"Mine\",\n\
             \"displayDescription\": \"Does it\", \"apiVersion\": 4,\n{keys}}}"
        );
        let folder = Folder::new(&[("p/plugin.json", &manifest)]);
        files.iter().for_each(|(name, text)| folder.write(&format!("p/{name}"), text.as_bytes()));
        folder.check("p", expected);
    }

    #[test]
    fn a_good_plugin() {
        check(
            r#""load": ["js/b.js", "js/a.js"], "respond": ["/do/x"], "privilegesRequired": ["pDatabase", "pOwn"]"#,
            &[
                ("js/a.js", ""),
                ("js/b.js", ""),
                ("version", "abc\n"),
                ("static/x.css", ""),
                ("file/form/a_b.json", ""),
                ("static/.hidden", ""),
                ("js/notes.txt", ""),
            ],
            expect![[r#"
                haplo my_plugin 7 "Mine" "Does it" "Ann" no entry
                loads ["js/b.js", "js/a.js"] as abc-7
                asks pDatabase None
                asks pOwn None"#]],
        );
        check(
            r#""load": []"#,
            &[],
            expect![[r#"
                haplo my_plugin 7 "Mine" "Does it" "Ann" no entry
                loads [] as UNKNOWN-7"#]],
        );
    }

    #[test]
    fn what_nobody_means_is_a_warning() {
        check(
            r#""load": ["js/a.js", "js/a.js"], "locals": {"P": "x", "class": "y"}, "respond": ["/do/x", "/do/x"],
"privilegesRequired": ["pDatabse"]"#,
            &[("js/a.js", ""), ("js/other/b.js", ""), ("static/a.b.js", ""), ("file/no dot", "")],
            expect![[r#"
                haplo my_plugin 7 "Mine" "Does it" "Ann" no entry
                loads ["js/a.js", "js/a.js"] as UNKNOWN-7
                asks pDatabse None
                warning: plugin.json:3:21: the file "js/a.js" is loaded a second time
                  help: remove one of the two
                warning: plugin.json:3:44: the local "P" is the plugin itself
                  help: give it another name
                warning: plugin.json:3:54: the local "class" is a word of JavaScript
                  help: give it another name
                warning: plugin.json:3:90: the root "/do/x" stands here a second time
                  help: remove one of the two
                warning: plugin.json:4:24: "pDatabse" is no privilege of the platform
                  help: did you mean "pDatabase"?
                warning: static/a.b.js: nothing can reach this file by its name
                  help: a name has letters, digits, _ and -, and exactly one dot
                warning: file/no dot: nothing can reach this file by its name
                  help: a name has letters, digits, _ and -, and exactly one dot
                warning: js/other/b.js: this script never runs: plugin.json does not load it
                  help: add it to "load" in plugin.json, or remove it"#]],
        );
    }

    #[test]
    fn what_would_stop_everything_is_an_error() {
        check(
            r#""load": ["js/a.js", "js/absent.js"], "respond": ["/do/x/y"]"#,
            &[("js/a.js", ""), ("requirements.schema", "type a:b\n  title\n"), ("static/a.b.c", "")],
            expect![[r#"
                DIR/p is not a plugin that can be loaded
                static/a.b.c: nothing can reach this file by its name
                  help: a name has letters, digits, _ and -, and exactly one dot
                requirements.schema:2:3: my_plugin line 2: title
                  help: expected a key and a value, as in "title: Book"
                plugin.json:3:21: the package holds no file "js/absent.js"
                  help: names are relative to the folder of plugin.json, as js/NAME.js
                plugin.json:3:50: Bad plugin respond path /do/x/y
                  help: expected /do/NAME or /api/NAME"#]],
        );
        let named = |name: &str| {
            let folder = Folder::new(&[(
                "plugin.json",
                &format!(
                    r#"{{"pluginName": "{name}", "pluginAuthor": "", "pluginVersion": 1, "displayName": "", "displayDescription": "", "apiVersion": 4, "load": []}}"#
                ),
            )]);
            crate::Package::open(folder.path()).unwrap_err().items[0].to_string()
        };
        expect![[r#"
            plugin.json:1:16: "new" is a word of JavaScript, so no variable has it as its name
              help: choose a name such as my_plugin
            plugin.json:1:16: the id "a-b" holds "-" where the name of a variable cannot, expected letters, digits and "_"
              help: choose a name such as my_plugin
            plugin.json:1:16: the id "" has 0 bytes, expected 1 to 128
              help: choose a name such as my_plugin"#]].assert_eq(&[named("new"), named("a-b"), named("")].join("\n"));
    }
}

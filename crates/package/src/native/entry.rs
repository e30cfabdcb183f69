//! The code that a manifest names, and how it is evaluated.

use std::path::Path;

use crate::content::is_left_out;
use crate::document::Fields;
use crate::package::{Entry, EntryKind};
use crate::problem::quoted;
use crate::read::Contents;
use crate::syntax::{self, Syntax};
use crate::{limits, name};

/// What `main` is by default: the first of these that exists.
const MAINS: [&str; 3] = ["main.js", "main.mjs", "index.js"];

/// The clean name of the entry script, which exists.
pub(super) fn main(fields: &mut Fields<'_, '_>, contents: &Contents) -> Option<String> {
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
    if main.split('/').any(is_left_out) {
        // It would run here, and be missing once the folder is packed.
        let message = format!("\"main\": {} is none of the package's files", quoted(&main));
        let help =
            "what begins with a dot and what lies in node_modules is not packed: put the code elsewhere";
        fields.problem_with_help(range, message, help);
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

/// The code as it is run: as `kind` if the manifest has one, and as it looks to be if not.
pub(super) fn entry(name: String, kind: Option<EntryKind>, source: &str) -> Entry {
    let is_mjs =
        || Path::new(&name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("mjs"));
    let told = || {
        if is_mjs() || syntax::of(source) == Syntax::Module { EntryKind::Module } else { EntryKind::Script }
    };
    let kind = kind.unwrap_or_else(told);
    Entry { name, kind }
}

/// What the key `type` says.
pub(super) fn entry_kind(text: &str) -> Result<EntryKind, String> {
    match text {
        "module" => Ok(EntryKind::Module),
        "script" => Ok(EntryKind::Script),
        _ => Err(format!("\"type\" must be \"module\" or \"script\", found {}", quoted(text))),
    }
}

//! `--set ID.KEY=JSON`: settings of plugins on the command line.

use crate::exit::Exit;
use crate::failure::{Failure, caution};
use crate::suggest::nearest;
use crate::text;
use plughold::{Json, Package, PluginId, Setting};

/// One setting of one plugin.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Set {
    /// The plugin's id, a dot and the setting's key. Both may have dots of their own.
    name: String,
    value: Json,
}

impl Set {
    /// Reads `words.limit=10`.
    pub(crate) fn parse(text: &str) -> Result<Set, String> {
        let (name, value) = text
            .split_once('=')
            .filter(|(name, _)| name.contains('.'))
            .ok_or_else(|| "expected ID.KEY=JSON, such as words.limit=10".to_owned())?;
        let value = serde_json::from_str(value).map(Json);
        let value = value.map_err(|error| {
            let quoted = serde_json::Value::from(text.split_once('=').map_or("", |(_, value)| value));
            format!("the value is not JSON: {error}; a text needs its own quotes: '{name}={quoted}'")
        })?;
        Ok(Set { name: name.to_owned(), value })
    }
}

/// What the command line says of a setting; of several values the last.
pub(crate) fn value(all: &[Set], plugin: &PluginId, setting: &Setting) -> Option<Json> {
    let name = name(plugin, setting);
    all.iter().rev().find(|set| set.name == name).map(|set| set.value.clone())
}

/// Tells of what no plugin has as a setting.
pub(crate) fn warn_of_unknown(all: &[Set], packages: &[Package]) {
    let known =
        packages.iter().flat_map(|package| package.settings.iter().map(|setting| name(&package.id, setting)));
    let known = Vec::from_iter(known);
    for set in all.iter().filter(|set| !known.contains(&set.name)) {
        let what = format!("--set {}: no plugin has this setting", text::line(&set.name));
        let detail =
            if known.is_empty() { "none has one".to_owned() } else { format!("known: {}", known.join(", ")) };
        let meant = nearest(&set.name, known.iter().map(String::as_str));
        let failure = Failure::new(Exit::NotFound, what).with_detail(detail);
        caution(&failure.with_help_if(meant.map(|meant| format!("did you mean {meant}?"))));
    }
}

fn name(plugin: &PluginId, setting: &Setting) -> String {
    format!("{plugin}.{}", setting.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_a_name_and_json() {
        let check = |text: &str, expected: Result<(&str, serde_json::Value), &str>| {
            let read = Set::parse(text);
            let expected = expected.map(|(name, value)| Set { name: name.to_owned(), value: Json(value) });
            assert_eq!(read, expected.map_err(str::to_owned), "{text}");
        };
        check("words.limit=10", Ok(("words.limit", 10.into())));
        check("org.example.words.a.b=\"x=y\"", Ok(("org.example.words.a.b", "x=y".into())));
        let shape = "expected ID.KEY=JSON, such as words.limit=10";
        for wrong in ["words", "words.limit", "limit=10", "=1"] {
            check(wrong, Err(shape));
        }
        let words = "the value is not JSON: expected value at line 1 column 1; a text needs its own quotes: \
                     'words.name=\"Ann\"'";
        check("words.name=Ann", Err(words));
    }
}

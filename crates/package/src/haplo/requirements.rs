//! `requirements.schema`: what a plugin needs of the application's schema.
//!
//! ```text
//! # objects, each with what it needs below it
//! type example:type:book as Book
//!     title: Book
//!     search-name: book
//!     attribute dc:attribute:title
//!     REMOVE attribute std:attribute:notes
//!     attribute dc:attribute:author [sort=200]
//! OPTIONAL group example:group:readers as Readers
//!     title: Readers
//! ```
//!
//! [`parse`] reads one file, [`merge`] puts the files of all plugins together and `rules` knows which kinds of objects have
//! which keys. What becomes of an object then is the business of whoever has such objects.

mod merge;
mod rules;

pub use merge::{Merged, MergedObject, merge};
pub use rules::{Kind, Many};

use crate::problem::{Gathered, Problem, quoted};

/// The file in a plugin's folder.
pub const FILE: &str = "requirements.schema";

/// The place of a value that says none. Lower ones come first.
pub const SORT: u64 = 10_000;

/// The kind whose entries other objects take over.
const TEMPLATE: &str = "schema-template";

/// The key with which they do.
const APPLY: &str = "apply-schema-template";

/// What one file says, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requirements {
    /// The objects. One may stand there several times.
    pub objects: Vec<Object>,
}

/// An object that a plugin needs, or speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Object {
    /// The line, from 1.
    pub line: u32,
    /// Whether it is only wanted if another plugin needs it.
    pub is_optional: bool,
    /// Its kind, as `type`; [`Kind`] knows those that there are.
    pub kind: String,
    /// Its name for all plugins, as `std:type:book`.
    pub code: String,
    /// Its name in the plugin's own files, as in `T.Book`.
    pub name: Option<String>,
    /// What it should be.
    pub entries: Vec<Entry>,
}

/// One line about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is to become of the value.
    pub action: Action,
    /// What it is a value of, as `title`.
    pub key: String,
    /// The value.
    pub value: String,
}

/// What is to become of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It should be there, at this place among its like: lower ones come first.
    Require(u64),
    /// It should go unless a plugin requires it.
    Remove,
    /// It should go.
    ForceRemove,
}

/// Reads the file of a plugin. What cannot be understood is a problem in Haplo's words and is left out; nothing that is
/// installed would be changed then.
pub fn parse(plugin: &str, text: &str) -> (Requirements, Vec<Problem>) {
    let mut requirements = Requirements::default();
    let mut problems = Gathered::default();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let entry = if line.starts_with(char::is_whitespace) { entry(number, line) } else { None };
        match (entry, requirements.objects.last_mut()) {
            (Some(entry), Some(object)) => object.entries.push(entry),
            (None, _) if !line.starts_with(char::is_whitespace) && object(number, line).is_some() => {
                requirements.objects.extend(object(number, line));
            }
            (entry, _) => {
                let help = match (&entry, line.starts_with(char::is_whitespace)) {
                    (Some(_), _) => {
                        "a line that begins with a space says something of the object above, and there is none"
                    }
                    (None, true) => "expected a key and a value, as in \"title: Book\"",
                    (None, false) => "expected a kind and a code, as in \"type example:type:book as Book\"",
                };
                let message = format!("{plugin} line {number}: {content}");
                problems.push(at(number, line, message).with_help(help));
            }
        }
    }
    (requirements, problems.into_items())
}

impl Requirements {
    /// What is most likely wrong with the file, whatever other plugins say: kinds and keys that are not known here.
    pub(crate) fn doubts(&self) -> Vec<Problem> {
        let mut doubts = Gathered::default();
        for object in &self.objects {
            if object.kind == TEMPLATE {
                continue;
            }
            let Some(kind) = Kind::of(&object.kind) else {
                let message = format!("Unknown kind '{}'", object.kind);
                doubts.push(with_guess(at(object.line, "", message), &object.kind, &Kind::names()));
                continue;
            };
            let Some(keys) = kind.keys(&object.code) else {
                let message = format!("Unknown requirement for {} {}", object.kind, object.code);
                doubts.push(with_guess(at(object.line, "", message), &object.code, &rules::FEATURES));
                continue;
            };
            for entry in object.entries.iter().filter(|entry| entry.key != APPLY) {
                if entry.value.is_empty() {
                    let message = format!("the value of '{}' is empty", entry.key);
                    doubts.push(at_entry(entry, message).with_help("write a value, or remove the line"));
                }
                let is_entry_of_navigation = object.code == rules::NAVIGATION && entry.key == "entry";
                if !keys.iter().any(|(key, _)| *key == entry.key) {
                    let message = format!("Unknown key '{}' for '{}'", entry.key, object.code);
                    let keys: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
                    doubts.push(with_guess(at_entry(entry, message), &entry.key, &keys));
                } else if is_entry_of_navigation && !rules::is_navigation(&entry.value) {
                    let message = format!("Bad navigation entry '{}'", entry.value);
                    doubts.push(at_entry(entry, message).with_help("expected: plugin NAME"));
                }
            }
        }
        doubts.into_items().into_iter().map(Problem::as_warning).collect()
    }
}

/// `[OPTIONAL ]KIND CODE [as NAME]`
fn object(number: u32, line: &str) -> Option<Object> {
    let read = |line: &str, is_optional| {
        let (kind, rest) = line.split_once(char::is_whitespace)?;
        let words: Vec<&str> = rest.split_whitespace().take(4).collect();
        let (code, name) = match words.as_slice() {
            [code] => (*code, None),
            [code, "as", name] => (*code, Some(*name)),
            _ => return None,
        };
        let is_code = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '-');
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_good = !kind.is_empty()
            && code.chars().all(is_code)
            && name.is_none_or(|name| name.chars().all(is_name));
        is_good.then(|| Object {
            line: number,
            is_optional,
            kind: kind.to_owned(),
            code: code.to_owned(),
            name: name.map(str::to_owned),
            entries: Vec::new(),
        })
    };
    line.strip_prefix("OPTIONAL ").and_then(|line| read(line, true)).or_else(|| read(line, false))
}

/// `[FORCE-][REMOVE ]KEY[:] VALUE [[sort=N]]`
fn entry(number: u32, line: &str) -> Option<Entry> {
    let content = line.trim_start();
    let read = |content: &str, removal: Option<Action>| {
        let (key, rest) = content.trim_start().split_once(char::is_whitespace)?;
        let key = key.strip_suffix(':').filter(|key| !key.is_empty()).unwrap_or(key);
        let rest = rest.trim();
        let (value, sort) = match sort_of(rest) {
            Some((value, sort)) if !value.is_empty() => (value, sort),
            _ => (rest, SORT),
        };
        // A key with nothing but a space behind it has an empty value.
        Some(Entry {
            line: number,
            column: indent(line),
            action: removal.unwrap_or(Action::Require(sort)),
            key: key.to_owned(),
            value: value.to_owned(),
        })
    };
    let removal = [("FORCE-REMOVE", Action::ForceRemove), ("REMOVE", Action::Remove)].into_iter().find_map(
        |(word, action)| {
            let rest = content.strip_prefix(word)?;
            rest.starts_with(char::is_whitespace).then(|| read(rest, Some(action))).flatten()
        },
    );
    removal.or_else(|| read(content, None))
}

/// What stands before `[sort=N]` at the end, and the number.
fn sort_of(text: &str) -> Option<(&str, u64)> {
    let (value, digits) = text.strip_suffix(']')?.rsplit_once("[sort=")?;
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| (value.trim_end(), digits.parse().unwrap_or(u64::MAX)))
}

/// A problem at the first character of a line that is no space.
fn at(line: u32, text: &str, message: String) -> Problem {
    Problem { line: Some(line), column: Some(indent(text)), ..Problem::new(FILE, message) }
}

fn at_entry(entry: &Entry, message: String) -> Problem {
    Problem { column: Some(entry.column), ..at(entry.line, "", message) }
}

/// The column of the first character that is no space.
fn indent(line: &str) -> u32 {
    let spaces = line.chars().take_while(|c| c.is_whitespace()).count();
    u32::try_from(spaces + 1).unwrap_or(u32::MAX)
}

fn with_guess(problem: Problem, found: &str, known: &[&str]) -> Problem {
    match crate::document::meant(found, known) {
        Some(meant) => problem.with_help(format!("did you mean {}?", quoted(meant))),
        None => problem.with_help(format!("known here are {}", known.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    /// What is read, one line for each object and each entry, and then what is wrong.
    #[track_caller]
    fn check(text: &str, expected: Expect) {
        let (requirements, problems) = parse("plug", text);
        let mut shown = String::new();
        for object in &requirements.objects {
            let Object { line, is_optional, kind, code, name, entries } = object;
            let optional = if *is_optional { " optional" } else { "" };
            shown += &format!("{line}{optional} {kind} {code} {}\n", name.as_deref().unwrap_or("-"));
            for Entry { line, action, key, value, .. } in entries {
                shown += &format!("{line}   {action:?} {key} = {value}\n");
            }
        }
        for problem in problems.iter().chain(&requirements.doubts()) {
            shown += &format!("{problem}\n");
        }
        expected.assert_eq(&shown);
    }

    #[test]
    fn lines() {
        check(
            "# all\n\ntype a:type:b-1 as B_1\n  title: A b [sort=7]\n\tsearch-name:  a  b \n  REMOVE attribute x:y\n  FORCE-REMOVE attribute:  x:z\nOPTIONAL group a:g\n  title T\n",
            expect![[r#"
                3 type a:type:b-1 B_1
                4   Require(7) title = A b
                5   Require(10000) search-name = a  b
                6   Remove attribute = x:y
                7   ForceRemove attribute = x:z
                8 optional group a:g -
                9   Require(10000) title = T
            "#]],
        );
        check(
            "type a:b\n  search-name: \n  element: x {\"a\":[1]} [sort=99999999999999999999]\n  title [sort=1]\n  REMOVE title\n  title REMOVE\n",
            expect![[r#"
                1 type a:b -
                2   Require(10000) search-name = 
                3   Require(18446744073709551615) element = x {"a":[1]}
                4   Require(10000) title = [sort=1]
                5   Require(10000) REMOVE = title
                6   Require(10000) title = REMOVE
                requirements.schema:2:3: the value of 'search-name' is empty
                  help: write a value, or remove the line
                requirements.schema:5:3: Unknown key 'REMOVE' for 'a:b'
                  help: known here are title, parent-type, search-name, behaviour, annotation, attribute, attribute-hide, attribute-descriptive, relevancy, render-type, render-icon, render-category, label-base, label-applicable, label-default, label-attribute, element, term-inclusion, default-subtype, create-show-subtype, create-position
            "#]],
        );
    }

    #[test]
    fn what_is_not_understood() {
        check(
            "  title: x\ntype\ntype a b\ntype a as\ntype ä\n  no-value\ntype a:b as B c\n",
            expect![[r#"
            requirements.schema:1:3: plug line 1: title: x
              help: a line that begins with a space says something of the object above, and there is none
            requirements.schema:2:1: plug line 2: type
              help: expected a kind and a code, as in "type example:type:book as Book"
            requirements.schema:3:1: plug line 3: type a b
              help: expected a kind and a code, as in "type example:type:book as Book"
            requirements.schema:4:1: plug line 4: type a as
              help: expected a kind and a code, as in "type example:type:book as Book"
            requirements.schema:5:1: plug line 5: type ä
              help: expected a kind and a code, as in "type example:type:book as Book"
            requirements.schema:6:3: plug line 6: no-value
              help: expected a key and a value, as in "title: Book"
            requirements.schema:7:1: plug line 7: type a:b as B c
              help: expected a kind and a code, as in "type example:type:book as Book"
        "#]],
        );
        check(
            "tpye a:b\n  title: x\ntype a:b\n  titel: x\n  attribute: y\nfeature std:navigaton\nfeature std:navigation\n  entry plug x\n  entry plugin a:b\n",
            expect![[r#"
                1 tpye a:b -
                2   Require(10000) title = x
                3 type a:b -
                4   Require(10000) titel = x
                5   Require(10000) attribute = y
                6 feature std:navigaton -
                7 feature std:navigation -
                8   Require(10000) entry = plug x
                9   Require(10000) entry = plugin a:b
                requirements.schema:1:1: Unknown kind 'tpye'
                  help: did you mean "type"?
                requirements.schema:4:3: Unknown key 'titel' for 'a:b'
                  help: did you mean "title"?
                requirements.schema:6:1: Unknown requirement for feature std:navigaton
                  help: did you mean "std:navigation"?
                requirements.schema:8:3: Bad navigation entry 'plug x'
                  help: expected: plugin NAME
            "#]],
        );
        check(
            "schema-template a:t\n  anything: x\n",
            expect![[r#"
            1 schema-template a:t -
            2   Require(10000) anything = x
        "#]],
        );
    }
}

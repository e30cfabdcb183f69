//! JSON with positions: every problem of a manifest is told with its line and column.

use std::collections::HashSet;

use jsonc_parser::ast::{Array, Object, ObjectProp, Value};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::limits;
use crate::problem::{Gathered, Problem, quoted};
use plughold_protocol::spelling::distance;

/// A JSON text, which may be a part of a file: a comment in a script.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document<'t> {
    /// The file's name for problems.
    pub(crate) file: &'t str,
    /// The whole file: lines are counted from its start.
    pub(crate) text: &'t str,
    /// Where in `text` the JSON starts, in bytes.
    pub(crate) start: usize,
    /// Where in `text` the JSON ends, in bytes.
    pub(crate) end: usize,
}

/// What is taken for JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// JSON as the standard has it.
    Strict,
    /// With comments and trailing commas: what people write by hand.
    Commented,
}

impl<'t> Document<'t> {
    /// A file that is nothing but JSON. A byte order mark at its start is ignored.
    pub(crate) fn whole(file: &'t str, text: &'t str) -> Self {
        let start = text.len() - text.trim_start_matches('\u{feff}').len();
        Self { file, text, start, end: text.len() }
    }

    /// Parses the one object that the text has to be.
    pub(crate) fn object(&self, dialect: Dialect) -> Result<Object<'t>, Problem> {
        let json = self.text.get(self.start..self.end).unwrap_or_default();
        if limits::MANIFEST < json.len() as u64 {
            return Err(self
                .problem(0, format!("the manifest is longer than {}", crate::size::show(limits::MANIFEST))));
        }
        if let Some(at) = too_deep(json) {
            return Err(self.problem(at, format!("nested deeper than {} levels", limits::JSON_DEPTH)));
        }
        let parsed = parse_to_ast(json, &CollectOptions::default(), &options(dialect)).map_err(|error| {
            let message = error.kind().to_string();
            let mut characters = message.chars();
            let first = characters.next().map(|first| first.to_ascii_lowercase());
            let at = error.range().start;
            let problem = self.problem(at, first.into_iter().chain(characters).collect::<String>());
            match advice(json, at) {
                Some(advice) => problem.with_help(advice),
                None => problem,
            }
        })?;
        match parsed.value {
            Some(Value::Object(object)) => Ok(object),
            Some(other) => {
                Err(self.problem(other.start(), format!("expected an object, found {}", kind(&other))))
            }
            None => Err(self.problem(0, "expected an object, found nothing").with_help(JSON)),
        }
    }

    /// A problem at a byte of the JSON.
    pub(crate) fn problem(&self, at: usize, message: impl Into<String>) -> Problem {
        let before = self.text.get(..self.start.saturating_add(at)).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = 1 + before.bytes().filter(|byte| *byte == b'\n').count();
        let column =
            1 + before.get(line_start..).unwrap_or_default().trim_start_matches('\u{feff}').chars().count();
        Problem {
            line: u32::try_from(line).ok(),
            column: u32::try_from(column).ok(),
            ..Problem::new(self.file, message)
        }
    }
}

/// Reads the fields of one object; what is wrong goes to `problems` and reads as absent.
pub(crate) struct Fields<'d, 't> {
    pub(crate) document: &'d Document<'t>,
    pub(crate) object: &'d Object<'t>,
    pub(crate) problems: &'d mut Gathered,
}

impl<'d, 't> Fields<'d, 't> {
    /// The field's value. Of two with one name the last is taken, as `JSON.parse` does.
    pub(crate) fn get(&self, key: &str) -> Option<&'d Value<'t>> {
        self.object
            .properties
            .iter()
            .rev()
            .find(|property| name(property) == key)
            .map(|property| &property.value)
    }

    /// Tells a problem at a place of the document.
    pub(crate) fn problem(&mut self, at: Range, message: impl Into<String>) {
        if !self.problems.is_full() {
            self.problems.push(self.document.problem(at.start, message));
        }
    }

    /// Tells a problem with advice.
    pub(crate) fn problem_with_help(
        &mut self,
        at: Range,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if !self.problems.is_full() {
            self.problems.push(self.document.problem(at.start, message).with_help(help));
        }
    }

    /// The field as a text of at most `longest` bytes.
    pub(crate) fn text(&mut self, key: &str, longest: usize) -> Option<(String, Range)> {
        let value = self.get(key)?;
        self.as_text(value, &format!("\"{key}\""), longest)
    }

    /// A value as a text of at most `longest` bytes; `what` names it in messages.
    pub(crate) fn as_text(
        &mut self,
        value: &Value<'_>,
        what: &str,
        longest: usize,
    ) -> Option<(String, Range)> {
        let Value::StringLit(text) = value else {
            self.problem(value.range(), format!("{what} must be a string, found {}", kind(value)));
            return None;
        };
        if longest < text.value.len() {
            self.problem(
                text.range,
                format!("{what} has {} bytes, expected at most {longest}", text.value.len()),
            );
            return None;
        }
        Some((text.value.to_string(), text.range))
    }

    /// The field as a list of at most [`limits::LIST`] elements.
    pub(crate) fn list(&mut self, key: &str) -> Option<&'d Array<'t>> {
        let value = self.get(key)?;
        let Value::Array(array) = value else {
            self.problem(value.range(), format!("\"{key}\" must be an array, found {}", kind(value)));
            return None;
        };
        if limits::LIST < array.elements.len() {
            let length = array.elements.len();
            self.problem(
                array.range,
                format!("\"{key}\" has {length} elements, expected at most {}", limits::LIST),
            );
            return None;
        }
        Some(array)
    }

    /// Tells every field that is not one of `known`, and every field that stands there twice.
    pub(crate) fn only(&mut self, known: &[&str]) {
        self.only_in_words(known, |key| format!("unknown key {}", quoted(key)));
    }

    /// The same, with other words for an unknown key.
    pub(crate) fn only_in_words(&mut self, known: &[&str], words: impl Fn(&str) -> String) {
        let mut seen = HashSet::new();
        for property in &self.object.properties {
            let key = name(property);
            if !seen.insert(key) {
                self.problem(property.range, format!("the key {} stands here a second time", quoted(key)));
            } else if !known.contains(&key) && !self.problems.is_full() {
                let message = words(key);
                match meant(key, known) {
                    Some(meant) => {
                        self.problem_with_help(property.range, message, format!("did you mean \"{meant}\"?"))
                    }
                    None => self.problem_with_help(
                        property.range,
                        message,
                        format!("the keys are {}", known.join(", ")),
                    ),
                }
            }
        }
    }
}

/// What a value is, for messages.
pub(crate) fn kind(value: &Value<'_>) -> &'static str {
    match value {
        Value::StringLit(_) => "a string",
        Value::NumberLit(_) => "a number",
        Value::BooleanLit(_) => "a boolean",
        Value::Object(_) => "an object",
        Value::Array(_) => "an array",
        Value::NullKeyword(_) => "null",
    }
}

/// What a text is that begins with something else.
const JSON: &str = "a manifest is JSON: it begins with { and ends with }, with \"key\": value between them";

/// What people did who wrote such a text, if it is one of the usual things.
fn advice(json: &str, at: usize) -> Option<&'static str> {
    let rest = json.get(at..)?;
    let line = json.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let line = json.get(line..)?;
    let is_left = |mark: &str| line.starts_with(mark);
    if ["<<<<<<<", "=======", ">>>>>>>"].into_iter().any(is_left) {
        return Some(
            "a merge left this behind: keep one of the two versions, and remove the lines that mark them",
        );
    }
    if json.trim_start().get(..1) != Some("{") {
        return Some(JSON);
    }
    match rest.chars().next()? {
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}' | '\u{ab}' | '\u{bb}' => {
            Some("texts stand in straight quotes: \"")
        }
        '\'' => Some("texts stand in double quotes: \""),
        first if first.is_alphabetic() || matches!(first, '_' | '$') => {
            Some("keys and texts stand in double quotes: \"key\": \"text\"")
        }
        _ => None,
    }
}

fn name<'p>(property: &'p ObjectProp<'_>) -> &'p str {
    property.name.as_str()
}

fn options(dialect: Dialect) -> ParseOptions {
    let by_hand = dialect == Dialect::Commented;
    ParseOptions {
        allow_comments: by_hand,
        allow_trailing_commas: by_hand,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

/// Where the text is nested too deeply, told without recursion, before the parser, which recurses, sees it.
fn too_deep(json: &str) -> Option<usize> {
    let bytes = json.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, bytes.get(at + 1)) {
            (b'"', _) => at = end_of_string(bytes, at + 1),
            (b'/', Some(b'/')) => at = find(bytes, at, b"\n"),
            (b'/', Some(b'*')) => at = find(bytes, at + 2, b"*/") + 1,
            (b'[' | b'{', _) => {
                depth += 1;
                if limits::JSON_DEPTH < depth {
                    return Some(at);
                }
            }
            (b']' | b'}', _) => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The place of the quote that ends a string.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn find(bytes: &[u8], from: usize, pattern: &[u8]) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.windows(pattern.len()).position(|window| window == pattern).map_or(bytes.len(), |found| from + found)
}

/// Keys of other manifests for what ours call otherwise.
const SYNONYMS: [(&str, &str); 8] = [
    ("kind", "type"),
    ("entry", "main"),
    ("title", "name"),
    ("displayName", "name"),
    ("engine", "plughold"),
    ("engines", "plughold"),
    ("capabilities", "permissions"),
    ("ram", "memory"),
];

/// The known key that was probably meant: the nearest by edits, if less than half of it has to change.
pub(crate) fn meant<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    if let Some((_, meant)) = SYNONYMS.iter().find(|(other, _)| other.eq_ignore_ascii_case(key)) {
        return known.iter().find(|known| *known == meant).copied();
    }
    if limits::QUOTED < key.len() {
        return None;
    }
    const PREFIX: usize = 4;
    if let Some(longer) = known.iter().find(|known| PREFIX <= key.len() && known.starts_with(key)) {
        return Some(longer);
    }
    let key = key.to_ascii_lowercase();
    let near = known.iter().filter_map(|known| {
        let most = known.len().saturating_sub(1) / 2;
        Some((distance(&key, &known.to_ascii_lowercase(), most)?, *known))
    });
    near.min().map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, dialect: Dialect, expected: &str) {
        let found = match Document::whole("m.json", json).object(dialect) {
            Ok(object) => format!("{} keys", object.properties.len()),
            Err(problem) => Problem { help: None, ..problem }.to_string(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn usual_mistakes_have_advice() {
        let help = |json: &str| Document::whole("m.json", json).object(Dialect::Commented).unwrap_err().help;
        let helps = |json: &str, part: &str| help(json).is_some_and(|help| help.contains(part));
        assert!(helps("", "JSON"));
        assert!(helps("id: a\n", "begins with {"));
        assert!(helps("{\n\"a\": 1,\n<<<<<<< HEAD\n", "a merge"));
        assert!(helps("{\u{201c}a\u{201d}: 1}", "straight quotes"));
        assert!(helps("{'a': 1}", "double quotes"));
        assert!(helps("{a: 1}", "double quotes"));
        assert_eq!(help("{\"a\": 1 \"b\": 2}"), None);
    }

    #[test]
    fn dialects() {
        check(r#"{"a": 1}"#, Dialect::Strict, "1 keys");
        check("\u{feff}{}", Dialect::Strict, "0 keys");
        check("{\n  // why\n  \"a\": 1, /* and */ \"b\": [1,],\n}", Dialect::Commented, "2 keys");
        check("{ // no\n}", Dialect::Strict, "m.json:1:3: comments are not allowed");
        check(r#"{"a": 1,}"#, Dialect::Strict, "m.json:1:8: trailing commas are not allowed");
        check("{'a': 1}", Dialect::Commented, "m.json:1:2: single-quoted strings are not allowed");
        check("{a: 1}", Dialect::Commented, "m.json:1:2: expected string for object property");
        check("[]", Dialect::Strict, "m.json:1:1: expected an object, found an array");
        check("", Dialect::Strict, "m.json:1:1: expected an object, found nothing");
        check(
            "\u{feff}\n\"ä\" 1",
            Dialect::Strict,
            "m.json:2:5: text cannot contain more than one JSON value",
        );
    }

    #[test]
    fn depth_is_bounded_before_the_parser_recurses() {
        let nested =
            |depth: usize| format!("{}{}", r#"{"a":"#.repeat(depth), "1".to_owned() + &"}".repeat(depth));
        check(&nested(64), Dialect::Strict, "1 keys");
        check(&nested(65), Dialect::Strict, "m.json:1:321: nested deeper than 64 levels");
        check(&"[".repeat(100_000), Dialect::Strict, "m.json:1:65: nested deeper than 64 levels");
        check(&format!(r#"{{"a": "{}\"["}}"#, "[".repeat(100)), Dialect::Strict, "1 keys");
        check(&format!("{{}} // don't \" {}", "[".repeat(100)), Dialect::Commented, "0 keys");
        check(
            &format!("/* \" {0} */ {0}", "[".repeat(65)),
            Dialect::Commented,
            "m.json:1:139: nested deeper than 64 levels",
        );
    }

    #[test]
    fn length_is_bounded() {
        let long = format!("{{}}{}", " ".repeat(1 << 20));
        check(&long, Dialect::Strict, "m.json:1:1: the manifest is longer than 1 MiB");
    }

    #[test]
    fn probable_keys() {
        let known = ["id", "name", "version", "permissions", "type", "plughold"];
        assert_eq!(meant("nmae", &known), Some("name"));
        assert_eq!(meant("Version", &known), Some("version"));
        assert_eq!(meant("permission", &known), Some("permissions"));
        assert_eq!(meant("engines", &known), Some("plughold"));
        assert_eq!(meant("kind", &known), Some("type"));
        assert_eq!(meant("homepage", &known), None);
        assert_eq!(meant("", &known), None);
    }
}

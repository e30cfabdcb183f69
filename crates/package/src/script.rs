//! What can be told of a script without parsing it: the manifest in its comment, and whether it is a module.
//!
//! Only a runner parses JavaScript. This reader knows comments, strings, templates, regular expressions and brackets;
//! if it is mistaken, the plugin fails to parse in its runner, and its author writes the `type` down.

use std::ops::Range;

use crate::limits;

/// The JSON in the comment that a native script may start with, as bytes of the text:
///
/// ```js
/// /* plughold: { "name": "Hello", "permissions": ["notes.read"] } */
/// ```
///
/// Only white space, a `#!` line and other comments may stand before it.
pub(crate) fn native_comment(text: &str) -> Option<Range<usize>> {
    const START: &str = "plughold:";
    let mut at = 0;
    if text.starts_with("#!") {
        at = end_of_line(text, at);
    }
    loop {
        let rest = text.get(at..)?;
        let code = rest.trim_start_matches(|found: char| found.is_whitespace() || found == '\u{feff}');
        at += rest.len() - code.len();
        if code.starts_with("//") {
            at = end_of_line(text, at);
            continue;
        }
        let comment = code.strip_prefix("/*")?;
        let length = comment.find("*/").unwrap_or(comment.len());
        let comment = comment.get(..length)?;
        if let Some(json) = comment.trim_start().strip_prefix(START) {
            let end = at + 2 + length;
            return Some(end - json.len()..end);
        }
        at += length + 4;
    }
}

/// The JSON between a line `/* joplin-manifest:` and a line `*/`, as bytes of the text; white space around both is
/// ignored. Joplin finds it anywhere in the script.
pub(crate) fn joplin_comment(text: &str) -> Option<Range<usize>> {
    let mut at = 0;
    let mut start = None;
    for line in text.split_inclusive('\n') {
        match (start, line.trim_matches(|found: char| found.is_whitespace() || found == '\u{feff}')) {
            (None, "/* joplin-manifest:") => start = Some(at + line.len()),
            (Some(start), "*/") => return Some(start..at),
            _ => {}
        }
        at += line.len();
    }
    start.map(|start| start..text.len())
}

/// Tells whether the text is a module: outside of comments, strings, templates, regular expressions and brackets of
/// every kind it holds the word `export`, or the word `import` with neither `(` nor `.` behind it.
///
/// Both words are reserved, so no script that could run has them there: `import(x)` and `import.meta` are
/// expressions, and a property stands behind a dot.
pub(crate) fn is_module(text: &str) -> bool {
    let start = if text.starts_with("#!") { end_of_line(text, 0) } else { 0 };
    Lexer { bytes: text.as_bytes(), at: start, depth: 0, templates: Vec::new(), before: Before::Start }
        .finds_module()
}

fn end_of_line(text: &str, from: usize) -> usize {
    text.get(from..).and_then(|rest| rest.find('\n')).map_or(text.len(), |found| from + found)
}

/// What stood before the place of reading: it decides whether a slash divides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing yet.
    Start,
    /// A dot: the next word is a property.
    Dot,
    /// A value: a slash divides it.
    Value,
    /// An operator, a bracket that opens or a word such as `return`: a slash starts a regular expression.
    Operator,
}

/// Words behind which a value starts.
const BEFORE_A_VALUE: [&[u8]; 14] = [
    b"return",
    b"typeof",
    b"case",
    b"in",
    b"of",
    b"delete",
    b"void",
    b"throw",
    b"new",
    b"instanceof",
    b"do",
    b"else",
    b"yield",
    b"await",
];

struct Lexer<'t> {
    bytes: &'t [u8],
    at: usize,
    /// Brackets that are open.
    depth: usize,
    /// For each template that waits for the end of a `${`, the depth at which it waits.
    templates: Vec<usize>,
    before: Before,
}

impl Lexer<'_> {
    fn finds_module(&mut self) -> bool {
        while let Some(byte) = self.peek(0) {
            match byte {
                b'/' if self.peek(1) == Some(b'/') => self.skip_until(b"\n"),
                b'/' if self.peek(1) == Some(b'*') => {
                    self.at += 2;
                    self.skip_until(b"*/");
                }
                b'/' if self.before != Before::Value => self.regular_expression(),
                b'"' | b'\'' => self.string(byte),
                b'`' => self.template(),
                b'(' | b'[' | b'{' => {
                    self.depth += 1;
                    self.operator();
                }
                b'}' if self.templates.last() == Some(&self.depth) => {
                    self.templates.pop();
                    self.template();
                }
                b')' | b']' | b'}' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.at += 1;
                    // A block ends where a statement starts; the other brackets end values.
                    self.before = if byte == b'}' { Before::Operator } else { Before::Value };
                }
                b'.' => {
                    self.at += 1;
                    self.before = Before::Dot;
                }
                _ if is_word(byte) => {
                    if self.word_is_of_a_module() {
                        return true;
                    }
                }
                _ if byte.is_ascii_whitespace() => self.at += 1,
                _ => self.operator(),
            }
            if limits::TEMPLATES < self.templates.len() {
                return false;
            }
        }
        false
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn operator(&mut self) {
        self.at += 1;
        self.before = Before::Operator;
    }

    fn skip_until(&mut self, pattern: &[u8]) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let found = rest.windows(pattern.len()).position(|window| window == pattern);
        self.at = found.map_or(self.bytes.len(), |found| self.at + found + pattern.len());
    }

    fn word_is_of_a_module(&mut self) -> bool {
        let start = self.at;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        let property = self.before == Before::Dot;
        let is_operator = !property && BEFORE_A_VALUE.contains(&word);
        self.before = if is_operator { Before::Operator } else { Before::Value };
        if property || self.depth != 0 || !self.templates.is_empty() {
            return false;
        }
        match word {
            b"export" => true,
            b"import" => {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                !matches!(rest.trim_ascii_start().first(), Some(b'(' | b'.') | None)
            }
            _ => false,
        }
    }

    /// Reads a string; an unfinished one ends with its line, so that a mistake does not swallow the rest.
    fn string(&mut self, quote: u8) {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' => self.at += 1,
                b'\n' => break,
                _ if byte == quote => break,
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        self.before = Before::Value;
    }

    /// Reads a template up to its end or to the next `${`, from its first backtick or from the `}` that goes on with it.
    fn template(&mut self) {
        self.at += 1;
        self.before = Before::Value;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'`' => return,
                b'$' if self.peek(0) == Some(b'{') => {
                    self.templates.push(self.depth);
                    return self.operator();
                }
                _ => {}
            }
        }
    }

    /// Reads a regular expression with its flags; it ends with its line at the latest.
    fn regular_expression(&mut self) {
        self.at += 1;
        let mut in_class = false;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' => self.at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'\n' => break,
                b'/' if !in_class => break,
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        self.before = Before::Value;
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'\\' | 0x80..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_native(text: &str, expected: Option<&str>) {
        assert_eq!(native_comment(text).map(|range| &text[range]), expected);
    }

    #[test]
    fn native_comments() {
        check_native("/* plughold: {} */", Some(" {} "));
        check_native("/*plughold:{}*/", Some("{}"));
        check_native("\u{feff}#!no\n/* plughold: {} */", None);
        check_native("#!/usr/bin/env plughold\n// MIT\n/* by me */\n/*\n plughold:\n {}*/x", Some("\n {}"));
        check_native("/* plughold: {", Some(" {"));
        check_native("'use strict'; /* plughold: {} */", None);
        check_native("// plughold: {}", None);
        check_native("/* by plughold: {} */", None);
        check_native("", None);
        check_native("/*", None);
        check_native("//", None);
        check_native("#!", None);
    }

    #[track_caller]
    fn check_joplin(text: &str, expected: Option<&str>) {
        assert_eq!(joplin_comment(text).map(|range| &text[range]), expected);
    }

    #[test]
    fn joplin_comments() {
        check_joplin("/* joplin-manifest:\n{}\n*/\nx", Some("{}\n"));
        check_joplin("code()\r\n\t/* joplin-manifest: \r\n{\r\n}\r\n  */\r\n", Some("{\r\n}\r\n"));
        check_joplin("/* joplin-manifest: {}\n*/", None);
        check_joplin("/* joplin-manifest:\n*/", Some(""));
        check_joplin("/* joplin-manifest:\n{", Some("{"));
        check_joplin("", None);
    }

    #[track_caller]
    fn check_module(text: &str, expected: bool) {
        assert_eq!(is_module(text), expected, "{text}");
    }

    #[test]
    fn modules() {
        check_module("export default 1", true);
        check_module("export{a}", true);
        check_module("let a=1;export{a as b};", true);
        check_module("import 'x'", true);
        check_module("import\n{ a } from './a.js'", true);
        check_module("import*as a from './a.js'", true);
        check_module("function f() { return `${ {a: '}'}.a }` }\nexport { f }", true);
        check_module("const r = /[/'\"`]/;\nexport default r", true);
        check_module("const half = x / 2; const s = \"/\"; export { half }", true);
        check_module("if (a) {}\n/`/.test(a);\nexport default 1", true);
        check_module("let a = 'it\\'s';\nexport { a }", true);
        check_module("// it's\nexport default 1", true);
        check_module("#!/usr/bin/env plughold it's\nexport default 1", true);
        check_module("a/b/c; export {}", true);
        check_module("return /x/\nexport {}", true);
    }

    #[test]
    fn scripts() {
        check_module("", false);
        check_module("plughold.export('go', go)", false);
        check_module("import('./x.js')", false);
        check_module("import ('./x.js')", false);
        check_module("import.meta", false);
        check_module("const a = { export: 1, import: 2 }; a\n.export", false);
        check_module("// export default 1", false);
        check_module("/*\nexport default 1\n*/", false);
        check_module("const t = `\nexport default 1\n`", false);
        check_module("const t = `${ export_ }\nexport default 1\n`", false);
        check_module("const t = `${`${1}`}\nexport default 1\n`", false);
        check_module("const t = 'a\\\nexport default 1'", false);
        check_module("const exported = 1, reimport = 2", false);
        check_module("x = /export default/; y = /[/]export 1/", false);
        check_module("import", false);
        check_module("`", false);
        check_module("\"\\", false);
        check_module("/", false);
        check_module(&"`${".repeat(10_000), false);
    }
}

//! The manifest in a script's comment.

use std::ops::Range;

/// The JSON in the comment that a native script may start with, as bytes of the text:
///
/// ```js
/// /* plughold: { "name": "Hello", "permissions": ["notes.read"] } */
/// ```
///
/// Only white space, a `#!` line and other comments may stand before it.
pub(crate) fn native_comment(text: &str) -> Option<Range<usize>> {
    comments(text).filter(|comment| comment.is_block).find_map(|comment| {
        let json = comment.inner.trim_start().strip_prefix(START)?;
        let end = comment.at + 2 + comment.inner.len();
        Some(end - json.len()..end)
    })
}

/// The byte at which a comment begins that was most likely meant as a manifest and is none, such as
/// `// plughold: {}` or `/* plughold {} */`.
pub(crate) fn nearly_native_comment(text: &str) -> Option<usize> {
    let is_near = |comment: &Comment<'_>| {
        let inner =
            comment.inner.trim_start_matches(|found: char| found.is_whitespace() || "/*!".contains(found));
        let (Some(name), Some(rest)) = (inner.get(..NAME.len()), inner.get(NAME.len()..)) else {
            return false;
        };
        let json = rest.trim_start_matches(|found: char| found.is_whitespace() || ":=*".contains(found));
        // Of a manifest in several comments of one line each the first may say no more than its name.
        let is_manifest = json.starts_with('{') || (json.is_empty() && rest.contains(':'));
        name.eq_ignore_ascii_case(NAME) && is_manifest
    };
    comments(text).find(is_near).map(|comment| comment.at)
}

/// What the comment begins with that is a native manifest.
const START: &str = "plughold:";

/// The same without its colon.
const NAME: &str = "plughold";

/// A comment before all code.
struct Comment<'t> {
    /// Where it begins, in bytes of the text.
    at: usize,
    /// What stands between its marks.
    inner: &'t str,
    /// Whether its marks are `/*` and `*/`.
    is_block: bool,
}

/// The comments before which there are only white space, a `#!` line and other comments.
fn comments(text: &str) -> impl Iterator<Item = Comment<'_>> {
    let mut at = if text.starts_with("#!") { end_of_line(text, 0) } else { 0 };
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let code = rest.trim_start_matches(|found: char| found.is_whitespace() || found == '\u{feff}');
        let begin = at + rest.len() - code.len();
        if code.starts_with("//") {
            at = end_of_line(text, begin);
            return Some(Comment { at: begin, inner: text.get(begin + 2..at)?, is_block: false });
        }
        let inner = code.strip_prefix("/*")?;
        let length = inner.find("*/").unwrap_or(inner.len());
        at = begin + length + 4;
        Some(Comment { at: begin, inner: inner.get(..length)?, is_block: true })
    })
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

fn end_of_line(text: &str, from: usize) -> usize {
    text.get(from..).and_then(|rest| rest.find('\n')).map_or(text.len(), |found| from + found)
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

    #[test]
    fn nearly_native_comments() {
        let check = |text: &str, expected: Option<usize>| {
            assert_eq!(nearly_native_comment(text), expected, "{text}");
        };
        check("// plughold: {}", Some(0));
        check("/* plughold {} */", Some(0));
        check("#!x\n// MIT\n  /** Plughold: {} */", Some(13));
        check("/**\n * plughold: {\n * } */", Some(0));
        check("//plughold:\n//{}", Some(0));
        check("/* plughold = {} */", Some(0));
        check("/* plughold is a host */", None);
        check("// a plughold: {}", None);
        check("/* plughold */", None);
        check("go() // plughold: {}", None);
        check("/* plughol\u{e9}: {} */", None);
        check("", None);
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
}

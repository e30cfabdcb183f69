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

//! Text of others on a terminal: what plugins say and are called, the names of files, and what is in JSON.

use plughold_protocol::text::is_disruptive;
use std::borrow::Cow;
use std::path::Path;

/// What a disruptive character becomes.
const REPLACEMENT: &str = "\u{fffd}";

/// A text for people, on one line. Whoever wrote the plugin has chosen it.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    match text.contains(is_disruptive) {
        true => Cow::Owned(text.replace(is_disruptive, REPLACEMENT)),
        false => Cow::Borrowed(text),
    }
}

/// A path for people. A file's name may hold anything, and whoever packed the plugin has chosen it.
pub(crate) fn path(path: &Path) -> String {
    line(&path.to_string_lossy()).into_owned()
}

/// A text of several lines for people: all but the first begin with `indent`, so that none of them can be taken for a
/// line of somebody else. What is empty stays empty.
pub(crate) fn indented(text: &str, indent: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (index, part) in text.lines().enumerate() {
        if 0 < index {
            shown.push('\n');
            if !part.is_empty() {
                shown.push_str(indent);
            }
        }
        shown.push_str(&part.replace(|found| is_disruptive(found) && found != '\t', REPLACEMENT));
    }
    shown
}

/// Escapes what JSON may hold as it is but a terminal may obey. Such characters stand inside of strings only, so it stays
/// the same JSON.
pub(crate) fn json(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for character in text.chars() {
        let is_layout = character == '\n';
        if is_disruptive(character) && !is_layout {
            visible.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            visible.push(character);
        }
    }
    visible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_nothing() {
        assert_eq!(path(Path::new("a\u{1b}[2J/ä b\n.js")), "a\u{fffd}[2J/ä b\u{fffd}.js");
        assert_eq!(line("a\u{2028}b\u{202e}"), "a\u{fffd}b\u{fffd}");
        assert_eq!(line("hello.greet"), "hello.greet");
    }

    #[test]
    fn lines_stay_below_the_first() {
        let check = |text: &str, expected: &str| assert_eq!(indented(text, "  "), expected, "{text:?}");
        check("", "");
        check("one", "one");
        check("one\n", "one");
        check("one\ntwo\r\nthree", "one\n  two\n  three");
        check("\none", "\n  one");
        check("one\n\ntwo", "one\n\n  two");
        check("tab\tone\rtwo\u{2028}three\u{85}four", "tab\tone\u{fffd}two\u{fffd}three\u{fffd}four");
    }

    #[test]
    fn json_moves_no_cursor_and_stays_the_same() {
        let hostile = serde_json::json!("a\u{1b}[2J\u{9b}2J\u{7f}\u{202e}\u{2028}ä\n");
        let shown = json(&hostile.to_string());
        assert_eq!(shown, r#""a\u001b[2J\u009b2J\u007f\u202e\u2028ä\n""#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), hostile);
    }
}

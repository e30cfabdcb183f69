//! A question about a permission as people see it, and what they may answer.
//!
//! The plugin's author has chosen the permission and the reason, so both are tamed: they move no cursor, hide nothing, and
//! stand behind a margin on each of their lines, where nobody can take them for words of the command.

use crate::grants::Changes;
use crate::paint::{BOLD, DIM, ERROR, GOOD, WARNING, paint};
use crate::text;
use plughold::Permission;
use plughold_protocol::text::tamed;
use std::fmt::Write;

/// What somebody may answer.
pub(crate) const ANSWERS: &str = "[y] allow for now  [A] always  [n] not now  [N] never";

/// Characters of a permission that are shown. Manifests may write fewer.
const NAME: usize = 300;

/// Characters of a version that are shown.
const VERSION: usize = 40;

/// Columns of a reason beside its margin: it fits a narrow terminal, which would break the line without a margin.
const WIDTH: usize = 66;

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    Always,
    No,
    Never,
}

impl Answer {
    /// What was typed, if it is an answer. Nothing is a no.
    pub(crate) fn read(typed: &str) -> Option<Answer> {
        Some(match typed.trim() {
            "y" | "Y" | "yes" => Answer::Yes,
            "a" | "A" | "always" => Answer::Always,
            "" | "n" | "no" => Answer::No,
            "N" | "never" => Answer::Never,
            _ => return None,
        })
    }

    /// Whether the plugin gets it.
    pub(crate) fn grants(self) -> bool {
        matches!(self, Answer::Yes | Answer::Always)
    }

    /// Whether it stands after the command has ended.
    pub(crate) fn is_for_good(self) -> bool {
        matches!(self, Answer::Always | Answer::Never)
    }

    /// What becomes of it, in words.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Answer::Yes => "allowed until the command ends",
            Answer::Always => "allowed always",
            Answer::No => "denied until the command ends",
            Answer::Never => "denied always",
        }
    }
}

/// A permission on a terminal.
pub(crate) fn name(permission: &str) -> String {
    tamed(permission, NAME)
}

/// The question, without what may be answered.
pub(crate) fn question(plugin: &str, version: &str, permission: &Permission) -> String {
    let (plugin, version) = (paint(BOLD, text::line(plugin)), one_word(version));
    let mut words = format!("{plugin} {version} asks for {}\n", paint(BOLD, name(&permission.name)));
    match permission.shown_reason() {
        Some(reason) => {
            words.push_str("  why, in its author's words:\n");
            for line in wrapped(&reason) {
                let _ = writeln!(words, "  {} {line}", paint(DIM, "│"));
            }
        }
        None => words.push_str("  its author does not say why\n"),
    }
    words
}

/// What an update asks for and the version before did not.
pub(crate) fn changes(plugin: &str, version: &str, changes: &Changes) -> String {
    let since = changes.since.as_deref().map_or_else(|| "before".to_owned(), one_word);
    let (plugin, version) = (paint(BOLD, text::line(plugin)), one_word(version));
    let mut words = format!("{plugin} {version} {} than {since}:\n", paint(WARNING, "asks for more"));
    for more in &changes.more {
        let _ = writeln!(words, "  {}", paint(GOOD, format!("+ {}", name(more))));
    }
    for less in &changes.less {
        let _ = writeln!(words, "  {}", paint(ERROR, format!("- {}", name(less))));
    }
    words
}

/// A version on a terminal. In some formats it may be any text, and more than a word would be taken for what is asked.
fn one_word(version: &str) -> String {
    let shown = tamed(version, VERSION);
    match shown.split_once(char::is_whitespace) {
        Some((word, _)) => format!("{word}…"),
        None => shown,
    }
}

/// A text in lines of at most [`WIDTH`] columns.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut column = 0;
    for word in text.split(' ') {
        if 0 < column && WIDTH < column + 1 + width(word) {
            lines.push(String::new());
            column = 0;
        }
        if 0 < column {
            lines.last_mut().into_iter().for_each(|line| line.push(' '));
            column += 1;
        }
        for found in word.chars() {
            if WIDTH < column + columns(found) {
                lines.push(String::new());
                column = 0;
            }
            lines.last_mut().into_iter().for_each(|line| line.push(found));
            column += columns(found);
        }
    }
    lines
}

fn width(word: &str) -> usize {
    word.chars().map(columns).sum()
}

/// Columns of a character at most: from Hangul on there are those that take two.
fn columns(found: char) -> usize {
    if found < '\u{1100}' { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use plughold::Scope;

    /// What is asked about a plugin that asks for this.
    #[track_caller]
    fn check(name: &str, reason: Option<&str>, expected: Expect) {
        let mut permission = Permission::named(&Scope::parse(name).unwrap());
        permission.reason = reason.map(str::to_owned);
        let words = question("words", "1.0.0", &permission);
        expected.assert_eq(&anstream::adapter::strip_str(&words).to_string());
    }

    #[test]
    fn a_question_says_who_what_and_why() {
        check(
            "notes.read",
            None,
            expect![[r#"
                words 1.0.0 asks for notes.read
                  its author does not say why
            "#]],
        );
        check(
            "fs.read:data/**",
            Some("to read your word lists"),
            expect![[r#"
                words 1.0.0 asks for fs.read:data/**
                  why, in its author's words:
                  │ to read your word lists
            "#]],
        );
    }

    #[test]
    fn a_hostile_reason_forges_nothing() {
        let check = |reason: &str, expected: Expect| {
            check("net", Some(reason), expected);
        };
        check(
            "fine\u{1b}[2J\u{1b}[1;1H\u{9b}31m\u{7}",
            expect![[r#"
                words 1.0.0 asks for net
                  why, in its author's words:
                  │ fine�[2J�[1;1H�31m�
            "#]],
        );
        check(
            "fine\r\nwords 1.0.0 asks for notes.read\n[y] allow for now\u{2028}y",
            expect![[r#"
                words 1.0.0 asks for net
                  why, in its author's words:
                  │ fine words 1.0.0 asks for notes.read [y] allow for now y
            "#]],
        );
        check(
            "\u{202e}desrever\u{202c} \u{2066}iso\u{2069} m\u{200e}a\u{200f}r\u{61c}k",
            expect![[r#"
                words 1.0.0 asks for net
                  why, in its author's words:
                  │ �desrever� �iso� mark
            "#]],
        );
        check(
            "a\u{200b}b\u{200c}c\u{200d}d\u{feff}e\u{2060}f\u{ad}g\u{e0020}h\u{fe0f}i",
            expect![[r#"
                words 1.0.0 asks for net
                  why, in its author's words:
                  │ abcdefghi
            "#]],
        );
        check(
            "\u{200b}\u{2060} \u{3164}",
            expect![[r#"
                words 1.0.0 asks for net
                  its author does not say why
            "#]],
        );
        check(
            &format!("{}{}", "word ".repeat(20), "x".repeat(10_000)),
            expect![[r#"
                words 1.0.0 asks for net
                  why, in its author's words:
                  │ word word word word word word word word word word word word word
                  │ word word word word word word word
                  │ xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                  │ xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
            "#]],
        );
        check(
            &"表".repeat(40),
            expect![[r#"
                words 1.0.0 asks for net
                  why, in its author's words:
                  │ 表表表表表表表表表表表表表表表表表表表表表表表表表表表表表表表表表
                  │ 表表表表表表表
            "#]],
        );
    }

    #[test]
    fn a_version_is_no_more_than_a_word() {
        let permission = Permission::named(&Scope::parse("net").unwrap());
        let check = |version: &str, expected: &str| {
            let words = anstream::adapter::strip_str(&question("words", version, &permission)).to_string();
            assert_eq!(words.lines().next(), Some(expected));
        };
        check("1.0.0", "words 1.0.0 asks for net");
        check("1.0 asks for clock,\nbut does not", "words 1.0… asks for net");
        check("1.0\u{a0}asks", "words 1.0… asks for net");
    }

    #[test]
    fn answers() {
        let check =
            |typed: &str, expected: Option<Answer>| assert_eq!(Answer::read(typed), expected, "{typed}");
        check("y", Some(Answer::Yes));
        check("a", Some(Answer::Always));
        check(" A ", Some(Answer::Always));
        check("n", Some(Answer::No));
        check("N", Some(Answer::Never));
        check("", Some(Answer::No));
        check("yes please", None);
        check("\u{4}", None);
    }

    #[test]
    fn an_update_is_shown_as_a_difference() {
        let changed = Changes {
            since: Some("1.0.0\u{1b}".into()),
            more: vec!["net.fetch:https://api.example".into()],
            less: vec!["notes.read".into()],
        };
        let words = anstream::adapter::strip_str(&changes("words", "1.1.0", &changed)).to_string();
        expect![[r#"
            words 1.1.0 asks for more than 1.0.0�:
              + net.fetch:https://api.example
              - notes.read
        "#]]
        .assert_eq(&words);
    }
}

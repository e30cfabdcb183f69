//! What is wrong with a package.
//!
//! Reading a package goes on after a problem where it can, so that an author sees all of them at once.

use std::fmt;
use std::path::{Path, PathBuf};

pub(crate) use plughold_protocol::text::is_disruptive;
use serde::{Serialize, Serializer};

use crate::limits;

/// One thing that is wrong, at its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The file, named as in the package ("plughold.json"), or the package itself.
    pub file: String,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column in characters, from 1.
    pub column: Option<u32>,
    /// What was expected and what was found, without a full stop.
    pub message: String,
    /// What the author could do.
    pub help: Option<String>,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// The package loads all the same. Its author should know.
    Warning,
    /// The package cannot be loaded.
    #[default]
    Error,
}

impl Problem {
    /// An error of a whole file. Characters that could move a terminal's cursor are replaced in both texts: names of
    /// files and messages of other libraries may hold a package's own bytes.
    pub fn new(file: impl Into<String>, message: impl Into<String>) -> Self {
        let [file, message] = [file.into(), message.into()].map(|text| harmless(&text));
        Self { severity: Severity::Error, file, line: None, column: None, message, help: None }
    }

    /// The same problem as one that does not stop a load.
    #[must_use]
    pub fn as_warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// The same problem with advice.
    #[must_use]
    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{number}")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with one package; never empty, and at most 50 of them and a note that
/// there are more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problems {
    /// The package, as it was named to the reader.
    #[serde(serialize_with = "lossy")]
    pub path: PathBuf,
    /// What is wrong: whole files first, then by line and column.
    pub items: Vec<Problem>,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a plugin that can be loaded", harmless(&self.path.to_string_lossy()))?;
        for item in &self.items {
            write!(f, "\n{item}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Gathers the problems of one package while it is read.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    items: Vec<Problem>,
    left_out: bool,
}

impl Gathered {
    pub(crate) fn push(&mut self, problem: Problem) {
        if !self.is_full() {
            self.items.push(problem);
        }
    }

    /// Tells that there is no room for another problem, so that nobody needs to find its place and words.
    pub(crate) fn is_full(&mut self) -> bool {
        let full = limits::PROBLEMS <= self.items.len();
        self.left_out |= full;
        full
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// In the order in which they were found.
    pub(crate) fn into_items(self) -> Vec<Problem> {
        self.items
    }

    pub(crate) fn into_problems(mut self, path: &Path) -> Problems {
        self.items.sort_by_key(|problem| (problem.line, problem.column));
        if self.left_out {
            let more = format!("there are more problems than the first {}", limits::PROBLEMS);
            self.items.push(Problem::new(file_name(path), more));
        }
        Problems { path: path.to_owned(), items: self.items }
    }
}

impl Problem {
    /// This one problem as all that is wrong with the package.
    pub(crate) fn alone(self, path: &Path) -> Problems {
        Problems { path: path.to_owned(), items: vec![self] }
    }
}

/// The last part of a path, for messages.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// A package's own text for use in a message: in quotes, cut at [`limits::QUOTED`], and with escapes for everything
/// that could move a terminal's cursor or change the direction of writing.
pub(crate) fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(limits::QUOTED).collect();
    let cut = if shown.len() < text.len() { "…" } else { "" };
    format!("\"{}{cut}\"", shown.escape_debug().to_string().replace("\\'", "'"))
}

pub(crate) fn harmless(text: &str) -> String {
    text.replace(is_disruptive, "\u{fffd}")
}

/// A manifest's own text, where each character that is `refused` becomes a space: applications show such texts in pages;
/// on a terminal some characters would do more than be shown.
pub(crate) fn printable(text: &str, refused: fn(char) -> bool) -> String {
    text.replace(refused, " ")
}

/// As [`is_disruptive`], in a text of several lines.
pub(crate) fn is_disruptive_in_text(found: char) -> bool {
    is_disruptive(found) && !matches!(found, '\n' | '\r' | '\t')
}

fn lossy<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_shown_with_its_place_and_advice() {
        let mut problem =
            Problem::new("plughold.json", "unknown key \"nmae\"").with_help("did you mean \"name\"?");
        assert_eq!(
            problem.to_string(),
            "plughold.json: unknown key \"nmae\"\n  help: did you mean \"name\"?"
        );
        problem.line = Some(3);
        problem.column = Some(5);
        problem.help = None;
        assert_eq!(problem.to_string(), "plughold.json:3:5: unknown key \"nmae\"");
    }

    #[test]
    fn problems_are_shown_together_and_as_json() {
        let problems = Problem::new("a.js", "no").alone(Path::new("/plugins/a.js"));
        assert_eq!(problems.to_string(), "/plugins/a.js is not a plugin that can be loaded\na.js: no");
        assert_eq!(
            serde_json::to_string(&problems).unwrap(),
            r#"{"path":"/plugins/a.js","items":[{"severity":"error","file":"a.js","line":null,"column":null,"message":"no","help":null}]}"#
        );
    }

    #[test]
    fn quoting_cuts_and_escapes() {
        assert_eq!(quoted("it's"), "\"it's\"");
        assert_eq!(quoted("a\u{1b}[2J\u{202e}b\n"), "\"a\\u{1b}[2J\\u{202e}b\\n\"");
        assert_eq!(quoted(&"ä".repeat(81)), format!("\"{}…\"", "ä".repeat(80)));
    }

    #[test]
    fn no_problem_moves_a_cursor() {
        let problems = Problem::new("a\u{1b}[2J.js", "no\r\u{202e}").alone(Path::new("/a\u{7}"));
        let shown = "/a\u{fffd} is not a plugin that can be loaded\na\u{fffd}[2J.js: no\u{fffd}\u{fffd}";
        assert_eq!(problems.to_string(), shown);
    }

    #[test]
    fn the_number_of_problems_is_bounded() {
        let mut gathered = Gathered::default();
        for number in 0..1_000 {
            gathered.push(Problem::new("a", number.to_string()));
        }
        let items = gathered.into_problems(Path::new("p")).items;
        assert_eq!(items.len(), limits::PROBLEMS + 1);
        assert_eq!(items.last().unwrap().message, "there are more problems than the first 50");
    }
}

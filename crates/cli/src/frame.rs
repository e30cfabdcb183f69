//! Problems of packages with the lines that they are about, as compilers show them.

use crate::text;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};
use plughold::Thrown;
use plughold_package::{Problem, Problems, Severity};
use std::fs;
use std::path::{Path, PathBuf};

/// Files above this are not shown: a place in a bundle of one line helps nobody, in bytes.
const LONGEST: u64 = 1 << 20;

/// Characters of one line that are shown; lines of a minified file have no end.
const WIDEST: usize = 400;

/// Everything that is wrong with one package. The colours are written; the stream takes them out where nobody sees them.
pub(crate) fn of(problems: &Problems) -> String {
    of_each(&problems.path, &problems.items)
}

/// The same for problems of a package that can be loaded.
pub(crate) fn of_each(package: &Path, problems: &[Problem]) -> String {
    let mut shown = String::new();
    for problem in problems {
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode()).with_width(100);
        // Writing to a string cannot fail.
        let _always_ok = handler.render_report(&mut shown, report(package, problem).as_ref());
    }
    shown
}

/// The line of a plugin's code at which it threw, if that is one of the files of the package at this path.
pub(crate) fn of_thrown(package: &Path, thrown: &Thrown) -> Option<String> {
    let (file, line, column) = thrown.stack.as_deref()?.lines().find_map(place)?;
    let problem =
        Problem { line: Some(line), column: Some(column), ..Problem::new(file, "this is where it failed") };
    // What a plugin says of its stack must not show other files.
    let (root, path) = (package.canonicalize().ok()?, file_of(package, &problem).canonicalize().ok()?);
    if !path.starts_with(root) {
        return None;
    }
    read(package, &problem)?;
    Some(of_each(package, &[problem]))
}

/// The place in a line of a stack, as in `at f (main.js:3:7)`.
fn place(frame: &str) -> Option<(&str, u32, u32)> {
    let place = frame.trim().strip_prefix("at ")?;
    let place = place.rsplit_once('(').map_or(place, |(_, place)| place).trim_end_matches(')');
    let (rest, column) = place.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    Some((file, line.parse().ok()?, column.parse().ok()?))
}

fn report(package: &Path, problem: &Problem) -> Report {
    let mut diagnostic =
        MietteDiagnostic::new(text::line(&problem.message)).with_severity(match problem.severity {
            Severity::Warning => miette::Severity::Warning,
            _ => miette::Severity::Error,
        });
    if let Some(help) = &problem.help {
        diagnostic = diagnostic.with_help(text::line(help));
    }
    let name = text::path(&file_of(package, problem));
    let place = |source: &str| offset(source, problem.line?, problem.column.unwrap_or(1));
    let shown = read(package, problem).and_then(|source| Some((place(&source)?, source)));
    let Some((at, source)) = shown else {
        let numbers = [problem.line, problem.column].into_iter().flatten();
        let place = numbers.fold(name, |place, number| format!("{place}:{number}"));
        return Report::new(MietteDiagnostic {
            message: format!("{place}: {}", diagnostic.message),
            ..diagnostic
        });
    };
    let length = word(source.get(at..).unwrap_or_default());
    let diagnostic = diagnostic.with_label(LabeledSpan::underline(at..at + length));
    Report::new(diagnostic).with_source_code(NamedSource::new(name, source))
}

fn file_of(package: &Path, problem: &Problem) -> PathBuf {
    let is_itself = package.file_name().is_some_and(|name| name.to_string_lossy() == problem.file);
    if is_itself { package.to_owned() } else { package.join(&problem.file) }
}

/// The text of the file, without what a terminal would obey. None if there is none to be read, as in archives.
fn read(package: &Path, problem: &Problem) -> Option<String> {
    let path = file_of(package, problem);
    let facts = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
    if LONGEST < facts.len() {
        return None;
    }
    let source = fs::read_to_string(path).ok()?;
    // Each character stays one character, so that places stay where they are.
    let visible =
        |c: char| if c != '\n' && plughold_protocol::text::is_disruptive(c) { '\u{fffd}' } else { c };
    let source: String = source.chars().map(visible).collect();
    let is_narrow = source.lines().all(|line| line.chars().take(WIDEST + 1).count() <= WIDEST);
    is_narrow.then_some(source)
}

/// The byte at which a line and a column (both from 1) stand.
fn offset(source: &str, line: u32, column: u32) -> Option<usize> {
    let (line, column) = (line as usize, column as usize);
    let mut start = 0;
    for text in source.split_inclusive('\n').take(line.saturating_sub(1)) {
        start += text.len();
    }
    let rest = source.get(start..)?;
    let text = rest.split('\n').next()?;
    let within = text.char_indices().nth(column.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    Some(start + within)
}

/// How many bytes of what begins here are marked: a string, a word, or one character.
fn word(rest: &str) -> usize {
    let Some(first) = rest.chars().next().filter(|first| *first != '\n') else { return 0 };
    let line = rest.split('\n').next().unwrap_or_default();
    if first == '"' {
        let end = line.get(1..).and_then(|tail| tail.find('"'));
        return end.map_or(line.len(), |end| end + 2);
    }
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    line.find(|c: char| !is_word(c)).unwrap_or(line.len()).max(first.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_stacks() {
        let check = |frame, expected| assert_eq!(place(frame), expected, "{frame}");
        check("    at f (main.js:3:7)", Some(("main.js", 3, 7)));
        check("at src/main.mjs:9:1", Some(("src/main.mjs", 9, 1)));
        check("at <eval> (a b.js:10:1)", Some(("a b.js", 10, 1)));
        check("at native", None);
        check("Error: no", None);
    }

    #[test]
    fn only_files_of_the_package_are_shown() {
        let folder = tempfile::tempdir().unwrap();
        let package = folder.path().join("p");
        fs::create_dir(&package).unwrap();
        fs::write(package.join("main.js"), "go()\nfail()\n").unwrap();
        fs::write(folder.path().join("secret"), "x\n").unwrap();
        let shown = |stack: &str| {
            let thrown = Thrown { stack: Some(stack.to_owned()), ..Thrown::new("Error", "no") };
            of_thrown(&package, &thrown)
        };
        assert!(shown("at f (main.js:2:1)").unwrap().contains("fail()"));
        assert_eq!(shown("at f (../secret:1:1)"), None);
        assert_eq!(shown("at f (nobody.js:1:1)"), None);
        assert_eq!(of_thrown(&package, &Thrown::new("Error", "no")), None);
    }
}

//! Errors for people: what went wrong in one line, then details, then what to do. And the same for programs.

use crate::exit::Exit;
use crate::paint::{ERROR, HELP, WARNING, paint};
use crate::text::{self, indented};
use plughold::{Json, Thrown};
use serde_json::{Value, json};
use std::fmt;
use std::io::{self, Write};

/// Something that went wrong, with what a person wants to know of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    exit: Exit,
    what: String,
    details: Vec<String>,
    help: Option<String>,
    /// The JavaScript error behind it, whose stack and causes are shown.
    thrown: Option<Box<Thrown>>,
}

impl Failure {
    /// A failure that ends the command with `exit`. `what` is one line.
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Failure {
        Failure { exit, what: what.into(), details: Vec::new(), help: None, thrown: None }
    }

    /// The same with one more detail, of one line or several.
    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Failure {
        self.details.push(detail.into());
        self
    }

    /// The same with the stack of a JavaScript error and the errors that caused it.
    pub(crate) fn with_stack_of(mut self, thrown: &Thrown) -> Failure {
        self.thrown = Some(Box::new(thrown.clone()));
        self
    }

    /// The same with what to do about it.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Failure {
        self.help = Some(help.into());
        self
    }

    /// The same without advice.
    pub(crate) fn without_help(mut self) -> Failure {
        self.help = None;
        self
    }

    /// The same with another end of the command.
    pub(crate) fn ending_with(mut self, exit: Exit) -> Failure {
        self.exit = exit;
        self
    }

    /// The same, with what was tried before what went wrong.
    pub(crate) fn about(mut self, tried: &str) -> Failure {
        self.what = format!("{tried}: {}", self.what);
        self
    }

    /// How the command ends.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Any error as a failure, with its sources as details.
    pub(crate) fn of(error: &anyhow::Error) -> Failure {
        if let Some(failure) = error.downcast_ref::<Failure>() {
            return failure.clone();
        }
        let sources = error.chain().skip(1);
        sources.fold(Failure::new(Exit::Failed, error.to_string()), |failure, source| {
            failure.with_detail(source.to_string())
        })
    }

    /// The same for programs.
    pub(crate) fn to_json(&self) -> Value {
        let Failure { what, details, help, thrown, .. } = self;
        json!({ "message": what, "details": details, "help": help, "thrown": thrown })
    }

    /// The same with advice if there is some.
    pub(crate) fn with_help_if(self, help: Option<String>) -> Failure {
        match help {
            Some(help) => self.with_help(help),
            None => self,
        }
    }
}

/// The stack of an error and the chain of its causes, each a text of one line or several.
pub(crate) fn stack_of(thrown: &Thrown) -> Vec<String> {
    let stack = thrown.stack.as_deref().map(frames).filter(|frames| !frames.is_empty());
    let mut parts: Vec<String> = stack.into_iter().collect();
    if let Some(fields) = &thrown.fields {
        let fields = fields.iter().map(|(name, value)| (name.clone(), Json::from(value).0));
        let fields = Value::Object(fields.collect()).to_string();
        parts.push(format!("with {}", text::json(&fields)));
    }
    if let Some(cause) = &thrown.cause {
        parts.push(format!("caused by {cause}"));
        parts.extend(stack_of(cause));
    }
    parts
}

/// The frames of a JavaScript stack as they stand below an error: a little to the right, whatever margin they came with.
pub(crate) fn frames(stack: &str) -> String {
    folded(stack).lines().map(|frame| format!("  {frame}")).collect::<Vec<_>>().join("\n")
}

/// The frames of a JavaScript stack without margins. Of a function that calls itself each frame stands once, with how
/// often.
pub(crate) fn folded(stack: &str) -> String {
    let frames = Vec::from_iter(stack.lines().map(str::trim).filter(|frame| !frame.is_empty()));
    let runs = frames.chunk_by(|one, next| one == next);
    let lines = runs.filter_map(|run| match (run.first()?, run.len()) {
        (frame, 1) => Some((*frame).to_owned()),
        (frame, count) => Some(format!("{frame} ... {count} times")),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Reads one argument as JSON.
pub(crate) fn parse_argument(index: usize, text: &str) -> Result<Json, Failure> {
    serde_json::from_str(text).map(Json).map_err(|error| {
        Failure::new(Exit::Usage, format!("argument {} is not JSON: {text}", index + 1))
            .with_detail(error.to_string())
            .with_help(format!("a text needs its own quotes: '{}'", Value::from(text)))
    })
}

/// Prints an error and says how the command ends.
pub(crate) fn report(error: &anyhow::Error) -> Exit {
    if is_broken_pipe(error) {
        // Whoever read our output has enough of it, as `head` has.
        return Exit::Success;
    }
    let failure = Failure::of(error);
    warn(&failure);
    failure.exit
}

/// Whether it failed because nobody reads the output any more.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let is_one = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    error.chain().any(is_one)
}

/// Prints a failure that does not end the command.
pub(crate) fn warn(failure: &Failure) {
    // There is nowhere left to say that standard error is closed.
    let _ = write!(anstream::stderr(), "{}{failure}", paint(ERROR, "error: "));
}

/// Prints what somebody most likely did not mean, and what is done all the same.
pub(crate) fn caution(failure: &Failure) {
    let _ = write!(anstream::stderr(), "{}{failure}", paint(WARNING, "warning: "));
}

impl fmt::Display for Failure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "{}", indented(&self.what, "  "))?;
        let stack = self.thrown.as_deref().map(stack_of).unwrap_or_default();
        for detail in self.details.iter().chain(&stack) {
            writeln!(to, "  {}", indented(detail, "  "))?;
        }
        match &self.help {
            Some(help) => writeln!(to, "{} {}", paint(HELP, "help:"), indented(help, "      ")),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(failure: &Failure, expected: Expect) {
        expected.assert_eq(&anstream::adapter::strip_str(&failure.to_string()).to_string());
    }

    #[test]
    fn what_details_help() {
        check(
            &Failure::new(Exit::Failed, "it failed"),
            expect![[r#"
            it failed
        "#]],
        );
        let failure = Failure::new(Exit::NotFound, "no plugin helo").with_detail("there are:\na, b");
        check(
            &failure.with_help("did you mean hello?"),
            expect![[r#"
            no plugin helo
              there are:
              a, b
            help: did you mean hello?
        "#]],
        );
    }

    #[test]
    fn a_stack_goes_down_to_the_first_cause() {
        let mut outer = Thrown::new("Error", "outer").with_field("httpCode", 404);
        outer.stack = Some("    at f (main.js:3:7)\n    at main.js:9:1\n".into());
        let mut inner = Thrown::new("TypeError", "inner");
        inner.stack = Some("    at g (lib.js:1:1)".into());
        outer.cause = Some(Box::new(inner));
        check(
            &Failure::new(Exit::Plugin, outer.to_string()).with_stack_of(&outer),
            expect![[r#"
                Error: outer
                    at f (main.js:3:7)
                    at main.js:9:1
                  with {"httpCode":404}
                  caused by TypeError: inner
                    at g (lib.js:1:1)
            "#]],
        );
    }

    #[test]
    fn equal_frames_are_folded() {
        let check = |stack: &str, expected: &str| assert_eq!(folded(stack), expected);
        check("    at f (a.js:1:1)\n    at f (a.js:2:1)", "at f (a.js:1:1)\nat f (a.js:2:1)");
        let deep =
            format!("    at g (a.js:9:9)\n{}    at h (b.js:1:1)\n", "    at f (a.js:1:1)\n".repeat(60));
        check(&deep, "at g (a.js:9:9)\nat f (a.js:1:1) ... 60 times\nat h (b.js:1:1)");
        check("", "");
    }

    #[test]
    fn nothing_that_was_thrown_moves_a_cursor_or_forges_a_line() {
        let thrown = Thrown::new("Error", "no\nerror: forged").with_field("a\u{9b}", "\u{202e}b");
        check(
            &Failure::new(Exit::Plugin, format!("a\u{1b}[2J threw {thrown}")).with_stack_of(&thrown),
            expect![[r#"
                a�[2J threw Error: no
                  error: forged
                  with {"a\u009b":"\u202eb"}
            "#]],
        );
    }

    #[test]
    fn for_programs() {
        let failure = Failure::new(Exit::Plugin, "no").with_detail("known: a").with_help("go");
        let thrown = Thrown::new("Error", "no").with_code("E");
        expect![[
            r#"{"details":["known: a"],"help":"go","message":"no","thrown":{"code":"E","message":"no","name":"Error"}}"#
        ]]
        .assert_eq(&failure.with_stack_of(&thrown).to_json().to_string());
        let error = anyhow::anyhow!("inner").context("outer");
        expect![[r#"{"details":["inner"],"help":null,"message":"outer","thrown":null}"#]]
            .assert_eq(&Failure::of(&error).to_json().to_string());
    }

    #[test]
    fn arguments_are_json() {
        assert_eq!(parse_argument(0, "[1]"), Ok(Json(serde_json::json!([1]))));
        check(
            &parse_argument(1, "Ann").unwrap_err(),
            expect![[r#"
            argument 2 is not JSON: Ann
              expected value at line 1 column 1
            help: a text needs its own quotes: '"Ann"'
        "#]],
        );
    }
}

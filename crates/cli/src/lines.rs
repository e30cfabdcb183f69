//! Events as lines for people: `plugin  file:line  level  text`.

use crate::failure::{frames, stack_of};
use crate::frame;
use crate::paint::{BOLD, DIM, ERROR, GOOD, WARNING, of_level, paint};
use crate::text::{self, indented};
use crate::time::brief;
use anstyle::Style;
use plughold::{Activity, Decision, Event, Exit, KillReason, Level, LoadError, Place, PluginId, Thrown};
use std::fmt::{self, Write};
use std::path::Path;

/// The width of the plugin's column if no id is longer.
const ID_MIN: usize = 8;
/// Longer ids push the rest of their own lines to the right and nobody else's.
const ID_MAX: usize = 32;
/// Wide enough for `word-count.js:123`.
const PLACE: usize = 17;
/// As wide as the longest word, `unresponsive`.
const WORD: usize = 12;

/// Writes events as lines whose columns stand below each other.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    id_width: usize,
}

impl Lines {
    /// Lines of the plugins with these ids.
    pub(crate) fn new<'a>(ids: impl IntoIterator<Item = &'a PluginId>) -> Lines {
        let longest = ids.into_iter().map(|id| id.as_str().len()).max().unwrap_or(0);
        Lines { id_width: longest.clamp(ID_MIN, ID_MAX) }
    }

    /// One event as one line or several, without the last line break. None if others tell the same.
    pub(crate) fn show(&self, event: &Event) -> Option<String> {
        Some(match event {
            Event::Started { plugin, generation, took } => {
                let words = match generation {
                    1 => format!("started in {}", brief(*took)),
                    _ => format!("started again in {}, process {generation}", brief(*took)),
                };
                self.line(plugin, "active", GOOD, &words)
            }
            Event::Failed { plugin, error } => self.failed(plugin, error),
            // That it failed is told by the event before or after.
            Event::Exited { exit: Exit::Killed(KillReason::Failed), .. } => return None,
            Event::Exited { plugin, exit: Exit::Stopped, .. } => self.line(plugin, "stopped", DIM, ""),
            Event::Exited { plugin, exit, .. } => self.line(plugin, "exited", ERROR, &exit.to_string()),
            Event::Restarting { plugin, attempt, after } => {
                let words = format!("crash {attempt}, starts again in {}", brief(*after));
                self.line(plugin, "backoff", WARNING, &words)
            }
            Event::Disabled { plugin, crashes } => {
                let words = match crashes {
                    // How its one process ended was told before.
                    0 | 1 => "not started again".to_owned(),
                    _ => format!("crashed {crashes} times in a short time, not started again"),
                };
                self.line(plugin, "disabled", ERROR, &words)
            }
            Event::Misfit { plugin, unmet, .. } => self.line(plugin, "unmet", WARNING, &unmet.to_string()),
            Event::Unresponsive { plugin, stuck, activity } => {
                let stack = activity.stack();
                let words = match (stack, activity) {
                    (Some(_), _) => format!("has been in one turn for {}:", brief(*stuck)),
                    (None, Activity::Stuck { .. } | Activity::Stopped) => activity.to_string(),
                    (None, _) => {
                        format!("has not answered for {}, and its stack is not known", brief(*stuck))
                    }
                };
                self.with_stack(plugin, "unresponsive", WARNING, &words, stack.map(frames).iter())
            }
            Event::Responsive { plugin } => self.line(plugin, "active", GOOD, "responds again"),
            Event::Log { plugin, level, message, place, dropped_before } => {
                let line =
                    self.columns(plugin, place.as_ref(), level_word(*level), of_level(*level), message);
                match dropped_before {
                    0 => line,
                    _ => format!("{}\n{line}", self.dropped(plugin, *dropped_before)),
                }
            }
            Event::Uncaught { plugin, thrown, rejection } => {
                let words = match rejection {
                    true => format!("in a promise: {thrown}"),
                    false => thrown.to_string(),
                };
                self.thrown(plugin, "uncaught", &words, thrown)
            }
            // The newest one of a plugin is found by its id.
            Event::Reported { plugin, .. } => {
                self.line(plugin, "report", DIM, &format!("plughold report {plugin}"))
            }
            Event::NotReported { plugin, reason } => {
                self.line(plugin, "no report", WARNING, &text::line(reason))
            }
            Event::Resting { plugin } => self.line(plugin, "resting", DIM, "nobody uses it"),
            Event::StateLost { plugin, thrown, .. } => {
                let words = format!("its state is lost: {}", text::line(&thrown.message));
                self.line(plugin, "no state", WARNING, &words)
            }
            Event::Reloaded { plugin, generation, took } => {
                let words = format!("reloaded in {}, process {generation}", brief(*took));
                self.line(plugin, "active", GOOD, &words)
            }
            Event::RolledBack { plugin, error, .. } => {
                let words = format!("what ran before goes on, because the new one failed: {error}");
                match error.thrown() {
                    Some(thrown) => self.thrown(plugin, "kept", &words, thrown),
                    None => self.line(plugin, "kept", ERROR, &words),
                }
            }
            Event::Removed { plugin, path } => {
                self.line(plugin, "removed", DIM, &format!("{} is gone", text::path(path)))
            }
            Event::Problem { problems, plugin } => {
                let path = text::path(&problems.path);
                let (name, word, words) = match plugin {
                    Some(plugin) => {
                        let words = format!("what ran before goes on, because {path} cannot be loaded:");
                        (plugin.to_string(), "kept", words)
                    }
                    None => (name_of(&problems.path), "problem", format!("{path} cannot be loaded:")),
                };
                format!(
                    "{}\n{}",
                    self.columns(&name, None, word, ERROR, &words),
                    frame::of(problems).trim_end()
                )
            }
            Event::Solved { path } => self.columns(&name_of(path), None, "solved", GOOD, &text::path(path)),
            Event::Polling { every, reason } => {
                paint(WARNING, format!("looks for changes every {}: {reason}", brief(*every)))
            }
            Event::SettingRefused { plugin, error } => {
                self.line(plugin, "setting", WARNING, &error.to_string())
            }
            Event::Capped { plugin, capped } => self.line(plugin, "limit", WARNING, &capped.to_string()),
            Event::Permission { plugin, permission, decision: Decision::Refused } => {
                self.line(plugin, "refused", WARNING, &format!("a call that needs {permission}"))
            }
            Event::Missed { count } => {
                paint(WARNING, format!("{count} events are not shown: this terminal is too slow"))
            }
            _ => return None,
        })
    }

    fn failed(&self, plugin: &PluginId, error: &LoadError) -> String {
        match error {
            // How it ended was told before.
            LoadError::Exited(_) => self.line(plugin, "failed", ERROR, "not started again"),
            LoadError::Failed { thrown, .. } => self.thrown(plugin, "failed", &error.to_string(), thrown),
            _ => self.line(plugin, "failed", ERROR, &error.to_string()),
        }
    }

    fn thrown(&self, plugin: &PluginId, word: &str, words: &str, thrown: &Thrown) -> String {
        let stack = stack_of(thrown);
        self.with_stack(plugin, word, ERROR, words, stack.iter())
    }

    fn dropped(&self, plugin: &PluginId, count: u64) -> String {
        self.line(plugin, "dropped", WARNING, &format!("{count} lines: it writes too much"))
    }

    fn line(&self, plugin: &PluginId, word: &str, style: Style, words: &str) -> String {
        self.columns(plugin, None, word, style, words)
    }

    fn with_stack<'a>(
        &self,
        plugin: &PluginId,
        word: &str,
        style: Style,
        words: &str,
        stack: impl Iterator<Item = &'a String>,
    ) -> String {
        let mut shown = self.line(plugin, word, style, words);
        for line in stack.flat_map(|part| part.lines()) {
            let _ =
                write!(shown, "\n{:indent$}{}", "", paint(DIM, indented(line, "")), indent = self.indent());
        }
        shown
    }

    fn columns(
        &self,
        plugin: &(impl fmt::Display + ?Sized),
        place: Option<&Place>,
        word: &str,
        style: Style,
        text: &str,
    ) -> String {
        let id = paint(BOLD, format_args!("{plugin:<width$}", width = self.id_width));
        let place =
            place.map(|place| format!("{}:{}", text::line(&place.file), place.line)).unwrap_or_default();
        let place = paint(DIM, format_args!("{place:<PLACE$}"));
        if text.is_empty() {
            return format!("{id}  {place}  {}", paint(style, word));
        }
        let word = paint(style, format_args!("{word:<WORD$}"));
        format!("{id}  {place}  {word}  {}", indented(text, &" ".repeat(self.indent())))
    }

    /// Where the text of a line begins.
    fn indent(&self) -> usize {
        self.id_width + PLACE + WORD + 6
    }
}

/// What stands in the column of the id where none is known: the name of the file or folder.
fn name_of(path: &Path) -> String {
    text::line(&path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()).into_owned()
}

/// The word for a level.
pub(crate) fn level_word(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use plughold::order::Why;
    use plughold::{Unmet, VersionReq};
    use plughold_protocol::record::Stage;
    use std::time::Duration;

    fn id() -> PluginId {
        PluginId::native("word-count").unwrap()
    }

    #[track_caller]
    fn check(event: &Event, expected: Expect) {
        let shown = Lines::new([&id()]).show(event).unwrap_or_default();
        expected.assert_eq(&anstream::adapter::strip_str(&shown).to_string());
    }

    fn log(level: Level, message: &str, dropped_before: u64) -> Event {
        let place = Some(Place { file: "main.mjs".into(), line: 12, column: 3 });
        Event::Log { plugin: id(), level, message: message.into(), place, dropped_before }
    }

    fn thrown() -> Thrown {
        Thrown {
            stack: Some("    at f (main.mjs:3:7)\n    at main.mjs:9:1".into()),
            ..Thrown::new("Error", "no")
        }
    }

    #[test]
    fn logs() {
        check(
            &log(Level::Info, "counted", 0),
            expect!["word-count  main.mjs:12        info          counted"],
        );
        check(
            &log(Level::Error, "first\nsecond", 17),
            expect![[r#"
            word-count                     dropped       17 lines: it writes too much
            word-count  main.mjs:12        error         first
                                                         second"#]],
        );
        check(
            &Event::Log {
                plugin: id(),
                level: Level::Debug,
                message: "x".into(),
                place: None,
                dropped_before: 0,
            },
            expect!["word-count                     debug         x"],
        );
    }

    #[test]
    fn no_line_can_be_taken_for_another_plugins() {
        check(
            &log(Level::Info, "\nhello                          failed        forged\n\n\tlast", 0),
            expect![
                "word-count  main.mjs:12        info          \n                                             hello                          failed        forged\n\n                                             \tlast"
            ],
        );
        let thrown = Thrown {
            stack: Some("    at f (a.js:1:1)\nhello  failed".into()),
            ..Thrown::new("Error", "no\nhello")
        };
        check(
            &Event::Uncaught { plugin: id(), thrown, rejection: false },
            expect![[r#"
            word-count                     uncaught      Error: no
                                                         hello
                                                           at f (a.js:1:1)
                                                           hello  failed"#]],
        );
        check(
            &log(Level::Warn, "a\u{1b}[2Jb\rc\u{2028}d", 0),
            expect![[r#"word-count  main.mjs:12        warn          a�[2Jb�c�d"#]],
        );
    }

    #[test]
    fn life() {
        let (plugin, took) = (id(), Duration::from_micros(4_200));
        check(
            &Event::Started { plugin: plugin.clone(), generation: 1, took },
            expect!["word-count                     active        started in 4.2 ms"],
        );
        check(
            &Event::Started { plugin: plugin.clone(), generation: 3, took },
            expect!["word-count                     active        started again in 4.2 ms, process 3"],
        );
        let exit = Exit::Code { code: 71, words: "out of memory".into() };
        check(
            &Event::Exited { plugin: plugin.clone(), generation: 1, exit },
            expect![
                "word-count                     exited        its process ended with code 71: out of memory"
            ],
        );
        check(
            &Event::Exited { plugin: plugin.clone(), generation: 1, exit: Exit::Stopped },
            expect!["word-count                     stopped"],
        );
        let exit = Exit::Killed(KillReason::Failed);
        check(&Event::Exited { plugin: plugin.clone(), generation: 1, exit }, expect![[""]]);
        check(
            &Event::Restarting { plugin: plugin.clone(), attempt: 2, after: took },
            expect!["word-count                     backoff       crash 2, starts again in 4.2 ms"],
        );
        check(
            &Event::Disabled { plugin: plugin.clone(), crashes: 5 },
            expect![
                "word-count                     disabled      crashed 5 times in a short time, not started again"
            ],
        );
        let range = VersionReq::parse("^1").unwrap();
        let why = Why::Version { found: "2.0.0".to_owned(), range };
        let unmet = Box::new(Unmet { path: vec!["words".to_owned()], why });
        let dependency = PluginId::native("words").unwrap();
        check(
            &Event::Misfit { plugin: plugin.clone(), dependency, unmet },
            expect![
                "word-count                     unmet         it needs words, which has the version 2.0.0, and ^1 is needed"
            ],
        );
        check(
            &Event::Responsive { plugin },
            expect!["word-count                     active        responds again"],
        );
        check(&Event::Missed { count: 3 }, expect!["3 events are not shown: this terminal is too slow"]);
    }

    #[test]
    fn errors_have_their_stack_below() {
        let plugin = id();
        let error = LoadError::Failed { stage: Stage::Evaluate, thrown: Box::new(thrown()) };
        check(
            &Event::Failed { plugin: plugin.clone(), error },
            expect![[r#"
            word-count                     failed        the top level failed: Error: no
                                                           at f (main.mjs:3:7)
                                                           at main.mjs:9:1"#]],
        );
        let error = LoadError::Exited(Exit::Stopped);
        check(
            &Event::Failed { plugin: plugin.clone(), error },
            expect!["word-count                     failed        not started again"],
        );
        check(
            &Event::Uncaught { plugin: plugin.clone(), thrown: thrown(), rejection: true },
            expect![[r#"
            word-count                     uncaught      in a promise: Error: no
                                                           at f (main.mjs:3:7)
                                                           at main.mjs:9:1"#]],
        );
        let stuck = Duration::from_millis(1_040);
        let unresponsive = |activity| Event::Unresponsive { plugin: plugin.clone(), stuck, activity };
        let stack = Some("    at spin (looper.js:7:3)".to_owned());
        check(
            &unresponsive(Activity::Hung { lasting: stuck, serving: None, stack }),
            expect![[r#"
            word-count                     unresponsive  has been in one turn for 1.0 s:
                                                           at spin (looper.js:7:3)"#]],
        );
        check(
            &unresponsive(Activity::Stuck {
                lasting: stuck,
                serving: Some("go".to_owned()),
                last_seen: None,
            }),
            expect![
                "word-count                     unresponsive  has been stuck in native code for 1.0 s, serving go"
            ],
        );
        check(
            &unresponsive(Activity::Hung { lasting: stuck, serving: None, stack: None }),
            expect![
                "word-count                     unresponsive  has not answered for 1.0 s, and its stack is not known"
            ],
        );
    }
}

//! What happens to the plugins of running hosts, for people and programs.

use crate::failure::frames;
use crate::paint::{BOLD, DIM, ERROR, GOOD, WARNING, paint};
use crate::snapshot::SCHEMA;
use crate::text::{indented, line};
use crate::time::{brief, moment, of_day};
use anstyle::Style;
use plughold_control::record::{Happening, HostInfo, Level};
use serde::Serialize;
use serde_json::{Map, Value};
use std::time::Duration;

/// What stands before the text of a line: a time, and two gaps.
const TIME: usize = 12 + 2;

/// How wide the words for what happened are.
const WORD: usize = 12;

/// One line of a stream for programs: as `plughold run --json` prints it, and of which host it is.
#[derive(Serialize)]
pub(crate) struct Record<'a> {
    schema: u32,
    time: String,
    event: &'a str,
    host: &'a str,
    host_pid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    plugin: Option<&'a str>,
    #[serde(flatten)]
    fields: &'a Map<String, Value>,
}

impl<'a> Record<'a> {
    /// What happened in a host.
    pub(crate) fn new(happening: &'a Happening, host: &'a HostInfo) -> Record<'a> {
        Record {
            schema: SCHEMA,
            time: moment(Duration::from_millis(happening.time_ms)),
            event: &happening.kind,
            host: &host.name,
            host_pid: host.pid,
            plugin: happening.plugin.as_deref(),
            fields: &happening.fields,
        }
    }
}

/// What happened, on one line and those of a stack below it. Ids are as wide as `id_width`.
pub(crate) fn shown(happening: &Happening, id_width: usize) -> String {
    let time = paint(DIM, of_day(Duration::from_millis(happening.time_ms)));
    let id = line(happening.plugin.as_deref().unwrap_or("–"));
    let id = paint(BOLD, format_args!("{id:<id_width$}"));
    let (word, style) = word_of(happening);
    let indent = " ".repeat(TIME + id_width + 2 + WORD + 2);
    let text = indented(&text_of(happening), &indent);
    let mut shown = match text.is_empty() {
        true => format!("{time}  {id}  {}", paint(style, line(word))),
        false => format!("{time}  {id}  {}  {text}", paint(style, format_args!("{:<WORD$}", line(word)))),
    };
    for frame in stack_of(&happening.fields).map(frames).iter().flat_map(|frames| frames.lines()) {
        shown.push_str(&format!("\n{indent}{}", paint(DIM, line(frame))));
    }
    shown
}

fn word_of(happening: &Happening) -> (&str, Style) {
    if let Some(level) = happening.level() {
        return match level {
            Level::Debug => ("debug", DIM),
            Level::Info => ("info", Style::new()),
            Level::Warn => ("warn", WARNING),
            Level::Error => ("error", ERROR),
        };
    }
    let kind = happening.kind.as_str();
    let style = match kind {
        "started" | "reloaded" | "responsive" | "granted" | "solved" => GOOD,
        "failed" | "disabled" | "uncaught" | "rolled_back" | "problem" => ERROR,
        "exited" if happening.fields.get("asked") == Some(&Value::Bool(true)) => DIM,
        "exited" => ERROR,
        "restarting" | "unresponsive" | "over_budget" | "missed" | "refused" | "denied" | "capped" => WARNING,
        _ => DIM,
    };
    (kind, style)
}

/// What is said of it: its message, or else what is known by key.
fn text_of(happening: &Happening) -> String {
    let Happening { fields, kind, .. } = happening;
    if let Some(message) = happening.message() {
        let dropped = fields.get("dropped_before").and_then(Value::as_u64).filter(|&count| 0 < count);
        let place = fields.get("place").and_then(place);
        let place = place.map_or_else(String::new, |place| format!("{place}  "));
        return match dropped {
            Some(count) => format!("{place}{message}\n({count} lines before it were dropped)"),
            None => format!("{place}{message}"),
        };
    }
    let number = |key: &str| fields.get(key).and_then(Value::as_u64).unwrap_or_default();
    let duration = |key: &str| brief(Duration::from_micros(number(key)));
    match kind.as_str() {
        "started" | "reloaded" => format!("process {} in {}", number("generation"), duration("took_us")),
        "restarting" => format!("crash {}, starts again in {}", number("attempt"), duration("after_us")),
        "disabled" => format!("crashed {} times in a short time", number("crashes")),
        "unresponsive" => format!("for {}", duration("stuck_us")),
        "over_budget" => format!("used {} of {} in a minute", duration("used_us"), duration("per_minute_us")),
        "uncaught" | "state_lost" => fields.get("thrown").map(thrown).unwrap_or_default(),
        _ => {
            let scalars = fields.iter().filter(|(_, value)| !value.is_object() && !value.is_array());
            let words = scalars.map(|(key, value)| match value.as_str() {
                Some(text) => text.to_owned(),
                None => format!("{key} {value}"),
            });
            Vec::from_iter(words).join(", ")
        }
    }
}

fn place(place: &Value) -> Option<String> {
    Some(format!("{}:{}", place.get("file")?.as_str()?, place.get("line")?.as_u64()?))
}

fn thrown(thrown: &Value) -> String {
    let text = |key: &str| thrown.get(key).and_then(Value::as_str).unwrap_or_default();
    format!("{}: {}", text("name"), text("message"))
}

fn stack_of(fields: &Map<String, Value>) -> Option<&str> {
    let own = fields.get("stack").and_then(Value::as_str);
    own.or_else(|| fields.get("thrown")?.get("stack")?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use serde_json::json;

    #[track_caller]
    fn check(kind: &str, fields: Value, expected: Expect) {
        let fields = fields.as_object().unwrap().clone();
        let plugin = Some("hello".to_owned());
        let happening =
            Happening { number: 1, time_ms: 1_795_255_200_123, kind: kind.to_owned(), plugin, fields };
        expected.assert_eq(&anstream::adapter::strip_str(&shown(&happening, 6)).to_string());
    }

    #[test]
    fn what_happened_is_one_line_and_its_stack() {
        check(
            "log",
            json!({ "level": "warn", "message": "hi\nforged", "place": { "file": "a.js", "line": 3 }, "dropped_before": 0 }),
            expect![[r#"
                10:00:00.123  hello   warn          a.js:3  hi
                                                    forged"#]],
        );
        check(
            "started",
            json!({ "generation": 2, "took_us": 4_200 }),
            expect!["10:00:00.123  hello   started       process 2 in 4.2 ms"],
        );
        check(
            "uncaught",
            json!({ "thrown": { "name": "Error", "message": "no", "stack": "    at f (a.js:1:1)" }, "rejection": false }),
            expect![[r#"
                10:00:00.123  hello   uncaught      Error: no
                                                      at f (a.js:1:1)"#]],
        );
        check(
            "refused",
            json!({ "permission": "notes.read\u{1b}[2J" }),
            expect!["10:00:00.123  hello   refused       notes.read�[2J"],
        );
        check("newer", json!({ "of": { "deep": 1 } }), expect!["10:00:00.123  hello   newer"]);
    }
}

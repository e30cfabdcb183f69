//! Events for programs: one JSON object each, with the keys `schema`, `time`, `event` and mostly `plugin`.

use crate::snapshot::{Entry, SCHEMA};
use crate::time;
use plughold::{Decision, Event, Exit, PluginId, Problems, ShutdownReport};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// One event of a plugin. None for a kind of event that is newer than this command.
pub(crate) fn of_event(event: &Event) -> Option<Record> {
    Some(match event {
        Event::Started { plugin, generation, took } => record(
            "started",
            json!({ "plugin": plugin.as_str(), "generation": generation, "took_us": micros(*took) }),
        ),
        Event::Failed { plugin, error } => record(
            "failed",
            json!({ "plugin": plugin.as_str(), "message": error.to_string(), "thrown": error.thrown() }),
        ),
        Event::Exited { plugin, generation, exit } => record(
            "exited",
            json!({
                "plugin": plugin.as_str(),
                "generation": generation,
                "asked": exit.was_asked(),
                "message": exit.to_string(),
                "code": code_of(exit),
                "signal": signal_of(exit),
            }),
        ),
        Event::Restarting { plugin, attempt, after } => record(
            "restarting",
            json!({ "plugin": plugin.as_str(), "attempt": attempt, "after_us": micros(*after) }),
        ),
        Event::Disabled { plugin, crashes } => {
            record("disabled", json!({ "plugin": plugin.as_str(), "crashes": crashes }))
        }
        Event::Unresponsive { plugin, stuck, stack } => record(
            "unresponsive",
            json!({ "plugin": plugin.as_str(), "stuck_us": micros(*stuck), "stack": stack }),
        ),
        Event::Responsive { plugin } => record("responsive", json!({ "plugin": plugin.as_str() })),
        Event::Log { plugin, level, message, place, dropped_before } => record(
            "log",
            json!({
                "plugin": plugin.as_str(),
                "level": level,
                "message": message,
                "place": place,
                "dropped_before": dropped_before,
            }),
        ),
        Event::Uncaught { plugin, thrown, rejection } => {
            record("uncaught", json!({ "plugin": plugin.as_str(), "thrown": thrown, "rejection": rejection }))
        }
        Event::Reported { plugin, file } => {
            record("reported", json!({ "plugin": plugin.as_str(), "file": file.to_string_lossy() }))
        }
        Event::NotReported { plugin, reason } => {
            record("not_reported", json!({ "plugin": plugin.as_str(), "reason": reason }))
        }
        Event::Resting { plugin } => record("resting", json!({ "plugin": plugin.as_str() })),
        Event::StateLost { plugin, generation, thrown } => record(
            "state_lost",
            json!({ "plugin": plugin.as_str(), "generation": generation, "thrown": thrown }),
        ),
        Event::Dependency { plugin, dependency, is_active } => record(
            "dependency",
            json!({ "plugin": plugin.as_str(), "dependency": dependency.as_str(), "is_active": is_active }),
        ),
        Event::Misfit { plugin, dependency, unmet } => record(
            "misfit",
            json!({
                "plugin": plugin.as_str(),
                "dependency": dependency.as_str(),
                "message": unmet.to_string(),
            }),
        ),
        Event::Reloaded { plugin, generation, took } => record(
            "reloaded",
            json!({ "plugin": plugin.as_str(), "generation": generation, "took_us": micros(*took) }),
        ),
        Event::RolledBack { plugin, generation, error } => record(
            "rolled_back",
            json!({
                "plugin": plugin.as_str(),
                "generation": generation,
                "message": error.to_string(),
                "thrown": error.thrown(),
            }),
        ),
        Event::Found { plugin, path } => record("found", place(plugin, path)),
        Event::Changed { plugin, path } => record("changed", place(plugin, path)),
        Event::Removed { plugin, path } => record("removed", place(plugin, path)),
        Event::Problem { problems, plugin } => of_problem(problems, plugin.as_ref()),
        Event::Solved { path } => record("solved", json!({ "path": path.to_string_lossy() })),
        Event::Polling { every, reason } => {
            record("polling", json!({ "every_us": micros(*every), "reason": reason.to_string() }))
        }
        Event::SettingRefused { plugin, error } => {
            record("setting_refused", json!({ "plugin": plugin.as_str(), "message": error.to_string() }))
        }
        Event::Permission { plugin, permission, decision: Decision::Refused } => {
            record("refused", json!({ "plugin": plugin.as_str(), "permission": permission }))
        }
        Event::Missed { count } => record("missed", json!({ "count": count })),
        _ => return None,
    })
}

/// A package that cannot be loaded, and the plugin that came from there before and goes on.
pub(crate) fn of_problem(problems: &Problems, running: Option<&PluginId>) -> Record {
    let mut fields = json!({ "path": problems.path.to_string_lossy(), "items": problems.items });
    if let (Some(running), Some(fields)) = (running, fields.as_object_mut()) {
        fields.insert("plugin".to_owned(), running.as_str().into());
    }
    record("problem", fields)
}

/// Every plugin, after the first start of each has succeeded or failed.
pub(crate) fn of_plugins(plugins: &[Entry]) -> Record {
    record("loaded", json!({ "plugins": plugins }))
}

/// The end: nothing follows it.
pub(crate) fn of_shutdown(report: &ShutdownReport) -> Record {
    let stopped: Vec<&str> = report.stopped.iter().map(|id| id.as_str()).collect();
    let killed: Vec<Value> = report
        .killed
        .iter()
        .map(|(id, reason)| json!({ "plugin": id.as_str(), "reason": reason.to_string() }))
        .collect();
    record("shutdown", json!({ "stopped": stopped, "killed": killed }))
}

/// One line of the stream.
#[derive(Debug, Serialize)]
pub(crate) struct Record {
    schema: u32,
    time: String,
    event: &'static str,
    #[serde(flatten)]
    fields: Value,
}

fn record(event: &'static str, fields: Value) -> Record {
    Record { schema: SCHEMA, time: time::now(), event, fields }
}

fn code_of(exit: &Exit) -> Option<i32> {
    match exit {
        Exit::Code { code, .. } => Some(*code),
        _ => None,
    }
}

fn signal_of(exit: &Exit) -> Option<i32> {
    match exit {
        Exit::Signal(signal) => Some(*signal),
        _ => None,
    }
}

fn place(plugin: &PluginId, path: &Path) -> Value {
    json!({ "plugin": plugin.as_str(), "path": path.to_string_lossy() })
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use plughold::{Level, Place};

    #[track_caller]
    fn check(event: &Event, expected: Expect) {
        let mut record = of_event(event).unwrap();
        record.time.clear();
        expected.assert_eq(&serde_json::to_string(&record).unwrap());
    }

    #[test]
    fn keys_are_stable() {
        let plugin = PluginId::native("hello").unwrap();
        let place = Some(Place { file: "hello.js".into(), line: 3, column: 9 });
        let message = "hi".to_owned();
        check(
            &Event::Log { plugin: plugin.clone(), level: Level::Warn, message, place, dropped_before: 0 },
            expect![[
                r#"{"schema":1,"time":"","event":"log","dropped_before":0,"level":"warn","message":"hi","place":{"column":9,"file":"hello.js","line":3},"plugin":"hello"}"#
            ]],
        );
        let (message, place) = ("one\ntwo".to_owned(), None);
        check(
            &Event::Log { plugin: plugin.clone(), level: Level::Info, message, place, dropped_before: 1 },
            expect![[
                r#"{"schema":1,"time":"","event":"log","dropped_before":1,"level":"info","message":"one\ntwo","place":null,"plugin":"hello"}"#
            ]],
        );
        let exit = Exit::Code { code: 71, words: "out of memory".into() };
        check(
            &Event::Exited { plugin: plugin.clone(), generation: 2, exit },
            expect![[
                r#"{"schema":1,"time":"","event":"exited","asked":false,"code":71,"generation":2,"message":"its process ended with code 71: out of memory","plugin":"hello","signal":null}"#
            ]],
        );
        let (permission, decision) = ("notes.read".to_owned(), Decision::Refused);
        check(
            &Event::Permission { plugin: plugin.clone(), permission, decision },
            expect![[
                r#"{"schema":1,"time":"","event":"refused","permission":"notes.read","plugin":"hello"}"#
            ]],
        );
        let after = Duration::from_millis(90);
        check(
            &Event::Restarting { plugin, attempt: 1, after },
            expect![[
                r#"{"schema":1,"time":"","event":"restarting","after_us":90000,"attempt":1,"plugin":"hello"}"#
            ]],
        );
    }
}

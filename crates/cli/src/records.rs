//! Events for programs: one JSON object each, with the keys `schema`, `time`, `event` and mostly `plugin`.

use crate::observe::Needed;
use crate::snapshot::{Entry, SCHEMA};
use crate::time;
use plughold::{Event, PluginId, Problems, ShutdownReport, Use};
use plughold_control::record::Happening;
use serde::Serialize;
use serde_json::{Value, json};

/// One event, as other programs hear of it over the control socket too.
pub(crate) fn of_event(event: &Event) -> Record {
    let Happening { kind, plugin, mut fields, .. } = Happening::from(event);
    if let Some(plugin) = plugin {
        fields.insert("plugin".to_owned(), plugin.into());
    }
    record(kind, Value::Object(fields))
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

/// What a plugin has used, and what its manifest needs to ask for.
pub(crate) fn of_uses(plugin: &PluginId, uses: &[Use], needed: &Needed) -> Record {
    let Needed { permissions, more, less } = needed;
    let fields = json!({
        "plugin": plugin.as_str(),
        "uses": uses,
        "permissions": permissions,
        "more": more,
        "less": less,
    });
    record("observed", fields)
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
    event: String,
    #[serde(flatten)]
    fields: Value,
}

fn record(event: impl Into<String>, fields: Value) -> Record {
    Record { schema: SCHEMA, time: time::now(), event: event.into(), fields }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use plughold::{Decision, Exit, Level, Place};
    use std::time::Duration;

    #[track_caller]
    fn check(event: &Event, expected: Expect) {
        let mut record = of_event(event);
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

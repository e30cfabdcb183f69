//! Events as they are told to other programs. `docs/control.md` names the kinds and their keys, and `plughold run --json`
//! prints the same.

use crate::{Decision, Event, Exit, PluginId};
use plughold_control::record::Happening;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::Duration;

/// An event as it is told to other programs: by its kind and what is known of it. Its number and its time are zero, because
/// an event has none.
impl From<&Event> for Happening {
    fn from(event: &Event) -> Happening {
        let (kind, fields) = words(event);
        let fields = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let plugin = event.plugin().map(PluginId::to_string);
        Happening { number: 0, time_ms: 0, kind: kind.to_owned(), plugin, fields }
    }
}

fn words(event: &Event) -> (&'static str, Value) {
    match event {
        Event::Started { generation, took, .. } => {
            ("started", json!({ "generation": generation, "took_us": micros(*took) }))
        }
        Event::Failed { error, .. } => {
            ("failed", json!({ "message": error.to_string(), "thrown": error.thrown() }))
        }
        Event::Exited { generation, exit, .. } => (
            "exited",
            json!({
                "generation": generation,
                "asked": exit.was_asked(),
                "message": exit.to_string(),
                "code": code_of(exit),
                "signal": signal_of(exit),
            }),
        ),
        Event::Stopped { .. } => ("stopped", json!({})),
        Event::Restarting { attempt, after, .. } => {
            ("restarting", json!({ "attempt": attempt, "after_us": micros(*after) }))
        }
        Event::Disabled { crashes, .. } => ("disabled", json!({ "crashes": crashes })),
        Event::Reloaded { generation, took, .. } => {
            ("reloaded", json!({ "generation": generation, "took_us": micros(*took) }))
        }
        Event::RolledBack { generation, error, .. } => (
            "rolled_back",
            json!({ "generation": generation, "message": error.to_string(), "thrown": error.thrown() }),
        ),
        Event::Resting { .. } => ("resting", json!({})),
        Event::StateLost { generation, thrown, .. } => {
            ("state_lost", json!({ "generation": generation, "thrown": thrown }))
        }
        Event::Dependency { dependency, is_active, .. } => {
            ("dependency", json!({ "dependency": dependency.as_str(), "is_active": is_active }))
        }
        Event::Misfit { dependency, unmet, .. } => {
            ("misfit", json!({ "dependency": dependency.as_str(), "message": unmet.to_string() }))
        }
        Event::Unresponsive { stuck, activity, .. } => (
            "unresponsive",
            json!({ "stuck_us": micros(*stuck), "stack": activity.stack(), "activity": activity }),
        ),
        Event::Responsive { .. } => ("responsive", json!({})),
        Event::Log { level, message, place, dropped_before, .. } => (
            "log",
            json!({ "level": level, "message": message, "place": place, "dropped_before": dropped_before }),
        ),
        Event::Uncaught { thrown, rejection, .. } => {
            ("uncaught", json!({ "thrown": thrown, "rejection": rejection }))
        }
        Event::Reported { file, .. } => ("reported", json!({ "file": path_words(file) })),
        Event::NotReported { reason, .. } => ("not_reported", json!({ "reason": reason })),
        Event::Found { path, .. } => ("found", json!({ "path": path_words(path) })),
        Event::Changed { path, .. } => ("changed", json!({ "path": path_words(path) })),
        Event::Removed { path, .. } => ("removed", json!({ "path": path_words(path) })),
        Event::Problem { problems, .. } => {
            ("problem", json!({ "path": path_words(&problems.path), "items": problems.items }))
        }
        Event::Solved { path } => ("solved", json!({ "path": path_words(path) })),
        Event::Polling { every, reason } => {
            ("polling", json!({ "every_us": micros(*every), "reason": reason.to_string() }))
        }
        Event::Permission { permission, decision, .. } => {
            let kind = match decision {
                Decision::Granted => "granted",
                Decision::Denied => "denied",
                Decision::Revoked => "revoked",
                Decision::Refused => "refused",
            };
            (kind, json!({ "permission": permission }))
        }
        Event::Capped { capped, .. } => {
            ("capped", json!({ "limit": capped.limit, "wanted": capped.wanted, "given": capped.given }))
        }
        Event::SettingRefused { error, .. } => ("setting_refused", json!({ "message": error.to_string() })),
        Event::OverBudget { generation, used, budget, .. } => (
            "over_budget",
            json!({ "generation": generation, "used_us": micros(*used), "per_minute_us": micros(budget.per_minute) }),
        ),
        Event::Missed { count } => ("missed", json!({ "count": count })),
    }
}

fn path_words(path: &Path) -> String {
    path.to_string_lossy().into_owned()
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

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activity, CpuBudget, Level, LoadError, OverBudget, Place, Thrown};
    use plughold_package::order::Why;
    use plughold_package::{Problem, Problems, Unmet};
    use std::fmt::Write;
    use std::sync::Arc;

    const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/control.md");

    /// One of each kind.
    fn all() -> Vec<Event> {
        let plugin = || PluginId::native("hello").unwrap();
        let thrown = || Thrown::new("RangeError", "too far");
        let path = || "plugins/hello.js".into();
        let unmet = Unmet { path: vec!["other".to_owned()], why: Why::Missing };
        let problems = Problems { path: path(), items: vec![Problem::new("hello.js", "it is empty")] };
        let second = Duration::from_secs(1);
        let permission = |decision| {
            let permission = "notes.write".to_owned();
            Event::Permission { plugin: plugin(), permission, decision }
        };
        vec![
            Event::Started { plugin: plugin(), generation: 1, took: second },
            Event::Failed { plugin: plugin(), error: LoadError::Stopped },
            Event::Exited {
                plugin: plugin(),
                generation: 1,
                exit: Exit::Code { code: 71, words: String::new() },
            },
            Event::Stopped { plugin: plugin() },
            Event::Restarting { plugin: plugin(), attempt: 1, after: second },
            Event::Disabled { plugin: plugin(), crashes: 5 },
            Event::Reloaded { plugin: plugin(), generation: 2, took: second },
            Event::RolledBack { plugin: plugin(), generation: 2, error: LoadError::Stopped },
            Event::Resting { plugin: plugin() },
            Event::StateLost { plugin: plugin(), generation: 1, thrown: thrown() },
            Event::Dependency { plugin: plugin(), dependency: plugin(), is_active: true },
            Event::Misfit { plugin: plugin(), dependency: plugin(), unmet: Box::new(unmet) },
            Event::Unresponsive { plugin: plugin(), stuck: second, activity: Activity::Stopped },
            Event::Responsive { plugin: plugin() },
            Event::OverBudget {
                plugin: plugin(),
                generation: 1,
                used: second,
                budget: CpuBudget { per_minute: second, then: OverBudget::Slow },
            },
            Event::Log {
                plugin: plugin(),
                level: Level::Info,
                message: "hi".to_owned(),
                place: Some(Place { file: "hello.js".to_owned(), line: 3, column: 9 }),
                dropped_before: 0,
            },
            Event::Uncaught { plugin: plugin(), thrown: thrown(), rejection: true },
            Event::Reported { plugin: plugin(), file: path() },
            Event::NotReported { plugin: plugin(), reason: "the disk is full".to_owned() },
            Event::Found { plugin: plugin(), path: path() },
            Event::Changed { plugin: plugin(), path: path() },
            Event::Removed { plugin: plugin(), path: path() },
            Event::Problem { problems: Arc::new(problems), plugin: None },
            Event::Solved { path: path() },
            permission(Decision::Granted),
            permission(Decision::Denied),
            permission(Decision::Revoked),
            permission(Decision::Refused),
            Event::Missed { count: 12 },
        ]
    }

    #[test]
    fn the_document_names_every_kind_with_its_keys() {
        let mut table = "| kind | keys of `fields` |\n|---|---|\n".to_owned();
        for event in all() {
            let happening = Happening::from(&event);
            assert_eq!(happening.plugin.as_deref(), event.plugin().map(|plugin| plugin.as_str()));
            let keys: Vec<String> = happening.fields.keys().map(|key| format!("`{key}`")).collect();
            writeln!(table, "| `{}` | {} |", happening.kind, keys.join(", ")).unwrap();
        }
        for (kind, keys) in [
            ("polling", "`every_us`, `reason`"),
            ("setting_refused", "`message`"),
            ("capped", "`given`, `limit`, `wanted`"),
        ] {
            writeln!(table, "| `{kind}` | {keys} |").unwrap();
        }
        let before = std::fs::read_to_string(DOCUMENT).unwrap();
        let (begin, end) = ("<!-- begin happenings -->\n", "<!-- end happenings -->");
        let from = before.find(begin).unwrap() + begin.len();
        let to = before.find(end).unwrap();
        let document = format!("{}{table}{}", &before[..from], &before[to..]);
        if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
            std::fs::write(DOCUMENT, document).unwrap();
            return;
        }
        assert_eq!(
            before, document,
            "run the test with UPDATE_DOCUMENTS=1, then read what the change means to others"
        );
    }

    #[test]
    fn whatever_a_plugin_throws_can_be_sent() {
        for event in all() {
            let item = plughold_control::Item::Happening(Happening::from(&event));
            let message = plughold_control::HostMessage::Item { id: 1, item };
            let most = plughold_control::limits::HOST_MESSAGE;
            let frames = plughold_control::codec::encode(&message, most).unwrap();
            let read: plughold_control::HostMessage = plughold_control::codec::decode(&frames[5..]).unwrap();
            assert_eq!(read, message);
        }
    }
}

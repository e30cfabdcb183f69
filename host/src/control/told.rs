//! How plugins are described to other programs.
//!
//! The records of the control socket have the keys that the library's own have as JSON, so one is made of the other by
//! writing and reading it; a test holds them together. Texts of plugins are cleaned and cut here.

use crate::text::{clean_block, clean_line};
use crate::{CallError, CommandError, LoadError, PermissionError, Plugin, PluginInfo};
use plughold_control::record::{
    Figures, FunctionFigures, PendingCall, Permission, Plugin as Told, PluginError, Reference,
};
use plughold_control::{Refusal, RefusalKind, limits};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Exports of one plugin that are told where all plugins are listed.
const FEW: usize = 64;

/// Exports that are told of one plugin.
const MANY: usize = 2_000;

/// Bytes of a stack that are told where all plugins are listed, and of one plugin.
const STACK: [usize; 2] = [2 << 10, 32 << 10];

/// A plugin among all of them.
pub(super) fn brief(plugin: &Plugin) -> Result<Told, Refusal> {
    let mut told = of_plugin(plugin)?;
    told.exports.truncate(FEW);
    let [most, _] = STACK;
    if let Some(error) = &mut told.error {
        error.thrown = None;
        cut(&mut error.stack, most);
    }
    if let Some(figures) = &mut told.figures {
        figures.from_plugin.functions.clear();
        figures.to_plugin.functions.clear();
    }
    Ok(told)
}

/// One plugin.
pub(super) fn whole(plugin: &Plugin) -> Result<Told, Refusal> {
    of_plugin(plugin)
}

fn of_plugin(plugin: &Plugin) -> Result<Told, Refusal> {
    let info = plugin.info();
    let mut told: Told = of_info(&info)?;
    told.source = line(&plugin.package().source.display().to_string());
    told.activity = Some(same(&plugin.activity())?);
    told.figures = Some(figures(plugin)?);
    Ok(told)
}

fn of_info(info: &PluginInfo) -> Result<Told, Refusal> {
    let mut told: Told = same(info)?;
    clean(&mut told.name);
    clean(&mut told.version);
    told.exports.truncate(MANY);
    told.exports.iter_mut().for_each(clean);
    told.sandbox_layers.iter_mut().for_each(clean);
    if let Some(PluginError { message, stack, .. }) = &mut told.error {
        *message = block(message);
        let [_, most] = STACK;
        cut(stack, most);
    }
    Ok(told)
}

/// What a plugin costs.
pub(super) fn figures(plugin: &Plugin) -> Result<Figures, Refusal> {
    let mut figures: Figures = same(&plugin.figures())?;
    let functions = figures.from_plugin.functions.iter_mut().chain(&mut figures.to_plugin.functions);
    functions.for_each(|FunctionFigures { name, .. }| clean(name));
    Ok(figures)
}

/// What is held across a plugin's border.
pub(super) fn references(plugin: &Plugin) -> Result<Vec<Reference>, Refusal> {
    let mut references: Vec<Reference> = same(&plugin.references())?;
    for Reference { name, place, .. } in &mut references {
        clean(name);
        place.as_mut().map(clean);
    }
    Ok(references)
}

/// Calls from and to a plugin that are not answered yet.
pub(super) fn pending(plugin: &Plugin) -> Result<Vec<PendingCall>, Refusal> {
    let mut calls: Vec<PendingCall> = same(&plugin.pending())?;
    for PendingCall { name, parent, .. } in &mut calls {
        clean(name);
        if let Some(parent) = parent {
            clean(&mut parent.name);
        }
    }
    Ok(calls)
}

/// What a plugin asks for and what it has.
pub(super) fn permissions(plugin: &Plugin) -> Result<Vec<Permission>, Refusal> {
    let mut permissions: Vec<Permission> = same(&plugin.permissions())?;
    for Permission { name, reason, .. } in &mut permissions {
        clean(name);
        reason.as_mut().map(clean);
    }
    Ok(permissions)
}

/// The record with the same keys.
fn same<T: DeserializeOwned>(value: &impl Serialize) -> Result<T, Refusal> {
    let failed = |words: String| Refusal::new(RefusalKind::Failed, words);
    let bytes = rmp_serde::to_vec_named(value).map_err(|error| failed(error.to_string()))?;
    rmp_serde::from_slice(&bytes).map_err(|error| failed(error.to_string()))
}

/// One clean line of bounded length.
pub(super) fn line(text: &str) -> String {
    clean_line(text, limits::TEXT)
}

fn block(text: &str) -> String {
    let mut block = clean_block(text);
    block.truncate(block.floor_char_boundary(limits::TEXT * 16));
    block
}

fn clean(text: &mut String) {
    *text = line(text);
}

fn cut(text: &mut Option<String>, most: usize) {
    if let Some(text) = text {
        *text = clean_block(text);
        text.truncate(text.floor_char_boundary(most));
    }
}

// -- Refusals ----------------------------------------------------------------------------------------------------------

/// Why a plugin was not started.
pub(super) fn of_load_error(error: &LoadError) -> Refusal {
    let kind = match error {
        LoadError::ShuttingDown => RefusalKind::ShuttingDown,
        LoadError::Unloaded => RefusalKind::NotFound,
        LoadError::Timeout { .. } => RefusalKind::TimedOut,
        LoadError::Failed { .. } => RefusalKind::Thrown,
        LoadError::SafeMode | LoadError::Sandbox(_) => RefusalKind::Denied,
        _ => RefusalKind::Failed,
    };
    let thrown = error.thrown();
    let mut stack = thrown.and_then(|thrown| thrown.stack.clone());
    let [_, most] = STACK;
    cut(&mut stack, most);
    let thrown = thrown.and_then(|thrown| serde_json::to_value(thrown).ok());
    Refusal { kind, message: block(&error.to_string()), stack, thrown }
}

/// Why a call gave nothing.
pub(super) fn of_call_error(error: &CallError) -> Refusal {
    let (kind, thrown) = match error {
        CallError::Thrown(thrown) if thrown.code.as_deref() == Some("E_NOT_FOUND") => {
            (RefusalKind::NotFound, Some(thrown))
        }
        CallError::Thrown(thrown) => (RefusalKind::Thrown, Some(thrown)),
        CallError::Gone { .. } => (RefusalKind::Failed, None),
        CallError::Deadline { .. } => (RefusalKind::TimedOut, None),
        CallError::Busy { .. } | CallError::References { .. } => (RefusalKind::Busy, None),
        CallError::NotActive { .. } => (RefusalKind::NotActive, None),
        CallError::Arguments(_) => (RefusalKind::Malformed, None),
        _ => (RefusalKind::Failed, None),
    };
    let mut stack = thrown.and_then(|thrown| thrown.stack.clone());
    let [_, most] = STACK;
    cut(&mut stack, most);
    let thrown = thrown.and_then(|thrown| serde_json::to_value(thrown).ok());
    Refusal { kind, message: block(&error.to_string()), stack, thrown }
}

/// Why a command gave nothing.
pub(super) fn of_command_error(command: &str, error: &CommandError) -> Refusal {
    match error {
        CommandError::Unknown => {
            Refusal::new(RefusalKind::NotFound, format!("there is no command {}", line(command)))
        }
        CommandError::Call(error) => of_call_error(error),
    }
}

/// Why a permission was neither granted nor taken.
pub(super) fn of_permission_error(error: &PermissionError) -> Refusal {
    let kind = match error {
        PermissionError::Malformed { .. } => RefusalKind::Malformed,
        PermissionError::NotAsked { .. } => RefusalKind::NotFound,
        _ => RefusalKind::Failed,
    };
    Refusal::new(kind, block(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activity, Figures as OwnFigures};
    use plughold_control::record;
    use serde_json::{Value, json};
    use std::time::Duration;

    /// What the library writes is what the record holds, by the same keys, and nothing is lost.
    #[track_caller]
    fn check<T: Serialize + DeserializeOwned>(own: &impl Serialize) {
        let record: T = same(own).unwrap();
        let (own, told) = (serde_json::to_value(own).unwrap(), serde_json::to_value(record).unwrap());
        let (Value::Object(own), Value::Object(told)) = (&own, &told) else {
            return assert_eq!(own, told);
        };
        for (key, value) in own {
            assert_eq!(told.get(key), Some(value), "{key}");
        }
    }

    #[test]
    fn records_are_what_the_library_writes() {
        let lasting = Duration::from_millis(1_340);
        let text = || Some("text".to_owned());
        for activity in [
            Activity::Starting,
            Activity::Idle,
            Activity::Waiting { call: "notes.search".to_owned(), lasting },
            Activity::Busy { lasting, serving: text() },
            Activity::Hung { lasting, serving: None, stack: text() },
            Activity::Stuck { lasting, serving: text(), last_seen: text() },
            Activity::Stopped,
            Activity::Dead,
        ] {
            check::<record::Activity>(&activity);
        }
        for state in
            ["starting", "active", "unresponsive", "backoff", "resting", "failed", "disabled", "stopped"]
        {
            let state: record::State = same(&state).unwrap();
            assert_ne!(state, record::State::Other);
        }
        check::<Figures>(&OwnFigures::default());
    }

    #[test]
    fn lists_of_the_library_are_lists_of_records() {
        let reference: crate::ReferenceInfo = serde_json::from_value(json!({
            "holder": "host", "kind": "stream", "id": 9, "name": "ticks", "age_ms": 61, "calls": 0,
            "place": "result of ticks", "unread_bytes": 12,
        }))
        .unwrap();
        check::<Reference>(&reference);
        let call: crate::CallInFlight = serde_json::from_value(json!({
            "direction": "from_plugin", "id": 3, "name": "notes.search", "kind": "api", "age_ms": 5,
            "deadline_ms": 10, "parent": { "plugin": "hello", "name": "go", "direction": "to_plugin" },
            "is_blocking": true, "is_wanted": true,
        }))
        .unwrap();
        check::<PendingCall>(&call);
    }

    #[test]
    fn texts_of_plugins_are_cleaned_and_cut() {
        assert_eq!(line("a\u{1b}[2Jb\nc"), clean_line("a\u{1b}[2Jb\nc", 256));
        assert!(line(&"ä".repeat(1_000)).len() <= limits::TEXT + 3);
        let mut stack = Some("ä".repeat(1_000));
        cut(&mut stack, 101);
        assert_eq!(stack.map(|stack| stack.len()), Some(100));
    }
}

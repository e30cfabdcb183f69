//! How `call` and `exec` end: with what a function returned, or with why it returned nothing.

use crate::approval;
use crate::attend::Attendance;
use crate::exit::Exit;
use crate::failure::{Failure, frames, is_broken_pipe};
use crate::service::Service;
use crate::snapshot::SCHEMA;
use crate::{json, observe};
use plughold::{CallError, Json, LoadError, Scope, Stream, Thrown};
use serde::Serialize;
use serde_json::Value;

/// What `--json` prints.
#[derive(Serialize)]
struct Answer<'a> {
    schema: u32,
    #[serde(flatten)]
    outcome: Outcome<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome<'a> {
    Result(&'a Json),
    Chunk(&'a Json),
    Error(Value),
}

/// Waits for a result and prints it, unless it was a stream, whose chunks are printed when they come. Whatever happens, every plugin is asked to finish before this returns.
pub(super) async fn give(
    service: &Service,
    attendance: &mut Attendance,
    is_json: bool,
    result: impl Future<Output = anyhow::Result<Option<Json>>>,
) -> anyhow::Result<Exit> {
    let exit = match attendance.during(result).await {
        Ok(Some(Ok(Some(value)))) => print(&value, is_json).map(|()| Exit::Success),
        Ok(Some(Ok(None))) => Ok(Exit::Success),
        Ok(Some(Err(error))) => Err(error),
        Ok(None) if is_json => Err(Failure::new(Exit::Interrupted, "interrupted").into()),
        Ok(None) => Ok(Exit::Interrupted),
        Err(error) => Err(error.into()),
    };
    let stopped = attendance.shut_down(&service.host).await;
    if service.observes {
        observe::report(&service.host, false)?;
    }
    let exit = exit?;
    let _report = stopped?;
    Ok(exit)
}

/// With `--json` an error, whatever it is, is printed as an answer.
pub(super) fn with_error(is_json: bool, result: anyhow::Result<Exit>) -> anyhow::Result<Exit> {
    match result {
        Err(error) if is_json && !is_broken_pipe(&error) => {
            let failure = Failure::of(&error);
            json::print(&Answer { schema: SCHEMA, outcome: Outcome::Error(failure.to_json()) })?;
            Ok(failure.exit())
        }
        result => result,
    }
}

/// Why a plugin could not be loaded.
pub(super) fn load_failure(plugin: &str, error: &LoadError) -> Failure {
    let what = format!("{plugin} cannot be loaded: {error}");
    match error {
        LoadError::Failed { thrown, .. } => {
            refused(Failure::new(Exit::Plugin, what), thrown).with_stack_of(thrown)
        }
        LoadError::Exited(exit) => with_last_stack(Failure::new(Exit::Plugin, what), exit),
        LoadError::Timeout { .. } => Failure::new(Exit::TimedOut, what),
        _ => Failure::new(Exit::Plugin, what),
    }
}

/// Why a call of `function` gave no result.
pub(super) fn call_failure(function: &str, error: &CallError) -> Failure {
    match error {
        CallError::Thrown(thrown) => {
            let failure = Failure::new(Exit::Plugin, format!("{function} threw {thrown}"));
            refused(failure, thrown).with_stack_of(thrown)
        }
        CallError::Gone { plugin, exit } => {
            let what = format!("{plugin} ended during the call: {exit}");
            with_last_stack(Failure::new(Exit::Plugin, what), exit)
        }
        CallError::Deadline { after } => {
            Failure::new(Exit::TimedOut, format!("{function} gave no answer within {after:?}"))
        }
        _ => Failure::new(Exit::Failed, format!("{function} cannot be called: {error}")),
    }
}

/// Prints what a stream gives, chunk by chunk, each on a line of its own.
pub(super) async fn print_chunks(
    function: &str,
    mut stream: Stream<Json>,
    is_json: bool,
) -> anyhow::Result<()> {
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| call_failure(function, &error))?;
        match is_json {
            true => json::print_line(&Answer { schema: SCHEMA, outcome: Outcome::Chunk(&chunk) })?,
            false => json::print_line(&chunk)?,
        }
    }
    Ok(())
}

fn print(value: &Json, is_json: bool) -> anyhow::Result<()> {
    match is_json {
        true => json::print(&Answer { schema: SCHEMA, outcome: Outcome::Result(value) }),
        false => json::print(value),
    }
}

/// That it failed because the plugin may not do something, with the way to allow it. The plugin may have made the error
/// up: then the advice does no harm, because nothing is granted that the manifest does not ask for.
fn refused(failure: Failure, thrown: &Thrown) -> Failure {
    let permission = match thrown.field("permission") {
        Some(plughold::Value::String(permission)) if thrown.code.as_deref() == Some("E_DENIED") => permission,
        _ => return failure,
    };
    let Ok(scope) = Scope::parse(permission) else { return failure };
    let scope = approval::quoted(&scope.to_string());
    let help = format!(
        "--grant {scope} allows it once, plughold perms ID --grant {scope} for good, if the manifest asks for just \
         that; plughold perms ID shows what it asks for"
    );
    failure.ending_with(Exit::Denied).with_help(help)
}

fn with_last_stack(failure: Failure, exit: &plughold::Exit) -> Failure {
    match exit.stack() {
        Some(stack) => failure.with_detail(frames(stack)),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn only_a_limit_of_time_is_a_time_out() {
        let after = Duration::from_secs(300);
        let late = LoadError::Timeout { what: "activate its plugin", after };
        assert_eq!(load_failure("p", &late).exit(), Exit::TimedOut);
        assert_eq!(load_failure("p", &LoadError::Exited(plughold::Exit::Signal(9))).exit(), Exit::Plugin);
        assert_eq!(call_failure("f", &CallError::Deadline { after }).exit(), Exit::TimedOut);
        let claim = Thrown::new("Error", "no answer within 5s").with_code("E_DEADLINE");
        assert_eq!(call_failure("f", &CallError::Thrown(Box::new(claim))).exit(), Exit::Plugin);
        assert_eq!(call_failure("f", &CallError::Busy { in_flight: 9 }).exit(), Exit::Failed);
    }

    #[test]
    fn what_was_not_allowed_says_how_to_allow_it() {
        let denied = |permission: &str| {
            let thrown = Thrown::new("PermissionDenied", "permission denied: …").with_code("E_DENIED");
            CallError::Thrown(Box::new(thrown.with_field("permission", permission)))
        };
        let failure = call_failure("f", &denied("fs.read:data/**"));
        assert_eq!(failure.exit(), Exit::Denied);
        let help = "--grant 'fs.read:data/**' allows it once, plughold perms ID --grant 'fs.read:data/**' for good, \
                    if the manifest asks for just that; plughold perms ID shows what it asks for";
        assert!(failure.to_string().contains(help), "{failure}");
        assert_eq!(call_failure("f", &denied("$(reboot)\u{1b}")).exit(), Exit::Plugin);
    }
}

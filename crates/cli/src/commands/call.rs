//! `plughold call`: one function of one plugin.

use crate::args::Call;
use crate::attend::Attendance;
use crate::commands::not_found;
use crate::exit::Exit;
use crate::failure::{Failure, frames, parse_argument};
use crate::printer::Printer;
use crate::service::{Service, warn_of};
use crate::{folders, json};
use plughold::{CallError, Json, KillReason, LoadError, Package, Plugin, Restart};

pub(super) async fn execute(args: Call) -> anyhow::Result<Exit> {
    let values = parse_arguments(&args.args)?;
    let package = find(&args)?;
    let service = Service::open(&args.on, Restart::Never)?;
    let mut attendance = Attendance::new(&service.host, Printer::remarks([&package.id]))?;
    let result = attendance.during(call(&service, package, &args.export, values)).await?;
    if let Some(Ok(value)) = &result {
        json::print(value)?;
    }
    let _report = attendance.shut_down(&service.host).await?;
    match result {
        Some(result) => Ok(result.map(|_| Exit::Success)?),
        None => Ok(Exit::Interrupted),
    }
}

/// Reads every argument as JSON.
pub(super) fn parse_arguments(args: &[String]) -> Result<Vec<Json>, Failure> {
    args.iter().enumerate().map(|(index, text)| parse_argument(index, text)).collect()
}

/// Why a plugin could not be loaded.
pub(super) fn load_failure(plugin: &str, error: &LoadError) -> Failure {
    let failure = Failure::new(Exit::Plugin, format!("{plugin} cannot be loaded: {error}"));
    match error {
        LoadError::Failed { thrown, .. } => failure.with_stack_of(thrown),
        LoadError::Exited(exit) => with_last_stack(failure, exit),
        _ => failure,
    }
}

fn find(args: &Call) -> Result<Package, Failure> {
    let dirs = &args.folders.dirs;
    let found = folders::keep_for(args.on.platform, folders::find(dirs)?);
    let ids: Vec<String> = found.packages.iter().map(|package| package.id.to_string()).collect();
    let wanted = found.packages.into_iter().find(|package| package.id.as_str() == args.plugin);
    wanted.ok_or_else(|| {
        warn_of(&found.problems);
        let what = format!("there is no plugin {} in {}", args.plugin, folders::in_words(dirs));
        not_found(what, &args.plugin, &ids)
    })
}

async fn call(service: &Service, package: Package, export: &str, args: Vec<Json>) -> Result<Json, Failure> {
    let id = package.id.clone();
    let plugin = service.host.load(package).await.map_err(|error| load_failure(id.as_str(), &error))?;
    let exports = plugin.info().exports;
    if !exports.iter().any(|known| known == export) {
        let what = format!("{id} exports no function {export}");
        return Err(not_found(what, export, &exports));
    }
    plugin.call(export, args).await.map_err(|error| call_failure(&plugin, export, &error))
}

fn call_failure(plugin: &Plugin, export: &str, error: &CallError) -> Failure {
    let id = plugin.id();
    match error {
        CallError::Thrown(thrown) => {
            Failure::new(Exit::Plugin, format!("{export} of {id} threw {thrown}")).with_stack_of(thrown)
        }
        CallError::Gone { exit, .. } => {
            with_last_stack(Failure::new(Exit::Plugin, format!("{id} ended during the call: {exit}")), exit)
        }
        CallError::Deadline { after } => {
            Failure::new(Exit::TimedOut, format!("{export} of {id} gave no answer within {after:?}"))
        }
        _ => Failure::new(Exit::Failed, format!("{export} of {id} cannot be called: {error}")),
    }
}

fn with_last_stack(failure: Failure, exit: &plughold::Exit) -> Failure {
    match exit {
        plughold::Exit::Killed(KillReason::Unresponsive { stack: Some(stack) }) => {
            failure.with_detail(frames(stack))
        }
        _ => failure,
    }
}

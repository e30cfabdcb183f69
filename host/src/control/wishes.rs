//! What is done for a request.

use super::server::Desk;
use super::told;
use crate::service::Host;
use crate::{Exit, Json, Plugin};
use plughold_control::record::Command;
use plughold_control::{Answer, Refusal, RefusalKind, Request, Wanted, limits};
use serde_json::Value;

/// What is said of a wish that nobody could fulfil.
pub(super) fn check(request: &Request) -> Result<(), Refusal> {
    let (names, args): (Vec<&String>, usize) = match request {
        Request::Plugins | Request::Commands => (vec![], 0),
        Request::Plugin { plugin }
        | Request::Figures { plugin }
        | Request::References { plugin }
        | Request::Pending { plugin }
        | Request::Stack { plugin }
        | Request::Permissions { plugin }
        | Request::Trace { plugin }
        | Request::Start { plugin }
        | Request::Stop { plugin }
        | Request::Restart { plugin }
        | Request::Reload { plugin }
        | Request::Kill { plugin }
        | Request::Rest { plugin }
        | Request::Evaluate { plugin, .. } => (vec![plugin], 0),
        Request::Events { wanted: Wanted { plugins, kinds, .. } } => {
            (plugins.iter().chain(kinds).collect(), plugins.len().max(kinds.len()))
        }
        Request::Call { plugin, export, args } => (vec![plugin, export], args.len()),
        Request::Execute { command, args } => (vec![command], args.len()),
        Request::Grant { plugin, permission } | Request::Revoke { plugin, permission } => {
            (vec![plugin, permission], 0)
        }
    };
    let refused = |words: String| Err(Refusal::new(RefusalKind::Malformed, words));
    if let Some(name) = names.iter().find(|name| limits::NAME < name.len()) {
        return refused(format!("a name of {} bytes; at most {} are allowed", name.len(), limits::NAME));
    }
    if limits::ARGUMENTS < args {
        return refused(format!("{args} arguments or names; at most {} are allowed", limits::ARGUMENTS));
    }
    Ok(())
}

/// What can be said without waiting; none for everything else.
pub(super) fn at_once(desk: &Desk, request: &Request) -> Option<Result<Answer, Refusal>> {
    let about = |id: &str, tell: fn(&Plugin) -> Result<Answer, Refusal>| {
        Some(host(desk).and_then(|host| tell(&find(&host, id)?)))
    };
    match request {
        Request::Commands => Some(host(desk).map(|host| Answer::Commands(commands(desk, &host)))),
        Request::Plugins => Some(host(desk).and_then(|host| {
            host.plugins().iter().map(told::brief).collect::<Result<_, _>>().map(Answer::Plugins)
        })),
        Request::Plugin { plugin } => {
            about(plugin, |plugin| told::whole(plugin).map(|told| Answer::Plugin(Box::new(told))))
        }
        Request::Figures { plugin } => {
            about(plugin, |plugin| told::figures(plugin).map(|told| Answer::Figures(Box::new(told))))
        }
        Request::References { plugin } => {
            about(plugin, |plugin| told::references(plugin).map(Answer::References))
        }
        Request::Pending { plugin } => about(plugin, |plugin| told::pending(plugin).map(Answer::Pending)),
        Request::Permissions { plugin } => {
            about(plugin, |plugin| told::permissions(plugin).map(Answer::Permissions))
        }
        Request::Rest { plugin } => about(plugin, |plugin| {
            plugin.rest();
            Ok(Answer::Done)
        }),
        Request::Grant { plugin, permission } => {
            Some(decide(desk, plugin, |plugin| plugin.grant(permission)))
        }
        Request::Revoke { plugin, permission } => {
            Some(decide(desk, plugin, |plugin| plugin.revoke(permission)))
        }
        Request::Evaluate { .. } => {
            let words = "runners of this version evaluate nothing but their plugin";
            Some(Err(Refusal::new(RefusalKind::Unsupported, words)))
        }
        Request::Stack { .. }
        | Request::Events { .. }
        | Request::Trace { .. }
        | Request::Start { .. }
        | Request::Stop { .. }
        | Request::Restart { .. }
        | Request::Reload { .. }
        | Request::Kill { .. }
        | Request::Call { .. }
        | Request::Execute { .. } => None,
    }
}

/// What takes its time. Dropping it takes back what can be taken back: a call is cancelled, a start goes on.
pub(super) async fn in_time(desk: &Desk, request: Request) -> Result<Answer, Refusal> {
    // The host is not kept while something is awaited.
    let plugin = |id: &str| host(desk).and_then(|host| find(&host, id));
    match request {
        Request::Stack { plugin: id } => {
            let plugin = plugin(&id)?;
            Ok(Answer::Stack(plugin.stack().await))
        }
        Request::Start { plugin: id } => {
            let plugin = plugin(&id)?;
            done(plugin.start().await)
        }
        Request::Restart { plugin: id } => {
            let plugin = plugin(&id)?;
            done(plugin.restart().await)
        }
        Request::Reload { plugin: id } => {
            let plugin = plugin(&id)?;
            done(plugin.reload().await)
        }
        Request::Stop { plugin: id } => {
            let plugin = plugin(&id)?;
            Ok(ended(&plugin.stop().await))
        }
        Request::Kill { plugin: id } => {
            let plugin = plugin(&id)?;
            Ok(ended(&plugin.kill().await))
        }
        Request::Call { plugin: id, export, args } => {
            let plugin = plugin(&id)?;
            let called = plugin.call::<Vec<Value>, Json>(&export, args).await;
            called.map(|Json(value)| Answer::Value(value)).map_err(|error| told::of_call_error(&error))
        }
        Request::Execute { command, args } => {
            let Some(execute) = &desk.control.execute else {
                let words = "this application executes no commands for others";
                return Err(Refusal::new(RefusalKind::Unsupported, words));
            };
            let executed = execute(command.clone(), args.into_iter().map(Json).collect()).await;
            executed
                .map(|Json(value)| Answer::Value(value))
                .map_err(|error| told::of_command_error(&command, &error))
        }
        other => {
            let words = format!("{} is answered at once or by a stream", other.name());
            Err(Refusal::new(RefusalKind::Unsupported, words))
        }
    }
}

/// The commands of all plugins, in the order of their names.
fn commands(desk: &Desk, host: &Host) -> Vec<Command> {
    let mut commands = Vec::new();
    for plugin in host.plugins() {
        let owner = plugin.id();
        let of_plugin = (desk.control.commands)(owner).into_iter();
        commands.extend(of_plugin.map(|name| Command { name: told::line(&name), plugin: owner.to_string() }));
    }
    commands.sort_by(|one, other| one.name.cmp(&other.name));
    commands
}

pub(super) fn host(desk: &Desk) -> Result<Host, Refusal> {
    desk.host.upgrade().ok_or_else(|| Refusal::new(RefusalKind::ShuttingDown, "the host is gone"))
}

pub(super) fn find(host: &Host, id: &str) -> Result<Plugin, Refusal> {
    host.plugin(id)
        .ok_or_else(|| Refusal::new(RefusalKind::NotFound, format!("there is no plugin {}", told::line(id))))
}

fn decide(
    desk: &Desk,
    id: &str,
    decision: impl FnOnce(&Plugin) -> Result<(), crate::PermissionError>,
) -> Result<Answer, Refusal> {
    let plugin = find(&host(desk)?, id)?;
    decision(&plugin).map(|()| Answer::Done).map_err(|error| told::of_permission_error(&error))
}

fn done(started: Result<(), crate::LoadError>) -> Result<Answer, Refusal> {
    started.map(|()| Answer::Done).map_err(|error| told::of_load_error(&error))
}

fn ended(exit: &Exit) -> Answer {
    Answer::Ended { exit: told::line(&exit.to_string()), asked: exit.was_asked() }
}

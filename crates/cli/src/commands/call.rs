//! `plughold call`: one function of one plugin.

use crate::args::Call;
use crate::attend::Attendance;
use crate::commands::answer::{self, call_failure, load_failure};
use crate::commands::not_found;
use crate::exit::Exit;
use crate::failure::{Failure, parse_argument};
use crate::printer::Printer;
use crate::service::{Service, warn_of};
use crate::{folders, settings};
use plughold::{Discovery, Json, Package, Restart, State, Stream, order};
use serde::Deserialize;

/// What a function returns.
#[derive(Deserialize)]
#[serde(untagged)]
enum Returned {
    Stream(Stream<Json>),
    Value(Json),
}

pub(super) async fn execute(args: Call) -> anyhow::Result<Exit> {
    let values = parse_arguments(&args.args)?;
    let packages = find(&args)?;
    settings::warn_of_unknown(&args.on.set, &packages);
    let service = Service::open(&args.on, Restart::Never)?;
    let mut attendance =
        Attendance::new(&service.host, Printer::remarks(packages.iter().map(|package| &package.id)))?
            .answering(&service)?;
    if attendance.approve(&packages).await?.is_none() {
        return Ok(Exit::Interrupted);
    }
    let called = call(&service, packages, &args, values);
    answer::give(&service, &mut attendance, args.json, called).await
}

/// Reads every argument as JSON.
pub(super) fn parse_arguments(args: &[String]) -> Result<Vec<Json>, Failure> {
    args.iter().enumerate().map(|(index, text)| parse_argument(index, text)).collect()
}

/// The plugin and what it needs.
fn find(args: &Call) -> Result<Vec<Package>, Failure> {
    let dirs = &args.folders.dirs;
    let found = folders::keep_for(args.on.platform, folders::find(dirs)?);
    let ids: Vec<String> = found.packages.iter().map(|package| package.id.to_string()).collect();
    let wanted = order::with_needed(found.packages, &args.plugin);
    if wanted.is_empty() {
        warn_of(&found.problems);
        let what = format!("there is no plugin {} in {}", args.plugin, folders::in_words(dirs));
        return Err(not_found(what, &args.plugin, &ids));
    }
    Ok(wanted)
}

async fn call(
    service: &Service,
    packages: Vec<Package>,
    args: &Call,
    values: Vec<Json>,
) -> anyhow::Result<Option<Json>> {
    let Call { plugin: id, export, .. } = args;
    let found = Discovery { packages, ..Discovery::default() };
    let loaded =
        service.host.load_all(found).await.into_iter().find(|(loaded, _)| loaded.as_str() == id.as_str());
    let Some((_, loaded)) = loaded else {
        return Err(not_found(format!("there is no plugin {id}"), id, &[]).into());
    };
    let plugin = loaded.map_err(|error| load_failure(id, &error))?;
    if plugin.state() == State::Resting {
        // What it exports is known when it has run.
        plugin.start().await.map_err(|error| load_failure(id, &error))?;
    }
    let exports = plugin.info().exports;
    if !exports.iter().any(|known| known == export) {
        let what = format!("{id} exports no function {export}");
        return Err(not_found(what, export, &exports).into());
    }
    let function = format!("{export} of {id}");
    match plugin.call(export, values).await.map_err(|error| call_failure(&function, &error))? {
        Returned::Value(value) => Ok(Some(value)),
        Returned::Stream(stream) => {
            answer::print_chunks(&function, stream, args.json).await?;
            Ok(None)
        }
    }
}
